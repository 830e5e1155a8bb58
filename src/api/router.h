/*
 * From method and path to a route row. Built once from the rows; reading it takes no lock.
 */
#ifndef FER_API_ROUTER_H
#define FER_API_ROUTER_H

#include "api/route.h"

#define FER_PATH_SEGMENTS 24

struct fer_router;

/* A row ready for requests. */
struct fer_route_entry {
	const struct fer_route *route;
	struct fer_str segments[FER_PATH_SEGMENTS];   /* without the leading '/' */
	size_t n_segments;
	bool literal;                                 /* no ":name" */
	bool rest;                                    /* the last segment is ":name*": it takes one segment or more */
	int resources[4];                             /* ACL indices, up to n_resources */
	int n_resources;
	bool anonymous, self, caller;
};

/** fer_router_new - two rows of one method and path, a row without ACL, summary or source: -EINVAL and @why. */
int fer_router_new(const struct fer_route_table *const *tables, struct fer_router **out, char why[256]);
void fer_router_free(struct fer_router *router);

/**
 * fer_router_match - the row for a path below the store code ("/V1/taxRates/1", still encoded); NULL: none.
 * Shape:  @params gets a map of the path's parameters, decoded, in order.
 * Source: Magento_Webapi Controller\Rest\Router, 2.4.7: a literal path first, then the last pattern in byte order
 */
const struct fer_route_entry *fer_router_match(const struct fer_router *router, struct fer_arena *arena, enum fer_method method,
                                               struct fer_str path, struct fer_value *params);
const struct fer_route_entry *fer_router_at(const struct fer_router *router, size_t i);

#endif
