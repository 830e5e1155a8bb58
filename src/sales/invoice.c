/*
 * Magento_Sales: invoices, read: a row, its items and comments.
 */
#include "sales/sales.h"

static const struct fer_field item_fields[] = {
	FER_WORDS("additional_data"),
	FER_AMOUNT("base_cost"),
	FER_AMOUNT("base_discount_amount"),
	FER_AMOUNT("base_discount_tax_compensation_amount"),
	FER_AMOUNT("base_price"),
	FER_AMOUNT("base_price_incl_tax"),
	FER_AMOUNT("base_row_total"),
	FER_AMOUNT("base_row_total_incl_tax"),
	FER_AMOUNT("base_tax_amount"),
	FER_WORDS("description"),
	FER_AMOUNT("discount_amount"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_AMOUNT("discount_tax_compensation_amount"),
	FER_WORDS("name"),
	FER_WHOLE("parent_id"),
	FER_AMOUNT("price"),
	FER_AMOUNT("price_incl_tax"),
	FER_WHOLE("product_id"),
	FER_AMOUNT("row_total"),
	FER_AMOUNT("row_total_incl_tax"),
	FER_WORDS("sku"),
	FER_AMOUNT("tax_amount"),
	FER_WHOLE("order_item_id"),
	FER_AMOUNT("qty"),
};

static const struct fer_entity invoice_item = {
	.name = "sales-data-invoice-item-interface", .table = "sales_invoice_item", FER_FIELDS(item_fields),
};

static const struct fer_field comment_fields[] = { FER_COMMENT_FIELDS("invoice") };

static const struct fer_entity invoice_comment = {
	.name = "sales-data-invoice-comment-interface", .table = "sales_invoice_comment", FER_FIELDS(comment_fields),
};

static const struct fer_field fields[] = {
	FER_WORDS("base_currency_code"),
	FER_AMOUNT("base_discount_amount"),
	FER_AMOUNT("base_grand_total"),
	FER_AMOUNT("base_discount_tax_compensation_amount"),
	FER_AMOUNT("base_shipping_amount"),
	FER_AMOUNT("base_shipping_discount_tax_compensation_amnt"),
	FER_AMOUNT("base_shipping_incl_tax"),
	FER_AMOUNT("base_shipping_tax_amount"),
	FER_AMOUNT("base_subtotal"),
	FER_AMOUNT("base_subtotal_incl_tax"),
	FER_AMOUNT("base_tax_amount"),
	FER_AMOUNT("base_total_refunded"),
	FER_AMOUNT("base_to_global_rate"),
	FER_AMOUNT("base_to_order_rate"),
	FER_WHOLE("billing_address_id"),
	FER_WHOLE("can_void_flag"),
	FER_WORDS("created_at"),
	FER_AMOUNT("discount_amount"),
	FER_WORDS("discount_description"),
	FER_WHOLE("email_sent"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("global_currency_code"),
	FER_AMOUNT("grand_total"),
	FER_AMOUNT("discount_tax_compensation_amount"),
	FER_WORDS("increment_id"),
	FER_WHOLE("is_used_for_refund"),
	FER_WORDS("order_currency_code"),
	FER_WHOLE("order_id"),
	FER_WHOLE("shipping_address_id"),
	FER_AMOUNT("shipping_amount"),
	FER_AMOUNT("shipping_discount_tax_compensation_amount"),
	FER_AMOUNT("shipping_incl_tax"),
	FER_AMOUNT("shipping_tax_amount"),
	FER_WHOLE("state"),
	FER_WORDS("store_currency_code"),
	FER_WHOLE("store_id"),
	FER_AMOUNT("store_to_base_rate"),
	FER_AMOUNT("store_to_order_rate"),
	FER_AMOUNT("subtotal"),
	FER_AMOUNT("subtotal_incl_tax"),
	FER_AMOUNT("tax_amount"),
	FER_AMOUNT("total_qty"),
	FER_WORDS("transaction_id"),
	FER_WORDS("updated_at"),
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "what it is for", .of = &invoice_item),
	FER_FIELD("comments", FER_OBJECT, NULL, FER_MANY, "what was said", .of = &invoice_comment),
};

static const struct fer_sales_part parts[] = { { "items", &invoice_item }, { "comments", &invoice_comment } };

static int invoices_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	return fer_sales_parts(call, records, n, parts, FER_ARRAY_LEN(parts));
}

static const struct fer_entity invoice = {
	.name = "sales-data-invoice-interface", .table = "sales_invoice", FER_FIELDS(fields), .path_id = "id", .missing = FER_E_SALES_MISSING,
	.loaded = invoices_loaded,
};

#define ACL "Magento_Sales::sales_invoice"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/invoices", ACL, .run = fer_entity_search, .of = &invoice, FER_SEARCH_CRITERIA, .search = true, .cached = true,
	  .service = "salesInvoiceRepositoryV1", .summary = "Invoices that match", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/invoices/:id", ACL, .run = fer_sales_get, .of = &invoice, FER_SALES_ID, .cached = true,
	  .service = "salesInvoiceRepositoryV1", .summary = "One invoice", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/invoices/:id/comments", ACL, .run = fer_sales_comments, .of = &invoice_comment, FER_SALES_ID, .search = true,
	  .cached = true, .service = "salesInvoiceManagementV1", .summary = "What was said of an invoice", .source = FER_SALES_SOURCE },
};

const struct fer_route_table fer_routes_invoice = FER_ROUTE_TABLE(rows);
