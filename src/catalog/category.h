/*
 * Categories: what their files share. A category is a row of the tree (catalog_category_entity) with EAV values; many are always
 * read at once, with a constant number of statements.
 */
#ifndef FER_CATALOG_CATEGORY_H
#define FER_CATALOG_CATEGORY_H

#include "api/eav.h"
#include "api/entity.h"

#define FER_TREE_ROOT 1

extern const struct fer_entity fer_category;

/* A row of the tree; the texts live in the call's arena. */
struct fer_category_row {
	int64_t id, parent_id, position, level, children_count;
	struct fer_str path;              /* "1/2/3" */
	struct fer_str created_at, updated_at;
};

/**
 * fer_category_row - the tree's row of one category.
 * Errors: NO_SUCH_ENTITY with fieldName id; < 0 the store failed.
 */
int fer_category_row(struct fer_call *call, const struct fer_value *id, struct fer_category_row *out);

/**
 * fer_category_load - records of fer_category for @ids, in their order, as the call's store view sees them.
 * Shape:  @out is a list of maps, ready for fer_shape.
 */
int fer_category_load(struct fer_call *call, const int64_t *ids, size_t n, struct fer_value *out);

/** fer_category_root - the root category of the call's store view; 0 for the admin's view. */
int64_t fer_category_root(struct fer_call *call);

/** fer_category_under - whether the path @path is @root's or below it. */
bool fer_category_under(struct fer_str path, int64_t root);

/** fer_category_fail - "Could not save category: @why". */
int fer_category_fail(struct fer_call *call, struct fer_str why);

/**
 * fer_category_urls - bring url_path and the URL rewrites of a category and all below it up to date, in a transaction.
 * Errors: -EEXIST a path belongs to another page; < 0 the store failed.
 */
int fer_category_urls(struct fer_call *call, const struct fer_category_row *row);

#endif
