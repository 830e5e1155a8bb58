/*
 * Product and category attributes: reading, listing, creating, changing, removing. An attribute is a row of eav_attribute and one of
 * catalog_eav_attribute; the rows below say which field is where.
 */
#include <errno.h>

#include "catalog/attribute.h"

#include "api/route.h"
#include "catalog/url.h"


#define CODE_MAX 60
#define GENERATED_MAX 30

/* -- descriptors -------------------------------------------------------------------------------------------------- */

static const struct fer_field label_fields[] = {
	FER_FIELD("store_id", FER_INT, NULL, 0, "store view"),
	FER_FIELD("label", FER_STRING, NULL, 0, "the label there"),
};

static const struct fer_entity attribute_label = { .name = "eav-data-attribute-frontend-label-interface", FER_FIELDS(label_fields) };
static const struct fer_entity option_label = { .name = "eav-data-attribute-option-label-interface", FER_FIELDS(label_fields) };

static const struct fer_field option_fields[] = {
	FER_FIELD("label", FER_STRING, NULL, FER_REQ, "label for all store views"),
	FER_FIELD("value", FER_STRING, NULL, FER_REQ, "option id, or the source's value"),
	FER_FIELD("sort_order", FER_INT, NULL, 0, "place in the list"),
	FER_FIELD("is_default", FER_BOOL, NULL, 0, "the attribute's default value"),
	FER_FIELD("store_labels", FER_OBJECT, NULL, FER_MANY, "labels of single store views", .of = &option_label),
};

const struct fer_entity fer_attribute_option = { .name = "eav-data-attribute-option-interface", FER_FIELDS(option_fields) };

static const struct fer_field rule_fields[] = {
	FER_FIELD("key", FER_STRING, NULL, 0, "object key"),
	FER_FIELD("value", FER_STRING, NULL, 0, "object value"),
};

static const struct fer_entity validation_rule = { .name = "eav-data-attribute-validation-rule-interface", FER_FIELDS(rule_fields) };

static const struct fer_field extension_fields[] = {
	FER_FIELD("is_pagebuilder_enabled", FER_BOOL, NULL, 0, "edited with the page builder"),
};

static const struct fer_entity attribute_extension = { .name = "catalog-data-eav-attribute-extension-interface", FER_FIELDS(extension_fields) };

/* Kept in catalog_eav_attribute: read through the join, written by catalog_part. */
#define SETTING(name, type, flags, text) FER_FIELD(name, type, name, flags, text, .sql = "a." name)
/* Columns that can be searched by but are not shown. */
#define HIDDEN(name, expression) FER_FIELD(name, FER_STRING, name, FER_OUT_ONLY | FER_IN_ONLY, "internal", .sql = expression)

static const struct fer_field attribute_fields[] = {
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "page builder", .of = &attribute_extension),
	SETTING("is_wysiwyg_enabled", FER_BOOL, 0, "edited with an editor"),
	SETTING("is_html_allowed_on_front", FER_BOOL, 0, "HTML is shown as HTML"),
	SETTING("used_for_sort_by", FER_BOOL, 0, "product lists can be sorted by it"),
	SETTING("is_filterable", FER_BOOL, 0, "used in layered navigation"),
	SETTING("is_filterable_in_search", FER_BOOL, 0, "used in the navigation of search results"),
	SETTING("is_used_in_grid", FER_BOOL, 0, "a column of the admin's grid"),
	SETTING("is_visible_in_grid", FER_BOOL, 0, "shown in the admin's grid"),
	SETTING("is_filterable_in_grid", FER_BOOL, 0, "filterable in the admin's grid"),
	SETTING("position", FER_INT, 0, "place in layered navigation"),
	SETTING("apply_to", FER_STRING, FER_MANY | FER_CSV, "product types; empty: all"),
	SETTING("is_searchable", FER_STRING, 0, "1: searched by the quick search"),
	SETTING("is_visible_in_advanced_search", FER_STRING, 0, "1: a field of the advanced search"),
	SETTING("is_comparable", FER_STRING, 0, "1: compared"),
	SETTING("is_used_for_promo_rules", FER_STRING, 0, "1: usable in promotion rules"),
	SETTING("is_visible_on_front", FER_STRING, 0, "1: shown on the product page"),
	SETTING("used_in_product_listing", FER_STRING, 0, "1: loaded for product lists"),
	SETTING("is_visible", FER_BOOL, 0, "shown in the admin"),
	FER_FIELD("scope", FER_STRING, "is_global", 0, "store, website or global", .sql = "a.is_global"),
	FER_FIELD("attribute_id", FER_INT, "attribute_id", FER_KEY, "row id"),
	FER_FIELD("attribute_code", FER_STRING, "attribute_code", FER_KEEP, "unique in its entity type"),
	FER_FIELD("frontend_input", FER_STRING, "frontend_input", FER_KEEP | FER_NULLS, "text, select, price, …"),
	FER_FIELD("entity_type_id", FER_STRING, "entity_type_id", FER_KEEP, "3 categories, 4 products"),
	FER_FIELD("is_required", FER_BOOL, "is_required", 0, "must have a value"),
	FER_FIELD("options", FER_OBJECT, NULL, FER_MANY, "what can be chosen", .of = &fer_attribute_option),
	FER_FIELD("is_user_defined", FER_BOOL, "is_user_defined", FER_KEEP, "made by a user, not by Magento"),
	FER_FIELD("default_frontend_label", FER_STRING, "frontend_label", 0, "label for all store views", .max = 255),
	FER_FIELD("frontend_labels", FER_OBJECT, NULL, FER_MANY, "labels of single store views", .of = &attribute_label),
	FER_FIELD("note", FER_STRING, "note", 0, "shown below the field", .max = 255),
	FER_FIELD("backend_type", FER_STRING, "backend_type", FER_KEEP, "which value table"),
	FER_FIELD("backend_model", FER_STRING, "backend_model", FER_KEEP, "Magento's class"),
	FER_FIELD("source_model", FER_STRING, "source_model", FER_KEEP, "Magento's class"),
	FER_FIELD("default_value", FER_STRING, "default_value", 0, "for new entities"),
	FER_FIELD("is_unique", FER_STRING, "is_unique", 0, "1: no two entities share a value"),
	FER_FIELD("frontend_class", FER_STRING, "frontend_class", 0, "input validation", .max = 255),
	FER_FIELD("validation_rules", FER_OBJECT, NULL, FER_MANY | FER_READ, "always empty here", .of = &validation_rule),
	HIDDEN("is_global", "a.is_global"),
	HIDDEN("frontend_label", "main.frontend_label"),
	HIDDEN("frontend_model", "main.frontend_model"),
	HIDDEN("is_used_for_price_rules", "a.is_used_for_price_rules"),
	HIDDEN("is_required_in_admin_store", "a.is_required_in_admin_store"),
	HIDDEN("search_weight", "a.search_weight"),
	HIDDEN("additional_data", "a.additional_data"),
};

static int fill_records(struct fer_call *call, struct fer_value *records, size_t n);

/* The join keeps each entity to its own type. */
#define ATTRIBUTE_ENTITY(name_, join_) { .name = name_, .table = "eav_attribute", FER_FIELDS(attribute_fields), .param = "attribute", \
	.join = join_, .loaded = fill_records, .changes = 1u << FER_CHANGE_EAV }

const struct fer_entity fer_product_attribute = ATTRIBUTE_ENTITY("catalog-data-product-attribute-interface",
	"JOIN catalog_eav_attribute a ON a.attribute_id = main.attribute_id AND main.entity_type_id = 4");
const struct fer_entity fer_category_attribute = ATTRIBUTE_ENTITY("catalog-data-category-attribute-interface",
	"JOIN catalog_eav_attribute a ON a.attribute_id = main.attribute_id AND main.entity_type_id = 3");

#define PART(name, type) FER_FIELD(name, type, name, 0, "see the attribute")

static const struct fer_field part_fields[] = {
	FER_FIELD("attribute_id", FER_INT, "attribute_id", FER_KEY, "row id"),
	PART("is_wysiwyg_enabled", FER_BOOL), PART("is_html_allowed_on_front", FER_BOOL), PART("used_for_sort_by", FER_BOOL),
	PART("is_filterable", FER_BOOL), PART("is_filterable_in_search", FER_BOOL), PART("is_used_in_grid", FER_BOOL),
	PART("is_visible_in_grid", FER_BOOL), PART("is_filterable_in_grid", FER_BOOL), PART("position", FER_INT),
	FER_FIELD("apply_to", FER_STRING, "apply_to", FER_MANY | FER_CSV, "product types"),
	PART("is_searchable", FER_STRING), PART("is_visible_in_advanced_search", FER_STRING), PART("is_comparable", FER_STRING),
	PART("is_used_for_promo_rules", FER_STRING), PART("is_visible_on_front", FER_STRING),
	PART("used_in_product_listing", FER_STRING), PART("is_visible", FER_BOOL), PART("is_global", FER_INT),
};

static const struct fer_entity catalog_part = { .name = "catalog_eav_attribute", .table = "catalog_eav_attribute", FER_FIELDS(part_fields) };

/* -- reading ------------------------------------------------------------------------------------------------------ */

int fer_option_rows_load(struct fer_call *call, int64_t first, int64_t last, int store_id, struct fer_option_rows *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	size_t size = 0;
	int r;

	*out = (struct fer_option_rows){ 0 };
	if ((r = fer_sql_open(call->db, FER_SQL_ATTRIBUTE_OPTIONS, &stmt, "iii", (int64_t)store_id, first, last)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		if (out->n == size) {
			struct fer_option_row *rows = FER_NEW_ARRAY(call->arena, size = size ? size * 2 : 64, struct fer_option_row);

			if (out->n)
				memcpy(rows, out->rows, out->n * sizeof(*rows));
			out->rows = rows;
		}
		if (fer_arena_broken(call->arena))
			return -ENOMEM;
		out->rows[out->n++] = (struct fer_option_row){ fer_col_int(stmt, 0), fer_col_int(stmt, 1),
		                                               fer_col_dup(call->arena, stmt, 2) };
	}
	return r;
}

static struct fer_value *record_of(struct fer_value *records, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (fer_map_int(&records[i], "attribute_id", 0) == id)
			return &records[i];
	return NULL;
}

static int fill_labels(struct fer_call *call, struct fer_value *records, size_t n, int64_t first, int64_t last)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value *record, label;
	int r;

	if ((r = fer_sql_open(call->db, FER_SQL_ATTRIBUTE_LABELS, &stmt, "ii", first, last)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		if (!(record = record_of(records, n, fer_col_int(stmt, 0))))
			continue;
		label = fer_map();
		fer_append(call->arena, &label, FER_S("store_id"), fer_int(fer_col_int(stmt, 1)));
		fer_append(call->arena, &label, FER_S("label"), fer_string(fer_col_dup(call->arena, stmt, 2)));
		fer_push(call->arena, fer_get(record, "frontend_labels"), label);
	}
	return r;
}

/* A stored select without a source reads its option rows, and says so. Source: Magento_Catalog Eav Attribute getSourceModel, 2.4.7 */
static void default_source(struct fer_call *call, struct fer_value *record)
{
	if (!fer_has(record, "source_model") && fer_str_is(fer_map_str(call->arena, record, "backend_type"), "int") &&
	    fer_str_is(fer_map_str(call->arena, record, "frontend_input"), "select"))
		fer_set(call->arena, record, "source_model", fer_text("Magento\\Eav\\Model\\Entity\\Attribute\\Source\\Table"));
}

static void fill_plain(struct fer_call *call, struct fer_value *record)
{
	static const char *const scopes[] = { "store", "global", "website" };
	int64_t scope = fer_map_int(record, "scope", FER_SCOPE_GLOBAL);

	fer_set(call->arena, record, "scope", fer_text(scopes[scope >= 0 && scope < 3 ? scope : 1]));
	if (!fer_has(record, "apply_to"))
		fer_set(call->arena, record, "apply_to", fer_list());
	fer_set(call->arena, record, "frontend_labels", fer_list());
	fer_set(call->arena, record, "validation_rules", fer_list());
	default_source(call, record);
}

static void id_range(const struct fer_value *records, size_t n, int64_t *first, int64_t *last)
{
	*first = INT64_MAX;
	*last = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t id = fer_map_int(&records[i], "attribute_id", 0);

		*first = id < *first ? id : *first;
		*last = id > *last ? id : *last;
	}
}

/* Options and labels for all of a page at once. */
static int fill_records(struct fer_call *call, struct fer_value *records, size_t n)
{
	struct fer_option_rows stored;
	struct fer_value options;
	int64_t first, last;
	int r;

	id_range(records, n, &first, &last);
	for (size_t i = 0; i < n; i++)
		fill_plain(call, &records[i]);
	if ((r = fill_labels(call, records, n, first, last)) || (r = fer_option_rows_load(call, first, last, call->store_id, &stored)))
		return r;
	for (size_t i = 0; i < n; i++) {
		if ((r = fer_attribute_source(call, &records[i], &stored, &options)))
			return r;
		fer_set(call->arena, &records[i], "options", options);
	}
	return 0;
}

int fer_attribute_load(struct fer_call *call, const struct fer_entity *entity, struct fer_str code, struct fer_value *out)
{
	struct fer_value key = fer_string(code);
	bool found = false;
	int64_t id;
	int r = fer_find(call, entity, fer_str_int(code, &id) ? "attribute_id" : "attribute_code", &key, out, &found);

	if (r || found)
		return r;
	return fer_fail(call, FER_E_NO_SUCH_ATTRIBUTE, "1", key, NULL);
}

/* Only the routes of one product attribute carry the extension; lists do not. */
static int answer_attribute(struct fer_call *call, struct fer_value *record)
{
	struct fer_value extension = fer_map();

	if (call->route->of == &fer_product_attribute) {
		fer_append(call->arena, &extension, FER_S("is_pagebuilder_enabled"), fer_bool(false));
		fer_set(call->arena, record, "extension_attributes", extension);
	}
	return fer_answer(call, fer_shape(call, call->route->of, record));
}

static int get_attribute(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_attribute_load(call, call->route->of, fer_arg_str(call, "attributeCode"), &record);

	return r ? r : answer_attribute(call, &record);
}

/* -- making ------------------------------------------------------------------------------------------------------- */

/* What an input means for storage. Source: Magento_Eav getBackendTypeByInput and Magento_Catalog Product helper, 2.4.7 */
static const struct input {
	const char *name, *backend_type, *backend_model, *source_model, *frontend_model;
} inputs[] = {
	{ "text", "varchar", NULL, NULL, NULL },
	{ "textarea", "text", NULL, NULL, NULL },
	{ "texteditor", "text", NULL, NULL, NULL },
	{ "pagebuilder", "text", NULL, NULL, NULL },
	{ "date", "datetime", "Magento\\Eav\\Model\\Entity\\Attribute\\Backend\\Datetime", NULL,
	  "Magento\\Eav\\Model\\Entity\\Attribute\\Frontend\\Datetime" },
	{ "datetime", "datetime", "Magento\\Eav\\Model\\Entity\\Attribute\\Backend\\Datetime", NULL,
	  "Magento\\Eav\\Model\\Entity\\Attribute\\Frontend\\Datetime" },
	{ "boolean", "int", NULL, "Magento\\Eav\\Model\\Entity\\Attribute\\Source\\Boolean", NULL },
	{ "multiselect", "text", "Magento\\Eav\\Model\\Entity\\Attribute\\Backend\\ArrayBackend", NULL, NULL },
	{ "select", "int", NULL, NULL, NULL },
	{ "price", "decimal", "Magento\\Catalog\\Model\\Product\\Attribute\\Backend\\Price", NULL, NULL },
	{ "media_image", "varchar", NULL, NULL, "Magento\\Catalog\\Model\\Product\\Attribute\\Frontend\\Image" },
	{ "gallery", "varchar", NULL, NULL, NULL },
	{ "weee", "static", "Magento\\Weee\\Model\\Attribute\\Backend\\Weee\\Tax", NULL, NULL },
};

static const struct input *input_of(struct fer_str name)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(inputs); i++)
		if (fer_str_is(name, inputs[i].name))
			return &inputs[i];
	return NULL;
}

static bool is_code(struct fer_str code)
{
	if (!code.len || code.at[0] < 'a' || code.at[0] > 'z')
		return false;
	for (size_t i = 0; i < code.len; i++)
		if (!((code.at[i] >= 'a' && code.at[i] <= 'z') || (code.at[i] >= '0' && code.at[i] <= '9') || code.at[i] == '_'))
			return false;
	return true;
}

/* A code out of a label: "Country Side" gives country_side. Source: Magento_Catalog ProductAttributeRepository, 2.4.7 */
static struct fer_str generated_code(struct fer_arena *arena, struct fer_str label)
{
	struct fer_str slug = fer_str_take(fer_url_key(arena, label), GENERATED_MAX);
	char *at = fer_alloc(arena, slug.len + 1);
	struct fer_str code = { at, slug.len };

	for (size_t i = 0; i < slug.len; i++)
		at[i] = slug.at[i] == '-' ? '_' : slug.at[i];
	if (is_code(code) && code.at[code.len - 1] != '_' && code.len > 1)
		return code;
	return fer_str_fmt(arena, "attr_%.*s", FER_F(code));
}

static int check_code(struct fer_call *call, struct fer_str code)
{
	if (!is_code(code) || code.len > CODE_MAX + 1)
		return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text("attribute_code"), "value", fer_string(code), NULL);
	return 0;
}

static int check_input(struct fer_call *call, struct fer_value *record, const struct input **out)
{
	const struct fer_value *name = fer_get(record, "frontend_input");

	*out = input_of(fer_as_str(call->arena, name));
	if (*out)
		return 0;
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text("frontend_input"), "value", name ? *name : fer_null(), NULL);
}

static int check_reserved(struct fer_call *call, struct fer_str code)
{
	static const char *const reserved[] = {
#define X(word) word,
#include "catalog/reserved_codes.def"
#undef X
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(reserved); i++)
		if (fer_str_is(code, reserved[i]))
			return fer_fail(call, FER_E_ATTRIBUTE_CODE_RESERVED, "1", fer_string(code), NULL);
	return 0;
}

/* The label for all views: default_frontend_label, or else the one that frontend_labels gives for view 0. */
static struct fer_str admin_label(struct fer_call *call, const struct fer_value *record)
{
	const struct fer_value *labels = fer_get(record, "frontend_labels");
	struct fer_str label = fer_map_str(call->arena, record, "default_frontend_label");

	for (size_t i = 0; i < fer_count(labels) && !label.len; i++)
		if (fer_map_int(fer_at(labels, i), "store_id", 0) == 0 && fer_has(fer_at(labels, i), "label"))
			label = fer_map_str(call->arena, fer_at(labels, i), "label");
	return label;
}

static int already_there(struct fer_call *call, struct fer_str code)
{
	struct fer_value record, key = fer_string(code);
	bool found = false;
	int r = fer_find(call, call->route->of, "attribute_code", &key, &record, &found);

	if (r || !found)
		return r;
	return fer_fail(call, FER_E_ALREADY_EXISTS, "1", fer_text("Attribute with the same code"), NULL);
}

static int no_label(struct fer_call *call, const struct fer_value *record)
{
	if (!fer_count(fer_get(record, "frontend_labels")))
		return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("frontend_label"), NULL);
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text("frontend_label"), "value", fer_null(), NULL);
}

/* The order of these checks is Magento's: label, code, input, length, what is reserved, then uniqueness. */
static int prepare_new(struct fer_call *call, struct fer_value *record)
{
	struct fer_arena *arena = call->arena;
	struct fer_str label = admin_label(call, record), code = fer_map_str(arena, record, "attribute_code");
	const struct input *input;
	int r;

	if (!label.len)
		return no_label(call, record);
	code = code.len ? code : generated_code(arena, label);
	if ((r = check_code(call, code)) || (r = check_input(call, record, &input)))
		return r;
	if (code.len > CODE_MAX)
		return fer_fail(call, FER_E_ATTRIBUTE_CODE_LENGTH, NULL);
	if ((r = check_reserved(call, code)))
		return r;
	fer_set(arena, record, "attribute_code", fer_string(code));
	fer_set(arena, record, "default_frontend_label", fer_string(label));
	fer_set(arena, record, "entity_type_id", fer_text("4"));
	fer_set(arena, record, "is_user_defined", fer_bool(true));
	fer_set(arena, record, "backend_type", fer_text(input->backend_type));
	fer_set(arena, record, "backend_model", fer_text(input->backend_model));
	fer_set(arena, record, "source_model", fer_text(input->source_model));
	return already_there(call, code);
}

static int check_default(struct fer_call *call, const struct fer_value *record, const char *backend)
{
	struct fer_str text = fer_str_trim(fer_map_str(call->arena, record, "default_value"));
	fer_micro amount;
	int64_t unix_s;

	if (!text.len)
		return 0;
	if (!strcmp(backend, "decimal") && !fer_decimal_parse(text, &amount))
		return fer_fail(call, FER_E_ATTRIBUTE_DEFAULT_DECIMAL, NULL);
	if (!strcmp(backend, "datetime") && !fer_time_parse(text, &unix_s))
		return fer_fail(call, FER_E_ATTRIBUTE_DEFAULT_DATE, NULL);
	return 0;
}

/* What Magento's attribute model changes on its own before it saves. */
static void follow_rules(struct fer_call *call, struct fer_value *record, struct fer_str input)
{
	if (fer_str_is(input, "textarea") && fer_map_bool(record, "is_wysiwyg_enabled", false))
		fer_set(call->arena, record, "is_html_allowed_on_front", fer_bool(true));
	if (!fer_map_bool(record, "is_searchable", false))
		fer_set(call->arena, record, "is_visible_in_advanced_search", fer_text("0"));
}

/* Source: Magento_Catalog Eav Attribute setScope; an unknown word changes nothing. */
static int scope_number(struct fer_str scope)
{
	static const char *const names[] = { "store", "global", "website" };

	for (int i = 0; i < 3; i++)
		if (fer_str_is(scope, names[i]))
			return i;
	return -1;
}

static int save_part(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	struct fer_value part = fer_map();
	int scope = scope_number(fer_map_str(call->arena, record, "scope"));

	for (size_t i = 0; i < FER_ARRAY_LEN(part_fields); i++) {
		const struct fer_value *v = fer_get(record, part_fields[i].name);

		if (v && (v->kind != FER_V_NULL || !strcmp(part_fields[i].name, "apply_to")))
			fer_append(call->arena, &part, fer_str(part_fields[i].name), *v);
	}
	if (scope >= 0)
		fer_set(call->arena, &part, "is_global", fer_int(scope));
	if (old && !fer_map_bool(old, "is_user_defined", false))
		fer_unset(&part, "apply_to");
	return fer_save(call, &catalog_part, &part, old);
}

/* -- options and labels of a body --------------------------------------------------------------------------------- */

static int write_labels(struct fer_call *call, int64_t id, const struct fer_value *labels)
{
	int r;

	if (fer_is_null(labels))
		return 0;
	if ((r = fer_sql_run(call->db, FER_SQL_ATTRIBUTE_LABELS_CLEAR, NULL, "i", id)))
		return r;
	for (size_t i = 0; i < fer_count(labels); i++) {
		struct fer_str text = fer_map_str(call->arena, fer_at(labels, i), "label");
		int64_t store_id = fer_map_int(fer_at(labels, i), "store_id", 0);

		if (store_id && text.len && (r = fer_sql_run(call->db, FER_SQL_ATTRIBUTE_LABEL_ADD, NULL, "isi", id, text, store_id)))
			return r;
	}
	return 0;
}

/* An option whose value is the id of one of this attribute's changes it; any other is new. */
static int own_option(struct fer_call *call, int64_t attribute_id, const struct fer_value *option, int64_t *id)
{
	const struct fer_value *value = fer_get(option, "value");

	*id = 0;
	if (!fer_is_numeric(value))
		return 0;
	return fer_sql_int(call->db, FER_SQL_OPTION_OWN, 0, id, "ii", fer_as_int(value), attribute_id);
}

static void add_default(struct fer_buf *list, int64_t id, bool many)
{
	if (list->len && many)
		fer_buf_char(list, ',');
	if (list->len && !many)
		list->len = 0;
	fer_buf_int(list, id);
}

/* Options sent with an attribute also set its default anew, to nothing when none of them is the default. */
static int write_options(struct fer_call *call, int64_t attribute_id, const struct fer_value *options, bool many)
{
	struct fer_buf chosen;
	int64_t next = 0;
	int r;

	if (!fer_count(options))
		return 0;
	fer_buf_init(&chosen, call->arena, 65536);
	for (size_t i = 0; i < fer_count(options); i++) {
		const struct fer_value *option = fer_at(options, i);
		int64_t order = fer_map_int(option, "sort_order", 0), id;

		order = order ? order : next++;
		if ((r = own_option(call, attribute_id, option, &id)) || (r = fer_option_write(call, attribute_id, option, order, &id)))
			return r;
		if (fer_map_bool(option, "is_default", false))
			add_default(&chosen, id, many);
	}
	return fer_sql_run(call->db, FER_SQL_ATTRIBUTE_DEFAULT, NULL, "si", fer_buf_view(&chosen), attribute_id);
}

/* -- saving ------------------------------------------------------------------------------------------------------- */

struct save {
	const struct fer_value *body;
	struct fer_value record;
};

static int save_all(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	struct fer_str input = fer_map_str(call->arena, old ? old : record, "frontend_input");
	const char *backend = fer_str_z(call->arena, fer_map_str(call->arena, old ? old : record, "backend_type"));
	int64_t id;
	int r;

	follow_rules(call, record, input);
	if ((r = check_default(call, record, backend)) || (r = fer_save(call, call->route->of, record, old)))
		return r;
	id = fer_map_int(record, "attribute_id", 0);
	if ((r = save_part(call, record, old)) || (r = write_labels(call, id, fer_get(record, "frontend_labels"))))
		return r;
	return write_options(call, id, fer_get(record, "options"), fer_str_is(input, "multiselect"));
}

/* Nulls of a body mean "not sent": an update leaves those columns alone. */
static void drop_nulls(struct fer_value *record)
{
	for (uint32_t i = 0; i < record->map.n;) {
		struct fer_member *m = &record->map.members[i];

		if (m->value.kind != FER_V_NULL) {
			i++;
			continue;
		}
		memmove(m, m + 1, (record->map.n - i - 1) * sizeof(*m));
		record->map.n--;
	}
}

static int update_attribute(struct fer_call *call, struct fer_value *record)
{
	struct fer_value old;
	struct fer_str code = fer_map_str(call->arena, record, "attribute_code"), label = admin_label(call, record);
	int r = fer_attribute_load(call, call->route->of, code, &old);

	if (r)
		return r;
	fer_set(call->arena, record, "attribute_id", *fer_get(&old, "attribute_id"));
	if (label.len)
		fer_set(call->arena, record, "default_frontend_label", fer_string(label));
	else
		fer_unset(record, "default_frontend_label");
	return save_all(call, record, &old);
}

static int create_attribute(struct fer_call *call, struct fer_value *record)
{
	const struct input *input;
	int r;

	fer_unset(record, "attribute_id");
	if ((r = prepare_new(call, record)) || (r = save_all(call, record, NULL)))
		return r;
	input = input_of(fer_map_str(call->arena, record, "frontend_input"));
	if (!input->frontend_model)
		return 0;
	return fer_sql_run(call->db, FER_SQL_ATTRIBUTE_FRONTEND, NULL, "zi", input->frontend_model, fer_map_int(record, "attribute_id", 0));
}

static int store_attribute(struct fer_call *call, void *data)
{
	struct save *save = data;
	struct fer_value record = fer_clone(call->arena, save->body);
	int r;

	drop_nulls(&record);
	r = fer_map_int(&record, "attribute_id", 0) ? update_attribute(call, &record) : create_attribute(call, &record);
	if (r)
		return r;
	return fer_attribute_load(call, call->route->of, fer_as_str(call->arena, fer_get(&record, "attribute_id")), &save->record);
}

static int save_attribute(struct fer_call *call)
{
	struct save save = { .body = fer_arg(call, "attribute") };
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, store_attribute, &save);

	return r ? r : answer_attribute(call, &save.record);
}

/* -- removing ----------------------------------------------------------------------------------------------------- */

static int remove_attribute(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value record;
	int64_t id, used = 0;
	int r = fer_attribute_load(call, call->route->of, fer_arg_str(call, "attributeCode"), &record);

	if (r)
		return r;
	if (!fer_map_bool(&record, "is_user_defined", false))
		return fer_fail(call, FER_E_ATTRIBUTE_SYSTEM, NULL);
	id = fer_map_int(&record, "attribute_id", 0);
	if ((r = fer_sql_int(call->db, FER_SQL_ATTRIBUTE_CONFIGURES, 0, &used, "i", id)))
		return r;
	if (used)
		return fer_fail(call, FER_E_ATTRIBUTE_IN_CONFIGURABLE, NULL);
	return fer_remove(call, call->route->of, &record);
}

static int delete_attribute(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, remove_attribute, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- is-filterable, types ----------------------------------------------------------------------------------------- */

static int get_filterable(struct fer_call *call)
{
	struct fer_value record;
	int64_t filterable = 0;
	int r = fer_attribute_load(call, &fer_product_attribute, fer_arg_str(call, "attributeCode"), &record);

	if (!r)
		r = fer_sql_int(call->db, FER_SQL_ATTRIBUTE_FILTERABLE, 0, &filterable, "i", fer_map_int(&record, "attribute_id", 0));
	return r ? r : fer_answer(call, fer_int(filterable));
}

/* Any number is taken, as Magento takes it: 0 no, 1 with results, 2 without. */
static int store_filterable(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value record;
	int r = fer_attribute_load(call, &fer_product_attribute, fer_arg_str(call, "attributeCode"), &record);

	if (r)
		return r;
	return fer_sql_run(call->db, FER_SQL_ATTRIBUTE_FILTERABLE_SET, NULL, "ii", fer_arg_int(call, "isFilterable"),
	                   fer_map_int(&record, "attribute_id", 0));
}

static int set_filterable(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, store_filterable, NULL);

	return r ? r : fer_answer_true(call);
}

static const struct fer_field type_fields[] = {
	FER_FIELD("value", FER_STRING, NULL, 0, "the frontend_input"),
	FER_FIELD("label", FER_STRING, NULL, 0, "what an admin reads"),
};

static const struct fer_entity attribute_type = { .name = "catalog-data-product-attribute-type-interface", FER_FIELDS(type_fields) };

/* The inputs that the catalogue adds to those of any EAV entity. */
static int list_types(struct fer_call *call)
{
	static const char *const types[][2] = { { "price", "Price" }, { "media_image", "Media Image" } };
	struct fer_value list = fer_list(), type;

	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++) {
		type = fer_map();
		fer_append(call->arena, &type, FER_S("value"), fer_text(types[i][0]));
		fer_append(call->arena, &type, FER_S("label"), fer_text(types[i][1]));
		fer_push(call->arena, &list, type);
	}
	return fer_answer(call, list);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define ATTRIBUTES "Magento_Catalog::attributes_attributes"
#define CODE { "attributeCode", FER_STRING, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/products/attributes", ATTRIBUTES, .run = fer_entity_search, .of = &fer_product_attribute, FER_SEARCH_CRITERIA,
	  .search = true, .cached = true,
	  .service = "catalogProductAttributeRepositoryV1", .summary = "Product attributes", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/products/attributes/types", ATTRIBUTES, .run = list_types, .of = &attribute_type, .many = true, .cached = true,
	  .service = "catalogProductAttributeTypesListV1",
	  .summary = "Input types of product attributes", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/products/attributes/:attributeCode", ATTRIBUTES, .run = get_attribute, .of = &fer_product_attribute,
	  FER_PARAMS(CODE), .cached = true, .insecure = true,
	  .service = "catalogProductAttributeRepositoryV1",
	  .summary = "One product attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_POST, "/V1/products/attributes", ATTRIBUTES, .run = save_attribute, .of = &fer_product_attribute,
	  FER_PARAMS({ "attribute", FER_OBJECT, FER_REQ, &fer_product_attribute, NULL }),
	  .service = "catalogProductAttributeRepositoryV1",
	  .summary = "Make a product attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/products/attributes/:attributeCode", ATTRIBUTES, .run = save_attribute, .of = &fer_product_attribute,
	  FER_PARAMS({ "attribute", FER_OBJECT, FER_REQ, &fer_product_attribute, NULL }),
	  .service = "catalogProductAttributeRepositoryV1",
	  .summary = "Change a product attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/products/attributes/:attributeCode", ATTRIBUTES, .run = delete_attribute, .of = &fer_product_attribute,
	  FER_PARAMS(CODE), .returns = FER_BOOL,
	  .service = "catalogProductAttributeRepositoryV1",
	  .summary = "Remove a product attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/products/attributes/:attributeCode/is-filterable", ATTRIBUTES, .run = get_filterable, FER_PARAMS(CODE),
	  .returns = FER_INT,
	  .service = "catalogProductAttributeIsFilterableManagementV1",
	  .summary = "How layered navigation uses an attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/products/attributes/:attributeCode/is-filterable/:isFilterable", ATTRIBUTES, .run = set_filterable,
	  FER_PARAMS(CODE, { "isFilterable", FER_INT, FER_REQ, NULL, NULL }),
	  .returns = FER_BOOL,
	  .service = "catalogProductAttributeIsFilterableManagementV1",
	  .summary = "Change how layered navigation uses an attribute", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/categories/attributes", ATTRIBUTES, .run = fer_entity_search, .of = &fer_category_attribute, FER_SEARCH_CRITERIA,
	  .search = true, .cached = true,
	  .service = "catalogCategoryAttributeRepositoryV1",
	  .summary = "Category attributes", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/categories/attributes/:attributeCode", ATTRIBUTES, .run = get_attribute, .of = &fer_category_attribute,
	  FER_PARAMS(CODE), .cached = true,
	  .service = "catalogCategoryAttributeRepositoryV1",
	  .summary = "One category attribute", .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_attribute = FER_ROUTE_TABLE(rows);
