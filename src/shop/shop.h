/*
 * The shop itself: websites, store groups, store views, their addresses and units, modules, countries and currencies.
 */
#ifndef FER_SHOP_SHOP_H
#define FER_SHOP_SHOP_H

#include "api/entity.h"
#include "api/route.h"

extern const struct fer_entity fer_website_entity;
extern const struct fer_entity fer_store_group_entity;
extern const struct fer_entity fer_store_view_entity;

extern const struct fer_route_table fer_routes_store;
extern const struct fer_route_table fer_routes_store_config;
extern const struct fer_route_table fer_routes_modules;
extern const struct fer_route_table fer_routes_directory;
extern const struct fer_route_table fer_routes_analytics;

/* Where the storefront of a store view stands; each ends with a slash. */
struct fer_store_urls {
	struct fer_str base, link, assets, media;
};
/** fer_store_urls - over TLS, or not. @code is the store view's, for links that carry it. Errors: < 0 the store failed. */
int fer_store_urls(struct fer_call *call, int store_id, struct fer_str code, bool secure, struct fer_store_urls *out);

/** fer_country_name - the English name of an ISO 3166 code; .at NULL when it has none. */
struct fer_str fer_country_name(struct fer_str country_id);
/** fer_currency_symbol - what stands before an amount in English; the code itself when there is no sign. */
struct fer_str fer_currency_symbol(struct fer_str code);
/** fer_currency_base - the base currency of a store view: of the website, or of all when prices are global. Errors: < 0 the store failed. */
int fer_currency_base(struct fer_call *call, int store_id, struct fer_str *out);

#endif
