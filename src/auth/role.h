/*
 * Roles of admins: rows of authorization_role (type G) and authorization_rule, written exactly as Magento saves them. What
 * changes something is told the @actor, who gives and takes no more than he holds (auth/grant.h: FER_E_GRANT), and leaves a row in the
 * audit log in the same commit.
 */
#ifndef FER_AUTH_ROLE_H
#define FER_AUTH_ROLE_H

#include "auth/auth.h"

/**
 * fer_role_create - a group role.
 * Shape:  @resources: ids of the tree. Exactly [Magento_Backend::all] makes one rule; else one rule for every resource of the tree.
 * Errors: FER_E_ROLE_NAME_REQUIRED, FER_E_ROLE_EXISTS, FER_E_ROLE_RESOURCE (%1 = the id that is not in the tree).
 * Source: Magento_Authorization Rules resource saveRel, 2.4.7
 */
int fer_role_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, struct fer_str name, const struct fer_str *resources,
                    size_t n_resources, struct fer_fault *fault, int64_t *role_id);

/** fer_role_find - by name (under the column's collation), group roles only. Errors: FER_E_ROLE_UNKNOWN (%1 = name). */
int fer_role_find(struct fer_auth *auth, struct fer_arena *arena, struct fer_str name, struct fer_fault *fault, int64_t *role_id);

/** fer_role_list - maps {id, name, n_users, all}. */
int fer_role_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out);
/** fer_role_show - a map {id, name, all, users: [names], resources: [ids its own rules allow], allowed: [ids, effective]}. Errors: FER_E_ROLE_UNKNOWN. */
int fer_role_show(struct fer_auth *auth, struct fer_arena *arena, int64_t role_id, struct fer_fault *fault, struct fer_value *out);

/**
 * fer_role_change - another name (.at NULL: the same), other @resources (NULL: the same; as for create).
 * Errors: as fer_role_create; FER_E_ROLE_UNKNOWN, FER_E_GRANT, FER_E_LAST_ADMIN.
 */
int fer_role_change(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t role_id, struct fer_str name,
                    const struct fer_str *resources, size_t n_resources, struct fer_fault *fault);

/** fer_role_tree - the resources in tree order: maps {id, parent, title, sort_order}. */
struct fer_value fer_role_tree(struct fer_arena *arena);

/** fer_role_delete - Errors: FER_E_ROLE_UNKNOWN, FER_E_ROLE_IN_USE (%1 = how many users have it). */
int fer_role_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t role_id, struct fer_fault *fault);

/** fer_role_assign - give @user_id the group role (0: none), replacing what he had. Errors: FER_E_ROLE_UNKNOWN, FER_E_USER_UNKNOWN. */
int fer_role_assign(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t user_id, int64_t role_id, struct fer_fault *fault);

/* Inside a transaction begun with FER_CHANGE_ACL. */
int fer_role_assign_in(struct fer_db *db, struct fer_arena *arena, int64_t user_id, int64_t role_id);
/** fer_role_rules_in - replace the rules of @role_id; @chosen has a byte a resource of the tree; @all: one rule for everything. */
int fer_role_rules_in(struct fer_db *db, int64_t role_id, const bool *chosen, bool all);
/** fer_role_choose - resource ids to @chosen and *@all; Errors: FER_E_ROLE_RESOURCE. */
int fer_role_choose(struct fer_arena *arena, const struct fer_str *resources, size_t n_resources, struct fer_fault *fault,
                    bool **chosen, bool *all);

#endif
