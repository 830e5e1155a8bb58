/*
 * EAV: attributes that are rows, not columns. The metadata of all attributes is one immutable snapshot, renewed when FER_CHANGE_EAV
 * moves; values are read for many entities at once and written with prepared statements. Products, categories, customers and
 * addresses share it; what is particular to one of them stays in its folder.
 */
#ifndef FER_API_EAV_H
#define FER_API_EAV_H

#include "api/call.h"

/* The ids of eav_entity_type, the same in every Magento. */
enum fer_eav_type { FER_EAV_CUSTOMER = 1, FER_EAV_ADDRESS = 2, FER_EAV_CATEGORY = 3, FER_EAV_PRODUCT = 4, FER_N_EAV_TYPES = 5 };

enum fer_backend { FER_B_STATIC, FER_B_INT, FER_B_VARCHAR, FER_B_TEXT, FER_B_DECIMAL, FER_B_DATETIME, FER_N_BACKENDS };
enum fer_scope { FER_SCOPE_STORE = 0, FER_SCOPE_GLOBAL = 1, FER_SCOPE_WEBSITE = 2 };

struct fer_attribute_option {
	int64_t id;
	int64_t sort_order;
	struct fer_str label;             /* at store 0 */
};

struct fer_attribute {
	int64_t id;
	enum fer_eav_type type;
	enum fer_backend backend;
	enum fer_scope scope;             /* catalog_eav_attribute.is_global; customers: global */
	struct fer_str code;
	struct fer_str label;             /* frontend_label */
	struct fer_str input;             /* frontend_input: text, select, multiselect, price, boolean, date, datetime, media_image … */
	struct fer_str backend_model;     /* Magento's class names, as stored */
	struct fer_str source_model;
	struct fer_str default_value;     /* .at NULL: none */
	struct fer_str frontend_class;
	struct fer_str apply_to;          /* product types with commas; empty: all */
	bool is_required, is_user_defined, is_unique;
	bool is_visible, is_filterable, used_for_sort_by, is_html_allowed_on_front, is_wysiwyg_enabled;
	const struct fer_attribute_option *options;   /* rows of eav_attribute_option, by sort_order, id */
	size_t n_options;
};

struct fer_attribute_member {
	const struct fer_attribute *attribute;
	int64_t group_id, group_sort, sort_order, row_id;   /* row of eav_entity_attribute */
};

struct fer_attribute_set {
	int64_t id;
	enum fer_eav_type type;
	struct fer_str name;
	const struct fer_attribute_member *members;   /* by group sort, attribute sort, attribute id */
	size_t n_members;
};

struct fer_eav;         /* the snapshot */
struct fer_eav_cache;   /* the present snapshot of a server; made and freed with it */

struct fer_eav_cache *fer_eav_cache_new(void);
void fer_eav_cache_free(struct fer_eav_cache *cache);

/**
 * fer_eav_get - the snapshot for this call; the same one until the call ends, unless fer_eav_renew is called.
 * Owns:   the call; fer_call_free drops it by fer_eav_drop.
 * Errors: < 0 the store failed. Take it before fer_tx: inside one it may have to be read anew, for this call alone.
 */
int fer_eav_get(struct fer_call *call, const struct fer_eav **out);
/** fer_eav_renew - as fer_eav_get, but read again, with what this transaction has written. */
int fer_eav_renew(struct fer_call *call, const struct fer_eav **out);
void fer_eav_drop(struct fer_call *call);

/* Look-ups: NULL when there is none. */
const struct fer_attribute *fer_eav_by_code(const struct fer_eav *eav, enum fer_eav_type type, struct fer_str code);
const struct fer_attribute *fer_eav_by_id(const struct fer_eav *eav, int64_t attribute_id);
const struct fer_attribute_set *fer_eav_set(const struct fer_eav *eav, int64_t set_id);
int64_t fer_eav_default_set(const struct fer_eav *eav, enum fer_eav_type type);
/** fer_eav_rank - the place of an attribute among the custom_attributes of a set's entities, from 0; -1: not a member. */
int fer_eav_rank(const struct fer_eav *eav, int64_t set_id, int store_id, const struct fer_attribute *attribute);
/** fer_eav_in_order - those of @records (each with an attribute_id) that are members of the set, in its order, without store labels. */
struct fer_value fer_eav_in_order(struct fer_call *call, const struct fer_eav *eav, int64_t set_id, const struct fer_value *records);
bool fer_eav_in_set(const struct fer_eav *eav, int64_t set_id, const struct fer_attribute *attribute);
/** fer_eav_attributes - all attributes of a type, by id. */
const struct fer_attribute *const *fer_eav_attributes(const struct fer_eav *eav, enum fer_eav_type type, size_t *n);
bool fer_eav_applies(const struct fer_attribute *attribute, struct fer_str product_type);

/* -- values ------------------------------------------------------------------------------------------------------ */

struct fer_eav_value {
	const struct fer_attribute *attribute;
	int store_id;                     /* loaded: where the row stands; to save: where it was asked for */
	struct fer_value value;           /* string as the column prints it ("12.500000", "2024-01-31 00:00:00", "1"), or null */
};

struct fer_query;
/** fer_query_ids - append " IN (?,…)" for @n ids (1 or more), rounded up to a power of two so that few statements are prepared. */
void fer_query_ids(struct fer_query *query, const int64_t *ids, size_t n);

struct fer_eav_row {                  /* the values of one entity, by attribute id */
	struct fer_eav_value *values;
	size_t n;
};

/**
 * fer_eav_load - the values of @n entities at @store_id, each attribute once: its row at the store, else at store 0.
 * Shape:  @rows[i] belongs to @ids[i]; @codes (ended by NULL) narrows it to some attributes, NULL means all. One query a backend type.
 * Owns:   the call's arena.
 */
int fer_eav_load(struct fer_call *call, enum fer_eav_type type, const int64_t *ids, size_t n, int store_id,
                 const char *const *codes, struct fer_eav_row *rows);
/** fer_eav_value - the value of @code in a row; NULL when there is no row for it. */
const struct fer_value *fer_eav_value(const struct fer_eav_row *row, const char *code);

/**
 * fer_eav_save - write values of one entity, in a transaction. Global attributes go to store 0, attributes of website scope to every
 * store of that website, the others to .store_id; a null deletes the row there (that store then uses the default).
 * Shape:  values in any PHP form; they are brought into the column's form ("0" for false, "a,b" for a list).
 */
int fer_eav_save(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const struct fer_eav_value *values, size_t n);
/** fer_eav_set_value - one attribute, by its code; an unknown code is ignored. */
int fer_eav_set_value(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const char *code, int store_id, struct fer_value value);
/** fer_eav_is_empty - Magento's isValueEmpty: null, an empty list, and "" where the column is not text. */
bool fer_eav_is_empty(const struct fer_attribute *attribute, const struct fer_value *value);
/** fer_eav_is_time - false where Magento would call @value an invalid date of this attribute. */
bool fer_eav_is_time(struct fer_arena *arena, const struct fer_attribute *attribute, const struct fer_value *value);
/** fer_eav_column_form - @value as its column keeps it: decimals "12.500000", times "2024-01-31 00:00:00", booleans "1". */
struct fer_value fer_eav_column_form(struct fer_arena *arena, const struct fer_attribute *attribute, const struct fer_value *value);

/* -- custom_attributes -------------------------------------------------------------------------------------------- */

/**
 * fer_eav_custom_read - put each {attribute_code, value} of a body's custom_attributes into the map @record under its code, after
 * Magento's conversion (lists for string[] attributes, text for the others). Unknown codes are put in too; save ignores them.
 * Errors: ATTRIBUTE_VALUE, CUSTOM_ATTRIBUTE_….
 */
int fer_eav_custom_read(struct fer_call *call, enum fer_eav_type type, const struct fer_value *list, struct fer_value *record);
/** fer_eav_custom_add - append {attribute_code, value} to the list @out. */
void fer_eav_custom_add(struct fer_call *call, struct fer_value *out, struct fer_str code, struct fer_value value);

/* -- search ------------------------------------------------------------------------------------------------------ */

/* A searchable name that is no attribute value: a column of the entity's table (alias main), or a condition with its own table. With
 * .among, eq, like and in ask for one of the values, neq, nlike and nin for none of them. */
struct fer_eav_column {
	const char *name;
	const char *sql;                  /* "main.sku"; sortable too. Or, with .among, the column there: "x.category_id" */
	const char *among;                /* a table with a row for each value: "catalog_category_product x" … */
	const char *owner;                /* … and whose value it is: "x.product_id" */
	bool is_text;                     /* a column of text */
};

/* An order by a table of its own: what has no row there is not listed. */
struct fer_eav_sorting {
	const char *table, *alias;        /* its entity_id is the entity's */
	struct fer_str where;             /* which of its rows: one an entity at most */
	const char *value;                /* what is sorted by */
};

struct fer_eav_search {
	enum fer_eav_type type;
	const struct fer_eav_column *columns;   /* up to a NULL name; looked up before attributes */
	int store_id;                           /* whose values are searched and sorted by, falling back to 0 */
	const char *where;                      /* a further fixed condition; NULL: none */
	const char *join;                       /* further FROM text after the entity table; NULL: none */
	const char *order;                      /* when the criteria name no order; NULL: none, in order of the id */
	enum fer_error unknown;                 /* for a field that is nothing (its %1 is the name); 0: ATTRIBUTE_NAME_INVALID */
	bool tie_follows;                       /* equals come in the direction of the last sort order, not always upwards */
	/* Optional, asked first for each sort order: 1: it filled @out; 0: not its. */
	int (*sort)(struct fer_call *call, const struct fer_eav_search *search, struct fer_str name, struct fer_eav_sorting *out);
};

struct fer_eav_found {
	int64_t *ids;
	size_t n;
	int64_t total;
};

/**
 * fer_eav_find - run searchCriteria over attributes and columns: groups are ANDed, filters of a group ORed, every condition type of
 * Magento, any sort, pages. How a page is found at size: eav_find.c.
 * Errors: the .unknown one; < 0 the store failed.
 */
int fer_eav_find(struct fer_call *call, const struct fer_eav_search *search, const struct fer_value *criteria, struct fer_eav_found *out);

#endif
