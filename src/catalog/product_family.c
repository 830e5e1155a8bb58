/*
 * Parents follow their children: stock, stock status and price index of configurables and groups are made from those of the products they
 * are made of.
 * Source: Magento_ConfigurableProduct and Magento_GroupedProduct ParentItemProcessor, price and stock indexers, 2.4.7.
 */
#include "catalog/product_impl.h"

static int follow_stock(struct fer_call *call, int64_t parent_id, bool by_child)
{
	int64_t n_in;
	int r = fer_sql_int(call->db, FER_SQL_STOCK_CHILDREN_IN, 0, &n_in, "i", parent_id);

	if (!r && by_child)
		r = fer_sql_run(call->db, n_in ? FER_SQL_STOCK_PARENT_IN : FER_SQL_STOCK_PARENT_OUT, NULL, "i", parent_id);
	return r ? r : fer_sql_run(call->db, FER_SQL_STOCK_STATUS_PARENT, NULL, "ii", n_in, parent_id);
}

static int index_parent(struct fer_call *call, int64_t parent_id)
{
	const struct fer_attribute *status;
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	if (r || !(status = fer_eav_by_code(eav, FER_EAV_PRODUCT, FER_S("status"))) ||
	    (r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_CLEAR, NULL, "i", parent_id)) ||
	    (r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_CONFIGURABLE, NULL, "ii", status->id, parent_id)))
		return r;
	return fer_sql_run(call->db, FER_SQL_PRICE_INDEX_GROUPED, NULL, "ii", status->id, parent_id);
}

static int tell_parents(struct fer_call *call, int64_t product_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value parents = fer_list();
	int r = fer_sql_open(call->db, FER_SQL_PRODUCT_PARENTS, &stmt, "i", product_id);

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_push(call->arena, &parents, fer_int(fer_col_int(stmt, 0)));
	for (size_t i = 0; !r && i < fer_count(&parents); i++)
		if (!(r = follow_stock(call, fer_as_int(fer_at(&parents, i)), true)))
			r = index_parent(call, fer_as_int(fer_at(&parents, i)));
	return r;
}

int fer_product_follow(struct fer_call *call, int64_t product_id)
{
	int64_t is_parent;
	int r = fer_sql_int(call->db, FER_SQL_PRODUCT_IS_PARENT, 0, &is_parent, "i", product_id);

	if (r || !is_parent)
		return r ? r : tell_parents(call, product_id);
	return (r = follow_stock(call, product_id, false)) ? r : index_parent(call, product_id);
}
