/*
 * Statements: prepared once a connection, found again by number (named) or by text (generated), bound, stepped and read.
 */
#include <errno.h>

#include "store/driver.h"

static const char *const named_text[] = {
#define X(name, text) text,
#include "store/statements.def"
#undef X
};

static const char *const named_name[] = {
#define X(name, text) #name,
#include "store/statements.def"
#undef X
};

/* -- making and keeping ------------------------------------------------------------------------------------------ */

static int stmt_new(struct fer_db *db, struct fer_str sql, struct fer_stmt **out)
{
	struct fer_stmt *stmt = calloc(1, sizeof(*stmt));
	struct fer_buf text;
	int r;

	if (!stmt)
		return -ENOMEM;
	stmt->db = db;
	stmt->upsert = fer_str_search(sql, FER_S("{UPSERT")) >= 0;
	fer_buf_init(&text, NULL, FER_SQL_MAX);
	r = fer_fragment_expand(&db->store->driver->dialect, sql, &text);
	if (r)
		fer_db_say(db, r, "bad fragment in a statement, or too long");
	else
		r = db->store->driver->prepare(db, fer_buf_view(&text), &stmt->native);
	fer_buf_release(&text);
	if (r) {
		free(stmt);
		return r;
	}
	*out = stmt;
	return 0;
}

static void stmt_free(struct fer_stmt *stmt)
{
	if (!stmt)
		return;
	stmt->db->store->driver->finalize(stmt->native);
	free(stmt->text);
	free(stmt);
}

static void lru_unlink(struct fer_db *db, struct fer_stmt *stmt)
{
	*(stmt->newer ? &stmt->newer->older : &db->newest) = stmt->older;
	*(stmt->older ? &stmt->older->newer : &db->oldest) = stmt->newer;
	stmt->newer = stmt->older = NULL;
}

static void lru_push(struct fer_db *db, struct fer_stmt *stmt)
{
	stmt->older = db->newest;
	*(db->newest ? &db->newest->newer : &db->oldest) = stmt;
	db->newest = stmt;
}

static void text_drop(struct fer_db *db, struct fer_stmt *stmt)
{
	struct fer_stmt **at = &db->buckets[stmt->hash % FER_TEXT_BUCKETS];

	while (*at != stmt)
		at = &(*at)->chain;
	*at = stmt->chain;
	lru_unlink(db, stmt);
	db->n_texts--;
	stmt_free(stmt);
}

/* Make room for one more text; what is in use stays. */
static void text_trim(struct fer_db *db)
{
	struct fer_stmt *stmt = db->oldest;

	while (stmt && db->n_texts >= FER_TEXT_KEPT) {
		struct fer_stmt *newer = stmt->newer;

		if (!stmt->open)
			text_drop(db, stmt);
		stmt = newer;
	}
}

static struct fer_stmt *text_find(struct fer_db *db, struct fer_str sql, uint64_t hash)
{
	struct fer_stmt *stmt = db->buckets[hash % FER_TEXT_BUCKETS];

	while (stmt && !(stmt->hash == hash && stmt->size == sql.len && memcmp(stmt->text, sql.at, sql.len) == 0))
		stmt = stmt->chain;
	return stmt;
}

static int text_keep(struct fer_db *db, struct fer_stmt *stmt, struct fer_str sql, uint64_t hash)
{
	if (!(stmt->text = malloc(sql.len + 1)))
		return -ENOMEM;
	memcpy(stmt->text, sql.at, sql.len);
	stmt->size = sql.len;
	stmt->hash = hash;
	text_trim(db);
	stmt->chain = db->buckets[hash % FER_TEXT_BUCKETS];
	db->buckets[hash % FER_TEXT_BUCKETS] = stmt;
	lru_push(db, stmt);
	db->n_texts++;
	return 0;
}

void fer_stmt_drop_all(struct fer_db *db)
{
	for (int i = 0; i < FER_N_SQL; i++) {
		stmt_free(db->named[i]);
		db->named[i] = NULL;
	}
	while (db->oldest)
		text_drop(db, db->oldest);
}

/* -- opening and releasing --------------------------------------------------------------------------------------- */

/* A reader of SQLite sees one state of the database from its first statement until it is returned, or until its holder writes. */
static int enter(struct fer_db *db)
{
	struct fer_store *store = db->store;

	if (fer_is_memory(store))
		pthread_mutex_lock(&store->memory_lock);
	if (db->writer || !fer_store_is_sqlite(store) || fer_is_memory(store))
		return 0;
	if (db->in_snapshot && db->stale && db->n_open == 0) {
		db->in_snapshot = false;
		fer_db_control(db, FER_COMMIT);
	}
	if (!db->in_snapshot) {
		int r = fer_db_control(db, FER_BEGIN_READ);

		if (r)
			return r;
		db->in_snapshot = true;
		db->stale = false;
	}
	return 0;
}

static void leave(struct fer_db *db)
{
	if (fer_is_memory(db->store))
		pthread_mutex_unlock(&db->store->memory_lock);
}

static int hand_out(struct fer_stmt *stmt, struct fer_stmt **out)
{
	stmt->open = true;
	stmt->bad = false;
	stmt->db->n_open++;
	*out = stmt;
	return 0;
}

static int hand_out_spare(struct fer_db *db, struct fer_str sql, struct fer_stmt **out)
{
	struct fer_stmt *stmt;
	int r = stmt_new(db, sql, &stmt);

	if (r)
		return r;
	stmt->spare = true;
	return hand_out(stmt, out);
}

static int open_named(struct fer_db *db, enum fer_sql name, struct fer_stmt **out)
{
	struct fer_str sql = fer_str(named_text[name]);
	int r;

	if (db->named[name] && db->named[name]->open)
		return hand_out_spare(db, sql, out);
	if (!db->named[name] && (r = stmt_new(db, sql, &db->named[name])))
		return r;
	return hand_out(db->named[name], out);
}

static int open_text(struct fer_db *db, struct fer_str sql, struct fer_stmt **out)
{
	uint64_t hash = fer_str_hash(sql);
	struct fer_stmt *stmt = text_find(db, sql, hash);
	int r;

	if (stmt && stmt->open)
		return hand_out_spare(db, sql, out);
	if (stmt) {
		lru_unlink(db, stmt);
		lru_push(db, stmt);
		return hand_out(stmt, out);
	}
	if ((r = stmt_new(db, sql, &stmt)))
		return r;
	if ((r = text_keep(db, stmt, sql, hash))) {
		stmt_free(stmt);
		return r;
	}
	return hand_out(stmt, out);
}

int fer_stmt_open(struct fer_db *db, enum fer_sql name, struct fer_stmt **out)
{
	int r = enter(db);

	*out = NULL;
	if (!r)
		r = open_named(db, name, out);
	if (r)
		leave(db);
	return r;
}

int fer_stmt_text(struct fer_db *db, struct fer_str sql, struct fer_stmt **out)
{
	int r = enter(db);

	*out = NULL;
	if (!r)
		r = open_text(db, sql, out);
	if (r)
		leave(db);
	return r;
}

int fer_sql_text(struct fer_db *db, const char *sql, struct fer_stmt **out)
{
	return fer_stmt_text(db, fer_str(sql), out);
}

void fer_stmt_release(struct fer_stmt **stmt)
{
	struct fer_stmt *s = *stmt;
	struct fer_db *db;

	if (!s)
		return;
	db = s->db;
	db->store->driver->reset(s);
	db->store->driver->clear(s);
	s->open = false;
	db->n_open--;
	if (s->spare)
		stmt_free(s);
	*stmt = NULL;
	leave(db);
}

int fer_store_check(struct fer_store *store, char why[256])
{
	struct fer_db *db;
	int r = fer_db_lend(store, &db);

	if (r)
		snprintf(why, 256, "No connection to the database.");
	for (int i = 0; !r && i < FER_N_SQL; i++) {
		struct fer_stmt *stmt;

		r = fer_stmt_open(db, (enum fer_sql)i, &stmt);
		if (r)
			snprintf(why, 256, "Statement %s: %s", named_name[i], fer_db_error(db));
		fer_stmt_release(&stmt);
	}
	if (db)
		fer_db_return(db);
	return r;
}

/* -- bindings ---------------------------------------------------------------------------------------------------- */

static void bound(struct fer_stmt *stmt, int r)
{
	if (r)
		stmt->bad = true;
}

void fer_bind_int(struct fer_stmt *stmt, int i, int64_t n)
{
	bound(stmt, stmt->db->store->driver->bind_int(stmt, i, n));
}

void fer_bind_str(struct fer_stmt *stmt, int i, struct fer_str text)
{
	if (text.at)
		bound(stmt, stmt->db->store->driver->bind_str(stmt, i, text));
	else
		fer_bind_null(stmt, i);
}

void fer_bind_double(struct fer_stmt *stmt, int i, double x)
{
	bound(stmt, stmt->db->store->driver->bind_double(stmt, i, x));
}

void fer_bind_decimal(struct fer_stmt *stmt, int i, fer_micro x)
{
	bound(stmt, stmt->db->store->driver->bind_decimal(stmt, i, x));
}

void fer_bind_null(struct fer_stmt *stmt, int i)
{
	bound(stmt, stmt->db->store->driver->bind_null(stmt, i));
}

void fer_bind_value(struct fer_stmt *stmt, int i, const struct fer_value *v)
{
	switch (v ? v->kind : FER_V_NULL) {
	case FER_V_BOOL:
		fer_bind_int(stmt, i, v->truth);
		break;
	case FER_V_INT:
		fer_bind_int(stmt, i, v->number);
		break;
	case FER_V_DOUBLE:
		fer_bind_double(stmt, i, v->real);
		break;
	case FER_V_DECIMAL:
		fer_bind_decimal(stmt, i, v->decimal);
		break;
	case FER_V_STRING:
		fer_bind_str(stmt, i, v->text);
		break;
	case FER_V_NULL:
		fer_bind_null(stmt, i);
		break;
	case FER_V_LIST:
	case FER_V_MAP:
		stmt->bad = true;
		break;
	}
}

void fer_bind_all(struct fer_stmt *stmt, int first, const char *shape, va_list args)
{
	for (int i = first; *shape; shape++, i++) {
		switch (*shape) {
		case 'i':
			fer_bind_int(stmt, i, va_arg(args, int64_t));
			break;
		case 's':
			fer_bind_str(stmt, i, va_arg(args, struct fer_str));
			break;
		case 'z':
			fer_bind_str(stmt, i, fer_str(va_arg(args, const char *)));
			break;
		case 'd':
			fer_bind_decimal(stmt, i, va_arg(args, fer_micro));
			break;
		case 'r':
			fer_bind_double(stmt, i, va_arg(args, double));
			break;
		case 'v':
			fer_bind_value(stmt, i, va_arg(args, const struct fer_value *));
			break;
		case 'n':
			fer_bind_null(stmt, i);
			break;
		default:
			stmt->bad = true;
			return;
		}
	}
}

/* -- running ----------------------------------------------------------------------------------------------------- */

int fer_stmt_step(struct fer_stmt *stmt)
{
	if (stmt->bad)
		return fer_db_say(stmt->db, -EIO, "a binding does not fit its statement");
	return stmt->db->store->driver->step(stmt);
}

int fer_stmt_run(struct fer_stmt *stmt, int64_t *n_changed)
{
	int r = fer_stmt_step(stmt);

	if (r < 0)
		return r;
	if (n_changed) {
		*n_changed = stmt->db->store->driver->n_changed(stmt);
		if (stmt->upsert && *n_changed > 1)
			*n_changed = 1;
	}
	stmt->db->store->driver->reset(stmt);
	return 0;
}

void fer_stmt_reset(struct fer_stmt *stmt)
{
	stmt->db->store->driver->reset(stmt);
}

int64_t fer_stmt_last_id(struct fer_stmt *stmt)
{
	return stmt->db->store->driver->last_id(stmt);
}

/* -- columns ----------------------------------------------------------------------------------------------------- */

int fer_col_count(struct fer_stmt *stmt)
{
	return stmt->db->store->driver->col_count(stmt);
}

struct fer_str fer_col_name(struct fer_stmt *stmt, int i)
{
	return stmt->db->store->driver->col_name(stmt, i);
}

bool fer_col_null(struct fer_stmt *stmt, int i)
{
	return stmt->db->store->driver->col_null(stmt, i);
}

int64_t fer_col_int(struct fer_stmt *stmt, int i)
{
	return stmt->db->store->driver->col_int(stmt, i);
}

double fer_col_double(struct fer_stmt *stmt, int i)
{
	return stmt->db->store->driver->col_double(stmt, i);
}

fer_micro fer_col_decimal(struct fer_stmt *stmt, int i)
{
	return stmt->db->store->driver->col_decimal(stmt, i);
}

struct fer_str fer_col_str(struct fer_stmt *stmt, int i)
{
	return stmt->db->store->driver->col_str(stmt, i);
}

struct fer_str fer_col_dup(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	if (fer_col_null(stmt, i))
		return FER_STR_NONE;
	return fer_str_dup(arena, fer_col_str(stmt, i));
}

/* -- one call ---------------------------------------------------------------------------------------------------- */

static int open_bound(struct fer_db *db, enum fer_sql name, struct fer_stmt **out, const char *shape, va_list args)
{
	int r = fer_stmt_open(db, name, out);

	if (!r)
		fer_bind_all(*out, 1, shape, args);
	return r;
}

int fer_sql_open(struct fer_db *db, enum fer_sql name, struct fer_stmt **out, const char *shape, ...)
{
	va_list args;
	int r;

	va_start(args, shape);
	r = open_bound(db, name, out, shape, args);
	va_end(args);
	return r;
}

int fer_sql_run(struct fer_db *db, enum fer_sql name, int64_t *n_changed, const char *shape, ...)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	va_list args;
	int r;

	va_start(args, shape);
	r = open_bound(db, name, &stmt, shape, args);
	va_end(args);
	return r ? r : fer_stmt_run(stmt, n_changed);
}

int fer_sql_insert(struct fer_db *db, enum fer_sql name, int64_t *id, const char *shape, ...)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	va_list args;
	int r;

	va_start(args, shape);
	r = open_bound(db, name, &stmt, shape, args);
	va_end(args);
	if (r || (r = fer_stmt_run(stmt, NULL)))
		return r;
	if (id)
		*id = fer_stmt_last_id(stmt);
	return 0;
}

int fer_sql_int(struct fer_db *db, enum fer_sql name, int64_t otherwise, int64_t *out, const char *shape, ...)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	va_list args;
	int r;

	va_start(args, shape);
	r = open_bound(db, name, &stmt, shape, args);
	va_end(args);
	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*out = r && !fer_col_null(stmt, 0) ? fer_col_int(stmt, 0) : otherwise;
	return 0;
}

int fer_sql_texts(struct fer_db *db, struct fer_arena *arena, enum fer_sql name, struct fer_value *out, const char *shape, ...)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	va_list args;
	int r;

	*out = fer_list();
	va_start(args, shape);
	r = open_bound(db, name, &stmt, shape, args);
	va_end(args);
	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) > 0)
		fer_push(arena, out, fer_string(fer_col_dup(arena, stmt, 0)));
	return r;
}
