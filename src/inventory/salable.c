/*
 * Magento_InventorySalesApi: what can be sold from a stock, and which stock a sales channel sells from.
 * Source: Magento_InventorySales IsProductSalableForRequestedQtyCondition, 2.4.7, as recorded.
 */
#include "inventory/salability.h"

#include <errno.h>

#include "inventory/stock_item.h"

/* -- why a quantity cannot be sold -------------------------------------------------------------------------------- */

static int add_error(struct fer_call *call, struct fer_value *errors, const char *code, struct fer_str message)
{
	struct fer_value error = fer_map();

	fer_append(call->arena, &error, FER_S("code"), fer_text(code));
	fer_append(call->arena, &error, FER_S("message"), fer_string(message));
	fer_push(call->arena, errors, error);
	return 1;
}

static struct fer_str number_text(struct fer_call *call, fer_micro x)
{
	struct fer_value v = fer_decimal(x);

	return fer_as_str(call->arena, &v);
}

static fer_micro increments_of(struct fer_call *call, const struct fer_value *item)
{
	return fer_stock_item_flag(call, item, "enable_qty_increments") ? fer_stock_item_number(call, item, "qty_increments") : 0;
}

/* Is it a quantity that carts may hold? The first finding is told. Returns 1 when there was one. */
static int check_cart(struct fer_call *call, const struct fer_salability *s, fer_micro qty, struct fer_value *errors)
{
	fer_micro least = fer_stock_item_number(call, &s->item, "min_sale_qty"), most = fer_stock_item_number(call, &s->item, "max_sale_qty");
	fer_micro step = increments_of(call, &s->item);

	if (least && qty < least)
		return add_error(call, errors, "is_correct_qty-min_sale_qty",
		                 fer_str_fmt(call->arena, "The fewest you may purchase is %.*s.", FER_F(number_text(call, least))));
	if (most && qty > most)
		return add_error(call, errors, "is_correct_qty-max_sale_qty",
		                 FER_S("The requested qty exceeds the maximum qty allowed in shopping cart"));
	if (step && qty % step)
		return add_error(call, errors, "is_correct_qty-qty_increment",
		                 fer_str_fmt(call->arena, "You can buy this product only in quantities of %.*s at a time.",
		                             FER_F(number_text(call, step))));
	if (qty % FER_ONE && !fer_map_int(&s->item, "is_qty_decimal", 0))
		return add_error(call, errors, "is_correct_qty-is_qty_decimal", FER_S("You cannot use decimal quantity for this product."));
	return 0;
}

/* One of backorders, unmanaged stock and enough quantity will do; else all three are told. */
static void check_stock(struct fer_call *call, int64_t stock_id, const struct fer_salability *s, fer_micro qty, struct fer_value *errors)
{
	bool there = s->indexed || stock_id == FER_DEFAULT_STOCK;

	if ((fer_stock_item_flag(call, &s->item, "backorders") && fer_stock_item_number(call, &s->item, "min_qty") >= 0) ||
	    !fer_stock_item_flag(call, &s->item, "manage_stock") || (there && fer_salable_left(call, s) >= qty))
		return;
	add_error(call, errors, "back_order-disabled", FER_S("Backorders are disabled"));
	add_error(call, errors, "manage_stock-enabled", FER_S("Manage stock is enabled"));
	if (there)
		add_error(call, errors, "is_salable_with_reservations-not_enough_qty", FER_S("The requested qty is not available"));
	else
		add_error(call, errors, "is_salable_with_reservations-no_data", FER_S("The requested sku is not assigned to given stock"));
}

/* @in_cart asks what a cart asks; placing an order only looks whether there is enough. */
static struct fer_value errors_for(struct fer_call *call, int64_t stock_id, const struct fer_salability *s, fer_micro qty, bool in_cart)
{
	struct fer_value errors = fer_list();

	if (stock_id != FER_DEFAULT_STOCK && !s->assigned) {
		add_error(call, &errors, "requested-sku-is-not-assigned-to-given-stock", FER_S("The requested sku is not assigned to given stock."));
		return errors;
	}
	if (in_cart)
		check_cart(call, s, qty, &errors);
	if (in_cart && !s->any_in_stock)
		add_error(call, &errors, "is_any_source_item_in_stock-no_source_items_in_stock",
		          FER_S("There are no source items with the in stock status"));
	if (!fer_count(&errors))
		check_stock(call, stock_id, s, qty, &errors);
	return errors;
}

static void put_result(struct fer_call *call, struct fer_value *out, struct fer_value errors)
{
	fer_append(call->arena, out, FER_S("salable"), fer_bool(!fer_count(&errors)));
	fer_append(call->arena, out, FER_S("errors"), errors);
}

/* -- handlers ----------------------------------------------------------------------------------------------------- */

static int for_quantity(struct fer_call *call)
{
	int64_t stock_id = fer_arg_int(call, "stockId");
	struct fer_value out = fer_map();
	struct fer_salability s;
	int r = fer_salability_one(call, stock_id, fer_arg_str(call, "sku"), &s);

	if (r)
		return r;
	put_result(call, &out, errors_for(call, stock_id, &s, fer_as_decimal(fer_arg(call, "requestedQty")), true));
	return fer_answer(call, out);
}

static int for_quantities(struct fer_call *call)
{
	const struct fer_value *wanted = fer_arg(call, "skuRequests");
	int64_t stock_id = fer_arg_int(call, "stockId");
	struct fer_value out = fer_list();
	struct fer_salability s;
	int r;

	for (size_t i = 0; i < fer_count(wanted); i++) {
		struct fer_value *row = fer_push(call->arena, &out, fer_map());
		struct fer_str sku = fer_map_str(call->arena, fer_at(wanted, i), "sku");

		if (!fer_has(fer_at(wanted, i), "sku") || !fer_has(fer_at(wanted, i), "qty"))
			return -EINVAL;                       /* Magento cannot make the object: a masked 500 */
		if ((r = fer_salability_one(call, stock_id, sku, &s)))
			return r;
		fer_append(call->arena, row, FER_S("sku"), fer_string(sku));
		fer_append(call->arena, row, FER_S("stock_id"), fer_int(stock_id));
		put_result(call, row, errors_for(call, stock_id, &s, fer_as_decimal(fer_get(fer_at(wanted, i), "qty")), false));
	}
	return fer_answer(call, out);
}

static bool salable_among(struct fer_call *call, int64_t stock_id, const struct fer_salabilities *found, struct fer_str sku)
{
	for (size_t i = 0; i < found->n; i++)
		if (fer_str_ieq(found->rows[i].sku, sku))
			return fer_salable(call, stock_id, &found->rows[i]);
	return false;
}

static int are_salable(struct fer_call *call)
{
	const struct fer_value *skus = fer_arg(call, "skus");
	int64_t stock_id = fer_arg_int(call, "stockId");
	struct fer_value out = fer_list();
	struct fer_salabilities found;
	int r = fer_salability_of(call, stock_id, skus, &found);

	for (size_t i = 0; i < fer_count(skus) && !r; i++) {
		struct fer_value *row = fer_push(call->arena, &out, fer_map());
		struct fer_str sku = fer_as_str(call->arena, fer_at(skus, i));

		fer_append(call->arena, row, FER_S("sku"), fer_string(sku));
		fer_append(call->arena, row, FER_S("stock_id"), fer_int(stock_id));
		fer_append(call->arena, row, FER_S("salable"), fer_bool(salable_among(call, stock_id, &found, sku)));
	}
	return r ? r : fer_answer(call, out);
}

static int is_salable(struct fer_call *call)
{
	int64_t stock_id = fer_arg_int(call, "stockId");
	struct fer_value skus = fer_list();
	struct fer_salabilities found;
	int r;

	fer_push(call->arena, &skus, *fer_arg(call, "sku"));
	if ((r = fer_salability_of(call, stock_id, &skus, &found)))
		return r;
	return fer_answer(call, fer_bool(found.n && fer_salable(call, stock_id, &found.rows[0])));
}

static int get_quantity(struct fer_call *call)
{
	int64_t stock_id = fer_arg_int(call, "stockId");
	struct fer_value stock;
	struct fer_salability s;
	bool found = false;
	int r = fer_salability_one(call, stock_id, fer_arg_str(call, "sku"), &s);

	if (r || (r = fer_find(call, &fer_inventory_stock, "stock_id", fer_arg(call, "stockId"), &stock, &found)))
		return r;
	if (!found)
		return fer_fail(call, FER_E_STOCK_NO_DATA, NULL);
	return fer_answer(call, fer_decimal(fer_salable_qty(call, stock_id, &s)));
}

static int resolve(struct fer_call *call)
{
	struct fer_value key, stock;
	int64_t id;
	int r = fer_stock_of_channel(call, fer_arg_str(call, "type"), fer_arg_str(call, "code"), &id);

	if (r)
		return r;
	key = fer_int(id);
	if ((r = fer_load(call, &fer_inventory_stock, &key, &stock)))
		return r;
	return fer_answer(call, fer_shape(call, &fer_inventory_stock, &stock));
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static const struct fer_field request_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("qty", FER_DECIMAL, NULL, 0, "how many", .digits = 12),
};
static const struct fer_entity request = {
	.name = "inventory-sales-api-data-is-product-salable-for-requested-qty-request-interface", FER_FIELDS(request_fields),
};
static const struct fer_field error_fields[] = {
	FER_FIELD("code", FER_STRING, NULL, 0, "for programs"),
	FER_FIELD("message", FER_STRING, NULL, 0, "for people"),
};
static const struct fer_entity error = { .name = "inventory-sales-api-data-product-salability-error-interface", FER_FIELDS(error_fields) };
static const struct fer_field result_fields[] = {
	FER_FIELD("salable", FER_BOOL, NULL, 0, "it can be sold"),
	FER_FIELD("errors", FER_OBJECT, NULL, FER_MANY, "why not", .of = &error),
};
static const struct fer_entity result = { .name = "inventory-sales-api-data-product-salable-result-interface", FER_FIELDS(result_fields) };
static const struct fer_field salable_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("stock_id", FER_INT, NULL, 0, "stock"),
	FER_FIELD("salable", FER_BOOL, NULL, 0, "it can be sold"),
};
static const struct fer_entity salable = { .name = "inventory-sales-api-data-is-product-salable-result-interface", FER_FIELDS(salable_fields) };
static const struct fer_field each_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("stock_id", FER_INT, NULL, 0, "stock"),
	FER_FIELD("salable", FER_BOOL, NULL, 0, "it can be sold"),
	FER_FIELD("errors", FER_OBJECT, NULL, FER_MANY, "why not", .of = &error),
};
static const struct fer_entity each = {
	.name = "inventory-sales-api-data-is-product-salable-for-requested-qty-result-interface", FER_FIELDS(each_fields),
};

#define ACL "Magento_InventorySalesApi::stock"
#define SOURCE "Magento_InventorySalesApi webapi.xml"
#define SKU_AND_STOCK { "sku", FER_STRING, FER_REQ, NULL, NULL }, { "stockId", FER_INT, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/are-product-salable-for-requested-qty/", ACL, for_quantities, &each,
	  FER_PARAMS({ "skuRequests", FER_OBJECT, FER_REQ | FER_MANY, &request, NULL }, { "stockId", FER_INT, FER_REQ, NULL, NULL }),
	  .many = true, .cached = true,
	  .service = "inventorySalesApiAreProductsSalableForRequestedQtyV1",
	  .summary = "Whether quantities of products can be sold from a stock", .source = SOURCE },
	{ FER_GET, "/V1/inventory/are-products-salable", ACL, are_salable, &salable,
	  FER_PARAMS({ "skus", FER_STRING, FER_REQ | FER_MANY, NULL, NULL }, { "stockId", FER_INT, FER_REQ, NULL, NULL }),
	  .many = true, .cached = true,
	  .service = "inventorySalesApiAreProductsSalableV1",
	  .summary = "Whether products can be sold from a stock", .source = SOURCE },
	{ FER_GET, "/V1/inventory/get-product-salable-quantity/:sku/:stockId", ACL, get_quantity, NULL, FER_PARAMS(SKU_AND_STOCK),
	  .returns = FER_DECIMAL, .cached = true,
	  .service = "inventorySalesApiGetProductSalableQtyV1",
	  .summary = "How much of a product can be sold from a stock", .source = SOURCE },
	{ FER_GET, "/V1/inventory/is-product-salable-for-requested-qty/:sku/:stockId/:requestedQty", ACL, for_quantity, &result,
	  FER_PARAMS(SKU_AND_STOCK, { "requestedQty", FER_DECIMAL, FER_REQ, NULL, NULL }),
	  .cached = true,
	  .service = "inventorySalesApiIsProductSalableForRequestedQtyV1",
	  .summary = "Whether a quantity of a product can be sold from a stock, and why not", .source = SOURCE },
	{ FER_GET, "/V1/inventory/is-product-salable/:sku/:stockId", ACL, is_salable, NULL, FER_PARAMS(SKU_AND_STOCK),
	  .returns = FER_BOOL, .cached = true,
	  .service = "inventorySalesApiIsProductSalableV1",
	  .summary = "Whether a product can be sold from a stock", .source = SOURCE },
	{ FER_GET, "/V1/inventory/stock-resolver/:type/:code", ACL, resolve, &fer_inventory_stock,
	  FER_PARAMS({ "type", FER_STRING, FER_REQ, NULL, NULL }, { "code", FER_STRING, FER_REQ, NULL, NULL }),
	  .cached = true,
	  .service = "inventorySalesApiStockResolverV1", .summary = "The stock that a sales channel sells from", .source = SOURCE },
};

const struct fer_route_table fer_routes_salable = FER_ROUTE_TABLE(rows);
