/*
 * sql URL STATEMENT …: what somebody who can write the database does to it, behind ferrite's back. Each statement is a transaction; rows
 * are printed as JSON. The sqlite3 program cannot do it: it lacks the collation of Magento's columns.
 */
#include <errno.h>

#include "core/json.h"
#include "store/driver.h"

static void print_row(struct fer_db *db, struct fer_arena *arena, struct fer_stmt *stmt)
{
	const struct fer_driver *driver = db->store->driver;
	struct fer_value row = fer_map();
	struct fer_buf out;

	for (int i = 0; i < driver->col_count(stmt); i++)
		fer_set_str(arena, &row, fer_str_dup(arena, driver->col_name(stmt, i)),
		            fer_col_null(stmt, i) ? fer_null() : fer_string(fer_col_dup(arena, stmt, i)));
	fer_buf_init(&out, arena, 1u << 20);
	fer_json_write(&out, &row);
	printf("%.*s\n", FER_F(fer_buf_view(&out)));
}

static int run(struct fer_db *db, void *data)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1u << 26);
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const char *sql = data;
	int r;

	/* What is executed as it stands may hold braces, which would else be fragments. */
	if (strncmp(sql, "SELECT", 6))
		r = fer_db_exec(db, sql);
	else if (!(r = fer_stmt_text(db, fer_str(sql), &stmt)))
		while ((r = fer_stmt_step(stmt)) > 0)
			print_row(db, arena, stmt);
	if (r)
		fprintf(stderr, "%s\n", fer_db_error(db));
	return r;
}

/* MariaDB ends a transaction at an ALTER; there each statement commits itself. */
static int run_one(struct fer_store *store, char *sql)
{
	struct fer_db *db;
	int r;

	if (fer_store_is_sqlite(store))
		return fer_tx_run(store, FER_TX_QUIET, run, sql);
	if ((r = fer_db_lend(store, &db)))
		return r;
	r = run(db, sql);
	fer_db_return(db);
	return r;
}

int main(int argc, char **argv)
{
	struct fer_store_options options = { .url = argc > 1 ? argv[1] : "", .connections = 1, .busy_ms = 5000 };
	struct fer_store *store;
	char why[256] = "";
	int r = fer_store_open(&options, &store, why);

	if (r) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	for (int i = 2; i < argc && !r; i++)
		r = run_one(store, argv[i]);
	fer_store_close(store);
	return r != 0;
}
