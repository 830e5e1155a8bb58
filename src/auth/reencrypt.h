/*
 * Bringing stored secrets under the key in use. Magento's own key change leaves some of them behind; here every column that may hold
 * one is a row of a table.
 */
#ifndef FER_AUTH_REENCRYPT_H
#define FER_AUTH_REENCRYPT_H

#include "auth/actor.h"
#include "auth/auth.h"

/**
 * fer_reencrypt - all of them in one transaction; with @dry they are only counted.
 * Shape:  @out is a list of {what, secrets, with_older_keys, unreadable}; a text that no key opens is left as it is.
 * Errors: < 0 the store.
 */
int fer_reencrypt(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, bool dry, struct fer_value *out);

#endif
