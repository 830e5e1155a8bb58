/*
 * What the files of multi-source inventory share: sources hold source items, stocks are lists of sources, and a sales channel (a website)
 * sells from one stock. Source and stock number one are Magento's own, and stand behind the legacy stock item.
 */
#ifndef FER_INVENTORY_INVENTORY_H
#define FER_INVENTORY_INVENTORY_H

#include "api/entity.h"
#include "api/route.h"
#include "inventory/stock.h"

#define FER_DEFAULT_SOURCE "default"
#define FER_DEFAULT_STOCK 1

/** fer_is_default_source - as the column compares codes, so that no other spelling gets around what protects it. */
bool fer_is_default_source(struct fer_str code);

extern const struct fer_entity fer_source, fer_inventory_stock, fer_stock_link, fer_source_item;

/* Validators: note what is wrong with @record's field, and return the error or 0. */
int fer_valid_filled(struct fer_call *call, const struct fer_value *record, const char *field);
int fer_valid_no_whitespace(struct fer_call *call, const struct fer_value *record, const char *field);
int fer_valid_trimmed(struct fer_call *call, const struct fer_value *record, const char *field);
int fer_valid_numeric(struct fer_call *call, const struct fer_value *record, const char *field);
/** fer_valid_plain - no PHP variable in it: "${…}". */
int fer_valid_plain(struct fer_call *call, const struct fer_value *record, const char *field);

/* A row of validators, run in order; each notes what it finds. */
struct fer_validator {
	const char *field;
	int (*fn)(struct fer_call *call, const struct fer_value *record, const char *field);
};
/** fer_valid_all - run them all. Returns an error if any found something, or < 0. */
int fer_valid_all(struct fer_call *call, const struct fer_value *record, const struct fer_validator *rows, size_t n);

#endif
