/*
 * What the files of the EAV mechanism share among themselves and nobody else sees.
 */
#ifndef FER_API_EAV_IMPL_H
#define FER_API_EAV_IMPL_H

#include "api/eav.h"

/* Where the values of an entity type stand. */
struct fer_eav_table {
	const char *entity;       /* catalog_product_entity; value tables add _int, _varchar, … */
	bool stores;              /* value rows carry a store_id */
};
extern const struct fer_eav_table fer_eav_tables[FER_N_EAV_TYPES];
extern const char *const fer_eav_suffix[FER_N_BACKENDS];

/** fer_eav_index - the place of an attribute in its snapshot, from 0; fer_eav_count - how many places there are. */
size_t fer_eav_index(const struct fer_eav *eav, const struct fer_attribute *attribute);
size_t fer_eav_count(const struct fer_eav *eav);

/* A member of a set while its order is found. */
struct fer_eav_ranked {
	int64_t row_id;           /* eav_entity_attribute.entity_attribute_id */
	int64_t attribute_id;
	int64_t sort_order;
	uint32_t place;           /* of the attribute, see fer_eav_index */
};
/** fer_eav_order - bring @n rows of a set into Magento's order; @n_all rows has the whole table. */
void fer_eav_order(struct fer_eav_ranked *rows, size_t n, size_t n_all, bool by_attribute);

#endif
