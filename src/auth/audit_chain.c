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
	same = head->point.seq == audit->last.seq && fer_str_is(head->point.hash, audit->last.hash) &&
	       fer_str_is(head->signature, audit->last.signature);
	pthread_mutex_unlock(&audit->lock);
	return same;
}

static bool is_signed(const struct fer_audit_key *key, const struct fer_audit_head *head)
{
	return head->key == key->number && fer_audit_signed(key->public, FER_AUDIT_HEAD, &head->point, head->signature);
}

/* Where the next row goes, and what has to be said first. */
struct end {
	struct fer_audit_point point;
	const char *broken;          /* why the chain before it cannot be trusted; NULL: it can */
	bool first;                  /* a new chain with a new key */
};

/* The node's key, or one more when there is none that can be opened: the first of a node, a lost crypt key, or somebody's work. */
static int fresh_key(struct fer_audit *audit, struct fer_db *db, struct fer_audit_key *key, struct end *end)
{
	struct fer_str node = fer_str(audit->node);
	int r = fer_audit_key_load(db, audit->keys, node, key);

	if (r == 1 || (r < 0 && r != -EBADMSG))
		return r == 1 ? 0 : r;
	end->first = r == 0 && !end->point.seq;
	if (!end->first)
		end->broken = r == 0 ? "the signing key is gone" : "the signing key cannot be opened by the crypt key";
	r = fer_audit_key_make(db, audit->keys, node, key->number + 1, key);
	return r == -EEXIST ? -EBUSY : r;
}

static void take_key(struct fer_audit *audit, const struct fer_audit_key *key)
{
	pthread_mutex_lock(&audit->lock);
	*audit->key = *key;
	pthread_mutex_unlock(&audit->lock);
}

/* The head is not the one that this process wrote last: another process did, or a transaction was undone, or it was tampered with. */
static int judge_head(struct fer_audit *audit, struct fer_db *db, const struct fer_audit_head *head, const struct fer_audit_point *last,
                      struct end *end)
{
	struct fer_audit_key *key = sodium_malloc(sizeof(*key));
	int r = key ? fresh_key(audit, db, key, end) : -ENOMEM;

	if (!r && !end->broken) {
		if (head->there && !is_signed(key, head))
			end->broken = "the head's signature is not genuine";
		else if (!head->there && last->seq)
			end->broken = "rows without a head";
	}
	if (!r)
		take_key(audit, key);
	sodium_free(key);
	return r;
}

static int find_end(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, struct end *end)
{
	struct fer_audit_head head;
	struct fer_audit_point last;
	int r;

	*end = (struct end){ .first = false };
	if ((r = fer_audit_head_read(db, arena, fer_str(audit->node), &head)))
		return r;
	end->point = head.point;
	if (head.there && ours(audit, &head))
		return 0;
	if ((r = last_row(db, arena, fer_str(audit->node), &last)))
		return r;
	end->point.seq = head.point.seq > last.seq ? head.point.seq : last.seq;
	if ((r = judge_head(audit, db, &head, &last, end)))
		return r;
	end->point = end->broken ? (struct fer_audit_point){ last.node, end->point.seq, last.hash, 0 } : head.point;
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

/* The log speaks of itself before anything else is written behind a break, or into a new chain. */
static int put_foreword(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, struct end *end, bool *written)
{
	struct fer_audit_event event = { .name = FER_AUDIT_LOG_KEY, .actor = &fer_actor_system };
	struct fer_audit_row row;

	if (!end->first && !end->broken)
		return 0;
	if (end->broken)
		event = (struct fer_audit_event){ .name = FER_AUDIT_LOG_BROKEN, .outcome = FER_FAILED, .actor = &fer_actor_system,
		                                  .reason = fer_str(end->broken) };
	event.target = fer_str_fmt(arena, "node:%s", audit->node);
	fer_audit_row_make(arena, &event, &row);
	return put_row(db, arena, &row, &end->point, written);
}

static int put_head(struct fer_audit *audit, struct fer_db *db, const struct fer_audit_point *end)
{
	char signature[FER_AUDIT_SIGNATURE];
	int64_t number;

	pthread_mutex_lock(&audit->lock);
	fer_audit_sign(audit->key, FER_AUDIT_HEAD, end, signature);
	number = audit->key->number;
	audit->last.seq = end->seq;
	memcpy(audit->last.signature, signature, sizeof(signature));
	snprintf(audit->last.hash, sizeof(audit->last.hash), "%.*s", FER_F(end->hash));
	pthread_mutex_unlock(&audit->lock);
	return fer_sql_run(db, FER_SQL_AUDIT_HEAD_SET, NULL, "sisiz", end->node, end->seq, end->hash, number, signature);
}

int fer_audit_append(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, struct fer_audit_row *const *rows, size_t n,
                     bool *written)
{
	struct end end;
	int r;

	*written = false;
	if ((r = find_end(audit, db, arena, &end)) || (r = put_foreword(audit, db, arena, &end, written)))
		return r;
	for (size_t i = 0; i < n; i++)
		if ((r = fer_audit_row_finish(db, arena, audit->keys, rows[i])) || (r = put_row(db, arena, rows[i], &end.point, written)))
			return r;
	return put_head(audit, db, &end.point);
}
