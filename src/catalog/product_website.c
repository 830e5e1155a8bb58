/*
 * Websites that sell a product, one by one.
 * Source: Magento_Catalog ProductWebsiteLinkRepository, 2.4.7, and recorded answers.
 */
#include "catalog/product_impl.h"

#include "api/route.h"
#include "api/server.h"
#include "catalog/url.h"
#include "store/config.h"

static int add(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *link = fer_arg(call, "productWebsiteLink");
	int64_t website_id = fer_map_int(link, "website_id", 0);
	struct fer_product product;
	struct fer_website site;
	int r;

	if (!website_id)
		return fer_fail(call, FER_E_WEBSITE_NONE, NULL);
	if ((r = fer_product_require(call, fer_map_str(call->arena, link, "sku"), &product)))
		return r;
	if (!fer_config_website_by_id(call->server->store, (int)website_id, &site))
		return fer_fail(call, FER_E_WEBSITE_NOT_ASSIGNED, "1", fer_string(fer_str_fmt(call->arena, "%lld", (long long)product.id)), "2",
		                fer_int(website_id), NULL);
	if ((r = fer_sql_run(call->db, FER_SQL_PRODUCT_WEBSITE_ADD, NULL, "ii", product.id, website_id)))
		return r;
	return fer_product_moved(call, &product);
}

static int take_away(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_product product;
	int r;

	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) ||
	    (r = fer_sql_run(call->db, FER_SQL_PRODUCT_WEBSITE_DELETE, NULL, "ii", product.id, fer_arg_int(call, "websiteId"))))
		return r;
	return fer_product_moved(call, &product);
}

static int save_link(struct fer_call *call)
{
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)) || (r = fer_tx(call, 0, add, NULL)))
		return r;
	return fer_answer_true(call);
}

static int delete_link(struct fer_call *call)
{
	const struct fer_eav *eav;
	int r;

	if ((r = fer_eav_get(call, &eav)) || (r = fer_tx(call, 0, take_away, NULL)))
		return r;
	return fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field link_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("website_id", FER_INT, NULL, 0, "website"),
};
static const struct fer_entity website_link = { .name = "catalog-data-product-website-link-interface", FER_FIELDS(link_fields) };

#define PRODUCTS "Magento_Catalog::products"
#define SOURCE "Magento_Catalog webapi.xml"
#define LINK FER_PARAMS({ "productWebsiteLink", FER_OBJECT, FER_REQ, &website_link, NULL })

static const struct fer_route routes[] = {
	{ FER_POST, "/V1/products/:sku/websites", PRODUCTS, save_link, NULL, LINK, .returns = FER_BOOL,
	  .service = "catalogProductWebsiteLinkRepositoryV1", .summary = "Sell a product on a website", .source = SOURCE },
	{ FER_PUT, "/V1/products/:sku/websites", PRODUCTS, save_link, NULL, LINK, .returns = FER_BOOL,
	  .service = "catalogProductWebsiteLinkRepositoryV1", .summary = "Sell a product on a website", .source = SOURCE },
	{ FER_DELETE, "/V1/products/:sku/websites/:websiteId", PRODUCTS, delete_link,
	  NULL, FER_PARAMS({ "sku", FER_STRING, FER_REQ, NULL, NULL }, { "websiteId", FER_INT, FER_REQ, NULL, NULL }), .returns = FER_BOOL,
	  .service = "catalogProductWebsiteLinkRepositoryV1", .summary = "No longer sell a product on a website", .source = SOURCE },
};
const struct fer_route_table fer_routes_product_website = FER_ROUTE_TABLE(routes);
