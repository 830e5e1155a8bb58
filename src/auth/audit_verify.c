/*
 * Walking the chains: what is wrong with a log is found here and told row by row. Nothing is trusted but the crypt key, which opens
 * the signing keys, and the checkpoints that the caller kept elsewhere.
 */
#include <errno.h>
#include <stdarg.h>

#include <sodium.h>

#include "auth/audit_impl.h"
#include "auth/audit_read.h"

#define PAGE 500
#define TRACED 20              /* rows whose true place is looked for; each costs a walk through the table */

struct walk {
	struct fer_audit *audit;
	struct fer_db *db;
	struct fer_arena *arena;       /* the report's */
	struct fer_arena *page;        /* emptied after each page */
	struct fer_audit_report *report;
	struct fer_str node;
	struct fer_audit_head head;
	int64_t last;                  /* number of the row before */
	char prev[FER_AUDIT_HASH];     /* its hash */
	int64_t n_rows;
	int n_traced;
	bool doubtful;                 /* the row before was found wrong itself */
};

static void found(struct walk *walk, int64_t seq, const char *fmt, ...) FER_PRINTF(3, 4);

static void found(struct walk *walk, int64_t seq, const char *fmt, ...)
{
	struct fer_value item = fer_map();
	char what[512];
	va_list args;

	if (walk->report->n_findings++ >= FER_AUDIT_FINDINGS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	fer_set(walk->arena, &item, "node", fer_string(walk->node));
	fer_set(walk->arena, &item, "seq", fer_int(seq));
	fer_set(walk->arena, &item, "what", fer_string(fer_str_dup(walk->arena, fer_str(what))));
	fer_push(walk->arena, &walk->report->findings, item);
}

static bool public_of(struct fer_str hex, unsigned char out[32])
{
	size_t size = 0;

	return hex.len == 64 && !sodium_hex2bin(out, 32, hex.at, hex.len, NULL, &size, NULL) && size == 32;
}

/* -- one row ----------------------------------------------------------------------------------------------------- */

static bool fits_at(const struct fer_audit_row *row, int64_t seq)
{
	struct fer_audit_row moved = *row;
	char hash[FER_AUDIT_HASH];

	moved.seq = seq;
	fer_audit_hash(&moved, hash);
	return seq > 0 && fer_str_is(row->hash, hash);
}

/* The place a row had when it was written: its neighbours name it. 0: none of them does. */
static int true_place(struct walk *walk, const struct fer_audit_row *row, int64_t *out)
{
	int64_t before = 0, after = 0;
	int r;

	*out = 0;
	if (walk->n_traced++ >= TRACED)
		return 0;
	if ((r = fer_sql_int(walk->db, FER_SQL_AUDIT_SEQ_OF_HASH, 0, &before, "ss", row->node, row->prev)) ||
	    (r = fer_sql_int(walk->db, FER_SQL_AUDIT_SEQ_OF_PREV, 0, &after, "ss", row->node, row->hash)))
		return r;
	if (fits_at(row, before + 1))
		*out = before + 1;
	else if (fits_at(row, after - 1))
		*out = after - 1;
	return 0;
}

/* A row that has its hash, behind one that it was not written behind. */
static void judge_link(struct walk *walk, const struct fer_audit_row *row)
{
	if (row->seq == walk->last + 1 && !walk->doubtful && !fer_str_is(row->prev, walk->prev))
		found(walk, walk->last, "replaced: row %lld was written behind another one", (long long)row->seq);
}

static int judge_hash(struct walk *walk, const struct fer_audit_row *row)
{
	int64_t place = 0;
	int r;

	if (fits_at(row, row->seq)) {
		judge_link(walk, row);
		walk->doubtful = false;
		return 0;
	}
	walk->doubtful = true;
	if ((r = true_place(walk, row, &place)))
		return r;
	if (place)
		found(walk, row->seq, "reordered: this was row %lld", (long long)place);
	else
		found(walk, row->seq, "changed, or forged: it does not have its hash");
	return 0;
}

static int judge_row(struct walk *walk, const struct fer_audit_row *row)
{
	int r;

	if (row->seq < 1)
		found(walk, row->seq, "inserted: chains begin at 1");
	else if (row->seq == walk->last + 2)
		found(walk, walk->last + 1, "removed");
	else if (row->seq > walk->last + 2)
		found(walk, walk->last + 1, "removed: rows up to %lld", (long long)row->seq - 1);
	if ((r = judge_hash(walk, row)))
		return r;
	if (fer_str_is(row->event, "audit.broken"))
		found(walk, row->seq, "tampering was noticed here when it was written: %.*s", FER_F(row->reason));
	if (row->seq > 0)
		walk->last = row->seq;
	snprintf(walk->prev, sizeof(walk->prev), "%.*s", FER_F(row->hash));
	walk->n_rows++;
	return 0;
}

/* -- the rows of a chain ----------------------------------------------------------------------------------------- */

static int read_page(struct walk *walk, int64_t from, struct fer_audit_row *rows, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*n = 0;
	if ((r = fer_sql_open(walk->db, FER_SQL_AUDIT_PAGE, &stmt, "sii", walk->node, from, walk->head.there ? walk->head.point.seq : INT64_MAX)))
		return r;
	while (*n < PAGE && (r = fer_stmt_step(stmt)) > 0)
		fer_audit_row_read(walk->page, stmt, &rows[(*n)++]);
	return r < 0 ? r : 0;
}

static int walk_rows(struct walk *walk)
{
	int64_t from = INT64_MIN;
	size_t n = PAGE;
	int r = 0;

	while (!r && n == PAGE) {
		struct fer_audit_row *rows = FER_NEW_ARRAY(walk->page, PAGE, struct fer_audit_row);

		r = read_page(walk, from, rows, &n);
		for (size_t i = 0; !r && i < n; i++) {
			from = rows[i].seq;
			r = judge_row(walk, &rows[i]);
		}
		fer_arena_reset(walk->page);
	}
	return r;
}

/* One statement sees rows and head as one commit left them: a chain that grows meanwhile is no finding. */
static int rows_beyond(struct walk *walk)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = 0;

	if (!walk->head.there) {
		if (walk->n_rows)
			found(walk, walk->last, "removed: the chain's head");
		return 0;
	}
	r = fer_sql_open(walk->db, FER_SQL_AUDIT_BEYOND, &stmt, "s", walk->node);
	while (!r && (r = fer_stmt_step(stmt)) > 0) {
		found(walk, fer_col_int(stmt, 0), "inserted: it stands behind the signed head");
		r = 0;
	}
	return r;
}

/* -- the head and its key ---------------------------------------------------------------------------------------- */

static int judge_signature(struct walk *walk)
{
	struct fer_audit_key *key = sodium_malloc(sizeof(*key));
	int64_t seq = walk->head.point.seq;
	int r = key ? fer_audit_key_load(walk->db, walk->audit->keys, walk->node, key) : -ENOMEM;

	if (r == 0)
		found(walk, seq, "the node's signing key is gone");
	else if (r == -EBADMSG)
		found(walk, seq, "the node's signing key was replaced, or the crypt key does not open it");
	else if (r == 1 && (walk->head.key != key->number ||
	                    !fer_audit_signed(key->public, FER_AUDIT_HEAD, &walk->head.point, walk->head.signature)))
		found(walk, seq, "forged: the head's signature is not genuine; rows after the last checkpoint cannot be trusted");
	sodium_free(key);
	return r < 0 && r != -EBADMSG ? r : 0;
}

static int judge_head(struct walk *walk)
{
	const struct fer_audit_point *end = &walk->head.point;

	if (!walk->head.there)
		return 0;
	if (walk->last < end->seq)
		found(walk, walk->last + 1, "removed: the tail of the chain, up to %lld", (long long)end->seq);
	else if (!fer_str_is(end->hash, walk->prev))
		found(walk, end->seq, "replaced: the head was signed over another row");
	return judge_signature(walk);
}

/* -- checkpoints ------------------------------------------------------------------------------------------------- */

static int hash_of(struct walk *walk, int64_t seq, struct fer_str *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(walk->db, FER_SQL_AUDIT_HASH_OF, &stmt, "si", walk->node, seq);

	*out = FER_STR_NONE;
	if (!r && (r = fer_stmt_step(stmt)) > 0)
		*out = fer_col_dup(walk->page, stmt, 0);
	return r < 0 ? r : 0;
}

/* @whose: "a stored" or "a kept" checkpoint. */
static int judge_point(struct walk *walk, const struct fer_audit_point *point, struct fer_str public, struct fer_str signature,
                       const char *whose)
{
	unsigned char key[32];
	struct fer_str hash;
	int r;

	walk->report->n_checkpoints++;
	if (!public_of(public, key) || !fer_audit_signed(key, FER_AUDIT_CHECKPOINT, point, signature)) {
		found(walk, point->seq, "forged: %s checkpoint's signature is not genuine", whose);
		return 0;
	}
	if ((r = hash_of(walk, point->seq, &hash)))
		return r;
	if (!hash.at)
		found(walk, point->seq, "removed: %s checkpoint signed this row; the chain was cut or rolled back", whose);
	else if (!fer_str_eq(hash, point->hash))
		found(walk, point->seq, "replaced: %s checkpoint signed another row", whose);
	return 0;
}

static int stored_points(struct walk *walk)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(walk->db, FER_SQL_AUDIT_POINTS_OF, &stmt, "s", walk->node);

	while (!r && (r = fer_stmt_step(stmt)) > 0) {
		struct fer_audit_point point = { walk->node, fer_col_int(stmt, 0), fer_col_dup(walk->page, stmt, 1), fer_col_int(stmt, 2) };

		r = judge_point(walk, &point, fer_col_dup(walk->page, stmt, 3), fer_col_dup(walk->page, stmt, 4), "a stored");
		fer_arena_reset(walk->page);
	}
	return r;
}

/* Whoever replaced a key and signed everything anew is caught by the public key in a checkpoint that he could not reach. */
static int kept_point(struct walk *walk, const struct fer_value *kept)
{
	struct fer_arena *arena = walk->arena;
	struct fer_audit_point point = { fer_map_str(arena, kept, "node"), fer_map_int(kept, "seq", 0), fer_map_str(arena, kept, "hash"),
	                                 fer_map_int(kept, "time_us", 0) };
	struct fer_str public = fer_map_str(arena, kept, "public_key");
	int64_t known = 0;
	int r;

	walk->node = point.node;
	if ((r = judge_point(walk, &point, public, fer_map_str(arena, kept, "signature"), "a kept")) ||
	    (r = fer_sql_int(walk->db, FER_SQL_AUDIT_KEY_KNOWN, 0, &known, "ss", point.node, public)))
		return r;
	if (!known)
		found(walk, point.seq, "the signing key was replaced: the store does not know that of a kept checkpoint");
	return 0;
}

/* -- all --------------------------------------------------------------------------------------------------------- */

static void report_node(struct walk *walk)
{
	struct fer_value item = fer_map();

	fer_set(walk->arena, &item, "node", fer_string(walk->node));
	fer_set(walk->arena, &item, "rows", fer_int(walk->n_rows));
	fer_set(walk->arena, &item, "seq", fer_int(walk->last));
	fer_set(walk->arena, &item, "hash", fer_string(fer_str_dup(walk->arena, fer_str(walk->prev))));
	fer_push(walk->arena, &walk->report->nodes, item);
	walk->report->n_rows += walk->n_rows;
}

static int verify_node(struct walk *walk, struct fer_str node)
{
	int r;

	walk->node = node;
	walk->last = walk->n_rows = 0;
	walk->doubtful = false;
	snprintf(walk->prev, sizeof(walk->prev), "%s", FER_AUDIT_GENESIS);
	if ((r = fer_audit_head_read(walk->db, walk->arena, node, &walk->head)) || (r = walk_rows(walk)) || (r = judge_head(walk)) ||
	    (r = rows_beyond(walk)) || (r = stored_points(walk)))
		return r;
	report_node(walk);
	return 0;
}

static int verify(struct walk *walk, const struct fer_value *kept)
{
	struct fer_value nodes;
	int r = fer_sql_texts(walk->db, walk->arena, FER_SQL_AUDIT_NODES, &nodes, "");

	for (size_t i = 0; !r && i < fer_count(&nodes); i++)
		r = verify_node(walk, fer_at(&nodes, i)->text);
	for (size_t i = 0; !r && i < fer_count(kept); i++)
		r = kept_point(walk, fer_at(kept, i));
	return r;
}

int fer_audit_verify(struct fer_audit *audit, struct fer_arena *arena, const struct fer_value *kept, struct fer_audit_report *out)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *page = fer_arena_new((size_t)16 << 20);
	struct walk walk = { .audit = audit, .arena = arena, .page = page, .report = out };
	int r;

	*out = (struct fer_audit_report){ .nodes = fer_list(), .findings = fer_list() };
	if (!page)
		return -ENOMEM;
	if ((r = fer_db_lend(audit->store, &walk.db)))
		return r;
	r = verify(&walk, kept);
	fer_db_return(walk.db);
	return r;
}
