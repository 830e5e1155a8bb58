/*
 * The chain of a node: rows are put behind its head, and the head is signed anew. Before that the head is checked, so that one who
 * cut the chain cannot have it signed by the next row: such a break is written into the chain itself, where it stays.
 */
#include <errno.h>
#include <time.h>

#include <sodium.h>

#include "auth/audit_impl.h"

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int fer_audit_head_read(struct fer_db *db, struct fer_arena *arena, struct fer_str node, struct fer_audit_head *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = (struct fer_audit_head){ .point = { .node = node, .hash = FER_S(FER_AUDIT_GENESIS) } };
	if ((r = fer_sql_open(db, FER_SQL_AUDIT_HEAD, &stmt, "s", node)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*out = (struct fer_audit_head){ true, { node, fer_col_int(stmt, 0), fer_col_dup(arena, stmt, 1), 0 }, fer_col_int(stmt, 2),
	                                fer_col_dup(arena, stmt, 3) };
	return 0;
}

static int last_row(struct fer_db *db, struct fer_arena *arena, struct fer_str node, struct fer_audit_point *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = (struct fer_audit_point){ node, 0, FER_S(FER_AUDIT_GENESIS), 0 };
	if ((r = fer_sql_open(db, FER_SQL_AUDIT_LAST, &stmt, "s", node)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	out->seq = fer_col_int(stmt, 0);
	out->hash = fer_col_dup(arena, stmt, 1);
	return 0;
}

/* -- is the head genuine? ---------------------------------------------------------------------------------------- */

static bool ours(struct fer_audit *audit, const struct fer_audit_head *head)
{
	bool same;

	pthread_mutex_lock(&audit->lock);
	same = fer_str_is(head->signature, audit->signature);
	pthread_mutex_unlock(&audit->lock);
	return same;
}

static bool is_signed(struct fer_audit *audit, const struct fer_audit_head *head)
{
	bool good;

	pthread_mutex_lock(&audit->lock);
	good = head->key == audit->key->number && fer_audit_signed(audit->key->public, FER_AUDIT_HEAD, &head->point, head->signature);
	pthread_mutex_unlock(&audit->lock);
	return good;
}

/* Another process of this node may have had to make a new key. */
static int reload_key(struct fer_audit *audit, struct fer_db *db)
{
	struct fer_audit_key *key = sodium_malloc(sizeof(*key));
	int r = key ? fer_audit_key_load(db, audit->keys, fer_str(audit->node), key) : -ENOMEM;

	if (r == 1) {
		pthread_mutex_lock(&audit->lock);
		*audit->key = *key;
		pthread_mutex_unlock(&audit->lock);
	}
	sodium_free(key);
	return r < 0 && r != -EBADMSG ? r : 0;
}

/* Where the next row goes, and why not behind the head, when that is so. */
static int find_end(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, struct fer_audit_point *end, const char **broken)
{
	struct fer_audit_head head;
	int r;

	*broken = NULL;
	if ((r = fer_audit_head_read(db, arena, fer_str(audit->node), &head)))
		return r;
	*end = head.point;
	if (head.there && (ours(audit, &head) || is_signed(audit, &head)))
		return 0;
	if ((head.there && (r = reload_key(audit, db))) || (r = last_row(db, arena, fer_str(audit->node), end)))
		return r;
	if (head.there && is_signed(audit, &head)) {
		*end = head.point;
	} else if (head.there || end->seq) {
		*broken = head.there ? "the head's signature is not genuine" : "rows without a head";
		if (head.point.seq > end->seq)
			end->seq = head.point.seq;
	}
	return 0;
}

/* -- append ------------------------------------------------------------------------------------------------------ */

static int put_row(struct fer_db *db, struct fer_arena *arena, struct fer_audit_row *row, struct fer_audit_point *end, bool *written)
{
	char *hash = fer_alloc(arena, FER_AUDIT_HASH);
	int r;

	row->node = end->node;
	row->seq = end->seq + 1;
	row->time_us = now_us();
	row->prev = end->hash;
	fer_audit_hash(row, hash);
	row->hash = (struct fer_str){ hash, FER_AUDIT_HASH - 1 };
	if ((r = fer_audit_row_insert(db, row)))
		return r;
	*written = true;
	end->seq = row->seq;
	end->hash = row->hash;
	return 0;
}

static int put_break(struct fer_db *db, struct fer_arena *arena, const char *why, struct fer_audit_point *end, bool *written)
{
	struct fer_audit_row row;

	fer_audit_row_make(arena, &(struct fer_audit_event){ .name = FER_AUDIT_LOG_BROKEN, .outcome = FER_FAILED, .actor = &fer_actor_system,
	                                                     .reason = fer_str(why) }, &row);
	return put_row(db, arena, &row, end, written);
}

static int put_head(struct fer_audit *audit, struct fer_db *db, const struct fer_audit_point *end)
{
	char signature[FER_AUDIT_SIGNATURE];
	int64_t number;

	pthread_mutex_lock(&audit->lock);
	fer_audit_sign(audit->key, FER_AUDIT_HEAD, end, signature);
	number = audit->key->number;
	memcpy(audit->signature, signature, sizeof(signature));
	pthread_mutex_unlock(&audit->lock);
	return fer_sql_run(db, FER_SQL_AUDIT_HEAD_SET, NULL, "sisiz", end->node, end->seq, end->hash, number, signature);
}

int fer_audit_append(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, struct fer_audit_row *const *rows, size_t n,
                     bool *written)
{
	struct fer_audit_point end;
	const char *broken;
	int r;

	*written = false;
	if ((r = find_end(audit, db, arena, &end, &broken)))
		return r;
	if (broken && (r = put_break(db, arena, broken, &end, written)))
		return r;
	for (size_t i = 0; i < n; i++)
		if ((r = fer_audit_row_finish(db, arena, audit->keys, rows[i])) || (r = put_row(db, arena, rows[i], &end, written)))
			return r;
	return put_head(audit, db, &end);
}
