/*
 * Magento_SalesRule: coupons one by one. A coupon's limits are its rule's, whatever is sent; its code is unique, and so is a coupon
 * without a code.
 */
#include "promo/promo.h"

#include "core/clock.h"

#define UNSIGNED .least = 0, .most = 4294967295

static const struct fer_field fields[] = {
	/*        JSON                    type           column                flags       meaning */
	FER_FIELD("coupon_id",            FER_INT,       "coupon_id",          FER_KEY,    "row id"),
	FER_FIELD("rule_id",              FER_INT,       "rule_id",            FER_SEARCH, "sales rule", UNSIGNED),
	FER_FIELD("code",                 FER_STRING,    "code",               FER_SEARCH, "what a customer enters", .max = 255),
	FER_FIELD("usage_limit",          FER_INT,       "usage_limit",        FER_SEARCH, "of the rule; 0: without end"),
	FER_FIELD("usage_per_customer",   FER_INT,       "usage_per_customer", FER_SEARCH, "of the rule; 0: without end"),
	FER_FIELD("times_used",           FER_INT,       "times_used",         FER_SEARCH | FER_NULLS, "orders so far", UNSIGNED),
	FER_FIELD("expiration_date",      FER_TIME,      "expiration_date",    FER_SEARCH, "kept; the rule's last day counts"),
	FER_FIELD("is_primary",           FER_BOOL,      "is_primary",         FER_SEARCH | FER_NULLS, "the one of its rule, or null"),
	FER_FIELD("created_at",           FER_TIME,      "created_at",         FER_SEARCH, "UTC"),
	FER_FIELD("type",                 FER_INT,       "type",               FER_SEARCH, "0: made by hand, 1: generated"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,                 0,          "none", .of = &fer_no_extension),
};

static int refuse(struct fer_call *call, struct fer_str why)
{
	return fer_fail(call, FER_E_COUPON_SAVE, "1", fer_string(why), NULL);
}

/* Source: Magento_SalesRule Model\CouponRepository, 2.4.7 */
static int check_terms(struct fer_call *call, struct fer_value *record)
{
	int64_t type = fer_map_int(record, "type", 0);
	struct fer_coupon_terms terms;
	int r = fer_coupon_terms(call, fer_map_int(record, "rule_id", 0), &terms);

	if (r)
		return r;
	if (!terms.found)
		return refuse(call, fer_str_fmt(call->arena, "No such entity with rule_id = %.*s",
		                                FER_F(fer_map_str(call->arena, record, "rule_id"))));
	if (terms.type == FER_COUPON_NONE)
		return refuse(call, FER_S("Specified rule does not allow coupons"));
	if (terms.generated && type == 0)
		return refuse(call, FER_S("Specified rule only allows auto generated coupons"));
	if (!terms.generated && type == 1)
		return refuse(call, FER_S("Specified rule does not allow auto generated coupons"));
	fer_set(call->arena, record, "usage_limit", fer_int(terms.limit));
	fer_set(call->arena, record, "usage_per_customer", fer_int(terms.per_customer));
	return 0;
}

static int check_code(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str code = fer_str_trim(fer_map_str(call->arena, record, "code"));
	int64_t taken, none = !fer_has(record, "code");
	struct fer_value v = none ? fer_null() : fer_string(code);
	int r = fer_sql_int(call->db, FER_SQL_COUPON_TAKEN, 0, &taken, "vii", &v, none, fer_map_int(record, "coupon_id", 0));

	if (r || !taken)
		return r;
	return fer_fail(call, FER_E_ALREADY_EXISTS, "1", fer_text("Coupon with the same code"), NULL);
}

static int check_coupon(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int r;

	if (old)
		fer_entity_merge(call, &fer_coupon, record, old);
	if ((r = check_terms(call, record)))
		return r;
	fer_set(call->arena, record, "is_primary", fer_map_bool(record, "is_primary", false) ? fer_bool(true) : fer_null());
	if (!fer_has(record, "created_at"))
		fer_set(call->arena, record, "created_at", fer_string(fer_time_text(call->arena, call->now_s)));
	if (!fer_has(record, "times_used"))
		fer_unset(record, "times_used");
	return check_code(call, record);
}

const struct fer_entity fer_coupon = {
	.name = "sales-rule-data-coupon-interface", .table = "salesrule_coupon", FER_FIELDS(fields), .param = "coupon", .path_id = "couponId",
	.missing = FER_E_NO_SUCH_ENTITY_PLAIN, .clash = FER_E_UNIQUE_VIOLATION, .echoes = true,
	.check = check_coupon,
};

#define COUPON_BODY FER_PARAMS({ "coupon", FER_OBJECT, FER_REQ, &fer_coupon, NULL })
#define ID_PATH FER_PARAMS({ "couponId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/coupons/search", FER_PROMO_ACL, .run = fer_entity_search, .of = &fer_coupon, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "salesRuleCouponRepositoryV1", .summary = "Coupons that match", .source = FER_PROMO_SOURCE },
	{ FER_POST, "/V1/coupons", FER_PROMO_ACL, .run = fer_entity_save, .of = &fer_coupon, COUPON_BODY,
	  .service = "salesRuleCouponRepositoryV1", .summary = "Make a coupon; with an id, change it", .source = FER_PROMO_SOURCE },
	{ FER_GET, "/V1/coupons/:couponId", FER_PROMO_ACL, .run = fer_entity_get, .of = &fer_coupon, ID_PATH, .cached = true,
	  .service = "salesRuleCouponRepositoryV1", .summary = "One coupon", .source = FER_PROMO_SOURCE },
	{ FER_PUT, "/V1/coupons/:couponId", FER_PROMO_ACL, .run = fer_entity_save, .of = &fer_coupon, COUPON_BODY,
	  .service = "salesRuleCouponRepositoryV1", .summary = "Change a coupon; what is not sent stays", .source = FER_PROMO_SOURCE },
	{ FER_DELETE, "/V1/coupons/:couponId", FER_PROMO_ACL, .run = fer_entity_delete, .of = &fer_coupon, ID_PATH, .returns = FER_BOOL,
	  .service = "salesRuleCouponRepositoryV1", .summary = "Remove a coupon", .source = FER_PROMO_SOURCE },
};

const struct fer_route_table fer_routes_coupon = FER_ROUTE_TABLE(rows);
