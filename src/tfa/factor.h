/*
 * What all providers of a second factor ask first: a password that is right, or a configuration token; and that the shop has the
 * provider. Magento's order of checks stands here once.
 */
#ifndef FER_TFA_FACTOR_H
#define FER_TFA_FACTOR_H

#include "api/route.h"
#include "auth/admin.h"
#include "auth/tfa.h"

/**
 * fer_factor_password - arguments username and password are right, and @provider is set up for that admin. Runs on the hash pool.
 * Shape:  @attempt needs nothing set; @user is what the admin has set up.
 * Errors: those of signing in; FER_E_TFA_NOT_ALLOWED, FER_E_TFA_NOT_CONFIGURED.
 * Source: Magento_TwoFactorAuth UserAuthenticator::assertProviderIsValidForUser, 2.4.7
 */
int fer_factor_password(struct fer_call *call, const struct fer_tfa_provider *provider, struct fer_admin_sign_in *attempt,
                        struct fer_tfa_user *user);

/**
 * fer_factor_token - argument tfaToken lets its bearer set @provider up.
 * Errors: in this order FER_E_TFA_TOKEN (no token), FER_E_TFA_NOT_ALLOWED, FER_E_TFA_CONFIGURED, FER_E_TFA_TOKEN (forged or old).
 * Source: Magento_TwoFactorAuth UserAuthenticator::authenticateWithTokenAndProvider, 2.4.7
 */
int fer_factor_token(struct fer_call *call, const struct fer_tfa_provider *provider, int64_t *user_id, struct fer_tfa_user *user);

/**
 * fer_factor_ask - what the admin token route does while a second factor is asked for: the password as ever, then always a refusal
 * that says where to go on.
 * Source: Magento_TwoFactorAuth AdminAccessTokenService, 2.4.7
 */
int fer_factor_ask(struct fer_call *call);

/** fer_factor_admin - name and e-mail of an admin; empty when there is none. */
int fer_factor_admin(struct fer_call *call, int64_t user_id, struct fer_str *name, struct fer_str *email);

/** fer_factor_address - host and port of a store's address; those of the request where the setting leaves them open ("{{base_url}}"). */
int fer_factor_address(struct fer_call *call, int store_id, struct fer_str *out);
/** fer_factor_host - @address up to its port or path. */
struct fer_str fer_factor_host(struct fer_str address);

/** fer_factor_fail - an error of auth/tfa.h that was not collected, about @user_id; 0 and negative ones pass. */
int fer_factor_fail(struct fer_call *call, int error, int64_t user_id);

/* What every row here has; its two kinds, by configuration token and by password in the hash pool; and their first parameters. */
#define FER_TFA_SOURCE "Magento_TwoFactorAuth webapi.xml"
#define FER_TFA_BY_TOKEN .limit = FER_LIMIT_TOKEN
#define FER_TFA_BY_PASSWORD .where = FER_HASH, .limit = FER_LIMIT_TOKEN, .limit_by = "username"
#define FER_TFA_TEXT(name) { name, FER_STRING, FER_REQ, NULL, NULL }
#define FER_TFA_TOKEN FER_TFA_TEXT("tfaToken")
#define FER_TFA_ADMIN FER_TFA_TEXT("username"), FER_TFA_TEXT("password")

#endif
