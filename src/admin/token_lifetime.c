/*
 * /ferrite/v1/token-lifetimes: how long tokens of a role or user may live at most, whatever they say themselves.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/audit.h"
#include "auth/lifetime.h"
#include "auth/registry.h"

static int list(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_lifetime_list(call->server->auth, call->arena, &out);

	return r ? r : fer_answer(call, out);
}

struct change {
	struct fer_str of;
	int64_t type, id, minutes;     /* minutes 0: none */
};

static int set(struct fer_call *call, void *data)
{
	const struct change *change = data;
	struct fer_value details = fer_map();
	const struct fer_audit_event event = {
		.name = FER_AUDIT_TOKEN_LIFETIME, .actor = fer_call_actor(call), .details = &details,
		.target = fer_str_fmt(call->arena, "%.*s:%lld", FER_F(change->of), (long long)change->id),
	};
	int r = fer_lifetime_set_in(call->db, change->type, change->id, change->minutes);

	fer_set(call->arena, &details, "minutes", fer_int(change->minutes));
	if (r)
		return r > 0 ? fer_fail(call, (enum fer_error)r, NULL) : r;
	return fer_audit_in(fer_auth_audit(call->server->auth), call->db, &event);
}

static int run(struct fer_call *call, int64_t minutes)
{
	struct change change = { .of = fer_arg_str(call, "of"), .id = fer_arg_int(call, "id"), .minutes = minutes };
	int r;

	change.type = fer_user_type(change.of);
	if (!change.type && !fer_str_is(change.of, "role"))
		return fer_fail(call, FER_E_LIFETIME_OF, "1", fer_string(change.of), NULL);
	r = fer_tx(call, 1u << FER_CHANGE_ACL, set, &change);
	return r ? r : fer_answer_true(call);
}

static int save(struct fer_call *call)
{
	int64_t minutes = fer_arg_int(call, "minutes");

	if (minutes < 1 || minutes > FER_LIFETIME_MAX_MINUTES)
		return fer_fail(call, FER_E_LIFETIME_MINUTES, "1", fer_int(FER_LIFETIME_MAX_MINUTES), NULL);
	return run(call, minutes);
}

static int delete(struct fer_call *call)
{
	return run(call, 0);
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
