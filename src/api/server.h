/*
 * Everything that outlives a call: store, keys, clock, router, caches. One per process; tests make several.
 */
#ifndef FER_API_SERVER_H
#define FER_API_SERVER_H

#include "api/route.h"
#include "core/clock.h"
#include "mail/outbox.h"
#include "store/store.h"

struct fer_auth;
struct fer_router;
struct fer_cache;
struct fer_failures;
struct fer_limits;
struct fer_eav_cache;
struct fer_media;

struct fer_server_options {
	struct fer_store *store;                        /* borrowed */
	struct fer_auth *auth;                          /* borrowed: keys, ACL and revocation snapshots (auth/auth.h) */
	struct fer_media *media;                        /* borrowed; NULL: no pictures can be kept */
	const struct fer_route_table *const *tables;    /* ended by NULL */
	size_t call_memory;                             /* ceiling of a call's arena, bytes; 0: 64 MiB */
	size_t cache_memory;                            /* reply cache, bytes; 0: off */
	int cache_age_ms;                               /* how long a reply is kept at most; 0: until something changes */
	bool explain;                                   /* the true reason of a 401 goes out in WWW-Authenticate, below /rest too */
	bool gate_open;                                 /* at the gate a request that no route takes needs any valid token; else it is refused */
	bool sandbox;                                   /* routes that move the clock and the like are there */
	int token_retention;                            /* days the registry remembers expired tokens */
	struct fer_mail_rules mail;                     /* what becomes of mail */
	const char *downloadable_domains;               /* borrowed; NULL: none */
};

struct fer_server {
	struct fer_store *store;
	struct fer_auth *auth;
	struct fer_media *media;
	struct fer_clock clock;
	struct fer_router *router;
	struct fer_cache *cache;
	struct fer_cache *counts;        /* what searches counted (eav_find.c); NULL: no memory for it */
	struct fer_failures *failures;   /* what the log was told of; NULL: no memory for it */
	struct fer_limits *limits;       /* without rules until somebody puts some */
	struct fer_eav_cache *eav;
	struct fer_arena_pool *arenas;   /* one a call */
	const struct fer_route_table *const *tables;
	int cache_age_ms;
	bool explain, gate_open, sandbox;           /* as in the options */
	int token_retention;
	struct fer_mail_rules mail;
	struct fer_str downloadable_domains;        /* hosts with commas between */
};

int fer_server_new(const struct fer_server_options *options, struct fer_server **out, char why[256]);
void fer_server_free(struct fer_server *server);

/** fer_server_route - the rows one by one, for `ferrite routes`, OpenAPI and tests; NULL after the last. */
const struct fer_route *fer_server_route(const struct fer_server *server, size_t i);

#endif
