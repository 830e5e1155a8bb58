/*
 * Reading the audit log: rows by filter, as JSON lines and as syslog; whether the chains are whole; checkpoints to keep elsewhere.
 */
#ifndef FER_AUTH_AUDIT_READ_H
#define FER_AUTH_AUDIT_READ_H

#include "auth/audit.h"

/* -- rows -------------------------------------------------------------------------------------------------------- */

struct fer_audit_row;

/* What is left empty or 0 does not count. Texts are compared as the database compares them. */
struct fer_audit_filter {
	int64_t since_us, until_us;         /* from, and before */
	struct fer_str event, outcome, actor, target, source, node, request_id;
	struct fer_str after;               /* a cursor: the rows behind it, in the order asked for */
	bool newest_first;
	int64_t limit;                      /* 0: all */
};

/**
 * fer_audit_each - the rows that @filter leaves, by time. @fn sees each once; what it does not copy is gone after it returns; a result
 * other than 0 ends the walk and is returned. Rows come in pages: no lock and no snapshot is held while @fn works.
 * Shape:  *@cursor (may be NULL; lives in @arena) continues behind the last row: fer_audit_filter.after. Empty: there was none.
 * Errors: -EINVAL the cursor of the filter is none of ours; < 0 the store.
 */
int fer_audit_each(struct fer_store *store, struct fer_arena *arena, const struct fer_audit_filter *filter,
                   int (*fn)(const struct fer_audit_row *row, void *data), void *data, struct fer_str *cursor);

/** fer_audit_value - a row as a map: time as text, then every column; details as they are stored, or (@open) as a map. */
struct fer_value fer_audit_value(struct fer_arena *arena, const struct fer_audit_row *row, bool open);
/** fer_audit_json - one line of JSON with every column as stored, so that anybody can compute the hashes again. */
void fer_audit_json(struct fer_buf *out, const struct fer_audit_row *row);
/** fer_audit_syslog - one line of RFC 5424, facility 13 (log audit), every column as structured data. */
void fer_audit_syslog(struct fer_buf *out, const struct fer_audit_row *row);

/** fer_audit_text - one line for people. */
void fer_audit_text(struct fer_buf *out, const struct fer_audit_row *row);

/** fer_audit_time - "2026-11-25T02:45:00[.123456]Z", "2026-11-25 02:45:00", "2026-11-25", "90s", "15m", "2h", "7d" (so long ago). */
bool fer_audit_time(struct fer_str text, int64_t now_s, int64_t *us);

/* -- verifying --------------------------------------------------------------------------------------------------- */

#define FER_AUDIT_FINDINGS_MAX 100      /* told one by one; all are counted */

struct fer_audit_report {
	int64_t n_rows, n_checkpoints, n_findings;
	struct fer_value nodes;             /* maps {node, rows, seq, hash}: where each chain ends */
	struct fer_value findings;          /* maps {node, seq, what} */
};

/**
 * fer_audit_verify - walk every chain from its first row: hashes, order, gaps, head, signatures, checkpoints. @kept: checkpoints that
 * were kept elsewhere, maps as fer_audit_checkpoint gives them; only they show a chain that was cut together with its head.
 * A chain that grows meanwhile is verified up to where it ended at the start.
 * Errors: < 0 the store failed: nothing is known. What is wrong with the log is no error but a finding.
 */
int fer_audit_verify(struct fer_audit *audit, struct fer_arena *arena, const struct fer_value *kept, struct fer_audit_report *out);

/* -- checkpoints ------------------------------------------------------------------------------------------------- */

/**
 * fer_audit_checkpoint - sign where every chain ends now, and store it.
 * Shape:  @out a list of maps {node, seq, hash, time_us, time, public_key, signature}; a chain whose head is not genuine has none.
 */
int fer_audit_checkpoint(struct fer_audit *audit, const struct fer_actor *actor, struct fer_arena *arena, struct fer_value *out);
/** fer_audit_checkpoints - those stored, newest first, at most @limit (0: all). Maps as above. */
int fer_audit_checkpoints(struct fer_audit *audit, struct fer_arena *arena, int64_t limit, struct fer_value *out);
/** fer_audit_checkpoint_read - a file of JSON lines to a list. Errors: -EINVAL, *@line says where. */
int fer_audit_checkpoint_read(struct fer_arena *arena, struct fer_str text, struct fer_value *out, size_t *line);
/** fer_audit_tick - the timer: a checkpoint of this node's chain when enough rows or minutes have gone by since the last. */
int fer_audit_tick(struct fer_audit *audit);

/** fer_audit_keys - maps {node, number, public_key, created_at}. */
int fer_audit_keys(struct fer_audit *audit, struct fer_arena *arena, struct fer_value *out);

#endif
