/*
 * Magento_InventoryApi: stocks, and the sales channels that sell from them. A website sells from one stock: one that a stock gives up
 * goes back to the default stock.
 * Source: Magento_Inventory Model\Stock, Magento_InventorySales Plugin\InventoryApi\StockRepository, 2.4.7, as recorded.
 */
#include "inventory/inventory.h"

#include "api/server.h"
#include "store/config.h"

static const struct fer_field channel_fields[] = {
	FER_FIELD("type", FER_STRING, NULL, 0, "website"),
	FER_FIELD("code", FER_STRING, NULL, 0, "code of the website"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_IN_ONLY, "none declared", .of = &fer_no_extension),
};
static const struct fer_entity channel = { .name = "inventory-sales-api-data-sales-channel-interface", FER_FIELDS(channel_fields) };

static const struct fer_field extension_fields[] = {
	FER_FIELD("sales_channels", FER_OBJECT, NULL, FER_MANY, "who sells from it", .of = &channel),
};
static const struct fer_entity extension = { .name = "inventory-api-data-stock-extension-interface", FER_FIELDS(extension_fields) };

static const struct fer_field fields[] = {
	/*        JSON                    type           column      flags       meaning */
	FER_FIELD("stock_id",             FER_INT,       "stock_id", FER_KEY,    "row id; 1 is the default stock"),
	FER_FIELD("name",                 FER_STRING,    "name",     FER_SEARCH, "for people", .max = 255),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,       0,          "sales channels", .of = &extension),
};

static const struct fer_value *channels_of(const struct fer_value *record)
{
	return fer_get(fer_get(record, "extension_attributes"), "sales_channels");
}

/* -- checks ------------------------------------------------------------------------------------------------------- */

static int known_website(struct fer_call *call, const struct fer_value *sent, const char *field)
{
	struct fer_str code = fer_map_str(call->arena, sent, field);
	struct fer_website site;

	if (!fer_str_is(fer_map_str(call->arena, sent, "type"), "website") ||
	    fer_config_website_by_code(call->server->store, code, &site))
		return 0;
	return fer_fail(call, FER_E_STOCK_WEBSITE_UNKNOWN, "code", fer_string(code), NULL);
}

static const struct fer_validator channel_validators[] = {
	{ "type", fer_valid_filled }, { "code", fer_valid_filled }, { "code", known_website },
};

static int check_stock(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	const struct fer_value *channels = channels_of(record);
	int r = fer_valid_filled(call, record, "name"), found;

	for (size_t i = 0; i < fer_count(channels); i++) {
		found = fer_valid_all(call, fer_at(channels, i), channel_validators, FER_ARRAY_LEN(channel_validators));
		r = found ? found : r;
	}
	return r;
}

/* -- channels ----------------------------------------------------------------------------------------------------- */

static int stock_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	const struct fer_value *channels = channels_of(record);
	int64_t id = fer_map_int(record, "stock_id", 0);
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_STOCK_CHANNELS_CLEAR, NULL, "i", id)) ||
	    (r = fer_sql_run(call->db, FER_SQL_STOCK_WEBSITES_DEFAULT, NULL, "i", id)))
		return r;
	for (size_t i = 0; i < fer_count(channels) && !r; i++)
		r = fer_sql_run(call->db, FER_SQL_STOCK_CHANNEL_PUT, NULL, "ssi", fer_map_str(call->arena, fer_at(channels, i), "type"),
		                fer_map_str(call->arena, fer_at(channels, i), "code"), id);
	return r;
}

static void add_channel(struct fer_call *call, struct fer_value *record, struct fer_str type, struct fer_str code)
{
	struct fer_value sold = fer_map();

	fer_append(call->arena, &sold, FER_S("type"), fer_string(type));
	fer_append(call->arena, &sold, FER_S("code"), fer_string(code));
	fer_push(call->arena, fer_get(fer_get(record, "extension_attributes"), "sales_channels"), sold);
}

static int stocks_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_STOCK_CHANNELS, &stmt, "");

	for (size_t i = 0; i < n; i++) {
		struct fer_value *shown = fer_set(call->arena, &records[i], "extension_attributes", fer_map());

		fer_set(call->arena, shown, "sales_channels", fer_list());
	}
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		for (size_t i = 0; i < n; i++)
			if (fer_map_int(&records[i], "stock_id", 0) == fer_col_int(stmt, 0))
				add_channel(call, &records[i], fer_col_dup(call->arena, stmt, 1), fer_col_dup(call->arena, stmt, 2));
		r = 0;
	}
	return r;
}

static int remove_stock(struct fer_call *call, const struct fer_value *record)
{
	int64_t id = fer_map_int(record, "stock_id", 0), sold = 0;
	int r;

	if (id == FER_DEFAULT_STOCK)
		return fer_fail(call, FER_E_STOCK_DEFAULT, NULL);
	if ((r = fer_sql_int(call->db, FER_SQL_STOCK_CHANNEL_OF, 0, &sold, "i", id)))
		return r;
	return sold ? fer_fail(call, FER_E_STOCK_HAS_CHANNEL, NULL) : 0;
}

const struct fer_entity fer_inventory_stock = {
	.name = "inventory-api-data-stock-interface", .table = "inventory_stock", FER_FIELDS(fields), .param = "stock",
	.path_id = "stockId", .missing = FER_E_STOCK_MISSING, .missing_removal = FER_E_STOCK_MISSING_REMOVAL,
	.invalid = FER_E_VALIDATION_FAILED, .upserts = true, .echoes = true, .answers = FER_ANSWERS_KEY,
	.check = check_stock, .saved = stock_saved, .loaded = stocks_loaded, .remove = remove_stock,
};

#define SEE "Magento_InventoryApi::stock"
#define EDIT "Magento_InventoryApi::stock_edit"
#define REMOVE "Magento_InventoryApi::stock_delete"
#define SOURCE "Magento_InventoryApi webapi.xml"
#define ID_PATH FER_PARAMS({ "stockId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/stocks", SEE, fer_entity_search, &fer_inventory_stock,
	  FER_PARAMS({ "searchCriteria", FER_OBJECT, 0, &fer_search_criteria, NULL }), .search = true, .cached = true,
	  .service = "inventoryApiStockRepositoryV1", .summary = "Stocks that match", .source = SOURCE },
	{ FER_POST, "/V1/inventory/stocks", EDIT, fer_entity_save, &fer_inventory_stock,
	  FER_PARAMS({ "stock", FER_OBJECT, FER_REQ, &fer_inventory_stock, NULL }), .returns = FER_INT,
	  .service = "inventoryApiStockRepositoryV1", .summary = "Make a stock", .source = SOURCE },
	{ FER_GET, "/V1/inventory/stocks/:stockId", SEE, fer_entity_get, &fer_inventory_stock, ID_PATH, .cached = true,
	  .service = "inventoryApiStockRepositoryV1", .summary = "One stock", .source = SOURCE },
	{ FER_PUT, "/V1/inventory/stocks/:stockId", EDIT, fer_entity_save, &fer_inventory_stock,
	  FER_PARAMS({ "stockId", FER_INT, FER_REQ, NULL, NULL }, { "stock", FER_OBJECT, FER_REQ, &fer_inventory_stock, NULL }),
	  .returns = FER_INT,
	  .service = "inventoryApiStockRepositoryV1", .summary = "Change a stock, or make one with the id", .source = SOURCE },
	{ FER_DELETE, "/V1/inventory/stocks/:stockId", REMOVE, fer_entity_delete, &fer_inventory_stock, ID_PATH,
	  .service = "inventoryApiStockRepositoryV1", .summary = "Remove a stock", .source = SOURCE },
};

const struct fer_route_table fer_routes_inventory_stock = FER_ROUTE_TABLE(rows);
