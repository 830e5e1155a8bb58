/*
 * The longest life of tokens by role and by user, whatever the token itself says. A limit holds for tokens that are out already, and
 * for those of a Magento with the same key.
 */
#ifndef FER_AUTH_LIFETIME_H
#define FER_AUTH_LIFETIME_H

#include "auth/actor.h"
#include "auth/caller.h"
#include "core/fault.h"
#include "core/value.h"
#include "store/store.h"

struct fer_auth;
struct fer_lifetimes;

#define FER_LIFETIME_OF_ROLE 0                    /* instead of a user type */
#define FER_LIFETIME_MAX_MINUTES (10 * 366 * 1440)

/** fer_lifetimes_load - all of them. Owns: fer_lifetimes_free. */
int fer_lifetimes_load(struct fer_db *db, struct fer_lifetimes **out);
void fer_lifetimes_free(struct fer_lifetimes *lifetimes);

bool fer_lifetimes_any(const struct fer_lifetimes *lifetimes);
/** fer_lifetimes_longest - how long a token may live, in seconds: the shorter of the user's and the role's (@role_id 0: none). 0: no limit. */
int64_t fer_lifetimes_longest(const struct fer_lifetimes *lifetimes, int64_t user_type, int64_t user_id, int64_t role_id);

/** fer_lifetime_list - maps {of, id, name, minutes}. */
int fer_lifetime_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out);

/**
 * fer_lifetime_set - of: "role", "admin", "customer", "integration"; @minutes 0 takes the limit away. In a transaction of its own, audited.
 * Errors: FER_E_LIFETIME_OF, FER_E_LIFETIME_MINUTES, FER_E_NO_SUCH_ENTITY_PLAIN: there was none to take away (collected in @fault).
 */
int fer_lifetime_set(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, struct fer_str of, int64_t id,
                     int64_t minutes, struct fer_fault *fault);

#endif
