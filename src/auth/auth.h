/*
 * What authentication keeps in memory: the keys, and a view of settings, roles and revocations that is replaced whole
 * when the database changed. A request holds one view; the event threads read it without a lock and without the database.
 */
#ifndef FER_AUTH_AUTH_H
#define FER_AUTH_AUTH_H

#include "auth/acl.h"
#include "auth/audit.h"
#include "auth/caller.h"
#include "auth/jws.h"
#include "auth/keys.h"
#include "auth/proven.h"
#include "auth/service.h"
#include "auth/uses.h"
#include "core/fault.h"

struct fer_auth;
struct fer_accessors;              /* auth/accessor.h */

/* core_config_data, default scope unless said otherwise. */
struct fer_auth_settings {
	enum fer_jws_alg alg;              /* webapi/jwtauth/jwt_alg */
	int64_t admin_ttl_s;               /* webapi/jwtauth/admin_expiration, there in minutes */
	int64_t customer_ttl_s;
	int64_t opaque_admin_s;            /* oauth/access_token_lifetime/admin, there in hours; 0: expired at once */
	int64_t opaque_customer_s;
	int64_t max_failures;              /* oauth/authentication_lock/max_failures_count; 0 locks everyone */
	int64_t lock_s;                    /* oauth/authentication_lock/timeout */
	bool case_sensitive_login;         /* admin/security/use_case_sensitive_login */
	int64_t service_max_s;             /* ferrite/service_token/max_days */
	int64_t service_unused_days;       /* ferrite/service_token/unused_days; 0: off */
	int64_t idle_s;                    /* ferrite/token/idle_minutes; 0: off */
};

/**
 * fer_auth_new - load the first view.
 * Owns:   @store and @keys are borrowed and must outlive it; own keys follow the store (auth/key_store.h).
 * Errors: -EINVAL an algorithm that gives no protection (the JWE ones) or is unknown; @why holds one sentence. -EIO the store.
 */
int fer_auth_new(struct fer_store *store, struct fer_keys *keys, struct fer_auth **out, char why[256]);
void fer_auth_free(struct fer_auth *auth);

struct fer_store *fer_auth_store(const struct fer_auth *auth);
const struct fer_keys *fer_auth_keys(const struct fer_auth *auth);
struct fer_proven *fer_auth_proven(const struct fer_auth *auth);
/** fer_auth_breached_set - a file of passwords nobody may choose, a line each; empty or NULL: none. @path is borrowed. */
void fer_auth_breached_set(struct fer_auth *auth, const char *path);
const char *fer_auth_breached(const struct fer_auth *auth);
/** fer_auth_audit - the audit log; off until fer_audit_open. */
struct fer_audit *fer_auth_audit(const struct fer_auth *auth);
struct fer_uses *fer_auth_uses(const struct fer_auth *auth);
struct fer_services *fer_auth_services(const struct fer_auth *auth);
struct fer_accessors *fer_auth_accessors(const struct fer_auth *auth);

/** fer_auth_find - the id that @sql gives for @name, on a connection of its own: the caller holds none. *@id 0: there is none. */
int fer_auth_find(struct fer_auth *auth, enum fer_sql sql, struct fer_str name, int64_t *id);

/** fer_auth_fresh - no counter of the store moved since the view was loaded. A few atomic loads. */
bool fer_auth_fresh(const struct fer_auth *auth);

/**
 * fer_auth_refresh - load what changed; does nothing when fresh. Blocks on the store: never on an event thread, never while
 * the caller holds a lent connection. The server's timer calls it after fer_change_poll.
 * Errors: -EIO and the like: the old view stays, and requests that need a fresh one fail.
 */
int fer_auth_refresh(struct fer_auth *auth);

/* -- views: immutable, counted ---------------------------------------------------------------------------------- */

/** fer_view_ref - the present view; lock-free. Give it back with fer_view_unref. */
struct fer_view *fer_view_ref(struct fer_auth *auth);
void fer_view_unref(struct fer_view *view);
void fer_view_unrefp(struct fer_view **view);

/** struct fer_reading - a fresh view and a lent connection, for what is read of both. */
struct fer_reading {
	struct fer_view *view;
	struct fer_db *db;
};
int fer_reading_begin(struct fer_auth *auth, struct fer_reading *reading);
void fer_reading_end(struct fer_reading *reading);

const struct fer_auth_settings *fer_view_settings(const struct fer_view *view);
const struct fer_acl *fer_view_acl(const struct fer_view *view);
/** fer_view_revoked - was everything issued to this user (or to all users of the type, or to all) at or before @iat taken back? */
bool fer_view_revoked(const struct fer_view *view, int64_t user_type, int64_t user_id, int64_t iat);
/** fer_view_token_revoked - was this one token taken back? */
bool fer_view_token_revoked(const struct fer_view *view, const struct fer_token_id *id);
/** fer_view_life - the longest life of this user's tokens, in seconds; 0: what they say themselves. */
int64_t fer_view_life(const struct fer_view *view, int64_t user_type, int64_t user_id);

/** fer_view_owner_active - is there such an admin or integration, enabled and not past his end? Who may own service tokens. */
bool fer_view_owner_active(const struct fer_view *view, int64_t user_type, int64_t user_id, int64_t now_s);

/* -- callers ---------------------------------------------------------------------------------------------------- */

/** fer_caller_guest - nobody; needs no release, may be released. */
void fer_caller_guest(struct fer_caller *caller);
/** fer_caller_of - @type and @id with their present role: for bulk workers and tests. Release it. */
void fer_caller_of(struct fer_auth *auth, int64_t type, int64_t id, struct fer_caller *out);
/** fer_caller_copy - a second holder of the same rights. */
void fer_caller_copy(struct fer_caller *out, const struct fer_caller *from);
/** fer_caller_release - the call ends; role must not be used afterwards. Leaves a guest. */
void fer_caller_release(struct fer_caller *caller);

#endif
