/*
 * Integrations: a consumer, its token, the integration's row and its role with rules of its own. Secrets are stored encrypted. What
 * changes something is told the @actor, and leaves a row in the audit log in the same commit.
 */
#ifndef FER_AUTH_INTEGRATION_H
#define FER_AUTH_INTEGRATION_H

#include "auth/actor.h"
#include "auth/auth.h"

enum fer_integration_status { FER_INTEGRATION_INACTIVE = 0, FER_INTEGRATION_ACTIVE = 1, FER_INTEGRATION_RECREATED = 2 };

struct fer_integration_new {
	struct fer_str name, email;
	struct fer_str endpoint, identity_link_url;   /* https URLs, or empty */
	enum fer_integration_status status;           /* active: it gets its access token at once */
	bool all_resources;
	const struct fer_str *resources;   /* unless all_resources */
	size_t n_resources;
	/* each 32 letters or digits; empty: made at random */
	struct fer_str consumer_key, consumer_secret, access_token, access_token_secret;
};

/* The only readable copy: wipe it. What was not made is empty. */
struct fer_integration_secrets {
	int64_t integration_id;
	char consumer_key[33], consumer_secret[33], access_token[33], access_token_secret[33];
	char verifier[33];                 /* of an integration with an endpoint: it exchanges this for its access token itself */
};

/**
 * fer_integration_create - all its rows in one transaction.
 * Errors: FER_E_INTEGRATION_NAME, FER_E_INTEGRATION_URL, FER_E_INTEGRATION_EXISTS (%1 = name), FER_E_INTEGRATION_SECRET (one is not
 *         32 characters), FER_E_ROLE_RESOURCE.
 * Source: Magento_Integration IntegrationService, AuthorizationService, 2.4.7
 */
int fer_integration_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s,
                           const struct fer_integration_new *integration, struct fer_fault *fault, struct fer_integration_secrets *out);

enum fer_integration_act {
	FER_INTEGRATION_ACTIVATE,      /* the first token */
	FER_INTEGRATION_REAUTHORIZE,   /* a new token; the old one is dead */
	FER_INTEGRATION_ROTATE,        /* that, and a new consumer secret */
};

/**
 * fer_integration_activate - without an endpoint it gets an access token and is active; with one it gets a verifier, and is active when
 * it has exchanged that within oauth/consumer/expiration_period. Telling the endpoint is the operator's: ferrite opens no connections.
 * Errors: FER_E_INTEGRATION_UNKNOWN (%1 = id), FER_E_INTEGRATION_ACTIVE (%1 = name; FER_INTEGRATION_ACTIVATE only),
 *         FER_E_INTEGRATION_SEALED (%1 = name) its consumer secret was encrypted with a key that is not ours.
 * Source: Magento_Integration Controller\Adminhtml\Integration\TokensDialog, TokensExchange, OauthService, 2.4.7
 */
int fer_integration_activate(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t id,
                             enum fer_integration_act act, struct fer_fault *fault, struct fer_integration_secrets *out);

/** fer_integration_list - maps {id, name, email, status, endpoint, all}. */
int fer_integration_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out);
/**
 * fer_integration_show - a map {id, name, email, status, endpoint, identity_link_url, consumer_key, token, all, resources, created_at,
 * updated_at}; token is the type of its row, or null. No secret. Errors: FER_E_INTEGRATION_UNKNOWN (%1 = id).
 */
int fer_integration_show(struct fer_auth *auth, struct fer_arena *arena, int64_t id, struct fer_fault *fault, struct fer_value *out);
/** fer_integration_find - by name. Errors: FER_E_INTEGRATION_UNKNOWN (%1 = name). */
int fer_integration_find(struct fer_auth *auth, struct fer_arena *arena, struct fer_str name, struct fer_fault *fault, int64_t *id);
/** fer_integration_status - Errors: FER_E_INTEGRATION_UNKNOWN (%1 = id). */
int fer_integration_status(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t id,
                           enum fer_integration_status status, struct fer_fault *fault);
/** fer_integration_delete - with its consumer, tokens, nonces and role. */
int fer_integration_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t id,
                           struct fer_fault *fault);

#endif
