/*
 * The category tree with product counts: the whole branch with one statement, its values with one a value table, its products
 * with one more, however large it is.
 */
#include "catalog/category.h"

#include <errno.h>

#include "api/route.h"
#include "api/server.h"
#include "store/config.h"

#define ENABLED 1
#define IN_CATALOG 2              /* visibility from here … */
#define IN_BOTH 4                 /* … to here is found by visitors */

struct node {
	int64_t id, parent_id, position, level;
	bool under_root, is_anchor;
	struct node *parent, *children, *last, *next;
	const struct fer_eav_row *values;
	int64_t direct;                   /* products in it */
	int64_t visible, all;             /* products in it and below: those a visitor finds, and all */
	int64_t seen, seen_visible;       /* the last product counted, for each is counted once */
};

struct tree {
	struct node *nodes;
	size_t n;
	struct node **by_id;
};

/* -- loading ------------------------------------------------------------------------------------------------------ */

static int by_id(const void *left, const void *right)
{
	const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;

	return (a->id > b->id) - (a->id < b->id);
}

static struct node *find(const struct tree *tree, int64_t id)
{
	size_t low = 0, high = tree->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (tree->by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < tree->n && tree->by_id[low]->id == id ? tree->by_id[low] : NULL;
}

static int count_nodes(struct fer_call *call, const struct fer_category_row *top, struct fer_str below, size_t *n)
{
	int64_t count = 0;
	int r = fer_sql_int(call->db, FER_SQL_CATEGORY_TREE_SIZE, 0, &count, "is", top->id, below);

	*n = (size_t)count;
	return r;
}

static void read_node(struct fer_stmt *stmt, struct node *node, int64_t root)
{
	*node = (struct node){ .id = fer_col_int(stmt, 0), .parent_id = fer_col_int(stmt, 1), .position = fer_col_int(stmt, 2),
	                       .level = fer_col_int(stmt, 3) };
	node->under_root = fer_category_under(fer_col_str(stmt, 4), root);
}

static int load_nodes(struct fer_call *call, const struct fer_category_row *top, struct tree *tree)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str below = fer_str_fmt(call->arena, "%.*s/%%", FER_F(top->path));
	int64_t root = fer_category_root(call);
	size_t room;
	int r;

	if ((r = count_nodes(call, top, below, &room)) || (r = fer_sql_open(call->db, FER_SQL_CATEGORY_TREE, &stmt, "is", top->id, below)))
		return r;
	tree->nodes = FER_NEW_ARRAY(call->arena, room + 1, struct node);
	tree->by_id = FER_NEW_ARRAY(call->arena, room + 1, struct node *);
	if (fer_arena_broken(call->arena))
		return -ENOMEM;
	for (tree->n = 0; tree->n < room && (r = fer_stmt_step(stmt)) == 1; tree->n++) {
		read_node(stmt, &tree->nodes[tree->n], root);
		tree->by_id[tree->n] = &tree->nodes[tree->n];
	}
	qsort(tree->by_id, tree->n, sizeof(struct node *), by_id);
	return r < 0 ? r : 0;
}

/* Rows come by position, so children are in order. */
static void link_nodes(struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++) {
		struct node *node = &tree->nodes[i], *parent = find(tree, node->parent_id);

		node->parent = parent;
		if (!parent)
			continue;
		if (parent->last)
			parent->last->next = node;
		else
			parent->children = node;
		parent->last = node;
	}
}

static int load_values(struct fer_call *call, struct tree *tree)
{
	static const char *const codes[] = { "name", "is_active", "is_anchor", NULL };
	struct fer_eav_row *values = FER_NEW_ARRAY(call->arena, tree->n + 1, struct fer_eav_row);
	int64_t *ids = FER_NEW_ARRAY(call->arena, tree->n + 1, int64_t);
	int r;

	for (size_t i = 0; i < tree->n; i++)
		ids[i] = tree->nodes[i].id;
	if ((r = fer_eav_load(call, FER_EAV_CATEGORY, ids, tree->n, call->store_id, codes, values)))
		return r;
	for (size_t i = 0; i < tree->n; i++) {
		tree->nodes[i].values = &values[i];
		tree->nodes[i].is_anchor = fer_as_int(fer_eav_value(&values[i], "is_anchor")) != 0;
	}
	return 0;
}

/* -- counting products -------------------------------------------------------------------------------------------- */

static void count_product(struct node *node, int64_t product_id, bool visible)
{
	node->direct++;
	for (; node; node = node->parent) {
		if (node->seen != product_id)
			node->all++;
		node->seen = product_id;
		if (visible && node->seen_visible != product_id)
			node->visible++;
		if (visible)
			node->seen_visible = product_id;
	}
}

static bool is_found(struct fer_stmt *stmt)
{
	int64_t visibility = fer_col_int(stmt, 3);

	return fer_col_int(stmt, 2) == ENABLED && visibility >= IN_CATALOG && visibility <= IN_BOTH;
}

static int64_t attribute_id(const struct fer_eav *eav, const char *code)
{
	const struct fer_attribute *a = fer_eav_by_code(eav, FER_EAV_PRODUCT, fer_str(code));

	return a ? a->id : 0;
}

/* Every assignment, by product; what a view's visitor can find is flagged. */
static int count_products(struct fer_call *call, struct tree *tree)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t store = call->store_id, website = fer_config_website_of(call->server->store, call->store_id), status, visibility;
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	if (r)
		return r;
	status = attribute_id(eav, "status");
	visibility = attribute_id(eav, "visibility");
	r = fer_sql_open(call->db, FER_SQL_CATEGORY_TREE_PRODUCTS, &stmt, "iiiiiiii", status, status, store, visibility, visibility, store,
	                 website, website);
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct node *node = find(tree, fer_col_int(stmt, 1));

		if (node)
			count_product(node, fer_col_int(stmt, 0), is_found(stmt));
		r = 0;
	}
	return r;
}

/*
 * An anchor shows what is below it, as far as visitors find it; when they find nothing, all of it is counted. Others count their own.
 * Source: Magento_Catalog Category\Collection loadProductCount, 2.4.7
 */
static int64_t product_count(const struct fer_call *call, const struct node *node)
{
	if (!node->is_anchor)
		return node->direct;
	return call->store_id && node->under_root && node->visible ? node->visible : node->all;
}

/* -- the answer --------------------------------------------------------------------------------------------------- */

static const struct fer_entity category_tree;

static const struct fer_field tree_fields[] = {
	FER_FIELD("id", FER_INT, NULL, 0, "row id"),
	FER_FIELD("parent_id", FER_INT, NULL, 0, "the category above"),
	FER_FIELD("name", FER_STRING, NULL, 0, "shown name"),
	FER_FIELD("is_active", FER_BOOL, NULL, 0, "shown at all"),
	FER_FIELD("position", FER_INT, NULL, 0, "place among its siblings"),
	FER_FIELD("level", FER_INT, NULL, 0, "0 for the tree's root"),
	FER_FIELD("product_count", FER_INT, NULL, 0, "products in it, of an anchor also below it"),
	FER_FIELD("children_data", FER_OBJECT, NULL, FER_MANY, "the categories below", .of = &category_tree),
};

static const struct fer_entity category_tree = { .name = "catalog-data-category-tree-interface", FER_FIELDS(tree_fields) };

/* Depth is bounded by the path column (255 characters). */
static struct fer_value tree_of(struct fer_call *call, const struct node *node, int64_t depth)
{
	const struct fer_value *name = fer_eav_value(node->values, "name"), *active = fer_eav_value(node->values, "is_active");
	struct fer_value out = fer_map(), children = fer_list();

	for (const struct node *child = depth > 0 ? node->children : NULL; child; child = child->next)
		fer_push(call->arena, &children, tree_of(call, child, depth - 1));
	fer_append(call->arena, &out, FER_S("id"), fer_int(node->id));
	fer_append(call->arena, &out, FER_S("parent_id"), fer_int(node->parent_id));
	fer_append(call->arena, &out, FER_S("name"), fer_is_null(name) ? fer_null() : *name);
	fer_append(call->arena, &out, FER_S("is_active"), fer_is_null(active) ? fer_null() : fer_bool(fer_as_int(active) != 0));
	fer_append(call->arena, &out, FER_S("position"), fer_int(node->position));
	fer_append(call->arena, &out, FER_S("level"), fer_int(node->level));
	fer_append(call->arena, &out, FER_S("product_count"), fer_int(product_count(call, node)));
	fer_append(call->arena, &out, FER_S("children_data"), children);
	return out;
}

/* Without a root: the view's root category, for the admin's view the tree's root. */
static int find_top(struct fer_call *call, struct fer_category_row *top)
{
	const struct fer_value *asked = fer_arg(call, "rootCategoryId");
	struct fer_value id = fer_int(call->store_id ? fer_category_root(call) : FER_TREE_ROOT);

	return fer_category_row(call, fer_is_null(asked) ? &id : asked, top);
}

static int get_tree(struct fer_call *call)
{
	const struct fer_value *depth = fer_arg(call, "depth");
	struct fer_category_row top;
	struct tree tree = { 0 };
	int r;

	if ((r = find_top(call, &top)) || (r = load_nodes(call, &top, &tree)) || (r = load_values(call, &tree)))
		return r;
	link_nodes(&tree);
	if ((r = count_products(call, &tree)))
		return r;
	return fer_answer(call, tree_of(call, find(&tree, top.id), fer_is_null(depth) ? INT64_MAX : fer_as_int(depth)));
}

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/categories", "Magento_Catalog::categories", .run = get_tree, .of = &category_tree,
	  FER_PARAMS({ "rootCategoryId", FER_INT, 0, NULL, NULL }, { "depth", FER_INT, 0, NULL, NULL }), .cached = true,
	  .insecure = true,
	  .service = "catalogCategoryManagementV1", .summary = "The category tree", .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_category_tree = FER_ROUTE_TABLE(rows);
