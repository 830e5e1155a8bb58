/*
 * A narrower set of ACL resources than a role allows: what a service token was made for. A caller's rights are then what his role
 * allows at present and his scope names. An empty scope names nothing.
 */
#ifndef FER_AUTH_ACL_SCOPE_H
#define FER_AUTH_ACL_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

enum {
#define X(id, parent, title, sort_order) + 1
	FER_ACL_N_RESOURCES = 0
#include "auth/acl_tree.def"
#undef X
};
#define FER_ACL_WORDS ((FER_ACL_N_RESOURCES + 63) / 64)

/* A bit a resource of the tree, by its index (auth/acl.h). Small enough to be copied. */
struct fer_acl_scope {
	uint64_t bits[FER_ACL_WORDS];
};

static inline void fer_acl_scope_add(struct fer_acl_scope *scope, int index)
{
	scope->bits[index / 64] |= (uint64_t)1 << (index % 64);
}

/* What is not in the tree (index < 0) is in no scope. */
static inline bool fer_acl_scope_has(const struct fer_acl_scope *scope, int index)
{
	return index >= 0 && scope->bits[index / 64] >> (index % 64) & 1;
}

#endif
