/*
 * Tax classes, rates and rules: what carts and orders will read.
 */
#ifndef FER_TAX_TAX_H
#define FER_TAX_TAX_H

#include "api/entity.h"
#include "api/route.h"

extern const struct fer_entity fer_tax_class;
extern const struct fer_entity fer_tax_rate;
extern const struct fer_entity fer_tax_rule;

extern const struct fer_route_table fer_routes_tax_class;
extern const struct fer_route_table fer_routes_tax_rate;
extern const struct fer_route_table fer_routes_tax_rule;

#endif
