/*
 * Bundles: options, and the products one may choose from for each.
 */
#ifndef FER_CATALOG_BUNDLE_H
#define FER_CATALOG_BUNDLE_H

#include "catalog/product.h"

/** fer_bundle_options - options with selections, in order; @priced: a selection that costs nothing itself shows its product's price. */
int fer_bundle_options(struct fer_call *call, const struct fer_product *product, bool priced, struct fer_value *out);
/** fer_bundle_option_find - the option of that id in a list of them; NULL: none. */
const struct fer_value *fer_bundle_option_find(const struct fer_value *options, int64_t id);

/**
 * fer_bundle_put_option - in a transaction: an option of a body; one with an id that the product has is changed, else it is new.
 * Shape:  @refused gets the refusal of a link of a new option; the option and the links before it stay, as in Magento.
 */
int fer_bundle_put_option(struct fer_call *call, const struct fer_product *product, const struct fer_value *option, int64_t *id,
                          bool *is_new, int *refused);
int fer_bundle_drop_option(struct fer_call *call, const struct fer_product *product, const struct fer_value *option);

/** fer_bundle_add_link, fer_bundle_set_link - in a transaction: add a choice to an option; change the one with that id. */
int fer_bundle_add_link(struct fer_call *call, const struct fer_product *product, int64_t option_id, const struct fer_value *link,
                        int64_t *id);
int fer_bundle_set_link(struct fer_call *call, const struct fer_product *product, struct fer_str id, const struct fer_value *link);
int fer_bundle_drop_link(struct fer_call *call, const struct fer_product *product, int64_t id);

#endif
