/*
 * Writes of the shop's configuration that leave a row in the audit log. Apart from store/config.c, which knows nobody who writes.
 */
#include "auth/shop_config.h"

#include <errno.h>

#include "store/config.h"

struct write {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_str scope;
	int scope_id;
	struct fer_str path, value;
	bool found;
};

int fer_shop_config_note(struct fer_auth *auth, struct fer_db *db, const struct fer_actor *actor, enum fer_audit_name name,
                         struct fer_str scope, int scope_id, struct fer_str path)
{
	char target[320];

	snprintf(target, sizeof(target), "config:%.*s/%d/%.*s", FER_F(scope), scope_id, FER_F(path));
	return fer_audit_in(fer_auth_audit(auth), db,
	                    &(struct fer_audit_event){ .name = name, .actor = actor, .target = fer_str(target) });
}

static int set(struct fer_db *db, void *data)
{
	const struct write *w = data;
	int r = fer_config_set_in(db, w->scope, w->scope_id, w->path, w->value);

	return r ? r : fer_shop_config_note(w->auth, db, w->actor, FER_AUDIT_CONFIG_SET, w->scope, w->scope_id, w->path);
}

static int unset(struct fer_db *db, void *data)
{
	struct write *w = data;
	int r = fer_config_delete_in(db, w->scope, w->scope_id, w->path, &w->found);

	if (r || !w->found)
		return r;
	return fer_shop_config_note(w->auth, db, w->actor, FER_AUDIT_CONFIG_DELETE, w->scope, w->scope_id, w->path);
}

static int run(struct write *write, int (*fn)(struct fer_db *db, void *data))
{
	if (!fer_config_scope_valid(write->scope))
		return -EINVAL;
	return fer_tx_run(fer_auth_store(write->auth), 1u << FER_CHANGE_CONFIG, fn, write);
}

int fer_shop_config_set(struct fer_auth *auth, const struct fer_actor *actor, struct fer_str scope, int scope_id, struct fer_str path,
                        struct fer_str value)
{
	return run(&(struct write){ auth, actor, scope, scope_id, path, value, false }, set);
}

int fer_shop_config_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_str scope, int scope_id, struct fer_str path,
                           bool *found)
{
	struct write write = { auth, actor, scope, scope_id, path, FER_STR_NONE, false };
	int r = run(&write, unset);

	*found = r == 0 && write.found;
	return r;
}
