/*
 * What is in a bundle: options and selections, read for many products and written with one.
 * Source: Magento_Bundle Option\SaveAction, LinkManagement, Product\LinksList, Product\SaveHandler, 2.4.7, and recorded answers.
 */
#include "catalog/bundle.h"

#include "api/server.h"
#include "catalog/product_impl.h"
#include "store/config.h"

/* -- reading ------------------------------------------------------------------------------------------------------ */

#define OPTIONS_HEAD \
	"SELECT o.parent_id, o.option_id, COALESCE(vs.title, v0.title), o.required, o.type, o.position" \
	" FROM catalog_product_bundle_option o" \
	" LEFT JOIN catalog_product_bundle_option_value v0 ON v0.option_id = o.option_id AND v0.parent_product_id = o.parent_id" \
	" AND v0.store_id = 0" \
	" LEFT JOIN catalog_product_bundle_option_value vs ON vs.option_id = o.option_id AND vs.parent_product_id = o.parent_id" \
	" AND vs.store_id = ?" \
	" WHERE o.parent_id"
#define OPTIONS_TAIL " ORDER BY o.parent_id, o.position, o.option_id"

/* A website's own price of a choice, where prices are a website's. */
#define OF_WEBSITE "(SELECT st.website_id FROM store st WHERE st.store_id = ?)"
#define OF_NONE "-1"
#define LINKS_HEAD(website) \
	"SELECT s.parent_product_id, s.selection_id, e.sku, s.option_id, s.selection_qty, s.position, s.is_default," \
	" COALESCE(w.selection_price_value, s.selection_price_value), COALESCE(w.selection_price_type, s.selection_price_type)," \
	" s.selection_can_change_qty, COALESCE(ps.value, p0.value)" \
	" FROM catalog_product_bundle_selection s JOIN catalog_product_entity e ON e.entity_id = s.product_id" \
	" JOIN eav_attribute a ON a.entity_type_id = 4 AND a.attribute_code = 'price'" \
	" LEFT JOIN catalog_product_entity_decimal p0 ON p0.entity_id = e.entity_id AND p0.attribute_id = a.attribute_id" \
	" AND p0.store_id = 0" \
	" LEFT JOIN catalog_product_entity_decimal ps ON ps.entity_id = e.entity_id AND ps.attribute_id = a.attribute_id" \
	" AND ps.store_id = ?" \
	" LEFT JOIN catalog_product_bundle_selection_price w ON w.selection_id = s.selection_id AND w.website_id = " website \
	" WHERE s.parent_product_id"
#define LINKS_TAIL " ORDER BY s.position, s.selection_id"

static struct fer_value text_or_null(struct fer_call *call, struct fer_stmt *stmt, int i)
{
	return fer_col_null(stmt, i) ? fer_null() : fer_string(fer_col_dup(call->arena, stmt, i));
}

static struct fer_value option_of(struct fer_call *call, const struct fer_product *owner, struct fer_stmt *stmt)
{
	struct fer_value option = fer_map();

	fer_append(call->arena, &option, FER_S("option_id"), fer_int(fer_col_int(stmt, 1)));
	fer_append(call->arena, &option, FER_S("title"), text_or_null(call, stmt, 2));
	fer_append(call->arena, &option, FER_S("required"), fer_bool(fer_col_int(stmt, 3) != 0));
	fer_append(call->arena, &option, FER_S("type"), text_or_null(call, stmt, 4));
	fer_append(call->arena, &option, FER_S("position"), fer_int(fer_col_int(stmt, 5)));
	fer_append(call->arena, &option, FER_S("sku"), fer_string(owner->sku));
	fer_append(call->arena, &option, FER_S("product_links"), fer_list());
	return option;
}

/* A bundle with a price of its own shows what a choice adds; the price of any other is the sum of its choices' prices. */
static struct fer_value price_of(const struct fer_product *owner, bool priced, struct fer_stmt *stmt)
{
	bool fixed = fer_as_int(fer_eav_value(&owner->values, "price_type")) != 0;
	fer_micro price = fixed ? fer_col_decimal(stmt, 7) : 0;

	if (priced && price <= 0)
		return fer_col_decimal(stmt, 10) ? fer_decimal(fer_col_decimal(stmt, 10)) : fer_null();
	return fixed ? fer_decimal(price) : fer_null();
}

static struct fer_value link_of(struct fer_call *call, const struct fer_product *owner, bool priced, struct fer_stmt *stmt)
{
	bool fixed = fer_as_int(fer_eav_value(&owner->values, "price_type")) != 0;
	struct fer_value link = fer_map();

	fer_append(call->arena, &link, FER_S("id"), fer_string(fer_col_dup(call->arena, stmt, 1)));
	fer_append(call->arena, &link, FER_S("sku"), fer_string(fer_col_dup(call->arena, stmt, 2)));
	fer_append(call->arena, &link, FER_S("option_id"), fer_int(fer_col_int(stmt, 3)));
	fer_append(call->arena, &link, FER_S("qty"), fer_decimal(fer_col_decimal(stmt, 4)));
	fer_append(call->arena, &link, FER_S("position"), fer_int(fer_col_int(stmt, 5)));
	fer_append(call->arena, &link, FER_S("is_default"), fer_bool(fer_col_int(stmt, 6) != 0));
	fer_append(call->arena, &link, FER_S("price"), price_of(owner, priced, stmt));
	fer_append(call->arena, &link, FER_S("price_type"), fixed ? fer_int(fer_col_int(stmt, 8)) : fer_null());
	fer_append(call->arena, &link, FER_S("can_change_quantity"), fer_int(fer_col_int(stmt, 9)));
	return link;
}

const struct fer_value *fer_bundle_option_find(const struct fer_value *options, int64_t id)
{
	for (size_t i = 0; i < fer_count(options); i++)
		if (fer_map_int(fer_at(options, i), "option_id", 0) == id)
			return fer_at(options, i);
	return NULL;
}

static int fill_options(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open_at(call, products, n, store_id, OPTIONS_HEAD, OPTIONS_TAIL, &stmt);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));

		if (owner && fer_str_is(owner->type, "bundle"))
			fer_push(call->arena, &owner->parts[FER_PART_BUNDLE_OPTIONS], option_of(call, owner, stmt));
	}
	return r;
}

static bool has_website_prices(struct fer_call *call)
{
	return fer_config_int(call->server->store, 0, "catalog/price/scope", 0) != 0;
}

static int fill_links(struct fer_call *call, struct fer_product *products, size_t n, int store_id, bool priced)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const char *head = has_website_prices(call) ? LINKS_HEAD(OF_WEBSITE) : LINKS_HEAD(OF_NONE);
	int r = fer_products_open_at(call, products, n, store_id, head, LINKS_TAIL, &stmt);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));
		const struct fer_value *options = owner ? &owner->parts[FER_PART_BUNDLE_OPTIONS] : NULL;
		const struct fer_value *option = owner ? fer_bundle_option_find(options, fer_col_int(stmt, 3)) : NULL;

		if (option)
			fer_push(call->arena, fer_get(option, "product_links"), link_of(call, owner, priced, stmt));
	}
	return r;
}

int fer_bundle_options_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	int r = fill_options(call, products, n, store_id);

	return r ? r : fill_links(call, products, n, store_id, true);
}

int fer_bundle_options(struct fer_call *call, const struct fer_product *product, bool priced, struct fer_value *out)
{
	struct fer_product copy = *product;
	int r;

	copy.parts[FER_PART_BUNDLE_OPTIONS] = fer_list();
	if ((r = fer_products_fill(call, &copy, 1, call->store_id, FER_PRODUCT_VALUES)) ||
	    (r = fill_options(call, &copy, 1, call->store_id)) || (r = fill_links(call, &copy, 1, call->store_id, priced)))
		return r;
	*out = copy.parts[FER_PART_BUNDLE_OPTIONS];
	return 0;
}

/* -- choices ------------------------------------------------------------------------------------------------------ */

static int find_choice(struct fer_call *call, const struct fer_value *link, struct fer_product *out)
{
	int r = fer_product_require(call, fer_map_str(call->arena, link, "sku"), out);

	if (r)
		return r;
	if (fer_str_is(out->type, "bundle") || fer_str_is(out->type, "configurable") || fer_str_is(out->type, "grouped"))
		return fer_fail(call, FER_E_BUNDLE_COMPOSITE, NULL);
	return 0;
}

static bool is_bundle(const struct fer_product *product)
{
	return fer_str_is(product->type, "bundle");
}

static int not_bundle(struct fer_call *call, const struct fer_product *product)
{
	return fer_fail(call, FER_E_NOT_BUNDLE, "1", fer_string(product->sku), NULL);
}

static bool offers(const struct fer_value *option, struct fer_str sku)
{
	const struct fer_value *links = fer_get(option, "product_links");

	for (size_t i = 0; i < fer_count(links); i++)
		if (fer_str_eq(fer_get(fer_at(links, i), "sku")->text, sku))
			return true;
	return false;
}

static fer_micro named(const struct fer_value *link, const char *field, fer_micro otherwise)
{
	return fer_has(link, field) ? fer_as_decimal(fer_get(link, field)) : otherwise;
}

/* What a choice costs, where it is written. */
struct cost {
	int website_id;   /* 0: it holds for all */
	int64_t type;
	fer_micro value;
};

static struct cost cost_of(struct fer_call *call, const struct fer_value *link, int64_t type, fer_micro value)
{
	int website_id = has_website_prices(call) ? fer_config_website_of(call->server->store, call->store_id) : 0;

	return (struct cost){ website_id, fer_map_int(link, "price_type", type), named(link, "price", value) };
}

/* For a website it stands apart; what holds for all is as it was. */
static int put_cost(struct fer_call *call, const struct fer_product *product, int64_t id, const struct cost *cost)
{
	if (!cost->website_id)
		return 0;
	return fer_sql_run(call->db, FER_SQL_BUNDLE_SELECTION_PRICE_PUT, NULL, "iiidi", id, (int64_t)cost->website_id, cost->type,
	                   cost->value, product->id);
}

int fer_bundle_add_link(struct fer_call *call, const struct fer_product *product, int64_t option_id, const struct fer_value *link,
                        int64_t *id)
{
	struct cost cost = cost_of(call, link, 0, 0);
	const struct fer_value *option;
	struct fer_value options;
	struct fer_product choice;
	int r;

	if (!is_bundle(product))
		return not_bundle(call, product);
	if ((r = fer_bundle_options(call, product, false, &options)))
		return r;
	if (!(option = fer_bundle_option_find(&options, option_id)))
		return fer_fail(call, FER_E_BUNDLE_OPTION_OTHER, "1", fer_string(product->sku), "2", fer_int(option_id), NULL);
	if ((r = find_choice(call, link, &choice)))
		return r;
	if (offers(option, choice.sku))
		return fer_fail(call, FER_E_BUNDLE_CHILD_ASSIGNED, "1", *fer_get(link, "sku"), "2", fer_string(product->sku), NULL);
	if ((r = fer_sql_insert(call->db, FER_SQL_BUNDLE_SELECTION_ADD, id, "iiiiiiddi", option_id, product->id, choice.id,
	                        fer_map_int(link, "position", 0), (int64_t)fer_map_bool(link, "is_default", false),
	                        cost.website_id ? 0 : cost.type, cost.website_id ? 0 : cost.value,
	                        fer_as_decimal(fer_get(link, "qty")), fer_map_int(link, "can_change_quantity", 0))) ||
	    (r = put_cost(call, product, *id, &cost)))
		return r;
	return fer_sql_run(call->db, FER_SQL_PRODUCT_RELATION_PUT, NULL, "ii", product->id, choice.id);
}

/* What the body does not name stays. */
static int write_link(struct fer_call *call, const struct fer_product *product, const struct fer_product *choice, int64_t id,
                      const struct fer_value *link, struct fer_stmt *old)
{
	struct cost was = { 0, fer_col_int(old, 3), fer_col_decimal(old, 4) }, cost = cost_of(call, link, was.type, was.value);
	const struct cost *all = cost.website_id ? &was : &cost;
	int r = put_cost(call, product, id, &cost);

	if (r)
		return r;
	return fer_sql_run(call->db, FER_SQL_BUNDLE_SELECTION_SET, NULL, "iiiiiiddii",
	                   fer_map_int(link, "option_id", fer_col_int(old, 0)), product->id, choice->id,
	                   fer_map_int(link, "position", fer_col_int(old, 1)),
	                   (int64_t)fer_map_bool(link, "is_default", fer_col_int(old, 2) != 0),
	                   all->type, all->value, named(link, "qty", fer_col_decimal(old, 5)),
	                   fer_map_int(link, "can_change_quantity", fer_col_int(old, 6)), id);
}

int fer_bundle_set_link(struct fer_call *call, const struct fer_product *product, struct fer_str id, const struct fer_value *link)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value text = fer_string(id);
	struct fer_product choice;
	int r;

	if (!is_bundle(product))
		return not_bundle(call, product);
	if ((r = find_choice(call, link, &choice)))
		return r;
	if (!fer_as_int(&text))
		return fer_fail(call, FER_E_BUNDLE_LINK_WITHOUT_ID, NULL);
	if ((r = fer_sql_open(call->db, FER_SQL_BUNDLE_SELECTION_GET, &stmt, "i", fer_as_int(&text))) ||
	    (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return fer_fail(call, FER_E_BUNDLE_LINK_MISSING, "1", text, NULL);
	return write_link(call, product, &choice, fer_as_int(&text), link, stmt);
}

int fer_bundle_drop_link(struct fer_call *call, const struct fer_product *product, int64_t id)
{
	int r = fer_sql_run(call->db, FER_SQL_BUNDLE_RELATION_DELETE, NULL, "ii", product->id, id);

	return r ? r : fer_sql_run(call->db, FER_SQL_BUNDLE_SELECTION_DELETE, NULL, "i", id);
}

/* -- options ------------------------------------------------------------------------------------------------------ */

static bool has_link(const struct fer_value *links, int64_t id)
{
	for (size_t i = 0; i < fer_count(links); i++)
		if (fer_map_int(fer_at(links, i), "id", 0) == id)
			return true;
	return false;
}

static int add_links(struct fer_call *call, const struct fer_product *product, int64_t option_id, const struct fer_value *links)
{
	int64_t id;
	int r = 0;

	for (size_t i = 0; i < fer_count(links) && !r; i++)
		if (!fer_map_int(fer_at(links, i), "id", 0))
			r = fer_bundle_add_link(call, product, option_id, fer_at(links, i), &id);
	return r;
}

/* Choices with an id are changed, those that are not named go, the others come. */
static int replace_links(struct fer_call *call, const struct fer_product *product, const struct fer_value *old,
                         const struct fer_value *links)
{
	const struct fer_value *had = fer_get(old, "product_links");
	int r = 0;

	for (size_t i = 0; i < fer_count(links) && !r; i++)
		if (fer_map_int(fer_at(links, i), "id", 0))
			r = fer_bundle_set_link(call, product, fer_map_str(call->arena, fer_at(links, i), "id"), fer_at(links, i));
	for (size_t i = 0; i < fer_count(had) && !r; i++)
		if (!has_link(links, fer_map_int(fer_at(had, i), "id", 0)))
			r = fer_bundle_drop_link(call, product, fer_map_int(fer_at(had, i), "id", 0));
	return r ? r : add_links(call, product, fer_map_int(old, "option_id", 0), links);
}

static int change_option(struct fer_call *call, const struct fer_product *product, const struct fer_value *old,
                         const struct fer_value *option)
{
	const struct fer_value *links = fer_get(option, "product_links"), *type = fer_get(fer_has(option, "type") ? option : old, "type");
	int64_t id = fer_map_int(old, "option_id", 0);
	int r = fer_is_null(links) ? 0 : replace_links(call, product, old, links);

	if (r || (r = fer_sql_run(call->db, FER_SQL_BUNDLE_OPTION_SET, NULL, "iivi",
	                          (int64_t)fer_map_bool(option, "required", fer_map_bool(old, "required", false)),
	                          fer_map_int(option, "position", fer_map_int(old, "position", 0)), type, id)) ||
	    !fer_has(option, "title"))
		return r;
	return fer_sql_run(call->db, FER_SQL_BUNDLE_TITLE_PUT, NULL, "iisi", id, (int64_t)call->store_id,
	                   fer_map_str(call->arena, option, "title"), product->id);
}

/* Neither a title nor a type is needed. */
static int add_option(struct fer_call *call, const struct fer_product *product, const struct fer_value *option, int64_t *id)
{
	struct fer_value none = fer_null();
	const struct fer_value *title = fer_has(option, "title") ? fer_get(option, "title") : &none;
	const struct fer_value *type = fer_has(option, "type") ? fer_get(option, "type") : &none;
	int r;

	if ((r = fer_sql_insert(call->db, FER_SQL_BUNDLE_OPTION_ADD, id, "iiiv", product->id,
	                        (int64_t)fer_map_bool(option, "required", false), fer_map_int(option, "position", 0), type)) ||
	    (r = fer_sql_run(call->db, FER_SQL_BUNDLE_TITLE_PUT, NULL, "iivi", *id, (int64_t)0, title, product->id)) || !call->store_id)
		return r;
	return fer_sql_run(call->db, FER_SQL_BUNDLE_TITLE_PUT, NULL, "iivi", *id, (int64_t)call->store_id, title, product->id);
}

int fer_bundle_put_option(struct fer_call *call, const struct fer_product *product, const struct fer_value *option, int64_t *id,
                          bool *is_new, int *refused)
{
	const struct fer_value *old;
	struct fer_value options;
	int r = fer_bundle_options(call, product, false, &options);

	*refused = 0;
	if (r)
		return r;
	*id = fer_map_int(option, "option_id", 0);
	old = *id ? fer_bundle_option_find(&options, *id) : NULL;
	*is_new = !old;
	if (old)
		return change_option(call, product, old, option);
	if ((r = add_option(call, product, option, id)))
		return r;
	r = add_links(call, product, *id, fer_get(option, "product_links"));
	*refused = r > 0 ? r : 0;
	return r < 0 ? r : 0;
}

int fer_bundle_drop_option(struct fer_call *call, const struct fer_product *product, const struct fer_value *option)
{
	const struct fer_value *links = fer_get(option, "product_links");
	int r = 0;

	for (size_t i = 0; i < fer_count(links) && !r; i++)
		r = fer_bundle_drop_link(call, product, fer_map_int(fer_at(links, i), "id", 0));
	return r ? r : fer_sql_run(call->db, FER_SQL_BUNDLE_OPTION_DELETE, NULL, "i", fer_map_int(option, "option_id", 0));
}

/* With a product: options that are not named go; an empty list changes nothing. */
int fer_bundle_options_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	struct fer_value old;
	int64_t id;
	bool is_new;
	int r, refused;

	if (!fer_count(sent))
		return 0;
	r = fer_bundle_options(s->call, &s->product, false, &old);
	for (size_t i = 0; !r && i < fer_count(&old); i++)
		if (!fer_bundle_option_find(sent, fer_map_int(fer_at(&old, i), "option_id", 0)))
			r = fer_bundle_drop_option(s->call, &s->product, fer_at(&old, i));
	for (size_t i = 0; !r && i < fer_count(sent); i++) {
		r = fer_bundle_put_option(s->call, &s->product, fer_at(sent, i), &id, &is_new, &refused);
		r = r ? r : refused;
	}
	return r;
}
