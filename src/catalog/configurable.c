/*
 * What makes a product configurable: its options and its children, read for many products and written with one.
 * Source: Magento_ConfigurableProduct Product\SaveHandler, Plugin\ProductRepositorySave, ResourceModel\Product\Type\Configurable,
 * 2.4.7.
 */
#include "catalog/configurable.h"

#include <errno.h>

#include "catalog/product_impl.h"

/* -- reading ------------------------------------------------------------------------------------------------------ */

#define OPTIONS_HEAD \
	"SELECT o.product_id, o.product_super_attribute_id, o.attribute_id, o.position, a.attribute_id," \
	" CASE WHEN COALESCE(ls.use_default, l0.use_default) = 1 THEN COALESCE(al.value, a.frontend_label)" \
	" ELSE COALESCE(ls.value, l0.value, al.value, a.frontend_label) END" \
	" FROM catalog_product_super_attribute o" \
	" LEFT JOIN catalog_product_super_attribute_label l0 ON l0.product_super_attribute_id = o.product_super_attribute_id" \
	" AND l0.store_id = 0" \
	" LEFT JOIN catalog_product_super_attribute_label ls ON ls.product_super_attribute_id = o.product_super_attribute_id" \
	" AND ls.store_id = ?" \
	" LEFT JOIN eav_attribute a ON a.attribute_id = o.attribute_id" \
	" LEFT JOIN eav_attribute_label al ON al.attribute_id = o.attribute_id AND al.store_id = ?" \
	" WHERE o.product_id"
/* Magento's loader does not sort by position: rows come by the index over product and attribute. */
#define OPTIONS_TAIL " ORDER BY o.product_id, o.attribute_id"

/* CROSS keeps SQLite from beginning with the values: it would look at all that are at store 0, or that the attribute has. */
#define VALUES_HEAD \
	"SELECT DISTINCT o.product_id, o.product_super_attribute_id, v.value, x.sort_order" \
	" FROM catalog_product_super_attribute o JOIN catalog_product_super_link l ON l.parent_id = o.product_id" \
	" CROSS JOIN catalog_product_entity_int v ON v.entity_id = l.product_id AND v.attribute_id = o.attribute_id AND v.store_id = 0" \
	" LEFT JOIN eav_attribute_option x ON x.option_id = v.value WHERE v.value IS NOT NULL AND o.product_id"
#define VALUES_TAIL " ORDER BY x.sort_order, v.value"

static struct fer_value option_of(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_value option = fer_map();

	fer_append(call->arena, &option, FER_S("id"), fer_int(fer_col_int(stmt, 1)));
	fer_append(call->arena, &option, FER_S("attribute_id"), fer_string(fer_col_dup(call->arena, stmt, 2)));
	fer_append(call->arena, &option, FER_S("label"), fer_string(fer_col_dup(call->arena, stmt, 5)));
	fer_append(call->arena, &option, FER_S("position"), fer_int(fer_col_int(stmt, 3)));
	fer_append(call->arena, &option, FER_S("values"), fer_list());
	fer_append(call->arena, &option, FER_S("product_id"), fer_int(fer_col_int(stmt, 0)));
	return option;
}

/* An option of an attribute that is gone breaks its product, as in Magento, but not the lists that hold it. */
static int fill_options(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open_at(call, products, n, store_id, OPTIONS_HEAD, OPTIONS_TAIL, &stmt);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));

		if (fer_col_null(stmt, 4) && n == 1)
			return -EINVAL;
		if (owner && !fer_col_null(stmt, 4))
			fer_push(call->arena, &owner->parts[FER_PART_CONFIGURABLE_OPTIONS], option_of(call, stmt));
	}
	return r;
}

static struct fer_value *option_by(const struct fer_value *options, const char *field, int64_t id)
{
	for (size_t i = 0; i < fer_count(options); i++)
		if (fer_as_int(fer_get(fer_at(options, i), field)) == id)
			return &options->list.items[i];
	return NULL;
}

static int fill_values(struct fer_call *call, struct fer_product *products, size_t n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open(call, products, n, VALUES_HEAD, VALUES_TAIL, &stmt);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));
		struct fer_value *option = owner ? option_by(&owner->parts[FER_PART_CONFIGURABLE_OPTIONS], "id", fer_col_int(stmt, 1)) : NULL;
		struct fer_value value = fer_map();

		if (!option)
			continue;
		fer_append(call->arena, &value, FER_S("value_index"), fer_int(fer_col_int(stmt, 2)));
		fer_push(call->arena, fer_get(option, "values"), value);
	}
	return r;
}

int fer_configurable_options_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	int r = fill_options(call, products, n, store_id);

	return r ? r : fill_values(call, products, n);
}

int fer_configurable_links_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id FER_UNUSED)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open(call, products, n, "SELECT parent_id, product_id FROM catalog_product_super_link WHERE parent_id",
	                          " ORDER BY link_id", &stmt);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));

		if (owner && fer_str_is(owner->type, "configurable"))
			fer_push(call->arena, &owner->parts[FER_PART_CONFIGURABLE_LINKS], fer_int(fer_col_int(stmt, 1)));
	}
	return r;
}

/* The product's own, as the call's store sees them. */
static int present(struct fer_call *call, const struct fer_product *product, struct fer_value *options, struct fer_value *links)
{
	struct fer_product copy = *product;
	int r;

	copy.type = FER_S("configurable");
	copy.parts[FER_PART_CONFIGURABLE_OPTIONS] = fer_list();
	copy.parts[FER_PART_CONFIGURABLE_LINKS] = fer_list();
	if ((r = fer_configurable_options_fill(call, &copy, 1, call->store_id)) || (r = fer_configurable_links_fill(call, &copy, 1, 0)))
		return r;
	*options = copy.parts[FER_PART_CONFIGURABLE_OPTIONS];
	*links = copy.parts[FER_PART_CONFIGURABLE_LINKS];
	return 0;
}

/* -- options ------------------------------------------------------------------------------------------------------ */

static int check_values(struct fer_call *call, const struct fer_value *values)
{
	int r = 0;

	for (size_t i = 0; i < fer_count(values); i++)
		if (!fer_map_int(fer_at(values, i), "value_index", 0))
			r = fer_fail(call, FER_E_OPTION_NO_VALUE_INDEX, NULL);
	return r;
}

static int check_option(struct fer_call *call, const struct fer_value *option)
{
	int r = 0;

	if (!fer_as_bool(fer_get(option, "attribute_id")))
		r = fer_fail(call, FER_E_OPTION_NO_ATTRIBUTE, NULL);
	if (!fer_as_bool(fer_get(option, "label")))
		r = fer_fail(call, FER_E_OPTION_NO_LABEL, NULL);
	if (!fer_count(fer_get(option, "values")))
		return fer_fail(call, FER_E_OPTION_NO_VALUES, NULL);
	return r ? r : check_values(call, fer_get(option, "values"));
}

int fer_configurable_label(struct fer_call *call, int64_t option_id, struct fer_str label)
{
	int64_t labelled;
	int r = fer_sql_int(call->db, FER_SQL_CONFIGURABLE_LABELLED, 0, &labelled, "i", option_id);

	return r ? r : fer_sql_run(call->db, FER_SQL_CONFIGURABLE_LABEL_PUT, NULL, "iis", option_id,
	                           (int64_t)(labelled ? call->store_id : 0), label);
}

int fer_configurable_put(struct fer_call *call, int64_t product_id, const struct fer_value *option, int64_t *id)
{
	int64_t attribute_id = fer_map_int(option, "attribute_id", 0), position = fer_map_int(option, "position", 0);
	int r;

	if ((r = check_option(call, option)) ||
	    (r = fer_sql_int(call->db, FER_SQL_CONFIGURABLE_OPTION_FIND, 0, id, "ii", product_id, attribute_id)))
		return r;
	if (*id)
		r = fer_sql_run(call->db, FER_SQL_CONFIGURABLE_OPTION_MOVE, NULL, "ii", position, *id);
	else
		r = fer_sql_insert(call->db, FER_SQL_CONFIGURABLE_OPTION_ADD, id, "iii", product_id, attribute_id, position);
	return r ? r : fer_configurable_label(call, *id, fer_map_str(call->arena, option, "label"));
}

int fer_configurable_drop(struct fer_call *call, const struct fer_product *product, int64_t option_id)
{
	struct fer_value none = fer_list();
	int r = fer_configurable_set_links(call, product, &none);

	return r ? r : fer_sql_run(call->db, FER_SQL_CONFIGURABLE_OPTION_DELETE, NULL, "i", option_id);
}

static bool differs(struct fer_call *call, const struct fer_value *old, const struct fer_value *sent)
{
	return !fer_str_eq(fer_get(old, "label")->text, fer_map_str(call->arena, sent, "label")) ||
	       fer_map_int(old, "position", 0) != fer_map_int(sent, "position", 0);
}

int fer_configurable_set_options(struct fer_call *call, const struct fer_product *product, const struct fer_value *options)
{
	struct fer_value old, links;
	int64_t id;
	int r = present(call, product, &old, &links);

	for (size_t i = 0; !r && i < fer_count(&old); i++) {
		const struct fer_value *was = fer_at(&old, i), *sent = option_by(options, "attribute_id", fer_map_int(was, "attribute_id", 0));

		if (!sent || differs(call, was, sent))
			r = fer_configurable_drop(call, product, fer_map_int(was, "id", 0));
	}
	for (size_t i = 0; !r && i < fer_count(options); i++) {
		const struct fer_value *sent = fer_at(options, i), *was = option_by(&old, "attribute_id", fer_map_int(sent, "attribute_id", 0));

		if (!was || differs(call, was, sent))
			r = fer_configurable_put(call, product->id, sent, &id);
	}
	return r;
}

int fer_configurable_options_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	return fer_configurable_set_options(s->call, &s->product, sent);
}

/* -- children ----------------------------------------------------------------------------------------------------- */

static bool holds(const struct fer_value *ids, int64_t id)
{
	for (size_t i = 0; i < fer_count(ids); i++)
		if (fer_as_int(fer_at(ids, i)) == id)
			return true;
	return false;
}

static int link_child(struct fer_call *call, int64_t parent_id, int64_t child_id)
{
	int r = fer_sql_run(call->db, FER_SQL_CONFIGURABLE_LINK_ADD, NULL, "ii", child_id, parent_id);

	if (r == -ENOENT || r == -EEXIST)
		return fer_fail(call, FER_E_PRODUCT_NOT_SAVED, NULL);
	return r ? r : fer_sql_run(call->db, FER_SQL_PRODUCT_RELATION_PUT, NULL, "ii", parent_id, child_id);
}

static int unlink_child(struct fer_call *call, int64_t parent_id, int64_t child_id)
{
	int r = fer_sql_run(call->db, FER_SQL_CONFIGURABLE_LINK_DELETE, NULL, "ii", child_id, parent_id);

	return r ? r : fer_sql_run(call->db, FER_SQL_PRODUCT_RELATION_DELETE, NULL, "ii", parent_id, child_id);
}

int fer_configurable_set_links(struct fer_call *call, const struct fer_product *product, const struct fer_value *ids)
{
	struct fer_value options, old;
	int r = present(call, product, &options, &old);

	for (size_t i = 0; !r && i < fer_count(&old); i++)
		if (!holds(ids, fer_as_int(fer_at(&old, i))))
			r = unlink_child(call, product->id, fer_as_int(fer_at(&old, i)));
	for (size_t i = 0; !r && i < fer_count(ids); i++)
		if (!holds(&old, fer_as_int(fer_at(ids, i))))
			r = link_child(call, product->id, fer_as_int(fer_at(ids, i)));
	return r;
}

int fer_configurable_links_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	return fer_configurable_set_links(s->call, &s->product, sent);
}

/* -- checks ------------------------------------------------------------------------------------------------------- */

/* Magento looks only at bodies that say themselves that they are configurable. */
static bool says_so(const struct fer_product_saving *s)
{
	return fer_str_is(fer_map_str(s->call->arena, s->body, "type_id"), "configurable");
}

int fer_configurable_options_check(struct fer_product_saving *s, const struct fer_value *sent)
{
	for (size_t i = 0; says_so(s) && i < fer_count(sent); i++) {
		struct fer_str id = fer_map_str(s->call->arena, fer_at(sent, i), "attribute_id");

		if (!fer_eav_by_id(s->eav, fer_map_int(fer_at(sent, i), "attribute_id", 0)))
			return fer_fail(s->call, FER_E_NO_SUCH_ATTRIBUTE, "1", fer_string(id), NULL);
	}
	return 0;
}

int fer_configurable_links_check(struct fer_product_saving *s, const struct fer_value *sent)
{
	const struct fer_value *options = fer_get(s->extension, "configurable_product_options");

	return says_so(s) ? fer_configurable_check(s->call, options, sent) : 0;
}

#define KEY_MAX 65536

/* What tells a child from its siblings. */
static int key_of(struct fer_call *call, const struct fer_eav *eav, const struct fer_value *options, const struct fer_value *id,
                  const struct fer_product *child, struct fer_str *key)
{
	struct fer_buf text;

	fer_buf_init(&text, call->arena, KEY_MAX);
	for (size_t i = 0; i < fer_count(options); i++) {
		const struct fer_attribute *a = fer_eav_by_id(eav, fer_map_int(fer_at(options, i), "attribute_id", 0));
		const struct fer_value *v = a ? fer_eav_value(&child->values, fer_str_z(call->arena, a->code)) : NULL;

		if (a && !fer_as_bool(v))
			return fer_fail(call, FER_E_LINK_WITHOUT_VALUE, "1", *id, "2", fer_string(a->code), NULL);
		if (a)
			fer_buf_fmt(&text, "%.*s;", (int)v->text.len, v->text.at);
	}
	*key = fer_buf_view(&text);
	return 0;
}

int fer_configurable_check(struct fer_call *call, const struct fer_value *options, const struct fer_value *ids)
{
	size_t n = fer_count(ids);
	struct fer_str *keys = FER_NEW_ARRAY(call->arena, n + 1, struct fer_str);
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	for (size_t i = 0; !r && i < n; i++) {
		int64_t id = fer_as_int(fer_at(ids, i));
		struct fer_product child;
		size_t found = 1;

		if ((r = fer_products_load(call, &id, &found, call->store_id, FER_PRODUCT_VALUES, &child)))
			return r;
		if (!found)
			return fer_fail(call, FER_E_NO_SUCH_PRODUCT, NULL);
		r = key_of(call, eav, options, fer_at(ids, i), &child, &keys[i]);
		for (size_t k = 0; k < i && !r; k++)
			if (fer_str_eq(keys[k], keys[i]))
				r = fer_fail(call, FER_E_SAME_VALUES, "1", *fer_at(ids, i), "2", *fer_at(ids, k), NULL);
	}
	return r;
}
