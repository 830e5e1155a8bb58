/*
 * Rows of the audit log by filter, a page at a time. A page begins behind the last row of the one before, by time, node and number:
 * rows that come meanwhile move nothing.
 */
#include <errno.h>

#include "auth/audit_impl.h"
#include "auth/audit_read.h"

#define PAGE 500
#define SQL_MAX 4096

#define OF(field) offsetof(struct fer_audit_filter, field)
static const struct {
	size_t at;
	bool number;
	const char *sql;
} conditions[] = {
	{ OF(since_us), true, "time_us >= ?" }, { OF(until_us), true, "time_us < ?" }, { OF(event), false, "event = ?" },
	{ OF(outcome), false, "outcome = ?" }, { OF(actor), false, "actor = ?" }, { OF(target), false, "target = ?" },
	{ OF(source), false, "source = ?" }, { OF(node), false, "node = ?" }, { OF(request_id), false, "request_id = ?" },
};

struct place {
	int64_t time_us, seq;
	char node[FER_AUDIT_NODE_MAX + 1];
	bool set;
};

struct walk {
	const struct fer_audit_filter *filter;
	struct place place;
	struct fer_arena *arena;       /* of one page */
	int (*fn)(const struct fer_audit_row *row, void *data);
	void *data;
	int64_t left;                  /* rows still wanted; < 0: no limit */
};

/* -- cursors ----------------------------------------------------------------------------------------------------- */

/* "time.seq.node" */
static int place_read(struct fer_str cursor, struct place *out)
{
	struct fer_str rest = cursor, piece;

	if (!cursor.len)
		return 0;
	if (!fer_str_cut(&rest, '.', &piece) || !fer_str_int(piece, &out->time_us) || !fer_str_cut(&rest, '.', &piece) ||
	    !fer_str_int(piece, &out->seq) || !rest.len || rest.len > FER_AUDIT_NODE_MAX)
		return -EINVAL;
	memcpy(out->node, rest.at, rest.len);
	out->node[rest.len] = '\0';
	out->set = true;
	return 0;
}

static void place_take(struct place *place, const struct fer_audit_row *row)
{
	place->time_us = row->time_us;
	place->seq = row->seq;
	snprintf(place->node, sizeof(place->node), "%.*s", FER_F(row->node));
	place->set = true;
}

/* -- one page ---------------------------------------------------------------------------------------------------- */

static const struct fer_str *text_in(const struct fer_audit_filter *filter, size_t i)
{
	return (const struct fer_str *)((const char *)filter + conditions[i].at);
}

static int64_t number_in(const struct fer_audit_filter *filter, size_t i)
{
	return *(const int64_t *)((const char *)filter + conditions[i].at);
}

static bool given(const struct fer_audit_filter *filter, size_t i)
{
	return conditions[i].number ? number_in(filter, i) != 0 : text_in(filter, i)->len > 0;
}

static void put_sql(const struct walk *walk, struct fer_buf *sql)
{
	bool back = walk->filter->newest_first;

	fer_buf_text(sql, "SELECT ");
	for (size_t i = 0; i < FER_AUDIT_N_COLUMNS; i++)
		fer_buf_fmt(sql, "%s%s", i ? ", " : "", fer_audit_columns[i].name);
	fer_buf_text(sql, " FROM ferrite_audit WHERE 1 = 1");
	for (size_t i = 0; i < FER_ARRAY_LEN(conditions); i++)
		if (given(walk->filter, i))
			fer_buf_fmt(sql, " AND %s", conditions[i].sql);
	if (walk->place.set)
		fer_buf_fmt(sql, " AND time_us %c= ? AND (time_us %c ? OR node %c ? OR (node = ? AND seq %c ?))", back ? '<' : '>',
		            back ? '<' : '>', back ? '<' : '>', back ? '<' : '>');
	fer_buf_fmt(sql, " ORDER BY time_us%s, node%s, seq%s LIMIT %d", back ? " DESC" : "", back ? " DESC" : "", back ? " DESC" : "", PAGE);
}

static void bind(const struct walk *walk, struct fer_stmt *stmt)
{
	int n = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(conditions); i++) {
		if (!given(walk->filter, i))
			continue;
		if (conditions[i].number)
			fer_bind_int(stmt, ++n, number_in(walk->filter, i));
		else
			fer_bind_str(stmt, ++n, *text_in(walk->filter, i));
	}
	if (!walk->place.set)
		return;
	fer_bind_int(stmt, ++n, walk->place.time_us);
	fer_bind_int(stmt, ++n, walk->place.time_us);
	fer_bind_str(stmt, ++n, fer_str(walk->place.node));
	fer_bind_str(stmt, ++n, fer_str(walk->place.node));
	fer_bind_int(stmt, ++n, walk->place.seq);
}

static int read_page(struct walk *walk, struct fer_db *db, struct fer_audit_row *rows, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_buf sql;
	int r;

	fer_buf_init(&sql, walk->arena, SQL_MAX);
	put_sql(walk, &sql);
	if ((r = fer_stmt_text(db, fer_buf_view(&sql), &stmt)))
		return r;
	bind(walk, stmt);
	for (*n = 0; *n < PAGE && (r = fer_stmt_step(stmt)) > 0;)
		fer_audit_row_read(walk->arena, stmt, &rows[(*n)++]);
	return r < 0 ? r : 0;
}

static int run_page(struct walk *walk, struct fer_store *store, size_t *n)
{
	struct fer_audit_row *rows = FER_NEW_ARRAY(walk->arena, PAGE, struct fer_audit_row);
	struct fer_db *db;
	int r = fer_db_lend(store, &db);

	if (r)
		return r;
	r = read_page(walk, db, rows, n);
	fer_db_return(db);
	for (size_t i = 0; !r && i < *n && walk->left; i++) {
		place_take(&walk->place, &rows[i]);
		walk->left -= walk->left > 0;
		r = walk->fn(&rows[i], walk->data);
	}
	return r;
}

int fer_audit_each(struct fer_store *store, struct fer_arena *arena, const struct fer_audit_filter *filter,
                   int (*fn)(const struct fer_audit_row *row, void *data), void *data, struct fer_str *cursor)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *page = fer_arena_new((size_t)16 << 20);
	struct walk walk = { .filter = filter, .arena = page, .fn = fn, .data = data, .left = filter->limit > 0 ? filter->limit : -1 };
	size_t n = PAGE;
	int r = place_read(filter->after, &walk.place);

	if (!page)
		return -ENOMEM;
	while (!r && n == PAGE && walk.left) {
		r = run_page(&walk, store, &n);
		fer_arena_reset(page);
	}
	if (cursor)
		*cursor = !walk.place.set ? FER_S("") : fer_str_fmt(arena, "%lld.%lld.%s", (long long)walk.place.time_us,
		                                                    (long long)walk.place.seq, walk.place.node);
	return r;
}
