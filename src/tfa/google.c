/*
 * Provider google: one-time codes of any authenticator. An admin sets it up with a configuration token, then signs in with name,
 * password and code.
 */
#include "api/server.h"
#include "auth/totp.h"
#include "core/log.h"
#include "tfa/factor.h"
#include "tfa/qr.h"

static const struct fer_tfa_provider *const google = &fer_tfa_providers[FER_TFA_GOOGLE];

/* -- set up ------------------------------------------------------------------------------------------------------- */

static int picture(struct fer_call *call, int64_t user_id, struct fer_str secret, struct fer_str *png)
{
	struct fer_str address, name, email;
	int r;

	if ((r = fer_factor_address(call, call->store_id, &address)) || (r = fer_factor_admin(call, user_id, &name, &email)))
		return r;
	return fer_qr_png(call->arena, fer_totp_uri(call->arena, fer_factor_host(address), email, secret), png);
}

static int configure(struct fer_call *call)
{
	struct fer_value out = fer_map();
	struct fer_str secret, png;
	struct fer_tfa_user user;
	int64_t user_id;
	int r;

	if ((r = fer_factor_token(call, google, &user_id, &user)))
		return r;
	if ((r = fer_tfa_secret(call->server->auth, call->arena, fer_call_actor(call), user_id, &secret)))
		return fer_factor_fail(call, r, user_id);
	if ((r = picture(call, user_id, secret, &png)))
		return r;
	fer_set(call->arena, &out, "qr_code_base64", fer_string(fer_base64(call->arena, png)));
	fer_set(call->arena, &out, "secret_code", fer_string(secret));
	return fer_answer(call, out);
}

/* -- codes -------------------------------------------------------------------------------------------------------- */

/* A code that was right once and is shown again is told to the operator: somebody may have read it over a shoulder. */
static int check_code(struct fer_call *call, int64_t user_id, const struct fer_tfa_user *user)
{
	enum fer_tfa_verdict verdict;
	int r = fer_tfa_check(call->server->auth, call->arena, fer_call_actor(call), user_id, user, fer_arg_str(call, "otp"), call->now_s,
	                      &verdict);

	if (r)
		return fer_factor_fail(call, r, user_id);
	if (verdict == FER_TFA_REPLAYED)
		fer_log(FER_LOG_WARN, "a second-factor code was used again and refused", "request", call->request->id, NULL);
	return verdict == FER_TFA_RIGHT ? 0 : fer_fail(call, FER_E_TFA_CODE, NULL);
}

static int activate(struct fer_call *call)
{
	struct fer_tfa_change change;
	struct fer_tfa_user user;
	int64_t user_id;
	int r;

	if ((r = fer_factor_token(call, google, &user_id, &user)) || (r = check_code(call, user_id, &user)))
		return r;
	change = (struct fer_tfa_change){ fer_call_actor(call), user_id, google, NULL };
	if ((r = fer_tfa_activate(call->server->auth, call->arena, change)))
		return fer_factor_fail(call, r, user_id);
	return fer_answer(call, fer_list());
}

static int authenticate(struct fer_call *call)
{
	struct fer_auth *auth = call->server->auth;
	struct fer_admin_sign_in attempt;
	struct fer_tfa_user user;
	struct fer_str token;
	int r, noted;

	if ((r = fer_factor_password(call, google, &attempt, &user)))
		return r;
	if ((r = check_code(call, attempt.user_id, &user)))
		return r == FER_E_TFA_CODE && (noted = fer_tfa_note_wrong(auth, &attempt)) ? noted : r;
	if ((r = fer_admin_issue(auth, call->arena, &attempt, &token)))
		return r;
	return fer_answer(call, fer_string(token));
}

static const struct fer_field secret_fields[] = {
	FER_FIELD("qr_code_base64", FER_STRING, NULL, FER_REQ, "the picture, a PNG"),
	FER_FIELD("secret_code",    FER_STRING, NULL, FER_REQ, "base32"),
};
static const struct fer_entity secret = { .name = "two-factor-auth-data-google-configure-interface", FER_FIELDS(secret_fields) };

#define GOOGLE(name) FER_POST, "/V1/tfa/provider/google/" name, "anonymous", .setting = FER_TFA_SETTING, .source = FER_TFA_SOURCE

static const struct fer_route rows[] = {
	{ GOOGLE("configure"), .run = configure, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN), .no_store = true,
	  .service = "twoFactorAuthGoogleConfigureV1", .of = &secret, .summary = "The secret for an authenticator, also as a picture" },
	{ GOOGLE("activate"), .run = activate, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN, FER_TFA_TEXT("otp")),
	  .service = "twoFactorAuthGoogleConfigureV1", .summary = "Take the authenticator into use by its first code" },
	{ GOOGLE("authenticate"), .run = authenticate, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN, FER_TFA_TEXT("otp")),
	  .no_store = true,
	  .returns = FER_STRING,
	  .service = "twoFactorAuthGoogleAuthenticateV1", .summary = "A bearer token for an admin with a second factor" },
};

const struct fer_route_table fer_routes_tfa_google = FER_ROUTE_TABLE(rows);
