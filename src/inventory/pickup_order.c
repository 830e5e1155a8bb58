/*
 * Magento_InventoryInStorePickupSalesApi: telling customers that their orders wait for them. The message is noted as one to be sent; an order
 * that was not shipped cannot be told of.
 * Source: Magento_InventoryInStorePickupSales Model\NotifyOrdersAreReadyForPickup, 2.4.7
 */
#include "core/json.h"
#include "inventory/inventory.h"

#define MAX_ERROR 1024

/* A list of objects where Magento's interface says a list of lists of texts: each comes out as the JSON text of an object. */
static void add_error(struct fer_call *call, struct fer_value *errors, int64_t id, const char *message)
{
	struct fer_value row = fer_map();
	struct fer_buf json;

	fer_append(call->arena, &row, FER_S("id"), fer_int(id));
	fer_append(call->arena, &row, FER_S("message"), fer_text(message));
	fer_buf_init(&json, call->arena, MAX_ERROR);
	fer_json_write(&json, &row);
	fer_push(call->arena, errors, fer_string(fer_buf_view(&json)));
}

static int notify_one(struct fer_call *call, int64_t id, struct fer_value *errors)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if (!id) {
		add_error(call, errors, id, "An ID is needed. Set the ID and try again.");
		return 0;
	}
	if ((r = fer_sql_open(call->db, FER_SQL_PICKUP_ORDER, &stmt, "i", id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		add_error(call, errors, id, "The entity that was requested doesn't exist. Verify the entity and try again.");
	else if (!fer_col_int(stmt, 1))
		add_error(call, errors, id, fer_col_int(stmt, 0) ? "We can't notify the customer right now." : "The order is not ready for pickup");
	else
		return fer_sql_run(call->db, FER_SQL_PICKUP_NOTIFY, NULL, "i", id);
	return 0;
}

static int notify_all(struct fer_call *call, void *data)
{
	const struct fer_value *ids = fer_arg(call, "orderIds");
	struct fer_value *errors = data;
	int r = 0;

	*errors = fer_list();
	for (size_t i = 0; i < fer_count(ids) && !r; i++)
		r = notify_one(call, fer_as_int(fer_at(ids, i)), errors);
	return r;
}

static int notify(struct fer_call *call)
{
	struct fer_value errors, out = fer_map();
	int r = fer_tx(call, 0, notify_all, &errors);

	fer_append(call->arena, &out, FER_S("successful"), fer_bool(!r && !fer_count(&errors)));
	fer_append(call->arena, &out, FER_S("errors"), r ? fer_null() : errors);
	return r ? r : fer_answer(call, out);
}

static const struct fer_field result_fields[] = {
	FER_FIELD("successful", FER_BOOL, NULL, 0, "all were told"),
	FER_FIELD("errors", FER_STRING, NULL, FER_MANY, "JSON: id and message of each order that was not"),
};
static const struct fer_entity result = { .name = "inventory-in-store-pickup-sales-api-data-result-interface", FER_FIELDS(result_fields) };

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/order/notify-orders-are-ready-for-pickup", "Magento_InventoryInStorePickupApi::notify_orders_are_ready_for_pickup", notify,
	  &result, FER_PARAMS({ "orderIds", FER_INT, FER_REQ | FER_MANY, NULL, NULL }),
	  .service = "inventoryInStorePickupSalesApiNotifyOrdersAreReadyForPickupV1",
	  .summary = "Tell customers that their orders wait for them", .source = "Magento_InventoryInStorePickupSalesApi webapi.xml" },
};

const struct fer_route_table fer_routes_pickup_order = FER_ROUTE_TABLE(rows);
