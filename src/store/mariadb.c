/*
 * MariaDB and MySQL by libmariadb: prepared statements, rows fetched to the client so that several statements may be open at once.
 * The session runs as Magento's does: forgiving (a text that is too long is cut), but 0 is a value for an id and not "the next".
 */
#include <errno.h>
#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>

#include "core/clock.h"
#include "store/driver.h"

#define IDLE_US 1000000            /* a connection unused for longer is asked whether it lives before it is lent */
#define FIRST_SIZE 128             /* bytes kept ready for a text column; more when one is longer */
#define CONNECT_S 10               /* at most: a server that lives greets at once */

struct connection {
	MYSQL *mysql;
	int64_t used_us;
};

struct parameter {
	int64_t number;
	double real;
	char text[32];
	unsigned long size;
};

struct cell {
	enum { CELL_INT, CELL_REAL, CELL_TEXT } kind;
	int64_t number;
	double real;
	char *text;
	unsigned long size, room;
	my_bool null, cut;
	char printed[32];
};

struct statement {
	MYSQL_STMT *stmt;
	MYSQL_RES *fields;
	bool executed;
	unsigned n_parameters, n_cells;
	MYSQL_BIND *binds;
	struct parameter *parameters;
	MYSQL_BIND *outs;
	struct cell *cells;
};

static struct connection *conn(struct fer_db *db)
{
	return db->native;
}

static struct statement *native(struct fer_stmt *stmt)
{
	return stmt->native;
}

/* -- errors ------------------------------------------------------------------------------------------------------ */

static int meaning(unsigned code)
{
	switch (code) {
	case ER_DUP_ENTRY:
	case ER_DUP_ENTRY_WITH_KEY_NAME:
		return -EEXIST;
	case ER_ROW_IS_REFERENCED:
	case ER_ROW_IS_REFERENCED_2:
	case ER_NO_REFERENCED_ROW:
	case ER_NO_REFERENCED_ROW_2:
		return -ENOENT;
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_LOCK_DEADLOCK:
	case ER_CHECKREAD:
		return -EBUSY;
	case ER_DISK_FULL:
	case ER_RECORD_FILE_FULL:
		return -ENOSPC;
	case CR_OUT_OF_MEMORY:
		return -ENOMEM;
	}
	return -EIO;
}

/* After any error of the client library, such as no memory for half an answer, client and server may disagree about what comes next. */
static bool is_lost(unsigned code)
{
	return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) || code == ER_CONNECTION_KILLED || code == ER_SERVER_SHUTDOWN;
}

/* A connection lost inside a transaction took its work along, so the transaction may be tried again; COMMIT asks for itself. */
static int fail(struct fer_db *db, unsigned code, const char *text)
{
	int r = meaning(code);

	if (is_lost(code)) {
		db->lost = true;
		r = db->in_tx ? -EBUSY : -EIO;
	}
	return fer_db_say(db, r, text);
}

static int fail_query(struct fer_db *db)
{
	return fail(db, mysql_errno(conn(db)->mysql), mysql_error(conn(db)->mysql));
}

static int fail_stmt(struct fer_stmt *stmt)
{
	return fail(stmt->db, mysql_stmt_errno(native(stmt)->stmt), mysql_stmt_error(native(stmt)->stmt));
}

/* -- connections ------------------------------------------------------------------------------------------------- */

static int exec(struct fer_db *db, const char *sql)
{
	return mysql_query(conn(db)->mysql, sql) ? fail_query(db) : 0;
}

static int prepare_session(struct fer_db *db)
{
	char wait[80];
	const char *const statements[] = {
		"SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
		"SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'",
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
		wait,
	};
	int r = 0;

	snprintf(wait, sizeof(wait), "SET SESSION innodb_lock_wait_timeout = %d", db->store->busy_ms < 1000 ? 1 : db->store->busy_ms / 1000);
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(statements); i++)
		r = exec(db, statements[i]);
	return r;
}

/* A server that hangs must not hold a request for ever. Waiting for a lock is no silence: it may take busy_ms. */
static void set_patience(struct fer_db *db)
{
	unsigned timeout_s = (unsigned)db->store->timeout_s;
	unsigned connect_s = timeout_s < CONNECT_S ? timeout_s : CONNECT_S, silent_s = timeout_s + (unsigned)db->store->busy_ms / 1000;

	mysql_options(conn(db)->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(conn(db)->mysql, MYSQL_OPT_READ_TIMEOUT, &silent_s);
	mysql_options(conn(db)->mysql, MYSQL_OPT_WRITE_TIMEOUT, &silent_s);
}

static int dial(struct fer_db *db)
{
	const struct fer_url *url = &db->store->url;
	struct connection *c = conn(db);
	int r;

	if (!(c->mysql = mysql_init(NULL)))
		return -ENOMEM;
	set_patience(db);
	if (!mysql_real_connect(c->mysql, url->host, url->user, db->store->password, url->name, url->port, NULL, CLIENT_FOUND_ROWS))
		return fail_query(db);
	c->used_us = fer_monotonic_us();
	r = prepare_session(db);
	db->lost = r != 0;               /* half prepared it would compare and keep time in another way */
	return r;
}

static void hang_up(struct fer_db *db)
{
	if (conn(db)->mysql)
		mysql_close(conn(db)->mysql);
	conn(db)->mysql = NULL;
}

static void disconnect(struct fer_db *db)
{
	hang_up(db);
	free(db->native);
	db->native = NULL;
}

static void init_library(void)
{
	mysql_library_init(0, NULL, NULL);
}

static int connect_mariadb(struct fer_db *db, char why[256])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int r;

	pthread_once(&once, init_library);
	if (!(db->native = calloc(1, sizeof(struct connection))))
		return -ENOMEM;
	r = dial(db);
	if (r) {
		snprintf(why, 256, "Cannot open %.60s at %.60s: %.110s", db->store->url.name, db->store->url.host, db->error);
		disconnect(db);
	}
	return r;
}

static int ready(struct fer_db *db)
{
	struct connection *c = conn(db);
	int64_t now = fer_monotonic_us();

	if (!db->lost && (now - c->used_us < IDLE_US || mysql_ping(c->mysql) == 0)) {
		c->used_us = now;
		return 0;
	}
	fer_stmt_drop_all(db);
	hang_up(db);
	db->lost = true;
	return dial(db);
}

/* -- transactions ------------------------------------------------------------------------------------------------ */

static int control(struct fer_db *db, enum fer_control what)
{
	static const char *const text[FER_N_CONTROLS] = {
		[FER_BEGIN_READ] = "START TRANSACTION READ ONLY",
		[FER_BEGIN_WRITE] = "START TRANSACTION",
		[FER_COMMIT] = "COMMIT",
		[FER_ROLLBACK] = "ROLLBACK",
		[FER_SAVEPOINT] = "SAVEPOINT job",
		[FER_KEEP] = "RELEASE SAVEPOINT job",
		[FER_UNDO] = "ROLLBACK TO SAVEPOINT job",
	};
	int r;

	if (what == FER_BEGIN_WRITE && (r = ready(db)))
		return r;
	r = exec(db, text[what]);
	if (what == FER_BEGIN_WRITE && db->lost && ready(db) == 0)
		r = exec(db, text[what]);
	/* Whether a COMMIT that got no answer happened is not known: it must not be done again. */
	if (what == FER_COMMIT && db->lost)
		r = -EIO;
	return r;
}

static bool in_tx(struct fer_db *db)
{
	return !db->lost && conn(db)->mysql && (conn(db)->mysql->server_status & SERVER_STATUS_IN_TRANS);
}

/* -- statements -------------------------------------------------------------------------------------------------- */

static void finalize(void *stmt)
{
	struct statement *s = stmt;

	if (!s)
		return;
	for (unsigned i = 0; s->cells && i < s->n_cells; i++)
		free(s->cells[i].text);
	if (s->fields)
		mysql_free_result(s->fields);
	if (s->stmt)
		mysql_stmt_close(s->stmt);
	free(s->binds);
	free(s->parameters);
	free(s->outs);
	free(s->cells);
	free(s);
}

static int make_cell(struct cell *cell, MYSQL_BIND *out, const MYSQL_FIELD *field)
{
	switch (field->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		cell->kind = CELL_INT;
		*out = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &cell->number, .buffer_length = sizeof(cell->number),
			.is_unsigned = (field->flags & UNSIGNED_FLAG) != 0 };
		break;
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
		cell->kind = CELL_REAL;
		*out = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &cell->real, .buffer_length = sizeof(cell->real) };
		break;
	default:
		cell->kind = CELL_TEXT;
		cell->room = FIRST_SIZE;
		if (!(cell->text = malloc(FIRST_SIZE)))
			return -ENOMEM;
		*out = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = cell->text, .buffer_length = FIRST_SIZE };
	}
	out->length = &cell->size;
	out->is_null = &cell->null;
	out->error = &cell->cut;
	return 0;
}

static int make_cells(struct statement *s)
{
	int r = 0;

	if (!(s->fields = mysql_stmt_result_metadata(s->stmt)))
		return 0;
	s->n_cells = mysql_num_fields(s->fields);
	s->cells = calloc(s->n_cells, sizeof(*s->cells));
	s->outs = calloc(s->n_cells, sizeof(*s->outs));
	if (!s->cells || !s->outs)
		return -ENOMEM;
	for (unsigned i = 0; !r && i < s->n_cells; i++)
		r = make_cell(&s->cells[i], &s->outs[i], mysql_fetch_field_direct(s->fields, i));
	return r;
}

static int make_parameters(struct statement *s)
{
	s->n_parameters = (unsigned)mysql_stmt_param_count(s->stmt);
	if (s->n_parameters == 0)
		return 0;
	s->parameters = calloc(s->n_parameters, sizeof(*s->parameters));
	s->binds = calloc(s->n_parameters, sizeof(*s->binds));
	if (!s->parameters || !s->binds)
		return -ENOMEM;
	for (unsigned i = 0; i < s->n_parameters; i++)
		s->binds[i].buffer_type = MYSQL_TYPE_NULL;
	return 0;
}

static int prepare(struct fer_db *db, struct fer_str sql, void **out)
{
	struct statement *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	if (!(s->stmt = mysql_stmt_init(conn(db)->mysql)))
		r = -ENOMEM;
	else if (mysql_stmt_prepare(s->stmt, sql.at, sql.len))
		r = fail(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt));
	else if (!(r = make_parameters(s)))
		r = make_cells(s);
	if (r) {
		finalize(s);
		return r;
	}
	*out = s;
	return 0;
}

static void reset(struct fer_stmt *stmt)
{
	if (native(stmt)->executed)
		mysql_stmt_free_result(native(stmt)->stmt);
	native(stmt)->executed = false;
}

static void clear(struct fer_stmt *stmt)
{
	struct statement *s = native(stmt);

	for (unsigned i = 0; i < s->n_parameters; i++)
		s->binds[i].buffer_type = MYSQL_TYPE_NULL;
}

/* -- bindings ---------------------------------------------------------------------------------------------------- */

static int bind(struct fer_stmt *stmt, int i, MYSQL_BIND value)
{
	struct statement *s = native(stmt);

	if (i < 1 || (unsigned)i > s->n_parameters)
		return -EINVAL;
	s->binds[i - 1] = value;
	return 0;
}

static struct parameter *parameter(struct fer_stmt *stmt, int i)
{
	static _Thread_local struct parameter nowhere;

	return i < 1 || (unsigned)i > native(stmt)->n_parameters ? &nowhere : &native(stmt)->parameters[i - 1];
}

static int bind_int(struct fer_stmt *stmt, int i, int64_t n)
{
	struct parameter *p = parameter(stmt, i);

	p->number = n;
	return bind(stmt, i, (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &p->number });
}

static int bind_double(struct fer_stmt *stmt, int i, double x)
{
	struct parameter *p = parameter(stmt, i);

	p->real = x;
	return bind(stmt, i, (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &p->real });
}

static int bind_str(struct fer_stmt *stmt, int i, struct fer_str text)
{
	struct parameter *p = parameter(stmt, i);

	p->size = text.len;
	return bind(stmt, i, (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = (void *)(uintptr_t)text.at,
	            .buffer_length = text.len, .length = &p->size });
}

static int bind_decimal(struct fer_stmt *stmt, int i, fer_micro x)
{
	struct parameter *p = parameter(stmt, i);
	uint64_t size = x < 0 ? -(uint64_t)x : (uint64_t)x;

	p->size = (unsigned long)snprintf(p->text, sizeof(p->text), "%s%llu.%06llu", x < 0 ? "-" : "",
	                                  (unsigned long long)(size / FER_ONE), (unsigned long long)(size % FER_ONE));
	return bind(stmt, i, (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_NEWDECIMAL, .buffer = p->text, .buffer_length = p->size,
	            .length = &p->size });
}

static int bind_null(struct fer_stmt *stmt, int i)
{
	return bind(stmt, i, (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_NULL });
}

/* -- rows -------------------------------------------------------------------------------------------------------- */

static int execute(struct fer_stmt *stmt)
{
	struct statement *s = native(stmt);

	if (s->n_parameters && mysql_stmt_bind_param(s->stmt, s->binds))
		return fail_stmt(stmt);
	if (mysql_stmt_execute(s->stmt))
		return fail_stmt(stmt);
	s->executed = true;
	if (s->n_cells && (mysql_stmt_bind_result(s->stmt, s->outs) || mysql_stmt_store_result(s->stmt)))
		return fail_stmt(stmt);
	return 0;
}

/* A text longer than its buffer: fetch it again into a larger one, which stays. */
static int widen(struct fer_stmt *stmt, unsigned i)
{
	struct statement *s = native(stmt);
	struct cell *cell = &s->cells[i];
	char *text = realloc(cell->text, cell->size);

	if (!text)
		return -ENOMEM;
	cell->text = text;
	cell->room = cell->size;
	s->outs[i].buffer = text;
	s->outs[i].buffer_length = cell->size;
	return mysql_stmt_fetch_column(s->stmt, &s->outs[i], i, 0) ? fail_stmt(stmt) : 0;
}

/* Bound anew only when all are there: binding forgets where the row's columns lie, and the next one would come as NULL. */
static int widen_all(struct fer_stmt *stmt)
{
	struct statement *s = native(stmt);
	int r = 0;

	for (unsigned i = 0; !r && i < s->n_cells; i++) {
		if (s->cells[i].kind == CELL_TEXT && !s->cells[i].null && s->cells[i].size > s->cells[i].room)
			r = widen(stmt, i);
	}
	return !r && mysql_stmt_bind_result(s->stmt, s->outs) ? fail_stmt(stmt) : r;
}

static int fetch(struct fer_stmt *stmt)
{
	int r;

	switch (mysql_stmt_fetch(native(stmt)->stmt)) {
	case 0:
		return 1;
	case MYSQL_DATA_TRUNCATED:
		r = widen_all(stmt);
		return r ? r : 1;
	case MYSQL_NO_DATA:
		return 0;
	}
	return fail_stmt(stmt);
}

static int step(struct fer_stmt *stmt)
{
	int r = 0;

	if (!native(stmt)->executed)
		r = execute(stmt);
	if (!r && native(stmt)->n_cells)
		r = fetch(stmt);
	if (r != 1)
		reset(stmt);
	return r;
}

static int64_t n_changed(struct fer_stmt *stmt)
{
	return (int64_t)mysql_stmt_affected_rows(native(stmt)->stmt);
}

static int64_t last_id(struct fer_stmt *stmt)
{
	return (int64_t)mysql_stmt_insert_id(native(stmt)->stmt);
}

/* -- columns ----------------------------------------------------------------------------------------------------- */

static struct cell *cell(struct fer_stmt *stmt, int i)
{
	static _Thread_local struct cell none = { .null = 1 };

	return i < 0 || (unsigned)i >= native(stmt)->n_cells ? &none : &native(stmt)->cells[i];
}

static int col_count(struct fer_stmt *stmt)
{
	return (int)native(stmt)->n_cells;
}

static struct fer_str col_name(struct fer_stmt *stmt, int i)
{
	return fer_str(mysql_fetch_field_direct(native(stmt)->fields, (unsigned)i)->name);
}

static bool col_null(struct fer_stmt *stmt, int i)
{
	return cell(stmt, i)->null;
}

static struct fer_str cell_text(const struct cell *c)
{
	return (struct fer_str){ c->text, c->size };
}

static int64_t col_int(struct fer_stmt *stmt, int i)
{
	const struct cell *c = cell(stmt, i);
	fer_micro x = 0;
	int64_t n;

	if (c->null)
		return 0;
	if (c->kind == CELL_INT)
		return c->number;
	if (c->kind == CELL_REAL)
		return (int64_t)c->real;
	if (fer_str_int(cell_text(c), &n))
		return n;
	return fer_decimal_parse(cell_text(c), &x) ? x / FER_ONE : 0;
}

static double col_double(struct fer_stmt *stmt, int i)
{
	const struct cell *c = cell(stmt, i);
	char text[64];

	if (c->null)
		return 0;
	if (c->kind == CELL_INT)
		return (double)c->number;
	if (c->kind == CELL_REAL)
		return c->real;
	snprintf(text, sizeof(text), "%.*s", FER_F(cell_text(c)));
	return strtod(text, NULL);
}

static fer_micro col_decimal(struct fer_stmt *stmt, int i)
{
	const struct cell *c = cell(stmt, i);
	fer_micro x = 0;

	if (c->null)
		return 0;
	if (c->kind == CELL_INT)
		return c->number * FER_ONE;
	if (c->kind == CELL_REAL)
		return fer_decimal_from_double(c->real);
	fer_decimal_parse(cell_text(c), &x);
	return x;
}

static struct fer_str col_str(struct fer_stmt *stmt, int i)
{
	struct cell *c = cell(stmt, i);
	int n;

	if (c->null)
		return FER_STR_NONE;
	if (c->kind == CELL_TEXT)
		return cell_text(c);
	if (c->kind == CELL_INT)
		n = snprintf(c->printed, sizeof(c->printed), "%lld", (long long)c->number);
	else
		n = snprintf(c->printed, sizeof(c->printed), "%.15g", c->real);
	return (struct fer_str){ c->printed, (size_t)n };
}

const struct fer_driver fer_driver_mariadb = {
	.name = "mariadb",
	.dialect = {
		.upsert_open = "ON DUPLICATE KEY UPDATE", .upsert_close = "", .upsert_keys = false,
		.new_open = "VALUES(", .new_close = ")",
		.insert_ignore = "INSERT IGNORE",
		.now = "UTC_TIMESTAMP()",
		.for_update = "FOR UPDATE",
		.concat_open = "CONCAT(", .concat_between = ", ", .concat_close = ")",
		.collate = ")",
		.then_join = "STRAIGHT_JOIN",
		.no_limit = "LIMIT 18446744073709551615",
	},
	.connect = connect_mariadb, .disconnect = disconnect, .ready = ready, .exec = exec, .control = control, .in_tx = in_tx,
	.prepare = prepare, .finalize = finalize, .reset = reset, .clear = clear,
	.bind_int = bind_int, .bind_str = bind_str, .bind_double = bind_double, .bind_decimal = bind_decimal, .bind_null = bind_null,
	.step = step, .n_changed = n_changed, .last_id = last_id,
	.col_count = col_count, .col_name = col_name, .col_null = col_null, .col_int = col_int, .col_double = col_double,
	.col_decimal = col_decimal, .col_str = col_str,
};
