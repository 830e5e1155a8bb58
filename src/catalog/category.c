/*
 * Reading categories: one, and lists by search criteria.
 */
#include "catalog/category.h"

#include <errno.h>

#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "store/config.h"

/* -- descriptor --------------------------------------------------------------------------------------------------- */

static const struct fer_field category_fields[] = {
	FER_FIELD("id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_FIELD("parent_id", FER_INT, "parent_id", 0, "the category above; missing: the store's root"),
	FER_FIELD("name", FER_STRING, NULL, 0, "shown name"),
	FER_FIELD("is_active", FER_BOOL, NULL, 0, "shown at all"),
	FER_FIELD("position", FER_INT, "position", 0, "place among its siblings"),
	FER_FIELD("level", FER_INT, "level", 0, "0 for the tree's root"),
	FER_FIELD("children", FER_STRING, NULL, 0, "ids of active children, with commas"),
	FER_FIELD("created_at", FER_STRING, "created_at", 0, "UTC"),
	FER_FIELD("updated_at", FER_STRING, "updated_at", 0, "UTC"),
	FER_FIELD("path", FER_STRING, "path", 0, "ids from the tree's root"),
	FER_FIELD("available_sort_by", FER_STRING, NULL, FER_MANY, "how its products can be sorted"),
	FER_FIELD("include_in_menu", FER_BOOL, NULL, 0, "part of the navigation"),
	FER_FIELD("extension_attributes", FER_MIXED, NULL, FER_IN_ONLY | FER_READ, "none"),
	FER_FIELD("custom_attributes", FER_CUSTOM, NULL, 0, "all other attributes"),
};

const struct fer_entity fer_category = {
	.name = "catalog-data-category-interface", .table = "catalog_category_entity", FER_FIELDS(category_fields), .param = "category",
	.path_id = "categoryId",
};

/* -- rows --------------------------------------------------------------------------------------------------------- */

static void read_row(struct fer_call *call, struct fer_stmt *stmt, struct fer_category_row *row)
{
	*row = (struct fer_category_row){
		.id = fer_col_int(stmt, 0), .parent_id = fer_col_int(stmt, 1), .position = fer_col_int(stmt, 2), .level = fer_col_int(stmt, 3),
		.children_count = fer_col_int(stmt, 4), .path = fer_col_dup(call->arena, stmt, 5),
		.created_at = fer_col_dup(call->arena, stmt, 6), .updated_at = fer_col_dup(call->arena, stmt, 7),
	};
}

int fer_category_row(struct fer_call *call, const struct fer_value *id, struct fer_category_row *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_CATEGORY_ROW, &stmt, "i", fer_as_int(id));

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("id"), "fieldValue", id ? *id : fer_null(), NULL);
	read_row(call, stmt, out);
	return 0;
}

static struct fer_value id_list(struct fer_arena *arena, const int64_t *ids, size_t n)
{
	struct fer_value list = fer_list();

	for (size_t i = 0; i < n; i++)
		fer_push(arena, &list, fer_int(ids[i]));
	return list;
}

static int load_rows(struct fer_call *call, const int64_t *ids, size_t n, struct fer_category_row *rows)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value list = id_list(call->arena, ids, n);
	struct fer_category_row row;
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT entity_id, parent_id, position, level, children_count, path, created_at, updated_at"
	                      " FROM catalog_category_entity WHERE entity_id");
	fer_query_in(&query, &list);
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		read_row(call, stmt, &row);
		for (size_t i = 0; i < n; i++)
			if (ids[i] == row.id)
				rows[i] = row;
	}
	return r;
}

/* The active children of each, joined with commas, in order of their ids. */
static int load_children(struct fer_call *call, const struct fer_eav *eav, const int64_t *ids, size_t n, struct fer_buf *children)
{
	const struct fer_attribute *active = fer_eav_by_code(eav, FER_EAV_CATEGORY, FER_S("is_active"));
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value list = id_list(call->arena, ids, n);
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT m.parent_id, m.entity_id FROM catalog_category_entity m"
	                      " LEFT JOIN catalog_category_entity_int d ON d.entity_id = m.entity_id AND d.attribute_id = ? AND d.store_id = 0"
	                      " LEFT JOIN catalog_category_entity_int s ON s.entity_id = m.entity_id AND s.attribute_id = ? AND s.store_id = ?"
	                      " WHERE COALESCE(s.value, d.value) = 1 AND m.parent_id");
	fer_query_bind(&query, fer_int(active ? active->id : 0));
	fer_query_bind(&query, fer_int(active ? active->id : 0));
	fer_query_bind(&query, fer_int(call->store_id));
	fer_query_in(&query, &list);
	fer_query_add(&query, " ORDER BY m.entity_id");
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		for (size_t i = 0; i < n; i++)
			if (ids[i] == fer_col_int(stmt, 0))
				fer_buf_fmt(&children[i], "%s%lld", children[i].len ? "," : "", (long long)fer_col_int(stmt, 1));
	return r;
}

/* -- records ------------------------------------------------------------------------------------------------------ */

static struct fer_value bool_of(const struct fer_value *v)
{
	return fer_is_null(v) ? fer_null() : fer_bool(fer_as_int(v) != 0);
}

static struct fer_value sort_list(struct fer_call *call, const struct fer_value *v)
{
	struct fer_str rest = fer_is_null(v) ? FER_STR_NONE : fer_as_str(call->arena, v), piece;
	struct fer_value list = fer_list();

	if (!rest.len)
		return fer_null();
	while (fer_str_cut(&rest, ',', &piece))
		fer_push(call->arena, &list, fer_string(piece));
	return list;
}

/* Attributes that have a field of their own, or none at all. */
static bool is_custom(const struct fer_attribute *a)
{
	static const char *const fields[] = { "name", "is_active", "position", "level", "available_sort_by", "include_in_menu", "children" };

	for (size_t i = 0; i < FER_ARRAY_LEN(fields); i++)
		if (fer_str_is(a->code, fields[i]))
			return false;
	return true;
}

static struct fer_value custom_of(struct fer_call *call, const struct fer_eav *eav, const struct fer_category_row *row,
                                  const struct fer_eav_row *values)
{
	struct fer_value list = fer_list();
	const struct fer_attribute *const *all;
	size_t n;

	all = fer_eav_attributes(eav, FER_EAV_CATEGORY, &n);
	for (size_t i = 0; i < n; i++) {
		const struct fer_value *v = fer_eav_value(values, fer_str_z(call->arena, all[i]->code));

		if (fer_str_is(all[i]->code, "path"))
			fer_eav_custom_add(call, &list, all[i]->code, fer_string(row->path));
		else if (fer_str_is(all[i]->code, "children_count"))
			fer_eav_custom_add(call, &list, all[i]->code, fer_string(fer_str_fmt(call->arena, "%lld", (long long)row->children_count)));
		else if (is_custom(all[i]) && !fer_is_null(v))
			fer_eav_custom_add(call, &list, all[i]->code, *v);
	}
	return list;
}

static struct fer_value record_of(struct fer_call *call, const struct fer_eav *eav, const struct fer_category_row *row,
                                  const struct fer_eav_row *values, struct fer_str children)
{
	const struct fer_value *name = fer_eav_value(values, "name");
	const struct fer_member members[] = {
		{ FER_S("id"), fer_int(row->id) },
		{ FER_S("parent_id"), fer_int(row->parent_id) },
		{ FER_S("name"), name ? *name : fer_null() },
		{ FER_S("is_active"), bool_of(fer_eav_value(values, "is_active")) },
		{ FER_S("position"), fer_int(row->position) },
		{ FER_S("level"), fer_int(row->level) },
		{ FER_S("children"), fer_string(children) },
		{ FER_S("created_at"), fer_string(row->created_at) },
		{ FER_S("updated_at"), fer_string(row->updated_at) },
		{ FER_S("path"), fer_string(row->path) },
		{ FER_S("available_sort_by"), sort_list(call, fer_eav_value(values, "available_sort_by")) },
		{ FER_S("include_in_menu"), bool_of(fer_eav_value(values, "include_in_menu")) },
		{ FER_S("custom_attributes"), custom_of(call, eav, row, values) },
	};
	struct fer_value record = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(members); i++)
		fer_append(call->arena, &record, members[i].name, members[i].value);
	return record;
}

int fer_category_load(struct fer_call *call, const int64_t *ids, size_t n, struct fer_value *out)
{
	struct fer_category_row *rows = FER_NEW_ARRAY(call->arena, n + 1, struct fer_category_row);
	struct fer_eav_row *values = FER_NEW_ARRAY(call->arena, n + 1, struct fer_eav_row);
	struct fer_buf *children = FER_NEW_ARRAY(call->arena, n + 1, struct fer_buf);
	const struct fer_eav *eav;
	int r;

	*out = fer_list();
	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		fer_buf_init(&children[i], call->arena, 1u << 20);
	if ((r = fer_eav_get(call, &eav)) || (r = load_rows(call, ids, n, rows)) || (r = load_children(call, eav, ids, n, children)) ||
	    (r = fer_eav_load(call, FER_EAV_CATEGORY, ids, n, call->store_id, NULL, values)))
		return r;
	for (size_t i = 0; i < n; i++) {
		if (fer_arena_broken(call->arena))
			return -ENOMEM;
		if (rows[i].id)
			fer_push(call->arena, out, record_of(call, eav, &rows[i], &values[i], fer_buf_view(&children[i])));
	}
	return 0;
}

/* -- the store's part of the tree --------------------------------------------------------------------------------- */

int64_t fer_category_root(struct fer_call *call)
{
	struct fer_store_view view;
	struct fer_store_group group;

	if (!call->store_id || !fer_config_store_by_id(call->server->store, call->store_id, &view) ||
	    !fer_config_group_by_id(call->server->store, view.group_id, &group))
		return 0;
	return group.root_category_id;
}

bool fer_category_under(struct fer_str path, int64_t root)
{
	struct fer_str piece;
	int64_t id;

	while (fer_str_cut(&path, '/', &piece))
		if (fer_str_int(piece, &id) && id == root)
			return true;
	return false;
}

int fer_category_fail(struct fer_call *call, struct fer_str why)
{
	return fer_fail(call, FER_E_CATEGORY_NOT_SAVED, "1", fer_string(why), NULL);
}

/* -- handlers ----------------------------------------------------------------------------------------------------- */

static int get_category(struct fer_call *call)
{
	int64_t id = fer_arg_int(call, "categoryId");
	struct fer_category_row row;
	struct fer_value list;
	int r;

	if ((r = fer_category_row(call, fer_arg(call, "categoryId"), &row)) || (r = fer_category_load(call, &id, 1, &list)))
		return r;
	return fer_answer(call, fer_shape(call, &fer_category, fer_at(&list, 0)));
}

static const struct fer_eav_column columns[] = {
	{ "entity_id", "main.entity_id", NULL }, { "attribute_set_id", "main.attribute_set_id", NULL },
	{ "parent_id", "main.parent_id", NULL }, { "created_at", "main.created_at", NULL }, { "updated_at", "main.updated_at", NULL },
	{ "path", "main.path", NULL }, { "position", "main.position", NULL }, { "level", "main.level", NULL },
	{ "children_count", "main.children_count", NULL }, { NULL, NULL, NULL },
};

static int list_categories(struct fer_call *call)
{
	const struct fer_eav_search search = { .type = FER_EAV_CATEGORY, .columns = columns, .store_id = call->store_id };
	struct fer_value list, items = fer_list();
	struct fer_eav_found found;
	int r;

	if ((r = fer_eav_find(call, &search, fer_criteria(call), &found)) || (r = fer_category_load(call, found.ids, found.n, &list)))
		return r;
	for (size_t i = 0; i < fer_count(&list); i++)
		fer_push(call->arena, &items, fer_shape(call, &fer_category, fer_at(&list, i)));
	return fer_answer(call, fer_search_result(call, items, found.total));
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define CATEGORIES "Magento_Catalog::categories"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/categories/list", CATEGORIES, .run = list_categories, .of = &fer_category, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true,
	  .service = "catalogCategoryListV1", .summary = "Categories by search criteria", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/categories/:categoryId", CATEGORIES, .run = get_category, .of = &fer_category,
	  FER_PARAMS({ "categoryId", FER_INT, FER_REQ, NULL, NULL }), .cached = true, .insecure = true,
	  .service = "catalogCategoryRepositoryV1", .summary = "One category",
	  .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_category = FER_ROUTE_TABLE(rows);
