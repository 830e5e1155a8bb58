/*
 * A driver around the real one: each SELECT about products has a twin that explains it, bound to the same values and told before it runs.
 */
#include <assert.h>

#include "plan.h"

#include "core/json.h"
#include "store/driver.h"

#define MAX_STATEMENTS 4096

static struct watched {
	void *run, *explain;     /* the statement, and the one that explains it */
	char *sql;
	bool told;
} watched[MAX_STATEMENTS];
static size_t n_watched;
static const struct fer_driver *real;
const char *plan_target;

static struct watched *find(const void *run)
{
	for (size_t i = 0; i < n_watched; i++)
		if (run && watched[i].run == run)
			return &watched[i];
	return NULL;
}

static int prepare(struct fer_db *db, struct fer_str sql, void **native)
{
	bool sqlite = strcmp(real->name, "sqlite") == 0;
	struct watched w = { .sql = strndup(sql.at, sql.len) };
	char text[FER_SQL_MAX + 32];
	int r = real->prepare(db, sql, native);

	assert(w.sql && n_watched < MAX_STATEMENTS);
	snprintf(text, sizeof(text), "EXPLAIN %s%s", sqlite ? "QUERY PLAN " : "", w.sql);
	if (r || strncmp(w.sql, "SELECT", 6) || !strstr(w.sql, "catalog_product_") || real->prepare(db, fer_str(text), &w.explain)) {
		free(w.sql);
		return r;
	}
	w.run = *native;
	watched[n_watched++] = w;
	return 0;
}

static void finalize(void *native)
{
	struct watched *w = find(native);

	if (w) {
		real->finalize(w->explain);
		free(w->sql);
		*w = (struct watched){ 0 };
	}
	real->finalize(native);
}

/* The same call for both statements of a pair; @call uses stmt->native. */
#define BOTH(stmt, call) do { \
	struct watched *w_ = find((stmt)->native); \
	if (w_) { \
		(stmt)->native = w_->explain; \
		(void)(call); \
		(stmt)->native = w_->run; \
	} \
} while (0)

static void reset(struct fer_stmt *stmt)
{
	struct watched *w = find(stmt->native);

	if (w)
		w->told = false;
	BOTH(stmt, (real->reset(stmt), 0));
	real->reset(stmt);
}

static void clear(struct fer_stmt *stmt)
{
	BOTH(stmt, (real->clear(stmt), 0));
	real->clear(stmt);
}

static int bind_int(struct fer_stmt *stmt, int i, int64_t n)
{
	BOTH(stmt, real->bind_int(stmt, i, n));
	return real->bind_int(stmt, i, n);
}

static int bind_str(struct fer_stmt *stmt, int i, struct fer_str text)
{
	BOTH(stmt, real->bind_str(stmt, i, text));
	return real->bind_str(stmt, i, text);
}

static int bind_double(struct fer_stmt *stmt, int i, double x)
{
	BOTH(stmt, real->bind_double(stmt, i, x));
	return real->bind_double(stmt, i, x);
}

static int bind_decimal(struct fer_stmt *stmt, int i, fer_micro x)
{
	BOTH(stmt, real->bind_decimal(stmt, i, x));
	return real->bind_decimal(stmt, i, x);
}

static int bind_null(struct fer_stmt *stmt, int i)
{
	BOTH(stmt, real->bind_null(stmt, i));
	return real->bind_null(stmt, i);
}

static struct fer_value plan_row(struct fer_arena *arena, struct fer_stmt *stmt)
{
	struct fer_value row = fer_map();

	for (int i = 0; i < real->col_count(stmt); i++)
		fer_set_str(arena, &row, fer_str_dup(arena, real->col_name(stmt, i)),
		            real->col_null(stmt, i) ? fer_null() : fer_string(fer_str_dup(arena, real->col_str(stmt, i))));
	return row;
}

static void tell(struct fer_stmt *stmt, const struct watched *w)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1u << 24);
	struct fer_value line = fer_map(), plan = fer_list();
	struct fer_buf out;

	stmt->native = w->explain;
	while (real->step(stmt) == 1)
		fer_push(arena, &plan, plan_row(arena, stmt));
	real->reset(stmt);
	stmt->native = w->run;
	fer_set(arena, &line, "target", fer_text(plan_target));
	fer_set(arena, &line, "sql", fer_text(w->sql));
	fer_set(arena, &line, "plan", plan);
	fer_buf_init(&out, arena, 1u << 22);
	fer_json_write(&out, &line);
	printf("%.*s\n", FER_F(fer_buf_view(&out)));
}

static int step(struct fer_stmt *stmt)
{
	struct watched *w = find(stmt->native);

	if (w && !w->told) {
		w->told = true;
		tell(stmt, w);
	}
	return real->step(stmt);
}

void plan_wrap(struct fer_store *store)
{
	static struct fer_driver driver;

	real = store->driver;
	driver = *real;
	driver.prepare = prepare;
	driver.finalize = finalize;
	driver.reset = reset;
	driver.clear = clear;
	driver.bind_int = bind_int;
	driver.bind_str = bind_str;
	driver.bind_double = bind_double;
	driver.bind_decimal = bind_decimal;
	driver.bind_null = bind_null;
	driver.step = step;
	store->driver = &driver;
}
