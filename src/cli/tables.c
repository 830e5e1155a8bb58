/*
 * The route tables of all domains. A new resource adds its declaration and its line here, and is served, documented and tested by
 * that.
 */
#include "cli/tables.h"

extern const struct fer_route_table fer_routes_token;

const struct fer_route_table *const fer_route_tables[] = {
	&fer_routes_token,
	NULL
};
