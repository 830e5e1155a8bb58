/*
 * A filter of the registry from texts: the routes and the command line ask with the same words.
 */
#include <errno.h>

#include "auth/registry_impl.h"
#include "core/clock.h"

#define AT(field) offsetof(struct fer_token_filter, field)

const struct fer_token_filter_row fer_token_filter_rows[] = {
	{ "user_type", AT(user_type), FER_FILTER_USER_TYPE, "TYPE", "admin, customer or integration" },
	{ "user_id", AT(user_id), FER_FILTER_ID, "ID", "id of the user" },
	{ "state", AT(state), FER_FILTER_STATE, "STATE", "live, expired or revoked" },
	{ "method", AT(method), FER_FILTER_METHOD, "METHOD", "how it was issued: password, customer_password, second_factor, opaque, foreign or service" },
	{ "kid", AT(kid), FER_FILTER_TEXT, "KID", "the key that signed it" },
	{ "used_before", AT(used_before), FER_FILTER_TIME, "TIME", "not used since then" },
	{ "used_after", AT(used_after), FER_FILTER_TIME, "TIME", "used then or later" },
	{ "expires_before", AT(expires_before), FER_FILTER_TIME, "TIME", "over before then" },
	{ "expires_after", AT(expires_after), FER_FILTER_TIME, "TIME", "over then or later" },
	{ "issued_before", AT(issued_before), FER_FILTER_TIME, "TIME", "issued before then" },
	{ "issued_after", AT(issued_after), FER_FILTER_TIME, "TIME", "issued then or later" },
};
const size_t fer_n_token_filter_rows = FER_ARRAY_LEN(fer_token_filter_rows);

static const char *const state_names[] = {
	[FER_TOKEN_LIVE] = "live", [FER_TOKEN_EXPIRED] = "expired", [FER_TOKEN_REVOKED] = "revoked",
};

static bool read_state(struct fer_str text, enum fer_token_state *out)
{
	for (size_t i = FER_TOKEN_LIVE; i < FER_ARRAY_LEN(state_names); i++) {
		if (fer_str_is(text, state_names[i])) {
			*out = (enum fer_token_state)i;
			return true;
		}
	}
	return false;
}

/* Unix seconds, or "YYYY-MM-DD HH:MM:SS", UTC. */
static bool read_time(struct fer_str text, int64_t *out)
{
	return (fer_str_int(text, out) || fer_time_parse(text, out)) && *out > 0;
}

int fer_token_filter_set(struct fer_token_filter *filter, const struct fer_token_filter_row *row, struct fer_str text)
{
	void *at = (char *)filter + row->at;
	bool good = text.len > 0;

	switch (row->kind) {
	case FER_FILTER_USER_TYPE:
		good = (*(int64_t *)at = fer_user_type(text)) != 0;
		break;
	case FER_FILTER_ID:
		good = fer_str_int(text, at) && *(int64_t *)at > 0;
		break;
	case FER_FILTER_STATE:
		good = read_state(text, at);
		break;
	case FER_FILTER_METHOD:
		good = (*(int *)at = fer_token_method(text) + 1) != 0;
		break;
	case FER_FILTER_TIME:
		good = read_time(text, at);
		break;
	case FER_FILTER_TEXT:
		*(struct fer_str *)at = text;
		break;
	}
	return good ? 0 : -EINVAL;
}

/* -- a user by name ----------------------------------------------------------------------------------------------- */

static const enum fer_sql by_name[] = {
	[FER_USER_INTEGRATION] = FER_SQL_INTEGRATION_BY_NAME,
	[FER_USER_ADMIN] = FER_SQL_USER_BY_NAME,
	[FER_USER_CUSTOMER] = FER_SQL_CUSTOMERS_BY_EMAIL,
};

static int find_user(struct fer_db *db, struct fer_token_filter *filter, struct fer_str name)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, by_name[filter->user_type], &stmt, "s", name)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_TOKEN_USER;
	filter->user_id = fer_col_int(stmt, 0);
	return (r = fer_stmt_step(stmt)) > 0 ? FER_E_TOKEN_USERS : r;
}

int fer_token_filter_user(struct fer_auth *auth, struct fer_token_filter *filter, struct fer_str name)
{
	struct fer_db *db;
	int r;

	if (!filter->user_type)
		filter->user_type = FER_USER_ADMIN;
	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = find_user(db, filter, name);
	fer_db_return(db);
	return r;
}

bool fer_token_filter_empty(const struct fer_token_filter *f)
{
	return !f->user_type && !f->user_id && !f->method && !f->kid.len && !f->accessor.len && !f->id && !f->idle_before &&
	       !f->issued_before && !f->issued_after && !f->expires_before && !f->expires_after && !f->used_before && !f->used_after;
}
