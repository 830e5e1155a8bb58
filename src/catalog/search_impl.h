/*
 * What the files of the full text search share among themselves.
 */
#ifndef FER_CATALOG_SEARCH_IMPL_H
#define FER_CATALOG_SEARCH_IMPL_H

#include "api/eav.h"
#include "store/config.h"

/* What kinds of request there are, as bits: which names each of them knows differs. */
enum fer_search_container { FER_SEARCH_QUICK = 1, FER_SEARCH_ADVANCED = 2, FER_SEARCH_CATALOG = 4 };

struct fer_search_attribute {
	const struct fer_attribute *attribute;
	bool searchable;               /* its words count for a search term */
	double weight;
	unsigned filterable;           /* the containers that may filter by it, and count its values in a bucket */
};

/* A search on its way. */
struct fer_full_search {
	struct fer_call *call;
	const struct fer_eav *eav;
	struct fer_store_view view;
	enum fer_search_container container;
	struct fer_value bound;        /* a map: what each name of the request's filters was last set to */
	struct fer_search_attribute *attributes;
	size_t n_attributes;
};

struct fer_search_hit {
	int64_t id;
	double score;
};
struct fer_search_hits {
	struct fer_search_hit *at;
	size_t n;
};

/** fer_search_score - every product that has a word of @term in a searchable attribute, by id; not looked at: whether it may be shown. */
int fer_search_score(struct fer_full_search *s, struct fer_str term, struct fer_search_hits *out);   /* search_score.c */
/** fer_search_buckets - how many of @hits have which category, and which value of each filterable attribute: {buckets, bucket_names}. */
int fer_search_buckets(struct fer_full_search *s, const struct fer_search_hits *hits, struct fer_value *out);   /* search_bucket.c */

#endif
