/*
 * Changing an admin user: any of the fields, the role, whether he is active and until when, in one transaction with a row of the audit
 * log for each kind of change.
 */
#include "auth/user.h"

#include <errno.h>

#include "auth/grant.h"
#include "auth/registry.h"
#include "auth/role.h"
#include "auth/token.h"
#include "core/clock.h"

struct work {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t now_s, user_id;
	struct fer_str now;
	const struct fer_user_change *change;
	struct fer_user_change old;        /* as it stands */
	struct fer_grant grant;
};

static const struct {
	const char *name;
	size_t at;
	enum fer_error empty;
} texts[] = {
	{ "username", offsetof(struct fer_user_change, username), FER_E_USER_NAME_REQUIRED },
	{ "email", offsetof(struct fer_user_change, email), FER_E_USER_EMAIL },
	{ "firstname", offsetof(struct fer_user_change, firstname), FER_E_USER_FIRSTNAME_REQUIRED },
	{ "lastname", offsetof(struct fer_user_change, lastname), FER_E_USER_LASTNAME_REQUIRED },
};

static struct fer_str *text_at(struct fer_user_change *change, size_t i)
{
	return (struct fer_str *)(void *)((char *)change + texts[i].at);
}

static struct fer_str given(const struct fer_user_change *change, size_t i)
{
	return *(const struct fer_str *)(const void *)((const char *)change + texts[i].at);
}

static int judge(struct fer_arena *arena, int64_t now_s, const struct fer_user_change *change, struct fer_fault *fault)
{
	int r = 0;

	if (change->expires_s && change->expires_s <= now_s)
		r = fer_fault_add(arena, fault, FER_E_USER_EXPIRES_PAST, NULL);

	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++)
		if (given(change, i).at && (!fer_str_trim(given(change, i)).len || !fer_utf8_valid(given(change, i))))
			r = fer_fault_add(arena, fault, texts[i].empty, NULL);
	if (change->email.at && change->email.len && !fer_user_email_fits(change->email) && r != FER_E_USER_EMAIL)
		r = fer_fault_add(arena, fault, FER_E_USER_EMAIL, NULL);
	return r;
}

/* Locks the row. */
static int read_old(struct fer_db *db, struct work *w)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_USER_FIELDS, &stmt, "i", w->user_id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_USER_UNKNOWN;
	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++)
		*text_at(&w->old, i) = fer_col_dup(w->arena, stmt, (int)i);
	w->old.active = fer_col_int(stmt, 4) == 1;
	return 0;
}

static int note(struct fer_db *db, const struct work *w, enum fer_audit_name name, struct fer_value details)
{
	fer_set(w->arena, &details, "username", fer_string(w->old.username));
	return fer_audit_change(fer_auth_audit(w->auth), db, w->actor, name, "user", w->user_id, &details);
}

static struct fer_value one(const struct work *w, const char *name, struct fer_value value)
{
	struct fer_value details = fer_map();

	fer_set(w->arena, &details, name, value);
	return details;
}

/* -- the parts ---------------------------------------------------------------------------------------------------- */

static int set_texts(struct fer_db *db, struct work *w)
{
	struct fer_value changed = fer_list();
	struct fer_user_change next = w->old;
	int64_t other = 0;
	int r;

	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++) {
		if (!given(w->change, i).at || fer_str_eq(given(w->change, i), given(&w->old, i)))
			continue;
		*text_at(&next, i) = given(w->change, i);
		fer_push(w->arena, &changed, fer_text(texts[i].name));
	}
	if (!fer_count(&changed))
		return 0;
	if ((r = fer_sql_int(db, FER_SQL_USER_TAKEN, 0, &other, "ssi", next.username, next.email, w->user_id)))
		return r;
	if (other)
		return FER_E_USER_EXISTS;
	r = fer_sql_run(db, FER_SQL_USER_UPDATE, NULL, "sssssi", next.username, next.email, next.firstname, next.lastname, w->now, w->user_id);
	return r ? r : note(db, w, FER_AUDIT_USER_CHANGE, one(w, "fields", changed));
}

static int set_role(struct fer_db *db, struct work *w)
{
	int r;

	if (!w->change->sets_role)
		return 0;
	if (w->change->role_id && (r = fer_grant_role_in(db, w->actor, w->change->role_id, &w->grant)))
		return r;
	if ((r = fer_role_assign_in(db, w->arena, w->user_id, w->change->role_id)))
		return r;
	return note(db, w, FER_AUDIT_USER_ROLE, one(w, "role_id", fer_int(w->change->role_id)));
}

/* As Magento: every save of an inactive user takes his tokens back. */
static int set_active(struct fer_db *db, struct work *w)
{
	bool active = w->change->active;
	int r;

	if (!w->change->sets_active)
		return 0;
	if ((r = fer_sql_run(db, FER_SQL_ADMIN_ACTIVE, NULL, "isi", (int64_t)active, w->now, w->user_id)))
		return r;
	if (!active && ((r = fer_sql_run(db, FER_SQL_ADMIN_SESSIONS_END, NULL, "i", w->user_id)) ||
	                (r = fer_token_revoke_in(db, w->actor, FER_USER_ADMIN, w->user_id, w->now_s, "the user was disabled"))))
		return r;
	return note(db, w, active ? FER_AUDIT_USER_ENABLE : FER_AUDIT_USER_DISABLE, fer_map());
}

static int set_expiry(struct fer_db *db, struct work *w)
{
	struct fer_str until = w->change->expires_s ? fer_time_text(w->arena, w->change->expires_s) : FER_STR_NONE;
	int r;

	if (!w->change->sets_expiry)
		return 0;
	if (until.at)
		r = fer_sql_run(db, FER_SQL_ADMIN_EXPIRATION_SET, NULL, "is", w->user_id, until);
	else
		r = fer_sql_run(db, FER_SQL_ADMIN_EXPIRATION_DELETE, NULL, "i", w->user_id);
	return r ? r : note(db, w, FER_AUDIT_USER_EXPIRES, one(w, "expires", until.at ? fer_string(until) : fer_null()));
}

static int change_all(struct fer_db *db, void *data)
{
	struct work *w = data;
	int r;

	w->grant = (struct fer_grant){ 0 };
	if ((r = fer_grant_user_in(db, w->actor, w->user_id, &w->grant)) || (r = read_old(db, w)))
		return r;
	w->grant.had_all &= w->old.active;
	if ((r = set_texts(db, w)) || (r = set_role(db, w)) || (r = set_active(db, w)) || (r = set_expiry(db, w)))
		return r;
	return fer_grant_left_in(db, &w->grant);
}

int fer_user_change(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id,
                    const struct fer_user_change *change, struct fer_fault *fault)
{
	struct work work = { .auth = auth, .actor = actor, .arena = arena, .now_s = now_s, .user_id = user_id,
	                     .now = fer_time_text(arena, now_s), .change = change };
	int r = judge(arena, now_s, change, fault);

	if (r || !(r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL | FER_REVOKE_CHANGES, change_all, &work)))
		return r;
	return fer_grant_refuse(arena, fault, r, &work.grant, fer_int(r == FER_E_ROLE_UNKNOWN ? change->role_id : user_id));
}

int fer_user_enable(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id,
                    bool active, struct fer_fault *fault)
{
	const struct fer_user_change change = { .sets_active = true, .active = active };

	return fer_user_change(auth, actor, arena, now_s, user_id, &change, fault);
}

int fer_user_expires(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t user_id, int64_t unix_s,
                     struct fer_fault *fault)
{
	const struct fer_user_change change = { .sets_expiry = true, .expires_s = unix_s };

	return fer_user_change(auth, actor, arena, 0, user_id, &change, fault);
}
