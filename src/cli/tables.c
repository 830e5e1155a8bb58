/*
 * The route tables of all domains. A new resource adds its declaration and its line here, and is served, documented and tested by
 * that.
 */
#include "cli/tables.h"

const struct fer_route_table *const fer_route_tables[] = {
	NULL
};
