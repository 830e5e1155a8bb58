/*
 * Magento_Customer: what the attributes of customers and addresses are: their labels, rules, options and the forms they stand in. One
 * statement reads them; what differs between the routes is which of them go out.
 */
#include <stdlib.h>

#include "api/eav.h"
#include "api/route.h"
#include "api/server.h"
#include "core/json.h"
#include "customer/account.h"
#include "customer/address.h"
#include "shop/shop.h"
#include "store/config.h"

static const struct fer_entity option;

static const struct fer_field option_fields[] = {
	FER_FIELD("label",   FER_STRING, NULL, 0,        "shown"),
	FER_FIELD("value",   FER_STRING, NULL, 0,        "stored"),
	FER_FIELD("options", FER_OBJECT, NULL, FER_MANY, "options below this one", .of = &option),
};

static const struct fer_entity option = { .name = "customer-data-option-interface", FER_FIELDS(option_fields) };

static const struct fer_field rule_fields[] = {
	FER_FIELD("name",  FER_STRING, NULL, 0, "max_text_length, input_validation …"),
	FER_FIELD("value", FER_STRING, NULL, 0, "its limit"),
};

static const struct fer_entity rule = { .name = "customer-data-validation-rule-interface", FER_FIELDS(rule_fields) };

static const struct fer_field fields[] = {
	FER_FIELD("frontend_input",        FER_STRING, NULL, FER_NULLS, "text, select, date …"),
	FER_FIELD("input_filter",          FER_STRING, NULL, 0,         "trim, date …"),
	FER_FIELD("store_label",           FER_STRING, NULL, FER_NULLS, "label at the store view"),
	FER_FIELD("validation_rules",      FER_OBJECT, NULL, FER_MANY,  "rules of the value", .of = &rule),
	FER_FIELD("multiline_count",       FER_INT,    NULL, 0,         "lines"),
	FER_FIELD("visible",               FER_BOOL,   NULL, 0,         "shown in forms"),
	FER_FIELD("required",              FER_BOOL,   NULL, 0,         "must have a value"),
	FER_FIELD("data_model",            FER_STRING, NULL, 0,         "Magento's class"),
	FER_FIELD("options",               FER_OBJECT, NULL, FER_MANY,  "values of a select", .of = &option),
	FER_FIELD("frontend_class",        FER_STRING, NULL, 0,         "class of the input"),
	FER_FIELD("user_defined",          FER_BOOL,   NULL, 0,         "made by the shop"),
	FER_FIELD("sort_order",            FER_INT,    NULL, 0,         "place in forms"),
	FER_FIELD("frontend_label",        FER_STRING, NULL, FER_NULLS, "label"),
	FER_FIELD("note",                  FER_STRING, NULL, 0,         "note"),
	FER_FIELD("system",                FER_BOOL,   NULL, 0,         "Magento's own"),
	FER_FIELD("backend_type",          FER_STRING, NULL, 0,         "static, varchar …"),
	FER_FIELD("is_used_in_grid",       FER_BOOL,   NULL, 0,         "in the admin's list"),
	FER_FIELD("is_visible_in_grid",    FER_BOOL,   NULL, 0,         "in the admin's list"),
	FER_FIELD("is_filterable_in_grid", FER_BOOL,   NULL, 0,         "in the admin's list"),
	FER_FIELD("is_searchable_in_grid", FER_BOOL,   NULL, 0,         "in the admin's list"),
	FER_FIELD("attribute_code",        FER_STRING, NULL, 0,         "code"),
};

static const struct fer_entity metadata = { .name = "customer-data-attribute-metadata-interface", FER_FIELDS(fields) };

/* -- options ------------------------------------------------------------------------------------------------------- */

static struct fer_value make_option(struct fer_call *call, struct fer_str label, const struct fer_value *value)
{
	struct fer_value out = fer_map();

	fer_append(call->arena, &out, FER_S("label"), fer_string(fer_str_dup(call->arena, label)));
	if (value)
		fer_append(call->arena, &out, FER_S("value"), *value);
	return out;
}

static void add_option(struct fer_call *call, struct fer_value *list, struct fer_str label, struct fer_str value)
{
	struct fer_value v = fer_string(value);

	fer_push(call->arena, list, make_option(call, label, &v));
}

static struct fer_str number(struct fer_call *call, int64_t n)
{
	return fer_str_fmt(call->arena, "%lld", (long long)n);
}

static int add_websites(struct fer_call *call, struct fer_value *list)
{
	struct fer_website *websites;
	size_t n;
	int r = fer_config_websites(call->server->store, call->arena, &websites, &n);

	for (size_t i = 0; !r && i < n; i++)
		if (websites[i].id)
			add_option(call, list, fer_str(websites[i].name), number(call, websites[i].id));
	return r;
}

#define INDENT "\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0"

/* An entry that is only the head of others. */
static void add_head(struct fer_call *call, struct fer_value *list, struct fer_str label, struct fer_value below)
{
	struct fer_value head = make_option(call, label, NULL);

	fer_set(call->arena, &head, "options", below);
	fer_push(call->arena, list, head);
}

static void add_group(struct fer_call *call, struct fer_value *list, const struct fer_store_group *group,
                      const struct fer_store_view *views, size_t n)
{
	struct fer_value below = fer_list();

	for (size_t i = 0; i < n; i++)
		if (views[i].group_id == group->id)
			add_option(call, &below, fer_str_fmt(call->arena, INDENT "%s", views[i].name), number(call, views[i].id));
	add_head(call, list, fer_str_fmt(call->arena, INDENT "%s", group->name), below);
}

static int add_stores(struct fer_call *call, struct fer_value *list)
{
	struct fer_store *store = call->server->store;
	struct fer_website *websites;
	struct fer_store_group *groups;
	struct fer_store_view *views;
	size_t n_websites, n_groups, n_views;
	int r;

	if ((r = fer_config_websites(store, call->arena, &websites, &n_websites)) ||
	    (r = fer_config_groups(store, call->arena, &groups, &n_groups)) || (r = fer_config_stores(store, call->arena, &views, &n_views)))
		return r;
	for (size_t w = 0; w < n_websites; w++) {
		if (!websites[w].id)
			continue;
		add_head(call, list, fer_str(websites[w].name), fer_list());
		for (size_t g = 0; g < n_groups; g++)
			if (groups[g].website_id == websites[w].id)
				add_group(call, list, &groups[g], views, n_views);
	}
	return 0;
}

static int add_groups(struct fer_call *call, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_CUSTOMER_GROUPS, &stmt, "");

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		add_option(call, list, fer_col_str(stmt, 1), number(call, fer_col_int(stmt, 0)));
	return r;
}

static int by_label(const void *a, const void *b)
{
	return fer_str_cmp(fer_get(a, "label")->text, fer_get(b, "label")->text);
}

static int add_countries(struct fer_call *call, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_COUNTRIES, &stmt, "");

	if (r)
		return r;
	add_option(call, list, FER_S(" "), FER_S(""));
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_value id = fer_string(fer_col_dup(call->arena, stmt, 0));
		struct fer_str name = fer_country_name(id.text);

		if (name.len && fer_address_country(call, call->store_id, &id))
			add_option(call, list, name, id.text);
	}
	qsort(list->list.items + 1, list->list.n - 1, sizeof(*list->list.items), by_label);
	return r;
}

static int add_regions(struct fer_call *call, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_REGIONS, &stmt, "z", "en_US");

	if (r)
		return r;
	add_option(call, list, FER_S("Please select a region, state or province."), FER_S(""));
	while ((r = fer_stmt_step(stmt)) == 1)
		add_option(call, list, fer_col_str(stmt, 3), number(call, fer_col_int(stmt, 1)));
	return r;
}

/* Rows of eav_attribute_option, a blank before them. */
static int add_table(struct fer_call *call, struct fer_value *list, int64_t attribute_id)
{
	const struct fer_attribute *a;
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	if (r || !(a = fer_eav_by_id(eav, attribute_id)))
		return r;
	add_option(call, list, FER_S(" "), FER_S(""));
	for (size_t i = 0; i < a->n_options; i++)
		add_option(call, list, a->options[i].label, number(call, a->options[i].id));
	return 0;
}

/* Lines of a setting: "Mr;Mrs". */
static int add_words(struct fer_call *call, struct fer_value *list, const char *path)
{
	struct fer_str words, word;
	int r = fer_config_text(call->server->store, call->arena, call->store_id, path, &words);

	while (!r && words.len && fer_str_cut(&words, ';', &word))
		add_option(call, list, word, fer_str_dup(call->arena, word));
	return r;
}

static const struct { const char *code; int (*add)(struct fer_call *call, struct fer_value *list); } sources[] = {
	{ "website_id", add_websites }, { "store_id", add_stores },    { "group_id", add_groups },
	{ "country_id", add_countries }, { "region_id", add_regions },
};

static int add_options(struct fer_call *call, struct fer_value *list, struct fer_str code, int64_t attribute_id, struct fer_str source)
{
	if (fer_str_is(code, "prefix"))
		return add_words(call, list, "customer/address/prefix_options");
	if (fer_str_is(code, "suffix"))
		return add_words(call, list, "customer/address/suffix_options");
	for (size_t i = 0; i < FER_ARRAY_LEN(sources); i++)
		if (fer_str_is(code, sources[i].code))
			return sources[i].add(call, list);
	return fer_str_search(source, FER_S("Source\\Table")) < 0 ? 0 : add_table(call, list, attribute_id);
}

/* -- one attribute ------------------------------------------------------------------------------------------------- */

/* {"max_text_length":255} to [{name, value}]; @kind gets input_validation. */
static struct fer_value rules_of(struct fer_call *call, struct fer_str text, struct fer_str *kind)
{
	struct fer_value tree, out = fer_list();

	*kind = FER_STR_NONE;
	if (!text.len || fer_json_read(call->arena, text, &tree) || tree.kind != FER_V_MAP)
		return out;
	*kind = fer_map_str(call->arena, &tree, "input_validation");
	for (uint32_t i = 0; i < tree.map.n; i++) {
		struct fer_value one = fer_map();

		fer_append(call->arena, &one, FER_S("name"), fer_string(tree.map.members[i].name));
		fer_append(call->arena, &one, FER_S("value"), fer_string(fer_as_str(call->arena, &tree.map.members[i].value)));
		fer_push(call->arena, &out, one);
	}
	return out;
}

/* Source: Magento_Eav Entity\Attribute\Frontend\AbstractFrontend::getClass, 2.4.7 */
static struct fer_str class_of(struct fer_call *call, struct fer_str own, bool required, struct fer_str kind)
{
	static const struct { const char *kind, *class; } classes[] = {
		{ "alphanumeric", "validate-alphanum" }, { "numeric", "validate-digits" }, { "alpha", "validate-alpha" },
		{ "email", "validate-email" },           { "url", "validate-url" },
	};
	const char *by_rule = "";

	for (size_t i = 0; i < FER_ARRAY_LEN(classes); i++)
		if (fer_str_is(kind, classes[i].kind))
			by_rule = classes[i].class;
	return fer_str_trim(fer_str_fmt(call->arena, "%.*s%s%s%s%s", FER_F(own), own.len ? " " : "", required ? "required-entry" : "",
	                                *by_rule ? " " : "", by_rule));
}

/* Columns of METADATA, by the name they have in the answer; the others are made of several. */
static const struct { const char *name; enum fer_type type; bool nulls; } plain[] = {
	{ "attribute_id", FER_INT, false },          { "attribute_code", FER_STRING, false },  { "frontend_input", FER_STRING, true },
	{ "input_filter", FER_STRING, false },       { "store_label", FER_STRING, true },      { "rules", FER_STRING, false },
	{ "multiline_count", FER_INT, false },       { "visible", FER_BOOL, false },           { "required", FER_BOOL, false },
	{ "data_model", FER_STRING, false },         { "class", FER_STRING, false },           { "user_defined", FER_BOOL, false },
	{ "sort_order", FER_INT, false },            { "frontend_label", FER_STRING, true },   { "note", FER_STRING, false },
	{ "system", FER_BOOL, false },               { "backend_type", FER_STRING, false },    { "is_used_in_grid", FER_BOOL, false },
	{ "is_visible_in_grid", FER_BOOL, false },   { "is_filterable_in_grid", FER_BOOL, false },
	{ "is_searchable_in_grid", FER_BOOL, false }, { "source", FER_STRING, false },
};

static struct fer_value column(struct fer_call *call, struct fer_stmt *stmt, int i)
{
	if (plain[i].nulls && fer_col_null(stmt, i))
		return fer_null();
	switch (plain[i].type) {
	case FER_INT: return fer_int(fer_col_int(stmt, i));
	case FER_BOOL: return fer_bool(fer_col_int(stmt, i) != 0);
	default: return fer_string(fer_col_null(stmt, i) ? FER_S("") : fer_col_dup(call->arena, stmt, i));
	}
}

static struct fer_value read_attribute(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_value out = fer_map();

	for (int i = 0; i < (int)FER_ARRAY_LEN(plain); i++)
		fer_append(call->arena, &out, fer_str(plain[i].name), column(call, stmt, i));
	return out;
}

static int finish_attribute(struct fer_call *call, struct fer_value *a)
{
	struct fer_arena *arena = call->arena;
	struct fer_value options = fer_list();
	struct fer_str kind;
	int r = add_options(call, &options, fer_map_str(arena, a, "attribute_code"), fer_map_int(a, "attribute_id", 0),
	                    fer_map_str(arena, a, "source"));

	fer_set(arena, a, "options", options);
	fer_set(arena, a, "validation_rules", rules_of(call, fer_map_str(arena, a, "rules"), &kind));
	fer_set(arena, a, "frontend_class",
	        fer_string(class_of(call, fer_map_str(arena, a, "class"), fer_map_bool(a, "required", false), kind)));
	return r;
}

/* -- routes -------------------------------------------------------------------------------------------------------- */

#define CUSTOMERS "/V1/attributeMetadata/customer"
#define ADDRESSES "/V1/attributeMetadata/customerAddress"

static bool is_address(const struct fer_call *call)
{
	return fer_str_starts(fer_str(call->route->path), ADDRESSES);
}

/* @code or @form may be empty: all. */
static int read_list(struct fer_call *call, struct fer_str code, struct fer_str form, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	enum fer_eav_type type = is_address(call) ? FER_EAV_ADDRESS : FER_EAV_CUSTOMER;
	struct fer_value rows = fer_list();
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	if (r || (r = fer_sql_open(call->db, FER_SQL_CUSTOMER_METADATA, &stmt, "iissss", (int64_t)call->store_id, (int64_t)type, code, code,
	                           form, form)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_push(call->arena, &rows, read_attribute(call, stmt));
	*out = fer_eav_in_order(call, eav, fer_eav_default_set(eav, type), &rows);
	return r;
}

static int answer_list(struct fer_call *call, struct fer_value *list)
{
	struct fer_value out = fer_list();
	int r = 0;

	for (uint32_t i = 0; i < fer_count(list) && !r; i++) {
		r = finish_attribute(call, &list->list.items[i]);
		fer_push(call->arena, &out, fer_shape(call, &metadata, &list->list.items[i]));
	}
	return r ? r : fer_answer(call, out);
}

static int get_all(struct fer_call *call)
{
	struct fer_value list;
	int r = read_list(call, FER_S(""), FER_S(""), &list);

	return r ? r : answer_list(call, &list);
}

static int get_form(struct fer_call *call)
{
	struct fer_str form = fer_arg_str(call, "formCode");
	struct fer_value list;
	int r = read_list(call, FER_S(""), form, &list);

	if (r)
		return r;
	if (!fer_count(&list))
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("formCode"), "fieldValue", fer_string(form), NULL);
	return answer_list(call, &list);
}

static int get_one(struct fer_call *call)
{
	struct fer_str code = fer_arg_str(call, "attributeCode");
	struct fer_value list;
	int r = read_list(call, code, FER_S(""), &list);

	if (r)
		return r;
	if (!fer_count(&list))
		return fer_fail(call, FER_E_NO_SUCH_ENTITY_TWO, "fieldName", fer_text("entityType"), "fieldValue",
		                fer_text(is_address(call) ? "customer_address" : "customer"), "field2Name", fer_text("attributeCode"),
		                "field2Value", fer_string(code), NULL);
	if ((r = finish_attribute(call, &list.list.items[0])))
		return r;
	return fer_answer(call, fer_shape(call, &metadata, &list.list.items[0]));
}

/* What is neither a field of the answers nor Magento's own. */
static int get_custom(struct fer_call *call)
{
	struct fer_value all, some = fer_list();
	const struct fer_entity *entity = is_address(call) ? &fer_address : &fer_customer;
	int r = read_list(call, FER_S(""), FER_S(""), &all);

	for (size_t i = 0; !r && i < fer_count(&all); i++) {
		const struct fer_value *a = fer_at(&all, i);

		if (!fer_entity_field(entity, fer_get(a, "attribute_code")->text) && !fer_map_bool(a, "system", false))
			fer_push(call->arena, &some, *a);
	}
	return r ? r : answer_list(call, &some);
}

#define ACL "Magento_Customer::customer"
#define ROWS(path, what, service_) \
	{ FER_GET, path, ACL, .run = get_all, .of = &metadata, .many = true, .cached = true, \
	  .service = service_, .summary = "All attributes of " what, .source = "Magento_Customer webapi.xml" }, \
	{ FER_GET, path "/custom", ACL, .run = get_custom, .of = &metadata, .many = true, .cached = true, \
	  .service = service_, .summary = "The shop's own attributes of " what, .source = "Magento_Customer webapi.xml" }, \
	{ FER_GET, path "/form/:formCode", ACL, .run = get_form, .of = &metadata, .many = true, .cached = true, \
	  FER_PARAMS({ "formCode", FER_STRING, FER_REQ, NULL, NULL }), \
	  .service = service_, .summary = "The attributes of a form of " what, .source = "Magento_Customer webapi.xml" }, \
	{ FER_GET, path "/attribute/:attributeCode", ACL, .run = get_one, .of = &metadata, .cached = true, \
	  FER_PARAMS({ "attributeCode", FER_STRING, FER_REQ, NULL, NULL }), \
	  .service = service_, .summary = "One attribute of " what, .source = "Magento_Customer webapi.xml" }

static const struct fer_route rows[] = {
	ROWS(CUSTOMERS, "customers", "customerCustomerMetadataV1"),
	ROWS(ADDRESSES, "addresses", "customerAddressMetadataV1"),
};

const struct fer_route_table fer_routes_customer_metadata = FER_ROUTE_TABLE(rows);
