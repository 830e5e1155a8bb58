/*
 * Configurable products: options, each an attribute that tells the children apart, and the children.
 */
#ifndef FER_CATALOG_CONFIGURABLE_H
#define FER_CATALOG_CONFIGURABLE_H

#include "catalog/product.h"

/**
 * fer_configurable_put - in a transaction: one option of a body becomes the product's; one of the same attribute is changed.
 * Errors: what Magento says of an option that lacks something, all at once.
 */
int fer_configurable_put(struct fer_call *call, int64_t product_id, const struct fer_value *option, int64_t *id);
/** fer_configurable_label - its label at the call's store, or for all stores while there is none. */
int fer_configurable_label(struct fer_call *call, int64_t option_id, struct fer_str label);
/** fer_configurable_drop - in a transaction: remove an option and with it every child. */
int fer_configurable_drop(struct fer_call *call, const struct fer_product *product, int64_t option_id);
/** fer_configurable_set_options - options are these; those that do not differ stay. */
int fer_configurable_set_options(struct fer_call *call, const struct fer_product *product, const struct fer_value *options);
/** fer_configurable_set_links - the children are these ids. */
int fer_configurable_set_links(struct fer_call *call, const struct fer_product *product, const struct fer_value *ids);
/** fer_configurable_check - each child has a value for each option, and no two have the same. */
int fer_configurable_check(struct fer_call *call, const struct fer_value *options, const struct fer_value *ids);

#endif
