/*
 * The routes of configurable products: options, children, and the matrix of variations.
 * Source: Magento_ConfigurableProduct OptionRepository, LinkManagement, ConfigurableProductManagement, 2.4.7, and recorded answers.
 */
#include <errno.h>

#include "api/route.h"
#include "catalog/attribute.h"
#include "catalog/configurable.h"

static bool is_configurable(const struct fer_product *product)
{
	return fer_str_is(product->type, "configurable");
}

/* The product of the path with its parts; lists are empty where it is not configurable. */
static int find_product(struct fer_call *call, struct fer_product *product)
{
	int r = fer_product_require(call, fer_arg_str(call, "sku"), product);

	return r ? r : fer_products_fill(call, product, 1, call->store_id, FER_PRODUCT_PARTS);
}

static int find_configurable(struct fer_call *call, struct fer_product *product)
{
	int r = find_product(call, product);

	if (r || is_configurable(product))
		return r;
	return fer_fail(call, FER_E_CONFIGURABLE_ONLY, "1", fer_string(fer_arg_str(call, "sku")), NULL);
}

static const struct fer_value *options_of(const struct fer_product *product)
{
	return &product->parts[FER_PART_CONFIGURABLE_OPTIONS];
}

/* -- options ------------------------------------------------------------------------------------------------------ */

static const struct fer_value *option_of(const struct fer_product *product, int64_t id)
{
	for (size_t i = 0; i < fer_count(options_of(product)); i++)
		if (fer_map_int(fer_at(options_of(product), i), "id", 0) == id)
			return fer_at(options_of(product), i);
	return NULL;
}

static int list_options(struct fer_call *call)
{
	struct fer_product product;
	int r = find_configurable(call, &product);

	return r ? r : fer_answer(call, *options_of(&product));
}

static int get_option(struct fer_call *call)
{
	int64_t id = fer_arg_int(call, "id");
	const struct fer_value *option;
	struct fer_product product;
	int r = find_configurable(call, &product);

	if (r)
		return r;
	option = option_of(&product, id);
	return option ? fer_answer(call, *option) : fer_fail(call, FER_E_CONFIGURABLE_OPTION_UNKNOWN, "1", fer_int(id), NULL);
}

static int remove_option(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_product product;
	int r = find_configurable(call, &product);

	if (r)
		return r;
	if (!option_of(&product, fer_arg_int(call, "id")))
		return fer_fail(call, FER_E_NO_SUCH_OPTION, NULL);
	if ((r = fer_configurable_drop(call, &product, fer_arg_int(call, "id"))))
		return r;
	return fer_product_reindex(call, product.id);
}

static bool may_have_options(const struct fer_product *product)
{
	return is_configurable(product) || fer_str_is(product->type, "simple") || fer_str_is(product->type, "virtual");
}

/* An option turns a plain product into a configurable. */
static int add_option(struct fer_call *call, void *data)
{
	struct fer_product product;
	int64_t *id = data;
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	if (r)
		return r;
	if (!may_have_options(&product))
		return -EINVAL;
	if ((r = fer_configurable_put(call, product.id, fer_arg(call, "option"), id)) ||
	    (r = fer_sql_run(call->db, FER_SQL_PRODUCT_TYPE_SET, NULL, "si", FER_S("configurable"), product.id)))
		return r;
	return fer_product_reindex(call, product.id);
}

/* Magento crashes where the option is nobody's. */
static int change_option(struct fer_call *call, void *data)
{
	const struct fer_value *option = fer_arg(call, "option");
	struct fer_product product;
	int64_t *id = data, owner;
	int r;

	if ((r = find_configurable(call, &product)) || (r = fer_sql_int(call->db, FER_SQL_CONFIGURABLE_OPTION_OWNER, 0, &owner, "i", *id)))
		return r;
	if (owner != product.id)
		return owner ? fer_fail(call, FER_E_CONFIGURABLE_OPTION_OTHER, "1", fer_int(*id), NULL) : -EINVAL;
	if (fer_has(option, "position") &&
	    (r = fer_sql_run(call->db, FER_SQL_CONFIGURABLE_OPTION_MOVE, NULL, "ii", fer_map_int(option, "position", 0), *id)))
		return r;
	return fer_has(option, "label") ? fer_configurable_label(call, *id, fer_map_str(call->arena, option, "label")) : 0;
}

/* A new option's id goes out as text. */
static int save_option(struct fer_call *call)
{
	int64_t id = fer_arg(call, "id") ? fer_arg_int(call, "id") : fer_map_int(fer_arg(call, "option"), "id", 0);
	bool is_new = !id;
	int r = fer_tx(call, 0, is_new ? add_option : change_option, &id);

	if (r)
		return r;
	return fer_answer(call, is_new ? fer_string(fer_str_fmt(call->arena, "%lld", (long long)id)) : fer_int(id));
}

static int delete_option(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_option, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- children ----------------------------------------------------------------------------------------------------- */

static struct fer_value ids_of(struct fer_call *call, const struct fer_product *parent)
{
	const struct fer_value *links = &parent->parts[FER_PART_CONFIGURABLE_LINKS];
	struct fer_value ids = fer_list();

	for (size_t i = 0; i < fer_count(links); i++)
		fer_push(call->arena, &ids, fer_string(fer_as_str(call->arena, fer_at(links, i))));
	return ids;
}

static bool has_child(const struct fer_product *parent, int64_t id)
{
	const struct fer_value *links = &parent->parts[FER_PART_CONFIGURABLE_LINKS];

	for (size_t i = 0; i < fer_count(links); i++)
		if (fer_as_int(fer_at(links, i)) == id)
			return true;
	return false;
}

static struct fer_value choices(struct fer_call *call, const struct fer_attribute *a)
{
	struct fer_value list = fer_list();

	for (size_t i = 0; i < a->n_options; i++) {
		struct fer_value value = fer_map();

		fer_append(call->arena, &value, FER_S("value_index"), fer_int(a->options[i].id));
		fer_push(call->arena, &list, value);
	}
	return list;
}

/* The option as Magento makes it anew for a child: under the attribute's own label, in its old place. */
static int renew_option(struct fer_call *call, const struct fer_value *old, const struct fer_attribute *a, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_ATTRIBUTE_LABEL_AT, &stmt, "ii", (int64_t)call->store_id, a->id);

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*out = fer_map();
	fer_append(call->arena, out, FER_S("attribute_id"), fer_int(a->id));
	fer_append(call->arena, out, FER_S("label"), fer_string(fer_col_dup(call->arena, stmt, 0)));
	fer_append(call->arena, out, FER_S("position"), *fer_get(old, "position"));
	fer_append(call->arena, out, FER_S("values"), choices(call, a));
	return 0;
}

/* In order of their attributes. The child must have a value for each. */
static int renew_options(struct fer_call *call, const struct fer_product *parent, const struct fer_product *child, struct fer_value *out)
{
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	*out = fer_list();
	for (size_t i = 0; !r && i < fer_count(options_of(parent)); i++) {
		const struct fer_value *old = fer_at(options_of(parent), i);
		const struct fer_attribute *a = fer_eav_by_id(eav, fer_map_int(old, "attribute_id", 0));
		struct fer_value option;
		size_t k;

		if (!a || !fer_as_bool(fer_eav_value(&child->values, fer_str_z(call->arena, a->code))))
			return fer_fail(call, FER_E_CHILD_WITHOUT_VALUE, "1", a ? fer_string(a->code) : fer_null(), NULL);
		if ((r = renew_option(call, old, a, &option)))
			return r;
		fer_push(call->arena, out, option);
		for (k = out->list.n - 1; k && fer_map_int(&out->list.items[k - 1], "attribute_id", 0) > a->id; k--)
			out->list.items[k] = out->list.items[k - 1];
		out->list.items[k] = option;
	}
	return r;
}

static int attach(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_product parent, child;
	struct fer_value options, ids;
	int r;

	if ((r = find_product(call, &parent)) || (r = fer_product_require(call, fer_arg_str(call, "childSku"), &child)) ||
	    (r = fer_products_fill(call, &child, 1, call->store_id, FER_PRODUCT_VALUES)))
		return r;
	if (has_child(&parent, child.id))
		return fer_fail(call, FER_E_CHILD_ATTACHED, NULL);
	if (!fer_count(options_of(&parent)))
		return fer_fail(call, FER_E_PARENT_WITHOUT_OPTIONS, NULL);
	if ((r = renew_options(call, &parent, &child, &options)))
		return r;
	ids = ids_of(call, &parent);
	fer_push(call->arena, &ids, fer_string(fer_str_fmt(call->arena, "%lld", (long long)child.id)));
	if ((r = fer_configurable_check(call, &options, &ids)) || (r = fer_configurable_set_options(call, &parent, &options)) ||
	    (r = fer_configurable_set_links(call, &parent, &ids)))
		return r;
	return fer_product_resaved(call, parent.id);
}

static int add_child(struct fer_call *call)
{
	int r = fer_tx(call, 0, attach, NULL);

	return r ? r : fer_answer_true(call);
}

/* Magento knows a child by its SKU as it is written. */
static int detach(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value left = fer_list(), ids;
	struct fer_product parent, child;
	bool found;
	int r = find_product(call, &parent);

	if (r)
		return r;
	if (!is_configurable(&parent))
		return fer_fail(call, FER_E_NOT_CONFIGURABLE, "1", fer_string(fer_arg_str(call, "sku")), NULL);
	if ((r = fer_product_find(call, fer_arg_str(call, "childSku"), &child, &found)))
		return r;
	if (!found || !fer_str_eq(child.sku, fer_arg_str(call, "childSku")) || !has_child(&parent, child.id))
		return fer_fail(call, FER_E_NO_SUCH_OPTION, NULL);
	ids = ids_of(call, &parent);
	for (size_t i = 0; i < fer_count(&ids); i++)
		if (fer_as_int(fer_at(&ids, i)) != child.id)
			fer_push(call->arena, &left, *fer_at(&ids, i));
	return (r = fer_configurable_set_links(call, &parent, &left)) ? r : fer_product_resaved(call, parent.id);
}

static int remove_child(struct fer_call *call)
{
	int r = fer_tx(call, 0, detach, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- children as they are listed ---------------------------------------------------------------------------------- */

/* A child is read with what a list of products needs, and with the attributes of the options. */
static int listed_attributes(struct fer_call *call, const struct fer_product *parent, struct fer_value *ids)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_PRODUCT_LISTED_ATTRIBUTES, &stmt, "");

	*ids = fer_list();
	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_push(call->arena, ids, fer_int(fer_col_int(stmt, 0)));
	for (size_t i = 0; i < fer_count(options_of(parent)); i++)
		fer_push(call->arena, ids, fer_int(fer_map_int(fer_at(options_of(parent), i), "attribute_id", 0)));
	return r;
}

static bool is_listed(const struct fer_value *ids, const struct fer_attribute *a)
{
	for (size_t i = 0; i < fer_count(ids); i++)
		if (fer_as_int(fer_at(ids, i)) == a->id)
			return true;
	return fer_str_is(a->code, "required_options") || fer_str_is(a->code, "has_options") || fer_str_is(a->code, "category_ids") ||
	       fer_str_is(a->code, "image") || fer_str_is(a->code, "thumbnail");
}

/* The product as others show it, less what a child is not read with; custom attributes stand in order of their group. */
static struct fer_value child_shape(struct fer_call *call, const struct fer_eav *eav, const struct fer_product *child, const struct fer_value *ids)
{
	struct fer_value whole = fer_product_shape(call, eav, child, call->store_id, false), custom = fer_list();
	const struct fer_value *all = fer_get(&whole, "custom_attributes");
	const struct fer_attribute_set *set = fer_eav_set(eav, child->set_id);

	for (size_t i = 0; set && i < set->n_members; i++)
		for (size_t k = 0; is_listed(ids, set->members[i].attribute) && k < fer_count(all); k++)
			if (fer_str_eq(fer_get(fer_at(all, k), "attribute_code")->text, set->members[i].attribute->code))
				fer_push(call->arena, &custom, *fer_at(all, k));
	fer_set(call->arena, &whole, "custom_attributes", custom);
	fer_unset(&whole, "extension_attributes");
	fer_unset(&whole, "options");
	return whole;
}

static int list_children(struct fer_call *call)
{
	struct fer_value list = fer_list(), attributes;
	struct fer_product parent, *children;
	const struct fer_value *links = &parent.parts[FER_PART_CONFIGURABLE_LINKS];
	const struct fer_eav *eav;
	int64_t *ids;
	size_t n;
	int r;

	if ((r = find_product(call, &parent)) || (r = listed_attributes(call, &parent, &attributes)) || (r = fer_eav_get(call, &eav)))
		return r;
	n = fer_count(links);
	ids = FER_NEW_ARRAY(call->arena, n + 1, int64_t);
	children = FER_NEW_ARRAY(call->arena, n + 1, struct fer_product);
	for (size_t i = 0; i < n; i++)
		ids[i] = fer_as_int(fer_at(links, i));
	if ((r = fer_products_load(call, ids, &n, call->store_id, FER_PRODUCT_VALUES | FER_PRODUCT_PLACES | FER_PRODUCT_PARTS, children)))
		return r;
	for (size_t i = 0; i < n; i++)
		if (!children[i].required_options)
			fer_push(call->arena, &list, child_shape(call, eav, &children[i], &attributes));
	return fer_answer(call, list);
}

/* -- variations --------------------------------------------------------------------------------------------------- */

struct axis {
	const struct fer_attribute *attribute;
	int64_t *values;      /* those of the option that the attribute has, in its order */
	size_t n;
};

static bool names_value(const struct fer_value *values, int64_t id)
{
	for (size_t i = 0; i < fer_count(values); i++)
		if (fer_map_int(fer_at(values, i), "value_index", 0) == id)
			return true;
	return false;
}

static int read_axis(struct fer_call *call, const struct fer_eav *eav, const struct fer_value *option, struct axis *axis)
{
	const struct fer_attribute *a = fer_eav_by_id(eav, fer_map_int(option, "attribute_id", 0));

	if (!a)
		return fer_fail(call, FER_E_NO_SUCH_ATTRIBUTE, "1", fer_string(fer_map_str(call->arena, option, "attribute_id")), NULL);
	*axis = (struct axis){ a, FER_NEW_ARRAY(call->arena, a->n_options + 1, int64_t), 0 };
	for (size_t i = 0; i < a->n_options; i++)
		if (names_value(fer_get(option, "values"), a->options[i].id))
			axis->values[axis->n++] = a->options[i].id;
	return 0;
}

/* The @number-th combination; the last option changes fastest. */
static struct fer_value variation(struct fer_call *call, const struct fer_value *product, const struct axis *axes, size_t n, size_t number)
{
	struct fer_value out = fer_map(), custom = fer_list();
	const struct fer_value *own = fer_get(product, "custom_attributes"), *weight = fer_get(product, "weight");
	struct fer_str suffix = FER_S(""), type = fer_map_str(call->arena, product, "type_id");
	size_t block = 1;

	for (size_t i = 0; i < fer_count(own); i++)
		fer_push(call->arena, &custom, *fer_at(own, i));
	for (size_t i = 0; i < n; i++)
		block *= axes[i].n;
	for (size_t i = 0; i < n; i++) {
		int64_t value = axes[i].values[number / (block /= axes[i].n) % axes[i].n];

		suffix = fer_str_fmt(call->arena, "%.*s-%lld", (int)suffix.len, suffix.at, (long long)value);
		fer_eav_custom_add(call, &custom, axes[i].attribute->code, fer_string(fer_str_fmt(call->arena, "%lld", (long long)value)));
	}
	for (size_t i = 0; i < 2; i++) {
		struct fer_str base = fer_map_str(call->arena, product, i ? "name" : "sku");

		fer_append(call->arena, &out, i ? FER_S("name") : FER_S("sku"),
		           fer_string(fer_str_fmt(call->arena, "%.*s%.*s", (int)base.len, base.at, (int)suffix.len, suffix.at)));
	}
	if (fer_has(product, "attribute_set_id"))
		fer_append(call->arena, &out, FER_S("attribute_set_id"), *fer_get(product, "attribute_set_id"));
	fer_append(call->arena, &out, FER_S("price"),
	           fer_decimal(fer_str_is(type, "configurable") ? 0 : fer_as_decimal(fer_get(product, "price"))));
	fer_append(call->arena, &out, FER_S("status"), fer_int(fer_map_int(product, "status", 1)));
	fer_append(call->arena, &out, FER_S("visibility"), fer_int(1));
	fer_append(call->arena, &out, FER_S("type_id"), fer_string(type));
	if (!fer_is_null(weight))
		fer_append(call->arena, &out, FER_S("weight"), *weight);
	fer_append(call->arena, &out, FER_S("product_links"), fer_list());
	fer_append(call->arena, &out, FER_S("tier_prices"), fer_list());
	fer_append(call->arena, &out, FER_S("custom_attributes"), custom);
	return out;
}

#define VARIATIONS_MAX 10000

static int list_variations(struct fer_call *call)
{
	const struct fer_value *options = fer_arg(call, "options");
	size_t n = fer_count(options), total = n > 0;
	struct axis *axes = FER_NEW_ARRAY(call->arena, n + 1, struct axis);
	struct fer_value list = fer_list();
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	for (size_t i = 0; !r && i < n; i++) {
		r = read_axis(call, eav, fer_at(options, i), &axes[i]);
		total = r ? 0 : total * axes[i].n;
		if (total > VARIATIONS_MAX)
			return fer_fail(call, FER_E_TOO_MANY_VARIATIONS, "1", fer_int(VARIATIONS_MAX), NULL);
	}
	for (size_t i = 0; !r && i < total; i++)
		fer_push(call->arena, &list, variation(call, fer_arg(call, "product"), axes, n, i));
	return r ? r : fer_answer(call, list);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define PRODUCTS "Magento_Catalog::products"
#define SOURCE "Magento_ConfigurableProduct webapi.xml"
#define AT "/V1/configurable-products/"
#define SKU { "sku", FER_STRING, FER_REQ, NULL, NULL }
#define CHILD { "childSku", FER_STRING, FER_REQ, NULL, NULL }
#define ID { "id", FER_INT, FER_REQ, NULL, NULL }
#define OPTION { "option", FER_OBJECT, FER_REQ, &fer_configurable_option, NULL }

static const struct fer_route routes[] = {
	{ FER_PUT, AT "variation", PRODUCTS, list_variations, &fer_product_body,
	  FER_PARAMS({ "product", FER_OBJECT, FER_REQ, &fer_product_body, NULL },
	             { "options", FER_OBJECT, FER_REQ | FER_MANY, &fer_configurable_option, NULL }),
	  .many = true,
	  .service = "configurableProductConfigurableProductManagementV1",
	  .summary = "Every combination of the options, as products to be", .source = SOURCE },
	{ FER_GET, AT ":sku/children", PRODUCTS, list_children, &fer_product_body, FER_PARAMS(SKU), .many = true, .cached = true,
	  .insecure = true,
	  .service = "configurableProductLinkManagementV1", .summary = "Children of a configurable", .source = SOURCE },
	{ FER_POST, AT ":sku/child", PRODUCTS, add_child, NULL, FER_PARAMS(SKU, CHILD), .returns = FER_BOOL,
	  .service = "configurableProductLinkManagementV1", .summary = "Add a child", .source = SOURCE },
	{ FER_DELETE, AT ":sku/children/:childSku", PRODUCTS, remove_child, NULL, FER_PARAMS(SKU, CHILD), .returns = FER_BOOL,
	  .service = "configurableProductLinkManagementV1", .summary = "Remove a child", .source = SOURCE },
	{ FER_GET, AT ":sku/options/all", PRODUCTS, list_options, &fer_configurable_option, FER_PARAMS(SKU), .many = true, .cached = true,
	  .insecure = true,
	  .service = "configurableProductOptionRepositoryV1", .summary = "Options of a configurable", .source = SOURCE },
	{ FER_GET, AT ":sku/options/:id", PRODUCTS, get_option, &fer_configurable_option, FER_PARAMS(SKU, ID), .cached = true,
	  .insecure = true, .service = "configurableProductOptionRepositoryV1", .summary = "One option", .source = SOURCE },
	{ FER_POST, AT ":sku/options", PRODUCTS, save_option, NULL, FER_PARAMS(SKU, OPTION), .returns = FER_INT,
	  .service = "configurableProductOptionRepositoryV1",
	  .summary = "Add an option; a plain product becomes configurable", .source = SOURCE },
	{ FER_PUT, AT ":sku/options/:id", PRODUCTS, save_option, NULL, FER_PARAMS(SKU, ID, OPTION), .returns = FER_INT,
	  .service = "configurableProductOptionRepositoryV1", .summary = "Change an option", .source = SOURCE },
	{ FER_DELETE, AT ":sku/options/:id", PRODUCTS, delete_option, NULL, FER_PARAMS(SKU, ID), .returns = FER_BOOL,
	  .service = "configurableProductOptionRepositoryV1",
	  .summary = "Remove an option, and with it the children", .source = SOURCE },
};
const struct fer_route_table fer_routes_configurable = FER_ROUTE_TABLE(routes);
