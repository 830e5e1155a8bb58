/*
 * Magento_SalesRule: sales rules and their coupons.
 */
#ifndef FER_PROMO_PROMO_H
#define FER_PROMO_PROMO_H

#include "api/entity.h"
#include "api/route.h"

/* salesrule.coupon_type */
enum fer_coupon_type { FER_COUPON_NONE = 1, FER_COUPON_SPECIFIC = 2, FER_COUPON_AUTO = 3 };

#define FER_PROMO_ACL "Magento_SalesRule::quote"
#define FER_PROMO_SOURCE "Magento_SalesRule webapi.xml"

/* What a rule says about its coupons. */
struct fer_coupon_terms {
	bool found;                  /* there is such a rule */
	enum fer_coupon_type type;
	bool generated;              /* use_auto_generation */
	int64_t limit, per_customer;
};

int fer_coupon_terms(struct fer_call *call, int64_t rule_id, struct fer_coupon_terms *out);

extern const struct fer_entity fer_sales_rule;
extern const struct fer_entity fer_coupon;
extern const struct fer_route_table fer_routes_sales_rule;
extern const struct fer_route_table fer_routes_coupon;
extern const struct fer_route_table fer_routes_coupon_batch;

#endif
