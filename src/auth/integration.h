/*
 * Integrations: a consumer, an access token, the integration's row and its role with rules of its own. Secrets are
 * stored encrypted. What changes something is told the @actor, and leaves a row in the audit log in the same commit.
 */
#ifndef FER_AUTH_INTEGRATION_H
#define FER_AUTH_INTEGRATION_H

#include "auth/auth.h"

enum fer_integration_status { FER_INTEGRATION_INACTIVE = 0, FER_INTEGRATION_ACTIVE = 1, FER_INTEGRATION_RECREATED = 2 };

struct fer_integration_new {
	struct fer_str name, email;
	enum fer_integration_status status;
	bool all_resources;
	const struct fer_str *resources;   /* unless all_resources */
	size_t n_resources;
	/* each 32 letters or digits; empty: made at random */
	struct fer_str consumer_key, consumer_secret, access_token, access_token_secret;
};

struct fer_integration_secrets {
	int64_t integration_id;
	char consumer_key[33], consumer_secret[33], access_token[33], access_token_secret[33];
};

/**
 * fer_integration_create - all its rows in one transaction; @out holds the only readable copy of the secrets: wipe it.
 * Errors: FER_E_INTEGRATION_EXISTS (%1 = name), FER_E_INTEGRATION_SECRET (one is not 32 characters), FER_E_ROLE_RESOURCE.
 * Source: Magento_Integration IntegrationService, AuthorizationService, 2.4.7
 */
int fer_integration_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s,
                           const struct fer_integration_new *integration, struct fer_fault *fault, struct fer_integration_secrets *out);

/** fer_integration_list - maps {id, name, email, status, all}. */
int fer_integration_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out);
/** fer_integration_status - Errors: FER_E_INTEGRATION_UNKNOWN (%1 = id). */
int fer_integration_status(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t id,
                           enum fer_integration_status status, struct fer_fault *fault);
/** fer_integration_delete - with its consumer, tokens and role. */
int fer_integration_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t id,
                           struct fer_fault *fault);

#endif
