/*
 * SQLite: WAL, every answered commit on the disk, one connection a reader and one writer.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "core/private.h"
#include "store/driver.h"

struct sqlite {
	sqlite3 *db;
	sqlite3_stmt *controls[FER_N_CONTROLS];
};

static sqlite3 *handle(struct fer_db *db)
{
	return ((struct sqlite *)db->native)->db;
}

static sqlite3_stmt *native(struct fer_stmt *stmt)
{
	return stmt->native;
}

/* -- errors ------------------------------------------------------------------------------------------------------ */

static int meaning(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return -EEXIST;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return -ENOENT;
	}
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	}
	return -EIO;
}

static int fail(struct fer_db *db)
{
	return fer_db_say(db, meaning(sqlite3_extended_errcode(handle(db))), sqlite3_errmsg(handle(db)));
}

/* -- connections ------------------------------------------------------------------------------------------------- */

static void init_library(void)
{
	/* The statistics of sqlite3_malloc cost a lock that all threads share. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_initialize();
}

static int exec(struct fer_db *db, const char *sql)
{
	return sqlite3_exec(handle(db), sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db);
}

static int configure(struct fer_db *db)
{
	sqlite3 *s = handle(db);
	int r;

	sqlite3_extended_result_codes(s, 1);
	sqlite3_busy_timeout(s, db->store->busy_ms);
	sqlite3_db_config(s, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	if ((r = fer_sqlite_functions(s)))
		return fer_db_say(db, r, "cannot add functions");
	if ((r = exec(db, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;")))
		return r;
	if (fer_is_memory(db->store))
		return exec(db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;");
	if (!db->writer)
		return exec(db, "PRAGMA query_only = ON;");
	/* A page that many products touch goes back to the database once in 16 MB of log, not once in 4. */
	return exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;"
	                " PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000;");
}

static int open_file(struct fer_db *db, struct sqlite *s)
{
	struct fer_store *store = db->store;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (store->create || fer_is_memory(store))
		flags |= SQLITE_OPEN_CREATE;
	if (!fer_is_memory(store) && !store->create && access(store->url.path, F_OK) != 0)
		return -ENOENT;
	return sqlite3_open_v2(store->url.path, &s->db, flags, NULL) == SQLITE_OK ? 0 : -EIO;
}

/* The file holds password hashes and keys: a new one is for its owner alone. SQLite gives -wal and -shm the same mode. */
static int make_private(struct fer_store *store)
{
	int fd;

	if (!store->create || fer_is_memory(store) || access(store->url.path, F_OK) == 0)
		return 0;
	fd = open(store->url.path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	close(fd);
	return 0;
}

/* An older one, or a copy: its -wal holds the same as itself. */
static int check_private(struct fer_store *store, char why[256])
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	char path[sizeof(store->url.path) + 4];
	int r = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(endings) && !r && !fer_is_memory(store); i++) {
		snprintf(path, sizeof(path), "%s%s", store->url.path, endings[i]);
		r = fer_private_check(path, FER_PRIVATE_DATABASE, why);
	}
	return r;
}

static void disconnect(struct fer_db *db)
{
	struct sqlite *s = db->native;

	for (int i = 0; i < FER_N_CONTROLS; i++)
		sqlite3_finalize(s->controls[i]);
	sqlite3_close_v2(s->db);
	free(s);
	db->native = NULL;
}

static int connect_sqlite(struct fer_db *db, char why[256])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sqlite *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	if ((r = check_private(db->store, why))) {
		free(s);
		return r;
	}
	pthread_once(&once, init_library);
	db->native = s;
	r = make_private(db->store);
	if (!r)
		r = open_file(db, s);
	if (!r)
		r = configure(db);
	if (!r)
		return 0;
	if (r == -ENOENT && !s->db)
		snprintf(why, 256, "There is no database at %.200s.", db->store->url.path);
	else
		snprintf(why, 256, "Cannot open %.120s: %.100s", db->store->url.path, s->db ? sqlite3_errmsg(s->db) : strerrordesc_np(-r));
	disconnect(db);
	return r;
}

static int control(struct fer_db *db, enum fer_control what)
{
	static const char *const text[FER_N_CONTROLS] = {
		[FER_BEGIN_READ] = "BEGIN",
		[FER_BEGIN_WRITE] = "BEGIN IMMEDIATE",
		[FER_COMMIT] = "COMMIT",
		[FER_ROLLBACK] = "ROLLBACK",
		[FER_SAVEPOINT] = "SAVEPOINT job",
		[FER_KEEP] = "RELEASE job",
		[FER_UNDO] = "ROLLBACK TO job",
	};
	struct sqlite *s = db->native;
	int r = 0;

	if (!s->controls[what] && sqlite3_prepare_v3(s->db, text[what], -1, SQLITE_PREPARE_PERSISTENT, &s->controls[what], NULL))
		return fail(db);
	if (sqlite3_step(s->controls[what]) != SQLITE_DONE)
		r = fail(db);
	sqlite3_reset(s->controls[what]);
	return r;
}

static bool in_tx(struct fer_db *db)
{
	return !sqlite3_get_autocommit(handle(db));
}

static int64_t n_written(struct fer_db *db)
{
	return sqlite3_total_changes64(handle(db));
}

/* -- statements -------------------------------------------------------------------------------------------------- */

static int prepare(struct fer_db *db, struct fer_str sql, void **out)
{
	sqlite3_stmt *stmt = NULL;
	const char *rest = NULL;

	if (sqlite3_prepare_v3(handle(db), sql.at, (int)sql.len, SQLITE_PREPARE_PERSISTENT, &stmt, &rest) != SQLITE_OK)
		return fail(db);
	if (!stmt || fer_str_trim((struct fer_str){ rest, sql.len - (size_t)(rest - sql.at) }).len) {
		sqlite3_finalize(stmt);
		return fer_db_say(db, -EIO, "not exactly one statement");
	}
	*out = stmt;
	return 0;
}

static void finalize(void *stmt)
{
	sqlite3_finalize(stmt);
}

static void reset(struct fer_stmt *stmt)
{
	sqlite3_reset(native(stmt));
}

static void clear(struct fer_stmt *stmt)
{
	sqlite3_clear_bindings(native(stmt));
}

static int bind_int(struct fer_stmt *stmt, int i, int64_t n)
{
	return sqlite3_bind_int64(native(stmt), i, n);
}

static int bind_str(struct fer_stmt *stmt, int i, struct fer_str text)
{
	return sqlite3_bind_text64(native(stmt), i, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_double(struct fer_stmt *stmt, int i, double x)
{
	return sqlite3_bind_double(native(stmt), i, x);
}

/* A number and not text: compared with an expression, SQLite would hold any text for greater than any number. */
static int bind_decimal(struct fer_stmt *stmt, int i, fer_micro x)
{
	if (x % FER_ONE == 0)
		return sqlite3_bind_int64(native(stmt), i, x / FER_ONE);
	return sqlite3_bind_double(native(stmt), i, (double)x / (double)FER_ONE);
}

static int bind_null(struct fer_stmt *stmt, int i)
{
	return sqlite3_bind_null(native(stmt), i);
}

static int step(struct fer_stmt *stmt)
{
	int code = sqlite3_step(native(stmt));
	int r = 0;

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		r = fail(stmt->db);
	sqlite3_reset(native(stmt));
	return r;
}

static int64_t n_changed(struct fer_stmt *stmt)
{
	return sqlite3_changes64(handle(stmt->db));
}

static int64_t last_id(struct fer_stmt *stmt)
{
	return sqlite3_last_insert_rowid(handle(stmt->db));
}

/* -- columns ----------------------------------------------------------------------------------------------------- */

static int col_count(struct fer_stmt *stmt)
{
	return sqlite3_column_count(native(stmt));
}

static struct fer_str col_name(struct fer_stmt *stmt, int i)
{
	return fer_str(sqlite3_column_name(native(stmt), i));
}

static bool col_null(struct fer_stmt *stmt, int i)
{
	return sqlite3_column_type(native(stmt), i) == SQLITE_NULL;
}

static int64_t col_int(struct fer_stmt *stmt, int i)
{
	return sqlite3_column_int64(native(stmt), i);
}

static double col_double(struct fer_stmt *stmt, int i)
{
	return sqlite3_column_double(native(stmt), i);
}

static struct fer_str col_str(struct fer_stmt *stmt, int i)
{
	const void *at;

	if (sqlite3_column_type(native(stmt), i) == SQLITE_NULL)
		return FER_STR_NONE;
	if (sqlite3_column_type(native(stmt), i) == SQLITE_BLOB) {
		at = sqlite3_column_blob(native(stmt), i);
		return (struct fer_str){ at ? at : "", (size_t)sqlite3_column_bytes(native(stmt), i) };
	}
	at = sqlite3_column_text(native(stmt), i);
	return (struct fer_str){ at ? at : "", (size_t)sqlite3_column_bytes(native(stmt), i) };
}

static fer_micro col_decimal(struct fer_stmt *stmt, int i)
{
	fer_micro x = 0;

	switch (sqlite3_column_type(native(stmt), i)) {
	case SQLITE_INTEGER:
		return sqlite3_column_int64(native(stmt), i) * FER_ONE;
	case SQLITE_FLOAT:
		return fer_decimal_from_double(sqlite3_column_double(native(stmt), i));
	case SQLITE_TEXT:
		fer_decimal_parse(col_str(stmt, i), &x);
	}
	return x;
}

const struct fer_driver fer_driver_sqlite = {
	.name = "sqlite",
	.dialect = {
		.upsert_open = "ON CONFLICT(", .upsert_close = ") DO UPDATE SET", .upsert_keys = true,
		.new_open = "excluded.", .new_close = "",
		.insert_ignore = "INSERT OR IGNORE",
		.now = "strftime('%Y-%m-%d %H:%M:%S','now')",
		.for_update = "",
		.concat_open = "(", .concat_between = " || ", .concat_close = ")",
		.collate = " COLLATE utf8mb4_general_ci)",
		.then_join = "CROSS JOIN",
		.no_limit = "LIMIT -1",
	},
	.connect = connect_sqlite, .disconnect = disconnect, .exec = exec, .control = control, .in_tx = in_tx, .n_written = n_written,
	.prepare = prepare, .finalize = finalize, .reset = reset, .clear = clear,
	.bind_int = bind_int, .bind_str = bind_str, .bind_double = bind_double, .bind_decimal = bind_decimal, .bind_null = bind_null,
	.step = step, .n_changed = n_changed, .last_id = last_id,
	.col_count = col_count, .col_name = col_name, .col_null = col_null, .col_int = col_int, .col_double = col_double,
	.col_decimal = col_decimal, .col_str = col_str,
};
