/*
 * Pictures of products: their files, their rows by store view, and the roles that attributes give them.
 */
#ifndef FER_CATALOG_GALLERY_H
#define FER_CATALOG_GALLERY_H

#include "catalog/product_impl.h"

/* A picture that a body brings, its file written before the transaction begins. */
struct fer_upload {
	struct fer_str name;             /* "/a/b/abc.jpg": what Magento calls it until it has a place; roles and doubles go by it */
	struct fer_str path;             /* where it lies: the same, or numbered */
};

/* What a save does to files. Rows that were not committed keep none, rows that are gone leave none. */
struct fer_uploads {
	struct fer_upload *at;
	size_t n;
	struct fer_value gone;           /* files that no row names any more, once the transaction stands */
	struct fer_value moves;          /* {from, to}: bytes that take the place of others under the same name */
};

/**
 * fer_uploads_begin - check and write the file of every entry that has a content, in their order.
 * Returns: 0; < 0 the folder failed; *refused is then 0, or what is wrong with one of them, and nothing is kept.
 */
int fer_uploads_begin(struct fer_call *call, const struct fer_value *entries, struct fer_uploads *uploads, enum fer_error *refused);
/** fer_uploads_end - the transaction is over: @committed, or nothing of it stands. */
void fer_uploads_end(struct fer_call *call, struct fer_uploads *uploads, bool committed);
/** fer_uploads_gone - in the transaction, its rows deleted: those of @files that no row names any more go when it has committed. */
int fer_uploads_gone(struct fer_call *call, const struct fer_value *files, struct fer_uploads *uploads);
/** fer_uploads_of_product - in the transaction that removes the product: its pictures' rows go, their files when it has committed. */
int fer_uploads_of_product(struct fer_call *call, int64_t product_id, struct fer_uploads *uploads);

/** fer_gallery_check - of a body: what is new must have a content. */
int fer_gallery_check(struct fer_product_saving *s, const struct fer_value *entries);
/** fer_gallery_save - in a transaction: lay @entries over the pictures of s->product, as a product's media_gallery_entries. */
int fer_gallery_save(struct fer_product_saving *s, const struct fer_value *entries);
int fer_gallery_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);

#endif
