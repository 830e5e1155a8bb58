/*
 * Magento_InventoryApi: how much of a SKU a source holds. What the default source holds is also the legacy stock item's.
 * Source: Magento_Inventory Model\SourceItem, Magento_InventoryCatalog Plugin\InventoryApi, 2.4.7, as recorded.
 */
#include "inventory/inventory.h"
#include "inventory/stock_item.h"

static const struct fer_field fields[] = {
	/*        JSON                    type           column            flags                    meaning */
	FER_FIELD("source_item_id",       FER_INT,       "source_item_id", FER_KEY | FER_INNER,     "row id"),
	FER_FIELD("sku",                  FER_STRING,    "sku",            FER_SEARCH | FER_UNIQUE, "product, which need not be there", .max = 64),
	FER_FIELD("source_code",          FER_STRING,    "source_code",    FER_SEARCH | FER_UNIQUE, "source"),
	FER_FIELD("quantity",             FER_DECIMAL,   "quantity",       FER_SEARCH,              "how many", .digits = 12),
	FER_FIELD("status",               FER_INT,       "status",         FER_SEARCH,              "1 in stock, 0 out of stock"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,             FER_IN_ONLY,             "none declared", .of = &fer_no_extension),
};

static int known_status(struct fer_call *call, const struct fer_value *record, const char *field)
{
	int64_t status = fer_map_int(record, field, 0);

	return status == 0 || status == 1 ? 0 : fer_fail(call, FER_E_FIELD_STATUS, "field", fer_text(field), NULL);
}

static const struct fer_validator validators[] = {
	{ "sku", fer_valid_filled }, { "sku", fer_valid_trimmed },
	{ "source_code", fer_valid_filled }, { "source_code", fer_valid_no_whitespace },
	{ "quantity", fer_valid_numeric }, { "status", fer_valid_numeric }, { "status", known_status },
};

static int check_item(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	return fer_valid_all(call, record, validators, FER_ARRAY_LEN(validators));
}

static bool at_default(struct fer_call *call, const struct fer_value *record)
{
	return fer_is_default_source(fer_map_str(call->arena, record, "source_code"));
}

static int item_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	if (!at_default(call, record))
		return 0;
	return fer_stock_item_follow(call, fer_map_str(call->arena, record, "sku"), fer_as_decimal(fer_get(record, "quantity")),
	                             fer_map_int(record, "status", 0));
}

static int remove_item(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str sku = fer_map_str(call->arena, record, "sku");
	int r = fer_sql_run(call->db, FER_SQL_LOW_QUANTITY_DROP, NULL, "ss", fer_map_str(call->arena, record, "source_code"), sku);

	return r || !at_default(call, record) ? r : fer_stock_item_follow(call, sku, 0, 0);
}

const struct fer_entity fer_source_item = {
	.name = "inventory-api-data-source-item-interface", .table = "inventory_source_item", FER_FIELDS(fields),
	.invalid = FER_E_SOURCE_ITEM_INVALID, .not_saved = FER_E_SOURCE_ITEM_NOT_SAVED,
	.check = check_item, .saved = item_saved, .remove = remove_item,
};

#define SEE "Magento_InventoryApi::source"
#define ASSIGN "Magento_InventoryApi::stock_source_item_assign"
#define SOURCE "Magento_InventoryApi webapi.xml"
#define ITEMS_BODY FER_PARAMS({ "sourceItems", FER_OBJECT, FER_REQ | FER_MANY | FER_FILLED, &fer_source_item, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/source-items", SEE, fer_entity_search, &fer_source_item, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "inventoryApiSourceItemRepositoryV1", .summary = "Source items that match", .source = SOURCE },
	{ FER_POST, "/V1/inventory/source-items", ASSIGN, fer_entity_save_list, &fer_source_item, ITEMS_BODY,
	  .service = "inventoryApiSourceItemsSaveV1", .summary = "Say how much sources hold", .source = SOURCE },
	{ FER_POST, "/V1/inventory/source-items-delete", ASSIGN, fer_entity_delete_list, &fer_source_item, ITEMS_BODY,
	  .service = "inventoryApiSourceItemsDeleteV1", .summary = "Take products out of sources", .source = SOURCE },
};

const struct fer_route_table fer_routes_source_item = FER_ROUTE_TABLE(rows);
