/*
 * What a role may do: Magento's resource tree, and roles and rules worked out into one bitset a role. Checking a request
 * is then one bit; nothing here is touched by the database after loading.
 */
#ifndef FER_AUTH_ACL_H
#define FER_AUTH_ACL_H

#include "auth/caller.h"
#include "core/value.h"
#include "store/store.h"

struct fer_acl;        /* one loaded state, immutable */
struct fer_acl_role;   /* the rights of one role, inside it */

struct fer_acl_resource {
	const char *id;        /* Magento_Catalog::products */
	int parent;            /* index, -1: a root */
	const char *title;
	int sort_order;
};

#define FER_ACL_UNKNOWN (-1)   /* not in the tree ("self", a typo): only "all resources" opens it */

/** fer_acl_lookup - the index of @resource, FER_ACL_UNKNOWN when the tree has none. For building routes, not per request. */
int fer_acl_lookup(const char *resource);
int fer_acl_lookup_str(struct fer_str resource);
int fer_acl_n_resources(void);
/** fer_acl_resource - @index from 0 to fer_acl_n_resources() - 1, in tree order. */
const struct fer_acl_resource *fer_acl_resource(int index);

/** fer_acl_allows - one bit. @role NULL allows nothing. Source: contract of Magento_Authorization, Laminas ACL, 2.4.7 */
bool fer_acl_allows(const struct fer_acl_role *role, int index);
/** fer_caller_allows - may he? Two bits for a service token. What is not in the tree is refused to every scoped caller. */
bool fer_caller_allows(const struct fer_caller *caller, int index);
/** fer_acl_allows_all - the role has "all resources". */
bool fer_acl_allows_all(const struct fer_acl_role *role);

/**
 * fer_acl_load - read authorization_role and authorization_rule.
 * Owns:   the caller frees it with fer_acl_free. (Requests get theirs through auth/auth.h, which counts references.)
 */
int fer_acl_load(struct fer_db *db, struct fer_acl **out);
void fer_acl_free(struct fer_acl *acl);

/** fer_acl_role_of - the role of a caller: the first row of that user; NULL: none. */
const struct fer_acl_role *fer_acl_role_of(const struct fer_acl *acl, int64_t user_type, int64_t user_id);
/** fer_acl_role - by authorization_role.role_id; NULL: no such role. */
const struct fer_acl_role *fer_acl_role(const struct fer_acl *acl, int64_t role_id);
int64_t fer_acl_role_id(const struct fer_acl_role *role);
/** fer_acl_role_group - the group role that a user's own role belongs to; its own id when it belongs to none. */
int64_t fer_acl_role_group(const struct fer_acl_role *role);

/* Which rule decided about a resource. */
enum fer_acl_rule {
	FER_ACL_NONE,          /* no rule says anything: refused */
	FER_ACL_OWN,           /* a rule on the resource itself */
	FER_ACL_INHERITED,     /* a rule on one above it */
	FER_ACL_ALL,           /* no rule but the one for all resources */
	FER_ACL_NEW            /* no role has a rule for it: refused to whoever is refused anything */
};

struct fer_acl_word {
	bool allowed;
	enum fer_acl_rule rule;
	int from;              /* the resource whose rule it is; FER_ACL_UNKNOWN: none */
};

/**
 * fer_acl_explain - the rights of a user with the rule that decided each; @out holds FER_ACL_N_RESOURCES.
 * Errors: < 0 the store. *@role_id is 0, and all is refused, when he has no role.
 */
int fer_acl_explain(struct fer_db *db, int64_t user_type, int64_t user_id, struct fer_acl_word *out, int64_t *role_id);

/* -- for tests and `role show`: the same computation on rows in memory --------------------------------------------- */

struct fer_acl_role_row {
	int64_t role_id, parent_id, user_id, user_type;
};

struct fer_acl_rule_row {
	int64_t role_id;
	int resource;          /* index in the tree */
	bool allow;
};

/** fer_acl_build - @roles and @rules in the order of their ids (of two rules for one thing the later wins). */
int fer_acl_build(const struct fer_acl_role_row *roles, size_t n_roles, const struct fer_acl_rule_row *rules, size_t n_rules,
                  struct fer_acl **out);

#endif
