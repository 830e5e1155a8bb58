/*
 * Making and reading trees of values, with the casts PHP would do.
 */
#include "core/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fer_value fer_null(void)
{
	return (struct fer_value){ .kind = FER_V_NULL };
}

struct fer_value fer_bool(bool truth)
{
	return (struct fer_value){ .kind = FER_V_BOOL, .truth = truth };
}

struct fer_value fer_int(int64_t n)
{
	return (struct fer_value){ .kind = FER_V_INT, .number = n };
}

struct fer_value fer_double(double x)
{
	return (struct fer_value){ .kind = FER_V_DOUBLE, .real = x };
}

struct fer_value fer_decimal(fer_micro x)
{
	return (struct fer_value){ .kind = FER_V_DECIMAL, .decimal = x };
}

struct fer_value fer_string(struct fer_str s)
{
	return (struct fer_value){ .kind = FER_V_STRING, .text = s };
}

struct fer_value fer_text(const char *text)
{
	return text ? fer_string(fer_str(text)) : fer_null();
}

struct fer_value fer_list(void)
{
	return (struct fer_value){ .kind = FER_V_LIST };
}

struct fer_value fer_map(void)
{
	return (struct fer_value){ .kind = FER_V_MAP };
}

struct fer_value *fer_push(struct fer_arena *arena, struct fer_value *list, struct fer_value item)
{
	if (list->list.n == list->list.size) {
		uint32_t size = list->list.size ? list->list.size * 2 : 4;
		struct fer_value *items = FER_NEW_ARRAY(arena, size, struct fer_value);

		if (list->list.n)
			memcpy(items, list->list.items, list->list.n * sizeof(*items));
		list->list.items = items;
		list->list.size = size;
	}
	list->list.items[list->list.n] = item;
	return &list->list.items[list->list.n++];
}

struct fer_value *fer_append(struct fer_arena *arena, struct fer_value *map, struct fer_str name, struct fer_value value)
{
	if (map->map.n == map->map.size) {
		uint32_t size = map->map.size ? map->map.size * 2 : 8;
		struct fer_member *members = FER_NEW_ARRAY(arena, size, struct fer_member);

		if (map->map.n)
			memcpy(members, map->map.members, map->map.n * sizeof(*members));
		map->map.members = members;
		map->map.size = size;
	}
	map->map.members[map->map.n] = (struct fer_member){ name, value };
	return &map->map.members[map->map.n++].value;
}

struct fer_value *fer_set_str(struct fer_arena *arena, struct fer_value *map, struct fer_str name, struct fer_value value)
{
	struct fer_value *there = fer_get_str(map, name);

	if (!there)
		return fer_append(arena, map, name, value);
	*there = value;
	return there;
}

struct fer_value *fer_set(struct fer_arena *arena, struct fer_value *map, const char *name, struct fer_value value)
{
	return fer_set_str(arena, map, fer_str(name), value);
}

bool fer_unset(struct fer_value *map, const char *name)
{
	struct fer_str wanted = fer_str(name);

	for (uint32_t i = 0; map->kind == FER_V_MAP && i < map->map.n; i++) {
		if (!fer_str_eq(map->map.members[i].name, wanted))
			continue;
		memmove(&map->map.members[i], &map->map.members[i + 1], (map->map.n - i - 1) * sizeof(struct fer_member));
		map->map.n--;
		return true;
	}
	return false;
}

struct fer_value fer_clone(struct fer_arena *arena, const struct fer_value *v)
{
	struct fer_value copy = *v;

	if (v->kind == FER_V_STRING)
		copy.text = fer_str_dup(arena, v->text);
	if (v->kind == FER_V_LIST) {
		copy = fer_list();
		for (uint32_t i = 0; i < v->list.n; i++)
			fer_push(arena, &copy, fer_clone(arena, &v->list.items[i]));
	}
	if (v->kind == FER_V_MAP) {
		copy = fer_map();
		for (uint32_t i = 0; i < v->map.n; i++)
			fer_append(arena, &copy, fer_str_dup(arena, v->map.members[i].name), fer_clone(arena, &v->map.members[i].value));
	}
	return copy;
}

static bool same_list(const struct fer_value *a, const struct fer_value *b)
{
	for (uint32_t i = 0; i < a->list.n; i++)
		if (!fer_same(&a->list.items[i], &b->list.items[i]))
			return false;
	return true;
}

static bool same_map(const struct fer_value *a, const struct fer_value *b)
{
	for (uint32_t i = 0; i < a->map.n; i++) {
		const struct fer_value *other = fer_get_str(b, a->map.members[i].name);

		if (!other || !fer_same(&a->map.members[i].value, other))
			return false;
	}
	return true;
}

bool fer_same(const struct fer_value *a, const struct fer_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case FER_V_NULL: return true;
	case FER_V_BOOL: return a->truth == b->truth;
	case FER_V_INT: return a->number == b->number;
	case FER_V_DOUBLE: return a->real == b->real;
	case FER_V_DECIMAL: return a->decimal == b->decimal;
	case FER_V_STRING: return fer_str_eq(a->text, b->text);
	case FER_V_LIST: return a->list.n == b->list.n && same_list(a, b);
	case FER_V_MAP: return a->map.n == b->map.n && same_map(a, b);
	}
	return false;
}

struct fer_value *fer_get_str(const struct fer_value *map, struct fer_str name)
{
	if (!map || map->kind != FER_V_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->map.n; i++)
		if (fer_str_eq(map->map.members[i].name, name))
			return &map->map.members[i].value;
	return NULL;
}

struct fer_value *fer_get(const struct fer_value *map, const char *name)
{
	return fer_get_str(map, fer_str(name));
}

bool fer_has(const struct fer_value *map, const char *name)
{
	return !fer_is_null(fer_get(map, name));
}

size_t fer_count(const struct fer_value *v)
{
	if (!v)
		return 0;
	return v->kind == FER_V_LIST ? v->list.n : v->kind == FER_V_MAP ? v->map.n : 0;
}

const struct fer_value *fer_at(const struct fer_value *list, size_t i)
{
	if (i >= fer_count(list))
		return NULL;
	return list->kind == FER_V_LIST ? &list->list.items[i] : &list->map.members[i].value;
}

/* The longest numeric beginning of @s, as PHP casts text to a number; 0 bytes: none. */
static size_t numeric_prefix(struct fer_str s, bool *is_float)
{
	size_t i = 0, digits = 0, mark;

	*is_float = false;
	if (i < s.len && (s.at[i] == '-' || s.at[i] == '+'))
		i++;
	for (; i < s.len && isdigit((unsigned char)s.at[i]); i++)
		digits++;
	if (i < s.len && s.at[i] == '.') {
		size_t after = i + 1;

		for (; after < s.len && isdigit((unsigned char)s.at[after]); after++)
			digits++;
		*is_float = digits > 0;
		i = digits ? after : i;
	}
	if (!digits)
		return 0;
	mark = i;
	if (i < s.len && (s.at[i] == 'e' || s.at[i] == 'E')) {
		i += 1 + (i + 1 < s.len && (s.at[i + 1] == '-' || s.at[i + 1] == '+'));
		if (i < s.len && isdigit((unsigned char)s.at[i])) {
			while (i < s.len && isdigit((unsigned char)s.at[i]))
				i++;
			*is_float = true;
			return i;
		}
	}
	return mark;
}

static struct fer_str skip_blanks(struct fer_str s)
{
	while (s.len && strchr(" \t\n\r\v\f", s.at[0]) && s.at[0])
		s = fer_str_skip(s, 1);
	return s;
}

bool fer_is_numeric(const struct fer_value *v)
{
	struct fer_str s;
	bool is_float;
	size_t n;

	if (!v)
		return false;
	if (v->kind == FER_V_INT || v->kind == FER_V_DOUBLE || v->kind == FER_V_DECIMAL)
		return true;
	if (v->kind != FER_V_STRING)
		return false;
	s = skip_blanks(v->text);
	n = numeric_prefix(s, &is_float);
	return n && skip_blanks(fer_str_skip(s, n)).len == 0;
}

static double text_double(struct fer_str s)
{
	char copy[400];
	bool is_float;
	size_t n;

	s = skip_blanks(s);
	n = numeric_prefix(s, &is_float);
	n = n < sizeof(copy) - 1 ? n : sizeof(copy) - 1;
	if (!n)
		return 0;
	memcpy(copy, s.at, n);
	copy[n] = '\0';
	return strtod(copy, NULL);
}

/* PHP's float to int: modulo 2^64; infinities and NaN are 0. */
static int64_t double_int(double x)
{
	double wrapped;

	if (!isfinite(x))
		return 0;
	if (x >= -9223372036854775808.0 && x < 9223372036854775808.0)
		return (int64_t)x;
	wrapped = fmod(trunc(x), 18446744073709551616.0);
	if (wrapped < 0)
		wrapped += 18446744073709551616.0;
	return (int64_t)(uint64_t)wrapped;
}

/* PHP's text to int: saturates, where a float in text is first read as a float. */
static int64_t text_int(struct fer_str s)
{
	bool is_float;
	size_t n;
	int64_t out;

	s = skip_blanks(s);
	n = numeric_prefix(s, &is_float);
	if (!n)
		return 0;
	if (!is_float) {
		if (fer_str_int(fer_str_take(s, n), &out))
			return out;
		return s.at[0] == '-' ? INT64_MIN : INT64_MAX;
	}
	return double_int(text_double(s));
}

int64_t fer_as_int(const struct fer_value *v)
{
	if (!v)
		return 0;
	switch (v->kind) {
	case FER_V_BOOL: return v->truth;
	case FER_V_INT: return v->number;
	case FER_V_DOUBLE: return double_int(v->real);
	case FER_V_DECIMAL: return v->decimal / FER_ONE;
	case FER_V_STRING: return text_int(v->text);
	case FER_V_LIST:
	case FER_V_MAP: return fer_count(v) > 0;
	case FER_V_NULL: break;
	}
	return 0;
}

bool fer_as_bool(const struct fer_value *v)
{
	if (!v)
		return false;
	if (v->kind == FER_V_STRING)
		return v->text.len && !fer_str_is(v->text, "0");
	return v->kind == FER_V_DOUBLE ? v->real != 0 : v->kind == FER_V_DECIMAL ? v->decimal != 0 : fer_as_int(v) != 0;
}

double fer_as_double(const struct fer_value *v)
{
	if (!v)
		return 0;
	if (v->kind == FER_V_DOUBLE)
		return v->real;
	if (v->kind == FER_V_DECIMAL)
		return (double)v->decimal / 1e6;
	return v->kind == FER_V_STRING ? text_double(v->text) : (double)fer_as_int(v);
}

fer_micro fer_as_decimal(const struct fer_value *v)
{
	fer_micro x;

	if (!v)
		return 0;
	if (v->kind == FER_V_DECIMAL)
		return v->decimal;
	if (v->kind == FER_V_STRING && fer_decimal_parse(v->text, &x))
		return x;
	if (v->kind == FER_V_INT && !__builtin_mul_overflow(v->number, FER_ONE, &x))
		return x;
	return fer_decimal_from_double(fer_as_double(v));
}

/* PHP's (string)$float: 14 significant digits, "1.0E+25". */
static struct fer_str double_text(struct fer_arena *arena, double x)
{
	struct fer_str s = fer_str_fmt(arena, "%.14G", x);
	ptrdiff_t e = fer_str_find(s, 'E');

	if (e < 0 || fer_str_find(s, '.') >= 0)
		return s;
	return fer_str_fmt(arena, "%.*s.0%.*s", (int)e, s.at, FER_F(fer_str_skip(s, (size_t)e)));
}

struct fer_str fer_as_str(struct fer_arena *arena, const struct fer_value *v)
{
	struct fer_buf buf;

	if (!v)
		return FER_S("");
	switch (v->kind) {
	case FER_V_BOOL: return v->truth ? FER_S("1") : FER_S("");
	case FER_V_INT: return fer_str_fmt(arena, "%" PRId64, v->number);
	case FER_V_DOUBLE: return double_text(arena, v->real);
	case FER_V_DECIMAL:
		fer_buf_init(&buf, arena, 64);
		fer_decimal_json(&buf, v->decimal);
		return fer_buf_view(&buf);
	case FER_V_STRING: return v->text;
	case FER_V_LIST:
	case FER_V_MAP: return FER_S("Array");
	case FER_V_NULL: break;
	}
	return FER_S("");
}

bool fer_is_null(const struct fer_value *v)
{
	return !v || v->kind == FER_V_NULL;
}

bool fer_is_scalar(const struct fer_value *v)
{
	return v && v->kind != FER_V_NULL && v->kind != FER_V_LIST && v->kind != FER_V_MAP;
}

int64_t fer_map_int(const struct fer_value *map, const char *name, int64_t otherwise)
{
	const struct fer_value *v = fer_get(map, name);

	return fer_is_null(v) ? otherwise : fer_as_int(v);
}

struct fer_str fer_map_str(struct fer_arena *arena, const struct fer_value *map, const char *name)
{
	return fer_as_str(arena, fer_get(map, name));
}

bool fer_map_bool(const struct fer_value *map, const char *name, bool otherwise)
{
	const struct fer_value *v = fer_get(map, name);

	return fer_is_null(v) ? otherwise : fer_as_bool(v);
}
