/*
 * Who is calling. Filled by authentication, read by the ACL and by handlers. Whoever asks for a right asks fer_caller_allows
 * (auth/acl.h): the role alone does not say what a service token may.
 */
#ifndef FER_AUTH_CALLER_H
#define FER_AUTH_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/acl_scope.h"

struct fer_acl_role;
struct fer_view;

/* A verified JWT may carry any number here; what is none of these has no role and no `self`. */
enum fer_user_type { FER_USER_INTEGRATION = 1, FER_USER_ADMIN = 2, FER_USER_CUSTOMER = 3, FER_USER_GUEST = 4 };

/* A token by its SHA-256 (a service token by a keyed hash); the text itself is never kept. */
struct fer_token_id {
	unsigned char at[32];
};

/* The token a caller showed. */
struct fer_shown {
	bool there;                       /* false: none (a guest, an OAuth signature) */
	struct fer_token_id id;
	int64_t issued_s, expires_s;      /* as the token itself says */
	int64_t origin_id;                /* its row in another table; 0: a JWT */
};

struct fer_caller {
	enum fer_user_type type;
	int64_t id;                       /* 0 for a guest */
	struct fer_shown token;
	const struct fer_acl_role *role;  /* NULL: none */
	struct fer_view *view;            /* keeps role alive: fer_caller_release when the call ends */
	bool scoped;                      /* a service token: no more than the role and the scope both allow */
	struct fer_acl_scope scope;
};

#endif
