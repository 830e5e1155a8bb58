#include <ctype.h>
#include <errno.h>

#include "store/schema.h"

#define MAX_LINES 256
#define MAX_TABLE 65536

const char *const fer_schema_magento[] = {
#include "store/schema.inc"
	NULL
};

const char *const fer_schema_ferrite[] = {
#include "store/ferrite.inc"
	NULL
};

struct table {
	struct fer_str name;
	struct fer_str lines[MAX_LINES];
	size_t n;
	struct fer_str primary;        /* its columns */
	struct fer_str counter;        /* the column that counts up, if any */
	bool sqlite;
	struct fer_buf *out;
};

struct column {
	char mark;
	struct fer_str name, type, otherwise;
	bool has_default;
	bool on_update;
};

/* -- reading ----------------------------------------------------------------------------------------------------- */

static int read_table(const char *text, struct table *t)
{
	struct fer_str rest = fer_str(text), line;

	fer_str_cut(&rest, '\n', &t->name);
	while (fer_str_cut(&rest, '\n', &line)) {
		if (line.len < 2)
			continue;
		if (t->n == MAX_LINES)
			return -E2BIG;
		t->lines[t->n++] = line;
		if (line.at[0] == 'P')
			t->primary = fer_str_skip(line, 2);
		if (line.at[0] == '+')
			t->counter = fer_str_take(fer_str_skip(line, 1), (size_t)fer_str_find(line, '|') - 1);
	}
	return 0;
}

static bool is_column(struct fer_str line)
{
	return line.at[0] == '+' || line.at[0] == '!' || line.at[0] == ' ';
}

static struct column read_column(struct fer_str line)
{
	struct column c = { .mark = line.at[0] };
	struct fer_str rest = fer_str_skip(line, 1), mark;

	fer_str_cut(&rest, '|', &c.name);
	fer_str_cut(&rest, '|', &c.type);
	c.has_default = fer_str_cut(&rest, '|', &c.otherwise);
	c.on_update = fer_str_cut(&rest, '|', &mark);
	if (c.on_update && c.otherwise.len == 0)
		c.has_default = false;
	return c;
}

/* "I [name:]columns[|…]": the key's name, made from its columns when none is given. */
struct key {
	char name[128];
	struct fer_str columns;        /* a,b */
	struct fer_str parent;         /* table.column */
	struct fer_str rule;
};

static void name_key(const struct table *t, struct key *key)
{
	int n = snprintf(key->name, sizeof(key->name), "%.*s_%.*s", FER_F(t->name), FER_F(key->columns));

	if (key->parent.len)
		snprintf(key->name + n, sizeof(key->name) - (size_t)n, "_%.*s", FER_F(key->parent));
	for (char *c = key->name; *c; c++)
		*c = *c == ',' || *c == '.' ? '_' : (char)toupper((unsigned char)*c);
}

static struct key read_key(const struct table *t, struct fer_str line)
{
	struct key key = { .name = "" };
	struct fer_str rest = fer_str_skip(line, 2);
	ptrdiff_t colon = fer_str_find(rest, ':');

	if (colon >= 0) {
		snprintf(key.name, sizeof(key.name), "%.*s", (int)colon, rest.at);
		rest = fer_str_skip(rest, (size_t)colon + 1);
	}
	fer_str_cut(&rest, '|', &key.columns);
	fer_str_cut(&rest, '|', &key.parent);
	fer_str_cut(&rest, '|', &key.rule);
	if (colon < 0)
		name_key(t, &key);
	return key;
}

/* -- writing ----------------------------------------------------------------------------------------------------- */

static void put_names(struct fer_buf *out, struct fer_str columns)
{
	struct fer_str name;
	bool first = true;

	while (fer_str_cut(&columns, ',', &name)) {
		fer_buf_text(out, first ? "`" : ",`");
		fer_buf_str(out, name);
		fer_buf_char(out, '`');
		first = false;
	}
}

static bool is_text(struct fer_str type)
{
	return fer_str_starts(type, "varchar") || fer_str_starts(type, "char") || fer_str_search(type, FER_S("text")) >= 0;
}

static bool is_bytes(struct fer_str type)
{
	return fer_str_starts(type, "varbinary") || fer_str_search(type, FER_S("blob")) >= 0;
}

static bool is_integer(struct fer_str type)
{
	return fer_str_search(type, FER_S("int")) >= 0;
}

static bool is_time(struct fer_str type)
{
	return fer_str_starts(type, "timestamp") || fer_str_starts(type, "date");
}

static void put_default(struct fer_buf *out, struct fer_str value)
{
	int64_t n;

	fer_buf_text(out, " DEFAULT ");
	if (fer_str_is(value, "CURRENT_TIMESTAMP") || fer_str_int(value, &n))
		fer_buf_str(out, value);
	else
		fer_buf_fmt(out, "'%.*s'", FER_F(value));
}

/* What MariaDB puts into a column that must not be null and is not named by an INSERT; Magento runs it that forgiving. */
static struct fer_str implied(const struct column *c)
{
	if (is_time(c->type))
		return fer_str_is(c->type, "date") ? FER_S("0000-00-00") : FER_S("0000-00-00 00:00:00");
	return is_text(c->type) || is_bytes(c->type) ? FER_S("") : FER_S("0");
}

static void put_type_sqlite(struct fer_buf *out, struct fer_str type)
{
	ptrdiff_t end = fer_str_find(type, ')');

	if (is_bytes(type))
		type = FER_S("blob");
	else if (end >= 0)
		type = fer_str_take(type, (size_t)end + 1);  /* nothing may follow: decimal(12,4) unsigned */
	fer_buf_str(out, type);
}

static void put_column_sqlite(struct table *t, const struct column *c)
{
	struct fer_buf *out = t->out;
	bool key = fer_str_eq(t->primary, c->name);

	fer_buf_fmt(out, "`%.*s` ", FER_F(c->name));
	if (c->mark == '+') {
		/* Ids that are answered are never used twice; those of attribute values nobody sees, and counting costs. */
		fer_buf_text(out, fer_str_is(c->name, "value_id") ? "INTEGER PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT");
		return;
	}
	if (key && is_integer(c->type)) {
		fer_buf_text(out, "INTEGER PRIMARY KEY");
		return;
	}
	put_type_sqlite(out, c->type);
	if (is_text(c->type))
		fer_buf_text(out, " COLLATE utf8mb4_general_ci");
	if (c->mark == '!')
		fer_buf_text(out, " NOT NULL");
	if (c->has_default)
		put_default(out, c->otherwise);
	else if (c->mark == '!')
		put_default(out, implied(c));
}

static void put_column_mariadb(struct table *t, const struct column *c)
{
	struct fer_buf *out = t->out;

	fer_buf_fmt(out, "`%.*s` %.*s %s", FER_F(c->name), FER_F(c->type), c->mark == ' ' ? "NULL" : "NOT NULL");
	if (c->mark == '+')
		fer_buf_text(out, " AUTO_INCREMENT");
	else if (c->has_default)
		put_default(out, c->otherwise);
	else if (c->mark == ' ')
		fer_buf_text(out, " DEFAULT NULL");
	if (c->on_update)
		fer_buf_text(out, " ON UPDATE CURRENT_TIMESTAMP");
}

static void put_columns(struct table *t)
{
	bool first = true;

	for (size_t i = 0; i < t->n; i++) {
		struct column c;

		if (!is_column(t->lines[i]))
			continue;
		c = read_column(t->lines[i]);
		fer_buf_text(t->out, first ? "" : ", ");
		first = false;
		if (t->sqlite)
			put_column_sqlite(t, &c);
		else
			put_column_mariadb(t, &c);
	}
}

/* The key is part of its column already. */
static bool inline_primary(const struct table *t)
{
	if (t->counter.len)
		return true;
	for (size_t i = 0; i < t->n; i++) {
		if (is_column(t->lines[i])) {
			struct column c = read_column(t->lines[i]);

			if (fer_str_eq(c.name, t->primary))
				return is_integer(c.type);
		}
	}
	return false;
}

static void put_primary(struct table *t)
{
	if (!t->primary.len || (t->sqlite && inline_primary(t)))
		return;
	fer_buf_text(t->out, ", PRIMARY KEY (");
	put_names(t->out, t->primary);
	fer_buf_char(t->out, ')');
}

static void put_foreign(struct table *t, const struct key *key)
{
	struct fer_str parent = key->parent, table;

	fer_str_cut(&parent, '.', &table);
	fer_buf_fmt(t->out, ", CONSTRAINT `%s` FOREIGN KEY (", key->name);
	put_names(t->out, key->columns);
	fer_buf_fmt(t->out, ") REFERENCES `%.*s` (`%.*s`) ON DELETE %.*s", FER_F(table), FER_F(parent), FER_F(key->rule));
}

static void put_key(struct table *t, char kind, const struct key *key)
{
	const char *word = kind == 'U' ? "UNIQUE KEY" : kind == 'X' ? "FULLTEXT KEY" : "KEY";

	if (t->sqlite)
		fer_buf_fmt(t->out, ", CONSTRAINT `%s` UNIQUE (", key->name);
	else
		fer_buf_fmt(t->out, ", %s `%s` (", word, key->name);
	put_names(t->out, key->columns);
	fer_buf_char(t->out, ')');
}

static void put_keys(struct table *t)
{
	put_primary(t);
	for (size_t i = 0; i < t->n; i++) {
		char kind = t->lines[i].at[0];
		struct key key;

		if (is_column(t->lines[i]) || kind == 'P')
			continue;
		key = read_key(t, t->lines[i]);
		if (kind == 'F')
			put_foreign(t, &key);
		else if (!t->sqlite || kind == 'U')
			put_key(t, kind, &key);
	}
}

static void put_index(struct table *t, const char *name, struct fer_str columns)
{
	fer_buf_fmt(t->out, ";\nCREATE INDEX IF NOT EXISTS `IDX_%s` ON `%.*s` (", name, FER_F(t->name));
	put_names(t->out, columns);
	fer_buf_char(t->out, ')');
}

/* A key whose first column is @column finds the children of a parent that goes. */
static bool is_indexed(const struct table *t, struct fer_str column)
{
	for (size_t i = 0; i < t->n; i++) {
		struct fer_str columns, first;

		if (is_column(t->lines[i]) || t->lines[i].at[0] == 'F' || t->lines[i].at[0] == 'X')
			continue;
		columns = read_key(t, t->lines[i]).columns;
		if (fer_str_cut(&columns, ',', &first) && fer_str_eq(first, column))
			return true;
	}
	return false;
}

/* SQLite's indexes are statements of their own, in one space of names with the tables; unlike MariaDB it makes none for a foreign key. */
static void put_indexes(struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		char kind = t->lines[i].at[0];
		struct key key;

		if (kind != 'I' && kind != 'F')
			continue;
		key = read_key(t, t->lines[i]);
		if (kind == 'I' || !is_indexed(t, key.columns))
			put_index(t, key.name, key.columns);
	}
}

int fer_schema_text(bool sqlite, const char *text, struct fer_buf *out)
{
	struct table t = { .sqlite = sqlite, .out = out };
	int r = read_table(text, &t);

	if (r)
		return r;
	fer_buf_fmt(out, "CREATE TABLE IF NOT EXISTS `%.*s` (", FER_F(t.name));
	put_columns(&t);
	put_keys(&t);
	fer_buf_char(out, ')');
	if (!sqlite)
		fer_buf_text(out, " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci");
	else if (t.primary.len && !inline_primary(&t))
		fer_buf_text(out, " WITHOUT ROWID");
	if (sqlite)
		put_indexes(&t);
	fer_buf_char(out, '\0');
	return out->overflow ? -E2BIG : 0;
}

int fer_schema_create(struct fer_db *db, const char *const *tables)
{
	bool sqlite = fer_store_is_sqlite(db->store);
	struct fer_buf out;
	int r = 0;

	/* SQLite looks for the other table when a row comes, MariaDB at once. */
	if (!sqlite)
		r = fer_db_exec(db, "SET FOREIGN_KEY_CHECKS = 0");
	fer_buf_init(&out, NULL, MAX_TABLE);
	for (; !r && *tables; tables++) {
		out.len = 0;
		r = fer_schema_text(sqlite, *tables, &out);
		if (!r)
			r = fer_db_exec(db, out.at);
	}
	fer_buf_release(&out);
	if (!sqlite)
		fer_db_exec(db, "SET FOREIGN_KEY_CHECKS = 1");
	return r;
}

static int has_column(struct fer_db *db, struct fer_str table, struct fer_str column, bool *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_text(db, fer_store_is_sqlite(db->store) ? "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
	                         : "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"
	                           " AND column_name = ?", &stmt);

	if (r)
		return r;
	fer_bind_str(stmt, 1, table);
	fer_bind_str(stmt, 2, column);
	if ((r = fer_stmt_step(stmt)) < 0)
		return r;
	*out = r == 1;
	return 0;
}

static int add_column(struct fer_db *db, struct table *t, const struct column *c)
{
	t->out->len = 0;
	fer_buf_fmt(t->out, "ALTER TABLE `%.*s` ADD COLUMN ", FER_F(t->name));
	if (t->sqlite)
		put_column_sqlite(t, c);
	else
		put_column_mariadb(t, c);
	fer_buf_char(t->out, '\0');
	return t->out->overflow ? -E2BIG : fer_db_exec(db, t->out->at);
}

static int grow_table(struct fer_db *db, const char *text, struct fer_buf *out)
{
	struct table t = { .sqlite = fer_store_is_sqlite(db->store), .out = out };
	int r = read_table(text, &t);

	for (size_t i = 0; !r && i < t.n; i++) {
		struct column c;
		bool there;

		if (!is_column(t.lines[i]))
			continue;
		c = read_column(t.lines[i]);
		if (!(r = has_column(db, t.name, c.name, &there)) && !there)
			r = add_column(db, &t, &c);
	}
	return r;
}

int fer_schema_grow(struct fer_db *db, const char *const *tables)
{
	struct fer_buf out;
	int r = fer_schema_create(db, tables);

	fer_buf_init(&out, NULL, MAX_TABLE);
	for (; !r && *tables; tables++)
		r = grow_table(db, *tables, &out);
	fer_buf_release(&out);
	return r;
}

int fer_schema_has(struct fer_db *db, const char *table, bool *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_text(db, fer_store_is_sqlite(db->store) ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
	                         : "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", &stmt);

	if (r)
		return r;
	fer_bind_str(stmt, 1, fer_str(table));
	if ((r = fer_stmt_step(stmt)) < 0)
		return r;
	*out = r == 1;
	return 0;
}
