/*
 * Magento_Backend: the names of the modules. Clients ask for them to learn what an installation can do; ours are those of the
 * installation whose API ferrite offers.
 */
#include "shop/shop.h"

static const char *const modules[] = {
#define M(name) name,
#include "shop/modules.def"
#undef M
};

static int list_modules(struct fer_call *call)
{
	struct fer_value names = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(modules); i++)
		fer_push(call->arena, &names, fer_text(modules[i]));
	return fer_answer(call, names);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/modules", "Magento_Backend::admin", .run = list_modules, .where = FER_STORE, .many = true, .cached = true,
	  .returns = FER_STRING,
	  .service = "backendModuleServiceV1", .summary = "Names of the modules", .source = "Magento_Backend webapi.xml" },
};

const struct fer_route_table fer_routes_modules = FER_ROUTE_TABLE(rows);
