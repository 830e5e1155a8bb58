/*
 * Putting a server together from its parts.
 */
#include "api/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/cache.h"
#include "api/failure.h"
#include "api/eav.h"
#include "api/router.h"
#include "auth/limit.h"

#define COUNT_MEMORY ((size_t)4 << 20)    /* what searches counted */
#define CALL_MEMORY ((size_t)64 << 20)
#define SPARE_ARENAS 256

int fer_server_new(const struct fer_server_options *options, struct fer_server **out, char why[256])
{
	struct fer_server *server = calloc(1, sizeof(*server));
	int r;

	if (!server)
		return -ENOMEM;
	server->store = options->store;
	server->auth = options->auth;
	server->media = options->media;
	server->downloadable_domains = options->downloadable_domains ? fer_str(options->downloadable_domains) : FER_STR_NONE;
	server->tables = options->tables;
	server->cache_age_ms = options->cache_age_ms;
	server->explain = options->explain;
	server->gate_open = options->gate_open;
	server->sandbox = options->sandbox;
	server->token_retention = options->token_retention;
	server->mail = options->mail;
	server->arenas = fer_arena_pool_new(options->call_memory ? options->call_memory : CALL_MEMORY, SPARE_ARENAS);
	server->counts = fer_cache_new(COUNT_MEMORY);
	server->failures = fer_failures_new();
	fer_clock_init(&server->clock);
	server->limits = fer_limits_new(&server->clock);
	fer_str_hash(FER_S("seeded before there are threads"));
	r = fer_router_new(options->tables, &server->router, why);
	if (!r && options->cache_memory && !(server->cache = fer_cache_new(options->cache_memory)))
		r = -ENOMEM;
	if (!r && (!server->arenas || !server->limits))
		r = -ENOMEM;
	if (!r && !(server->eav = fer_eav_cache_new()))
		r = -ENOMEM;
	if (r) {
		fer_server_free(server);
		return r;
	}
	*out = server;
	return 0;
}

void fer_server_free(struct fer_server *server)
{
	if (!server)
		return;
	fer_eav_cache_free(server->eav);
	fer_cache_free(server->cache);
	fer_cache_free(server->counts);
	fer_failures_free(server->failures);
	fer_limits_free(server->limits);
	fer_router_free(server->router);
	fer_arena_pool_free(server->arenas);
	free(server);
}

const struct fer_route *fer_server_route(const struct fer_server *server, size_t i)
{
	const struct fer_route_entry *entry = fer_router_at(server->router, i);

	return entry ? entry->route : NULL;
}
