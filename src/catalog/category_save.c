/*
 * Making, changing, moving and removing categories. Paths, levels, positions and children counts are Magento's, so that a
 * Magento on the same tables goes on where ferrite stopped.
 */
#include "catalog/category.h"

#include <errno.h>

#include "api/route.h"
#include "catalog/url.h"

static struct fer_str now_text(struct fer_call *call)
{
	return fer_time_text(call->arena, call->now_s);
}

/* -- the body ----------------------------------------------------------------------------------------------------- */

struct saving {
	const struct fer_value *body;     /* converted */
	struct fer_value sent;            /* attribute code: value */
	const struct fer_eav *eav;
	int64_t id;                       /* 0: a new one */
	struct fer_category_row row;
};

/* Fields that are attribute values, and custom_attributes, as one map by code. */
static int read_values(struct fer_call *call, struct saving *saving)
{
	static const char *const fields[] = { "name", "is_active", "include_in_menu", "available_sort_by" };

	saving->sent = fer_map();
	for (size_t i = 0; i < FER_ARRAY_LEN(fields); i++)
		if (fer_get(saving->body, fields[i]))
			fer_append(call->arena, &saving->sent, fer_str(fields[i]), *fer_get(saving->body, fields[i]));
	return fer_eav_custom_read(call, FER_EAV_CATEGORY, fer_get(saving->body, "custom_attributes"), &saving->sent);
}

/* A new category starts with the attributes' defaults. */
static void add_defaults(struct fer_call *call, struct saving *saving)
{
	const struct fer_attribute *const *all;
	size_t n;

	all = fer_eav_attributes(saving->eav, FER_EAV_CATEGORY, &n);
	for (size_t i = 0; i < n; i++)
		if (all[i]->default_value.len && !fer_has(&saving->sent, fer_str_z(call->arena, all[i]->code)))
			fer_set_str(call->arena, &saving->sent, all[i]->code, fer_string(all[i]->default_value));
}

/* -- checking ----------------------------------------------------------------------------------------------------- */

static bool is_sortby(const struct fer_attribute *a)
{
	return fer_str_search(a->backend_model, FER_S("Backend\\Sortby")) >= 0;
}

static bool is_blank(const struct fer_value *v)
{
	return fer_is_null(v) || (v->kind == FER_V_STRING && !v->text.len) || (!fer_is_scalar(v) && !fer_count(v));
}

static int empty_value(struct fer_call *call, const struct fer_attribute *a)
{
	return fer_category_fail(call, fer_str_fmt(call->arena, "The \"%.*s\" attribute value is empty. Set the attribute and try again.",
	                                           FER_F(a->label)));
}

/* An update only answers for what it sends; the rest was checked before. */
static int check_required(struct fer_call *call, const struct saving *saving)
{
	const struct fer_attribute *const *all;
	size_t n;

	all = fer_eav_attributes(saving->eav, FER_EAV_CATEGORY, &n);
	for (size_t i = 0; i < n; i++) {
		const struct fer_value *v = fer_get_str(&saving->sent, all[i]->code);

		if (all[i]->is_required && !is_sortby(all[i]) && (v || !saving->id) && is_blank(v))
			return empty_value(call, all[i]);
	}
	return 0;
}

static bool offers(struct fer_call *call, const struct fer_value *available, struct fer_str wanted)
{
	struct fer_str rest = FER_STR_NONE, piece;

	if (available->kind != FER_V_LIST) {
		rest = fer_as_str(call->arena, available);
		while (rest.len && fer_str_cut(&rest, ',', &piece))
			if (fer_str_eq(piece, wanted))
				return true;
		return false;
	}
	for (size_t i = 0; i < fer_count(available); i++)
		if (fer_str_eq(fer_as_str(call->arena, fer_at(available, i)), wanted))
			return true;
	return false;
}

/*
 * The default order must be among the available ones, unless those are left to the configuration. A default sent as a list (and no
 * other form gets here) is never among them.
 * Source: Magento_Catalog Category\Attribute\Backend\Sortby, 2.4.7
 */
static int check_sorting(struct fer_call *call, const struct saving *saving, const struct fer_eav_row *old)
{
	const struct fer_value *available = fer_get(&saving->sent, "available_sort_by"), *chosen = fer_get(&saving->sent, "default_sort_by");
	struct fer_str wanted = FER_S("position");

	available = available || !old ? available : fer_eav_value(old, "available_sort_by");
	chosen = chosen || !old ? chosen : fer_eav_value(old, "default_sort_by");
	if (is_blank(available))
		return 0;
	if (!is_blank(chosen))
		wanted = fer_is_scalar(chosen) ? fer_as_str(call->arena, chosen) : FER_STR_NONE;
	if (wanted.len && offers(call, available, wanted))
		return 0;
	return fer_category_fail(call, FER_S("Default Product Listing Sort by does not exist in Available Product Listing Sort By."));
}

/* url_key is made from the name when it is empty; url_path is never taken from a client. */
static int check_url_key(struct fer_call *call, struct saving *saving)
{
	static const char *const reserved[] = { "admin", "soap", "rest", "graphql", "standard" };
	const struct fer_value *sent = fer_get(&saving->sent, "url_key");
	struct fer_str text = fer_is_null(sent) ? FER_STR_NONE : fer_as_str(call->arena, sent), key;

	fer_unset(&saving->sent, "url_path");
	if (saving->id && !sent)
		return 0;
	text = text.len ? text : fer_map_str(call->arena, &saving->sent, "name");
	if (saving->id && !text.len)
		return 0;
	key = fer_url_key(call->arena, text);
	if (!key.len)
		return fer_category_fail(call, fer_str_fmt(call->arena, "Invalid URL key. The \"%.*s\" URL key can not be used to generate Latin URL key. "
		                         "Please use Latin letters and numbers to avoid generating URL key issues.", FER_F(text)));
	for (size_t i = 0; i < FER_ARRAY_LEN(reserved); i++)
		if (fer_str_is(key, reserved[i]))
			return fer_category_fail(call, fer_str_fmt(call->arena, "URL key \"%s\" matches a reserved endpoint name "
			                         "(admin, soap, rest, graphql, standard). Use another URL key.", reserved[i]));
	fer_set(call->arena, &saving->sent, "url_key", fer_string(key));
	return 0;
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

/* A list where the column keeps one word (default_sort_by) is not stored at all, as Magento stores no arrays. */
static bool is_stored(const struct fer_attribute *a, const struct fer_value *v)
{
	return a && a->backend != FER_B_STATIC && (fer_is_scalar(v) || fer_is_null(v) || fer_str_is(a->input, "multiselect"));
}

static int check_dates(struct fer_call *call, const struct saving *saving)
{
	for (uint32_t i = 0; i < saving->sent.map.n; i++) {
		const struct fer_member *m = &saving->sent.map.members[i];
		const struct fer_attribute *a = fer_eav_by_code(saving->eav, FER_EAV_CATEGORY, m->name);

		if (a && !fer_eav_is_time(call->arena, a, &m->value))
			return fer_category_fail(call, FER_S("Invalid date"));
	}
	return 0;
}

/* A new category's values are for all views, whatever view the request named. */
static int write_values(struct fer_call *call, const struct saving *saving, bool is_new)
{
	struct fer_eav_value *values = FER_NEW_ARRAY(call->arena, fer_count(&saving->sent) + 1, struct fer_eav_value);
	size_t n = 0;

	for (uint32_t i = 0; i < saving->sent.map.n; i++) {
		const struct fer_member *m = &saving->sent.map.members[i];
		const struct fer_attribute *a = fer_eav_by_code(saving->eav, FER_EAV_CATEGORY, m->name);

		if (is_stored(a, &m->value))
			values[n++] = (struct fer_eav_value){ a, is_new ? 0 : call->store_id, m->value };
	}
	return fer_eav_save(call, FER_EAV_CATEGORY, saving->row.id, values, n);
}

static int write_urls(struct fer_call *call, const struct saving *saving)
{
	int r = fer_category_urls(call, &saving->row);

	return r == -EEXIST ? fer_category_fail(call, FER_S("URL key for specified store already exists.")) : r;
}

/* Missing parent: the root of the view. */
static int find_parent(struct fer_call *call, const struct saving *saving, struct fer_category_row *parent)
{
	struct fer_value id = fer_int(fer_map_int(saving->body, "parent_id", 0));

	if (!id.number)
		id = fer_int(fer_category_root(call));
	return fer_category_row(call, &id, parent);
}

static int next_position(struct fer_call *call, const struct saving *saving, const struct fer_category_row *parent, int64_t *position)
{
	const struct fer_value *sent = fer_get(saving->body, "position");
	int64_t last = 0;
	int r;

	*position = fer_as_int(sent);
	if (!fer_is_null(sent))
		return 0;
	r = fer_sql_int(call->db, FER_SQL_CATEGORY_LAST_POSITION, 0, &last, "i", parent->id);
	*position = last + 1;
	return r;
}

/* Ids of a path, for the statements that count children up and down. */
static int count_children(struct fer_call *call, struct fer_str path, int64_t by)
{
	struct fer_str piece;
	int64_t id;
	int r = 0;

	while (!r && fer_str_cut(&path, '/', &piece))
		if (fer_str_int(piece, &id))
			r = fer_sql_run(call->db, FER_SQL_CATEGORY_COUNT, NULL, "isi", by, now_text(call), id);
	return r;
}

static int insert_row(struct fer_call *call, struct saving *saving, const struct fer_category_row *parent)
{
	struct fer_category_row *row = &saving->row;
	int64_t position;
	int r;

	if ((r = next_position(call, saving, parent, &position)))
		return r;
	*row = (struct fer_category_row){ .parent_id = parent->id, .position = position, .level = parent->level + 1 };
	if ((r = fer_sql_insert(call->db, FER_SQL_CATEGORY_ADD, &row->id, "issii", parent->id, now_text(call), now_text(call), position, row->level)))
		return r;
	row->path = fer_str_fmt(call->arena, "%.*s/%lld", FER_F(parent->path), (long long)row->id);
	if ((r = fer_sql_run(call->db, FER_SQL_CATEGORY_PATH, NULL, "si", row->path, row->id)))
		return r;
	return count_children(call, parent->path, 1);
}

static int create(struct fer_call *call, struct saving *saving)
{
	struct fer_category_row parent;
	int r = find_parent(call, saving, &parent);

	if (r)
		return r;
	add_defaults(call, saving);
	if ((r = check_required(call, saving)) || (r = check_sorting(call, saving, NULL)) || (r = check_url_key(call, saving)) ||
	    (r = check_dates(call, saving)) || (r = insert_row(call, saving, &parent)) || (r = write_values(call, saving, true)))
		return r;
	return write_urls(call, saving);
}

static int update_row(struct fer_call *call, const struct saving *saving)
{
	const struct fer_value *position = fer_get(saving->body, "position");

	return fer_sql_run(call->db, FER_SQL_CATEGORY_TOUCH, NULL, "isi", fer_is_null(position) ? saving->row.position : fer_as_int(position),
	                   now_text(call), saving->id);
}

static int update(struct fer_call *call, struct saving *saving)
{
	static const char *const sorting[] = { "available_sort_by", "default_sort_by", NULL };
	struct fer_eav_row old;
	bool new_key;
	int r;

	if ((r = fer_category_row(call, fer_get(saving->body, "id"), &saving->row)) ||
	    (r = fer_eav_load(call, FER_EAV_CATEGORY, &saving->id, 1, call->store_id, sorting, &old)) ||
	    (r = check_required(call, saving)) || (r = check_sorting(call, saving, &old)) || (r = check_url_key(call, saving)) ||
	    (r = check_dates(call, saving)))
		return r;
	new_key = fer_get(&saving->sent, "url_key");
	if ((r = update_row(call, saving)) || (r = write_values(call, saving, false)))
		return r;
	return new_key ? write_urls(call, saving) : 0;
}

static int store_category(struct fer_call *call, void *data)
{
	struct saving *saving = data;
	int r = fer_eav_get(call, &saving->eav);

	if (r || (r = read_values(call, saving)))
		return r;
	return saving->id ? update(call, saving) : create(call, saving);
}

static int save_category(struct fer_call *call)
{
	struct saving saving = { .body = fer_arg(call, "category") };
	struct fer_value list;
	int r;

	saving.id = fer_map_int(saving.body, "id", 0);
	if ((r = fer_eav_get(call, &saving.eav)) || (r = fer_tx(call, 0, store_category, &saving)) ||
	    (r = fer_category_load(call, &saving.row.id, 1, &list)))
		return r;
	return fer_answer(call, fer_shape(call, &fer_category, fer_at(&list, 0)));
}

/* -- moving ------------------------------------------------------------------------------------------------------- */

struct moving {
	struct fer_category_row row, parent;
	int64_t after_id;                 /* 0: first */
};

/* Without a sibling, or with one past the last, it goes after the last active child. */
static int find_sibling(struct fer_call *call, struct moving *moving)
{
	const struct fer_value *after = fer_arg(call, "afterId");
	struct fer_value list;
	struct fer_str children, piece = FER_STR_NONE;
	int64_t last = 0;
	int r = fer_category_load(call, &moving->parent.id, 1, &list);

	if (r)
		return r;
	children = fer_map_str(call->arena, fer_at(&list, 0), "children");
	while (children.len && fer_str_cut(&children, ',', &piece))
		fer_str_int(piece, &last);
	moving->after_id = fer_as_int(after);
	if (last && (fer_is_null(after) || moving->after_id > last))
		moving->after_id = last;
	return 0;
}

/* Close the gap behind, open one ahead. Source: Magento_Catalog ResourceModel\Category _processPositions, 2.4.7 */
static int make_place(struct fer_call *call, const struct moving *moving, int64_t *position)
{
	int64_t after = 0;
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_CATEGORY_SHIFT, NULL, "iii", (int64_t)-1, moving->row.parent_id, moving->row.position + 1)))
		return r;
	if (moving->after_id && (r = fer_sql_int(call->db, FER_SQL_CATEGORY_POSITION, 0, &after, "i", moving->after_id)))
		return r;
	*position = moving->after_id ? after + 1 : 1;
	return fer_sql_run(call->db, FER_SQL_CATEGORY_SHIFT, NULL, "iii", (int64_t)1, moving->parent.id, *position);
}

static int move_branch(struct fer_call *call, struct moving *moving)
{
	struct fer_str old = moving->row.path, path;
	int64_t level = moving->parent.level + 1, count = moving->row.children_count + 1, position;
	struct fer_str above = fer_str_take(old, old.len - fer_str_fmt(call->arena, "/%lld", (long long)moving->row.id).len);
	int r;

	path = fer_str_fmt(call->arena, "%.*s/%lld", FER_F(moving->parent.path), (long long)moving->row.id);
	if ((r = count_children(call, above, -count)) || (r = count_children(call, moving->parent.path, count)) ||
	    (r = make_place(call, moving, &position)))
		return r;
	r = fer_sql_run(call->db, FER_SQL_CATEGORY_MOVE_BELOW, NULL, "siiss", path, (int64_t)old.len + 1, level - moving->row.level,
	                now_text(call), fer_str_fmt(call->arena, "%.*s/%%", FER_F(old)));
	if (r)
		return r;
	moving->row.path = path;
	moving->row.level = level;
	moving->row.parent_id = moving->parent.id;
	return fer_sql_run(call->db, FER_SQL_CATEGORY_MOVE, NULL, "siiisi", path, level, position, moving->parent.id, now_text(call), moving->row.id);
}

/* A category is not below itself, so moving it there is not refused by name. */
static int store_move(struct fer_call *call, void *data)
{
	struct moving *moving = data;
	int r;

	if ((r = fer_category_row(call, fer_arg(call, "categoryId"), &moving->row)) ||
	    (r = fer_category_row(call, fer_arg(call, "parentId"), &moving->parent)) || (r = find_sibling(call, moving)))
		return r;
	if (moving->parent.id == moving->row.id)
		return fer_fail(call, FER_E_CATEGORY_NOT_MOVED, NULL);
	if (fer_category_under(moving->parent.path, moving->row.id))
		return fer_fail(call, FER_E_CATEGORY_BELOW_ITSELF, NULL);
	if ((r = move_branch(call, moving)))
		return r;
	r = fer_category_urls(call, &moving->row);
	return r == -EEXIST ? fer_fail(call, FER_E_CATEGORY_NOT_MOVED, NULL) : r;
}

static int move_category(struct fer_call *call)
{
	const struct fer_eav *eav;
	struct moving moving;
	int r = fer_eav_get(call, &eav);

	if (!r)
		r = fer_tx(call, 0, store_move, &moving);
	return r ? r : fer_answer_true(call);
}

/* -- removing ----------------------------------------------------------------------------------------------------- */

/* A store's root and the tree's root stay. */
static int check_removal(struct fer_call *call, const struct fer_category_row *row)
{
	int64_t used = 0;
	int r = fer_sql_int(call->db, FER_SQL_CATEGORY_IS_ROOT, 0, &used, "i", row->id);

	if (r || (!used && row->id != FER_TREE_ROOT))
		return r;
	return fer_fail(call, FER_E_CATEGORY_NOT_DELETED, "1", fer_string(fer_str_fmt(call->arena, "%lld", (long long)row->id)), NULL);
}

/* The values, links and scopes of all below go with their rows, by foreign keys. */
static int store_removal(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_category_row row;
	struct fer_str below, above;
	int r = fer_category_row(call, fer_arg(call, "categoryId"), &row);

	if (r || (r = check_removal(call, &row)))
		return r;
	below = fer_str_fmt(call->arena, "%.*s/%%", FER_F(row.path));
	above = fer_str_take(row.path, row.path.len - fer_str_fmt(call->arena, "/%lld", (long long)row.id).len);
	if ((r = fer_sql_run(call->db, FER_SQL_CATEGORY_DROP_REWRITES, NULL, "is", row.id, below)) ||
	    (r = fer_sql_run(call->db, FER_SQL_CATEGORY_DROP_PRODUCT_REWRITES, NULL, "is", row.id, below)) ||
	    (r = count_children(call, above, -(row.children_count + 1))))
		return r;
	return fer_sql_run(call->db, FER_SQL_CATEGORY_DROP, NULL, "is", row.id, below);
}

static int delete_category(struct fer_call *call)
{
	int r = fer_tx(call, 0, store_removal, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define CATEGORIES "Magento_Catalog::categories"
#define CATEGORY { "category", FER_OBJECT, FER_REQ, &fer_category, NULL }
#define ID { "categoryId", FER_INT, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/categories", CATEGORIES, .run = save_category, .of = &fer_category, FER_PARAMS(CATEGORY),
	  .service = "catalogCategoryRepositoryV1", .summary = "Make a category", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/categories/:id", CATEGORIES, .run = save_category, .of = &fer_category, FER_PARAMS(CATEGORY),
	  .service = "catalogCategoryRepositoryV1", .summary = "Change a category", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/categories/:categoryId/move", CATEGORIES, .run = move_category,
	  FER_PARAMS(ID, { "parentId", FER_INT, FER_REQ, NULL, NULL }, { "afterId", FER_INT, 0, NULL, NULL }), .returns = FER_BOOL,
	  .service = "catalogCategoryManagementV1",
	  .summary = "Put a category below another", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/categories/:categoryId", CATEGORIES, .run = delete_category, FER_PARAMS(ID), .returns = FER_BOOL,
	  .service = "catalogCategoryRepositoryV1",
	  .summary = "Remove a category and all below it", .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_category_save = FER_ROUTE_TABLE(rows);
