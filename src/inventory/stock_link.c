/*
 * Magento_InventoryApi: which sources a stock is made of, and in which order they are drawn from.
 * Source: Magento_Inventory Model\StockSourceLink, Magento_InventoryCatalog, 2.4.7, as recorded.
 */
#include "inventory/inventory.h"

static const struct fer_field fields[] = {
	/*        JSON                    type           column         flags                    meaning */
	FER_FIELD("link_id",              FER_INT,       "link_id",     FER_KEY | FER_INNER,     "row id"),
	FER_FIELD("stock_id",             FER_INT,       "stock_id",    FER_SEARCH | FER_UNIQUE, "stock"),
	FER_FIELD("source_code",          FER_STRING,    "source_code", FER_SEARCH | FER_UNIQUE, "source"),
	FER_FIELD("priority",             FER_INT,       "priority",    FER_SEARCH,              "from 1; the lowest is drawn from first"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,          FER_IN_ONLY,             "none declared", .of = &fer_no_extension),
};

static int positive(struct fer_call *call, const struct fer_value *record, const char *field)
{
	return fer_map_int(record, field, 0) > 0 ? 0 : fer_fail(call, FER_E_FIELD_NOT_POSITIVE, "field", fer_text(field), NULL);
}

/* The default stock is the default source, and the other way round. */
static int no_default(struct fer_call *call, const struct fer_value *record, const char *field)
{
	bool stock = fer_map_int(record, "stock_id", 0) == FER_DEFAULT_STOCK;

	return stock == fer_is_default_source(fer_map_str(call->arena, record, field)) ? 0 : fer_fail(call, FER_E_LINK_DEFAULT_SAVE, NULL);
}

static const struct fer_validator validators[] = {
	{ "source_code", fer_valid_filled }, { "source_code", fer_valid_no_whitespace }, { "stock_id", fer_valid_filled },
	{ "priority", positive }, { "source_code", no_default },
};

static int check_link(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	return fer_valid_all(call, record, validators, FER_ARRAY_LEN(validators));
}

static int remove_link(struct fer_call *call, const struct fer_value *record)
{
	if (fer_map_int(record, "stock_id", 0) == FER_DEFAULT_STOCK ||
	    fer_is_default_source(fer_map_str(call->arena, record, "source_code")))
		return fer_fail(call, FER_E_LINK_DEFAULT_DELETE, NULL);
	return 0;
}

const struct fer_entity fer_stock_link = {
	.name = "inventory-api-data-stock-source-link-interface", .table = "inventory_source_stock_link", FER_FIELDS(fields),
	.invalid = FER_E_VALIDATION_FAILED, .not_saved = FER_E_LINK_NOT_SAVED, .check = check_link, .remove = remove_link,
};

#define ACL "Magento_InventoryApi::stock_source_link"
#define SOURCE "Magento_InventoryApi webapi.xml"
#define LINKS_BODY FER_PARAMS({ "links", FER_OBJECT, FER_REQ | FER_MANY | FER_FILLED, &fer_stock_link, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/stock-source-links", ACL, fer_entity_search, &fer_stock_link, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true,
	  .service = "inventoryApiGetStockSourceLinksV1", .summary = "Links of stocks and sources that match", .source = SOURCE },
	{ FER_POST, "/V1/inventory/stock-source-links", ACL, fer_entity_save_list, &fer_stock_link, LINKS_BODY,
	  .service = "inventoryApiStockSourceLinksSaveV1", .summary = "Put sources into stocks", .source = SOURCE },
	{ FER_POST, "/V1/inventory/stock-source-links-delete", ACL, fer_entity_delete_list, &fer_stock_link, LINKS_BODY,
	  .service = "inventoryApiStockSourceLinksDeleteV1", .summary = "Take sources out of stocks", .source = SOURCE },
};

const struct fer_route_table fer_routes_stock_link = FER_ROUTE_TABLE(rows);
