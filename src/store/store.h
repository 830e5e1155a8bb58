/*
 * The database, as the rest of ferrite sees it: SQLite and MariaDB behind one interface. SQL text is the same for both;
 * where it cannot be, FER_SQL fragments (store/fragment.h) are pasted by name. Values are always bound.
 */
#ifndef FER_STORE_STORE_H
#define FER_STORE_STORE_H

#include "core/value.h"

struct fer_store;   /* one database: its connections, its writer, its change counters */
struct fer_db;      /* one connection, lent to one call at a time */
struct fer_stmt;    /* a prepared statement of one connection */

struct fer_store_options {
	const char *url;            /* sqlite:PATH, sqlite::memory:, mysql://user@host:port/db */
	const char *password;       /* mysql; NULL: none */
	int connections;            /* readers (SQLite) or connections (MariaDB), 1 to 64 */
	int busy_ms;                /* how long a writer waits for a foreign lock */
	int timeout_s;              /* MariaDB: silence of the server, beyond busy_ms, that ends a connection; 0: 60 */
	bool create;                /* make the SQLite file when it is missing */
};

/**
 * fer_store_open - open the database.
 * Errors: -EINVAL bad URL, -ENOENT no such file, -EPROTO the store was made by a newer ferrite, -EIO anything the driver says;
 *         @why then holds one sentence.
 */
int fer_store_open(const struct fer_store_options *options, struct fer_store **out, char why[256]);
void fer_store_close(struct fer_store *store);
bool fer_store_is_sqlite(const struct fer_store *store);

/** fer_store_migrate - bring the schema to this version (numbered, idempotent); on an empty database also the rows of a clean install. */
int fer_store_migrate(struct fer_store *store, char why[256]);

/** fer_store_check - every named statement can be prepared; a bad one stops the server, not a request. */
int fer_store_check(struct fer_store *store, char why[256]);

/* -- connections ------------------------------------------------------------------------------------------------- */

/** fer_db_lend - a connection for reading. Blocks while all are out. SQLite: a snapshot that starts with the first statement. */
int fer_db_lend(struct fer_store *store, struct fer_db **out);
void fer_db_return(struct fer_db *db);
/** fer_db_give_up - return it if no statement of it is open. */
bool fer_db_give_up(struct fer_db *db);
struct fer_store *fer_db_store(struct fer_db *db);
/** fer_db_error - what the driver said last; for the log, never for a client. */
const char *fer_db_error(struct fer_db *db);

/* -- transactions ------------------------------------------------------------------------------------------------ */

/* What a transaction changes; caches depend on these counters (store/change.h). */
enum fer_change {
	FER_CHANGE_DATA,      /* anything an answer may show; every transaction but quiet ones */
	FER_CHANGE_EAV,       /* attributes, sets, groups, options */
	FER_CHANGE_CONFIG,    /* core_config_data, websites, groups, views */
	FER_CHANGE_ACL,       /* roles, rules, users */
	FER_CHANGE_REVOKED,   /* jwt_auth_revoked */
	FER_CHANGE_TOKENS,    /* ferrite_token_revoked: single tokens */
	FER_CHANGE_KEYS,      /* ferrite_key */
	FER_N_CHANGES
};
#define FER_TX_QUIET (1u << 16)      /* or-ed to the changes: counters, throttle rows; no cache is told */

/**
 * fer_tx_run - run @fn in one transaction that is durable when this returns 0.
 * @changes is 1u << FER_CHANGE_… or-ed; DATA is implied unless FER_TX_QUIET.
 * @fn may run twice (a conflict is retried) and may run on another thread (SQLite commits in groups); it returns 0 to commit, else
 * (an enum fer_error or -errno) everything it did is undone and its value is returned.
 * Errors: -EBUSY after the retries, -EIO, -ENOSPC.
 */
int fer_tx_run(struct fer_store *store, unsigned changes, int (*fn)(struct fer_db *db, void *data), void *data);

/** fer_change_version - the counter behind one kind of cache. Cheap (an atomic load); never older than the store's bound. */
uint64_t fer_change_version(const struct fer_store *store, enum fer_change what);
/**
 * fer_change_poll - read the counters from the database (other processes write too), and move them for what a Magento on the same database
 * wrote (foreign.c); called by the server's timer, default each 250 ms.
 */
int fer_change_poll(struct fer_store *store);
/** fer_store_has_magento - the tables were made by Magento's installer, so that a Magento may write them beside us. */
int fer_store_has_magento(struct fer_store *store, bool *out);

/* -- statements -------------------------------------------------------------------------------------------------- */

/* Named statements: X(NAME, "text") in store/statements.def and the files it includes. */
enum fer_sql {
#define X(name, text) FER_SQL_##name,
#include "store/statements.def"
#undef X
	FER_N_SQL
};

/**
 * fer_stmt_open - the named statement, prepared once a connection, reset and without bindings.
 * fer_stmt_text - the same for generated text; kept by the connection for the next equal text.
 * Owns:   the connection; fer_stmt_release gives it back (FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL).
 *         The same statement may be open twice at once (a second copy is prepared).
 */
int fer_stmt_open(struct fer_db *db, enum fer_sql name, struct fer_stmt **out);
int fer_stmt_text(struct fer_db *db, struct fer_str sql, struct fer_stmt **out);
void fer_stmt_release(struct fer_stmt **stmt);

/* Bindings: @i from 1. Text must stay where it is until the statement is released. */
void fer_bind_int(struct fer_stmt *stmt, int i, int64_t n);
void fer_bind_str(struct fer_stmt *stmt, int i, struct fer_str text);
void fer_bind_double(struct fer_stmt *stmt, int i, double x);
void fer_bind_decimal(struct fer_stmt *stmt, int i, fer_micro x);   /* bound as text: "12.5" */
void fer_bind_null(struct fer_stmt *stmt, int i);
void fer_bind_value(struct fer_stmt *stmt, int i, const struct fer_value *v); /* NULL or null: NULL; a list or map is a bug */

/** fer_stmt_step - 1: a row is there; 0: no (more) rows; < 0: -EBUSY, -EEXIST (a unique key), -ENOENT (a foreign key), -EIO. */
int fer_stmt_step(struct fer_stmt *stmt);
/** fer_stmt_run - step once, expecting no row; @n_changed (may be NULL) gets the number of rows changed (matched, on MariaDB too). */
int fer_stmt_run(struct fer_stmt *stmt, int64_t *n_changed);
/** fer_stmt_reset - ready to be run again; bindings stay. Needed only where rows were left unread. */
void fer_stmt_reset(struct fer_stmt *stmt);
int64_t fer_stmt_last_id(struct fer_stmt *stmt);

/* Columns of the present row: @i from 0. Text holds until the next step or release. */
int fer_col_count(struct fer_stmt *stmt);
struct fer_str fer_col_name(struct fer_stmt *stmt, int i);
bool fer_col_null(struct fer_stmt *stmt, int i);
int64_t fer_col_int(struct fer_stmt *stmt, int i);
double fer_col_double(struct fer_stmt *stmt, int i);
fer_micro fer_col_decimal(struct fer_stmt *stmt, int i);
struct fer_str fer_col_str(struct fer_stmt *stmt, int i);
struct fer_str fer_col_dup(struct fer_arena *arena, struct fer_stmt *stmt, int i);

/* One call for the common cases. @shape has a letter a binding: i int64_t, s struct fer_str, z const char *, d fer_micro,
 * r double, n NULL (takes no argument), v const struct fer_value *. */
int fer_sql_run(struct fer_db *db, enum fer_sql name, int64_t *n_changed, const char *shape, ...);
int fer_sql_insert(struct fer_db *db, enum fer_sql name, int64_t *id, const char *shape, ...);
/** fer_sql_open - open and bind, ready for fer_stmt_step. */
int fer_sql_open(struct fer_db *db, enum fer_sql name, struct fer_stmt **out, const char *shape, ...);
/** fer_sql_int - the first column of the first row; @otherwise when there is none or it is NULL. */
int fer_sql_int(struct fer_db *db, enum fer_sql name, int64_t otherwise, int64_t *out, const char *shape, ...);
/** fer_sql_texts - the first column of every row, as a list of texts. */
int fer_sql_texts(struct fer_db *db, struct fer_arena *arena, enum fer_sql name, struct fer_value *out, const char *shape, ...);
/** fer_bind_all - the same letters on an open statement; @first is the first index. */
void fer_bind_all(struct fer_stmt *stmt, int first, const char *shape, va_list args);

/** fer_collate_hash - one number for all texts that the columns' collation holds for equal ("Admin ", "ádmin"). Not secret, not unique. */
uint64_t fer_collate_hash(struct fer_str text);

#endif
