/*
 * Writing custom options: what is checked, and the rows of an option and of its values, which stand in tables of the same form.
 * Source: Magento_Catalog Product\Option, Option\Validator, ResourceModel\Product\Option, Option\Repository, 2.4.7, and recorded answers.
 */
#include "catalog/product_option.h"

#include "catalog/product_price.h"

struct option_type {
	const char *label, *code, *group;
};

static const struct option_type types[] = {
	{ "Field", "field", "Text" }, { "Area", "area", "Text" }, { "File", "file", "File" }, { "Drop-down", "drop_down", "Select" },
	{ "Radio Buttons", "radio", "Select" }, { "Checkbox", "checkbox", "Select" }, { "Multiple Select", "multiple", "Select" },
	{ "Date", "date", "Date" }, { "Date & Time", "date_time", "Date" }, { "Time", "time", "Date" },
};

static const struct option_type *type_of(struct fer_str code)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++)
		if (fer_str_is(code, types[i].code))
			return &types[i];
	return NULL;
}

static bool is_of(struct fer_str code, const char *group)
{
	const struct option_type *type = type_of(code);

	return type && fer_str_is(fer_str(type->group), group);
}

bool fer_option_has_values(struct fer_str type)
{
	return is_of(type, "Select");
}

struct fer_value fer_option_types(struct fer_call *call)
{
	struct fer_value list = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++) {
		struct fer_value type = fer_map();

		fer_append(call->arena, &type, FER_S("label"), fer_text(types[i].label));
		fer_append(call->arena, &type, FER_S("code"), fer_text(types[i].code));
		fer_append(call->arena, &type, FER_S("group"), fer_text(types[i].group));
		fer_push(call->arena, &list, type);
	}
	return list;
}

/* -- checking ----------------------------------------------------------------------------------------------------- */

static bool has_text(struct fer_call *call, const struct fer_value *map, const char *name)
{
	return fer_map_str(call->arena, map, name).len > 0;
}

/* At a store view a price may be missing: the default's counts. */
static bool price_fits(struct fer_call *call, const struct fer_value *of)
{
	struct fer_str type = fer_map_str(call->arena, of, "price_type");

	if (call->store_id && !fer_has(of, "price") && !type.len)
		return true;
	return fer_str_is(type, "fixed") || fer_str_is(type, "percent");
}

static bool is_below_zero(const struct fer_value *option, const char *name)
{
	return fer_map_int(option, name, 0) < 0;
}

static bool values_fit(struct fer_call *call, const struct fer_value *option, struct fer_str type)
{
	const struct fer_value *values = fer_get(option, "values");

	if (!fer_option_has_values(type))
		return price_fits(call, option) && !is_below_zero(option, "max_characters") && !is_below_zero(option, "image_size_x") &&
		       !is_below_zero(option, "image_size_y");
	for (size_t i = 0; i < fer_count(values); i++)
		if (!price_fits(call, fer_at(values, i)) || !has_text(call, fer_at(values, i), "title"))
			return false;
	return fer_count(values) > 0;
}

static int check(struct fer_call *call, const struct fer_value *option)
{
	struct fer_str type = fer_map_str(call->arena, option, "type");
	const char *first = !has_text(call, option, "title") || !type.len ? "Missed values for option required fields" : NULL;
	const char *second = !type_of(type) ? "Invalid option type" : NULL;
	const char *third = type_of(type) && !values_fit(call, option, type) ? "Invalid option value" : NULL;
	struct fer_buf text;

	if (!first && !second && !third)
		return 0;
	fer_buf_init(&text, call->arena, 256);
	fer_buf_text(&text, first ? first : "");
	fer_buf_text(&text, first && second ? "\n" : "");
	fer_buf_text(&text, second ? second : "");
	fer_buf_text(&text, (first || second) && third ? "\n" : "");
	fer_buf_text(&text, third ? third : "");
	return fer_fail(call, FER_E_OPTION_INVALID, "1", fer_string(fer_buf_view(&text)), NULL);
}

/* -- titles and prices, by store view ----------------------------------------------------------------------------- */

struct tables {
	enum fer_sql title, title_once, price, price_once;
};

static const struct tables of_option = {
	FER_SQL_CUSTOM_OPTION_TITLE_PUT, FER_SQL_CUSTOM_OPTION_TITLE_ONCE, FER_SQL_CUSTOM_OPTION_PRICE_PUT, FER_SQL_CUSTOM_OPTION_PRICE_ONCE,
};
static const struct tables of_value = {
	FER_SQL_CUSTOM_OPTION_VALUE_TITLE_PUT, FER_SQL_CUSTOM_OPTION_VALUE_TITLE_ONCE, FER_SQL_CUSTOM_OPTION_VALUE_PRICE_PUT, FER_SQL_CUSTOM_OPTION_VALUE_PRICE_ONCE,
};

/* What a store view names stands there; the default gets it too when it has nothing yet. */
static int write_title(struct fer_call *call, const struct tables *t, int64_t id, const struct fer_value *from)
{
	struct fer_str title = fer_map_str(call->arena, from, "title");
	int r;

	if (!title.len)
		return 0;
	if (call->store_id && (r = fer_sql_run(call->db, t->title_once, NULL, "is", id, title)))
		return r;
	return fer_sql_run(call->db, t->title, NULL, "iis", id, (int64_t)call->store_id, title);
}

/* Prices of global scope are the default's, whoever writes them. */
static int write_price(struct fer_call *call, const struct tables *t, int64_t id, const struct fer_value *from)
{
	struct fer_str type = fer_map_str(call->arena, from, "price_type");
	fer_micro price = fer_as_decimal(fer_get(from, "price"));
	bool global;
	int r;

	if (!fer_has(from, "price") && !type.len)
		return 0;
	if ((r = fer_price_is_global(call, &global)))
		return r;
	if (!global && call->store_id && (r = fer_sql_run(call->db, t->price_once, NULL, "ids", id, price, type)))
		return r;
	return fer_sql_run(call->db, t->price, NULL, "iids", id, global ? (int64_t)0 : (int64_t)call->store_id, price, type);
}

/* -- values ------------------------------------------------------------------------------------------------------- */

static bool names_value(const struct fer_value *values, int64_t id)
{
	for (size_t i = 0; i < fer_count(values); i++)
		if (fer_map_int(fer_at(values, i), "option_type_id", 0) == id)
			return true;
	return false;
}

static int read_ids(struct fer_call *call, enum fer_sql name, int64_t of, struct fer_value *ids)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, name, &stmt, "i", of);

	*ids = fer_list();
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		fer_push(call->arena, ids, fer_int(fer_col_int(stmt, 0)));
		r = 0;
	}
	return r;
}

static int drop_values(struct fer_call *call, int64_t option_id, const struct fer_value *values)
{
	struct fer_value ids;
	int r = read_ids(call, FER_SQL_CUSTOM_OPTION_VALUES_OF, option_id, &ids);

	for (size_t i = 0; i < fer_count(&ids) && !r; i++)
		if (!names_value(values, fer_as_int(fer_at(&ids, i))))
			r = fer_sql_run(call->db, FER_SQL_CUSTOM_OPTION_VALUE_DELETE, NULL, "ii", fer_as_int(fer_at(&ids, i)), option_id);
	return r;
}

static int write_value(struct fer_call *call, int64_t option_id, const struct fer_value *value)
{
	int64_t id = fer_map_int(value, "option_type_id", 0), there = 0;
	int r = 0;

	if (id && (r = fer_sql_int(call->db, FER_SQL_CUSTOM_OPTION_VALUE_IS, 0, &there, "ii", id, option_id)))
		return r;
	if (!there && (r = fer_sql_insert(call->db, FER_SQL_CUSTOM_OPTION_VALUE_ADD, &id, "i", option_id)))
		return r;
	if ((r = fer_sql_run(call->db, FER_SQL_CUSTOM_OPTION_VALUE_SET, NULL, "vvii", fer_get(value, "sku"), fer_get(value, "sort_order"), id, option_id)) ||
	    (r = write_title(call, &of_value, id, value)))
		return r;
	return write_price(call, &of_value, id, value);
}

static int write_values(struct fer_call *call, int64_t option_id, const struct fer_value *values)
{
	int r = drop_values(call, option_id, values);

	for (size_t i = 0; i < fer_count(values) && !r; i++)
		r = write_value(call, option_id, fer_at(values, i));
	return r;
}

/* -- an option ---------------------------------------------------------------------------------------------------- */

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "PNG;jpg" is kept as "png, jpg". */
static void clean_extensions(struct fer_call *call, struct fer_value *option)
{
	struct fer_str text = fer_str_lower(call->arena, fer_map_str(call->arena, option, "file_extension")), name;
	struct fer_buf out;

	if (!fer_has(option, "file_extension"))
		return;
	fer_buf_init(&out, call->arena, text.len * 3 + 1);
	for (size_t i = 0, k; i < text.len; i = k) {
		for (k = i; k < text.len && is_name(text.at[k]); k++)
			;
		name = (struct fer_str){ text.at + i, k - i };
		if (name.len && fer_str_search(fer_buf_view(&out), name) < 0) {
			fer_buf_text(&out, out.len ? ", " : "");
			fer_buf_str(&out, name);
		}
		k += k == i;
	}
	fer_set(call->arena, option, "file_extension", fer_string(fer_buf_view(&out)));
}

static int write_row(struct fer_call *call, const struct fer_value *option, int64_t id)
{
	const struct fer_value *require = fer_get(option, "is_require");
	struct fer_value needed = fer_is_null(require) ? fer_null() : fer_int(fer_as_bool(require));

	return fer_sql_run(call->db, FER_SQL_CUSTOM_OPTION_SET, NULL, "vvvvvvvvi", fer_get(option, "type"), &needed, fer_get(option, "sku"),
	                   fer_get(option, "max_characters"), fer_get(option, "file_extension"), fer_get(option, "image_size_x"),
	                   fer_get(option, "image_size_y"), fer_get(option, "sort_order"), id);
}

static int find_or_add(struct fer_call *call, const struct fer_product *product, const struct fer_value *option, int64_t *id)
{
	int64_t there = 0;
	int r;

	*id = fer_map_int(option, "option_id", 0);
	if (!*id)
		return fer_sql_insert(call->db, FER_SQL_CUSTOM_OPTION_ADD, id, "is", product->id, fer_map_str(call->arena, option, "type"));
	if ((r = fer_sql_int(call->db, FER_SQL_CUSTOM_OPTION_IS, 0, &there, "ii", *id, product->id)))
		return r;
	return there ? 0 : fer_fail(call, FER_E_NO_SUCH_ENTITY_PLAIN, NULL);
}

int fer_option_save(struct fer_call *call, const struct fer_product *product, struct fer_value *option)
{
	struct fer_str type = fer_map_str(call->arena, option, "type");
	int64_t id = fer_map_int(option, "option_id", 0);
	int r;

	if (id && (r = find_or_add(call, product, option, &id)))
		return r;
	if ((r = check(call, option)) || (!id && (r = find_or_add(call, product, option, &id))))
		return r;
	if (is_of(type, "File"))
		clean_extensions(call, option);
	fer_set(call->arena, option, "option_id", fer_int(id));
	if ((r = write_row(call, option, id)) || (r = write_title(call, &of_option, id, option)))
		return r;
	r = fer_option_has_values(type) ? write_values(call, id, fer_get(option, "values")) : write_price(call, &of_option, id, option);
	return r ? r : fer_sql_run(call->db, FER_SQL_PRODUCT_OPTION_FLAGS, NULL, "i", product->id);
}

/* -- with its product --------------------------------------------------------------------------------------------- */

static bool names_option(const struct fer_value *options, int64_t id)
{
	for (size_t i = 0; i < fer_count(options); i++)
		if (fer_map_int(fer_at(options, i), "option_id", 0) == id)
			return true;
	return false;
}

/* What a body names replaces all: options that it does not name are removed, those with an id are changed. */
int fer_product_options_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	struct fer_value ids, option;
	int r = read_ids(s->call, FER_SQL_CUSTOM_OPTIONS_OF, s->product.id, &ids);

	for (size_t i = 0; i < fer_count(&ids) && !r; i++)
		if (!names_option(sent, fer_as_int(fer_at(&ids, i))))
			r = fer_sql_run(s->call->db, FER_SQL_CUSTOM_OPTION_DELETE, NULL, "ii", fer_as_int(fer_at(&ids, i)), s->product.id);
	for (size_t i = 0; i < fer_count(sent) && !r; i++) {
		option = fer_clone(s->call->arena, fer_at(sent, i));
		r = fer_option_save(s->call, &s->product, &option);
	}
	return r ? r : fer_sql_run(s->call->db, FER_SQL_PRODUCT_OPTION_FLAGS, NULL, "i", s->product.id);
}
