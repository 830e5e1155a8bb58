/*
 * Checkpoints: where a chain ended at some time, signed. One that is kept elsewhere shows later that the chain was cut together with
 * its head, or that everything was signed anew with another key.
 */
#include <errno.h>
#include <time.h>

#include <sodium.h>

#include "auth/audit_impl.h"
#include "auth/audit_read.h"
#include "core/clock.h"
#include "core/json.h"

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static struct fer_value point_value(struct fer_arena *arena, const struct fer_audit_point *point, struct fer_str public,
                                    struct fer_str signature)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "node", fer_string(fer_str_dup(arena, point->node)));
	fer_set(arena, &out, "seq", fer_int(point->seq));
	fer_set(arena, &out, "hash", fer_string(fer_str_dup(arena, point->hash)));
	fer_set(arena, &out, "time_us", fer_int(point->time_us));
	fer_set(arena, &out, "time", fer_string(fer_time_text(arena, point->time_us / 1000000)));
	fer_set(arena, &out, "public_key", fer_string(fer_str_dup(arena, public)));
	fer_set(arena, &out, "signature", fer_string(fer_str_dup(arena, signature)));
	return out;
}

/* -- making ------------------------------------------------------------------------------------------------------ */

struct making {
	struct fer_audit *audit;
	const struct fer_actor *actor;   /* NULL: the timer; then this node's chain only, and no row about it */
	struct fer_arena *arena;
	struct fer_value out;
};

static int store_point(struct fer_db *db, struct making *m, const struct fer_audit_key *key, const struct fer_audit_point *point)
{
	char signature[FER_AUDIT_SIGNATURE];

	fer_audit_sign(key, FER_AUDIT_CHECKPOINT, point, signature);
	fer_push(m->arena, &m->out, point_value(m->arena, point, fer_hex(m->arena, key->public, sizeof(key->public)), fer_str(signature)));
	return fer_sql_run(db, FER_SQL_AUDIT_POINT_SET, NULL, "sisiiz", point->node, point->seq, point->hash, point->time_us, key->number,
	                   signature);
}

/* A head that is not genuine gets no checkpoint: it would make the forgery official. */
static int sign_head(struct fer_db *db, struct making *m, const struct fer_audit_head *head)
{
	struct fer_audit_key *key = sodium_malloc(sizeof(*key));
	struct fer_audit_point point = head->point;
	int r = key ? fer_audit_key_load(db, m->audit->keys, point.node, key) : -ENOMEM;

	point.time_us = now_us();
	if (r == 1 && head->key == key->number && fer_audit_signed(key->public, FER_AUDIT_HEAD, &head->point, head->signature))
		r = store_point(db, m, key, &point);
	sodium_free(key);
	return r == 1 || r == -EBADMSG ? 0 : r;
}

static int heads_of(struct fer_db *db, struct making *m, struct fer_audit_head *heads, size_t size, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_AUDIT_HEADS, &stmt, "");

	for (*n = 0; !r && *n < size && (r = fer_stmt_step(stmt)) > 0; r = 0) {
		struct fer_audit_head *head = &heads[(*n)++];

		*head = (struct fer_audit_head){ true, { fer_col_dup(m->arena, stmt, 0), fer_col_int(stmt, 1), fer_col_dup(m->arena, stmt, 2), 0 },
		                                 fer_col_int(stmt, 3), fer_col_dup(m->arena, stmt, 4) };
	}
	return r < 0 ? r : 0;
}

#define NODES_MAX 1024

static int make(struct fer_db *db, void *data)
{
	struct making *m = data;
	struct fer_audit_head *heads = FER_NEW_ARRAY(m->arena, NODES_MAX, struct fer_audit_head);
	size_t n;
	int r;

	m->out = fer_list();
	if (m->actor && (r = fer_audit_in(m->audit, db, &(struct fer_audit_event){ .name = FER_AUDIT_LOG_CHECKPOINT, .actor = m->actor })))
		return r;
	if ((r = heads_of(db, m, heads, NODES_MAX, &n)))
		return r;
	for (size_t i = 0; !r && i < n; i++)
		if (m->actor || fer_str_is(heads[i].point.node, m->audit->node))
			r = sign_head(db, m, &heads[i]);
	return r;
}

int fer_audit_checkpoint(struct fer_audit *audit, const struct fer_actor *actor, struct fer_arena *arena, struct fer_value *out)
{
	struct making m = { .audit = audit, .actor = actor, .arena = arena };
	int r = fer_tx_run(audit->store, FER_TX_QUIET, make, &m);

	*out = m.out;
	return r;
}

/* -- the timer --------------------------------------------------------------------------------------------------- */

static int is_due(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, bool *due)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_audit_head head;
	int64_t seq = 0, time_us = 0;
	int r;

	*due = false;
	if ((r = fer_audit_head_read(db, arena, fer_str(audit->node), &head)) ||
	    (r = fer_sql_open(db, FER_SQL_AUDIT_POINT_LAST, &stmt, "s", fer_str(audit->node))) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (r) {
		seq = fer_col_int(stmt, 0);
		time_us = fer_col_int(stmt, 1);
	}
	if (audit->checkpoint_rows > 0 && head.point.seq - seq >= audit->checkpoint_rows)
		*due = true;
	if (audit->checkpoint_minutes > 0 && head.point.seq > seq && now_us() - time_us >= audit->checkpoint_minutes * 60000000)
		*due = true;
	return 0;
}

int fer_audit_tick(struct fer_audit *audit)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)1 << 20);
	struct fer_value out;
	struct fer_db *db;
	bool due;
	int r;

	if (!fer_audit_is_on(audit))
		return 0;
	if ((r = fer_db_lend(audit->store, &db)))
		return r;
	r = is_due(audit, db, arena, &due);
	fer_db_return(db);
	return r || !due ? r : fer_audit_checkpoint(audit, NULL, arena, &out);
}

/* -- reading ----------------------------------------------------------------------------------------------------- */

static int points(struct fer_db *db, struct fer_arena *arena, int64_t limit, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_AUDIT_POINTS, &stmt, "");

	while (!r && (!limit || (int64_t)fer_count(out) < limit) && (r = fer_stmt_step(stmt)) > 0) {
		struct fer_audit_point point = { fer_col_str(stmt, 0), fer_col_int(stmt, 1), fer_col_str(stmt, 2), fer_col_int(stmt, 3) };

		fer_push(arena, out, point_value(arena, &point, fer_col_str(stmt, 4), fer_col_str(stmt, 5)));
		r = fer_arena_broken(arena) ? -ENOMEM : 0;
	}
	return r < 0 ? r : 0;
}

int fer_audit_checkpoints(struct fer_audit *audit, struct fer_arena *arena, int64_t limit, struct fer_value *out)
{
	struct fer_db *db;
	int r = fer_db_lend(audit->store, &db);

	*out = fer_list();
	if (r)
		return r;
	r = points(db, arena, limit, out);
	fer_db_return(db);
	return r;
}

static bool is_point(const struct fer_value *v)
{
	static const char *const texts[] = { "node", "hash", "public_key", "signature" };

	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++) {
		const struct fer_value *text = fer_get(v, texts[i]);

		if (!text || text->kind != FER_V_STRING || text->text.len > 128)
			return false;
	}
	return fer_map_int(v, "seq", 0) > 0 && fer_map_int(v, "time_us", 0) > 0;
}

int fer_audit_checkpoint_read(struct fer_arena *arena, struct fer_str text, struct fer_value *out, size_t *line)
{
	struct fer_str row;

	*out = fer_list();
	for (*line = 1; fer_str_cut(&text, '\n', &row); ++*line) {
		struct fer_value point;

		if (!fer_str_trim(row).len)
			continue;
		if (fer_json_read(arena, row, &point) || !is_point(&point) || fer_arena_broken(arena))
			return -EINVAL;
		fer_push(arena, out, point);
	}
	return 0;
}

static int keys(struct fer_db *db, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_AUDIT_KEYS, &stmt, "");

	while (!r && (r = fer_stmt_step(stmt)) > 0) {
		struct fer_value row = fer_map();

		fer_set(arena, &row, "node", fer_string(fer_col_dup(arena, stmt, 0)));
		fer_set(arena, &row, "number", fer_int(fer_col_int(stmt, 1)));
		fer_set(arena, &row, "public_key", fer_string(fer_col_dup(arena, stmt, 2)));
		fer_set(arena, &row, "created_at", fer_string(fer_col_dup(arena, stmt, 3)));
		fer_push(arena, out, row);
		r = 0;
	}
	return r;
}

int fer_audit_keys(struct fer_audit *audit, struct fer_arena *arena, struct fer_value *out)
{
	struct fer_db *db;
	int r = fer_db_lend(audit->store, &db);

	*out = fer_list();
	if (r)
		return r;
	r = keys(db, arena, out);
	fer_db_return(db);
	return r;
}
