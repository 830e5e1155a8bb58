/*
 * Admin users: what the command line, the sandbox fixture and /ferrite/v1 do with them. Passwords are hashed before a
 * transaction begins. What changes something is told the @actor, who gives and takes no more than he holds (auth/grant.h: FER_E_GRANT), and
 * leaves a row in the audit log in the same commit.
 */
#ifndef FER_AUTH_USER_H
#define FER_AUTH_USER_H

#include "auth/auth.h"

struct fer_user_new {
	struct fer_str username, password, email, firstname, lastname;
	struct fer_str hash;        /* a ready stored text instead of a password: no rules are applied (fixtures, imports) */
	struct fer_str locale;      /* empty: en_US */
	int64_t role_id;            /* 0: none */
	bool inactive;
	int64_t expires_s;          /* unix seconds; 0: never */
};

/**
 * fer_user_create - a new admin.
 * Errors: FER_E_USER_NAME_REQUIRED and the like (collected), the password rules, FER_E_USER_EXISTS, FER_E_ROLE_UNKNOWN; < 0 the store.
 * Source: Magento_User User::beforeSave, UserValidationRules, 2.4.7
 */
int fer_user_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, const struct fer_user_new *user,
                    struct fer_fault *fault, int64_t *user_id);

/** fer_user_find - by name under the column's collation. Errors: FER_E_USER_UNKNOWN (%1 = name). */
int fer_user_find(struct fer_auth *auth, struct fer_arena *arena, struct fer_str name, struct fer_fault *fault, int64_t *user_id);

/** fer_user_list - maps {id, username, email, firstname, lastname, is_active, role, logdate, lognum, locked_until}. No hashes. */
int fer_user_list(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, struct fer_value *out);

/** fer_user_show - a map {id, username, email, firstname, lastname, is_active, role_id, role, interface_locale, created, modified, logdate, lognum,
 * expires_at, locked_until, ui_locked_until}. Errors: FER_E_USER_UNKNOWN (%1 = id). */
int fer_user_show(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, int64_t user_id, struct fer_fault *fault,
                  struct fer_value *out);

/** fer_user_rights - a map {user_id, all, resources: [{resource, allowed, rule, from}]}: every resource with the rule that decided. */
int fer_user_rights(struct fer_auth *auth, struct fer_arena *arena, int64_t user_id, struct fer_fault *fault, struct fer_value *out);

/* What is to be changed of a user; what has no .at, or is not said to be changed, stays. */
struct fer_user_change {
	struct fer_str username, email, firstname, lastname;
	bool sets_role, sets_active, sets_expiry;
	int64_t role_id;               /* 0: none */
	bool active;                   /* false also takes every token back */
	int64_t expires_s;             /* unix seconds; 0: never */
};

/**
 * fer_user_change - all of it in one transaction.
 * Errors: as fer_user_create; FER_E_USER_UNKNOWN, FER_E_GRANT, FER_E_LAST_ADMIN.
 */
int fer_user_change(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id,
                    const struct fer_user_change *change, struct fer_fault *fault);

/** fer_user_email_fits - a local part, one @, a host with a dot, no blanks. */
bool fer_user_email_fits(struct fer_str email);

/**
 * fer_user_password_prove - does he know his present password? Runs on the password pool; a wrong one counts as a failed sign-in.
 * Errors: FER_E_PASSWORD_WRONG; FER_E_SIGN_IN too many of them.
 */
int fer_user_password_prove(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id,
                            struct fer_str password, struct fer_fault *fault);

/** fer_user_enable - is_active; disabling also takes every token back. Errors: FER_E_USER_UNKNOWN. */
int fer_user_enable(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id, bool active,
                    struct fer_fault *fault);

/**
 * fer_user_password - rules, reuse, history; takes his tokens back unless ferrite/token/revoke_on_password_change is off.
 * Errors: also FER_E_PASSWORD_REUSED.
 */
int fer_user_password(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id, struct fer_str password,
                      struct fer_fault *fault);

/** fer_user_unlock - the token throttle and the columns of the admin pages' own lock. */
int fer_user_unlock(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t user_id, struct fer_fault *fault);

/** fer_user_expires - admin_user_expiration; @unix_s 0 removes it. */
int fer_user_expires(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t user_id, int64_t unix_s, struct fer_fault *fault);

/** fer_user_delete - the user, his role row, his tokens. */
int fer_user_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t user_id, struct fer_fault *fault);

#endif
