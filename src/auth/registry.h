/*
 * The registry: a row for each token, by its hash; the text of a token is never stored. A row is written when the token is issued, or,
 * for one that was issued elsewhere, when it is seen first. Verification itself does not read it: what it needs of revocations and
 * last uses is in memory.
 *
 * Taking tokens back has two forms. A rule (a user, a kind of users, or everybody, up to a second) is Magento's own: it also catches
 * tokens no row is known of, and those issued in that very second. A single token is exact: it is named by its hash. (Two tokens of one user in
 * one second are the same bytes, so the same token.)
 */
#ifndef FER_AUTH_REGISTRY_H
#define FER_AUTH_REGISTRY_H

#include "auth/actor.h"
#include "auth/auth.h"
#include "auth/uses.h"
#include "core/value.h"

#define FER_NEVER_S INT64_C(253402300799)      /* the end of the year 9999: what does not expire */
#define FER_ACCESSOR_LEN 22                    /* letters and digits: 130 bits */
#define FER_REASON_MAX 255

/* In the order of their names in registry.c. */
enum fer_token_method {
	FER_METHOD_PASSWORD,           /* an admin's */
	FER_METHOD_CUSTOMER,           /* a customer's password */
	FER_METHOD_SECOND_FACTOR,
	FER_METHOD_OPAQUE,             /* a row of oauth_token: .origin_id is its entity_id */
	FER_METHOD_FOREIGN,            /* a JWT some Magento with the same key issued */
	FER_METHOD_SERVICE,            /* .origin_id is the row of its own table, .id a keyed hash */
	FER_N_METHODS
};
const char *fer_token_method_name(enum fer_token_method method);
/** fer_token_method - -1: none is called so. */
int fer_token_method(struct fer_str name);

/** fer_user_type_name - "integration", "admin", "customer"; "other". fer_user_type: 0: none is called so. */
const char *fer_user_type_name(int64_t type);
int64_t fer_user_type(struct fer_str name);

/** fer_token_id - SHA-256 of the text. */
void fer_token_id(struct fer_str token, struct fer_token_id *out);

/* -- writing ------------------------------------------------------------------------------------------------------ */

struct fer_token_row {
	struct fer_token_id id;
	int64_t user_type, user_id;
	enum fer_token_method method;
	struct fer_str kid;            /* the key that signed it; empty: none did */
	int64_t issued_s, expires_s;   /* FER_NEVER_S */
	struct fer_str address, user_agent;
	int64_t origin_id;             /* 0: none */
	char accessor[FER_ACCESSOR_LEN + 1];   /* fer_registry_row makes one */
};

/** fer_registry_row - a row with a new random accessor; the rest is for the caller to fill. */
void fer_registry_row(struct fer_token_row *row);

/**
 * fer_registry_add_in - inside the transaction that issues (any changes). A token that has a row keeps it. One that a rule has
 * caught already, in the same second, is written down as revoked.
 */
int fer_registry_add_in(struct fer_db *db, const struct fer_token_row *row);

/** fer_registry_see_in - note a use; a token without a row was issued elsewhere, and gets one by it. */
int fer_registry_see_in(struct fer_db *db, const struct fer_keys *keys, const struct fer_use *use);

/** fer_registry_flush - write the last uses, and rows for tokens seen first. Blocks; no lent connection may be held. */
int fer_registry_flush(struct fer_auth *auth);

/** fer_registry_sweep - forget rows whose token expired more than @days ago, and hashes of revoked ones that expired. */
int fer_registry_sweep(struct fer_auth *auth, int64_t now_s, int64_t days);

/* -- finding ------------------------------------------------------------------------------------------------------ */

enum fer_token_state { FER_TOKEN_ANY, FER_TOKEN_LIVE, FER_TOKEN_EXPIRED, FER_TOKEN_REVOKED };

/* Which tokens; what is 0 or empty does not count. Times are unix seconds; before: <, after: >=. */
struct fer_token_filter {
	int64_t user_type, user_id;
	enum fer_token_state state;
	int64_t used_before, used_after;         /* before: also those never used */
	int64_t expires_before, expires_after;
	int64_t issued_before, issued_after;
	int method;                              /* enum fer_token_method + 1 */
	struct fer_str kid, accessor;
	const struct fer_token_id *id;
	int64_t idle_before;                     /* neither issued nor used since then */
};

/* The words of a filter, for routes and the command line. */
struct fer_token_filter_row {
	const char *name;              /* snake_case */
	size_t at;
	enum { FER_FILTER_USER_TYPE, FER_FILTER_ID, FER_FILTER_STATE, FER_FILTER_METHOD, FER_FILTER_TIME, FER_FILTER_TEXT } kind;
	const char *value, *text;      /* for --help */
};
extern const struct fer_token_filter_row fer_token_filter_rows[];
extern const size_t fer_n_token_filter_rows;

/** fer_token_filter_set - Errors: -EINVAL @text is none of what the row takes. Times: unix seconds or "YYYY-MM-DD HH:MM:SS", UTC. */
int fer_token_filter_set(struct fer_token_filter *filter, const struct fer_token_filter_row *row, struct fer_str text);
/**
 * fer_token_filter_user - the user of filter->user_type (0: an admin) by username, e-mail or name. Lends its own connection.
 * Errors: FER_E_TOKEN_USER there is none; FER_E_TOKEN_USERS several customers have that e-mail.
 */
int fer_token_filter_user(struct fer_auth *auth, struct fer_token_filter *filter, struct fer_str name);
/** fer_token_filter_empty - it names nothing but perhaps a state: every token. */
bool fer_token_filter_empty(const struct fer_token_filter *filter);

/**
 * fer_registry_list - a page of rows as maps, newest first, and how many there are. Secrets have no column.
 * Shape:  {accessor, user_type, user_id, user, method, kid, issued_at, expires_at, address, user_agent, last_used_at, last_address,
 *         state, revoked_at, revoked_by, reason}; times as text, UTC.
 * Units:  @page from 1, @size rows.
 */
int fer_registry_list(struct fer_auth *auth, struct fer_arena *arena, const struct fer_token_filter *filter, int64_t now_s,
                      int64_t page, int64_t size, struct fer_value *out, int64_t *total);

/** fer_registry_find - the first row of the filter; *@out is null when there is none. @db is lent by the caller. */
int fer_registry_find(struct fer_auth *auth, struct fer_db *db, struct fer_arena *arena, const struct fer_token_filter *filter,
                      int64_t now_s, struct fer_value *out);

/** fer_registry_last_use - when it was used last, or issued if it never was; 0: it has no row. */
int fer_registry_last_use(struct fer_db *db, const struct fer_token_id *id, int64_t *used_s);

/* -- revoking ----------------------------------------------------------------------------------------------------- */

struct fer_revocation {
	int64_t now_s;
	const struct fer_actor *actor;
	struct fer_str why;            /* cut to FER_REASON_MAX bytes */
};

#define FER_REVOKE_CHANGES (1u << FER_CHANGE_REVOKED | 1u << FER_CHANGE_TOKENS)

/**
 * fer_registry_revoke_in - take every live token of the filter back, inside a transaction with FER_REVOKE_CHANGES. Where the filter is a
 * rule (user_type, user_id and issued_before at most) it becomes one, and *@n counts only the tokens there are rows of.
 * The next request on this node sees it.
 */
int fer_registry_revoke_in(struct fer_db *db, const struct fer_token_filter *filter, const struct fer_revocation *revocation, int64_t *n);

/** fer_registry_revoke - the same in a transaction of its own, with its audit row; @use, where given, is a token that gets its row first. */
int fer_registry_revoke(struct fer_auth *auth, const struct fer_token_filter *filter, const struct fer_revocation *revocation,
                        const struct fer_use *use, int64_t *n);

/** fer_registry_revoke_idle - the tokens nobody has used for the idle time, a little later; does nothing while that is off. */
int fer_registry_revoke_idle(struct fer_auth *auth, int64_t now_s);

#endif
