/*
 * Writes of the shop's configuration by somebody: the value and its row in the audit log in one commit. Secret paths are stored encrypted. The
 * row tells what was and what is for paths that ferrite knows and that are no secret, else the path alone.
 */
#ifndef FER_AUTH_SHOP_CONFIG_H
#define FER_AUTH_SHOP_CONFIG_H

#include "auth/auth.h"
#include "store/config.h"

/** fer_shop_config_set - without any check, for fixtures. Errors: -EINVAL a bad scope. */
int fer_shop_config_set(struct fer_auth *auth, const struct fer_actor *actor, struct fer_str scope, int scope_id, struct fer_str path,
                        struct fer_str value);

/* In a transaction that says FER_CHANGE_CONFIG, last of all. @found (may be NULL): there was such a row. */
int fer_shop_config_set_in(struct fer_auth *auth, struct fer_db *db, const struct fer_actor *actor, struct fer_str scope, int scope_id,
                           struct fer_str path, struct fer_str value);
int fer_shop_config_delete_in(struct fer_auth *auth, struct fer_db *db, const struct fer_actor *actor, struct fer_str scope, int scope_id,
                              struct fer_str path, bool *found);

/**
 * fer_shop_config_may - may @path be written? It is in one of the lists, or stands somewhere in the database, or may be @unknown; but never
 * another spelling of a path that is in a list: the database would take it for that one, and no check would.
 */
int fer_shop_config_may(struct fer_db *db, struct fer_arena *arena, struct fer_str path, bool unknown, bool *may);

struct fer_shop_config_want {
	struct fer_config_place place;
	struct fer_str path;
	struct fer_str value;
	bool unknown;              /* the path may be one that nobody knows */
	struct fer_str match;      /* of If-Match: what fer_shop_config_tag said when it was read; .at NULL: whatever is there */
};

/**
 * fer_shop_config_change - set one value, checked. fer_shop_config_remove - take it back, so that the next wider scope counts.
 * Errors: FER_E_CONFIG_… in @fault; < 0 the store.
 */
int fer_shop_config_change(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_shop_config_want *want,
                           struct fer_fault *fault);
int fer_shop_config_remove(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_shop_config_want *want,
                           struct fer_fault *fault);

/** fer_shop_config_tag - an entity tag of what a path says at a scope, in quotes. It tells nothing about a secret. */
int fer_shop_config_tag(struct fer_auth *auth, struct fer_arena *arena, const struct fer_config_place *place, struct fer_str path,
                        const struct fer_config_found *found, struct fer_str *out);

/** fer_shop_config_place - a scope by name, for one who typed it. Errors: FER_E_CONFIG_SCOPE, FER_E_CONFIG_NO_SCOPE. */
int fer_shop_config_place(struct fer_auth *auth, struct fer_arena *arena, struct fer_str text, struct fer_config_place *out,
                          struct fer_fault *fault);

#endif
