/*
 * Provider u2fkey: keys that a browser asks (WebAuthn). Registration starts here, and what a browser sends back is held against the
 * challenge; the key's own signature is not checked by this server, so no key comes into use.
 */
#include <gnutls/crypto.h>
#include <sodium.h>

#include "api/server.h"
#include "core/json.h"
#include "store/config.h"
#include "tfa/factor.h"

#define CHALLENGE_SIZE 16
#define REGISTERING "webapi_register_challenge"
#define ASKING "webapi_authentication_challenge"

static const struct fer_tfa_provider *const u2fkey = &fer_tfa_providers[FER_TFA_U2FKEY];

static int missing(struct fer_call *call)
{
	return fer_fail(call, FER_E_TFA_PROVIDER_MISSING, "1", fer_text(u2fkey->code), NULL);
}

/* -- the domain a key is bound to --------------------------------------------------------------------------------- */

/* A setting, else host and port of the admin's address; those of the request where that is not fixed. */
static int domain_of(struct fer_call *call, struct fer_str *out)
{
	int r = fer_config_text(call->server->store, call->arena, 0, "twofactorauth/u2fkey/webapi_challenge_domain", out);

	if (r || out->len)
		return r;
	return fer_factor_address(call, 0, out);
}

/* -- set up ------------------------------------------------------------------------------------------------------- */

static struct fer_value numbers(struct fer_arena *arena, const void *bytes, size_t size)
{
	struct fer_value out = fer_list();

	for (size_t i = 0; i < size; i++)
		fer_push(arena, &out, fer_int(((const unsigned char *)bytes)[i]));
	return out;
}

static struct fer_value pair(struct fer_arena *arena, const char *a, struct fer_value x, const char *b, struct fer_value y)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, a, x);
	fer_set(arena, &out, b, y);
	return out;
}

static struct fer_value admin(struct fer_arena *arena, int64_t user_id, struct fer_str name)
{
	struct fer_str id = fer_str_fmt(arena, "%lld", (long long)user_id), hex;
	unsigned char digest[20] = { 0 };
	struct fer_value out;

	gnutls_hash_fast(GNUTLS_DIG_SHA1, id.at, id.len, digest);
	hex = fer_hex(arena, digest, sizeof(digest));
	out = pair(arena, "id", numbers(arena, hex.at, hex.len), "name", fer_string(name));
	fer_set(arena, &out, "displayName", fer_string(name));
	return out;
}

/* Source: Magento_TwoFactorAuth U2fKey\WebAuthn::getRegisterData, 2.4.7; ES256 is number -7. */
static struct fer_value options_of(struct fer_arena *arena, struct fer_value challenge, struct fer_str domain, struct fer_value user)
{
	struct fer_value key = fer_map(), params = fer_list(), choice, exts = fer_map(), out = fer_map();

	fer_push(arena, &params, pair(arena, "alg", fer_int(-7), "type", fer_text("public-key")));
	choice = pair(arena, "authenticatorAttachment", fer_text("cross-platform"), "requireResidentKey", fer_bool(false));
	fer_set(arena, &choice, "userVerification", fer_text("discouraged"));
	fer_set(arena, &exts, "exts", fer_bool(true));
	fer_set(arena, &key, "challenge", challenge);
	fer_set(arena, &key, "user", user);
	fer_set(arena, &key, "rp", pair(arena, "name", fer_string(domain), "id", fer_string(domain)));
	fer_set(arena, &key, "pubKeyCredParams", params);
	fer_set(arena, &key, "attestation", fer_text("indirect"));
	fer_set(arena, &key, "authenticatorSelection", choice);
	fer_set(arena, &key, "timeout", fer_int(60000));
	fer_set(arena, &key, "excludeCredentials", fer_list());
	fer_set(arena, &key, "extensions", exts);
	fer_set(arena, &out, "publicKey", key);
	return out;
}

static int answer_options(struct fer_call *call, const struct fer_value *options)
{
	struct fer_value out = fer_map();
	struct fer_buf json;

	fer_buf_init(&json, call->arena, 65536);
	fer_json_write(&json, options);
	fer_set(call->arena, &out, "credential_request_options_json", fer_string(fer_buf_view(&json)));
	return fer_answer(call, out);
}

static int configure(struct fer_call *call)
{
	unsigned char challenge[CHALLENGE_SIZE];
	struct fer_value numbered, options;
	struct fer_str domain, name, email;
	struct fer_tfa_user user;
	int64_t user_id;
	int r;

	if ((r = fer_factor_token(call, u2fkey, &user_id, &user)) || (r = domain_of(call, &domain)) ||
	    (r = fer_factor_admin(call, user_id, &name, &email)))
		return r;
	randombytes_buf(challenge, sizeof(challenge));
	numbered = numbers(call->arena, challenge, sizeof(challenge));
	if ((r = fer_tfa_keep(call->server->auth, call->arena, (struct fer_tfa_change){ fer_call_actor(call), user_id, u2fkey, NULL },
	                      REGISTERING, numbered)))
		return fer_factor_fail(call, r, user_id);
	options = options_of(call->arena, numbered, domain, admin(call->arena, user_id, name));
	return answer_options(call, &options);
}

/* -- what the browser sends back ---------------------------------------------------------------------------------- */

static struct fer_str base64url(struct fer_arena *arena, const struct fer_value *challenge)
{
	size_t n = fer_count(challenge), size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	unsigned char *bytes = fer_alloc(arena, n + 1);
	char *out = fer_alloc(arena, size);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)fer_as_int(fer_at(challenge, i));
	return fer_str(sodium_bin2base64(out, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

static bool answers(struct fer_call *call, const struct fer_value *credential, const struct fer_value *challenge, struct fer_str domain,
                    const char *type)
{
	const struct fer_value *client = fer_get(fer_get(credential, "response"), "clientData");
	struct fer_str shown = fer_map_str(call->arena, client, "challenge"), origin = fer_map_str(call->arena, client, "origin");
	ptrdiff_t at = fer_str_search(origin, FER_S("://"));

	return fer_str_eq(shown, base64url(call->arena, challenge)) &&
	       at > 0 && fer_str_eq(fer_factor_host(fer_str_skip(origin, (size_t)at + 3)), domain) &&
	       fer_str_is(fer_map_str(call->arena, client, "type"), type);
}

static int activate(struct fer_call *call)
{
	const struct fer_value *challenge;
	struct fer_value credential;
	struct fer_str domain;
	struct fer_tfa_user user;
	int64_t user_id;
	int r;

	if ((r = fer_factor_token(call, u2fkey, &user_id, &user)))
		return r;
	challenge = fer_tfa_get(&user, u2fkey, REGISTERING);
	if (!fer_count(challenge))
		return fer_fail(call, FER_E_TFA_KEY_NOT_STARTED, NULL);
	if (fer_json_read(call->arena, fer_arg_str(call, "publicKeyCredentialJson"), &credential))
		return fer_fail(call, FER_E_TFA_KEY_DATA, NULL);
	if ((r = domain_of(call, &domain)))
		return r;
	if (!answers(call, &credential, challenge, domain, "webauthn.create"))
		return fer_fail(call, FER_E_TFA_KEY, NULL);
	if (!fer_as_bool(fer_get(fer_get(&credential, "response"), "attestationObject")) || !fer_as_bool(fer_get(&credential, "id")))
		return fer_fail(call, FER_E_TFA_KEY_DATA, NULL);
	return missing(call);
}

/* -- signing in: with a key that a Magento has registered --------------------------------------------------------- */

static int ask(struct fer_call *call)
{
	struct fer_admin_sign_in attempt;
	struct fer_tfa_user user;
	int r = fer_factor_password(call, u2fkey, &attempt, &user);

	return r ? r : missing(call);
}

static int verify(struct fer_call *call)
{
	struct fer_admin_sign_in attempt;
	struct fer_tfa_user user;
	int r = fer_factor_password(call, u2fkey, &attempt, &user);

	if (r)
		return r;
	return fer_count(fer_tfa_get(&user, u2fkey, ASKING)) ? missing(call) : fer_fail(call, FER_E_TFA_KEY_NOT_ASKED, NULL);
}

static const struct fer_field request_fields[] = {
	FER_FIELD("credential_request_options_json", FER_STRING, NULL, FER_REQ, "what navigator.credentials takes"),
};
static const struct fer_entity request = { .name = "two-factor-auth-data-u2f-web-authn-request-interface", FER_FIELDS(request_fields) };

#define KEY(name) FER_POST, "/V1/tfa/provider/u2fkey/" name, "anonymous", .setting = FER_TFA_SETTING, .source = FER_TFA_SOURCE

static const struct fer_route rows[] = {
	{ KEY("configure"), .run = configure, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN),
	  .service = "twoFactorAuthU2fKeyConfigureV1", .of = &request, .summary = "Start to register a key" },
	{ KEY("activate"), .run = activate, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN, FER_TFA_TEXT("publicKeyCredentialJson")),
	  .service = "twoFactorAuthU2fKeyConfigureV1", .summary = "Take a key into use by what the browser got from it" },
	{ KEY("authentication-challenge"), .run = ask, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN),
	  .service = "twoFactorAuthU2fKeyAuthenticateV1", .of = &request, .summary = "What a browser needs to ask a key" },
	{ KEY("verify"), .run = verify, FER_TFA_BY_PASSWORD, FER_PARAMS(FER_TFA_ADMIN, FER_TFA_TEXT("publicKeyCredentialJson")),
	  .returns = FER_STRING,
	  .service = "twoFactorAuthU2fKeyAuthenticateV1", .summary = "A bearer token for an admin with a key" },
};

const struct fer_route_table fer_routes_tfa_u2fkey = FER_ROUTE_TABLE(rows);
