/*
 * Writing values: brought into their column's form, sent to the stores their scope names, and put into the value tables with a few
 * prepared statements of many rows each. Here too the custom_attributes of a body are read.
 */
#include "api/eav.h"
#include "api/eav_impl.h"
#include "api/search.h"

#define ROWS_AT_ONCE 16

/* -- forms -------------------------------------------------------------------------------------------------------- */

bool fer_eav_is_empty(const struct fer_attribute *attribute, const struct fer_value *value)
{
	bool text = attribute->backend == FER_B_VARCHAR || attribute->backend == FER_B_TEXT || attribute->backend == FER_B_STATIC;

	if (fer_is_null(value))
		return true;
	if (value->kind == FER_V_LIST || value->kind == FER_V_MAP)
		return fer_count(value) == 0;
	return !text && value->kind == FER_V_STRING && value->text.len == 0;
}

static struct fer_value join(struct fer_arena *arena, const struct fer_value *list)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 1u << 24);
	for (size_t i = 0; i < fer_count(list); i++) {
		if (i)
			fer_buf_char(&buf, ',');
		fer_buf_str(&buf, fer_as_str(arena, fer_at(list, i)));
	}
	return fer_string(fer_buf_view(&buf));
}

/* MySQL keeps what it can read of a time, and zero where it can read nothing; Magento gives it no other. */
static struct fer_value time_form(struct fer_arena *arena, const struct fer_value *value)
{
	struct fer_str text = fer_str_trim(fer_as_str(arena, value));
	int64_t unix_s;

	if (fer_time_read(text, &unix_s))
		return fer_string(fer_time_text(arena, unix_s));
	return fer_string(FER_S("0000-00-00 00:00:00"));
}

bool fer_eav_is_time(struct fer_arena *arena, const struct fer_attribute *attribute, const struct fer_value *value)
{
	bool reads = fer_str_search(attribute->backend_model, FER_S("Backend\\Datetime")) >= 0 ||
	             fer_str_search(attribute->backend_model, FER_S("Backend\\Startdate")) >= 0;
	struct fer_str text = fer_is_null(value) ? FER_STR_NONE : fer_str_trim(fer_as_str(arena, value));
	int64_t unix_s;

	return !reads || !text.len || fer_time_read(text, &unix_s);
}

struct fer_value fer_eav_column_form(struct fer_arena *arena, const struct fer_attribute *attribute, const struct fer_value *value)
{
	struct fer_value joined;

	if (fer_is_null(value))
		return fer_null();
	if (value->kind == FER_V_LIST || value->kind == FER_V_MAP) {
		joined = join(arena, value);
		value = &joined;
	}
	switch (attribute->backend) {
	case FER_B_INT: return fer_string(fer_str_fmt(arena, "%lld", (long long)fer_as_int(value)));
	case FER_B_DECIMAL: return fer_string(fer_decimal_text(arena, fer_as_decimal(value), 6));
	case FER_B_DATETIME: return time_form(arena, value);
	case FER_B_VARCHAR: return fer_string(fer_utf8_take(fer_as_str(arena, value), 255));
	default: return fer_string(fer_as_str(arena, value));
	}
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

struct row {
	int64_t attribute_id;
	int store_id;
	enum fer_backend backend;
	struct fer_value value;          /* null: the row goes */
};

struct rows {
	struct row *at;
	size_t n, size;
};

static void add_row(struct fer_arena *arena, struct rows *rows, struct row row)
{
	if (rows->n == rows->size) {
		struct row *at = FER_NEW_ARRAY(arena, rows->size ? rows->size * 2 : 64, struct row);

		if (rows->n)
			memcpy(at, rows->at, rows->n * sizeof(*at));
		rows->size = rows->size ? rows->size * 2 : 64;
		rows->at = at;
	}
	rows->at[rows->n++] = row;
}

static int add_website_rows(struct fer_call *call, struct rows *rows, struct row row)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(call->db, FER_SQL_EAV_WEBSITE_STORES, &stmt, "i", (int64_t)row.store_id)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		row.store_id = (int)fer_col_int(stmt, 0);
		add_row(call->arena, rows, row);
	}
	return r;
}

static int add_value(struct fer_call *call, enum fer_eav_type type, struct rows *rows, const struct fer_eav_value *v)
{
	struct row row = { v->attribute->id, v->store_id, v->attribute->backend, fer_null() };

	if (v->attribute->backend == FER_B_STATIC)
		return 0;
	if (!fer_eav_is_empty(v->attribute, &v->value))
		row.value = fer_eav_column_form(call->arena, v->attribute, &v->value);
	if (v->attribute->scope == FER_SCOPE_GLOBAL || !fer_eav_tables[type].stores)
		row.store_id = 0;
	if (v->attribute->scope == FER_SCOPE_WEBSITE && row.store_id)
		return add_website_rows(call, rows, row);
	add_row(call->arena, rows, row);
	return 0;
}

static void add_name(struct fer_query *query, enum fer_eav_type type, enum fer_backend backend)
{
	fer_query_add(query, fer_eav_tables[type].entity);
	fer_query_add(query, "_");
	fer_query_add(query, fer_eav_suffix[backend]);
}

static void upsert_text(struct fer_query *query, enum fer_eav_type type, enum fer_backend backend, size_t n)
{
	bool stores = fer_eav_tables[type].stores;

	fer_query_add(query, "INSERT INTO ");
	add_name(query, type, backend);
	fer_query_add(query, stores ? " (entity_id,attribute_id,value,store_id) VALUES " : " (entity_id,attribute_id,value) VALUES ");
	for (size_t i = 0; i < n; i++) {
		fer_query_add(query, i ? "," : "");
		fer_query_add(query, stores ? "(?,?,?,?)" : "(?,?,?)");
	}
	fer_query_add(query, stores ? " {UPSERT(entity_id,attribute_id,store_id)} value={NEW(value)}"
	                            : " {UPSERT(entity_id,attribute_id)} value={NEW(value)}");
}

static int upsert(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, struct row *const *rows, size_t n)
{
	struct fer_query query;

	fer_query_init(&query, call->arena);
	upsert_text(&query, type, rows[0]->backend, n);
	for (size_t i = 0; i < n; i++) {
		fer_query_bind(&query, fer_int(entity_id));
		fer_query_bind(&query, fer_int(rows[i]->attribute_id));
		fer_query_bind(&query, rows[i]->value);
		if (fer_eav_tables[type].stores)
			fer_query_bind(&query, fer_int(rows[i]->store_id));
	}
	return fer_query_run(call->db, &query, NULL, NULL);
}

static int drop(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const struct row *row)
{
	struct fer_query query;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, "DELETE FROM ");
	add_name(&query, type, row->backend);
	fer_query_add(&query, " WHERE entity_id = ? AND attribute_id = ?");
	fer_query_bind(&query, fer_int(entity_id));
	fer_query_bind(&query, fer_int(row->attribute_id));
	if (fer_eav_tables[type].stores) {
		fer_query_add(&query, " AND store_id = ?");
		fer_query_bind(&query, fer_int(row->store_id));
	}
	return fer_query_run(call->db, &query, NULL, NULL);
}

/* 16, 8, 4, 2, 1 rows a statement: five texts a table serve every product. */
static int write_backend(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, struct row **rows, size_t n)
{
	size_t at = 0, size = ROWS_AT_ONCE;
	int r;

	while (at < n) {
		while (size > n - at)
			size /= 2;
		if ((r = upsert(call, type, entity_id, rows + at, size)))
			return r;
		at += size;
	}
	return 0;
}

static int write_rows(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, struct rows *rows)
{
	struct row **some = FER_NEW_ARRAY(call->arena, rows->n + 1, struct row *);
	int r;

	for (int b = FER_B_INT; b < FER_N_BACKENDS; b++) {
		size_t n = 0;

		for (size_t i = 0; i < rows->n; i++) {
			if (rows->at[i].backend != (enum fer_backend)b)
				continue;
			if (!fer_is_null(&rows->at[i].value))
				some[n++] = &rows->at[i];
			else if ((r = drop(call, type, entity_id, &rows->at[i])))
				return r;
		}
		if ((r = write_backend(call, type, entity_id, some, n)))
			return r;
	}
	return 0;
}

int fer_eav_save(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const struct fer_eav_value *values, size_t n)
{
	struct rows rows = { 0 };
	int r;

	for (size_t i = 0; i < n; i++)
		if ((r = add_value(call, type, &rows, &values[i])))
			return r;
	return write_rows(call, type, entity_id, &rows);
}

int fer_eav_set_value(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const char *code, int store_id, struct fer_value value)
{
	struct fer_eav_value v = { .store_id = store_id, .value = value };
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)))
		return r;
	if (!(v.attribute = fer_eav_by_code(eav, type, fer_str(code))))
		return 0;
	return fer_eav_save(call, type, entity_id, &v, 1);
}

/* -- custom_attributes -------------------------------------------------------------------------------------------- */

/* Source: Magento_Eav TypeLocator\ComplexType, then SimpleType, with what Magento_Catalog adds to the former, 2.4.7 */
static const char *type_of(const struct fer_attribute *a)
{
	static const struct { const char *model, *type; } typed[] = {
		{ "Product\\Attribute\\Backend\\Category", "int[]" }, { "Category\\Attribute\\Backend\\Sortby", "string[]" },
		{ "Product\\Attribute\\Backend\\Stock", "" },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(typed); i++)
		if (fer_str_search(a->backend_model, fer_str(typed[i].model)) >= 0)
			return typed[i].type;
	switch (a->backend) {
	case FER_B_INT: return "int";
	case FER_B_DECIMAL: return "double";
	case FER_B_STATIC: return "";
	default: return "string";
	}
}

static int bad_value(struct fer_call *call, struct fer_str code, struct fer_str value, const char *type)
{
	struct fer_str details = fer_str_fmt(call->arena, "The \"%.*s\" value's type is invalid. The \"%s\" type was expected. Verify and try again.",
	                                     FER_F(value), type);

	return fer_fail(call, FER_E_ATTRIBUTE_VALUE, "code", fer_string(code), "details", fer_string(details), NULL);
}

static const char *kind_name(const struct fer_value *v)
{
	static const char *const names[] = { "NULL", "boolean", "integer", "double", "double", "string", "array", "array" };

	return names[v->kind];
}

/* As PHP brings a value into a type: an int takes numbers alone, a double reads what it can, 0 if nothing. */
static int convert(struct fer_call *call, const struct fer_attribute *a, struct fer_value *value)
{
	const char *type = type_of(a);
	bool wants_list = strchr(type, '[');

	if (!*type || fer_is_null(value))
		return 0;
	if (wants_list != !fer_is_scalar(value))
		return bad_value(call, a->code, fer_str(kind_name(value)), type);
	if (strcmp(type, "int") == 0 && !fer_is_numeric(value))
		return bad_value(call, a->code, fer_as_str(call->arena, value), type);
	if (strcmp(type, "double") == 0)
		*value = fer_decimal(fer_as_decimal(value));
	return 0;
}

static int read_one(struct fer_call *call, const struct fer_eav *eav, enum fer_eav_type type, const struct fer_value *item,
                    struct fer_value *record)
{
	const struct fer_value *code = fer_get(item, "attribute_code"), *value = fer_get(item, "value");
	const struct fer_attribute *attribute;
	struct fer_value converted;
	struct fer_str name;
	int r;

	code = fer_is_null(code) ? fer_get(item, "attributeCode") : code;
	if (!fer_count(item))
		return fer_fail(call, FER_E_CUSTOM_ATTRIBUTE_EMPTY, NULL);
	if (fer_is_null(code) || !fer_is_scalar(code))
		return fer_fail(call, FER_E_CUSTOM_ATTRIBUTE_NO_CODE, NULL);
	name = fer_as_str(call->arena, code);
	if (!value)
		return fer_fail(call, FER_E_CUSTOM_ATTRIBUTE_NO_VALUE, "attribute_code", fer_string(name), NULL);
	converted = *value;
	if ((attribute = fer_eav_by_code(eav, type, name)) && (r = convert(call, attribute, &converted)))
		return r;
	fer_set_str(call->arena, record, name, converted);
	return 0;
}

int fer_eav_custom_read(struct fer_call *call, enum fer_eav_type type, const struct fer_value *list, struct fer_value *record)
{
	const struct fer_eav *eav;
	int r;

	if (!list || list->kind != FER_V_LIST)
		return 0;
	if ((r = fer_eav_get(call, &eav)))
		return r;
	for (size_t i = 0; i < fer_count(list); i++)
		if ((r = read_one(call, eav, type, fer_at(list, i), record)))
			return r;
	return 0;
}

void fer_eav_custom_add(struct fer_call *call, struct fer_value *out, struct fer_str code, struct fer_value value)
{
	struct fer_value item = fer_map();

	fer_append(call->arena, &item, FER_S("attribute_code"), fer_string(code));
	fer_append(call->arena, &item, FER_S("value"), value);
	fer_push(call->arena, out, item);
}
