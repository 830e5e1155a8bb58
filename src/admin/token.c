/*
 * /ferrite/v1/tokens: every token that is out, and the ways to take them back. No answer holds a token's text: nothing stored does.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/registry.h"

#define PAGE_SIZE 50
#define PAGE_SIZE_MAX 1000

/* -- the filter --------------------------------------------------------------------------------------------------- */

static int bad_value(struct fer_call *call, const char *name, struct fer_str value)
{
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "value", fer_string(value), "fieldName", fer_text(name), NULL);
}

static struct fer_str param_of(struct fer_call *call, const char *name)
{
	return fer_arg_str(call, fer_str_z(call->arena, fer_str_camel(call->arena, fer_str(name))));
}

static int read_filter(struct fer_call *call, struct fer_token_filter *filter)
{
	struct fer_str user = fer_arg_str(call, "user");
	int r;

	*filter = (struct fer_token_filter){ .state = FER_TOKEN_ANY };
	for (size_t i = 0; i < fer_n_token_filter_rows; i++) {
		const struct fer_token_filter_row *row = &fer_token_filter_rows[i];
		struct fer_str text = param_of(call, row->name);

		if (text.len && fer_token_filter_set(filter, row, text))
			return bad_value(call, row->name, text);
	}
	if (!user.len)
		return 0;
	r = fer_token_filter_user(call->server->auth, filter, user);
	return r > 0 ? fer_fail(call, (enum fer_error)r, NULL) : r;
}

/* -- list and show ------------------------------------------------------------------------------------------------ */

static int64_t within(int64_t n, int64_t least, int64_t most)
{
	return n < least ? least : n > most ? most : n;
}

/* What this node has not written yet belongs to the answer. */
static int list(struct fer_call *call)
{
	int64_t page = within(fer_arg_int(call, "page"), 1, INT32_MAX), total = 0;
	int64_t size = fer_arg(call, "pageSize") ? within(fer_arg_int(call, "pageSize"), 1, PAGE_SIZE_MAX) : PAGE_SIZE;
	struct fer_value out = fer_map(), items;
	struct fer_token_filter filter;
	int r;

	if ((r = read_filter(call, &filter)) || (r = fer_registry_flush(call->server->auth)) ||
	    (r = fer_registry_list(call->server->auth, call->arena, &filter, call->now_s, page, size, &items, &total)))
		return r;
	fer_set(call->arena, &out, "items", items);
	fer_set(call->arena, &out, "page", fer_int(page));
	fer_set(call->arena, &out, "page_size", fer_int(size));
	fer_set(call->arena, &out, "total_count", fer_int(total));
	return fer_answer(call, out);
}

static int find(struct fer_call *call, struct fer_str accessor, struct fer_value *out)
{
	const struct fer_token_filter filter = { .accessor = accessor };
	struct fer_db *db;
	int r;

	if ((r = fer_registry_flush(call->server->auth)) || (r = fer_db_lend(call->server->store, &db)))
		return r;
	r = fer_registry_find(call->server->auth, db, call->arena, &filter, call->now_s, out);
	fer_db_return(db);
	if (r || !fer_is_null(out))
		return r;
	return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("accessor"), "fieldValue", fer_string(accessor), NULL);
}

static int show(struct fer_call *call)
{
	struct fer_value out;
	int r = find(call, fer_arg_str(call, "accessor"), &out);

	return r ? r : fer_answer(call, out);
}

/* -- revoke ------------------------------------------------------------------------------------------------------- */

static int revoke(struct fer_call *call, const struct fer_token_filter *filter, const struct fer_use *use, int64_t *n)
{
	struct fer_str why = fer_arg_str(call, "reason");
	const struct fer_revocation revocation = { call->now_s, fer_call_actor(call), why };

	return fer_registry_revoke(call->server->auth, filter, &revocation, use, n);
}

/* One that is over already stays so: the answer is the same, so that asking twice does no harm. */
static int revoke_one(struct fer_call *call)
{
	const struct fer_token_filter filter = { .accessor = fer_arg_str(call, "accessor") };
	struct fer_value row;
	int64_t n;
	int r;

	if ((r = find(call, filter.accessor, &row)) || (r = revoke(call, &filter, NULL, &n)))
		return r;
	return fer_answer_true(call);
}

static int revoke_many(struct fer_call *call)
{
	struct fer_value out = fer_map();
	struct fer_token_filter filter;
	int64_t n;
	int r;

	if ((r = read_filter(call, &filter)))
		return r;
	if (fer_token_filter_empty(&filter) && !fer_arg_bool(call, "all", false))
		return fer_fail(call, FER_E_TOKEN_FILTER, NULL);
	if ((r = fer_registry_flush(call->server->auth)) || (r = revoke(call, &filter, NULL, &n)))
		return r;
	fer_set(call->arena, &out, "revoked", fer_int(n));
	return fer_answer(call, out);
}

static int revoke_own(struct fer_call *call)
{
	const struct fer_caller *caller = &call->caller;
	const struct fer_token_filter filter = { .id = &caller->token.id };
	const struct fer_revocation revocation = { call->now_s, fer_call_actor(call), FER_S("by its holder") };
	const struct fer_use use = { .id = caller->token.id, .user_type = caller->type, .user_id = caller->id,
	                             .issued_s = caller->token.issued_s, .expires_s = caller->token.expires_s,
	                             .origin_id = caller->token.origin_id, .used_s = call->now_s };
	int64_t n;
	int r;

	if (!caller->token.there)
		return fer_fail(call, FER_E_TOKEN_NONE, NULL);
	r = fer_registry_revoke(call->server->auth, &filter, &revocation, &use, &n);
	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define TEXT(name) { name, FER_STRING, 0, NULL, NULL }
#define FILTER TEXT("user"), TEXT("userType"), TEXT("userId"), TEXT("state"), TEXT("method"), TEXT("kid"), TEXT("usedBefore"), \
	TEXT("usedAfter"), TEXT("expiresBefore"), TEXT("expiresAfter"), TEXT("issuedBefore"), TEXT("issuedAfter")
#define ACCESSOR { "accessor", FER_STRING, FER_REQ, NULL, NULL }
#define OWN .lends = true, .source = FER_OWN

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/tokens", "Ferrite_Token::list", .run = list, OWN,
	  FER_PARAMS(FILTER, { "page", FER_INT, 0, NULL, NULL }, { "pageSize", FER_INT, 0, NULL, NULL }),
	  .summary = "Tokens, newest first, by user, state, method, key, last use, expiry and issue" },
	{ FER_GET, "/ferrite/v1/tokens/:accessor", "Ferrite_Token::read", .run = show, OWN, FER_PARAMS(ACCESSOR),
	  .summary = "One token by its public name" },
	{ FER_DELETE, "/ferrite/v1/tokens/:accessor", "Ferrite_Token::revoke", .run = revoke_one, OWN, FER_PARAMS(ACCESSOR, TEXT("reason")),
	  .returns = FER_BOOL, .summary = "Revoke one token" },
	{ FER_POST, "/ferrite/v1/tokens/revoke", "Ferrite_Token::revoke_many", .run = revoke_many, OWN,
	  FER_PARAMS(FILTER, TEXT("reason"), { "all", FER_BOOL, 0, NULL, NULL }),
	  .summary = "Revoke every token of a filter; those of a user up to a time also where no row is known" },
	{ FER_POST, "/ferrite/v1/token/self-revoke", "caller", .run = revoke_own, OWN, .returns = FER_BOOL,
	  .summary = "Revoke the token this request carries" },
	{ FER_DELETE, "/ferrite/v1/token", "caller", .run = revoke_own, OWN, .returns = FER_BOOL,
	  .summary = "Sign out: revoke the token this request carries" },
};

const struct fer_route_table fer_routes_tokens = FER_ROUTE_TABLE(rows);
