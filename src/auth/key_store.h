/*
 * Where the crypt keys come from and what changes them: Magento's text in a setting or its environment, or ferrite's own rows in
 * table ferrite_key, which alone can be rotated here. Apart from auth/keys.h, which knows no database.
 */
#ifndef FER_AUTH_KEY_STORE_H
#define FER_AUTH_KEY_STORE_H

#include "auth/actor.h"
#include "auth/auth.h"

/**
 * fer_keys_load - from the first place that has some: @setting (the process setting crypt_key; empty: not set),
 * $MAGENTO_DC_CRYPT__KEY ("#env(NAME)" is followed), table ferrite_key (@store may be NULL).
 * Errors: -ENOENT nowhere; as fer_keys_new; -EIO the store.
 */
int fer_keys_load(struct fer_store *store, struct fer_str setting, struct fer_keys **out, char why[256]);

/** fer_keys_save - put the text of crypt/key into table ferrite_key, replacing what is there. Errors: -EINVAL wrong shape. */
int fer_keys_save(struct fer_store *store, struct fer_str text, char why[256]);

/** fer_keys_reload - bring own keys up to what the table says; nothing for Magento's. @db lent. Errors: as fer_keys_update; the store. */
int fer_keys_reload(struct fer_db *db, struct fer_keys *keys);

/*
 * Rotation, in one transaction each with its audit rows and FER_CHANGE_KEYS; @arena must be one that wipes. Errors of all: FER_E_KEYS_MAGENTO when the keys
 * are not ours to rotate.
 */

/**
 * fer_key_list - a map {source, note, keys: [{kid, state, place, created_at, retires_at, verifies, live_tokens}]}.
 * Source: ferrite
 */
int fer_key_list(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, struct fer_value *out);

/** fer_key_next - make the key that the next rotation takes, so that every node knows it before. Errors: FER_E_KEY_NEXT, FER_E_KEYS_FULL. */
int fer_key_next(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, struct fer_fault *fault,
                 struct fer_str *kid);

struct fer_key_rotation {
	bool compromised;          /* the old key dies now, and every token it signed */
	int64_t retire_after_s;    /* else it verifies so long; < 0: as long as the longest-lived of its tokens */
	struct fer_str old_kid, kid;   /* out */
	int64_t retires_at_s;          /* out; 0: killed */
};

/** fer_key_rotate - the next key (a new one, when there is none) is in use from now on. Errors: FER_E_KEYS_FULL. */
int fer_key_rotate(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s,
                   struct fer_key_rotation *rotation, struct fer_fault *fault);

/** fer_key_rotated - what @rotation did, as a map {kid, old_kid, old_state, old_retires_at, note}. */
struct fer_value fer_key_rotated(struct fer_arena *arena, const struct fer_key_rotation *rotation);

/** fer_key_kill - this one verifies nothing any more; it still opens stored secrets. Errors: FER_E_KEY_UNKNOWN, FER_E_KEY_IN_USE. */
int fer_key_kill(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, struct fer_str kid, struct fer_fault *fault);

#endif
