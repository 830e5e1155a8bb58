/*
 * Service tokens as maps.
 */
#include "auth/service_store.h"

#include <errno.h>

#include "core/clock.h"

static struct fer_value list_of(struct fer_arena *arena, struct fer_str text)
{
	struct fer_value out = fer_list();
	struct fer_str word;

	text = fer_str_dup(arena, text);
	while (text.len && fer_str_cut(&text, ',', &word))
		fer_push(arena, &out, fer_string(word));
	return out;
}

static struct fer_value time_of(struct fer_arena *arena, int64_t unix_s)
{
	return unix_s ? fer_string(fer_time_text(arena, unix_s)) : fer_null();
}

static const char *state_of(int64_t expires_s, int64_t revoked_s, int64_t now_s)
{
	return revoked_s ? "revoked" : expires_s <= now_s ? "expired" : "live";
}

static struct fer_value text_of(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	return fer_col_null(stmt, i) ? fer_null() : fer_string(fer_col_dup(arena, stmt, i));
}

/* The columns of SERVICE_LIST and SERVICE_SHOW in their order. */
enum { ACCESSOR, NAME, USER_TYPE, USER_ID, USER, RESOURCES, ADDRESSES, UNUSED_DAYS, ISSUED, BY_TYPE, BY, EXPIRES, USED, FROM, REVOKED, REPLACED };

static void row_map(struct fer_arena *arena, struct fer_stmt *stmt, int64_t now_s, struct fer_value *out)
{
	const struct { const char *name; struct fer_value value; } members[] = {
		{ "accessor", text_of(arena, stmt, ACCESSOR) },
		{ "name", text_of(arena, stmt, NAME) },
		{ "user_type", fer_text(fer_user_type_name(fer_col_int(stmt, USER_TYPE))) },
		{ "user_id", fer_int(fer_col_int(stmt, USER_ID)) },
		{ "user", text_of(arena, stmt, USER) },
		{ "resources", list_of(arena, fer_col_str(stmt, RESOURCES)) },
		{ "addresses", list_of(arena, fer_col_str(stmt, ADDRESSES)) },
		{ "unused_days", fer_int(fer_col_int(stmt, UNUSED_DAYS)) },
		{ "issued_at", time_of(arena, fer_col_int(stmt, ISSUED)) },
		{ "issued_by_type", fer_col_int(stmt, BY_TYPE) ? fer_text(fer_user_type_name(fer_col_int(stmt, BY_TYPE))) : fer_null() },
		{ "issued_by", fer_col_int(stmt, BY) ? fer_int(fer_col_int(stmt, BY)) : fer_null() },
		{ "expires_at", time_of(arena, fer_col_int(stmt, EXPIRES)) },
		{ "last_used_at", time_of(arena, fer_col_int(stmt, USED)) },
		{ "last_address", text_of(arena, stmt, FROM) },
		{ "state", fer_text(state_of(fer_col_int(stmt, EXPIRES), fer_col_int(stmt, REVOKED), now_s)) },
		{ "replaced_by", text_of(arena, stmt, REPLACED) },
	};

	*out = fer_map();
	for (size_t i = 0; i < FER_ARRAY_LEN(members); i++)
		fer_append(arena, out, fer_str(members[i].name), members[i].value);
}

static int list(struct fer_db *db, const struct fer_service_maker *maker, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value row;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_SERVICE_LIST, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		row_map(maker->arena, stmt, maker->now_s, &row);
		fer_push(maker->arena, out, row);
		if (fer_arena_broken(maker->arena))
			return -ENOMEM;
	}
	return r;
}

int fer_service_list(const struct fer_service_maker *maker, struct fer_value *out)
{
	struct fer_db *db;
	int r;

	*out = fer_list();
	if ((r = fer_db_lend(fer_auth_store(maker->auth), &db)))
		return r;
	r = list(db, maker, out);
	fer_db_return(db);
	return r;
}

static int show(struct fer_db *db, const struct fer_service_maker *maker, struct fer_str accessor, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_SERVICE_SHOW, &stmt, "s", accessor)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return fer_fault_add(maker->arena, maker->fault, FER_E_SERVICE_UNKNOWN, "1", fer_string(accessor), NULL);
	row_map(maker->arena, stmt, maker->now_s, out);
	return 0;
}

int fer_service_show(const struct fer_service_maker *maker, struct fer_str accessor, struct fer_value *out)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(maker->auth), &db)))
		return r;
	r = show(db, maker, accessor, out);
	fer_db_return(db);
	return r;
}
