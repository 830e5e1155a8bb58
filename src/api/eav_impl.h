/*
 * What the files of the EAV mechanism share among themselves and nobody else sees.
 */
#ifndef FER_API_EAV_IMPL_H
#define FER_API_EAV_IMPL_H

#include "api/eav.h"
#include "api/search.h"

/* Where the values of an entity type stand. */
struct fer_eav_table {
	const char *entity;       /* catalog_product_entity; value tables add _int, _varchar, … */
	bool stores;              /* value rows carry a store_id */
};
extern const struct fer_eav_table fer_eav_tables[FER_N_EAV_TYPES];
extern const char *const fer_eav_suffix[FER_N_BACKENDS];

/*
 * A search on its way: names of criteria become SQL here (eav_search.c) for the statements that find ids and count (eav_find.c).
 */
struct fer_finding {
	struct fer_call *call;
	const struct fer_eav *eav;
	const struct fer_eav_search *search;
	const struct fer_value *criteria;
	/* By place of the attribute. */
	uint8_t *joined;               /* in the statement that is being written */
	uint8_t *strict;               /* some filter lets no row pass without a value of it */
	uint8_t *translated;           /* 1: the store view has values of its own; 2: it has none; 0: not looked yet */
	bool walking;                  /* the statement reads the entities in the order of the page: joins must not change that */
	struct fer_eav_sorting sorting;   /* .table NULL: no order by a table of its own */
};

/** fer_finding_where - joins and conditions of the criteria, for a new statement. */
int fer_finding_where(struct fer_finding *f, struct fer_query *joins, struct fer_query *where);
/** fer_finding_order - " ORDER BY …" behind fer_finding_where, with the joins it needs in @joins (those that may drop rows: f->sorting). */
int fer_finding_order(struct fer_finding *f, struct fer_query *joins, struct fer_query *order);
/** fer_finding_narrow - a statement for the ids that one filter leaves, maybe more than once; false: its field is not that simple. */
bool fer_finding_narrow(struct fer_finding *f, const struct fer_value *filter, struct fer_query *query);
/** fer_finding_attribute - the attribute that a filter or order names, if its values stand in a table; NULL: it is something else. */
const struct fer_attribute *fer_finding_attribute(const struct fer_finding *f, struct fer_str name);
/** fer_finding_at_store - values of the store view itself must be looked at. Errors: < 0 the store failed. */
int fer_finding_look(struct fer_finding *f, const struct fer_attribute *a);
bool fer_finding_at_store(const struct fer_finding *f, const struct fer_attribute *a);
/** fer_finding_column - the column of the entity's table that is meant, "main.sku"; NULL: it is something else. */
const char *fer_finding_column(const struct fer_finding *f, struct fer_str name);

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
