/*
 * Saving a product, in one transaction: what the body names is laid over what stands, checked, and written where it belongs. Nothing
 * that was not named is written, so that a store view keeps using the defaults.
 * Source: Magento_Catalog ProductRepository::save, 2.4.7, as recorded.
 */
#include "catalog/gallery.h"
#include "catalog/url.h"
#include "inventory/stock_item.h"

#define DATE_LENGTH 10

const struct fer_value *fer_saving_value(const struct fer_product_saving *s, const char *code)
{
	const struct fer_value *named = fer_get(&s->data, code);

	return named ? named : fer_eav_value(&s->product.values, code);
}

bool fer_saving_names(const struct fer_product_saving *s, const char *code)
{
	return fer_get(&s->data, code) != NULL;
}

/* -- what the body names ------------------------------------------------------------------------------------------ */

static int collect(struct fer_product_saving *s)
{
	static const char *const fields[] = { "name", "price", "status", "visibility", "weight", NULL };
	const struct fer_value *custom = fer_get(s->body, "custom_attributes");

	s->data = fer_map();
	for (size_t i = 0; fields[i]; i++)
		if (fer_get(s->body, fields[i]))
			fer_append(s->call->arena, &s->data, fer_str(fields[i]), *fer_get(s->body, fields[i]));
	if (custom && custom->kind == FER_V_MAP && fer_count(custom))
		return fer_fail(s->call, FER_E_CRASH, NULL);
	return fer_eav_custom_read(s->call, FER_EAV_PRODUCT, custom, &s->data);
}

static bool concerns(const struct fer_product_saving *s, const struct fer_attribute *a)
{
	return fer_eav_in_set(s->eav, s->product.set_id, a) && fer_eav_applies(a, s->product.type);
}

static void add_defaults(struct fer_product_saving *s)
{
	size_t n;
	const struct fer_attribute *const *all = fer_eav_attributes(s->eav, FER_EAV_PRODUCT, &n);

	for (size_t i = 0; i < n; i++)
		if (all[i]->default_value.len && all[i]->backend != FER_B_STATIC && !fer_get_str(&s->data, all[i]->code) && concerns(s, all[i]))
			fer_append(s->call->arena, &s->data, all[i]->code, fer_string(all[i]->default_value));
}

/* A special price without a beginning begins today. Source: Magento_Catalog SetSpecialPriceStartDate. */
static void begin_special_price(struct fer_product_saving *s)
{
	struct fer_str now = fer_time_text(s->call->arena, s->call->now_s);

	if (!fer_as_decimal(fer_saving_value(s, "special_price")) || !fer_is_null(fer_saving_value(s, "special_from_date")))
		return;
	fer_set(s->call->arena, &s->data, "special_from_date",
	        fer_string(fer_str_fmt(s->call->arena, "%.*s 00:00:00", DATE_LENGTH, now.at)));
}

/* -- what stands -------------------------------------------------------------------------------------------------- */

static void start_new(struct fer_product_saving *s, struct fer_str sku)
{
	s->is_new = true;
	s->product = (struct fer_product){ .sku = sku, .type = FER_S("simple") };
	s->product.website_ids = fer_list();
	s->product.category_links = fer_list();
	s->store_id = 0;
}

static int load(struct fer_product_saving *s, struct fer_str sku)
{
	bool found;
	int r = fer_product_find(s->call, sku, &s->product, &found);

	if (r)
		return r;
	if (!found) {
		start_new(s, sku);
		return 0;
	}
	s->store_id = s->call->store_id;
	s->product.sku = sku;
	return fer_products_fill(s->call, &s->product, 1, s->store_id, FER_PRODUCT_VALUES | FER_PRODUCT_PLACES | FER_PRODUCT_STOCK);
}

static void overlay(struct fer_product_saving *s)
{
	struct fer_str now = fer_time_text(s->call->arena, s->call->now_s);
	const struct fer_value *made = fer_get(s->body, "created_at");
	int64_t made_s;

	if (fer_has(s->body, "attribute_set_id"))
		s->product.set_id = fer_map_int(s->body, "attribute_set_id", 0);
	if (fer_has(s->body, "type_id"))
		s->product.type = fer_map_str(s->call->arena, s->body, "type_id");
	if (s->is_new)
		s->product.created_at = now;
	if (!fer_is_null(made) && fer_time_parse(fer_as_str(s->call->arena, made), &made_s))
		s->product.created_at = fer_time_text(s->call->arena, made_s);
	s->product.updated_at = now;
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

static int write_row(struct fer_product_saving *s)
{
	struct fer_product *p = &s->product;

	if (s->is_new)
		return fer_sql_insert(s->call->db, FER_SQL_PRODUCT_ADD, &p->id, "issss", p->set_id, p->type, p->sku, p->created_at, p->updated_at);
	return fer_sql_run(s->call->db, FER_SQL_PRODUCT_SET, NULL, "issssi", p->set_id, p->type, p->sku, p->created_at, p->updated_at, p->id);
}

/* The row that would be written stands already. */
static bool stands(const struct fer_product_saving *s, const struct fer_eav_value *v)
{
	int store_id = v->attribute->scope == FER_SCOPE_GLOBAL ? 0 : v->store_id;
	struct fer_value form;

	if (v->attribute->scope == FER_SCOPE_WEBSITE && store_id)
		return false;
	for (size_t i = 0; i < s->product.values.n; i++) {
		const struct fer_eav_value *old = &s->product.values.values[i];

		if (old->attribute != v->attribute || old->store_id != store_id || fer_is_null(&old->value) || fer_is_null(&v->value))
			continue;
		form = fer_eav_column_form(s->call->arena, v->attribute, &v->value);
		return !fer_eav_is_empty(v->attribute, &v->value) && fer_str_eq(form.text, old->value.text);
	}
	return false;
}

static int write_values(struct fer_product_saving *s)
{
	struct fer_eav_value *values = FER_NEW_ARRAY(s->call->arena, fer_count(&s->data) + 1, struct fer_eav_value);
	size_t n = 0;

	for (uint32_t i = 0; i < s->data.map.n; i++) {
		const struct fer_member *m = &s->data.map.members[i];
		struct fer_eav_value v = { fer_eav_by_code(s->eav, FER_EAV_PRODUCT, m->name), s->store_id, m->value };

		if (v.attribute && concerns(s, v.attribute) && !(s->is_new && fer_is_null(&v.value)) && !stands(s, &v))
			values[n++] = v;
	}
	return n ? fer_eav_save(s->call, FER_EAV_PRODUCT, s->product.id, values, n) : 0;
}

static int write_stock(struct fer_product_saving *s)
{
	struct fer_stock_owner owner = { s->product.id, s->product.sku, s->product.type };
	const struct fer_value *sent = s->extension ? fer_get(s->extension, "stock_item") : NULL;

	return fer_stock_item_save(s->call, &owner, fer_is_null(sent) ? NULL : sent, &s->product.stock, &s->stock);
}

static int write_all(struct fer_product_saving *s)
{
	int r;

	if ((r = write_row(s)) || (r = write_values(s)) || (r = fer_product_save_websites(s)) || (r = fer_product_save_categories(s)) ||
	    (r = write_stock(s)) || (r = fer_product_save_parts(s)) || (r = fer_product_save_urls(s)))
		return r;
	return s->is_new ? fer_product_index_new(s) : fer_product_reindex(s->call, s->product.id);
}

struct save {
	const struct fer_value *body;
	struct fer_str sku;
	struct fer_product *saved;
	struct fer_uploads uploads;
};

/* What will be answered is read by the writer, which has the pages at hand: a reader would fetch each of them anew. */
static int read_back(const struct fer_product_saving *s, struct fer_product *saved)
{
	struct fer_call *call = s->call;
	int64_t id = s->product.id;
	size_t n = 1;
	int r = fer_products_load(call, &id, &n, call->store_id, FER_PRODUCT_VALUES | FER_PRODUCT_PLACES | FER_PRODUCT_STOCK, saved);

	if (r)
		return r;
	return n ? fer_products_fill_parts(call, saved, n, call->store_id, fer_product_parts_of(s)) : fer_fail(call, FER_E_NO_SUCH_PRODUCT, NULL);
}

static int save(struct fer_call *call, void *data)
{
	struct save *save = data;
	struct fer_product_saving s = { .call = call, .body = save->body, .extension = fer_get(save->body, "extension_attributes"),
	                                .uploads = &save->uploads };
	int r;

	if ((r = fer_eav_get(call, &s.eav)) || (r = fer_product_refuse_parts(&s)) || (r = fer_product_check_parts(&s)) ||
	    (r = collect(&s)) || (r = load(&s, save->sku)))
		return r;
	overlay(&s);
	if (s.is_new)
		add_defaults(&s);
	if ((r = fer_product_check(&s)))
		return r;
	begin_special_price(&s);
	fer_product_make_url_key(&s);
	r = write_all(&s);
	return r ? r : read_back(&s, save->saved);
}

int fer_product_save(struct fer_call *call, const struct fer_value *body, struct fer_str sku, struct fer_product *saved)
{
	struct save work = { .body = body, .saved = saved };
	enum fer_error refused;
	const struct fer_eav *eav;
	int r;

	work.sku = fer_str_trim(sku.at ? sku : fer_map_str(call->arena, body, "sku"));
	if (!work.sku.len)
		return fer_fail(call, FER_E_CRASH, NULL);
	if ((r = fer_eav_get(call, &eav)) ||
	    (r = fer_uploads_begin(call, fer_get(body, "media_gallery_entries"), &work.uploads, &refused)))
		return r;
	if (refused)
		return fer_fail(call, refused, NULL);
	r = fer_tx(call, 0, save, &work);
	return r;
}

/* A picture that was never chosen is written as no picture. */
int fer_product_resaved(struct fer_call *call, int64_t product_id)
{
	static const char *const pictures[] = { "image", "small_image", "thumbnail", NULL };
	struct fer_eav_row row;
	int r;

	if ((r = fer_eav_load(call, FER_EAV_PRODUCT, &product_id, 1, call->store_id, pictures, &row)))
		return r;
	for (size_t i = 0; pictures[i]; i++)
		if (fer_is_null(fer_eav_value(&row, pictures[i])) &&
		    (r = fer_eav_set_value(call, FER_EAV_PRODUCT, product_id, pictures[i], call->store_id, fer_text("no_selection"))))
			return r;
	if ((r = fer_sql_run(call->db, FER_SQL_PRODUCT_TOUCH, NULL, "si", fer_time_text(call->arena, call->now_s), product_id)))
		return r;
	return fer_product_reindex(call, product_id);
}

int fer_product_remove(struct fer_call *call, const struct fer_product *product)
{
	struct fer_db *db = call->db;
	struct fer_value parents;
	int r;

	if ((r = fer_product_parents(call, product->id, &parents)) || (r = fer_gallery_remove(call, product->id)) ||
	    (r = fer_rewrite_drop(call, "product", product->id)) ||
	    (r = fer_sql_run(db, FER_SQL_PRICE_INDEX_CLEAR, NULL, "i", product->id)) ||
	    (r = fer_sql_run(db, FER_SQL_STOCK_STATUS_DELETE, NULL, "i", product->id)) ||
	    (r = fer_sql_run(db, FER_SQL_SOURCE_ITEM_DELETE, NULL, "s", product->sku)) ||
	    (r = fer_sql_run(db, FER_SQL_LOW_STOCK_CONFIG_DELETE, NULL, "s", product->sku)) ||
	    (r = fer_sql_run(db, FER_SQL_RESERVATIONS_DELETE, NULL, "s", product->sku)))
		return r;
	r = fer_sql_run(db, FER_SQL_PRODUCT_DELETE, NULL, "i", product->id);
	return r ? r : fer_product_tell(call, &parents, false);
}
