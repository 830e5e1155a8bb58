/*
 * Service tokens at the door: opaque, narrower than their owner, bound to addresses and to use. What a row says is kept in memory after
 * the first use; whether it still counts is judged anew for every request (auth/token.c).
 */
#ifndef FER_AUTH_SERVICE_H
#define FER_AUTH_SERVICE_H

#include "auth/caller.h"
#include "auth/keys.h"
#include "core/cidr.h"
#include "store/store.h"

struct fer_auth;
struct fer_services;               /* what is kept in memory */

#define FER_SERVICE_RANGES 32u

/* What its rows say of a service token. */
struct fer_service {
	struct fer_token_id id;
	int64_t service_id, user_type, user_id, issued_s, expires_s;
	int64_t unused_s;              /* dead when not used for so long; 0: it need not be used */
	struct fer_acl_scope scope;
	size_t n_ranges;               /* 0: from everywhere */
	struct fer_cidr ranges[FER_SERVICE_RANGES];
};

/** fer_services_new - empty. NULL: no memory. */
struct fer_services *fer_services_new(void);
void fer_services_free(struct fer_services *services);

/**
 * fer_service_read - what a token that fer_service_text_is true of says.
 * Shape:  kept under a keyed hash of the text, until some single token is revoked or changed on any node.
 * Returns: FER_AUTH_BEARER_SERVICE with @out filled, FER_AUTH_MALFORMED, FER_AUTH_UNKNOWN; < 0: FER_AUTH_NEEDS_STORE (when not
 *         @may_block), the store.
 */
int fer_service_read(struct fer_auth *auth, struct fer_str token, bool may_block, struct fer_service *out);

/** fer_service_from - may it be used from this address? One that cannot be read is in no range. */
bool fer_service_from(const struct fer_service *service, struct fer_str address);

/** fer_service_id - the keyed hash of the text, by the key at @place. */
int fer_service_id(const struct fer_keys *keys, size_t place, struct fer_str token, struct fer_token_id *out);

#endif
