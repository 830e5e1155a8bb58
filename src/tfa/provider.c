/*
 * Which second factors there are, which are forced, what an admin still has to set up. The list an admin may be given is kept and of
 * no effect, and the default is only what Magento's pages show first: as there.
 */
#include "api/server.h"
#include "auth/tfat.h"
#include "tfa/factor.h"

/* -- a provider as it goes out ------------------------------------------------------------------------------------ */

static const struct fer_field engine_fields[] = {
	FER_FIELD("enabled", FER_BOOL, NULL, 0, "can be used"),
};
static const struct fer_entity engine_entity = { .name = "two-factor-auth-engine-interface", FER_FIELDS(engine_fields) };

static const struct fer_field provider_fields[] = {
	FER_FIELD("enabled",          FER_BOOL,   NULL, 0,        "has the keys it needs"),
	FER_FIELD("engine",           FER_OBJECT, NULL, 0,        "the same", .of = &engine_entity),
	FER_FIELD("code",             FER_STRING, NULL, 0,        "google, duo_security, authy, u2fkey"),
	FER_FIELD("name",             FER_STRING, NULL, 0,        "for people"),
	FER_FIELD("icon",             FER_STRING, NULL, 0,        "file of Magento's admin pages"),
	FER_FIELD("reset_allowed",    FER_BOOL,   NULL, 0,        "an administrator may reset it"),
	FER_FIELD("configure_action", FER_STRING, NULL, 0,        "admin page that sets it up"),
	FER_FIELD("auth_action",      FER_STRING, NULL, 0,        "admin page that asks for it"),
	FER_FIELD("extra_actions",    FER_STRING, NULL, FER_MANY, "further admin pages"),
};
static const struct fer_entity provider_entity = { .name = "two-factor-auth-provider-interface", FER_FIELDS(provider_fields) };

static struct fer_value show(struct fer_call *call, const struct fer_tfa_provider *provider)
{
	struct fer_value out = fer_map(), engine = fer_map(), actions = fer_list();
	bool enabled = fer_tfa_provider_enabled(call->server->store, provider);

	for (size_t i = 0; provider->extra_actions[i]; i++)
		fer_push(call->arena, &actions, fer_text(provider->extra_actions[i]));
	fer_set(call->arena, &engine, "enabled", fer_bool(enabled));
	fer_set(call->arena, &out, "enabled", fer_bool(enabled));
	fer_set(call->arena, &out, "engine", engine);
	fer_set(call->arena, &out, "code", fer_text(provider->code));
	fer_set(call->arena, &out, "name", fer_text(provider->name));
	fer_set(call->arena, &out, "icon", fer_text(provider->icon));
	fer_set(call->arena, &out, "reset_allowed", fer_bool(provider->can_reset));
	fer_set(call->arena, &out, "configure_action", fer_text(provider->configure_action));
	fer_set(call->arena, &out, "auth_action", fer_text(provider->auth_action));
	fer_set(call->arena, &out, "extra_actions", actions);
	return out;
}

/* The forced ones; with @user only those he has not set up. */
static int answer_forced(struct fer_call *call, const struct fer_tfa_user *user)
{
	struct fer_value out = fer_list();
	struct fer_tfa_forced forced;
	int r = fer_tfa_forced_read(call->server->store, &forced);

	if (r)
		return r;
	for (size_t i = 0; i < forced.n; i++)
		if (!user || !fer_tfa_active(user, forced.rows[i]))
			fer_push(call->arena, &out, show(call, forced.rows[i]));
	return fer_answer(call, out);
}

static int load(struct fer_call *call, int64_t user_id, struct fer_tfa_user *out)
{
	return fer_tfa_load(call->db, fer_auth_keys(call->server->auth), call->arena, user_id, out);
}

/* -- lists -------------------------------------------------------------------------------------------------------- */

static int installed(struct fer_call *call)
{
	struct fer_value out = fer_list();

	for (size_t i = 0; i < FER_N_TFA_PROVIDERS; i++)
		fer_push(call->arena, &out, show(call, &fer_tfa_providers[i]));
	return fer_answer(call, out);
}

static int forced(struct fer_call *call)
{
	return answer_forced(call, NULL);
}

static int to_activate(struct fer_call *call)
{
	struct fer_tfa_user user;
	int r = load(call, fer_arg_int(call, "userId"), &user);

	return r ? r : answer_forced(call, &user);
}

/* Magento answers a text that is no token at all with a masked 500; here it is refused as a forged one is. */
static int by_token(struct fer_call *call, int64_t *user_id)
{
	struct fer_tfat tfat;

	if (fer_tfat_read(call->arena, fer_arg_str(call, "tfaToken"), &tfat) ||
	    !fer_tfat_valid(fer_auth_keys(call->server->auth), &tfat, call->now_s))
		return fer_fail(call, FER_E_TFA_TOKEN_SHORT, NULL);
	*user_id = tfat.user_id;
	return 0;
}

static int forced_by_token(struct fer_call *call)
{
	int64_t user_id;
	int r = by_token(call, &user_id);

	return r ? r : answer_forced(call, NULL);
}

static int to_activate_by_token(struct fer_call *call)
{
	struct fer_tfa_user user;
	int64_t user_id;
	int r;

	if ((r = by_token(call, &user_id)) || (r = load(call, user_id, &user)))
		return r;
	return answer_forced(call, &user);
}

/* -- of one admin ------------------------------------------------------------------------------------------------- */

static int get_default(struct fer_call *call)
{
	struct fer_tfa_user user;
	int r = load(call, fer_arg_int(call, "userId"), &user);

	return r ? r : fer_answer(call, fer_string(user.default_provider.len ? user.default_provider : FER_S("")));
}

static int check_enabled(struct fer_call *call, struct fer_str code)
{
	const struct fer_tfa_provider *provider = fer_tfa_provider(code);
	struct fer_tfa_forced rows;
	int r = fer_tfa_forced_read(call->server->store, &rows);

	if (r || (provider && fer_tfa_allowed(&rows, provider)))
		return r;
	return fer_fail(call, FER_E_TFA_NOT_ENABLED, "1", fer_string(code), NULL);
}

static int edit(struct fer_call *call, const char *what, int (*put)(struct fer_arena *arena, struct fer_tfa_user *user, void *data),
                void *data)
{
	const struct fer_tfa_change change = { .actor = fer_call_actor(call), .user_id = fer_arg_int(call, "userId"), .what = what };
	int r = fer_tfa_edit(call->server->auth, call->arena, &change, put, data);

	return r ? fer_factor_fail(call, r, change.user_id) : fer_answer_true(call);
}

static int put_default(struct fer_arena *arena FER_UNUSED, struct fer_tfa_user *user, void *data)
{
	user->default_provider = *(const struct fer_str *)data;
	return 0;
}

static int set_default(struct fer_call *call)
{
	struct fer_str code = fer_arg_str(call, "providerCode");
	int r = check_enabled(call, code);

	return r ? r : edit(call, "default", put_default, &code);
}

static int put_providers(struct fer_arena *arena FER_UNUSED, struct fer_tfa_user *user, void *data)
{
	user->providers = *(const struct fer_value *)data;
	return 0;
}

static int set_providers(struct fer_call *call)
{
	struct fer_str rest = fer_arg_str(call, "providersCodes"), code;
	struct fer_value codes = fer_list();
	int r;

	if (!rest.len)
		return check_enabled(call, FER_S(""));
	while (fer_str_cut(&rest, ',', &code)) {
		code = fer_str_trim(code);
		if ((r = check_enabled(call, code)))
			return r;
		fer_push(call->arena, &codes, fer_string(code));
	}
	return edit(call, "providers", put_providers, &codes);
}

#define SWITCHED .setting = FER_TFA_SETTING, .source = FER_TFA_SOURCE
#define ADMIN(method, path) method, "/V1/tfa/" path, "Magento_TwoFactorAuth::tfa", SWITCHED
#define ANYONE(path) FER_GET, "/V1/tfa/" path, "anonymous", SWITCHED
#define PROVIDERS .of = &provider_entity, .many = true
#define USER { "userId", FER_INT, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ ADMIN(FER_GET, "installed-providers"), .run = installed, PROVIDERS,
	  .service = "twoFactorAuthTfaV1", .summary = "Every second factor there is" },
	{ ADMIN(FER_GET, "forced-providers"), .run = forced, PROVIDERS,
	  .service = "twoFactorAuthTfaV1", .summary = "The second factors that every admin must have" },
	{ ADMIN(FER_GET, "user-providers/:userId"), .run = forced, PROVIDERS, FER_PARAMS(USER),
	  .service = "twoFactorAuthTfaV1", .summary = "The second factors that an admin may use: those that are forced" },
	{ ADMIN(FER_GET, "providers-to-activate/:userId"), .run = to_activate, PROVIDERS, FER_PARAMS(USER),
	  .service = "twoFactorAuthTfaV1", .summary = "The second factors that an admin has still to set up" },
	{ ADMIN(FER_GET, "default-provider-code/:userId"), .run = get_default, FER_PARAMS(USER), .returns = FER_STRING,
	  .service = "twoFactorAuthUserConfigManagerV1", .summary = "The second factor that an admin is asked for first" },
	{ ADMIN(FER_PUT, "default-provider-code/:userId"), .run = set_default, FER_PARAMS(USER, FER_TFA_TEXT("providerCode")),
	  .returns = FER_BOOL,
	  .service = "twoFactorAuthTfaV1", .summary = "Choose the second factor that an admin is asked for first" },
	{ ADMIN(FER_PUT, "user-providers/:userId"), .run = set_providers, FER_PARAMS(USER, FER_TFA_TEXT("providersCodes")),
	  .returns = FER_BOOL, .service = "twoFactorAuthTfaV1", .summary = "Keep a list of second factors for an admin" },
	{ ANYONE("tfat-user-providers"), .run = forced_by_token, FER_TFA_BY_TOKEN, FER_PARAMS(FER_TFA_TOKEN), PROVIDERS,
	  .service = "twoFactorAuthTfatActionsV1", .summary = "The second factors of the bearer of a configuration token" },
	{ ANYONE("tfat-providers-to-activate"), .run = to_activate_by_token, FER_TFA_BY_TOKEN,
	  FER_PARAMS(FER_TFA_TOKEN), PROVIDERS,
	  .service = "twoFactorAuthTfatActionsV1", .summary = "Those of them that are still to be set up" },
};

const struct fer_route_table fer_routes_tfa = FER_ROUTE_TABLE(rows);
