/*
 * Who is calling, and the tokens that say so. The ways are tried in Magento's order: bearer, OAuth, guest.
 */
#include "auth/token.h"

#include <errno.h>

#include "auth/oauth.h"
#include "auth/registry_impl.h"
#include "auth/service_text.h"
#include "core/clock.h"
#include "store/config.h"

/* oauth_token.token is no wider; a JWT is never that short. */
#define OPAQUE_MAX 32

static const char *const reason_names[FER_N_AUTH_REASONS] = {
	[FER_AUTH_NONE] = "none",
	[FER_AUTH_BEARER_JWT] = "jwt",
	[FER_AUTH_BEARER_OPAQUE] = "opaque token",
	[FER_AUTH_BEARER_SERVICE] = "service token",
	[FER_AUTH_OAUTH] = "oauth",
	[FER_AUTH_MALFORMED] = "malformed token",
	[FER_AUTH_WRONG_ALG] = "wrong algorithm",
	[FER_AUTH_FORGED] = "wrong signature",
	[FER_AUTH_NO_CLAIMS] = "missing claims",
	[FER_AUTH_EXPIRED] = "expired",
	[FER_AUTH_REVOKED] = "revoked",
	[FER_AUTH_UNKNOWN] = "unknown token",
	[FER_AUTH_INACTIVE] = "not in use",
	[FER_AUTH_OAUTH_REFUSED] = "oauth refused",
	[FER_AUTH_OUTLIVED] = "past its longest lifetime",
	[FER_AUTH_IDLE] = "not used for too long",
	[FER_AUTH_KEY_RETIRED] = "signed by a key that has retired",
	[FER_AUTH_KEY_KILLED] = "signed by a key that was killed",
	[FER_AUTH_ADDRESS] = "from an address outside its ranges",
	[FER_AUTH_OWNER] = "owner not active",
};

static const enum fer_auth_reason verdict_reasons[] = {
	[FER_JWS_GOOD] = FER_AUTH_BEARER_JWT,
	[FER_JWS_MALFORMED] = FER_AUTH_MALFORMED,
	[FER_JWS_WRONG_ALG] = FER_AUTH_WRONG_ALG,
	[FER_JWS_FORGED] = FER_AUTH_FORGED,
	[FER_JWS_NO_CLAIMS] = FER_AUTH_NO_CLAIMS,
};

const char *fer_auth_reason_name(enum fer_auth_reason reason)
{
	return reason_names[reason];
}

/* What an attempt works with. */
struct attempt {
	struct fer_auth *auth;
	const struct fer_credentials *credentials;
	int64_t now_s;
	struct fer_arena *arena;
	struct fer_fault *fault;
	struct fer_caller *out;
	enum fer_auth_reason *reason;
};

/* "Bearer <one word>": exactly one blank, nothing behind. */
static struct fer_str bearer_of(struct fer_str header)
{
	struct fer_str rest = header, scheme;

	if (!fer_str_cut(&rest, ' ', &scheme) || !rest.at || !fer_str_ieq(scheme, FER_S("bearer")) || fer_str_find(rest, ' ') >= 0)
		return FER_STR_NONE;
	return rest;
}

static void take(struct attempt *a, struct fer_view *view, int64_t type, int64_t id, enum fer_auth_reason reason)
{
	*a->out = (struct fer_caller){ .type = (enum fer_user_type)type, .id = id,
	                               .role = fer_acl_role_of(fer_view_acl(view), type, id), .view = view };
	*a->reason = reason;
}

/* -- what a token says -------------------------------------------------------------------------------------------- */

/* A number no column can hold names nobody, and must not turn into a guest's or an admin's when it is cut. */
static bool claims_fit(const struct fer_claims *claims)
{
	return claims->iat > 0 && claims->uid > 0 && claims->uid <= UINT32_MAX && claims->utypid > 0 && claims->utypid <= INT32_MAX &&
	       claims->utypid != FER_USER_GUEST;
}

static int read_jwt(struct fer_auth *auth, struct fer_str token, struct fer_token_facts *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct fer_claims *claims = &out->claims;
	int verdict = fer_proven_read(fer_auth_proven(auth), fer_auth_keys(auth), fer_view_settings(view)->alg, token, claims, &out->id);

	if (verdict != FER_JWS_GOOD)
		return verdict < 0 ? verdict : (int)verdict_reasons[verdict];
	if (!claims_fit(claims))
		return FER_AUTH_NO_CLAIMS;
	out->type = claims->utypid;
	out->owner = claims->uid;
	out->issued_s = claims->iat;
	out->expires_s = claims->utypid == FER_USER_INTEGRATION ? FER_NEVER_S : claims->exp;
	return FER_AUTH_BEARER_JWT;
}

static int opaque_row(struct fer_db *db, struct fer_str token, struct fer_token_facts *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_TOKEN_OPAQUE, &stmt, "s", token)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	out->type = fer_col_int(stmt, 0);
	if (out->type >= FER_USER_INTEGRATION && out->type <= FER_USER_CUSTOMER)
		out->owner = fer_col_int(stmt, out->type == FER_USER_ADMIN ? 1 : out->type == FER_USER_CUSTOMER ? 2 : 3);
	out->access = fer_str_is(fer_col_str(stmt, 5), "access");
	out->origin_id = fer_col_int(stmt, 6);
	/* By the text as it is stored: the column takes it in any case. */
	fer_token_id(fer_col_str(stmt, 7), &out->id);
	if (!fer_time_parse(fer_col_str(stmt, 4), &out->issued_s))
		out->owner = 0;
	return 0;
}

static int opaque_find(struct fer_auth *auth, struct fer_str token, struct fer_token_facts *out)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = opaque_row(db, token, out);
	/* A consumer's token speaks for its integration; whether that is active is not asked here. */
	if (!r && out->type == FER_USER_INTEGRATION)
		r = fer_sql_int(db, FER_SQL_INTEGRATION_OF_CONSUMER, 0, &out->owner, "i", out->owner);
	fer_db_return(db);
	return r;
}

static int read_opaque(struct fer_auth *auth, struct fer_str token, struct fer_token_facts *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	const struct fer_auth_settings *settings = fer_view_settings(view);
	int r = opaque_find(auth, token, out);

	if (r)
		return r;
	if (out->owner <= 0)
		return FER_AUTH_UNKNOWN;
	out->opaque = true;
	out->expires_s = out->issued_s + (out->type == FER_USER_ADMIN ? settings->opaque_admin_s : settings->opaque_customer_s);
	if (out->type == FER_USER_INTEGRATION)
		out->expires_s = FER_NEVER_S;
	return FER_AUTH_BEARER_OPAQUE;
}

static int read_service(struct fer_auth *auth, struct fer_str token, bool may_block, struct fer_token_facts *out)
{
	const struct fer_service *service = &out->service;
	int r = fer_service_read(auth, token, may_block, &out->service);

	if (r != FER_AUTH_BEARER_SERVICE)
		return r;
	out->is_service = true;
	out->id = service->id;
	out->type = service->user_type;
	out->owner = service->user_id;
	out->issued_s = service->issued_s;
	out->expires_s = service->expires_s;
	out->origin_id = service->service_id;
	return r;
}

int fer_token_read(struct fer_auth *auth, struct fer_str token, bool may_block, struct fer_token_facts *out)
{
	*out = (struct fer_token_facts){ .opaque = false };
	if (fer_service_text_is(token))
		return read_service(auth, token, may_block, out);
	if (token.len > OPAQUE_MAX)
		return read_jwt(auth, token, out);
	return may_block ? read_opaque(auth, token, out) : FER_AUTH_NEEDS_STORE;
}

/* -- whether it still counts -------------------------------------------------------------------------------------- */

static bool integrations_may_bear(struct fer_auth *auth, int store_id)
{
	return fer_config_bool(fer_auth_store(auth), store_id, "oauth/consumer/enable_integration_as_bearer", false);
}

static bool is_signed(const struct fer_token_facts *facts)
{
	return facts->claims.exp != 0;
}

enum fer_auth_reason fer_token_judge(struct fer_auth *auth, const struct fer_view *view, const struct fer_token_facts *facts, int64_t now_s,
                                     int store_id)
{
	int64_t life_s = fer_view_life(view, facts->type, facts->owner);
	int64_t until_s = is_signed(facts) ? fer_keys_until(fer_auth_keys(auth), facts->claims.key) : FER_KEY_FOREVER;

	if (until_s <= now_s)
		return until_s ? FER_AUTH_KEY_RETIRED : FER_AUTH_KEY_KILLED;
	if (facts->opaque && facts->type == FER_USER_INTEGRATION && (!facts->access || !integrations_may_bear(auth, store_id)))
		return FER_AUTH_INACTIVE;
	if (facts->expires_s <= now_s)
		return FER_AUTH_EXPIRED;
	if (life_s && facts->issued_s + life_s <= now_s)
		return FER_AUTH_OUTLIVED;
	if (fer_view_revoked(view, facts->type, facts->owner, facts->issued_s) || fer_view_token_revoked(view, &facts->id))
		return FER_AUTH_REVOKED;
	if (facts->is_service)
		return fer_view_owner_active(view, facts->type, facts->owner, now_s) ? FER_AUTH_BEARER_SERVICE : FER_AUTH_OWNER;
	return facts->opaque ? FER_AUTH_BEARER_OPAQUE : FER_AUTH_BEARER_JWT;
}

int64_t fer_token_end(const struct fer_view *view, const struct fer_token_facts *facts)
{
	int64_t life_s = fer_view_life(view, facts->type, facts->owner);

	return life_s && facts->issued_s + life_s < facts->expires_s ? facts->issued_s + life_s : facts->expires_s;
}

bool fer_token_taken(enum fer_auth_reason reason)
{
	return reason == FER_AUTH_BEARER_JWT || reason == FER_AUTH_BEARER_OPAQUE || reason == FER_AUTH_BEARER_SERVICE;
}

int fer_token_check(struct fer_auth *auth, struct fer_str token, int64_t now_s, int store_id, bool may_block, struct fer_token_facts *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	int r = fer_token_read(auth, token, may_block, out);

	if (r < 0 || !fer_token_taken((enum fer_auth_reason)r))
		return r;
	view = fer_view_ref(auth);
	return (int)fer_token_judge(auth, view, out, now_s, store_id);
}

/* -- its use ------------------------------------------------------------------------------------------------------ */

void fer_token_use(const struct fer_token_facts *facts, int64_t used_s, struct fer_str address, struct fer_use *out)
{
	*out = (struct fer_use){ .id = facts->id, .key = (uint8_t)facts->claims.key, .user_type = facts->type, .user_id = facts->owner,
	                         .issued_s = facts->issued_s, .expires_s = facts->expires_s, .origin_id = facts->origin_id, .used_s = used_s };
	if (address.len && address.len < sizeof(out->address))
		memcpy(out->address, address.at, address.len);
}

/* What another node, or this one before it was started anew, has written down. A token nobody has seen yet begins now. */
static int learn_use(struct fer_auth *auth, const struct fer_use *use)
{
	struct fer_use known = *use;
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = fer_registry_last_use(db, &use->id, &known.used_s);
	fer_db_return(db);
	if (!known.used_s)
		known.used_s = use->used_s;
	if (!r)
		fer_uses_learn(fer_auth_uses(auth), &known);
	return r;
}

/* Used lately, as far as memory knows; @note: and now once more. */
static bool lately(struct fer_auth *auth, const struct fer_use *use, int64_t idle_s, bool note)
{
	if (!note)
		return !idle_s || fer_uses_lately(fer_auth_uses(auth), use, idle_s);
	return fer_uses_note(fer_auth_uses(auth), use, idle_s) == FER_USE_NOTED;
}

int fer_token_touch(struct fer_auth *auth, const struct fer_view *view, const struct fer_token_facts *facts, const struct fer_use *use,
                    bool note, bool may_block, enum fer_auth_reason *reason)
{
	int64_t idle_s = facts->is_service ? facts->service.unused_s : fer_view_settings(view)->idle_s;
	int r;

	if (lately(auth, use, idle_s, note))
		return 0;
	if (!may_block)
		return FER_AUTH_NEEDS_STORE;
	if ((r = learn_use(auth, use)))
		return r;
	if (!lately(auth, use, idle_s, note))
		*reason = FER_AUTH_IDLE;
	return 0;
}

static int try_bearer(struct attempt *a, struct fer_str token, bool may_block)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct fer_token_facts facts;
	struct fer_use use;
	int r = fer_token_check(a->auth, token, a->now_s, a->credentials->store_id, may_block, &facts);

	if (r < 0)
		return r;
	*a->reason = (enum fer_auth_reason)r;
	if (!fer_token_taken(*a->reason))
		return 0;
	view = fer_view_ref(a->auth);
	if (facts.is_service && !fer_service_from(&facts.service, a->credentials->source)) {
		*a->reason = FER_AUTH_ADDRESS;
		return 0;
	}
	fer_token_use(&facts, a->now_s, a->credentials->source, &use);
	if ((r = fer_token_touch(a->auth, view, &facts, &use, !a->credentials->trial, may_block, a->reason)) || !fer_token_taken(*a->reason))
		return r;
	take(a, view, facts.type, facts.owner, *a->reason);
	a->out->token = (struct fer_shown){ true, facts.id, facts.issued_s, facts.expires_s, facts.origin_id };
	a->out->scoped = facts.is_service;
	a->out->scope = facts.service.scope;
	view = NULL;
	return 0;
}

/* -- the order -------------------------------------------------------------------------------------------------- */

static int try_oauth(struct attempt *a)
{
	int64_t id = 0;
	int r;

	*a->reason = FER_AUTH_OAUTH_REFUSED;
	if ((r = fer_oauth_authenticate(a->auth, a->credentials, a->now_s, a->arena, a->fault, &id)))
		return r;
	if (id)
		take(a, fer_view_ref(a->auth), FER_USER_INTEGRATION, id, FER_AUTH_OAUTH);
	else
		*a->reason = FER_AUTH_INACTIVE;
	return 0;
}

/* The view must be fresh, or a role or token that was taken back a moment ago would still open the door. */
static int need_store(struct attempt *a, bool wanted, bool may_block)
{
	if (!wanted && fer_auth_fresh(a->auth))
		return 0;
	return may_block ? fer_auth_refresh(a->auth) : FER_AUTH_NEEDS_STORE;
}

int fer_token_authenticate(struct fer_auth *auth, const struct fer_credentials *credentials, int64_t now_s, bool may_block,
                           struct fer_arena *arena, struct fer_fault *fault, struct fer_caller *out,
                           enum fer_auth_reason *reason)
{
	struct attempt a = { auth, credentials, now_s, arena, fault, out, reason };
	struct fer_str token = bearer_of(credentials->authorization);
	/* One blank, and "bearer" before it: such a header cannot hold "oauth " too, and need not be searched. */
	bool oauth = !token.at && fer_oauth_wanted(credentials->authorization);
	int r;

	fer_caller_guest(out);
	*reason = FER_AUTH_NONE;
	if (!token.at && !oauth)
		return 0;
	if ((r = need_store(&a, oauth || token.len <= OPAQUE_MAX, may_block)))
		return r;
	if (token.at && (r = try_bearer(&a, token, may_block)))
		return r;
	return oauth && out->type == FER_USER_GUEST ? try_oauth(&a) : 0;
}

/* -- issue and revoke ------------------------------------------------------------------------------------------- */

int fer_token_issue(struct fer_auth *auth, struct fer_arena *arena, struct fer_issue *issue)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	const struct fer_auth_settings *settings = fer_view_settings(view);
	int64_t ttl_s = issue->type == FER_USER_ADMIN ? settings->admin_ttl_s : settings->customer_ttl_s;
	int64_t life_s = fer_view_life(view, issue->type, issue->user_id);
	struct fer_claims claims = { .uid = issue->user_id, .utypid = issue->type, .iat = issue->now_s };
	int r;

	claims.exp = issue->now_s + (life_s && life_s < ttl_s ? life_s : ttl_s);
	if ((r = fer_jws_issue(arena, fer_auth_keys(auth), settings->alg, &claims, &issue->token)))
		return r;
	fer_registry_row(&issue->row);
	fer_token_id(issue->token, &issue->row.id);
	issue->row.user_type = issue->type;
	issue->row.user_id = issue->user_id;
	issue->row.method = issue->method;
	issue->row.kid = fer_str(fer_keys_kid(fer_auth_keys(auth), claims.key));
	issue->row.issued_s = claims.iat;
	issue->row.expires_s = claims.exp;
	if (issue->actor) {
		issue->row.address = issue->actor->source;
		issue->row.user_agent = issue->actor->user_agent;
	}
	return 0;
}

int fer_token_revoke_in(struct fer_db *db, const struct fer_actor *actor, enum fer_user_type type, int64_t user_id, int64_t now_s,
                        const char *why)
{
	const struct fer_token_filter of_user = { .user_type = type, .user_id = user_id };
	const struct fer_revocation revocation = { now_s, actor, fer_str(why) };

	return fer_registry_revoke_in(db, &of_user, &revocation, NULL);
}

struct revocation {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	enum fer_user_type type;
	int64_t user_id, now_s;
};

static int revoke(struct fer_db *db, void *data)
{
	const struct revocation *v = data;
	int r = fer_token_revoke_in(db, v->actor, v->type, v->user_id, v->now_s, "by the user");

	if (r)
		return r;
	return fer_audit_change(fer_auth_audit(v->auth), db, v->actor, FER_AUDIT_TOKEN_REVOKE, fer_audit_kind(v->type), v->user_id, NULL);
}

int fer_token_revoke(struct fer_auth *auth, const struct fer_actor *actor, enum fer_user_type type, int64_t user_id, int64_t now_s)
{
	struct revocation revocation = { auth, actor, type, user_id, now_s };

	return fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_REVOKED, revoke, &revocation);
}
