/*
 * A tree of values as PHP knows them: what a body, a query string or a record holds, and what a reply is made of.
 * Maps keep the order of their keys, because Magento's answers do.
 */
#ifndef FER_CORE_VALUE_H
#define FER_CORE_VALUE_H

#include "core/decimal.h"
#include "core/str.h"

enum fer_kind { FER_V_NULL, FER_V_BOOL, FER_V_INT, FER_V_DOUBLE, FER_V_DECIMAL, FER_V_STRING, FER_V_LIST, FER_V_MAP };

struct fer_value {
	enum fer_kind kind;
	union {
		bool truth;
		int64_t number;
		double real;
		fer_micro decimal;
		struct fer_str text;
		struct { struct fer_value *items; uint32_t n, size; } list;
		struct { struct fer_member *members; uint32_t n, size; } map;
	};
};

struct fer_member {
	struct fer_str name;
	struct fer_value value;
};

/* Makers. */
struct fer_value fer_null(void);
struct fer_value fer_bool(bool truth);
struct fer_value fer_int(int64_t n);
struct fer_value fer_double(double x);
struct fer_value fer_decimal(fer_micro x);
struct fer_value fer_string(struct fer_str s);
struct fer_value fer_text(const char *text);      /* NULL gives null */
struct fer_value fer_list(void);
struct fer_value fer_map(void);

/* Lists and maps grow in the arena. fer_set replaces in place, else appends; the returned pointer holds until the next growth. */
struct fer_value *fer_push(struct fer_arena *arena, struct fer_value *list, struct fer_value item);
struct fer_value *fer_set(struct fer_arena *arena, struct fer_value *map, const char *name, struct fer_value value);
struct fer_value *fer_set_str(struct fer_arena *arena, struct fer_value *map, struct fer_str name, struct fer_value value);
struct fer_value *fer_append(struct fer_arena *arena, struct fer_value *map, struct fer_str name, struct fer_value value); /* no look-up */
bool fer_unset(struct fer_value *map, const char *name);
struct fer_value fer_clone(struct fer_arena *arena, const struct fer_value *v);
bool fer_same(const struct fer_value *a, const struct fer_value *b); /* deep, order of keys does not count */

/* Look-ups: NULL when absent (or when @map is not a map). */
struct fer_value *fer_get(const struct fer_value *map, const char *name);
struct fer_value *fer_get_str(const struct fer_value *map, struct fer_str name);
bool fer_has(const struct fer_value *map, const char *name);     /* present and not null */
size_t fer_count(const struct fer_value *v);                     /* members or items, else 0 */
const struct fer_value *fer_at(const struct fer_value *list, size_t i);

/* PHP's casts, for a value that may be NULL. */
int64_t fer_as_int(const struct fer_value *v);
bool fer_as_bool(const struct fer_value *v);
double fer_as_double(const struct fer_value *v);
fer_micro fer_as_decimal(const struct fer_value *v);
struct fer_str fer_as_str(struct fer_arena *arena, const struct fer_value *v);
bool fer_is_null(const struct fer_value *v);
bool fer_is_scalar(const struct fer_value *v);
bool fer_is_numeric(const struct fer_value *v);                  /* PHP is_numeric */

/* Shorthands on a map. */
int64_t fer_map_int(const struct fer_value *map, const char *name, int64_t otherwise);
struct fer_str fer_map_str(struct fer_arena *arena, const struct fer_value *map, const char *name);
bool fer_map_bool(const struct fer_value *map, const char *name, bool otherwise);

#endif
