/*
 * Migrations: numbered, append-only, each run once. SQLite does one in one transaction; MariaDB ends a transaction at every CREATE, so
 * there the tables come first (only those that are missing) and the rows with the number follow in one transaction.
 */
#include <errno.h>

#include "core/clock.h"
#include "store/schema.h"

#define MAX_ROW 32                 /* columns of an installed row */

struct migration {
	int number;
	const char *name;
	int (*tables)(struct fer_db *db);
	int (*rows)(struct fer_db *db);
};

/* -- the rows of a clean installation ---------------------------------------------------------------------------- */

static const char *const installed[] = {
#include "store/install.inc"
	NULL
};

static int open_insert(struct fer_db *db, struct fer_str head, struct fer_stmt **out)
{
	struct fer_str columns = head, table;
	struct fer_buf sql;
	int n = 1, r;

	fer_str_cut(&columns, '|', &table);
	for (size_t i = 0; i < columns.len; i++)
		n += columns.at[i] == ',';
	fer_buf_init(&sql, NULL, 8192);
	fer_buf_fmt(&sql, "INSERT INTO `%.*s` (`", FER_F(table));
	for (size_t i = 0; i < columns.len; i++)
		fer_buf_str(&sql, columns.at[i] == ',' ? FER_S("`,`") : (struct fer_str){ columns.at + i, 1 });
	fer_buf_text(&sql, "`) VALUES (?");
	while (--n)
		fer_buf_text(&sql, ",?");
	fer_buf_char(&sql, ')');
	r = fer_stmt_text(db, fer_buf_view(&sql), out);
	fer_buf_release(&sql);
	return r;
}

static int insert_row(struct fer_stmt *stmt, struct fer_str row, struct fer_str now)
{
	struct fer_str cell;

	for (int i = 1; fer_str_cut(&row, '\t', &cell); i++) {
		if (fer_str_is(cell, "\\N"))
			fer_bind_null(stmt, i);
		else
			fer_bind_str(stmt, i, fer_str_is(cell, "\\T") ? now : cell);
	}
	return fer_stmt_run(stmt, NULL);
}

static int insert_table(struct fer_db *db, const char *text, struct fer_str now)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str rest = fer_str(text), line;
	int r;

	fer_str_cut(&rest, '\n', &line);
	r = open_insert(db, line, &stmt);
	while (!r && fer_str_cut(&rest, '\n', &line)) {
		if (line.len)
			r = insert_row(stmt, line, now);
	}
	return r;
}

/* Rows name each other in both directions; they fit when all are there. */
static int install(struct fer_db *db)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(4096);
	bool sqlite = fer_store_is_sqlite(db->store);
	struct fer_str now;
	int r;

	if (!arena)
		return -ENOMEM;
	now = fer_time_text(arena, (int64_t)time(NULL));
	r = fer_db_exec(db, sqlite ? "PRAGMA defer_foreign_keys = ON" : "SET FOREIGN_KEY_CHECKS = 0");
	for (const char *const *table = installed; !r && *table; table++)
		r = insert_table(db, *table, now);
	if (!sqlite)
		fer_db_exec(db, "SET FOREIGN_KEY_CHECKS = 1");
	return r;
}

/* -- 1: Magento's tables, ours beside them, and the rows of a clean installation unless there is a shop already --- */

static int read_int(struct fer_db *db, const char *sql, int64_t *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_text(db, sql, &stmt);

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*out = r ? fer_col_int(stmt, 0) : 0;
	return 0;
}

/* A shop that Magento made has store views; tables without any are what an interrupted migration left. */
static int has_shop(struct fer_db *db, bool *out)
{
	int64_t n_stores = 0;
	int r = fer_schema_has(db, "store", out);

	if (!r && *out)
		r = read_int(db, "SELECT COUNT(*) FROM store", &n_stores);
	*out = n_stores > 0;
	return r;
}

static int first_tables(struct fer_db *db)
{
	bool there;
	int r;

	if ((r = has_shop(db, &there)))
		return r;
	if (!there && (r = fer_schema_create(db, fer_schema_magento)))
		return r;
	return fer_schema_create(db, fer_schema_ferrite);
}

static int run_text(struct fer_db *db, const char *sql, int64_t n, const char *text)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_text(db, sql, &stmt);

	if (r)
		return r;
	fer_bind_int(stmt, 1, n);
	if (text)
		fer_bind_str(stmt, 2, fer_str(text));
	return fer_stmt_run(stmt, NULL);
}

/* A counter for each kind of change. */
static int count_rows(struct fer_db *db)
{
	int r = 0;

	for (int kind = 0; !r && kind < FER_N_CHANGES; kind++)
		r = run_text(db, "{INSERT_IGNORE} INTO ferrite_change (kind, version) VALUES (?, 1)", kind, NULL);
	return r;
}

static int first_rows(struct fer_db *db)
{
	bool there;
	int r = has_shop(db, &there);

	if (!r && !there)
		r = install(db);
	return r ? r : count_rows(db);
}

/* -- later ones --------------------------------------------------------------------------------------------------- */

/* Our tables and columns that are not there yet. */
static int more_tables(struct fer_db *db)
{
	return fer_schema_grow(db, fer_schema_ferrite);
}

static int no_rows(struct fer_db *unused FER_UNUSED)
{
	return 0;
}

/* The last key was the one in use, under Magento's kid; those before it opened stored secrets only. */
static int key_rows(struct fer_db *db)
{
	int64_t last = 0;
	int r = read_int(db, "SELECT COALESCE(MAX(position), 0) FROM ferrite_key", &last);

	if (r || (r = run_text(db, "UPDATE ferrite_key SET kid = '1', state = 'current' WHERE position = ? AND kid IS NULL", last, NULL)))
		return r;
	return count_rows(db);
}

static int run_each(struct fer_db *db, const char *const *statements, size_t n)
{
	int r = 0;

	for (size_t i = 0; !r && i < n; i++) {
		FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;

		if (!(r = fer_sql_text(db, statements[i], &stmt)))
			r = fer_stmt_run(stmt, NULL);
	}
	return r;
}

/* What Magento's tables lack to find a page of many products. */
static int search_indexes(struct fer_db *db)
{
	static const char *const indexes[] = {
		"CREATE INDEX IF NOT EXISTS ferrite_product_created ON catalog_product_entity (created_at)",
		"CREATE INDEX IF NOT EXISTS ferrite_product_updated ON catalog_product_entity (updated_at)",
		"CREATE INDEX IF NOT EXISTS ferrite_product_decimal ON catalog_product_entity_decimal (attribute_id, store_id, value)",
	};

	return fer_store_is_sqlite(db->store) ? run_each(db, indexes, FER_ARRAY_LEN(indexes)) : 0;
}

/* With the entity behind the value, so that a statement that walks or looks for values reads nothing else. */
static const char *const value_indexes[] = {
	"CREATE INDEX IF NOT EXISTS ferrite_product_created ON catalog_product_entity (created_at)",
	"CREATE INDEX IF NOT EXISTS ferrite_product_updated ON catalog_product_entity (updated_at)",
	"CREATE INDEX IF NOT EXISTS ferrite_product_type ON catalog_product_entity (type_id)",
	"CREATE INDEX IF NOT EXISTS ferrite_product_int_value ON catalog_product_entity_int (attribute_id, store_id, value, entity_id)",
	"CREATE INDEX IF NOT EXISTS ferrite_product_decimal_value ON catalog_product_entity_decimal (attribute_id, store_id, value, entity_id)",
	"CREATE INDEX IF NOT EXISTS ferrite_product_varchar_value ON catalog_product_entity_varchar (attribute_id, store_id, value, entity_id)",
	"CREATE INDEX IF NOT EXISTS ferrite_product_datetime_value ON catalog_product_entity_datetime (attribute_id, store_id, value, entity_id)",
};

/* The tables of a shop that Magento made stay as they are. MariaDB makes an index outside of any transaction, so these are tables, not rows. */
static int product_indexes(struct fer_db *db)
{
	static const char *const replaced[] = { "DROP INDEX IF EXISTS ferrite_product_decimal" };
	bool magento;
	int r = fer_schema_has(db, "patch_list", &magento);

	if (r || magento)
		return r;
	if (fer_store_is_sqlite(db->store) && (r = run_each(db, replaced, FER_ARRAY_LEN(replaced))))
		return r;
	return run_each(db, value_indexes, FER_ARRAY_LEN(value_indexes));
}

static const struct migration migrations[] = {
	{ 1, "tables and rows of Magento 2.4.7", first_tables, first_rows },
	{ 2, "audit log", more_tables, no_rows },
	{ 3, "token registry", more_tables, count_rows },
	{ 4, "names and states of keys", more_tables, key_rows },
	{ 5, "service tokens", more_tables, no_rows },
	{ 6, "indexes for products on SQLite", search_indexes, no_rows },
	{ 7, "files of downloadable products", more_tables, no_rows },
	{ 8, "outbox of mail", more_tables, no_rows },
	{ 9, "indexes for searches of products", product_indexes, no_rows },
};

#define LATEST (migrations[FER_ARRAY_LEN(migrations) - 1].number)

/* -- running them ------------------------------------------------------------------------------------------------ */

static int read_number(struct fer_db *db, int64_t *out)
{
	bool there;
	int r = fer_schema_has(db, "ferrite_migration", &there);

	*out = 0;
	if (r || !there)
		return r;
	return read_int(db, "SELECT COALESCE(MAX(number), 0) FROM ferrite_migration", out);
}

static int refuse_newer(int64_t number, char why[256])
{
	if (number <= LATEST)
		return 0;
	snprintf(why, 256, "The store was made by a newer ferrite (its schema is %lld, this one knows %d); use that version.",
	         (long long)number, LATEST);
	return -EPROTO;
}

/* Ready for use: the counters count from now on. */
static int take_up(struct fer_db *db, void *unused FER_UNUSED)
{
	uint64_t versions[FER_N_CHANGES];
	int r;

	db->store->counted = true;
	if (!(r = fer_change_read(db, versions)))
		fer_change_publish(db->store, versions);
	return r;
}

int fer_migrate_check(struct fer_db *db, char why[256])
{
	int64_t number;
	int r = read_number(db, &number);

	if (r) {
		snprintf(why, 256, "Cannot read the database: %.200s", db->error);
		return r;
	}
	if ((r = refuse_newer(number, why)) || number == 0)
		return r;
	return take_up(db, NULL);
}

struct step {
	const struct migration *migration;
	char *why;
};

/* In the transaction, so that two that start at once do it once. */
static int run_step(struct fer_db *db, void *data)
{
	struct step *step = data;
	const struct migration *m = step->migration;
	int64_t number;
	int r = read_number(db, &number);

	if (r || (r = refuse_newer(number, step->why)) || number >= m->number)
		return r;
	if (fer_store_is_sqlite(db->store))
		r = m->tables(db);
	if (!r)
		r = m->rows(db);
	if (!r)
		r = run_text(db, "INSERT INTO ferrite_migration (number, name) VALUES (?, ?)", m->number, m->name);
	if (r && !step->why[0])
		snprintf(step->why, 256, "Migration %d: %.200s", m->number, db->error);
	return r;
}

static int lock_others(struct fer_db *db, bool lock)
{
	int64_t got;

	return read_int(db, lock ? "SELECT GET_LOCK('ferrite_migration', 60)" : "SELECT RELEASE_LOCK('ferrite_migration')", &got);
}

static int make_tables(struct fer_store *store, const struct migration *m, struct fer_db *db, char why[256])
{
	int64_t number;
	int r = read_number(db, &number);

	if (!r && number < m->number)
		r = m->tables(db);
	if (r && !why[0])
		snprintf(why, 256, "Migration %d: %.200s", m->number, fer_db_error(db));
	return r ? r : fer_tx_run(store, FER_TX_QUIET, run_step, &(struct step){ m, why });
}

static int migrate_mariadb(struct fer_store *store, const struct migration *m, char why[256])
{
	struct fer_db *db;
	int r = fer_db_lend(store, &db);

	if (r)
		return r;
	r = lock_others(db, true);
	if (!r)
		r = make_tables(store, m, db, why);
	lock_others(db, false);
	fer_db_return(db);
	return r;
}

int fer_store_migrate(struct fer_store *store, char why[256])
{
	int r = 0;

	why[0] = 0;
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(migrations); i++) {
		if (fer_store_is_sqlite(store))
			r = fer_tx_run(store, FER_TX_QUIET, run_step, &(struct step){ &migrations[i], why });
		else
			r = migrate_mariadb(store, &migrations[i], why);
	}
	if (!r)
		r = fer_tx_run(store, FER_TX_QUIET, take_up, NULL);
	return r;
}
