/*
 * A scan over one JSON object that allocates nothing. Strict as RFC 8259, and stricter: no name twice.
 */
#include "auth/jws_json.h"

#include "auth/jws.h"

struct scan {
	const char *at, *end;
};

static bool next_is(const struct scan *s, char c)
{
	return s->at < s->end && *s->at == c;
}

static bool take_char(struct scan *s, char c)
{
	if (!next_is(s, c))
		return false;
	s->at++;
	return true;
}

static void skip_blank(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hexadecimal digits; -1: they are not. */
static int take_hex4(struct scan *s)
{
	int unit = 0;

	if (s->end - s->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(*s->at++);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* Behind "\u": a code point, of two units where it is one above the first plane; -1: a half of a pair, or no digits. */
static int take_unicode(struct scan *s)
{
	int high = take_hex4(s), low;

	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || !take_char(s, '\\') || !take_char(s, 'u') || (low = take_hex4(s)) < 0xdc00 || low > 0xdfff)
		return -1;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* Behind a backslash; -1: no such escape. */
static int take_escape(struct scan *s)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (s->at == s->end || !*s->at)
		return -1;
	if (take_char(s, 'u'))
		return take_unicode(s);
	found = strchr(names, *s->at++);
	return found ? means[found - names] : -1;
}

static bool scan_string(struct scan *s, struct fer_str *raw)
{
	const char *start = s->at + 1;

	if (!take_char(s, '"'))
		return false;
	while (s->at < s->end && *s->at != '"') {
		if ((unsigned char)*s->at < 0x20)
			return false;
		if (*s->at++ == '\\' && take_escape(s) < 0)
			return false;
	}
	*raw = (struct fer_str){ start, (size_t)(s->at - start) };
	return take_char(s, '"');
}

static bool scan_digits(struct scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > start;
}

static bool scan_number(struct scan *s)
{
	take_char(s, '-');
	if (!take_char(s, '0') && !scan_digits(s))
		return false;
	if (take_char(s, '.') && !scan_digits(s))
		return false;
	if (take_char(s, 'e') || take_char(s, 'E')) {
		if (!take_char(s, '+'))
			take_char(s, '-');
		return scan_digits(s);
	}
	return true;
}

static bool scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < FER_ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(s->end - s->at) >= len && !memcmp(s->at, words[i], len)) {
			s->at += len;
			return true;
		}
	}
	return false;
}

static bool scan_value(struct scan *s, int depth);

static bool scan_items(struct scan *s, int depth)
{
	skip_blank(s);
	if (take_char(s, ']'))
		return true;
	do {
		if (!scan_value(s, depth))
			return false;
	} while (take_char(s, ','));
	return take_char(s, ']');
}

/* A name is a whole one or its decoded text. */
static int take_point(struct scan *s)
{
	if (s->at == s->end)
		return -1;
	return take_char(s, '\\') ? take_escape(s) : (unsigned char)*s->at++;
}

/* A code point an escape spells, as the bytes its plain spelling would have. */
struct reader {
	struct scan s;
	unsigned char held[4];
	int n_held;
};

static void hold_point(struct reader *r, int point)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	int n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	for (int i = 0; i < n - 1; i++, point >>= 6)
		r->held[i] = (unsigned char)(0x80 | (point & 0x3f));
	r->held[n - 1] = (unsigned char)(lead[n] | point);
	r->n_held = n;
}

/* The next byte of the decoded text; -1 at its end. */
static int read_byte(struct reader *r)
{
	if (!r->n_held) {
		bool escaped = next_is(&r->s, '\\');
		int point = take_point(&r->s);

		if (point < 0 || !escaped)
			return point;
		hold_point(r, point);
	}
	return r->held[--r->n_held];
}

static bool same_name(struct fer_str a, struct fer_str b)
{
	struct reader ra = { .s = { a.at, a.at + a.len } }, rb = { .s = { b.at, b.at + b.len } };
	int x;

	if (!memchr(a.at, '\\', a.len) && !memchr(b.at, '\\', b.len))
		return a.len == b.len && !memcmp(a.at, b.at, a.len);
	while ((x = read_byte(&ra)) == read_byte(&rb))
		if (x < 0)
			return true;
	return false;
}

bool fer_json_name_is(struct fer_str raw, const char *text)
{
	return same_name(raw, (struct fer_str){ text, strlen(text) });
}

bool fer_json_text(struct fer_str value, struct fer_str *out)
{
	if (value.len < 2 || value.at[0] != '"')
		return false;
	*out = (struct fer_str){ value.at + 1, value.len - 2 };
	return true;
}

struct names {
	struct fer_str at[FER_JWS_MEMBERS_MAX];
	size_t n;
};

static bool names_add(struct names *names, struct fer_str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (same_name(names->at[i], name))
			return false;
	if (names->n == FER_JWS_MEMBERS_MAX)
		return false;
	names->at[names->n++] = name;
	return true;
}

/* One member up to behind its value. */
static bool scan_member(struct scan *s, int depth, struct names *names, struct fer_str *name, struct fer_str *value)
{
	skip_blank(s);
	if (!scan_string(s, name) || (names && !names_add(names, *name)))
		return false;
	skip_blank(s);
	if (!take_char(s, ':'))
		return false;
	skip_blank(s);
	value->at = s->at;
	if (!scan_value(s, depth))
		return false;
	value->len = (size_t)(s->at - value->at);
	while (value->len && strchr(" \t\n\r", value->at[value->len - 1]))
		value->len--;
	return true;
}

static bool scan_members(struct scan *s, int depth)
{
	struct fer_str name, value;

	skip_blank(s);
	if (take_char(s, '}'))
		return true;
	do {
		if (!scan_member(s, depth, NULL, &name, &value))
			return false;
	} while (take_char(s, ','));
	return take_char(s, '}');
}

/* Any value, with the blanks around it. */
static bool scan_value(struct scan *s, int depth)
{
	struct fer_str ignored;
	bool good;

	skip_blank(s);
	if (s->at == s->end || depth > FER_JWS_DEPTH_MAX)
		return false;
	if (*s->at == '"')
		good = scan_string(s, &ignored);
	else if (take_char(s, '{'))
		good = scan_members(s, depth + 1);
	else if (take_char(s, '['))
		good = scan_items(s, depth + 1);
	else
		good = scan_word(s) || scan_number(s);
	skip_blank(s);
	return good;
}

static bool scan_top(struct scan *s, bool (*take)(void *data, struct fer_str name, struct fer_str value), void *data)
{
	struct names names = { .n = 0 };
	struct fer_str name, value;

	skip_blank(s);
	if (take_char(s, '}'))
		return true;
	do {
		if (!scan_member(s, 1, &names, &name, &value) || !take(data, name, value))
			return false;
	} while (take_char(s, ','));
	return take_char(s, '}');
}

/* Nearly every token is, and then nothing needs checking. */
static bool is_ascii(struct fer_str text)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= (unsigned char)text.at[i];
	return all < 0x80;
}

bool fer_json_scan(struct fer_str text, bool (*take)(void *data, struct fer_str name, struct fer_str value), void *data)
{
	struct scan s = { text.at, text.at + text.len };

	if (!is_ascii(text) && !fer_utf8_valid(text))
		return false;
	skip_blank(&s);
	if (!take_char(&s, '{') || !scan_top(&s, take, data))
		return false;
	skip_blank(&s);
	return s.at == s.end;
}
