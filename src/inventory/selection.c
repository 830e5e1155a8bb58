/*
 * Magento_InventorySourceSelectionApi: from which sources of a stock an order would be sent, by their priority or by how near they are.
 * Source: Magento_InventorySourceSelection, Magento_InventoryDistanceBasedSourceSelection Model\Algorithms, 2.4.7, as recorded.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "api/search.h"
#include "inventory/distance.h"
#include "inventory/inventory.h"

struct origin {
	struct fer_str code;
	double metres;                /* INFINITY: nobody knows */
	size_t rank;                  /* by priority */
};

struct origins {
	struct origin *at;
	size_t n;
};

/* -- algorithms: each puts the enabled sources of a stock in order ------------------------------------------------ */

/* The address of a row of FER_SQL_SELECTION_SOURCES; a source at 0 north or east has no place of its own. */
static int place_of_source(struct fer_call *call, const struct fer_value *source, struct fer_place *out)
{
	struct fer_place *places;
	size_t n;
	int r;

	*out = (struct fer_place){ fer_as_double(fer_get(source, "lat")), fer_as_double(fer_get(source, "lng")) };
	if (fpclassify(out->lat) != FP_ZERO && fpclassify(out->lng) != FP_ZERO)
		return 0;
	if (!(r = fer_place_of_address(call, source, &places, &n)))
		*out = places[0];
	return r;
}

/* What a provider cannot say is no failure here. */
static int metres_to(struct fer_call *call, const struct fer_value *source, const struct fer_value *destination, double *metres)
{
	struct fer_place from, *to;
	size_t n;
	int r;

	if ((r = place_of_source(call, source, &from)) || (r = fer_place_of_address(call, destination, &to, &n)) ||
	    (r = fer_distance(call, from, to[0], metres)))
		*metres = INFINITY;
	if (r > 0)
		call->fault.n = 0;
	return r < 0 ? r : 0;
}

static int read_sources(struct fer_call *call, int64_t stock_id, struct fer_value *list)
{
	static const char *const names[] = { "code", "lat", "lng", "country", "postcode", "street", "region", "city" };
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_SELECTION_SOURCES, &stmt, "i", stock_id);

	*list = fer_list();
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct fer_value *source = fer_push(call->arena, list, fer_map());

		for (size_t i = 0; i < FER_ARRAY_LEN(names); i++)
			fer_append(call->arena, source, fer_str(names[i]), fer_string(fer_col_dup(call->arena, stmt, (int)i)));
		r = 0;
	}
	return r;
}

static int by_distance(const void *a, const void *b)
{
	const struct origin *x = a, *y = b;

	if (x->metres < y->metres || x->metres > y->metres)
		return x->metres < y->metres ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_priority(struct fer_call *call FER_UNUSED, const struct fer_value *sources FER_UNUSED, struct origins *out FER_UNUSED)
{
	return 0;
}

static int by_nearness(struct fer_call *call, const struct fer_value *sources, struct origins *out)
{
	const struct fer_value *extension = fer_get(fer_arg(call, "inventoryRequest"), "extension_attributes");
	const struct fer_value *destination = fer_get(extension, "destination_address");
	int r = 0;

	if (fer_is_null(destination))
		return fer_fail(call, FER_E_NO_DESTINATION, NULL);
	for (size_t i = 0; i < out->n && !r; i++)
		r = metres_to(call, fer_at(sources, i), destination, &out->at[i].metres);
	qsort(out->at, out->n, sizeof(*out->at), by_distance);
	return r;
}

static const struct algorithm {
	const char *code, *title, *description;
	int (*sort)(struct fer_call *call, const struct fer_value *sources, struct origins *out);
} algorithms[] = {
	{ "distance", "Distance Priority", "Algorithm which provides Source Selections based on shipping address distance from the source", by_nearness },
	{ "priority", "Source Priority", "Algorithm which provides Source Selections based on predefined priority of Source", by_priority },
};

/* -- what they hold ----------------------------------------------------------------------------------------------- */

/* The last of several requests for one SKU counts. */
struct wanted {
	struct fer_str sku;
	fer_micro qty;
};

struct selection {
	struct wanted *wanted;
	size_t n;
	struct fer_value items;
};

static struct wanted *find_wanted(const struct selection *s, struct fer_str sku)
{
	for (size_t i = 0; i < s->n; i++)
		if (fer_str_ieq(s->wanted[i].sku, sku))
			return &s->wanted[i];
	return NULL;
}

static void read_wanted(struct fer_call *call, const struct fer_value *items, struct selection *s)
{
	s->wanted = FER_NEW_ARRAY(call->arena, fer_count(items) + 1, struct wanted);
	s->items = fer_list();
	for (size_t i = 0; i < fer_count(items); i++) {
		struct wanted w = { fer_map_str(call->arena, fer_at(items, i), "sku"), fer_as_decimal(fer_get(fer_at(items, i), "qty")) };
		struct wanted *there = find_wanted(s, w.sku);

		*(there ? there : &s->wanted[s->n++]) = w;
	}
}

static int read_held(struct fer_call *call, const struct selection *s, struct fer_value *held)
{
	struct fer_value skus = fer_list();
	struct fer_query tail;

	for (size_t i = 0; i < s->n; i++)
		fer_push(call->arena, &skus, fer_string(s->wanted[i].sku));
	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " WHERE main.status = 1 AND main.source_code IN (SELECT l.source_code FROM inventory_source_stock_link l WHERE l.stock_id = ?)"
	                     " AND main.sku");
	fer_query_bind(&tail, *fer_get(fer_arg(call, "inventoryRequest"), "stock_id"));
	fer_query_in(&tail, &skus);
	fer_query_add(&tail, " ORDER BY main.source_item_id");
	return fer_select(call, &fer_source_item, &tail, held);
}

static void take(struct fer_call *call, struct selection *s, const struct fer_value *held)
{
	struct fer_value *out = fer_push(call->arena, &s->items, fer_map());
	fer_micro there = fer_as_decimal(fer_get(held, "quantity"));
	struct wanted *w = find_wanted(s, fer_map_str(call->arena, held, "sku"));
	fer_micro most = there > 0 ? there : 0, taken = !w ? 0 : most < w->qty ? most : w->qty;

	if (w)
		w->qty -= taken;
	fer_append(call->arena, out, FER_S("source_code"), *fer_get(held, "source_code"));
	fer_append(call->arena, out, FER_S("sku"), *fer_get(held, "sku"));
	fer_append(call->arena, out, FER_S("qty_to_deduct"), fer_decimal(taken));
	fer_append(call->arena, out, FER_S("qty_available"), fer_decimal(there));
}

static void take_all(struct fer_call *call, struct selection *s, const struct origins *origins, const struct fer_value *held)
{
	for (size_t i = 0; i < origins->n; i++)
		for (size_t k = 0; k < fer_count(held); k++)
			if (fer_str_ieq(fer_map_str(call->arena, fer_at(held, k), "source_code"), origins->at[i].code))
				take(call, s, fer_at(held, k));
}

/* -- handlers ----------------------------------------------------------------------------------------------------- */

static int sort_sources(struct fer_call *call, const struct algorithm *algorithm, struct origins *out)
{
	struct fer_value sources;
	int r = read_sources(call, fer_map_int(fer_arg(call, "inventoryRequest"), "stock_id", 0), &sources);

	if (r)
		return r;
	out->n = fer_count(&sources);
	out->at = FER_NEW_ARRAY(call->arena, out->n + 1, struct origin);
	for (size_t i = 0; i < out->n; i++)
		out->at[i] = (struct origin){ fer_map_str(call->arena, fer_at(&sources, i), "code"), INFINITY, i };
	return algorithm->sort(call, &sources, out);
}

static const struct algorithm *find_algorithm(struct fer_str code)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(algorithms); i++)
		if (fer_str_is(code, algorithms[i].code))
			return &algorithms[i];
	return NULL;
}

/* Each item tells what and how many. */
static bool all_told(const struct fer_value *items)
{
	for (size_t i = 0; i < fer_count(items); i++)
		if (!fer_has(fer_at(items, i), "sku") || !fer_has(fer_at(items, i), "qty"))
			return false;
	return true;
}

static bool is_shippable(const struct selection *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->wanted[i].qty > 0)
			return false;
	return true;
}

static int select_sources(struct fer_call *call)
{
	const struct fer_value *request = fer_arg(call, "inventoryRequest");
	const struct algorithm *algorithm = find_algorithm(fer_arg_str(call, "algorithmCode"));
	struct fer_value held, out = fer_map();
	struct selection s = { .n = 0 };
	struct origins origins;
	int r;

	if (!fer_has(request, "stock_id") || !fer_has(request, "items"))
		return -EINVAL;                               /* Magento cannot make the object: a masked 500 */
	if (!algorithm || !all_told(fer_get(request, "items")))
		return fer_fail(call, FER_E_CRASH, NULL);
	read_wanted(call, fer_get(request, "items"), &s);
	if ((r = sort_sources(call, algorithm, &origins)) || (r = read_held(call, &s, &held)))
		return r;
	take_all(call, &s, &origins, &held);
	fer_append(call->arena, &out, FER_S("source_selection_items"), s.items);
	fer_append(call->arena, &out, FER_S("shippable"), fer_bool(is_shippable(&s)));
	return fer_answer(call, out);
}

static int list_algorithms(struct fer_call *call)
{
	struct fer_value list = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(algorithms); i++) {
		struct fer_value *row = fer_push(call->arena, &list, fer_map());

		fer_append(call->arena, row, FER_S("code"), fer_text(algorithms[i].code));
		fer_append(call->arena, row, FER_S("title"), fer_text(algorithms[i].title));
		fer_append(call->arena, row, FER_S("description"), fer_text(algorithms[i].description));
	}
	return fer_answer(call, list);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field extension_fields[] = {
	FER_FIELD("destination_address", FER_OBJECT, NULL, 0, "where it goes", .of = &fer_distance_address),
};
static const struct fer_entity extension = { .name = "inventory-source-selection-api-data-inventory-request-extension-interface",
                                             FER_FIELDS(extension_fields) };
static const struct fer_field item_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("qty", FER_DECIMAL, NULL, 0, "how many", .digits = 12),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_IN_ONLY, "none declared", .of = &fer_no_extension),
};
static const struct fer_entity item_request = { .name = "inventory-source-selection-api-data-item-request-interface", FER_FIELDS(item_fields) };
static const struct fer_field request_fields[] = {
	FER_FIELD("stock_id", FER_INT, NULL, 0, "stock, sent as stockId"),
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY, "what is wanted", .of = &item_request),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "for some algorithms", .of = &extension),
};
static const struct fer_entity inventory_request = { .name = "inventory-source-selection-api-data-inventory-request-interface", .constructed = true,
                                                    FER_FIELDS(request_fields) };
static const struct fer_field selected_fields[] = {
	FER_FIELD("source_code", FER_STRING, NULL, 0, "source"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("qty_to_deduct", FER_DECIMAL, NULL, 0, "how many to take from it"),
	FER_FIELD("qty_available", FER_DECIMAL, NULL, 0, "how many it holds"),
};
static const struct fer_entity selected = { .name = "inventory-source-selection-api-data-source-selection-item-interface", FER_FIELDS(selected_fields) };
static const struct fer_field result_fields[] = {
	FER_FIELD("source_selection_items", FER_OBJECT, NULL, FER_MANY, "sources in their order", .of = &selected),
	FER_FIELD("shippable", FER_BOOL, NULL, 0, "they have all that is wanted"),
};
static const struct fer_entity result = { .name = "inventory-source-selection-api-data-source-selection-result-interface", FER_FIELDS(result_fields) };
static const struct fer_field algorithm_fields[] = {
	FER_FIELD("code", FER_STRING, NULL, 0, "for requests"),
	FER_FIELD("title", FER_STRING, NULL, 0, "for people"),
	FER_FIELD("description", FER_STRING, NULL, 0, "what it does"),
};
static const struct fer_entity algorithm_entity = {
	.name = "inventory-source-selection-api-data-source-selection-algorithm-interface", FER_FIELDS(algorithm_fields),
};

#define MODULE "Magento_InventorySourceSelectionApi::"
#define SOURCE "Magento_InventorySourceSelectionApi webapi.xml"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/source-selection-algorithm-list", MODULE "source_selection_algorithm", list_algorithms, &algorithm_entity,
	  .many = true, .cached = true,
	  .service = "inventorySourceSelectionApiGetSourceSelectionAlgorithmListV1",
	  .summary = "Ways to choose sources", .source = SOURCE },
	{ FER_POST, "/V1/inventory/source-selection-algorithm-result", MODULE "source_selection_algorithm_post", select_sources, &result,
	  FER_PARAMS({ "inventoryRequest", FER_OBJECT, FER_REQ, &inventory_request, NULL }, { "algorithmCode", FER_STRING, FER_REQ, NULL, NULL }),
	  .service = "inventorySourceSelectionApiSourceSelectionServiceV1",
	  .summary = "Choose the sources for what is wanted", .source = SOURCE },
};

const struct fer_route_table fer_routes_source_selection = FER_ROUTE_TABLE(rows);
