/*
 * The store, case by case, on every engine there is: a SQLite file, sqlite::memory: and, when FERRITE_TEST_MYSQL_URL names one,
 * MariaDB. The expectations are the same for all.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/config.h"
#include "store/driver.h"
#include "store/schema.h"

static const char *const scratch[] = {
	"unit_parent\n+id|int unsigned\n!code|varchar(32)\nP id\nU code\n",
	"unit_child\n+id|int unsigned\n!parent_id|int unsigned\nP id\nI parent_id\nF parent_id|unit_parent.id|CASCADE\n",
	"unit_value\n+id|int unsigned\n n|bigint\n x|double\n price|decimal(20,4)\n name|varchar(255)\n body|mediumtext\n"
	"!made|timestamp|CURRENT_TIMESTAMP\n!must|varchar(8)\nP id\n",
	NULL
};

struct engine {
	const char *url;
	struct fer_store *store;
	struct fer_arena *arena;
	char path[64];
};

/* -- setting up -------------------------------------------------------------------------------------------------- */

static int open_store(const char *url, struct fer_store **out, char why[256])
{
	const struct fer_store_options options = { .url = url, .connections = 4, .busy_ms = 5000, .create = true };

	return fer_store_open(&options, out, why);
}

static int run_sql(struct fer_db *db, void *sql)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_stmt_text(db, fer_str(sql), &stmt);

	return r ? r : fer_stmt_run(stmt, NULL);
}

static int tx_sql(struct fer_store *store, const char *sql)
{
	return fer_tx_run(store, 0, run_sql, (void *)(uintptr_t)sql);
}

static int make_scratch(struct fer_db *db, void *unused)
{
	return fer_schema_create(db, scratch);
}

static void clean_scratch(struct fer_store *store)
{
	struct fer_db *db;

	if (fer_store_is_sqlite(store)) {
		assert_int_equal(fer_tx_run(store, 0, make_scratch, NULL), 0);
		return;
	}
	assert_int_equal(fer_db_lend(store, &db), 0);
	assert_int_equal(fer_db_exec(db, "DROP TABLE IF EXISTS unit_child, unit_parent, unit_value"), 0);
	assert_int_equal(make_scratch(db, NULL), 0);
	fer_db_return(db);
}

static int setup(void **state)
{
	struct engine *e = *state;
	char why[256];

	e->arena = fer_arena_new(1 << 24);
	if (open_store(e->url, &e->store, why) || fer_store_migrate(e->store, why))
		fail_msg("%s: %s", e->url, why);
	clean_scratch(e->store);
	return 0;
}

static int teardown(void **state)
{
	struct engine *e = *state;

	fer_store_close(e->store);
	fer_arena_freep(&e->arena);
	e->store = NULL;
	if (e->path[0]) {
		unlink(e->path);
		for (int i = 0; i < 2; i++) {
			char side[80];

			snprintf(side, sizeof(side), "%s%s", e->path, i ? "-shm" : "-wal");
			unlink(side);
		}
	}
	return 0;
}

static int64_t read_number(struct fer_db *db, const char *sql, const char *argument)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;

	if (fer_stmt_text(db, fer_str(sql), &stmt))
		fail_msg("%s: %s", sql, fer_db_error(db));
	if (argument)
		fer_bind_str(stmt, 1, fer_str(argument));
	if (fer_stmt_step(stmt) != 1)
		fail_msg("%s: no row: %s", sql, fer_db_error(db));
	return fer_col_int(stmt, 0);
}

static int64_t number(struct fer_store *store, const char *sql, const char *argument)
{
	struct fer_db *db;
	int64_t n;

	assert_int_equal(fer_db_lend(store, &db), 0);
	n = read_number(db, sql, argument);
	fer_db_return(db);
	return n;
}

/* -- values ------------------------------------------------------------------------------------------------------ */

#define LONG_TEXT 100000

static int insert_values(struct fer_db *db, void *data)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value null = fer_null();

	assert_int_equal(fer_stmt_text(db, FER_S("INSERT INTO unit_value (n, x, price, name, body, made) VALUES (?, ?, ?, ?, ?, ?)"), &stmt), 0);
	fer_bind_int(stmt, 1, INT64_MIN + 1);
	fer_bind_double(stmt, 2, 0.25);
	fer_bind_decimal(stmt, 3, -12500000);
	fer_bind_str(stmt, 4, FER_S("Zo\xc3\xab \xf0\x9f\x98\x80"));
	fer_bind_str(stmt, 5, (struct fer_str){ data, LONG_TEXT });
	fer_bind_str(stmt, 6, FER_S("2026-01-02 03:04:05"));
	assert_int_equal(fer_stmt_run(stmt, NULL), 0);
	assert_int_equal(fer_stmt_last_id(stmt), 1);
	fer_bind_null(stmt, 1);
	fer_bind_value(stmt, 2, &null);
	fer_bind_value(stmt, 3, &(struct fer_value){ .kind = FER_V_STRING, .text = FER_S("39") });
	fer_bind_value(stmt, 4, NULL);
	fer_bind_str(stmt, 5, FER_S(""));
	assert_int_equal(fer_stmt_run(stmt, NULL), 0);
	assert_int_equal(fer_stmt_last_id(stmt), 2);
	return 0;
}

static void check_first_row(struct fer_stmt *stmt, const char *text)
{
	assert_int_equal(fer_stmt_step(stmt), 1);
	assert_int_equal(fer_col_count(stmt), 7);
	assert_true(fer_str_is(fer_col_name(stmt, 2), "price"));
	assert_true(fer_col_int(stmt, 0) == INT64_MIN + 1);
	assert_true(fer_str_is(fer_col_str(stmt, 0), "-9223372036854775807"));
	assert_true(fer_col_double(stmt, 1) == 0.25);
	assert_int_equal(fer_col_decimal(stmt, 2), -12500000);
	assert_int_equal(fer_col_int(stmt, 2), -12);
	assert_true(fer_str_is(fer_col_str(stmt, 3), "Zo\xc3\xab \xf0\x9f\x98\x80"));
	assert_int_equal(fer_col_str(stmt, 4).len, LONG_TEXT);
	assert_memory_equal(fer_col_str(stmt, 4).at, text, LONG_TEXT);
	assert_true(fer_str_is(fer_col_str(stmt, 5), "2026-01-02 03:04:05"));
	assert_int_equal(fer_col_str(stmt, 6).len, 0);
	assert_false(fer_col_null(stmt, 6));
}

static void check_second_row(struct engine *e, struct fer_stmt *stmt)
{
	assert_int_equal(fer_stmt_step(stmt), 1);
	assert_true(fer_col_null(stmt, 0));
	assert_int_equal(fer_col_int(stmt, 0), 0);
	assert_true(fer_col_null(stmt, 1));
	assert_int_equal(fer_col_decimal(stmt, 2), 39 * FER_ONE);
	assert_null(fer_col_str(stmt, 3).at);
	assert_null(fer_col_dup(e->arena, stmt, 3).at);
	assert_int_equal(fer_col_str(stmt, 4).len, 0);
	assert_non_null(fer_col_str(stmt, 4).at);
	assert_int_equal(fer_stmt_step(stmt), 0);
}

static void test_values(void **state)
{
	struct engine *e = *state;
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	static char text[LONG_TEXT];
	struct fer_db *db;

	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 4, "end.", 4);
	assert_int_equal(fer_tx_run(e->store, 0, insert_values, text), 0);
	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_int_equal(fer_stmt_text(db, FER_S("SELECT n, x, price, name, body, made, must FROM unit_value ORDER BY id"), &stmt), 0);
	check_first_row(stmt, text);
	check_second_row(e, stmt);
	/* Run again, as it is. */
	check_first_row(stmt, text);
	fer_stmt_release(&stmt);
	/* Two long texts in one row. */
	assert_int_equal(fer_stmt_text(db, FER_S("SELECT body, body AS again FROM unit_value ORDER BY id"), &stmt), 0);
	assert_int_equal(fer_stmt_step(stmt), 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fer_col_str(stmt, i).len, LONG_TEXT);
		assert_memory_equal(fer_col_str(stmt, i).at, text, LONG_TEXT);
	}
	fer_stmt_release(&stmt);
	fer_db_return(db);
}

/* -- statements -------------------------------------------------------------------------------------------------- */

static void test_same_statement_twice(void **state)
{
	struct engine *e = *state;
	struct fer_stmt *outer, *inner;
	struct fer_db *db;
	int n = 0;

	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_int_equal(fer_sql_open(db, FER_SQL_CONFIG_STORES, &outer, ""), 0);
	while (fer_stmt_step(outer) == 1) {
		assert_int_equal(fer_sql_open(db, FER_SQL_CONFIG_STORES, &inner, ""), 0);
		while (fer_stmt_step(inner) == 1)
			n++;
		fer_stmt_release(&inner);
	}
	fer_stmt_release(&outer);
	fer_db_return(db);
	assert_int_equal(n, 4);
}

static void test_many_texts(void **state)
{
	struct engine *e = *state;
	struct fer_db *db;

	assert_int_equal(fer_db_lend(e->store, &db), 0);
	for (int i = 0; i < 3 * FER_TEXT_KEPT; i++) {
		char sql[64];

		snprintf(sql, sizeof(sql), "SELECT %d", i);
		assert_int_equal(read_number(db, sql, NULL), i);
	}
	assert_true(db->n_texts <= FER_TEXT_KEPT);
	fer_db_return(db);
}

static void test_bad_statements(void **state)
{
	struct engine *e = *state;
	struct fer_stmt *stmt;
	struct fer_db *db;

	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_true(fer_stmt_text(db, FER_S("SELECT nothing FROM nowhere"), &stmt) < 0);
	assert_true(fer_db_error(db)[0] != 0);
	assert_int_equal(fer_stmt_text(db, FER_S("SELECT {NO_SUCH}"), &stmt), -EINVAL);
	assert_int_equal(fer_stmt_text(db, FER_S("SELECT ?"), &stmt), 0);
	fer_bind_int(stmt, 2, 1);
	assert_int_equal(fer_stmt_step(stmt), -EIO);
	fer_stmt_release(&stmt);
	assert_int_equal(read_number(db, "SELECT 7", NULL), 7);
	fer_db_return(db);
}

static void test_named_statements(void **state)
{
	struct engine *e = *state;
	char why[256] = "";

	if (fer_store_check(e->store, why))
		fail_msg("%s", why);
}

/* -- constraints ------------------------------------------------------------------------------------------------- */

static const struct { const char *sql; int expected; } constraint_rows[] = {
	{ "INSERT INTO unit_parent (id, code) VALUES (1, 'admin')", 0 },
	{ "INSERT INTO unit_parent (id, code) VALUES (1, 'other')", -EEXIST },
	{ "INSERT INTO unit_parent (id, code) VALUES (2, 'admin')", -EEXIST },
	{ "INSERT INTO unit_parent (id, code) VALUES (2, 'ADMIN  ')", -EEXIST },
	{ "INSERT INTO unit_parent (id, code) VALUES (2, '\xc3\x84" "dmin')", -EEXIST },
	{ "INSERT INTO unit_parent (id, code) VALUES (0, 'zero')", 0 },
	{ "INSERT INTO unit_child (parent_id) VALUES (77)", -ENOENT },
	{ "INSERT INTO unit_child (parent_id) VALUES (1)", 0 },
	{ "INSERT INTO unit_child (parent_id) VALUES (0)", 0 },
	{ "UPDATE unit_child SET parent_id = 78", -ENOENT },
	{ "{INSERT_IGNORE} INTO unit_parent (id, code) VALUES (3, 'Admin')", 0 },
	{ "INSERT INTO unit_parent (id, code) VALUES (9, 'admin') {UPSERT(code)} code = {CONCAT({NEW(code)},'!')}", 0 },
	{ "DELETE FROM unit_parent WHERE code = 'ADMIN!'", 0 },
};

static void test_constraints(void **state)
{
	struct engine *e = *state;

	for (size_t i = 0; i < FER_ARRAY_LEN(constraint_rows); i++) {
		int r = tx_sql(e->store, constraint_rows[i].sql);

		if (r != constraint_rows[i].expected)
			fail_msg("%s: %d, not %d", constraint_rows[i].sql, r, constraint_rows[i].expected);
	}
	/* The zero stays zero, the upsert changed row 1, and its child went with it. */
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent WHERE id = 0", NULL), 1);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent", NULL), 1);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_child", NULL), 1);
}

static int count_changes(struct fer_db *db, void *unused)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t n;

	assert_int_equal(run_sql(db, "INSERT INTO unit_parent (code) VALUES ('a'), ('b'), ('c')"), 0);
	assert_int_equal(fer_stmt_text(db, FER_S("UPDATE unit_parent SET code = code WHERE code <> 'a'"), &stmt), 0);
	assert_int_equal(fer_stmt_run(stmt, &n), 0);
	assert_int_equal(n, 2);
	fer_stmt_release(&stmt);
	assert_int_equal(fer_stmt_text(db, FER_S("INSERT INTO unit_parent (code) VALUES ('A ') {UPSERT(code)} code = 'd'"), &stmt), 0);
	assert_int_equal(fer_stmt_run(stmt, &n), 0);
	assert_int_equal(n, 1);
	return 0;
}

static void test_changed_rows(void **state)
{
	struct engine *e = *state;

	assert_int_equal(fer_tx_run(e->store, 0, count_changes, NULL), 0);
}

/* -- text -------------------------------------------------------------------------------------------------------- */

static const struct { const char *stored, *test, *argument; int expected; } text_rows[] = {
	{ "admin", "name = ?", "ADMIN", 1 },
	{ "admin", "name = ?", "admin   ", 1 },
	{ "admin ", "name = ?", "admin", 1 },
	{ " admin", "name = ?", "admin", 0 },
	{ "", "name = ?", "  ", 1 },
	{ "Stra\xc3\x9f" "e", "name = ?", "strase", 1 },
	{ "Stra\xc3\x9f" "e", "name = ?", "strasse", 0 },
	{ "caf\xc3\xa9", "name = ?", "CAFE", 1 },
	{ "\xc3\x86on", "name = ?", "aeon", 0 },
	{ "\xd0\x9c\xd0\xb8\xd1\x80", "name = ?", "\xd0\xbc\xd0\x98\xd0\xa0", 1 },
	{ "\xf0\x9f\x98\x80", "name = ?", "\xf0\x9f\x98\x81", 1 },
	{ "a\tb", "name = ?", "a b", 0 },
	{ "a", "name < ?", "B", 1 },
	{ "a", "name > ?", "a\t", 1 },
	{ "b", "name IN ('A', ?)", "B ", 1 },
	{ "24-MB01", "name LIKE ?", "24-mb%", 1 },
	{ "24-MB01", "name LIKE ?", "%b0_", 1 },
	{ "24-MB01", "name LIKE ?", "24", 0 },
	{ "24-MB01 ", "name LIKE ?", "24-MB01", 0 },
	{ "100%", "name LIKE ?", "100\\%", 1 },
	{ "1000", "name LIKE ?", "100\\%", 0 },
	{ "a_b", "name LIKE ?", "a\\_b", 1 },
	{ "acb", "name LIKE ?", "a\\_b", 0 },
	{ "caf\xc3\xa9", "name LIKE ?", "%FE", 1 },
	{ "\xc3\xa9t\xc3\xa9", "name LIKE ?", "_t_", 1 },
	{ "\xf0\x9f\x98\x80", "name LIKE ?", "_", 1 },
	{ "aXbXc", "name LIKE ?", "%x%x%", 1 },
	{ "aXbXc", "name LIKE ?", "%x%x", 0 },
	{ "", "name LIKE ?", "%", 1 },
	{ "abc", "name NOT LIKE ?", "a%", 0 },
	{ "abc", "name REGEXP ?", "^A.C$", 1 },
	{ "abc", "name REGEXP ?", "^b", 0 },
	{ "2,7,11", "FIND_IN_SET(?, name)", "7", 1 },
	{ "2,7,11", "FIND_IN_SET(?, name)", "1", 0 },
	{ "a,B,c", "FIND_IN_SET(?, name) = 2", "b", 1 },
	{ "b", "{CI(GREATEST('a', name))} = ?", "B", 1 },
	{ "b", "IF(name = 'B', 'yes', 'no') = ?", "yes", 1 },
	{ "b", "CONCAT(name, '-', name) = ?", "b-b", 1 },
	{ "b", "CONCAT_WS(',', name, NULL, 'c') = ?", "b,c", 1 },
	{ "b", "{CONCAT(name,'C')} = ?", "bC", 1 },
	{ "b", "{CI({CONCAT(name,'c')})} = ?", "BC", 1 },
	{ "b", "FIELD(name, 'x', ?) = 2", "B", 1 },
	{ "\xc3\xa9t\xc3\xa9", "CHAR_LENGTH(name) = 3 AND name = ?", "ete", 1 },
	{ "b", "COALESCE(NULL, name) = ?", "b", 1 },
};

static int store_text(struct fer_db *db, void *text)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;

	assert_int_equal(run_sql(db, "DELETE FROM unit_value"), 0);
	assert_int_equal(fer_stmt_text(db, FER_S("INSERT INTO unit_value (name) VALUES (?)"), &stmt), 0);
	fer_bind_str(stmt, 1, fer_str(text));
	return fer_stmt_run(stmt, NULL);
}

static void test_text(void **state)
{
	struct engine *e = *state;

	for (size_t i = 0; i < FER_ARRAY_LEN(text_rows); i++) {
		char sql[256];
		int64_t n;

		assert_int_equal(fer_tx_run(e->store, 0, store_text, (void *)(uintptr_t)text_rows[i].stored), 0);
		snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM unit_value WHERE %s", text_rows[i].test);
		n = number(e->store, sql, text_rows[i].argument);
		if (n != text_rows[i].expected)
			fail_msg("'%s' %s '%s': %lld, not %d", text_rows[i].stored, text_rows[i].test, text_rows[i].argument, (long long)n,
			         text_rows[i].expected);
	}
}

static int store_words(struct fer_db *db, void *unused)
{
	return run_sql(db, "INSERT INTO unit_value (name) VALUES ('b'), ('\xc3\xa4" "b'), ('B2'), ('a'), ('\xc3\x89" "b'), ('Z'), ('_'), ('1'), ('A c')");
}

static void test_order(void **state)
{
	struct engine *e = *state;
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_buf found;
	struct fer_db *db;

	assert_int_equal(fer_tx_run(e->store, 0, store_words, NULL), 0);
	fer_buf_init(&found, e->arena, 1000);
	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_int_equal(fer_stmt_text(db, FER_S("SELECT name FROM unit_value ORDER BY name, id"), &stmt), 0);
	while (fer_stmt_step(stmt) == 1) {
		fer_buf_str(&found, fer_col_str(stmt, 0));
		fer_buf_char(&found, '|');
	}
	fer_stmt_release(&stmt);
	fer_db_return(db);
	assert_true(fer_str_is(fer_buf_view(&found), "1|a|A c|\xc3\xa4" "b|b|B2|\xc3\x89" "b|Z|_|"));
}

/* A code point of the basic plane, often of Latin, Greek or Cyrillic, as UTF-8. */
static size_t put_point(char *out, unsigned *seed)
{
	unsigned point = (unsigned)(rand_r(seed) % 3 ? rand_r(seed) % 0x500 : rand_r(seed) % 0x10000);

	if (point < 0x20 || (point >= 0xd800 && point < 0xe000))
		point = ' ';
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | point >> 12);
	out[1] = (char)(0x80 | (point >> 6 & 0x3f));
	out[2] = (char)(0x80 | (point & 0x3f));
	return 3;
}

/* MariaDB judges our collation. */
static void test_collation(void **state)
{
	struct engine *e = *state;
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	unsigned seed = 1;
	struct fer_db *db;

	if (fer_store_is_sqlite(e->store))
		skip();
	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_int_equal(fer_stmt_text(db, FER_S("SELECT STRCMP(?, ?)"), &stmt), 0);
	for (int i = 0; i < 5000; i++) {
		char a[64], b[64];
		struct fer_str x = { a, 0 }, y = { b, 0 };
		int n = rand_r(&seed) % 5;

		while (n--)
			x.len += put_point(a + x.len, &seed);
		memcpy(b, a, y.len = x.len);
		if (rand_r(&seed) % 2)
			y.len += put_point(b + y.len, &seed);
		if (rand_r(&seed) % 2)
			x.len += put_point(a + x.len, &seed);
		fer_bind_str(stmt, 1, x);
		fer_bind_str(stmt, 2, y);
		assert_int_equal(fer_stmt_step(stmt), 1);
		if (fer_col_int(stmt, 0) != fer_collate(x, y))
			fail_msg("'%.*s' '%.*s': %d, not %d", FER_F(x), FER_F(y), fer_collate(x, y), (int)fer_col_int(stmt, 0));
		fer_stmt_reset(stmt);
	}
	fer_stmt_release(&stmt);
	fer_db_return(db);
}

/* -- transactions ------------------------------------------------------------------------------------------------ */

static int insert_and_fail(struct fer_db *db, void *result)
{
	assert_int_equal(run_sql(db, "INSERT INTO unit_parent (code) VALUES ('gone')"), 0);
	assert_int_equal(read_number(db, "SELECT COUNT(*) FROM unit_parent", NULL), 1);
	return *(int *)result;
}

static void test_rollback(void **state)
{
	struct engine *e = *state;
	int results[] = { -EIO, 5, -EINVAL };

	for (size_t i = 0; i < FER_ARRAY_LEN(results); i++) {
		assert_int_equal(fer_tx_run(e->store, 0, insert_and_fail, &results[i]), results[i]);
		assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent", NULL), 0);
	}
	/* The undone ids are not given again. */
	assert_int_equal(tx_sql(e->store, "INSERT INTO unit_parent (code) VALUES ('kept')"), 0);
	assert_int_equal(number(e->store, "SELECT id FROM unit_parent", NULL), 4);
}

static int nest(struct fer_db *db, void *unused)
{
	return fer_tx_run(fer_db_store(db), 0, run_sql, "DELETE FROM unit_parent");
}

static void test_nested(void **state)
{
	struct engine *e = *state;

	if (fer_store_is_sqlite(e->store))
		assert_int_equal(fer_tx_run(e->store, 0, nest, NULL), -EDEADLK);
	assert_int_equal(tx_sql(e->store, "DELETE FROM unit_parent"), 0);
}

/* What a call does: it reads, writes in a transaction with rows still unread, and reads on; it must see what it wrote. */
static void test_read_your_write(void **state)
{
	struct engine *e = *state;
	struct fer_stmt *stmt;
	struct fer_db *db;

	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_int_equal(fer_sql_open(db, FER_SQL_CONFIG_STORES, &stmt, ""), 0);
	assert_int_equal(fer_stmt_step(stmt), 1);
	assert_int_equal(tx_sql(e->store, "INSERT INTO unit_parent (code) VALUES ('mine')"), 0);
	assert_int_equal(fer_stmt_step(stmt), 1);
	fer_stmt_release(&stmt);
	assert_int_equal(read_number(db, "SELECT COUNT(*) FROM unit_parent WHERE code = 'mine'", NULL), 1);
	fer_db_return(db);
}

static void *write_elsewhere(void *store)
{
	assert_int_equal(tx_sql(store, "INSERT INTO unit_parent (code) VALUES ('theirs')"), 0);
	return NULL;
}

static void test_snapshot(void **state)
{
	struct engine *e = *state;
	struct fer_db *db;
	pthread_t thread;

	if (!fer_store_is_sqlite(e->store) || fer_is_memory(e->store))
		skip();
	assert_int_equal(fer_db_lend(e->store, &db), 0);
	assert_int_equal(read_number(db, "SELECT COUNT(*) FROM unit_parent", NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_elsewhere, e->store), 0);
	pthread_join(thread, NULL);
	assert_int_equal(read_number(db, "SELECT COUNT(*) FROM unit_parent", NULL), 0);
	fer_db_return(db);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent", NULL), 1);
}

static int write_from_outside(struct fer_db *db, void *other)
{
	return fer_tx_run(other, 0, run_sql, "INSERT INTO unit_parent (code) VALUES ('outside')") == -EBUSY ? 0 : -EIO;
}

/* Another process (the command line) waits for our lock as long as it was told, then says busy; later it may write. */
static void test_foreign_lock(void **state)
{
	struct engine *e = *state;
	const struct fer_store_options options = { .url = e->url, .connections = 1, .busy_ms = 50 };
	struct fer_store *other;
	char why[256];

	if (!fer_store_is_sqlite(e->store) || fer_is_memory(e->store))
		skip();
	assert_int_equal(fer_store_open(&options, &other, why), 0);
	assert_int_equal(fer_tx_run(e->store, 0, write_from_outside, other), 0);
	assert_int_equal(tx_sql(other, "INSERT INTO unit_parent (code) VALUES ('outside')"), 0);
	fer_store_close(other);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent WHERE code = 'outside'", NULL), 1);
}

#define N_THREADS 8
#define N_WRITES 60
#define SELDOM 29          /* so that a group of jobs has come to trust its members again when one fails */

struct writer {
	struct fer_store *store;
	pthread_t thread;
	int id, round, failing;
	int n_good;
	bool bad;
};

/* Some write and then fail; every seventh meets a unique key. */
static int write_code(struct fer_db *db, void *data)
{
	struct writer *w = data;
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	char code[32];
	int r = fer_stmt_text(db, FER_S("INSERT INTO unit_parent (code) VALUES (?)"), &stmt);

	if (r)
		return r;
	snprintf(code, sizeof(code), w->round % 7 == 6 ? "same" : "t%d-%d", w->id, w->round);
	fer_bind_str(stmt, 1, fer_str(code));
	r = fer_stmt_run(stmt, NULL);
	return r ? r : w->round % w->failing == 2 ? 42 : 0;
}

static void *write_many(void *data)
{
	struct writer *w = data;

	for (w->round = 0; w->round < N_WRITES; w->round++) {
		int r = fer_tx_run(w->store, 0, write_code, w);

		if (r == 0)
			w->n_good++;
		else if (r != 42 && r != -EEXIST)
			w->bad = true;
	}
	return NULL;
}

static void commit_in_groups(struct engine *e, int failing)
{
	struct writer writers[N_THREADS] = { 0 };
	int n_good = 0;

	for (int i = 0; i < N_THREADS; i++) {
		writers[i].store = e->store;
		writers[i].id = i;
		writers[i].failing = failing;
		assert_int_equal(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
	}
	for (int i = 0; i < N_THREADS; i++) {
		pthread_join(writers[i].thread, NULL);
		assert_false(writers[i].bad);
		n_good += writers[i].n_good;
	}
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent", NULL), n_good);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent WHERE code = 'same'", NULL), 1);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent WHERE code LIKE 't%-2'", NULL), 0);
	assert_int_equal(number(e->store, "SELECT COUNT(*) FROM unit_parent WHERE code LIKE 't%-0'", NULL), N_THREADS);
}

static void test_group_commit(void **state)
{
	commit_in_groups(*state, 3);
}

/* The work of those before it in the group was undone with it, and stands. */
static void test_group_commit_done_again(void **state)
{
	commit_in_groups(*state, SELDOM);
}

/* -- counters, migrations ---------------------------------------------------------------------------------------- */

static int nothing(struct fer_db *db, void *unused)
{
	return 0;
}

static void test_counters(void **state)
{
	struct engine *e = *state;
	uint64_t data = fer_change_version(e->store, FER_CHANGE_DATA);
	uint64_t eav = fer_change_version(e->store, FER_CHANGE_EAV);

	assert_true(data > 0);
	assert_int_equal(fer_tx_run(e->store, FER_TX_QUIET, nothing, NULL), 0);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_DATA), data);
	assert_int_equal(fer_tx_run(e->store, 0, nothing, NULL), 0);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_DATA), data + 1);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_EAV), eav);
	assert_int_equal(fer_tx_run(e->store, 1u << FER_CHANGE_EAV, nothing, NULL), 0);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_DATA), data + 2);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_EAV), eav + 1);
	assert_int_equal(fer_tx_run(e->store, 0, insert_and_fail, &(int){ 3 }), 3);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_DATA), data + 2);
}

static void test_other_process(void **state)
{
	struct engine *e = *state;
	struct fer_store *other;
	uint64_t before;
	char why[256];

	if (fer_is_memory(e->store))
		skip();
	/* The first poll moves the counters: nobody knows what was written since the store was opened. */
	assert_int_equal(fer_change_poll(e->store), 0);
	assert_int_equal(open_store(e->url, &other, why), 0);
	before = fer_change_version(e->store, FER_CHANGE_ACL);
	assert_int_equal(fer_change_version(other, FER_CHANGE_ACL), before);
	assert_int_equal(fer_tx_run(other, 1u << FER_CHANGE_ACL, nothing, NULL), 0);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_ACL), before);
	assert_int_equal(fer_change_poll(e->store), 0);
	assert_int_equal(fer_change_version(e->store, FER_CHANGE_ACL), before + 1);
	fer_store_close(other);
}

static void test_migrations(void **state)
{
	struct engine *e = *state;
	struct fer_store *other = NULL;
	char why[256];

	if (fer_is_memory(e->store))
		skip();
	assert_int_equal(fer_store_migrate(e->store, why), 0);
	assert_int_equal(number(e->store, "SELECT COUNT(*) - MAX(number) FROM ferrite_migration", NULL), 0);
	assert_int_equal(tx_sql(e->store, "INSERT INTO ferrite_migration (number, name) VALUES (999, 'of the future')"), 0);
	assert_int_equal(open_store(e->url, &other, why), -EPROTO);
	assert_null(other);
	assert_non_null(strstr(why, "newer"));
	assert_int_equal(fer_store_migrate(e->store, why), -EPROTO);
	assert_int_equal(tx_sql(e->store, "DELETE FROM ferrite_migration WHERE number = 999"), 0);
	assert_int_equal(open_store(e->url, &other, why), 0);
	fer_store_close(other);
}

static int make_older(struct fer_db *db, void *unused)
{
	static const char *const steps[] = {
		"DELETE FROM ferrite_migration WHERE number > 1", "ALTER TABLE ferrite_key DROP COLUMN kid",
		"ALTER TABLE ferrite_key DROP COLUMN state", "ALTER TABLE ferrite_key DROP COLUMN retires_at",
		"INSERT INTO ferrite_key (position, value) VALUES (0, 'older')", "INSERT INTO ferrite_key (position, value) VALUES (1, 'newer')",
	};
	int r = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(steps) && !r; i++)
		if ((r = fer_db_exec(db, steps[i])))
			print_error("%s: %s\n", steps[i], fer_db_error(db));
	return r;
}

/* A store that the first version made, with two keys: columns are added, and the last key stays the one in use. */
static void test_keys_of_an_older_store(void **state)
{
	struct engine *e = *state;
	char why[256];

	/* SQLite lends readers; MariaDB ends a transaction at every ALTER. */
	if (fer_store_is_sqlite(e->store)) {
		assert_int_equal(fer_tx_run(e->store, 0, make_older, NULL), 0);
	} else {
		struct fer_db *db;

		assert_int_equal(fer_db_lend(e->store, &db), 0);
		assert_int_equal(make_older(db, NULL), 0);
		fer_db_return(db);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fer_store_migrate(e->store, why), 0);
		assert_int_equal(number(e->store, "SELECT COUNT(*) FROM ferrite_key WHERE position = 1 AND kid = '1' AND state = 'current'", NULL), 1);
		assert_int_equal(number(e->store, "SELECT COUNT(*) FROM ferrite_key WHERE position = 0 AND kid IS NULL AND state = 'killed'", NULL), 1);
		assert_int_equal(number(e->store, "SELECT COUNT(*) - MAX(number) FROM ferrite_migration", NULL), 0);
	}
	assert_int_equal(tx_sql(e->store, "DELETE FROM ferrite_key"), 0);
}

static const struct { const char *sql; int expected; } installed_rows[] = {
	{ "SELECT COUNT(*) FROM store", 2 },
	{ "SELECT COUNT(*) FROM store WHERE store_id = 0", 1 },
	{ "SELECT COUNT(*) FROM customer_group WHERE customer_group_id = 0", 1 },
	{ "SELECT COUNT(*) FROM eav_attribute", 136 },
	{ "SELECT COUNT(*) FROM directory_country", 249 },
	{ "SELECT COUNT(*) FROM directory_country_region", 1156 },
	{ "SELECT COUNT(*) FROM authorization_role", 1 },
	{ "SELECT COUNT(*) FROM admin_user", 0 },
	{ "SELECT COUNT(*) FROM inventory_source WHERE source_code = 'DEFAULT'", 1 },
	{ "SELECT COUNT(*) FROM cms_page WHERE creation_time > '2020-01-01 00:00:00'", 4 },
	{ "SELECT region_id FROM directory_country_region WHERE code = 'CA' AND country_id = 'US'", 12 },
};

static void test_installed(void **state)
{
	struct engine *e = *state;

	for (size_t i = 0; i < FER_ARRAY_LEN(installed_rows); i++) {
		int64_t n = number(e->store, installed_rows[i].sql, NULL);

		if (n != installed_rows[i].expected)
			fail_msg("%s: %lld, not %d", installed_rows[i].sql, (long long)n, installed_rows[i].expected);
	}
}

/* -- configuration ----------------------------------------------------------------------------------------------- */

static const char *config(struct engine *e, int store_id, const char *path)
{
	struct fer_str value;

	assert_int_equal(fer_config_text(e->store, e->arena, store_id, path, &value), 0);
	return value.at ? fer_str_z(e->arena, value) : "(none)";
}

static void test_config(void **state)
{
	struct engine *e = *state;
	const char *path = "webapi/jwtauth/admin_expiration";
	bool found;

	fer_config_delete(e->store, FER_S("default"), 0, fer_str(path), NULL);
	assert_string_equal(config(e, 1, path), "60");
	assert_string_equal(config(e, 0, "no/such/path"), "(none)");
	assert_int_equal(fer_config_set(e->store, FER_S("default"), 0, fer_str(path), FER_S("5")), 0);
	assert_string_equal(config(e, 0, path), "5");
	assert_string_equal(config(e, 1, path), "5");
	assert_int_equal(fer_config_set(e->store, FER_S("websites"), 1, fer_str(path), FER_S("6")), 0);
	assert_string_equal(config(e, 1, path), "6");
	assert_string_equal(config(e, 0, path), "5");
	assert_int_equal(fer_config_set(e->store, FER_S("stores"), 1, fer_str(path), FER_S("7 minutes")), 0);
	assert_int_equal(fer_config_int(e->store, 1, path, 0), 7);
	assert_int_equal(fer_config_set(e->store, FER_S("stores"), 1, fer_str(path), FER_S("8")), 0);
	assert_int_equal(fer_config_int(e->store, 1, path, 0), 8);
	assert_int_equal(fer_config_set(e->store, FER_S("planets"), 1, fer_str(path), FER_S("8")), -EINVAL);
	assert_int_equal(fer_config_delete(e->store, FER_S("stores"), 1, fer_str(path), &found), 0);
	assert_true(found);
	assert_int_equal(fer_config_delete(e->store, FER_S("stores"), 1, fer_str(path), &found), 0);
	assert_false(found);
	assert_int_equal(fer_config_delete(e->store, FER_S("websites"), 1, fer_str(path), NULL), 0);
	assert_int_equal(fer_config_delete(e->store, FER_S("default"), 0, fer_str(path), NULL), 0);
	assert_string_equal(config(e, 1, path), "60");
	assert_true(fer_config_bool(e->store, 1, "web/seo/use_rewrites", false));
	assert_false(fer_config_bool(e->store, 1, "webapi/webapisecurity/allow_insecure", true));
	assert_true(fer_config_bool(e->store, 1, "no/such/path", true));
}

static void test_config_list(void **state)
{
	struct engine *e = *state;
	struct fer_config_row *rows;
	size_t n;

	assert_int_equal(fer_config_list(e->store, e->arena, FER_S("currency/options/"), false, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_true(fer_str_is(rows[0].path, "currency/options/allow"));
	assert_int_equal(fer_config_list(e->store, e->arena, FER_S("webapi/jwtauth/"), true, &rows, &n), 0);
	assert_int_equal(n, 4);
	assert_true(fer_str_is(rows[0].scope, "builtin"));
}

static void test_store_views(void **state)
{
	struct engine *e = *state;
	struct fer_store_view view, *views;
	struct fer_website website;
	struct fer_store_group group;
	size_t n;

	assert_true(fer_config_store_by_code(e->store, FER_S("default"), &view));
	assert_int_equal(view.id, 1);
	assert_int_equal(view.website_id, 1);
	assert_string_equal(view.name, "Default Store View");
	assert_false(fer_config_store_by_code(e->store, FER_S("Default"), &view));
	assert_true(fer_config_store_by_id(e->store, 0, &view));
	assert_string_equal(view.code, "admin");
	assert_int_equal(fer_config_default_store(e->store), 1);
	assert_int_equal(fer_config_website_of(e->store, 1), 1);
	assert_true(fer_config_website_by_id(e->store, 1, &website));
	assert_string_equal(website.code, "base");
	assert_true(fer_config_group_by_id(e->store, 1, &group));
	assert_int_equal(group.root_category_id, 2);
	assert_int_equal(fer_config_stores(e->store, e->arena, &views, &n), 0);
	assert_int_equal(n, 2);
}

static void *read_config(void *store)
{
	for (int i = 0; i < 2000; i++) {
		int64_t n = fer_config_int(store, 1, "unit/race/value", 0);

		if (n < 0 || n > 50)
			return store;
	}
	return NULL;
}

static void test_config_race(void **state)
{
	struct engine *e = *state;
	pthread_t threads[4];

	for (size_t i = 0; i < FER_ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_config, e->store), 0);
	for (int i = 0; i < 50; i++) {
		char value[12];

		snprintf(value, sizeof(value), "%d", i);
		assert_int_equal(fer_config_set(e->store, FER_S("default"), 0, FER_S("unit/race/value"), fer_str(value)), 0);
		assert_int_equal(fer_config_int(e->store, 1, "unit/race/value", -1), i);
	}
	for (size_t i = 0; i < FER_ARRAY_LEN(threads); i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
	assert_int_equal(fer_config_delete(e->store, FER_S("default"), 0, FER_S("unit/race/value"), NULL), 0);
}

/* -- opening ----------------------------------------------------------------------------------------------------- */

static const struct { const char *url; int expected; } url_rows[] = {
	{ "", -EINVAL },
	{ "sqlite:", -EINVAL },
	{ "postgres://x", -EINVAL },
	{ "mysql://user:secret@host/db", -EINVAL },
	{ "mysql://user@host", -EINVAL },
	{ "mysql://user@host:99999/db", -EINVAL },
	{ "sqlite:/no/such/folder/file.db", -ENOENT },
};

static void test_urls(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(url_rows); i++) {
		const struct fer_store_options options = { .url = url_rows[i].url, .connections = 1 };
		struct fer_store *store;
		char why[256];

		assert_int_equal(fer_store_open(&options, &store, why), url_rows[i].expected);
		assert_null(store);
		assert_true(why[0] != 0);
	}
}

/* -- all of it --------------------------------------------------------------------------------------------------- */

static int run_engine(struct engine *e)
{
#define CASE(name) { #name, name, setup, teardown, e }
	const struct CMUnitTest tests[] = {
		CASE(test_values), CASE(test_same_statement_twice), CASE(test_many_texts), CASE(test_bad_statements),
		CASE(test_named_statements), CASE(test_constraints), CASE(test_changed_rows), CASE(test_text), CASE(test_order),
		CASE(test_collation), CASE(test_rollback), CASE(test_nested), CASE(test_read_your_write), CASE(test_snapshot), CASE(test_foreign_lock),
		CASE(test_group_commit), CASE(test_group_commit_done_again), CASE(test_counters), CASE(test_other_process), CASE(test_migrations),
		CASE(test_keys_of_an_older_store), CASE(test_installed),
		CASE(test_config), CASE(test_config_list), CASE(test_store_views), CASE(test_config_race),
	};
#undef CASE

	return cmocka_run_group_tests_name(e->url, tests, NULL, NULL);
}

static void every_setting_of_the_shop_is_found_by_its_path(void **state)
{
	for (size_t i = 0; i < fer_n_config_own; i++) {
		assert_string_equal(fer_config_default(fer_str(fer_config_own[i].path)).at, fer_config_own[i].value);
		assert_true(strlen(fer_config_own[i].text) > 20);
	}
	assert_null(fer_config_default(FER_S("ferrite/no/such")).at);
}

int main(void)
{
	const struct CMUnitTest bare[] = { cmocka_unit_test(test_urls), cmocka_unit_test(every_setting_of_the_shop_is_found_by_its_path) };
	const char *mysql = getenv("FERRITE_TEST_MYSQL_URL");
	char url[80];
	struct engine file = { .url = url }, memory = { .url = "sqlite::memory:" }, mariadb = { .url = mysql };
	int n_failed;

	snprintf(file.path, sizeof(file.path), "/tmp/ferrite-unit-%d.db", (int)getpid());
	snprintf(url, sizeof(url), "sqlite:%s", file.path);
	n_failed = cmocka_run_group_tests_name("without a store", bare, NULL, NULL);
	n_failed += run_engine(&file);
	n_failed += run_engine(&memory);
	if (mysql && *mysql)
		n_failed += run_engine(&mariadb);
	return n_failed;
}
