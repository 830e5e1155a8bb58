/*
 * Reading values: one statement for any number of entities, an arm a backend type. The number of question marks is rounded up,
 * so that a handful of prepared statements serves all pages.
 */
#include <stdlib.h>

#include "api/eav.h"
#include "api/eav_impl.h"
#include "api/search.h"

struct loading {
	struct fer_call *call;
	const struct fer_eav *eav;
	enum fer_eav_type type;
	const int64_t *ids;
	size_t n;
	int store_id;
	const struct fer_attribute **only;   /* NULL: all */
	size_t n_only;
	struct fer_eav_value **slots;        /* a row of fer_eav_count() an entity */
	size_t *order;                       /* places of ids, sorted by id */
};

/* 1, 2, 4, 8 … : few shapes, few prepared statements. */
static size_t shape(size_t n)
{
	size_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

void fer_query_ids(struct fer_query *query, const int64_t *ids, size_t n)
{
	size_t size = shape(n);

	fer_query_add(query, " IN (");
	for (size_t i = 0; i < size; i++) {
		fer_query_add(query, i ? ",?" : "?");
		fer_query_bind(query, fer_int(ids[i < n ? i : n - 1]));
	}
	fer_query_add(query, ")");
}

static void add_only(struct fer_query *query, const struct loading *l, enum fer_backend backend)
{
	int64_t *ids = FER_NEW_ARRAY(l->call->arena, l->n_only + 1, int64_t);
	size_t n = 0;

	for (size_t i = 0; i < l->n_only; i++)
		if (l->only[i]->backend == backend)
			ids[n++] = l->only[i]->id;
	/* The plus keeps SQLite from the indexes that begin with the attribute: they hold every entity's value. */
	fer_query_add(query, " AND +attribute_id");
	fer_query_ids(query, ids, n);
}

static bool wants(const struct loading *l, enum fer_backend backend)
{
	if (!l->only)
		return true;
	for (size_t i = 0; i < l->n_only; i++)
		if (l->only[i]->backend == backend)
			return true;
	return false;
}

static void add_arm(struct fer_query *query, const struct loading *l, enum fer_backend backend)
{
	const struct fer_eav_table *table = &fer_eav_tables[l->type];

	fer_query_add(query, query->sql.len ? " UNION ALL SELECT entity_id,attribute_id," : "SELECT entity_id,attribute_id,");
	fer_query_add(query, table->stores ? "store_id,value FROM " : "0,value FROM ");
	fer_query_add(query, table->entity);
	fer_query_add(query, "_");
	fer_query_add(query, fer_eav_suffix[backend]);
	fer_query_add(query, " WHERE entity_id");
	fer_query_ids(query, l->ids, l->n);
	if (l->only)
		add_only(query, l, backend);
	if (!table->stores)
		return;
	/* So does this one from the index over store_id, which nearly every row of a table shares. */
	fer_query_add(query, l->store_id ? " AND +store_id IN (0,?)" : " AND +store_id = 0");
	if (l->store_id)
		fer_query_bind(query, fer_int(l->store_id));
}

static _Thread_local const int64_t *sort_ids;

static int by_id(const void *a, const void *b)
{
	int64_t x = sort_ids[*(const size_t *)a], y = sort_ids[*(const size_t *)b];

	return (x > y) - (x < y);
}

static void sort_places(struct loading *l)
{
	l->order = FER_NEW_ARRAY(l->call->arena, l->n, size_t);
	for (size_t i = 0; i < l->n; i++)
		l->order[i] = i;
	sort_ids = l->ids;
	qsort(l->order, l->n, sizeof(size_t), by_id);
}

/* The first of equal ids in sorted order; l->n when the id was not asked for. */
static size_t place_of(const struct loading *l, int64_t id)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->ids[l->order[middle]] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n && l->ids[l->order[low]] == id ? l->order[low] : l->n;
}

static struct fer_value column_value(struct fer_arena *arena, struct fer_stmt *stmt, enum fer_backend backend)
{
	if (fer_col_null(stmt, 3))
		return fer_null();
	if (backend == FER_B_DECIMAL)
		return fer_string(fer_decimal_text(arena, fer_col_decimal(stmt, 3), 6));
	return fer_string(fer_col_dup(arena, stmt, 3));
}

static void take_row(struct loading *l, struct fer_stmt *stmt)
{
	const struct fer_attribute *a = fer_eav_by_id(l->eav, fer_col_int(stmt, 1));
	size_t place = place_of(l, fer_col_int(stmt, 0));
	int store_id = (int)fer_col_int(stmt, 2);
	struct fer_eav_value **slot;

	if (!a || place == l->n)
		return;
	slot = &l->slots[place * fer_eav_count(l->eav) + fer_eav_index(l->eav, a)];
	if (*slot && (*slot)->store_id > store_id)
		return;
	if (!*slot)
		*slot = FER_NEW(l->call->arena, struct fer_eav_value);
	(*slot)->attribute = a;
	(*slot)->store_id = store_id;
	(*slot)->value = column_value(l->call->arena, stmt, a->backend);
}

static void gather(const struct loading *l, size_t place, struct fer_eav_row *row)
{
	size_t count = fer_eav_count(l->eav), n = 0;
	struct fer_eav_value **slots = l->slots + place * count;

	for (size_t i = 0; i < count; i++)
		n += slots[i] != NULL;
	row->values = FER_NEW_ARRAY(l->call->arena, n + 1, struct fer_eav_value);
	row->n = 0;
	for (size_t i = 0; i < count; i++)
		if (slots[i])
			row->values[row->n++] = *slots[i];
}

static int find_only(struct loading *l, const char *const *codes)
{
	size_t n = 0;

	while (codes[n])
		n++;
	l->only = FER_NEW_ARRAY(l->call->arena, n + 1, const struct fer_attribute *);
	for (size_t i = 0; i < n; i++) {
		const struct fer_attribute *a = fer_eav_by_code(l->eav, l->type, fer_str(codes[i]));

		if (a && a->backend != FER_B_STATIC)
			l->only[l->n_only++] = a;
	}
	return 0;
}

static int run(struct loading *l)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_query query;
	int r;

	fer_query_init(&query, l->call->arena);
	for (int b = FER_B_INT; b < FER_N_BACKENDS; b++)
		if (wants(l, (enum fer_backend)b))
			add_arm(&query, l, (enum fer_backend)b);
	if (!query.sql.len)
		return 0;
	if ((r = fer_query_open(l->call->db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		take_row(l, stmt);
	return r;
}

/* SQLite takes 32,766 question marks a statement; five arms of this many ids stay well below. */
#define IDS_AT_ONCE 512

static int load_some(struct loading *l, struct fer_eav_row *rows)
{
	int r;

	l->slots = FER_NEW_ARRAY(l->call->arena, l->n * fer_eav_count(l->eav) + 1, struct fer_eav_value *);
	sort_places(l);
	if ((r = run(l)))
		return r;
	for (size_t i = 0; i < l->n; i++)
		gather(l, place_of(l, l->ids[i]), &rows[i]);
	return 0;
}

int fer_eav_load(struct fer_call *call, enum fer_eav_type type, const int64_t *ids, size_t n, int store_id,
                 const char *const *codes, struct fer_eav_row *rows)
{
	struct loading l = { .call = call, .type = type, .store_id = store_id };
	int r;

	if ((r = fer_eav_get(call, &l.eav)))
		return r;
	if (codes)
		find_only(&l, codes);
	for (size_t i = 0; i < n; i += IDS_AT_ONCE) {
		l.ids = ids + i;
		l.n = n - i < IDS_AT_ONCE ? n - i : IDS_AT_ONCE;
		if ((r = load_some(&l, rows + i)))
			return r;
	}
	return 0;
}

const struct fer_value *fer_eav_value(const struct fer_eav_row *row, const char *code)
{
	for (size_t i = 0; i < row->n; i++)
		if (fer_str_is(row->values[i].attribute->code, code))
			return &row->values[i].value;
	return NULL;
}
