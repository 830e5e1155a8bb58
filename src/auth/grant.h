/*
 * Nobody gives what he does not hold: who makes, changes or removes a user or a role must hold every right that user or role has, before
 * and after. And somebody who may everything is left. Asked inside the transaction that changes something.
 */
#ifndef FER_AUTH_GRANT_H
#define FER_AUTH_GRANT_H

#include "auth/actor.h"
#include "auth/auth.h"

struct fer_grant {
	int missing;       /* out, with FER_E_GRANT: the resource that the actor does not hold */
	bool had_all;      /* out: what was looked at may everything */
};

/**
 * fer_grant_user_in - does @actor hold what the admin @user_id may? fer_grant_role_in - what a role allows? fer_grant_chosen_in - what is
 * about to be allowed (@chosen has a byte a resource)? Actors that are no callers hold everything. The first two wait for others that
 * change users or roles: call one before the transaction reads anything.
 * Errors: FER_E_GRANT; < 0 the store.
 */
int fer_grant_user_in(struct fer_db *db, const struct fer_actor *actor, int64_t user_id, struct fer_grant *grant);
int fer_grant_role_in(struct fer_db *db, const struct fer_actor *actor, int64_t role_id, struct fer_grant *grant);
int fer_grant_chosen_in(struct fer_db *db, const struct fer_actor *actor, const bool *chosen, bool all, struct fer_grant *grant);

/** fer_grant_left_in - after the change: when what was looked at could everything, does any active admin still? Errors: FER_E_LAST_ADMIN. */
int fer_grant_left_in(struct fer_db *db, const struct fer_grant *grant);

/** fer_grant_refuse - note @error, with its resource when it is FER_E_GRANT, else with @what as %1. */
int fer_grant_refuse(struct fer_arena *arena, struct fer_fault *fault, int error, const struct fer_grant *grant, struct fer_value what);

#endif
