/*
 * Reading products: rows, attribute values, websites, categories and stock, each with one statement for all of them; and the shape
 * in which they go out.
 * Source: Magento_Catalog ProductRepository, recorded answers of 2.4.7.
 */
#include "catalog/product_impl.h"

#include "api/search.h"
#include "inventory/stock_item.h"

#define COLUMNS "entity_id, attribute_set_id, type_id, sku, has_options, required_options, created_at, updated_at"

static void read_row(struct fer_call *call, struct fer_stmt *stmt, struct fer_product *p)
{
	*p = (struct fer_product){ .id = fer_col_int(stmt, 0), .set_id = fer_col_int(stmt, 1) };
	p->type = fer_col_dup(call->arena, stmt, 2);
	p->sku = fer_col_dup(call->arena, stmt, 3);
	p->has_options = fer_col_int(stmt, 4);
	p->required_options = fer_col_int(stmt, 5);
	p->created_at = fer_col_dup(call->arena, stmt, 6);
	p->updated_at = fer_col_dup(call->arena, stmt, 7);
	p->website_ids = fer_list();
	p->category_links = fer_list();
	p->stock = fer_null();
	for (int i = 0; i < FER_N_PRODUCT_PARTS; i++)
		p->parts[i] = fer_null();
}

int fer_product_find(struct fer_call *call, struct fer_str sku, struct fer_product *out, bool *found)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*found = false;
	if ((r = fer_sql_open(call->db, FER_SQL_PRODUCT_BY_SKU, &stmt, "s", sku)))
		return r;
	if ((r = fer_stmt_step(stmt)) == 1) {
		read_row(call, stmt, out);
		*found = true;
	}
	return r < 0 ? r : 0;
}

int fer_product_require(struct fer_call *call, struct fer_str sku, struct fer_product *out)
{
	bool found;
	int r = fer_product_find(call, fer_str_trim(sku), out, &found);

	return r ? r : found ? 0 : fer_fail(call, FER_E_NO_SUCH_PRODUCT, NULL);
}

/* -- parts -------------------------------------------------------------------------------------------------------- */

static int64_t *ids_of(struct fer_call *call, const struct fer_product *products, size_t n)
{
	int64_t *ids = FER_NEW_ARRAY(call->arena, n + 1, int64_t);

	for (size_t i = 0; i < n; i++)
		ids[i] = products[i].id;
	return ids;
}

struct fer_product *fer_products_at(struct fer_product *products, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (products[i].id == id)
			return &products[i];
	return NULL;
}

int fer_products_open(struct fer_call *call, const struct fer_product *products, size_t n, const char *head, const char *tail,
                      struct fer_stmt **out)
{
	struct fer_query query;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, head);
	fer_query_ids(&query, ids_of(call, products, n), n);
	fer_query_add(&query, tail);
	return fer_query_open(call->db, &query, out);
}

int fer_products_open_at(struct fer_call *call, const struct fer_product *products, size_t n, int store_id, const char *head,
                         const char *tail, struct fer_stmt **out)
{
	struct fer_query query;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, head);
	for (const char *at = strchr(head, '?'); at; at = strchr(at + 1, '?'))
		fer_query_bind(&query, fer_int(store_id));
	fer_query_ids(&query, ids_of(call, products, n), n);
	fer_query_add(&query, tail);
	return fer_query_open(call->db, &query, out);
}

static void add_category_link(struct fer_call *call, struct fer_product *p, struct fer_stmt *stmt)
{
	struct fer_value link = fer_map();

	fer_append(call->arena, &link, FER_S("position"), fer_int(fer_col_int(stmt, 3)));
	fer_append(call->arena, &link, FER_S("category_id"), fer_string(fer_col_dup(call->arena, stmt, 2)));
	fer_push(call->arena, &p->category_links, link);
}

/* Websites come with 0 in the first column, category links with their row id. */
static int fill_places(struct fer_call *call, struct fer_product *products, size_t n, const int64_t *ids)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT 0 AS k, product_id, website_id AS place, 0 AS position FROM catalog_product_website WHERE product_id");
	fer_query_ids(&query, ids, n);
	fer_query_add(&query, " UNION ALL SELECT entity_id, product_id, category_id, position FROM catalog_category_product WHERE product_id");
	fer_query_ids(&query, ids, n);
	fer_query_add(&query, " ORDER BY 1, 3");
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *p = fer_products_at(products, n, fer_col_int(stmt, 1));

		if (p && fer_col_int(stmt, 0))
			add_category_link(call, p, stmt);
		else if (p)
			fer_push(call->arena, &p->website_ids, fer_int(fer_col_int(stmt, 2)));
	}
	return r;
}

static int fill_values(struct fer_call *call, struct fer_product *products, size_t n, const int64_t *ids, int store_id)
{
	struct fer_eav_row *rows = FER_NEW_ARRAY(call->arena, n, struct fer_eav_row);
	int r = fer_eav_load(call, FER_EAV_PRODUCT, ids, n, store_id, NULL, rows);

	for (size_t i = 0; i < n && !r; i++)
		products[i].values = rows[i];
	return r;
}

static int fill_stock(struct fer_call *call, struct fer_product *products, size_t n, const int64_t *ids)
{
	struct fer_value *rows = FER_NEW_ARRAY(call->arena, n, struct fer_value);
	int r = fer_stock_items_load(call, ids, n, rows);

	for (size_t i = 0; i < n && !r; i++)
		products[i].stock = rows[i];
	return r;
}

#define AT_ONCE 512

static int fill_some(struct fer_call *call, struct fer_product *products, size_t n, int store_id, unsigned parts)
{
	const int64_t *ids = ids_of(call, products, n);
	int r = 0;

	if (parts & FER_PRODUCT_VALUES)
		r = fill_values(call, products, n, ids, store_id);
	if (!r && parts & FER_PRODUCT_PLACES)
		r = fill_places(call, products, n, ids);
	if (!r && parts & FER_PRODUCT_STOCK)
		r = fill_stock(call, products, n, ids);
	if (!r && parts & FER_PRODUCT_PARTS)
		r = fer_products_fill_parts(call, products, n, store_id, ~0u);
	return r;
}

int fer_products_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id, unsigned parts)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i += AT_ONCE)
		r = fill_some(call, products + i, n - i < AT_ONCE ? n - i : AT_ONCE, store_id, parts);
	return r;
}

static int load_rows(struct fer_call *call, const int64_t *ids, size_t n, struct fer_product *rows, size_t *n_rows)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT " COLUMNS " FROM catalog_product_entity WHERE entity_id");
	fer_query_ids(&query, ids, n);
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	for (*n_rows = 0; *n_rows < n && (r = fer_stmt_step(stmt)) == 1;)
		read_row(call, stmt, &rows[(*n_rows)++]);
	return r < 0 ? r : 0;
}

int fer_products_load(struct fer_call *call, const int64_t *ids, size_t *n, int store_id, unsigned parts, struct fer_product *out)
{
	struct fer_product *rows = FER_NEW_ARRAY(call->arena, *n < AT_ONCE ? *n : AT_ONCE, struct fer_product);
	size_t found = 0, n_rows;
	int r;

	for (size_t i = 0; i < *n; i += AT_ONCE) {
		size_t some = *n - i < AT_ONCE ? *n - i : AT_ONCE;

		if ((r = load_rows(call, ids + i, some, rows, &n_rows)))
			return r;
		for (size_t k = 0; k < some; k++) {
			const struct fer_product *p = fer_products_at(rows, n_rows, ids[i + k]);

			if (p)
				out[found++] = *p;
		}
	}
	*n = found;
	return fer_products_fill(call, out, found, store_id, parts);
}

/* -- shape -------------------------------------------------------------------------------------------------------- */

/* Attributes that have a field of their own, or that no answer shows. Source: ProductInterface::ATTRIBUTES and the recordings. */
static const char *const not_custom[] = {
	"sku", "name", "price", "weight", "status", "visibility", "created_at", "updated_at", "media_gallery", "tier_price",
	"quantity_and_stock_status", NULL,
};

static bool is_custom(const struct fer_attribute *a)
{
	for (size_t i = 0; not_custom[i]; i++)
		if (fer_str_is(a->code, not_custom[i]))
			return false;
	return true;
}

struct custom {
	int rank;
	struct fer_str code;
	struct fer_value value;
};

struct customs {
	struct fer_call *call;
	const struct fer_eav *eav;
	const struct fer_product *product;
	int64_t set_id;
	int store_id;
	struct custom *at;
	size_t n;
};

/* Kept in order while they come: there are some twenty. */
static void add_custom(struct customs *c, const struct fer_attribute *a, struct fer_value value)
{
	int rank = a ? fer_eav_rank(c->eav, c->set_id, c->store_id, a) : -1;
	size_t i = c->n;

	if (!a || fer_is_null(&value) || (rank < 0 && c->set_id == c->product->set_id))
		return;
	for (; i && c->at[i - 1].rank > rank; i--)
		c->at[i] = c->at[i - 1];
	c->at[i] = (struct custom){ rank, a->code, value };
	c->n++;
}

static struct fer_value category_ids(struct fer_call *call, const struct fer_product *p)
{
	struct fer_value ids = fer_list();

	for (size_t i = 0; i < fer_count(&p->category_links); i++)
		fer_push(call->arena, &ids, *fer_get(fer_at(&p->category_links, i), "category_id"));
	return ids;
}

static void add_static(struct customs *c, const char *code, struct fer_value value)
{
	add_custom(c, fer_eav_by_code(c->eav, FER_EAV_PRODUCT, fer_str(code)), value);
}

/* A product whose set is gone keeps its values; they are listed as the default set has them. */
static struct fer_value custom_attributes(struct fer_call *call, const struct fer_eav *eav, const struct fer_product *p, int store_id)
{
	bool known = fer_eav_set(eav, p->set_id) != NULL;
	struct customs c = { call, eav, p, known ? p->set_id : fer_eav_default_set(eav, FER_EAV_PRODUCT), store_id, NULL, 0 };
	struct fer_value out = fer_list();

	c.at = FER_NEW_ARRAY(call->arena, p->values.n + 4, struct custom);
	for (size_t i = 0; i < p->values.n; i++)
		if (is_custom(p->values.values[i].attribute))
			add_custom(&c, p->values.values[i].attribute, p->values.values[i].value);
	add_static(&c, "has_options", fer_string(fer_str_fmt(call->arena, "%lld", (long long)p->has_options)));
	add_static(&c, "required_options", fer_string(fer_str_fmt(call->arena, "%lld", (long long)p->required_options)));
	add_static(&c, "category_ids", category_ids(call, p));
	for (size_t i = 0; i < c.n; i++)
		fer_eav_custom_add(call, &out, c.at[i].code, c.at[i].value);
	return out;
}

static void set_text(struct fer_call *call, struct fer_value *out, const struct fer_product *p, const char *code)
{
	const struct fer_value *v = fer_eav_value(&p->values, code);

	if (!fer_is_null(v))
		fer_append(call->arena, out, fer_str(code), *v);
}

static void set_int(struct fer_call *call, struct fer_value *out, const struct fer_product *p, const char *code)
{
	const struct fer_value *v = fer_eav_value(&p->values, code);

	if (!fer_is_null(v))
		fer_append(call->arena, out, fer_str(code), fer_int(fer_as_int(v)));
}

static void set_decimal(struct fer_call *call, struct fer_value *out, const struct fer_product *p, const char *code)
{
	const struct fer_value *v = fer_eav_value(&p->values, code);

	if (!fer_is_null(v))
		fer_append(call->arena, out, fer_str(code), fer_decimal(fer_as_decimal(v)));
}

static void add_parts(struct fer_call *call, struct fer_value *out, const struct fer_product *p, enum fer_product_part from, enum fer_product_part to,
                      bool fresh)
{
	for (int part = (int)from; part <= (int)to; part++)
		if (!fer_is_null(&p->parts[part]) && !(fresh && fer_product_part(part)->late))
			fer_append(call->arena, out, fer_str(fer_product_part(part)->name), p->parts[part]);
}

static struct fer_value extension(struct fer_call *call, const struct fer_product *p)
{
	struct fer_value out = fer_map();

	fer_append(call->arena, &out, FER_S("website_ids"), p->website_ids);
	if (fer_count(&p->category_links))
		fer_append(call->arena, &out, FER_S("category_links"), p->category_links);
	if (!fer_is_null(&p->stock))
		fer_append(call->arena, &out, FER_S("stock_item"), fer_stock_item_shape(call, &p->stock));
	if (fer_count(&p->parts[FER_PART_BUNDLE_OPTIONS]))
		add_parts(call, &out, p, FER_PART_BUNDLE_OPTIONS, FER_PART_BUNDLE_OPTIONS, false);
	add_parts(call, &out, p, FER_PART_DOWNLOAD_LINKS, FER_PART_CONFIGURABLE_LINKS, false);
	return out;
}

/* A configurable costs nothing itself, nor does a bundle whose price or weight comes from its choices. */
static bool is_summed(const struct fer_product *p, const char *type_attribute)
{
	if (fer_str_is(p->type, "configurable"))
		return strcmp(type_attribute, "price_type") == 0;
	return fer_str_is(p->type, "bundle") && !fer_as_int(fer_eav_value(&p->values, type_attribute));
}

static void set_amount(struct fer_call *call, struct fer_value *out, const struct fer_product *p, const char *code, const char *type_attribute)
{
	if (is_summed(p, type_attribute))
		fer_append(call->arena, out, fer_str(code), fer_int(0));
	else
		set_decimal(call, out, p, code);
}

static void set_columns(struct fer_call *call, struct fer_value *out, const struct fer_product *p)
{
	fer_append(call->arena, out, FER_S("id"), fer_int(p->id));
	fer_append(call->arena, out, FER_S("sku"), fer_string(p->sku));
	set_text(call, out, p, "name");
	fer_append(call->arena, out, FER_S("attribute_set_id"), fer_int(p->set_id));
	set_amount(call, out, p, "price", "price_type");
	set_int(call, out, p, "status");
	set_int(call, out, p, "visibility");
	fer_append(call->arena, out, FER_S("type_id"), fer_string(p->type));
	fer_append(call->arena, out, FER_S("created_at"), fer_string(p->created_at));
	fer_append(call->arena, out, FER_S("updated_at"), fer_string(p->updated_at));
	set_amount(call, out, p, "weight", "weight_type");
}

struct fer_value fer_product_shape(struct fer_call *call, const struct fer_eav *eav, const struct fer_product *product,
                                   int store_id, bool fresh)
{
	struct fer_value out = fer_map();

	set_columns(call, &out, product);
	fer_append(call->arena, &out, FER_S("extension_attributes"), extension(call, product));
	add_parts(call, &out, product, FER_PART_LINKS, FER_PART_TIER_PRICES, fresh);
	fer_append(call->arena, &out, FER_S("custom_attributes"), custom_attributes(call, eav, product, store_id));
	return out;
}
