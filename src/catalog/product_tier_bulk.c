/*
 * Tier prices of many products in one call. A row that does not fit is told in the answer, the others are written.
 * Source: Magento_Catalog Product\Price\TierPriceStorage, Validation\TierPriceValidator, 2.4.7, and recorded answers.
 */
#include "catalog/product_price.h"

#include <stdarg.h>

#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "inventory/stock.h"
#include "store/config.h"

/* -- rows of refusals --------------------------------------------------------------------------------------------- */

void fer_price_row_failed(struct fer_call *call, struct fer_value *list, enum fer_error error, ...)
{
	const struct fer_error_row *row = fer_error_row(error);
	struct fer_fault fault = { 0 };
	struct fer_value result = fer_map(), values = fer_list();
	va_list args;

	va_start(args, error);
	fer_fault_addv(call->arena, &fault, error, args);
	va_end(args);
	for (uint32_t i = 0; i < fault.items[0].params.map.n; i++)
		fer_push(call->arena, &values, fer_string(fer_as_str(call->arena, &fault.items[0].params.map.members[i].value)));
	fer_append(call->arena, &result, FER_S("message"), row->form == FER_INTERPOLATED ?
	           fer_string(fer_fault_message(call->arena, &fault.items[0])) : fer_text(row->message));
	fer_append(call->arena, &result, FER_S("parameters"), values);
	fer_push(call->arena, list, result);
}

/* -- a row -------------------------------------------------------------------------------------------------------- */

struct row {
	const struct fer_value *sent;
	struct fer_str sku, group, type, product_type;
	struct fer_tier_price price;
	bool failed;
};

struct work {
	struct fer_call *call;
	bool replaces, removes;
	struct row *rows;
	size_t n;
	struct fer_value failures;
};

static void fail_row(struct work *w, struct row *row, enum fer_error error, const char *name)
{
	static const struct { const char *name, *field; } all[] = {
		{ "SKU", "sku" }, { "websiteId", "website_id" }, { "customerGroup", "customer_group" }, { "qty", "quantity" },
	};
	struct fer_value v[FER_ARRAY_LEN(all)], first;

	row->failed = true;
	for (size_t i = 0; i < FER_ARRAY_LEN(all); i++)
		v[i] = fer_string(fer_as_str(w->call->arena, fer_get(row->sent, all[i].field)));
	if (!name) {
		fer_price_row_failed(w->call, &w->failures, error, all[0].name, v[0], all[1].name, v[1], all[2].name, v[2], all[3].name, v[3], NULL);
		return;
	}
	first = fer_string(fer_as_str(w->call->arena, fer_get(row->sent, fer_str_z(w->call->arena, fer_str_snake(w->call->arena, fer_str(name))))));
	fer_price_row_failed(w->call, &w->failures, error, name, first, all[0].name, v[0], all[1].name, v[1], all[2].name, v[2], all[3].name,
	                     v[3], NULL);
}

static bool is_percent(const struct row *row)
{
	return fer_str_is(row->type, "discount");
}

static void check_price(struct work *w, struct row *row, bool is_bundle)
{
	const struct fer_value *price = fer_get(row->sent, "price");

	if (fer_is_null(price) || fer_as_decimal(price) < 0 || (is_percent(row) && fer_as_decimal(price) > 100 * FER_ONE))
		fail_row(w, row, FER_E_TIER_ROW_PRICE, "price");
	if (!is_percent(row) && (is_bundle || !fer_str_is(row->type, "fixed")))
		fail_row(w, row, FER_E_TIER_ROW_TYPE, "priceType");
	if (row->price.qty <= 0 || (row->price.qty < FER_ONE && is_bundle))
		fail_row(w, row, FER_E_TIER_ROW_QUANTITY, NULL);
}

/* With prices of global scope only 0, all websites, will do. */
static int check_website(struct work *w, struct row *row)
{
	struct fer_website site;
	bool global;
	int r = fer_price_is_global(w->call, &global);

	if (!r && (!fer_config_website_by_id(w->call->server->store, (int)row->price.website_id, &site) || (global && row->price.website_id)))
		fail_row(w, row, FER_E_TIER_ROW_WEBSITE, NULL);
	return r;
}

static bool same_place(const struct row *a, const struct row *b)
{
	bool all = !a->price.website_id || !b->price.website_id;

	return a->price.product_id == b->price.product_id && fer_str_ieq(a->group, b->group) && a->price.qty == b->price.qty &&
	       (all || a->price.website_id == b->price.website_id);
}

static void check_unique(struct work *w, struct row *row)
{
	for (size_t i = 0; i < w->n; i++)
		if (&w->rows[i] != row && same_place(&w->rows[i], row))
			fail_row(w, row, FER_E_TIER_ROW_DUPLICATE, NULL);
}

static int check_group(struct work *w, struct row *row)
{
	int64_t id = -1;
	int r;

	row->price.group_id = FER_ALL_GROUPS;
	if (fer_str_ieq(row->group, FER_S("all groups")))
		return 0;
	if ((r = fer_sql_int(w->call->db, FER_SQL_CUSTOMER_GROUP_BY_CODE, -1, &id, "s", row->group)))
		return r;
	row->price.group_id = id;
	if (id < 0)
		fail_row(w, row, FER_E_TIER_ROW_GROUP, NULL);
	return 0;
}

static bool may_have_tiers(struct fer_str type)
{
	return fer_str_is(type, "simple") || fer_str_is(type, "virtual") || fer_str_is(type, "bundle") || fer_str_is(type, "downloadable");
}

/* An unknown SKU ends the whole call. */
static int read_row(struct work *w, struct row *row, const struct fer_value *sent)
{
	struct fer_arena *arena = w->call->arena;
	struct fer_product product;
	int r;

	*row = (struct row){ .sent = sent, .sku = fer_map_str(arena, sent, "sku"), .group = fer_map_str(arena, sent, "customer_group"),
	                     .type = fer_map_str(arena, sent, "price_type") };
	if ((r = fer_product_require(w->call, row->sku, &product)))
		return r;
	row->price.product_id = product.id;
	row->price.website_id = fer_map_int(sent, "website_id", 0);
	row->price.qty = fer_decimal_round(fer_as_decimal(fer_get(sent, "quantity")), 4);
	row->price.value = is_percent(row) ? 0 : fer_as_decimal(fer_get(sent, "price"));
	row->price.percent = is_percent(row) ? fer_decimal(fer_as_decimal(fer_get(sent, "price"))) : fer_null();
	row->product_type = product.type;
	return 0;
}

static int read_rows(struct work *w, const struct fer_value *prices)
{
	int r = 0;

	w->n = 0;
	w->failures = fer_list();
	w->rows = FER_NEW_ARRAY(w->call->arena, fer_count(prices) + 1, struct row);
	for (size_t i = 0; i < fer_count(prices) && !r; i++)
		if (!(r = read_row(w, &w->rows[i], fer_at(prices, i))))
			w->n++;
	return r;
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

static int clear_once(struct work *w, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!w->rows[k].failed && w->rows[k].price.product_id == w->rows[i].price.product_id)
			return 0;
	return fer_sql_run(w->call->db, FER_SQL_TIER_PRICES_CLEAR, NULL, "i", w->rows[i].price.product_id);
}

static int remove_row(struct work *w, const struct fer_tier_price *p)
{
	bool all = p->group_id == FER_ALL_GROUPS;

	return fer_sql_run(w->call->db, FER_SQL_TIER_PRICE_DELETE_SAME, NULL, "iiiddv", p->product_id, (int64_t)all,
	                   all ? (int64_t)0 : p->group_id, p->qty, p->value, &p->percent);
}

static int write_rows(struct work *w)
{
	int r = 0;

	for (size_t i = 0; i < w->n && !r; i++) {
		if (w->rows[i].failed)
			continue;
		if (w->removes)
			r = remove_row(w, &w->rows[i].price);
		else if (!(r = w->replaces ? clear_once(w, i) : 0))
			r = fer_tier_price_put(w->call, &w->rows[i].price);
	}
	for (size_t i = 0; i < w->n && !r; i++)
		if (!w->rows[i].failed)
			r = fer_product_reindex(w->call, w->rows[i].price.product_id);
	return r;
}

static int check_row(struct work *w, struct row *row)
{
	int r;

	if (!may_have_tiers(row->product_type))
		fail_row(w, row, FER_E_TIER_ROW_SKU, NULL);
	check_price(w, row, fer_str_is(row->product_type, "bundle"));
	if ((r = check_website(w, row)))
		return r;
	check_unique(w, row);
	return check_group(w, row);
}

static int change(struct fer_call *call, void *data)
{
	struct work *w = data;
	int r = read_rows(w, fer_arg(call, "prices"));

	for (size_t i = 0; i < w->n && !r; i++)
		r = check_row(w, &w->rows[i]);
	return r ? r : write_rows(w);
}

static int run(struct fer_call *call, bool replaces, bool removes)
{
	struct work work = { .call = call, .replaces = replaces, .removes = removes };
	int r = fer_tx(call, 0, change, &work);

	return r ? r : fer_answer(call, work.failures);
}

static int add_prices(struct fer_call *call)
{
	return run(call, false, false);
}

static int replace_prices(struct fer_call *call)
{
	return run(call, true, false);
}

static int delete_prices(struct fer_call *call)
{
	return run(call, false, true);
}

/* -- reading ------------------------------------------------------------------------------------------------------ */

#define INFORMATION \
	"SELECT t.value, t.percentage_value, t.website_id, e.sku, t.all_groups, g.customer_group_code, t.qty" \
	" FROM catalog_product_entity_tier_price t JOIN catalog_product_entity e ON e.entity_id = t.entity_id" \
	" LEFT JOIN customer_group g ON g.customer_group_id = t.customer_group_id" \
	" WHERE e.type_id IN ('simple', 'virtual', 'bundle', 'downloadable') AND e.sku"

static struct fer_value information_of(struct fer_call *call, struct fer_stmt *stmt)
{
	bool percent = !fer_col_null(stmt, 1);
	struct fer_value out = fer_map();

	fer_append(call->arena, &out, FER_S("price"), fer_decimal(fer_col_decimal(stmt, percent ? 1 : 0)));
	fer_append(call->arena, &out, FER_S("price_type"), fer_text(percent ? "discount" : "fixed"));
	fer_append(call->arena, &out, FER_S("website_id"), fer_int(fer_col_int(stmt, 2)));
	fer_append(call->arena, &out, FER_S("sku"), fer_string(fer_col_dup(call->arena, stmt, 3)));
	fer_append(call->arena, &out, FER_S("customer_group"), fer_col_int(stmt, 4) ? fer_text("all groups") :
	           fer_string(fer_col_dup(call->arena, stmt, 5)));
	fer_append(call->arena, &out, FER_S("quantity"), fer_decimal(fer_col_decimal(stmt, 6)));
	return out;
}

static int tell_prices(struct fer_call *call)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value list = fer_list();
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, INFORMATION);
	fer_query_in(&query, fer_arg(call, "skus"));
	fer_query_add(&query, " ORDER BY t.entity_id, t.value_id");
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_push(call->arena, &list, information_of(call, stmt));
	return r ? r : fer_answer(call, list);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field result_fields[] = {
	FER_FIELD("message", FER_STRING, NULL, 0, "why the row was not taken"),
	FER_FIELD("parameters", FER_STRING, NULL, FER_MANY, "what the message is about"),
};
const struct fer_entity fer_price_result = { .name = "catalog-data-price-update-result-interface", FER_FIELDS(result_fields) };

static const struct fer_field price_fields[] = {
	FER_FIELD("price", FER_FLOAT, NULL, 0, "the price, or the percentage off it"),
	FER_FIELD("price_type", FER_STRING, NULL, 0, "fixed or discount"),
	FER_FIELD("website_id", FER_INT, NULL, 0, "website, 0 for all"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("customer_group", FER_STRING, NULL, 0, "code of a customer group, or ALL GROUPS"),
	FER_FIELD("quantity", FER_FLOAT, NULL, 0, "from this quantity"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "none declared", .of = &fer_no_extension),
};
static const struct fer_entity tier_row = { .name = "catalog-data-tier-price-interface", FER_FIELDS(price_fields) };

#define CATALOG "Magento_Catalog::catalog"
#define SOURCE "Magento_Catalog webapi.xml"
#define PRICES FER_PARAMS({ "prices", FER_OBJECT, FER_REQ | FER_MANY, &tier_row, NULL })

static const struct fer_route routes[] = {
	{ FER_POST, "/V1/products/tier-prices", CATALOG, add_prices, &fer_price_result, PRICES, .many = true,
	  .service = "catalogTierPriceStorageV1", .summary = "Add or change tier prices", .source = SOURCE },
	{ FER_PUT, "/V1/products/tier-prices", CATALOG, replace_prices, &fer_price_result, PRICES, .many = true,
	  .service = "catalogTierPriceStorageV1",
	  .summary = "Replace all tier prices of the products that are named", .source = SOURCE },
	{ FER_POST, "/V1/products/tier-prices-delete", CATALOG, delete_prices, &fer_price_result, PRICES, .many = true,
	  .service = "catalogTierPriceStorageV1", .summary = "Remove tier prices", .source = SOURCE },
	{ FER_POST, "/V1/products/tier-prices-information", CATALOG, tell_prices, &tier_row,
	  FER_PARAMS({ "skus", FER_STRING, FER_REQ | FER_MANY, NULL, NULL }), .many = true,
	  .service = "catalogTierPriceStorageV1", .summary = "Tier prices of products", .source = SOURCE },
};
const struct fer_route_table fer_routes_product_tier_bulk = FER_ROUTE_TABLE(routes);
