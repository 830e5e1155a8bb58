/*
 * The snapshot is made whole, then swapped in under a lock; who reads it holds a reference meanwhile. Locks are taken in the order
 * memory_lock (sqlite::memory: only), config_lock: a thread in a transaction may ask, too. Loading has a connection of its own,
 * because the callers may hold all others.
 */
#include "store/config.h"

#include <errno.h>

#include "store/driver.h"

#define SNAPSHOT_MAX (64u << 20)

enum scope { SCOPE_DEFAULT, SCOPE_WEBSITES, SCOPE_STORES, N_SCOPES };
static const char *const scope_names[N_SCOPES] = { "default", "websites", "stores" };

struct row {
	enum scope scope;
	int id;
	struct fer_str path;
	struct fer_str value;
};

struct config {
	_Atomic int refs;
	uint64_t version;
	struct fer_arena *arena;
	struct row *rows;              /* by path, scope, id */
	size_t n_rows;
	struct fer_website *websites;
	size_t n_websites;
	struct fer_store_group *groups;
	size_t n_groups;
	struct fer_store_view *stores;
	size_t n_stores;
};

struct builtin {
	const char *path;
	struct fer_str value;
};

static const struct builtin magentos[] = {
#define X(path, value) { path, { value, sizeof(value) - 1 } },
#include "store/config_defaults.def"
#undef X
};

static const struct builtin own[] = {
#define X(path, value, text) { path, { value, sizeof(value) - 1 } },
#include "store/config_own.def"
#undef X
};

static const struct {
	const struct builtin *rows;
	size_t n;
} builtins[] = { { magentos, FER_ARRAY_LEN(magentos) }, { own, FER_ARRAY_LEN(own) } };

const struct fer_config_own fer_config_own[] = {
#define X(path, value, text) { path, value, text },
#include "store/config_own.def"
#undef X
};
const size_t fer_n_config_own = FER_ARRAY_LEN(fer_config_own);

/* -- loading ----------------------------------------------------------------------------------------------------- */

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int r = fer_str_cmp(a->path, b->path);

	if (r)
		return r;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static bool read_scope(struct fer_str text, enum scope *out)
{
	for (int i = 0; i < N_SCOPES; i++) {
		if (fer_str_is(text, scope_names[i])) {
			*out = (enum scope)i;
			return true;
		}
	}
	return false;
}

/* Room for one more of @size bytes in an array that doubles. */
static void *grow(struct fer_arena *arena, void *items, size_t n, size_t size)
{
	void *more;

	if (n && (n & (n - 1)))
		return items;
	more = fer_alloc_array(arena, n ? n * 2 : 1, size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

static void take_row(struct config *c, struct fer_stmt *stmt)
{
	struct row row = { .id = (int)fer_col_int(stmt, 1) };

	if (!read_scope(fer_col_str(stmt, 0), &row.scope))
		return;
	row.path = fer_col_dup(c->arena, stmt, 2);
	row.value = fer_col_dup(c->arena, stmt, 3);
	c->rows = grow(c->arena, c->rows, c->n_rows, sizeof(*c->rows));
	c->rows[c->n_rows++] = row;
}

#define COPY(to, stmt, i) snprintf((to), sizeof(to), "%.*s", FER_F(fer_col_str((stmt), (i))))

static void take_website(struct config *c, struct fer_stmt *stmt)
{
	struct fer_website *w;

	c->websites = grow(c->arena, c->websites, c->n_websites, sizeof(*c->websites));
	w = &c->websites[c->n_websites++];
	w->id = (int)fer_col_int(stmt, 0);
	COPY(w->code, stmt, 1);
	COPY(w->name, stmt, 2);
	w->sort = (int)fer_col_int(stmt, 3);
	w->default_group_id = (int)fer_col_int(stmt, 4);
	w->is_default = fer_col_int(stmt, 5) != 0;
}

static void take_group(struct config *c, struct fer_stmt *stmt)
{
	struct fer_store_group *g;

	c->groups = grow(c->arena, c->groups, c->n_groups, sizeof(*c->groups));
	g = &c->groups[c->n_groups++];
	g->id = (int)fer_col_int(stmt, 0);
	g->website_id = (int)fer_col_int(stmt, 1);
	COPY(g->code, stmt, 2);
	COPY(g->name, stmt, 3);
	g->root_category_id = (int)fer_col_int(stmt, 4);
	g->default_store_id = (int)fer_col_int(stmt, 5);
}

static void take_store(struct config *c, struct fer_stmt *stmt)
{
	struct fer_store_view *s;

	c->stores = grow(c->arena, c->stores, c->n_stores, sizeof(*c->stores));
	s = &c->stores[c->n_stores++];
	s->id = (int)fer_col_int(stmt, 0);
	COPY(s->code, stmt, 1);
	s->website_id = (int)fer_col_int(stmt, 2);
	s->group_id = (int)fer_col_int(stmt, 3);
	COPY(s->name, stmt, 4);
	s->sort = (int)fer_col_int(stmt, 5);
	s->active = fer_col_int(stmt, 6) != 0;
}

static int load_each(struct config *c, struct fer_db *db, enum fer_sql name, void (*take)(struct config *, struct fer_stmt *))
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_stmt_open(db, name, &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		take(c, stmt);
		r = 0;
	}
	return r;
}

static int load(struct config *c, struct fer_db *db)
{
	static const struct { enum fer_sql sql; void (*take)(struct config *, struct fer_stmt *); } parts[] = {
		{ FER_SQL_CONFIG_ALL, take_row },
		{ FER_SQL_CONFIG_WEBSITES, take_website },
		{ FER_SQL_CONFIG_GROUPS, take_group },
		{ FER_SQL_CONFIG_STORES, take_store },
	};
	int r = 0;

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(parts); i++)
		r = load_each(c, db, parts[i].sql, parts[i].take);
	if (c->n_rows)
		qsort(c->rows, c->n_rows, sizeof(*c->rows), compare_rows);
	return r;
}

/* -- the snapshot ------------------------------------------------------------------------------------------------ */

static void config_unref(struct config *c)
{
	if (!c || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	fer_arena_free(c->arena);
	free(c);
}

static void config_unrefp(struct config **c)
{
	config_unref(*c);
}

static int config_new(struct fer_db *db, uint64_t version, struct config **out)
{
	struct config *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->version = version;
	atomic_init(&c->refs, 1);
	c->arena = fer_arena_new(SNAPSHOT_MAX);
	r = c->arena ? load(c, db) : -ENOMEM;
	if (r) {
		config_unref(c);
		return r;
	}
	*out = c;
	return 0;
}

static int open_loader(struct fer_store *store)
{
	char why[256];

	if (fer_is_memory(store))
		return 0;
	if (store->config_db)
		return store->driver->ready ? store->driver->ready(store->config_db) : 0;
	return fer_db_new(store, false, &store->config_db, why);
}

/* The counter is read before the rows: what changes meanwhile is read again next time. */
static int reload(struct fer_store *store)
{
	uint64_t version = fer_change_version(store, FER_CHANGE_CONFIG);
	struct config *c = NULL;
	int r = open_loader(store);

	if (!r)
		r = config_new(fer_is_memory(store) ? store->all_writers[0] : store->config_db, version, &c);
	if (store->config_db)
		fer_db_settle(store->config_db);
	if (r)
		return r;
	config_unref(store->config);
	store->config = c;
	return 0;
}

static bool is_fresh(const struct fer_store *store)
{
	const struct config *c = store->config;

	return c && c->version == fer_change_version(store, FER_CHANGE_CONFIG);
}

static struct config *take(struct fer_store *store)
{
	struct config *c = store->config;

	if (c)
		atomic_fetch_add(&c->refs, 1);
	return c;
}

static struct config *config_reload(struct fer_store *store)
{
	struct config *c = NULL;

	if (fer_is_memory(store))
		pthread_mutex_lock(&store->memory_lock);
	pthread_mutex_lock(&store->config_lock);
	if (is_fresh(store) || reload(store) == 0)
		c = take(store);
	pthread_mutex_unlock(&store->config_lock);
	if (fer_is_memory(store))
		pthread_mutex_unlock(&store->memory_lock);
	return c;
}

/* The present snapshot, with a reference; NULL when the store failed. */
static struct config *config_ref(struct fer_store *store)
{
	struct config *c = NULL;

	pthread_mutex_lock(&store->config_lock);
	if (is_fresh(store))
		c = take(store);
	pthread_mutex_unlock(&store->config_lock);
	return c ? c : config_reload(store);
}

void fer_config_release(struct fer_store *store)
{
	config_unref(store->config);
	store->config = NULL;
	fer_db_free(store->config_db);
	store->config_db = NULL;
}

#define WITH_CONFIG(store) FER_CLEANUP(config_unrefp) struct config *c = config_ref(store)

/* -- values ------------------------------------------------------------------------------------------------------ */

static struct fer_str find_builtin(const struct builtin *rows, size_t n, struct fer_str path)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int r = fer_str_cmp(path, fer_str(rows[middle].path));

		if (r == 0)
			return rows[middle].value;
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return FER_STR_NONE;
}

struct fer_str fer_config_default(struct fer_str path)
{
	struct fer_str value = FER_STR_NONE;

	for (size_t i = 0; i < FER_ARRAY_LEN(builtins) && !value.at; i++)
		value = find_builtin(builtins[i].rows, builtins[i].n, path);
	return value;
}

static const struct row *find(const struct config *c, enum scope scope, int id, struct fer_str path)
{
	struct row key = { scope, id, path, FER_STR_NONE };

	return c->n_rows ? bsearch(&key, c->rows, c->n_rows, sizeof(key), compare_rows) : NULL;
}

static const struct fer_store_view *store_by_id(const struct config *c, int id)
{
	for (size_t i = 0; i < c->n_stores; i++) {
		if (c->stores[i].id == id)
			return &c->stores[i];
	}
	return NULL;
}

static struct fer_str lookup(const struct config *c, int store_id, struct fer_str path)
{
	const struct fer_store_view *view = store_id ? store_by_id(c, store_id) : NULL;
	const struct row *row = NULL;

	if (view)
		row = find(c, SCOPE_STORES, view->id, path);
	if (!row && view)
		row = find(c, SCOPE_WEBSITES, view->website_id, path);
	if (!row)
		row = find(c, SCOPE_DEFAULT, 0, path);
	return row ? row->value : fer_config_default(path);
}

int fer_config_text(struct fer_store *store, struct fer_arena *arena, int store_id, const char *path, struct fer_str *out)
{
	WITH_CONFIG(store);
	struct fer_str value;

	*out = FER_STR_NONE;
	if (!c)
		return -EIO;
	value = lookup(c, store_id, fer_str(path));
	if (value.at)
		*out = fer_str_dup(arena, value);
	return 0;
}

static const struct fer_website *website_by_id(const struct config *c, int id)
{
	for (size_t i = 0; i < c->n_websites; i++) {
		if (c->websites[i].id == id)
			return &c->websites[i];
	}
	return NULL;
}

/* A row, and the scope it stands in by name. */
static bool take_found(struct fer_arena *arena, const struct row *row, const char *code, struct fer_config_found *out)
{
	if (!row)
		return false;
	out->value = row->value.at ? fer_str_dup(arena, row->value) : FER_STR_NONE;
	out->from = row->scope == SCOPE_DEFAULT ? FER_S("default") : fer_str_fmt(arena, "%s/%s", scope_names[row->scope], code);
	return true;
}

int fer_config_find(struct fer_store *store, struct fer_arena *arena, const struct fer_config_place *place, struct fer_str path,
                    struct fer_config_found *out)
{
	WITH_CONFIG(store);
	const struct fer_store_view *view = c && fer_str_is(place->scope, "stores") ? store_by_id(c, place->id) : NULL;
	const struct fer_website *website = view ? website_by_id(c, view->website_id) : NULL;

	*out = (struct fer_config_found){ 0 };
	if (!c)
		return -EIO;
	if (fer_str_is(place->scope, "websites"))
		website = website_by_id(c, place->id);
	if (view && take_found(arena, find(c, SCOPE_STORES, view->id, path), view->code, out))
		return 0;
	if (website && take_found(arena, find(c, SCOPE_WEBSITES, website->id, path), website->code, out))
		return 0;
	if (take_found(arena, find(c, SCOPE_DEFAULT, 0, path), "", out))
		return 0;
	out->value = fer_config_default(path);
	out->from = out->value.at ? FER_S("config.xml") : FER_STR_NONE;
	return 0;
}

/* As PHP casts text to int: the digits it starts with. */
static int64_t leading_int(struct fer_str text)
{
	size_t n = 0;
	int64_t out = 0;

	text = fer_str_trim(text);
	if (text.len && (text.at[0] == '-' || text.at[0] == '+'))
		n = 1;
	while (n < text.len && n < 19 && text.at[n] >= '0' && text.at[n] <= '9')
		n++;
	return fer_str_int(fer_str_take(text, n), &out) ? out : 0;
}

int64_t fer_config_int(struct fer_store *store, int store_id, const char *path, int64_t otherwise)
{
	WITH_CONFIG(store);
	struct fer_str value = c ? lookup(c, store_id, fer_str(path)) : FER_STR_NONE;

	return value.at ? leading_int(value) : otherwise;
}

bool fer_config_bool(struct fer_store *store, int store_id, const char *path, bool otherwise)
{
	WITH_CONFIG(store);
	struct fer_str value = c ? lookup(c, store_id, fer_str(path)) : FER_STR_NONE;

	if (!value.at)
		return otherwise;
	return value.len && !fer_str_is(value, "0") && !fer_str_is(value, "false");
}

/* -- writing ----------------------------------------------------------------------------------------------------- */

bool fer_config_scope_valid(struct fer_str scope)
{
	enum scope unused;

	return read_scope(scope, &unused);
}

struct write {
	struct fer_str scope;
	int scope_id;
	struct fer_str path, value;
	bool found;
};

int fer_config_set_in(struct fer_db *db, struct fer_str scope, int scope_id, struct fer_str path, struct fer_str value)
{
	return fer_sql_run(db, FER_SQL_CONFIG_SET, NULL, "siss", scope, (int64_t)scope_id, path, value);
}

static int set(struct fer_db *db, void *data)
{
	struct write *w = data;

	return fer_config_set_in(db, w->scope, w->scope_id, w->path, w->value);
}

int fer_config_delete_in(struct fer_db *db, struct fer_str scope, int scope_id, struct fer_str path, bool *found)
{
	int64_t n = 0;
	int r = fer_sql_run(db, FER_SQL_CONFIG_DELETE, &n, "sis", scope, (int64_t)scope_id, path);

	*found = n > 0;
	return r;
}

static int unset(struct fer_db *db, void *data)
{
	struct write *w = data;

	return fer_config_delete_in(db, w->scope, w->scope_id, w->path, &w->found);
}

int fer_config_set(struct fer_store *store, struct fer_str scope, int scope_id, struct fer_str path, struct fer_str value)
{
	struct write w = { scope, scope_id, path, value, false };

	if (!fer_config_scope_valid(scope))
		return -EINVAL;
	return fer_tx_run(store, 1u << FER_CHANGE_CONFIG, set, &w);
}

int fer_config_delete(struct fer_store *store, struct fer_str scope, int scope_id, struct fer_str path, bool *found)
{
	struct write w = { scope, scope_id, path, FER_STR_NONE, false };
	int r;

	if (!fer_config_scope_valid(scope))
		return -EINVAL;
	r = fer_tx_run(store, 1u << FER_CHANGE_CONFIG, unset, &w);
	if (found)
		*found = r == 0 && w.found;
	return r;
}

/* -- listing ----------------------------------------------------------------------------------------------------- */

static bool starts(struct fer_str s, struct fer_str prefix)
{
	return s.len >= prefix.len && fer_str_eq(fer_str_take(s, prefix.len), prefix);
}

static void add_listed(struct fer_arena *arena, struct fer_config_row **rows, size_t *n, struct fer_config_row row)
{
	*rows = grow(arena, *rows, *n, sizeof(**rows));
	(*rows)[(*n)++] = row;
}

static int compare_listed(const void *left, const void *right)
{
	const struct fer_config_row *a = left, *b = right;
	int r = fer_str_cmp(a->path, b->path);

	if (!r)
		r = fer_str_cmp(a->scope, b->scope);
	return r ? r : (a->scope_id > b->scope_id) - (a->scope_id < b->scope_id);
}

static void list_builtins(struct fer_arena *arena, const struct builtin *rows, size_t n_rows, struct fer_str prefix,
                          struct fer_config_row **out, size_t *n)
{
	for (size_t i = 0; i < n_rows; i++)
		if (starts(fer_str(rows[i].path), prefix))
			add_listed(arena, out, n, (struct fer_config_row){ FER_S("builtin"), 0, fer_str(rows[i].path), rows[i].value });
}

int fer_config_list(struct fer_store *store, struct fer_arena *arena, struct fer_str prefix, bool builtin,
                    struct fer_config_row **out, size_t *n)
{
	WITH_CONFIG(store);

	*out = NULL;
	*n = 0;
	if (!c)
		return -EIO;
	for (size_t i = 0; builtin && i < FER_ARRAY_LEN(builtins); i++)
		list_builtins(arena, builtins[i].rows, builtins[i].n, prefix, out, n);
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct row *row = &c->rows[i];

		if (starts(row->path, prefix))
			add_listed(arena, out, n, (struct fer_config_row){ fer_str(scope_names[row->scope]), row->id,
			         fer_str_dup(arena, row->path), row->value.at ? fer_str_dup(arena, row->value) : FER_STR_NONE });
	}
	if (*n)
		qsort(*out, *n, sizeof(**out), compare_listed);
	return 0;
}

/* -- websites, groups, store views ------------------------------------------------------------------------------- */

bool fer_config_store_by_id(struct fer_store *store, int id, struct fer_store_view *out)
{
	WITH_CONFIG(store);

	for (size_t i = 0; c && i < c->n_stores; i++) {
		if (c->stores[i].id == id) {
			*out = c->stores[i];
			return true;
		}
	}
	return false;
}

bool fer_config_store_by_code(struct fer_store *store, struct fer_str code, struct fer_store_view *out)
{
	WITH_CONFIG(store);

	for (size_t i = 0; c && i < c->n_stores; i++) {
		if (fer_str_is(code, c->stores[i].code)) {
			*out = c->stores[i];
			return true;
		}
	}
	return false;
}

bool fer_config_website_by_id(struct fer_store *store, int id, struct fer_website *out)
{
	WITH_CONFIG(store);

	for (size_t i = 0; c && i < c->n_websites; i++) {
		if (c->websites[i].id == id) {
			*out = c->websites[i];
			return true;
		}
	}
	return false;
}

bool fer_config_website_by_code(struct fer_store *store, struct fer_str code, struct fer_website *out)
{
	WITH_CONFIG(store);

	for (size_t i = 0; c && i < c->n_websites; i++) {
		if (fer_str_is(code, c->websites[i].code)) {
			*out = c->websites[i];
			return true;
		}
	}
	return false;
}

bool fer_config_group_by_id(struct fer_store *store, int id, struct fer_store_group *out)
{
	WITH_CONFIG(store);

	for (size_t i = 0; c && i < c->n_groups; i++) {
		if (c->groups[i].id == id) {
			*out = c->groups[i];
			return true;
		}
	}
	return false;
}

int fer_config_place(struct fer_store *store, struct fer_str text, struct fer_config_place *out)
{
	struct fer_str rest = text.len ? text : FER_STR_NONE, scope = FER_S("default");
	struct fer_website website;
	struct fer_store_view view;
	bool there = false;

	fer_str_cut(&rest, '/', &scope);
	*out = (struct fer_config_place){ .text = text.len ? text : FER_S("default"), .scope = scope };
	if (fer_str_is(scope, "default"))
		return rest.at ? -EINVAL : 0;
	if (!rest.len || !(fer_str_is(scope, "websites") || fer_str_is(scope, "stores")))
		return -EINVAL;
	if (fer_str_is(scope, "websites") && (there = fer_config_website_by_code(store, rest, &website)))
		out->id = website.id;
	else if (fer_str_is(scope, "stores") && (there = fer_config_store_by_code(store, rest, &view)))
		out->id = view.id;
	return there ? 0 : -ENOENT;
}

static int group_default_store(const struct config *c, int group_id)
{
	for (size_t i = 0; i < c->n_groups; i++) {
		if (c->groups[i].id == group_id)
			return c->groups[i].default_store_id;
	}
	return 0;
}

int fer_config_default_store(struct fer_store *store)
{
	WITH_CONFIG(store);

	for (size_t i = 0; c && i < c->n_websites; i++) {
		if (c->websites[i].is_default)
			return group_default_store(c, c->websites[i].default_group_id);
	}
	return 0;
}

int fer_config_website_of(struct fer_store *store, int store_id)
{
	WITH_CONFIG(store);
	const struct fer_store_view *view = c ? store_by_id(c, store_id) : NULL;

	return view ? view->website_id : 0;
}

static int copy_all(const struct config *c, struct fer_arena *arena, const void *items, size_t n, size_t size, void *out, size_t *n_out)
{
	void *copy;

	*n_out = 0;
	if (!c)
		return -EIO;
	copy = fer_alloc_array(arena, n ? n : 1, size);
	if (n)
		memcpy(copy, items, n * size);
	memcpy(out, &copy, sizeof(copy));
	*n_out = n;
	return 0;
}

int fer_config_stores(struct fer_store *store, struct fer_arena *arena, struct fer_store_view **out, size_t *n)
{
	WITH_CONFIG(store);

	return copy_all(c, arena, c ? c->stores : NULL, c ? c->n_stores : 0, sizeof(**out), out, n);
}

int fer_config_websites(struct fer_store *store, struct fer_arena *arena, struct fer_website **out, size_t *n)
{
	WITH_CONFIG(store);

	return copy_all(c, arena, c ? c->websites : NULL, c ? c->n_websites : 0, sizeof(**out), out, n);
}

int fer_config_groups(struct fer_store *store, struct fer_arena *arena, struct fer_store_group **out, size_t *n)
{
	WITH_CONFIG(store);

	return copy_all(c, arena, c ? c->groups : NULL, c ? c->n_groups : 0, sizeof(**out), out, n);
}
