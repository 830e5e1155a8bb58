/*
 * Attributes of products and categories as their routes show and change them: the record, its options and their labels. Values of
 * entities are not here; they are api/eav.h's.
 */
#ifndef FER_CATALOG_ATTRIBUTE_H
#define FER_CATALOG_ATTRIBUTE_H

#include "api/eav.h"
#include "api/entity.h"

extern const struct fer_entity fer_product_attribute;
extern const struct fer_entity fer_category_attribute;
extern const struct fer_entity fer_attribute_option;

/**
 * fer_attribute_load - the attribute whose code (or, when it is a number, id) is @code, as a record of @entity.
 * Errors: NO_SUCH_ATTRIBUTE; < 0 the store failed.
 */
int fer_attribute_load(struct fer_call *call, const struct fer_entity *entity, struct fer_str code, struct fer_value *out);

/* Rows of options and labels of many attributes, read with one statement. */
struct fer_option_rows {
	struct fer_option_row {
		int64_t attribute_id, option_id;
		struct fer_str label;             /* at the asked store, else at store 0 */
	} *rows;
	size_t n;
};

/** fer_option_rows_load - the stored options of the attributes @first to @last (ids), as store @store_id sees them, in order. */
int fer_option_rows_load(struct fer_call *call, int64_t first, int64_t last, int store_id, struct fer_option_rows *out);

/** fer_attribute_uses_source - whether the attribute has options at all. */
bool fer_attribute_uses_source(const struct fer_value *attribute);
/** fer_attribute_keeps_options - whether its options are rows (and not fixed by its source). */
bool fer_attribute_keeps_options(const struct fer_value *attribute);

/**
 * fer_attribute_source - the options of @attribute as the list of {label, value} its source gives, from @stored where they are rows.
 * Source: Magento_Eav and Magento_Catalog Source classes, 2.4.7
 */
int fer_attribute_source(struct fer_call *call, const struct fer_value *attribute, const struct fer_option_rows *stored,
                         struct fer_value *out);

/**
 * fer_option_write - put one option of a body ({label, sort_order, store_labels}) into the tables; *@id 0 makes a new one.
 * Errors: OPTION_NO_DEFAULT when it has no label; < 0 the store failed.
 */
int fer_option_write(struct fer_call *call, int64_t attribute_id, const struct fer_value *option, int64_t sort_order, int64_t *id);

#endif
