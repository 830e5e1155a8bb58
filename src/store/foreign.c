/*
 * What another program writes into Magento's tables. It moves no counter of ours, so each poll reads the small tables that are held in
 * memory, by the very statements that fill the memory, and moves a kind's counter when the fingerprint of its rows is another one: in the
 * database, so that every node follows. Large tables are not read: see the setting shared.
 */
#include "core/clock.h"
#include "store/driver.h"
#include "store/schema.h"

/*
 * @pace: a kind is left alone for so many times what reading it took, the shorter of two looks: a machine that is busy for a moment makes
 * no table large. What decides who may is looked at sooner, for up to 5 % of a
 * connection; the rest for up to 1 %.
 */
static const struct watched {
	enum fer_change kind;
	int pace;
	size_t n;
	enum fer_sql tables[6];
} watched[] = {
	{ FER_CHANGE_REVOKED, 20, 1, { FER_SQL_FOREIGN_REVOKED } },
	{ FER_CHANGE_ACL, 20, 3, { FER_SQL_ACL_ROLES, FER_SQL_ACL_RULES, FER_SQL_OWNERS_ACTIVE } },
	{ FER_CHANGE_CONFIG, 20, 4, { FER_SQL_CONFIG_ALL, FER_SQL_CONFIG_WEBSITES, FER_SQL_CONFIG_GROUPS, FER_SQL_CONFIG_STORES } },
	{ FER_CHANGE_EAV, 100, 6, { FER_SQL_EAV_TYPES, FER_SQL_EAV_ATTRIBUTES, FER_SQL_EAV_OPTIONS, FER_SQL_EAV_SETS, FER_SQL_EAV_MEMBERS,
	                            FER_SQL_EAV_LABELS } },
};

#define WATCHED (1u << FER_CHANGE_REVOKED | 1u << FER_CHANGE_ACL | 1u << FER_CHANGE_CONFIG | 1u << FER_CHANGE_EAV)

/* -- fingerprints ------------------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t h, uint64_t more)
{
	h = (h ^ more) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* fer_str_hash is keyed, so nobody can write rows that cancel each other out. */
static uint64_t print_row(struct fer_stmt *stmt, uint64_t seed)
{
	uint64_t h = seed;

	for (int i = 0, n = fer_col_count(stmt); i < n; i++)
		h = fer_col_null(stmt, i) ? mix(h, 1) : mix(h, fer_str_hash(fer_col_str(stmt, i)));
	return h;
}

/* Rows are added up: an engine may give equal rows in another order. */
static int print_rows(struct fer_db *db, enum fer_sql rows, uint64_t *print)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_stmt_open(db, rows, &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		*print += print_row(stmt, (uint64_t)rows);
		r = 0;
	}
	return r;
}

/* 0 stands for one that was not taken yet. */
static int print_kind(struct fer_db *db, const struct watched *what, uint64_t *print)
{
	int r = 0;

	*print = 0;
	for (size_t i = 0; !r && i < what->n; i++)
		r = print_rows(db, what->tables[i], print);
	*print += *print == 0;
	return r;
}

/* -- looking ----------------------------------------------------------------------------------------------------- */

struct look {
	unsigned asked, looked, differs;   /* 1u << kind */
	uint64_t prints[FER_N_CHANGES];
};

static int64_t shorter(int64_t *last_us, int64_t took_us)
{
	int64_t before_us = *last_us ? *last_us : took_us;

	*last_us = took_us;
	return before_us < took_us ? before_us : took_us;
}

static int look_at(struct fer_db *db, const struct watched *what, struct look *look)
{
	enum fer_change kind = what->kind;
	struct fer_foreign *foreign = &db->store->foreign;
	int64_t began_us = fer_monotonic_us();
	int r;

	if (began_us < foreign->next_us[kind])
		return 0;
	if ((r = print_kind(db, what, &look->prints[kind])))
		return r;
	foreign->next_us[kind] = began_us + shorter(&foreign->took_us[kind], fer_monotonic_us() - began_us) * what->pace;
	look->looked |= 1u << kind;
	if (look->prints[kind] != foreign->prints[kind])
		look->differs |= 1u << kind;
	return 0;
}

/*
 * The counters are read after the rows. One that moved and was not taken up here yet need not be moved again: what is read on its account
 * is read after these rows were. One that was taken up may have been so before the other program wrote.
 */
static int look(struct fer_db *db, struct look *look)
{
	uint64_t versions[FER_N_CHANGES];
	int r = 0;

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(watched); i++) {
		if (look->asked & 1u << watched[i].kind)
			r = look_at(db, &watched[i], look);
	}
	if (r || (r = fer_change_read(db, versions)))
		return r;
	look->looked |= look->asked & 1u << FER_CHANGE_DATA;
	look->differs |= look->asked & 1u << FER_CHANGE_DATA;
	for (int kind = 0; kind < FER_N_CHANGES; kind++) {
		if (fer_change_version(db->store, (enum fer_change)kind) < versions[kind])
			look->differs &= ~(1u << kind);
	}
	fer_change_publish(db->store, versions);
	return 0;
}

static int nothing(struct fer_db *unused FER_UNUSED, void *data FER_UNUSED)
{
	return 0;
}

/* Revocations show in no answer; all else may. */
static int tell(struct fer_store *store, unsigned differs)
{
	unsigned quiet = differs & ~(1u << FER_CHANGE_REVOKED) ? 0 : FER_TX_QUIET;

	return differs ? fer_tx_run(store, differs | quiet, nothing, NULL) : 0;
}

/*
 * What is asked for is taken before the snapshot starts, and given back where it was not answered. The first look finds all kinds changed:
 * memory was filled before it.
 */
static int watch(struct fer_store *store)
{
	struct fer_foreign *foreign = &store->foreign;
	struct look seen = { .asked = atomic_exchange(&foreign->pending, 0) };
	struct fer_db *db;
	int r;

	if (!(r = fer_db_lend(store, &db))) {
		r = look(db, &seen);
		fer_db_return(db);
	}
	if (!r)
		r = tell(store, seen.differs);
	atomic_fetch_or(&foreign->pending, r ? seen.asked : seen.asked & ~seen.looked);
	for (int kind = 0; !r && kind < FER_N_CHANGES; kind++) {
		if (seen.looked & 1u << kind)
			foreign->prints[kind] = seen.prints[kind];
	}
	return r;
}

/* Two may poll at once, the timer and a probe: one looks. */
int fer_foreign_poll(struct fer_store *store)
{
	struct fer_foreign *foreign = &store->foreign;
	int r;

	if (!fer_store_is_sqlite(store))
		atomic_fetch_or(&foreign->pending, WATCHED);
	if (!store->counted || !atomic_load(&foreign->pending) || atomic_flag_test_and_set(&foreign->busy))
		return 0;
	r = watch(store);
	atomic_flag_clear(&foreign->busy);
	return r;
}

/* SQLite tells of every commit of another process; whether it was one of ferrite's, the counter of all data says. */
void fer_foreign_wrote(struct fer_store *store, bool counted)
{
	atomic_fetch_or(&store->foreign.pending, counted ? WATCHED : WATCHED | 1u << FER_CHANGE_DATA);
}

int fer_store_has_magento(struct fer_store *store, bool *out)
{
	struct fer_db *db;
	int r = fer_db_lend(store, &db);

	if (r)
		return r;
	r = fer_schema_has(db, "patch_list", out);
	fer_db_return(db);
	return r;
}
