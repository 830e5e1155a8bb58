/*
 * Parents follow their children: stock, stock status and price index of configurables, groups and bundles are made from those of the
 * products they are made of.
 * Source: Magento_ConfigurableProduct, Magento_GroupedProduct and Magento_Bundle ParentItemProcessor, price and stock indexers, 2.4.7.
 */
#include "catalog/product_impl.h"

/* What PRODUCT_IS_PARENT says. */
enum kind { NO_PARENT = 0, OF_CHILDREN = 1, BUNDLE = 2 };

/* A child's stock takes its parent out of stock and in again; whether a parent can be sold hangs on children that can be. */
static int follow_stock(struct fer_call *call, int64_t parent_id, bool bundle, bool by_child)
{
	int64_t n_in, n_salable;
	int r = fer_sql_int(call->db, bundle ? FER_SQL_BUNDLE_ITEMS_IN : FER_SQL_STOCK_CHILDREN_IN, 0, &n_in, "i", parent_id);

	if (!r && by_child)
		r = fer_sql_run(call->db, n_in ? FER_SQL_STOCK_PARENT_IN : FER_SQL_STOCK_PARENT_OUT, NULL, "i", parent_id);
	if (!r)
		r = fer_sql_int(call->db, bundle ? FER_SQL_BUNDLE_CHOICES_IN : FER_SQL_STOCK_CHILDREN_SALABLE, 0, &n_salable, "i", parent_id);
	return r ? r : fer_sql_run(call->db, FER_SQL_STOCK_STATUS_PARENT, NULL, "ii", n_salable, parent_id);
}

static int index_bundle(struct fer_call *call, int64_t bundle_id)
{
	struct fer_str today = fer_product_today(call);

	return fer_sql_run(call->db, FER_SQL_PRICE_INDEX_BUNDLE, NULL, "iss", bundle_id, today, today);
}

static int index_parent(struct fer_call *call, int64_t parent_id, bool bundle)
{
	const struct fer_attribute *status;
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	if (r || !(status = fer_eav_by_code(eav, FER_EAV_PRODUCT, FER_S("status"))) ||
	    (r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_CLEAR, NULL, "i", parent_id)))
		return r;
	if (bundle)
		return index_bundle(call, parent_id);
	if ((r = fer_sql_run(call->db, FER_SQL_PRICE_INDEX_CONFIGURABLE, NULL, "ii", status->id, parent_id)))
		return r;
	return fer_sql_run(call->db, FER_SQL_PRICE_INDEX_GROUPED, NULL, "ii", status->id, parent_id);
}

static int follow(struct fer_call *call, int64_t parent_id, enum kind kind, bool by_child)
{
	int r = follow_stock(call, parent_id, kind == BUNDLE, by_child);

	return r ? r : index_parent(call, parent_id, kind == BUNDLE);
}

static int kind_of(struct fer_call *call, int64_t product_id, int64_t *kind)
{
	return fer_sql_int(call->db, FER_SQL_PRODUCT_IS_PARENT, NO_PARENT, kind, "i", product_id);
}

int fer_product_parents(struct fer_call *call, int64_t product_id, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_PRODUCT_PARENTS, &stmt, "i", product_id);

	*out = fer_list();
	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		fer_push(call->arena, out, fer_int(fer_col_int(stmt, 0)));
	return r;
}

int fer_product_tell(struct fer_call *call, const struct fer_value *parents, bool by_child)
{
	int64_t kind;
	int r = 0;

	for (size_t i = 0; !r && i < fer_count(parents); i++)
		if (!(r = kind_of(call, fer_as_int(fer_at(parents, i)), &kind)) && kind != NO_PARENT)
			r = follow(call, fer_as_int(fer_at(parents, i)), (enum kind)kind, by_child);
	return r;
}

int fer_product_follow(struct fer_call *call, int64_t product_id)
{
	struct fer_value parents;
	int64_t kind;
	int r = kind_of(call, product_id, &kind);

	if (r || kind != NO_PARENT)
		return r ? r : follow(call, product_id, (enum kind)kind, false);
	return (r = fer_product_parents(call, product_id, &parents)) ? r : fer_product_tell(call, &parents, true);
}
