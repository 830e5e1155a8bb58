/*
 * Magento_Sales: what an order consists of besides its items: addresses, payment, history, where it goes, a gift message. And what the
 * resources of this folder share.
 */
#include "sales/sales.h"

#include "api/search.h"
#include "core/json.h"

int fer_sales_rows(struct fer_call *call, const struct fer_entity *entity, const char *column, int64_t id, bool latest,
                   struct fer_value *out)
{
	struct fer_query tail;

	fer_query_init(&tail, call->arena);
	if (entity->join)
		fer_buf_fmt(&tail.sql, " %s", "");
	fer_buf_fmt(&tail.sql, " WHERE main.`%s` = ? ORDER BY main.`%s`%s", column, fer_entity_key(entity)->column, latest ? " DESC" : "");
	fer_query_bind(&tail, fer_int(id));
	return fer_select(call, entity, &tail, out);
}

static int add_part(struct fer_call *call, struct fer_value *record, const struct fer_sales_part *part)
{
	struct fer_value rows;
	int r = fer_sales_rows(call, part->entity, "parent_id", fer_map_int(record, "entity_id", 0), false, &rows);

	fer_set(call->arena, record, part->name, rows);
	return r;
}

int fer_sales_parts(struct fer_call *call, struct fer_value *records, size_t n, const struct fer_sales_part *parts, size_t n_parts)
{
	int r = 0;

	for (size_t i = 0; !r && i < n && !fer_arena_broken(call->arena); i++)
		for (size_t p = 0; !r && p < n_parts; p++)
			r = add_part(call, &records[i], &parts[p]);
	return r;
}

int fer_sales_get(struct fer_call *call)
{
	return fer_arg_int(call, "id") ? fer_entity_get(call) : fer_fail(call, FER_E_SALES_ID, NULL);
}

int fer_sales_comments(struct fer_call *call)
{
	struct fer_value filter = fer_map(), filters = fer_list(), group = fer_map(), groups = fer_list(), criteria = fer_map(), out;
	int r;

	fer_set(call->arena, &filter, "field", fer_text("parent_id"));
	fer_set(call->arena, &filter, "value", fer_string(fer_as_str(call->arena, fer_arg(call, "id"))));
	fer_set(call->arena, &filter, "condition_type", fer_text("eq"));
	fer_push(call->arena, &filters, filter);
	fer_set(call->arena, &group, "filters", filters);
	fer_push(call->arena, &groups, group);
	fer_set(call->arena, &criteria, "filter_groups", groups);
	fer_set(call->arena, &call->args, "searchCriteria", criteria);
	r = fer_search(call, call->route->of, &out);
	return r ? r : fer_answer(call, out);
}

/* -- addresses ----------------------------------------------------------------------------------------------------- */

static const struct fer_field address_fields[] = {
	FER_WORDS("address_type"),
	FER_WORDS("city"),
	FER_WORDS("company"),
	FER_WORDS("country_id"),
	FER_WHOLE("customer_address_id"),
	FER_WHOLE("customer_id"),
	FER_WORDS("email"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("fax"),
	FER_WORDS("firstname"),
	FER_WORDS("lastname"),
	FER_WORDS("middlename"),
	FER_WHOLE("parent_id"),
	FER_WORDS("postcode"),
	FER_WORDS("prefix"),
	FER_WORDS("region"),
	FER_FIELD("region_code", FER_STRING, NULL, 0, NULL, .sql = "CASE WHEN region.country_id = main.country_id THEN region.code ELSE main.region END"),
	FER_WHOLE("region_id"),
	FER_FIELD("street", FER_STRING, "street", FER_MANY, "lines"),
	FER_WORDS("suffix"),
	FER_WORDS("telephone"),
	FER_WORDS("vat_id"),
	FER_WHOLE("vat_is_valid"),
	FER_WORDS("vat_request_date"),
	FER_WORDS("vat_request_id"),
	FER_WHOLE("vat_request_success"),
};

static struct fer_value lines_of(struct fer_call *call, struct fer_str text)
{
	struct fer_value lines = fer_list();
	struct fer_str line;

	while (fer_str_cut(&text, '\n', &line))
		fer_push(call->arena, &lines, fer_string(line));
	return lines;
}

static int addresses_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fer_set(call->arena, &records[i], "street", lines_of(call, fer_map_str(call->arena, &records[i], "street")));
	return 0;
}

const struct fer_entity fer_order_address = {
	.name = "sales-data-order-address-interface", .table = "sales_order_address", FER_FIELDS(address_fields),
	.join = "LEFT JOIN directory_country_region AS region ON region.region_id = main.region_id", .loaded = addresses_loaded,
};

/* -- payment ------------------------------------------------------------------------------------------------------- */

static const struct fer_field info_fields[] = {
	FER_FIELD("key",   FER_STRING, NULL, FER_NULLS, "what it is"),
	FER_FIELD("value", FER_STRING, NULL, FER_NULLS, "text, or JSON"),
};

const struct fer_entity fer_payment_info = { .name = "payment-data-payment-additional-info-interface", FER_FIELDS(info_fields) };

static const struct fer_field payment_fields[] = {
	FER_FIELD("account_status", FER_STRING, "account_status", FER_NULLS, NULL),
	FER_WORDS("additional_data"),
	FER_FIELD("additional_information", FER_STRING, NULL, FER_MANY | FER_NULLS, "what the method keeps"),
	FER_WORDS("address_status"),
	FER_AMOUNT("amount_authorized"),
	FER_AMOUNT("amount_canceled"),
	FER_AMOUNT("amount_ordered"),
	FER_AMOUNT("amount_paid"),
	FER_AMOUNT("amount_refunded"),
	FER_WORDS("anet_trans_method"),
	FER_AMOUNT("base_amount_authorized"),
	FER_AMOUNT("base_amount_canceled"),
	FER_AMOUNT("base_amount_ordered"),
	FER_AMOUNT("base_amount_paid"),
	FER_AMOUNT("base_amount_paid_online"),
	FER_AMOUNT("base_amount_refunded"),
	FER_AMOUNT("base_amount_refunded_online"),
	FER_AMOUNT("base_shipping_amount"),
	FER_AMOUNT("base_shipping_captured"),
	FER_AMOUNT("base_shipping_refunded"),
	FER_WORDS("cc_approval"),
	FER_WORDS("cc_avs_status"),
	FER_WORDS("cc_cid_status"),
	FER_WORDS("cc_debug_request_body"),
	FER_WORDS("cc_debug_response_body"),
	FER_WORDS("cc_debug_response_serialized"),
	FER_WORDS("cc_exp_month"),
	FER_WORDS("cc_exp_year"),
	FER_FIELD("cc_last4", FER_STRING, "cc_last_4", FER_NULLS, NULL),
	FER_WORDS("cc_number_enc"),
	FER_WORDS("cc_owner"),
	FER_WORDS("cc_secure_verify"),
	FER_WORDS("cc_ss_issue"),
	FER_WORDS("cc_ss_start_month"),
	FER_WORDS("cc_ss_start_year"),
	FER_WORDS("cc_status"),
	FER_WORDS("cc_status_description"),
	FER_WORDS("cc_trans_id"),
	FER_WORDS("cc_type"),
	FER_WORDS("echeck_account_name"),
	FER_WORDS("echeck_account_type"),
	FER_WORDS("echeck_bank_name"),
	FER_WORDS("echeck_routing_number"),
	FER_WORDS("echeck_type"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("last_trans_id"),
	FER_WORDS("method"),
	FER_WHOLE("parent_id"),
	FER_WORDS("po_number"),
	FER_WORDS("protection_eligibility"),
	FER_WHOLE("quote_payment_id"),
	FER_AMOUNT("shipping_amount"),
	FER_AMOUNT("shipping_captured"),
	FER_AMOUNT("shipping_refunded"),
	FER_FIELD("stored", FER_STRING, "additional_information", FER_INNER, "what the method keeps, JSON"),
};

static struct fer_value info_value(struct fer_call *call, const struct fer_value *v)
{
	struct fer_buf buf;

	if (v->kind == FER_V_STRING)
		return *v;
	fer_buf_init(&buf, call->arena, 1 << 20);
	fer_json_write(&buf, v);
	return fer_string(fer_buf_view(&buf));
}

/* What the method keeps goes out twice: the values alone, and by name in the order's extension attributes. */
static int payments_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fer_value stored, values = fer_list(), info = fer_list();

		if (fer_json_read(call->arena, fer_map_str(call->arena, &records[i], "stored"), &stored))
			stored = fer_null();
		for (uint32_t m = 0; stored.kind == FER_V_MAP && m < stored.map.n; m++) {
			struct fer_value *row = fer_push(call->arena, &info, fer_map());

			fer_set(call->arena, row, "key", fer_string(stored.map.members[m].name));
			fer_set(call->arena, row, "value", info_value(call, &stored.map.members[m].value));
			fer_push(call->arena, &values, info_value(call, &stored.map.members[m].value));
		}
		fer_set(call->arena, &records[i], "additional_information", values);
		fer_set(call->arena, &records[i], "info", info);
	}
	return 0;
}

const struct fer_entity fer_order_payment = {
	.name = "sales-data-order-payment-interface", .table = "sales_order_payment", FER_FIELDS(payment_fields), .loaded = payments_loaded,
};

/* -- history ------------------------------------------------------------------------------------------------------- */

static const struct fer_field history_fields[] = {
	FER_FIELD("comment",              FER_STRING, "comment",              FER_SEARCH | FER_NULLS, "what was said"),
	FER_FIELD("created_at",           FER_STRING, "created_at",           FER_SEARCH,             "UTC"),
	FER_FIELD("entity_id",            FER_INT,    "entity_id",            FER_KEY,                "row id"),
	FER_FIELD("entity_name",          FER_STRING, "entity_name",          FER_SEARCH,             "order, invoice, shipment or creditmemo"),
	FER_FIELD("is_customer_notified", FER_INT,    "is_customer_notified", FER_SEARCH | FER_NULLS, "1: the customer was told"),
	FER_FIELD("is_visible_on_front",  FER_INT,    "is_visible_on_front",  FER_SEARCH | FER_NULLS, "1: he may read it"),
	FER_FIELD("parent_id",            FER_INT,    "parent_id",            FER_SEARCH | FER_NULLS, "order"),
	FER_FIELD("status",               FER_STRING, "status",               FER_SEARCH,             "of the order then"),
};

const struct fer_entity fer_order_history = {
	.name = "sales-data-order-status-history-interface", .table = "sales_order_status_history", FER_FIELDS(history_fields),
};

/* -- where it goes ------------------------------------------------------------------------------------------------- */

static const struct fer_field total_fields[] = {
	FER_AMOUNT("base_shipping_amount"),
	FER_AMOUNT("base_shipping_canceled"),
	FER_AMOUNT("base_shipping_discount_amount"),
	FER_AMOUNT("base_shipping_discount_tax_compensation_amnt"),
	FER_AMOUNT("base_shipping_incl_tax"),
	FER_AMOUNT("base_shipping_invoiced"),
	FER_AMOUNT("base_shipping_refunded"),
	FER_AMOUNT("base_shipping_tax_amount"),
	FER_AMOUNT("base_shipping_tax_refunded"),
	FER_AMOUNT("shipping_amount"),
	FER_AMOUNT("shipping_canceled"),
	FER_AMOUNT("shipping_discount_amount"),
	FER_AMOUNT("shipping_discount_tax_compensation_amount"),
	FER_AMOUNT("shipping_incl_tax"),
	FER_AMOUNT("shipping_invoiced"),
	FER_AMOUNT("shipping_refunded"),
	FER_AMOUNT("shipping_tax_amount"),
	FER_AMOUNT("shipping_tax_refunded"),
};

static const struct fer_entity total = { .name = "sales-data-total-interface", FER_FIELDS(total_fields) };

static const struct fer_field shipping_fields[] = {
	FER_FIELD("address", FER_OBJECT, NULL, 0, "none when nothing is sent", .of = &fer_order_address),
	FER_FIELD("method",  FER_STRING, NULL, 0, "carrier and method"),
	FER_FIELD("total",   FER_OBJECT, NULL, 0, "what it costs", .of = &total),
};

static const struct fer_entity shipping = { .name = "sales-data-shipping-interface", FER_FIELDS(shipping_fields) };

static const struct fer_field assignment_fields[] = {
	FER_FIELD("shipping", FER_OBJECT, NULL, FER_NULLS,            "how", .of = &shipping),
	FER_FIELD("items",    FER_OBJECT, NULL, FER_NULLS | FER_MANY, "what", .of = &fer_order_item),
};

const struct fer_entity fer_shipping_assignment = { .name = "sales-data-shipping-assignment-interface", FER_FIELDS(assignment_fields) };

/* -- a gift message ------------------------------------------------------------------------------------------------- */

static const struct fer_field message_fields[] = {
	FER_FIELD("gift_message_id", FER_INT,    "gift_message_id", FER_KEY,   "row id"),
	FER_FIELD("customer_id",     FER_INT,    "customer_id",     0,         "0: a guest"),
	FER_FIELD("sender",          FER_STRING, "sender",          FER_NULLS, "from"),
	FER_FIELD("recipient",       FER_STRING, "recipient",       FER_NULLS, "to"),
	FER_FIELD("message",         FER_STRING, "message",         FER_NULLS, "text"),
};

const struct fer_entity fer_gift_message = {
	.name = "gift-message-data-message-interface", .table = "gift_message", FER_FIELDS(message_fields),
};

int fer_gift_message_add(struct fer_call *call, int64_t id, struct fer_value *extension)
{
	struct fer_value message, key = fer_int(id);
	bool found = false;
	int r = id ? fer_find(call, &fer_gift_message, "gift_message_id", &key, &message, &found) : 0;

	if (!r && found)
		fer_set(call->arena, extension, "gift_message", message);
	return r;
}
