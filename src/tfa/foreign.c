/*
 * Providers that other companies run: Authy and Duo. Without their keys they are not enabled, and that is the answer; with keys the
 * checks are made as far as they need no call to the company, which this server does not make.
 */
#include "tfa/factor.h"

static const struct fer_tfa_provider *const authy = &fer_tfa_providers[FER_TFA_AUTHY];
static const struct fer_tfa_provider *const duo = &fer_tfa_providers[FER_TFA_DUO];

static int missing(struct fer_call *call, const struct fer_tfa_provider *provider)
{
	return fer_fail(call, FER_E_TFA_PROVIDER_MISSING, "1", fer_text(provider->code), NULL);
}

static int sign_in(struct fer_call *call, const struct fer_tfa_provider *provider)
{
	struct fer_admin_sign_in attempt;
	struct fer_tfa_user user;
	int r = fer_factor_password(call, provider, &attempt, &user);

	return r ? r : missing(call, provider);
}

static int set_up(struct fer_call *call, const struct fer_tfa_provider *provider)
{
	struct fer_tfa_user user;
	int64_t user_id;
	int r = fer_factor_token(call, provider, &user_id, &user);

	return r ? r : missing(call, provider);
}

static int authy_sign_in(struct fer_call *call)
{
	return sign_in(call, authy);
}

static int authy_set_up(struct fer_call *call)
{
	return set_up(call, authy);
}

static int duo_sign_in(struct fer_call *call)
{
	return sign_in(call, duo);
}

static int duo_set_up(struct fer_call *call)
{
	return set_up(call, duo);
}

static const struct fer_field device_fields[] = {
	FER_FIELD("country",      FER_STRING, NULL, 0, "dialling code"),
	FER_FIELD("phone_number", FER_STRING, NULL, 0, "without the dialling code"),
	FER_FIELD("method",       FER_STRING, NULL, 0, "sms or call"),
};

static const struct fer_entity device = { .name = "two-factor-auth-data-authy-device-interface", FER_FIELDS(device_fields) };

static const struct fer_field prompt_fields[] = {
	FER_FIELD("message",           FER_STRING, NULL, FER_REQ, "what Authy says"),
	FER_FIELD("seconds_to_expire", FER_INT,    NULL, 0,       "how long the code is good"),
};
static const struct fer_entity prompt = {
	.name = "two-factor-auth-data-authy-registration-prompt-response-interface", FER_FIELDS(prompt_fields),
};

static const struct fer_field duo_fields[] = {
	FER_FIELD("signature",    FER_STRING, NULL, FER_REQ, "of the request to Duo"),
	FER_FIELD("api_hostname", FER_STRING, NULL, FER_REQ, "Duo's host"),
};
static const struct fer_entity duo_data = { .name = "two-factor-auth-data-duo-data-interface", FER_FIELDS(duo_fields) };

#define AUTHY(name) FER_POST, "/V1/tfa/provider/authy/" name, "anonymous", .setting = FER_TFA_SETTING, .source = FER_TFA_SOURCE
#define DUO(name) FER_POST, "/V1/tfa/provider/duo_security/" name, "anonymous", .setting = FER_TFA_SETTING, .source = FER_TFA_SOURCE

static const struct fer_route rows[] = {
	{ AUTHY("configure"), .run = authy_set_up, FER_TFA_BY_TOKEN,
	  FER_PARAMS(FER_TFA_TOKEN, { "deviceData", FER_OBJECT, FER_REQ, &device, NULL }),
	  .service = "twoFactorAuthAuthyConfigureV1", .of = &prompt, .summary = "Register a telephone with Authy" },
	{ AUTHY("activate"), .run = authy_set_up, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN, FER_TFA_TEXT("otp")),
	  .service = "twoFactorAuthAuthyConfigureV1", .summary = "Take Authy into use" },
	{ AUTHY("authenticate"), .run = authy_sign_in, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN, FER_TFA_TEXT("otp")),
	  .returns = FER_STRING,
	  .service = "twoFactorAuthAuthyAuthenticateV1", .summary = "A bearer token for an admin with an Authy code" },
	{ AUTHY("authenticate-onetouch"), .run = authy_sign_in, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN),
	  .returns = FER_STRING,
	  .service = "twoFactorAuthAuthyAuthenticateV1", .summary = "A bearer token for an admin who confirmed on the telephone" },
	{ AUTHY("send-token/:via"), .run = authy_sign_in, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN, FER_TFA_TEXT("via")),
	  .service = "twoFactorAuthAuthyAuthenticateV1", .summary = "Have Authy send a code" },
	{ DUO("configure"), .run = duo_set_up, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN),
	  .service = "twoFactorAuthDuoConfigureV1", .of = &duo_data, .summary = "What Duo's page needs to set an admin up" },
	{ DUO("activate"), .run = duo_set_up, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN, FER_TFA_TEXT("signatureResponse")),
	  .service = "twoFactorAuthDuoConfigureV1", .summary = "Take Duo into use" },
	{ DUO("get-authentication-data"), .run = duo_sign_in, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN),
	  .service = "twoFactorAuthDuoAuthenticateV1", .of = &duo_data, .summary = "What Duo's page needs to ask an admin" },
	{ DUO("authenticate"), .run = duo_sign_in, FER_TFA_BY_PASSWORD,
	  FER_PARAMS(FER_TFA_ADMIN, FER_TFA_TEXT("signatureResponse")), .returns = FER_STRING,
	  .service = "twoFactorAuthDuoAuthenticateV1", .summary = "A bearer token for an admin whom Duo has confirmed" },
};

const struct fer_route_table fer_routes_tfa_foreign = FER_ROUTE_TABLE(rows);
