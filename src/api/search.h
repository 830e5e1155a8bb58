/*
 * searchCriteria to SQL. Entities made of columns and EAV entities both come through here; they differ only in how a
 * field's name becomes an SQL expression.
 */
#ifndef FER_API_SEARCH_H
#define FER_API_SEARCH_H

#include "api/call.h"

/* SQL text in the making, with the values behind its question marks. */
struct fer_query {
	struct fer_buf sql;
	struct fer_value binds;    /* a list */
	struct fer_arena *arena;
};

void fer_query_init(struct fer_query *query, struct fer_arena *arena);
void fer_query_add(struct fer_query *query, const char *sql);
void fer_query_bind(struct fer_query *query, struct fer_value value);      /* for a '?' that add() put there */
/** fer_query_in - append " IN (?,?,…)" for @values (a list, or text cut at its commas); an empty list gives " IN (NULL)". */
void fer_query_in(struct fer_query *query, const struct fer_value *values);
/** fer_query_open - prepare and bind, ready for fer_stmt_step. */
int fer_query_open(struct fer_db *db, struct fer_query *query, struct fer_stmt **out);
/** fer_query_run - for INSERT, UPDATE, DELETE. */
int fer_query_run(struct fer_db *db, struct fer_query *query, int64_t *n_changed, int64_t *last_id);

/**
 * How a field's name becomes SQL: append an expression for @name to @out (columns as main.x, or a joined alias) and return 0, or
 * fail the call as Magento does for this entity (a 400, or FER_E_INTERNAL). May add joins to @joins.
 */
struct fer_column_map {
	int (*column)(struct fer_call *call, void *data, struct fer_str name, bool sorting, struct fer_query *joins, struct fer_str *out);
	/* Optional: a filter that is not "expression condition value" (category_id). 1: it wrote its own SQL to @where; 0: not mine. */
	int (*special)(struct fer_call *call, void *data, const struct fer_value *filter, struct fer_query *where);
	/* Optional: what @filter says of the field's text besides, for the sake of an index: fer_condition_bounds. */
	bool (*bounded)(void *data, const struct fer_value *filter);
	void *data;
};

/** fer_criteria_where - append " WHERE …" for the groups (AND between groups, OR inside), or nothing. */
int fer_criteria_where(struct fer_call *call, const struct fer_value *criteria, const struct fer_column_map *map,
                       struct fer_query *joins, struct fer_query *where);
/** fer_criteria_order - append " ORDER BY …", with @tie (an SQL expression) as the last key. No sort order: only @tie. */
int fer_criteria_order(struct fer_call *call, const struct fer_value *criteria, const struct fer_column_map *map, const char *tie,
                       struct fer_query *joins, struct fer_query *order);
/** fer_criteria_limit - append " LIMIT n OFFSET m" when a page size is set. */
void fer_criteria_limit(const struct fer_value *criteria, struct fer_query *query);
/** fer_condition - append "lhs = ?" and its relatives for one filter {field, value, condition_type}. */
void fer_condition(struct fer_query *query, struct fer_str lhs, const struct fer_value *filter);
/* What a filter asks of an index over its field. */
enum fer_condition_reach {
	FER_REACH_SEEK,    /* values that lie together, or a few */
	FER_REACH_SCAN,    /* every value must be looked at */
	FER_REACH_REST     /* what is left when some are taken away: most of all */
};
enum fer_condition_reach fer_condition_reach(const struct fer_value *filter);
/** fer_condition_needs_value - no row without a value (NULL, or none at all) fits. */
bool fer_condition_needs_value(const struct fer_value *filter);
/** fer_condition_bounds - append " AND lhs >= ? AND lhs <= ?" where a pattern begins with what is no sign: indexes know no patterns. */
void fer_condition_bounds(struct fer_query *query, const char *lhs, const struct fer_value *filter);
/** fer_query_append - put @part's text and values behind @query's. */
void fer_query_append(struct fer_query *query, const struct fer_query *part);

/** fer_criteria - the call's searchCriteria argument; an empty one when it was optional and not sent. */
const struct fer_value *fer_criteria(struct fer_call *call);
/** fer_search_result - {items, search_criteria, total_count}. */
struct fer_value fer_search_result(struct fer_call *call, struct fer_value items, int64_t total);

#endif
