/*
 * Reading salability: one statement for many products, then the rule.
 * Source: Magento_InventoryIndexer SelectBuilder, Magento_InventorySales IsProductSalableCondition, 2.4.7, as recorded.
 */
#include "inventory/salability.h"

#include <errno.h>

#include "api/search.h"
#include "inventory/stock_item.h"

/* -- reading ------------------------------------------------------------------------------------------------------ */

static const char select_rows[] =
	"SELECT p.entity_id, p.sku, p.type_id, COUNT(l.link_id), COALESCE(SUM(s.enabled), 0),"
	" COALESCE(SUM(CASE WHEN s.enabled = 1 THEN i.status ELSE 0 END), 0),"
	" COALESCE(SUM(CASE WHEN s.enabled = 1 AND i.status = 1 THEN i.quantity ELSE 0 END), 0),"
	" (SELECT COALESCE(SUM(r.quantity), 0) FROM inventory_reservation r WHERE r.stock_id = ? AND r.sku = p.sku),"
	" (SELECT stock_status FROM cataloginventory_stock_status t WHERE t.product_id = p.entity_id AND t.website_id = 0 AND t.stock_id = 1),"
	" EXISTS (SELECT 1 FROM catalog_product_relation part JOIN catalog_product_entity c ON c.entity_id = part.child_id"
	"  JOIN inventory_source_item ci ON ci.sku = c.sku AND ci.status = 1 AND ci.quantity > 0"
	"  JOIN inventory_source_stock_link cl ON cl.source_code = ci.source_code AND cl.stock_id = ?"
	"  JOIN inventory_source cs ON cs.source_code = cl.source_code AND cs.enabled = 1 WHERE part.parent_id = p.entity_id)"
	" FROM catalog_product_entity p LEFT JOIN inventory_source_item i ON i.sku = p.sku"
	" LEFT JOIN inventory_source_stock_link l ON l.source_code = i.source_code AND l.stock_id = ?"
	" LEFT JOIN inventory_source s ON s.source_code = l.source_code WHERE ";

static void start(struct fer_call *call, struct fer_query *query, int64_t stock_id)
{
	fer_query_init(query, call->arena);
	fer_query_add(query, select_rows);
	for (int i = 0; i < 3; i++)
		fer_query_bind(query, fer_int(stock_id));
}

static struct fer_salability read_row(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_salability s = { .product_id = fer_col_int(stmt, 0) };

	s.sku = fer_col_dup(call->arena, stmt, 1);
	s.type = fer_col_dup(call->arena, stmt, 2);
	s.counted = fer_stock_counts(s.type);
	s.assigned = fer_col_int(stmt, 3) > 0;
	s.indexed = fer_col_int(stmt, 4) > 0;
	s.any_in_stock = fer_col_int(stmt, 5) > 0;
	s.available = fer_col_decimal(stmt, 6);
	s.reserved = fer_col_decimal(stmt, 7);
	s.in_stock = fer_col_int(stmt, 8) > 0;
	s.part_in_stock = fer_col_int(stmt, 9) > 0;
	return s;
}

static int read_items(struct fer_call *call, struct fer_salabilities *out)
{
	int64_t *ids = FER_NEW_ARRAY(call->arena, out->n + 1, int64_t);
	struct fer_value *rows = FER_NEW_ARRAY(call->arena, out->n + 1, struct fer_value);
	int r;

	for (size_t i = 0; i < out->n; i++)
		ids[i] = out->rows[i].product_id;
	r = fer_stock_items_load(call, ids, out->n, rows);
	for (size_t i = 0; i < out->n; i++)
		out->rows[i].item = rows[i];
	return r;
}

static int read_all(struct fer_call *call, struct fer_query *query, size_t most, struct fer_salabilities *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_query_open(call->db, query, &stmt);

	*out = (struct fer_salabilities){ FER_NEW_ARRAY(call->arena, most + 1, struct fer_salability), 0 };
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		if (out->n == most)
			return -E2BIG;
		out->rows[out->n++] = read_row(call, stmt);
		r = 0;
	}
	return r ? r : read_items(call, out);
}

int fer_salability_of(struct fer_call *call, int64_t stock_id, const struct fer_value *skus, struct fer_salabilities *out)
{
	struct fer_query query;

	start(call, &query, stock_id);
	fer_query_add(&query, "p.sku");
	fer_query_in(&query, skus);
	fer_query_add(&query, " GROUP BY p.entity_id, p.sku, p.type_id ORDER BY p.entity_id");
	return read_all(call, &query, fer_count(skus), out);
}

int fer_salability_one(struct fer_call *call, int64_t stock_id, struct fer_str sku, struct fer_salability *out)
{
	struct fer_salabilities found;
	struct fer_value skus = fer_list();
	int r;

	fer_push(call->arena, &skus, fer_string(sku));
	if ((r = fer_salability_of(call, stock_id, &skus, &found)))
		return r;
	if (!found.n)
		return fer_fail(call, FER_E_CRASH, NULL);
	*out = found.rows[0];
	return out->counted ? 0 : fer_fail(call, FER_E_SALABLE_TYPE, NULL);
}

int fer_salability_page(struct fer_call *call, int64_t stock_id, int website_id, int64_t after, int limit, struct fer_salabilities *out)
{
	struct fer_query query;

	start(call, &query, stock_id);
	fer_query_add(&query, "p.entity_id IN (SELECT w.product_id FROM catalog_product_website w WHERE w.website_id = ?) AND p.entity_id > ?"
	                      " GROUP BY p.entity_id, p.sku, p.type_id ORDER BY p.entity_id LIMIT ?");
	fer_query_bind(&query, fer_int(website_id));
	fer_query_bind(&query, fer_int(after));
	fer_query_bind(&query, fer_int(limit));
	return read_all(call, &query, (size_t)limit, out);
}

/* -- the rule ----------------------------------------------------------------------------------------------------- */

fer_micro fer_salable_left(struct fer_call *call, const struct fer_salability *s)
{
	return s->available + s->reserved - fer_stock_item_number(call, &s->item, "min_qty");
}

bool fer_salable(struct fer_call *call, int64_t stock_id, const struct fer_salability *s)
{
	if (!s->counted)
		return s->in_stock && (stock_id == FER_DEFAULT_STOCK || s->part_in_stock);
	if (!s->any_in_stock)
		return false;
	if (fer_stock_item_flag(call, &s->item, "backorders") && fer_stock_item_number(call, &s->item, "min_qty") >= 0)
		return true;
	return !fer_stock_item_flag(call, &s->item, "manage_stock") || fer_salable_left(call, s) > 0;
}

fer_micro fer_salable_qty(struct fer_call *call, int64_t stock_id, const struct fer_salability *s)
{
	return fer_salable(call, stock_id, s) ? fer_salable_left(call, s) : 0;
}

int fer_stock_of_channel(struct fer_call *call, struct fer_str type, struct fer_str code, int64_t *stock_id)
{
	int r;

	if (fer_str_is(type, "website") && fer_str_is(code, "admin")) {
		*stock_id = FER_DEFAULT_STOCK;
		return 0;
	}
	if ((r = fer_sql_int(call->db, FER_SQL_STOCK_OF_CHANNEL, 0, stock_id, "ss", type, code)))
		return r;
	return *stock_id ? 0 : fer_fail(call, FER_E_STOCK_NOT_LINKED, NULL);
}
