/*
 * Token introspection (RFC 7662) and revocation (RFC 7009), by their texts: form-encoded, and silent about tokens that are none.
 */
#include <errno.h>

#include "admin/admin.h"
#include "api/request.h"
#include "api/server.h"
#include "auth/registry.h"

/* RFC 6749, section 5.2. */
static int invalid_request(struct fer_call *call, const char *description)
{
	struct fer_value out = fer_map();

	fer_set(call->arena, &out, "error", fer_text("invalid_request"));
	fer_set(call->arena, &out, "error_description", fer_text(description));
	return fer_answer_status(call, 400, out);
}

/* A parameter must not be there twice (RFC 6749, section 3.1). */
static bool is_repeated(struct fer_str form, const char *name)
{
	struct fer_str pair, key = FER_STR_NONE;
	int n = 0;

	while (fer_str_cut(&form, '&', &pair)) {
		fer_str_cut(&pair, '=', &key);
		n += fer_str_is(key, name);
	}
	return n > 1;
}

/* True: answered already. A token_type_hint is a hint only: all kinds are told apart by their form. */
static bool refuses_form(struct fer_call *call, struct fer_str token)
{
	if (!token.len)
		return invalid_request(call, "the token is missing") == 0;
	if (is_repeated(call->request->body, "token") || is_repeated(call->request->body, "token_type_hint"))
		return invalid_request(call, "a parameter is there twice") == 0;
	return false;
}

/* -- introspection ------------------------------------------------------------------------------------------------ */

static struct fer_value describe(struct fer_call *call, const struct fer_view *view, const struct fer_token_facts *facts)
{
	const struct fer_acl_role *role = fer_acl_role_of(fer_view_acl(view), facts->type, facts->owner);
	int64_t ends_s = fer_token_end(view, facts);
	struct fer_value out = fer_map();

	fer_set(call->arena, &out, "active", fer_bool(true));
	fer_set(call->arena, &out, "token_type", fer_text("Bearer"));
	fer_set(call->arena, &out, "sub", fer_string(fer_str_fmt(call->arena, "%s:%lld", fer_user_type_name(facts->type),
	                                                         (long long)facts->owner)));
	fer_set(call->arena, &out, "iat", fer_int(facts->issued_s));
	if (ends_s < FER_NEVER_S)
		fer_set(call->arena, &out, "exp", fer_int(ends_s));
	fer_set(call->arena, &out, "user_type", fer_text(fer_user_type_name(facts->type)));
	fer_set(call->arena, &out, "user_id", fer_int(facts->owner));
	if (role)
		fer_set(call->arena, &out, "role_id", fer_int(fer_acl_role_group(role)));
	return out;
}

/* Being looked at is no use of the token. */
static int check(struct fer_call *call, const struct fer_view *view, struct fer_token_facts *facts, enum fer_auth_reason *reason)
{
	struct fer_use use;
	int r = fer_token_check(call->server->auth, fer_arg_str(call, "token"), call->now_s, 0, call->may_block, facts);

	if (r < 0)
		return r;
	*reason = (enum fer_auth_reason)r;
	if (!fer_token_taken(*reason))
		return 0;
	fer_token_use(facts, call->now_s, FER_STR_NONE, &use);
	return fer_token_touch(call->server->auth, view, facts, &use, false, call->may_block, reason);
}

/* Without the database for a JWT; others are looked up, off the event thread. */
static int introspect(struct fer_call *call)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct fer_value out = fer_map();
	struct fer_token_facts facts;
	enum fer_auth_reason reason;
	int r;

	if (refuses_form(call, fer_arg_str(call, "token")))
		return 0;
	view = fer_view_ref(call->server->auth);
	if ((r = check(call, view, &facts, &reason)))
		return r;
	if (fer_token_taken(reason))
		return fer_answer(call, describe(call, view, &facts));
	fer_set(call->arena, &out, "active", fer_bool(false));
	return fer_answer(call, out);
}

/* -- revocation --------------------------------------------------------------------------------------------------- */

static bool may_revoke(struct fer_call *call, const struct fer_token_facts *facts)
{
	if (call->caller.type == (enum fer_user_type)facts->type && call->caller.id == facts->owner)
		return true;
	return fer_caller_allows(&call->caller, fer_acl_lookup("Ferrite_Token::revoke"));
}

/* What is no token, or no longer one, is revoked as far as the client is concerned (RFC 7009, section 2.2). */
static int revoke(struct fer_call *call)
{
	struct fer_str token = fer_arg_str(call, "token");
	const struct fer_revocation revocation = { call->now_s, fer_call_actor(call), FER_S("by the token itself") };
	struct fer_token_facts facts;
	struct fer_token_filter filter = { .id = &facts.id };
	struct fer_use use;
	int64_t n;
	int r;

	if (refuses_form(call, token))
		return 0;
	if ((r = fer_token_check(call->server->auth, token, call->now_s, 0, true, &facts)) < 0)
		return r;
	if (!fer_token_taken((enum fer_auth_reason)r))
		return fer_answer(call, fer_map());
	if (!may_revoke(call, &facts))
		return fer_fail(call, FER_E_FORBIDDEN, "resources", fer_text("Ferrite_Token::revoke"), NULL);
	fer_token_use(&facts, 0, FER_STR_NONE, &use);
	r = fer_registry_revoke(call->server->auth, &filter, &revocation, &use, &n);
	return r ? r : fer_answer(call, fer_map());
}

#define FORM FER_PARAMS({ "token", FER_STRING, 0, NULL, NULL }, { "token_type_hint", FER_STRING, 0, NULL, NULL }), .form = true, \
	.source = "RFC 7662, RFC 7009"

static const struct fer_route rows[] = {
	{ FER_POST, "/ferrite/v1/oauth/introspect", "Ferrite_Token::introspect", .run = introspect, FORM, .where = FER_INLINE,
	  .summary = "Is this token taken, whose is it, how long?" },
	{ FER_POST, "/ferrite/v1/oauth/revoke", "caller", .run = revoke, FORM, .lends = true,
	  .summary = "Revoke a token by its text: one's own, or any with Ferrite_Token::revoke" },
};

const struct fer_route_table fer_routes_token_oauth = FER_ROUTE_TABLE(rows);
