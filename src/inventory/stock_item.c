/*
 * Stock items: one table of rows says for each field its type, its column and the configuration that stands in for it.
 * Source: Magento_CatalogInventory Stock\Item and StockItemRepository, 2.4.7, as recorded.
 */
#include "inventory/stock_item.h"

#include "api/eav.h"
#include "api/search.h"
#include "catalog/product.h"
#include "inventory/inventory.h"
#include "inventory/stock.h"

static const struct fer_field stock_item_fields[] = {
	FER_FIELD("item_id", FER_INT, "item_id", 0, "row id"),
	FER_FIELD("product_id", FER_INT, "product_id", 0, "product"),
	FER_FIELD("stock_id", FER_INT, "stock_id", 0, "legacy stock, always 1"),
	FER_FIELD("qty", FER_DECIMAL, "qty", FER_NULLS, "quantity; null for a product never counted", .digits = 12),
	FER_FIELD("is_in_stock", FER_BOOL, "is_in_stock", 0, "may be sold"),
	FER_FIELD("is_qty_decimal", FER_BOOL, "is_qty_decimal", 0, "fractions may be sold"),
	FER_FIELD("show_default_notification_message", FER_BOOL, NULL, 0, "always false"),
	FER_FIELD("use_config_min_qty", FER_BOOL, "use_config_min_qty", 0, "min_qty comes from the configuration"),
	FER_FIELD("min_qty", FER_DECIMAL, "min_qty", 0, "out of stock at this quantity", .digits = 12),
	FER_FIELD("use_config_min_sale_qty", FER_INT, "use_config_min_sale_qty", 0, "min_sale_qty comes from the configuration"),
	FER_FIELD("min_sale_qty", FER_DECIMAL, "min_sale_qty", 0, "fewest in a cart", .digits = 12),
	FER_FIELD("use_config_max_sale_qty", FER_BOOL, "use_config_max_sale_qty", 0, "max_sale_qty comes from the configuration"),
	FER_FIELD("max_sale_qty", FER_DECIMAL, "max_sale_qty", 0, "most in a cart", .digits = 12),
	FER_FIELD("use_config_backorders", FER_BOOL, "use_config_backorders", 0, "backorders comes from the configuration"),
	FER_FIELD("backorders", FER_INT, "backorders", 0, "0 none, 1 allowed, 2 allowed and told"),
	FER_FIELD("use_config_notify_stock_qty", FER_BOOL, "use_config_notify_stock_qty", 0, "notify_stock_qty comes from the configuration"),
	FER_FIELD("notify_stock_qty", FER_DECIMAL, "notify_stock_qty", 0, "low below this quantity", .digits = 12),
	FER_FIELD("use_config_qty_increments", FER_BOOL, "use_config_qty_increments", 0, "qty_increments comes from the configuration"),
	FER_FIELD("qty_increments", FER_DECIMAL, "qty_increments", 0, "sold in multiples of; 0 where increments are off", .digits = 12),
	FER_FIELD("use_config_enable_qty_inc", FER_BOOL, "use_config_enable_qty_inc", 0, "enable_qty_increments comes from the configuration"),
	FER_FIELD("enable_qty_increments", FER_BOOL, "enable_qty_increments", 0, "increments are on"),
	FER_FIELD("use_config_manage_stock", FER_BOOL, "use_config_manage_stock", 0, "manage_stock comes from the configuration"),
	FER_FIELD("manage_stock", FER_BOOL, "manage_stock", 0, "the quantity counts"),
	FER_FIELD("low_stock_date", FER_STRING, "low_stock_date", FER_NULLS, "since when the quantity is low, UTC"),
	FER_FIELD("is_decimal_divided", FER_BOOL, "is_decimal_divided", 0, "boxes may be divided"),
	FER_FIELD("stock_status_changed_auto", FER_INT, "stock_status_changed_auto", 0, "the server changed is_in_stock"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_IN_ONLY, "none declared", .of = &fer_no_extension),
};
const struct fer_entity fer_stock_item = {
	.name = "catalog-inventory-data-stock-item-interface", FER_FIELDS(stock_item_fields),
};

/* Fields that the configuration stands in for, and the flag that says so. */
static const struct stand_in { const char *field, *flag, *path; } stand_ins[] = {
	{ "min_qty", "use_config_min_qty", "cataloginventory/item_options/min_qty" },
	{ "min_sale_qty", "use_config_min_sale_qty", "cataloginventory/item_options/min_sale_qty" },
	{ "max_sale_qty", "use_config_max_sale_qty", "cataloginventory/item_options/max_sale_qty" },
	{ "backorders", "use_config_backorders", "cataloginventory/item_options/backorders" },
	{ "notify_stock_qty", "use_config_notify_stock_qty", "cataloginventory/item_options/notify_stock_qty" },
	{ "qty_increments", "use_config_qty_increments", "cataloginventory/item_options/qty_increments" },
	{ "enable_qty_increments", "use_config_enable_qty_inc", "cataloginventory/item_options/enable_qty_increments" },
	{ "manage_stock", "use_config_manage_stock", "cataloginventory/item_options/manage_stock" },
};

/* -- reading ------------------------------------------------------------------------------------------------------ */

static struct fer_value read_row(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_value row = fer_map();
	int column = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(stock_item_fields); i++) {
		const struct fer_field *f = &stock_item_fields[i];
		struct fer_value v = fer_null();

		if (!f->column)
			continue;
		if (!fer_col_null(stmt, column))
			v = f->type == FER_DECIMAL ? fer_decimal(fer_col_decimal(stmt, column))
			  : f->type == FER_STRING ? fer_string(fer_col_dup(call->arena, stmt, column)) : fer_int(fer_col_int(stmt, column));
		fer_append(call->arena, &row, fer_str(f->name), v);
		column++;
	}
	return row;
}

void fer_stock_item_select(struct fer_query *query)
{
	const char *comma = "SELECT ";

	for (size_t i = 0; i < FER_ARRAY_LEN(stock_item_fields); i++) {
		if (!stock_item_fields[i].column)
			continue;
		fer_query_add(query, comma);
		fer_query_add(query, stock_item_fields[i].column);
		comma = ",";
	}
	fer_query_add(query, " FROM cataloginventory_stock_item");
}

int fer_stock_item_rows(struct fer_call *call, struct fer_query *query, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*list = fer_list();
	if ((r = fer_query_open(call->db, query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_push(call->arena, list, read_row(call, stmt));
	return r;
}

int fer_stock_items_load(struct fer_call *call, const int64_t *product_ids, size_t n, struct fer_value *rows)
{
	struct fer_query query;
	struct fer_value list;
	int r;

	for (size_t i = 0; i < n; i++)
		rows[i] = fer_null();
	if (!n)
		return 0;
	fer_query_init(&query, call->arena);
	fer_stock_item_select(&query);
	fer_query_add(&query, " WHERE stock_id = 1 AND product_id");
	fer_query_ids(&query, product_ids, n);
	if ((r = fer_stock_item_rows(call, &query, &list)))
		return r;
	for (uint32_t k = 0; k < list.list.n; k++) {
		int64_t id = fer_map_int(&list.list.items[k], "product_id", 0);

		for (size_t i = 0; i < n; i++)
			if (id == product_ids[i])
				rows[i] = list.list.items[k];
	}
	return 0;
}

/* -- what the configuration stands in for ------------------------------------------------------------------------- */

static struct fer_value effective(struct fer_call *call, const struct fer_value *row, const char *field)
{
	const struct fer_value *v = fer_get(row, field);

	for (size_t i = 0; i < FER_ARRAY_LEN(stand_ins); i++)
		if (!strcmp(stand_ins[i].field, field) && fer_map_int(row, stand_ins[i].flag, 1))
			return fer_string(fer_stock_config(call, stand_ins[i].path));
	return v ? *v : fer_null();
}

fer_micro fer_stock_item_number(struct fer_call *call, const struct fer_value *row, const char *field)
{
	struct fer_value v = effective(call, row, field);

	return fer_as_decimal(&v);
}

bool fer_stock_item_flag(struct fer_call *call, const struct fer_value *row, const char *field)
{
	struct fer_value v = effective(call, row, field);

	return fer_as_int(&v) != 0;
}

bool fer_stock_item_salable(struct fer_call *call, const struct fer_value *row)
{
	return !fer_stock_item_flag(call, row, "manage_stock") || fer_map_int(row, "is_in_stock", 0);
}

static struct fer_value shown(struct fer_call *call, const struct fer_value *row, const struct fer_field *f)
{
	struct fer_value v = effective(call, row, f->name);

	if (!strcmp(f->name, "qty_increments") && !fer_stock_item_flag(call, row, "enable_qty_increments"))
		return fer_int(0);
	if (fer_is_null(&v) && f->flags & FER_NULLS)
		return v;
	switch (f->type) {
	case FER_DECIMAL: return fer_decimal(fer_as_decimal(&v));
	case FER_BOOL: return fer_bool(fer_as_int(&v) != 0);
	case FER_INT: return fer_int(fer_as_int(&v));
	default: return v;
	}
}

struct fer_value fer_stock_item_shape(struct fer_call *call, const struct fer_value *row)
{
	struct fer_value out = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(stock_item_fields); i++)
		if (!(stock_item_fields[i].flags & FER_IN_ONLY))
			fer_append(call->arena, &out, fer_str(stock_item_fields[i].name), shown(call, row, &stock_item_fields[i]));
	return out;
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

bool fer_stock_counts(struct fer_str product_type)
{
	return fer_str_is(product_type, "simple") || fer_str_is(product_type, "virtual") || fer_str_is(product_type, "downloadable");
}

/* The flags of a new row are on; its quantity is unknown where it counts, and 0 where it does not. */
static struct fer_value fresh_row(struct fer_call *call, const struct fer_stock_owner *owner)
{
	struct fer_value row = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(stock_item_fields); i++)
		if (stock_item_fields[i].column)
			fer_append(call->arena, &row, fer_str(stock_item_fields[i].name), fer_int(0));
	for (size_t i = 0; i < FER_ARRAY_LEN(stand_ins); i++)
		fer_set(call->arena, &row, stand_ins[i].flag, fer_int(1));
	fer_set(call->arena, &row, "item_id", fer_null());
	fer_set(call->arena, &row, "stock_id", fer_int(FER_DEFAULT_STOCK));
	fer_set(call->arena, &row, "min_sale_qty", fer_int(1));
	fer_set(call->arena, &row, "notify_stock_qty", fer_null());
	fer_set(call->arena, &row, "low_stock_date", fer_null());
	fer_set(call->arena, &row, "qty", fer_stock_counts(owner->type) ? fer_null() : fer_int(0));
	return row;
}

static void merge(struct fer_call *call, struct fer_value *row, const struct fer_value *sent)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(stock_item_fields); i++) {
		const struct fer_field *f = &stock_item_fields[i];
		const struct fer_value *v = fer_get(sent, f->name);

		if (!v || !f->column || !strcmp(f->name, "item_id") || !strcmp(f->name, "product_id") || !strcmp(f->name, "stock_id"))
			continue;
		if (fer_is_null(v) && !(f->flags & FER_NULLS))
			continue;
		fer_set(call->arena, row, f->name, v->kind == FER_V_BOOL ? fer_int(v->truth) : *v);
	}
}

static bool enough(struct fer_call *call, const struct fer_value *row)
{
	if (!fer_has(row, "qty"))
		return false;
	if (fer_stock_item_flag(call, row, "backorders"))
		return true;
	return fer_as_decimal(fer_get(row, "qty")) > fer_stock_item_number(call, row, "min_qty");
}

/* Once a row stands, each save looks at its quantity again: sold out, low, and since when. */
static void review(struct fer_call *call, struct fer_value *row, const struct fer_stock_owner *owner)
{
	bool out = fer_stock_item_flag(call, row, "manage_stock") && fer_map_int(row, "is_in_stock", 0) && !enough(call, row);
	bool low = fer_as_decimal(fer_get(row, "qty")) < fer_stock_item_number(call, row, "notify_stock_qty");

	if (!fer_stock_counts(owner->type)) {
		fer_set(call->arena, row, "qty", fer_int(0));
		return;
	}
	if (out)
		fer_set(call->arena, row, "is_in_stock", fer_int(0));
	fer_set(call->arena, row, "stock_status_changed_auto", fer_int(out));
	fer_set(call->arena, row, "low_stock_date", low ? fer_string(fer_time_text(call->arena, call->now_s)) : fer_null());
}

static int upsert_row(struct fer_call *call, const struct fer_value *row, int64_t *item_id)
{
	bool there = fer_has(row, "item_id");
	struct fer_query query;
	const char *comma = "";

	fer_query_init(&query, call->arena);
	fer_query_add(&query, there ? "UPDATE cataloginventory_stock_item SET " : "INSERT INTO cataloginventory_stock_item (");
	for (size_t i = 1; i < FER_ARRAY_LEN(stock_item_fields); i++) {
		if (!stock_item_fields[i].column)
			continue;
		fer_query_add(&query, comma);
		fer_query_add(&query, stock_item_fields[i].column);
		fer_query_add(&query, there ? "=?" : "");
		fer_query_bind(&query, *fer_get(row, stock_item_fields[i].name));
		comma = ",";
	}
	if (there) {
		fer_query_add(&query, " WHERE item_id = ?");
		fer_query_bind(&query, *fer_get(row, "item_id"));
		*item_id = fer_map_int(row, "item_id", 0);
		return fer_query_run(call->db, &query, NULL, NULL);
	}
	for (uint32_t i = 0; i < query.binds.list.n; i++)
		fer_query_add(&query, i ? ",?" : ") VALUES (?");
	fer_query_add(&query, ")");
	return fer_query_run(call->db, &query, NULL, item_id);
}

/* -- what follows: the stock status that lists join, and the item of the default source ---------------------------- */

static int put_status(struct fer_call *call, int64_t product_id, const struct fer_value *row)
{
	const struct fer_value *qty = fer_get(row, "qty");
	struct fer_value zero = fer_int(0);

	return fer_sql_run(call->db, FER_SQL_STOCK_STATUS_PUT, NULL, "ivi", product_id, fer_is_null(qty) ? &zero : qty,
	                   (int64_t)fer_stock_item_salable(call, row));
}

/*
 * What is not managed is in stock. A new row is managed only when the body says so: Magento asks before the row has its defaults, so that
 * the source of a product posted as out of stock is in stock.
 */
static bool source_in_stock(struct fer_call *call, const struct fer_value *row, const struct fer_value *sent, bool is_new)
{
	bool managed = fer_stock_item_flag(call, row, "manage_stock");

	if (is_new)
		managed = fer_map_bool(sent, "use_config_manage_stock", false) ? managed : fer_map_bool(sent, "manage_stock", false);
	return !managed || fer_map_int(row, "is_in_stock", 0);
}

static int put_source(struct fer_call *call, const struct fer_stock_owner *owner, const struct fer_value *row, bool in_stock)
{
	const struct fer_value *qty = fer_get(row, "qty");
	struct fer_value zero = fer_int(0);

	if (!fer_stock_counts(owner->type))
		return 0;
	if (!in_stock && !fer_as_decimal(qty))
		return fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_EMPTY, NULL, "zs", FER_DEFAULT_SOURCE, owner->sku);
	return fer_sql_run(call->db, FER_SQL_SOURCE_ITEM_PUT, NULL, "zsvi", FER_DEFAULT_SOURCE, owner->sku, fer_is_null(qty) ? &zero : qty,
	                   (int64_t)in_stock);
}

int fer_stock_item_save(struct fer_call *call, const struct fer_stock_owner *owner, const struct fer_value *sent,
                        const struct fer_value *old, struct fer_stock_saved *saved)
{
	struct fer_value row = fer_is_null(old) ? fresh_row(call, owner) : fer_clone(call->arena, old);
	int r;

	fer_set(call->arena, &row, "product_id", fer_int(owner->product_id));
	if (sent)
		merge(call, &row, sent);
	if (!fer_is_null(old))
		review(call, &row, owner);
	if ((r = upsert_row(call, &row, &saved->item_id)))
		return r;
	saved->salable = fer_stock_item_salable(call, &row);
	if ((r = put_status(call, owner->product_id, &row)))
		return r;
	return put_source(call, owner, &row, source_in_stock(call, &row, sent, fer_is_null(old)));
}

int fer_stock_item_follow(struct fer_call *call, struct fer_str sku, fer_micro qty, bool in_stock)
{
	struct fer_product product;
	struct fer_value row;
	bool found;
	int r;

	if ((r = fer_product_find(call, sku, &product, &found)) || !found || !fer_stock_counts(product.type) ||
	    (r = fer_stock_items_load(call, &product.id, 1, &row)) || fer_is_null(&row))
		return r;
	fer_set(call->arena, &row, "qty", fer_decimal(qty));
	in_stock = in_stock && (!fer_stock_item_flag(call, &row, "manage_stock") || enough(call, &row));
	fer_set(call->arena, &row, "is_in_stock", fer_int(in_stock));
	if ((r = fer_sql_run(call->db, FER_SQL_STOCK_ITEM_COUNT, NULL, "dii", qty, (int64_t)in_stock, product.id)) ||
	    (r = put_status(call, product.id, &row)))
		return r;
	return fer_product_reindex(call, product.id);
}
