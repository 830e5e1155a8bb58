/*
 * The stock item of a product: its row, what Magento shows of it, and what follows a change (stock status, the default source).
 * Apart from the product because orders, sources and imports change it too.
 */
#ifndef FER_INVENTORY_STOCK_ITEM_H
#define FER_INVENTORY_STOCK_ITEM_H

#include "api/entity.h"

struct fer_stock_saved {
	int64_t item_id;
	bool salable;                     /* the stock status that was written */
};

struct fer_stock_owner {
	int64_t product_id;
	struct fer_str sku;
	struct fer_str type;              /* product type: only some have a quantity */
};

/** fer_stock_item - the body's and the answer's object; also extension_attributes.stock_item of a product. */
extern const struct fer_entity fer_stock_item;

/**
 * fer_stock_items_load - the rows of some products, maps by column name; null where a product has none. One statement.
 * Owns:   @rows[i] belongs to @product_ids[i] and lives in the call's arena.
 */
int fer_stock_items_load(struct fer_call *call, const int64_t *product_ids, size_t n, struct fer_value *rows);
/** fer_stock_item_shape - a row as it goes out: configuration in place of what the row leaves to it. */
struct fer_value fer_stock_item_shape(struct fer_call *call, const struct fer_value *row);

/**
 * fer_stock_item_save - in a transaction: write what @sent names (NULL: nothing) over @old (NULL or null: a new row with Magento's
 * defaults), then the stock status and the item of the default source.
 * Shape:  @saved gets what became of it.
 */
int fer_stock_item_save(struct fer_call *call, const struct fer_stock_owner *owner, const struct fer_value *sent,
                        const struct fer_value *old, struct fer_stock_saved *saved);

/** fer_stock_item_follow - in a transaction: what the default source now holds of @sku is the stock item's too. No such product: nothing. */
int fer_stock_item_follow(struct fer_call *call, struct fer_str sku, fer_micro qty, bool in_stock);

#endif
