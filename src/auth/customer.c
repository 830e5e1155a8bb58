/*
 * Signing in as a customer. Two locks work here: the throttle on the submitted name, shared with admins, and the counter of
 * customer_entity, which every password check moves.
 */
#include "auth/customer.h"

#include "auth/password.h"
#include "auth/throttle.h"
#include "auth/token.h"
#include "core/clock.h"
#include "store/config.h"

/* -- scope ------------------------------------------------------------------------------------------------------ */

static int read_scope(struct fer_db *db, int64_t customer_id, struct fer_customer_scope *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_CUSTOMER_SCOPE, &stmt, "i", customer_id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*out = (struct fer_customer_scope){ fer_col_int(stmt, 0), fer_col_int(stmt, 1), fer_col_int(stmt, 2) };
	return 1;
}

int fer_customer_scope_read(struct fer_store *store, int64_t customer_id, struct fer_customer_scope *out)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(store, &db)))
		return r;
	r = read_scope(db, customer_id, out);
	fer_db_return(db);
	return r;
}

bool fer_customer_shared(struct fer_store *store)
{
	return fer_config_int(store, 0, "customer/account_share/scope", 1) == 0;
}

bool fer_customer_may_use(struct fer_store *store, const struct fer_customer_scope *scope, int store_id)
{
	if (!store_id)
		return false;
	return fer_customer_shared(store) || fer_config_website_of(store, store_id) == scope->website_id;
}

int fer_customer_website(struct fer_store *store, int store_id)
{
	return fer_config_website_of(store, store_id ? store_id : fer_config_default_store(store));
}

int fer_customer_store_of(struct fer_store *store, int website_id)
{
	struct fer_website website;
	struct fer_store_group group;

	if (!fer_config_website_by_id(store, website_id, &website) ||
	    !fer_config_group_by_id(store, website.default_group_id, &group))
		return 0;
	return group.default_store_id;
}

bool fer_customer_must_confirm(struct fer_store *store, int website_id)
{
	return fer_config_bool(store, fer_customer_store_of(store, website_id), "customer/create_account/confirm", false);
}

bool fer_customer_must_confirm_change(struct fer_store *store, int website_id)
{
	return fer_config_bool(store, fer_customer_store_of(store, website_id), "customer/account_information/confirm", false);
}

/* -- the password and its lock ------------------------------------------------------------------------------------ */

struct account {
	struct fer_arena *arena;
	int64_t id, now_s;
	int website_id;
	struct fer_str hash;
	int64_t failures;
	bool locked, lock_expired, has_first_failure, unconfirmed, misses;
	int64_t max_failures, threshold_s;
};

static void read_lock(struct account *a, struct fer_stmt *stmt)
{
	int64_t until;

	a->failures = fer_col_int(stmt, 2);
	a->has_first_failure = !fer_col_null(stmt, 3);
	if (fer_col_null(stmt, 4) || !fer_time_parse(fer_col_str(stmt, 4), &until))
		return;
	a->locked = until > a->now_s;
	a->lock_expired = until < a->now_s;
}

static void read_account(struct account *a, struct fer_stmt *stmt)
{
	a->id = fer_col_int(stmt, 0);
	a->hash = fer_col_dup(a->arena, stmt, 1);
	read_lock(a, stmt);
	a->unconfirmed = fer_col_str(stmt, 5).len > 0;
	a->website_id = (int)fer_col_int(stmt, 6);
}

/* Once more inside the transaction: another attempt may have counted meanwhile. */
static int count_failure(struct fer_db *db, void *data)
{
	struct account *a = data;
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str now = fer_time_text(a->arena, a->now_s);
	int r;

	if ((r = fer_sql_open(db, FER_SQL_CUSTOMER_LOCK_STATE, &stmt, "i", a->id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	a->locked = a->lock_expired = false;
	read_lock(a, stmt);
	fer_stmt_release(&stmt);
	if (a->failures == 0 || !a->has_first_failure || a->lock_expired) {
		a->locked = false;
		return fer_sql_run(db, FER_SQL_CUSTOMER_FAILED_FIRST, NULL, "si", now, a->id);
	}
	if (a->failures + 1 < a->max_failures)
		return fer_sql_run(db, FER_SQL_CUSTOMER_FAILED, NULL, "i", a->id);
	a->locked = true;
	return fer_sql_run(db, FER_SQL_CUSTOMER_FAILED_LOCK, NULL, "si", fer_time_text(a->arena, a->now_s + a->threshold_s), a->id);
}

/* Source: Magento_Customer Authentication::processAuthenticationFailure, 2.4.7: either setting at 0 turns the lock off. */
static int password_failed(struct fer_store *store, struct account *a)
{
	a->max_failures = fer_config_int(store, 0, "customer/password/lockout_failures", 10);
	a->threshold_s = fer_config_int(store, 0, "customer/password/lockout_threshold", 10) * 60;
	if (!a->max_failures || !a->threshold_s)
		return 0;
	return fer_tx_run(store, FER_TX_QUIET, count_failure, a);
}

static int verify(struct fer_auth *auth, struct account *a, struct fer_str password)
{
	int r = fer_password_check(fer_auth_keys(auth), password, a->hash);

	if (r < 0)
		return r;
	a->misses = r == 0;
	return a->misses ? password_failed(fer_auth_store(auth), a) : 0;
}

static int account_by_id(struct fer_db *db, struct account *a, int64_t customer_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_CUSTOMER_ACCOUNT, &stmt, "i", customer_id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	read_account(a, stmt);
	return 0;
}

static int note_mismatch(struct fer_auth *auth, const struct fer_actor *actor, int64_t customer_id, const struct account *a)
{
	char target[48];

	snprintf(target, sizeof(target), "customer:%lld", (long long)customer_id);
	return fer_audit_note(fer_auth_audit(auth), &(struct fer_audit_event){
		.name = FER_AUDIT_PASSWORD_CHECK, .outcome = FER_DENIED, .actor = actor, .target = fer_str(target),
		.reason = fer_str(!a->id ? "unknown customer" : a->locked ? "locked" : "wrong password") });
}

int fer_customer_password_check(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t customer_id,
                                struct fer_str password, int64_t now_s, struct fer_fault *fault)
{
	struct account a = { .arena = arena, .now_s = now_s };
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = account_by_id(db, &a, customer_id);
	fer_db_return(db);
	if (r || (r = a.id ? verify(auth, &a, password) : fer_password_burn(password)) < 0)
		return r;
	if (a.id && !a.misses)
		return 0;
	if ((r = note_mismatch(auth, actor, customer_id, &a)))
		return r;
	return fer_fault_add(arena, fault, a.locked ? FER_E_CUSTOMER_LOCKED : FER_E_CUSTOMER_PASSWORD_WRONG, NULL);
}

/* -- signing in -------------------------------------------------------------------------------------------------- */

static int account_by_email(struct fer_db *db, struct account *a, const struct fer_customer_sign_in *attempt)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_store *store = fer_db_store(db);
	int64_t website_id = fer_customer_website(store, attempt->store_id);
	int r;

	if ((r = fer_sql_open(db, FER_SQL_CUSTOMER_ACCOUNT_OF, &stmt, "sii", attempt->email, (int64_t)fer_customer_shared(store), website_id)) ||
	    (r = fer_stmt_step(stmt)) <= 0)
		return r;
	read_account(a, stmt);
	return 0;
}

static int gather(struct fer_auth *auth, struct account *a, const struct fer_customer_sign_in *attempt, bool *throttled)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = fer_throttle_locked(db, fer_view_settings(view), attempt->email, FER_THROTTLE_CUSTOMER, attempt->now_s, throttled);
	if (!r && !*throttled)
		r = account_by_email(db, a, attempt);
	fer_db_return(db);
	return r;
}

static struct fer_audit_event decision(const struct fer_customer_sign_in *attempt, const char *reason)
{
	return (struct fer_audit_event){ .name = FER_AUDIT_SIGN_IN, .outcome = reason ? FER_DENIED : FER_ALLOWED, .actor = attempt->actor,
	                                 .account_type = FER_USER_CUSTOMER, .account = attempt->email, .reason = fer_str(reason) };
}

struct failure {
	struct fer_auth *auth;
	const struct fer_auth_settings *settings;
	const struct fer_customer_sign_in *attempt;
	const char *reason;
};

static int note_failure(struct fer_db *db, void *data)
{
	const struct failure *f = data;
	struct fer_audit_event event = decision(f->attempt, f->reason);
	int r = fer_throttle_fail_in(db, f->settings, f->attempt->email, FER_THROTTLE_CUSTOMER, f->attempt->now_s);

	return r ? r : fer_audit_in(fer_auth_audit(f->auth), db, &event);
}

static int refuse(struct fer_auth *auth, struct fer_arena *arena, const struct fer_customer_sign_in *attempt, const char *reason,
                  struct fer_fault *fault)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct failure failure = { auth, fer_view_settings(view), attempt, reason };
	int r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_failure, &failure);

	return r ? r : fer_fault_add(arena, fault, FER_E_SIGN_IN, NULL);
}

/* Nothing is counted: the name is locked already. */
static int refuse_throttled(struct fer_auth *auth, struct fer_arena *arena, const struct fer_customer_sign_in *attempt,
                            struct fer_fault *fault)
{
	struct fer_audit_event event = decision(attempt, "locked");
	int r = fer_audit_note(fer_auth_audit(auth), &event);

	return r ? r : fer_fault_add(arena, fault, FER_E_SIGN_IN, NULL);
}

struct success {
	struct fer_auth *auth;
	const struct fer_customer_sign_in *attempt;
	struct fer_str now;
	struct fer_issue issue;
};

static int note_success(struct fer_db *db, void *data)
{
	const struct success *s = data;
	struct fer_audit_event event = decision(s->attempt, NULL);
	struct fer_actor actor = *s->attempt->actor;
	int r;

	actor.type = FER_ACTOR_CUSTOMER;
	actor.id = s->attempt->customer_id;
	actor.token = &s->issue.row.id;
	event.actor = &actor;
	if ((r = fer_sql_run(db, FER_SQL_CUSTOMER_LOGIN, NULL, "is", s->attempt->customer_id, s->now)) ||
	    (r = fer_throttle_clear_in(db, s->attempt->email, FER_THROTTLE_CUSTOMER)) || (r = fer_registry_add_in(db, &s->issue.row)))
		return r;
	return fer_audit_in(fer_auth_audit(s->auth), db, &event);
}

/* Note the success and issue, in one transaction. */
static int issue(struct fer_auth *auth, struct fer_arena *arena, const struct fer_customer_sign_in *attempt, struct fer_str *token)
{
	struct success success = {
		.auth = auth, .attempt = attempt, .now = fer_time_text(arena, attempt->now_s),
		.issue = { .type = FER_USER_CUSTOMER, .user_id = attempt->customer_id, .now_s = attempt->now_s, .method = FER_METHOD_CUSTOMER,
		           .actor = attempt->actor },
	};
	int r;

	if ((r = fer_token_issue(auth, arena, &success.issue)) ||
	    (r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_success, &success)))
		return r;
	*token = success.issue.token;
	return 0;
}

/* *reason NULL: accepted. A locked account is not asked for its password, yet takes as long as one that is. */
static int check(struct fer_auth *auth, struct account *a, struct fer_str password, const char **reason)
{
	struct fer_store *store = fer_auth_store(auth);
	bool waits = a->unconfirmed && (fer_customer_must_confirm(store, a->website_id) || fer_customer_must_confirm_change(store, a->website_id));
	int r;

	*reason = a->id ? "locked" : "unknown customer";
	if (!a->id || a->locked)
		return fer_password_burn(password);
	if ((r = verify(auth, a, password)))
		return r;
	*reason = a->misses ? "wrong password" : waits ? "not confirmed" : NULL;
	return 0;
}

int fer_customer_sign_in(struct fer_auth *auth, struct fer_arena *arena, struct fer_customer_sign_in *attempt,
                         struct fer_fault *fault, struct fer_str *token)
{
	struct account a = { .arena = arena, .now_s = attempt->now_s };
	bool throttled = false;
	const char *reason;
	int r;

	if ((r = fer_auth_refresh(auth)) || (r = gather(auth, &a, attempt, &throttled)))
		return r;
	if (throttled && (r = fer_password_burn(attempt->password)))
		return r;
	if (throttled)
		return refuse_throttled(auth, arena, attempt, fault);
	if ((r = check(auth, &a, attempt->password, &reason)) < 0)
		return r;
	if (reason)
		return refuse(auth, arena, attempt, reason, fault);
	attempt->customer_id = a.id;
	return issue(auth, arena, attempt, token);
}
