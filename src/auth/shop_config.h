/*
 * Writes of the shop's configuration by somebody: the value and its row in the audit log in one commit. The row names the path, never
 * the value: many are secrets.
 */
#ifndef FER_AUTH_SHOP_CONFIG_H
#define FER_AUTH_SHOP_CONFIG_H

#include "auth/auth.h"

/** fer_shop_config_set - as fer_config_set, audited. */
int fer_shop_config_set(struct fer_auth *auth, const struct fer_actor *actor, struct fer_str scope, int scope_id, struct fer_str path,
                        struct fer_str value);
/** fer_shop_config_delete - as fer_config_delete, audited when there was such a row. */
int fer_shop_config_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_str scope, int scope_id, struct fer_str path,
                           bool *found);
/** fer_shop_config_note - the audit row alone, for a transaction that writes several values with fer_config_set_in. */
int fer_shop_config_note(struct fer_auth *auth, struct fer_db *db, const struct fer_actor *actor, enum fer_audit_name name,
                         struct fer_str scope, int scope_id, struct fer_str path);

#endif
