/*
 * /ferrite/v1/token-lifetimes: how long tokens of a role or user may live at most, whatever they say themselves.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/lifetime.h"

static int list(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_lifetime_list(call->server->auth, call->arena, &out);

	return r ? r : fer_answer(call, out);
}

static int set(struct fer_call *call, int64_t minutes)
{
	int r = fer_lifetime_set(call->server->auth, fer_call_actor(call), call->arena, fer_arg_str(call, "of"), fer_arg_int(call, "id"),
	                         minutes, &call->fault);

	return r ? r : fer_answer_true(call);
}

static int save(struct fer_call *call)
{
	int64_t minutes = fer_arg_int(call, "minutes");

	if (minutes < 1)
		return fer_fail(call, FER_E_LIFETIME_MINUTES, "1", fer_int(FER_LIFETIME_MAX_MINUTES), NULL);
	return set(call, minutes);
}

static int delete(struct fer_call *call)
{
	return set(call, 0);
}

#define OF { "of", FER_STRING, FER_REQ, NULL, NULL }, { "id", FER_INT, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/token-lifetimes", "Ferrite_Token::limits", .run = list, .lends = true,
	  .summary = "The longest lifetimes of tokens, by role and user", .source = FER_OWN },
	{ FER_PUT, "/ferrite/v1/token-lifetimes/:of/:id", "Ferrite_Token::limits", .run = save,
	  FER_PARAMS(OF, { "minutes", FER_INT, FER_REQ, NULL, NULL }), .returns = FER_BOOL,
	  .summary = "Tokens of this role, admin, customer or integration live no longer than so many minutes", .source = FER_OWN },
	{ FER_DELETE, "/ferrite/v1/token-lifetimes/:of/:id", "Ferrite_Token::limits", .run = delete, FER_PARAMS(OF), .returns = FER_BOOL,
	  .summary = "Tokens live as long as they say again", .source = FER_OWN },
};

const struct fer_route_table fer_routes_token_lifetime = FER_ROUTE_TABLE(rows);
