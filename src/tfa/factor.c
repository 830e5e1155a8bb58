/*
 * The checks before a second factor, and the admin token route while there is one. No text of a token or a code is kept or logged.
 */
#include "tfa/factor.h"

#include "api/letter.h"
#include "api/server.h"
#include "auth/tfat.h"
#include "integration/credentials.h"
#include "store/config.h"

int fer_factor_fail(struct fer_call *call, int error, int64_t user_id)
{
	return error > 0 ? fer_fail(call, (enum fer_error)error, "1", fer_int(user_id), NULL) : error;
}

/* -- what is told about an admin and a shop ----------------------------------------------------------------------- */

int fer_factor_admin(struct fer_call *call, int64_t user_id, struct fer_str *name, struct fer_str *email)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*name = *email = FER_S("");
	if ((r = fer_sql_open(call->db, FER_SQL_TFA_ADMIN, &stmt, "i", user_id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*name = fer_col_dup(call->arena, stmt, 0);
	*email = fer_col_dup(call->arena, stmt, 1);
	return 0;
}

struct fer_str fer_factor_host(struct fer_str address)
{
	for (size_t i = 0; i < address.len; i++)
		if (strchr("/:?#", address.at[i]))
			return fer_str_take(address, i);
	return address;
}

int fer_factor_address(struct fer_call *call, int store_id, struct fer_str *out)
{
	struct fer_str url;
	ptrdiff_t at;
	int r = fer_config_text(call->server->store, call->arena, store_id, "web/unsecure/base_url", &url);

	if (r)
		return r;
	at = fer_str_search(url, FER_S("://"));
	*out = at < 0 ? call->request->host : fer_str_skip(url, (size_t)at + 3);
	if ((at = fer_str_find(*out, '/')) >= 0)
		*out = fer_str_take(*out, (size_t)at);
	return 0;
}

/* -- by password -------------------------------------------------------------------------------------------------- */

static int prove(struct fer_call *call, struct fer_admin_sign_in *attempt)
{
	struct fer_auth *auth = call->server->auth;
	int r;

	*attempt = (struct fer_admin_sign_in){
		.username = fer_arg_str(call, "username"), .password = fer_arg_str(call, "password"), .now_s = call->now_s,
		.actor = fer_call_actor(call), .method = FER_METHOD_SECOND_FACTOR,
		.keeps_count = fer_tfa_counts(auth),
	};
	if ((r = fer_credentials_check(call, attempt->username, attempt->password)))
		return r;
	return fer_admin_prove(auth, call->arena, attempt, &call->fault);
}

int fer_factor_password(struct fer_call *call, const struct fer_tfa_provider *provider, struct fer_admin_sign_in *attempt,
                        struct fer_tfa_user *user)
{
	struct fer_tfa_forced forced;
	int r;

	if ((r = prove(call, attempt)) || (r = fer_tfa_forced_read(call->server->store, &forced)) ||
	    (r = fer_tfa_of(call->server->auth, call->arena, attempt->user_id, user)))
		return r;
	if (!fer_tfa_allowed(&forced, provider))
		return fer_fail(call, FER_E_TFA_NOT_ALLOWED, NULL);
	if (!fer_tfa_active(user, provider))
		return fer_fail(call, FER_E_TFA_NOT_CONFIGURED, NULL);
	return 0;
}

/* -- by configuration token --------------------------------------------------------------------------------------- */

int fer_factor_token(struct fer_call *call, const struct fer_tfa_provider *provider, int64_t *user_id, struct fer_tfa_user *user)
{
	const struct fer_keys *keys = fer_auth_keys(call->server->auth);
	struct fer_tfa_forced forced;
	struct fer_tfat tfat;
	int r;

	if (fer_tfat_read(call->arena, fer_arg_str(call, "tfaToken"), &tfat))
		return fer_fail(call, FER_E_TFA_TOKEN, NULL);
	if ((r = fer_tfa_forced_read(call->server->store, &forced)) ||
	    (r = fer_tfa_load(call->db, keys, call->arena, tfat.user_id, user)))
		return r;
	if (!fer_tfa_allowed(&forced, provider))
		return fer_fail(call, FER_E_TFA_NOT_ALLOWED, NULL);
	if (fer_tfa_active(user, provider))
		return fer_fail(call, FER_E_TFA_CONFIGURED, NULL);
	if (!fer_tfat_valid(keys, &tfat, call->now_s))
		return fer_fail(call, FER_E_TFA_TOKEN, NULL);
	*user_id = tfat.user_id;
	return 0;
}

/* -- instead of a token ------------------------------------------------------------------------------------------- */

static const struct fer_letter configure = {
	"twofactorauth_general_user_config", "admin/emails/forgot_email_identity", "Set up your second factor for {shop}",
	"Hello {name},\n\nto sign in as an administrator of {shop} you need a second factor. Set it up within an hour:\n\n{link}\n\n"
	"If you did not try to sign in, somebody else knows your password: change it.\n\n{shop}\n",
};

/* The address of whatever the shop sets factors up with, the token in its place; where none is set, the token itself. */
static int tfat_link(struct fer_call *call, int64_t user_id, struct fer_str *out)
{
	struct fer_str token, url;
	int r;

	if ((r = fer_tfat_issue(fer_auth_keys(call->server->auth), call->arena, user_id, call->now_s, &token)) ||
	    (r = fer_config_text(call->server->store, call->arena, 0, FER_TFAT_URL, &url)))
		return r;
	*out = url.len ? fer_config_placeholder(call->arena, url, ":tfat", fer_url_encode(call->arena, token)) : token;
	return 0;
}

struct asking {
	int64_t user_id;
	bool posted;
};

/* Source: Magento_TwoFactorAuth UserConfigRequestManager::sendUserConfigRequest, 2.4.7 */
static int mail_token(struct fer_call *call, void *data)
{
	struct fer_letter_fill fill = { .store_id = 0 };
	struct asking *asking = data;
	int r;

	if ((r = fer_factor_admin(call, asking->user_id, &fill.name, &fill.email)) || (r = tfat_link(call, asking->user_id, &fill.link)))
		return r;
	return fer_letter_post(call, &configure, &fill, &asking->posted);
}

static int ask_to_configure(struct fer_call *call, int64_t user_id, struct fer_value providers, struct fer_value active)
{
	struct asking asking = { .user_id = user_id };
	int r = fer_tx(call, FER_TX_QUIET, mail_token, &asking);

	if (r)
		return r;
	if (!asking.posted)
		return fer_fail(call, FER_E_TFA_MAIL_FAILED, NULL);
	return fer_fail(call, FER_E_TFA_CONFIGURE, "providers", providers, "active_providers", active, NULL);
}

int fer_factor_ask(struct fer_call *call)
{
	struct fer_value providers = fer_list(), active = fer_list();
	struct fer_admin_sign_in attempt;
	struct fer_tfa_forced forced;
	struct fer_tfa_user user;
	int r;

	if ((r = prove(call, &attempt)) || (r = fer_tfa_forced_read(call->server->store, &forced)) ||
	    (r = fer_tfa_of(call->server->auth, call->arena, attempt.user_id, &user)))
		return r;
	for (size_t i = 0; i < forced.n; i++) {
		fer_push(call->arena, &providers, fer_text(forced.rows[i]->code));
		if (fer_tfa_active(&user, forced.rows[i]))
			fer_push(call->arena, &active, fer_text(forced.rows[i]->code));
	}
	if (!forced.n)
		return fer_fail(call, FER_E_TFA_ASK_ADMIN, NULL);
	if (fer_count(&active) == forced.n)
		return fer_fail(call, FER_E_TFA_USE_PROVIDER, "active_providers", active, NULL);
	return ask_to_configure(call, attempt.user_id, providers, active);
}
