/*
 * Bearer tokens: issue one, take all of a user's back, and tell from a request who is calling. The order of the ways to
 * authenticate (bearer, then OAuth 1.0a, then guest) stands here and nowhere else.
 */
#ifndef FER_AUTH_TOKEN_H
#define FER_AUTH_TOKEN_H

#include "auth/registry.h"

/* What a request shows of itself; views of the caller's memory. Only .authorization is needed unless the request is signed
 * by OAuth, which covers the rest. */
struct fer_credentials {
	struct fer_str authorization;   /* header value; .at NULL when absent */
	struct fer_str method;          /* GET … as sent */
	bool tls;                       /* scheme the client used */
	struct fer_str host;            /* Host header, with its port when it named one */
	struct fer_str path;            /* as sent, percent-encoded, without the query */
	struct fer_str query;           /* as sent, without '?' */
	struct fer_str content_type;
	struct fer_str body;            /* counts only when application/x-www-form-urlencoded */
	int store_id;                   /* scope of oauth/consumer/enable_integration_as_bearer */
	struct fer_str source;          /* the client's address, noted as where the token was used */
	bool trial;                     /* only asked about: no use is noted */
};

/* Not an error: this needs the database (an opaque token, OAuth, or a view that must be loaded again). Ask again on the store
 * pool with may_block true. */
#define FER_AUTH_NEEDS_STORE (-EAGAIN)

/* Why the caller is who it is; for audit and log, never for the client. */
enum fer_auth_reason {
	FER_AUTH_NONE,             /* no usable Authorization header */
	FER_AUTH_BEARER_JWT, FER_AUTH_BEARER_OPAQUE, FER_AUTH_BEARER_SERVICE, FER_AUTH_OAUTH, /* taken */
	FER_AUTH_MALFORMED, FER_AUTH_WRONG_ALG, FER_AUTH_FORGED, FER_AUTH_NO_CLAIMS,
	FER_AUTH_EXPIRED, FER_AUTH_REVOKED, FER_AUTH_UNKNOWN, FER_AUTH_INACTIVE, FER_AUTH_OAUTH_REFUSED,
	FER_AUTH_OUTLIVED,         /* older than the limit of its user or role */
	FER_AUTH_IDLE,             /* not used for ferrite/token/idle_minutes */
	FER_AUTH_KEY_RETIRED, FER_AUTH_KEY_KILLED,
	FER_AUTH_ADDRESS,          /* a service token from outside its ranges */
	FER_AUTH_OWNER,            /* the owner of a service token is disabled, gone, or past his end */
	FER_N_AUTH_REASONS
};
const char *fer_auth_reason_name(enum fer_auth_reason reason);

/**
 * fer_token_authenticate - who is calling?
 * Shape:  @out is a guest unless something was proven. A bad bearer token is not an error; a bad OAuth signature is.
 * Owns:   release @out with fer_caller_release when the call ends, whatever this returned.
 *         With @may_block the caller must hold no lent connection (this lends its own, and OAuth notes its nonce in a transaction).
 * Errors: FER_AUTH_NEEDS_STORE when not @may_block and the database is needed; 400 and 401 errors of OAuth (collected in
 *         @fault); < 0 the store failed.
 * Source: Magento_Webapi Authorization\TokenUserContext, OauthUserContext, 2.4.7
 */
int fer_token_authenticate(struct fer_auth *auth, const struct fer_credentials *credentials, int64_t now_s, bool may_block,
                           struct fer_arena *arena, struct fer_fault *fault, struct fer_caller *out,
                           enum fer_auth_reason *reason);

/* What a token says of itself, whether or not it is still taken. */
struct fer_token_facts {
	bool opaque;
	struct fer_token_id id;
	int64_t type, owner;           /* owner 0: nobody */
	int64_t issued_s, expires_s;   /* FER_NEVER_S: an integration's */
	int64_t origin_id;             /* oauth_token.entity_id of an opaque one */
	bool access;                   /* opaque: an access token, not one of the exchange */
	struct fer_claims claims;      /* of a JWT */
	bool is_service;
	struct fer_service service;    /* of a service token */
};

/**
 * fer_token_read - what a bearer token says, without a word on who may use it.
 * Returns: FER_AUTH_BEARER_JWT, …_OPAQUE or …_SERVICE with @out filled, else why not; < 0: FER_AUTH_NEEDS_STORE (when not @may_block), the store or memory.
 */
int fer_token_read(struct fer_auth *auth, struct fer_str token, bool may_block, struct fer_token_facts *out);

/**
 * fer_token_judge - is it still taken? Asks the view, not the database; idle time and address are not looked at.
 * Shape:  @store_id is the scope of oauth/consumer/enable_integration_as_bearer.
 */
enum fer_auth_reason fer_token_judge(struct fer_auth *auth, const struct fer_view *view, const struct fer_token_facts *facts, int64_t now_s,
                                     int store_id);

/**
 * fer_token_check - read and judge.
 * Returns: as fer_token_read, with the last word of fer_token_judge.
 */
int fer_token_check(struct fer_auth *auth, struct fer_str token, int64_t now_s, int store_id, bool may_block, struct fer_token_facts *out);
bool fer_token_taken(enum fer_auth_reason reason);
/** fer_token_end - when it ends: by itself, or by the longest lifetime of its user and role. */
int64_t fer_token_end(const struct fer_view *view, const struct fer_token_facts *facts);
/** fer_token_use - a use of it, at @used_s from @address. */
void fer_token_use(const struct fer_token_facts *facts, int64_t used_s, struct fer_str address, struct fer_use *out);

/**
 * fer_token_touch - it is used (@note), or only looked at: was it left unused for too long? Then *@reason becomes FER_AUTH_IDLE.
 * Errors: FER_AUTH_NEEDS_STORE when not @may_block and memory does not know; < 0 the store.
 */
int fer_token_touch(struct fer_auth *auth, const struct fer_view *view, const struct fer_token_facts *facts, const struct fer_use *use,
                    bool note, bool may_block, enum fer_auth_reason *reason);

/* A new token and its row, until both are committed. */
struct fer_issue {
	enum fer_user_type type;       /* in */
	int64_t user_id, now_s;        /* in */
	enum fer_token_method method;  /* in */
	const struct fer_actor *actor; /* in: the client; NULL: ferrite itself */
	struct fer_str token;          /* out: a compact JWS, ASCII, NUL-ended, in the arena (which wipes it, if it is a wiping one) */
	struct fer_token_row row;      /* out: for fer_registry_add_in */
};

/**
 * fer_token_issue - make a bearer token for an admin or a customer. It is not issued before its row is committed: the caller gives
 * .row to fer_registry_add_in, in the transaction that notes the sign-in.
 * Errors: < 0 the key failed.
 * Source: Magento_JwtUserToken Issuer, 2.4.7
 */
int fer_token_issue(struct fer_auth *auth, struct fer_arena *arena, struct fer_issue *issue);

/** fer_token_revoke - everything issued to this user up to and including @now_s is dead; seen by the next request. Audited. */
int fer_token_revoke(struct fer_auth *auth, const struct fer_actor *actor, enum fer_user_type type, int64_t user_id, int64_t now_s);
/**
 * fer_token_revoke_in - the same inside a transaction that was begun with FER_CHANGE_REVOKED; its caller writes the audit row. @why stands in
 * the registry.
 */
int fer_token_revoke_in(struct fer_db *db, const struct fer_actor *actor, enum fer_user_type type, int64_t user_id, int64_t now_s,
                        const char *why);

#endif
