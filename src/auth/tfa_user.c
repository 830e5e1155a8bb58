/*
 * What an admin has set up as second factor: one row of tfa_user_config, whose encoded_config is encrypted JSON by provider. The
 * secret in it is encrypted once more, as Magento does.
 */
#include <errno.h>

#include "auth/tfa.h"
#include "auth/totp.h"
#include "core/json.h"

#define CONFIG_MAX 65535    /* bytes: the column's type is text */

/* -- reading ------------------------------------------------------------------------------------------------------ */

/* Encrypted, or the plain JSON of old versions; anything else is an empty map. */
static struct fer_value read_config(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str stored)
{
	struct fer_value out;
	struct fer_str plain;

	if (fer_keys_decrypt(keys, arena, stored, &plain))
		plain = stored;
	return !fer_json_read(arena, plain, &out) && out.kind == FER_V_MAP ? out : fer_map();
}

static struct fer_value read_list(struct fer_arena *arena, struct fer_str stored)
{
	struct fer_value out;

	return !fer_json_read(arena, stored, &out) && out.kind == FER_V_LIST ? out : fer_list();
}

int fer_tfa_load(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, int64_t user_id, struct fer_tfa_user *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = (struct fer_tfa_user){ .config = fer_map(), .providers = fer_list() };
	if ((r = fer_sql_open(db, FER_SQL_TFA_CONFIG, &stmt, "i", user_id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	out->config_id = fer_col_int(stmt, 0);
	out->config = read_config(keys, arena, fer_col_dup(arena, stmt, 1));
	out->providers = read_list(arena, fer_col_dup(arena, stmt, 2));
	out->default_provider = fer_col_dup(arena, stmt, 3);
	return 0;
}

int fer_tfa_of(struct fer_auth *auth, struct fer_arena *arena, int64_t user_id, struct fer_tfa_user *out)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = fer_tfa_load(db, fer_auth_keys(auth), arena, user_id, out);
	fer_db_return(db);
	return r;
}

const struct fer_value *fer_tfa_get(const struct fer_tfa_user *user, const struct fer_tfa_provider *provider, const char *name)
{
	return fer_get(fer_get(&user->config, provider->code), name);
}

bool fer_tfa_active(const struct fer_tfa_user *user, const struct fer_tfa_provider *provider)
{
	return fer_as_bool(fer_tfa_get(user, provider, "active"));
}

/* -- changing ----------------------------------------------------------------------------------------------------- */

void fer_tfa_set(struct fer_arena *arena, struct fer_tfa_user *user, const struct fer_tfa_provider *provider, const char *name,
                 struct fer_value value)
{
	struct fer_value *kept = fer_get(&user->config, provider->code);

	if (!kept || kept->kind != FER_V_MAP)
		kept = fer_set(arena, &user->config, provider->code, fer_map());
	fer_set(arena, kept, name, value);
}

struct edit {
	struct fer_auth *auth;
	struct fer_arena *arena;
	const struct fer_tfa_change *change;
	int (*edit)(struct fer_arena *arena, struct fer_tfa_user *user, void *data);
	void *data;
};

static int store(struct fer_db *db, const struct edit *e, const struct fer_tfa_user *user)
{
	struct fer_buf config, providers;
	struct fer_str sealed;
	int r;

	fer_buf_init(&config, e->arena, CONFIG_MAX);
	fer_buf_init(&providers, e->arena, CONFIG_MAX);
	fer_json_write(&config, &user->config);
	fer_json_write(&providers, &user->providers);
	if ((r = fer_keys_encrypt(fer_auth_keys(e->auth), e->arena, fer_buf_view(&config), &sealed)))
		return r;
	if (config.overflow || providers.overflow || sealed.len > CONFIG_MAX)
		return -E2BIG;
	if (user->config_id)
		return fer_sql_run(db, FER_SQL_TFA_UPDATE, NULL, "sssi", fer_buf_view(&providers), sealed, user->default_provider,
		                   user->config_id);
	return fer_sql_run(db, FER_SQL_TFA_INSERT, NULL, "isss", e->change->user_id, fer_buf_view(&providers), sealed, user->default_provider);
}

static int note(struct fer_db *db, const struct edit *e)
{
	const struct fer_tfa_change *change = e->change;
	struct fer_value details = fer_map();

	fer_set(e->arena, &details, "change", fer_text(change->what));
	if (change->provider)
		fer_set(e->arena, &details, "provider", fer_text(change->provider->code));
	return fer_audit_change(fer_auth_audit(e->auth), db, change->actor, FER_AUDIT_SECOND_FACTOR, "user", change->user_id, &details);
}

static int run_edit(struct fer_db *db, void *data)
{
	const struct edit *e = data;
	struct fer_tfa_user user;
	int64_t found = 0;
	int r;

	if ((r = fer_sql_int(db, FER_SQL_TFA_LOCK, 0, &found, "i", e->change->user_id)))
		return r;
	if (!found)
		return FER_E_USER_UNKNOWN;
	if ((r = fer_tfa_load(db, fer_auth_keys(e->auth), e->arena, e->change->user_id, &user)) ||
	    (r = e->edit(e->arena, &user, e->data)) || (r = store(db, e, &user)))
		return r;
	return note(db, e);
}

int fer_tfa_edit(struct fer_auth *auth, struct fer_arena *arena, const struct fer_tfa_change *change,
                 int (*edit)(struct fer_arena *arena, struct fer_tfa_user *user, void *data), void *data)
{
	struct edit e = { auth, arena, change, edit, data };

	return fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, run_edit, &e);
}

struct keep {
	const struct fer_tfa_provider *provider;
	const char *name;
	struct fer_value value;
};

static int keep(struct fer_arena *arena, struct fer_tfa_user *user, void *data)
{
	const struct keep *k = data;

	fer_tfa_set(arena, user, k->provider, k->name, k->value);
	return 0;
}

int fer_tfa_keep(struct fer_auth *auth, struct fer_arena *arena, struct fer_tfa_change change, const char *name, struct fer_value value)
{
	if (!change.what)
		change.what = "configure";
	return fer_tfa_edit(auth, arena, &change, keep, &(struct keep){ change.provider, name, value });
}

int fer_tfa_activate(struct fer_auth *auth, struct fer_arena *arena, struct fer_tfa_change change)
{
	change.what = "activate";
	return fer_tfa_keep(auth, arena, change, "active", fer_bool(true));
}

static int forget(struct fer_arena *arena FER_UNUSED, struct fer_tfa_user *user, void *data)
{
	fer_unset(&user->config, data);
	return 0;
}

int fer_tfa_reset(struct fer_auth *auth, struct fer_arena *arena, struct fer_tfa_change change)
{
	change.what = "reset";
	return fer_tfa_edit(auth, arena, &change, forget, (void *)(uintptr_t)change.provider->code);
}

/* -- the secret of one-time codes --------------------------------------------------------------------------------- */

static const struct fer_tfa_provider *const google = &fer_tfa_providers[FER_TFA_GOOGLE];

struct secret {
	const struct fer_keys *keys;
	struct fer_str plain;
};

static int seal(struct fer_arena *arena, struct fer_tfa_user *user, const struct secret *secret)
{
	struct fer_str sealed;
	int r = fer_keys_encrypt(secret->keys, arena, secret->plain, &sealed);

	if (!r)
		fer_tfa_set(arena, user, google, "secret", fer_string(sealed));
	return r;
}

static int get_or_make(struct fer_arena *arena, struct fer_tfa_user *user, void *data)
{
	struct secret *secret = data;
	const struct fer_value *sealed = fer_tfa_get(user, google, "secret");
	int r;

	if (fer_is_null(sealed))
		return (r = fer_totp_secret(arena, &secret->plain)) ? r : seal(arena, user, secret);
	if (fer_keys_decrypt(secret->keys, arena, fer_as_str(arena, sealed), &secret->plain) || !secret->plain.len)
		return FER_E_TFA_NO_SECRET;
	return 0;
}

int fer_tfa_secret(struct fer_auth *auth, struct fer_arena *arena, const struct fer_actor *actor, int64_t user_id, struct fer_str *out)
{
	const struct fer_tfa_change change = { actor, user_id, google, "configure" };
	struct secret secret = { .keys = fer_auth_keys(auth) };
	int r = fer_tfa_edit(auth, arena, &change, get_or_make, &secret);

	*out = secret.plain;
	return r;
}

static int put_active(struct fer_arena *arena, struct fer_tfa_user *user, void *data)
{
	fer_tfa_set(arena, user, google, "active", fer_bool(true));
	return seal(arena, user, data);
}

int fer_tfa_set_secret(struct fer_auth *auth, struct fer_arena *arena, const struct fer_actor *actor, int64_t user_id,
                       struct fer_str secret)
{
	const struct fer_tfa_change change = { actor, user_id, google, "set secret" };

	return fer_tfa_edit(auth, arena, &change, put_active, &(struct secret){ fer_auth_keys(auth), secret });
}
