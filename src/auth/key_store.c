/*
 * Where the crypt keys come from and what changes them. New key bytes are made before a transaction begins, because it may run twice.
 */
#include "auth/key_store.h"

#include <errno.h>

#include "auth/password.h"
#include "core/clock.h"

#define NEW_KID 16
#define ROWS_TEXT_MAX ((size_t)1 << 16)

enum state { NEXT, CURRENT, RETIRED, KILLED, N_STATES };

static const char *const state_names[N_STATES] = { "next", "current", "retired", "killed" };

/* A row of the table with what only a listing needs. */
struct stored {
	struct fer_key_row key;
	enum state state;
	int64_t retires_at_s;
	struct fer_str created_at;
	int64_t live_tokens;
};

/* An unknown word counts as killed: it fails closed. */
static enum state state_of(struct fer_str name)
{
	enum state state = NEXT;

	while (state < KILLED && !fer_str_is(name, state_names[state]))
		state++;
	return state;
}

static int64_t until_of(const struct stored *row)
{
	if (row->state == RETIRED)
		return row->retires_at_s;
	return row->state == KILLED ? 0 : FER_KEY_FOREVER;
}

static void take(struct fer_arena *arena, struct fer_stmt *stmt, struct stored *out)
{
	*out = (struct stored){
		.key = { .place = (size_t)fer_col_int(stmt, 0), .text = fer_col_dup(arena, stmt, 1), .kid = fer_col_dup(arena, stmt, 2) },
		.state = state_of(fer_col_str(stmt, 3)), .retires_at_s = fer_col_int(stmt, 4), .created_at = fer_col_dup(arena, stmt, 5),
	};
	out->key.current = out->state == CURRENT;
	out->key.until_s = until_of(out);
}

/* All rows, by place; one more than there may be is enough to be refused. */
static int read_rows(struct fer_db *db, struct fer_arena *arena, struct stored rows[FER_KEYS_MAX + 1], size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*n = 0;
	if ((r = fer_sql_open(db, FER_SQL_KEY_ALL, &stmt, "")))
		return r;
	while (*n <= FER_KEYS_MAX && (r = fer_stmt_step(stmt)) > 0)
		take(arena, stmt, &rows[(*n)++]);
	return r < 0 ? r : 0;
}

static void key_rows(const struct stored *stored, size_t n, struct fer_key_row *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = stored[i].key;
}

/* -- where they come from ---------------------------------------------------------------------------------------- */

/* Magento's deployment configuration lets a value name another variable. */
static struct fer_str follow_env(struct fer_str value)
{
	struct fer_str name = fer_str_skip(value, 5);
	char z[128];

	if (!fer_str_starts(value, "#env(") || value.at[value.len - 1] != ')' || name.len > sizeof(z))
		return value;
	memcpy(z, name.at, name.len - 1);
	z[name.len - 1] = '\0';
	return fer_str(getenv(z));
}

static int load_rows(struct fer_store *store, struct fer_arena *arena, struct fer_keys **out, char why[256])
{
	struct stored stored[FER_KEYS_MAX + 1];
	struct fer_key_row rows[FER_KEYS_MAX + 1];
	struct fer_db *db;
	size_t n;
	int r;

	if (!(r = fer_db_lend(store, &db))) {
		r = read_rows(db, arena, stored, &n);
		fer_db_return(db);
	}
	if (r) {
		snprintf(why, 256, "the crypt key cannot be read from the store");
		return r;
	}
	key_rows(stored, n, rows);
	return n ? fer_keys_of(rows, n, out, why) : -ENOENT;
}

int fer_keys_load(struct fer_store *store, struct fer_str setting, struct fer_keys **out, char why[256])
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(ROWS_TEXT_MAX);
	struct fer_str text = setting.len ? setting : follow_env(fer_str(getenv("MAGENTO_DC_CRYPT__KEY")));
	int r;

	*out = NULL;
	if (!arena)
		return -ENOMEM;
	if (text.len)
		return fer_keys_new(text, out, why);
	if (store && (r = load_rows(store, arena, out, why)) != -ENOENT)
		return r;
	snprintf(why, 256, "there is no crypt key: set FERRITE_CRYPT_KEY or crypt_key_file, or run ferrite init");
	return -ENOENT;
}

int fer_keys_reload(struct fer_db *db, struct fer_keys *keys)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(ROWS_TEXT_MAX);
	struct stored stored[FER_KEYS_MAX + 1];
	struct fer_key_row rows[FER_KEYS_MAX + 1];
	char why[256];
	size_t n;
	int r;

	if (!fer_keys_own(keys))
		return 0;
	if (!arena)
		return -ENOMEM;
	if ((r = read_rows(db, arena, stored, &n)))
		return r;
	key_rows(stored, n, rows);
	return fer_keys_update(keys, rows, n, why);
}

static int insert(struct fer_db *db, size_t place, struct fer_str text, struct fer_str kid, enum state state, struct fer_str now)
{
	struct fer_value name = kid.len ? fer_string(kid) : fer_null();

	return fer_sql_run(db, FER_SQL_KEY_INSERT, NULL, "isvzs", (int64_t)place, text, &name, state_names[state], now);
}

struct saving {
	struct fer_key_row rows[FER_KEYS_MAX + 1];
	size_t n;
	struct fer_str now;
};

static int save_rows(struct fer_db *db, void *data)
{
	const struct saving *saving = data;
	int r = fer_sql_run(db, FER_SQL_KEY_DELETE, NULL, "");

	for (size_t i = 0; i < saving->n && !r; i++)
		r = insert(db, i, saving->rows[i].text, saving->rows[i].kid, saving->rows[i].current ? CURRENT : KILLED, saving->now);
	return r;
}

int fer_keys_save(struct fer_store *store, struct fer_str text, char why[256])
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);
	struct saving saving;
	struct fer_clock clock;
	struct fer_keys *keys;
	int r;

	if ((r = fer_keys_new(text, &keys, why)))
		return r;
	fer_keys_free(keys);
	fer_clock_init(&clock);
	saving.now = fer_time_text(arena, fer_now_s(&clock));
	saving.n = fer_keys_split(text, saving.rows);
	if ((r = fer_tx_run(store, FER_TX_QUIET | 1u << FER_CHANGE_KEYS, save_rows, &saving)))
		snprintf(why, 256, "the crypt key cannot be saved");
	return r;
}

/* -- listing ----------------------------------------------------------------------------------------------------- */

#define NOTE_MAGENTO "These keys are Magento's (setting crypt_key or MAGENTO_DC_CRYPT__KEY). As there, only the last one signs and " \
	"verifies tokens, always under kid 1; rotate it in Magento, and every token out dies with it."
#define NOTE_OWN "These keys are ferrite's own. A token names its key; a retired one verifies until its time, a killed one never. All " \
	"open stored secrets until ferrite key reencrypt."

static struct fer_value shown(struct fer_arena *arena, const struct stored *row, int64_t now_s)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "kid", row->key.kid.len ? fer_string(row->key.kid) : fer_null());
	fer_set(arena, &out, "state", fer_text(state_names[row->state]));
	fer_set(arena, &out, "place", fer_int((int64_t)row->key.place));
	fer_set(arena, &out, "created_at", row->created_at.at ? fer_string(row->created_at) : fer_null());
	fer_set(arena, &out, "retires_at", row->state == RETIRED ? fer_string(fer_time_text(arena, row->retires_at_s)) : fer_null());
	fer_set(arena, &out, "verifies", fer_bool(now_s < row->key.until_s));
	fer_set(arena, &out, "live_tokens", fer_int(now_s < row->key.until_s ? row->live_tokens : 0));
	return out;
}

/* Magento's keys as the same rows: they stand in no table. */
static size_t magento_rows(const struct fer_keys *keys, struct stored *rows)
{
	size_t n = fer_keys_count(keys);

	for (size_t i = 0; i < n; i++) {
		bool current = i == fer_keys_current(keys);

		rows[i] = (struct stored){ .key = { .place = i, .kid = fer_str(fer_keys_kid(keys, i)), .until_s = fer_keys_until(keys, i) },
		                           .state = current ? CURRENT : KILLED };
	}
	return n;
}

/* By the registry: tokens neither expired nor taken back. */
static int count_tokens(struct fer_db *db, struct stored *rows, size_t n, int64_t now_s)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_KEY_LIVE_TOKENS, &stmt, "i", now_s)))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0)
		for (size_t i = 0; i < n; i++)
			if (rows[i].key.kid.len && fer_str_eq(rows[i].key.kid, fer_col_str(stmt, 0)))
				rows[i].live_tokens = fer_col_int(stmt, 1);
	return r;
}

static int list_rows(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, struct stored *rows, size_t *n)
{
	const struct fer_keys *keys = fer_auth_keys(auth);
	struct fer_db *db;
	int r = 0;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	if (fer_keys_own(keys))
		r = read_rows(db, arena, rows, n);
	else
		*n = magento_rows(keys, rows);
	if (!r)
		r = count_tokens(db, rows, *n, now_s);
	fer_db_return(db);
	return r;
}

int fer_key_list(struct fer_auth *auth, struct fer_arena *arena, int64_t now_s, struct fer_value *out)
{
	bool own = fer_keys_own(fer_auth_keys(auth));
	struct stored rows[FER_KEYS_MAX + 1];
	struct fer_value list = fer_list();
	size_t n = 0;
	int r = list_rows(auth, arena, now_s, rows, &n);

	if (r)
		return r;
	for (size_t i = 0; i < n; i++)
		fer_push(arena, &list, shown(arena, &rows[i], now_s));
	*out = fer_map();
	fer_set(arena, out, "source", fer_text(own ? "ferrite" : "magento"));
	fer_set(arena, out, "note", fer_text(own ? NOTE_OWN : NOTE_MAGENTO));
	fer_set(arena, out, "keys", list);
	return 0;
}

/* -- rotating ---------------------------------------------------------------------------------------------------- */

/* What a change of the keys works with. */
struct change {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	struct fer_str now, text, kid; /* of a key to be made */
	struct fer_str target;         /* the kid of one that is there */
	int64_t now_s;
	struct fer_key_rotation *rotation;
	struct stored rows[FER_KEYS_MAX + 1];
	size_t n;
};

static struct stored *find_state(struct change *c, enum state state)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].state == state)
			return &c->rows[i];
	return NULL;
}

/* The rows, locked: two rotations at once come one after the other. */
static int lock_rows(struct fer_db *db, struct change *c)
{
	int64_t n;
	int r = fer_sql_int(db, FER_SQL_KEY_LOCK, 0, &n, "");

	return r ? r : read_rows(db, c->arena, c->rows, &c->n);
}

static int add(struct fer_db *db, struct change *c, enum state state)
{
	size_t place = c->n ? c->rows[c->n - 1].key.place + 1 : 0;

	return place < FER_KEYS_MAX ? insert(db, place, c->text, c->kid, state, c->now) : FER_E_KEYS_FULL;
}

static int set_state(struct fer_db *db, const struct stored *row, enum state state, int64_t retires_at_s)
{
	return fer_sql_run(db, FER_SQL_KEY_STATE, NULL, "zii", state_names[state], retires_at_s, (int64_t)row->key.place);
}

static int note(struct fer_db *db, const struct change *c, enum fer_audit_name name, struct fer_str kid, const struct fer_value *details)
{
	const struct fer_audit_event event = { .name = name, .outcome = FER_ALLOWED, .actor = c->actor, .details = details,
	                                       .target = fer_str_fmt(c->arena, "key:%.*s", FER_F(kid)) };

	return fer_audit_in(fer_auth_audit(c->auth), db, &event);
}

#define KEY_CHANGES (FER_TX_QUIET | 1u << FER_CHANGE_KEYS)

/* The bytes of a new key stand in the call's arena, which wipes them. */
static int change_run(struct change *c, int (*fn)(struct fer_db *db, void *data), struct fer_fault *fault)
{
	char *key = fer_alloc(c->arena, 33), *kid = fer_alloc(c->arena, NEW_KID + 1);
	int r;

	if (!fer_keys_own(fer_auth_keys(c->auth)))
		return fer_fault_add(c->arena, fault, FER_E_KEYS_MAGENTO, NULL);
	fer_keys_generate(key);
	fer_password_random(kid, NEW_KID);
	c->text = fer_str(key);
	c->kid = fer_str(kid);
	c->now = fer_time_text(c->arena, c->now_s);
	r = fer_tx_run(fer_auth_store(c->auth), KEY_CHANGES, fn, c);
	return r > 0 ? fer_fault_add(c->arena, fault, (enum fer_error)r, NULL) : r;
}

static int make_next(struct fer_db *db, void *data)
{
	struct change *c = data;
	int r;

	if ((r = lock_rows(db, c)))
		return r;
	if (find_state(c, NEXT))
		return FER_E_KEY_NEXT;
	r = add(db, c, NEXT);
	return r ? r : note(db, c, FER_AUDIT_KEY_CREATE, c->kid, NULL);
}

int fer_key_next(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, struct fer_fault *fault,
                 struct fer_str *kid)
{
	struct change change = { .auth = auth, .actor = actor, .arena = arena, .now_s = now_s };
	int r = change_run(&change, make_next, fault);

	*kid = change.kid;
	return r;
}

static int retire(struct fer_db *db, struct change *c, const struct stored *old)
{
	struct fer_key_rotation *rotation = c->rotation;

	rotation->old_kid = old->key.kid;
	rotation->retires_at_s = rotation->compromised ? 0 : c->now_s + rotation->retire_after_s;
	return set_state(db, old, rotation->compromised ? KILLED : RETIRED, rotation->retires_at_s);
}

static int note_rotation(struct fer_db *db, struct change *c)
{
	const struct fer_key_rotation *rotation = c->rotation;
	struct fer_value details = fer_map();
	int r;

	if (rotation->retires_at_s)
		fer_set(c->arena, &details, "retires_at", fer_string(fer_time_text(c->arena, rotation->retires_at_s)));
	if ((r = note(db, c, rotation->retires_at_s ? FER_AUDIT_KEY_RETIRE : FER_AUDIT_KEY_KILL, rotation->old_kid, &details)))
		return r;
	return note(db, c, FER_AUDIT_KEY_ROTATE, rotation->kid, NULL);
}

static int rotate(struct fer_db *db, void *data)
{
	struct change *c = data;
	const struct stored *old, *next;
	int r;

	if ((r = lock_rows(db, c)))
		return r;
	old = find_state(c, CURRENT);
	next = find_state(c, NEXT);
	if (!old)
		return -EPROTO;
	if ((r = retire(db, c, old)))
		return r;
	c->rotation->kid = next ? next->key.kid : c->kid;
	r = next ? set_state(db, next, CURRENT, 0) : add(db, c, CURRENT);
	return r ? r : note_rotation(db, c);
}

/* No token that is out dies before its time. */
static int64_t longest_life_s(struct fer_auth *auth)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	const struct fer_auth_settings *settings = fer_view_settings(view);

	return settings->admin_ttl_s > settings->customer_ttl_s ? settings->admin_ttl_s : settings->customer_ttl_s;
}

int fer_key_rotate(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s,
                   struct fer_key_rotation *rotation, struct fer_fault *fault)
{
	struct change change = { .auth = auth, .actor = actor, .arena = arena, .now_s = now_s, .rotation = rotation };

	if (rotation->retire_after_s < 0)
		rotation->retire_after_s = longest_life_s(auth);
	return change_run(&change, rotate, fault);
}

struct fer_value fer_key_rotated(struct fer_arena *arena, const struct fer_key_rotation *rotation)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "kid", fer_string(rotation->kid));
	fer_set(arena, &out, "old_kid", fer_string(rotation->old_kid));
	fer_set(arena, &out, "old_state", fer_text(state_names[rotation->retires_at_s ? RETIRED : KILLED]));
	fer_set(arena, &out, "old_retires_at", rotation->retires_at_s ? fer_string(fer_time_text(arena, rotation->retires_at_s)) : fer_null());
	fer_set(arena, &out, "note", fer_text(NOTE_OWN));
	return out;
}

static const struct stored *find_kid(const struct change *c, struct fer_str kid)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].key.kid.len && fer_str_eq(c->rows[i].key.kid, kid))
			return &c->rows[i];
	return NULL;
}

static int kill_one(struct fer_db *db, void *data)
{
	struct change *c = data;
	const struct stored *row;
	int r;

	if ((r = lock_rows(db, c)))
		return r;
	if (!(row = find_kid(c, c->target)))
		return FER_E_KEY_UNKNOWN;
	if (row->state == CURRENT)
		return FER_E_KEY_IN_USE;
	r = set_state(db, row, KILLED, 0);
	return r ? r : note(db, c, FER_AUDIT_KEY_KILL, c->target, NULL);
}

int fer_key_kill(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, struct fer_str kid, struct fer_fault *fault)
{
	struct change change = { .auth = auth, .actor = actor, .arena = arena, .target = kid };

	return change_run(&change, kill_one, fault);
}
