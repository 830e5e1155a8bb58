/*
 * Base, special and cost prices of many products in one call. A row that does not fit is told in the answer, the others are written.
 * Source: Magento_Catalog Product\Price\BasePriceStorage, SpecialPriceStorage, CostStorage, 2.4.7, and recorded answers.
 */
#include "catalog/product_price.h"

#include <stdlib.h>

#include "api/route.h"
#include "api/server.h"
#include "inventory/stock.h"
#include "store/config.h"

#define TIME_LENGTH 19       /* 2024-01-31 00:00:00 */

/* What the three kinds have in common: the attribute, the field of a row, and the product types that may have it. */
struct kind {
	const char *attribute, *field;
	bool bundles;            /* bundles have it too */
	bool fixed_bundles;      /* … but only those with a price of their own */
	void (*check)(struct fer_call *call, struct fer_value *failures, const struct fer_value *row, bool sku_fits, bool store_fits);
	int (*write)(struct fer_call *call, int64_t product_id, const struct fer_value *row);
};

/* -- which products fit ------------------------------------------------------------------------------------------- */

static int has_own_price(struct fer_call *call, int64_t id, bool *own)
{
	static const char *const codes[] = { "price_type", NULL };
	struct fer_eav_row row;
	int r = fer_eav_load(call, FER_EAV_PRODUCT, &id, 1, 0, codes, &row);

	*own = !r && fer_as_int(fer_eav_value(&row, "price_type")) == 1;
	return r;
}

static int fits(struct fer_call *call, const struct kind *kind, struct fer_str sku, int64_t *product_id)
{
	struct fer_product p;
	bool found, fit = false;
	int r = fer_product_find(call, fer_str_trim(sku), &p, &found);

	*product_id = 0;
	if (r || !found)
		return r;
	fit = fer_str_is(p.type, "simple") || fer_str_is(p.type, "virtual") || fer_str_is(p.type, "downloadable");
	if (fer_str_is(p.type, "bundle") && kind->bundles) {
		fit = true;
		if (kind->fixed_bundles && (r = has_own_price(call, p.id, &fit)))
			return r;
	}
	*product_id = fit ? p.id : 0;
	return 0;
}

/* -- checking ----------------------------------------------------------------------------------------------------- */

static struct fer_value text_of(struct fer_call *call, const struct fer_value *row, const char *field)
{
	return fer_string(fer_as_str(call->arena, fer_get(row, field)));
}

static bool is_bad(const struct fer_value *price)
{
	return fer_is_null(price) || fer_as_decimal(price) < 0;
}

static void sku_failed(struct fer_call *call, struct fer_value *failures, const struct fer_value *row)
{
	fer_price_row_failed(call, failures, FER_E_PRICE_ROW_FIELD, "fieldName", fer_text("SKU"), "fieldValue", text_of(call, row, "sku"), NULL);
}

static void store_failed(struct fer_call *call, struct fer_value *failures, const struct fer_value *row)
{
	fer_price_row_failed(call, failures, FER_E_PRICE_ROW_STORE, "SKU", text_of(call, row, "sku"), "storeId", text_of(call, row, "store_id"), NULL);
}

static void check_base(struct fer_call *call, struct fer_value *failures, const struct fer_value *row, bool sku_fits, bool store_fits)
{
	if (!sku_fits)
		sku_failed(call, failures, row);
	if (is_bad(fer_get(row, "price")))
		fer_price_row_failed(call, failures, FER_E_PRICE_ROW_FIELD, "fieldName", fer_text("Price"), "fieldValue",
		                     text_of(call, row, "price"), NULL);
	if (!store_fits)
		store_failed(call, failures, row);
}

static void check_cost(struct fer_call *call, struct fer_value *failures, const struct fer_value *row, bool sku_fits, bool store_fits)
{
	if (!sku_fits)
		sku_failed(call, failures, row);
	if (is_bad(fer_get(row, "cost")))
		fer_price_row_failed(call, failures, FER_E_PRICE_ROW_COST, "cost", text_of(call, row, "cost"), "SKU", text_of(call, row, "sku"),
		                     "storeId", text_of(call, row, "store_id"), NULL);
	if (!store_fits)
		store_failed(call, failures, row);
}

/* @name with @value stands before what every refusal of a special price says; NULL: nothing does. */
static void special_failed(struct fer_call *call, struct fer_value *failures, const struct fer_value *row, enum fer_error error,
                           const char *name, struct fer_value value)
{
	struct fer_value sku = text_of(call, row, "sku"), store = text_of(call, row, "store_id");
	struct fer_value from = text_of(call, row, "price_from"), to = text_of(call, row, "price_to");

	if (name)
		fer_price_row_failed(call, failures, error, name, value, "SKU", sku, "storeId", store, "priceFrom", from, "priceTo", to, NULL);
	else
		fer_price_row_failed(call, failures, error, "SKU", sku, "storeId", store, "priceFrom", from, "priceTo", to, NULL);
}

static bool is_date(struct fer_call *call, const struct fer_value *v)
{
	struct fer_str text = fer_as_str(call->arena, v);
	int64_t at_s;

	return !text.len || (text.len == TIME_LENGTH && fer_time_parse(text, &at_s) && fer_str_eq(text, fer_time_text(call->arena, at_s)));
}

static void check_special(struct fer_call *call, struct fer_value *failures, const struct fer_value *row, bool sku_fits, bool store_fits)
{
	bool global;

	if (!sku_fits)
		special_failed(call, failures, row, FER_E_SPECIAL_ROW_SKU, NULL, fer_null());
	if (!fer_price_is_global(call, &global) && global && (!fer_has(row, "store_id") || fer_map_int(row, "store_id", 0)))
		special_failed(call, failures, row, FER_E_SPECIAL_ROW_GLOBAL, NULL, fer_null());
	if (!store_fits)
		special_failed(call, failures, row, FER_E_SPECIAL_ROW_STORE, NULL, fer_null());
	if (is_bad(fer_get(row, "price")))
		special_failed(call, failures, row, FER_E_SPECIAL_ROW_PRICE, "price", text_of(call, row, "price"));
	if (!is_date(call, fer_get(row, "price_from")))
		special_failed(call, failures, row, FER_E_SPECIAL_ROW_DATE, "label", fer_text("Price From"));
	if (!is_date(call, fer_get(row, "price_to")))
		special_failed(call, failures, row, FER_E_SPECIAL_ROW_DATE, "label", fer_text("Price To"));
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

static int set_value(struct fer_call *call, int64_t product_id, const char *code, const struct fer_value *row, const char *field)
{
	const struct fer_value *v = fer_get(row, field);
	bool none = fer_is_null(v) || (v->kind == FER_V_STRING && !v->text.len);

	return fer_eav_set_value(call, FER_EAV_PRODUCT, product_id, code, (int)fer_map_int(row, "store_id", 0), none ? fer_null() : *v);
}

static int write_base(struct fer_call *call, int64_t product_id, const struct fer_value *row)
{
	int r = set_value(call, product_id, "price", row, "price");

	return r ? r : fer_sql_run(call->db, FER_SQL_PRODUCT_TOUCH, NULL, "si", fer_time_text(call->arena, call->now_s), product_id);
}

static int write_cost(struct fer_call *call, int64_t product_id, const struct fer_value *row)
{
	return set_value(call, product_id, "cost", row, "cost");
}

static int write_special(struct fer_call *call, int64_t product_id, const struct fer_value *row)
{
	int r;

	if ((r = set_value(call, product_id, "special_price", row, "price")) ||
	    (r = set_value(call, product_id, "special_from_date", row, "price_from")))
		return r;
	return set_value(call, product_id, "special_to_date", row, "price_to");
}

static const char *const special_codes[] = { "special_price", "special_from_date", "special_to_date", NULL };

static bool same_text(struct fer_call *call, const struct fer_value *a, const struct fer_value *b)
{
	return fer_str_eq(fer_as_str(call->arena, a), fer_as_str(call->arena, b));
}

/* Only the special price that the row describes in full is removed. */
static int remove_special(struct fer_call *call, int64_t product_id, const struct fer_value *row)
{
	int store_id = (int)fer_map_int(row, "store_id", 0), r;
	const struct fer_value *price;
	struct fer_eav_row have;

	if ((r = fer_eav_load(call, FER_EAV_PRODUCT, &product_id, 1, store_id, special_codes, &have)))
		return r;
	price = fer_eav_value(&have, "special_price");
	if (fer_is_null(price) || fer_as_decimal(price) != fer_as_decimal(fer_get(row, "price")) ||
	    !same_text(call, fer_eav_value(&have, "special_from_date"), fer_get(row, "price_from")) ||
	    !same_text(call, fer_eav_value(&have, "special_to_date"), fer_get(row, "price_to")))
		return 0;
	for (size_t i = 0; special_codes[i] && !r; i++)
		r = fer_eav_set_value(call, FER_EAV_PRODUCT, product_id, special_codes[i], store_id, fer_null());
	return r;
}

static const struct kind base = { "price", "price", true, true, check_base, write_base };
static const struct kind cost = { "cost", "cost", false, false, check_cost, write_cost };
static const struct kind special = { "special_price", "price", true, false, check_special, write_special };
static const struct kind no_special = { "special_price", "price", true, false, check_special, remove_special };

/* -- one call ----------------------------------------------------------------------------------------------------- */

struct work {
	const struct kind *kind;
	struct fer_value failures;
};

static int take_row(struct fer_call *call, struct work *w, const struct fer_value *row)
{
	struct fer_store_view view;
	int64_t product_id;
	size_t n = fer_count(&w->failures);
	bool store_fits = fer_has(row, "store_id") && fer_config_store_by_id(call->server->store, (int)fer_map_int(row, "store_id", 0), &view);
	int r = fits(call, w->kind, fer_map_str(call->arena, row, "sku"), &product_id);

	if (r)
		return r;
	w->kind->check(call, &w->failures, row, product_id != 0, store_fits);
	if (fer_count(&w->failures) > n)
		return 0;
	return (r = w->kind->write(call, product_id, row)) ? r : fer_product_reindex(call, product_id);
}

static int change(struct fer_call *call, void *data)
{
	const struct fer_value *prices = fer_arg(call, "prices");
	struct work *w = data;
	int r = 0;

	w->failures = fer_list();
	for (size_t i = 0; i < fer_count(prices) && !r; i++)
		r = take_row(call, w, fer_at(prices, i));
	return r;
}

static int update(struct fer_call *call, const struct kind *kind)
{
	struct work work = { .kind = kind };
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)) || (r = fer_tx(call, 0, change, &work)))
		return r;
	return fer_answer(call, work.failures);
}

static int clear_costs(struct fer_call *call, void *data)
{
	const struct fer_value *skus = fer_arg(call, "skus");
	const int64_t *attribute_id = data;
	int64_t product_id;
	int r = 0;

	for (size_t i = 0; i < fer_count(skus) && !r; i++)
		if (!(r = fits(call, &cost, fer_as_str(call->arena, fer_at(skus, i)), &product_id)) && product_id)
			r = fer_sql_run(call->db, FER_SQL_PRODUCT_DECIMAL_CLEAR, NULL, "ii", product_id, *attribute_id);
	return r;
}

static int delete_costs(struct fer_call *call)
{
	const struct fer_attribute *a;
	const struct fer_eav *eav;
	int64_t id = 0;
	int r;

	if ((r = fer_eav_get(call, &eav)))
		return r;
	if ((a = fer_eav_by_code(eav, FER_EAV_PRODUCT, fer_str(cost.attribute))))
		id = a->id;
	return (r = fer_tx(call, 0, clear_costs, &id)) ? r : fer_answer_true(call);
}

static int update_base(struct fer_call *call)
{
	return update(call, &base);
}

static int update_cost(struct fer_call *call)
{
	return update(call, &cost);
}

static int update_special(struct fer_call *call)
{
	return update(call, &special);
}

static int delete_special(struct fer_call *call)
{
	return update(call, &no_special);
}

/* -- reading ------------------------------------------------------------------------------------------------------ */

static void tell_row(struct fer_call *call, const struct kind *kind, struct fer_stmt *stmt, struct fer_value *list)
{
	struct fer_value out = fer_map();

	fer_append(call->arena, &out, fer_str(kind->field), fer_decimal(fer_col_decimal(stmt, 0)));
	fer_append(call->arena, &out, FER_S("store_id"), fer_int(fer_col_int(stmt, 1)));
	fer_append(call->arena, &out, FER_S("sku"), fer_string(fer_col_dup(call->arena, stmt, 2)));
	if (kind == &special) {
		fer_append(call->arena, &out, FER_S("price_from"), fer_col_null(stmt, 3) ? fer_null() : fer_string(fer_col_dup(call->arena, stmt, 3)));
		fer_append(call->arena, &out, FER_S("price_to"), fer_col_null(stmt, 4) ? fer_null() : fer_string(fer_col_dup(call->arena, stmt, 4)));
	}
	fer_push(call->arena, list, out);
}

static int64_t attribute_id(const struct fer_eav *eav, const char *code)
{
	const struct fer_attribute *a = fer_eav_by_code(eav, FER_EAV_PRODUCT, fer_str(code));

	return a ? a->id : 0;
}

static int tell_product(struct fer_call *call, const struct kind *kind, int64_t product_id, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)) ||
	    (r = fer_sql_open(call->db, FER_SQL_PRODUCT_PRICES, &stmt, "iiii", attribute_id(eav, "special_from_date"),
	                      attribute_id(eav, "special_to_date"), product_id, attribute_id(eav, kind->attribute))))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		tell_row(call, kind, stmt, list);
	return r;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* In order of the products' ids; an SKU that does not fit, or is named again, is left out. */
static int tell(struct fer_call *call, const struct kind *kind)
{
	const struct fer_value *skus = fer_arg(call, "skus");
	int64_t *ids = FER_NEW_ARRAY(call->arena, fer_count(skus) + 1, int64_t);
	struct fer_value list = fer_list();
	int r = 0;

	for (size_t i = 0; i < fer_count(skus) && !r; i++)
		r = fits(call, kind, fer_as_str(call->arena, fer_at(skus, i)), &ids[i]);
	if (!r)
		qsort(ids, fer_count(skus), sizeof(*ids), by_id);
	for (size_t i = 0; i < fer_count(skus) && !r; i++)
		if (ids[i] && (!i || ids[i] != ids[i - 1]))
			r = tell_product(call, kind, ids[i], &list);
	return r ? r : fer_answer(call, list);
}

static int tell_base(struct fer_call *call)
{
	return tell(call, &base);
}

static int tell_cost(struct fer_call *call)
{
	return tell(call, &cost);
}

static int tell_special(struct fer_call *call)
{
	return tell(call, &special);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define NOTHING_MORE FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "none declared", .of = &fer_no_extension)

static const struct fer_field base_fields[] = {
	FER_FIELD("price", FER_FLOAT, NULL, 0, "price"),
	FER_FIELD("store_id", FER_INT, NULL, 0, "store view, 0 for the default"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	NOTHING_MORE,
};
static const struct fer_entity base_row = { .name = "catalog-data-base-price-interface", FER_FIELDS(base_fields) };

static const struct fer_field cost_fields[] = {
	FER_FIELD("cost", FER_FLOAT, NULL, 0, "cost"),
	FER_FIELD("store_id", FER_INT, NULL, 0, "store view, 0 for the default"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	NOTHING_MORE,
};
static const struct fer_entity cost_row = { .name = "catalog-data-cost-interface", FER_FIELDS(cost_fields) };

static const struct fer_field special_fields[] = {
	FER_FIELD("price", FER_FLOAT, NULL, 0, "price"),
	FER_FIELD("store_id", FER_INT, NULL, 0, "store view, 0 for the default"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("price_from", FER_STRING, NULL, 0, "UTC, from when"),
	FER_FIELD("price_to", FER_STRING, NULL, 0, "UTC, until when"),
	NOTHING_MORE,
};
static const struct fer_entity special_row = { .name = "catalog-data-special-price-interface", FER_FIELDS(special_fields) };

#define CATALOG "Magento_Catalog::catalog"
#define SOURCE "Magento_Catalog webapi.xml"
#define PRICES(of_) FER_PARAMS({ "prices", FER_OBJECT, FER_REQ | FER_MANY, (of_), NULL })
#define SKUS FER_PARAMS({ "skus", FER_STRING, FER_REQ | FER_MANY, NULL, NULL })

static const struct fer_route routes[] = {
	{ FER_POST, "/V1/products/base-prices", CATALOG, update_base, &fer_price_result, PRICES(&base_row), .many = true,
	  .service = "catalogBasePriceStorageV1", .summary = "Set prices of products", .source = SOURCE },
	{ FER_POST, "/V1/products/base-prices-information", CATALOG, tell_base, &base_row, SKUS, .many = true,
	  .service = "catalogBasePriceStorageV1", .summary = "Prices of products", .source = SOURCE },
	{ FER_POST, "/V1/products/cost", CATALOG, update_cost, &fer_price_result, PRICES(&cost_row), .many = true,
	  .service = "catalogCostStorageV1", .summary = "Set costs of products", .source = SOURCE },
	{ FER_POST, "/V1/products/cost-delete", CATALOG, delete_costs, NULL, SKUS, .returns = FER_BOOL,
	  .service = "catalogCostStorageV1", .summary = "Remove costs of products", .source = SOURCE },
	{ FER_POST, "/V1/products/cost-information", CATALOG, tell_cost, &cost_row, SKUS, .many = true,
	  .service = "catalogCostStorageV1", .summary = "Costs of products", .source = SOURCE },
	{ FER_POST, "/V1/products/special-price", CATALOG, update_special, &fer_price_result, PRICES(&special_row), .many = true,
	  .service = "catalogSpecialPriceStorageV1", .summary = "Set special prices of products", .source = SOURCE },
	{ FER_POST, "/V1/products/special-price-delete", CATALOG, delete_special, &fer_price_result, PRICES(&special_row), .many = true,
	  .service = "catalogSpecialPriceStorageV1", .summary = "Remove special prices of products", .source = SOURCE },
	{ FER_POST, "/V1/products/special-price-information", CATALOG, tell_special, &special_row, SKUS, .many = true,
	  .service = "catalogSpecialPriceStorageV1", .summary = "Special prices of products", .source = SOURCE },
};
const struct fer_route_table fer_routes_product_price = FER_ROUTE_TABLE(routes);
