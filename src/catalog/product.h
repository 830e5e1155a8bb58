/*
 * Products: the record in memory, reading many at once, saving one, and what it looks like outside. What only one product type has
 * (links of a bundle, options, media …) stands in files of its own.
 */
#ifndef FER_CATALOG_PRODUCT_H
#define FER_CATALOG_PRODUCT_H

#include "api/eav.h"
#include "api/entity.h"

/** fer_product_body - the object that a body holds: every field Magento declares. */
extern const struct fer_entity fer_product_body;
/* Objects inside it that have routes of their own. */
extern const struct fer_entity fer_product_link, fer_product_option, fer_product_media, fer_product_tier_price;
extern const struct fer_entity fer_configurable_option, fer_bundle_option, fer_bundle_link, fer_download_link, fer_download_sample;

/* Parts that stand in tables of their own, each a row of product_part.c. */
enum fer_product_part {
	FER_PART_LINKS, FER_PART_OPTIONS, FER_PART_MEDIA, FER_PART_TIER_PRICES,
	FER_PART_BUNDLE_OPTIONS, FER_PART_DOWNLOAD_LINKS, FER_PART_DOWNLOAD_SAMPLES, FER_PART_CONFIGURABLE_OPTIONS, FER_PART_CONFIGURABLE_LINKS,
	FER_N_PRODUCT_PARTS
};

struct fer_product {
	int64_t id, set_id;
	int64_t has_options, required_options;
	struct fer_str type, sku, created_at, updated_at;
	struct fer_eav_row values;           /* at the asked store, else at store 0 */
	struct fer_value website_ids;        /* list of int */
	struct fer_value category_links;     /* list of {position, category_id}, in order of their making */
	struct fer_value stock;              /* row of inventory/stock_item.h; null: not loaded, or none */
	struct fer_value parts[FER_N_PRODUCT_PARTS];   /* each as it goes out; null: the product has no such part */
};

/** fer_product_find - the row of the product with that SKU (case and trailing blanks do not count). */
int fer_product_find(struct fer_call *call, struct fer_str sku, struct fer_product *out, bool *found);
/** fer_product_require - the same, or NO_SUCH_PRODUCT. */
int fer_product_require(struct fer_call *call, struct fer_str sku, struct fer_product *out);

enum fer_product_load {
	FER_PRODUCT_VALUES = 1, FER_PRODUCT_PLACES = 2 /* websites, categories */, FER_PRODUCT_STOCK = 4, FER_PRODUCT_PARTS = 8,
	FER_PRODUCT_ALL = 15
};

/** fer_products_fill - load parts of products whose rows are known; a constant number of statements whatever @n is. */
int fer_products_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id, unsigned parts);
/** fer_products_load - rows and parts for @ids, in their order; ids that are gone are left out of @n. */
int fer_products_load(struct fer_call *call, const int64_t *ids, size_t *n, int store_id, unsigned parts, struct fer_product *out);

/** fer_products_find - the ids that the call's searchCriteria leave, in their order. */
int fer_products_find(struct fer_call *call, struct fer_eav_found *found);
/** fer_products_find_on_sale - the same at a store view, of what the price index has for guests of its website: enabled and in stock. */
int fer_products_find_on_sale(struct fer_call *call, int store_id, struct fer_eav_found *found);

/** fer_product_shape - as GET answers; @fresh leaves out what Magento's POST does not know yet (links, tier prices). */
struct fer_value fer_product_shape(struct fer_call *call, const struct fer_eav *eav, const struct fer_product *product,
                                   int store_id, bool fresh);

/**
 * fer_product_save - create or change the product of a body in one transaction.
 * Shape:  @body as converted; @sku from the path wins over the body's (.at NULL: none); @saved is the product as it then stands at the
 *         call's store, with everything.
 * Errors: every refusal of Magento's ProductRepository::save; < 0 the store failed.
 */
int fer_product_save(struct fer_call *call, const struct fer_value *body, struct fer_str sku, struct fer_product *saved);
/** fer_product_remove - in a transaction: the product and all that hangs on it. */
int fer_product_remove(struct fer_call *call, const struct fer_product *product);

/** fer_product_resaved - in a transaction: what Magento leaves behind when another route saves the whole product at the call's store. */
int fer_product_resaved(struct fer_call *call, int64_t product_id);

/**
 * fer_product_reindex - in a transaction: write the price index of one product anew (prices, websites, status or stock changed).
 */
int fer_product_reindex(struct fer_call *call, int64_t product_id);

#endif
