/*
 * Custom options of products, as they are read and written; routes and the product itself share it.
 */
#ifndef FER_CATALOG_PRODUCT_OPTION_H
#define FER_CATALOG_PRODUCT_OPTION_H

#include "catalog/product_impl.h"

/** fer_option_has_values - drop-downs, radio buttons, checkboxes, multiple selects. */
bool fer_option_has_values(struct fer_str type);
/**
 * fer_option_save - in a transaction: make or change one option of a product; values that are not named are removed.
 * Shape:  @option as converted; its option_id names the one to change, and is set to the new one's.
 * Errors: OPTION_INVALID, NO_SUCH_ENTITY_PLAIN.
 */
int fer_option_save(struct fer_call *call, const struct fer_product *product, struct fer_value *option);
/** fer_option_types - {label, code, group} of each, as a list. */
struct fer_value fer_option_types(struct fer_call *call);

#endif
