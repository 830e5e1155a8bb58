/*
 * URL paths of categories: url_path is the parent's path and the own url_key, for all views and for those that differ; from it
 * come the url_rewrite rows of the views whose root is above.
 */
#include "catalog/category.h"

#include <errno.h>

#include "catalog/url.h"
#include "api/server.h"
#include "store/config.h"

#define URL_LEVEL 2               /* from here on a category has a path: roots have none */

struct node {
	int64_t id, parent_id, level;
	struct fer_str *key, *path;       /* by scope; the rows' own values, .at NULL: no row */
	struct fer_str *url;              /* by scope: what path should be */
};

struct forest {
	struct node *nodes;               /* the parent of the top first, then from the top down */
	size_t n, size;
	int *scopes;                      /* store ids, 0 first */
	size_t n_scopes;
	int64_t key_id, path_id;          /* attributes */
	int64_t top;                      /* only nodes from here on change */
};

/* -- loading ------------------------------------------------------------------------------------------------------ */

/* The views that show this part of the tree: those whose group's root is in the path. */
static int find_scopes(struct fer_call *call, const struct fer_category_row *top, struct forest *f)
{
	struct fer_store_view *views;
	struct fer_store_group group;
	size_t n;
	int r = fer_config_stores(call->server->store, call->arena, &views, &n);

	if (r)
		return r;
	f->scopes = FER_NEW_ARRAY(call->arena, n + 1, int);
	f->n_scopes = 1;
	for (size_t i = 0; i < n; i++)
		if (views[i].id && fer_config_group_by_id(call->server->store, views[i].group_id, &group) &&
		    fer_category_under(top->path, group.root_category_id))
			f->scopes[f->n_scopes++] = views[i].id;
	return 0;
}

static void add_node(struct fer_call *call, struct forest *f, struct node node)
{
	if (f->n == f->size) {
		struct node *nodes = FER_NEW_ARRAY(call->arena, f->size ? f->size * 2 : 16, struct node);

		if (f->n)
			memcpy(nodes, f->nodes, f->n * sizeof(*nodes));
		f->size = f->size ? f->size * 2 : 16;
		f->nodes = nodes;
	}
	node.key = FER_NEW_ARRAY(call->arena, f->n_scopes, struct fer_str);
	node.path = FER_NEW_ARRAY(call->arena, f->n_scopes, struct fer_str);
	node.url = FER_NEW_ARRAY(call->arena, f->n_scopes, struct fer_str);
	f->nodes[f->n++] = node;
}

static int load_nodes(struct fer_call *call, const struct fer_category_row *top, struct forest *f)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str below = fer_str_fmt(call->arena, "%.*s/%%", FER_F(top->path));
	int r = fer_sql_open(call->db, FER_SQL_CATEGORY_BRANCH, &stmt, "iis", top->parent_id, top->id, below);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		if (fer_arena_broken(call->arena))
			return -ENOMEM;
		add_node(call, f, (struct node){ .id = fer_col_int(stmt, 0), .parent_id = fer_col_int(stmt, 1), .level = fer_col_int(stmt, 2) });
	}
	return r;
}

static struct node *node_of(const struct forest *f, int64_t id)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->nodes[i].id == id)
			return &f->nodes[i];
	return NULL;
}

static int scope_index(const struct forest *f, int64_t store_id)
{
	for (size_t i = 0; i < f->n_scopes; i++)
		if (f->scopes[i] == store_id)
			return (int)i;
	return -1;
}

static int load_values(struct fer_call *call, const struct fer_category_row *top, struct forest *f)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str below = fer_str_fmt(call->arena, "%.*s/%%", FER_F(top->path));
	int r = fer_sql_open(call->db, FER_SQL_CATEGORY_BRANCH_URLS, &stmt, "iiiis", f->key_id, f->path_id, top->parent_id, top->id, below);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct node *node = node_of(f, fer_col_int(stmt, 0));
		int scope = scope_index(f, fer_col_int(stmt, 1));

		if (node && scope >= 0)
			(fer_col_int(stmt, 2) == f->key_id ? node->key : node->path)[scope] = fer_col_dup(call->arena, stmt, 3);
	}
	return r;
}

/* -- computing and writing ---------------------------------------------------------------------------------------- */

static struct fer_str effective(const struct fer_str *values, size_t scope)
{
	return values[scope].at ? values[scope] : values[0];
}

static struct fer_str url_of(struct fer_call *call, const struct forest *f, const struct node *node, size_t scope)
{
	const struct node *parent = node_of(f, node->parent_id);
	struct fer_str key = effective(node->key, scope), above = FER_STR_NONE;

	if (node->level < URL_LEVEL)
		return FER_S("");
	if (parent && parent->level >= URL_LEVEL)
		above = parent->url[scope];
	return above.len ? fer_str_fmt(call->arena, "%.*s/%.*s", FER_F(above), FER_F(key)) : key;
}

/* A view has a row of its own where it had one, or where its path is another than that for all. */
static int write_path(struct fer_call *call, const struct forest *f, const struct node *node, size_t scope)
{
	struct fer_str url = node->url[scope];

	if (!url.len || (node->path[scope].at ? fer_str_eq(node->path[scope], url) : scope && fer_str_eq(url, node->url[0])))
		return 0;
	return fer_eav_set_value(call, FER_EAV_CATEGORY, node->id, "url_path", f->scopes[scope], fer_string(url));
}

static int write_paths(struct fer_call *call, struct forest *f)
{
	int r;

	for (size_t i = 0; i < f->n; i++) {
		struct node *node = &f->nodes[i];
		bool changes = i > 0 || node->id == f->top;

		for (size_t s = 0; s < f->n_scopes; s++) {
			node->url[s] = changes ? url_of(call, f, node, s) : effective(node->path, s);
			if (changes && (r = write_path(call, f, node, s)))
				return r;
		}
	}
	return 0;
}

static int add_rewrites(struct fer_call *call, const struct forest *f, const struct node *node)
{
	struct fer_str suffix;
	int r;

	for (size_t s = 1; node->level >= URL_LEVEL && s < f->n_scopes; s++) {
		if ((r = fer_config_text(call->server->store, call->arena, f->scopes[s], "catalog/seo/category_url_suffix", &suffix)))
			return r;
		r = fer_rewrite_add(call, &(struct fer_rewrite){
			.entity_type = "category", .entity_id = node->id, .store_id = f->scopes[s],
			.request_path = fer_str_fmt(call->arena, "%.*s%.*s", FER_F(node->url[s]), FER_F(suffix)),
			.target_path = fer_str_fmt(call->arena, "catalog/category/view/id/%lld", (long long)node->id),
		});
		if (r)
			return r;
	}
	return 0;
}

/* All old ones go first: a path may pass from one of these categories to another. */
static int write_rewrites(struct fer_call *call, const struct forest *f)
{
	int r;

	for (size_t i = 0; i < f->n; i++)
		if ((i > 0 || f->nodes[i].id == f->top) && (r = fer_rewrite_clear(call, "category", f->nodes[i].id)))
			return r;
	for (size_t i = 0; i < f->n; i++)
		if ((i > 0 || f->nodes[i].id == f->top) && (r = add_rewrites(call, f, &f->nodes[i])))
			return r;
	return 0;
}

int fer_category_urls(struct fer_call *call, const struct fer_category_row *row)
{
	const struct fer_attribute *key, *path;
	struct forest f = { .top = row->id };
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	if (r)
		return r;
	key = fer_eav_by_code(eav, FER_EAV_CATEGORY, FER_S("url_key"));
	path = fer_eav_by_code(eav, FER_EAV_CATEGORY, FER_S("url_path"));
	if (!key || !path)
		return 0;
	f.key_id = key->id;
	f.path_id = path->id;
	if ((r = find_scopes(call, row, &f)) || (r = load_nodes(call, row, &f)) || (r = load_values(call, row, &f)) ||
	    (r = write_paths(call, &f)))
		return r;
	return write_rewrites(call, &f);
}
