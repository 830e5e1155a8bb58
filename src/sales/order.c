/*
 * Magento_Sales: orders, read. An order is a row and its parts: items, addresses, payment, history and what its extension_attributes say.
 */
#include "sales/sales.h"

#include "api/server.h"
#include "store/config.h"

#define ALLOW_MESSAGE "sales/gift_options/allow_order"

static const struct fer_field extension_fields[] = {
	FER_FIELD("shipping_assignments",      FER_OBJECT, NULL, FER_MANY, "where its items go", .of = &fer_shipping_assignment),
	FER_FIELD("payment_additional_info",   FER_OBJECT, NULL, FER_MANY, "what the method keeps, by name", .of = &fer_payment_info),
	FER_FIELD("applied_taxes",             FER_OBJECT, NULL, FER_MANY, "taxes by code", .of = &fer_tax_applied),
	FER_FIELD("item_applied_taxes",        FER_OBJECT, NULL, FER_MANY, "taxes by item", .of = &fer_tax_of_item),
	FER_FIELD("converting_from_quote",     FER_BOOL,   NULL, 0,        "false once it is an order"),
	FER_FIELD("taxes",                     FER_OBJECT, NULL, FER_MANY, "taxes as they are stored", .of = &fer_order_tax),
	FER_FIELD("additional_itemized_taxes", FER_OBJECT, NULL, FER_MANY, "taxes of no item: of shipping", .of = &fer_order_tax_item),
	FER_FIELD("gift_message",              FER_OBJECT, NULL, 0,        "its message", .of = &fer_gift_message),
	FER_FIELD("pickup_location_code",      FER_STRING, NULL, 0,        "the source where it is fetched"),
	FER_FIELD("notification_sent",         FER_INT,    NULL, 0,        "the customer knows that it waits"),
	FER_FIELD("send_notification",         FER_INT,    NULL, 0,        "he is to be told"),
};

static const struct fer_entity extension = { .name = "sales-data-order-extension-interface", FER_FIELDS(extension_fields) };

static const struct fer_field fields[] = {
	FER_AMOUNT("adjustment_negative"),
	FER_AMOUNT("adjustment_positive"),
	FER_WORDS("applied_rule_ids"),
	FER_AMOUNT("base_adjustment_negative"),
	FER_AMOUNT("base_adjustment_positive"),
	FER_WORDS("base_currency_code"),
	FER_AMOUNT("base_discount_amount"),
	FER_AMOUNT("base_discount_canceled"),
	FER_AMOUNT("base_discount_invoiced"),
	FER_AMOUNT("base_discount_refunded"),
	FER_AMOUNT("base_grand_total"),
	FER_AMOUNT("base_discount_tax_compensation_amount"),
	FER_AMOUNT("base_discount_tax_compensation_invoiced"),
	FER_AMOUNT("base_discount_tax_compensation_refunded"),
	FER_AMOUNT("base_shipping_amount"),
	FER_AMOUNT("base_shipping_canceled"),
	FER_AMOUNT("base_shipping_discount_amount"),
	FER_AMOUNT("base_shipping_discount_tax_compensation_amnt"),
	FER_AMOUNT("base_shipping_incl_tax"),
	FER_AMOUNT("base_shipping_invoiced"),
	FER_AMOUNT("base_shipping_refunded"),
	FER_AMOUNT("base_shipping_tax_amount"),
	FER_AMOUNT("base_shipping_tax_refunded"),
	FER_AMOUNT("base_subtotal"),
	FER_AMOUNT("base_subtotal_canceled"),
	FER_AMOUNT("base_subtotal_incl_tax"),
	FER_AMOUNT("base_subtotal_invoiced"),
	FER_AMOUNT("base_subtotal_refunded"),
	FER_AMOUNT("base_tax_amount"),
	FER_AMOUNT("base_tax_canceled"),
	FER_AMOUNT("base_tax_invoiced"),
	FER_AMOUNT("base_tax_refunded"),
	FER_AMOUNT("base_total_canceled"),
	FER_AMOUNT("base_total_due"),
	FER_AMOUNT("base_total_invoiced"),
	FER_AMOUNT("base_total_invoiced_cost"),
	FER_AMOUNT("base_total_offline_refunded"),
	FER_AMOUNT("base_total_online_refunded"),
	FER_AMOUNT("base_total_paid"),
	FER_AMOUNT("base_total_qty_ordered"),
	FER_AMOUNT("base_total_refunded"),
	FER_AMOUNT("base_to_global_rate"),
	FER_AMOUNT("base_to_order_rate"),
	FER_WHOLE("billing_address_id"),
	FER_WHOLE("can_ship_partially"),
	FER_WHOLE("can_ship_partially_item"),
	FER_WORDS("coupon_code"),
	FER_WORDS("created_at"),
	FER_WORDS("customer_dob"),
	FER_WORDS("customer_email"),
	FER_WORDS("customer_firstname"),
	FER_WHOLE("customer_gender"),
	FER_WHOLE("customer_group_id"),
	FER_WHOLE("customer_id"),
	FER_WHOLE("customer_is_guest"),
	FER_WORDS("customer_lastname"),
	FER_WORDS("customer_middlename"),
	FER_WORDS("customer_note"),
	FER_WHOLE("customer_note_notify"),
	FER_WORDS("customer_prefix"),
	FER_WORDS("customer_suffix"),
	FER_WORDS("customer_taxvat"),
	FER_AMOUNT("discount_amount"),
	FER_AMOUNT("discount_canceled"),
	FER_WORDS("discount_description"),
	FER_AMOUNT("discount_invoiced"),
	FER_AMOUNT("discount_refunded"),
	FER_WHOLE("edit_increment"),
	FER_WHOLE("email_sent"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("ext_customer_id"),
	FER_WORDS("ext_order_id"),
	FER_WHOLE("forced_shipment_with_invoice"),
	FER_WORDS("global_currency_code"),
	FER_AMOUNT("grand_total"),
	FER_AMOUNT("discount_tax_compensation_amount"),
	FER_AMOUNT("discount_tax_compensation_invoiced"),
	FER_AMOUNT("discount_tax_compensation_refunded"),
	FER_WORDS("hold_before_state"),
	FER_WORDS("hold_before_status"),
	FER_WORDS("increment_id"),
	FER_WHOLE("is_virtual"),
	FER_WORDS("order_currency_code"),
	FER_WORDS("original_increment_id"),
	FER_AMOUNT("payment_authorization_amount"),
	FER_WHOLE("payment_auth_expiration"),
	FER_WORDS("protect_code"),
	FER_WHOLE("quote_address_id"),
	FER_WHOLE("quote_id"),
	FER_WORDS("relation_child_id"),
	FER_WORDS("relation_child_real_id"),
	FER_WORDS("relation_parent_id"),
	FER_WORDS("relation_parent_real_id"),
	FER_WORDS("remote_ip"),
	FER_AMOUNT("shipping_amount"),
	FER_AMOUNT("shipping_canceled"),
	FER_WORDS("shipping_description"),
	FER_AMOUNT("shipping_discount_amount"),
	FER_AMOUNT("shipping_discount_tax_compensation_amount"),
	FER_AMOUNT("shipping_incl_tax"),
	FER_AMOUNT("shipping_invoiced"),
	FER_AMOUNT("shipping_refunded"),
	FER_AMOUNT("shipping_tax_amount"),
	FER_AMOUNT("shipping_tax_refunded"),
	FER_WORDS("state"),
	FER_WORDS("status"),
	FER_WORDS("store_currency_code"),
	FER_WHOLE("store_id"),
	FER_WORDS("store_name"),
	FER_AMOUNT("store_to_base_rate"),
	FER_AMOUNT("store_to_order_rate"),
	FER_AMOUNT("subtotal"),
	FER_AMOUNT("subtotal_canceled"),
	FER_AMOUNT("subtotal_incl_tax"),
	FER_AMOUNT("subtotal_invoiced"),
	FER_AMOUNT("subtotal_refunded"),
	FER_AMOUNT("tax_amount"),
	FER_AMOUNT("tax_canceled"),
	FER_AMOUNT("tax_invoiced"),
	FER_AMOUNT("tax_refunded"),
	FER_AMOUNT("total_canceled"),
	FER_AMOUNT("total_due"),
	FER_AMOUNT("total_invoiced"),
	FER_WHOLE("total_item_count"),
	FER_AMOUNT("total_offline_refunded"),
	FER_AMOUNT("total_online_refunded"),
	FER_AMOUNT("total_paid"),
	FER_AMOUNT("total_qty_ordered"),
	FER_AMOUNT("total_refunded"),
	FER_WORDS("updated_at"),
	FER_AMOUNT("weight"),
	FER_WORDS("x_forwarded_for"),
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "what was ordered", .of = &fer_order_item),
	FER_FIELD("billing_address", FER_OBJECT, NULL, 0, "who pays", .of = &fer_order_address),
	FER_FIELD("payment", FER_OBJECT, NULL, 0, "how it is paid", .of = &fer_order_payment),
	FER_FIELD("status_histories", FER_OBJECT, NULL, FER_MANY, "what happened, the latest first", .of = &fer_order_history),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "shipping, taxes and more", .of = &extension),
	FER_FIELD("shipping_method", FER_STRING, "shipping_method", FER_INNER, "carrier and method"),
	FER_FIELD("gift_message_id", FER_INT, "gift_message_id", FER_INNER, "its message"),
	FER_FIELD("pickup_location_code", FER_STRING, NULL, FER_INNER, "of Magento_InventoryInStorePickupSales", .sql = "pickup.pickup_location_code"),
	FER_FIELD("notification_sent", FER_INT, NULL, FER_INNER, "of the same", .sql = "notice.notification_sent"),
	FER_FIELD("send_notification", FER_INT, NULL, FER_INNER, "of the same", .sql = "notice.send_notification"),
};

/* -- parts ------------------------------------------------------------------------------------------------------- */

/* What is due is no column that counts: it is what was not paid. */
static void set_due(struct fer_call *call, struct fer_value *record, const char *due, const char *total, const char *paid)
{
	fer_micro left = fer_as_decimal(fer_get(record, total)) - fer_as_decimal(fer_get(record, paid));

	fer_set(call->arena, record, due, fer_decimal(left > 0 ? fer_decimal_round(left, 4) : 0));
}

static const struct fer_value *address_of(struct fer_call *call, const struct fer_value *addresses, const char *type)
{
	for (size_t i = 0; i < fer_count(addresses); i++)
		if (fer_str_is(fer_map_str(call->arena, fer_at(addresses, i), "address_type"), type))
			return fer_at(addresses, i);
	return NULL;
}

/* All goes to one address, or to none. */
static void set_shipping(struct fer_call *call, const struct fer_value *record, const struct fer_value *address, struct fer_value *out)
{
	struct fer_value shipping = fer_map(), assignment = fer_map(), list = fer_list();

	fer_set(call->arena, &shipping, "address", address ? *address : fer_null());
	fer_set(call->arena, &shipping, "method", *fer_get(record, "shipping_method"));
	fer_set(call->arena, &shipping, "total", *record);
	fer_set(call->arena, &assignment, "shipping", shipping);
	fer_set(call->arena, &assignment, "items", *fer_get(record, "items"));
	fer_push(call->arena, &list, assignment);
	fer_set(call->arena, out, "shipping_assignments", list);
}

static void set_payment(struct fer_call *call, struct fer_value *record, const struct fer_value *payment, struct fer_value *out)
{
	const struct fer_value *info = fer_get(payment, "info");

	fer_set(call->arena, out, "payment_additional_info", info ? *info : fer_list());
	fer_set(call->arena, record, "payment", payment ? *payment : fer_null());
}

static int set_message(struct fer_call *call, const struct fer_value *record, struct fer_value *out)
{
	int store_id = (int)fer_map_int(record, "store_id", 0);

	if (!fer_config_bool(call->server->store, store_id, ALLOW_MESSAGE, false))
		return 0;
	return fer_gift_message_add(call, fer_map_int(record, "gift_message_id", 0), out);
}

static void set_pickup(struct fer_call *call, const struct fer_value *record, struct fer_value *out)
{
	static const char *const names[] = { "pickup_location_code", "notification_sent", "send_notification" };

	for (size_t i = 0; i < FER_ARRAY_LEN(names); i++)
		fer_set(call->arena, out, names[i], *fer_get(record, names[i]));
}

static int add_parts(struct fer_call *call, struct fer_value *record)
{
	int64_t id = fer_map_int(record, "entity_id", 0);
	struct fer_value items, addresses, payments, histories, more = fer_map();
	int r;

	if ((r = fer_sales_rows(call, &fer_order_item, "order_id", id, false, &items)) ||
	    (r = fer_sales_rows(call, &fer_order_address, "parent_id", id, false, &addresses)) ||
	    (r = fer_sales_rows(call, &fer_order_payment, "parent_id", id, false, &payments)) ||
	    (r = fer_sales_rows(call, &fer_order_history, "parent_id", id, true, &histories)) ||
	    (r = fer_order_taxes(call, id, &items, &more)) || (r = set_message(call, record, &more)))
		return r;
	set_due(call, record, "total_due", "grand_total", "total_paid");
	set_due(call, record, "base_total_due", "base_grand_total", "base_total_paid");
	fer_set(call->arena, record, "items", items);
	if (address_of(call, &addresses, "billing"))
		fer_set(call->arena, record, "billing_address", *address_of(call, &addresses, "billing"));
	fer_set(call->arena, record, "status_histories", histories);
	set_payment(call, record, fer_at(&payments, 0), &more);
	set_shipping(call, record, address_of(call, &addresses, "shipping"), &more);
	set_pickup(call, record, &more);
	fer_set(call->arena, &more, "converting_from_quote", fer_bool(false));
	fer_set(call->arena, record, "extension_attributes", more);
	return 0;
}

static int orders_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int r = 0;

	for (size_t i = 0; !r && i < n && !fer_arena_broken(call->arena); i++)
		r = add_parts(call, &records[i]);
	return r;
}

static const struct fer_entity order = {
	.name = "sales-data-order-interface", .table = "sales_order", FER_FIELDS(fields), .path_id = "id", .missing = FER_E_SALES_MISSING,
	.join = "LEFT JOIN inventory_pickup_location_order AS pickup ON pickup.order_id = main.entity_id"
	        " LEFT JOIN inventory_order_notification AS notice ON notice.order_id = main.entity_id",
	.loaded = orders_loaded,
};

/* -- routes ------------------------------------------------------------------------------------------------------ */

static int get_status(struct fer_call *call)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_ORDER_STATUS, &stmt, "i", fer_arg_int(call, "id"));

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return fer_fail(call, FER_E_SALES_MISSING, NULL);
	return fer_answer(call, fer_col_null(stmt, 0) ? fer_null() : fer_string(fer_col_dup(call->arena, stmt, 0)));
}

#define ACL "Magento_Sales::actions_view"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/orders", ACL, .run = fer_entity_search, .of = &order, FER_SEARCH_CRITERIA, .search = true, .cached = true,
	  .service = "salesOrderRepositoryV1", .summary = "Orders that match", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/orders/:id", ACL, .run = fer_sales_get, .of = &order, FER_SALES_ID, .cached = true,
	  .service = "salesOrderRepositoryV1", .summary = "One order", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/orders/:id/comments", ACL, .run = fer_sales_comments, .of = &fer_order_history, FER_SALES_ID, .search = true,
	  .cached = true, .service = "salesOrderManagementV1", .summary = "What was said of an order", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/orders/:id/statuses", ACL, .run = get_status, FER_SALES_ID, .returns = FER_STRING, .cached = true,
	  .service = "salesOrderManagementV1", .summary = "The status of an order", .source = FER_SALES_SOURCE },
};

const struct fer_route_table fer_routes_order = FER_ROUTE_TABLE(rows);
