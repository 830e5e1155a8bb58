/*
 * /ferrite/v1/integrations: clients that sign with OAuth 1.0a. Nobody hands out, or makes readable, rights he does not have himself.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/integration.h"

/* -- rights ------------------------------------------------------------------------------------------------------ */

static int refuse_grant(struct fer_call *call, const char *resource)
{
	return fer_fail(call, FER_E_INTEGRATION_GRANT, "1", fer_text(resource), NULL);
}

static bool holds_all(const struct fer_call *call)
{
	return fer_acl_allows_all(call->caller.role) && !call->caller.scoped;
}

/* A resource that is not in the tree is told as such later. */
static int may_give(struct fer_call *call, const struct fer_str *resources, size_t n, bool all)
{
	if (all && !holds_all(call))
		return refuse_grant(call, "Magento_Backend::all");
	for (size_t i = 0; i < n; i++) {
		int index = fer_acl_lookup_str(resources[i]);

		if (index != FER_ACL_UNKNOWN && !fer_caller_allows(&call->caller, index))
			return refuse_grant(call, fer_acl_resource(index)->id);
	}
	return 0;
}

/* Who reads an integration's secrets has its rights. */
static int may_hold(struct fer_call *call, int64_t id)
{
	const struct fer_acl_role *role = fer_acl_role_of(fer_view_acl(call->caller.view), FER_USER_INTEGRATION, id);

	if (fer_acl_allows_all(role) && !holds_all(call))
		return refuse_grant(call, "Magento_Backend::all");
	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (fer_acl_allows(role, i) && !fer_caller_allows(&call->caller, i))
			return refuse_grant(call, fer_acl_resource(i)->id);
	return 0;
}

/* -- handlers ---------------------------------------------------------------------------------------------------- */

static int list(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_integration_list(call->server->auth, call->arena, &out);

	return r ? r : fer_answer(call, out);
}

static int answer_one(struct fer_call *call, int64_t id, int status)
{
	struct fer_value out;
	int r = fer_integration_show(call->server->auth, call->arena, id, &call->fault, &out);

	return r ? r : fer_answer_status(call, status, out);
}

static int show(struct fer_call *call)
{
	return answer_one(call, fer_arg_int(call, "id"), 200);
}

static struct fer_str *resource_list(struct fer_call *call, size_t *n)
{
	const struct fer_value *given = fer_arg(call, "resources");
	struct fer_str *out;

	*n = fer_count(given);
	out = FER_NEW_ARRAY(call->arena, *n + 1, struct fer_str);
	for (size_t i = 0; i < *n; i++)
		out[i] = fer_as_str(call->arena, fer_at(given, i));
	return out;
}

static int create(struct fer_call *call)
{
	struct fer_integration_new integration = {
		.name = fer_arg_str(call, "name"), .email = fer_arg_str(call, "email"), .endpoint = fer_arg_str(call, "endpoint"),
		.identity_link_url = fer_arg_str(call, "identityLinkUrl"), .all_resources = fer_arg_bool(call, "allResources", false),
	};
	struct fer_integration_secrets secrets;
	int r;

	integration.resources = resource_list(call, &integration.n_resources);
	if (!integration.all_resources && !integration.n_resources)
		return fer_fail(call, FER_E_INTEGRATION_RESOURCES, NULL);
	if ((r = may_give(call, integration.resources, integration.n_resources, integration.all_resources)) ||
	    (r = fer_integration_create(call->server->auth, fer_call_actor(call), call->arena, call->now_s, &integration, &call->fault, &secrets)))
		return r;
	explicit_bzero(secrets.consumer_secret, sizeof(secrets.consumer_secret));
	return answer_one(call, secrets.integration_id, 201);
}

static struct fer_value secrets_map(struct fer_call *call, const struct fer_integration_secrets *secrets)
{
	const struct { const char *name, *value; } rows[] = {
		{ "consumer_key", secrets->consumer_key },   { "consumer_secret", secrets->consumer_secret },
		{ "access_token", secrets->access_token },   { "access_token_secret", secrets->access_token_secret },
		{ "verifier", secrets->verifier },
	};
	struct fer_value out = fer_map();

	fer_set(call->arena, &out, "id", fer_int(secrets->integration_id));
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		if (rows[i].value[0])
			fer_set(call->arena, &out, rows[i].name, fer_string(fer_str_dup(call->arena, fer_str(rows[i].value))));
	return out;
}

static int act(struct fer_call *call, enum fer_integration_act which)
{
	int64_t id = fer_arg_int(call, "id");
	struct fer_integration_secrets secrets;
	struct fer_value out;
	int r;

	if ((r = may_hold(call, id)) ||
	    (r = fer_integration_activate(call->server->auth, fer_call_actor(call), call->arena, call->now_s, id, which, &call->fault, &secrets)))
		return r;
	out = secrets_map(call, &secrets);
	explicit_bzero(&secrets, sizeof(secrets));
	return fer_answer(call, out);
}

static int activate(struct fer_call *call)
{
	return act(call, FER_INTEGRATION_ACTIVATE);
}

static int reauthorize(struct fer_call *call)
{
	return act(call, FER_INTEGRATION_REAUTHORIZE);
}

static int rotate(struct fer_call *call)
{
	return act(call, FER_INTEGRATION_ROTATE);
}

static int delete(struct fer_call *call)
{
	int r = fer_integration_delete(call->server->auth, fer_call_actor(call), call->arena, fer_arg_int(call, "id"), &call->fault);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------ */

#define ONE FER_PARAMS({ "id", FER_INT, FER_REQ, NULL, NULL }), .lends = true, .source = FER_OWN

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/integrations", "Ferrite_Integration::list", .run = list, .lends = true,
	  .summary = "All integrations, without their secrets", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/integrations/:id", "Ferrite_Integration::list", .run = show, ONE,
	  .summary = "One integration and what it may do, without its secrets" },
	{ FER_POST, "/ferrite/v1/integrations", "Ferrite_Integration::save", .run = create, .lends = true,
	  FER_PARAMS({ "name", FER_STRING, FER_REQ, NULL, NULL }, { "email", FER_STRING, 0, NULL, NULL },
	             { "endpoint", FER_STRING, 0, NULL, NULL }, { "identityLinkUrl", FER_STRING, 0, NULL, NULL },
	             { "allResources", FER_BOOL, 0, NULL, NULL }, { "resources", FER_STRING, FER_MANY, NULL, NULL }),
	  .summary = "Make an integration; it waits to be activated", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/integrations/:id/activate", "Ferrite_Integration::activate", .run = activate, ONE,
	  .summary = "Give an integration its token; the only answer that shows its secrets" },
	{ FER_POST, "/ferrite/v1/integrations/:id/reauthorize", "Ferrite_Integration::activate", .run = reauthorize, ONE,
	  .summary = "Give an integration a new token; the old one ends at once" },
	{ FER_POST, "/ferrite/v1/integrations/:id/rotate", "Ferrite_Integration::activate", .run = rotate, ONE,
	  .summary = "Give an integration a new consumer secret and a new token" },
	{ FER_DELETE, "/ferrite/v1/integrations/:id", "Ferrite_Integration::delete", .run = delete, ONE,
	  .summary = "Delete an integration with its tokens and rights" },
};

const struct fer_route_table fer_routes_integration = FER_ROUTE_TABLE(rows);
