/*
 * Products of a category: list, assign, unassign.
 */
#include "catalog/category.h"

#include "api/route.h"
#include "api/server.h"
#include "store/config.h"

#define INHERITED 10000           /* an anchor's inherited products stand behind its own by so much */

static const struct fer_field link_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "the product"),
	FER_FIELD("position", FER_INT, NULL, 0, "place in the category"),
	FER_FIELD("category_id", FER_STRING, NULL, 0, "the category"),
	FER_FIELD("extension_attributes", FER_MIXED, NULL, FER_IN_ONLY | FER_READ, "none"),
};

static const struct fer_entity product_link = { .name = "catalog-data-category-product-link-interface", FER_FIELDS(link_fields) };

/* -- listing ------------------------------------------------------------------------------------------------------ */

static int is_anchor(struct fer_call *call, int64_t id, bool *anchor)
{
	static const char *const codes[] = { "is_anchor", NULL };
	struct fer_eav_row row;
	int r = fer_eav_load(call, FER_EAV_CATEGORY, &id, 1, call->store_id, codes, &row);

	*anchor = !r && fer_as_int(fer_eav_value(&row, "is_anchor")) != 0;
	return r;
}

static struct fer_value link_of(struct fer_call *call, struct fer_stmt *stmt, int64_t category_id, int64_t behind)
{
	bool inherited = !fer_col_int(stmt, 3);
	struct fer_value link = fer_map();

	fer_append(call->arena, &link, FER_S("sku"), fer_string(fer_col_dup(call->arena, stmt, 1)));
	fer_append(call->arena, &link, FER_S("position"), fer_int(fer_col_int(stmt, 2) + (inherited ? behind : 0)));
	fer_append(call->arena, &link, FER_S("category_id"), fer_string(fer_str_fmt(call->arena, "%lld", (long long)category_id)));
	return link;
}

static int64_t attribute_id(const struct fer_eav *eav, const char *code)
{
	const struct fer_attribute *a = fer_eav_by_code(eav, FER_EAV_PRODUCT, fer_str(code));

	return a ? a->id : 0;
}

/* What a list holds: the products of one category, and those below a path. */
struct list {
	int64_t category_id, own_id;      /* shown; whose assignments come first, 0: none, the smallest position counts */
	struct fer_str below;             /* LIKE */
	int64_t behind;                   /* how far inherited ones stand behind */
};

/*
 * A view's root shows every assigned product, another category its own, an anchor also those below it.
 * Source: Magento_Catalog Indexer\Category\Product AbstractAction, 2.4.7, and the index rows it made
 */
static struct list list_of(struct fer_call *call, const struct fer_category_row *row, bool anchor)
{
	if (call->store_id && row->id == fer_category_root(call))
		return (struct list){ row->id, 0, FER_S("%"), 0 };
	return (struct list){ row->id, row->id, anchor ? fer_str_fmt(call->arena, "%.*s/%%", FER_F(row->path)) : FER_S(""),
	                      call->store_id ? INHERITED : 0 };
}

/* Each product once, its own assignment before an inherited one. A view shows what its visitors find; the admin's view all. */
static int load_links(struct fer_call *call, const struct list *list, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t store = call->store_id, status, visibility, last = 0;
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	*out = fer_list();
	if (r)
		return r;
	status = attribute_id(eav, "status");
	visibility = attribute_id(eav, "visibility");
	r = fer_sql_open(call->db, FER_SQL_CATEGORY_PRODUCTS, &stmt, "iiiiiiiisii", list->own_id, status, status, store, visibility, visibility,
	                 store, list->category_id, list->below, store, (int64_t)fer_config_website_of(call->server->store, call->store_id));
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		if (fer_col_int(stmt, 0) != last)
			fer_push(call->arena, out, link_of(call, stmt, list->category_id, list->behind));
		last = fer_col_int(stmt, 0);
		r = 0;
	}
	return r;
}

static int list_products(struct fer_call *call)
{
	struct fer_category_row row;
	struct fer_value links = fer_list();
	struct list list;
	bool anchor;
	int r;

	if ((r = fer_category_row(call, fer_arg(call, "categoryId"), &row)) || (r = is_anchor(call, row.id, &anchor)))
		return r;
	if (call->store_id && !fer_category_under(row.path, fer_category_root(call)))
		return fer_answer(call, links);
	list = list_of(call, &row, anchor);
	r = load_links(call, &list, &links);
	return r ? r : fer_answer(call, links);
}

/* -- assigning ---------------------------------------------------------------------------------------------------- */

static int find_product(struct fer_call *call, struct fer_str sku, int64_t *id)
{
	int r;

	*id = 0;
	if ((r = fer_sql_int(call->db, FER_SQL_CATEGORY_PRODUCT_ID, 0, id, "s", sku)) || *id)
		return r;
	return fer_fail(call, FER_E_NO_SUCH_PRODUCT, NULL);
}

static int store_link(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *link = fer_arg(call, "productLink"), *category = fer_get(link, "category_id");
	struct fer_value nothing = fer_null();
	struct fer_category_row row;
	int64_t product_id;
	int r;

	if ((r = fer_category_row(call, category ? category : &nothing, &row)) ||
	    (r = find_product(call, fer_map_str(call->arena, link, "sku"), &product_id)))
		return r;
	return fer_sql_run(call->db, FER_SQL_CATEGORY_ASSIGN, NULL, "iii", row.id, product_id, fer_map_int(link, "position", 0));
}

static int save_link(struct fer_call *call)
{
	int r = fer_tx(call, 0, store_link, NULL);

	return r ? r : fer_answer_true(call);
}

static int remove_link(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_category_row row;
	int64_t product_id, n = 0;
	int r;

	if ((r = fer_category_row(call, fer_arg(call, "categoryId"), &row)) ||
	    (r = find_product(call, fer_arg_str(call, "sku"), &product_id)) ||
	    (r = fer_sql_run(call->db, FER_SQL_CATEGORY_UNASSIGN, &n, "ii", row.id, product_id)))
		return r;
	return n ? 0 : fer_fail(call, FER_E_CATEGORY_WITHOUT_PRODUCT, NULL);
}

static int delete_link(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_link, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define CATEGORIES "Magento_Catalog::categories"
#define ID { "categoryId", FER_INT, FER_REQ, NULL, NULL }
#define LINK { "productLink", FER_OBJECT, FER_REQ, &product_link, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/categories/:categoryId/products", CATEGORIES, .run = list_products, .of = &product_link, FER_PARAMS(ID), .many = true,
	  .cached = true, .insecure = true,
	  .service = "catalogCategoryLinkManagementV1", .summary = "Products of a category", .source = "Magento_Catalog webapi.xml" },
	{ FER_POST, "/V1/categories/:categoryId/products", CATEGORIES, .run = save_link, FER_PARAMS(LINK), .returns = FER_BOOL,
	  .service = "catalogCategoryLinkRepositoryV1",
	  .summary = "Assign a product to a category", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/categories/:categoryId/products", CATEGORIES, .run = save_link, FER_PARAMS(LINK), .returns = FER_BOOL,
	  .service = "catalogCategoryLinkRepositoryV1",
	  .summary = "Assign a product to a category, or move it", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/categories/:categoryId/products/:sku", CATEGORIES, .run = delete_link,
	  FER_PARAMS(ID, { "sku", FER_STRING, FER_REQ, NULL, NULL }), .returns = FER_BOOL,
	  .service = "catalogCategoryLinkRepositoryV1", .summary = "Take a product out of a category",
	  .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_category_product = FER_ROUTE_TABLE(rows);
