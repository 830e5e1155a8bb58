/*
 * Options of an attribute, one at a time: list, add, change, remove. What options an attribute has in the first place is
 * attribute_source.c's.
 */
#include "catalog/attribute.h"

#include "api/route.h"

/* -- one option into the tables ----------------------------------------------------------------------------------- */

static int write_row(struct fer_call *call, int64_t attribute_id, int64_t sort_order, int64_t *id)
{
	if (*id)
		return fer_sql_run(call->db, FER_SQL_OPTION_SORT, NULL, "ii", sort_order, *id);
	return fer_sql_insert(call->db, FER_SQL_OPTION_ADD, id, "ii", attribute_id, sort_order);
}

/* Views that do not exist are passed over, as Magento does, which walks its own list of views. */
static int write_label(struct fer_call *call, int64_t id, int64_t store_id, struct fer_str label)
{
	if (!label.len)
		return 0;
	return fer_sql_run(call->db, FER_SQL_OPTION_LABEL_ADD, NULL, "isi", id, label, store_id);
}

int fer_option_write(struct fer_call *call, int64_t attribute_id, const struct fer_value *option, int64_t sort_order, int64_t *id)
{
	const struct fer_value *labels = fer_get(option, "store_labels");
	int r;

	if (!fer_has(option, "label"))
		return fer_fail(call, FER_E_OPTION_NO_DEFAULT, NULL);
	if ((r = write_row(call, attribute_id, sort_order, id)) || (r = fer_sql_run(call->db, FER_SQL_OPTION_LABELS_CLEAR, NULL, "i", *id)) ||
	    (r = write_label(call, *id, 0, fer_map_str(call->arena, option, "label"))))
		return r;
	for (size_t i = 0; i < fer_count(labels); i++) {
		int64_t store_id = fer_map_int(fer_at(labels, i), "store_id", 0);

		if (store_id && (r = write_label(call, *id, store_id, fer_map_str(call->arena, fer_at(labels, i), "label"))))
			return r;
	}
	return 0;
}

/* -- looking ------------------------------------------------------------------------------------------------------ */

static const struct fer_entity *entity_of(struct fer_call *call)
{
	return fer_str_starts(fer_str(call->route->path), "/V1/categories/") ? &fer_category_attribute : &fer_product_attribute;
}

static int list_options(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_attribute_load(call, entity_of(call), fer_arg_str(call, "attributeCode"), &record);

	return r ? r : fer_answer(call, *fer_get(&record, "options"));
}

/* The attribute of the path with its options as an admin sees them, for all views. */
static int load_with_options(struct fer_call *call, struct fer_value *record, struct fer_value *options)
{
	struct fer_str code = fer_arg_str(call, "attributeCode");
	struct fer_option_rows stored;
	int64_t id;
	int r = fer_attribute_load(call, &fer_product_attribute, code, record);

	if (r)
		return r;
	if (!fer_attribute_uses_source(record))
		return fer_fail(call, FER_E_OPTIONS_NOT_USED, "1", fer_string(code), NULL);
	id = fer_map_int(record, "attribute_id", 0);
	if ((r = fer_option_rows_load(call, id, id, 0, &stored)))
		return r;
	return fer_attribute_source(call, record, &stored, options);
}

/* Source: Magento_Eav Source\Table getOptionId, 2.4.7: a label without regard to case, or an option's own id */
static const struct fer_value *by_label(const struct fer_value *options, struct fer_str label)
{
	for (size_t i = 0; i < fer_count(options); i++) {
		const struct fer_value *option = fer_at(options, i);

		if (fer_str_ieq(fer_get(option, "label")->text, label) || fer_str_eq(fer_get(option, "value")->text, label))
			return fer_get(option, "value");
	}
	return NULL;
}

static bool has_value(const struct fer_value *options, struct fer_str value)
{
	for (size_t i = 0; i < fer_count(options); i++)
		if (value.len && fer_str_eq(fer_get(fer_at(options, i), "value")->text, value))
			return true;
	return false;
}

static int require_label(struct fer_call *call, const struct fer_value *option, struct fer_str *label)
{
	*label = fer_str_trim(fer_map_str(call->arena, option, "label"));
	return label->len ? 0 : fer_fail(call, FER_E_OPTION_LABEL_EMPTY, NULL);
}

static int check_label(struct fer_call *call, const struct fer_value *option, const struct fer_value *options, int64_t own,
                       struct fer_str *label)
{
	const struct fer_value *other;
	int r = require_label(call, option, label);

	if (r)
		return r;
	other = by_label(options, *label);
	if (other && (!own || fer_as_int(other) != own))
		return fer_fail(call, FER_E_OPTION_LABEL_EXISTS, "1", *fer_get(option, "label"), NULL);
	return 0;
}

/* -- changing ----------------------------------------------------------------------------------------------------- */

/* An option becomes the default of a select, and joins the defaults of a multiselect's new value. */
static int make_default(struct fer_call *call, const struct fer_value *option, int64_t attribute_id, int64_t id)
{
	if (!fer_map_bool(option, "is_default", false))
		return 0;
	return fer_sql_run(call->db, FER_SQL_ATTRIBUTE_DEFAULT, NULL, "si", fer_str_fmt(call->arena, "%lld", (long long)id), attribute_id);
}

static int write_option(struct fer_call *call, const struct fer_value *attribute, struct fer_str label, int64_t *id)
{
	struct fer_value option = fer_clone(call->arena, fer_arg(call, "option"));
	int64_t attribute_id = fer_map_int(attribute, "attribute_id", 0);
	int r;

	fer_set(call->arena, &option, "label", fer_string(label));
	r = fer_option_write(call, attribute_id, &option, fer_map_int(&option, "sort_order", 0), id);
	return r ? r : make_default(call, &option, attribute_id, *id);
}

/* A source of fixed choices takes no option, but Magento answers as if: with an empty id. */
static int add_option(struct fer_call *call, void *data)
{
	struct fer_value attribute, options;
	struct fer_str label;
	int64_t *id = data;
	int r;

	*id = 0;
	if ((r = load_with_options(call, &attribute, &options)) || (r = check_label(call, fer_arg(call, "option"), &options, 0, &label)))
		return r;
	return fer_attribute_keeps_options(&attribute) ? write_option(call, &attribute, label, id) : 0;
}

static int post_option(struct fer_call *call)
{
	int64_t id = 0;
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, add_option, &id);

	if (r)
		return r;
	return fer_answer(call, fer_string(id ? fer_str_fmt(call->arena, "%lld", (long long)id) : FER_S("")));
}

static int update_option(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value attribute, options;
	struct fer_str label;
	int64_t id = fer_arg_int(call, "optionId");
	int r = load_with_options(call, &attribute, &options);

	if (r)
		return r;
	if (!id)
		return fer_fail(call, FER_E_OPTION_ID_EMPTY, NULL);
	if ((r = require_label(call, fer_arg(call, "option"), &label)))
		return r;
	if (!has_value(&options, fer_as_str(call->arena, fer_arg(call, "optionId"))))
		return fer_fail(call, FER_E_OPTION_UNKNOWN, "1", fer_string(fer_arg_str(call, "attributeCode")), "2", fer_int(id), NULL);
	if ((r = check_label(call, fer_arg(call, "option"), &options, id, &label)))
		return r;
	return fer_attribute_keeps_options(&attribute) ? write_option(call, &attribute, label, &id) : 0;
}

static int put_option(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, update_option, NULL);

	return r ? r : fer_answer_true(call);
}

static int remove_option(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value attribute, options;
	struct fer_str id = fer_arg_str(call, "optionId");
	int r;

	if (fer_str_is(id, "0"))
		return fer_fail(call, FER_E_OPTION_ID_INVALID, "1", fer_string(id), NULL);
	if ((r = load_with_options(call, &attribute, &options)))
		return r;
	if (!has_value(&options, id))
		return fer_fail(call, FER_E_OPTION_MISSING, "1", fer_string(fer_arg_str(call, "attributeCode")), "2", fer_string(id), NULL);
	if (!fer_attribute_keeps_options(&attribute))
		return 0;
	if (fer_str_eq(fer_map_str(call->arena, &attribute, "default_value"), id) &&
	    (r = fer_sql_run(call->db, FER_SQL_ATTRIBUTE_DEFAULT, NULL, "zi", "", fer_map_int(&attribute, "attribute_id", 0))))
		return r;
	return fer_sql_run(call->db, FER_SQL_OPTION_DELETE, NULL, "i", fer_arg_int(call, "optionId"));
}

static int delete_option(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, remove_option, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define ATTRIBUTES "Magento_Catalog::attributes_attributes"
#define CODE { "attributeCode", FER_STRING, FER_REQ, NULL, NULL }
#define OPTION { "option", FER_OBJECT, FER_REQ, &fer_attribute_option, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/products/attributes/:attributeCode/options", ATTRIBUTES, .run = list_options, .of = &fer_attribute_option,
	  FER_PARAMS(CODE), .many = true, .cached = true, .insecure = true,
	  .service = "catalogProductAttributeOptionManagementV1",
	  .summary = "Options of a product attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_POST, "/V1/products/attributes/:attributeCode/options", ATTRIBUTES, .run = post_option, FER_PARAMS(CODE, OPTION),
	  .returns = FER_STRING,
	  .service = "catalogProductAttributeOptionManagementV1", .summary = "Add an option", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/products/attributes/:attributeCode/options/:optionId", ATTRIBUTES, .run = put_option,
	  FER_PARAMS(CODE, { "optionId", FER_INT, FER_REQ, NULL, NULL }, OPTION),
	  .returns = FER_BOOL,
	  .service = "catalogProductAttributeOptionUpdateV1", .summary = "Change an option", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/products/attributes/:attributeCode/options/:optionId", ATTRIBUTES, .run = delete_option,
	  FER_PARAMS(CODE, { "optionId", FER_STRING, FER_REQ, NULL, NULL }),
	  .returns = FER_BOOL,
	  .service = "catalogProductAttributeOptionManagementV1",
	  .summary = "Remove an option", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/categories/attributes/:attributeCode/options", ATTRIBUTES, .run = list_options, .of = &fer_attribute_option,
	  FER_PARAMS(CODE), .many = true, .cached = true,
	  .service = "catalogCategoryAttributeOptionManagementV1",
	  .summary = "Options of a category attribute", .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_attribute_option = FER_ROUTE_TABLE(rows);
