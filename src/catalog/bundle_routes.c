/*
 * The routes of bundles: options, and the products to choose from.
 * Source: Magento_Bundle OptionManagement, OptionRepository, LinkManagement, OptionTypeList, 2.4.7, and recorded answers.
 */
#include "api/route.h"
#include "catalog/bundle.h"

static int find_bundle(struct fer_call *call, struct fer_str sku, struct fer_product *product)
{
	int r = fer_product_require(call, sku, product);

	if (r || fer_str_is(product->type, "bundle"))
		return r;
	return fer_fail(call, FER_E_BUNDLE_ONLY, NULL);
}

/* -- options ------------------------------------------------------------------------------------------------------ */

static int list_types(struct fer_call *call)
{
	static const char *const types[][2] = {
		{ "Drop-down", "select" }, { "Radio Buttons", "radio" }, { "Checkbox", "checkbox" }, { "Multiple Select", "multi" },
	};
	struct fer_value list = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++) {
		struct fer_value type = fer_map();

		fer_append(call->arena, &type, FER_S("label"), fer_text(types[i][0]));
		fer_append(call->arena, &type, FER_S("code"), fer_text(types[i][1]));
		fer_push(call->arena, &list, type);
	}
	return fer_answer(call, list);
}

/* The bundle of the path with its options. */
static int find_options(struct fer_call *call, bool priced, struct fer_product *product, struct fer_value *options)
{
	int r = find_bundle(call, fer_arg_str(call, "sku"), product);

	return r ? r : fer_bundle_options(call, product, priced, options);
}

static int list_options(struct fer_call *call)
{
	struct fer_product product;
	struct fer_value options;
	int r = find_options(call, true, &product, &options);

	return r ? r : fer_answer(call, options);
}

static int get_option(struct fer_call *call)
{
	const struct fer_value *option;
	struct fer_product product;
	struct fer_value options;
	int r = find_options(call, false, &product, &options);

	if (r)
		return r;
	option = fer_bundle_option_find(&options, fer_arg_int(call, "optionId"));
	return option ? fer_answer(call, *option) : fer_fail(call, FER_E_NO_SUCH_OPTION, NULL);
}

static int remove_option(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *option;
	struct fer_product product;
	struct fer_value options;
	int r = find_options(call, false, &product, &options);

	if (r)
		return r;
	option = fer_bundle_option_find(&options, fer_arg_int(call, "optionId"));
	if (!option)
		return fer_fail(call, FER_E_NO_SUCH_OPTION, NULL);
	return (r = fer_bundle_drop_option(call, &product, option)) ? r : fer_product_reindex(call, product.id);
}

static int delete_option(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_option, NULL);

	return r ? r : fer_answer_true(call);
}

struct saved {
	int64_t id;
	bool is_new;
	int refused;
};

static int put_option(struct fer_call *call, void *data)
{
	const struct fer_value *sent = fer_arg(call, "option");
	struct fer_value option = fer_clone(call->arena, sent);
	struct saved *saved = data;
	struct fer_product product;
	int r;

	if (fer_arg(call, "optionId"))
		fer_set(call->arena, &option, "option_id", *fer_arg(call, "optionId"));
	if ((r = find_bundle(call, fer_map_str(call->arena, sent, "sku"), &product)) ||
	    (r = fer_bundle_put_option(call, &product, &option, &saved->id, &saved->is_new, &saved->refused)) || saved->refused)
		return r;
	return fer_product_resaved(call, product.id);
}

/* A new option's id goes out as text. */
static int save_option(struct fer_call *call)
{
	struct saved saved;
	int r = fer_tx(call, 0, put_option, &saved);

	if (r || saved.refused)
		return r ? r : saved.refused;
	return fer_answer(call, saved.is_new ? fer_string(fer_str_fmt(call->arena, "%lld", (long long)saved.id)) : fer_int(saved.id));
}

/* -- choices ------------------------------------------------------------------------------------------------------ */

static int list_children(struct fer_call *call)
{
	const struct fer_value *only = fer_arg(call, "optionId");
	struct fer_value options, list = fer_list();
	struct fer_product product;
	int r;

	if ((r = find_bundle(call, fer_arg_str(call, "productSku"), &product)) || (r = fer_bundle_options(call, &product, false, &options)))
		return r;
	for (size_t i = 0; i < fer_count(&options); i++) {
		const struct fer_value *option = fer_at(&options, i), *links = fer_get(option, "product_links");

		for (size_t k = 0; k < fer_count(links); k++)
			if (!only || fer_as_int(only) == fer_map_int(option, "option_id", 0))
				fer_push(call->arena, &list, *fer_at(links, k));
	}
	return fer_answer(call, list);
}

static int add_one(struct fer_call *call, void *data)
{
	struct fer_product product;
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	if (r || (r = fer_bundle_add_link(call, &product, fer_arg_int(call, "optionId"), fer_arg(call, "linkedProduct"), data)))
		return r;
	return fer_product_reindex(call, product.id);
}

static int add_link(struct fer_call *call)
{
	int64_t id;
	int r = fer_tx(call, 0, add_one, &id);

	return r ? r : fer_answer(call, fer_int(id));
}

static int change_one(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_product product;
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	if (r || (r = fer_bundle_set_link(call, &product, fer_arg_str(call, "id"), fer_arg(call, "linkedProduct"))))
		return r;
	return fer_product_reindex(call, product.id);
}

static int save_link(struct fer_call *call)
{
	int r = fer_tx(call, 0, change_one, NULL);

	return r ? r : fer_answer_true(call);
}

static int remove_one(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_str sku = fer_arg_str(call, "childSku");
	const struct fer_value *option, *links;
	struct fer_product product;
	struct fer_value options;
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	if (r)
		return r;
	if (!fer_str_is(product.type, "bundle"))
		return fer_fail(call, FER_E_NOT_BUNDLE, "1", fer_string(fer_arg_str(call, "sku")), NULL);
	if ((r = fer_bundle_options(call, &product, false, &options)))
		return r;
	option = fer_bundle_option_find(&options, fer_arg_int(call, "optionId"));
	links = option ? fer_get(option, "product_links") : NULL;
	for (size_t i = 0; i < fer_count(links); i++) {
		const struct fer_value *link = fer_at(links, i);

		if (fer_str_ieq(fer_get(link, "sku")->text, sku))
			return (r = fer_bundle_drop_link(call, &product, fer_map_int(link, "id", 0))) ? r : fer_product_reindex(call, product.id);
	}
	return fer_fail(call, FER_E_BUNDLE_CHILD_MISSING, NULL);
}

static int remove_link(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_one, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field type_fields[] = {
	FER_FIELD("label", FER_STRING, NULL, 0, "what it is called"),
	FER_FIELD("code", FER_STRING, NULL, 0, "what type says"),
};
static const struct fer_entity option_type = { .name = "bundle-data-option-type-interface", FER_FIELDS(type_fields) };

#define PRODUCTS "Magento_Catalog::products"
#define SOURCE "Magento_Bundle webapi.xml"
#define AT "/V1/bundle-products/"
#define SKU { "sku", FER_STRING, FER_REQ, NULL, NULL }
#define OPTION_ID { "optionId", FER_INT, FER_REQ, NULL, NULL }
#define OPTION { "option", FER_OBJECT, FER_REQ, &fer_bundle_option, NULL }
#define LINK { "linkedProduct", FER_OBJECT, FER_REQ, &fer_bundle_link, NULL }

static const struct fer_route routes[] = {
	{ FER_GET, AT "options/types", PRODUCTS, list_types, &option_type, .many = true, .cached = true,
	  .service = "bundleProductOptionTypeListV1", .summary = "How an option may be shown", .source = SOURCE },
	{ FER_POST, AT "options/add", PRODUCTS, save_option, NULL, FER_PARAMS(OPTION), .returns = FER_INT,
	  .service = "bundleProductOptionManagementV1", .summary = "Add an option to the bundle it names", .source = SOURCE },
	{ FER_PUT, AT "options/:optionId", PRODUCTS, save_option, NULL, FER_PARAMS(OPTION_ID, OPTION), .returns = FER_INT,
	  .service = "bundleProductOptionManagementV1", .summary = "Change an option", .source = SOURCE },
	{ FER_GET, AT ":sku/options/all", PRODUCTS, list_options, &fer_bundle_option, FER_PARAMS(SKU), .many = true, .cached = true,
	  .service = "bundleProductOptionRepositoryV1", .summary = "Options of a bundle", .source = SOURCE },
	{ FER_GET, AT ":sku/options/:optionId", PRODUCTS, get_option, &fer_bundle_option, FER_PARAMS(SKU, OPTION_ID), .cached = true,
	  .service = "bundleProductOptionRepositoryV1", .summary = "One option", .source = SOURCE },
	{ FER_DELETE, AT ":sku/options/:optionId", PRODUCTS, delete_option, NULL, FER_PARAMS(SKU, OPTION_ID), .returns = FER_BOOL,
	  .service = "bundleProductOptionRepositoryV1", .summary = "Remove an option", .source = SOURCE },
	{ FER_GET, AT ":productSku/children", PRODUCTS, list_children, &fer_bundle_link,
	  FER_PARAMS({ "productSku", FER_STRING, FER_REQ, NULL, NULL }, { "optionId", FER_INT, 0, NULL, NULL }), .many = true, .cached = true,
	  .service = "bundleProductLinkManagementV1", .summary = "What one may choose from", .source = SOURCE },
	{ FER_POST, AT ":sku/links/:optionId", PRODUCTS, add_link, NULL, FER_PARAMS(SKU, OPTION_ID, LINK), .returns = FER_INT,
	  .service = "bundleProductLinkManagementV1", .summary = "Add a choice to an option", .source = SOURCE },
	{ FER_PUT, AT ":sku/links/:id", PRODUCTS, save_link, NULL, FER_PARAMS(SKU, { "id", FER_STRING, FER_REQ, NULL, NULL }, LINK),
	  .returns = FER_BOOL, .service = "bundleProductLinkManagementV1", .summary = "Change a choice", .source = SOURCE },
	{ FER_DELETE, AT ":sku/options/:optionId/children/:childSku", PRODUCTS, remove_link, NULL,
	  FER_PARAMS(SKU, OPTION_ID, { "childSku", FER_STRING, FER_REQ, NULL, NULL }), .returns = FER_BOOL,
	  .service = "bundleProductLinkManagementV1", .summary = "Remove a choice", .source = SOURCE },
};
const struct fer_route_table fer_routes_bundle = FER_ROUTE_TABLE(routes);
