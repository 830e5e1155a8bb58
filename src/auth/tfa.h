/*
 * The second factor of admins: which providers a shop has and forces, and what each admin has set up (tfa_user_config, in Magento's
 * encrypted form, so that a Magento on the same database and key reads it and the other way round).
 */
#ifndef FER_AUTH_TFA_H
#define FER_AUTH_TFA_H

#include "auth/auth.h"

struct fer_admin_sign_in;

/* Is a second factor asked for? The routes below /V1/tfa are there only while it is on. */
#define FER_TFA_SETTING "ferrite/tfa/enabled"

struct fer_tfa_provider {
	const char *code;
	const char *name, *icon, *configure_action, *auth_action;
	const char *extra_actions[8];   /* up to a NULL */
	const char *needs[4];           /* shop settings without which it is not enabled; up to a NULL */
	bool can_reset;
};

enum { FER_TFA_GOOGLE, FER_TFA_DUO, FER_TFA_AUTHY, FER_TFA_U2FKEY, FER_N_TFA_PROVIDERS };

/* In Magento's order. */
extern const struct fer_tfa_provider fer_tfa_providers[FER_N_TFA_PROVIDERS];

const struct fer_tfa_provider *fer_tfa_provider(struct fer_str code);   /* NULL: none of that code */
bool fer_tfa_provider_enabled(struct fer_store *store, const struct fer_tfa_provider *provider);

#define FER_TFA_FORCED_MAX 16

/* As the setting lists them; one that is named twice is there twice, as in Magento's answers. */
struct fer_tfa_forced {
	const struct fer_tfa_provider *rows[FER_TFA_FORCED_MAX];
	size_t n;
};

/** fer_tfa_forced_read - the providers of twofactorauth/general/force_providers that are enabled: those are what every admin may use. */
int fer_tfa_forced_read(struct fer_store *store, struct fer_tfa_forced *out);
bool fer_tfa_allowed(const struct fer_tfa_forced *forced, const struct fer_tfa_provider *provider);

/** fer_tfa_warn - tell the log when the shop forces a second factor that ferrite is not told to ask for. */
void fer_tfa_warn(struct fer_store *store);

/* -- what one admin has set up ------------------------------------------------------------------------------------ */

struct fer_tfa_user {
	int64_t config_id;              /* 0: no row yet */
	struct fer_value config;        /* by provider: a map of its own, "active" and what it keeps */
	struct fer_value providers;     /* kept as Magento does, and as there of no effect */
	struct fer_str default_provider;
};

/** fer_tfa_load - never fails for what is stored: what cannot be decrypted or parsed counts as nothing set up. */
int fer_tfa_load(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, int64_t user_id, struct fer_tfa_user *out);
/** fer_tfa_of - the same on a connection of its own: the caller holds none. */
int fer_tfa_of(struct fer_auth *auth, struct fer_arena *arena, int64_t user_id, struct fer_tfa_user *out);
bool fer_tfa_active(const struct fer_tfa_user *user, const struct fer_tfa_provider *provider);
/** fer_tfa_get - @name of what @provider keeps; NULL: not there. */
const struct fer_value *fer_tfa_get(const struct fer_tfa_user *user, const struct fer_tfa_provider *provider, const char *name);
/** fer_tfa_set - put @name into what @provider keeps; in memory only. */
void fer_tfa_set(struct fer_arena *arena, struct fer_tfa_user *user, const struct fer_tfa_provider *provider, const char *name,
                 struct fer_value value);

/* Whose second factor changes, and what the audit log tells of it. */
struct fer_tfa_change {
	const struct fer_actor *actor;
	int64_t user_id;
	const struct fer_tfa_provider *provider;   /* NULL: not about one */
	const char *what;                          /* "activate"; the functions below set it themselves */
};

/**
 * fer_tfa_edit - load, let @edit change, store, and tell the audit log: in one transaction that locks the admin's row, so that two edits
 * cannot lose each other's. @edit may run twice; what it returns other than 0 undoes all.
 * Errors: FER_E_USER_UNKNOWN (not collected: give it to fer_fail); those of @edit; < 0 the store.
 */
int fer_tfa_edit(struct fer_auth *auth, struct fer_arena *arena, const struct fer_tfa_change *change,
                 int (*edit)(struct fer_arena *arena, struct fer_tfa_user *user, void *data), void *data);

int fer_tfa_activate(struct fer_auth *auth, struct fer_arena *arena, struct fer_tfa_change change);
/** fer_tfa_keep - @name of the provider becomes @value. */
int fer_tfa_keep(struct fer_auth *auth, struct fer_arena *arena, struct fer_tfa_change change, const char *name, struct fer_value value);
/** fer_tfa_reset - forget what the provider keeps. */
int fer_tfa_reset(struct fer_auth *auth, struct fer_arena *arena, struct fer_tfa_change change);

/* -- one-time codes (provider google) ------------------------------------------------------------------------------ */

/**
 * fer_tfa_secret - the admin's secret, made and stored if there is none yet.
 * Errors: FER_E_TFA_NO_SECRET one is stored that this key does not open (not collected); as fer_tfa_edit.
 */
int fer_tfa_secret(struct fer_auth *auth, struct fer_arena *arena, const struct fer_actor *actor, int64_t user_id, struct fer_str *out);
/** fer_tfa_set_secret - a secret from elsewhere, active at once: `ferrite user tfa`. The caller has checked that it fits. */
int fer_tfa_set_secret(struct fer_auth *auth, struct fer_arena *arena, const struct fer_actor *actor, int64_t user_id,
                       struct fer_str secret);

enum fer_tfa_verdict { FER_TFA_WRONG, FER_TFA_RIGHT, FER_TFA_REPLAYED };

/**
 * fer_tfa_check - is @code one of the admin's now? Whatever it is, the audit log has it. With ferrite/tfa/once a right one is noted, and
 * good no second time: on every node, because a conditional update decides.
 * Errors: FER_E_TFA_NO_SECRET (not collected); < 0 the store.
 * Source: Magento_TwoFactorAuth Provider\Engine\Google::verify, 2.4.7; RFC 6238 5.2
 */
int fer_tfa_check(struct fer_auth *auth, struct fer_arena *arena, const struct fer_actor *actor, int64_t user_id,
                  const struct fer_tfa_user *user, struct fer_str code, int64_t now_s, enum fer_tfa_verdict *verdict);

/** fer_tfa_note_wrong - with ferrite/tfa/count_failures: one failed sign-in more for the name, as if the password had been wrong. */
int fer_tfa_note_wrong(struct fer_auth *auth, const struct fer_admin_sign_in *attempt);
bool fer_tfa_counts(struct fer_auth *auth);

#endif
