/*
 * Customer groups, for those who need one besides the group routes: customers, prices, rules.
 */
#ifndef FER_CUSTOMER_GROUP_H
#define FER_CUSTOMER_GROUP_H

#include "api/entity.h"

extern const struct fer_entity fer_customer_group;
extern const struct fer_route_table fer_routes_customer_group;

/** fer_customer_group_default - the id of the group that new customers of a store view get (customer/create_account/default_group). */
int64_t fer_customer_group_default(struct fer_call *call, int store_id);

#endif
