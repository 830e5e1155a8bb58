/*
 * Magento_InventoryApi: sources, the places that hold goods. A post of a known code and a put of an unknown one are both a save.
 * Source: Magento_Inventory Model\Source, Magento_InventoryInStorePickup Plugin\InventoryApi\SourceRepository, 2.4.7, as recorded.
 */
#include "inventory/inventory.h"

#include "api/search.h"
#include "inventory/distance.h"

static const struct fer_field carrier_fields[] = {
	FER_FIELD("carrier_code", FER_STRING, NULL, 0, "shipping carrier"),
	FER_FIELD("position",     FER_INT,    NULL, 0, "order among the carriers"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_IN_ONLY, "none declared", .of = &fer_no_extension),
};
static const struct fer_entity carrier_link = { .name = "inventory-api-data-source-carrier-link-interface", FER_FIELDS(carrier_fields) };

static const struct fer_field extension_fields[] = {
	FER_FIELD("is_pickup_location_active", FER_BOOL,   NULL, 0, "customers may fetch their orders here"),
	FER_FIELD("frontend_name",             FER_STRING, NULL, 0, "what the shop calls it"),
	FER_FIELD("frontend_description",      FER_STRING, NULL, 0, "what the shop says of it"),
};
static const struct fer_entity extension = { .name = "inventory-api-data-source-extension-interface", FER_FIELDS(extension_fields) };

static const struct fer_field fields[] = {
	/*        JSON                          type         column                        flags                     meaning */
	FER_FIELD("source_code",                FER_STRING,  "source_code",                FER_KEY,                  "code, chosen by whoever makes it", .max = 255),
	FER_FIELD("name",                       FER_STRING,  "name",                       FER_SEARCH,               "for people", .max = 255),
	FER_FIELD("email",                      FER_STRING,  "email",                      FER_SEARCH,               "of the contact", .max = 255),
	FER_FIELD("contact_name",               FER_STRING,  "contact_name",               FER_SEARCH,               "who answers there", .max = 255),
	FER_FIELD("enabled",                    FER_BOOL,    "enabled",                    FER_SEARCH,               "goods are sold from here"),
	FER_FIELD("description",                FER_STRING,  "description",                FER_SEARCH,               "free text"),
	FER_FIELD("latitude",                   FER_DECIMAL, "latitude",                   FER_SEARCH,               "degrees north", .scale = 6, .digits = 8),
	FER_FIELD("longitude",                  FER_DECIMAL, "longitude",                  FER_SEARCH,               "degrees east", .scale = 6, .digits = 9),
	FER_FIELD("country_id",                 FER_STRING,  "country_id",                 FER_SEARCH,               "ISO 3166 alpha-2", .max = 2),
	FER_FIELD("region_id",                  FER_INT,     "region_id",                  FER_SEARCH,               "region"),
	FER_FIELD("region",                     FER_STRING,  "region",                     FER_SEARCH,               "region where it has no id", .max = 255),
	FER_FIELD("city",                       FER_STRING,  "city",                       FER_SEARCH,               "city", .max = 255),
	FER_FIELD("street",                     FER_STRING,  "street",                     FER_SEARCH,               "street", .max = 255),
	FER_FIELD("postcode",                   FER_STRING,  "postcode",                   FER_SEARCH,               "postal code", .max = 255),
	FER_FIELD("phone",                      FER_STRING,  "phone",                      FER_SEARCH,               "telephone", .max = 255),
	FER_FIELD("fax",                        FER_STRING,  "fax",                        FER_SEARCH,               "fax", .max = 255),
	FER_FIELD("use_default_carrier_config", FER_BOOL,    "use_default_carrier_config", FER_SEARCH,               "answered as true, whatever is stored"),
	FER_FIELD("carrier_links",              FER_OBJECT,  NULL,                         FER_MANY,                 "carriers of its own", .of = &carrier_link),
	FER_FIELD("extension_attributes",       FER_EXTENSION, NULL,                       0,                        "in-store pickup", .of = &extension),
	FER_FIELD("is_pickup_location_active",  FER_BOOL,    "is_pickup_location_active",  FER_INNER,                "see extension_attributes"),
	FER_FIELD("frontend_name",              FER_STRING,  "frontend_name",              FER_INNER,                "see extension_attributes", .max = 255),
	FER_FIELD("frontend_description",       FER_STRING,  "frontend_description",       FER_INNER,                "see extension_attributes"),
};

/* -- checks ------------------------------------------------------------------------------------------------------- */

static bool is_default(struct fer_call *call, const struct fer_value *record)
{
	return fer_is_default_source(fer_map_str(call->arena, record, "source_code"));
}

static int default_enabled(struct fer_call *call, const struct fer_value *record, const char *field)
{
	return is_default(call, record) && !fer_map_bool(record, field, false) ? fer_fail(call, FER_E_SOURCE_DEFAULT_DISABLED, NULL) : 0;
}

static bool is_pickup(const struct fer_value *record)
{
	return fer_map_bool(fer_get(record, "extension_attributes"), "is_pickup_location_active", false);
}

static int filled_for_pickup(struct fer_call *call, const struct fer_value *record, const char *field)
{
	/* Magento looks at the city where it speaks of the phone. */
	const char *looked_at = strcmp(field, "phone") ? field : "city";

	if (!is_pickup(record) || fer_str_trim(fer_map_str(call->arena, record, looked_at)).len)
		return 0;
	return fer_fail(call, FER_E_FIELD_EMPTY_FOR_PICKUP, "field", fer_text(field), NULL);
}

static int default_no_pickup(struct fer_call *call, const struct fer_value *record, const char *field FER_UNUSED)
{
	return is_default(call, record) && is_pickup(record) ? fer_fail(call, FER_E_SOURCE_DEFAULT_PICKUP, NULL) : 0;
}

/* Magento's source says of itself that it uses the shop's carriers, whatever is stored: so it takes none of its own. */
static int no_carriers(struct fer_call *call, const struct fer_value *record, const char *field)
{
	return fer_count(fer_get(record, field)) ? fer_fail(call, FER_E_SOURCE_CARRIERS, "field", fer_text(field), NULL) : 0;
}

static const struct fer_validator validators[] = {
	{ "name", fer_valid_filled }, { "name", fer_valid_plain },
	{ "source_code", fer_valid_filled }, { "source_code", fer_valid_no_whitespace }, { "source_code", fer_valid_plain },
	{ "postcode", fer_valid_filled }, { "country_id", fer_valid_filled },
	{ "carrier_links", no_carriers },
	{ "enabled", default_enabled },
	{ "city", filled_for_pickup }, { "street", filled_for_pickup }, { "phone", filled_for_pickup },
	{ "is_pickup_location_active", default_no_pickup },
};

/* Each save sets what the shop shows anew: without a name of its own it is the source's. */
static void set_pickup(struct fer_call *call, struct fer_value *record)
{
	const struct fer_value *sent = fer_get(record, "extension_attributes"), *text = fer_get(sent, "frontend_description");
	struct fer_str name = fer_map_str(call->arena, sent, "frontend_name");

	fer_set(call->arena, record, "is_pickup_location_active", fer_bool(is_pickup(record)));
	fer_set(call->arena, record, "frontend_name", name.len ? fer_string(name) : *fer_get(record, "name"));
	fer_set(call->arena, record, "frontend_description", text ? *text : fer_null());
}

/* A source without a place is given that of its address, where somebody can tell it. */
static int set_place(struct fer_call *call, struct fer_value *record)
{
	struct fer_value address = fer_clone(call->arena, record);
	struct fer_place *places;
	size_t n;
	int r;

	if (fer_as_decimal(fer_get(record, "latitude")) || fer_as_decimal(fer_get(record, "longitude")))
		return 0;
	fer_set(call->arena, &address, "country", *fer_get(record, "country_id"));
	if ((r = fer_place_of_address(call, &address, &places, &n))) {
		call->fault.n = r > 0 ? 0 : call->fault.n;
		return r < 0 ? r : 0;
	}
	fer_set(call->arena, record, "latitude", fer_decimal(fer_decimal_from_double(places[0].lat)));
	fer_set(call->arena, record, "longitude", fer_decimal(fer_decimal_from_double(places[0].lng)));
	return 0;
}

static int check_source(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	static const char *const flags[] = { "enabled", "use_default_carrier_config" };
	int r = fer_valid_all(call, record, validators, FER_ARRAY_LEN(validators));

	if (r)
		return r;
	for (size_t i = 0; i < FER_ARRAY_LEN(flags); i++)
		if (!fer_has(record, flags[i]))
			fer_unset(record, flags[i]);
	set_pickup(call, record);
	return set_place(call, record);
}

/* -- what stands in a table of its own ---------------------------------------------------------------------------- */

/* Carriers that another program left there go with the next save. */
static int source_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	return fer_sql_run(call->db, FER_SQL_SOURCE_CARRIERS_CLEAR, NULL, "s", fer_map_str(call->arena, record, "source_code"));
}

static int read_carriers(struct fer_call *call, struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value links = fer_list(), link;
	int r = fer_sql_open(call->db, FER_SQL_SOURCE_CARRIERS, &stmt, "s", fer_map_str(call->arena, record, "source_code"));

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		link = fer_map();
		fer_set(call->arena, &link, "carrier_code", fer_string(fer_col_dup(call->arena, stmt, 0)));
		fer_set(call->arena, &link, "position", fer_col_null(stmt, 1) ? fer_null() : fer_int(fer_col_int(stmt, 1)));
		fer_push(call->arena, &links, link);
		r = 0;
	}
	fer_set(call->arena, record, "carrier_links", links);
	return r;
}

static int sources_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++) {
		struct fer_value shown = fer_map();

		for (size_t k = 0; k < FER_ARRAY_LEN(extension_fields); k++)
			fer_append(call->arena, &shown, fer_str(extension_fields[k].name), *fer_get(&records[i], extension_fields[k].name));
		fer_set(call->arena, &records[i], "extension_attributes", shown);
		fer_set(call->arena, &records[i], "use_default_carrier_config", fer_bool(true));
		r = read_carriers(call, &records[i]);
	}
	return r;
}

const struct fer_entity fer_source = {
	.name = "inventory-api-data-source-interface", .table = "inventory_source", FER_FIELDS(fields), .param = "source",
	.path_id = "sourceCode", .missing = FER_E_SOURCE_MISSING, .invalid = FER_E_VALIDATION_FAILED,
	.zero_is_key = true, .upserts = true, .echoes = true, .answers = FER_ANSWERS_NOTHING,
	.check = check_source, .saved = source_saved, .loaded = sources_loaded,
};

/* -- handlers of their own ---------------------------------------------------------------------------------------- */

static int list_of_stock(struct fer_call *call)
{
	struct fer_value rows, out = fer_list();
	struct fer_query tail;
	int r;

	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " JOIN inventory_source_stock_link link ON link.source_code = main.source_code WHERE link.stock_id = ?"
	                     " ORDER BY link.priority, link.link_id");
	fer_query_bind(&tail, *fer_arg(call, "stockId"));
	if ((r = fer_select(call, &fer_source, &tail, &rows)))
		return r;
	for (size_t i = 0; i < fer_count(&rows); i++)
		fer_push(call->arena, &out, fer_shape(call, &fer_source, fer_at(&rows, i)));
	return fer_answer(call, out);
}

#define SEE "Magento_InventoryApi::source"
#define EDIT "Magento_InventoryApi::source_edit"
#define SOURCE "Magento_InventoryApi webapi.xml"
#define SOURCE_BODY FER_PARAMS({ "source", FER_OBJECT, FER_REQ, &fer_source, NULL })
#define CODE_PATH FER_PARAMS({ "sourceCode", FER_STRING, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/sources", SEE, fer_entity_search, &fer_source,
	  FER_PARAMS({ "searchCriteria", FER_OBJECT, 0, &fer_search_criteria, NULL }), .search = true, .cached = true,
	  .service = "inventoryApiSourceRepositoryV1", .summary = "Sources that match", .source = SOURCE },
	{ FER_POST, "/V1/inventory/sources", EDIT, fer_entity_save, &fer_source, SOURCE_BODY,
	  .service = "inventoryApiSourceRepositoryV1",
	  .summary = "Make a source, or change the one that has the code", .source = SOURCE },
	{ FER_GET, "/V1/inventory/sources/:sourceCode", SEE, fer_entity_get, &fer_source, CODE_PATH, .cached = true,
	  .service = "inventoryApiSourceRepositoryV1", .summary = "One source", .source = SOURCE },
	{ FER_PUT, "/V1/inventory/sources/:sourceCode", EDIT, fer_entity_save, &fer_source,
	  FER_PARAMS({ "sourceCode", FER_STRING, FER_REQ, NULL, NULL }, { "source", FER_OBJECT, FER_REQ, &fer_source, NULL }),
	  .service = "inventoryApiSourceRepositoryV1", .summary = "Change a source, or make one with the code", .source = SOURCE },
	{ FER_GET, "/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/:stockId", SEE, list_of_stock, &fer_source,
	  FER_PARAMS({ "stockId", FER_INT, FER_REQ, NULL, NULL }), .many = true, .cached = true,
	  .service = "inventoryApiGetSourcesAssignedToStockOrderedByPriorityV1",
	  .summary = "The sources of a stock, by priority", .source = SOURCE },
};

const struct fer_route_table fer_routes_source = FER_ROUTE_TABLE(rows);
