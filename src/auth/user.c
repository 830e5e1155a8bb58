/*
 * Admin users. Passwords are judged and hashed before a transaction begins, so that no lock waits for Argon2.
 */
#include "auth/user.h"

#include <errno.h>

#include <sodium.h>

#include "auth/grant.h"
#include "auth/password.h"
#include "auth/password_policy.h"
#include "auth/role.h"
#include "auth/throttle.h"
#include "auth/token.h"
#include "core/clock.h"
#include "store/config.h"

#define RETAINED 4         /* passwords that are remembered however old they are */
#define HISTORY_MAX 64     /* and no more than so many are compared: each costs an Argon2 */

static int refuse(struct fer_arena *arena, struct fer_fault *fault, int error, struct fer_value who)
{
	return error < 0 ? error : fer_fault_add(arena, fault, (enum fer_error)error, "1", who, NULL);
}

/* -- create ----------------------------------------------------------------------------------------------------- */

/* A local part, one @, and a host with a dot, without blanks. */
bool fer_user_email_fits(struct fer_str email)
{
	ptrdiff_t at = fer_str_find(email, '@');
	struct fer_str host = at > 0 ? fer_str_skip(email, (size_t)at + 1) : FER_STR_NONE;
	ptrdiff_t dot = host.len ? fer_str_find(host, '.') : -1;

	for (size_t i = 0; i < email.len; i++)
		if ((unsigned char)email.at[i] <= ' ')
			return false;
	return dot > 0 && (size_t)dot + 1 < host.len && fer_str_find(host, '@') < 0 && fer_utf8_valid(email);
}

static const struct {
	size_t at;
	enum fer_error error;
} required[] = {
	{ offsetof(struct fer_user_new, username), FER_E_USER_NAME_REQUIRED },
	{ offsetof(struct fer_user_new, firstname), FER_E_USER_FIRSTNAME_REQUIRED },
	{ offsetof(struct fer_user_new, lastname), FER_E_USER_LASTNAME_REQUIRED },
};

static int judge(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, const struct fer_user_new *user, struct fer_fault *fault)
{
	int r = 0, p = 0;

	if (user->expires_s && user->expires_s <= now_s)
		r = fer_fault_add(arena, fault, FER_E_USER_EXPIRES_PAST, NULL);

	for (size_t i = 0; i < FER_ARRAY_LEN(required); i++) {
		const struct fer_str *s = (const void *)((const char *)user + required[i].at);

		if (!fer_str_trim(*s).len || !fer_utf8_valid(*s))
			r = fer_fault_add(arena, fault, required[i].error, NULL);
	}
	if (!fer_user_email_fits(user->email))
		r = fer_fault_add(arena, fault, FER_E_USER_EMAIL, NULL);
	if (!user->hash.len)
		p = fer_password_policy(auth, arena, user->password, fault);
	return p ? p : r;
}

struct creation {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	const struct fer_user_new *user;
	struct fer_arena *arena;
	struct fer_str hash, now;
	int64_t now_s, user_id;
	struct fer_grant grant;
};

static int note_create(struct fer_db *db, const struct creation *c)
{
	struct fer_value details = fer_map();

	fer_set(c->arena, &details, "username", fer_string(c->user->username));
	fer_set(c->arena, &details, "role_id", fer_int(c->user->role_id));
	fer_set(c->arena, &details, "active", fer_bool(!c->user->inactive));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_USER_CREATE, "user", c->user_id, &details);
}

static int create(struct fer_db *db, void *data)
{
	struct creation *c = data;
	const struct fer_user_new *u = c->user;
	int64_t found = 0;
	int r;

	if ((r = fer_sql_int(db, FER_SQL_USER_BY_NAME_OR_EMAIL, 0, &found, "ss", u->username, u->email)))
		return r;
	if (found)
		return FER_E_USER_EXISTS;
	if (u->role_id && (r = fer_grant_role_in(db, c->actor, u->role_id, &c->grant)))
		return r;
	if ((r = fer_sql_insert(db, FER_SQL_USER_INSERT, &c->user_id, "sssssssis", u->firstname, u->lastname, u->email, u->username,
	                        c->hash, c->now, c->now, (int64_t)!u->inactive, u->locale.len ? u->locale : FER_S("en_US"))) ||
	    (r = fer_sql_run(db, FER_SQL_PASSWORD_NOTE, NULL, "isi", c->user_id, c->hash, c->now_s)))
		return r;
	if (u->inactive && (r = fer_token_revoke_in(db, c->actor, FER_USER_ADMIN, c->user_id, c->now_s, "the user was made disabled")))
		return r;
	if (u->expires_s && (r = fer_sql_run(db, FER_SQL_ADMIN_EXPIRATION_SET, NULL, "is", c->user_id, fer_time_text(c->arena, u->expires_s))))
		return r;
	if (u->role_id && (r = fer_role_assign_in(db, c->arena, c->user_id, u->role_id)))
		return r;
	return note_create(db, c);
}

#define USER_CHANGES (1u << FER_CHANGE_ACL | 1u << FER_CHANGE_REVOKED)

int fer_user_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, const struct fer_user_new *user,
                    struct fer_fault *fault, int64_t *user_id)
{
	struct creation creation = { .auth = auth, .actor = actor, .user = user, .arena = arena, .now = fer_time_text(arena, now_s), .now_s = now_s };
	char hash[FER_PASSWORD_TEXT_MAX];
	int r;

	if ((r = judge(auth, arena, now_s, user, fault)))
		return r;
	if (user->hash.len)
		creation.hash = user->hash;
	else if ((r = fer_password_hash(user->password, hash)))
		return r;
	else
		creation.hash = fer_str(hash);
	if ((r = fer_tx_run(fer_auth_store(auth), USER_CHANGES, create, &creation)))
		return fer_grant_refuse(arena, fault, r, &creation.grant, fer_int(user->role_id));
	*user_id = creation.user_id;
	return 0;
}

/* -- find and list ---------------------------------------------------------------------------------------------- */

int fer_user_find(struct fer_auth *auth, struct fer_arena *arena, struct fer_str name, struct fer_fault *fault, int64_t *user_id)
{
	int r = fer_auth_find(auth, FER_SQL_USER_BY_NAME, name, user_id);

	return r || *user_id ? r : refuse(arena, fault, FER_E_USER_UNKNOWN, fer_string(name));
}

/* The columns of USER_LIST in their order. */
static const struct {
	const char *name;
	enum { NUMBER, TRUTH, TEXT } kind;
} list_rows[] = {
	{ "id", NUMBER }, { "username", TEXT }, { "email", TEXT }, { "firstname", TEXT }, { "lastname", TEXT },
	{ "is_active", TRUTH }, { "role", TEXT }, { "logdate", TEXT }, { "lognum", NUMBER }, { "locked_until", TEXT },
};

static struct fer_value list_value(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	if (fer_col_null(stmt, i))
		return fer_null();
	if (list_rows[i].kind == TEXT)
		return fer_string(fer_col_dup(arena, stmt, i));
	return list_rows[i].kind == NUMBER ? fer_int(fer_col_int(stmt, i)) : fer_bool(fer_col_int(stmt, i) == 1);
}

static int list(struct fer_db *db, struct fer_arena *arena, int64_t max_failures, struct fer_str now, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_USER_LIST, &stmt, "is", max_failures, now)))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		struct fer_value row = fer_map();

		for (int i = 0; i < (int)FER_ARRAY_LEN(list_rows); i++)
			fer_set(arena, &row, list_rows[i].name, list_value(arena, stmt, i));
		fer_push(arena, out, row);
	}
	return r;
}

int fer_user_list(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, struct fer_value *out)
{
	FER_CLEANUP(fer_reading_end) struct fer_reading in = { 0 };
	int r;

	*out = fer_list();
	if ((r = fer_reading_begin(auth, &in)))
		return r;
	return list(in.db, arena, fer_view_settings(in.view)->max_failures, fer_time_text(arena, now_s), out);
}

/* -- change ----------------------------------------------------------------------------------------------------- */

/* What every change of one user works with. */
struct change {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t user_id, now_s;
	struct fer_str now;
	struct fer_str name, old_hash, new_hash;   /* read first, or given */
	struct fer_grant grant;
};

static int change_read(struct fer_db *db, struct change *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	c->grant = (struct fer_grant){ 0 };
	if ((r = fer_grant_user_in(db, c->actor, c->user_id, &c->grant)) || (r = fer_sql_open(db, FER_SQL_USER_BY_ID, &stmt, "i", c->user_id)) ||
	    (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_USER_UNKNOWN;
	c->name = fer_col_dup(c->arena, stmt, 0);
	c->old_hash = fer_col_dup(c->arena, stmt, 1);
	return 0;
}

/* The row of a change that is done; @details beyond the name may be null. */
static int change_note(struct fer_db *db, const struct change *c, enum fer_audit_name name, struct fer_value details)
{
	if (fer_is_null(&details))
		details = fer_map();
	fer_set(c->arena, &details, "username", fer_string(c->name));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, name, "user", c->user_id, &details);
}

static int change_run(struct fer_auth *auth, unsigned changes, int (*fn)(struct fer_db *db, void *data), struct change *c,
                      struct fer_fault *fault)
{
	int r = fer_tx_run(fer_auth_store(auth), changes, fn, c);

	return r ? fer_grant_refuse(c->arena, fault, r, &c->grant, fer_int(c->user_id)) : 0;
}

static int unlock(struct fer_db *db, void *data)
{
	struct change *c = data;
	int r;

	if ((r = change_read(db, c)) || (r = fer_sql_run(db, FER_SQL_USER_UNLOCK, NULL, "i", c->user_id)) ||
	    (r = fer_throttle_clear_in(db, c->name, FER_THROTTLE_ADMIN)))
		return r;
	return change_note(db, c, FER_AUDIT_USER_UNLOCK, fer_null());
}

int fer_user_unlock(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t user_id, struct fer_fault *fault)
{
	struct change change = { .auth = auth, .actor = actor, .arena = arena, .user_id = user_id };

	return change_run(auth, FER_TX_QUIET, unlock, &change, fault);
}

static int delete(struct fer_db *db, void *data)
{
	struct change *c = data;
	int r;

	if ((r = change_read(db, c)) || (r = fer_sql_run(db, FER_SQL_RULE_DELETE_OF, NULL, "iz", c->user_id, "2")) ||
	    (r = fer_sql_run(db, FER_SQL_ROLE_DELETE_OF, NULL, "iz", c->user_id, "2")) ||
	    (r = fer_sql_run(db, FER_SQL_USER_DELETE, NULL, "i", c->user_id)) || (r = fer_grant_left_in(db, &c->grant)) ||
	    (r = fer_token_revoke_in(db, c->actor, FER_USER_ADMIN, c->user_id, c->now_s, "the user was deleted")))
		return r;
	return change_note(db, c, FER_AUDIT_USER_DELETE, fer_null());
}

int fer_user_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id, struct fer_fault *fault)
{
	struct change change = { .auth = auth, .actor = actor, .arena = arena, .user_id = user_id, .now_s = now_s };

	return change_run(auth, USER_CHANGES, delete, &change, fault);
}

/* -- passwords -------------------------------------------------------------------------------------------------- */

struct history {
	struct fer_str hashes[HISTORY_MAX];
	size_t n;
};

static int history_read(struct fer_db *db, struct fer_arena *arena, int64_t user_id, int64_t after_s, struct history *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_PASSWORD_HISTORY, &stmt, "i", user_id)))
		return r;
	for (size_t i = 0; (r = fer_stmt_step(stmt)) > 0 && out->n < HISTORY_MAX; i++)
		if (i < RETAINED || fer_col_int(stmt, 1) > after_s)
			out->hashes[out->n++] = fer_col_dup(arena, stmt, 0);
	return r < 0 ? r : 0;
}

static int64_t lifetime_s(struct fer_auth *auth)
{
	return 86400 * fer_config_int(fer_auth_store(auth), 0, "admin/security/password_lifetime", 90);
}

/* The present hash and those remembered; no connection is held while they are compared. */
static int reused(struct fer_auth *auth, struct change *c, struct fer_str password, struct fer_fault *fault)
{
	struct history history = { .n = 0 };
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	if (!(r = change_read(db, c)))
		r = history_read(db, c->arena, c->user_id, c->now_s - lifetime_s(auth), &history);
	fer_db_return(db);
	if (r)
		return fer_grant_refuse(c->arena, fault, r, &c->grant, fer_int(c->user_id));
	r = fer_password_verify(fer_auth_keys(auth), password, c->old_hash);
	for (size_t i = 0; i < history.n && !r; i++)
		if (!fer_str_eq(history.hashes[i], c->old_hash))
			r = fer_password_verify(fer_auth_keys(auth), password, history.hashes[i]);
	return r > 0 ? fer_fault_add(c->arena, fault, FER_E_PASSWORD_REUSED, NULL) : r;
}

/* The id from which on rows are kept whatever their age; 0: there are not that many. */
static int oldest_kept(struct fer_db *db, int64_t user_id, int64_t *id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r, n = 0;

	*id = 0;
	if ((r = fer_sql_open(db, FER_SQL_PASSWORD_HISTORY, &stmt, "i", user_id)))
		return r;
	while (n < RETAINED && (r = fer_stmt_step(stmt)) > 0)
		n++;
	if (n == RETAINED)
		*id = fer_col_int(stmt, 2);
	return r < 0 ? r : 0;
}

struct new_password {
	struct change change;
	int64_t forget_s;
	bool revoke;
};

static int set_password(struct fer_db *db, void *data)
{
	struct new_password *p = data;
	struct change *c = &p->change;
	int64_t kept;
	int r;

	if ((r = change_read(db, c)) || (r = fer_sql_run(db, FER_SQL_USER_PASSWORD, NULL, "ssi", c->new_hash, c->now, c->user_id)) ||
	    (r = oldest_kept(db, c->user_id, &kept)) ||
	    (r = fer_sql_run(db, FER_SQL_PASSWORD_FORGET, NULL, "iii", c->user_id, p->forget_s, kept)) ||
	    (r = fer_sql_run(db, FER_SQL_PASSWORD_NOTE, NULL, "isi", c->user_id, c->new_hash, c->now_s)))
		return r;
	if (p->revoke && (r = fer_token_revoke_in(db, c->actor, FER_USER_ADMIN, c->user_id, c->now_s, "the password was changed")))
		return r;
	return change_note(db, c, FER_AUDIT_USER_PASSWORD, fer_null());
}

int fer_user_password(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id, struct fer_str password,
                      struct fer_fault *fault)
{
	struct new_password p = { .change = { .auth = auth, .actor = actor, .arena = arena, .user_id = user_id, .now_s = now_s, .now = fer_time_text(arena, now_s) },
	                          .forget_s = now_s - lifetime_s(auth),
	                          .revoke = fer_config_bool(fer_auth_store(auth), 0, "ferrite/token/revoke_on_password_change", true) };
	char hash[FER_PASSWORD_TEXT_MAX];
	int r;

	if ((r = fer_password_policy(auth, arena, password, fault)) || (r = reused(auth, &p.change, password, fault)) ||
	    (r = fer_password_hash(password, hash)))
		return r;
	p.change.new_hash = fer_str(hash);
	if ((r = fer_tx_run(fer_auth_store(auth), p.revoke ? FER_TX_QUIET | 1u << FER_CHANGE_REVOKED : FER_TX_QUIET, set_password, &p)))
		return fer_grant_refuse(arena, fault, r, &p.change.grant, fer_int(user_id));
	return 0;
}

/* -- with the present one ----------------------------------------------------------------------------------------- */

struct present {
	struct change change;
	const struct fer_auth_settings *settings;
	bool locked;
};

static int read_present(struct fer_auth *auth, struct present *p)
{
	struct change *c = &p->change;
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	if (!(r = change_read(db, c)))
		r = fer_throttle_locked(db, p->settings, c->name, FER_THROTTLE_ADMIN, c->now_s, &p->locked);
	fer_db_return(db);
	return r;
}

static int note_wrong(struct fer_db *db, void *data)
{
	const struct present *p = data;
	const struct change *c = &p->change;
	const struct fer_audit_event event = {
		.name = FER_AUDIT_PASSWORD_CHECK, .outcome = FER_DENIED, .actor = c->actor,
		.target = fer_str_fmt(c->arena, "user:%lld", (long long)c->user_id), .reason = FER_S("wrong password"),
	};
	int r = fer_throttle_fail_in(db, p->settings, c->name, FER_THROTTLE_ADMIN, c->now_s);

	return r ? r : fer_audit_in(fer_auth_audit(c->auth), db, &event);
}

int fer_user_password_prove(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id,
                            struct fer_str password, struct fer_fault *fault)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct present p = { .change = { .auth = auth, .actor = actor, .arena = arena, .user_id = user_id, .now_s = now_s },
	                     .settings = fer_view_settings(view) };
	int r;

	if ((r = read_present(auth, &p)))
		return fer_grant_refuse(arena, fault, r, &p.change.grant, fer_int(user_id));
	if (p.locked)
		return (r = fer_password_burn(password)) ? r : fer_fault_add(arena, fault, FER_E_SIGN_IN, NULL);
	if ((r = fer_password_check(fer_auth_keys(auth), password, p.change.old_hash)))
		return r < 0 ? r : 0;
	r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_wrong, &p);
	return r ? r : fer_fault_add(arena, fault, FER_E_PASSWORD_WRONG, NULL);
}
