/*
 * What a product must be before it is saved, in Magento's order and words: its attribute set, then attribute by attribute.
 * Source: Magento_Catalog ResourceModel\Product::validate and the attributes' backend models, 2.4.7.
 */
#include "catalog/product_impl.h"

#define SKU_MAX 64

static int check_set(struct fer_product_saving *s)
{
	const struct fer_attribute_set *set = fer_eav_set(s->eav, s->product.set_id);

	if (set && set->type == FER_EAV_PRODUCT)
		return 0;
	return fer_fail(s->call, FER_E_INVALID_PRODUCT, "1", fer_text("Invalid attribute set entity type"), NULL);
}

static int empty(struct fer_product_saving *s, const struct fer_attribute *a)
{
	return fer_fail(s->call, FER_E_ATTRIBUTE_EMPTY, "label", fer_string(a->label), NULL);
}

/* "" is empty to a required attribute, though it can be stored. */
static bool is_blank(const struct fer_attribute *a, const struct fer_value *v)
{
	return fer_eav_is_empty(a, v) || (v->kind == FER_V_STRING && !v->text.len);
}

static bool has_model(const struct fer_attribute *a, struct fer_str model)
{
	return fer_str_search(a->backend_model, model) >= 0;
}

static int check_sku(struct fer_product_saving *s, const struct fer_attribute *a)
{
	if (!s->product.sku.len)
		return empty(s, a);
	return fer_utf8_length(s->product.sku) > SKU_MAX ? fer_fail(s->call, FER_E_SKU_TOO_LONG, NULL) : 0;
}

/* A price may be missing or below zero, as the recordings show; a weight may not be below zero. */
static int check_number(struct fer_product_saving *s, const struct fer_attribute *a, const struct fer_value *v)
{
	if (fer_is_null(v) || !has_model(a, FER_S("Backend\\Weight")) || fer_as_decimal(v) >= 0)
		return 0;
	return fer_fail(s->call, FER_E_NUMBER_BELOW_ZERO, NULL);
}

static int check_unique(struct fer_product_saving *s, const struct fer_attribute *a, const struct fer_value *v)
{
	static const enum fer_sql of_backend[] = {
		[FER_B_INT] = FER_SQL_PRODUCT_UNIQUE_INT, [FER_B_VARCHAR] = FER_SQL_PRODUCT_UNIQUE_VARCHAR,
		[FER_B_TEXT] = FER_SQL_PRODUCT_UNIQUE_TEXT, [FER_B_DECIMAL] = FER_SQL_PRODUCT_UNIQUE_DECIMAL,
		[FER_B_DATETIME] = FER_SQL_PRODUCT_UNIQUE_DATETIME,
	};
	struct fer_value form;
	int64_t other = 0;
	int r;

	if (!a->is_unique || a->backend == FER_B_STATIC || is_blank(a, v) || !fer_get_str(&s->data, a->code))
		return 0;
	form = fer_eav_column_form(s->call->arena, a, v);
	if ((r = fer_sql_int(s->call->db, of_backend[a->backend], 0, &other, "ivi", a->id, &form, s->product.id)))
		return r;
	return other ? fer_fail(s->call, FER_E_ATTRIBUTE_NOT_UNIQUE, "label", fer_string(a->label), NULL) : 0;
}

static int check_attribute(struct fer_product_saving *s, const struct fer_attribute *a)
{
	const struct fer_value *v = fer_get_str(&s->data, a->code);
	int r;

	v = v ? v : fer_eav_value(&s->product.values, a->code.at);
	if (fer_str_is(a->code, "sku"))
		return check_sku(s, a);
	if (a->backend == FER_B_STATIC)
		return 0;
	if (a->is_required && a->is_visible && is_blank(a, v) && !a->default_value.len && !has_model(a, FER_S("Backend\\Price")))
		return empty(s, a);
	if ((r = check_number(s, a, v)))
		return r;
	return v ? check_unique(s, a, v) : 0;
}

/* Magento looks at dates as it saves, after all else was found in order; a period that ends before it begins is only refused in its forms. */
static int check_dates(struct fer_product_saving *s)
{
	for (uint32_t i = 0; i < s->data.map.n; i++) {
		const struct fer_member *m = &s->data.map.members[i];
		const struct fer_attribute *a = fer_eav_by_code(s->eav, FER_EAV_PRODUCT, m->name);

		if (a && !fer_eav_is_time(s->call->arena, a, &m->value))
			return fer_fail(s->call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_string(a->code), "value", m->value, NULL);
	}
	return 0;
}

int fer_product_check(struct fer_product_saving *s)
{
	size_t n;
	const struct fer_attribute *const *all = fer_eav_attributes(s->eav, FER_EAV_PRODUCT, &n);
	int r = check_set(s);

	for (size_t i = 0; i < n && !r; i++)
		if (fer_eav_in_set(s->eav, s->product.set_id, all[i]) && fer_eav_applies(all[i], s->product.type))
			r = check_attribute(s, all[i]);
	return r ? r : check_dates(s);
}
