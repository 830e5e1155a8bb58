/*
 * Service tokens as their owners see them: make one, list, rotate, revoke. Texts leave this file once, when they are made; what is kept
 * is a keyed hash. Everything here lends connections of its own: none may be held by the caller.
 */
#ifndef FER_AUTH_SERVICE_STORE_H
#define FER_AUTH_SERVICE_STORE_H

#include "auth/actor.h"
#include "auth/token.h"

/* Who asks, and for whom it is done. */
struct fer_service_maker {
	struct fer_auth *auth;
	struct fer_arena *arena;           /* a wiping one */
	const struct fer_actor *actor;
	const struct fer_caller *caller;   /* NULL: the command line, which may everything */
	int64_t now_s;
	struct fer_fault *fault;
};

struct fer_service_new {
	struct fer_str name;
	struct fer_value resources;        /* a list of ids of the tree; empty: it may nothing but be asked about */
	struct fer_value addresses;        /* a list of addresses and ranges; empty: everywhere */
	struct fer_str owner;              /* an admin's user name; empty: the caller himself */
	int64_t expires_in_s;
	int64_t unused_days;               /* < 0: as ferrite/service_token/unused_days says; 0: it need not be used */
};

/**
 * fer_service_create - a new token.
 * Shape:  @out as fer_service_list's, with its text as "token" in front: shown once.
 * Errors: FER_E_FORBIDDEN (the caller lacks a resource, or Ferrite_ServiceToken::create_for), FER_E_SERVICE_… for the input.
 */
int fer_service_create(const struct fer_service_maker *maker, const struct fer_service_new *in, struct fer_value *out);

/**
 * fer_service_rotate - a new token of the same name, rights, addresses and lifetime; the old one works for @overlap_s longer.
 * Errors: FER_E_SERVICE_UNKNOWN, FER_E_SERVICE_OVER, FER_E_SERVICE_OVERLAP; FER_E_FORBIDDEN as fer_service_create: its text is as
 *         good as its rights. A service token may rotate itself, and no other.
 */
int fer_service_rotate(const struct fer_service_maker *maker, struct fer_str accessor, int64_t overlap_s, struct fer_value *out);

/** fer_service_revoke - at once; one that is over already stays so. Errors: FER_E_SERVICE_UNKNOWN. */
int fer_service_revoke(const struct fer_service_maker *maker, struct fer_str accessor, struct fer_str why);

/**
 * fer_service_list - {accessor, name, user_type, user_id, user, resources, addresses, unused_days, issued_at, issued_by_type, issued_by,
 *         expires_at, last_used_at, last_address, state, replaced_by}, newest first; times as text, UTC.
 */
int fer_service_list(const struct fer_service_maker *maker, struct fer_value *out);
/** fer_service_show - one of them. Errors: FER_E_SERVICE_UNKNOWN. */
int fer_service_show(const struct fer_service_maker *maker, struct fer_str accessor, struct fer_value *out);

/** fer_service_sweep - revoke those unused for too long; forget those the registry has forgotten. */
int fer_service_sweep(struct fer_auth *auth, int64_t now_s);

#endif
