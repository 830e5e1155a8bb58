/*
 * Forward authentication: nginx, Traefik, Envoy and their like ask here whether a request may pass. Which request that is, and whether
 * its caller may, has been decided by the pipeline (api/gate.h) when this runs; what is left is to say who he is.
 */
#include "admin/admin.h"
#include "api/gate.h"
#include "api/server.h"
#include "auth/accessor.h"

static void number_header(struct fer_call *call, const char *name, int64_t n)
{
	fer_header(call, name, fer_str_fmt(call->arena, "%lld", (long long)n).at);
}

static int pass(struct fer_call *call)
{
	const struct fer_caller *caller = &call->caller;
	char *accessor = fer_alloc(call->arena, FER_ACCESSOR_LEN + 1);
	int r;

	if (caller->token.there && (r = fer_token_accessor(call->server->auth, &caller->token.id, call->may_block, accessor)))
		return r;
	fer_header(call, "X-Ferrite-User-Type", caller->type == FER_USER_GUEST ? "guest" : fer_user_type_name(caller->type));
	if (caller->type != FER_USER_GUEST)
		number_header(call, "X-Ferrite-User", caller->id);
	if (caller->role)
		number_header(call, "X-Ferrite-Role", fer_acl_role_group(caller->role));
	if (accessor[0])
		fer_header(call, "X-Ferrite-Token", accessor);
	return fer_answer_true(call);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/" FER_GATE_PATH, "caller", .run = pass, .where = FER_INLINE, .gate = true, .returns = FER_BOOL,
	  .summary = "Forward authentication: may the request that the headers name pass with this token?", .source = FER_OWN },
};

const struct fer_route_table fer_routes_forward_auth = FER_ROUTE_TABLE(rows);
