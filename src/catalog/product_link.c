/*
 * Links from a product to others: related, cross-sell, up-sell, and the members of a group. They are a part of the product and have
 * routes of their own; both write the same rows.
 * Source: Magento_Catalog ProductLink\Management, ProductLink\Repository, Product\Link\SaveHandler, 2.4.7, and recorded answers.
 */
#include "catalog/product_impl.h"

#include "api/route.h"

/* Row ids of catalog_product_link_type, in Magento's order. */
struct type {
	const char *name;
	int64_t id;
};

#define ASSOCIATED 3

static const struct type types[] = { { "related", 1 }, { "crosssell", 5 }, { "upsell", 4 }, { "associated", ASSOCIATED } };

static const struct type *type_named(struct fer_str name)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++)
		if (fer_str_is(name, types[i].name))
			return &types[i];
	return NULL;
}

static const char *type_name(int64_t id)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++)
		if (types[i].id == id)
			return types[i].name;
	return NULL;
}

/* -- reading ------------------------------------------------------------------------------------------------------ */

#define LINKS_HEAD \
	"SELECT l.product_id, l.link_type_id, e.sku, e.type_id, p.value, q.value FROM catalog_product_link l" \
	" JOIN catalog_product_entity e ON e.entity_id = l.linked_product_id" \
	" LEFT JOIN catalog_product_link_attribute pa ON pa.link_type_id = l.link_type_id AND pa.product_link_attribute_code = 'position'" \
	" LEFT JOIN catalog_product_link_attribute_int p ON p.link_id = l.link_id" \
	" AND p.product_link_attribute_id = pa.product_link_attribute_id" \
	" LEFT JOIN catalog_product_link_attribute qa ON qa.link_type_id = l.link_type_id AND qa.product_link_attribute_code = 'qty'" \
	" LEFT JOIN catalog_product_link_attribute_decimal q ON q.link_id = l.link_id" \
	" AND q.product_link_attribute_id = qa.product_link_attribute_id" \
	" WHERE l.linked_product_id <> l.product_id AND l.product_id"
#define LINKS_TAIL \
	" ORDER BY l.product_id, CASE l.link_type_id WHEN 1 THEN 1 WHEN 5 THEN 2 WHEN 4 THEN 3 ELSE 4 END," \
	" CASE l.link_type_id WHEN 3 THEN p.value ELSE 0 END, l.linked_product_id"

static struct fer_value link_of(struct fer_call *call, const struct fer_product *owner, const char *type, struct fer_stmt *stmt)
{
	struct fer_value link = fer_map(), more = fer_map();

	fer_append(call->arena, &link, FER_S("sku"), fer_string(owner->sku));
	fer_append(call->arena, &link, FER_S("link_type"), fer_text(type));
	fer_append(call->arena, &link, FER_S("linked_product_sku"), fer_string(fer_col_dup(call->arena, stmt, 2)));
	fer_append(call->arena, &link, FER_S("linked_product_type"), fer_string(fer_col_dup(call->arena, stmt, 3)));
	fer_append(call->arena, &link, FER_S("position"), fer_int(fer_col_int(stmt, 4)));
	if (!fer_col_null(stmt, 5)) {
		fer_append(call->arena, &more, FER_S("qty"), fer_decimal(fer_col_decimal(stmt, 5)));
		fer_append(call->arena, &link, FER_S("extension_attributes"), more);
	}
	return link;
}

int fer_product_links_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id FER_UNUSED)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open(call, products, n, LINKS_HEAD, LINKS_TAIL, &stmt);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));
		const char *type = type_name(fer_col_int(stmt, 1));

		if (owner && type)
			fer_push(call->arena, &owner->parts[FER_PART_LINKS], link_of(call, owner, type, stmt));
	}
	return r;
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

/* A link on its way into the database. */
struct change {
	const struct type *type;
	int64_t product_id, linked_id;
	const struct fer_value *link;
	int64_t position;        /* -1: none */
};

static int write_values(struct fer_call *call, const struct change *c)
{
	const struct fer_value *more = fer_get(c->link, "extension_attributes"), *qty = more ? fer_get(more, "qty") : NULL;
	int r = 0;

	if (c->position >= 0)
		r = fer_sql_run(call->db, FER_SQL_PRODUCT_LINK_POSITION, NULL, "iiii", c->position, c->type->id, c->product_id, c->linked_id);
	if (!r && !fer_is_null(qty))
		r = fer_sql_run(call->db, FER_SQL_PRODUCT_LINK_QTY, NULL, "diii", fer_as_decimal(qty), c->type->id, c->product_id, c->linked_id);
	return r;
}

static int write_link(struct fer_call *call, const struct change *c)
{
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_PRODUCT_LINK_PUT, NULL, "iii", c->type->id, c->product_id, c->linked_id)))
		return r;
	if (c->type->id == ASSOCIATED && (r = fer_sql_run(call->db, FER_SQL_PRODUCT_RELATION_PUT, NULL, "ii", c->product_id, c->linked_id)))
		return r;
	return write_values(call, c);
}

/* One link of a type without a position, and all of that type are numbered as they stand. */
static bool positions_are_set(struct fer_call *call, const struct fer_value *links, const struct type *type)
{
	for (size_t i = 0; i < fer_count(links); i++)
		if (type_named(fer_map_str(call->arena, fer_at(links, i), "link_type")) == type && !fer_get(fer_at(links, i), "position"))
			return false;
	return true;
}

static int add_links(struct fer_call *call, int64_t product_id, const struct fer_value *links, const struct type *type, enum fer_error missing)
{
	bool set = positions_are_set(call, links, type);
	int64_t number = 0;
	int r = 0;

	for (size_t i = 0; i < fer_count(links) && !r; i++) {
		struct change c = { .type = type, .product_id = product_id, .link = fer_at(links, i) };
		struct fer_str sku = fer_str_trim(fer_map_str(call->arena, c.link, "linked_product_sku"));

		if (type_named(fer_map_str(call->arena, c.link, "link_type")) != type)
			continue;
		c.position = set ? fer_map_int(c.link, "position", -1) : ++number;
		if ((r = fer_sql_int(call->db, FER_SQL_PRODUCT_ID_BY_SKU, 0, &c.linked_id, "s", sku)))
			return r;
		r = c.linked_id ? write_link(call, &c) : fer_fail(call, missing, "1", fer_string(sku), NULL);
	}
	return r;
}

static int clear_links(struct fer_call *call, int64_t product_id, const struct type *type)
{
	int r = 0;

	if (type->id == ASSOCIATED)
		r = fer_sql_run(call->db, FER_SQL_PRODUCT_RELATIONS_CLEAR, NULL, "ii", product_id, product_id);
	return r ? r : fer_sql_run(call->db, FER_SQL_PRODUCT_LINKS_CLEAR, NULL, "ii", type->id, product_id);
}

/* What a body names replaces every link of the product. */
int fer_product_links_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	int r = 0;

	for (size_t i = 0; i < fer_count(sent); i++)
		if (!type_named(fer_map_str(s->call->arena, fer_at(sent, i), "link_type")))
			return fer_fail(s->call, FER_E_LINKS_INVALID, NULL);
	for (size_t i = 0; i < FER_ARRAY_LEN(types) && !r; i++)
		if (!(r = s->is_new ? 0 : clear_links(s->call, s->product.id, &types[i])))
			r = add_links(s->call, s->product.id, sent, &types[i], FER_E_NO_PRODUCT_WITH_SKU);
	return r;
}

/* -- routes of links ---------------------------------------------------------------------------------------------- */

static int list_types(struct fer_call *call)
{
	struct fer_value list = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++) {
		struct fer_value type = fer_map();

		fer_append(call->arena, &type, FER_S("code"), fer_int(types[i].id));
		fer_append(call->arena, &type, FER_S("name"), fer_text(types[i].name));
		fer_push(call->arena, &list, type);
	}
	return fer_answer(call, list);
}

static int list_attributes(struct fer_call *call)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const struct type *type = type_named(fer_arg_str(call, "type"));
	struct fer_value list = fer_list();
	int r;

	if ((r = fer_sql_open(call->db, FER_SQL_PRODUCT_LINK_ATTRIBUTES, &stmt, "i", type ? type->id : 0)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_value attribute = fer_map();

		fer_append(call->arena, &attribute, FER_S("code"), fer_string(fer_col_dup(call->arena, stmt, 0)));
		fer_append(call->arena, &attribute, FER_S("type"), fer_string(fer_col_dup(call->arena, stmt, 1)));
		fer_push(call->arena, &list, attribute);
	}
	return r < 0 ? r : fer_answer(call, list);
}

/* The type of the path, then the product of the path with its links. */
static int find_links(struct fer_call *call, const struct type **type, struct fer_product *product)
{
	int r;

	if (!(*type = type_named(fer_arg_str(call, "type"))))
		return fer_fail(call, FER_E_LINK_TYPE_UNKNOWN, "1", fer_string(fer_arg_str(call, "type")), NULL);
	if ((r = fer_product_require(call, fer_arg_str(call, "sku"), product)))
		return r;
	product->parts[FER_PART_LINKS] = fer_list();
	return fer_product_links_fill(call, product, 1, call->store_id);
}

static int list_links(struct fer_call *call)
{
	struct fer_value list = fer_list();
	struct fer_product product;
	const struct type *type;
	int r = find_links(call, &type, &product);

	for (size_t i = 0; !r && i < fer_count(&product.parts[FER_PART_LINKS]); i++) {
		const struct fer_value *link = fer_at(&product.parts[FER_PART_LINKS], i);

		if (fer_str_is(fer_get(link, "link_type")->text, type->name))
			fer_push(call->arena, &list, *link);
	}
	return r ? r : fer_answer(call, list);
}

/* Every link has a known type; the last one's is the type whose links are replaced. */
static int check_items(struct fer_call *call, const struct fer_value *items, const struct type **type)
{
	*type = NULL;
	if (!fer_count(items))
		return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text("items"), "value", fer_text("empty array"), NULL);
	for (size_t i = 0; i < fer_count(items); i++) {
		struct fer_str name = fer_map_str(call->arena, fer_at(items, i), "link_type");

		if (!name.len)
			return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("linkType"), NULL);
		if (!(*type = type_named(name)))
			return fer_fail(call, FER_E_LINK_TYPE_NOT_FOUND, "1", fer_string(name), NULL);
	}
	return 0;
}

static int after(struct fer_call *call, int64_t product_id, const struct type *type)
{
	return type->id == ASSOCIATED ? fer_product_reindex(call, product_id) : 0;
}

static int replace_links(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *items = fer_arg(call, "items");
	struct fer_product product;
	const struct type *type;
	int r;

	if ((r = check_items(call, items, &type)) || (r = fer_product_require(call, fer_arg_str(call, "sku"), &product)) ||
	    (r = clear_links(call, product.id, type)))
		return r;
	for (size_t i = 0; i < FER_ARRAY_LEN(types); i++)
		if ((r = add_links(call, product.id, items, &types[i], FER_E_LINKS_INVALID)))
			return r;
	return fer_product_resaved(call, product.id);
}

static int put_link(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *link = fer_arg(call, "entity");
	struct change c = { .link = link, .position = fer_map_int(link, "position", -1) };
	struct fer_product product, linked;
	int r;

	if ((r = fer_product_require(call, fer_map_str(call->arena, link, "linked_product_sku"), &linked)) ||
	    (r = fer_product_require(call, fer_map_str(call->arena, link, "sku"), &product)))
		return r;
	if (!(c.type = type_named(fer_map_str(call->arena, link, "link_type"))))
		return fer_fail(call, FER_E_LINKS_INVALID, NULL);
	c.product_id = product.id;
	c.linked_id = linked.id;
	return (r = write_link(call, &c)) ? r : after(call, product.id, c.type);
}

static bool is_linked(const struct fer_product *product, const struct type *type, struct fer_str sku)
{
	const struct fer_value *links = &product->parts[FER_PART_LINKS];

	for (size_t i = 0; i < fer_count(links); i++)
		if (fer_str_is(fer_get(fer_at(links, i), "link_type")->text, type->name) &&
		    fer_str_eq(fer_get(fer_at(links, i), "linked_product_sku")->text, sku))
			return true;
	return false;
}

static int remove_link(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_str sku = fer_arg_str(call, "linkedProductSku");
	struct fer_product product, linked;
	const struct type *type;
	int r = find_links(call, &type, &product);

	if (r)
		return r;
	if (!is_linked(&product, type, sku))
		return fer_fail(call, FER_E_LINK_MISSING, "1", fer_string(fer_arg_str(call, "sku")), "2", fer_string(sku), "3", fer_text(type->name), NULL);
	if ((r = fer_product_require(call, sku, &linked)) ||
	    (r = fer_sql_run(call->db, FER_SQL_PRODUCT_LINK_DELETE, NULL, "iii", type->id, product.id, linked.id)))
		return r;
	if (type->id == ASSOCIATED && (r = fer_sql_run(call->db, FER_SQL_PRODUCT_RELATION_DELETE, NULL, "ii", product.id, linked.id)))
		return r;
	return after(call, product.id, type);
}

static int in_transaction(struct fer_call *call, int (*fn)(struct fer_call *call, void *data))
{
	int r = fer_tx(call, 0, fn, NULL);

	return r ? r : fer_answer_true(call);
}

static int post_links(struct fer_call *call)
{
	return in_transaction(call, replace_links);
}

static int save_link(struct fer_call *call)
{
	return in_transaction(call, put_link);
}

static int delete_link(struct fer_call *call)
{
	return in_transaction(call, remove_link);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field type_fields[] = {
	FER_FIELD("code", FER_INT, NULL, 0, "link_type_id"),
	FER_FIELD("name", FER_STRING, NULL, 0, "what link_type says"),
};
static const struct fer_entity link_type = { .name = "catalog-data-product-link-type-interface", FER_FIELDS(type_fields) };

static const struct fer_field attribute_fields[] = {
	FER_FIELD("code", FER_STRING, NULL, 0, "position or qty"),
	FER_FIELD("type", FER_STRING, NULL, 0, "int or decimal"),
};
static const struct fer_entity link_attribute = { .name = "catalog-data-product-link-attribute-interface", FER_FIELDS(attribute_fields) };

#define CATALOG "Magento_Catalog::catalog"
#define SOURCE "Magento_Catalog webapi.xml"
#define SKU { "sku", FER_STRING, FER_REQ, NULL, NULL }
#define TYPE { "type", FER_STRING, FER_REQ, NULL, NULL }

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/products/links/types", CATALOG, list_types, &link_type, .many = true, .cached = true, .insecure = true,
	  .service = "catalogProductLinkTypeListV1", .summary = "Types of links between products", .source = SOURCE },
	{ FER_GET, "/V1/products/links/:type/attributes", CATALOG, list_attributes, &link_attribute, FER_PARAMS(TYPE), .many = true,
	  .cached = true, .insecure = true,
	  .service = "catalogProductLinkTypeListV1", .summary = "What a link of that type says besides", .source = SOURCE },
	{ FER_GET, "/V1/products/:sku/links/:type", CATALOG, list_links, &fer_product_link, FER_PARAMS(SKU, TYPE), .many = true,
	  .cached = true, .insecure = true,
	  .service = "catalogProductLinkManagementV1", .summary = "Links of a product of one type", .source = SOURCE },
	{ FER_POST, "/V1/products/:sku/links", CATALOG, post_links,
	  FER_PARAMS(SKU, { "items", FER_OBJECT, FER_REQ | FER_MANY, &fer_product_link, NULL }), .returns = FER_BOOL,
	  .service = "catalogProductLinkManagementV1", .summary = "Replace the links of a product of one type", .source = SOURCE },
	{ FER_PUT, "/V1/products/:sku/links", CATALOG, save_link, FER_PARAMS({ "entity", FER_OBJECT, FER_REQ, &fer_product_link, NULL }),
	  .returns = FER_BOOL, .service = "catalogProductLinkRepositoryV1", .summary = "Add or change one link", .source = SOURCE },
	{ FER_DELETE, "/V1/products/:sku/links/:type/:linkedProductSku", CATALOG, delete_link,
	  FER_PARAMS(SKU, TYPE, { "linkedProductSku", FER_STRING, FER_REQ, NULL, NULL }), .returns = FER_BOOL,
	  .service = "catalogProductLinkRepositoryV1", .summary = "Remove one link", .source = SOURCE },
};
const struct fer_route_table fer_routes_product_link = FER_ROUTE_TABLE(routes);
