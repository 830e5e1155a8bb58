/*
 * Roles of admins, row by row as Magento saves them: a group row, and rules for everything or for each resource.
 */
#include "auth/role.h"

#include <errno.h>

#include "auth/grant.h"

#define NAME_MAX_CHARS 50
#define ALL "Magento_Backend::all"
#define ADMIN "Magento_Backend::admin"

static int refuse(struct fer_arena *arena, struct fer_fault *fault, int error, struct fer_value what)
{
	return error < 0 ? error : fer_fault_add(arena, fault, (enum fer_error)error, "1", what, NULL);
}

/* -- rules ------------------------------------------------------------------------------------------------------ */

int fer_role_choose(struct fer_arena *arena, const struct fer_str *resources, size_t n_resources, struct fer_fault *fault,
                    bool **chosen, bool *all)
{
	*chosen = FER_NEW_ARRAY(arena, (size_t)fer_acl_n_resources(), bool);
	*all = n_resources == 1 && fer_str_is(resources[0], ALL);
	for (size_t i = 0; i < n_resources; i++) {
		int index = fer_acl_lookup_str(resources[i]);

		if (index == FER_ACL_UNKNOWN)
			return refuse(arena, fault, FER_E_ROLE_RESOURCE, fer_string(resources[i]));
		(*chosen)[index] = true;
	}
	/* Whoever may anything may see the admin pages' frame. */
	if (n_resources)
		(*chosen)[fer_acl_lookup(ADMIN)] = true;
	return 0;
}

static bool any(const bool *chosen)
{
	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (chosen[i])
			return true;
	return false;
}

int fer_role_rules_in(struct fer_db *db, int64_t role_id, const bool *chosen, bool all)
{
	int r = fer_sql_run(db, FER_SQL_RULE_DELETE, NULL, "i", role_id);

	if (r || all)
		return r ? r : fer_sql_run(db, FER_SQL_RULE_INSERT, NULL, "izz", role_id, ALL, "allow");
	for (int i = 0; any(chosen) && i < fer_acl_n_resources() && !r; i++)
		r = fer_sql_run(db, FER_SQL_RULE_INSERT, NULL, "izz", role_id, fer_acl_resource(i)->id, chosen[i] ? "allow" : "deny");
	return r;
}

static bool name_fits(struct fer_str name)
{
	return fer_str_trim(name).len && fer_utf8_valid(name) && fer_utf8_length(fer_str_trim(name)) <= NAME_MAX_CHARS;
}

/* -- create ----------------------------------------------------------------------------------------------------- */

struct creation {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	struct fer_str name;
	bool *chosen;
	bool all;
	int64_t role_id;
	struct fer_grant grant;
};

static int note_create(struct fer_db *db, const struct creation *c)
{
	struct fer_value details = fer_map();
	int n = 0;

	for (int i = 0; i < fer_acl_n_resources(); i++)
		n += c->chosen[i];
	fer_set(c->arena, &details, "name", fer_string(c->name));
	fer_set(c->arena, &details, "all", fer_bool(c->all));
	fer_set(c->arena, &details, "n_resources", fer_int(n));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_ROLE_CREATE, "role", c->role_id, &details);
}

static int create(struct fer_db *db, void *data)
{
	struct creation *c = data;
	int64_t found = 0;
	int r;

	if ((r = fer_sql_int(db, FER_SQL_ROLE_BY_NAME, 0, &found, "s", c->name)))
		return r;
	if (found)
		return FER_E_ROLE_EXISTS;
	if ((r = fer_grant_chosen_in(db, c->actor, c->chosen, c->all, &c->grant)))
		return r;
	if ((r = fer_sql_insert(db, FER_SQL_ROLE_INSERT, &c->role_id, "iizizs", (int64_t)0, (int64_t)1, "G", (int64_t)0, "2", c->name)))
		return r;
	if ((r = fer_role_rules_in(db, c->role_id, c->chosen, c->all)))
		return r;
	return note_create(db, c);
}

int fer_role_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, struct fer_str name, const struct fer_str *resources,
                    size_t n_resources, struct fer_fault *fault, int64_t *role_id)
{
	struct creation creation = { .auth = auth, .actor = actor, .arena = arena, .name = fer_str_trim(name) };
	int r;

	if (!name_fits(name))
		return fer_fault_add(arena, fault, FER_E_ROLE_NAME_REQUIRED, NULL);
	if ((r = fer_role_choose(arena, resources, n_resources, fault, &creation.chosen, &creation.all)))
		return r;
	if ((r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, create, &creation)))
		return fer_grant_refuse(arena, fault, r, &creation.grant, fer_string(name));
	*role_id = creation.role_id;
	return 0;
}

/* -- find, list, show ------------------------------------------------------------------------------------------- */

int fer_role_find(struct fer_auth *auth, struct fer_arena *arena, struct fer_str name, struct fer_fault *fault, int64_t *role_id)
{
	int r = fer_auth_find(auth, FER_SQL_ROLE_BY_NAME, name, role_id);

	return r || *role_id ? r : refuse(arena, fault, FER_E_ROLE_UNKNOWN, fer_string(name));
}

static int list_one(struct fer_db *db, struct fer_arena *arena, const struct fer_acl *acl, struct fer_stmt *stmt, struct fer_value *out)
{
	struct fer_value row = fer_map();
	int64_t id = fer_col_int(stmt, 0), n = 0;
	int r = fer_sql_int(db, FER_SQL_ROLE_N_USERS, 0, &n, "i", id);

	fer_set(arena, &row, "id", fer_int(id));
	fer_set(arena, &row, "name", fer_string(fer_col_dup(arena, stmt, 1)));
	fer_set(arena, &row, "n_users", fer_int(n));
	fer_set(arena, &row, "all", fer_bool(fer_acl_allows_all(fer_acl_role(acl, id))));
	fer_push(arena, out, row);
	return r;
}

static int list(struct fer_db *db, struct fer_arena *arena, const struct fer_acl *acl, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_ROLE_LIST, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0)
		if ((r = list_one(db, arena, acl, stmt, out)))
			return r;
	return r;
}

int fer_role_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_reading_end) struct fer_reading in = { 0 };
	int r;

	*out = fer_list();
	if ((r = fer_reading_begin(auth, &in)))
		return r;
	return list(in.db, arena, fer_view_acl(in.view), out);
}

static int name_of(struct fer_db *db, struct fer_arena *arena, int64_t role_id, struct fer_str *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = FER_STR_NONE;
	if ((r = fer_sql_open(db, FER_SQL_ROLE_BY_ID, &stmt, "i", role_id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*out = fer_col_dup(arena, stmt, 0);
	return 0;
}

static struct fer_value allowed_of(struct fer_arena *arena, const struct fer_acl_role *role)
{
	struct fer_value out = fer_list();

	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (fer_acl_allows(role, i))
			fer_push(arena, &out, fer_text(fer_acl_resource(i)->id));
	return out;
}

static int show(struct fer_db *db, struct fer_arena *arena, const struct fer_acl_role *role, int64_t role_id, struct fer_value *out)
{
	struct fer_value users, chosen;
	struct fer_str name;
	int r;

	if ((r = name_of(db, arena, role_id, &name)) ||
	    (r = fer_sql_texts(db, arena, FER_SQL_ROLE_USERS, &users, "i", role_id)) ||
	    (r = fer_sql_texts(db, arena, FER_SQL_ROLE_ALLOWED, &chosen, "i", role_id)))
		return r;
	if (!name.at)
		return FER_E_ROLE_UNKNOWN;
	*out = fer_map();
	fer_set(arena, out, "id", fer_int(role_id));
	fer_set(arena, out, "name", fer_string(name));
	fer_set(arena, out, "all", fer_bool(fer_acl_allows_all(role)));
	fer_set(arena, out, "users", users);
	fer_set(arena, out, "resources", chosen);
	fer_set(arena, out, "allowed", allowed_of(arena, role));
	return 0;
}

int fer_role_show(struct fer_auth *auth, struct fer_arena *arena, int64_t role_id, struct fer_fault *fault, struct fer_value *out)
{
	FER_CLEANUP(fer_reading_end) struct fer_reading in = { 0 };
	int r;

	if ((r = fer_reading_begin(auth, &in)))
		return r;
	r = show(in.db, arena, fer_acl_role(fer_view_acl(in.view), role_id), role_id, out);
	return r ? refuse(arena, fault, r, fer_int(role_id)) : 0;
}

struct fer_value fer_role_tree(struct fer_arena *arena)
{
	struct fer_value out = fer_list();

	for (int i = 0; i < fer_acl_n_resources(); i++) {
		const struct fer_acl_resource *resource = fer_acl_resource(i);
		struct fer_value *row = fer_push(arena, &out, fer_map());

		fer_set(arena, row, "id", fer_text(resource->id));
		fer_set(arena, row, "parent", fer_text(resource->parent < 0 ? NULL : fer_acl_resource(resource->parent)->id));
		fer_set(arena, row, "title", fer_text(resource->title));
		fer_set(arena, row, "sort_order", fer_int(resource->sort_order));
	}
	return out;
}

/* -- delete ----------------------------------------------------------------------------------------------------- */

struct deletion {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t role_id, n_users;
	struct fer_grant grant;
};

static int delete(struct fer_db *db, void *data)
{
	struct deletion *d = data;
	struct fer_value details = fer_map();
	struct fer_str name;
	int r;

	if ((r = name_of(db, d->arena, d->role_id, &name)) || (r = fer_sql_int(db, FER_SQL_ROLE_N_USERS, 0, &d->n_users, "i", d->role_id)))
		return r;
	if (!name.at)
		return FER_E_ROLE_UNKNOWN;
	if ((r = fer_grant_role_in(db, d->actor, d->role_id, &d->grant)))
		return r;
	if (d->n_users)
		return FER_E_ROLE_IN_USE;
	if ((r = fer_sql_run(db, FER_SQL_RULE_DELETE, NULL, "i", d->role_id)) ||
	    (r = fer_sql_run(db, FER_SQL_ROLE_DELETE, NULL, "i", d->role_id)))
		return r;
	fer_set(d->arena, &details, "name", fer_string(name));
	return fer_audit_change(fer_auth_audit(d->auth), db, d->actor, FER_AUDIT_ROLE_DELETE, "role", d->role_id, &details);
}

int fer_role_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t role_id, struct fer_fault *fault)
{
	struct deletion deletion = { auth, actor, arena, role_id, 0, { 0 } };
	int r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, delete, &deletion);

	if (!r)
		return 0;
	return fer_grant_refuse(arena, fault, r, &deletion.grant, fer_int(r == FER_E_ROLE_IN_USE ? deletion.n_users : role_id));
}

/* -- change ------------------------------------------------------------------------------------------------------- */

struct change {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t role_id;
	struct fer_str name;           /* .at NULL: stays */
	bool *chosen;                  /* NULL: stays */
	bool all;
	struct fer_grant grant;
};

static int rename_role(struct fer_db *db, const struct change *c)
{
	int64_t other = 0;
	int r = fer_sql_int(db, FER_SQL_ROLE_TAKEN, 0, &other, "si", c->name, c->role_id);

	if (r || other)
		return r ? r : FER_E_ROLE_EXISTS;
	return fer_sql_run(db, FER_SQL_ROLE_RENAME, NULL, "si", c->name, c->role_id);
}

static int change_rules(struct fer_db *db, struct change *c)
{
	int r;

	if ((r = fer_grant_chosen_in(db, c->actor, c->chosen, c->all, &c->grant)) ||
	    (r = fer_role_rules_in(db, c->role_id, c->chosen, c->all)))
		return r;
	return fer_grant_left_in(db, &c->grant);
}

static int change(struct fer_db *db, void *data)
{
	struct change *c = data;
	struct fer_value details = fer_map();
	struct fer_str name;
	int r;

	c->grant = (struct fer_grant){ 0 };
	if ((r = fer_grant_role_in(db, c->actor, c->role_id, &c->grant)) || (r = name_of(db, c->arena, c->role_id, &name)))
		return r;
	if (!name.at)
		return FER_E_ROLE_UNKNOWN;
	if ((c->name.at && (r = rename_role(db, c))) ||
	    (c->chosen && (r = change_rules(db, c))))
		return r;
	fer_set(c->arena, &details, "name", fer_string(c->name.at ? c->name : name));
	fer_set(c->arena, &details, "rights", fer_bool(c->chosen != NULL));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_ROLE_CHANGE, "role", c->role_id, &details);
}

int fer_role_change(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t role_id, struct fer_str name,
                    const struct fer_str *resources, size_t n_resources, struct fer_fault *fault)
{
	struct change work = { .auth = auth, .actor = actor, .arena = arena, .role_id = role_id };
	int r;

	if (name.at && !name_fits(name))
		return fer_fault_add(arena, fault, FER_E_ROLE_NAME_REQUIRED, NULL);
	if (name.at)
		work.name = fer_str_trim(name);
	if (resources && (r = fer_role_choose(arena, resources, n_resources, fault, &work.chosen, &work.all)))
		return r;
	r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, change, &work);
	return r ? fer_grant_refuse(arena, fault, r, &work.grant, r == FER_E_ROLE_EXISTS ? fer_string(name) : fer_int(role_id)) : 0;
}

/* -- assign ----------------------------------------------------------------------------------------------------- */

static int first_name(struct fer_db *db, struct fer_arena *arena, int64_t user_id, struct fer_str *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_USER_BY_ID, &stmt, "i", user_id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_USER_UNKNOWN;
	*out = fer_col_dup(arena, stmt, 2);
	return 0;
}

int fer_role_assign_in(struct fer_db *db, struct fer_arena *arena, int64_t user_id, int64_t role_id)
{
	struct fer_str name;
	int64_t level = -1;
	int r;

	if ((r = first_name(db, arena, user_id, &name)))
		return r;
	if (role_id && (r = fer_sql_int(db, FER_SQL_ROLE_LEVEL, -1, &level, "i", role_id)))
		return r;
	if (role_id && level < 0)
		return FER_E_ROLE_UNKNOWN;
	if ((r = fer_sql_run(db, FER_SQL_ROLE_DELETE_OF, NULL, "iz", user_id, "2")) || !role_id)
		return r;
	return fer_sql_insert(db, FER_SQL_ROLE_INSERT, NULL, "iizizs", role_id, level + 1, "U", user_id, "2", name);
}

struct assignment {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t user_id, role_id;
	struct fer_grant grant;
};

static int assign(struct fer_db *db, void *data)
{
	struct assignment *a = data;
	struct fer_value details = fer_map();
	int r;

	if ((r = fer_grant_user_in(db, a->actor, a->user_id, &a->grant)) || (r = fer_grant_role_in(db, a->actor, a->role_id, &a->grant)))
		return r;
	r = fer_role_assign_in(db, a->arena, a->user_id, a->role_id);
	fer_set(a->arena, &details, "role_id", fer_int(a->role_id));
	return r ? r : fer_audit_change(fer_auth_audit(a->auth), db, a->actor, FER_AUDIT_USER_ROLE, "user", a->user_id, &details);
}

int fer_role_assign(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t user_id, int64_t role_id, struct fer_fault *fault)
{
	struct assignment assignment = { auth, actor, arena, user_id, role_id, { 0 } };
	int r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, assign, &assignment);

	return r ? fer_grant_refuse(arena, fault, r, &assignment.grant, fer_int(r == FER_E_USER_UNKNOWN ? user_id : role_id)) : 0;
}
