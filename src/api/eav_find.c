/*
 * searchCriteria over attributes at size: a page of 20 out of 100,000 entities must not cost what 100,000 entities cost. There are three ways,
 * and all give the same rows:
 *   narrow  some filter alone leaves few entities: these are read once, and everything else is asked of them;
 *   walk    the entities are read in the order of the page, by an index, and reading ends when the page is full;
 *   sort    what is left, the engine sorts.
 * Entities without a value of what is sorted by come before all values, as NULLs do: they are a part of their own of such a walk. Counts, and
 * the ids of a narrow filter, are kept under the counter of all data.
 */
#include "api/eav.h"
#include "api/eav_impl.h"
#include "api/search.h"
#include "api/server.h"

#include "api/cache.h"

#define FEW 1000                  /* entities that are listed in a statement */

/* -- reading ------------------------------------------------------------------------------------------------------ */

static int read_ids(struct fer_call *call, struct fer_query *query, struct fer_eav_found *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	size_t size = out->n;
	int r;

	if ((r = fer_query_open(call->db, query, &stmt)))
		return r;
	for (; (r = fer_stmt_step(stmt)) == 1; out->ids[out->n++] = fer_col_int(stmt, 0)) {
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

/* A statement with its values, told apart from every other one. */
static struct fer_str key_of(struct fer_call *call, const struct fer_query *query)
{
	struct fer_buf key;

	fer_buf_init(&key, call->arena, 1u << 20);
	fer_buf_str(&key, fer_buf_view(&query->sql));
	for (uint32_t i = 0; i < query->binds.list.n; i++) {
		const struct fer_value *v = &query->binds.list.items[i];
		struct fer_str text = fer_as_str(call->arena, v);

		fer_buf_fmt(&key, "\n%d %zu ", (int)v->kind, text.len);
		fer_buf_str(&key, text);
	}
	return fer_buf_view(&key);
}

/* The version was read before the call read anything; inside a transaction nobody knows what has been written. */
static bool is_kept(const struct fer_call *call)
{
	return call->server->counts && call->data_version && !call->in_tx;
}

static bool get_kept(struct fer_call *call, struct fer_str key, struct fer_eav_found *out)
{
	struct fer_str body;

	if (!is_kept(call) || !fer_cache_get(call->server->counts, key, call->data_version, call->arena, &body))
		return false;
	out->n = body.len / sizeof(*out->ids);
	out->ids = FER_NEW_ARRAY(call->arena, out->n + 1, int64_t);
	if (out->n)
		memcpy(out->ids, body.at, body.len);
	return true;
}

static int read_kept(struct fer_call *call, struct fer_query *query, struct fer_eav_found *out)
{
	struct fer_str key = key_of(call, query);
	int r;

	if (get_kept(call, key, out))
		return 0;
	if (!(r = read_ids(call, query, out)) && is_kept(call))
		fer_cache_put(call->server->counts, key, call->data_version, (struct fer_str){ (const char *)out->ids, out->n * sizeof(*out->ids) });
	return r;
}

/* The one number that a statement tells. */
static int count_kept(struct fer_call *call, struct fer_query *query, int64_t *out)
{
	struct fer_eav_found number = { 0 };
	int r = read_kept(call, query, &number);

	*out = number.n ? number.ids[0] : 0;
	return r;
}

/* -- pieces of statements ----------------------------------------------------------------------------------------- */

struct page {
	struct fer_finding f;
	const struct fer_eav_found *few;   /* NULL: no filter is narrow */
	int64_t size, offset;              /* size 0: all */
	struct fer_eav_found *out;
};

static const char *entity_table(const struct page *p)
{
	return fer_eav_tables[p->f.search->type].entity;
}

static void add_and(struct fer_query *query, bool *first)
{
	fer_query_add(query, *first ? " WHERE " : " AND ");
	*first = false;
}

/* Behind " WHERE …" or nothing: what the search fixes, and the few. */
static void add_fixed(const struct page *p, struct fer_query *query, bool first)
{
	if (p->f.search->where) {
		add_and(query, &first);
		fer_buf_fmt(&query->sql, "(%s)", p->f.search->where);
	}
	if (!p->few)
		return;
	add_and(query, &first);
	fer_query_add(query, "main.entity_id");
	fer_query_ids(query, p->few->ids, p->few->n);
}

static void add_limit(struct fer_query *query, int64_t size, int64_t offset)
{
	if (size)
		fer_buf_fmt(&query->sql, " LIMIT %lld OFFSET %lld", (long long)size, (long long)offset);
	else if (offset)
		fer_buf_fmt(&query->sql, " {NO_LIMIT} OFFSET %lld", (long long)offset);
}

static void begin(const struct page *p, struct fer_query *query, const char *what)
{
	fer_query_init(query, p->f.call->arena);
	fer_buf_fmt(&query->sql, "SELECT %s FROM %s main", what, entity_table(p));
	if (p->f.search->join)
		fer_query_add(query, p->f.search->join);
}

/* -- narrow ------------------------------------------------------------------------------------------------------- */

static int try_narrow(struct page *p, const struct fer_value *filter, struct fer_eav_found *few, bool *found)
{
	const struct fer_attribute *a = fer_finding_attribute(&p->f, fer_map_str(p->f.call->arena, filter, "field"));
	struct fer_query query;
	int r = a ? fer_finding_look(&p->f, a) : 0;

	if (r || !fer_finding_narrow(&p->f, filter, &query))
		return r;
	fer_buf_fmt(&query.sql, " LIMIT %d", FEW + 1);
	*few = (struct fer_eav_found){ 0 };
	r = read_kept(p->f.call, &query, few);
	*found = !r && few->n <= FEW;
	return r;
}

/* A filter that is alone in its group must hold for every row of the page. */
static const struct fer_value *lone_filter(const struct fer_value *groups, size_t i)
{
	const struct fer_value *filters = fer_get(fer_at(groups, i), "filters");

	return fer_count(filters) == 1 ? fer_at(filters, 0) : NULL;
}

/* Those that an index answers are tried first: looking at every value costs as much as it saves, unless few fit. */
static int find_narrow(struct page *p, struct fer_eav_found *few)
{
	const struct fer_value *groups = fer_get(p->f.criteria, "filter_groups");
	bool found = false;
	int r = 0;

	for (int reach = FER_REACH_SEEK; reach <= FER_REACH_SCAN; reach++) {
		for (size_t i = 0; i < fer_count(groups) && !found && !r; i++) {
			const struct fer_value *filter = lone_filter(groups, i);

			if (filter && (int)fer_condition_reach(filter) == reach)
				r = try_narrow(p, filter, few, &found);
		}
	}
	p->few = found ? few : NULL;
	return r;
}

static void note_strict(struct page *p)
{
	const struct fer_value *groups = fer_get(p->f.criteria, "filter_groups");

	for (size_t i = 0; i < fer_count(groups); i++) {
		const struct fer_value *filter = lone_filter(groups, i);
		const struct fer_attribute *a = filter ? fer_finding_attribute(&p->f, fer_map_str(p->f.call->arena, filter, "field")) : NULL;

		if (a && fer_condition_needs_value(filter))
			p->f.strict[fer_eav_index(p->f.eav, a)] = 1;
	}
}

/* -- sort --------------------------------------------------------------------------------------------------------- */

static int read_sorted(struct page *p)
{
	struct fer_query joins, where, order, query;
	int r;

	if ((r = fer_finding_where(&p->f, &joins, &where)) || (r = fer_finding_order(&p->f, &joins, &order)))
		return r;
	begin(p, &query, "main.entity_id");
	fer_query_append(&query, &joins);
	fer_query_append(&query, &where);
	add_fixed(p, &query, !where.sql.len);
	fer_query_append(&query, &order);
	add_limit(&query, p->size, p->offset);
	return read_ids(p->f.call, &query, p->out);
}

/* -- walk --------------------------------------------------------------------------------------------------------- */

/* One stretch of a walk: a table that is read in order, joined by the entity. */
struct stretch {
	const char *table, *alias;         /* NULL: the entity's own */
	struct fer_str where;              /* which of its rows; empty: all */
	struct fer_str join;               /* in front of the criteria's joins */
	const char *value;                 /* what is sorted by; NULL: by the entity alone */
	bool down;
};

static int write_stretch(struct page *p, const struct stretch *s, bool counting, struct fer_query *query)
{
	const char *first = s->table ? s->alias : "main", *down = s->down ? " DESC" : "";
	struct fer_query joins, where;
	int r;

	p->f.walking = !counting;
	if ((r = fer_finding_where(&p->f, &joins, &where)))
		return r;
	begin(p, query, counting ? "COUNT(*)" : "main.entity_id");
	if (s->table) {
		fer_query_init(query, p->f.call->arena);
		fer_buf_fmt(&query->sql, "SELECT %s FROM %s %s {THEN_JOIN} %s main ON main.entity_id = %s.entity_id%s", counting ? "COUNT(*)" : "main.entity_id",
		            s->table, s->alias, entity_table(p), s->alias, p->f.search->join ? p->f.search->join : "");
	}
	fer_buf_str(&query->sql, s->join);
	fer_query_append(query, &joins);
	fer_query_append(query, &where);
	if (s->where.len)
		fer_buf_fmt(&query->sql, "%s%.*s", where.sql.len ? " AND " : " WHERE ", FER_F(s->where));
	add_fixed(p, query, !where.sql.len && !s->where.len);
	if (!counting && s->value)
		fer_buf_fmt(&query->sql, " ORDER BY %s%s, %s.entity_id%s", s->value, down, first, down);
	else if (!counting)
		fer_buf_fmt(&query->sql, " ORDER BY %s.entity_id%s", first, down);
	return 0;
}

static int read_stretch(struct page *p, const struct stretch *s, int64_t size, int64_t offset)
{
	struct fer_query query;
	int r = write_stretch(p, s, false, &query);

	if (r)
		return r;
	add_limit(&query, size, offset);
	return read_ids(p->f.call, &query, p->out);
}

static int count_stretch(struct page *p, const struct stretch *s, int64_t *n)
{
	struct fer_query query;
	int r = write_stretch(p, s, true, &query);

	return r ? r : count_kept(p->f.call, &query, n);
}

/* A page over two stretches, one behind the other. */
static int read_both(struct page *p, const struct stretch *first, const struct stretch *second)
{
	int64_t before = 0, left;
	int r = read_stretch(p, first, p->size, p->offset);

	if (r || (p->size && (int64_t)p->out->n == p->size))
		return r;
	if (!p->out->n && p->offset && (r = count_stretch(p, first, &before)))
		return r;
	left = p->out->n ? 0 : p->offset - before;
	return read_stretch(p, second, p->size ? p->size - (int64_t)p->out->n : 0, left < 0 ? 0 : left);
}

static struct fer_str values_where(const struct page *p, const struct fer_attribute *a, const char *alias)
{
	const char *store = fer_eav_tables[p->f.search->type].stores ? " AND " : "";

	return fer_str_fmt(p->f.call->arena, "%s.attribute_id = %lld%s%s%s", alias, (long long)a->id, store, *store ? alias : "",
	                   *store ? ".store_id = 0" : "");
}

/* Whether some entity has no value of @a; what filters leave does not matter. */
static int any_without(struct page *p, const struct fer_attribute *a, bool *out)
{
	struct fer_query values, entities;
	int64_t n_values, n_entities;
	int r;

	fer_query_init(&values, p->f.call->arena);
	fer_buf_fmt(&values.sql, "SELECT COUNT(*) FROM %s_%s o WHERE %.*s AND o.value IS NOT NULL", entity_table(p), fer_eav_suffix[a->backend],
	            FER_F(values_where(p, a, "o")));
	fer_query_init(&entities, p->f.call->arena);
	fer_buf_fmt(&entities.sql, "SELECT COUNT(*) FROM %s", entity_table(p));
	if ((r = count_kept(p->f.call, &values, &n_values)) || (r = count_kept(p->f.call, &entities, &n_entities)))
		return r;
	*out = n_values < n_entities;
	return 0;
}

static int walk_values(struct page *p, const struct fer_attribute *a, bool down)
{
	struct fer_arena *arena = p->f.call->arena;
	struct fer_str table = fer_str_fmt(arena, "%s_%s", entity_table(p), fer_eav_suffix[a->backend]);
	struct stretch with = { .table = table.at, .alias = "o", .value = "o.value", .down = down,
	                        .where = fer_str_fmt(arena, "%.*s AND o.value IS NOT NULL", FER_F(values_where(p, a, "o"))) };
	struct stretch without = { .down = down, .where = FER_S("o.value IS NULL"),
	                           .join = fer_str_fmt(arena, " LEFT JOIN %s o ON o.entity_id = main.entity_id AND %.*s", table.at,
	                                               FER_F(values_where(p, a, "o"))) };
	bool any;
	int r = any_without(p, a, &any);

	if (r)
		return r;
	if (!any)
		return read_stretch(p, &with, p->size, p->offset);
	return down ? read_both(p, &with, &without) : read_both(p, &without, &with);
}

/* Whether a page in this order can be walked; then it is. */
static int try_walk(struct page *p, bool *done)
{
	const struct fer_value *orders = fer_get(p->f.criteria, "sort_orders"), *order = fer_at(orders, 0);
	struct fer_str name = order ? fer_map_str(p->f.call->arena, order, "field") : FER_STR_NONE;
	bool down = order && !fer_str_is(fer_map_str(p->f.call->arena, order, "direction"), "ASC");
	const struct fer_attribute *a = fer_finding_attribute(&p->f, name);
	struct fer_eav_sorting sorting = { 0 };
	int r = order && p->f.search->sort ? p->f.search->sort(p->f.call, p->f.search, name, &sorting) : 0;

	*done = true;
	if (r < 0)
		return r;
	if (r)
		return read_stretch(p, &(struct stretch){ sorting.table, sorting.alias, sorting.where, FER_STR_NONE, sorting.value, down }, p->size, p->offset);
	if (!order)
		return read_stretch(p, &(struct stretch){ 0 }, p->size, p->offset);
	if (fer_finding_column(&p->f, name))
		return read_stretch(p, &(struct stretch){ .value = fer_finding_column(&p->f, name), .down = down }, p->size, p->offset);
	if (a && !(r = fer_finding_look(&p->f, a)) && !fer_finding_at_store(&p->f, a))
		return walk_values(p, a, down);
	*done = false;
	return r;
}

/* One order at most, and equals in its direction: so an index has them. */
static bool is_walk(const struct page *p)
{
	size_t n = fer_count(fer_get(p->f.criteria, "sort_orders"));

	return !p->few && !p->f.search->order && p->size && (n == 0 || (n == 1 && p->f.search->tie_follows));
}

/* -- counting ----------------------------------------------------------------------------------------------------- */

/* A first page that is not full has told the total already. */
static bool total_is_known(const struct page *p)
{
	return !p->size || (!p->offset && (int64_t)p->out->n < p->size);
}

static void add_bare(struct page *p, const struct fer_attribute *a, const struct fer_attribute *first, const struct fer_value *filter,
                     struct fer_query *query, struct fer_query *where)
{
	uint8_t *joined = &p->f.joined[fer_eav_index(p->f.eav, a)];
	struct fer_str alias = fer_str_fmt(p->f.call->arena, "a%lld", (long long)a->id), value = fer_str_fmt(p->f.call->arena, "%s.value", alias.at);

	if (!*joined) {
		fer_buf_fmt(&query->sql, a == first ? "SELECT COUNT(*) FROM %s_%s %s" : " JOIN %s_%s %s", entity_table(p), fer_eav_suffix[a->backend], alias.at);
		if (a != first)
			fer_buf_fmt(&query->sql, " ON %s.entity_id = a%lld.entity_id", alias.at, (long long)first->id);
		fer_query_add(where, where->sql.len ? " AND " : " WHERE ");
		fer_buf_str(&where->sql, values_where(p, a, alias.at));
	}
	*joined = 1;
	fer_query_add(where, " AND ");
	fer_condition(where, value, filter);
	if (a->backend == FER_B_VARCHAR || a->backend == FER_B_TEXT)
		fer_condition_bounds(where, value.at, filter);
}

/*
 * Where every filter asks for a value that stands in a table, those tables alone tell the number: each has one row an entity, and none
 * without its entity. False: there is something else to look at.
 */
static bool write_bare_count(struct page *p, struct fer_query *query)
{
	const struct fer_value *groups = fer_get(p->f.criteria, "filter_groups");
	struct fer_query where;
	const struct fer_attribute *first = NULL;

	if (p->few || p->f.search->join || p->f.search->where || p->f.sorting.table)
		return false;
	fer_query_init(query, p->f.call->arena);
	fer_query_init(&where, p->f.call->arena);
	memset(p->f.joined, 0, fer_eav_count(p->f.eav));
	for (size_t i = 0; i < fer_count(groups); i++) {
		const struct fer_value *filter = lone_filter(groups, i);
		const struct fer_attribute *a = filter ? fer_finding_attribute(&p->f, fer_map_str(p->f.call->arena, filter, "field")) : NULL;

		if (!a || !fer_condition_needs_value(filter) || fer_finding_at_store(&p->f, a))
			return false;
		first = first ? first : a;
		add_bare(p, a, first, filter, query, &where);
	}
	fer_query_append(query, &where);
	return first != NULL;
}

static int count_all(struct page *p)
{
	struct fer_query joins, where, order, query, bare;
	int r;

	p->f.walking = false;
	if ((r = fer_finding_where(&p->f, &joins, &where)))
		return r;
	begin(p, &query, "COUNT(*)");
	fer_query_append(&query, &joins);
	fer_query_init(&joins, p->f.call->arena);
	if ((r = fer_finding_order(&p->f, &joins, &order)))
		return r;
	if (p->f.sorting.table)
		fer_query_append(&query, &joins);
	fer_query_append(&query, &where);
	add_fixed(p, &query, !where.sql.len);
	if (write_bare_count(p, &bare))
		query = bare;
	return count_kept(p->f.call, &query, &p->out->total);
}

/* -- all of it ---------------------------------------------------------------------------------------------------- */

/* Source: Magento_Framework DB\Select limitPage: a page size below 1 (but not 0, which means none) is 1, a page below 1 is 1. */
static void read_page(struct page *p)
{
	int64_t number = fer_map_int(p->f.criteria, "current_page", 1);

	p->size = fer_map_int(p->f.criteria, "page_size", 0);
	p->size = p->size < 0 ? 1 : p->size;
	if (p->size && __builtin_mul_overflow((number < 1 ? 1 : number) - 1, p->size, &p->offset))
		p->offset = INT64_MAX;
}

/* What the criteria name is looked at before any of the short ways is taken, so that each refuses the same. */
static int check_names(struct page *p)
{
	struct fer_query joins, where, order;
	int r = fer_finding_where(&p->f, &joins, &where);

	return r ? r : fer_finding_order(&p->f, &joins, &order);
}

static int find(struct page *p)
{
	struct fer_eav_found few = { 0 };
	bool done = false;
	int r;

	read_page(p);
	note_strict(p);
	if ((r = check_names(p)) || (r = find_narrow(p, &few)))
		return r;
	if (p->few && !p->few->n)
		return 0;
	if (is_walk(p))
		r = try_walk(p, &done);
	p->f.walking = false;
	if (!r && !done)
		r = read_sorted(p);
	p->out->total = (int64_t)p->out->n;
	return r || total_is_known(p) ? r : count_all(p);
}

int fer_eav_find(struct fer_call *call, const struct fer_eav_search *search, const struct fer_value *criteria, struct fer_eav_found *out)
{
	struct page p = { .f = { .call = call, .search = search, .criteria = criteria }, .out = out };
	size_t n;
	int r;

	*out = (struct fer_eav_found){ 0 };
	if ((r = fer_eav_get(call, &p.f.eav)))
		return r;
	n = fer_eav_count(p.f.eav) + 1;
	p.f.joined = fer_alloc(call->arena, n);
	p.f.strict = fer_alloc(call->arena, n);
	p.f.translated = fer_alloc(call->arena, n);
	return find(&p);
}
