/*
 * The routes of stock items and stock statuses.
 * Source: Magento_CatalogInventory StockRegistry and its criteria, 2.4.7, as recorded.
 */
#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "catalog/product.h"
#include "inventory/stock.h"
#include "inventory/stock_item.h"
#include "store/config.h"

#define MAPPER "Magento\\CatalogInventory\\Model\\ResourceModel\\Stock\\Item\\StockItemCriteriaMapper"

struct fer_str fer_stock_config(struct fer_call *call, const char *path)
{
	struct fer_str text = FER_STR_NONE;

	if (fer_config_text(call->server->store, call->arena, call->store_id, path, &text))
		return FER_STR_NONE;
	return text;
}

static int find_product(struct fer_call *call, const char *param, struct fer_product *out)
{
	struct fer_str sku = fer_arg_str(call, param);
	bool found;
	int r = fer_product_find(call, fer_str_trim(sku), out, &found);

	return r ? r : found ? 0 : fer_fail(call, FER_E_NO_PRODUCT_WITH_SKU, "1", fer_string(sku), NULL);
}

static int find_item(struct fer_call *call, const char *param, struct fer_product *product)
{
	int r = find_product(call, param, product);

	return r ? r : fer_products_fill(call, product, 1, 0, FER_PRODUCT_STOCK);
}

static int get_item(struct fer_call *call)
{
	struct fer_product product;
	int r = find_item(call, "productSku", &product);

	return r ? r : fer_answer(call, fer_stock_item_shape(call, &product.stock));
}

static int get_status(struct fer_call *call)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value out = fer_map(), qty = fer_int(0);
	struct fer_product product;
	int64_t status = 0;
	int r = find_item(call, "productSku", &product);

	if (r || (r = fer_sql_open(call->db, FER_SQL_STOCK_STATUS_GET, &stmt, "i", product.id)))
		return r;
	if ((r = fer_stmt_step(stmt)) == 1) {
		qty = fer_decimal(fer_col_decimal(stmt, 0));
		status = fer_col_int(stmt, 1);
	}
	fer_set(call->arena, &out, "product_id", fer_int(product.id));
	fer_set(call->arena, &out, "stock_id", fer_int(1));
	fer_set(call->arena, &out, "qty", qty);
	fer_set(call->arena, &out, "stock_status", fer_int(status));
	fer_set(call->arena, &out, "stock_item", fer_stock_item_shape(call, &product.stock));
	return r < 0 ? r : fer_answer(call, out);
}

static int update_item(struct fer_call *call, void *data)
{
	struct fer_product product;
	struct fer_stock_owner owner;
	int r = find_item(call, "productSku", &product);

	if (r)
		return r;
	owner = (struct fer_stock_owner){ product.id, product.sku, product.type };
	if ((r = fer_stock_item_save(call, &owner, fer_arg(call, "stockItem"), &product.stock, data)))
		return r;
	return fer_product_reindex(call, product.id);
}

/* The item id of the path is not looked at: the SKU says it all. */
static int put_item(struct fer_call *call)
{
	struct fer_stock_saved saved = { 0 };
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)) || (r = fer_tx(call, 0, update_item, &saved)))
		return r;
	return fer_answer(call, fer_int(saved.item_id));
}

static struct fer_value low_criteria(struct fer_call *call)
{
	struct fer_value out = fer_map(), limit = fer_list();

	fer_push(call->arena, &limit, fer_string(fer_str_fmt(call->arena, "%lld", (long long)fer_arg_int(call, "currentPage"))));
	fer_push(call->arena, &limit, fer_string(fer_str_fmt(call->arena, "%lld", (long long)fer_arg_int(call, "pageSize"))));
	fer_append(call->arena, &out, FER_S("mapper_interface_name"), fer_text(MAPPER));
	fer_append(call->arena, &out, FER_S("criteria_list"), fer_list());
	fer_append(call->arena, &out, FER_S("filters"), fer_list());
	fer_append(call->arena, &out, FER_S("orders"), fer_list());
	fer_append(call->arena, &out, FER_S("limit"), limit);
	return out;
}

static int low_items(struct fer_call *call, struct fer_value *items)
{
	int64_t page = fer_arg_int(call, "currentPage"), size = fer_arg_int(call, "pageSize");
	struct fer_query query;
	struct fer_value rows;
	int r;

	fer_query_init(&query, call->arena);
	fer_stock_item_select(&query);
	fer_query_add(&query, " WHERE qty <= ? ORDER BY item_id");
	fer_query_bind(&query, *fer_arg(call, "qty"));
	if (size > 0)
		fer_buf_fmt(&query.sql, " LIMIT %lld OFFSET %lld", (long long)size, (long long)(page > 1 ? (page - 1) * size : 0));
	if ((r = fer_stock_item_rows(call, &query, &rows)))
		return r;
	*items = fer_list();
	for (size_t i = 0; i < fer_count(&rows); i++)
		fer_push(call->arena, items, fer_stock_item_shape(call, fer_at(&rows, i)));
	return 0;
}

static int list_low(struct fer_call *call)
{
	struct fer_value out = fer_map(), items;
	int64_t total = 0;
	int r;

	if ((r = low_items(call, &items)) || (r = fer_sql_int(call->db, FER_SQL_STOCK_LOW_COUNT, 0, &total, "v", fer_arg(call, "qty"))))
		return r;
	fer_append(call->arena, &out, FER_S("items"), items);
	fer_append(call->arena, &out, FER_S("search_criteria"), low_criteria(call));
	fer_append(call->arena, &out, FER_S("total_count"), fer_int(total));
	return fer_answer(call, out);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field status_fields[] = {
	FER_FIELD("product_id", FER_INT, NULL, 0, "product"),
	FER_FIELD("stock_id", FER_INT, NULL, 0, "legacy stock"),
	FER_FIELD("qty", FER_INT, NULL, 0, "quantity"),
	FER_FIELD("stock_status", FER_INT, NULL, 0, "1 in stock, 0 out of stock"),
	FER_FIELD("stock_item", FER_OBJECT, NULL, 0, "the item behind it", .of = &fer_stock_item),
};
static const struct fer_entity stock_status = { .name = "catalog-inventory-data-stock-status-interface", FER_FIELDS(status_fields) };

static const struct fer_entity criteria;
static const struct fer_field criteria_fields[] = {
	FER_FIELD("mapper_interface_name", FER_STRING, NULL, 0, "Magento's class"),
	FER_FIELD("criteria_list", FER_OBJECT, NULL, FER_MANY, "criteria inside these", .of = &criteria),
	FER_FIELD("filters", FER_STRING, NULL, FER_MANY, "what they ask"),
	FER_FIELD("orders", FER_STRING, NULL, FER_MANY, "in which order"),
	FER_FIELD("limit", FER_STRING, NULL, FER_MANY, "page and its size"),
};
static const struct fer_entity criteria = { .name = "catalog-inventory-stock-item-criteria-interface", FER_FIELDS(criteria_fields) };
static const struct fer_field low_fields[] = {
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY, "items", .of = &fer_stock_item),
	FER_FIELD("search_criteria", FER_OBJECT, NULL, 0, "the page that was asked for", .of = &criteria),
	FER_FIELD("total_count", FER_INT, NULL, 0, "items in all pages"),
};
static const struct fer_entity low_stock = { .name = "catalog-inventory-data-stock-item-collection-interface", FER_FIELDS(low_fields) };

#define INVENTORY "Magento_Catalog::catalog_inventory"
#define SOURCE "Magento_CatalogInventory webapi.xml"

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/stockItems/lowStock/", INVENTORY, list_low, &low_stock,
	  FER_PARAMS({ "scopeId", FER_INT, FER_REQ, NULL, NULL }, { "qty", FER_DECIMAL, FER_REQ, NULL, NULL },
	             { "currentPage", FER_INT, 0, NULL, "1" }, { "pageSize", FER_INT, 0, NULL, "0" }),
	  .cached = true,
	  .service = "catalogInventoryStockRegistryV1", .summary = "Stock items at or below a quantity", .source = SOURCE },
	{ FER_GET, "/V1/stockItems/:productSku", INVENTORY, get_item, &fer_stock_item,
	  FER_PARAMS({ "productSku", FER_STRING, FER_REQ, NULL, NULL }, { "scopeId", FER_INT, 0, NULL, NULL }),
	  .cached = true, .service = "catalogInventoryStockRegistryV1", .summary = "The stock item of a product", .source = SOURCE },
	{ FER_PUT, "/V1/products/:productSku/stockItems/:itemId", INVENTORY, put_item, NULL,
	  FER_PARAMS({ "productSku", FER_STRING, FER_REQ, NULL, NULL }, { "itemId", FER_MIXED, 0, NULL, NULL },
	             { "stockItem", FER_OBJECT, FER_REQ, &fer_stock_item, NULL }),
	  .returns = FER_INT,
	  .service = "catalogInventoryStockRegistryV1", .summary = "Change the stock item of a product", .source = SOURCE },
	{ FER_GET, "/V1/stockStatuses/:productSku", INVENTORY, get_status, &stock_status,
	  FER_PARAMS({ "productSku", FER_STRING, FER_REQ, NULL, NULL }, { "scopeId", FER_INT, 0, NULL, NULL }),
	  .cached = true, .insecure = true,
	  .service = "catalogInventoryStockRegistryV1", .summary = "The stock status of a product", .source = SOURCE },
};
const struct fer_route_table fer_routes_stock = FER_ROUTE_TABLE(routes);
