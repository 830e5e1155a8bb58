/*
 * Signing in as an admin for a token. The order of the checks decides which failures are counted, so it is kept to the
 * letter.
 */
#include "auth/admin.h"

#include <errno.h>

#include "auth/password.h"
#include "auth/throttle.h"
#include "auth/token.h"
#include "core/clock.h"

/* -- the audit log ---------------------------------------------------------------------------------------------- */

static struct fer_audit_event denial(const struct fer_admin_sign_in *attempt, const char *reason)
{
	return (struct fer_audit_event){ .name = FER_AUDIT_SIGN_IN, .outcome = FER_DENIED, .actor = attempt->actor,
	                                 .account_type = FER_USER_ADMIN, .account = attempt->username, .reason = fer_str(reason) };
}

/* A refusal that changes nothing else: its true reason goes into the log, the client is told @error. */
static int refuse(struct fer_auth *auth, struct fer_arena *arena, const struct fer_admin_sign_in *attempt, const char *reason,
                  struct fer_fault *fault, enum fer_error error)
{
	struct fer_audit_event event = denial(attempt, reason);
	int r = fer_audit_note(fer_auth_audit(auth), &event);

	return r ? r : fer_fault_add(arena, fault, error, NULL);
}

/* @token: what was issued; NULL: a second factor is asked for first. */
static int note_allowed(struct fer_auth *auth, struct fer_db *db, const struct fer_admin_sign_in *attempt,
                        const struct fer_token_id *token)
{
	struct fer_audit_event event = denial(attempt, token ? "" : "a second factor is asked for");
	struct fer_actor actor = *attempt->actor;

	actor.type = FER_ACTOR_ADMIN;
	actor.id = attempt->user_id;
	actor.token = token;
	event.actor = &actor;
	event.outcome = FER_ALLOWED;
	return fer_audit_in(fer_auth_audit(auth), db, &event);
}

/* -- expiry ----------------------------------------------------------------------------------------------------- */

struct expiry {
	struct fer_auth *auth;
	int64_t user_id, now_s;
	struct fer_str now;
};

static int deactivate(struct fer_db *db, const struct expiry *expiry)
{
	int r;

	if ((r = fer_sql_run(db, FER_SQL_ADMIN_EXPIRATION_DELETE, NULL, "i", expiry->user_id)) ||
	    (r = fer_sql_run(db, FER_SQL_ADMIN_ACTIVE, NULL, "isi", (int64_t)0, expiry->now, expiry->user_id)) ||
	    (r = fer_sql_run(db, FER_SQL_ADMIN_SESSIONS_END, NULL, "i", expiry->user_id)) ||
	    (r = fer_token_revoke_in(db, &fer_actor_system, FER_USER_ADMIN, expiry->user_id, expiry->now_s, "the account has expired")))
		return r;
	return fer_audit_change(fer_auth_audit(expiry->auth), db, &fer_actor_system, FER_AUDIT_USER_EXPIRED, "user", expiry->user_id, NULL);
}

static int deactivate_one(struct fer_db *db, void *data)
{
	return deactivate(db, data);
}

#define EXPIRY_CHANGES (1u << FER_CHANGE_ACL | 1u << FER_CHANGE_REVOKED)

/* The ids first: a statement that is being stepped must not see its table change. */
static int expired_ids(struct fer_db *db, struct fer_str now, int64_t *ids, size_t size, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_ADMIN_EXPIRED_ALL, &stmt, "s", now)))
		return r;
	for (*n = 0; *n < size && (r = fer_stmt_step(stmt)) > 0; ++*n)
		ids[*n] = fer_col_int(stmt, 0);
	return r < 0 ? r : 0;
}

static int deactivate_all(struct fer_db *db, void *data)
{
	struct expiry *expiry = data;
	int64_t ids[64];
	size_t n;
	int r;

	do {
		r = expired_ids(db, expiry->now, ids, FER_ARRAY_LEN(ids), &n);
		for (size_t i = 0; i < n && !r; i++) {
			expiry->user_id = ids[i];
			r = deactivate(db, expiry);
		}
	} while (!r && n == FER_ARRAY_LEN(ids));
	return r;
}

static int count_expired(struct fer_store *store, struct fer_str now, size_t *n)
{
	struct fer_db *db;
	int64_t id;
	int r;

	if ((r = fer_db_lend(store, &db)))
		return r;
	r = expired_ids(db, now, &id, 1, n);
	fer_db_return(db);
	return r;
}

int fer_admin_expire(struct fer_auth *auth, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);
	struct expiry expiry = { .auth = auth, .now_s = now_s, .now = fer_time_text(arena, now_s) };
	size_t n;
	int r;

	/* Looking first keeps the counters of the caches still when there is nothing to do. */
	if ((r = count_expired(fer_auth_store(auth), expiry.now, &n)) || !n)
		return r;
	return fer_tx_run(fer_auth_store(auth), EXPIRY_CHANGES, deactivate_all, &expiry);
}

/* -- before the password ---------------------------------------------------------------------------------------- */

static int look_up(struct fer_db *db, struct fer_arena *arena, const struct fer_auth_settings *settings,
                   struct fer_admin_sign_in *attempt)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_ADMIN_BY_NAME, &stmt, "s", attempt->username)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	attempt->user_id = fer_col_int(stmt, 0);
	attempt->hash = fer_col_dup(arena, stmt, 2);
	attempt->active = fer_col_int(stmt, 3) == 1;
	attempt->misspelt = settings->case_sensitive_login && !fer_str_eq(fer_col_str(stmt, 1), attempt->username);
	return 0;
}

static int has_role(struct fer_db *db, struct fer_admin_sign_in *attempt)
{
	int64_t n = 0;
	int r = fer_sql_int(db, FER_SQL_ADMIN_HAS_ROLE, 0, &n, "i", attempt->user_id);

	attempt->has_role = n > 0;
	return r;
}

/* What one connection can tell. @expired: the id of an active user whose time is over. */
static int gather(struct fer_db *db, struct fer_arena *arena, const struct fer_auth_settings *settings,
                  struct fer_admin_sign_in *attempt, bool *locked, int64_t *expired)
{
	int r;

	*expired = 0;
	if ((r = fer_throttle_locked(db, settings, attempt->username, FER_THROTTLE_ADMIN, attempt->now_s, locked)) || *locked)
		return r;
	if ((r = fer_sql_int(db, FER_SQL_ADMIN_EXPIRED, 0, expired, "ss", attempt->username, fer_time_text(arena, attempt->now_s))) ||
	    *expired)
		return r;
	if ((r = look_up(db, arena, settings, attempt)))
		return r;
	return attempt->user_id ? has_role(db, attempt) : 0;
}

static int expire_one(struct fer_auth *auth, struct fer_arena *arena, int64_t user_id, int64_t now_s)
{
	struct expiry expiry = { auth, user_id, now_s, fer_time_text(arena, now_s) };

	return fer_tx_run(fer_auth_store(auth), EXPIRY_CHANGES, deactivate_one, &expiry);
}

int fer_admin_begin(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_fault *fault)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct fer_db *db;
	int64_t expired = 0;
	bool locked;
	int r;

	if ((r = fer_auth_refresh(auth)) || (r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	view = fer_view_ref(auth);
	r = gather(db, arena, fer_view_settings(view), attempt, &locked, &expired);
	fer_db_return(db);
	/* A name that is locked, or whose time is over, takes as long as a wrong password. */
	if (!r && (locked || expired))
		r = fer_password_burn(attempt->password);
	if (r || (expired && (r = expire_one(auth, arena, expired, attempt->now_s))))
		return r;
	if (locked || expired)
		return refuse(auth, arena, attempt, locked ? "locked" : "expired", fault, FER_E_SIGN_IN);
	return 0;
}

/* -- the password, and after it --------------------------------------------------------------------------------- */

int fer_admin_check(struct fer_auth *auth, struct fer_admin_sign_in *attempt)
{
	int r;

	attempt->matches = false;
	if (!attempt->user_id)
		return fer_password_burn(attempt->password);
	if ((r = fer_password_check(fer_auth_keys(auth), attempt->password, attempt->hash)) < 0)
		return r;
	attempt->matches = r == 1 && !attempt->misspelt;
	return 0;
}

struct success {
	struct fer_auth *auth;
	struct fer_admin_sign_in *attempt;
	struct fer_issue issue;
	struct fer_str now;
	bool issues;                   /* a token; else a second factor follows */
};

static int note_token(struct fer_db *db, void *data)
{
	struct success *s = data;
	int r = fer_throttle_clear_in(db, s->attempt->username, FER_THROTTLE_ADMIN);

	return r ? r : fer_registry_add_in(db, &s->issue.row);
}

/* The user may have been deactivated or deleted while the password was worked on: the update says so. */
static int note_success(struct fer_db *db, void *data)
{
	struct success *s = data;
	int64_t n = 0;
	int r;

	if ((r = fer_sql_run(db, FER_SQL_ADMIN_SIGNED_IN, &n, "si", s->now, s->attempt->user_id)))
		return r;
	if (!n)
		return FER_E_SIGN_IN;
	if (s->issues && (r = note_token(db, s)))
		return r;
	if (!s->issues && !s->attempt->keeps_count && (r = fer_throttle_clear_in(db, s->attempt->username, FER_THROTTLE_ADMIN)))
		return r;
	return note_allowed(s->auth, db, s->attempt, s->issues ? &s->issue.row.id : NULL);
}

struct failure {
	struct fer_auth *auth;
	const struct fer_auth_settings *settings;
	const struct fer_admin_sign_in *attempt;
};

static int note_failure(struct fer_db *db, void *data)
{
	const struct failure *f = data;
	const struct fer_admin_sign_in *attempt = f->attempt;
	struct fer_audit_event event = denial(attempt, !attempt->user_id ? "unknown user" : attempt->misspelt ? "name in another case"
	                                                                                                      : "wrong password");
	int r = fer_throttle_fail_in(db, f->settings, attempt->username, FER_THROTTLE_ADMIN, attempt->now_s);

	return r ? r : fer_audit_in(fer_auth_audit(f->auth), db, &event);
}

static int count_failure(struct fer_auth *auth, struct fer_arena *arena, const struct fer_admin_sign_in *attempt,
                         struct fer_fault *fault)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct failure failure = { auth, fer_view_settings(view), attempt };
	int r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_failure, &failure);

	return r ? r : fer_fault_add(arena, fault, FER_E_SIGN_IN, NULL);
}

static struct success success_of(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, bool issues)
{
	return (struct success){
		.auth = auth, .attempt = attempt, .now = fer_time_text(arena, attempt->now_s), .issues = issues,
		.issue = { .type = FER_USER_ADMIN, .user_id = attempt->user_id, .now_s = attempt->now_s, .method = attempt->method,
		           .actor = attempt->actor },
	};
}

int fer_admin_finish(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt,
                     struct fer_fault *fault, struct fer_str *token)
{
	struct success success = success_of(auth, arena, attempt, token != NULL);
	int r;

	if (!attempt->matches)
		return count_failure(auth, arena, attempt, fault);
	if (!attempt->active)
		return refuse(auth, arena, attempt, "inactive", fault, FER_E_SIGN_IN);
	if (!attempt->has_role)
		return refuse(auth, arena, attempt, "no role", fault, FER_E_NO_ROLE);
	if (token && (r = fer_token_issue(auth, arena, &success.issue)))
		return r;
	if ((r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_success, &success)))
		return r > 0 ? refuse(auth, arena, attempt, "inactive", fault, (enum fer_error)r) : r;
	if (token)
		*token = success.issue.token;
	return 0;
}

static int sign_in(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_fault *fault,
                   struct fer_str *token)
{
	int r;

	if ((r = fer_admin_begin(auth, arena, attempt, fault)) || (r = fer_admin_check(auth, attempt)))
		return r;
	return fer_admin_finish(auth, arena, attempt, fault, token);
}

int fer_admin_sign_in(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt,
                      struct fer_fault *fault, struct fer_str *token)
{
	return sign_in(auth, arena, attempt, fault, token);
}

int fer_admin_prove(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_fault *fault)
{
	return sign_in(auth, arena, attempt, fault, NULL);
}

int fer_admin_issue(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_str *token)
{
	struct success success = success_of(auth, arena, attempt, true);
	int r;

	if ((r = fer_token_issue(auth, arena, &success.issue)) ||
	    (r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_token, &success)))
		return r;
	*token = success.issue.token;
	return 0;
}
