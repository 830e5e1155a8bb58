/*
 * Magento_Analytics: the one route of Magento's that is refused over plain HTTP. ferrite collects no reports, so the file is what it is
 * in a shop whose reports were never collected.
 */
#include "shop/shop.h"

static int get_link(struct fer_call *call)
{
	return fer_fail(call, FER_E_ANALYTICS_FILE, NULL);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/analytics/link", "Magento_Analytics::analytics_api", .run = get_link, .https = true,
	  .summary = "Where the collected reports are", .source = "Magento_Analytics webapi.xml" },
};

const struct fer_route_table fer_routes_analytics = FER_ROUTE_TABLE(rows);
