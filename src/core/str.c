/*
 * Views of text: comparing, cutting, changing case. Nothing here allocates but by the arena it is given.
 */
#include "core/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

struct fer_str fer_str(const char *text)
{
	return (struct fer_str){ text, text ? strlen(text) : 0 };
}

struct fer_str fer_str_dup(struct fer_arena *arena, struct fer_str s)
{
	return (struct fer_str){ fer_str_z(arena, s), s.len };
}

const char *fer_str_z(struct fer_arena *arena, struct fer_str s)
{
	char *at = fer_alloc(arena, s.len + 1);

	if (s.len)
		memcpy(at, s.at, s.len);
	return at;
}

struct fer_str fer_str_fmt(struct fer_arena *arena, const char *fmt, ...)
{
	char brief[128];
	va_list args;
	char *at;
	int n;

	va_start(args, fmt);
	n = vsnprintf(brief, sizeof(brief), fmt, args);
	va_end(args);
	if (n < 0)
		return FER_STR_NONE;
	if ((size_t)n < sizeof(brief))
		return fer_str_dup(arena, (struct fer_str){ brief, (size_t)n });
	at = fer_alloc(arena, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(at, (size_t)n + 1, fmt, args);
	va_end(args);
	return (struct fer_str){ at, (size_t)n };
}

bool fer_str_eq(struct fer_str a, struct fer_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool fer_str_is(struct fer_str a, const char *text)
{
	return fer_str_eq(a, fer_str(text));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

bool fer_str_ieq(struct fer_str a, struct fer_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

bool fer_str_starts(struct fer_str s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.at, prefix, len) == 0;
}

int fer_str_cmp(struct fer_str a, struct fer_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.at, b.at, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\f') || c == '\0';
}

struct fer_str fer_str_trim(struct fer_str s)
{
	while (s.len && is_blank(s.at[0]))
		s = fer_str_skip(s, 1);
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct fer_str fer_str_skip(struct fer_str s, size_t n)
{
	n = n < s.len ? n : s.len;
	return (struct fer_str){ s.at + n, s.len - n };
}

struct fer_str fer_str_take(struct fer_str s, size_t n)
{
	return (struct fer_str){ s.at, n < s.len ? n : s.len };
}

ptrdiff_t fer_str_find(struct fer_str s, char c)
{
	const char *at = s.len ? memchr(s.at, c, s.len) : NULL;

	return at ? at - s.at : -1;
}

ptrdiff_t fer_str_search(struct fer_str s, struct fer_str part)
{
	const char *at = s.len && part.len ? memmem(s.at, s.len, part.at, part.len) : NULL;

	return at ? at - s.at : -1;
}

bool fer_str_cut(struct fer_str *rest, char sep, struct fer_str *piece)
{
	ptrdiff_t end;

	if (!rest->at)
		return false;
	end = fer_str_find(*rest, sep);
	if (end < 0) {
		*piece = *rest;
		*rest = FER_STR_NONE;
		return true;
	}
	*piece = fer_str_take(*rest, (size_t)end);
	*rest = (struct fer_str){ rest->at + end + 1, rest->len - (size_t)end - 1 };
	return true;
}

bool fer_str_int(struct fer_str s, int64_t *out)
{
	bool minus = s.len && s.at[0] == '-';
	int64_t n = 0;

	if (minus || (s.len && s.at[0] == '+'))
		s = fer_str_skip(s, 1);
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, s.at[i] - '0', &n))
			return false;
	}
	return minus ? (*out = n, true) : !__builtin_sub_overflow((int64_t)0, n, out);
}

struct fer_str fer_str_snake(struct fer_arena *arena, struct fer_str s)
{
	char *at = fer_alloc(arena, s.len * 2 + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] >= 'A' && s.at[i] <= 'Z' && i && s.at[i - 1] != '_')
			at[n++] = '_';
		at[n++] = lower(s.at[i]);
	}
	return (struct fer_str){ at, n };
}

static struct fer_str humps(struct fer_arena *arena, struct fer_str s, bool first_up)
{
	char *at = fer_alloc(arena, s.len + 1);
	bool up = first_up;
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '_') {
			up = n || first_up;
			continue;
		}
		at[n++] = up ? upper(s.at[i]) : s.at[i];
		up = false;
	}
	return (struct fer_str){ at, n };
}

struct fer_str fer_str_camel(struct fer_arena *arena, struct fer_str s)
{
	return humps(arena, s, false);
}

struct fer_str fer_str_pascal(struct fer_arena *arena, struct fer_str s)
{
	return humps(arena, s, true);
}

struct fer_str fer_str_lower(struct fer_arena *arena, struct fer_str s)
{
	char *at = fer_alloc(arena, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		at[i] = lower(s.at[i]);
	return (struct fer_str){ at, s.len };
}

struct fer_str fer_str_upper(struct fer_arena *arena, struct fer_str s)
{
	char *at = fer_alloc(arena, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		at[i] = upper(s.at[i]);
	return (struct fer_str){ at, s.len };
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct fer_str fer_url_decode(struct fer_arena *arena, struct fer_str s, bool plus_is_blank)
{
	char *at;
	size_t n = 0;

	if (fer_str_find(s, '%') < 0 && (!plus_is_blank || fer_str_find(s, '+') < 0))
		return s;
	at = fer_alloc(arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		int high = s.at[i] == '%' && i + 2 < s.len ? hex_digit(s.at[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s.at[i + 2]) : -1;

		if (low >= 0) {
			at[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			at[n++] = plus_is_blank && s.at[i] == '+' ? ' ' : s.at[i];
		}
	}
	return (struct fer_str){ at, n };
}

bool fer_url_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void fer_url_put(struct fer_buf *out, struct fer_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (fer_url_plain(s.at[i])) {
			fer_buf_char(out, s.at[i]);
			continue;
		}
		fer_buf_char(out, '%');
		fer_buf_char(out, hex[c >> 4]);
		fer_buf_char(out, hex[c & 15]);
	}
}

struct fer_str fer_url_encode(struct fer_arena *arena, struct fer_str s)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, s.len * 3 + 1);
	fer_url_put(&buf, s);
	return fer_buf_view(&buf);
}

struct fer_str fer_base64(struct fer_arena *arena, struct fer_str bytes)
{
	size_t size = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
	char *out = fer_alloc(arena, size);

	sodium_bin2base64(out, size, (const unsigned char *)bytes.at, bytes.len, sodium_base64_VARIANT_ORIGINAL);
	return (struct fer_str){ out, size - 1 };
}

bool fer_base64_read(struct fer_arena *arena, struct fer_str text, struct fer_str *out)
{
	static const char blanks[] = " \t\r\n";
	unsigned char *bytes = fer_alloc(arena, text.len / 4 * 3 + 4);
	size_t n = 0, pad = 0;

	for (; text.len && strchr("= \t\r\n", text.at[text.len - 1]) && text.at[text.len - 1]; text.len--)
		pad += text.at[text.len - 1] == '=';
	if (sodium_base642bin(bytes, text.len / 4 * 3 + 4, text.at, text.len, blanks, &n, NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
		return false;
	*out = (struct fer_str){ (const char *)bytes, n };
	return n && (!pad || (n % 3 && pad == 3 - n % 3));
}

struct fer_str fer_hex(struct fer_arena *arena, const void *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;
	char *at = fer_alloc(arena, size * 2 + 1);

	for (size_t i = 0; i < size; i++) {
		at[i * 2] = digits[from[i] >> 4];
		at[i * 2 + 1] = digits[from[i] & 15];
	}
	return (struct fer_str){ at, size * 2 };
}

/* Bytes of the code point at @at, 0 when it is not well-formed (RFC 3629: no surrogates, no overlong forms). */
static size_t utf8_step(const unsigned char *at, size_t left)
{
	static const struct { unsigned char from, to, second_from, second_to, len; } rows[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++) {
		if (at[0] < rows[i].from || at[0] > rows[i].to)
			continue;
		if (rows[i].len > left)
			return 0;
		if (rows[i].len > 1 && (at[1] < rows[i].second_from || at[1] > rows[i].second_to))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((at[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

bool fer_utf8_valid(struct fer_str s)
{
	for (size_t i = 0; i < s.len;) {
		size_t step = utf8_step((const unsigned char *)s.at + i, s.len - i);

		if (!step)
			return false;
		i += step;
	}
	return true;
}

struct fer_str fer_utf8_take(struct fer_str s, size_t n)
{
	size_t at = 0;

	if (s.len <= n)
		return s;
	for (size_t seen = 0; at < s.len; at++)
		if (((unsigned char)s.at[at] & 0xc0) != 0x80 && seen++ == n)
			break;
	return fer_str_take(s, at);
}

size_t fer_utf8_length(struct fer_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.at[i] & 0xc0) != 0x80;
	return n;
}
