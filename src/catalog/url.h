/*
 * URL keys and url_rewrite rows, shared by products and categories: a storefront beside ferrite finds its pages by them, and they
 * are what makes a URL key unique.
 */
#ifndef FER_CATALOG_URL_H
#define FER_CATALOG_URL_H

#include "api/call.h"

/**
 * fer_url_key - @text as a URL key: transliterated, lower case, everything but letters and digits one '-'.
 * Source: Magento_Framework Filter TranslitUrl, 2.4.7
 */
struct fer_str fer_url_key(struct fer_arena *arena, struct fer_str text);

struct fer_rewrite {
	const char *entity_type;         /* "product", "category" */
	int64_t entity_id;
	int store_id;
	struct fer_str request_path;
	struct fer_str target_path;
	struct fer_str metadata;         /* .at NULL: none */
};

/**
 * fer_rewrite_add - insert one generated rewrite.
 * Errors: -EEXIST another page of that store view has the path; < 0 the store failed.
 */
int fer_rewrite_add(struct fer_call *call, const struct fer_rewrite *rewrite);

/** fer_rewrite_clear - drop the generated rewrites of one entity (redirects that an admin made stay). */
int fer_rewrite_clear(struct fer_call *call, const char *entity_type, int64_t entity_id);

/** fer_rewrite_drop - drop every rewrite of one entity, for it is being removed. */
int fer_rewrite_drop(struct fer_call *call, const char *entity_type, int64_t entity_id);

/** fer_rewrite_taken - whether a path of a store view belongs to another entity than this one. */
int fer_rewrite_taken(struct fer_call *call, const struct fer_rewrite *rewrite, bool *taken);

#endif
