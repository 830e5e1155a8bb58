/*
 * /ferrite/v1/me: whoever shows a token learns who he is by it, and an admin changes his own password with the present one.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/registry.h"
#include "auth/user.h"

static struct fer_value token_of(struct fer_call *call)
{
	const struct fer_shown *token = &call->caller.token;
	struct fer_value out = fer_map();

	if (!token->there)
		return fer_null();
	fer_set(call->arena, &out, "issued_at", fer_string(fer_time_text(call->arena, token->issued_s)));
	fer_set(call->arena, &out, "expires_at",
	        token->expires_s >= FER_NEVER_S ? fer_null() : fer_string(fer_time_text(call->arena, token->expires_s)));
	return out;
}

static struct fer_value resources_of(struct fer_call *call)
{
	struct fer_value out = fer_list();

	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (fer_caller_allows(&call->caller, i))
			fer_push(call->arena, &out, fer_text(fer_acl_resource(i)->id));
	return out;
}

/* The call's connection goes back meanwhile: the user is read with one of its own. */
static int read_user(struct fer_call *call, struct fer_value *out)
{
	static const char *const kept[] = { "username", "email", "firstname", "lastname", "role_id", "role", "logdate", "expires_at" };
	struct fer_value user;
	int r;

	if (call->caller.type != FER_USER_ADMIN)
		return 0;
	if ((r = fer_user_show(call->server->auth, call->arena, call->now_s, call->caller.id, &call->fault, &user)))
		return r;
	for (size_t i = 0; i < FER_ARRAY_LEN(kept); i++)
		fer_set(call->arena, out, kept[i], *fer_get(&user, kept[i]));
	return 0;
}

static int show(struct fer_call *call)
{
	bool all = fer_acl_allows_all(call->caller.role) && !call->caller.scoped;
	struct fer_value out = fer_map();
	int r;

	fer_set(call->arena, &out, "user_type", fer_text(fer_user_type_name(call->caller.type)));
	fer_set(call->arena, &out, "user_id", fer_int(call->caller.id));
	if ((r = read_user(call, &out)))
		return r;
	fer_set(call->arena, &out, "all", fer_bool(all));
	fer_set(call->arena, &out, "resources", resources_of(call));
	fer_set(call->arena, &out, "token", token_of(call));
	return fer_answer(call, out);
}

static int change_password(struct fer_call *call)
{
	struct fer_auth *auth = call->server->auth;
	const struct fer_actor *actor = fer_call_actor(call);
	int64_t id = call->caller.id;
	int r;

	if (call->caller.type != FER_USER_ADMIN)
		return fer_fail(call, FER_E_ADMIN_ONLY, NULL);
	if ((r = fer_user_password_prove(auth, actor, call->arena, call->now_s, id, fer_arg_str(call, "currentPassword"), &call->fault)) ||
	    (r = fer_user_password(auth, actor, call->arena, call->now_s, id, fer_arg_str(call, "newPassword"), &call->fault)))
		return r;
	return fer_answer_true(call);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/me", "caller", .run = show, .lends = true,
	  .summary = "Who I am: user, role, rights, until when the token holds", .source = FER_OWN },
	{ FER_PUT, "/ferrite/v1/me/password", "caller", .run = change_password, .where = FER_HASH, .limit = FER_LIMIT_TOKEN,
	  FER_PARAMS({ "currentPassword", FER_STRING, FER_REQ, NULL, NULL }, { "newPassword", FER_STRING, FER_REQ, NULL, NULL }),
	  .summary = "Change the calling admin's password with the present one", .source = FER_OWN },
};

const struct fer_route_table fer_routes_me = FER_ROUTE_TABLE(rows);
