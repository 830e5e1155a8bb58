/*
 * Documents from the database, from JSON and back. What comes from outside is checked here whole, so that a plan can trust it.
 */
#include "auth/config_document.h"

#include <errno.h>
#include <stdlib.h>

#include "auth/config_secret.h"
#include "core/json.h"
#include "store/config.h"
#include "store/config_path.h"

/* -- order ------------------------------------------------------------------------------------------------------- */

/* "default" stands before all others, websites before their views. */
static int rank(struct fer_str scope)
{
	return fer_str_is(scope, "default") ? 0 : fer_str_starts(scope, "websites/") ? 1 : 2;
}

static int scope_order(struct fer_str a, struct fer_str b)
{
	return rank(a) != rank(b) ? rank(a) - rank(b) : fer_str_cmp(a, b);
}

static int compare_scopes(const void *a, const void *b)
{
	return scope_order(((const struct fer_config_scope *)a)->name, ((const struct fer_config_scope *)b)->name);
}

int fer_config_entry_order(const struct fer_config_entry *a, const struct fer_config_entry *b)
{
	int r = scope_order(a->scope, b->scope);

	return r ? r : fer_str_cmp(a->path, b->path);
}

static int compare_entries(const void *a, const void *b)
{
	return fer_config_entry_order(a, b);
}

static void sort(struct fer_config_document *document)
{
	if (document->n_scopes)
		qsort(document->scopes, document->n_scopes, sizeof(*document->scopes), compare_scopes);
	if (document->n)
		qsort(document->entries, document->n, sizeof(*document->entries), compare_entries);
}

const struct fer_config_scope *fer_config_scope(const struct fer_config_document *document, struct fer_str name)
{
	struct fer_config_scope key = { name, 0 };

	return document->n_scopes ? bsearch(&key, document->scopes, document->n_scopes, sizeof(key), compare_scopes) : NULL;
}

bool fer_config_covers(const struct fer_config_cover *cover, struct fer_str scope, struct fer_str path)
{
	if (cover->scope.len && !fer_str_eq(cover->scope, scope))
		return false;
	if (path.len < cover->prefix.len || !fer_str_eq(fer_str_take(path, cover->prefix.len), cover->prefix))
		return false;
	return !cover->shared || !(fer_config_traits(path) & FER_CONFIG_ENVIRONMENT);
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

static void add_scope(struct fer_arena *arena, struct fer_config_document *document, struct fer_str scope, int id)
{
	document->scopes = grow(arena, document->scopes, document->n_scopes, sizeof(*document->scopes));
	document->scopes[document->n_scopes++] = (struct fer_config_scope){ scope, id };
}

static struct fer_config_entry *add_entry(struct fer_arena *arena, struct fer_config_document *document, struct fer_str scope,
                                          struct fer_str path)
{
	document->entries = grow(arena, document->entries, document->n, sizeof(*document->entries));
	document->entries[document->n] = (struct fer_config_entry){ .scope = scope, .path = path };
	return &document->entries[document->n++];
}

/* -- from the database ------------------------------------------------------------------------------------------- */

struct reading {
	struct fer_db *db;
	const struct fer_keys *keys;
	struct fer_arena *arena;
	struct fer_str for_key;
	struct fer_value names;         /* "websites/1" -> "websites/base" */
	struct fer_config_document *out;
};

static int read_scopes(struct reading *reading, enum fer_sql sql, const char *kind)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_arena *arena = reading->arena;
	int r = fer_stmt_open(reading->db, sql, &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct fer_str name = fer_str_fmt(arena, "%s/%.*s", kind, FER_F(fer_col_str(stmt, 1)));

		add_scope(arena, reading->out, name, (int)fer_col_int(stmt, 0));
		fer_append(arena, &reading->names, fer_str_fmt(arena, "%s/%lld", kind, (long long)fer_col_int(stmt, 0)), fer_string(name));
		r = fer_arena_broken(arena) ? -ENOMEM : 0;
	}
	return r;
}

/* What no key of ours opens is there, but cannot be compared. */
static int take_secret(struct reading *reading, struct fer_config_entry *entry, struct fer_str stored)
{
	struct fer_str plain;
	int r = fer_config_open(reading->keys, reading->arena, stored, &plain);

	entry->secret = true;
	if (r == -EBADMSG)
		return 0;
	if (!r)
		r = fer_config_digest(reading->keys, reading->arena, entry->scope, entry->path, plain, &entry->digest);
	if (!r && reading->for_key.len)
		r = fer_config_hand_over(reading->arena, reading->for_key, entry->scope, entry->path, plain, &entry->sealed);
	return r;
}

/* Rows of a website or view that is gone belong to nobody. */
static int take_row(struct reading *reading, struct fer_stmt *stmt)
{
	struct fer_arena *arena = reading->arena;
	struct fer_str scope = fer_col_str(stmt, 0), path = fer_col_str(stmt, 2), value = fer_col_str(stmt, 3);
	const struct fer_value *name = fer_get_str(&reading->names, fer_str_fmt(arena, "%.*s/%lld", FER_F(scope), (long long)fer_col_int(stmt, 1)));
	struct fer_config_entry *entry;

	scope = fer_str_is(scope, "default") ? FER_S("default") : name ? name->text : FER_STR_NONE;
	if (!scope.at || !fer_config_covers(&reading->out->cover, scope, path))
		return 0;
	entry = add_entry(arena, reading->out, scope, fer_str_dup(arena, path));
	value = fer_col_null(stmt, 3) ? FER_STR_NONE : fer_str_dup(arena, value);
	if (!fer_config_tells(path, value))
		return take_secret(reading, entry, value);
	entry->value = value;
	return fer_arena_broken(arena) ? -ENOMEM : 0;
}

static int read_rows(struct reading *reading)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_stmt_open(reading->db, FER_SQL_CONFIG_ALL, &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1)
		r = take_row(reading, stmt);
	return r;
}

int fer_config_document_read(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, const struct fer_config_cover *cover,
                             struct fer_str for_key, struct fer_config_document *out)
{
	struct reading reading = { db, keys, arena, for_key, fer_map(), out };
	int r;

	*out = (struct fer_config_document){ .cover = *cover };
	add_scope(arena, out, FER_S("default"), 0);
	if ((r = fer_config_key(keys, arena, &out->key)) || (r = read_scopes(&reading, FER_SQL_CONFIG_WEBSITES, "websites")) ||
	    (r = read_scopes(&reading, FER_SQL_CONFIG_STORES, "stores")) || (r = read_rows(&reading)))
		return r;
	sort(out);
	return 0;
}

/* -- from JSON --------------------------------------------------------------------------------------------------- */

struct parsing {
	struct fer_arena *arena;
	struct fer_config_document *out;
	char *why;
};

static int bad(const struct parsing *parsing, const char *fmt, ...) FER_PRINTF(2, 3);

static int bad(const struct parsing *parsing, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(parsing->why, 256, fmt, args);
	va_end(args);
	return -EINVAL;
}

/* The name of something in a message: foreign text, cut and without what could harm a terminal. */
static struct fer_str shown(const struct parsing *parsing, struct fer_str name)
{
	struct fer_buf buf;

	fer_buf_init(&buf, parsing->arena, 400);
	fer_json_plain(&buf, fer_str_take(name, 60));
	return fer_buf_view(&buf);
}

static int parse_text(const struct parsing *parsing, const struct fer_value *in, size_t most, const char *name, struct fer_str *out)
{
	*out = FER_S("");
	if (fer_is_null(in))
		return 0;
	if (in->kind != FER_V_STRING || in->text.len > most)
		return bad(parsing, "\"%s\" is not a text of at most %zu bytes", name, most);
	*out = in->text;
	return 0;
}

static int parse_secret(const struct parsing *parsing, struct fer_config_entry *entry, const struct fer_value *in)
{
	int r;

	entry->secret = true;
	if (!fer_map_bool(in, "secret", false))
		return bad(parsing, "%.*s is neither text, null nor a secret", FER_F(shown(parsing, entry->path)));
	if ((r = parse_text(parsing, fer_get(in, "digest"), FER_CONFIG_POINT, "digest", &entry->digest)))
		return r;
	return parse_text(parsing, fer_get(in, "sealed"), 2 * FER_CONFIG_VALUE_MAX, "sealed", &entry->sealed);
}

/* Numbers and truths as Magento stores them: 5 is "5", true "1". */
static int parse_value(const struct parsing *parsing, struct fer_config_entry *entry, const struct fer_value *in)
{
	if (in->kind == FER_V_MAP)
		return parse_secret(parsing, entry, in);
	if (in->kind == FER_V_NULL)
		return 0;
	if (!fer_is_scalar(in))
		return bad(parsing, "%.*s is neither text, null nor a secret", FER_F(shown(parsing, entry->path)));
	entry->value = in->kind == FER_V_BOOL ? in->truth ? FER_S("1") : FER_S("0") : fer_as_str(parsing->arena, in);
	if (entry->value.len > FER_CONFIG_VALUE_MAX || fer_str_find(entry->value, '\0') >= 0)
		return bad(parsing, "the value of %.*s is too long, or no text", FER_F(shown(parsing, entry->path)));
	return 0;
}

static int parse_entry(const struct parsing *parsing, struct fer_str scope, const struct fer_member *member)
{
	struct fer_config_document *out = parsing->out;

	if (!fer_config_path_shape(member->name))
		return bad(parsing, "%.*s is no path of the form section/group/field", FER_F(shown(parsing, member->name)));
	if (!fer_config_covers(&out->cover, scope, member->name))
		return bad(parsing, "%.*s is not what the document says it covers", FER_F(shown(parsing, member->name)));
	if (out->n >= FER_CONFIG_ENTRIES)
		return bad(parsing, "there are more than %u values", FER_CONFIG_ENTRIES);
	return parse_value(parsing, add_entry(parsing->arena, out, scope, member->name), &member->value);
}

/* An empty map may come as an empty list: PHP cannot tell them apart. */
static bool is_map(const struct fer_value *v)
{
	return v->kind == FER_V_MAP || (v->kind == FER_V_LIST && !v->list.n);
}

static int parse_scope(const struct parsing *parsing, struct fer_str scope, const struct fer_value *in)
{
	int r = 0;

	if (!is_map(in))
		return bad(parsing, "scope %.*s is not an object", FER_F(shown(parsing, scope)));
	if (parsing->out->n_scopes >= FER_CONFIG_SCOPES)
		return bad(parsing, "there are more than %u scopes", FER_CONFIG_SCOPES);
	add_scope(parsing->arena, parsing->out, scope, 0);
	for (uint32_t i = 0; in->kind == FER_V_MAP && i < in->map.n && !r; i++)
		r = parse_entry(parsing, scope, &in->map.members[i]);
	return r;
}

static int parse_codes(const struct parsing *parsing, const char *kind, const struct fer_value *in)
{
	int r = 0;

	if (!is_map(in))
		return bad(parsing, "\"%s\" is not an object", kind);
	for (uint32_t i = 0; in->kind == FER_V_MAP && i < in->map.n && !r; i++) {
		struct fer_str code = in->map.members[i].name;

		if (!code.len || code.len > 64)
			return bad(parsing, "%.*s is no code", FER_F(shown(parsing, code)));
		r = parse_scope(parsing, fer_str_fmt(parsing->arena, "%s/%.*s", kind, FER_F(code)), &in->map.members[i].value);
	}
	return r;
}

static int parse_system(const struct parsing *parsing, const struct fer_value *in)
{
	int r = 0;

	if (!in || in->kind != FER_V_MAP)
		return bad(parsing, "it has no object \"system\"");
	for (uint32_t i = 0; i < in->map.n && !r; i++) {
		const struct fer_member *member = &in->map.members[i];

		if (fer_str_is(member->name, "default"))
			r = parse_scope(parsing, FER_S("default"), &member->value);
		else if (fer_str_is(member->name, "websites") || fer_str_is(member->name, "stores"))
			r = parse_codes(parsing, fer_str_z(parsing->arena, member->name), &member->value);
		else
			r = bad(parsing, "%.*s is not default, websites or stores", FER_F(shown(parsing, member->name)));
	}
	return r;
}

int fer_config_document_of(struct fer_arena *arena, const struct fer_value *json, struct fer_config_document *out, char why[256])
{
	const struct parsing parsing = { arena, out, why };
	int r;

	*out = (struct fer_config_document){ 0 };
	if (json->kind != FER_V_MAP || fer_map_int(json, "ferrite_config", 0) != FER_CONFIG_FORM)
		return bad(&parsing, "it does not say \"ferrite_config\": %d", FER_CONFIG_FORM);
	out->cover.shared = fer_map_bool(json, "shared", false);
	if ((r = parse_text(&parsing, fer_get(json, "key"), 64, "key", &out->key)) ||
	    (r = parse_text(&parsing, fer_get(json, "scope"), 80, "scope", &out->cover.scope)) ||
	    (r = parse_text(&parsing, fer_get(json, "prefix"), FER_CONFIG_PATH_MAX, "prefix", &out->cover.prefix)) ||
	    (r = parse_system(&parsing, fer_get(json, "system"))))
		return r;
	sort(out);
	return fer_arena_broken(arena) ? -ENOMEM : 0;
}

int fer_config_document_parse(struct fer_arena *arena, struct fer_str text, struct fer_config_document *out, char why[256])
{
	struct fer_value json;
	int r;

	snprintf(why, 256, text.len > FER_CONFIG_BYTES ? "it is longer than 16 MiB" : "it is not JSON");
	if (text.len > FER_CONFIG_BYTES)
		return -EINVAL;
	r = fer_json_read(arena, text, &json);
	return r ? r : fer_config_document_of(arena, &json, out, why);
}

/* -- to JSON ----------------------------------------------------------------------------------------------------- */

static struct fer_value show_entry(struct fer_arena *arena, const struct fer_config_entry *entry)
{
	struct fer_value out = fer_map();

	if (!entry->secret)
		return entry->value.at ? fer_string(entry->value) : fer_null();
	fer_set(arena, &out, "secret", fer_bool(true));
	fer_set(arena, &out, "digest", entry->digest.len ? fer_string(entry->digest) : fer_null());
	if (entry->sealed.len)
		fer_set(arena, &out, "sealed", fer_string(entry->sealed));
	return out;
}

/* The map of a scope: "default" itself, or a code's below its kind. */
static struct fer_value *scope_map(struct fer_arena *arena, struct fer_value *system, struct fer_str scope)
{
	struct fer_str kind = FER_STR_NONE;
	struct fer_value *codes;

	fer_str_cut(&scope, '/', &kind);
	codes = fer_get_str(system, kind);
	if (!codes)
		codes = fer_set_str(arena, system, kind, fer_map());
	return scope.at ? fer_set_str(arena, codes, scope, fer_map()) : codes;
}

struct fer_value fer_config_document_show(struct fer_arena *arena, const struct fer_config_document *document)
{
	const struct fer_config_cover *cover = &document->cover;
	struct fer_value out = fer_map(), system = fer_map();
	size_t at = 0;

	for (size_t i = 0; i < document->n_scopes; i++) {
		struct fer_value *map;

		if (cover->scope.len && !fer_str_eq(cover->scope, document->scopes[i].name))
			continue;
		map = scope_map(arena, &system, document->scopes[i].name);
		for (; at < document->n && fer_str_eq(document->entries[at].scope, document->scopes[i].name); at++)
			fer_append(arena, map, document->entries[at].path, show_entry(arena, &document->entries[at]));
	}
	fer_set(arena, &out, "ferrite_config", fer_int(FER_CONFIG_FORM));
	fer_set(arena, &out, "key", fer_string(document->key));
	if (cover->scope.len)
		fer_set(arena, &out, "scope", fer_string(cover->scope));
	if (cover->prefix.len)
		fer_set(arena, &out, "prefix", fer_string(cover->prefix));
	if (cover->shared)
		fer_set(arena, &out, "shared", fer_bool(true));
	fer_set(arena, &out, "system", system);
	return out;
}

int fer_config_document_text(struct fer_arena *arena, const struct fer_config_document *document, struct fer_str *out)
{
	struct fer_value json = fer_config_document_show(arena, document);
	struct fer_buf buf;

	fer_buf_init(&buf, arena, FER_CONFIG_BYTES);
	fer_json_page(&buf, &json);
	*out = fer_buf_view(&buf);
	return buf.overflow ? -E2BIG : 0;
}
