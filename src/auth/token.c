/*
 * Who is calling, and the tokens that say so. The ways are tried in Magento's order: bearer, OAuth, guest.
 */
#include "auth/token.h"

#include <errno.h>

#include "auth/oauth.h"
#include "core/clock.h"
#include "store/config.h"

/* oauth_token.token is no wider; a JWT is never that short. */
#define OPAQUE_MAX 32

static const char *const reason_names[FER_N_AUTH_REASONS] = {
	[FER_AUTH_NONE] = "none",
	[FER_AUTH_BEARER_JWT] = "jwt",
	[FER_AUTH_BEARER_OPAQUE] = "opaque token",
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

static enum fer_auth_reason claims_judge(const struct fer_view *view, const struct fer_claims *claims, int64_t now_s)
{
	if (claims->utypid != FER_USER_INTEGRATION && claims->exp <= now_s)
		return FER_AUTH_EXPIRED;
	if (fer_view_revoked(view, claims->utypid, claims->uid, claims->iat))
		return FER_AUTH_REVOKED;
	return FER_AUTH_BEARER_JWT;
}

/* A number no column can hold names nobody, and must not turn into a guest's or an admin's when it is cut. */
static bool claims_fit(const struct fer_claims *claims)
{
	return claims->uid > 0 && claims->uid <= UINT32_MAX && claims->utypid > 0 && claims->utypid <= INT32_MAX &&
	       claims->utypid != FER_USER_GUEST;
}

static int try_jwt(struct attempt *a, struct fer_str token)
{
	struct fer_view *view = fer_view_ref(a->auth);
	struct fer_claims claims;
	int verdict = fer_proven_read(fer_auth_proven(a->auth), fer_auth_keys(a->auth), fer_view_settings(view)->alg, token, &claims);

	if (verdict >= 0)
		*a->reason = verdict_reasons[verdict];
	if (verdict == FER_JWS_GOOD)
		*a->reason = claims_fit(&claims) ? claims_judge(view, &claims, a->now_s) : FER_AUTH_NO_CLAIMS;
	if (verdict == FER_JWS_GOOD && *a->reason == FER_AUTH_BEARER_JWT)
		take(a, view, claims.utypid, claims.uid, FER_AUTH_BEARER_JWT);
	else
		fer_view_unref(view);
	return verdict < 0 ? verdict : 0;
}

/* -- opaque tokens ---------------------------------------------------------------------------------------------- */

struct opaque {
	int64_t type, owner, iat;   /* type 0: no such token */
	bool access;
};

static int opaque_read(struct fer_db *db, struct fer_str token, struct opaque *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_TOKEN_OPAQUE, &stmt, "s", token)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	out->type = fer_col_int(stmt, 0);
	if (out->type == FER_USER_ADMIN)
		out->owner = fer_col_int(stmt, 1);
	else if (out->type == FER_USER_CUSTOMER)
		out->owner = fer_col_int(stmt, 2);
	else if (out->type == FER_USER_INTEGRATION)
		out->owner = fer_col_int(stmt, 3);
	out->access = fer_str_is(fer_col_str(stmt, 5), "access");
	if (!fer_time_parse(fer_col_str(stmt, 4), &out->iat))
		out->owner = 0;
	return 0;
}

static int opaque_find(struct attempt *a, struct fer_str token, struct opaque *out)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(a->auth), &db)))
		return r;
	r = opaque_read(db, token, out);
	/* A consumer's token speaks for its integration; whether that is active is not asked here. */
	if (!r && out->type == FER_USER_INTEGRATION)
		r = fer_sql_int(db, FER_SQL_INTEGRATION_OF_CONSUMER, 0, &out->owner, "i", out->owner);
	fer_db_return(db);
	return r;
}

static bool integrations_may_bear(struct attempt *a)
{
	return fer_config_bool(fer_auth_store(a->auth), a->credentials->store_id, "oauth/consumer/enable_integration_as_bearer", false);
}

static enum fer_auth_reason opaque_judge(struct attempt *a, const struct fer_view *view, const struct opaque *token)
{
	const struct fer_auth_settings *settings = fer_view_settings(view);
	int64_t life_s = token->type == FER_USER_ADMIN ? settings->opaque_admin_s : settings->opaque_customer_s;

	if (token->owner <= 0)
		return FER_AUTH_UNKNOWN;
	if (token->type == FER_USER_INTEGRATION && (!token->access || !integrations_may_bear(a)))
		return FER_AUTH_INACTIVE;
	if (token->type != FER_USER_INTEGRATION && token->iat + life_s <= a->now_s)
		return FER_AUTH_EXPIRED;
	return fer_view_revoked(view, token->type, token->owner, token->iat) ? FER_AUTH_REVOKED : FER_AUTH_BEARER_OPAQUE;
}

static int try_opaque(struct attempt *a, struct fer_str text)
{
	struct opaque token = { 0 };
	struct fer_view *view;
	int r;

	if ((r = opaque_find(a, text, &token)))
		return r;
	view = fer_view_ref(a->auth);
	*a->reason = opaque_judge(a, view, &token);
	if (*a->reason == FER_AUTH_BEARER_OPAQUE)
		take(a, view, token.type, token.owner, FER_AUTH_BEARER_OPAQUE);
	else
		fer_view_unref(view);
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
	if (token.at && (r = token.len > OPAQUE_MAX ? try_jwt(&a, token) : try_opaque(&a, token)))
		return r;
	return oauth && out->type == FER_USER_GUEST ? try_oauth(&a) : 0;
}

/* -- issue and revoke ------------------------------------------------------------------------------------------- */

int fer_token_issue(struct fer_auth *auth, struct fer_arena *arena, enum fer_user_type type, int64_t user_id, int64_t now_s,
                    struct fer_str *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	const struct fer_auth_settings *settings = fer_view_settings(view);
	struct fer_claims claims = { .uid = user_id, .utypid = type, .iat = now_s };

	claims.exp = now_s + (type == FER_USER_ADMIN ? settings->admin_ttl_s : settings->customer_ttl_s);
	return fer_jws_issue(arena, fer_auth_keys(auth), settings->alg, &claims, out);
}

int fer_token_revoke_in(struct fer_db *db, enum fer_user_type type, int64_t user_id, int64_t now_s)
{
	return fer_sql_run(db, FER_SQL_REVOKED_SET, NULL, "iii", (int64_t)type, user_id, now_s);
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
	int r = fer_token_revoke_in(db, v->type, v->user_id, v->now_s);

	if (r)
		return r;
	return fer_audit_change(fer_auth_audit(v->auth), db, v->actor, FER_AUDIT_TOKEN_REVOKE, fer_audit_kind(v->type), v->user_id, NULL);
}

int fer_token_revoke(struct fer_auth *auth, const struct fer_actor *actor, enum fer_user_type type, int64_t user_id, int64_t now_s)
{
	struct revocation revocation = { auth, actor, type, user_id, now_s };

	return fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_REVOKED, revoke, &revocation);
}
