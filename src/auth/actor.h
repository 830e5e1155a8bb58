/*
 * Who does something, from where: what a function that changes something, or refuses somebody, is told for the audit log.
 */
#ifndef FER_AUTH_ACTOR_H
#define FER_AUTH_ACTOR_H

#include "auth/caller.h"
#include "core/str.h"

struct fer_caller;

/* In the order of the names in audit_row.c. */
enum fer_actor_type {
	FER_ACTOR_GUEST,          /* nobody was proven */
	FER_ACTOR_INTEGRATION,
	FER_ACTOR_ADMIN,
	FER_ACTOR_CUSTOMER,
	FER_ACTOR_OTHER,          /* a verified token with a user type that is none of these */
	FER_ACTOR_CLI,            /* somebody at the command line; .name is the account of the operating system */
	FER_ACTOR_SYSTEM,         /* ferrite itself: timers, its own keys */
	FER_N_ACTOR_TYPES
};

/*
 * Views of the caller's memory; every text may be empty. fer_call_actor (api/call.h) makes one from a call, fer_cli_actor (cli/cli.h)
 * from the process, fer_actor_system is the server's own.
 */
struct fer_actor {
	enum fer_actor_type type;
	const struct fer_caller *caller;   /* gives and takes no more than he holds himself (auth/grant.h); NULL: the machine's operator, ferrite */
	int64_t id;                    /* of the user; 0: none */
	struct fer_str name;           /* empty: an admin's or integration's is looked up when the row is written */
	struct fer_str accessor;       /* public name of the token he showed, or got; never the token … */
	const struct fer_token_id *token;   /* … empty: that of this token, looked up when the row is written; NULL: none */
	struct fer_str source;         /* address */
	struct fer_str user_agent;
	struct fer_str request_id;
	struct fer_str route;          /* "GET /V1/products/:sku", the row's path and not the one that was sent; or "ferrite user create" */
};

extern const struct fer_actor fer_actor_system;

/** fer_actor_type_name - "guest", "integration", "admin", "customer", "other", "cli", "system". */
const char *fer_actor_type_name(enum fer_actor_type type);

#endif
