/*
 * What a stock has of products, and whether they can be sold from it: the place of Magento's index tables (inventory_stock_1, _2 …). Asked of
 * source items and reservations when it is wanted, so that it is never out of date.
 */
#ifndef FER_INVENTORY_SALABILITY_H
#define FER_INVENTORY_SALABILITY_H

#include "inventory/inventory.h"

struct fer_salability {
	int64_t product_id;
	struct fer_str sku, type;
	struct fer_value item;        /* its stock item row; null: none */
	bool counted;                 /* its type has a quantity; else it is sold while its stock item, and one of its parts, is */
	bool assigned;                /* some source of the stock holds it, be it disabled or empty */
	bool indexed;                 /* some enabled source of the stock does */
	bool any_in_stock;            /* and says that it is in stock */
	fer_micro available;          /* in those */
	fer_micro reserved;           /* 0 or less: what orders have taken already */
	bool in_stock;                /* the legacy stock status */
	bool part_in_stock;           /* of a product made of others: one of them is in stock */
};

struct fer_salabilities {
	struct fer_salability *rows;
	size_t n;
};

/** fer_salability_of - the products among @skus (a list of text); unknown ones are left out. */
int fer_salability_of(struct fer_call *call, int64_t stock_id, const struct fer_value *skus, struct fer_salabilities *out);
/** fer_salability_one - the same for one. Errors: FER_E_CRASH, where Magento stumbles over an unknown SKU; a type without quantities. */
int fer_salability_one(struct fer_call *call, int64_t stock_id, struct fer_str sku, struct fer_salability *out);
/** fer_salability_page - up to @limit products of a website whose ids are above @after, by id. */
int fer_salability_page(struct fer_call *call, int64_t stock_id, int website_id, int64_t after, int limit, struct fer_salabilities *out);

bool fer_salable(struct fer_call *call, int64_t stock_id, const struct fer_salability *s);
/** fer_salable_left - what could still be sold, were it salable; may be below 0. */
fer_micro fer_salable_left(struct fer_call *call, const struct fer_salability *s);
/** fer_salable_qty - what an order may take. */
fer_micro fer_salable_qty(struct fer_call *call, int64_t stock_id, const struct fer_salability *s);

/** fer_stock_of_channel - the stock that a sales channel sells from, or "No linked stock found". */
int fer_stock_of_channel(struct fer_call *call, struct fer_str type, struct fer_str code, int64_t *stock_id);

#endif
