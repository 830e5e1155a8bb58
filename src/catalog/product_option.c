/*
 * Custom options of products: reading them, and their routes.
 * Source: Magento_Catalog Product\Option\Repository, 2.4.7, and recorded answers.
 */
#include "catalog/product_option.h"

#include "api/route.h"
#include "api/search.h"

/* -- reading ------------------------------------------------------------------------------------------------------ */

/* A column of a statement as a member; nulls are left out. */
struct member {
	const char *name;
	enum fer_type type;
};

static void add_members(struct fer_call *call, struct fer_stmt *stmt, int column, const struct member *members, size_t n, struct fer_value *out)
{
	for (size_t i = 0; i < n; i++, column++) {
		struct fer_value v;

		if (fer_col_null(stmt, column))
			continue;
		if (members[i].type == FER_STRING)
			v = fer_string(fer_col_dup(call->arena, stmt, column));
		else if (members[i].type == FER_DECIMAL)
			v = fer_decimal(fer_col_decimal(stmt, column));
		else
			v = members[i].type == FER_BOOL ? fer_bool(fer_col_int(stmt, column) != 0) : fer_int(fer_col_int(stmt, column));
		fer_append(call->arena, out, fer_str(members[i].name), v);
	}
}

/* The title and the price at a store view, else the default. */
#define BY_STORE(table, key, id) \
	" LEFT JOIN " table "_title t0 ON t0." key " = " id " AND t0.store_id = 0" \
	" LEFT JOIN " table "_title ts ON ts." key " = " id " AND ts.store_id = %d" \
	" LEFT JOIN " table "_price p0 ON p0." key " = " id " AND p0.store_id = 0" \
	" LEFT JOIN " table "_price ps ON ps." key " = " id " AND ps.store_id = %d"
#define PRICE "COALESCE(ps.price, p0.price), COALESCE(ps.price_type, p0.price_type)"

#define OPTIONS_HEAD \
	"SELECT o.product_id, o.option_id, COALESCE(ts.title, t0.title), o.type, o.sort_order, o.is_require, " PRICE \
	", o.sku, o.file_extension, o.max_characters, o.image_size_x, o.image_size_y FROM catalog_product_option o" \
	BY_STORE("catalog_product_option", "option_id", "o.option_id") " WHERE o.product_id"
#define VALUES_HEAD \
	"SELECT o.product_id, v.option_id, COALESCE(ts.title, t0.title), v.sort_order, " PRICE ", v.sku, v.option_type_id" \
	" FROM catalog_product_option o JOIN catalog_product_option_type_value v ON v.option_id = o.option_id" \
	BY_STORE("catalog_product_option_type", "option_type_id", "v.option_type_id") " WHERE o.product_id"

static int fill_options(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	static const struct member members[] = {
		{ "option_id", FER_INT }, { "title", FER_STRING }, { "type", FER_STRING }, { "sort_order", FER_INT }, { "is_require", FER_BOOL },
		{ "price", FER_DECIMAL }, { "price_type", FER_STRING }, { "sku", FER_STRING }, { "file_extension", FER_STRING },
		{ "max_characters", FER_INT }, { "image_size_x", FER_INT }, { "image_size_y", FER_INT },
	};
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str head = fer_str_fmt(call->arena, OPTIONS_HEAD, store_id, store_id);
	int r = fer_products_open(call, products, n, head.at, " ORDER BY o.product_id, o.sort_order, 3, o.option_id", &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));
		struct fer_value option = fer_map();

		fer_append(call->arena, &option, FER_S("product_sku"), fer_string(owner->sku));
		add_members(call, stmt, 1, members, FER_ARRAY_LEN(members), &option);
		if (fer_option_has_values(fer_map_str(call->arena, &option, "type")))
			fer_append(call->arena, &option, FER_S("values"), fer_list());
		fer_push(call->arena, &owner->parts[FER_PART_OPTIONS], option);
		r = 0;
	}
	return r;
}

static struct fer_value *values_of(struct fer_product *owner, int64_t option_id)
{
	struct fer_value *options = &owner->parts[FER_PART_OPTIONS];

	for (uint32_t i = 0; i < fer_count(options); i++)
		if (fer_map_int(&options->list.items[i], "option_id", 0) == option_id)
			return fer_get(&options->list.items[i], "values");
	return NULL;
}

static int fill_values(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	static const struct member members[] = {
		{ "title", FER_STRING }, { "sort_order", FER_INT }, { "price", FER_DECIMAL }, { "price_type", FER_STRING },
		{ "sku", FER_STRING }, { "option_type_id", FER_INT },
	};
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str head = fer_str_fmt(call->arena, VALUES_HEAD, store_id, store_id);
	int r = fer_products_open(call, products, n, head.at, " ORDER BY o.product_id, v.option_id, v.sort_order, 3, v.option_type_id", &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct fer_value *values = values_of(fer_products_at(products, n, fer_col_int(stmt, 0)), fer_col_int(stmt, 1));
		struct fer_value value = fer_map();

		add_members(call, stmt, 2, members, FER_ARRAY_LEN(members), &value);
		if (values)
			fer_push(call->arena, values, value);
		r = 0;
	}
	return r;
}

static bool some_has_options(const struct fer_product *products, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fer_count(&products[i].parts[FER_PART_OPTIONS]))
			return true;
	return false;
}

int fer_product_options_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	int r = fill_options(call, products, n, store_id);

	return r || !some_has_options(products, n) ? r : fill_values(call, products, n, store_id);
}

/* -- routes of options -------------------------------------------------------------------------------------------- */

static int list_types(struct fer_call *call)
{
	return fer_answer(call, fer_option_types(call));
}

static int find_options(struct fer_call *call, struct fer_product *product)
{
	int r = fer_product_require(call, fer_arg_str(call, "sku"), product);

	if (r)
		return r;
	product->parts[FER_PART_OPTIONS] = fer_list();
	return fer_product_options_fill(call, product, 1, call->store_id);
}

static int list_options(struct fer_call *call)
{
	struct fer_product product;
	int r = find_options(call, &product);

	return r ? r : fer_answer(call, product.parts[FER_PART_OPTIONS]);
}

static int no_such_option(struct fer_call *call)
{
	return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("optionId"), "fieldValue", fer_int(fer_arg_int(call, "optionId")), NULL);
}

static int get_option(struct fer_call *call)
{
	struct fer_product product;
	int r = find_options(call, &product);

	for (size_t i = 0; !r && i < fer_count(&product.parts[FER_PART_OPTIONS]); i++) {
		const struct fer_value *option = fer_at(&product.parts[FER_PART_OPTIONS], i);

		if (fer_map_int(option, "option_id", 0) == fer_arg_int(call, "optionId"))
			return fer_answer(call, *option);
	}
	return r ? r : no_such_option(call);
}

static int write_option(struct fer_call *call, void *data)
{
	struct fer_value *option = data;
	struct fer_str sku = fer_map_str(call->arena, fer_arg(call, "option"), "product_sku");
	struct fer_product product;
	int r;

	*option = fer_clone(call->arena, fer_arg(call, "option"));
	if (!sku.len)
		return fer_fail(call, FER_E_OPTION_SKU_EMPTY, NULL);
	return (r = fer_product_require(call, sku, &product)) ? r : fer_option_save(call, &product, option);
}

/* Magento answers its model: what was sent, with the id. */
static int save_option(struct fer_call *call)
{
	struct fer_value option;
	int r = fer_tx(call, 0, write_option, &option);

	return r ? r : fer_answer(call, fer_shape(call, &fer_product_option, &option));
}

static int remove_option(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_product product;
	int64_t n = 0;
	int r;

	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) ||
	    (r = fer_sql_run(call->db, FER_SQL_CUSTOM_OPTION_DELETE, &n, "ii", fer_arg_int(call, "optionId"), product.id)))
		return r;
	return n ? fer_sql_run(call->db, FER_SQL_PRODUCT_OPTION_FLAGS, NULL, "i", product.id) : no_such_option(call);
}

static int delete_option(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_option, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field type_fields[] = {
	FER_FIELD("label", FER_STRING, NULL, 0, "what it is called"),
	FER_FIELD("code", FER_STRING, NULL, 0, "what type says"),
	FER_FIELD("group", FER_STRING, NULL, 0, "Text, File, Select or Date"),
};
static const struct fer_entity option_type = { .name = "catalog-data-product-custom-option-type-interface", FER_FIELDS(type_fields) };

#define CATALOG "Magento_Catalog::catalog"
#define SOURCE "Magento_Catalog webapi.xml"
#define SKU { "sku", FER_STRING, FER_REQ, NULL, NULL }
#define ID { "optionId", FER_INT, FER_REQ, NULL, NULL }
#define OPTION FER_PARAMS({ "option", FER_OBJECT, FER_REQ, &fer_product_option, NULL })

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/products/options/types", CATALOG, list_types, &option_type, .many = true, .cached = true,
	  .service = "catalogProductCustomOptionTypeListV1", .summary = "Types of custom options", .source = SOURCE },
	{ FER_POST, "/V1/products/options", CATALOG, save_option, &fer_product_option, OPTION,
	  .service = "catalogProductCustomOptionRepositoryV1", .summary = "Add a custom option to a product", .source = SOURCE },
	{ FER_PUT, "/V1/products/options/:optionId", CATALOG, save_option, &fer_product_option, OPTION,
	  .service = "catalogProductCustomOptionRepositoryV1", .summary = "Change a custom option", .source = SOURCE },
	{ FER_GET, "/V1/products/:sku/options", CATALOG, list_options, &fer_product_option, FER_PARAMS(SKU), .many = true, .cached = true,
	  .insecure = true, .service = "catalogProductCustomOptionRepositoryV1", .summary = "Custom options of a product", .source = SOURCE },
	{ FER_GET, "/V1/products/:sku/options/:optionId", CATALOG, get_option, &fer_product_option, FER_PARAMS(SKU, ID), .cached = true,
	  .insecure = true, .service = "catalogProductCustomOptionRepositoryV1", .summary = "One custom option", .source = SOURCE },
	{ FER_DELETE, "/V1/products/:sku/options/:optionId", CATALOG, delete_option, NULL, FER_PARAMS(SKU, ID), .returns = FER_BOOL,
	  .service = "catalogProductCustomOptionRepositoryV1", .summary = "Remove a custom option", .source = SOURCE },
};
const struct fer_route_table fer_routes_product_option = FER_ROUTE_TABLE(routes);
