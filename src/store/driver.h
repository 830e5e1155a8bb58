/*
 * What store.c and its neighbours know of a connection, and what a database engine has to offer. Internal to src/store.
 */
#ifndef FER_STORE_DRIVER_H
#define FER_STORE_DRIVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"

#define FER_MAX_CONNECTIONS 64
#define FER_TEXT_KEPT 256          /* statements of generated text a connection keeps */
#define FER_TEXT_BUCKETS 512
#define FER_SQL_MAX 65536          /* longest statement after its fragments are put in */

struct fer_stmt {
	struct fer_db *db;
	void *native;                  /* sqlite3_stmt, struct mariadb_stmt */
	bool open;
	bool upsert;                   /* MariaDB counts a replaced row twice */
	bool bad;                      /* a binding failed; the step says so */
	bool spare;                    /* a further copy: dropped when released */
	/* Statements of text only. */
	uint64_t hash;
	char *text;
	size_t size;
	struct fer_stmt *chain;        /* next in the bucket */
	struct fer_stmt *newer, *older;
};

struct fer_db {
	struct fer_store *store;
	void *native;                  /* sqlite3, MYSQL */
	bool writer;
	bool lent;
	bool stale;                    /* the lender has written since: the next statement starts a new snapshot */
	bool in_snapshot;
	bool in_tx;
	bool lost;                     /* the server closed the connection */
	int n_open;                    /* statements in use */
	int last_error;                /* what the driver's last failure meant, -errno */
	pthread_t holder;
	struct fer_db *next;
	struct fer_stmt *named[FER_N_SQL];
	struct fer_stmt *buckets[FER_TEXT_BUCKETS];
	struct fer_stmt *newest, *oldest;
	int n_texts;
	char error[256];
};

/* How an engine spells the fragments of fragment.h. */
struct fer_dialect {
	const char *upsert_open, *upsert_close;   /* around the key columns … */
	bool upsert_keys;                         /* … which are left out when false */
	const char *new_open, *new_close;
	const char *insert_ignore;
	const char *now;
	const char *for_update;
	const char *concat_open, *concat_between, *concat_close;
	const char *collate;                      /* after an expression that must compare as columns do */
	const char *then_join;                    /* an inner join that keeps the order of its tables */
	const char *no_limit;                     /* LIMIT that limits nothing, for an OFFSET alone */
};

/* Transaction control; a driver may keep these prepared. */
enum fer_control { FER_BEGIN_READ, FER_BEGIN_WRITE, FER_COMMIT, FER_ROLLBACK, FER_SAVEPOINT, FER_KEEP, FER_UNDO, FER_N_CONTROLS };

struct fer_driver {
	const char *name;
	struct fer_dialect dialect;
	int (*connect)(struct fer_db *db, char why[256]);
	void (*disconnect)(struct fer_db *db);
	/** ready - before a connection is lent: make sure that it lives. May be NULL. */
	int (*ready)(struct fer_db *db);
	/** exec - statements without values or rows, one or (SQLite) several: schema. */
	int (*exec)(struct fer_db *db, const char *sql);
	int (*control)(struct fer_db *db, enum fer_control what);
	int (*prepare)(struct fer_db *db, struct fer_str sql, void **native);
	void (*finalize)(void *native);
	void (*reset)(struct fer_stmt *stmt);
	void (*clear)(struct fer_stmt *stmt);         /* drop the bindings */
	int (*bind_int)(struct fer_stmt *stmt, int i, int64_t n);
	int (*bind_str)(struct fer_stmt *stmt, int i, struct fer_str text);
	int (*bind_double)(struct fer_stmt *stmt, int i, double x);
	int (*bind_decimal)(struct fer_stmt *stmt, int i, fer_micro x);
	int (*bind_null)(struct fer_stmt *stmt, int i);
	int (*step)(struct fer_stmt *stmt);
	int64_t (*n_changed)(struct fer_stmt *stmt);
	int64_t (*last_id)(struct fer_stmt *stmt);
	int (*col_count)(struct fer_stmt *stmt);
	struct fer_str (*col_name)(struct fer_stmt *stmt, int i);
	bool (*col_null)(struct fer_stmt *stmt, int i);
	int64_t (*col_int)(struct fer_stmt *stmt, int i);
	double (*col_double)(struct fer_stmt *stmt, int i);
	fer_micro (*col_decimal)(struct fer_stmt *stmt, int i);
	struct fer_str (*col_str)(struct fer_stmt *stmt, int i);
	/** in_tx - the transaction still stands (some errors end it). */
	bool (*in_tx)(struct fer_db *db);
	/** n_written - rows that this connection ever wrote. Only for an engine whose jobs share a transaction. */
	int64_t (*n_written)(struct fer_db *db);
};

extern const struct fer_driver fer_driver_sqlite;
extern const struct fer_driver fer_driver_mariadb;

struct fer_url {
	bool memory;
	char path[1024];               /* SQLite */
	char user[128], host[256], name[128];
	unsigned port;
};

struct fer_job;

/* foreign.c: what was last seen of tables that other programs write. */
struct fer_foreign {
	atomic_flag busy;              /* guards all but @pending */
	_Atomic unsigned pending;      /* 1u << kind: to be looked at */
	uint64_t prints[FER_N_CHANGES];
	int64_t next_us[FER_N_CHANGES];
	int64_t took_us[FER_N_CHANGES];    /* the last look; 0: there was none */
};

struct fer_store {
	const struct fer_driver *driver;
	struct fer_url url;
	char *password;
	size_t password_size;
	int n_connections;
	int busy_ms;
	int timeout_s;
	bool create;

	/* Lending. */
	pthread_mutex_t lock;
	pthread_cond_t returned;
	struct fer_db *all[FER_MAX_CONNECTIONS];
	struct fer_db *free;
	int n_made;                    /* in all[] */
	int n_promised;                /* made or being made */

	/* Writing. SQLite has one writer and a queue before it; MariaDB as many writers as readers. */
	pthread_mutex_t queue_lock;
	struct fer_job *queue, **queue_end;
	int n_careful;                 /* the leader's: groups that still take savepoints */
	int n_queued;
	int n_expected;                /* jobs of the last group, and those that waited when it ended */
	bool lingering;                /* the leader waits for one of them at @queued */
	pthread_cond_t queued;
	bool leading;                  /* somebody leads, or was told to */
	bool running;                  /* … and @leader is at work */
	pthread_t leader;
	struct fer_db *writers;
	struct fer_db *all_writers[FER_MAX_CONNECTIONS];
	int n_writers;
	pthread_cond_t writer_returned;

	/* sqlite::memory: one connection for all, held by a thread while it has a statement or a transaction open. */
	pthread_mutex_t memory_lock;

	/* change.c */
	_Atomic uint64_t changes[FER_N_CHANGES];
	int64_t data_version;
	bool counted;                  /* the counters exist: the store is migrated */
	struct fer_foreign foreign;

	/* config.c */
	pthread_mutex_t config_lock;
	void *config;                  /* the present snapshot */
	struct fer_db *config_db;
};

static inline bool fer_is_memory(const struct fer_store *store)
{
	return store->url.memory;
}

/* store.c */
int fer_db_new(struct fer_store *store, bool writer, struct fer_db **out, char why[256]);
void fer_db_free(struct fer_db *db);
int fer_db_exec(struct fer_db *db, const char *sql);
int fer_db_control(struct fer_db *db, enum fer_control what);

/* The last ids given, across an undo (ids.c). Between the two calls the undo; @in_tx: a transaction is still open. */
struct fer_ids {
	struct fer_arena *arena;
	struct fer_value seen;
};
void fer_ids_note(struct fer_db *db, struct fer_ids *ids);
void fer_ids_keep(struct fer_db *db, struct fer_ids *ids, bool in_tx);
/** fer_db_say - keep what the driver said. Returns: @error. */
int fer_db_say(struct fer_db *db, int error, const char *text);
/** fer_db_refresh - what @thread has lent sees what was committed meanwhile. */
void fer_db_refresh(struct fer_store *store, pthread_t thread);

/** fer_db_settle - end the snapshot: the next statement sees what is committed then. */
void fer_db_settle(struct fer_db *db);

/* stmt.c */
void fer_stmt_drop_all(struct fer_db *db);
int fer_sql_text(struct fer_db *db, const char *sql, struct fer_stmt **out);

/* fragment.c */
/** fer_fragment_expand - @sql with its {FRAGMENTS} as @dialect spells them. Errors: -EINVAL an unknown one, -E2BIG. */
int fer_fragment_expand(const struct fer_dialect *dialect, struct fer_str sql, struct fer_buf *out);

/* change.c */
int fer_change_bump(struct fer_db *db, unsigned changes);
int fer_change_read(struct fer_db *db, uint64_t versions[FER_N_CHANGES]);
void fer_change_publish(struct fer_store *store, const uint64_t versions[FER_N_CHANGES]);
/** fer_change_begun - after a transaction of SQLite's writer began: take up what another process wrote. */
void fer_change_begun(struct fer_db *db);

/* foreign.c */
/** fer_foreign_poll - look whether another program wrote what is held in memory, move the counters for it, and take all of them up. */
int fer_foreign_poll(struct fer_store *store);
/** fer_foreign_wrote - another process committed to this SQLite file; @counted: and moved the counter of all data. */
void fer_foreign_wrote(struct fer_store *store, bool counted);

/* migrate.c */
/** fer_migrate_check - refuse a store made by a newer ferrite. Errors: -EPROTO. */
int fer_migrate_check(struct fer_db *db, char why[256]);

/* tx.c */
int fer_tx_poll(struct fer_store *store);

/* sqlite_text.c */
struct sqlite3;
int fer_sqlite_functions(struct sqlite3 *db);
int fer_collate(struct fer_str a, struct fer_str b);

/* config.c */
void fer_config_release(struct fer_store *store);

#endif
