/*
 * Finding rows of the registry: a filter becomes SQL, a row becomes a map.
 */
#include <errno.h>

#include "auth/registry_impl.h"
#include "core/clock.h"

/* -- filter to SQL ------------------------------------------------------------------------------------------------ */

static const struct number {
	size_t at;                 /* in the filter; 0 there does not count */
	const char *column, *rest;
} numbers[] = {
	{ offsetof(struct fer_token_filter, user_type), "user_type", " = ?" },
	{ offsetof(struct fer_token_filter, user_id), "user_id", " = ?" },
	{ offsetof(struct fer_token_filter, used_before), "last_used_at", " < ?" },
	{ offsetof(struct fer_token_filter, used_after), "last_used_at", " >= ?" },
	{ offsetof(struct fer_token_filter, expires_before), "expires_at", " < ?" },
	{ offsetof(struct fer_token_filter, expires_after), "expires_at", " >= ?" },
	{ offsetof(struct fer_token_filter, issued_before), "issued_at", " < ?" },
	{ offsetof(struct fer_token_filter, issued_after), "issued_at", " >= ?" },
	{ offsetof(struct fer_token_filter, idle_before), "last_used_at", " < ?" },
	{ offsetof(struct fer_token_filter, idle_before), "issued_at", " < ?" },
	/* A service token has days of its own. */
	{ offsetof(struct fer_token_filter, idle_before), "CASE method WHEN 'service' THEN 253402300799 ELSE 0 END", " < ?" },
};

static const struct {
	const char *revoked, *expires;
} states[] = {
	[FER_TOKEN_ANY] = { NULL, NULL },
	[FER_TOKEN_LIVE] = { "revoked_at = 0", "expires_at > ?" },
	[FER_TOKEN_EXPIRED] = { "revoked_at = 0", "expires_at <= ?" },
	[FER_TOKEN_REVOKED] = { "revoked_at > 0", NULL },
};

void fer_registry_query_init(struct fer_registry_query *query, struct fer_arena *arena, const char *sql)
{
	query->arena = arena;
	query->binds = fer_list();
	fer_buf_init(&query->sql, arena, 8192);
	fer_buf_text(&query->sql, sql);
}

void fer_registry_query_bind(struct fer_registry_query *query, struct fer_value value)
{
	fer_push(query->arena, &query->binds, value);
}

static void add(struct fer_registry_query *query, const char *mark, const char *column, const char *rest, struct fer_value value)
{
	fer_buf_fmt(&query->sql, " AND %s%s%s", mark, column, rest);
	fer_registry_query_bind(query, value);
}

static void add_state(struct fer_registry_query *query, enum fer_token_state state, int64_t now_s, const char *mark)
{
	if (states[state].revoked)
		fer_buf_fmt(&query->sql, " AND %s%s", mark, states[state].revoked);
	if (states[state].expires)
		add(query, mark, states[state].expires, "", fer_int(now_s));
}

void fer_registry_where(struct fer_registry_query *query, const struct fer_token_filter *filter, int64_t now_s, const char *mark)
{
	char *hash = fer_alloc(query->arena, FER_TOKEN_HASH_LEN);

	fer_buf_text(&query->sql, " WHERE 1 = 1");
	for (size_t i = 0; i < FER_ARRAY_LEN(numbers); i++) {
		int64_t n = *(const int64_t *)((const char *)filter + numbers[i].at);

		if (n)
			add(query, mark, numbers[i].column, numbers[i].rest, fer_int(n));
	}
	add_state(query, filter->state, now_s, mark);
	if (filter->method)
		add(query, mark, "method", " = ?", fer_text(fer_token_method_name((enum fer_token_method)(filter->method - 1))));
	if (filter->kid.len)
		add(query, mark, "kid", " = ?", fer_string(filter->kid));
	if (filter->accessor.len)
		add(query, "", "accessor", " = ?", fer_string(filter->accessor));
	if (filter->id)
		add(query, "", "hash", " = ?", fer_string(fer_token_hash(filter->id, hash)));
}

static int prepare(struct fer_db *db, struct fer_registry_query *query, struct fer_stmt **out)
{
	int r = query->sql.overflow ? -E2BIG : fer_stmt_text(db, fer_buf_view(&query->sql), out);

	for (size_t i = 0; !r && i < fer_count(&query->binds); i++)
		fer_bind_value(*out, (int)i + 1, fer_at(&query->binds, i));
	return r;
}

int fer_registry_open(struct fer_db *db, struct fer_registry_query *query, struct fer_stmt **out)
{
	return prepare(db, query, out);
}

int fer_registry_run(struct fer_db *db, struct fer_registry_query *query, int64_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = prepare(db, query, &stmt);

	return r ? r : fer_stmt_run(stmt, n);
}

static int read_int(struct fer_db *db, struct fer_registry_query *query, int64_t *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = 0;
	if ((r = prepare(db, query, &stmt)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*out = fer_col_int(stmt, 0);
	return 0;
}

/* -- rows to maps ------------------------------------------------------------------------------------------------- */

#define COLUMNS "SELECT accessor, user_type, user_id, CASE user_type WHEN 1 THEN (SELECT name FROM integration" \
	" WHERE integration_id = ferrite_token.user_id) WHEN 2 THEN (SELECT username FROM admin_user" \
	" WHERE user_id = ferrite_token.user_id) WHEN 3 THEN (SELECT email FROM customer_entity" \
	" WHERE entity_id = ferrite_token.user_id) END, method, kid, issued_at, expires_at, address, user_agent, last_used_at," \
	" last_address, revoked_at, revoked_by, revoked_why FROM ferrite_token"

enum { ACCESSOR, USER_TYPE, USER_ID, USER, METHOD, KID, ISSUED, EXPIRES, ADDRESS, AGENT, USED, USED_ADDRESS, REVOKED, BY, WHY };

/* A time as text; null for never. */
static struct fer_value time_of(struct fer_arena *arena, int64_t unix_s)
{
	return unix_s <= 0 || unix_s >= FER_NEVER_S ? fer_null() : fer_string(fer_time_text(arena, unix_s));
}

static struct fer_value text_of(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	return fer_col_null(stmt, i) || !fer_col_str(stmt, i).len ? fer_null() : fer_string(fer_col_dup(arena, stmt, i));
}

/* When it ends: by itself, or by the limit of its user. */
static int64_t end_of(struct fer_view *view, struct fer_stmt *stmt)
{
	int64_t life_s = fer_view_life(view, fer_col_int(stmt, USER_TYPE), fer_col_int(stmt, USER_ID));
	int64_t expires_s = fer_col_int(stmt, EXPIRES), issued_s = fer_col_int(stmt, ISSUED);

	return life_s && issued_s + life_s < expires_s ? issued_s + life_s : expires_s;
}

static struct fer_value row_value(struct fer_view *view, struct fer_arena *arena, struct fer_stmt *stmt, int64_t now_s)
{
	struct fer_value row = fer_map();
	int64_t ends_s = end_of(view, stmt), type = fer_col_int(stmt, USER_TYPE), id = fer_col_int(stmt, USER_ID);
	bool revoked = fer_col_int(stmt, REVOKED) || fer_view_revoked(view, type, id, fer_col_int(stmt, ISSUED));

	fer_set(arena, &row, "accessor", fer_string(fer_col_dup(arena, stmt, ACCESSOR)));
	fer_set(arena, &row, "user_type", fer_text(fer_user_type_name(type)));
	fer_set(arena, &row, "user_id", fer_int(id));
	fer_set(arena, &row, "user", text_of(arena, stmt, USER));
	fer_set(arena, &row, "method", text_of(arena, stmt, METHOD));
	fer_set(arena, &row, "kid", text_of(arena, stmt, KID));
	fer_set(arena, &row, "state", fer_text(revoked ? "revoked" : ends_s <= now_s ? "expired" : "live"));
	fer_set(arena, &row, "issued_at", time_of(arena, fer_col_int(stmt, ISSUED)));
	fer_set(arena, &row, "expires_at", time_of(arena, ends_s));
	fer_set(arena, &row, "address", text_of(arena, stmt, ADDRESS));
	fer_set(arena, &row, "user_agent", text_of(arena, stmt, AGENT));
	fer_set(arena, &row, "last_used_at", time_of(arena, fer_col_int(stmt, USED)));
	fer_set(arena, &row, "last_address", text_of(arena, stmt, USED_ADDRESS));
	fer_set(arena, &row, "revoked_at", time_of(arena, fer_col_int(stmt, REVOKED)));
	fer_set(arena, &row, "revoked_by", text_of(arena, stmt, BY));
	fer_set(arena, &row, "reason", text_of(arena, stmt, WHY));
	return row;
}

/* -- a page ------------------------------------------------------------------------------------------------------- */

static int count(struct fer_db *db, struct fer_arena *arena, const struct fer_token_filter *filter, int64_t now_s, int64_t *total)
{
	struct fer_registry_query query;

	fer_registry_query_init(&query, arena, "SELECT COUNT(*) FROM ferrite_token");
	fer_registry_where(&query, filter, now_s, "");
	return read_int(db, &query, total);
}

/*
 * Newest first, so that a page stays where it is while older rows go. Walking the table from its end costs about one row in
 * last_id / total until the page is full; an index costs every row of the filter and a sort.
 */
static const char *mark_for(int64_t last_id, int64_t total, int64_t end)
{
	return total && (double)end * (double)last_id < (double)total * (double)total ? "+" : "";
}

static int select_page(struct fer_db *db, struct fer_view *view, struct fer_arena *arena, const struct fer_token_filter *filter,
                       int64_t now_s, int64_t offset, int64_t size, const char *mark, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_registry_query query;
	int r;

	fer_registry_query_init(&query, arena, COLUMNS);
	fer_registry_where(&query, filter, now_s, mark);
	fer_buf_fmt(&query.sql, " ORDER BY token_id DESC LIMIT %lld OFFSET %lld", (long long)size, (long long)offset);
	if ((r = fer_registry_open(db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0)
		fer_push(arena, out, row_value(view, arena, stmt, now_s));
	return r;
}

static int list(struct fer_db *db, struct fer_view *view, struct fer_arena *arena, const struct fer_token_filter *filter,
                int64_t now_s, int64_t page, int64_t size, struct fer_value *out, int64_t *total)
{
	int64_t last_id = 0, offset;
	int r;

	if (__builtin_mul_overflow(page - 1, size, &offset))
		offset = INT64_MAX - size;
	if ((r = count(db, arena, filter, now_s, total)) || (r = fer_sql_int(db, FER_SQL_REGISTRY_LAST_ID, 0, &last_id, "")))
		return r;
	if (offset >= *total)
		return 0;
	return select_page(db, view, arena, filter, now_s, offset, size, mark_for(last_id, *total, offset + size), out);
}

int fer_registry_list(struct fer_auth *auth, struct fer_arena *arena, const struct fer_token_filter *filter, int64_t now_s,
                      int64_t page, int64_t size, struct fer_value *out, int64_t *total)
{
	FER_CLEANUP(fer_reading_end) struct fer_reading in = { 0 };
	int r;

	*out = fer_list();
	if ((r = fer_reading_begin(auth, &in)))
		return r;
	return list(in.db, in.view, arena, filter, now_s, page, size, out, total);
}

int fer_registry_find(struct fer_auth *auth, struct fer_db *db, struct fer_arena *arena, const struct fer_token_filter *filter,
                      int64_t now_s, struct fer_value *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct fer_value rows = fer_list();
	int r = select_page(db, view, arena, filter, now_s, 0, 1, "", &rows);

	*out = fer_count(&rows) ? *fer_at(&rows, 0) : fer_null();
	return r;
}
