/*
 * The price index as Magento's indexer keeps it "on update": what a search sorted by price at a store joins.
 * Source: Magento_Catalog and Magento_CatalogInventory price indexers, 2.4.7.
 */
#include "catalog/product.h"

static int64_t attribute(const struct fer_eav *eav, const char *code)
{
	const struct fer_attribute *a = fer_eav_by_code(eav, FER_EAV_PRODUCT, fer_str(code));

	return a ? a->id : 0;
}

int fer_product_reindex(struct fer_call *call, int64_t product_id, bool is_new)
{
	struct fer_str now = fer_time_text(call->arena, call->now_s);
	struct fer_str today = fer_str_fmt(call->arena, "%.*s 00:00:00", 10, now.at);
	int64_t status, tax, price, special, from, to;
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)))
		return r;
	if (!is_new && (r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_CLEAR, NULL, "i", product_id)))
		return r;
	status = attribute(eav, "status");
	tax = attribute(eav, "tax_class_id");
	price = attribute(eav, "price");
	special = attribute(eav, "special_price");
	from = attribute(eav, "special_from_date");
	to = attribute(eav, "special_to_date");
	return fer_sql_run(call->db, FER_SQL_PRICE_INDEX_FILL, NULL, "ssiiiiiiiiiiiii", today, today, status, status, tax, tax, price, price,
	                   special, special, from, from, to, to, product_id);
}
