/*
 * Why a request was refused, as the audit log tells it: what is wrong with the token, or which resource is missing. Apart from the
 * pipeline, whose answer tells the client as much as Magento's does.
 */
#include "api/denied.h"

#include "api/router.h"
#include "api/server.h"
#include "auth/auth.h"
#include "auth/token.h"

/* "oauth: OAUTH_NONCE_USED": the first of what OAuth has against it. */
static struct fer_str reason_of_oauth(struct fer_call *call)
{
	return fer_str_fmt(call->arena, "oauth: %s", call->fault.n ? fer_error_row(call->fault.items[0].error)->name : "refused");
}

static struct fer_str reason_of_caller(struct fer_call *call)
{
	const struct fer_route_entry *entry = call->entry;

	if (entry->self && call->caller.type == FER_USER_CUSTOMER)
		return FER_S("the customer's account is not shared with this store");
	if (!call->caller.role)
		return FER_S("no role");
	for (int i = 0; i < entry->n_resources; i++) {
		int wanted = entry->resources[i];
		const char *name = wanted == FER_ACL_UNKNOWN ? entry->route->acl : fer_acl_resource(wanted)->id;

		if (!fer_acl_allows(call->caller.role, wanted))
			return fer_str_fmt(call->arena, "the role lacks %s", name);
		if (!fer_caller_allows(&call->caller, wanted))
			return fer_str_fmt(call->arena, "outside the token's scope: %s", name);
	}
	return fer_str(entry->route->acl);
}

static struct fer_str reason(struct fer_call *call, int error)
{
	if (error == FER_E_CLIENT_CERTIFICATE)
		return fer_str_fmt(call->arena, "client certificate: %s", call->request->client_fault);
	if (error == FER_E_HTTPS_ONLY)
		return FER_S("not over https");
	if (call->auth_reason == FER_AUTH_OAUTH_REFUSED)
		return reason_of_oauth(call);
	if (call->caller.type != FER_USER_GUEST)
		return reason_of_caller(call);
	return call->auth_reason == FER_AUTH_NONE ? FER_S("no token") : fer_str(fer_auth_reason_name(call->auth_reason));
}

/* The gate refuses for a route that another server has: both are told. */
static struct fer_value details(struct fer_call *call)
{
	struct fer_value out = fer_map();

	if (call->entry->route != call->route)
		fer_set(call->arena, &out, "asked", fer_string(fer_str_fmt(call->arena, "%.*s %s", FER_F(call->target.method),
		                                                           call->entry->route->path)));
	return out;
}

int fer_call_denied(struct fer_call *call, int error)
{
	struct fer_value more = details(call);
	struct fer_audit_event event = {
		.name = FER_AUDIT_DENIED, .outcome = FER_DENIED, .actor = fer_call_actor(call), .reason = reason(call, error),
		.target = fer_str_fmt(call->arena, "acl:%s", call->entry->route->acl), .details = &more,
	};
	int r = fer_audit_note(fer_auth_audit(call->server->auth), &event);

	return r ? r : error;
}
