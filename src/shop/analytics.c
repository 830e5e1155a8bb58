/*
 * Magento_Analytics: the one route of Magento's that is refused over plain HTTP. ferrite collects no reports, so the file is what it is
 * in a shop whose reports were never collected.
 */
#include "shop/shop.h"

static int get_link(struct fer_call *call)
{
	return fer_fail(call, FER_E_ANALYTICS_FILE, NULL);
}

static const struct fer_field link_fields[] = {
	FER_FIELD("url",                   FER_STRING, NULL, FER_REQ, "where the archive is"),
	FER_FIELD("initialization_vector", FER_STRING, NULL, FER_REQ, "of its encryption, base64"),
};
static const struct fer_entity link = { .name = "analytics-data-link-interface", FER_FIELDS(link_fields) };

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/analytics/link", "Magento_Analytics::analytics_api", .run = get_link, .of = &link, .https = true,
	  .service = "analyticsLinkProviderV1",
	  .summary = "Where the collected reports are", .source = "Magento_Analytics webapi.xml" },
};

const struct fer_route_table fer_routes_analytics = FER_ROUTE_TABLE(rows);
