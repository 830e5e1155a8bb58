/*
 * Signing in as an admin for a token: Magento's steps in their order. Three parts, so that the middle one (Argon2) runs
 * without a transaction and without a connection.
 */
#ifndef FER_AUTH_ADMIN_H
#define FER_AUTH_ADMIN_H

#include "auth/registry.h"

struct fer_admin_sign_in {
	struct fer_str username, password;   /* in: neither is empty (api has checked) */
	int64_t now_s;                       /* in */
	const struct fer_actor *actor;       /* in: the client, for registry and audit log; every outcome leaves a row with its true reason */
	enum fer_token_method method;        /* in: how he proves himself; a password when it is left out */
	bool keeps_count;                    /* in: the right password alone does not clear the throttle, because a second factor follows */
	/* between the parts */
	int64_t user_id;                     /* 0: unknown */
	struct fer_str hash;                 /* stored text, in the arena */
	bool active, has_role;
	bool misspelt;                       /* another case than stored, where that counts: as a wrong password */
	bool matches;
};

/**
 * fer_admin_sign_in - all three parts. Runs on the password pool; the caller holds no connection and no transaction.
 * Shape:  @token as fer_token_issue.
 * Errors: FER_E_SIGN_IN, FER_E_NO_ROLE (collected in @fault); < 0 the store, the key or memory failed.
 * Source: Magento_Integration AdminTokenService, Magento_User User, Magento_Security UserExpiration, 2.4.7
 */
int fer_admin_sign_in(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt,
                      struct fer_fault *fault, struct fer_str *token);
/** fer_admin_prove - the same without a token, for whoever wants to see a second factor first. */
int fer_admin_prove(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_fault *fault);
/** fer_admin_issue - and then the token, when that factor was right too; a count that was kept ends. Errors: < 0 the store, the key. */
int fer_admin_issue(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_str *token);

/** fer_admin_begin - throttle, expiry, look-up. Lends its own connection and gives it back. Errors: FER_E_SIGN_IN when refused at once. */
int fer_admin_begin(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt, struct fer_fault *fault);
/** fer_admin_check - the password; touches no database, takes 64 MiB for a moment. Errors: -ENOMEM. */
int fer_admin_check(struct fer_auth *auth, struct fer_admin_sign_in *attempt);
/**
 * fer_admin_finish - count the failure, or note the success and issue, in one transaction. A @token that is NULL: only the success, because
 * a second factor follows. Errors: FER_E_SIGN_IN, FER_E_NO_ROLE.
 */
int fer_admin_finish(struct fer_auth *auth, struct fer_arena *arena, struct fer_admin_sign_in *attempt,
                     struct fer_fault *fault, struct fer_str *token);

/** fer_admin_expire - deactivate every admin whose expiration has passed, and revoke (Magento's cron does it each hour). */
int fer_admin_expire(struct fer_auth *auth, int64_t now_s);

#endif
