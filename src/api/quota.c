/*
 * The steps of the pipeline that ask the buckets. Header fields as in draft-ietf-httpapi-ratelimit-headers-11: a policy's quota is the
 * burst, its window the time in which an empty bucket fills.
 */
#include "api/quota.h"

#include "api/route.h"
#include "api/server.h"

static int take(struct fer_call *call, enum fer_limit policy, const struct fer_limit_key *key)
{
	struct fer_limit_state *state = &call->limits[policy];

	fer_limit_take(call->server->limits, policy, key, state);
	return state->refused ? fer_fail(call, FER_E_TOO_MANY_REQUESTS, NULL) : 0;
}

static int take_source(struct fer_call *call, enum fer_limit policy)
{
	struct fer_limit_key key = fer_limit_key_source(&call->request->address);

	return take(call, policy, &key);
}

int fer_quota_source(struct fer_call *call)
{
	call->limited = fer_limits_any(call->server->limits, &call->request->address);
	return call->limited ? take_source(call, FER_LIMIT_API_SOURCE) : 0;
}

int fer_quota_route(struct fer_call *call)
{
	return call->limited && call->route->limit ? take_source(call, FER_LIMIT_TOKEN_SOURCE) : 0;
}

int fer_quota_hash(struct fer_call *call)
{
	return call->limited ? take_source(call, FER_LIMIT_HASH_SOURCE) : 0;
}

int fer_quota_caller(struct fer_call *call)
{
	struct fer_limit_key key = fer_limit_key_user(call->caller.type, call->caller.id);

	return call->limited && call->caller.type != FER_USER_GUEST ? take(call, FER_LIMIT_API_USER, &key) : 0;
}

int fer_quota_name(struct fer_call *call)
{
	struct fer_str name = FER_STR_NONE;

	if (!call->limited || !call->route->limit)
		return 0;
	if (call->route->limit_by)
		name = fer_arg_str(call, call->route->limit_by);
	/* Who names nobody must not have a bucket in common with everybody who does not. */
	if (call->caller.type == FER_USER_GUEST && !name.len)
		return 0;
	call->limit_name = call->caller.type == FER_USER_GUEST ? fer_limit_key_name(name)
	                                                       : fer_limit_key_user(call->caller.type, call->caller.id);
	return take(call, FER_LIMIT_TOKEN_USER, &call->limit_name);
}

/* -- the answer -------------------------------------------------------------------------------------------------- */

static void give_back(struct fer_call *call, enum fer_limit policy, const struct fer_limit_key *key)
{
	struct fer_limit_state *state = &call->limits[policy];

	if (state->applies && !state->refused)
		fer_limit_give_back(call->server->limits, policy, key, state);
}

/* Who got what he came for did not guess; neither did who met a fault of ours. */
static void spare(struct fer_call *call)
{
	struct fer_limit_key source = fer_limit_key_source(&call->request->address);

	if (!call->route || call->route->limit != FER_LIMIT_TOKEN || (call->reply.status >= 400 && call->reply.status < 500))
		return;
	give_back(call, FER_LIMIT_TOKEN_SOURCE, &source);
	give_back(call, FER_LIMIT_TOKEN_USER, &call->limit_name);
}

static void join(struct fer_buf *buf, struct fer_str item)
{
	if (buf->len)
		fer_buf_text(buf, ", ");
	fer_buf_str(buf, item);
}

/* How often somebody else signed in is nobody's business, so a name's bucket is shown only when it refuses. */
static bool is_shown(const struct fer_call *call, enum fer_limit policy)
{
	return call->limits[policy].applies &&
	       (policy != FER_LIMIT_TOKEN_USER || call->limits[policy].refused || call->caller.type != FER_USER_GUEST);
}

/* Every answer of a limited route goes through here: no printf. */
static void tell_state(struct fer_buf *buf, enum fer_limit policy, const struct fer_limit_state *state)
{
	join(buf, FER_S("\""));
	fer_buf_text(buf, fer_limit_name(policy));
	fer_buf_text(buf, "\";r=");
	fer_buf_int(buf, state->left);
	fer_buf_text(buf, ";t=");
	fer_buf_int(buf, state->wait_s);
}

static void add_headers(struct fer_call *call)
{
	struct fer_buf policies, states;
	int64_t wait_s = 0;

	fer_buf_init(&policies, call->arena, 512);
	fer_buf_init(&states, call->arena, 512);
	for (int i = 0; i < FER_N_LIMITS; i++) {
		const struct fer_limit_state *state = &call->limits[i];

		if (!is_shown(call, (enum fer_limit)i))
			continue;
		join(&policies, fer_limit_policy(call->server->limits, (enum fer_limit)i));
		tell_state(&states, (enum fer_limit)i, state);
		if (state->refused && state->wait_s > wait_s)
			wait_s = state->wait_s;
	}
	if (!states.len)
		return;
	fer_header(call, "RateLimit-Policy", policies.at);
	fer_header(call, "RateLimit", states.at);
	if (wait_s)
		fer_header(call, "Retry-After", fer_str_fmt(call->arena, "%lld", (long long)wait_s).at);
}

void fer_quota_end(struct fer_call *call)
{
	if (!call->limited)
		return;
	spare(call);
	add_headers(call);
}
