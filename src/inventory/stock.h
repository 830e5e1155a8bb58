/*
 * What the files of stock share.
 */
#ifndef FER_INVENTORY_STOCK_H
#define FER_INVENTORY_STOCK_H

#include "api/entity.h"

struct fer_query;

/** fer_stock_config - a value of cataloginventory's configuration at the call's store. */
struct fer_str fer_stock_config(struct fer_call *call, const char *path);
/** fer_stock_item_select - append "SELECT … FROM cataloginventory_stock_item"; fer_stock_item_rows runs it and what was added. */
void fer_stock_item_select(struct fer_query *query);
int fer_stock_item_rows(struct fer_call *call, struct fer_query *query, struct fer_value *list);
/** fer_stock_item_number - a setting of a row, or what the configuration says in its place. fer_stock_item_flag: whether it is not 0. */
fer_micro fer_stock_item_number(struct fer_call *call, const struct fer_value *row, const char *field);
bool fer_stock_item_flag(struct fer_call *call, const struct fer_value *row, const char *field);
/** fer_stock_item_salable - what the stock status of a row is. */
bool fer_stock_item_salable(struct fer_call *call, const struct fer_value *row);
/** fer_stock_counts - whether products of a type have a quantity of their own. */
bool fer_stock_counts(struct fer_str product_type);

#endif
