/*
 * OAuth 1.0a requests of integrations, HMAC-SHA256 only. Its errors go to the client, unlike those of bearer tokens.
 */
#ifndef FER_AUTH_OAUTH_H
#define FER_AUTH_OAUTH_H

#include "auth/actor.h"
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

/* -- how an integration gets its access token -------------------------------------------------------------------- */

struct fer_oauth_ask {
	const struct fer_actor *actor;                /* in: the client, for the audit log */
	const struct fer_credentials *credentials;    /* in */
	struct fer_db *db;                            /* in: for reading, may be lent to the call; NULL: one is lent for a moment */
	int64_t now_s;                                /* in */
	char token[33], secret[33];                   /* out: what the client is told; wipe it */
};

/**
 * fer_oauth_request_token - the verifier's row becomes a request token. Blocks.
 * Errors: as fer_oauth_authenticate; FER_E_OAUTH_CONSUMER_EXPIRED, FER_E_OAUTH_NO_TOKEN (%1 = consumer), FER_E_OAUTH_NOT_VERIFIER.
 * Source: Magento_Integration Controller\Token\Request, 2.4.7
 */
int fer_oauth_request_token(struct fer_auth *auth, struct fer_arena *arena, struct fer_oauth_ask *ask, struct fer_fault *fault);
/**
 * fer_oauth_access_token - the request token's row becomes an access token, and the integration active. Of two exchanges of one
 * request token one succeeds.
 * Errors: as fer_oauth_authenticate; FER_E_OAUTH_REQUEST_CONSUMER, FER_E_OAUTH_TOKEN_USED, FER_E_OAUTH_VERIFIER_LENGTH, FER_E_OAUTH_VERIFIER.
 * Source: Magento_Integration Controller\Token\Access, 2.4.7
 */
int fer_oauth_access_token(struct fer_auth *auth, struct fer_arena *arena, struct fer_oauth_ask *ask, struct fer_fault *fault);

/** fer_oauth_random - 32 small letters and digits, as Magento makes keys, tokens, secrets and verifiers. */
void fer_oauth_random(char out[33]);

/* -- chores; each in transactions of its own ---------------------------------------------------------------------- */

/** fer_oauth_sweep_nonces - nonces whose timestamp is oauth/cleanup/expiration_period old. */
int fer_oauth_sweep_nonces(struct fer_store *store, int64_t now_s);
/** fer_oauth_sweep_requests - request tokens that were not exchanged in that time. */
int fer_oauth_sweep_requests(struct fer_store *store, int64_t now_s);
/** fer_oauth_sweep_tokens - expired opaque tokens of admins and customers. */
int fer_oauth_sweep_tokens(struct fer_auth *auth, int64_t now_s);

#endif
