/*
 * Customer accounts: reading one, and the one way by which every route, the fixture and other domains write one.
 */
#ifndef FER_CUSTOMER_ACCOUNT_H
#define FER_CUSTOMER_ACCOUNT_H

#include "api/entity.h"

extern const struct fer_entity fer_customer;

/** fer_customer_load - one account as a record of fer_customer. Errors: NO_SUCH_ENTITY (customerId). */
int fer_customer_load(struct fer_call *call, int64_t customer_id, struct fer_value *out);

/**
 * fer_customer_by_email - @website_id: NULL for the one of the call's store view.
 * Errors: NO_SUCH_ENTITY_TWO (email, websiteId).
 * Source: Magento_Customer CustomerRegistry::retrieveByEmail, 2.4.7
 */
int fer_customer_by_email(struct fer_call *call, struct fer_str email, const struct fer_value *website_id, struct fer_value *out);

/**
 * fer_customer_store - save an account with its addresses as Magento's repository does: new without an id, else changed; in a transaction.
 * Shape:  @record is what was sent (keys that are absent stay as they are); it gets the account as it then stands.
 * Errors: the messages of errors_customer.def, those of addresses, NO_SUCH_ENTITY.
 * Source: Magento_Customer CustomerRepository::save, ResourceModel\Customer::_beforeSave, 2.4.7
 */
int fer_customer_store(struct fer_call *call, struct fer_value *record);

/**
 * fer_customer_check - the rules of attributes, names and dates for an account about to be saved.
 * Errors: CUSTOMER_INVALID with all that is wrong.
 */
int fer_customer_check(struct fer_call *call, const struct fer_value *record);

/** fer_customer_password_rules - may a customer of this e-mail have that password? Errors: CUSTOMER_PASSWORD_…. */
int fer_customer_password_rules(struct fer_call *call, struct fer_str password);
int fer_customer_password_differs(struct fer_call *call, struct fer_str password, struct fer_str email);

/** fer_customer_new_link - a new secret for resetting the password, put into the account and into @link; in a transaction. */
int fer_customer_new_link(struct fer_call *call, int64_t customer_id, char link[33]);

/**
 * fer_customer_reset_limit - may somebody at this address ask for a reset link for argument email? Notes that he did.
 * Errors: CUSTOMER_RESETS.
 * Source: Magento_Security SecurityChecker\Frequency and Quantity, Model\Plugin\AccountManagement, after 2.4.7-p3
 */
int fer_customer_reset_limit(struct fer_call *call);

/**
 * fer_customer_create - a new account from a body of POST /V1/customers; in a transaction, with a ready password hash (or none).
 * Shape:  @back: where the confirmation's page goes on; the customer is mailed.
 * Errors: as fer_customer_store, and what is wrong with website and store view.
 * Source: Magento_Customer AccountManagement::createAccountWithPasswordHash, 2.4.7
 */
int fer_customer_create(struct fer_call *call, struct fer_value *record, struct fer_str hash, struct fer_str back);

/**
 * fer_customer_add - the same without a request: for fixtures. @customer as in a body; its keys password and hash are passed over.
 * Errors: as fer_customer_create, noted in @fault.
 */
int fer_customer_add(struct fer_store *store, struct fer_auth *auth, struct fer_arena *arena, int64_t now_s,
                     const struct fer_value *customer, struct fer_str hash, struct fer_fault *fault);

#endif
