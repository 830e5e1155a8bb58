/*
 * What the files of products share among themselves.
 */
#ifndef FER_CATALOG_PRODUCT_IMPL_H
#define FER_CATALOG_PRODUCT_IMPL_H

#include "catalog/product.h"
#include "inventory/stock_item.h"

/* A save on its way. */
struct fer_product_saving {
	struct fer_call *call;
	const struct fer_eav *eav;
	const struct fer_value *body;
	struct fer_product product;          /* as it was; a new one has id 0 until its row is there */
	bool is_new;
	int store_id;                        /* where values go: 0 for a new product */
	struct fer_value data;               /* attribute values that were named, by code; null: use the default */
	const struct fer_value *extension;   /* extension_attributes; NULL: none */
	struct fer_stock_saved stock;        /* once it is written */
};

/** fer_saving_value - what an attribute will be: the named value, else the one that stands; NULL when there is neither. */
const struct fer_value *fer_saving_value(const struct fer_product_saving *s, const char *code);
/** fer_saving_names - whether the body (or a default) names the attribute. */
bool fer_saving_names(const struct fer_product_saving *s, const char *code);

/* The steps, in order. Each returns 0, an error that it has told, or < 0. */
int fer_product_check(struct fer_product_saving *s);        /* product_check.c */
int fer_product_save_websites(struct fer_product_saving *s);  /* product_place.c */
int fer_product_save_categories(struct fer_product_saving *s);
int fer_product_save_urls(struct fer_product_saving *s);     /* product_url.c */
void fer_product_make_url_key(struct fer_product_saving *s);
/** fer_product_index_new - the rows that fer_product_reindex would find for a new product, from what was just written. */
int fer_product_index_new(const struct fer_product_saving *s);   /* product_index.c */

#endif
