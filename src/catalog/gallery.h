/*
 * Pictures of products: their files, their rows by store view, and the roles that attributes give them.
 */
#ifndef FER_CATALOG_GALLERY_H
#define FER_CATALOG_GALLERY_H

#include "catalog/product_impl.h"

struct fer_media;

/* A picture that a body brings, its file written before the transaction begins. */
struct fer_upload {
	struct fer_str name;             /* "/a/b/abc.jpg": what Magento calls it until it has a place; roles and doubles go by it */
	struct fer_str path;             /* where it lies: the same, or numbered */
};

/* The pictures of one body, in their order. */
struct fer_uploads {
	struct fer_upload *at;
	size_t n;
};

/**
 * fer_uploads_begin - before the transaction: check and write the file of every entry that has a content.
 * Returns: 0; < 0 the folder failed; *refused is then 0, or what is wrong with one of them.
 */
int fer_uploads_begin(struct fer_call *call, const struct fer_value *entries, struct fer_uploads *uploads, enum fer_error *refused);
/** fer_gallery_drop - in a transaction, their rows deleted: those of @files that no row names any more go. */
int fer_gallery_drop(struct fer_call *call, const struct fer_value *files);
/** fer_gallery_remove - in the transaction that removes the product: its pictures go with it. */
int fer_gallery_remove(struct fer_call *call, int64_t product_id);

/** fer_gallery_check - of a body: what is new must have a content. */
int fer_gallery_check(struct fer_product_saving *s, const struct fer_value *entries);
/** fer_gallery_save - in a transaction: lay @entries over the pictures of s->product, as a product's media_gallery_entries. */
int fer_gallery_save(struct fer_product_saving *s, const struct fer_value *entries);
/** fer_media_clean - at start: take away what killed processes left in the media folder and no row names. */
int fer_media_clean(struct fer_store *store, struct fer_media *media);

int fer_gallery_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);

#endif
