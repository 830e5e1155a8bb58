/*
 * Text as a view (fer_str) and as a growing buffer with a stated maximum (fer_buf).
 * Views are UTF-8 or plain bytes, need not end in NUL, and never own what they show.
 */
#ifndef FER_CORE_STR_H
#define FER_CORE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

struct fer_str {
	const char *at;
	size_t len;
};

#define FER_S(literal) ((struct fer_str){ "" literal "", sizeof(literal) - 1 })
#define FER_STR_NONE ((struct fer_str){ NULL, 0 })
/* printf("%.*s", FER_F(s)) */
#define FER_F(s) (int)(s).len, (s).at ? (s).at : ""

struct fer_str fer_str(const char *text);                       /* NULL gives FER_STR_NONE */
struct fer_str fer_str_dup(struct fer_arena *arena, struct fer_str s);
const char *fer_str_z(struct fer_arena *arena, struct fer_str s); /* NUL-ended copy */
struct fer_str fer_str_fmt(struct fer_arena *arena, const char *fmt, ...) FER_PRINTF(2, 3);

bool fer_str_eq(struct fer_str a, struct fer_str b);
bool fer_str_is(struct fer_str a, const char *text);
bool fer_str_ieq(struct fer_str a, struct fer_str b);           /* ASCII case only */
bool fer_str_starts(struct fer_str s, const char *prefix);
int fer_str_cmp(struct fer_str a, struct fer_str b);            /* byte order */
struct fer_str fer_str_trim(struct fer_str s);                  /* blanks, tabs, line ends, NUL, VT: PHP trim() */
struct fer_str fer_str_skip(struct fer_str s, size_t n);
struct fer_str fer_str_take(struct fer_str s, size_t n);
ptrdiff_t fer_str_find(struct fer_str s, char c);               /* -1: not there */
ptrdiff_t fer_str_search(struct fer_str s, struct fer_str part);

/** fer_str_cut - take what stands before the next @sep off @rest; false when @rest is used up. */
bool fer_str_cut(struct fer_str *rest, char sep, struct fer_str *piece);

/** fer_str_int - the whole of @s as a decimal integer; false when it is anything else or too large. */
bool fer_str_int(struct fer_str s, int64_t *out);

struct fer_str fer_str_snake(struct fer_arena *arena, struct fer_str s);  /* taxClassId -> tax_class_id */
struct fer_str fer_str_camel(struct fer_arena *arena, struct fer_str s);  /* tax_class_id -> taxClassId */
struct fer_str fer_str_pascal(struct fer_arena *arena, struct fer_str s); /* tax_class_id -> TaxClassId */
struct fer_str fer_str_lower(struct fer_arena *arena, struct fer_str s);  /* ASCII */
struct fer_str fer_str_upper(struct fer_arena *arena, struct fer_str s);  /* ASCII */
struct fer_str fer_url_decode(struct fer_arena *arena, struct fer_str s, bool plus_is_blank);
struct fer_str fer_url_encode(struct fer_arena *arena, struct fer_str s); /* all that is not plain, with capitals */
bool fer_url_plain(char c);                                     /* RFC 3986's unreserved */
struct fer_str fer_base64(struct fer_arena *arena, struct fer_str bytes); /* padded, NUL-ended */
/** fer_base64_read - as PHP decodes strictly: blanks are passed over, '=' stands only at the end. False: it is not base64, or of nothing. */
bool fer_base64_read(struct fer_arena *arena, struct fer_str text, struct fer_str *out);
struct fer_str fer_hex(struct fer_arena *arena, const void *bytes, size_t size);
bool fer_utf8_valid(struct fer_str s);
size_t fer_utf8_length(struct fer_str s);                       /* code points */
struct fer_str fer_utf8_take(struct fer_str s, size_t n);       /* the first @n code points, as MySQL outside strict mode cuts a text */
uint64_t fer_str_hash(struct fer_str s);                        /* for tables in memory, seeded at start */

/* A buffer: it grows up to max bytes; past that it stays as it is and remembers that it overflowed. */
struct fer_buf {
	char *at;
	size_t len;
	size_t size;
	size_t max;
	struct fer_arena *arena;  /* NULL: the heap; then fer_buf_release frees it */
	bool overflow;
};

void fer_buf_init(struct fer_buf *buf, struct fer_arena *arena, size_t max);
void fer_buf_release(struct fer_buf *buf);
void fer_buf_add(struct fer_buf *buf, const void *bytes, size_t size);
void fer_buf_str(struct fer_buf *buf, struct fer_str s);
void fer_buf_text(struct fer_buf *buf, const char *text);
void fer_buf_char(struct fer_buf *buf, char c);
void fer_buf_int(struct fer_buf *buf, int64_t n);
void fer_buf_fmt(struct fer_buf *buf, const char *fmt, ...) FER_PRINTF(2, 3);
void fer_url_put(struct fer_buf *buf, struct fer_str s);        /* fer_url_encode into a buffer */
struct fer_str fer_buf_view(const struct fer_buf *buf);

#endif
