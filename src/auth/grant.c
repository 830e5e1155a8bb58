/*
 * Nobody gives what he does not hold. Rights are worked out from the rows the transaction sees, not from the view of the request: both
 * the actor's and those he gives may have changed meanwhile.
 */
#include "auth/grant.h"

#include <errno.h>

#define ROOT 0                 /* Magento_Backend::all */

static void acl_freep(struct fer_acl **acl)
{
	fer_acl_free(*acl);
}

/* The actor with his rights of now. */
static struct fer_caller present(const struct fer_acl *acl, const struct fer_caller *caller)
{
	struct fer_caller now = *caller;

	now.role = fer_acl_role_of(acl, caller->type, caller->id);
	return now;
}

static bool holds_all(const struct fer_caller *now)
{
	return fer_acl_allows_all(now->role) && !now->scoped;
}

static int refuse(struct fer_grant *grant, int missing)
{
	grant->missing = missing;
	return FER_E_GRANT;
}

static int judge_role(const struct fer_acl *acl, const struct fer_actor *actor, const struct fer_acl_role *role, struct fer_grant *grant)
{
	struct fer_caller now;

	grant->had_all |= fer_acl_allows_all(role);
	if (!actor->caller)
		return 0;
	now = present(acl, actor->caller);
	if (fer_acl_allows_all(role) && !holds_all(&now))
		return refuse(grant, ROOT);
	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (fer_acl_allows(role, i) && !fer_caller_allows(&now, i))
			return refuse(grant, i);
	return 0;
}

/* One at a time: two who each take away another's rights at once must not both believe that somebody is left. Before anything is read. */
static int load_locked(struct fer_db *db, struct fer_acl **acl)
{
	int64_t n;
	int r = fer_sql_int(db, FER_SQL_USERS_LOCK, 0, &n, "");

	return r ? r : fer_acl_load(db, acl);
}

int fer_grant_user_in(struct fer_db *db, const struct fer_actor *actor, int64_t user_id, struct fer_grant *grant)
{
	FER_CLEANUP(acl_freep) struct fer_acl *acl = NULL;
	int r = load_locked(db, &acl);

	return r ? r : judge_role(acl, actor, fer_acl_role_of(acl, FER_USER_ADMIN, user_id), grant);
}

int fer_grant_role_in(struct fer_db *db, const struct fer_actor *actor, int64_t role_id, struct fer_grant *grant)
{
	FER_CLEANUP(acl_freep) struct fer_acl *acl = NULL;
	int r = load_locked(db, &acl);

	return r ? r : judge_role(acl, actor, fer_acl_role(acl, role_id), grant);
}

/* The frame of the admin pages comes with every role. */
int fer_grant_chosen_in(struct fer_db *db, const struct fer_actor *actor, const bool *chosen, bool all, struct fer_grant *grant)
{
	FER_CLEANUP(acl_freep) struct fer_acl *acl = NULL;
	struct fer_caller now;
	int r;

	if (!actor->caller)
		return 0;
	if ((r = fer_acl_load(db, &acl)))
		return r;
	now = present(acl, actor->caller);
	if (all || chosen[ROOT])
		return holds_all(&now) ? 0 : refuse(grant, ROOT);
	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (chosen[i] && i != fer_acl_lookup("Magento_Backend::admin") && !fer_caller_allows(&now, i))
			return refuse(grant, i);
	return 0;
}

/* -- who is left -------------------------------------------------------------------------------------------------- */

static int find_left(struct fer_db *db, const struct fer_acl *acl, bool *found)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*found = false;
	if ((r = fer_sql_open(db, FER_SQL_USERS_ACTIVE, &stmt, "")))
		return r;
	while (!*found && (r = fer_stmt_step(stmt)) > 0)
		*found = fer_acl_allows_all(fer_acl_role_of(acl, FER_USER_ADMIN, fer_col_int(stmt, 0)));
	return r < 0 ? r : 0;
}

int fer_grant_left_in(struct fer_db *db, const struct fer_grant *grant)
{
	FER_CLEANUP(acl_freep) struct fer_acl *acl = NULL;
	bool found;
	int r;

	if (!grant->had_all)
		return 0;
	if ((r = fer_acl_load(db, &acl)) || (r = find_left(db, acl, &found)))
		return r;
	return found ? 0 : FER_E_LAST_ADMIN;
}

int fer_grant_refuse(struct fer_arena *arena, struct fer_fault *fault, int error, const struct fer_grant *grant, struct fer_value what)
{
	if (error < 0)
		return error;
	if (error == FER_E_GRANT)
		return fer_fault_add(arena, fault, FER_E_GRANT, "resources", fer_text(fer_acl_resource(grant->missing)->id), NULL);
	return fer_fault_add(arena, fault, (enum fer_error)error, "1", what, NULL);
}
