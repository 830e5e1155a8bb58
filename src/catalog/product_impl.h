/*
 * What the files of products share among themselves.
 */
#ifndef FER_CATALOG_PRODUCT_IMPL_H
#define FER_CATALOG_PRODUCT_IMPL_H

#include "catalog/product.h"
#include "inventory/stock_item.h"

struct fer_uploads;   /* catalog/gallery.h */

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
	struct fer_uploads *uploads;         /* files of pictures; NULL: the body brings none */
};

/** fer_saving_value - what an attribute will be: the named value, else the one that stands; NULL when there is neither. */
const struct fer_value *fer_saving_value(const struct fer_product_saving *s, const char *code);
/** fer_saving_names - whether the body (or a default) names the attribute. */
bool fer_saving_names(const struct fer_product_saving *s, const char *code);

/**
 * A part of products that stands in tables of its own: how many products' parts are read at once, and how one is written with its product.
 * The row is all that reading, saving and answering a product need to know of it.
 */
struct fer_product_part_row {
	const char *name;      /* in a body and in an answer */
	bool extension;        /* below extension_attributes */
	bool late;             /* Magento's POST answers before it has read this part */
	const char *type;      /* the product type that has it; NULL: every type */
	/* Set products[i].parts[the row's] of all of them with a constant number of statements; NULL: always an empty list. */
	int (*fill)(struct fer_call *call, struct fer_product *products, size_t n, int store_id);
	/* Before anything is looked at or written; @sent as for save. NULL: nothing to see. */
	int (*check)(struct fer_product_saving *s, const struct fer_value *sent);
	/* Inside the saving transaction, when the row of the product is there; @sent is what the body names, not null. NULL: refused. */
	int (*save)(struct fer_product_saving *s, const struct fer_value *sent);
};

const struct fer_product_part_row *fer_product_part(enum fer_product_part part);
/** fer_products_fill_parts - parts of @products, all of one batch, read where 1u << part is in @parts and empty elsewhere. */
int fer_products_fill_parts(struct fer_call *call, struct fer_product *products, size_t n, int store_id, unsigned parts);
/** fer_product_parts_of - those that a product may have once it is saved: a new one has none that was not sent. */
unsigned fer_product_parts_of(const struct fer_product_saving *s);
/** fer_product_check_parts - each part's check. */
int fer_product_check_parts(struct fer_product_saving *s);
/** fer_product_refuse_parts - parts that no row can save are refused rather than dropped. */
int fer_product_refuse_parts(struct fer_product_saving *s);

/** fer_products_open - a statement about a batch of products: @head "SELECT … WHERE x.product_id", their ids, @tail. */
int fer_products_open(struct fer_call *call, const struct fer_product *products, size_t n, const char *head, const char *tail,
                      struct fer_stmt **out);
/** fer_products_open_at - the same; each '?' in @head is the store. */
int fer_products_open_at(struct fer_call *call, const struct fer_product *products, size_t n, int store_id, const char *head,
                         const char *tail, struct fer_stmt **out);
/** fer_products_at - the product of that id in a batch; NULL: none. */
struct fer_product *fer_products_at(struct fer_product *products, size_t n, int64_t id);

/* Parts: the .fill and .save of their rows. */
int fer_product_links_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);   /* product_link.c */
int fer_product_links_save(struct fer_product_saving *s, const struct fer_value *sent);
int fer_product_options_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);   /* product_option.c */
int fer_product_options_save(struct fer_product_saving *s, const struct fer_value *sent);   /* product_option_save.c */
int fer_product_tiers_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);   /* product_tier.c */
int fer_product_tiers_save(struct fer_product_saving *s, const struct fer_value *sent);

int fer_bundle_options_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);   /* bundle.c */
int fer_bundle_options_save(struct fer_product_saving *s, const struct fer_value *sent);
int fer_download_links_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);   /* download.c */
int fer_download_links_save(struct fer_product_saving *s, const struct fer_value *sent);
int fer_download_samples_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);
int fer_download_samples_save(struct fer_product_saving *s, const struct fer_value *sent);
int fer_configurable_options_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);   /* configurable.c */
int fer_configurable_options_check(struct fer_product_saving *s, const struct fer_value *sent);
int fer_configurable_options_save(struct fer_product_saving *s, const struct fer_value *sent);
int fer_configurable_links_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id);
int fer_configurable_links_check(struct fer_product_saving *s, const struct fer_value *sent);
int fer_configurable_links_save(struct fer_product_saving *s, const struct fer_value *sent);

/* The steps, in order. Each returns 0, an error that it has told, or < 0. */
int fer_product_check(struct fer_product_saving *s);        /* product_check.c */
int fer_product_save_websites(struct fer_product_saving *s);  /* product_place.c */
int fer_product_save_categories(struct fer_product_saving *s);
int fer_product_save_parts(struct fer_product_saving *s);    /* product_part.c */
int fer_product_save_urls(struct fer_product_saving *s);     /* product_url.c */
/** fer_product_moved - in a transaction: its websites are others; its rewrites and its price index are made anew. */
int fer_product_moved(struct fer_call *call, const struct fer_product *product);
void fer_product_make_url_key(struct fer_product_saving *s);
/** fer_product_index_new - the rows that fer_product_reindex would find for a new product, from what was just written. */
int fer_product_index_new(const struct fer_product_saving *s);   /* product_index.c */
/** fer_product_follow - after a change: a parent's stock status and price index from its children's; a child's parents are told. */
int fer_product_follow(struct fer_call *call, int64_t product_id);   /* product_family.c */
/** fer_product_parents - ids of what is made of this product, to be told of its removal; by_child: its stock takes theirs along. */
int fer_product_parents(struct fer_call *call, int64_t product_id, struct fer_value *out);
int fer_product_tell(struct fer_call *call, const struct fer_value *parents, bool by_child);
/** fer_product_today - the day as columns of dates compare with it. */
struct fer_str fer_product_today(struct fer_call *call);   /* product_index.c */

#endif
