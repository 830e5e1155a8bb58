/*
 * Entities that are rows of one table: reading, writing and searching them from their descriptors, and the handlers that
 * route rows point at.
 */
#include <errno.h>

#include "api/entity.h"

#include "api/route.h"
#include "api/search.h"
#include "core/clock.h"

#define PAGE_LIMIT 1000000

static const struct fer_field no_fields[1];
const struct fer_entity fer_no_extension = { .name = "none", .fields = no_fields, .n_fields = 0 };

const struct fer_field *fer_entity_key(const struct fer_entity *entity)
{
	for (size_t i = 0; i < entity->n_fields; i++)
		if (entity->fields[i].flags & FER_KEY)
			return &entity->fields[i];
	return NULL;
}

const struct fer_field *fer_entity_field(const struct fer_entity *entity, struct fer_str name)
{
	for (size_t i = 0; i < entity->n_fields; i++)
		if (fer_str_is(name, entity->fields[i].name))
			return &entity->fields[i];
	return NULL;
}

static bool is_read(const struct fer_field *field)
{
	return (field->column || field->sql) && !field->exists;
}

/* -- reading ----------------------------------------------------------------------------------------------------- */

static void add_expression(struct fer_query *query, const struct fer_field *field)
{
	if (field->sql)
		fer_query_add(query, field->sql);
	else
		fer_buf_fmt(&query->sql, "main.`%s`", field->column);
}

static void add_select(struct fer_query *query, const struct fer_entity *entity)
{
	const char *comma = "SELECT ";

	for (size_t i = 0; i < entity->n_fields; i++) {
		if (!is_read(&entity->fields[i]))
			continue;
		fer_query_add(query, comma);
		add_expression(query, &entity->fields[i]);
		comma = ", ";
	}
	fer_buf_fmt(&query->sql, " FROM `%s` AS main%s%s", entity->table, entity->join ? " " : "", entity->join ? entity->join : "");
}

static struct fer_value csv_list(struct fer_call *call, struct fer_str text, enum fer_type type)
{
	struct fer_value list = fer_list();
	struct fer_str piece;

	while (text.len && fer_str_cut(&text, ',', &piece)) {
		struct fer_value item = fer_string(piece);

		fer_push(call->arena, &list, type == FER_INT ? fer_int(fer_as_int(&item)) : item);
	}
	return list;
}

static struct fer_value column_value(struct fer_call *call, const struct fer_field *field, struct fer_stmt *stmt, int i)
{
	if (fer_col_null(stmt, i))
		return fer_null();
	if (field->flags & FER_CSV)
		return csv_list(call, fer_col_dup(call->arena, stmt, i), field->type);
	switch (field->type) {
	case FER_INT: return fer_int(fer_col_int(stmt, i));
	case FER_BOOL: return fer_bool(fer_col_int(stmt, i) != 0);
	case FER_DECIMAL: return fer_decimal(fer_col_decimal(stmt, i));
	case FER_FLOAT: return fer_double(fer_col_double(stmt, i));
	default: return fer_string(fer_col_dup(call->arena, stmt, i));
	}
}

static struct fer_value read_row(struct fer_call *call, const struct fer_entity *entity, struct fer_stmt *stmt)
{
	struct fer_value record = fer_map();
	int column = 0;

	for (size_t i = 0; i < entity->n_fields; i++)
		if (is_read(&entity->fields[i]))
			fer_append(call->arena, &record, fer_str(entity->fields[i].name),
			           column_value(call, &entity->fields[i], stmt, column++));
	return record;
}

static int read_rows(struct fer_call *call, const struct fer_entity *entity, struct fer_query *query, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = fer_list();
	if ((r = fer_query_open(call->db, query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		if (fer_arena_broken(call->arena))
			return -ENOMEM;
		fer_push(call->arena, out, read_row(call, entity, stmt));
	}
	fer_stmt_release(&stmt);
	if (r == 0 && out->list.n && entity->loaded)
		r = entity->loaded(call, out->list.items, out->list.n);
	return r;
}

int fer_select(struct fer_call *call, const struct fer_entity *entity, const struct fer_query *tail, struct fer_value *out)
{
	struct fer_query query;

	fer_query_init(&query, call->arena);
	add_select(&query, entity);
	fer_query_append(&query, tail);
	return read_rows(call, entity, &query, out);
}

int fer_find(struct fer_call *call, const struct fer_entity *entity, const char *column, const struct fer_value *value,
             struct fer_value *out, bool *found)
{
	struct fer_query query;
	struct fer_value rows;
	int r;

	fer_query_init(&query, call->arena);
	add_select(&query, entity);
	fer_buf_fmt(&query.sql, " WHERE main.`%s` = ? LIMIT 1", column);
	fer_query_bind(&query, *value);
	if ((r = read_rows(call, entity, &query, &rows)))
		return r;
	*found = rows.list.n == 1;
	if (*found)
		*out = rows.list.items[0];
	return 0;
}

static int missing(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *key)
{
	const char *name = entity->missing_field ? entity->missing_field : fer_entity_key(entity)->name;
	struct fer_str template = fer_str(fer_error_row(entity->missing)->message);

	if (!entity->missing)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text(name), "fieldValue", *key, NULL);
	if (fer_str_search(template, FER_S("%value")) >= 0)
		return fer_fail(call, entity->missing, "value", *key, NULL);
	if (fer_str_search(template, FER_S("%1")) < 0)
		return fer_fail(call, entity->missing, NULL);
	return fer_fail(call, entity->missing, "1", *key, NULL);
}

int fer_load(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *key, struct fer_value *out)
{
	bool found = false;
	int r;

	if ((r = fer_find(call, entity, fer_entity_key(entity)->column, key, out, &found)))
		return r;
	return found ? 0 : missing(call, entity, key);
}

/* -- writing ----------------------------------------------------------------------------------------------------- */

static struct fer_value csv_text(struct fer_call *call, const struct fer_value *list)
{
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, 65536);
	for (size_t i = 0; i < fer_count(list); i++) {
		if (i)
			fer_buf_char(&buf, ',');
		fer_buf_str(&buf, fer_as_str(call->arena, fer_at(list, i)));
	}
	return fer_string(fer_buf_view(&buf));
}

/* A time as its column prints it; what is none becomes MySQL's zero. A date column cuts it by .max. */
static struct fer_str time_text(struct fer_call *call, struct fer_str text)
{
	int64_t unix_s;

	return fer_time_parse(text, &unix_s) ? fer_time_text(call->arena, unix_s) : FER_S("0000-00-00 00:00:00");
}

static struct fer_value stored_value(struct fer_call *call, const struct fer_field *field, const struct fer_value *v)
{
	if (fer_is_null(v))
		return fer_null();
	if (field->flags & FER_CSV)
		return csv_text(call, v);
	if (v->kind == FER_V_BOOL)
		return fer_int(v->truth);
	if (v->kind == FER_V_DECIMAL)
		return fer_string(fer_decimal_text(call->arena, v->decimal, field->scale ? field->scale : 4));
	if (v->kind == FER_V_STRING) {
		struct fer_str text = field->type == FER_TIME ? time_text(call, v->text) : v->text;

		return fer_string(field->max ? fer_utf8_take(text, (size_t)field->max) : text);
	}
	return *v;
}

static bool is_written(const struct fer_field *field, const struct fer_value *record, bool update)
{
	if (!field->column || field->sql || field->flags & (FER_READ | FER_OUT_ONLY))
		return false;
	if (update)
		return !(field->flags & (FER_KEY | FER_KEEP)) && fer_get(record, field->name);
	return fer_get(record, field->name) || field->otherwise;
}

void fer_entity_insert(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, struct fer_query *query)
{
	const char *comma = "";

	fer_buf_fmt(&query->sql, "INSERT INTO `%s` (", entity->table);
	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];
		const struct fer_value *v = fer_get(record, field->name);

		if (!is_written(field, record, false) || (fer_is_null(v) && field->flags & FER_KEY))
			continue;
		if (fer_is_null(v) && field->otherwise)
			v = fer_set(call->arena, record, field->name, fer_text(field->otherwise));
		fer_buf_fmt(&query->sql, "%s`%s`", comma, field->column);
		fer_query_bind(query, stored_value(call, field, v));
		comma = ", ";
	}
	fer_query_add(query, ") VALUES (");
	for (uint32_t i = 0; i < query->binds.list.n; i++)
		fer_query_add(query, i ? ",?" : "?");
	fer_query_add(query, ")");
}

static int insert_row(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record)
{
	const struct fer_field *key = fer_entity_key(entity);
	struct fer_query query;
	int64_t id = 0;
	int r;

	fer_query_init(&query, call->arena);
	fer_entity_insert(call, entity, record, &query);
	if ((r = fer_query_run(call->db, &query, NULL, &id)))
		return r;
	if (key && !fer_has(record, key->name))
		fer_set(call->arena, record, key->name, fer_int(id));
	return 0;
}

static int update_row(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record)
{
	const struct fer_field *key = fer_entity_key(entity);
	const char *comma = "";
	struct fer_query query;

	fer_query_init(&query, call->arena);
	fer_buf_fmt(&query.sql, "UPDATE `%s` SET ", entity->table);
	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];

		if (!is_written(field, record, true))
			continue;
		fer_buf_fmt(&query.sql, "%s`%s` = ?", comma, field->column);
		fer_query_bind(&query, stored_value(call, field, fer_get(record, field->name)));
		comma = ", ";
	}
	if (!*comma)
		return 0;
	fer_buf_fmt(&query.sql, " WHERE `%s` = ?", key->column);
	fer_query_bind(&query, *fer_get(record, key->name));
	return fer_query_run(call->db, &query, NULL, NULL);
}

static int check_required(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record, bool update)
{
	int r = 0;

	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];

		if (!(field->flags & FER_REQ) || (update && !fer_get(record, field->name)))
			continue;
		if (!fer_as_str(call->arena, fer_get(record, field->name)).len)
			r = fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text(field->name), NULL);
	}
	return r;
}

int fer_taken(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record, bool *taken)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const struct fer_field *key = fer_entity_key(entity);
	struct fer_query query;
	int r;

	*taken = false;
	fer_query_init(&query, call->arena);
	fer_buf_fmt(&query.sql, "SELECT 1 FROM `%s` WHERE 1 = 1", entity->table);
	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];

		if (!(field->flags & FER_UNIQUE))
			continue;
		if (!fer_has(record, field->name))
			return 0;
		fer_buf_fmt(&query.sql, " AND `%s` = ?", field->column);
		fer_query_bind(&query, fer_string(fer_str_trim(fer_map_str(call->arena, record, field->name))));
	}
	if (fer_has(record, key->name)) {
		fer_buf_fmt(&query.sql, " AND `%s` <> ?", key->column);
		fer_query_bind(&query, *fer_get(record, key->name));
	}
	if ((r = fer_query_open(call->db, &query, &stmt)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*taken = r == 1;
	return 0;
}

/* The message names the unique field as a title does: "Code". */
static int check_taken(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record)
{
	const struct fer_field *field = entity->fields;
	bool taken = false;
	int r;

	if (!entity->taken || (r = fer_taken(call, entity, record, &taken)) || !taken)
		return entity->taken ? r : 0;
	while (!(field->flags & FER_UNIQUE))
		field++;
	if (fer_str_search(fer_str(fer_error_row(entity->taken)->message), FER_S("%1")) < 0)
		return fer_fail(call, entity->taken, NULL);
	return fer_fail(call, entity->taken, "1", fer_string(fer_str_pascal(call->arena, fer_str(field->name))), NULL);
}

int fer_save(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, const struct fer_value *old)
{
	int r = entity->check ? entity->check(call, record, old) : 0;

	if (r > 0 && entity->invalid)
		return fer_fail_list(call, entity->invalid);
	if (r || (r = check_required(call, entity, record, old)) || (r = check_taken(call, entity, record)))
		return r;
	r = old ? update_row(call, entity, record) : insert_row(call, entity, record);
	if (r == -ENOENT && entity->not_saved)
		return fer_fail(call, entity->not_saved, NULL);
	if (r == -EEXIST && entity->clash)
		return fer_fail(call, entity->clash, NULL);
	if (r)
		return r;
	return entity->saved ? entity->saved(call, record, old) : 0;
}

void fer_entity_merge(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, const struct fer_value *old)
{
	for (size_t i = 0; i < entity->n_fields; i++) {
		const char *name = entity->fields[i].name;

		if (!fer_get(record, name) && fer_get(old, name))
			fer_set(call->arena, record, name, *fer_get(old, name));
	}
}

int fer_remove(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record)
{
	const struct fer_field *key = fer_entity_key(entity);
	struct fer_query query;
	int r = entity->remove ? entity->remove(call, record) : 0;

	if (r)
		return r;
	fer_query_init(&query, call->arena);
	fer_buf_fmt(&query.sql, "DELETE FROM `%s` WHERE `%s` = ?", entity->table, key->column);
	fer_query_bind(&query, *fer_get(record, key->name));
	return fer_query_run(call->db, &query, NULL, NULL);
}

/* -- going out --------------------------------------------------------------------------------------------------- */

static struct fer_value shape_field(struct fer_call *call, const struct fer_field *field, const struct fer_value *v)
{
	if (!field->of || fer_is_null(v))
		return *v;
	return field->flags & FER_MANY ? fer_shape_list(call, field->of, v) : fer_shape(call, field->of, v);
}

static bool goes_out(const struct fer_field *field, const struct fer_value *v)
{
	if (field->flags & (FER_SECRET | FER_IN_ONLY | FER_INNER))
		return false;
	if (fer_is_null(v))
		return field->flags & FER_NULLS && field->type != FER_EXTENSION;
	return field->type != FER_EXTENSION || fer_count(v);
}

struct fer_value fer_shape(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record)
{
	static const struct fer_value null = { .kind = FER_V_NULL };
	struct fer_value out = fer_map(), shaped;

	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];
		const struct fer_value *v = fer_get(record, field->name);

		v = v ? v : &null;
		if (!goes_out(field, v))
			continue;
		shaped = shape_field(call, field, v);
		if (field->type == FER_EXTENSION && !fer_count(&shaped))
			continue;
		fer_append(call->arena, &out, fer_str(field->name), shaped);
	}
	return out;
}

struct fer_value fer_shape_list(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *records)
{
	struct fer_value out = fer_list();

	for (size_t i = 0; i < fer_count(records); i++)
		fer_push(call->arena, &out, fer_shape(call, entity, fer_at(records, i)));
	return out;
}

/* -- searching --------------------------------------------------------------------------------------------------- */

/* A filter names a field as it goes out, or a column of the table; anything else is Magento's crash on an unknown column. */
static int entity_column(struct fer_call *call, void *data, struct fer_str name, bool sorting FER_UNUSED,
                         struct fer_query *joins FER_UNUSED, struct fer_str *out)
{
	const struct fer_entity *entity = data;

	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];

		if (!is_read(field) || field->flags & FER_SECRET)
			continue;
		if (!fer_str_is(name, field->name) && !(field->column && fer_str_is(name, field->column)))
			continue;
		*out = field->sql ? fer_str(field->sql) : fer_str_fmt(call->arena, "main.`%s`", field->column);
		return 0;
	}
	if (entity->unknown_field)
		return fer_fail(call, entity->unknown_field, "1", fer_string(name), NULL);
	return -EINVAL;
}

/* A field with .exists: is there a row of the other table that meets the condition? */
static int entity_exists(struct fer_call *call FER_UNUSED, void *data, const struct fer_value *filter, struct fer_query *where)
{
	const struct fer_entity *entity = data;
	struct fer_str name = fer_map_str(where->arena, filter, "field");

	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];

		if (!field->exists || !fer_str_is(name, field->name))
			continue;
		fer_buf_fmt(&where->sql, "EXISTS (SELECT 1 FROM %s AND ", field->exists);
		fer_condition(where, fer_str(field->sql), filter);
		fer_query_add(where, ")");
		return 1;
	}
	return 0;
}

static int count_rows(struct fer_call *call, const struct fer_entity *entity, const struct fer_query *where, int64_t *total)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_buf_fmt(&query.sql, "SELECT COUNT(*) FROM `%s` AS main%s%s", entity->table, entity->join ? " " : "",
	            entity->join ? entity->join : "");
	fer_query_append(&query, where);
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	r = fer_stmt_step(stmt);
	if (r != 1)
		return r < 0 ? r : -EIO;
	*total = fer_col_int(stmt, 0);
	return 0;
}

static const char *tie_of(struct fer_call *call, const struct fer_entity *entity)
{
	if (entity->order)
		return entity->order;
	return fer_str_fmt(call->arena, "main.`%s`", fer_entity_key(entity)->column).at;
}

int fer_search(struct fer_call *call, const struct fer_entity *entity, struct fer_value *out)
{
	const struct fer_column_map map = { .column = entity_column, .special = entity_exists, .data = (void *)(uintptr_t)entity };
	const struct fer_value *criteria = fer_criteria(call);
	struct fer_query joins, where, query;
	struct fer_value rows;
	int64_t total = 0;
	int r;

	fer_query_init(&joins, call->arena);
	fer_query_init(&where, call->arena);
	fer_query_init(&query, call->arena);
	if ((r = fer_criteria_where(call, criteria, &map, &joins, &where)) || (r = count_rows(call, entity, &where, &total)))
		return r;
	add_select(&query, entity);
	fer_query_append(&query, &where);
	if ((r = fer_criteria_order(call, criteria, &map, tie_of(call, entity), &joins, &query)))
		return r;
	fer_criteria_limit(criteria, &query);
	if ((r = read_rows(call, entity, &query, &rows)))
		return r;
	*out = fer_search_result(call, fer_shape_list(call, entity, &rows), total);
	return 0;
}

/* -- handlers ---------------------------------------------------------------------------------------------------- */

static const struct fer_value *path_key(struct fer_call *call)
{
	const struct fer_entity *entity = call->route->of;

	return fer_arg(call, entity->path_id ? entity->path_id : "id");
}

static int answer_record(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record)
{
	return fer_answer(call, fer_shape(call, entity, record));
}

static int answer_saved(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record)
{
	if (entity->answers == FER_ANSWERS_NOTHING)
		return fer_answer(call, fer_null());
	if (entity->answers == FER_ANSWERS_KEY)
		return fer_answer(call, *fer_get(record, fer_entity_key(entity)->name));
	return answer_record(call, entity, record);
}

int fer_entity_get(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_load(call, call->route->of, path_key(call), &record);

	return r ? r : answer_record(call, call->route->of, &record);
}

int fer_entity_search(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_search(call, call->route->of, &out);

	return r ? r : fer_answer(call, out);
}

int fer_entity_list(struct fer_call *call)
{
	struct fer_value found;
	int r = fer_search(call, call->route->of, &found);

	return r ? r : fer_answer(call, *fer_get(&found, "items"));
}

static int create(struct fer_call *call, void *data)
{
	const struct fer_entity *entity = call->route->of;
	struct fer_value *record = data;
	int r;

	if ((r = fer_save(call, entity, record, NULL)) || entity->echoes)
		return r;
	return fer_load(call, entity, fer_get(record, fer_entity_key(entity)->name), record);
}

static int update(struct fer_call *call, void *data)
{
	const struct fer_entity *entity = call->route->of;
	const struct fer_field *key = fer_entity_key(entity);
	struct fer_value *record = data, old;
	bool found = false;
	int r = fer_find(call, entity, key->column, fer_get(record, key->name), &old, &found);

	if (!r && !found)
		return entity->upserts ? create(call, record) : missing(call, entity, fer_get(record, key->name));
	if (r || (r = fer_save(call, entity, record, &old)) || entity->echoes)
		return r;
	return fer_load(call, entity, fer_get(&old, key->name), record);
}

/* The body's object; a key in the path goes over the one in the body. */
static struct fer_value body_record(struct fer_call *call)
{
	const struct fer_entity *entity = call->route->of;
	const struct fer_value *body = fer_arg(call, entity->param), *key = path_key(call);
	struct fer_value record = body ? fer_clone(call->arena, body) : fer_map();

	if (!fer_is_null(key))
		fer_set(call->arena, &record, fer_entity_key(entity)->name, *key);
	return record;
}

/* @fn may run twice, each time from the record as it came. */
struct save {
	int (*fn)(struct fer_call *call, void *data);
	struct fer_value sent, record;
};

static int run_save(struct fer_call *call, void *data)
{
	struct save *save = data;

	save->record = fer_clone(call->arena, &save->sent);
	return save->fn(call, &save->record);
}

static int save_and_answer(struct fer_call *call, int (*fn)(struct fer_call *, void *), struct fer_value sent)
{
	const struct fer_entity *entity = call->route->of;
	struct save save = { .fn = fn, .sent = sent };
	int r = entity->accept ? entity->accept(call, &save.sent) : 0;

	if (r || (r = fer_tx(call, entity->changes, run_save, &save)))
		return r;
	return answer_saved(call, entity, &save.record);
}

int fer_entity_create(struct fer_call *call)
{
	struct fer_value sent = body_record(call);

	fer_unset(&sent, fer_entity_key(call->route->of)->name);
	return save_and_answer(call, create, sent);
}

int fer_entity_update(struct fer_call *call)
{
	struct fer_value sent = body_record(call);

	if (!fer_has(&sent, fer_entity_key(call->route->of)->name))
		fer_set(call->arena, &sent, fer_entity_key(call->route->of)->name, fer_null());
	return save_and_answer(call, update, sent);
}

int fer_entity_save(struct fer_call *call)
{
	const char *key = fer_entity_key(call->route->of)->name;
	struct fer_value sent = body_record(call);

	if (fer_has(&sent, key) && (call->route->of->zero_is_key || fer_as_bool(fer_get(&sent, key))))
		return save_and_answer(call, update, sent);
	fer_unset(&sent, key);
	return save_and_answer(call, create, sent);
}

static int delete_row(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_entity *entity = call->route->of;
	const struct fer_field *key = fer_entity_key(entity);
	struct fer_value record;
	bool found = false;
	int r = fer_find(call, entity, key->column, path_key(call), &record, &found);

	if (!r && !found && entity->missing_removal)
		return fer_fail(call, entity->missing_removal, "fieldName", fer_text(key->name), "fieldValue", *path_key(call), NULL);
	if (!r && !found)
		return missing(call, entity, path_key(call));
	return r ? r : fer_remove(call, entity, &record);
}

bool fer_entity_silent(const struct fer_route *route)
{
	if (route->run == fer_entity_save_list || route->run == fer_entity_delete_list)
		return true;
	if (!route->of || !route->of->answers)
		return false;
	return route->run == fer_entity_delete || (route->of->answers == FER_ANSWERS_NOTHING && (route->run == fer_entity_save ||
	       route->run == fer_entity_create || route->run == fer_entity_update));
}

int fer_entity_delete(struct fer_call *call)
{
	int r = fer_tx(call, call->route->of->changes, delete_row, NULL);

	if (!r && call->route->of->answers)
		return fer_answer(call, fer_null());
	return r ? r : fer_answer_true(call);
}
