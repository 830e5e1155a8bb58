/*
 * Ids are never given twice, as in InnoDB: an insert that is undone leaves a gap. SQLite would give the number back, and a client
 * that has seen it in an error or a log would meet it again as another entity.
 */
#include <errno.h>

#include "store/driver.h"

static int read_ids(struct fer_db *db, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = fer_map();
	if ((r = fer_stmt_text(db, FER_S("SELECT name, seq FROM sqlite_sequence"), &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_append(arena, out, fer_col_dup(arena, stmt, 0), fer_int(fer_col_int(stmt, 1)));
	return r;
}

static int write_id(struct fer_db *db, const struct fer_member *id, bool there)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str sql = there ? FER_S("UPDATE sqlite_sequence SET seq = ? WHERE name = ?")
	                           : FER_S("INSERT INTO sqlite_sequence (seq, name) VALUES (?, ?)");
	int r;

	if ((r = fer_stmt_text(db, sql, &stmt)))
		return r;
	fer_bind_int(stmt, 1, id->value.number);
	fer_bind_str(stmt, 2, id->name);
	return fer_stmt_run(stmt, NULL);
}

void fer_ids_note(struct fer_db *db, struct fer_ids *ids)
{
	*ids = (struct fer_ids){ .arena = NULL };
	if (!fer_store_is_sqlite(db->store) || !(ids->arena = fer_arena_new((size_t)1 << 20)))
		return;
	if (read_ids(db, ids->arena, &ids->seen))
		ids->seen = fer_map();
}

/* Most failures inserted nothing: then nothing is written. */
static int keep(struct fer_db *db, struct fer_ids *ids, bool in_tx)
{
	struct fer_value now;
	bool begun = in_tx;
	int r = read_ids(db, ids->arena, &now);

	for (uint32_t i = 0; !r && i < ids->seen.map.n; i++) {
		const struct fer_member *id = &ids->seen.map.members[i];
		const struct fer_value *there = fer_get_str(&now, id->name);

		if (there && there->number >= id->value.number)
			continue;
		if (!begun && (r = fer_db_control(db, FER_BEGIN_WRITE)))
			return r;
		begun = true;
		r = write_id(db, id, there);
	}
	if (begun && !in_tx)
		r = fer_db_control(db, r ? FER_ROLLBACK : FER_COMMIT);
	return r;
}

void fer_ids_keep(struct fer_db *db, struct fer_ids *ids, bool in_tx)
{
	if (!ids->arena)
		return;
	/* A gap that could not be kept loses nothing: the number is simply given again. */
	if (ids->seen.map.n && keep(db, ids, in_tx))
		ids->seen = fer_map();
	fer_arena_free(ids->arena);
	ids->arena = NULL;
}
