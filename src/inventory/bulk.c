/*
 * Magento_InventoryCatalogApi: many products into sources, out of them, and from one to another. SKUs that are not in the catalogue, or whose
 * type has no quantity, are passed over.
 * Source: Magento_InventoryCatalog Model\Bulk…, Magento_InventoryLowQuantityNotification Plugin\InventoryCatalogApi, 2.4.7, as recorded.
 */
#include "inventory/inventory.h"

#include "catalog/product.h"
#include "inventory/stock_item.h"

struct held {
	bool there;
	fer_micro qty;
	int64_t status;
};

static int find_held(struct fer_call *call, struct fer_str source, struct fer_str sku, struct held *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_SOURCE_ITEM_GET, &stmt, "ss", source, sku);

	*out = (struct held){ 0 };
	if (r || (r = fer_stmt_step(stmt)) != 1)
		return r;
	*out = (struct held){ true, fer_col_decimal(stmt, 0), fer_col_int(stmt, 1) };
	return 0;
}

/* Once a row of the default source was changed here, the stock item is what is there now. */
static int follow_default(struct fer_call *call, struct fer_str changed, struct fer_str sku)
{
	struct held now;
	int r;

	if (!fer_is_default_source(changed))
		return 0;
	if ((r = find_held(call, FER_S(FER_DEFAULT_SOURCE), sku, &now)))
		return r;
	return fer_stock_item_follow(call, sku, now.qty, now.status);
}

/* -- checks ------------------------------------------------------------------------------------------------------- */

static int check_source(struct fer_call *call, struct fer_str code, enum fer_error unknown)
{
	int64_t there = 0;
	int r = fer_sql_int(call->db, FER_SQL_SOURCE_IS, 0, &there, "s", code);

	return r || there ? r : fer_fail(call, unknown, "sourceCode", fer_string(code), NULL);
}

static int check_sources(struct fer_call *call)
{
	const struct fer_value *codes = fer_arg(call, "sourceCodes");
	int r = 0;

	for (size_t i = 0; i < fer_count(codes) && r >= 0; i++)
		r = check_source(call, fer_as_str(call->arena, fer_at(codes, i)), FER_E_BULK_SOURCE_UNKNOWN);
	return r < 0 ? r : fer_fail_list(call, FER_E_VALIDATION_FAILED);
}

static int check_both(struct fer_call *call, struct fer_str origin, struct fer_str destination)
{
	int r;

	if ((r = check_source(call, origin, FER_E_BULK_ORIGIN_UNKNOWN)) < 0 ||
	    (r = check_source(call, destination, FER_E_BULK_DESTINATION_UNKNOWN)) < 0)
		return r;
	return fer_str_eq(origin, destination) ? fer_fail(call, FER_E_BULK_SAME_SOURCE, NULL) : 0;
}

/* -- each SKU and source ------------------------------------------------------------------------------------------ */

typedef int each_fn(struct fer_call *call, struct fer_str sku, struct fer_str source, int64_t *n);

static int each_pair(struct fer_call *call, struct fer_str sku, each_fn *fn, int64_t *n)
{
	const struct fer_value *codes = fer_arg(call, "sourceCodes");
	int r = 0;

	for (size_t i = 0; i < fer_count(codes) && !r; i++)
		r = fn(call, sku, fer_as_str(call->arena, fer_at(codes, i)), n);
	return r;
}

static int find_counted(struct fer_call *call, const struct fer_value *sku, struct fer_product *product, bool *counted)
{
	int r = fer_product_find(call, fer_as_str(call->arena, sku), product, counted);

	*counted = !r && *counted && fer_stock_counts(product->type);
	return r;
}

static int assign_one(struct fer_call *call, struct fer_str sku, struct fer_str source, int64_t *n)
{
	int64_t added = 0;
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_ASSIGN, &added, "ss", source, sku)))
		return r;
	*n += added;
	return fer_sql_run(call->db, FER_SQL_LOW_QUANTITY_ASSIGN, NULL, "ss", source, sku);
}

static int assign_all(struct fer_call *call, void *data)
{
	const struct fer_value *skus = fer_arg(call, "skus");
	struct fer_product product;
	int64_t *n = data;
	bool counted;
	int r = check_sources(call);

	*n = 0;
	for (size_t i = 0; i < fer_count(skus) && !r; i++)
		if (!(r = find_counted(call, fer_at(skus, i), &product, &counted)) && counted)
			r = each_pair(call, product.sku, assign_one, n);
	return r;
}

static int unassign_one(struct fer_call *call, struct fer_str sku, struct fer_str source, int64_t *n)
{
	int64_t removed = 0;
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_UNASSIGN, &removed, "ss", source, sku)) ||
	    (r = fer_sql_run(call->db, FER_SQL_LOW_QUANTITY_DROP, NULL, "ss", source, sku)))
		return r;
	*n += removed;
	return follow_default(call, source, sku);
}

static int unassign_all(struct fer_call *call, void *data)
{
	const struct fer_value *skus = fer_arg(call, "skus");
	int64_t *n = data;
	int r = check_sources(call);

	*n = 0;
	for (size_t i = 0; i < fer_count(skus) && !r; i++)
		r = each_pair(call, fer_as_str(call->arena, fer_at(skus, i)), unassign_one, n);
	return r;
}

static int answer_count(struct fer_call *call, int (*fn)(struct fer_call *call, void *data))
{
	int64_t n = 0;
	int r = fer_tx(call, 0, fn, &n);

	return r ? r : fer_answer(call, fer_int(n));
}

static int assign(struct fer_call *call)
{
	return answer_count(call, assign_all);
}

static int unassign(struct fer_call *call)
{
	return answer_count(call, unassign_all);
}

/* -- all of a product from one source to another ------------------------------------------------------------------ */

/* A destination that has a row while the origin has none keeps it. */
static int move_held(struct fer_call *call, struct fer_str sku, struct fer_str from, struct fer_str to)
{
	struct held origin, destination;
	int r;

	if ((r = find_held(call, from, sku, &origin)) || (r = find_held(call, to, sku, &destination)) ||
	    (destination.there && !origin.there))
		return r;
	return fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_PUT, NULL, "ssdi", to, sku, origin.qty + destination.qty, origin.status);
}

static int clear_held(struct fer_call *call, struct fer_str sku, struct fer_str from)
{
	int r;

	if (!fer_arg_bool(call, "unassignFromOrigin", false))
		return fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_EMPTY, NULL, "ss", from, sku);
	if ((r = fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_UNASSIGN, NULL, "ss", from, sku)))
		return r;
	return fer_sql_run(call->db, FER_SQL_LOW_QUANTITY_DROP, NULL, "ss", from, sku);
}

static int transfer_one(struct fer_call *call, struct fer_str sku, struct fer_str from, struct fer_str to)
{
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_LOW_QUANTITY_COPY, NULL, "ssss", to, sku, from, sku)) ||
	    (r = move_held(call, sku, from, to)) || (r = clear_held(call, sku, from)) || (r = follow_default(call, from, sku)))
		return r;
	return follow_default(call, to, sku);
}

static int transfer_all(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_str from = fer_arg_str(call, "originSource"), to = fer_arg_str(call, "destinationSource");
	const struct fer_value *skus = fer_arg(call, "skus");
	struct fer_product product;
	bool counted;
	int r;

	if ((r = check_both(call, from, to)) < 0 || (r = fer_fail_list(call, FER_E_TRANSFER_INVALID)))
		return r;
	for (size_t i = 0; i < fer_count(skus) && !r; i++)
		if (!(r = find_counted(call, fer_at(skus, i), &product, &counted)) && counted)
			r = transfer_one(call, product.sku, from, to);
	return r;
}

static int transfer(struct fer_call *call)
{
	int r = fer_tx(call, 0, transfer_all, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- some of a product -------------------------------------------------------------------------------------------- */

static int no_item(struct fer_call *call, struct fer_str sku, struct fer_str source)
{
	struct fer_str message = fer_str_fmt(call->arena, "Source item for %.*s and %.*s does not exist", FER_F(sku), FER_F(source));

	return fer_fail(call, FER_E_BULK_NO_ITEM, "message", fer_string(message), NULL);
}

static int check_part(struct fer_call *call, const struct fer_value *item, struct fer_str from, struct fer_str to)
{
	struct fer_str sku = fer_map_str(call->arena, item, "sku");
	struct held origin, destination;
	int r;

	if ((r = find_held(call, from, sku, &origin)) || (r = find_held(call, to, sku, &destination)))
		return r;
	if (!origin.there)
		return no_item(call, sku, from);
	if (origin.qty < fer_as_decimal(fer_get(item, "qty")))
		r = fer_fail(call, FER_E_BULK_NOT_ENOUGH, "sku", fer_string(sku), NULL);
	return destination.there ? r : no_item(call, sku, to);
}

static int move_part(struct fer_call *call, const struct fer_value *item, struct fer_str from, struct fer_str to)
{
	struct fer_str sku = fer_map_str(call->arena, item, "sku");
	fer_micro qty = fer_as_decimal(fer_get(item, "qty"));
	struct held origin, destination;
	int r;

	if ((r = find_held(call, from, sku, &origin)) || (r = find_held(call, to, sku, &destination)) ||
	    (r = fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_PUT, NULL, "ssdi", from, sku, origin.qty - qty, origin.status)) ||
	    (r = fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_PUT, NULL, "ssdi", to, sku, destination.qty + qty, (int64_t)1)) ||
	    (r = follow_default(call, from, sku)))
		return r;
	return follow_default(call, to, sku);
}

static int transfer_parts(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_str from = fer_arg_str(call, "originSourceCode"), to = fer_arg_str(call, "destinationSourceCode");
	const struct fer_value *items = fer_arg(call, "items");
	int r = check_both(call, from, to);

	for (size_t i = 0; i < fer_count(items) && r >= 0; i++)
		r = check_part(call, fer_at(items, i), from, to);
	if (r < 0 || (r = fer_fail_list(call, FER_E_PARTIAL_TRANSFER_INVALID)))
		return r;
	for (size_t i = 0; i < fer_count(items) && !r; i++)
		r = move_part(call, fer_at(items, i), from, to);
	return r;
}

static int transfer_partly(struct fer_call *call)
{
	int r = fer_tx(call, 0, transfer_parts, NULL);

	return r ? r : fer_answer(call, fer_null());
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field part_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("qty", FER_DECIMAL, NULL, 0, "how many of it", .digits = 12),
};
static const struct fer_entity part = { .name = "inventory-catalog-api-data-partial-inventory-transfer-item-interface", FER_FIELDS(part_fields) };

#define ACL "Magento_Catalog::products"
#define SOURCE "Magento_InventoryCatalogApi webapi.xml"
#define SKUS { "skus", FER_STRING, FER_REQ | FER_MANY, NULL, NULL }
#define SKUS_AND_SOURCES FER_PARAMS(SKUS, { "sourceCodes", FER_STRING, FER_REQ | FER_MANY, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/inventory/bulk-product-source-assign", ACL, assign, NULL, SKUS_AND_SOURCES, .returns = FER_INT,
	  .service = "inventoryCatalogApiBulkSourceAssignV1",
	  .summary = "Put products into sources, empty; answers how many were not there", .source = SOURCE },
	{ FER_POST, "/V1/inventory/bulk-product-source-unassign", ACL, unassign, NULL, SKUS_AND_SOURCES, .returns = FER_INT,
	  .service = "inventoryCatalogApiBulkSourceUnassignV1",
	  .summary = "Take products out of sources; answers how many were there", .source = SOURCE },
	{ FER_POST, "/V1/inventory/bulk-product-source-transfer", ACL, transfer, NULL,
	  FER_PARAMS(SKUS, { "originSource", FER_STRING, FER_REQ, NULL, NULL }, { "destinationSource", FER_STRING, FER_REQ, NULL, NULL },
	             { "unassignFromOrigin", FER_BOOL, FER_REQ, NULL, NULL }),
	  .returns = FER_BOOL,
	  .service = "inventoryCatalogApiBulkInventoryTransferV1",
	  .summary = "Move all that a source holds of products to another", .source = SOURCE },
	{ FER_POST, "/V1/inventory/bulk-partial-source-transfer", ACL, transfer_partly, NULL,
	  FER_PARAMS({ "originSourceCode", FER_STRING, FER_REQ, NULL, NULL }, { "destinationSourceCode", FER_STRING, FER_REQ, NULL, NULL },
	             { "items", FER_OBJECT, FER_REQ | FER_MANY, &part, NULL }),
	  .service = "inventoryCatalogApiBulkPartialInventoryTransferV1",
	  .summary = "Move quantities of products from a source to another", .source = SOURCE },
};

const struct fer_route_table fer_routes_inventory_bulk = FER_ROUTE_TABLE(rows);
