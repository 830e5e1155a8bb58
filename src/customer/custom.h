/*
 * custom_attributes of customers and addresses: the values that live in EAV tables, because their attributes are a shop's own.
 */
#ifndef FER_CUSTOMER_CUSTOM_H
#define FER_CUSTOMER_CUSTOM_H

#include "api/eav.h"

/** fer_custom_load - give each record (with its id) the list custom_attributes, where it has values. */
int fer_custom_load(struct fer_call *call, enum fer_eav_type type, struct fer_value *records, size_t n);
/** fer_custom_save - write what custom_attributes of a body holds; names that are no attribute are dropped. */
int fer_custom_save(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const struct fer_value *list);

#endif
