/*
 * The routes of products: one by SKU, lists, saving, removing, and the product types.
 */
#include "catalog/product.h"

#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "store/config.h"

/* -- one ---------------------------------------------------------------------------------------------------------- */

static int answer_product(struct fer_call *call, const struct fer_product *product, int store_id, bool fresh)
{
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	return r ? r : fer_answer(call, fer_product_shape(call, eav, product, store_id, fresh));
}

static int get_product(struct fer_call *call)
{
	const struct fer_value *store = fer_arg(call, "storeId");
	int store_id = store ? (int)fer_as_int(store) : call->store_id;
	struct fer_product product;
	int r;

	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) ||
	    (r = fer_products_fill(call, &product, 1, store_id, FER_PRODUCT_ALL)))
		return r;
	return answer_product(call, &product, store_id, false);
}

static int save_product(struct fer_call *call)
{
	struct fer_str sku = fer_arg(call, "sku") ? fer_arg_str(call, "sku") : FER_STR_NONE;
	struct fer_product product;
	int r = fer_product_save(call, fer_arg(call, "product"), sku, &product);

	return r ? r : answer_product(call, &product, call->store_id, call->method == FER_POST);
}

static int remove_product(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_product product;
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	if (r || (r = fer_products_fill(call, &product, 1, call->store_id, FER_PRODUCT_PARTS)))
		return r;
	return fer_product_remove(call, &product);
}

static int delete_product(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_product, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- many --------------------------------------------------------------------------------------------------------- */

/* Names that filters and orders may use besides the attributes with values. */
static const struct fer_eav_column columns[] = {
	{ .name = "entity_id", .sql = "main.entity_id" },
	{ .name = "attribute_set_id", .sql = "main.attribute_set_id" },
	{ .name = "type_id", .sql = "main.type_id", .is_text = true },
	{ .name = "sku", .sql = "main.sku", .is_text = true },
	{ .name = "has_options", .sql = "main.has_options" },
	{ .name = "required_options", .sql = "main.required_options" },
	{ .name = "created_at", .sql = "main.created_at" },
	{ .name = "updated_at", .sql = "main.updated_at" },
	{ .name = "category_id", .sql = "x.category_id", .among = "catalog_category_product x", .owner = "x.product_id" },
	{ .name = "website_id", .sql = "x.website_id", .among = "catalog_product_website x", .owner = "x.product_id" },
	{ .name = "store_id", .sql = "s.store_id",
	  .among = "catalog_product_website x JOIN store s ON s.website_id = x.website_id", .owner = "x.product_id" },
	{ .name = NULL },
};

/*
 * At a store, price sorts by the lowest price of the index for guests, and what the index leaves out (disabled, out of stock, not
 * on the website) leaves the list. Source: Magento_Catalog Product\Collection::addAttributeToSort.
 */
static int sort_by_price(struct fer_call *call, const struct fer_eav_search *search, struct fer_str name, struct fer_eav_sorting *out)
{
	if (!fer_str_is(name, "price") || !search->store_id)
		return 0;
	*out = (struct fer_eav_sorting){
		.table = "catalog_product_index_price", .alias = "price_index", .value = "price_index.min_price",
		.where = fer_str_fmt(call->arena, "price_index.customer_group_id = 0 AND price_index.website_id = %d",
		                     fer_config_website_of(call->server->store, search->store_id)),
	};
	return 1;
}

int fer_products_find(struct fer_call *call, struct fer_eav_found *found)
{
	struct fer_eav_search search = { .type = FER_EAV_PRODUCT, .columns = columns, .store_id = call->store_id, .sort = sort_by_price,
	                                 .tie_follows = true };

	return fer_eav_find(call, &search, fer_criteria(call), found);
}

int fer_products_find_on_sale(struct fer_call *call, int store_id, struct fer_eav_found *found)
{
	struct fer_eav_search search = { .type = FER_EAV_PRODUCT, .columns = columns, .store_id = store_id, .sort = sort_by_price,
	                                 .tie_follows = true };
	struct fer_str join = fer_str_fmt(call->arena, " JOIN catalog_product_index_price on_sale ON on_sale.entity_id = main.entity_id"
	                                  " AND on_sale.customer_group_id = 0 AND on_sale.website_id = %d",
	                                  fer_config_website_of(call->server->store, store_id));

	search.join = fer_str_z(call->arena, join);
	return fer_eav_find(call, &search, fer_criteria(call), found);
}

static int list_products(struct fer_call *call)
{
	struct fer_value items = fer_list();
	struct fer_product *products;
	struct fer_eav_found found;
	const struct fer_eav *eav;
	int r;

	if ((r = fer_products_find(call, &found)) || (r = fer_eav_get(call, &eav)))
		return r;
	products = FER_NEW_ARRAY(call->arena, found.n + 1, struct fer_product);
	if ((r = fer_products_load(call, found.ids, &found.n, call->store_id, FER_PRODUCT_VALUES | FER_PRODUCT_PLACES | FER_PRODUCT_PARTS, products)))
		return r;
	for (size_t i = 0; i < found.n; i++)
		fer_push(call->arena, &items, fer_product_shape(call, eav, &products[i], call->store_id, false));
	return fer_answer(call, fer_search_result(call, items, found.total));
}

/* -- types -------------------------------------------------------------------------------------------------------- */

static const struct fer_field type_fields[] = {
	FER_FIELD("name", FER_STRING, NULL, 0, "type_id"),
	FER_FIELD("label", FER_STRING, NULL, 0, "what it is called"),
};
static const struct fer_entity product_type = { .name = "catalog-data-product-type-interface", FER_FIELDS(type_fields) };

static int list_types(struct fer_call *call)
{
	static const char *const types[][2] = {
		{ "simple", "Simple Product" }, { "virtual", "Virtual Product" }, { "downloadable", "Downloadable Product" },
		{ "bundle", "Bundle Product" }, { "grouped", "Grouped Product" }, { "configurable", "Configurable Product" },
	};
	struct fer_value list = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++) {
		struct fer_value type = fer_map();

		fer_append(call->arena, &type, FER_S("name"), fer_text(types[i][0]));
		fer_append(call->arena, &type, FER_S("label"), fer_text(types[i][1]));
		fer_push(call->arena, &list, type);
	}
	return fer_answer(call, list);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define PRODUCTS "Magento_Catalog::products"
#define SOURCE "Magento_Catalog webapi.xml"

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/products", PRODUCTS, list_products, &fer_product_body, FER_SEARCH_CRITERIA, .search = true, .cached = true,
	  .insecure = true, .service = "catalogProductRepositoryV1", .summary = "Products by criteria", .source = SOURCE },
	{ FER_POST, "/V1/products", PRODUCTS, save_product, &fer_product_body,
	  FER_PARAMS({ "product", FER_OBJECT, FER_REQ, &fer_product_body, NULL }, { "saveOptions", FER_BOOL, 0, NULL, NULL }),
	  .service = "catalogProductRepositoryV1", .summary = "Create a product, or change the one with that SKU", .source = SOURCE },
	{ FER_GET, "/V1/products/types", PRODUCTS, list_types, &product_type, .many = true, .cached = true,
	  .insecure = true, .service = "catalogProductTypeListV1", .summary = "Product types", .source = SOURCE },
	{ FER_GET, "/V1/products/:sku", PRODUCTS, get_product, &fer_product_body,
	  FER_PARAMS({ "sku", FER_STRING, FER_REQ, NULL, NULL }, { "editMode", FER_BOOL, 0, NULL, NULL },
	             { "storeId", FER_INT, 0, NULL, NULL }, { "forceReload", FER_BOOL, 0, NULL, NULL }),
	  .cached = true, .insecure = true, .service = "catalogProductRepositoryV1", .summary = "One product", .source = SOURCE },
	{ FER_PUT, "/V1/products/:sku", PRODUCTS, save_product, &fer_product_body,
	  FER_PARAMS({ "sku", FER_STRING, FER_REQ, NULL, NULL }, { "product", FER_OBJECT, FER_REQ, &fer_product_body, NULL },
	             { "saveOptions", FER_BOOL, 0, NULL, NULL }),
	  .service = "catalogProductRepositoryV1", .summary = "Change a product, or create the one with that SKU", .source = SOURCE },
	{ FER_DELETE, "/V1/products/:sku", PRODUCTS, delete_product, NULL, FER_PARAMS({ "sku", FER_STRING, FER_REQ, NULL, NULL }),
	  .returns = FER_BOOL, .service = "catalogProductRepositoryV1", .summary = "Remove a product", .source = SOURCE },
};
const struct fer_route_table fer_routes_product = FER_ROUTE_TABLE(routes);
