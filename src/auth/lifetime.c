/*
 * A sorted list, since there are few: one look-up for the user and one for the role.
 */
#include "auth/lifetime.h"

#include <errno.h>
#include <stdlib.h>

#include "auth/audit.h"
#include "auth/auth.h"
#include "auth/registry.h"

struct lifetime {
	int64_t type, id, life_s;      /* type 0: a role */
};

struct fer_lifetimes {
	size_t n, size;
	struct lifetime *rows;
};

void fer_lifetimes_free(struct fer_lifetimes *lifetimes)
{
	if (!lifetimes)
		return;
	free(lifetimes->rows);
	free(lifetimes);
}

static int add(struct fer_lifetimes *lifetimes, struct lifetime row)
{
	if (lifetimes->n == lifetimes->size) {
		size_t size = lifetimes->size ? lifetimes->size * 2 : 16;
		struct lifetime *rows = reallocarray(lifetimes->rows, size, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		lifetimes->rows = rows;
		lifetimes->size = size;
	}
	lifetimes->rows[lifetimes->n++] = row;
	return 0;
}

/* In the order of the key, which is that of the search. */
static int read_all(struct fer_db *db, struct fer_lifetimes *lifetimes)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_LIFETIME_ALL, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		struct lifetime row = { fer_col_int(stmt, 0), fer_col_int(stmt, 1), fer_col_int(stmt, 2) * 60 };

		if ((r = add(lifetimes, row)))
			return r;
	}
	return r;
}

int fer_lifetimes_load(struct fer_db *db, struct fer_lifetimes **out)
{
	struct fer_lifetimes *lifetimes = calloc(1, sizeof(*lifetimes));
	int r = lifetimes ? read_all(db, lifetimes) : -ENOMEM;

	if (r)
		fer_lifetimes_free(lifetimes);
	else
		*out = lifetimes;
	return r;
}

static int64_t life_of(const struct fer_lifetimes *lifetimes, int64_t type, int64_t id)
{
	size_t low = 0, high = lifetimes->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct lifetime *row = &lifetimes->rows[middle];

		if (row->type == type && row->id == id)
			return row->life_s;
		if (row->type < type || (row->type == type && row->id < id))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

bool fer_lifetimes_any(const struct fer_lifetimes *lifetimes)
{
	return lifetimes->n > 0;
}

int64_t fer_lifetimes_longest(const struct fer_lifetimes *lifetimes, int64_t user_type, int64_t user_id, int64_t role_id)
{
	int64_t user_s = life_of(lifetimes, user_type, user_id);
	int64_t role_s = role_id ? life_of(lifetimes, FER_LIFETIME_OF_ROLE, role_id) : 0;

	if (!user_s || !role_s)
		return user_s + role_s;
	return user_s < role_s ? user_s : role_s;
}

/* -- changing them ------------------------------------------------------------------------------------------------ */

static int list(struct fer_db *db, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_LIFETIME_LIST, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		struct fer_value row = fer_map();
		int64_t type = fer_col_int(stmt, 0);

		fer_set(arena, &row, "of", fer_text(type == FER_LIFETIME_OF_ROLE ? "role" : fer_user_type_name(type)));
		fer_set(arena, &row, "id", fer_int(fer_col_int(stmt, 1)));
		fer_set(arena, &row, "name", fer_col_null(stmt, 3) ? fer_null() : fer_string(fer_col_dup(arena, stmt, 3)));
		fer_set(arena, &row, "minutes", fer_int(fer_col_int(stmt, 2)));
		fer_push(arena, out, row);
	}
	return r;
}

int fer_lifetime_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out)
{
	struct fer_db *db;
	int r;

	*out = fer_list();
	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = list(db, arena, out);
	fer_db_return(db);
	return r;
}

struct change {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	struct fer_str of;
	int64_t type, id, minutes;
};

static int write_change(struct fer_db *db, const struct change *c)
{
	int64_t n = 0;
	int r;

	if (c->minutes)
		return fer_sql_run(db, FER_SQL_LIFETIME_SET, NULL, "iii", c->type, c->id, c->minutes);
	r = fer_sql_run(db, FER_SQL_LIFETIME_DELETE, &n, "ii", c->type, c->id);
	return r ? r : n ? 0 : FER_E_NO_SUCH_ENTITY_PLAIN;
}

static int change(struct fer_db *db, void *data)
{
	const struct change *c = data;
	struct fer_value details = fer_map();
	const struct fer_audit_event event = {
		.name = FER_AUDIT_TOKEN_LIFETIME, .actor = c->actor, .details = &details,
		.target = fer_str_fmt(c->arena, "%.*s:%lld", FER_F(c->of), (long long)c->id),
	};
	int r = write_change(db, c);

	fer_set(c->arena, &details, "minutes", fer_int(c->minutes));
	return r ? r : fer_audit_in(fer_auth_audit(c->auth), db, &event);
}

int fer_lifetime_set(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, struct fer_str of, int64_t id,
                     int64_t minutes, struct fer_fault *fault)
{
	struct change c = { auth, actor, arena, of, fer_user_type(of), id, minutes };
	int r;

	if (!c.type && !fer_str_is(of, "role"))
		return fer_fault_add(arena, fault, FER_E_LIFETIME_OF, "1", fer_string(of), NULL);
	if (minutes < 0 || minutes > FER_LIFETIME_MAX_MINUTES || id < 1)
		return fer_fault_add(arena, fault, FER_E_LIFETIME_MINUTES, "1", fer_int(FER_LIFETIME_MAX_MINUTES), NULL);
	r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, change, &c);
	return r > 0 ? fer_fault_add(arena, fault, (enum fer_error)r, NULL) : r;
}
