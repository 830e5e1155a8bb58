/*
 * searchCriteria: its rows, its conditions, and the SQL they become.
 */
#include <errno.h>

#include "api/search.h"

#include "api/entity.h"

#define SQL_MAX (1u << 20)

/* The objects as Magento_Framework Api\SearchCriteria names them. Setters check sort orders, see criteria_check in convert.c. */
static const struct fer_field filter_fields[] = {
	FER_FIELD("field", FER_STRING, NULL, FER_NULLS, "the field to compare"),
	FER_FIELD("value", FER_STRING, NULL, FER_NULLS, "what with; a comma list for in and nin"),
	FER_FIELD("condition_type", FER_STRING, NULL, 0, "eq, neq, like, in, … ; eq when not sent", .otherwise = "eq"),
};
static const struct fer_entity filter_entity = { .name = "framework-filter", FER_FIELDS(filter_fields) };

static const struct fer_field filter_group_fields[] = {
	FER_FIELD("filters", FER_OBJECT, NULL, FER_MANY, "filters, joined by OR", .of = &filter_entity),
};
const struct fer_entity fer_filter_group = { .name = "framework-search-filter-group", FER_FIELDS(filter_group_fields) };

static int check_sort_order(struct fer_call *call, struct fer_value *record, const struct fer_value *old);

static const struct fer_field sort_order_fields[] = {
	FER_FIELD("field", FER_STRING, NULL, FER_NULLS, "the field to sort by"),
	FER_FIELD("direction", FER_STRING, NULL, FER_NULLS, "ASC or DESC; DESC when not sent"),
};
const struct fer_entity fer_sort_order = {
	.name = "framework-sort-order", FER_FIELDS(sort_order_fields), .check = check_sort_order,
};

static const struct fer_field criteria_fields[] = {
	FER_FIELD("filter_groups", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "groups, joined by AND", .of = &fer_filter_group),
	FER_FIELD("sort_orders", FER_OBJECT, NULL, FER_MANY, "first order first", .of = &fer_sort_order),
	FER_FIELD("page_size", FER_INT, NULL, 0, "rows a page; all when not sent"),
	FER_FIELD("current_page", FER_INT, NULL, 0, "from 1"),
};
const struct fer_entity fer_search_criteria = { .name = "framework-search-criteria-interface", FER_FIELDS(criteria_fields) };

static bool restricted(struct fer_str field)
{
	for (size_t i = 0; i < field.len; i++) {
		char c = field.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_')
			return true;
	}
	return false;
}

/* Source: Magento_Framework Api\SortOrder, whose setters refuse what is not a direction or a plain name. */
static int check_sort_order(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	struct fer_value *direction = fer_get(record, "direction");
	struct fer_str field = fer_map_str(call->arena, record, "field");

	if (restricted(field))
		return fer_fail(call, FER_E_SORT_FIELD, "1", fer_string(field), NULL);
	if (fer_is_null(direction))
		return 0;
	if (fer_str_ieq(direction->text, FER_S("ASC")))
		*direction = fer_text("ASC");
	else if (fer_str_ieq(direction->text, FER_S("DESC")))
		*direction = fer_text("DESC");
	else
		return fer_fail(call, FER_E_SORT_DIRECTION, "1", fer_text("ASC"), "2", fer_text("DESC"), NULL);
	return 0;
}

void fer_query_init(struct fer_query *query, struct fer_arena *arena)
{
	fer_buf_init(&query->sql, arena, SQL_MAX);
	query->binds = fer_list();
	query->arena = arena;
}

void fer_query_add(struct fer_query *query, const char *sql)
{
	fer_buf_text(&query->sql, sql);
}

void fer_query_bind(struct fer_query *query, struct fer_value value)
{
	fer_push(query->arena, &query->binds, value);
}

void fer_query_append(struct fer_query *query, const struct fer_query *part)
{
	fer_buf_str(&query->sql, fer_buf_view(&part->sql));
	for (uint32_t i = 0; i < part->binds.list.n; i++)
		fer_query_bind(query, part->binds.list.items[i]);
}

static void add_in_item(struct fer_query *query, struct fer_value item, bool first)
{
	fer_query_add(query, first ? "?" : ",?");
	fer_query_bind(query, item);
}

void fer_query_in(struct fer_query *query, const struct fer_value *values)
{
	struct fer_str rest, piece;
	bool first = true;

	fer_query_add(query, " IN (");
	if (values && (values->kind == FER_V_LIST || values->kind == FER_V_MAP)) {
		for (size_t i = 0; i < fer_count(values); i++, first = false)
			add_in_item(query, *fer_at(values, i), first);
	} else if (!fer_is_null(values)) {
		for (rest = fer_as_str(query->arena, values); fer_str_cut(&rest, ',', &piece); first = false)
			add_in_item(query, fer_string(piece), first);
	}
	fer_query_add(query, first ? "NULL)" : ")");
}

static int open_query(struct fer_db *db, struct fer_query *query, struct fer_stmt **out)
{
	int r;

	if (query->sql.overflow)
		return -E2BIG;
	if ((r = fer_stmt_text(db, fer_buf_view(&query->sql), out)))
		return r;
	for (uint32_t i = 0; i < query->binds.list.n; i++)
		fer_bind_value(*out, (int)i + 1, &query->binds.list.items[i]);
	return 0;
}

int fer_query_open(struct fer_db *db, struct fer_query *query, struct fer_stmt **out)
{
	return open_query(db, query, out);
}

int fer_query_run(struct fer_db *db, struct fer_query *query, int64_t *n_changed, int64_t *last_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = open_query(db, query, &stmt)) || (r = fer_stmt_run(stmt, n_changed)))
		return r;
	if (last_id)
		*last_id = fer_stmt_last_id(stmt);
	return 0;
}

/* One row a condition type; the '?' takes the filter's value. Source: Magento_Framework DB\Adapter\Pdo\Mysql prepareSqlCondition. */
static const struct condition {
	const char *name, *before, *after;
	enum { ONE, LIST, NONE, SET, AROUND } form;
	enum fer_condition_reach reach;
} conditions[] = {
	{ "eq", " = ?", "", ONE, FER_REACH_SEEK },                   { "neq", " != ?", "", ONE, FER_REACH_REST },
	{ "like", " LIKE ?", "", ONE, FER_REACH_SCAN },              { "nlike", " NOT LIKE ?", "", ONE, FER_REACH_REST },
	{ "in", "", "", LIST, FER_REACH_SEEK },                      { "nin", " NOT", "", LIST, FER_REACH_REST },
	{ "notnull", " IS NOT NULL", "", NONE, FER_REACH_SEEK },     { "null", " IS NULL", "", NONE, FER_REACH_REST },
	{ "gt", " > ?", "", ONE, FER_REACH_SEEK },                   { "moreq", " >= ?", "", ONE, FER_REACH_SEEK },
	{ "gteq", " >= ?", "", ONE, FER_REACH_SEEK },                { "lt", " < ?", "", ONE, FER_REACH_SEEK },
	{ "lteq", " <= ?", "", ONE, FER_REACH_SEEK },                { "from", " >= ?", "", ONE, FER_REACH_SEEK },
	{ "to", " <= ?", "", ONE, FER_REACH_SEEK },                  { "finset", "FIND_IN_SET(?, ", ")", SET, FER_REACH_SCAN },
	{ "nfinset", "NOT FIND_IN_SET(?, ", ")", SET, FER_REACH_REST }, { "regexp", " REGEXP ?", "", ONE, FER_REACH_SCAN },
	{ "fulltext", " LIKE ?", "", AROUND, FER_REACH_SCAN },       { "seq", " = ?", "", ONE, FER_REACH_SEEK },
	{ "sneq", " != ?", "", ONE, FER_REACH_REST },
};

/* An unknown type acts as eq, as the recordings show. */
static const struct condition *condition_of(const struct fer_value *filter)
{
	const struct fer_value *type = fer_get(filter, "condition_type");

	for (size_t i = 0; type && type->kind == FER_V_STRING && i < FER_ARRAY_LEN(conditions); i++)
		if (fer_str_is(type->text, conditions[i].name))
			return &conditions[i];
	return &conditions[0];
}

void fer_condition(struct fer_query *query, struct fer_str lhs, const struct fer_value *filter)
{
	const struct condition *c = condition_of(filter);
	const struct fer_value *value = fer_get(filter, "value");

	if (c->form == SET) {
		fer_query_add(query, c->before);
		fer_query_bind(query, value ? *value : fer_null());
	}
	fer_buf_str(&query->sql, lhs);
	fer_query_add(query, c->form == SET ? c->after : c->before);
	if (c->form == LIST)
		fer_query_in(query, value);
	if (c->form == ONE)
		fer_query_bind(query, value ? *value : fer_null());
	if (c->form == AROUND)
		fer_query_bind(query, fer_string(fer_str_fmt(query->arena, "%%%.*s%%", FER_F(fer_as_str(query->arena, value)))));
}

/* What stands before the first sign of a pattern; .len 0: it begins with one, or is no pattern. */
static struct fer_str literal_start(const struct fer_value *filter)
{
	const struct fer_value *value = fer_get(filter, "value");
	size_t n = 0;

	if (strcmp(condition_of(filter)->name, "like") != 0 || !value || value->kind != FER_V_STRING)
		return FER_STR_NONE;
	while (n < value->text.len && !strchr("%_\\", value->text.at[n]))
		n++;
	return fer_str_take(value->text, n);
}

enum fer_condition_reach fer_condition_reach(const struct fer_value *filter)
{
	return literal_start(filter).len ? FER_REACH_SEEK : condition_of(filter)->reach;
}

bool fer_condition_needs_value(const struct fer_value *filter)
{
	const char *name = condition_of(filter)->name;

	return strcmp(name, "null") != 0 && strcmp(name, "nfinset") != 0;
}

/* In the columns' collation nothing sorts before U+0001 but blanks that do not count, and nothing after U+FFFF. */
void fer_condition_bounds(struct fer_query *query, const char *lhs, const struct fer_value *filter)
{
	struct fer_str start = literal_start(filter);

	if (!start.len)
		return;
	fer_buf_fmt(&query->sql, " AND %s >= ? AND %s <= ?", lhs, lhs);
	fer_query_bind(query, fer_string(fer_str_fmt(query->arena, "%.*s\x01", FER_F(start))));
	fer_query_bind(query, fer_string(fer_str_fmt(query->arena, "%.*s\xef\xbf\xbf", FER_F(start))));
}

static int add_filter(struct fer_call *call, const struct fer_value *filter, const struct fer_column_map *map,
                      struct fer_query *joins, struct fer_query *where)
{
	struct fer_str lhs;
	int r = map->special ? map->special(call, map->data, filter, where) : 0;

	if (r)
		return r == 1 && !call->fault.n ? 0 : r;
	if ((r = map->column(call, map->data, fer_map_str(call->arena, filter, "field"), false, joins, &lhs)))
		return r;
	fer_condition(where, lhs, filter);
	if (map->bounded && map->bounded(map->data, filter))
		fer_condition_bounds(where, fer_str_z(call->arena, lhs), filter);
	return 0;
}

static int add_group(struct fer_call *call, const struct fer_value *filters, const struct fer_column_map *map,
                     struct fer_query *joins, struct fer_query *where)
{
	int r;

	for (size_t i = 0; i < fer_count(filters); i++) {
		fer_query_add(where, i ? " OR " : "(");
		if ((r = add_filter(call, fer_at(filters, i), map, joins, where)))
			return r;
	}
	fer_query_add(where, ")");
	return 0;
}

int fer_criteria_where(struct fer_call *call, const struct fer_value *criteria, const struct fer_column_map *map,
                       struct fer_query *joins, struct fer_query *where)
{
	const struct fer_value *groups = fer_get(criteria, "filter_groups");
	bool first = true;
	int r;

	for (size_t i = 0; i < fer_count(groups); i++) {
		const struct fer_value *filters = fer_get(fer_at(groups, i), "filters");

		if (!fer_count(filters))
			continue;
		fer_query_add(where, first ? " WHERE " : " AND ");
		first = false;
		if ((r = add_group(call, filters, map, joins, where)))
			return r;
	}
	return 0;
}

int fer_criteria_order(struct fer_call *call, const struct fer_value *criteria, const struct fer_column_map *map, const char *tie,
                       struct fer_query *joins, struct fer_query *order)
{
	const struct fer_value *orders = fer_get(criteria, "sort_orders");
	int r;

	fer_query_add(order, " ORDER BY ");
	for (size_t i = 0; i < fer_count(orders); i++) {
		const struct fer_value *row = fer_at(orders, i);
		struct fer_str lhs = FER_STR_NONE;

		if (!fer_has(row, "field"))
			continue;
		if ((r = map->column(call, map->data, fer_map_str(call->arena, row, "field"), true, joins, &lhs)))
			return r;
		if (!lhs.len)
			continue;
		fer_buf_str(&order->sql, lhs);
		fer_query_add(order, fer_str_is(fer_map_str(call->arena, row, "direction"), "ASC") ? " ASC, " : " DESC, ");
	}
	fer_query_add(order, tie);
	return 0;
}

/* Source: Magento_Framework DB\Select limitPage: a page size below 1 (but not 0, which means none) is 1, a page below 1 is 1. */
void fer_criteria_limit(const struct fer_value *criteria, struct fer_query *query)
{
	int64_t size = fer_map_int(criteria, "page_size", 0), page = fer_map_int(criteria, "current_page", 1), offset;

	if (!size)
		return;
	size = size < 1 ? 1 : size;
	page = page < 1 ? 1 : page;
	if (__builtin_mul_overflow(page - 1, size, &offset))
		offset = INT64_MAX;
	fer_buf_fmt(&query->sql, " LIMIT %lld OFFSET %lld", (long long)size, (long long)offset);
}

const struct fer_value *fer_criteria(struct fer_call *call)
{
	static const struct fer_value none = { .kind = FER_V_MAP };
	const struct fer_value *criteria = fer_arg(call, "searchCriteria");

	return criteria ? criteria : &none;
}

struct fer_value fer_search_result(struct fer_call *call, struct fer_value items, int64_t total)
{
	struct fer_value out = fer_map(), criteria = fer_clone(call->arena, fer_criteria(call));

	if (!fer_has(&criteria, "filter_groups"))
		fer_set(call->arena, &criteria, "filter_groups", fer_list());
	fer_set(call->arena, &out, "items", items);
	fer_set(call->arena, &out, "search_criteria", fer_shape(call, &fer_search_criteria, &criteria));
	fer_set(call->arena, &out, "total_count", fer_int(total));
	return out;
}
