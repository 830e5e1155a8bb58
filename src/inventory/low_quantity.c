/*
 * Magento_InventoryLowQuantityNotificationApi: below which quantity a source is low on a product.
 * Source: Magento_InventoryLowQuantityNotification Model\SourceItemConfiguration, 2.4.7, as recorded.
 */
#include "inventory/inventory.h"

#include "catalog/product.h"

static const struct fer_field fields[] = {
	/*        JSON                    type           column              flags       meaning */
	FER_FIELD("source_code",          FER_STRING,    "source_code",      FER_UNIQUE, "source"),
	FER_FIELD("notify_stock_qty",     FER_DECIMAL,   "notify_stock_qty", 0,          "low below it; left out where nothing was said", .digits = 12),
	FER_FIELD("sku",                  FER_STRING,    "sku",              FER_UNIQUE, "product"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,               FER_IN_ONLY, "none declared", .of = &fer_no_extension),
};

static int check_setting(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	if (fer_has(record, "source_code") && fer_has(record, "sku"))
		return 0;
	return fer_fail(call, FER_E_LOW_QUANTITY_NOT_SAVED, NULL);
}

/* With several sources the default one's setting is the legacy stock item's; with one, the stock item's own counts. */
static int setting_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	const struct fer_value *qty = fer_get(record, "notify_stock_qty");
	struct fer_value one = fer_int(1);
	int64_t n_sources = 0;
	int r = 0;

	if (!fer_is_default_source(fer_map_str(call->arena, record, "source_code")) ||
	    (r = fer_sql_int(call->db, FER_SQL_SOURCES_ENABLED, 0, &n_sources, "")) || n_sources < 2)
		return r;
	return fer_sql_run(call->db, FER_SQL_STOCK_ITEM_NOTIFY, NULL, "vis", fer_is_null(qty) ? &one : qty,
	                   (int64_t)!fer_as_decimal(qty), fer_map_str(call->arena, record, "sku"));
}

static const struct fer_entity low_quantity = {
	.name = "inventory-low-quantity-notification-api-data-source-item-configuration-interface",
	.table = "inventory_low_stock_notification_configuration", FER_FIELDS(fields),
	.not_saved = FER_E_LOW_QUANTITY_NOT_SAVED, .check = check_setting, .saved = setting_saved,
};

static int known(struct fer_call *call, bool *out)
{
	struct fer_product product;
	struct fer_value source;
	int r = fer_find(call, &fer_source, "source_code", fer_arg(call, "sourceCode"), &source, out);

	return r || !*out ? r : fer_product_find(call, fer_arg_str(call, "sku"), &product, out);
}

static int get_setting(struct fer_call *call)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str source = fer_arg_str(call, "sourceCode"), sku = fer_arg_str(call, "sku");
	struct fer_value out = fer_map(), qty = fer_string(fer_stock_config(call, "cataloginventory/item_options/notify_stock_qty"));
	bool found = false;
	int r = known(call, &found);

	if (r)
		return r;
	if (!found)
		return fer_fail(call, FER_E_LOW_QUANTITY_INPUT, NULL);
	if ((r = fer_sql_open(call->db, FER_SQL_LOW_QUANTITY_GET, &stmt, "ss", source, sku)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	fer_append(call->arena, &out, FER_S("source_code"), fer_string(source));
	if (r == 1 && fer_col_null(stmt, 0))
		qty = fer_null();
	else
		qty = fer_decimal(r == 1 ? fer_col_decimal(stmt, 0) : fer_as_decimal(&qty));
	fer_append(call->arena, &out, FER_S("notify_stock_qty"), qty);
	fer_append(call->arena, &out, FER_S("sku"), fer_string(sku));
	return fer_answer(call, fer_shape(call, &low_quantity, &out));
}

#define MODULE "Magento_InventoryLowQuantityNotificationApi::"
#define SOURCE "Magento_InventoryLowQuantityNotificationApi webapi.xml"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/low-quantity-notification/:sourceCode/:sku", MODULE "low_quantity_notification", get_setting, &low_quantity,
	  FER_PARAMS({ "sourceCode", FER_STRING, FER_REQ, NULL, NULL }, { "sku", FER_STRING, FER_REQ, NULL, NULL }), .cached = true,
	  .service = "inventoryLowQuantityNotificationApiGetSourceItemConfigurationV1",
	  .summary = "Below which quantity a source is low on a product", .source = SOURCE },
	{ FER_POST, "/V1/inventory/low-quantity-notification", MODULE "stock_create_low_quantity_notification", fer_entity_save_list,
	  &low_quantity, FER_PARAMS({ "sourceItemConfigurations", FER_OBJECT, FER_REQ | FER_MANY | FER_FILLED, &low_quantity, NULL }),
	  .service = "inventoryLowQuantityNotificationApiSourceItemConfigurationsSaveV1",
	  .summary = "Say below which quantities sources are low", .source = SOURCE },
	{ FER_POST, "/V1/inventory/low-quantity-notifications-delete", MODULE "stock_delete_low_quantity_notification", fer_entity_delete_list,
	  &low_quantity, FER_PARAMS({ "sourceItems", FER_OBJECT, FER_REQ | FER_MANY, &fer_source_item, NULL }),
	  .service = "inventoryLowQuantityNotificationApiDeleteSourceItemsConfigurationV1",
	  .summary = "Go back to the configured quantity", .source = SOURCE },
};

const struct fer_route_table fer_routes_low_quantity = FER_ROUTE_TABLE(rows);
