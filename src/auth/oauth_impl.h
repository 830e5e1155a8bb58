/*
 * What the files of OAuth share: the parts of a request, the rows behind its keys, and the rules every signed request must pass.
 * No other file includes it.
 */
#ifndef FER_AUTH_OAUTH_IMPL_H
#define FER_AUTH_OAUTH_IMPL_H

#include "auth/oauth.h"

#define FER_OAUTH_LEN 32      /* of keys, tokens, secrets and verifiers */

/* How many of the known parameters a request must have: the first so many of the list in oauth_check.c. */
enum fer_oauth_needs { FER_OAUTH_ASK_REQUEST = 5, FER_OAUTH_SIGNED = 6, FER_OAUTH_ASK_ACCESS = 7 };

struct fer_oauth_consumer {
	int64_t id;                    /* 0: there is none */
	int64_t updated_s;
	struct fer_str secret;         /* as stored: encrypted */
	struct fer_str callback_url;
};

struct fer_oauth_token {
	int64_t id, consumer_id;       /* id 0: there is none */
	struct fer_str type;           /* verifier, request, access */
	struct fer_str secret;         /* as stored: encrypted */
	struct fer_str verifier;
	bool revoked;
};

struct fer_oauth_check {
	struct fer_auth *auth;
	struct fer_db *db;             /* for reading; NULL: one is lent for a moment */
	const struct fer_credentials *credentials;
	int64_t now_s;
	struct fer_arena *arena;
	struct fer_fault *fault;
	struct fer_oauth_params params;
	struct fer_oauth_consumer consumer;
	struct fer_oauth_token token;
	int64_t integration_id;        /* of the consumer; 0: there is none */
	bool active;                   /* is that integration? */
};

/** fer_oauth_get - its value; NULL when it was not sent. */
const struct fer_str *fer_oauth_get(const struct fer_oauth_params *params, const char *name);

/**
 * fer_oauth_check_request - everything but tokens and signature, in Magento's order: version, what is missing, lengths, method,
 * consumer, nonce. Reads the rows; the nonce is noted in a transaction of its own, whatever becomes of the request.
 */
int fer_oauth_check_request(struct fer_oauth_check *c, enum fer_oauth_needs needs);
/** fer_oauth_check_signature - by the consumer's secret and, with @token_secret (as stored; .at NULL: none), the token's. */
int fer_oauth_check_signature(struct fer_oauth_check *c, struct fer_str token_secret);

int fer_oauth_refuse(struct fer_oauth_check *c, enum fer_error error);
int fer_oauth_refuse_naming(struct fer_oauth_check *c, enum fer_error error, struct fer_str what);

#endif
