/*
 * Customers, as far as authentication needs them: signing in for a token, the lock behind every password check, and the website that
 * bounds the stores a customer may call.
 */
#ifndef FER_AUTH_CUSTOMER_H
#define FER_AUTH_CUSTOMER_H

#include "auth/auth.h"

/* Whose customer somebody is; what forced parameters of `self` routes are filled from. */
struct fer_customer_scope {
	int64_t website_id, store_id, group_id;
};

/**
 * fer_customer_scope_read - the scope of a customer. Lends its own connection: the caller holds none.
 * Returns: 1 found, 0 there is no such customer, < 0 the store failed.
 */
int fer_customer_scope_read(struct fer_store *store, int64_t customer_id, struct fer_customer_scope *out);

/**
 * fer_customer_may_use - is the store among those the customer's account is shared with? Never the admin scope (0).
 * Source: Magento_Customer Plugin\CustomerAuthorization, Customer::getSharedStoreIds, 2.4.7
 */
bool fer_customer_may_use(struct fer_store *store, const struct fer_customer_scope *scope, int store_id);

/** fer_customer_shared - accounts are valid on all websites (customer/account_share/scope is 0). */
bool fer_customer_shared(struct fer_store *store);
/** fer_customer_website - the website whose customers a call of this store view means; of the default view for the admin scope. */
int fer_customer_website(struct fer_store *store, int store_id);
/** fer_customer_store_of - the default store view of a website; 0 when it has none. Website configuration is read through it. */
int fer_customer_store_of(struct fer_store *store, int website_id);
/** fer_customer_must_confirm - new accounts of this website wait for their confirmation (customer/create_account/confirm). */
bool fer_customer_must_confirm(struct fer_store *store, int website_id);
/** fer_customer_must_confirm_change - so do accounts that get another e-mail address (customer/account_information/confirm). */
bool fer_customer_must_confirm_change(struct fer_store *store, int website_id);

struct fer_customer_sign_in {
	struct fer_str email, password;      /* in: neither is empty (the caller has checked) */
	int store_id;                        /* in: the store view of the call */
	int64_t now_s;                       /* in */
	const struct fer_actor *actor;       /* in: the client, for registry and audit log; every outcome leaves a row with its true reason */
	int64_t customer_id;                 /* out: 0 when unknown */
};

/**
 * fer_customer_sign_in - a bearer token for e-mail and password. Runs on the password pool; the caller holds no connection.
 * Errors: FER_E_SIGN_IN for every refusal, so that unknown, locked and unconfirmed look alike; < 0 the store, the key or memory failed.
 * Source: Magento_Integration CustomerTokenService, Magento_Customer Authentication, 2.4.7
 */
int fer_customer_sign_in(struct fer_auth *auth, struct fer_arena *arena, struct fer_customer_sign_in *attempt,
                         struct fer_fault *fault, struct fer_str *token);

/**
 * fer_customer_password_check - is it the customer's password? A failure is counted, may lock the account, and leaves an audit row. As above:
 * no connection held.
 * Errors: FER_E_CUSTOMER_PASSWORD_WRONG, FER_E_CUSTOMER_LOCKED.
 */
int fer_customer_password_check(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t customer_id,
                                struct fer_str password, int64_t now_s, struct fer_fault *fault);

#endif
