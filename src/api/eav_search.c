/*
 * searchCriteria over attributes: a name becomes a column of the entity, a condition with a table of its own, or the value tables
 * joined once for each attribute that the criteria name.
 */
#include "api/eav.h"
#include "api/eav_impl.h"
#include "api/search.h"

struct finding {
	const struct fer_eav *eav;
	const struct fer_eav_search *search;
	uint8_t *joined;               /* by place of the attribute */
	bool sort_drops;               /* the joins of the order may drop rows, so the count needs them too */
};

static const struct fer_eav_column *column_of(const struct fer_eav_search *search, struct fer_str name)
{
	for (const struct fer_eav_column *c = search->columns; c && c->name; c++)
		if (fer_str_is(name, c->name))
			return c;
	return NULL;
}

static void add_join(struct fer_query *joins, const struct finding *f, const struct fer_attribute *a, const char *alias, int store_id)
{
	const struct fer_eav_table *table = &fer_eav_tables[f->search->type];

	fer_buf_fmt(&joins->sql, " LEFT JOIN %s_%s a%lld%s ON a%lld%s.entity_id = main.entity_id AND a%lld%s.attribute_id = ?",
	            table->entity, fer_eav_suffix[a->backend], (long long)a->id, alias, (long long)a->id, alias, (long long)a->id, alias);
	fer_query_bind(joins, fer_int(a->id));
	if (!table->stores)
		return;
	fer_buf_fmt(&joins->sql, " AND a%lld%s.store_id = ?", (long long)a->id, alias);
	fer_query_bind(joins, fer_int(store_id));
}

/* Values of a global attribute stand at store 0 alone. */
static bool at_store(const struct finding *f, const struct fer_attribute *a)
{
	return f->search->store_id && fer_eav_tables[f->search->type].stores && a->scope != FER_SCOPE_GLOBAL;
}

/* A CASE has neither the collation nor the affinity of its columns; both are given back by name. */
static struct fer_str value_sql(struct fer_call *call, const struct finding *f, const struct fer_attribute *a)
{
	long long id = a->id;
	bool number = a->backend == FER_B_INT || a->backend == FER_B_DECIMAL;

	if (!at_store(f, a))
		return fer_str_fmt(call->arena, "a%lld.value", id);
	return fer_str_fmt(call->arena, number ? "CAST(CASE WHEN a%llds.value_id IS NULL THEN a%lld.value ELSE a%llds.value END AS DECIMAL(20,6))"
	                                       : "{CI(CASE WHEN a%llds.value_id IS NULL THEN a%lld.value ELSE a%llds.value END)}", id, id, id);
}

static void join_attribute(const struct finding *f, const struct fer_attribute *a, struct fer_query *joins)
{
	uint8_t *joined = &f->joined[fer_eav_index(f->eav, a)];

	if (*joined)
		return;
	*joined = 1;
	add_join(joins, f, a, "", 0);
	if (at_store(f, a))
		add_join(joins, f, a, "s", f->search->store_id);
}

static int unknown(struct fer_call *call, const struct finding *f, struct fer_str name)
{
	enum fer_error error = f->search->unknown ? f->search->unknown : FER_E_ATTRIBUTE_NAME_INVALID;

	return fer_fail(call, error, "1", name.len ? fer_string(name) : fer_null(), NULL);
}

/* Sorting by what is no field at all is no sorting, as Magento has it. */
static int column(struct fer_call *call, void *data, struct fer_str name, bool sorting, struct fer_query *joins, struct fer_str *out)
{
	struct finding *f = data;
	const struct fer_eav_column *c = column_of(f->search, name);
	const struct fer_attribute *a = fer_eav_by_code(f->eav, f->search->type, name);
	int r;

	*out = FER_STR_NONE;
	if (sorting && f->search->sort && (r = f->search->sort(call, f->search, name, joins, out))) {
		f->sort_drops = true;
		return r < 0 ? r : 0;
	}
	if (c && !c->among)
		*out = fer_str(c->sql);
	if (c)
		return 0;
	if (!a)
		return sorting ? 0 : unknown(call, f, name);
	if (a->backend == FER_B_STATIC)
		return sorting ? 0 : unknown(call, f, name);
	join_attribute(f, a, joins);
	*out = value_sql(call, f, a);
	return 0;
}

static bool is_negative(struct fer_str type)
{
	return fer_str_is(type, "neq") || fer_str_is(type, "nin") || fer_str_is(type, "nlike");
}

static int special(struct fer_call *call, void *data, const struct fer_value *filter, struct fer_query *where)
{
	const struct finding *f = data;
	const struct fer_eav_column *c = column_of(f->search, fer_map_str(call->arena, filter, "field"));

	if (!c || !c->among)
		return 0;
	fer_query_add(where, is_negative(fer_map_str(call->arena, filter, "condition_type")) ? "NOT " : "");
	fer_query_add(where, c->among);
	fer_query_add(where, c->sql);
	fer_query_in(where, fer_get(filter, "value"));
	fer_query_add(where, ")");
	return 1;
}

/* SELECT … FROM the entity, with what both statements share. */
static void begin(struct fer_query *query, struct fer_call *call, const struct fer_eav_search *search, const char *what)
{
	fer_query_init(query, call->arena);
	fer_query_add(query, "SELECT ");
	fer_query_add(query, what);
	fer_query_add(query, " FROM ");
	fer_query_add(query, fer_eav_tables[search->type].entity);
	fer_query_add(query, " main");
	if (search->join)
		fer_query_add(query, search->join);
}

static void add_where(struct fer_query *query, const struct fer_eav_search *search, const struct fer_query *where)
{
	fer_query_append(query, where);
	if (!search->where)
		return;
	fer_query_add(query, where->sql.len ? " AND (" : " WHERE (");
	fer_query_add(query, search->where);
	fer_query_add(query, ")");
}

static int read_ids(struct fer_call *call, struct fer_query *query, struct fer_eav_found *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	size_t size = 0;
	int r;

	if ((r = fer_query_open(call->db, query, &stmt)))
		return r;
	for (out->n = 0; (r = fer_stmt_step(stmt)) == 1; out->ids[out->n++] = fer_col_int(stmt, 0)) {
		int64_t *more;

		if (out->n < size)
			continue;
		size = size ? size * 2 : 64;
		more = FER_NEW_ARRAY(call->arena, size, int64_t);
		if (out->n)
			memcpy(more, out->ids, out->n * sizeof(*more));
		out->ids = more;
	}
	return r;
}

/* A first page that is not full has told the total already. */
static bool total_is_known(const struct fer_value *criteria, const struct fer_eav_found *out)
{
	int64_t size = fer_map_int(criteria, "page_size", 0);

	return !size || (fer_map_int(criteria, "current_page", 1) <= 1 && size > 0 && (int64_t)out->n < size);
}

static int count_all(struct fer_call *call, struct fer_query *query, int64_t *total)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_query_open(call->db, query, &stmt)))
		return r;
	if ((r = fer_stmt_step(stmt)) == 1)
		*total = fer_col_int(stmt, 0);
	return r < 0 ? r : 0;
}

int fer_eav_find(struct fer_call *call, const struct fer_eav_search *search, const struct fer_value *criteria, struct fer_eav_found *out)
{
	struct finding f = { .search = search };
	struct fer_column_map map = { .column = column, .special = special, .data = &f };
	struct fer_query joins, order_joins, where, order, page, count;
	const char *tie = search->order ? search->order : "main.entity_id";
	int r;

	*out = (struct fer_eav_found){ 0 };
	if ((r = fer_eav_get(call, &f.eav)))
		return r;
	f.joined = fer_alloc(call->arena, fer_eav_count(f.eav) + 1);
	fer_query_init(&joins, call->arena);
	fer_query_init(&order_joins, call->arena);
	fer_query_init(&where, call->arena);
	fer_query_init(&order, call->arena);
	if ((r = fer_criteria_where(call, criteria, &map, &joins, &where)) ||
	    (r = fer_criteria_order(call, criteria, &map, tie, &order_joins, &order)))
		return r;
	begin(&page, call, search, "main.entity_id");
	fer_query_append(&page, &joins);
	fer_query_append(&page, &order_joins);
	add_where(&page, search, &where);
	fer_query_append(&page, &order);
	fer_criteria_limit(criteria, &page);
	if ((r = read_ids(call, &page, out)))
		return r;
	out->total = (int64_t)out->n;
	if (total_is_known(criteria, out))
		return 0;
	begin(&count, call, search, "COUNT(*)");
	fer_query_append(&count, &joins);
	if (f.sort_drops)
		fer_query_append(&count, &order_joins);
	add_where(&count, search, &where);
	return count_all(call, &count, &out->total);
}
