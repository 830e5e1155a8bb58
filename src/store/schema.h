/*
 * Tables in one neutral form (schema.inc), made into CREATE statements of either engine when a store is made.
 */
#ifndef FER_STORE_SCHEMA_H
#define FER_STORE_SCHEMA_H

#include "store/driver.h"

extern const char *const fer_schema_magento[];    /* ended by NULL */
extern const char *const fer_schema_ferrite[];

/** fer_schema_create - make those of @tables that are missing. */
int fer_schema_create(struct fer_db *db, const char *const *tables);

/** fer_schema_grow - the same, and add the columns that tables of an older version lack. */
int fer_schema_grow(struct fer_db *db, const char *const *tables);

/** fer_schema_text - the statements for one table, apart by ";\n". Errors: -EINVAL a bad line, -E2BIG. */
int fer_schema_text(bool sqlite, const char *table, struct fer_buf *out);

/** fer_schema_has - a table of that name stands in the database. */
int fer_schema_has(struct fer_db *db, const char *table, bool *out);

#endif
