/*
 * Magento_InventoryExportStockApi: what a sales channel can sell, all at once or by criteria. What is not managed has no quantity.
 * Source: Magento_InventoryExportStock PreciseExportStockProcessor, StockIndexDumpProcessor, 2.4.7, as recorded.
 */
#include "inventory/salability.h"

#include "api/eav.h"
#include "api/search.h"
#include "api/server.h"
#include "catalog/product.h"
#include "inventory/stock_item.h"
#include "store/config.h"

#define PAGE 500

static void push(struct fer_call *call, struct fer_value *list, struct fer_str sku, fer_micro qty, bool salable)
{
	struct fer_value *row = fer_push(call->arena, list, fer_map());

	fer_append(call->arena, row, FER_S("sku"), fer_string(sku));
	fer_append(call->arena, row, FER_S("qty"), fer_decimal(qty));
	fer_append(call->arena, row, FER_S("is_salable"), fer_bool(salable));
}

static bool is_managed(struct fer_call *call, const struct fer_salability *s)
{
	return fer_stock_item_flag(call, &s->item, "manage_stock");
}

/* -- all ---------------------------------------------------------------------------------------------------------- */

static bool in_index(int64_t stock_id, const struct fer_salability *s)
{
	return stock_id == FER_DEFAULT_STOCK || (s->counted ? s->indexed : s->part_in_stock);
}

/* Products that are not managed come first. */
static void sort_out(struct fer_call *call, int64_t stock_id, const struct fer_salabilities *page, struct fer_value *unmanaged,
                     struct fer_value *managed)
{
	for (size_t i = 0; i < page->n; i++) {
		const struct fer_salability *s = &page->rows[i];

		if (fer_is_null(&s->item))
			continue;
		if (!is_managed(call, s))
			push(call, unmanaged, s->sku, 0, true);
		else if (in_index(stock_id, s))
			push(call, managed, s->sku, s->counted ? s->available : 0, fer_salable(call, stock_id, s));
	}
}

static int dump(struct fer_call *call)
{
	struct fer_value out = fer_list(), managed = fer_list();
	struct fer_salabilities page = { .n = PAGE };
	struct fer_website site = { 0 };
	int64_t stock_id, after = 0;
	int r = fer_stock_of_channel(call, fer_arg_str(call, "salesChannelType"), fer_arg_str(call, "salesChannelCode"), &stock_id);

	if (r)
		return r;
	fer_config_website_by_code(call->server->store, fer_arg_str(call, "salesChannelCode"), &site);
	while (page.n == PAGE) {
		if ((r = fer_salability_page(call, stock_id, site.id, after, PAGE, &page)))
			return r;
		sort_out(call, stock_id, &page, &out, &managed);
		after = page.n ? page.rows[page.n - 1].product_id : after;
	}
	for (size_t i = 0; i < fer_count(&managed); i++)
		fer_push(call->arena, &out, *fer_at(&managed, i));
	return fer_answer(call, out);
}

/* -- by criteria -------------------------------------------------------------------------------------------------- */

static void add_item(struct fer_call *call, int64_t stock_id, const struct fer_salability *s, struct fer_value *items)
{
	if (s->counted && !is_managed(call, s))
		push(call, items, s->sku, 0, true);
	else if (!s->counted || s->assigned)
		push(call, items, s->sku, s->counted ? fer_salable_qty(call, stock_id, s) : 0, fer_salable(call, stock_id, s));
}

/* In the order of the search, which the statement behind salability does not keep. */
static int add_items(struct fer_call *call, int64_t stock_id, const struct fer_product *products, size_t n, struct fer_value *items)
{
	struct fer_value skus = fer_list();
	struct fer_salabilities all;
	int r;

	for (size_t i = 0; i < n; i++)
		fer_push(call->arena, &skus, fer_string(products[i].sku));
	if (!n || (r = fer_salability_of(call, stock_id, &skus, &all)))
		return n ? r : 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all.n; k++)
			if (all.rows[k].product_id == products[i].id)
				add_item(call, stock_id, &all.rows[k], items);
	return 0;
}

static int export_some(struct fer_call *call)
{
	struct fer_value items = fer_list();
	struct fer_product *products;
	struct fer_eav_found found;
	int64_t stock_id;
	size_t n;
	int r;

	if ((r = fer_stock_of_channel(call, fer_arg_str(call, "salesChannelType"), fer_arg_str(call, "salesChannelCode"), &stock_id)) ||
	    (r = fer_products_find(call, &found)))
		return r;
	products = FER_NEW_ARRAY(call->arena, found.n + 1, struct fer_product);
	if ((r = fer_products_load(call, found.ids, &found.n, call->store_id, 0, products)))
		return r;
	for (size_t i = 0; i < found.n && !r; i += n) {
		n = found.n - i < PAGE ? found.n - i : PAGE;
		r = add_items(call, stock_id, &products[i], n, &items);
	}
	return r ? r : fer_answer(call, fer_search_result(call, items, (int64_t)fer_count(&items)));
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field row_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("qty", FER_DECIMAL, NULL, 0, "0 where it is not managed, or made of others"),
	FER_FIELD("is_salable", FER_BOOL, NULL, 0, "it can be sold"),
};
static const struct fer_entity row = { .name = "inventory-export-stock-api-data-product-stock-index-data-interface", FER_FIELDS(row_fields) };

#define ACL "Magento_InventoryApi::stock"
#define SOURCE "Magento_InventoryExportStockApi webapi.xml"
#define CHANNEL { "salesChannelType", FER_STRING, FER_REQ, NULL, NULL }, { "salesChannelCode", FER_STRING, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/dump-stock-index-data/:salesChannelType/:salesChannelCode", ACL, dump, &row, FER_PARAMS(CHANNEL),
	  .many = true, .cached = true,
	  .service = "inventoryExportStockApiExportStockIndexDataV1", .summary = "All that a sales channel has", .source = SOURCE },
	{ FER_GET, "/V1/inventory/export-stock-salable-qty/:salesChannelType/:salesChannelCode", ACL, export_some, &row,
	  FER_PARAMS(CHANNEL, { "searchCriteria", FER_OBJECT, FER_REQ, &fer_search_criteria, NULL }),
	  .search = true, .cached = true,
	  .service = "inventoryExportStockApiExportStockSalableQtyV1",
	  .summary = "What a sales channel can sell of products that match", .source = SOURCE },
};

const struct fer_route_table fer_routes_export_stock = FER_ROUTE_TABLE(rows);
