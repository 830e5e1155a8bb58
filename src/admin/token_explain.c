/*
 * /ferrite/v1/token/explain: why a token is taken or refused, for a route or as such. Only for those who may know.
 */
#include "admin/admin.h"
#include "api/explain.h"

static int explain(struct fer_call *call)
{
	const struct fer_question question = {
		.token = fer_arg_str(call, "token"), .method = fer_arg(call, "method") ? fer_arg_str(call, "method") : FER_S("GET"),
		.path = fer_arg_str(call, "path"), .address = fer_arg(call, "address") ? fer_arg_str(call, "address") : call->request->source,
	};
	struct fer_value out;
	int r = fer_explain(call->server, call->arena, &question, &out);

	return r ? r : fer_answer(call, out);
}

static const struct fer_route rows[] = {
	{ FER_POST, "/ferrite/v1/token/explain", "Ferrite_Token::explain", .run = explain, .lends = true,
	  FER_PARAMS({ "token", FER_STRING, FER_REQ, NULL, NULL }, { "method", FER_STRING, 0, NULL, NULL },
	             { "path", FER_STRING, 0, NULL, NULL }, { "address", FER_STRING, 0, NULL, NULL }),
	  .summary = "Why a token is taken or refused, for a route or as such", .source = FER_OWN },
};

const struct fer_route_table fer_routes_token_explain = FER_ROUTE_TABLE(rows);
