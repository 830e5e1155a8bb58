/*
 * searchCriteria over attributes, name by name: a name becomes a column of the entity, a condition with a table of its own, or the value
 * tables joined once for each attribute that the criteria name.
 */
#include "api/eav.h"
#include "api/eav_impl.h"
#include "api/search.h"

enum { TRANSLATED = 1, NOT_TRANSLATED = 2 };

static const struct fer_eav_column *column_of(const struct fer_eav_search *search, struct fer_str name)
{
	for (const struct fer_eav_column *c = search->columns; c && c->name; c++)
		if (fer_str_is(name, c->name))
			return c;
	return NULL;
}

const char *fer_finding_column(const struct fer_finding *f, struct fer_str name)
{
	const struct fer_eav_column *c = column_of(f->search, name);

	return c && !c->among && strncmp(c->sql, "main.", 5) == 0 ? c->sql : NULL;
}

const struct fer_attribute *fer_finding_attribute(const struct fer_finding *f, struct fer_str name)
{
	const struct fer_attribute *a = column_of(f->search, name) ? NULL : fer_eav_by_code(f->eav, f->search->type, name);

	return a && a->backend != FER_B_STATIC ? a : NULL;
}

/* -- store views -------------------------------------------------------------------------------------------------- */

/* Values of a global attribute stand at store 0 alone. */
static bool may_be_translated(const struct fer_finding *f, const struct fer_attribute *a)
{
	return f->search->store_id && fer_eav_tables[f->search->type].stores && a->scope != FER_SCOPE_GLOBAL;
}

/* Most attributes have no value at most store views: then those of store 0 are all there is. */
int fer_finding_look(struct fer_finding *f, const struct fer_attribute *a)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	uint8_t *translated = &f->translated[fer_eav_index(f->eav, a)];
	struct fer_query query;
	int r;

	if (*translated || !may_be_translated(f, a))
		return 0;
	fer_query_init(&query, f->call->arena);
	fer_buf_fmt(&query.sql, "SELECT 1 FROM %s_%s WHERE attribute_id = ? AND store_id = ? LIMIT 1", fer_eav_tables[f->search->type].entity,
	            fer_eav_suffix[a->backend]);
	fer_query_bind(&query, fer_int(a->id));
	fer_query_bind(&query, fer_int(f->search->store_id));
	if ((r = fer_query_open(f->call->db, &query, &stmt)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*translated = r ? TRANSLATED : NOT_TRANSLATED;
	return 0;
}

bool fer_finding_at_store(const struct fer_finding *f, const struct fer_attribute *a)
{
	return may_be_translated(f, a) && f->translated[fer_eav_index(f->eav, a)] == TRANSLATED;
}

/* -- attributes --------------------------------------------------------------------------------------------------- */

static void add_join(struct fer_query *joins, const struct fer_finding *f, const struct fer_attribute *a, const char *alias, int store_id,
                     bool inner)
{
	const struct fer_eav_table *table = &fer_eav_tables[f->search->type];

	fer_buf_fmt(&joins->sql, " %s %s_%s a%lld%s ON a%lld%s.entity_id = main.entity_id AND a%lld%s.attribute_id = ?",
	            inner ? "{THEN_JOIN}" : "LEFT JOIN", table->entity, fer_eav_suffix[a->backend], (long long)a->id, alias, (long long)a->id, alias,
	            (long long)a->id, alias);
	fer_query_bind(joins, fer_int(a->id));
	if (!table->stores)
		return;
	fer_buf_fmt(&joins->sql, " AND a%lld%s.store_id = ?", (long long)a->id, alias);
	fer_query_bind(joins, fer_int(store_id));
}

/* A CASE has neither the collation nor the affinity of its columns; both are given back by name. */
static struct fer_str value_sql(const struct fer_finding *f, const struct fer_attribute *a)
{
	long long id = a->id;
	bool number = a->backend == FER_B_INT || a->backend == FER_B_DECIMAL;

	if (!fer_finding_at_store(f, a))
		return fer_str_fmt(f->call->arena, "a%lld.value", id);
	return fer_str_fmt(f->call->arena,
	                   number ? "CAST(CASE WHEN a%llds.value_id IS NULL THEN a%lld.value ELSE a%llds.value END AS DECIMAL(20,6))"
	                          : "{CI(CASE WHEN a%llds.value_id IS NULL THEN a%lld.value ELSE a%llds.value END)}", id, id, id);
}

/* An outer join whose rows a condition needs is an inner one, which engines read in what order they like: not where a page is walked. */
static void join_attribute(const struct fer_finding *f, const struct fer_attribute *a, struct fer_query *joins)
{
	size_t at = fer_eav_index(f->eav, a);

	if (f->joined[at])
		return;
	f->joined[at] = 1;
	add_join(joins, f, a, "", 0, f->walking && f->strict[at] && !fer_finding_at_store(f, a));
	if (fer_finding_at_store(f, a))
		add_join(joins, f, a, "s", f->search->store_id, false);
}

/* -- names -------------------------------------------------------------------------------------------------------- */

static int unknown(struct fer_call *call, const struct fer_finding *f, struct fer_str name)
{
	enum fer_error error = f->search->unknown ? f->search->unknown : FER_E_ATTRIBUTE_NAME_INVALID;

	return fer_fail(call, error, "1", name.len ? fer_string(name) : fer_null(), NULL);
}

static int sorting_of(struct fer_finding *f, struct fer_str name, struct fer_query *joins, struct fer_str *out)
{
	struct fer_eav_sorting *sorting = &f->sorting;
	bool there = sorting->table != NULL;
	int r = f->search->sort ? f->search->sort(f->call, f->search, name, sorting) : 0;

	if (r <= 0)
		return r;
	*out = fer_str(sorting->value);
	if (!there)
		fer_buf_fmt(&joins->sql, " JOIN %s %s ON %s.entity_id = main.entity_id AND %.*s", sorting->table, sorting->alias, sorting->alias,
		            FER_F(sorting->where));
	return 1;
}

/* Sorting by what is no field at all is no sorting, as Magento has it. */
static int column(struct fer_call *call, void *data, struct fer_str name, bool sorting, struct fer_query *joins, struct fer_str *out)
{
	struct fer_finding *f = data;
	const struct fer_eav_column *c = column_of(f->search, name);
	const struct fer_attribute *a = fer_finding_attribute(f, name);
	int r;

	*out = FER_STR_NONE;
	if (sorting && (r = sorting_of(f, name, joins, out)))
		return r < 0 ? r : 0;
	if (c && !c->among)
		*out = fer_str(c->sql);
	if (c)
		return 0;
	if (!a)
		return sorting ? 0 : unknown(call, f, name);
	if ((r = fer_finding_look(f, a)))
		return r;
	join_attribute(f, a, joins);
	*out = value_sql(f, a);
	return 0;
}

static bool is_negative(struct fer_str type)
{
	return fer_str_is(type, "neq") || fer_str_is(type, "nin") || fer_str_is(type, "nlike");
}

/* On a walk it is asked of each entity, and in a form that MariaDB does not turn into a join, which it would read first. */
static int special(struct fer_call *call, void *data, const struct fer_value *filter, struct fer_query *where)
{
	const struct fer_finding *f = data;
	const struct fer_eav_column *c = column_of(f->search, fer_map_str(call->arena, filter, "field"));

	if (!c || !c->among)
		return 0;
	fer_query_add(where, is_negative(fer_map_str(call->arena, filter, "condition_type")) ? "NOT " : "");
	if (f->walking)
		fer_buf_fmt(&where->sql, "(EXISTS (SELECT 1 FROM %s WHERE %s = main.entity_id AND %s", c->among, c->owner, c->sql);
	else
		fer_buf_fmt(&where->sql, "main.entity_id IN (SELECT %s FROM %s WHERE %s", c->owner, c->among, c->sql);
	fer_query_in(where, fer_get(filter, "value"));
	fer_query_add(where, f->walking ? ") IS TRUE)" : ")");
	return 1;
}

/* Patterns begin like the values they fit only where both are text, and an index has it as it stands. */
static bool bounded(void *data, const struct fer_value *filter)
{
	const struct fer_finding *f = data;
	struct fer_str name = fer_map_str(f->call->arena, filter, "field");
	const struct fer_eav_column *c = column_of(f->search, name);
	const struct fer_attribute *a = fer_finding_attribute(f, name);

	if (c)
		return c->is_text;
	return a && (a->backend == FER_B_VARCHAR || a->backend == FER_B_TEXT) && !fer_finding_at_store(f, a);
}

/* -- statements --------------------------------------------------------------------------------------------------- */

int fer_finding_where(struct fer_finding *f, struct fer_query *joins, struct fer_query *where)
{
	struct fer_column_map map = { .column = column, .special = special, .bounded = bounded, .data = f };

	memset(f->joined, 0, fer_eav_count(f->eav));
	f->sorting = (struct fer_eav_sorting){ 0 };
	fer_query_init(joins, f->call->arena);
	fer_query_init(where, f->call->arena);
	return fer_criteria_where(f->call, f->criteria, &map, joins, where);
}

static bool last_is_down(const struct fer_finding *f)
{
	const struct fer_value *orders = fer_get(f->criteria, "sort_orders");
	size_t n = fer_count(orders);

	return f->search->tie_follows && n && !fer_str_is(fer_map_str(f->call->arena, fer_at(orders, n - 1), "direction"), "ASC");
}

int fer_finding_order(struct fer_finding *f, struct fer_query *joins, struct fer_query *order)
{
	struct fer_column_map map = { .column = column, .data = f };
	const char *tie = f->search->order ? f->search->order : last_is_down(f) ? "main.entity_id DESC" : "main.entity_id";

	fer_query_init(order, f->call->arena);
	return fer_criteria_order(f->call, f->criteria, &map, tie, joins, order);
}

static void narrow_by_value(struct fer_finding *f, const struct fer_attribute *a, const struct fer_value *filter, struct fer_query *query)
{
	fer_buf_fmt(&query->sql, "SELECT d.entity_id FROM %s_%s d WHERE d.attribute_id = %lld", fer_eav_tables[f->search->type].entity,
	            fer_eav_suffix[a->backend], (long long)a->id);
	if (fer_finding_at_store(f, a))
		fer_buf_fmt(&query->sql, " AND d.store_id IN (0, %d)", f->search->store_id);
	else if (fer_eav_tables[f->search->type].stores)
		fer_query_add(query, " AND d.store_id = 0");
	fer_query_add(query, " AND ");
	fer_condition(query, FER_S("d.value"), filter);
	if (a->backend == FER_B_VARCHAR || a->backend == FER_B_TEXT)
		fer_condition_bounds(query, "d.value", filter);
}

static void narrow_by_column(struct fer_finding *f, const struct fer_eav_column *c, const struct fer_value *filter, struct fer_query *query)
{
	fer_buf_fmt(&query->sql, "SELECT main.entity_id FROM %s main WHERE ", fer_eav_tables[f->search->type].entity);
	fer_condition(query, fer_str(c->sql), filter);
	if (c->is_text)
		fer_condition_bounds(query, c->sql, filter);
}

bool fer_finding_narrow(struct fer_finding *f, const struct fer_value *filter, struct fer_query *query)
{
	struct fer_str name = fer_map_str(f->call->arena, filter, "field");
	const struct fer_eav_column *c = column_of(f->search, name);
	const struct fer_attribute *a = fer_finding_attribute(f, name);

	fer_query_init(query, f->call->arena);
	if (a) {
		narrow_by_value(f, a, filter, query);
	} else if (fer_finding_column(f, name)) {
		narrow_by_column(f, c, filter, query);
	} else if (c && c->among && !is_negative(fer_map_str(f->call->arena, filter, "condition_type"))) {
		fer_buf_fmt(&query->sql, "SELECT %s FROM %s WHERE %s", c->owner, c->among, c->sql);
		fer_query_in(query, fer_get(filter, "value"));
	}
	return query->sql.len > 0;
}
