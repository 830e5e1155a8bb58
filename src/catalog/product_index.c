/*
 * The price index as Magento's indexer keeps it "on update": what a search sorted by price at a store joins.
 * Source: Magento_Catalog and Magento_CatalogInventory price indexers, 2.4.7.
 */
#include "catalog/product_impl.h"

#define DATE_LENGTH 10
#define ENABLED 1

static int64_t attribute(const struct fer_eav *eav, const char *code)
{
	const struct fer_attribute *a = fer_eav_by_code(eav, FER_EAV_PRODUCT, fer_str(code));

	return a ? a->id : 0;
}

static bool is_indexed(struct fer_str type)
{
	return fer_str_is(type, "simple") || fer_str_is(type, "virtual") || fer_str_is(type, "downloadable");
}

static bool is_made_of_others(struct fer_str type)
{
	return fer_str_is(type, "configurable") || fer_str_is(type, "grouped") || fer_str_is(type, "bundle");
}

/* Times as columns keep them compare as text. */
static struct fer_str date_of(const struct fer_product_saving *s, const char *code, const char *otherwise)
{
	const struct fer_attribute *a = fer_eav_by_code(s->eav, FER_EAV_PRODUCT, fer_str(code));
	const struct fer_value *v = fer_saving_value(s, code);
	struct fer_value form;

	if (!a || fer_is_null(v))
		return fer_str(otherwise);
	form = fer_eav_column_form(s->call->arena, a, v);
	return form.text;
}

static fer_micro final_price(const struct fer_product_saving *s, fer_micro price, struct fer_str today)
{
	const struct fer_value *special = fer_saving_value(s, "special_price");

	if (fer_is_null(special) || fer_as_decimal(special) >= price ||
	    fer_str_cmp(date_of(s, "special_from_date", ""), today) > 0 || fer_str_cmp(date_of(s, "special_to_date", "9"), today) < 0)
		return price;
	return fer_as_decimal(special);
}

struct fer_str fer_product_today(struct fer_call *call)
{
	return fer_str_fmt(call->arena, "%.*s 00:00:00", DATE_LENGTH, fer_time_text(call->arena, call->now_s).at);
}

static int lower_by_tiers(struct fer_call *call, int64_t product_id)
{
	int r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_TIERS, NULL, "i", product_id);

	return r ? r : fer_sql_run(call->db, FER_SQL_PRICE_INDEX_LOWER, NULL, "i", product_id);
}

int fer_product_index_new(const struct fer_product_saving *s)
{
	fer_micro price = fer_as_decimal(fer_saving_value(s, "price")), final = final_price(s, price, fer_product_today(s->call));
	int r = 0;

	if (is_made_of_others(s->product.type))
		return fer_product_follow(s->call, s->product.id);
	if (!s->stock.salable || !is_indexed(s->product.type) || fer_as_int(fer_saving_value(s, "status")) != ENABLED)
		return 0;
	for (size_t i = 0; i < fer_count(&s->product.website_ids) && !r; i++)
		r = fer_sql_run(s->call->db, FER_SQL_PRICE_INDEX_ADD, NULL, "iiidddd", s->product.id,
		                fer_as_int(fer_at(&s->product.website_ids, i)), fer_as_int(fer_saving_value(s, "tax_class_id")), price, final,
		                final, final);
	return r || !fer_has(s->body, "tier_prices") ? r : lower_by_tiers(s->call, s->product.id);
}

int fer_product_reindex(struct fer_call *call, int64_t product_id)
{
	struct fer_str today = fer_product_today(call);
	int64_t status, tax, price, special, from, to;
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)))
		return r;
	if ((r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_CLEAR, NULL, "i", product_id)))
		return r;
	status = attribute(eav, "status");
	tax = attribute(eav, "tax_class_id");
	price = attribute(eav, "price");
	special = attribute(eav, "special_price");
	from = attribute(eav, "special_from_date");
	to = attribute(eav, "special_to_date");
	r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_FILL, NULL, "ssiiiiiiiiiiiii", today, today, status, status, tax, tax, price, price,
	                special, special, from, from, to, to, product_id);
	if (r || (r = lower_by_tiers(call, product_id)))
		return r;
	return fer_product_follow(call, product_id);
}
