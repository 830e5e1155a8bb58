/*
 * /ferrite/v1/schema: the OpenAPI document of ferrite's own routes.
 */
#include "admin/admin.h"
#include "api/openapi.h"

static int show(struct fer_call *call)
{
	const struct fer_openapi_want want = {
		.below = "/ferrite/v1/", .services = FER_S("all"), .title = "ferrite", .version = "1", .key = "Authorization", .base = FER_S("/"),
	};

	return fer_openapi(call, &want);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/schema", "caller", .run = show,
	  .summary = "The OpenAPI document of ferrite's own routes that the caller may use", .source = "ferrite" },
};

const struct fer_route_table fer_routes_own_schema = FER_ROUTE_TABLE(rows);
