/*
 * OAuth 1.0a requests of integrations, HMAC-SHA256 only. Its errors go to the client, unlike those of bearer tokens.
 */
#ifndef FER_AUTH_OAUTH_H
#define FER_AUTH_OAUTH_H

#include "auth/token.h"

/** fer_oauth_wanted - does the Authorization value contain "oauth " in any case? */
bool fer_oauth_wanted(struct fer_str authorization);

struct fer_oauth_param {
	struct fer_str name, value;     /* decoded */
};

/* Everything that is signed, plus oauth_signature; a later pair of the same name replaced the earlier. */
struct fer_oauth_params {
	struct fer_oauth_param *at;
	size_t n;
};

/** fer_oauth_collect - header, form body and query into one list; nothing in the header but "oauth " may leave it empty. */
void fer_oauth_collect(struct fer_arena *arena, const struct fer_credentials *credentials, struct fer_oauth_params *out);

/** fer_oauth_base_string - what is signed (RFC 5849, 3.4.1). @natural sorts names as PHP's strnatcmp does, as Laminas clients sign. */
struct fer_str fer_oauth_base_string(struct fer_arena *arena, const struct fer_credentials *credentials,
                                     const struct fer_oauth_params *params, bool natural);

/**
 * fer_oauth_authenticate - check the signature and find the integration. Blocks; the nonce is noted in a transaction, before the
 * signature is judged, as Magento does.
 * Shape:  *@integration_id 0 when there is no OAuth parameter, or the integration is not active.
 * Errors: FER_E_REQUIRED (several), FER_E_OAUTH_…; < 0 the store failed.
 * Source: Magento_Framework Oauth, Magento_Integration Oauth, 2.4.7
 */
int fer_oauth_authenticate(struct fer_auth *auth, const struct fer_credentials *credentials, int64_t now_s,
                           struct fer_arena *arena, struct fer_fault *fault, int64_t *integration_id);

#endif
