/*
 * The one place that knows every domain: the route tables the server is made of.
 */
#ifndef FER_CLI_TABLES_H
#define FER_CLI_TABLES_H

#include "api/route.h"

extern const struct fer_route_table *const fer_route_tables[];   /* ended by NULL */

#endif
