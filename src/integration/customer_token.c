/*
 * Magento_Integration's token endpoints for customers: e-mail and password in, a bearer token out, and the way to take all of them back.
 */
#include "api/call.h"
#include "api/route.h"
#include "api/server.h"
#include "auth/customer.h"
#include "auth/token.h"
#include "integration/credentials.h"

static int create_customer_token(struct fer_call *call)
{
	struct fer_customer_sign_in attempt = {
		.email = fer_arg_str(call, "username"), .password = fer_arg_str(call, "password"), .store_id = call->store_id,
		.now_s = call->now_s, .actor = fer_call_actor(call),
	};
	struct fer_str token;
	int r;

	if ((r = fer_credentials_check(call, attempt.email, attempt.password)) ||
	    (r = fer_customer_sign_in(call->server->auth, call->arena, &attempt, &call->fault, &token)))
		return r;
	return fer_answer(call, fer_string(token));
}

static int revoke_customer_token(struct fer_call *call)
{
	int r = fer_token_revoke(call->server->auth, fer_call_actor(call), FER_USER_CUSTOMER, fer_arg_int(call, "customerId"), call->now_s);

	return r ? r : fer_answer_true(call);
}

#define SOURCE "Magento_Integration webapi.xml"

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/integration/customer/token", "anonymous", .run = create_customer_token, .where = FER_HASH,
	  .limit = FER_LIMIT_TOKEN, .limit_by = "username",
	  FER_PARAMS({ "username", FER_STRING, FER_REQ, NULL, NULL }, { "password", FER_STRING, FER_REQ, NULL, NULL }),
	  .returns = FER_STRING, .no_store = true,
	  .service = "integrationCustomerTokenServiceV1", .summary = "A bearer token for a customer", .source = SOURCE },
	{ FER_POST, "/V1/integration/customer/revoke-customer-token", "self", .run = revoke_customer_token,
	  FER_PARAMS({ "customerId", FER_INT, FER_REQ, NULL, NULL }), .forced = "customerId=%customer_id%",
	  .returns = FER_BOOL,
	  .service = "integrationCustomerTokenServiceV1",
	  .summary = "Take all tokens of the calling customer back", .source = SOURCE },
};

const struct fer_route_table fer_routes_customer_token = FER_ROUTE_TABLE(rows);
