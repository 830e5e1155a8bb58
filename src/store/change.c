/*
 * The change counters: a row a kind in ferrite_change, bumped by the transaction that changes something, mirrored in memory.
 * Caches compare the mirror; the mirror follows other processes by polling. What programs that know no counters write, foreign.c sees.
 */
#include "store/driver.h"

/* A store before its first migration has no counters. */
static bool has_counters(struct fer_db *db)
{
	return db->store->counted;
}

int fer_change_bump(struct fer_db *db, unsigned changes)
{
	if (!changes || !has_counters(db))
		return 0;
	return fer_sql_run(db, FER_SQL_CHANGE_BUMP, NULL, "i", (int64_t)changes);
}

int fer_change_read(struct fer_db *db, uint64_t versions[FER_N_CHANGES])
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	memset(versions, 0, FER_N_CHANGES * sizeof(*versions));
	if (!has_counters(db))
		return 0;
	r = fer_stmt_open(db, FER_SQL_CHANGE_READ, &stmt);
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		int64_t kind = fer_col_int(stmt, 0);

		if (kind >= 0 && kind < FER_N_CHANGES)
			versions[kind] = (uint64_t)fer_col_int(stmt, 1);
		r = 0;
	}
	return r;
}

void fer_change_publish(struct fer_store *store, const uint64_t versions[FER_N_CHANGES])
{
	for (int i = 0; i < FER_N_CHANGES; i++) {
		uint64_t seen = atomic_load(&store->changes[i]);

		while (seen < versions[i] && !atomic_compare_exchange_weak(&store->changes[i], &seen, versions[i]))
			;
	}
}

uint64_t fer_change_version(const struct fer_store *store, enum fer_change what)
{
	return atomic_load_explicit(&store->changes[what], memory_order_acquire);
}

/* SQLite says cheaply whether another process committed since this connection looked last; our own commits do not count. */
static bool foreign_commit(struct fer_db *db)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t version;

	if (fer_sql_text(db, "PRAGMA data_version", &stmt) || fer_stmt_step(stmt) != 1)
		return true;
	version = fer_col_int(stmt, 0);
	if (version == db->store->data_version)
		return false;
	db->store->data_version = version;
	return true;
}

void fer_change_begun(struct fer_db *db)
{
	uint64_t versions[FER_N_CHANGES];

	if (!fer_store_is_sqlite(db->store) || fer_is_memory(db->store) || !has_counters(db) || !foreign_commit(db))
		return;
	if (fer_change_read(db, versions))
		return;
	fer_foreign_wrote(db->store, fer_change_version(db->store, FER_CHANGE_DATA) < versions[FER_CHANGE_DATA]);
	fer_change_publish(db->store, versions);
}

int fer_change_poll(struct fer_store *store)
{
	int r;

	if (fer_is_memory(store))
		return 0;
	if (fer_store_is_sqlite(store) && (r = fer_tx_poll(store)))
		return r;
	return fer_foreign_poll(store);
}
