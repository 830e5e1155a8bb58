/*
 * The public names of tokens that were shown lately, so that the gate can tell one without asking the database each time.
 */
#ifndef FER_AUTH_ACCESSOR_H
#define FER_AUTH_ACCESSOR_H

#include "auth/registry.h"

struct fer_accessors;

/** fer_accessors_new - empty. NULL: no memory. */
struct fer_accessors *fer_accessors_new(void);
void fer_accessors_free(struct fer_accessors *accessors);

/**
 * fer_token_accessor - the accessor of the token with this id, NUL-ended; empty: the registry has no row of it yet.
 * Errors: FER_AUTH_NEEDS_STORE when it is not known and not @may_block; < 0 the store. No lent connection may be held.
 */
int fer_token_accessor(struct fer_auth *auth, const struct fer_token_id *id, bool may_block, char out[FER_ACCESSOR_LEN + 1]);

#endif
