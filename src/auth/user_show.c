/*
 * One admin user as he stands, and what he may, resource by resource with the rule that decided.
 */
#include "auth/user.h"

#include <errno.h>

#include "core/clock.h"

/* The columns of USER_SHOW in their order. */
static const struct {
	const char *name;
	enum { NUMBER, TRUTH, TEXT } kind;
} columns[] = {
	{ "id", NUMBER }, { "username", TEXT }, { "email", TEXT }, { "firstname", TEXT }, { "lastname", TEXT }, { "is_active", TRUTH },
	{ "role_id", NUMBER }, { "role", TEXT }, { "interface_locale", TEXT }, { "created", TEXT }, { "modified", TEXT }, { "logdate", TEXT },
	{ "lognum", NUMBER }, { "expires_at", TEXT }, { "locked_until", TEXT }, { "ui_locked_until", TEXT },
};

static struct fer_value column(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	if (fer_col_null(stmt, i))
		return fer_null();
	if (columns[i].kind == TEXT)
		return fer_string(fer_col_dup(arena, stmt, i));
	return columns[i].kind == NUMBER ? fer_int(fer_col_int(stmt, i)) : fer_bool(fer_col_int(stmt, i) == 1);
}

static int show(struct fer_db *db, struct fer_arena *arena, int64_t max_failures, struct fer_str now, int64_t user_id,
                struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_USER_SHOW, &stmt, "issi", max_failures, now, now, user_id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_USER_UNKNOWN;
	*out = fer_map();
	for (int i = 0; i < (int)FER_ARRAY_LEN(columns); i++)
		fer_set(arena, out, columns[i].name, column(arena, stmt, i));
	return 0;
}

int fer_user_show(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, int64_t user_id, struct fer_fault *fault,
                  struct fer_value *out)
{
	FER_CLEANUP(fer_reading_end) struct fer_reading in = { 0 };
	int r;

	if ((r = fer_reading_begin(auth, &in)))
		return r;
	r = show(in.db, arena, fer_view_settings(in.view)->max_failures, fer_time_text(arena, now_s), user_id, out);
	return r > 0 ? fer_fault_add(arena, fault, (enum fer_error)r, "1", fer_int(user_id), NULL) : r;
}

/* -- rights ------------------------------------------------------------------------------------------------------- */

static struct fer_value words(struct fer_arena *arena, const struct fer_acl_word *word)
{
	static const char *const names[] = { "none", "own", "inherited", "all", "new" };
	struct fer_value out = fer_list();

	for (int i = 0; i < fer_acl_n_resources(); i++) {
		struct fer_value *row = fer_push(arena, &out, fer_map());

		fer_set(arena, row, "resource", fer_text(fer_acl_resource(i)->id));
		fer_set(arena, row, "allowed", fer_bool(word[i].allowed));
		fer_set(arena, row, "rule", fer_text(names[word[i].rule]));
		fer_set(arena, row, "from", fer_text(word[i].from < 0 ? NULL : fer_acl_resource(word[i].from)->id));
	}
	return out;
}

static int read_rights(struct fer_db *db, int64_t user_id, struct fer_acl_word *out, int64_t *role_id, bool *all)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_USER_BY_ID, &stmt, "i", user_id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_USER_UNKNOWN;
	r = fer_acl_explain(db, FER_USER_ADMIN, user_id, out, role_id);
	*all = out[0].allowed;
	return r;
}

int fer_user_rights(struct fer_auth *auth, struct fer_arena *arena, int64_t user_id, struct fer_fault *fault, struct fer_value *out)
{
	struct fer_acl_word *word = FER_NEW_ARRAY(arena, (size_t)fer_acl_n_resources(), struct fer_acl_word);
	int64_t role_id = 0;
	struct fer_db *db;
	bool all = false;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = read_rights(db, user_id, word, &role_id, &all);
	fer_db_return(db);
	if (r)
		return r > 0 ? fer_fault_add(arena, fault, (enum fer_error)r, "1", fer_int(user_id), NULL) : r;
	*out = fer_map();
	fer_set(arena, out, "user_id", fer_int(user_id));
	fer_set(arena, out, "all", fer_bool(all));
	fer_set(arena, out, "resources", words(arena, word));
	return 0;
}
