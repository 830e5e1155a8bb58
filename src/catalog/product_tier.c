/*
 * Tier prices of one product: as a part of it, and by the routes that name group and quantity in the path.
 * Source: Magento_Catalog Product\TierPriceManagement, PriceModifier, Product\Type\Price, Product\Attribute\Backend\TierPrice, 2.4.7.
 */
#include "catalog/product_price.h"

#include <errno.h>

#include "api/route.h"
#include "api/server.h"
#include "store/config.h"

#define HUNDRED (100 * FER_ONE)
#define QTY_DIGITS 4

int fer_price_is_global(struct fer_call *call, bool *global)
{
	struct fer_str scope = FER_STR_NONE;
	int r = fer_config_text(call->server->store, call->arena, 0, "catalog/price/scope", &scope);

	*global = !fer_str_is(scope, "1");
	return r;
}

/* Where a price that names no website belongs: to the caller's website, when prices differ between websites. */
static int website_of_call(struct fer_call *call, int64_t *website_id)
{
	bool global;
	int r = fer_price_is_global(call, &global);

	*website_id = global ? 0 : fer_config_website_of(call->server->store, call->store_id);
	return r;
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

int fer_tier_price_put(struct fer_call *call, const struct fer_tier_price *p)
{
	bool all = p->group_id == FER_ALL_GROUPS;

	return fer_sql_run(call->db, FER_SQL_TIER_PRICE_PUT, NULL, "iiididv", p->product_id, (int64_t)all, all ? (int64_t)0 : p->group_id,
	                   fer_decimal_round(p->qty, QTY_DIGITS), p->website_id, p->value, &p->percent);
}

#define TIERS_HEAD \
	"SELECT t.entity_id, t.all_groups, t.customer_group_id, t.qty, t.website_id, t.value, t.percentage_value" \
	" FROM catalog_product_entity_tier_price t WHERE t.entity_id"

int fer_tier_prices_read(struct fer_call *call, const struct fer_product *products, size_t n,
                         int (*each)(void *data, const struct fer_tier_price *price), void *data)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open(call, products, n, TIERS_HEAD, " ORDER BY t.entity_id, t.qty, t.value_id", &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct fer_tier_price p = { .product_id = fer_col_int(stmt, 0), .website_id = fer_col_int(stmt, 4) };

		p.group_id = fer_col_int(stmt, 1) ? FER_ALL_GROUPS : fer_col_int(stmt, 2);
		p.qty = fer_col_decimal(stmt, 3);
		p.value = fer_col_decimal(stmt, 5);
		p.percent = fer_col_null(stmt, 6) ? fer_null() : fer_decimal(fer_col_decimal(stmt, 6));
		r = each(data, &p);
	}
	return r;
}

/* -- as a part of the product ------------------------------------------------------------------------------------- */

struct fill {
	struct fer_call *call;
	struct fer_product *products;
	size_t n;
};

static fer_micro price_of(const struct fer_product *product, const struct fer_tier_price *p)
{
	if (fer_is_null(&p->percent))
		return p->value;
	return fer_decimal_mul(fer_as_decimal(fer_eav_value(&product->values, "price")), (HUNDRED - fer_as_decimal(&p->percent)) / 100);
}

static int add_tier(void *data, const struct fer_tier_price *p)
{
	struct fill *f = data;
	struct fer_arena *arena = f->call->arena;
	struct fer_product *owner = fer_products_at(f->products, f->n, p->product_id);
	struct fer_value tier = fer_map(), more = fer_map();

	fer_append(arena, &tier, FER_S("customer_group_id"), fer_int(p->group_id));
	fer_append(arena, &tier, FER_S("qty"), fer_decimal(p->qty));
	fer_append(arena, &tier, FER_S("value"), fer_decimal(price_of(owner, p)));
	if (!fer_is_null(&p->percent))
		fer_append(arena, &more, FER_S("percentage_value"), p->percent);
	fer_append(arena, &more, FER_S("website_id"), fer_int(p->website_id));
	fer_append(arena, &tier, FER_S("extension_attributes"), more);
	fer_push(arena, &owner->parts[FER_PART_TIER_PRICES], tier);
	return 0;
}

int fer_product_tiers_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id FER_UNUSED)
{
	struct fill fill = { call, products, n };

	return fer_tier_prices_read(call, products, n, add_tier, &fill);
}

static int read_tier(struct fer_product_saving *s, const struct fer_value *sent, int64_t website_id, struct fer_tier_price *out)
{
	const struct fer_value *more = fer_get(sent, "extension_attributes"), *percent = more ? fer_get(more, "percentage_value") : NULL;

	*out = (struct fer_tier_price){ .product_id = s->product.id, .group_id = fer_map_int(sent, "customer_group_id", 0) };
	out->website_id = more ? fer_map_int(more, "website_id", website_id) : website_id;
	out->qty = fer_decimal_round(fer_as_decimal(fer_get(sent, "qty")), QTY_DIGITS);
	out->percent = fer_is_null(percent) || !fer_as_decimal(percent) ? fer_null() : fer_decimal(fer_as_decimal(percent));
	out->value = fer_is_null(&out->percent) ? fer_as_decimal(fer_get(sent, "value")) : 0;
	if (!fer_is_null(percent) && (fer_as_decimal(percent) < 0 || fer_as_decimal(percent) > HUNDRED))
		return fer_fail(s->call, FER_E_TIER_PERCENT, NULL);
	if (fer_is_null(&out->percent) && (!fer_has(sent, "value") || out->value < 0))
		return fer_fail(s->call, FER_E_TIER_BELOW_ZERO, NULL);
	return 0;
}

static bool alike(const struct fer_tier_price *a, const struct fer_tier_price *b)
{
	return a->group_id == b->group_id && a->website_id == b->website_id && a->qty == b->qty;
}

/* What a body names replaces all. A row without a quantity is left out. */
int fer_product_tiers_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	struct fer_tier_price *tiers = FER_NEW_ARRAY(s->call->arena, fer_count(sent) + 1, struct fer_tier_price);
	int64_t website_id;
	int r = website_of_call(s->call, &website_id);

	for (size_t i = 0; i < fer_count(sent) && !r; i++) {
		r = read_tier(s, fer_at(sent, i), website_id, &tiers[i]);
		for (size_t k = 0; k < i && !r; k++)
			if (alike(&tiers[k], &tiers[i]))
				r = fer_fail(s->call, FER_E_TIER_DUPLICATE, NULL);
	}
	if (r || (r = fer_sql_run(s->call->db, FER_SQL_TIER_PRICES_CLEAR, NULL, "i", s->product.id)))
		return r;
	for (size_t i = 0; i < fer_count(sent) && !r; i++)
		if (tiers[i].qty > 0)
			r = fer_tier_price_put(s->call, &tiers[i]);
	return r == -ENOENT ? fer_fail(s->call, FER_E_PRODUCT_NOT_SAVED, NULL) : r;
}

/* -- by group and quantity ---------------------------------------------------------------------------------------- */

/* The group that the path names; a word that is no number names none. */
static int64_t named_group(struct fer_call *call)
{
	struct fer_str name = fer_arg_str(call, "customerGroupId");
	int64_t id;

	if (fer_str_is(name, "all"))
		return FER_ALL_GROUPS;
	return fer_str_int(name, &id) ? id : -1;
}

static int group_of_path(struct fer_call *call, int64_t *group_id)
{
	struct fer_str name = fer_arg_str(call, "customerGroupId");
	int64_t there = 0;
	int r;

	*group_id = named_group(call);
	if (*group_id == FER_ALL_GROUPS)
		return 0;
	if ((r = fer_sql_int(call->db, FER_SQL_CUSTOMER_GROUP_IS, 0, &there, "i", *group_id)) || there)
		return r;
	return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("id"), "fieldValue", fer_string(name), NULL);
}

static int touched(struct fer_call *call, int64_t product_id)
{
	int r = fer_sql_run(call->db, FER_SQL_PRODUCT_TOUCH, NULL, "si", fer_time_text(call->arena, call->now_s), product_id);

	return r ? r : fer_product_reindex(call, product_id);
}

static int put_tier(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_tier_price p = { .qty = fer_as_decimal(fer_arg(call, "qty")), .value = fer_as_decimal(fer_arg(call, "price")) };
	struct fer_product product;
	int r;

	if (p.qty <= 0 || p.value <= 0)
		return fer_fail(call, FER_E_TIER_INVALID, NULL);
	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) || (r = group_of_path(call, &p.group_id)) ||
	    (r = website_of_call(call, &p.website_id)))
		return r;
	p.product_id = product.id;
	return (r = fer_tier_price_put(call, &p)) ? r : touched(call, product.id);
}

static int remove_tier(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_str group = fer_arg_str(call, "customerGroupId");
	bool all = fer_str_is(group, "all");
	struct fer_product product;
	int64_t website_id, n = 0;
	int r;

	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) || (r = website_of_call(call, &website_id)) ||
	    (r = fer_sql_run(call->db, FER_SQL_TIER_PRICE_DELETE, &n, "iiidi", product.id, (int64_t)all,
	                     all ? (int64_t)0 : named_group(call), fer_as_decimal(fer_arg(call, "qty")), website_id)))
		return r;
	if (n)
		return touched(call, product.id);
	return fer_fail(call, FER_E_TIER_MISSING, "1", fer_string(group), "2", fer_int(website_id), "3", *fer_arg(call, "qty"), NULL);
}

static int save_tier(struct fer_call *call)
{
	int r = fer_tx(call, 0, put_tier, NULL);

	return r ? r : fer_answer_true(call);
}

static int delete_tier(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_tier, NULL);

	return r ? r : fer_answer_true(call);
}

static int list_tiers(struct fer_call *call)
{
	int64_t group_id = named_group(call);
	struct fer_value list = fer_list();
	struct fer_product product;
	int r;

	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) ||
	    (r = fer_products_fill(call, &product, 1, call->store_id, FER_PRODUCT_VALUES | FER_PRODUCT_PARTS)))
		return r;
	for (size_t i = 0; i < fer_count(&product.parts[FER_PART_TIER_PRICES]); i++) {
		struct fer_value tier = fer_clone(call->arena, fer_at(&product.parts[FER_PART_TIER_PRICES], i));

		fer_unset(&tier, "extension_attributes");
		if (fer_map_int(&tier, "customer_group_id", 0) == group_id)
			fer_push(call->arena, &list, tier);
	}
	return fer_answer(call, list);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define CATALOG "Magento_Catalog::catalog"
#define SOURCE "Magento_Catalog webapi.xml"
#define SKU { "sku", FER_STRING, FER_REQ, NULL, NULL }
#define GROUP { "customerGroupId", FER_STRING, FER_REQ, NULL, NULL }
#define QTY { "qty", FER_FLOAT, FER_REQ, NULL, NULL }

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/products/:sku/group-prices/:customerGroupId/tiers", CATALOG, list_tiers, &fer_product_tier_price,
	  FER_PARAMS(SKU, GROUP), .many = true, .cached = true, .insecure = true,
	  .service = "catalogProductTierPriceManagementV1",
	  .summary = "Tier prices of a product for one customer group, or for all", .source = SOURCE },
	{ FER_POST, "/V1/products/:sku/group-prices/:customerGroupId/tiers/:qty/price/:price", CATALOG, save_tier,
	  FER_PARAMS(SKU, GROUP, { "price", FER_FLOAT, FER_REQ, NULL, NULL }, QTY), .returns = FER_BOOL,
	  .service = "catalogProductTierPriceManagementV1", .summary = "Set a tier price", .source = SOURCE },
	{ FER_DELETE, "/V1/products/:sku/group-prices/:customerGroupId/tiers/:qty", CATALOG, delete_tier, FER_PARAMS(SKU, GROUP, QTY),
	  .returns = FER_BOOL,
	  .service = "catalogProductTierPriceManagementV1", .summary = "Remove a tier price", .source = SOURCE },
};
const struct fer_route_table fer_routes_product_tier = FER_ROUTE_TABLE(routes);
