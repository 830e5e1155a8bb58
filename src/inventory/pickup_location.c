/*
 * Magento_InventoryInStorePickupApi: the sources where customers may fetch their orders. A search is turned into one of sources: enabled, active
 * for pickup, of the channel's stock, and what the request asks beyond that.
 * Source: Magento_InventoryInStorePickup Model\SearchCriteria, Model\SearchResult, 2.4.7
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "api/search.h"
#include "inventory/distance.h"
#include "inventory/salability.h"

#define EARTH_RADIUS_KM 6372.797
#define PI 3.14159265358979323846
#define DELIMITER "advanced/in_store_pickup_api/search_term_delimiter"
#define COUNTRY "general/country/default"

/* -- what is asked: Magento's objects are made from the names of their constructors ------------------------------- */

static const struct fer_field area_fields[] = {
	FER_FIELD("radius",      FER_INT,    NULL, 0, "kilometres"),
	FER_FIELD("search_term", FER_STRING, NULL, 0, "postal code or city, a colon, country"),
};
static const struct fer_entity area = { .name = "inventory-in-store-pickup-api-data-search-request-area-interface", .constructed = true,
                                         FER_FIELDS(area_fields) };

static const struct fer_field filter_fields[] = {
	FER_FIELD("value",          FER_STRING, NULL, 0, "what it is compared with"),
	FER_FIELD("condition_type", FER_STRING, NULL, 0, "as in search criteria", .otherwise = "eq"),
};
static const struct fer_entity filter = { .name = "inventory-in-store-pickup-api-data-search-request-filter-interface", .constructed = true,
                                         FER_FIELDS(filter_fields) };

/* The column of sources that each is about. */
static const struct fer_field filters_fields[] = {
	FER_FIELD("country",              FER_OBJECT, "country_id",    0, "country", .of = &filter),
	FER_FIELD("postcode",             FER_OBJECT, "postcode",      0, "postal code", .of = &filter),
	FER_FIELD("region",               FER_OBJECT, "region",        0, "region", .of = &filter),
	FER_FIELD("region_id",            FER_OBJECT, "region_id",     0, "region", .of = &filter),
	FER_FIELD("city",                 FER_OBJECT, "city",          0, "city", .of = &filter),
	FER_FIELD("street",               FER_OBJECT, "street",        0, "street", .of = &filter),
	FER_FIELD("name",                 FER_OBJECT, "frontend_name", 0, "what the shop calls it", .of = &filter),
	FER_FIELD("pickup_location_code", FER_OBJECT, "source_code",   0, "source", .of = &filter),
};
static const struct fer_entity filters = { .name = "inventory-in-store-pickup-api-data-search-request-filters-interface", .constructed = true,
                                         FER_FIELDS(filters_fields) };

static const struct fer_field product_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "a location must hold it"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_IN_ONLY, "none declared", .of = &fer_no_extension),
};
static const struct fer_entity product = { .name = "inventory-in-store-pickup-api-data-search-request-product-info-interface", FER_FIELDS(product_fields) };
static const struct fer_field extension_fields[] = {
	FER_FIELD("products_info", FER_OBJECT, NULL, FER_MANY, "locations that hold all of these", .of = &product),
};
static const struct fer_entity extension = { .name = "inventory-in-store-pickup-api-data-search-request-extension-interface", FER_FIELDS(extension_fields) };

static const struct fer_field request_fields[] = {
	FER_FIELD("area",                 FER_OBJECT,    NULL, 0, "near a place", .of = &area),
	FER_FIELD("filters",              FER_OBJECT,    NULL, 0, "conditions", .of = &filters),
	FER_FIELD("page_size",            FER_INT,       NULL, 0, "rows of a page"),
	FER_FIELD("current_page",         FER_INT,       NULL, 0, "from 1", .otherwise = "1"),
	FER_FIELD("scope_type",           FER_STRING,    NULL, 0, "website", .otherwise = "website"),
	FER_FIELD("scope_code",           FER_STRING,    NULL, 0, "code of the website"),
	FER_FIELD("sort",                 FER_OBJECT,    NULL, FER_MANY, "order", .of = &fer_sort_order),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "products", .of = &extension),
};
static const struct fer_entity request = { .name = "inventory-in-store-pickup-api-data-search-request-interface", .constructed = true,
                                         FER_FIELDS(request_fields) };

/* What is answered: the field of the source behind each. */
static const struct location_field { const char *name, *of_source; } location_names[] = {
	{ "pickup_location_code", "source_code" }, { "name", "frontend_name" }, { "email", "email" }, { "fax", "fax" },
	{ "contact_name", "contact_name" }, { "description", "frontend_description" }, { "latitude", "latitude" },
	{ "longitude", "longitude" }, { "country_id", "country_id" }, { "region_id", "region_id" }, { "region", "region" }, { "city", "city" },
	{ "street", "street" }, { "postcode", "postcode" }, { "phone", "phone" },
};

/* -- search criteria of sources ----------------------------------------------------------------------------------- */

static void add_filter(struct fer_call *call, struct fer_value *groups, const char *field, const struct fer_value *value, const struct fer_value *condition)
{
	struct fer_value *group = fer_push(call->arena, groups, fer_map()), *list = fer_set(call->arena, group, "filters", fer_list());
	struct fer_value *row = fer_push(call->arena, list, fer_map());

	fer_append(call->arena, row, FER_S("field"), fer_text(field));
	fer_append(call->arena, row, FER_S("value"), value ? *value : fer_null());
	fer_append(call->arena, row, FER_S("condition_type"), condition ? *condition : fer_text("eq"));
}

static void add_codes(struct fer_call *call, struct fer_value *groups, const struct fer_value *codes)
{
	struct fer_value in = fer_text("in");

	add_filter(call, groups, "source_code", codes, &in);
}

static int add_statement(struct fer_call *call, struct fer_query *query, struct fer_value *groups)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value codes = fer_list();
	int r = fer_query_open(call->db, query, &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		fer_push(call->arena, &codes, fer_string(fer_col_dup(call->arena, stmt, 0)));
		r = 0;
	}
	add_codes(call, groups, &codes);
	return r;
}

/* The sources of the channel's stock. */
static int add_scope(struct fer_call *call, const struct fer_value *asked, struct fer_value *groups)
{
	struct fer_query query;
	int64_t stock_id;
	int r = fer_stock_of_channel(call, fer_map_str(call->arena, asked, "scope_type"), fer_map_str(call->arena, asked, "scope_code"), &stock_id);

	if (r)
		return r;
	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT source_code FROM inventory_source_stock_link WHERE stock_id = ?");
	fer_query_bind(&query, fer_int(stock_id));
	return add_statement(call, &query, groups);
}

/* The sources that hold every one of some products. */
static int add_products(struct fer_call *call, const struct fer_value *asked, struct fer_value *groups)
{
	const struct fer_value *info = fer_get(fer_get(asked, "extension_attributes"), "products_info");
	struct fer_value skus = fer_list();
	struct fer_query query;

	if (!fer_count(info))
		return 0;
	for (size_t i = 0; i < fer_count(info); i++) {
		const struct fer_value *sku = fer_get(fer_at(info, i), "sku");
		size_t k = 0;

		while (k < fer_count(&skus) && !fer_same(fer_at(&skus, k), sku))
			k++;
		if (sku && k == fer_count(&skus))
			fer_push(call->arena, &skus, *sku);
	}
	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT source_code FROM inventory_source_item WHERE sku");
	fer_query_in(&query, &skus);
	fer_query_add(&query, " GROUP BY source_code HAVING COUNT(sku) = ?");
	fer_query_bind(&query, fer_int((int64_t)fer_count(&skus)));
	return add_statement(call, &query, groups);
}

static struct fer_value sort_orders(struct fer_call *call, const struct fer_value *asked)
{
	static const char *const renamed[][2] = { { "name", "frontend_name" }, { "pickup_location_code", "source_code" },
	                                          { "description", "frontend_description" } };
	struct fer_value list = fer_list();

	for (size_t i = 0; i < fer_count(asked); i++) {
		struct fer_value row = fer_clone(call->arena, fer_at(asked, i));
		struct fer_str field = fer_map_str(call->arena, &row, "field");

		if (fer_str_is(field, "distance"))
			continue;
		for (size_t k = 0; k < FER_ARRAY_LEN(renamed); k++)
			if (fer_str_is(field, renamed[k][0]))
				fer_set(call->arena, &row, "field", fer_text(renamed[k][1]));
		fer_push(call->arena, &list, row);
	}
	return list;
}

/* -- near a place ------------------------------------------------------------------------------------------------- */

struct near {
	struct fer_value codes;       /* of sources within the radius … */
	double *km;                   /* … and how far each is from the nearest of the places that are meant */
};

static double radians(double degrees)
{
	return degrees * PI / 180;
}

static double km_between(struct fer_place a, struct fer_place b)
{
	double cosine = cos(radians(a.lat)) * cos(radians(b.lat)) * cos(radians(b.lng) - radians(a.lng)) + sin(radians(a.lat)) * sin(radians(b.lat));

	return EARTH_RADIUS_KM * acos(fmax(-1, fmin(1, cosine)));
}

/* "10001:US" or "Austin:US": what has a digit is a postal code, for want of the patterns of all countries. */
static struct fer_value address_of(struct fer_call *call, struct fer_str term)
{
	struct fer_str delimiter = fer_stock_config(call, DELIMITER), country = FER_STR_NONE, what = FER_STR_NONE;
	struct fer_value address = fer_map();
	char between = delimiter.len ? delimiter.at[0] : ':';
	bool digit = false;

	fer_str_cut(&term, between, &what);
	while (fer_str_cut(&term, between, &country))
		;
	country = fer_str_trim(country);
	what = fer_str_trim(what);
	for (size_t i = 0; i < what.len; i++)
		digit |= what.at[i] >= '0' && what.at[i] <= '9';
	fer_append(call->arena, &address, FER_S("country"), fer_string(country.len ? country : fer_stock_config(call, COUNTRY)));
	fer_append(call->arena, &address, digit ? FER_S("postcode") : FER_S("city"), fer_string(what));
	return address;
}

static void add_near(struct fer_call *call, struct near *near, const struct fer_value *source, const struct fer_place *places, size_t n, double radius)
{
	struct fer_place there = { fer_as_double(fer_get(source, "latitude")), fer_as_double(fer_get(source, "longitude")) };
	double least = INFINITY;

	for (size_t i = 0; i < n; i++)
		least = fmin(least, km_between(places[i], there));
	if (!fer_has(source, "latitude") || !fer_has(source, "longitude") || least > radius)
		return;
	near->km[fer_count(&near->codes)] = least;
	fer_push(call->arena, &near->codes, *fer_get(source, "source_code"));
}

/* A place that nobody knows has nothing near it. */
static int find_near(struct fer_call *call, const struct fer_value *wanted, struct near *near)
{
	struct fer_value address = address_of(call, fer_map_str(call->arena, wanted, "search_term")), sources;
	struct fer_place *places;
	struct fer_query tail;
	size_t n;
	int r = fer_place_of_address(call, &address, &places, &n);

	near->codes = fer_list();
	if (r > 0)
		call->fault.n = 0;
	if (r)
		return r < 0 ? r : 0;
	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " WHERE main.enabled = 1");
	if ((r = fer_select(call, &fer_source, &tail, &sources)))
		return r;
	near->km = FER_NEW_ARRAY(call->arena, fer_count(&sources) + 1, double);
	for (size_t i = 0; i < fer_count(&sources); i++)
		add_near(call, near, fer_at(&sources, i), places, n, (double)fer_map_int(wanted, "radius", 0));
	return 0;
}

static double km_of(const struct near *near, const struct fer_value *location)
{
	for (size_t i = 0; i < fer_count(&near->codes); i++)
		if (fer_same(fer_at(&near->codes, i), fer_get(location, "pickup_location_code")))
			return near->km[i];
	return INFINITY;
}

/* Nearest first, or last; a list of one page, so that insertion will do. */
static void sort_by_distance(const struct near *near, struct fer_value *items, bool down)
{
	for (size_t i = 1; i < fer_count(items); i++)
		for (size_t k = i; k; k--) {
			double a = km_of(near, &items->list.items[k - 1]), b = km_of(near, &items->list.items[k]);
			struct fer_value kept = items->list.items[k];

			if (down ? a >= b : a <= b)
				break;
			items->list.items[k] = items->list.items[k - 1];
			items->list.items[k - 1] = kept;
		}
}

/* Without an order nearness is it; "distance" may be named as one. */
static void order_near(struct fer_call *call, const struct fer_value *asked, const struct near *near, struct fer_value *items)
{
	const struct fer_value *orders = fer_get(asked, "sort");

	if (fer_is_null(orders))
		sort_by_distance(near, items, false);
	for (size_t i = 0; i < fer_count(orders); i++)
		if (fer_str_is(fer_map_str(call->arena, fer_at(orders, i), "field"), "distance")) {
			sort_by_distance(near, items, fer_str_is(fer_map_str(call->arena, fer_at(orders, i), "direction"), "DESC"));
			return;
		}
}

/* -- answering ---------------------------------------------------------------------------------------------------- */

static struct fer_value location_of(struct fer_call *call, const struct fer_value *source)
{
	const struct fer_value *shop = fer_get(source, "extension_attributes");
	struct fer_value out = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(location_names); i++) {
		const char *name = location_names[i].of_source;
		const struct fer_value *v = fer_get(shop, name) ? fer_get(shop, name) : fer_get(source, name);

		if (!fer_is_null(v))
			fer_append(call->arena, &out, fer_str(location_names[i].name), *v);
	}
	return out;
}

static int set_criteria(struct fer_call *call, const struct fer_value *asked, struct near *near)
{
	struct fer_value criteria = fer_map(), groups = fer_list(), one = fer_text("1");
	int r;

	add_filter(call, &groups, "enabled", &one, NULL);
	add_filter(call, &groups, "is_pickup_location_active", &one, NULL);
	for (size_t i = 0; i < FER_ARRAY_LEN(filters_fields); i++) {
		const struct fer_value *f = fer_get(fer_get(asked, "filters"), filters_fields[i].name);

		if (!fer_is_null(f))
			add_filter(call, &groups, filters_fields[i].column, fer_get(f, "value"), fer_get(f, "condition_type"));
	}
	if (fer_has(asked, "area") && (r = find_near(call, fer_get(asked, "area"), near)))
		return r;
	if (fer_has(asked, "area"))
		add_codes(call, &groups, &near->codes);
	if ((r = add_scope(call, asked, &groups)) || (r = add_products(call, asked, &groups)))
		return r;
	fer_set(call->arena, &criteria, "filter_groups", groups);
	fer_set(call->arena, &criteria, "sort_orders", sort_orders(call, fer_get(asked, "sort")));
	fer_set(call->arena, &criteria, "page_size", fer_int(fer_map_int(asked, "page_size", 0)));
	fer_set(call->arena, &criteria, "current_page", fer_int(fer_map_int(asked, "current_page", 1)));
	fer_set(call->arena, &call->args, "searchCriteria", criteria);
	return 0;
}

static int list_locations(struct fer_call *call)
{
	const struct fer_value *asked = fer_arg(call, "searchRequest");
	struct fer_value found, shown, out = fer_map(), items = fer_list();
	struct near near = { .km = NULL };
	int r;

	if (!fer_has(asked, "scope_code"))
		return -EINVAL;                               /* Magento cannot make the object: a masked 500 */
	if ((r = set_criteria(call, asked, &near)) || (r = fer_search(call, &fer_source, &found)))
		return r;
	for (size_t i = 0; i < fer_count(fer_get(&found, "items")); i++)
		fer_push(call->arena, &items, location_of(call, fer_at(fer_get(&found, "items"), i)));
	if (fer_has(asked, "area"))
		order_near(call, asked, &near, &items);
	shown = fer_shape(call, &request, asked);
	if (fer_has(asked, "current_page"))
		fer_set(call->arena, &shown, "current_page", fer_int(fer_map_int(asked, "current_page", 1)));
	fer_append(call->arena, &out, FER_S("items"), items);
	fer_append(call->arena, &out, FER_S("search_request"), shown);
	fer_append(call->arena, &out, FER_S("total_count"), *fer_get(&found, "total_count"));
	return fer_answer(call, out);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field location_fields[] = {
	FER_FIELD("pickup_location_code", FER_STRING, NULL, 0, "source"),
	FER_FIELD("name", FER_STRING, NULL, 0, "what the shop calls it"),
	FER_FIELD("email", FER_STRING, NULL, 0, "of the contact"),
	FER_FIELD("fax", FER_STRING, NULL, 0, "fax"),
	FER_FIELD("contact_name", FER_STRING, NULL, 0, "who answers there"),
	FER_FIELD("description", FER_STRING, NULL, 0, "what the shop says of it"),
	FER_FIELD("latitude", FER_DECIMAL, NULL, 0, "degrees north"),
	FER_FIELD("longitude", FER_DECIMAL, NULL, 0, "degrees east"),
	FER_FIELD("country_id", FER_STRING, NULL, 0, "ISO 3166 alpha-2"),
	FER_FIELD("region_id", FER_INT, NULL, 0, "region"),
	FER_FIELD("region", FER_STRING, NULL, 0, "region where it has no id"),
	FER_FIELD("city", FER_STRING, NULL, 0, "city"),
	FER_FIELD("street", FER_STRING, NULL, 0, "street"),
	FER_FIELD("postcode", FER_STRING, NULL, 0, "postal code"),
	FER_FIELD("phone", FER_STRING, NULL, 0, "telephone"),
};
static const struct fer_entity location = { .name = "inventory-in-store-pickup-api-data-pickup-location-interface", FER_FIELDS(location_fields) };
static const struct fer_field result_fields[] = {
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY, "locations", .of = &location),
	FER_FIELD("search_request", FER_OBJECT, NULL, 0, "what was asked", .of = &request),
	FER_FIELD("total_count", FER_INT, NULL, 0, "locations in all pages"),
};
static const struct fer_entity result = { .name = "inventory-in-store-pickup-api-data-search-result-interface", FER_FIELDS(result_fields) };

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/in-store-pickup/pickup-locations/", "anonymous", list_locations, &result,
	  FER_PARAMS({ "searchRequest", FER_OBJECT, FER_REQ, &request, NULL }), .cached = true,
	  .service = "inventoryInStorePickupApiGetPickupLocationsV1",
	  .summary = "Where customers may fetch their orders", .source = "Magento_InventoryInStorePickupApi webapi.xml" },
};

const struct fer_route_table fer_routes_pickup_location = FER_ROUTE_TABLE(rows);
