/*
 * /rest/<store>/schema: the OpenAPI document of Magento's routes. Magento has a request processor of its own for it; here it is a row.
 *
 * Source: Magento_Webapi Controller\Rest\SchemaRequestProcessor, Magento_Framework Webapi\Request, 2.4.7
 */
#include "api/openapi.h"
#include "shop/shop.h"

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "taxTaxRateRepositoryV1": letters and digits that end with V and a number. */
static bool is_service(struct fer_str name)
{
	size_t digits = 0;

	for (size_t i = 0; i < name.len; i++)
		if (!is_letter_or_digit(name.at[i]))
			return false;
	while (digits < name.len && name.at[name.len - 1 - digits] >= '0' && name.at[name.len - 1 - digits] <= '9')
		digits++;
	return digits && digits < name.len && name.at[name.len - 1 - digits] == 'V';
}

static bool are_services(struct fer_str list)
{
	struct fer_str name;

	if (!list.len || list.at[list.len - 1] == ',')
		return false;
	while (fer_str_cut(&list, ',', &name))
		if (!is_service(name))
			return false;
	return true;
}

/* What stands before "/schema" in the path. */
static struct fer_str base_of(const struct fer_call *call)
{
	struct fer_str path = call->request->path;
	size_t below = call->rest_path.len + 1;

	return path.len > below ? fer_str_take(path, path.len - below) : path;
}

static int show(struct fer_call *call)
{
	struct fer_openapi_want want = {
		.below = "/V1/", .services = fer_arg_str(call, "services"), .title = "Magento Community", .version = "2.4",
		.key = "api_key", .base = base_of(call),
	};

	if (!fer_str_is(want.services, "all") && !are_services(want.services))
		return fer_fail(call, FER_E_SCHEMA_FORMAT, NULL);
	return fer_openapi(call, &want);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/schema", "anonymous", .run = show, FER_PARAMS({ "services", FER_STRING, 0, NULL, "all" }),
	  .summary = "The OpenAPI document of the routes that the caller may use", .source = "Magento_Webapi SchemaRequestProcessor" },
};

const struct fer_route_table fer_routes_schema = FER_ROUTE_TABLE(rows);
