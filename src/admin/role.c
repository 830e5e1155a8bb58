/*
 * /ferrite/v1/roles and the tree of resources they are made of. Nobody gives or takes here what he does not hold.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/role.h"

static int list(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_role_list(call->server->auth, call->arena, &out);

	return r ? r : fer_answer(call, out);
}

static int answer_one(struct fer_call *call, int64_t id, int status)
{
	struct fer_value out;
	int r = fer_role_show(call->server->auth, call->arena, id, &call->fault, &out);

	return r ? r : fer_answer_status(call, status, out);
}

static int show(struct fer_call *call)
{
	return answer_one(call, fer_arg_int(call, "id"), 200);
}

static struct fer_str *resources_of(struct fer_call *call, size_t *n)
{
	const struct fer_value *given = fer_arg(call, "resources");
	struct fer_str *out;

	*n = fer_count(given);
	if (!given)
		return NULL;
	out = FER_NEW_ARRAY(call->arena, *n + 1, struct fer_str);
	for (size_t i = 0; i < *n; i++)
		out[i] = fer_as_str(call->arena, fer_at(given, i));
	return out;
}

static int create(struct fer_call *call)
{
	size_t n;
	struct fer_str *resources = resources_of(call, &n);
	int64_t id = 0;
	int r = fer_role_create(call->server->auth, fer_call_actor(call), call->arena, fer_arg_str(call, "name"), resources, n, &call->fault, &id);

	return r ? r : answer_one(call, id, 201);
}

static int change(struct fer_call *call)
{
	struct fer_str name = fer_arg(call, "name") ? fer_arg_str(call, "name") : FER_STR_NONE;
	int64_t id = fer_arg_int(call, "id");
	size_t n;
	struct fer_str *resources = resources_of(call, &n);
	int r;

	if (fer_arg(call, "name") && !name.at)
		name = FER_S("");
	r = fer_role_change(call->server->auth, fer_call_actor(call), call->arena, id, name, resources, n, &call->fault);
	return r ? r : answer_one(call, id, 200);
}

static int delete(struct fer_call *call)
{
	int r = fer_role_delete(call->server->auth, fer_call_actor(call), call->arena, fer_arg_int(call, "id"), &call->fault);

	return r ? r : fer_answer_true(call);
}

static int show_tree(struct fer_call *call)
{
	return fer_answer(call, fer_role_tree(call->arena));
}

#define ID { "id", FER_INT, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/acl", "Ferrite_Role::list", .run = show_tree, .lends = true,
	  .summary = "The tree of ACL resources", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/roles", "Ferrite_Role::list", .run = list, .lends = true, .summary = "The roles of admins", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/roles/:id", "Ferrite_Role::list", .run = show, .lends = true, FER_PARAMS(ID),
	  .summary = "One role: who has it, what its own rules allow, what it allows in effect", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/roles", "Ferrite_Role::save", .run = create, .lends = true,
	  FER_PARAMS({ "name", FER_STRING, FER_REQ, NULL, NULL }, { "resources", FER_STRING, FER_REQ | FER_MANY, NULL, NULL }),
	  .summary = "Make a role", .source = FER_OWN },
	{ FER_PUT, "/ferrite/v1/roles/:id", "Ferrite_Role::save", .run = change, .lends = true,
	  FER_PARAMS(ID, { "name", FER_STRING, 0, NULL, NULL }, { "resources", FER_STRING, FER_MANY, NULL, NULL }),
	  .summary = "Rename a role, or allow something else by it", .source = FER_OWN },
	{ FER_DELETE, "/ferrite/v1/roles/:id", "Ferrite_Role::delete", .run = delete, .lends = true, FER_PARAMS(ID),
	  .summary = "Delete a role that no user has", .source = FER_OWN },
};

const struct fer_route_table fer_routes_role = FER_ROUTE_TABLE(rows);
