/*
 * Writes of the shop's configuration that leave a row in the audit log. Apart from store/config.c, which knows nobody who writes.
 */
#include "auth/shop_config.h"

#include <errno.h>

#include "auth/config_secret.h"
#include "store/config_path.h"

#define MEMORY ((size_t)1 << 20)
#define TOLD_MAX 150           /* bytes of a value in the audit log */

/* -- in a transaction -------------------------------------------------------------------------------------------- */

struct row {
	struct fer_str scope;
	int scope_id;
	struct fer_str path;
};

/* In a transaction: what stands in the row, which is then ours; @there false: there is none. */
static int read_row(struct fer_db *db, struct fer_arena *arena, const struct row *row, struct fer_str *value, bool *there)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_CONFIG_LOCK, &stmt, "sis", row->scope, (int64_t)row->scope_id, row->path);

	*value = FER_STR_NONE;
	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*there = r == 1 && fer_str_eq(fer_col_str(stmt, 1), row->path);
	if (*there && !fer_col_null(stmt, 0))
		*value = fer_col_dup(arena, stmt, 0);
	return 0;
}

/* A module that nobody knows may call its credentials what it likes. */
static bool may_tell(struct fer_str path, struct fer_str value)
{
	return fer_config_traits(path) & FER_CONFIG_KNOWN && fer_config_tells(path, value);
}

static void tell(struct fer_arena *arena, struct fer_value *details, const char *name, struct fer_str value)
{
	struct fer_str told = fer_str_take(value, TOLD_MAX);

	while (told.len && !fer_utf8_valid(told))
		told.len--;
	if (told.len < value.len)
		told = fer_str_fmt(arena, "%.*s …", FER_F(told));
	fer_set(arena, details, name, value.at ? fer_string(told) : fer_null());
}

/* @old and @new are NULL where there was, or is, no row. */
static int note(struct fer_auth *auth, struct fer_db *db, struct fer_arena *arena, const struct fer_actor *actor, const struct row *row,
                const struct fer_str *old, const struct fer_str *new)
{
	struct fer_value details = fer_map();

	if (old && may_tell(row->path, *old))
		tell(arena, &details, "old", *old);
	if (new && may_tell(row->path, *new))
		tell(arena, &details, "new", *new);
	return fer_audit_in(fer_auth_audit(auth), db, &(struct fer_audit_event){
		.name = new ? FER_AUDIT_CONFIG_SET : FER_AUDIT_CONFIG_DELETE, .actor = actor, .details = &details,
		.target = fer_str_fmt(arena, "config:%.*s/%d/%.*s", FER_F(row->scope), row->scope_id, FER_F(row->path)) });
}

int fer_shop_config_set_in(struct fer_auth *auth, struct fer_db *db, const struct fer_actor *actor, struct fer_str scope, int scope_id,
                           struct fer_str path, struct fer_str value)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(MEMORY);
	const struct row row = { scope, scope_id, path };
	struct fer_str old, stored;
	bool there = false;
	int r;

	if ((r = read_row(db, arena, &row, &old, &there)) || (r = fer_config_seal(fer_auth_keys(auth), arena, path, value, &stored)) ||
	    (r = fer_config_set_in(db, scope, scope_id, path, stored)))
		return r;
	return note(auth, db, arena, actor, &row, there ? &old : NULL, &value);
}

int fer_shop_config_delete_in(struct fer_auth *auth, struct fer_db *db, const struct fer_actor *actor, struct fer_str scope, int scope_id,
                              struct fer_str path, bool *found)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(MEMORY);
	const struct row row = { scope, scope_id, path };
	struct fer_str old;
	bool there = false;
	int r;

	if ((r = read_row(db, arena, &row, &old, &there)) || (there && (r = fer_config_delete_in(db, scope, scope_id, path, &there))))
		return r;
	if (found)
		*found = there;
	return there ? note(auth, db, arena, actor, &row, &old, NULL) : 0;
}

static int stands_somewhere(struct fer_db *db, struct fer_str path, bool *found)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_CONFIG_ANYWHERE, &stmt, "s", path);

	*found = false;
	while (!r && !*found && (r = fer_stmt_step(stmt)) == 1) {
		*found = fer_str_eq(fer_col_str(stmt, 0), path);
		r = 0;
	}
	return r;
}

int fer_shop_config_may(struct fer_db *db, struct fer_arena *arena, struct fer_str path, bool unknown, bool *may)
{
	*may = true;
	if (fer_config_traits(path) & FER_CONFIG_KNOWN)
		return 0;
	*may = !(fer_config_traits(fer_str_lower(arena, path)) & FER_CONFIG_KNOWN);
	return !*may || unknown ? 0 : stands_somewhere(db, path, may);
}

/* -- scopes and tags --------------------------------------------------------------------------------------------- */

int fer_shop_config_place(struct fer_auth *auth, struct fer_arena *arena, struct fer_str text, struct fer_config_place *out,
                          struct fer_fault *fault)
{
	int r = fer_config_place(fer_auth_store(auth), text, out);

	if (r == -EINVAL)
		return fer_fault_add(arena, fault, FER_E_CONFIG_SCOPE, "1", fer_string(text), NULL);
	return r == -ENOENT ? fer_fault_add(arena, fault, FER_E_CONFIG_NO_SCOPE, "1", fer_string(text), NULL) : r;
}

int fer_shop_config_tag(struct fer_auth *auth, struct fer_arena *arena, const struct fer_config_place *place, struct fer_str path,
                        const struct fer_config_found *found, struct fer_str *out)
{
	const struct fer_keys *keys = fer_auth_keys(auth);
	struct fer_str what = fer_str_fmt(arena, "%.*s\n%.*s\n%.*s\n%d%.*s", FER_F(place->text), FER_F(path), FER_F(found->from),
	                                  found->value.at != NULL, FER_F(found->value));
	unsigned char mac[32];
	int r = fer_keys_mac(keys, fer_keys_current(keys), FER_S("config tag"), what, mac);

	*out = fer_str_fmt(arena, "\"%.*s\"", FER_F(fer_hex(arena, mac, 12)));
	return r;
}

/* -- one value, checked ------------------------------------------------------------------------------------------ */

struct write {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	const struct fer_shop_config_want *want;
	struct fer_fault *fault;
	struct fer_config_found seen;      /* with a match: what it was judged by */
};

static int fail(struct write *w, enum fer_error error, struct fer_str one, struct fer_str two, struct fer_str three)
{
	*w->fault = (struct fer_fault){ 0 };
	if (three.at)
		return fer_fault_add(w->arena, w->fault, error, "1", fer_string(one), "2", fer_string(two), "3", fer_string(three), NULL);
	if (two.at)
		return fer_fault_add(w->arena, w->fault, error, "1", fer_string(one), "2", fer_string(two), NULL);
	return fer_fault_add(w->arena, w->fault, error, one.at ? "1" : NULL, fer_string(one), NULL);
}

#define FAIL(w, error, one) fail(w, error, one, FER_STR_NONE, FER_STR_NONE)

/* If-Match: a list of tags, or "*" for whatever there is. */
static int check_match(struct write *w)
{
	const struct fer_shop_config_want *want = w->want;
	struct fer_str tag;
	int r;

	if (!want->match.at)
		return 0;
	if ((r = fer_config_find(fer_auth_store(w->auth), w->arena, &want->place, want->path, &w->seen)) ||
	    (r = fer_shop_config_tag(w->auth, w->arena, &want->place, want->path, &w->seen, &tag)))
		return r;
	if (fer_str_is(fer_str_trim(want->match), "*") ? w->seen.from.at != NULL : fer_str_search(want->match, tag) >= 0)
		return 0;
	return FAIL(w, FER_E_CONFIG_MATCH, FER_STR_NONE);
}

/* Between the look and the transaction somebody else may have written the row. */
static int check_row(struct write *w, struct fer_db *db)
{
	const struct fer_config_place *place = &w->want->place;
	const struct row row = { place->scope, place->id, w->want->path };
	bool there = false, own = w->seen.from.at && fer_str_eq(w->seen.from, place->text);
	struct fer_str value;
	int r;

	if (!w->want->match.at)
		return 0;
	if ((r = read_row(db, w->arena, &row, &value, &there)))
		return r;
	if (there == own && (!own || ((value.at != NULL) == (w->seen.value.at != NULL) && fer_str_eq(value, w->seen.value))))
		return 0;
	return FAIL(w, FER_E_CONFIG_MATCH, FER_STR_NONE);
}

static int check(struct write *w, struct fer_db *db)
{
	const struct fer_shop_config_want *want = w->want;
	struct fer_str what = FER_STR_NONE;
	bool may;
	int r;

	if (!fer_config_path_shape(want->path))
		return FAIL(w, FER_E_CONFIG_PATH, want->path);
	if (want->value.len > FER_CONFIG_VALUE_MAX || fer_str_find(want->value, '\0') >= 0 || !fer_utf8_valid(want->value))
		return FAIL(w, FER_E_CONFIG_TEXT, FER_STR_NONE);
	if (fer_config_global(want->path) && !fer_str_is(want->place.scope, "default"))
		return FAIL(w, FER_E_CONFIG_GLOBAL, want->path);
	if ((r = fer_shop_config_may(db, w->arena, want->path, want->unknown, &may)))
		return r;
	if (!may)
		return FAIL(w, FER_E_CONFIG_UNKNOWN, want->path);
	r = fer_config_check(db, w->arena, want->path, want->value, &what);
	return r == -EINVAL ? fail(w, FER_E_CONFIG_VALUE, want->path, want->place.text, what) : r;
}

static int change(struct fer_db *db, void *data)
{
	struct write *w = data;
	const struct fer_config_place *place = &w->want->place;
	int r;

	if ((r = check(w, db)) || (r = check_row(w, db)))
		return r;
	return fer_shop_config_set_in(w->auth, db, w->actor, place->scope, place->id, w->want->path, w->want->value);
}

static int take_back(struct fer_db *db, void *data)
{
	struct write *w = data;
	const struct fer_config_place *place = &w->want->place;
	bool found;
	int r;

	if ((r = check_row(w, db)) ||
	    (r = fer_shop_config_delete_in(w->auth, db, w->actor, place->scope, place->id, w->want->path, &found)))
		return r;
	return found ? 0 : fail(w, FER_E_CONFIG_NOT_SET, w->want->path, place->text, FER_STR_NONE);
}

int fer_shop_config_change(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_shop_config_want *want,
                           struct fer_fault *fault)
{
	struct write write = { .auth = auth, .actor = actor, .arena = arena, .want = want, .fault = fault };
	int r = check_match(&write);

	return r ? r : fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_CONFIG, change, &write);
}

int fer_shop_config_remove(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_shop_config_want *want,
                           struct fer_fault *fault)
{
	struct write write = { .auth = auth, .actor = actor, .arena = arena, .want = want, .fault = fault };
	int r = check_match(&write);

	return r ? r : fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_CONFIG, take_back, &write);
}

static int set(struct fer_db *db, void *data)
{
	struct write *w = data;
	const struct fer_config_place *place = &w->want->place;

	return fer_shop_config_set_in(w->auth, db, w->actor, place->scope, place->id, w->want->path, w->want->value);
}

int fer_shop_config_set(struct fer_auth *auth, const struct fer_actor *actor, struct fer_str scope, int scope_id, struct fer_str path,
                        struct fer_str value)
{
	const struct fer_shop_config_want want = { .place = { scope, scope, scope_id }, .path = path, .value = value };
	struct write write = { .auth = auth, .actor = actor, .want = &want };

	return fer_config_scope_valid(scope) ? fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_CONFIG, set, &write) : -EINVAL;
}
