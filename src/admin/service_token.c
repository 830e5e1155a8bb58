/*
 * Service tokens: opaque, narrower than their owner, for machines. Who may make which stands in auth/service_store.c.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/service_store.h"

static struct fer_service_maker maker_of(struct fer_call *call)
{
	return (struct fer_service_maker){ .auth = call->server->auth, .arena = call->arena, .actor = fer_call_actor(call),
	                                   .caller = &call->caller, .now_s = call->now_s, .fault = &call->fault };
}

static struct fer_value list_arg(const struct fer_call *call, const char *name)
{
	const struct fer_value *list = fer_arg(call, name);

	return list ? *list : fer_list();
}

static int create(struct fer_call *call)
{
	const struct fer_service_maker maker = maker_of(call);
	const struct fer_service_new in = {
		.name = fer_arg_str(call, "name"), .owner = fer_arg_str(call, "owner"),
		.resources = list_arg(call, "resources"), .addresses = list_arg(call, "addresses"),
		.expires_in_s = fer_arg_int(call, "expiresIn"), .unused_days = fer_arg(call, "unusedDays") ? fer_arg_int(call, "unusedDays") : -1,
	};
	struct fer_value out;
	int r = fer_service_create(&maker, &in, &out);

	return r ? r : fer_answer(call, out);
}

static int list(struct fer_call *call)
{
	const struct fer_service_maker maker = maker_of(call);
	struct fer_value out;
	int r = fer_service_list(&maker, &out);

	return r ? r : fer_answer(call, out);
}

static int show(struct fer_call *call)
{
	const struct fer_service_maker maker = maker_of(call);
	struct fer_value out;
	int r = fer_service_show(&maker, fer_arg_str(call, "accessor"), &out);

	return r ? r : fer_answer(call, out);
}

static int rotate(struct fer_call *call)
{
	const struct fer_service_maker maker = maker_of(call);
	struct fer_value out;
	int r = fer_service_rotate(&maker, fer_arg_str(call, "accessor"), fer_arg_int(call, "overlap"), &out);

	return r ? r : fer_answer(call, out);
}

static int revoke(struct fer_call *call)
{
	const struct fer_service_maker maker = maker_of(call);
	int r = fer_service_revoke(&maker, fer_arg_str(call, "accessor"), FER_S("revoked"));

	return r ? r : fer_answer_true(call);
}

#define ACCESSOR { "accessor", FER_STRING, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_POST, "/ferrite/v1/service-tokens", "Ferrite_ServiceToken::create", .run = create,
	  FER_PARAMS({ "name", FER_STRING, FER_REQ, NULL, NULL }, { "resources", FER_STRING, FER_REQ | FER_MANY, NULL, NULL },
	             { "expiresIn", FER_INT, FER_REQ, NULL, NULL }, { "addresses", FER_STRING, FER_MANY, NULL, NULL },
	             { "unusedDays", FER_INT, 0, NULL, NULL }, { "owner", FER_STRING, 0, NULL, NULL }),
	  .summary = "Make a service token; its text is shown now and never again", .lends = true, .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/service-tokens", "Ferrite_ServiceToken::list", .run = list,
	  .summary = "List the service tokens", .lends = true, .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/service-tokens/:accessor", "Ferrite_ServiceToken::list", .run = show, FER_PARAMS(ACCESSOR),
	  .summary = "One service token", .lends = true, .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/service-tokens/:accessor/rotate", "Ferrite_ServiceToken::rotate", .run = rotate,
	  FER_PARAMS(ACCESSOR, { "overlap", FER_INT, FER_REQ, NULL, NULL }),
	  .summary = "Replace a service token; the old one works for the seconds of overlap", .lends = true, .source = FER_OWN },
	{ FER_DELETE, "/ferrite/v1/service-tokens/:accessor", "Ferrite_ServiceToken::revoke", .run = revoke, FER_PARAMS(ACCESSOR),
	  .summary = "Revoke a service token at once", .lends = true, .source = FER_OWN },
};

const struct fer_route_table fer_routes_service_token = FER_ROUTE_TABLE(rows);
