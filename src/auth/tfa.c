/*
 * The second factor: providers as rows, and what shop settings make of them.
 */
#include "auth/tfa.h"

#include "auth/admin.h"
#include "auth/throttle.h"
#include "auth/totp.h"
#include "core/log.h"
#include "store/config.h"

#define ICON(code) "Magento_TwoFactorAuth::images/providers/" code ".png"

/* Source: Magento_TwoFactorAuth etc/di.xml, 2.4.7 */
const struct fer_tfa_provider fer_tfa_providers[FER_N_TFA_PROVIDERS] = {
	[FER_TFA_GOOGLE] = {
		.code = "google", .name = "Google Authenticator", .icon = ICON("google"), .configure_action = "tfa/google/configure",
		.auth_action = "tfa/google/auth", .extra_actions = { "tfa/google/qr", "tfa/google/configurepost", "tfa/google/authpost" },
		.can_reset = true,
	},
	[FER_TFA_DUO] = {
		.code = "duo_security", .name = "Duo Security", .icon = ICON("duo_security"), .configure_action = "tfa/duo/configure",
		.auth_action = "tfa/duo/auth", .extra_actions = { "tfa/duo/authpost" },
		.needs = { "twofactorauth/duo/api_hostname", "twofactorauth/duo/integration_key", "twofactorauth/duo/secret_key" },
	},
	[FER_TFA_AUTHY] = {
		.code = "authy", .name = "Authy", .icon = ICON("authy"), .configure_action = "tfa/authy/configure",
		.auth_action = "tfa/authy/auth",
		.extra_actions = { "tfa/authy/configurepost", "tfa/authy/configureverifypost", "tfa/authy/verify", "tfa/authy/authpost",
		                   "tfa/authy/token", "tfa/authy/onetouch", "tfa/authy/verifyonetouch" },
		.needs = { "twofactorauth/authy/api_key" }, .can_reset = true,
	},
	[FER_TFA_U2FKEY] = {
		.code = "u2fkey", .name = "U2F (Yubikey and others)", .icon = ICON("u2fkey"), .configure_action = "tfa/u2f/configure",
		.auth_action = "tfa/u2f/auth", .extra_actions = { "tfa/u2f/configurepost", "tfa/u2f/authpost" }, .can_reset = true,
	},
};

const struct fer_tfa_provider *fer_tfa_provider(struct fer_str code)
{
	for (size_t i = 0; i < FER_N_TFA_PROVIDERS; i++)
		if (fer_str_is(code, fer_tfa_providers[i].code))
			return &fer_tfa_providers[i];
	return NULL;
}

bool fer_tfa_provider_enabled(struct fer_store *store, const struct fer_tfa_provider *provider)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(provider->needs) && provider->needs[i]; i++)
		if (!fer_config_bool(store, 0, provider->needs[i], false))
			return false;
	return true;
}

/* Blanks around commas do not count; those at the two ends do, as in Magento. */
static struct fer_str trim_inside(struct fer_str piece, bool first, bool last)
{
	struct fer_str trimmed = fer_str_trim(piece);
	const char *from = first ? piece.at : trimmed.at, *to = last ? piece.at + piece.len : trimmed.at + trimmed.len;

	return trimmed.len ? (struct fer_str){ from, (size_t)(to - from) } : trimmed;
}

int fer_tfa_forced_read(struct fer_store *store, struct fer_tfa_forced *out)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(65536);
	struct fer_str rest, piece;
	int r = fer_config_text(store, arena, 0, "twofactorauth/general/force_providers", &rest);

	out->n = 0;
	for (bool first = true; !r && out->n < FER_TFA_FORCED_MAX && fer_str_cut(&rest, ',', &piece); first = false) {
		const struct fer_tfa_provider *provider = fer_tfa_provider(trim_inside(piece, first, !rest.at));

		if (provider && fer_tfa_provider_enabled(store, provider))
			out->rows[out->n++] = provider;
	}
	return r;
}

bool fer_tfa_allowed(const struct fer_tfa_forced *forced, const struct fer_tfa_provider *provider)
{
	for (size_t i = 0; i < forced->n; i++)
		if (forced->rows[i] == provider)
			return true;
	return false;
}

/* Whether Magento's module is on stands outside the database, so that only a person can know that this is meant. */
void fer_tfa_warn(struct fer_store *store)
{
	struct fer_tfa_forced forced;

	if (!fer_config_bool(store, 0, FER_TFA_SETTING, false) && !fer_tfa_forced_read(store, &forced) && forced.n)
		fer_log(FER_LOG_WARN, "the shop forces a second factor, yet a password alone gives a token while " FER_TFA_SETTING " is off",
		        "provider", forced.rows[0]->code, NULL);
}

/* -- codes -------------------------------------------------------------------------------------------------------- */

struct use {
	int64_t user_id, step;
	bool fresh;
};

/* Only a later period than the last one is fresh. */
static int note_use(struct fer_db *db, void *data)
{
	struct use *use = data;
	int64_t n = 0;
	int r;

	if (!(r = fer_sql_run(db, FER_SQL_TFA_USE, &n, "iii", use->step, use->user_id, use->step)) && !n)
		r = fer_sql_run(db, FER_SQL_TFA_FIRST_USE, &n, "ii", use->user_id, use->step);
	use->fresh = n > 0;
	return r;
}

static int use_once(struct fer_auth *auth, int64_t user_id, int64_t step, enum fer_tfa_verdict *verdict)
{
	struct use use = { .user_id = user_id, .step = step };
	int r;

	if (!fer_config_bool(fer_auth_store(auth), 0, "ferrite/tfa/once", false))
		return 0;
	if (!(r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, note_use, &use)) && !use.fresh)
		*verdict = FER_TFA_REPLAYED;
	return r;
}

/* The admin's own window, else the shop's. */
static int64_t leeway_of(struct fer_auth *auth, const struct fer_tfa_user *user)
{
	const struct fer_value *own = fer_tfa_get(user, &fer_tfa_providers[FER_TFA_GOOGLE], "window");

	return fer_is_null(own) ? fer_config_int(fer_auth_store(auth), 0, "twofactorauth/google/otp_window", 0) : fer_as_int(own);
}

static int judge(struct fer_auth *auth, struct fer_arena *arena, int64_t user_id, const struct fer_tfa_user *user, struct fer_str code,
                 int64_t now_s, enum fer_tfa_verdict *verdict)
{
	const struct fer_value *sealed = fer_tfa_get(user, &fer_tfa_providers[FER_TFA_GOOGLE], "secret");
	struct fer_str secret;
	int64_t step = 0;
	int r;

	*verdict = FER_TFA_WRONG;
	if (fer_is_null(sealed) || !code.len)
		return 0;
	if (fer_keys_decrypt(fer_auth_keys(auth), arena, fer_as_str(arena, sealed), &secret) || !secret.len)
		return FER_E_TFA_NO_SECRET;
	if ((r = fer_totp_match(arena, secret, code, now_s, leeway_of(auth, user), &step)) <= 0)
		return r;
	*verdict = FER_TFA_RIGHT;
	return use_once(auth, user_id, step, verdict);
}

int fer_tfa_check(struct fer_auth *auth, struct fer_arena *arena, const struct fer_actor *actor, int64_t user_id,
                  const struct fer_tfa_user *user, struct fer_str code, int64_t now_s, enum fer_tfa_verdict *verdict)
{
	static const char *const reasons[] = { [FER_TFA_WRONG] = "wrong code", [FER_TFA_RIGHT] = "", [FER_TFA_REPLAYED] = "code used before" };
	struct fer_audit_event event = { .name = FER_AUDIT_SECOND_FACTOR, .actor = actor };
	int noted, r = judge(auth, arena, user_id, user, code, now_s, verdict);

	if (r < 0)
		return r;
	event.outcome = !r && *verdict == FER_TFA_RIGHT ? FER_ALLOWED : FER_DENIED;
	event.reason = fer_str(r ? "no secret that this key opens" : reasons[*verdict]);
	event.target = fer_str_fmt(arena, "user:%lld", (long long)user_id);
	noted = fer_audit_note(fer_auth_audit(auth), &event);
	return noted ? noted : r;
}

/* -- counting ----------------------------------------------------------------------------------------------------- */

bool fer_tfa_counts(struct fer_auth *auth)
{
	return fer_config_bool(fer_auth_store(auth), 0, "ferrite/tfa/count_failures", false);
}

struct wrong {
	const struct fer_auth_settings *settings;
	const struct fer_admin_sign_in *attempt;
};

static int count_wrong(struct fer_db *db, void *data)
{
	const struct wrong *w = data;

	return fer_throttle_fail_in(db, w->settings, w->attempt->username, FER_THROTTLE_ADMIN, w->attempt->now_s);
}

int fer_tfa_note_wrong(struct fer_auth *auth, const struct fer_admin_sign_in *attempt)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	struct wrong wrong = { fer_view_settings(view), attempt };

	return attempt->keeps_count ? fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, count_wrong, &wrong) : 0;
}
