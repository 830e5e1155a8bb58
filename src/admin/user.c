/*
 * /ferrite/v1/users: the admins of the shop, which Magento has no web API for. Nobody gives or takes here what he does not hold.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/password.h"
#include "auth/user.h"

static int list(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_user_list(call->server->auth, call->arena, call->now_s, &out);

	return r ? r : fer_answer(call, out);
}

static int answer_one(struct fer_call *call, int64_t id, int status, struct fer_str first)
{
	struct fer_value out;
	int r = fer_user_show(call->server->auth, call->arena, call->now_s, id, &call->fault, &out);

	if (r)
		return r;
	if (first.len)
		fer_set(call->arena, &out, "password", fer_string(first));
	return fer_answer_status(call, status, out);
}

static int show(struct fer_call *call)
{
	return answer_one(call, fer_arg_int(call, "id"), 200, FER_STR_NONE);
}

static int rights(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_user_rights(call->server->auth, call->arena, fer_arg_int(call, "id"), &call->fault, &out);

	return r ? r : fer_answer(call, out);
}

/* "2030-12-31", "2030-12-31 23:59:59"; empty: never. */
static int read_expiry(struct fer_call *call, int64_t *out)
{
	struct fer_str text = fer_arg_str(call, "expiresAt");

	*out = 0;
	if (!text.len || fer_time_parse(text, out))
		return 0;
	return fer_fail(call, FER_E_USER_EXPIRES, NULL);
}

/* Without a password one is made, and shown in this answer alone. */
static int create(struct fer_call *call)
{
	char *made = fer_alloc(call->arena, FER_PASSWORD_FIRST_SIZE);
	struct fer_user_new user = {
		.username = fer_arg_str(call, "username"), .email = fer_arg_str(call, "email"), .password = fer_arg_str(call, "password"),
		.firstname = fer_arg_str(call, "firstname"), .lastname = fer_arg_str(call, "lastname"),
		.role_id = fer_arg_int(call, "roleId"), .inactive = !fer_arg_bool(call, "isActive", true),
	};
	int64_t id = 0;
	int r;

	if ((r = read_expiry(call, &user.expires_s)))
		return r;
	if (!fer_arg(call, "password")) {
		fer_password_first(made);
		user.password = fer_str(made);
	}
	if ((r = fer_user_create(call->server->auth, fer_call_actor(call), call->arena, call->now_s, &user, &call->fault, &id)))
		return r;
	return answer_one(call, id, 201, fer_str(made));
}

/* An empty text of a name is refused, one that is not sent stays. */
static struct fer_str sent(struct fer_call *call, const char *name)
{
	struct fer_str text = fer_arg(call, name) ? fer_arg_str(call, name) : FER_STR_NONE;

	return fer_arg(call, name) && !text.at ? FER_S("") : text;
}

static int change(struct fer_call *call)
{
	struct fer_user_change change = {
		.username = sent(call, "username"), .email = sent(call, "email"), .firstname = sent(call, "firstname"),
		.lastname = sent(call, "lastname"), .sets_role = fer_arg(call, "roleId"), .role_id = fer_arg_int(call, "roleId"),
		.sets_active = fer_arg(call, "isActive"), .active = fer_arg_bool(call, "isActive", true), .sets_expiry = fer_arg(call, "expiresAt"),
	};
	int64_t id = fer_arg_int(call, "id");
	int r;

	if ((r = read_expiry(call, &change.expires_s)) ||
	    (r = fer_user_change(call->server->auth, fer_call_actor(call), call->arena, call->now_s, id, &change, &call->fault)))
		return r;
	return answer_one(call, id, 200, FER_STR_NONE);
}

/* One's own takes the present one. */
static int set_password(struct fer_call *call)
{
	int64_t id = fer_arg_int(call, "id");
	int r;

	if (call->caller.type == FER_USER_ADMIN && call->caller.id == id)
		return fer_fail(call, FER_E_OWN_PASSWORD, NULL);
	r = fer_user_password(call->server->auth, fer_call_actor(call), call->arena, call->now_s, id, fer_arg_str(call, "password"), &call->fault);
	return r ? r : fer_answer_true(call);
}

static int delete(struct fer_call *call)
{
	int r = fer_user_delete(call->server->auth, fer_call_actor(call), call->arena, call->now_s, fer_arg_int(call, "id"), &call->fault);

	return r ? r : fer_answer_true(call);
}

static int unlock(struct fer_call *call)
{
	int r = fer_user_unlock(call->server->auth, fer_call_actor(call), call->arena, fer_arg_int(call, "id"), &call->fault);

	return r ? r : fer_answer_true(call);
}

#define ID { "id", FER_INT, FER_REQ, NULL, NULL }
#define TEXT(name, flags) { name, FER_STRING, flags, NULL, NULL }
#define FIELDS(needed) TEXT("username", needed), TEXT("email", needed), TEXT("firstname", needed), TEXT("lastname", needed), \
	{ "roleId", FER_INT, 0, NULL, NULL }, { "isActive", FER_BOOL, 0, NULL, NULL }, TEXT("expiresAt", 0)

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/users", "Ferrite_User::list", .run = list, .lends = true,
	  .summary = "The admin users", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/users/:id", "Ferrite_User::list", .run = show, .lends = true, FER_PARAMS(ID),
	  .summary = "One admin user", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/users/:id/rights", "Ferrite_User::rights", .run = rights, .lends = true, FER_PARAMS(ID),
	  .summary = "What an admin may: every resource with the rule that decided", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/users", "Ferrite_User::save", .run = create, .where = FER_HASH, FER_PARAMS(FIELDS(FER_REQ), TEXT("password", 0)),
	  .summary = "Make an admin; without a password one is made and shown once", .source = FER_OWN },
	{ FER_PUT, "/ferrite/v1/users/:id", "Ferrite_User::save", .run = change, .lends = true, FER_PARAMS(ID, FIELDS(0)),
	  .summary = "Change an admin: names, e-mail, role, whether active, until when", .source = FER_OWN },
	{ FER_PUT, "/ferrite/v1/users/:id/password", "Ferrite_User::save", .run = set_password, .where = FER_HASH,
	  FER_PARAMS(ID, TEXT("password", FER_REQ)), .summary = "Give another admin a new password", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/users/:id/unlock", "Ferrite_User::unlock", .run = unlock, .lends = true, FER_PARAMS(ID),
	  .summary = "Forget the failed sign-ins of an admin", .source = FER_OWN },
	{ FER_DELETE, "/ferrite/v1/users/:id", "Ferrite_User::delete", .run = delete, .lends = true, FER_PARAMS(ID),
	  .summary = "Delete an admin with his tokens", .source = FER_OWN },
};

const struct fer_route_table fer_routes_user = FER_ROUTE_TABLE(rows);
