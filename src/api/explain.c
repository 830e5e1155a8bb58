/*
 * From the pipeline's decision to a sentence.
 */
#include "api/explain.h"

#include <errno.h>

#include "api/pipeline.h"
#include "api/router.h"
#include "api/server.h"
#include "auth/registry.h"

struct explanation {
	struct fer_call *trial;
	struct fer_str token;
	struct fer_arena *arena;
	struct fer_token_facts facts;
	struct fer_view *view;
	struct fer_value row;          /* the registry's; null: none */
	const char *code;
	struct fer_str reason;
};

static struct fer_str span(struct fer_arena *arena, int64_t s)
{
	static const struct { int64_t s; const char *name; } units[] = {
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" },
	};
	size_t i = 0;

	while (i + 1 < FER_ARRAY_LEN(units) && s < units[i].s)
		i++;
	return fer_str_fmt(arena, "%lld %s%s", (long long)(s / units[i].s), units[i].name, s / units[i].s == 1 ? "" : "s");
}

static int64_t now_of(const struct explanation *e)
{
	return e->trial->now_s;
}

/* -- the token ---------------------------------------------------------------------------------------------------- */

static void say_expired(struct explanation *e)
{
	e->reason = fer_str_fmt(e->arena, "The token expired %.*s ago, at %.*s.", FER_F(span(e->arena, now_of(e) - e->facts.expires_s)),
	                        FER_F(fer_time_text(e->arena, e->facts.expires_s)));
}

static void say_outlived(struct explanation *e)
{
	int64_t ends_s = fer_token_end(e->view, &e->facts);

	e->reason = fer_str_fmt(e->arena, "Tokens of this user or role live %.*s at most; this one ended %.*s ago.",
	                        FER_F(span(e->arena, ends_s - e->facts.issued_s)), FER_F(span(e->arena, now_of(e) - ends_s)));
}

static void say_idle(struct explanation *e)
{
	int64_t idle_s = e->facts.is_service ? e->facts.service.unused_s : fer_view_settings(e->view)->idle_s;

	e->reason = fer_str_fmt(e->arena, "The token was not used for more than %.*s.", FER_F(span(e->arena, idle_s)));
}

/* As in Magento the last of several crypt keys is the only one that counts; with keys of ferrite's own a kid must name the right one. */
static void say_forged(struct explanation *e)
{
	const struct fer_keys *keys = fer_auth_keys(e->trial->server->auth);
	ptrdiff_t signer = fer_jws_signer(keys, fer_view_settings(e->view)->alg, e->token);

	if (signer < 0)
		return;
	e->code = "other_key";
	if (fer_keys_own(keys))
		e->reason = fer_str_fmt(e->arena, "The token was signed by key %s, which is not the one its header names.",
		                        fer_keys_kid(keys, (size_t)signer));
	else
		e->reason = fer_str_fmt(e->arena, "The token was signed by crypt key %td of %zu; as in Magento only the last one counts.",
		                        signer + 1, fer_keys_count(keys));
}

static void say_retired(struct explanation *e)
{
	const struct fer_keys *keys = fer_auth_keys(e->trial->server->auth);
	size_t key = e->facts.claims.key;
	int64_t until_s = fer_keys_until(keys, key);

	e->reason = fer_str_fmt(e->arena, "The token was signed by key %s, which retired %.*s ago, at %.*s.", fer_keys_kid(keys, key),
	                        FER_F(span(e->arena, now_of(e) - until_s)), FER_F(fer_time_text(e->arena, until_s)));
}

/* Words for programs where the registry knows what a revocation came from. */
static const struct { const char *why, *code; } revocations[] = {
	{ "the password was changed", "password_changed" }, { "the user was disabled", "user_disabled" },
	{ "the user was made disabled", "user_disabled" },  { "the user was deleted", "user_deleted" },
	{ "the customer was deleted", "user_deleted" },     { "the account has expired", "user_expired" },
	{ "not used for too long", "idle" },
};

static void say_revoked(struct explanation *e)
{
	struct fer_str at = fer_map_str(e->arena, &e->row, "revoked_at"), by = fer_map_str(e->arena, &e->row, "revoked_by");
	struct fer_str why = fer_map_str(e->arena, &e->row, "reason");

	for (size_t i = 0; i < FER_ARRAY_LEN(revocations); i++)
		if (fer_str_is(why, revocations[i].why))
			e->code = revocations[i].code;
	if (!at.len)
		e->reason = FER_S("All tokens this user had up to the second it was issued in were revoked.");
	else
		e->reason = fer_str_fmt(e->arena, "The token was revoked at %.*s%s%.*s%s%.*s.", FER_F(at), by.len ? " by " : "", FER_F(by),
		                        why.len ? ": " : "", FER_F(why));
}

static const struct verdict {
	const char *code, *sentence;
	void (*say)(struct explanation *e);
} verdicts[FER_N_AUTH_REASONS] = {
	[FER_AUTH_NONE] = { "malformed", "There is no token, or a blank in it.", NULL },
	[FER_AUTH_BEARER_JWT] = { "good", "The token is good.", NULL },
	[FER_AUTH_BEARER_OPAQUE] = { "good", "The token is good.", NULL },
	[FER_AUTH_BEARER_SERVICE] = { "good", "The token is good.", NULL },
	[FER_AUTH_OWNER] = { "owner", "The owner of the service token is disabled or gone, or his account has ended.", NULL },
	[FER_AUTH_ADDRESS] = { "address", "The address is outside the ranges the service token was made for.", NULL },
	[FER_AUTH_OAUTH] = { "good", "The signature is good.", NULL },
	[FER_AUTH_MALFORMED] = { "malformed", "The text is neither a signed token of three base64url parts of JSON nor an opaque one.", NULL },
	[FER_AUTH_WRONG_ALG] = { "wrong_algorithm", "The token's header names another algorithm than this shop's (webapi/jwtauth/jwt_alg), or a"
	                         " content type of its own.", NULL },
	[FER_AUTH_FORGED] = { "bad_signature", "The signature is that of no key of this shop.", say_forged },
	[FER_AUTH_KEY_RETIRED] = { "retired_key", NULL, say_retired },
	[FER_AUTH_KEY_KILLED] = { "killed_key", "The token was signed by a key of this shop that was killed, or that only stored secrets use now.", NULL },
	[FER_AUTH_NO_CLAIMS] = { "missing_claims", "uid, utypid, iat or exp is missing or no number that can be.", NULL },
	[FER_AUTH_EXPIRED] = { "expired", NULL, say_expired },
	[FER_AUTH_REVOKED] = { "revoked", NULL, say_revoked },
	[FER_AUTH_UNKNOWN] = { "unknown", "There is no such opaque token.", NULL },
	[FER_AUTH_INACTIVE] = { "inactive", "It is an integration's, and those are no bearer tokens here"
	                        " (oauth/consumer/enable_integration_as_bearer).", NULL },
	[FER_AUTH_OUTLIVED] = { "outlived", NULL, say_outlived },
	[FER_AUTH_IDLE] = { "idle", NULL, say_idle },
};

/* A reason without a row of its own is told by its name. */
static void say_token(struct explanation *e, enum fer_auth_reason reason)
{
	const struct verdict *verdict = &verdicts[reason];

	e->code = verdict->code ? verdict->code : "refused";
	e->reason = fer_str(verdict->sentence);
	if (verdict->say)
		verdict->say(e);
	else if (!verdict->sentence)
		e->reason = fer_str_fmt(e->arena, "The token is refused: %s.", fer_auth_reason_name(reason));
}

/* An opaque token that was taken back is not found any more; the registry still knows it. */
static bool is_revoked_row(const struct explanation *e)
{
	const struct fer_value *state = fer_get(&e->row, "state");

	return state && fer_str_is(state->text, "revoked");
}

/* -- the route ---------------------------------------------------------------------------------------------------- */

static int role_name(struct explanation *e, struct fer_str *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_db *db;
	int r;

	*out = FER_S("?");
	if ((r = fer_db_lend(e->trial->server->store, &db)))
		return r;
	if (!(r = fer_sql_open(db, FER_SQL_ROLE_BY_ID, &stmt, "i", fer_acl_role_group(e->trial->caller.role))) && (r = fer_stmt_step(stmt)) > 0)
		*out = fer_col_dup(e->arena, stmt, 0);
	fer_stmt_release(&stmt);
	fer_db_return(db);
	return r < 0 ? r : 0;
}

/* The first resource that is missing. */
static int say_resource(struct explanation *e)
{
	const struct fer_route_entry *entry = e->trial->entry;
	const struct fer_caller *caller = &e->trial->caller;
	const char *resource = entry->route->acl;
	struct fer_str role;
	int r;

	for (int i = entry->n_resources - 1; i >= 0; i--)
		if (!fer_caller_allows(caller, entry->resources[i]) && entry->resources[i] >= 0)
			resource = fer_acl_resource(entry->resources[i])->id;
	e->code = "missing_resource";
	if (!caller->role) {
		e->reason = fer_str_fmt(e->arena, "The user has no role, and the route needs the ACL resource %s.", resource);
		return 0;
	}
	if (caller->scoped && fer_acl_allows(caller->role, fer_acl_lookup(resource))) {
		e->reason = fer_str_fmt(e->arena, "The ACL resource %s is not in the token's scope.", resource);
		return 0;
	}
	if ((r = role_name(e, &role)))
		return r;
	e->reason = fer_str_fmt(e->arena, "The ACL resource %s is missing from role %.*s.", resource, FER_F(role));
	return 0;
}

static int say_route(struct explanation *e, int error)
{
	const struct fer_fault *fault = &e->trial->fault;

	if (!e->trial->entry || (error != FER_E_NOT_AUTHORIZED && error != FER_E_FORBIDDEN && error != FER_E_NO_TOKEN)) {
		e->code = e->trial->entry ? "refused" : "no_route";
		e->reason = fault->n ? fer_fault_message(e->arena, &fault->items[0]) : FER_S("The route cannot be called so.");
		return 0;
	}
	if (e->trial->entry->self) {
		e->code = "not_a_customer_here";
		e->reason = FER_S("The route is for customers, in a store view their account is valid in.");
		return 0;
	}
	return say_resource(e);
}

static void say_good(struct explanation *e)
{
	int64_t ends_s = fer_token_end(e->view, &e->facts);
	const char *what = e->trial->entry ? "The request would be let in; the" : "The";

	e->code = "good";
	if (ends_s >= FER_NEVER_S)
		e->reason = fer_str_fmt(e->arena, "%s token is good and does not expire.", what);
	else
		e->reason = fer_str_fmt(e->arena, "%s token is good for another %.*s, until %.*s.", what, FER_F(span(e->arena, ends_s - now_of(e))),
		                        FER_F(fer_time_text(e->arena, ends_s)));
}

/* -- the whole ---------------------------------------------------------------------------------------------------- */

static int look_up(struct explanation *e)
{
	struct fer_auth *auth = e->trial->server->auth;
	struct fer_token_id id;
	const struct fer_token_filter filter = { .id = &id };
	struct fer_db *db;
	int r = fer_token_read(auth, e->token, true, &e->facts);

	if (r < 0)
		return r;
	id = e->facts.id;
	if (!fer_token_taken((enum fer_auth_reason)r))
		fer_token_id(e->token, &id);
	if ((r = fer_registry_flush(auth)) || (r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = fer_registry_find(auth, db, e->arena, &filter, now_of(e), &e->row);
	fer_db_return(db);
	return r;
}

static int decide(struct explanation *e)
{
	int r = fer_call_try(e->trial);
	enum fer_auth_reason reason = e->trial->auth_reason;

	if (r < 0)
		return r;
	if (e->trial->caller.type == FER_USER_GUEST)
		say_token(e, reason == FER_AUTH_UNKNOWN && is_revoked_row(e) ? FER_AUTH_REVOKED : reason);
	else if (r)
		return say_route(e, r);
	else
		say_good(e);
	return 0;
}

static void answer(const struct explanation *e, struct fer_value *out)
{
	const struct fer_caller *caller = &e->trial->caller;
	bool known = caller->type != FER_USER_GUEST;

	*out = fer_map();
	fer_set(e->arena, out, "taken", fer_bool(known));
	fer_set(e->arena, out, "code", fer_text(e->code));
	fer_set(e->arena, out, "reason", fer_string(e->reason));
	fer_set(e->arena, out, "user_type", known ? fer_text(fer_user_type_name(caller->type)) : fer_null());
	fer_set(e->arena, out, "user_id", known ? fer_int(caller->id) : fer_null());
	fer_set(e->arena, out, "token", e->row);
}

static int explain(struct explanation *e, struct fer_value *out)
{
	int r = look_up(e);

	if (!r && !(r = decide(e))) {
		answer(e, out);
		*out = fer_clone(e->arena, out);
	}
	return r;
}

int fer_explain(struct fer_server *server, struct fer_arena *arena, const struct fer_question *question, struct fer_value *out)
{
	struct fer_str token = fer_str_trim(question->token), path = question->path, query = FER_STR_NONE;
	struct fer_request request = { .method = question->method, .source = question->address,
	                               .authorization = fer_str_fmt(arena, "Bearer %.*s", FER_F(token)) };
	struct explanation e = { .arena = arena, .token = token };
	int r;

	if (path.len) {
		query = path;
		fer_str_cut(&query, '?', &path);
	}
	request.path = path;
	request.query = query;
	if ((r = fer_auth_refresh(server->auth)))
		return r;
	if (!(e.trial = fer_call_new(server, &request)))
		return -ENOMEM;
	e.view = fer_view_ref(server->auth);
	r = explain(&e, out);
	fer_view_unref(e.view);
	fer_call_free(e.trial);
	return r;
}
