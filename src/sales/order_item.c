/*
 * Magento_Sales: items of orders. What the customer chose is read from the request that the item was bought with; the totals of a row are
 * shown after the discount, though they are stored before it.
 */
#include "sales/sales.h"

#include "core/json.h"

/* -- what the customer chose --------------------------------------------------------------------------------------- */

static const struct fer_field custom_fields[] = {
	FER_FIELD("option_id",    FER_STRING, NULL, FER_NULLS, "option of the product"),
	FER_FIELD("option_value", FER_STRING, NULL, FER_NULLS, "text, or ids of its values with commas"),
};

static const struct fer_field bundle_fields[] = {
	FER_FIELD("option_id",         FER_INT, NULL, FER_NULLS,            "option of the bundle"),
	FER_FIELD("option_qty",        FER_INT, NULL, FER_NULLS,            "of each selection"),
	FER_FIELD("option_selections", FER_INT, NULL, FER_NULLS | FER_MANY, "ids of selections"),
};

static const struct fer_field configurable_fields[] = {
	FER_FIELD("option_id",    FER_STRING, NULL, FER_NULLS, "attribute"),
	FER_FIELD("option_value", FER_INT,    NULL, 0,         "its option"),
};

static const struct fer_field download_fields[] = {
	FER_FIELD("downloadable_links", FER_INT, NULL, FER_NULLS | FER_MANY, "ids of links"),
};

static const struct fer_entity custom_option = { .name = "catalog-data-custom-option-interface", FER_FIELDS(custom_fields) };
static const struct fer_entity bundle_option = { .name = "bundle-data-bundle-option-interface", FER_FIELDS(bundle_fields) };
static const struct fer_entity configurable_option = {
	.name = "configurable-product-data-configurable-item-option-value-interface", FER_FIELDS(configurable_fields),
};
static const struct fer_entity download_option = { .name = "downloadable-data-downloadable-option-interface", FER_FIELDS(download_fields) };

static const struct fer_field choice_fields[] = {
	FER_FIELD("custom_options",            FER_OBJECT, NULL, FER_MANY, "custom options", .of = &custom_option),
	FER_FIELD("bundle_options",            FER_OBJECT, NULL, FER_MANY, "of a bundle", .of = &bundle_option),
	FER_FIELD("downloadable_option",       FER_OBJECT, NULL, 0,        "of downloads", .of = &download_option),
	FER_FIELD("configurable_item_options", FER_OBJECT, NULL, FER_MANY, "of a configurable product", .of = &configurable_option),
};

static const struct fer_entity choice = { .name = "catalog-data-product-option-extension-interface", FER_FIELDS(choice_fields) };

static const struct fer_field option_fields[] = {
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "by kind of product", .of = &choice),
};

static const struct fer_entity option = { .name = "catalog-data-product-option-interface", FER_FIELDS(option_fields) };

/* A PHP array is a JSON list when its keys are 0, 1, 2 … */
static size_t count_of(const struct fer_value *v)
{
	return v && (v->kind == FER_V_MAP || v->kind == FER_V_LIST) ? fer_count(v) : 0;
}

static struct fer_str key_at(struct fer_call *call, const struct fer_value *v, size_t i)
{
	return v->kind == FER_V_MAP ? v->map.members[i].name : fer_str_fmt(call->arena, "%zu", i);
}

static const struct fer_value *value_at(const struct fer_value *v, size_t i)
{
	return v->kind == FER_V_MAP ? &v->map.members[i].value : fer_at(v, i);
}

static struct fer_value joined(struct fer_call *call, const struct fer_value *v)
{
	struct fer_buf buf;

	if (fer_is_null(v) || fer_is_scalar(v))
		return fer_string(fer_as_str(call->arena, v));
	fer_buf_init(&buf, call->arena, 1 << 20);
	for (size_t i = 0; i < count_of(v); i++) {
		fer_buf_text(&buf, i ? "," : "");
		fer_buf_str(&buf, fer_as_str(call->arena, value_at(v, i)));
	}
	return fer_string(fer_buf_view(&buf));
}

static struct fer_value ints_of(struct fer_call *call, const struct fer_value *v)
{
	struct fer_value list = fer_list();

	if (v && fer_is_scalar(v))
		fer_push(call->arena, &list, fer_int(fer_as_int(v)));
	for (size_t i = 0; i < count_of(v); i++)
		fer_push(call->arena, &list, fer_int(fer_as_int(value_at(v, i))));
	return list;
}

static void add_custom(struct fer_call *call, const struct fer_value *request, struct fer_value *out)
{
	const struct fer_value *options = fer_get(request, "options");
	struct fer_value list = fer_list();

	for (size_t i = 0; i < count_of(options); i++) {
		struct fer_value *row = fer_push(call->arena, &list, fer_map());

		fer_set(call->arena, row, "option_id", fer_string(key_at(call, options, i)));
		fer_set(call->arena, row, "option_value", joined(call, value_at(options, i)));
	}
	if (fer_count(&list))
		fer_set(call->arena, out, "custom_options", list);
}

static void add_bundle(struct fer_call *call, const struct fer_value *request, struct fer_value *out)
{
	const struct fer_value *options = fer_get(request, "bundle_option"), *quantities = fer_get(request, "bundle_option_qty"), *qty;
	struct fer_value list = fer_list();

	for (size_t i = 0; i < count_of(options); i++) {
		struct fer_value *row = fer_push(call->arena, &list, fer_map()), key = fer_string(key_at(call, options, i));

		qty = fer_get_str(quantities, key.text);
		fer_set(call->arena, row, "option_id", fer_int(fer_as_int(&key)));
		fer_set(call->arena, row, "option_qty", fer_int(fer_is_null(qty) ? 1 : fer_as_int(qty)));
		fer_set(call->arena, row, "option_selections", ints_of(call, value_at(options, i)));
	}
	if (fer_count(&list))
		fer_set(call->arena, out, "bundle_options", list);
}

static void add_downloads(struct fer_call *call, const struct fer_value *request, struct fer_value *out)
{
	const struct fer_value *links = fer_get(request, "links");
	struct fer_value download = fer_map();

	if (!count_of(links))
		return;
	fer_set(call->arena, &download, "downloadable_links", ints_of(call, links));
	fer_set(call->arena, out, "downloadable_option", download);
}

static void add_configurable(struct fer_call *call, const struct fer_value *request, struct fer_value *out)
{
	const struct fer_value *options = fer_get(request, "super_attribute");
	struct fer_value list = fer_list();

	for (size_t i = 0; i < count_of(options); i++) {
		struct fer_value *row = fer_push(call->arena, &list, fer_map());

		fer_set(call->arena, row, "option_id", fer_string(key_at(call, options, i)));
		fer_set(call->arena, row, "option_value", fer_int(fer_as_int(value_at(options, i))));
	}
	if (fer_count(&list))
		fer_set(call->arena, out, "configurable_item_options", list);
}

static const struct kind {
	const char *type;                /* of the product; NULL: any */
	void (*add)(struct fer_call *call, const struct fer_value *request, struct fer_value *out);
} kinds[] = {
	{ "configurable", add_configurable }, { "bundle", add_bundle }, { "downloadable", add_downloads }, { NULL, add_custom },
};

/* Source: Magento_Sales Model\Order\ItemRepository, 2.4.7: a part of another item has none of its own. */
static void set_option(struct fer_call *call, struct fer_value *record)
{
	struct fer_str type = fer_map_str(call->arena, record, "product_type");
	struct fer_value stored, chosen = fer_map(), out = fer_map();

	if (fer_has(record, "parent_item_id") || fer_json_read(call->arena, fer_map_str(call->arena, record, "product_options"), &stored))
		return;
	for (size_t i = 0; i < FER_ARRAY_LEN(kinds); i++)
		if (!kinds[i].type || fer_str_is(type, kinds[i].type))
			kinds[i].add(call, fer_get(&stored, "info_buyRequest"), &chosen);
	if (!fer_count(&chosen))
		return;
	fer_set(call->arena, &out, "extension_attributes", chosen);
	fer_set(call->arena, record, "product_option", out);
}

/* -- items --------------------------------------------------------------------------------------------------------- */

static const struct fer_field extension_fields[] = {
	FER_FIELD("gift_message",   FER_OBJECT, NULL, 0,        "its message", .of = &fer_gift_message),
	FER_FIELD("itemized_taxes", FER_OBJECT, NULL, FER_MANY, "what it was taxed with", .of = &fer_order_tax_item),
};

static const struct fer_entity extension = { .name = "sales-data-order-item-extension-interface", FER_FIELDS(extension_fields) };

static const struct fer_field fields[] = {
	FER_WORDS("additional_data"),
	FER_AMOUNT("amount_refunded"),
	FER_WORDS("applied_rule_ids"),
	FER_AMOUNT("base_amount_refunded"),
	FER_AMOUNT("base_cost"),
	FER_AMOUNT("base_discount_amount"),
	FER_AMOUNT("base_discount_invoiced"),
	FER_AMOUNT("base_discount_refunded"),
	FER_AMOUNT("base_discount_tax_compensation_amount"),
	FER_AMOUNT("base_discount_tax_compensation_invoiced"),
	FER_AMOUNT("base_discount_tax_compensation_refunded"),
	FER_AMOUNT("base_original_price"),
	FER_AMOUNT("base_price"),
	FER_AMOUNT("base_price_incl_tax"),
	FER_AMOUNT("base_row_invoiced"),
	FER_AMOUNT("base_row_total"),
	FER_AMOUNT("base_row_total_incl_tax"),
	FER_AMOUNT("base_tax_amount"),
	FER_AMOUNT("base_tax_before_discount"),
	FER_AMOUNT("base_tax_invoiced"),
	FER_AMOUNT("base_tax_refunded"),
	FER_AMOUNT("base_weee_tax_applied_amount"),
	FER_AMOUNT("base_weee_tax_applied_row_amnt"),
	FER_AMOUNT("base_weee_tax_disposition"),
	FER_AMOUNT("base_weee_tax_row_disposition"),
	FER_WORDS("created_at"),
	FER_WORDS("description"),
	FER_AMOUNT("discount_amount"),
	FER_AMOUNT("discount_invoiced"),
	FER_AMOUNT("discount_percent"),
	FER_AMOUNT("discount_refunded"),
	FER_WORDS("ext_order_item_id"),
	FER_WHOLE("free_shipping"),
	FER_AMOUNT("discount_tax_compensation_amount"),
	FER_AMOUNT("discount_tax_compensation_canceled"),
	FER_AMOUNT("discount_tax_compensation_invoiced"),
	FER_AMOUNT("discount_tax_compensation_refunded"),
	FER_WHOLE("is_qty_decimal"),
	FER_WHOLE("is_virtual"),
	FER_FIELD("item_id", FER_INT, "item_id", FER_KEY, "row id"),
	FER_WHOLE("locked_do_invoice"),
	FER_WHOLE("locked_do_ship"),
	FER_WORDS("name"),
	FER_WHOLE("no_discount"),
	FER_WHOLE("order_id"),
	FER_AMOUNT("original_price"),
	FER_WHOLE("parent_item_id"),
	FER_AMOUNT("price"),
	FER_AMOUNT("price_incl_tax"),
	FER_WHOLE("product_id"),
	FER_WORDS("product_type"),
	FER_AMOUNT("qty_backordered"),
	FER_AMOUNT("qty_canceled"),
	FER_AMOUNT("qty_invoiced"),
	FER_AMOUNT("qty_ordered"),
	FER_AMOUNT("qty_refunded"),
	FER_AMOUNT("qty_shipped"),
	FER_WHOLE("quote_item_id"),
	FER_AMOUNT("row_invoiced"),
	FER_AMOUNT("row_total"),
	FER_AMOUNT("row_total_incl_tax"),
	FER_AMOUNT("row_weight"),
	FER_WORDS("sku"),
	FER_WHOLE("store_id"),
	FER_AMOUNT("tax_amount"),
	FER_AMOUNT("tax_before_discount"),
	FER_AMOUNT("tax_canceled"),
	FER_AMOUNT("tax_invoiced"),
	FER_AMOUNT("tax_percent"),
	FER_AMOUNT("tax_refunded"),
	FER_WORDS("updated_at"),
	FER_WORDS("weee_tax_applied"),
	FER_AMOUNT("weee_tax_applied_amount"),
	FER_AMOUNT("weee_tax_applied_row_amount"),
	FER_AMOUNT("weee_tax_disposition"),
	FER_AMOUNT("weee_tax_row_disposition"),
	FER_AMOUNT("weight"),
	FER_FIELD("parent_item", FER_OBJECT, NULL, 0, "what it is a part of", .of = &fer_order_item),
	FER_FIELD("product_option", FER_OBJECT, NULL, 0, "what the customer chose", .of = &option),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "its message and taxes, inside an order", .of = &extension),
	FER_FIELD("product_options", FER_STRING, "product_options", FER_INNER, "how it was bought, JSON"),
	FER_FIELD("gift_message_id", FER_INT, "gift_message_id", FER_INNER, "its message"),
	FER_FIELD("gift_message_available", FER_INT, "gift_message_available", FER_INNER, "it may have one; null or 2: as the shop says"),
};

static fer_micro amount(const struct fer_value *record, const char *name)
{
	return fer_as_decimal(fer_get(record, name));
}

/* Source: Magento_Sales Model\Order\Webapi\ChangeOutputArray, 2.4.7 */
static void set_totals(struct fer_call *call, struct fer_value *record)
{
	fer_micro row = amount(record, "row_total") - amount(record, "discount_amount");
	fer_micro base_row = amount(record, "base_row_total") - amount(record, "base_discount_amount");
	fer_micro tax = amount(record, "tax_amount") + amount(record, "discount_tax_compensation_amount");
	fer_micro base_tax = amount(record, "base_tax_amount") + amount(record, "base_discount_tax_compensation_amount");

	fer_set(call->arena, record, "row_total", fer_decimal(row));
	fer_set(call->arena, record, "base_row_total", fer_decimal(base_row));
	fer_set(call->arena, record, "row_total_incl_tax", fer_decimal(row + tax + amount(record, "weee_tax_applied_row_amount")));
	fer_set(call->arena, record, "base_row_total_incl_tax", fer_decimal(base_row + base_tax + amount(record, "base_weee_tax_applied_row_amnt")));
}

static int parents_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		set_option(call, &records[i]);
		set_totals(call, &records[i]);
	}
	return 0;
}

/* An item that others are parts of: the same, but its own parent is not asked for. */
static const struct fer_entity parent = {
	.name = "sales-data-order-item-interface", .table = "sales_order_item", FER_FIELDS(fields), .loaded = parents_loaded,
};

static int items_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	struct fer_value found;
	bool there = false;
	int r = parents_loaded(call, records, n);

	for (size_t i = 0; !r && i < n; i++) {
		if (!fer_has(&records[i], "parent_item_id"))
			continue;
		r = fer_find(call, &parent, "item_id", fer_get(&records[i], "parent_item_id"), &found, &there);
		if (!r && there)
			fer_set(call->arena, &records[i], "parent_item", found);
	}
	return r;
}

const struct fer_entity fer_order_item = {
	.name = "sales-data-order-item-interface", .table = "sales_order_item", FER_FIELDS(fields), .path_id = "id",
	.missing = FER_E_SALES_MISSING, .loaded = items_loaded,
};

#define ACL "Magento_Sales::actions_view"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/orders/items", ACL, .run = fer_entity_search, .of = &fer_order_item, FER_SEARCH_CRITERIA, .search = true, .cached = true,
	  .service = "salesOrderItemRepositoryV1", .summary = "Items of orders that match", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/orders/items/:id", ACL, .run = fer_sales_get, .of = &fer_order_item, FER_SALES_ID, .cached = true,
	  .service = "salesOrderItemRepositoryV1", .summary = "One item of an order", .source = FER_SALES_SOURCE },
};

const struct fer_route_table fer_routes_order_item = FER_ROUTE_TABLE(rows);
