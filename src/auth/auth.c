/*
 * The view: settings, roles and revocations as one immutable object, replaced whole. Readers count themselves in
 * without a lock; the one who replaces waits for the few nanoseconds in which a reader may stand between seeing the old
 * view and counting itself in.
 */
#include "auth/auth.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "auth/accessor.h"
#include "auth/key_store.h"
#include "auth/lifetime.h"
#include "auth/owner.h"
#include "auth/registry_impl.h"
#include "auth/revoked.h"
#include "core/clock.h"
#include "core/log.h"
#include "store/config.h"

/* What a view is loaded from. */
static const enum fer_change kinds[] = { FER_CHANGE_CONFIG, FER_CHANGE_ACL, FER_CHANGE_REVOKED, FER_CHANGE_TOKENS, FER_CHANGE_KEYS };
#define N_KINDS FER_ARRAY_LEN(kinds)
enum { CONFIG, ACL, REVOKED, TOKENS, KEYS };

struct held_acl {
	atomic_uint refs;
	struct fer_acl *acl;
	struct fer_owners *owners;
	struct fer_lifetimes *lifetimes;
};

struct revoked_row {
	int64_t user_type, user_id, before;   /* user_type 0: free */
};

/* Open addressing; the size is a power of two and at least twice the rows. */
struct held_revoked {
	atomic_uint refs;
	size_t n, size;
	struct revoked_row *rows;
	int64_t of_all[FER_USER_GUEST];       /* by user type: rows without a user; 0: of every type */
};

struct fer_view {
	atomic_uint refs;
	uint64_t versions[N_KINDS];
	struct fer_auth_settings settings;
	struct held_acl *acl;
	struct held_revoked *revoked;
	struct fer_revoked *tokens;
};

struct fer_auth {
	struct fer_store *store;
	struct fer_keys *keys;         /* brought up to date in place: borrowers need not count themselves in */
	struct fer_proven *proven;
	const char *breached;
	struct fer_audit *audit;
	struct fer_uses *uses;
	struct fer_services *services;
	struct fer_accessors *accessors;
	int64_t revoked_number;        /* of the last single revocation loaded; under @refreshing */
	_Atomic(struct fer_view *) view;
	atomic_uint window;            /* readers between loading the pointer and counting themselves in */
	pthread_mutex_t refreshing;
};

/* -- revocations ------------------------------------------------------------------------------------------------ */

static size_t revoked_slot(const struct held_revoked *revoked, int64_t user_type, int64_t user_id)
{
	uint64_t hash = ((uint64_t)user_id << 8 ^ (uint64_t)user_type) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(hash >> 20) & (revoked->size - 1);

	while (revoked->rows[i].user_type &&
	       (revoked->rows[i].user_type != user_type || revoked->rows[i].user_id != user_id))
		i = (i + 1) & (revoked->size - 1);
	return i;
}

static int revoked_grow(struct held_revoked *revoked)
{
	struct held_revoked larger = { .size = revoked->size ? revoked->size * 2 : 64 };

	if (!(larger.rows = calloc(larger.size, sizeof(*larger.rows))))
		return -ENOMEM;
	for (size_t i = 0; i < revoked->size; i++)
		if (revoked->rows[i].user_type)
			larger.rows[revoked_slot(&larger, revoked->rows[i].user_type, revoked->rows[i].user_id)] = revoked->rows[i];
	free(revoked->rows);
	revoked->rows = larger.rows;
	revoked->size = larger.size;
	return 0;
}

static int revoked_add(struct held_revoked *revoked, struct revoked_row row)
{
	int r;

	if (!row.user_id && row.user_type >= 0 && row.user_type < FER_USER_GUEST)
		revoked->of_all[row.user_type] = row.before;
	if (!row.user_id || !row.user_type)
		return 0;
	if ((revoked->n + 1) * 2 > revoked->size && (r = revoked_grow(revoked)))
		return r;
	revoked->rows[revoked_slot(revoked, row.user_type, row.user_id)] = row;
	revoked->n++;
	return 0;
}

static void revoked_unref(struct held_revoked *revoked)
{
	if (revoked && atomic_fetch_sub(&revoked->refs, 1) == 1) {
		free(revoked->rows);
		free(revoked);
	}
}

static int revoked_read(struct fer_db *db, struct held_revoked *revoked)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_REVOKED_ALL, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		struct revoked_row row = { fer_col_int(stmt, 0), fer_col_int(stmt, 1), fer_col_int(stmt, 2) };

		if ((r = revoked_add(revoked, row)))
			return r;
	}
	return r;
}

static int revoked_load(struct fer_db *db, struct held_revoked **out)
{
	struct held_revoked *revoked = calloc(1, sizeof(*revoked));
	int r;

	if (!revoked)
		return -ENOMEM;
	atomic_init(&revoked->refs, 1);
	if (!(r = revoked_grow(revoked)) && !(r = revoked_read(db, revoked)))
		*out = revoked;
	else
		revoked_unref(revoked);
	return r;
}

/* -- single tokens ---------------------------------------------------------------------------------------------- */

static int token_add(struct fer_auth *auth, struct fer_stmt *stmt, struct fer_revoked **set)
{
	struct fer_token_id id = { { 0 } };
	int r;

	/* What is not a hash of ours refuses nothing. */
	if (fer_col_str(stmt, 0).len == FER_TOKEN_HASH_LEN && fer_base64url_decode(id.at, fer_col_str(stmt, 0)) == sizeof(id.at) &&
	    (r = fer_revoked_add(set, &id, fer_col_int(stmt, 1), (int64_t)time(NULL))))
		return r;
	auth->revoked_number = fer_col_int(stmt, 2);
	return 0;
}

/* Only those that came since the view before. They are seen by holders of that one too, which is no harm. */
static int tokens_load(struct fer_auth *auth, struct fer_db *db, struct fer_revoked **set)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_REVOKED_SINCE, &stmt, "i", auth->revoked_number)))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0)
		if ((r = token_add(auth, stmt, set)))
			return r;
	return r;
}

/* -- roles ------------------------------------------------------------------------------------------------------ */

static void acl_unref(struct held_acl *held)
{
	if (held && atomic_fetch_sub(&held->refs, 1) == 1) {
		fer_acl_free(held->acl);
		fer_owners_free(held->owners);
		fer_lifetimes_free(held->lifetimes);
		free(held);
	}
}

static int acl_load(struct fer_db *db, struct held_acl **out)
{
	struct held_acl *held = calloc(1, sizeof(*held));
	int r;

	if (!held)
		return -ENOMEM;
	atomic_init(&held->refs, 1);
	if (!(r = fer_acl_load(db, &held->acl)) && !(r = fer_owners_load(db, &held->owners)) && !(r = fer_lifetimes_load(db, &held->lifetimes)))
		*out = held;
	else
		acl_unref(held);
	return r;
}

/* -- settings --------------------------------------------------------------------------------------------------- */

enum rule { AS_IS, MINUTES, HOURS, MINUTES_OR_OFF, DAYS };

static const struct {
	const char *path;
	int64_t otherwise;
	enum rule rule;
	size_t at;
} number_rows[] = {
	{ "webapi/jwtauth/admin_expiration", 60, MINUTES, offsetof(struct fer_auth_settings, admin_ttl_s) },
	{ "webapi/jwtauth/customer_expiration", 60, MINUTES, offsetof(struct fer_auth_settings, customer_ttl_s) },
	{ "oauth/access_token_lifetime/admin", 4, HOURS, offsetof(struct fer_auth_settings, opaque_admin_s) },
	{ "oauth/access_token_lifetime/customer", 1, HOURS, offsetof(struct fer_auth_settings, opaque_customer_s) },
	{ "oauth/authentication_lock/max_failures_count", 6, AS_IS, offsetof(struct fer_auth_settings, max_failures) },
	{ "oauth/authentication_lock/timeout", 1800, AS_IS, offsetof(struct fer_auth_settings, lock_s) },
	{ "ferrite/service_token/max_days", 366, DAYS, offsetof(struct fer_auth_settings, service_max_s) },
	{ "ferrite/service_token/unused_days", 90, AS_IS, offsetof(struct fer_auth_settings, service_unused_days) },
	{ "ferrite/token/idle_minutes", 0, MINUTES_OR_OFF, offsetof(struct fer_auth_settings, idle_s) },
};

/* A century: what is longer is a slip of the keyboard, and must not overflow a sum of seconds. */
#define LONGEST_S ((int64_t)3153600000)

static int64_t number_of(enum rule rule, int64_t n)
{
	static const int64_t units[] = { [AS_IS] = 1, [MINUTES] = 60, [HOURS] = 3600, [MINUTES_OR_OFF] = 60, [DAYS] = 86400 };
	int64_t unit = units[rule];

	if (rule == MINUTES && n <= 0)
		n = 30;
	if (n < 0)
		n = 0;
	return n > LONGEST_S / unit ? LONGEST_S : n * unit;
}

static int settings_alg(struct fer_store *store, struct fer_arena *arena, enum fer_jws_alg *out)
{
	struct fer_str name;
	int r;

	if ((r = fer_config_text(store, arena, 0, "webapi/jwtauth/jwt_alg", &name)))
		return r;
	if (!name.at)
		name = FER_S("HS256");
	return fer_jws_alg(name, out) ? 0 : -EINVAL;
}

/* Magento reads a number as PHP casts a text: "abc" is 0. */
static int settings_number(struct fer_store *store, struct fer_arena *arena, size_t i, struct fer_auth_settings *out)
{
	struct fer_value value;
	struct fer_str text;
	int r;

	if ((r = fer_config_text(store, arena, 0, number_rows[i].path, &text)))
		return r;
	value = text.at ? fer_string(text) : fer_int(number_rows[i].otherwise);
	*(int64_t *)((char *)out + number_rows[i].at) = number_of(number_rows[i].rule, fer_as_int(&value));
	return 0;
}

/* Errors: -EINVAL the algorithm is none of ours. */
static int settings_load(struct fer_store *store, struct fer_auth_settings *out)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 16);
	int r = arena ? 0 : -ENOMEM;

	for (size_t i = 0; i < FER_ARRAY_LEN(number_rows) && !r; i++)
		r = settings_number(store, arena, i, out);
	if (r)
		return r;
	out->case_sensitive_login = fer_config_bool(store, 0, "admin/security/use_case_sensitive_login", false);
	return settings_alg(store, arena, &out->alg);
}

/* -- views ------------------------------------------------------------------------------------------------------ */

struct fer_view *fer_view_ref(struct fer_auth *auth)
{
	struct fer_view *view;

	atomic_fetch_add(&auth->window, 1);
	view = atomic_load(&auth->view);
	atomic_fetch_add(&view->refs, 1);
	atomic_fetch_sub(&auth->window, 1);
	return view;
}

void fer_view_unref(struct fer_view *view)
{
	if (!view || atomic_fetch_sub(&view->refs, 1) != 1)
		return;
	acl_unref(view->acl);
	revoked_unref(view->revoked);
	fer_revoked_unref(view->tokens);
	free(view);
}

void fer_view_unrefp(struct fer_view **view)
{
	fer_view_unref(*view);
	*view = NULL;
}

static void view_publish(struct fer_auth *auth, struct fer_view *view)
{
	struct fer_view *old = atomic_exchange(&auth->view, view);

	while (atomic_load(&auth->window))
		sched_yield();
	fer_view_unref(old);
}

const struct fer_auth_settings *fer_view_settings(const struct fer_view *view)
{
	return &view->settings;
}

const struct fer_acl *fer_view_acl(const struct fer_view *view)
{
	return view->acl->acl;
}

bool fer_view_revoked(const struct fer_view *view, int64_t user_type, int64_t user_id, int64_t iat)
{
	const struct held_revoked *revoked = view->revoked;
	const struct revoked_row *row = &revoked->rows[revoked_slot(revoked, user_type, user_id)];

	if (iat <= revoked->of_all[0] || (user_type > 0 && user_type < FER_USER_GUEST && iat <= revoked->of_all[user_type]))
		return true;
	return row->user_type && iat <= row->before;
}

bool fer_view_token_revoked(const struct fer_view *view, const struct fer_token_id *id)
{
	return fer_revoked_has(view->tokens, id);
}

int64_t fer_view_life(const struct fer_view *view, int64_t user_type, int64_t user_id)
{
	const struct fer_lifetimes *lifetimes = view->acl->lifetimes;
	const struct fer_acl_role *role;

	if (!fer_lifetimes_any(lifetimes))
		return 0;
	role = fer_acl_role_of(view->acl->acl, user_type, user_id);
	return fer_lifetimes_longest(lifetimes, user_type, user_id, role ? fer_acl_role_group(role) : 0);
}

bool fer_view_owner_active(const struct fer_view *view, int64_t user_type, int64_t user_id, int64_t now_s)
{
	return fer_owners_active(view->acl->owners, user_type, user_id, now_s);
}

static bool moved(const struct fer_auth *auth, const struct fer_view *view, size_t kind)
{
	return fer_change_version(auth->store, kinds[kind]) != view->versions[kind];
}

/* The parts that did not move are shared with the view before. */
static int view_load(struct fer_auth *auth, struct fer_db *db, const struct fer_view *old, struct fer_view *view)
{
	int r = 0;

	if ((!old || moved(auth, old, KEYS)) && (r = fer_keys_reload(db, auth->keys)))
		return r;
	if (old && !moved(auth, old, ACL))
		atomic_fetch_add(&(view->acl = old->acl)->refs, 1);
	else
		r = acl_load(db, &view->acl);
	if (r)
		return r;
	if (old && !moved(auth, old, REVOKED))
		atomic_fetch_add(&(view->revoked = old->revoked)->refs, 1);
	else
		r = revoked_load(db, &view->revoked);
	if (r)
		return r;
	view->tokens = old ? fer_revoked_ref(old->tokens) : fer_revoked_new();
	if (!view->tokens)
		return -ENOMEM;
	return old && !moved(auth, old, TOKENS) ? 0 : tokens_load(auth, db, &view->tokens);
}

/* Versions are noted before the rows are read, so that a change in between makes the view stale rather than wrong. */
static int view_new(struct fer_auth *auth, const struct fer_view *old, struct fer_view **out)
{
	struct fer_view *view = calloc(1, sizeof(*view));
	struct fer_db *db;
	int r;

	if (!view)
		return -ENOMEM;
	atomic_init(&view->refs, 1);
	for (size_t i = 0; i < N_KINDS; i++)
		view->versions[i] = fer_change_version(auth->store, kinds[i]);
	if (!(r = settings_load(auth->store, &view->settings)) && !(r = fer_db_lend(auth->store, &db))) {
		r = view_load(auth, db, old, view);
		fer_db_return(db);
	}
	if (r)
		fer_view_unref(view);
	else
		*out = view;
	return r;
}

/* -- the whole -------------------------------------------------------------------------------------------------- */

bool fer_auth_fresh(const struct fer_auth *auth)
{
	struct fer_view *view = fer_view_ref((struct fer_auth *)auth);
	bool fresh = true;

	for (size_t i = 0; i < N_KINDS; i++)
		fresh &= !moved(auth, view, i);
	fer_view_unref(view);
	return fresh;
}

static int refresh(struct fer_auth *auth)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *old = fer_view_ref(auth);
	struct fer_view *view;
	int r;

	if ((r = view_new(auth, old, &view))) {
		fer_log(FER_LOG_ERROR, "settings, roles and revocations cannot be loaded", "reason",
		        r == -EINVAL ? "webapi/jwtauth/jwt_alg is not HS256, HS384 or HS512" : strerrorname_np(-r), NULL);
		return r;
	}
	view_publish(auth, view);
	return 0;
}

int fer_auth_refresh(struct fer_auth *auth)
{
	int r = 0;

	if (fer_auth_fresh(auth))
		return 0;
	pthread_mutex_lock(&auth->refreshing);
	if (!fer_auth_fresh(auth))
		r = refresh(auth);
	pthread_mutex_unlock(&auth->refreshing);
	return r;
}

int fer_reading_begin(struct fer_auth *auth, struct fer_reading *reading)
{
	int r;

	*reading = (struct fer_reading){ 0 };
	if ((r = fer_auth_refresh(auth)) || (r = fer_db_lend(fer_auth_store(auth), &reading->db)))
		return r;
	reading->view = fer_view_ref(auth);
	return 0;
}

void fer_reading_end(struct fer_reading *reading)
{
	if (reading->db)
		fer_db_return(reading->db);
	fer_view_unref(reading->view);
	*reading = (struct fer_reading){ 0 };
}

int fer_auth_new(struct fer_store *store, struct fer_keys *keys, struct fer_auth **out, char why[256])
{
	struct fer_auth *auth = calloc(1, sizeof(*auth));
	struct fer_view *view;
	int r;

	if (!auth)
		return -ENOMEM;
	pthread_mutex_init(&auth->refreshing, NULL);
	auth->store = store;
	auth->keys = keys;
	auth->proven = fer_proven_new();
	auth->uses = fer_uses_new();
	auth->services = fer_services_new();
	auth->accessors = fer_accessors_new();
	auth->audit = fer_audit_new(store, keys);
	if (!auth->proven || !auth->uses || !auth->services || !auth->accessors || !auth->audit) {
		fer_auth_free(auth);
		return -ENOMEM;
	}
	if ((r = view_new(auth, NULL, &view))) {
		snprintf(why, 256, r == -EINVAL ? "webapi/jwtauth/jwt_alg must be HS256, HS384 or HS512: the others protect nothing"
		                                : "settings, roles and revocations cannot be read from the store");
		fer_auth_free(auth);
		return r;
	}
	atomic_init(&auth->view, view);
	*out = auth;
	return 0;
}

void fer_auth_free(struct fer_auth *auth)
{
	if (!auth)
		return;
	fer_view_unref(atomic_load(&auth->view));
	fer_audit_free(auth->audit);
	fer_accessors_free(auth->accessors);
	fer_services_free(auth->services);
	fer_uses_free(auth->uses);
	fer_proven_free(auth->proven);
	pthread_mutex_destroy(&auth->refreshing);
	free(auth);
}

struct fer_store *fer_auth_store(const struct fer_auth *auth)
{
	return auth->store;
}

const struct fer_keys *fer_auth_keys(const struct fer_auth *auth)
{
	return auth->keys;
}

void fer_auth_breached_set(struct fer_auth *auth, const char *path)
{
	auth->breached = path && path[0] ? path : NULL;
}

const char *fer_auth_breached(const struct fer_auth *auth)
{
	return auth->breached;
}

struct fer_proven *fer_auth_proven(const struct fer_auth *auth)
{
	return auth->proven;
}

struct fer_audit *fer_auth_audit(const struct fer_auth *auth)
{
	return auth->audit;
}

struct fer_uses *fer_auth_uses(const struct fer_auth *auth)
{
	return auth->uses;
}

struct fer_services *fer_auth_services(const struct fer_auth *auth)
{
	return auth->services;
}

struct fer_accessors *fer_auth_accessors(const struct fer_auth *auth)
{
	return auth->accessors;
}

int fer_auth_find(struct fer_auth *auth, enum fer_sql sql, struct fer_str name, int64_t *id)
{
	struct fer_db *db;
	int r = fer_db_lend(auth->store, &db);

	if (r)
		return r;
	r = fer_sql_int(db, sql, 0, id, "s", name);
	fer_db_return(db);
	return r;
}

/* -- callers ---------------------------------------------------------------------------------------------------- */

void fer_caller_guest(struct fer_caller *caller)
{
	*caller = (struct fer_caller){ .type = FER_USER_GUEST };
}

void fer_caller_of(struct fer_auth *auth, int64_t type, int64_t id, struct fer_caller *out)
{
	struct fer_view *view = fer_view_ref(auth);

	*out = (struct fer_caller){ .type = (enum fer_user_type)type, .id = id, .role = fer_acl_role_of(view->acl->acl, type, id),
	                            .view = view };
}

void fer_caller_copy(struct fer_caller *out, const struct fer_caller *from)
{
	*out = *from;
	if (out->view)
		atomic_fetch_add(&out->view->refs, 1);
}

void fer_caller_release(struct fer_caller *caller)
{
	fer_view_unref(caller->view);
	fer_caller_guest(caller);
}
