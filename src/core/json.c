/*
 * JSON both ways. Reading is jansson's; writing is our own, because clients compare Magento's bytes.
 */
#include "core/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/heap.h"

static int convert(struct fer_arena *arena, json_t *from, int depth, struct fer_value *out);

static int convert_list(struct fer_arena *arena, json_t *from, int depth, struct fer_value *out)
{
	struct fer_value item;
	int r;

	*out = fer_list();
	for (size_t i = 0; i < json_array_size(from); i++) {
		if ((r = convert(arena, json_array_get(from, i), depth + 1, &item)))
			return r;
		fer_push(arena, out, item);
	}
	return 0;
}

static int convert_map(struct fer_arena *arena, json_t *from, int depth, struct fer_value *out)
{
	const char *name;
	json_t *value;
	struct fer_value item;
	int r;

	*out = fer_map();
	json_object_foreach(from, name, value) {
		if ((r = convert(arena, value, depth + 1, &item)))
			return r;
		fer_append(arena, out, fer_str_dup(arena, fer_str(name)), item);
	}
	return 0;
}

static int convert(struct fer_arena *arena, json_t *from, int depth, struct fer_value *out)
{
	if (depth > FER_JSON_DEPTH)
		return -EINVAL;
	switch (json_typeof(from)) {
	case JSON_OBJECT: return convert_map(arena, from, depth, out);
	case JSON_ARRAY: return convert_list(arena, from, depth, out);
	case JSON_STRING:
		*out = fer_string(fer_str_dup(arena, (struct fer_str){ json_string_value(from), json_string_length(from) }));
		return 0;
	case JSON_INTEGER: *out = fer_int(json_integer_value(from)); return 0;
	case JSON_REAL: *out = fer_double(json_real_value(from)); return 0;
	case JSON_TRUE:
	case JSON_FALSE: *out = fer_bool(json_is_true(from)); return 0;
	case JSON_NULL: break;
	}
	*out = fer_null();
	return 0;
}

/*
 * jansson does not look whether a text it collects found memory, and then writes past its end. So it always finds some: when the heap has none,
 * in an arena, which falls back on the reserve; what was read is then thrown away.
 */
#define SPARE_MAX ((size_t)1 << 28)

static _Thread_local struct fer_arena *spare;

union head {
	bool is_spare;
	max_align_t aligned;
};

static void *json_alloc(size_t size)
{
	union head *at = fer_heap_malloc(sizeof(*at) + size);
	bool is_spare = !at;

	if (is_spare) {
		spare = spare ? spare : fer_arena_new(SPARE_MAX);
		at = fer_alloc(spare, sizeof(*at) + size);
	}
	at->is_spare = is_spare;
	return at + 1;
}

static void json_release(void *at)
{
	if (at && !((union head *)at)[-1].is_spare)
		fer_heap_free((union head *)at - 1);
}

static void init_library(void)
{
	json_set_alloc_funcs(json_alloc, json_release);
}

int fer_json_read(struct fer_arena *arena, struct fer_str text, struct fer_value *out)
{
	size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_error_t error;
	json_t *root;
	int r;

	pthread_once(&once, init_library);
	fer_heap_watch();
	root = json_loadb(text.at ? text.at : "", text.len, flags, &error);
	/* An integer past 64 bits becomes a double in PHP; jansson refuses it unless all integers become reals. */
	if (!root && json_error_code(&error) == json_error_numeric_overflow)
		root = json_loadb(text.at, text.len, flags | JSON_DECODE_INT_AS_REAL, &error);
	r = fer_heap_starved() ? -ENOMEM : root ? convert(arena, root, 1, out) : -EINVAL;
	json_decref(root);
	fer_arena_freep(&spare);
	return r;
}

static void write_unicode(struct fer_buf *buf, uint32_t code)
{
	if (code >= 0x10000) {
		code -= 0x10000;
		fer_buf_fmt(buf, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
	} else {
		fer_buf_fmt(buf, "\\u%04x", code);
	}
}

/* The code point at @at; ill-formed bytes count as U+FFFD, one at a time. @step gets the bytes taken. */
static uint32_t decode(const unsigned char *at, size_t left, size_t *step)
{
	size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc2 ? 2 : 0;
	uint32_t code;

	*step = 1;
	if (!len || len > left || !fer_utf8_valid((struct fer_str){ (const char *)at, len }))
		return 0xfffd;
	code = at[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		code = code << 6 | (at[i] & 0x3f);
	*step = len;
	return code;
}

static const char *escape_of(unsigned char c)
{
	switch (c) {
	case '"': return "\\\"";
	case '\\': return "\\\\";
	case '/': return "\\/";
	case '\b': return "\\b";
	case '\f': return "\\f";
	case '\n': return "\\n";
	case '\r': return "\\r";
	case '\t': return "\\t";
	}
	return NULL;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '/';
}

void fer_json_string(struct fer_buf *buf, struct fer_str s)
{
	size_t i = 0, start;

	fer_buf_char(buf, '"');
	while (i < s.len) {
		const unsigned char *at = (const unsigned char *)s.at + i;
		const char *escape;
		size_t step = 1;

		for (start = i; i < s.len && is_plain((unsigned char)s.at[i]); i++)
			;
		if (i > start) {
			fer_buf_add(buf, s.at + start, i - start);
			continue;
		}
		escape = escape_of(*at);
		if (escape)
			fer_buf_text(buf, escape);
		else
			write_unicode(buf, *at < 0x80 ? *at : decode(at, s.len - i, &step));
		i += step;
	}
	fer_buf_char(buf, '"');
}

/* The fewest digits that read back as @x, as "d.ddde+x" in @text; returns the decimal exponent. */
static int shortest(double x, char text[40])
{
	for (int digits = 0; digits < 17; digits++) {
		snprintf(text, 40, "%.*e", digits, x);
		if (strtod(text, NULL) == x)
			break;
	}
	return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

/* PHP's serialize_precision -1: plain between 1e-4 and 1e17, else 1.0e+25. */
static void write_double(struct fer_buf *buf, double x)
{
	char text[40], plain[400], *e;
	int exponent, digits;

	if (!isfinite(x) || x == 0) {
		fer_buf_text(buf, x == 0 && signbit(x) ? "-0" : "0");
		return;
	}
	exponent = shortest(x, text);
	e = strchr(text, 'e');
	if (exponent < -4 || exponent >= 17) {
		*e = '\0';
		fer_buf_fmt(buf, "%s%se%+d", text, strchr(text, '.') ? "" : ".0", exponent);
		return;
	}
	digits = (int)(e - text) - (text[0] == '-') - (strchr(text, '.') ? 2 : 1) - exponent;
	snprintf(plain, sizeof(plain), "%.*f", digits > 0 ? digits : 0, x);
	fer_buf_text(buf, plain);
}

static void write_list(struct fer_buf *buf, const struct fer_value *v)
{
	fer_buf_char(buf, '[');
	for (uint32_t i = 0; i < v->list.n; i++) {
		if (i)
			fer_buf_char(buf, ',');
		fer_json_write(buf, &v->list.items[i]);
	}
	fer_buf_char(buf, ']');
}

static void write_map(struct fer_buf *buf, const struct fer_value *v)
{
	if (!v->map.n) {
		fer_buf_text(buf, "[]");
		return;
	}
	fer_buf_char(buf, '{');
	for (uint32_t i = 0; i < v->map.n; i++) {
		if (i)
			fer_buf_char(buf, ',');
		fer_json_string(buf, v->map.members[i].name);
		fer_buf_char(buf, ':');
		fer_json_write(buf, &v->map.members[i].value);
	}
	fer_buf_char(buf, '}');
}

void fer_json_write(struct fer_buf *buf, const struct fer_value *v)
{
	switch (v->kind) {
	case FER_V_NULL: fer_buf_text(buf, "null"); break;
	case FER_V_BOOL: fer_buf_text(buf, v->truth ? "true" : "false"); break;
	case FER_V_INT: fer_buf_int(buf, v->number); break;
	case FER_V_DOUBLE: write_double(buf, v->real); break;
	case FER_V_DECIMAL: fer_decimal_json(buf, v->decimal); break;
	case FER_V_STRING: fer_json_string(buf, v->text); break;
	case FER_V_LIST: write_list(buf, v); break;
	case FER_V_MAP: write_map(buf, v); break;
	}
}

/* -- pages ------------------------------------------------------------------------------------------------------- */

/* Length of the UTF-8 character at @s; 0: there is none. */
static size_t character(struct fer_str s)
{
	unsigned char c = (unsigned char)s.at[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return len <= s.len && fer_utf8_valid(fer_str_take(s, len)) ? len : 0;
}

void fer_json_plain(struct fer_buf *buf, struct fer_str s)
{
	fer_buf_char(buf, '"');
	while (s.len) {
		unsigned char c = (unsigned char)s.at[0];
		size_t len = character(s);

		if (!len)
			fer_buf_text(buf, "\\ufffd");
		else if (c == '"' || c == '\\')
			fer_buf_fmt(buf, "\\%c", c);
		else if (c == '\n')
			fer_buf_text(buf, "\\n");
		else if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)s.at[1] < 0xa0))
			fer_buf_fmt(buf, "\\u%04x", c == 0xc2 ? (unsigned char)s.at[1] : c);
		else
			fer_buf_str(buf, fer_str_take(s, len));
		s = fer_str_skip(s, len ? len : 1);
	}
	fer_buf_char(buf, '"');
}

static void page(struct fer_buf *buf, const struct fer_value *v, int depth);

/* A line end and two blanks a depth. */
static void new_line(struct fer_buf *buf, int depth)
{
	fer_buf_char(buf, '\n');
	for (int i = 0; i < depth; i++)
		fer_buf_text(buf, "  ");
}

static void page_list(struct fer_buf *buf, const struct fer_value *v, int depth)
{
	fer_buf_char(buf, '[');
	for (uint32_t i = 0; i < v->list.n; i++) {
		fer_buf_text(buf, i ? "," : "");
		new_line(buf, depth + 1);
		page(buf, &v->list.items[i], depth + 1);
	}
	if (v->list.n)
		new_line(buf, depth);
	fer_buf_char(buf, ']');
}

static void page_map(struct fer_buf *buf, const struct fer_value *v, int depth)
{
	fer_buf_char(buf, '{');
	for (uint32_t i = 0; i < v->map.n; i++) {
		fer_buf_text(buf, i ? "," : "");
		new_line(buf, depth + 1);
		fer_json_plain(buf, v->map.members[i].name);
		fer_buf_text(buf, ": ");
		page(buf, &v->map.members[i].value, depth + 1);
	}
	if (v->map.n)
		new_line(buf, depth);
	fer_buf_char(buf, '}');
}

static void page(struct fer_buf *buf, const struct fer_value *v, int depth)
{
	if (v->kind == FER_V_LIST)
		page_list(buf, v, depth);
	else if (v->kind == FER_V_MAP)
		page_map(buf, v, depth);
	else if (v->kind == FER_V_STRING)
		fer_json_plain(buf, v->text);
	else
		fer_json_write(buf, v);
}

void fer_json_page(struct fer_buf *buf, const struct fer_value *v)
{
	page(buf, v, 0);
	fer_buf_char(buf, '\n');
}
