/*
 * Where an integration exchanges its verifier for tokens: front-end controllers in Magento, so outside /rest. The rules are
 * auth/oauth_exchange.c's.
 */
#include "api/call.h"
#include "api/route.h"
#include "api/server.h"
#include "auth/oauth.h"

static int answer_pair(struct fer_call *call, int (*exchange)(struct fer_auth *auth, struct fer_arena *arena, struct fer_oauth_ask *ask,
                                                              struct fer_fault *fault))
{
	const struct fer_credentials credentials = fer_call_credentials(call);
	struct fer_oauth_ask ask = { .actor = fer_call_actor(call), .credentials = &credentials, .db = call->db, .now_s = call->now_s };
	struct fer_value out = fer_map();
	int r = exchange(call->server->auth, call->arena, &ask, &call->fault);

	if (r)
		return r;
	fer_set(call->arena, &out, "oauth_token", fer_string(fer_str_dup(call->arena, fer_str(ask.token))));
	fer_set(call->arena, &out, "oauth_token_secret", fer_string(fer_str_dup(call->arena, fer_str(ask.secret))));
	explicit_bzero(&ask, sizeof(ask));
	return fer_answer(call, out);
}

static int request_token(struct fer_call *call)
{
	return answer_pair(call, fer_oauth_request_token);
}

static int access_token(struct fer_call *call)
{
	return answer_pair(call, fer_oauth_access_token);
}

#define REQUEST "/oauth/token/request", "anonymous", .run = request_token, .form_answer = true, .no_store = true, .limit = FER_LIMIT_TOKEN, \
	.summary = "A request token for the verifier of an integration", .source = "Magento_Integration Controller Token Request"
#define ACCESS "/oauth/token/access", "anonymous", .run = access_token, .form_answer = true, .no_store = true, .limit = FER_LIMIT_TOKEN, \
	.summary = "An access token for a request token", .source = "Magento_Integration Controller Token Access"

static const struct fer_route rows[] = {
	{ FER_GET, REQUEST },
	{ FER_POST, REQUEST },
	{ FER_GET, ACCESS },
	{ FER_POST, ACCESS },
};

const struct fer_route_table fer_routes_oauth = FER_ROUTE_TABLE(rows);
