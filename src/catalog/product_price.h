/*
 * What the routes of prices share: the scope of prices, tier prices as rows, and the rows of refusals that a bulk call answers.
 */
#ifndef FER_CATALOG_PRODUCT_PRICE_H
#define FER_CATALOG_PRODUCT_PRICE_H

#include "catalog/product_impl.h"

#define FER_ALL_GROUPS 32000       /* Magento's id for "all customer groups" */

/* A row of catalog_product_entity_tier_price. */
struct fer_tier_price {
	int64_t product_id;
	int64_t group_id;          /* FER_ALL_GROUPS: every group */
	int64_t website_id;        /* 0: every website */
	fer_micro qty, value;      /* from this quantity; the price, 0 when it is a percentage */
	struct fer_value percent;  /* off the price; null: .value counts */
};

/** fer_price_is_global - catalog/price/scope: prices are the same on every website. */
int fer_price_is_global(struct fer_call *call, bool *global);
int fer_tier_price_put(struct fer_call *call, const struct fer_tier_price *price);
/** fer_tier_prices_read - of a batch of products, by product and quantity; @each with the row. */
int fer_tier_prices_read(struct fer_call *call, const struct fer_product *products, size_t n,
                         int (*each)(void *data, const struct fer_tier_price *price), void *data);

/** fer_price_row_failed - append {message, parameters} to @list, from a row of errors.def and its pairs as for fer_fail. */
void fer_price_row_failed(struct fer_call *call, struct fer_value *list, enum fer_error error, ...) __attribute__((sentinel));
/** fer_price_result - {message, parameters}, what bulk price routes answer. */
extern const struct fer_entity fer_price_result;

#endif
