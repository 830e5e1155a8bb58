/*
 * Magento_Sales: credit memos, read: a row, its items and comments.
 */
#include "sales/sales.h"

static const struct fer_field item_fields[] = {
	FER_WORDS("additional_data"),
	FER_FIELD("base_cost", FER_DECIMAL, "base_cost", FER_SEARCH | FER_NULLS, NULL),
	FER_AMOUNT("base_discount_amount"),
	FER_AMOUNT("base_discount_tax_compensation_amount"),
	FER_AMOUNT("base_price"),
	FER_AMOUNT("base_price_incl_tax"),
	FER_AMOUNT("base_row_total"),
	FER_AMOUNT("base_row_total_incl_tax"),
	FER_AMOUNT("base_tax_amount"),
	FER_AMOUNT("base_weee_tax_applied_amount"),
	FER_AMOUNT("base_weee_tax_applied_row_amnt"),
	FER_AMOUNT("base_weee_tax_disposition"),
	FER_AMOUNT("base_weee_tax_row_disposition"),
	FER_WORDS("description"),
	FER_AMOUNT("discount_amount"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_AMOUNT("discount_tax_compensation_amount"),
	FER_WORDS("name"),
	FER_WHOLE("order_item_id"),
	FER_WHOLE("parent_id"),
	FER_AMOUNT("price"),
	FER_AMOUNT("price_incl_tax"),
	FER_WHOLE("product_id"),
	FER_AMOUNT("qty"),
	FER_AMOUNT("row_total"),
	FER_AMOUNT("row_total_incl_tax"),
	FER_WORDS("sku"),
	FER_AMOUNT("tax_amount"),
	FER_WORDS("weee_tax_applied"),
	FER_AMOUNT("weee_tax_applied_amount"),
	FER_AMOUNT("weee_tax_applied_row_amount"),
	FER_AMOUNT("weee_tax_disposition"),
	FER_AMOUNT("weee_tax_row_disposition"),
};

static const struct fer_entity memo_item = {
	.name = "sales-data-creditmemo-item-interface", .table = "sales_creditmemo_item", FER_FIELDS(item_fields),
};

static const struct fer_field comment_fields[] = {
	FER_FIELD("comment",              FER_STRING, "comment",              FER_SEARCH | FER_NULLS, "what was said"),
	FER_FIELD("created_at",           FER_STRING, "created_at",           FER_SEARCH,             "UTC"),
	FER_FIELD("entity_id",            FER_INT,    "entity_id",            FER_KEY,                "row id"),
	FER_FIELD("is_customer_notified", FER_INT,    "is_customer_notified", FER_SEARCH | FER_NULLS, "1: the customer was told"),
	FER_FIELD("is_visible_on_front",  FER_INT,    "is_visible_on_front",  FER_SEARCH | FER_NULLS, "1: he may read it"),
	FER_FIELD("parent_id",            FER_INT,    "parent_id",            FER_SEARCH | FER_NULLS, "credit memo"),
};

static const struct fer_entity memo_comment = {
	.name = "sales-data-creditmemo-comment-interface", .table = "sales_creditmemo_comment", FER_FIELDS(comment_fields),
};

static const struct fer_field fields[] = {
	FER_AMOUNT("adjustment"),
	FER_AMOUNT("adjustment_negative"),
	FER_AMOUNT("adjustment_positive"),
	FER_AMOUNT("base_adjustment"),
	FER_AMOUNT("base_adjustment_negative"),
	FER_AMOUNT("base_adjustment_positive"),
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
	FER_AMOUNT("base_to_global_rate"),
	FER_AMOUNT("base_to_order_rate"),
	FER_WHOLE("billing_address_id"),
	FER_WORDS("created_at"),
	FER_WHOLE("creditmemo_status"),
	FER_AMOUNT("discount_amount"),
	FER_WORDS("discount_description"),
	FER_WHOLE("email_sent"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("global_currency_code"),
	FER_AMOUNT("grand_total"),
	FER_AMOUNT("discount_tax_compensation_amount"),
	FER_WORDS("increment_id"),
	FER_WHOLE("invoice_id"),
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
	FER_WORDS("transaction_id"),
	FER_WORDS("updated_at"),
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "what is given back", .of = &memo_item),
	FER_FIELD("comments", FER_OBJECT, NULL, FER_MANY, "what was said", .of = &memo_comment),
};

static const struct fer_sales_part parts[] = { { "items", &memo_item }, { "comments", &memo_comment } };

static int memos_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	return fer_sales_parts(call, records, n, parts, FER_ARRAY_LEN(parts));
}

static const struct fer_entity credit_memo = {
	.name = "sales-data-creditmemo-interface", .table = "sales_creditmemo", FER_FIELDS(fields), .path_id = "id",
	.missing = FER_E_SALES_MISSING, .loaded = memos_loaded,
};

#define ACL "Magento_Sales::sales_creditmemo"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/creditmemos", ACL, .run = fer_entity_search, .of = &credit_memo, FER_SEARCH_CRITERIA, .search = true, .cached = true,
	  .service = "salesCreditmemoRepositoryV1", .summary = "Credit memos that match", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/creditmemo/:id", ACL, .run = fer_sales_get, .of = &credit_memo, FER_SALES_ID, .cached = true,
	  .service = "salesCreditmemoRepositoryV1", .summary = "One credit memo", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/creditmemo/:id/comments", ACL, .run = fer_sales_comments, .of = &memo_comment, FER_SALES_ID, .search = true,
	  .cached = true, .service = "salesCreditmemoManagementV1", .summary = "What was said of a credit memo", .source = FER_SALES_SOURCE },
};

const struct fer_route_table fer_routes_credit_memo = FER_ROUTE_TABLE(rows);
