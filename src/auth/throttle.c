/*
 * The lock on signing in. The key is the submitted name, whether such a user exists or not.
 */
#include "auth/throttle.h"

#include "core/clock.h"

/* Longer names share the count of their first 255 characters: the column is no wider. */
#define NAME_MAX_CHARS 255

static struct fer_str name_cut(struct fer_str name)
{
	size_t n = 0, i = 0;

	for (; i < name.len; i++)
		if (((unsigned char)name.at[i] & 0xc0) != 0x80 && n++ == NAME_MAX_CHARS)
			break;
	return fer_str_take(name, i);
}

int fer_throttle_locked(struct fer_db *db, const struct fer_auth_settings *settings, struct fer_str name,
                        enum fer_throttle_type type, int64_t now_s, bool *locked)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);
	int64_t n = 0;
	int r = fer_sql_int(db, FER_SQL_THROTTLE_COUNT, 0, &n, "sis", name_cut(name), (int64_t)type, fer_time_text(arena, now_s));

	*locked = r || n >= settings->max_failures;
	return r;
}

int fer_throttle_fail_in(struct fer_db *db, const struct fer_auth_settings *settings, struct fer_str name,
                         enum fer_throttle_type type, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);

	return fer_sql_run(db, FER_SQL_THROTTLE_FAIL, NULL, "sis", name_cut(name), (int64_t)type,
	                   fer_time_text(arena, now_s + settings->lock_s));
}

int fer_throttle_clear_in(struct fer_db *db, struct fer_str name, enum fer_throttle_type type)
{
	return fer_sql_run(db, FER_SQL_THROTTLE_CLEAR, NULL, "si", name_cut(name), (int64_t)type);
}

struct clearance {
	struct fer_str name;
	enum fer_throttle_type type;
};

static int clear(struct fer_db *db, void *data)
{
	const struct clearance *c = data;

	return fer_throttle_clear_in(db, c->name, c->type);
}

int fer_throttle_clear(struct fer_store *store, struct fer_str name, enum fer_throttle_type type)
{
	struct clearance clearance = { name, type };

	return fer_tx_run(store, FER_TX_QUIET, clear, &clearance);
}

static int sweep(struct fer_db *db, void *data)
{
	return fer_sql_run(db, FER_SQL_THROTTLE_SWEEP, NULL, "s", *(const struct fer_str *)data);
}

int fer_throttle_sweep(struct fer_store *store, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);
	struct fer_str now = fer_time_text(arena, now_s);

	return fer_tx_run(store, FER_TX_QUIET, sweep, &now);
}
