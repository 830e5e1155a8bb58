/*
 * Entity descriptors: one row a field. From a row come JSON out, JSON in with Magento's conversion errors, searchCriteria to SQL,
 * SELECT, INSERT and UPDATE, and OpenAPI. A plain resource needs rows and no C function.
 */
#ifndef FER_API_ENTITY_H
#define FER_API_ENTITY_H

#include "api/call.h"

enum fer_type { FER_VOID = 0, FER_INT, FER_FLOAT, FER_DECIMAL, FER_BOOL, FER_STRING, FER_TIME, FER_OBJECT, FER_MIXED,
                FER_EXTENSION /* extension_attributes: an object left out when empty */,
                FER_CUSTOM    /* custom_attributes of an EAV entity */ };

enum fer_field_flag {
	FER_KEY      = 1 << 0,   /* the primary key, given by the database */
	FER_SEARCH   = 1 << 1,   /* a searchCriteria field (a stored column is searchable under its column name too) */
	FER_REQ      = 1 << 2,   /* "… is required" when missing or null, checked before saving */
	FER_READ     = 1 << 3,   /* accepted in a body and ignored */
	FER_SECRET   = 1 << 4,   /* never goes out */
	FER_NULLS    = 1 << 5,   /* a null goes out as null; without it the key is left out */
	FER_MANY     = 1 << 6,   /* a list of .type */
	FER_OUT_ONLY = 1 << 7,   /* not known in a body: "is not supported" */
	FER_IN_ONLY  = 1 << 8,   /* known in a body, never answered */
	FER_CSV      = 1 << 9,   /* a list kept as text with commas in its column */
	FER_UNIQUE   = 1 << 10,  /* no two rows alike in all fields that have this flag: see .taken */
	FER_KEEP     = 1 << 11,  /* set on insert only; an update leaves the column as it is */
	FER_INNER    = 1 << 12,  /* a column that no body names and no answer shows: hooks set and read it, filters may name it */
	FER_FILLED   = 1 << 13,  /* of a parameter: an empty list is "Input data is empty" */
};

/* What creating, changing and removing answer: Magento's service methods return the object, its id, or nothing. */
enum fer_answers { FER_ANSWERS_RECORD = 0, FER_ANSWERS_KEY, FER_ANSWERS_NOTHING };

struct fer_field {
	const char *name;                 /* snake_case, as it goes out */
	enum fer_type type;
	const char *column;               /* NULL: not a column; then .get or a hook fills it */
	unsigned flags;
	const char *text;                 /* meaning, for OpenAPI and the manual */
	const struct fer_entity *of;      /* for FER_OBJECT and FER_EXTENSION */
	const char *sql;                  /* an SQL expression instead of the column, for reading and searching; may use alias 'main' */
	const char *exists;               /* searching only: FROM … WHERE of a table with a row for each value, and .sql is the column in it:
	                                     "cms_page_store s WHERE s.page_id = main.page_id" with "s.store_id" */
	const char *otherwise;            /* default on insert, as text */
	int max;                          /* longest text, in characters, cut beyond it as MySQL's non-strict mode would; 0: no limit */
	int scale;                        /* decimals of a FER_DECIMAL column; 0 means 4 */
	int digits;                       /* all digits of it: more becomes the largest that fits, as in MySQL's non-strict mode; 0: no limit */
	int64_t least, most;              /* the same for a FER_INT column: what is beyond becomes the nearest that fits; both 0: no limits */
};

#define FER_FIELD(name_, type_, column_, flags_, text_, ...) \
	{ .name = (name_), .type = (type_), .column = (column_), .flags = (flags_), .text = (text_), ##__VA_ARGS__ }

struct fer_entity {
	const char *name;                 /* Magento's data interface in OpenAPI: "tax-data-tax-rate-interface" */
	const char *table;                /* NULL: not stored as it is (an object in a body) */
	const struct fer_field *fields;
	size_t n_fields;
	const char *param;                /* the body parameter of create and update: "taxRate" */
	const char *path_id;              /* the path parameter that holds the key: "rateId"; NULL: "id" */
	const char *missing_field;        /* fieldName in "No such entity with …"; NULL: the key's name */
	enum fer_error missing;           /* another message for a missing one (its %1 or %value is the id); 0: NO_SUCH_ENTITY */
	enum fer_error missing_removal;   /* and another one still where it was to be removed (%fieldName, %fieldValue); 0: the same */
	enum fer_error invalid;           /* what check finds is listed below this message; 0: it is told as it is */
	enum fer_error not_saved;         /* a reference to what is not there; 0: a masked 500 */
	enum fer_error clash;             /* another row has what must be unique in the table; 0: a masked 500 */
	enum fer_error taken;             /* a FER_UNIQUE value that another row has (its %1 is the field as a title: "Code"); 0: not looked for */
	bool zero_is_key;                 /* a row with key 0 exists (customer groups); else a 0 in a body means no key */
	bool constructed;                 /* Magento fills it by its constructor: a body names fields in camelCase, and no other spelling is looked at */
	bool upserts;                     /* fer_entity_save makes the row of a key that is not there */
	enum fer_answers answers;
	bool echoes;                      /* create and update answer the record as it was saved, not the row read anew: Magento returns its model */
	enum fer_error unknown_field;     /* a filter on an unknown field (its %1 is the name); 0: Magento's crash, a masked 500 */
	const char *join;                 /* further FROM text for .sql fields; the entity's table has alias 'main' */
	const char *order;                /* default ORDER BY; NULL: the key */
	unsigned changes;                 /* 1u << FER_CHANGE_… beyond DATA */
	/*
	 * Hooks; each may be NULL. accept sees what was sent before anything is read, where Magento looks at the body first. The others run
	 * inside the transaction (loaded: after a read, many records at once).
	 */
	int (*accept)(struct fer_call *call, struct fer_value *record);
	int (*check)(struct fer_call *call, struct fer_value *record, const struct fer_value *old);   /* old NULL: create */
	int (*saved)(struct fer_call *call, struct fer_value *record, const struct fer_value *old);
	int (*loaded)(struct fer_call *call, struct fer_value *records, size_t n);
	int (*remove)(struct fer_call *call, const struct fer_value *record);                          /* before the row goes */
};

#define FER_FIELDS(rows) .fields = (rows), .n_fields = sizeof(rows) / sizeof((rows)[0])

extern const struct fer_entity fer_search_criteria, fer_filter_group, fer_sort_order;
extern const struct fer_entity fer_no_extension;   /* an extension_attributes object without any declared attribute */
/* The row for it: Magento's interfaces have the object, whether or not there is anything in it. */
#define FER_NO_EXTENSION FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_READ, "none declared", .of = &fer_no_extension)

/* The generic handlers: a route row points at one and names its entity in .of. */
int fer_entity_get(struct fer_call *call);
int fer_entity_search(struct fer_call *call);
int fer_entity_list(struct fer_call *call);     /* what a search finds, without its wrapping */
int fer_entity_create(struct fer_call *call);
int fer_entity_update(struct fer_call *call);   /* the key from the path, else from the body; an unknown key is "No such entity" */
int fer_entity_save(struct fer_call *call);     /* with a key in the body: update, else create */
int fer_entity_delete(struct fer_call *call);   /* answers true, or nothing */
/*
 * Many rows at once, from the route's first parameter, a list: each is laid over the row with the same FER_UNIQUE values, or removed
 * with it. Checked all before one is written; the hooks check, saved and remove see each record as it came. Answers nothing.
 */
int fer_entity_save_list(struct fer_call *call);
int fer_entity_delete_list(struct fer_call *call);

/** fer_entity_silent - the route points at a generic handler that, by its entity's .answers, answers nothing. */
bool fer_entity_silent(const struct fer_route *route);

/* The same pieces for handlers that decide something. */
int fer_load(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *key, struct fer_value *out);
/** fer_find - as fer_load by any column; 0 with *found false when there is none. */
int fer_find(struct fer_call *call, const struct fer_entity *entity, const char *column, const struct fer_value *value,
             struct fer_value *out, bool *found);
struct fer_query;
/** fer_select - all rows that @tail (" WHERE … ORDER BY …" and its values) leaves, as a list of records. */
int fer_select(struct fer_call *call, const struct fer_entity *entity, const struct fer_query *tail, struct fer_value *out);
int fer_save(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, const struct fer_value *old);
/** fer_entity_insert - append "INSERT INTO … VALUES (…)" for @record to @query; defaults that stand in are set in @record too. */
void fer_entity_insert(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, struct fer_query *query);
/** fer_taken - does another row have the values of @record's FER_UNIQUE fields? A record without one of them takes nothing. */
int fer_taken(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record, bool *taken);
int fer_remove(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record);
/** fer_entity_merge - give @record what @old has and @record does not say. */
void fer_entity_merge(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, const struct fer_value *old);
/** fer_search - run call's searchCriteria on @entity; @out is {items, search_criteria, total_count}. */
int fer_search(struct fer_call *call, const struct fer_entity *entity, struct fer_value *out);
const struct fer_field *fer_entity_key(const struct fer_entity *entity);
const struct fer_field *fer_entity_field(const struct fer_entity *entity, struct fer_str name);

/** fer_shape - @record as it goes out: the entity's fields in order, nulls left out where the row says so, lists and objects shaped too. */
struct fer_value fer_shape(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *record);
/** fer_shape_list - the same of each of @records. */
struct fer_value fer_shape_list(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *records);

#endif
