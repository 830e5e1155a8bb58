/*
 * Magento_Integration's token endpoint for admins: names and passwords in, a bearer token out. The algorithm itself is auth/admin.c.
 */
#include "api/call.h"
#include "api/route.h"
#include "api/server.h"
#include "auth/admin.h"
#include "integration/credentials.h"
#include "store/config.h"
#include "tfa/factor.h"

int fer_credentials_check(struct fer_call *call, struct fer_str username, struct fer_str password)
{
	int r = 0;

	if (!username.len)
		r = fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("username"), NULL);
	if (!password.len)
		r = fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("password"), NULL);
	return r;
}

static int create_admin_token(struct fer_call *call)
{
	struct fer_admin_sign_in attempt = {
		.username = fer_arg_str(call, "username"), .password = fer_arg_str(call, "password"), .now_s = call->now_s,
		.actor = fer_call_actor(call),
	};
	struct fer_str token;
	int r;

	if (fer_config_bool(call->server->store, 0, FER_TFA_SETTING, false))
		return fer_factor_ask(call);
	if ((r = fer_credentials_check(call, attempt.username, attempt.password)) ||
	    (r = fer_admin_sign_in(call->server->auth, call->arena, &attempt, &call->fault, &token)))
		return r;
	return fer_answer(call, fer_string(token));
}

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/integration/admin/token", "anonymous", .run = create_admin_token, .where = FER_HASH,
	  .limit = FER_LIMIT_TOKEN, .limit_by = "username",
	  FER_PARAMS({ "username", FER_STRING, FER_REQ, NULL, NULL }, { "password", FER_STRING, FER_REQ, NULL, NULL }),
	  .returns = FER_STRING, .no_store = true,
	  .service = "integrationAdminTokenServiceV1",
	  .summary = "A bearer token for an admin", .source = "Magento_Integration webapi.xml" },
};

const struct fer_route_table fer_routes_token = FER_ROUTE_TABLE(rows);
