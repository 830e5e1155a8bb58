/*
 * Text as MariaDB sees it, for SQLite: the collation utf8mb4_general_ci (case, accents and trailing blanks do not count), LIKE and
 * REGEXP that follow it, and the functions of MariaDB that common SQL uses.
 */
#include <errno.h>
#include <regex.h>
#include <sqlite3.h>

#include "core/clock.h"
#include "store/driver.h"

#include "store/collation.inc"

#define WEIGHT_OTHER 0xfffd        /* everything beyond the basic plane, and bytes that are no UTF-8 */
#define WEIGHT_BLANK 0x20
#define PATTERN_MAX 512            /* longest regular expression; a longer one is an error */

/* -- weights ----------------------------------------------------------------------------------------------------- */

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The code point at *at, which moves on; bytes that are no UTF-8 count one by one. */
static uint32_t next_point(const unsigned char **at, const unsigned char *end)
{
	const unsigned char *s = *at;
	size_t left = (size_t)(end - s);

	if (s[0] < 0x80) {
		*at = s + 1;
		return s[0];
	}
	if (s[0] >= 0xc2 && s[0] < 0xe0 && left > 1 && is_tail(s[1])) {
		*at = s + 2;
		return (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
	}
	if (s[0] >= 0xe0 && s[0] < 0xf0 && left > 2 && is_tail(s[1]) && is_tail(s[2])) {
		*at = s + 3;
		return (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
	}
	if (s[0] >= 0xf0 && s[0] < 0xf5 && left > 3 && is_tail(s[1]) && is_tail(s[2]) && is_tail(s[3])) {
		*at = s + 4;
		return 0x10000;
	}
	*at = s + 1;
	return 0x10000;
}

static unsigned weight(uint32_t point)
{
	const uint16_t *page;

	if (point > 0xffff)
		return WEIGHT_OTHER;
	page = pages[point >> 8];
	return page ? page[point & 0xff] : point;
}

static unsigned next_weight(const unsigned char **at, const unsigned char *end)
{
	return weight(next_point(at, end));
}

/* What is left of the longer text against blanks. */
static int compare_rest(const unsigned char *at, const unsigned char *end)
{
	while (at < end) {
		unsigned w = next_weight(&at, end);

		if (w != WEIGHT_BLANK)
			return w < WEIGHT_BLANK ? -1 : 1;
	}
	return 0;
}

static int compare(const unsigned char *a, const unsigned char *a_end, const unsigned char *b, const unsigned char *b_end)
{
	while (a < a_end && b < b_end) {
		unsigned wa, wb;

		if (*a == *b && *a < 0x80) {
			a++;
			b++;
			continue;
		}
		wa = next_weight(&a, a_end);
		wb = next_weight(&b, b_end);
		if (wa != wb)
			return wa < wb ? -1 : 1;
	}
	return a < a_end ? compare_rest(a, a_end) : -compare_rest(b, b_end);
}

int fer_collate(struct fer_str a, struct fer_str b)
{
	const unsigned char *x = (const unsigned char *)a.at, *y = (const unsigned char *)b.at;

	return compare(x, x + a.len, y, y + b.len);
}

/* FNV-1a over the weights; blanks count once something stands behind them. */
uint64_t fer_collate_hash(struct fer_str text)
{
	const unsigned char *at = (const unsigned char *)text.at, *end = at + text.len;
	uint64_t hash = 0xcbf29ce484222325u;
	size_t blanks = 0;

	while (at < end) {
		unsigned w = next_weight(&at, end);

		if (w == WEIGHT_BLANK) {
			blanks++;
			continue;
		}
		for (; blanks; blanks--)
			hash = (hash ^ WEIGHT_BLANK) * 0x100000001b3u;
		hash = (hash ^ w) * 0x100000001b3u;
	}
	return hash;
}

static int collation(void *unused FER_UNUSED, int a_size, const void *a, int b_size, const void *b)
{
	const unsigned char *x = a, *y = b;

	return compare(x, x + a_size, y, y + b_size);
}

/* -- LIKE -------------------------------------------------------------------------------------------------------- */

struct like {
	const unsigned char *at, *end;          /* pattern */
	const unsigned char *text, *text_end;
	const unsigned char *retry_at, *retry_text; /* behind the last %, and where its match may be tried next */
	uint32_t escape;
};

static bool like_back(struct like *like)
{
	if (!like->retry_at || like->retry_text >= like->text_end)
		return false;
	next_point(&like->retry_text, like->text_end);
	like->at = like->retry_at;
	like->text = like->retry_text;
	return true;
}

/* One character of the pattern that is no % against one of the text. */
static bool like_one(struct like *like)
{
	uint32_t p = next_point(&like->at, like->end);

	if (p == like->escape && like->at < like->end)
		p = next_point(&like->at, like->end);
	else if (p == '_') {
		next_point(&like->text, like->text_end);
		return true;
	}
	return weight(p) == next_weight(&like->text, like->text_end);
}

/* Only the last % is ever tried again, so the work is bounded by pattern times text. */
static bool like_match(struct like *like)
{
	for (;;) {
		if (like->at < like->end && *like->at == '%') {
			like->at++;
			like->retry_at = like->at;
			like->retry_text = like->text;
		} else if (like->at >= like->end || like->text >= like->text_end) {
			if (like->at >= like->end && like->text >= like->text_end)
				return true;
			if (!like_back(like))
				return false;
		} else if (!like_one(like) && !like_back(like)) {
			return false;
		}
	}
}

static struct fer_str argument(sqlite3_value *v)
{
	const void *at = sqlite3_value_text(v);

	return (struct fer_str){ at ? at : "", (size_t)sqlite3_value_bytes(v) };
}

static bool any_null(int n, sqlite3_value **args)
{
	for (int i = 0; i < n; i++) {
		if (sqlite3_value_type(args[i]) == SQLITE_NULL)
			return true;
	}
	return false;
}

/* like(pattern, text [, escape]) */
static void sql_like(sqlite3_context *context, int n, sqlite3_value **args)
{
	struct fer_str pattern, text;
	struct like like = { .escape = '\\' };

	if (any_null(n, args))
		return;
	pattern = argument(args[0]);
	text = argument(args[1]);
	if (n == 3) {
		struct fer_str escape = argument(args[2]);
		const unsigned char *at = (const unsigned char *)escape.at;

		like.escape = escape.len ? next_point(&at, at + escape.len) : UINT32_MAX;
	}
	like.at = (const unsigned char *)pattern.at;
	like.end = like.at + pattern.len;
	like.text = (const unsigned char *)text.at;
	like.text_end = like.text + text.len;
	sqlite3_result_int(context, like_match(&like));
}

/* -- REGEXP ------------------------------------------------------------------------------------------------------ */

static void regex_free(void *regex)
{
	regfree(regex);
	free(regex);
}

static regex_t *regex_new(struct fer_str pattern)
{
	regex_t *regex;

	if (pattern.len > PATTERN_MAX || !(regex = calloc(1, sizeof(*regex))))
		return NULL;
	if (regcomp(regex, pattern.at, REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0)
		return regex;
	free(regex);
	return NULL;
}

/* regexp(pattern, text): `text REGEXP pattern` */
static void sql_regexp(sqlite3_context *context, int n, sqlite3_value **args)
{
	regex_t *regex = sqlite3_get_auxdata(context, 0);
	bool kept = regex != NULL;
	int r;

	if (any_null(n, args))
		return;
	if (!regex && !(regex = regex_new(argument(args[0])))) {
		sqlite3_result_error(context, "bad or too long regular expression", -1);
		return;
	}
	r = regexec(regex, argument(args[1]).at, 0, NULL, 0);
	sqlite3_result_int(context, r == 0);
	if (!kept)
		sqlite3_set_auxdata(context, 0, regex, regex_free);
}

/* -- functions of MariaDB ---------------------------------------------------------------------------------------- */

static void sql_concat(sqlite3_context *context, int n, sqlite3_value **args)
{
	struct fer_buf out;

	if (any_null(n, args))
		return;
	fer_buf_init(&out, NULL, 16u << 20);
	for (int i = 0; i < n; i++)
		fer_buf_str(&out, argument(args[i]));
	sqlite3_result_text(context, out.at ? out.at : "", (int)out.len, SQLITE_TRANSIENT);
	fer_buf_release(&out);
}

static void sql_concat_ws(sqlite3_context *context, int n, sqlite3_value **args)
{
	struct fer_buf out;
	bool first = true;

	if (n < 1 || any_null(1, args))
		return;
	fer_buf_init(&out, NULL, 16u << 20);
	for (int i = 1; i < n; i++) {
		if (sqlite3_value_type(args[i]) == SQLITE_NULL)
			continue;
		if (!first)
			fer_buf_str(&out, argument(args[0]));
		first = false;
		fer_buf_str(&out, argument(args[i]));
	}
	sqlite3_result_text(context, out.at ? out.at : "", (int)out.len, SQLITE_TRANSIENT);
	fer_buf_release(&out);
}

static bool is_number(sqlite3_value *v)
{
	return sqlite3_value_numeric_type(v) != SQLITE_TEXT && sqlite3_value_type(v) != SQLITE_BLOB;
}

static int compare_values(sqlite3_value *a, sqlite3_value *b)
{
	double x, y;

	if (!is_number(a) || !is_number(b))
		return fer_collate(argument(a), argument(b));
	x = sqlite3_value_double(a);
	y = sqlite3_value_double(b);
	return (x > y) - (x < y);
}

static void sql_extreme(sqlite3_context *context, int n, sqlite3_value **args, int sign)
{
	int best = 0;

	if (n < 1 || any_null(n, args))
		return;
	for (int i = 1; i < n; i++) {
		if (compare_values(args[i], args[best]) * sign > 0)
			best = i;
	}
	sqlite3_result_value(context, args[best]);
}

static void sql_greatest(sqlite3_context *context, int n, sqlite3_value **args)
{
	sql_extreme(context, n, args, 1);
}

static void sql_least(sqlite3_context *context, int n, sqlite3_value **args)
{
	sql_extreme(context, n, args, -1);
}

static void sql_if(sqlite3_context *context, int n FER_UNUSED, sqlite3_value **args)
{
	sqlite3_result_value(context, sqlite3_value_double(args[0]) != 0 ? args[1] : args[2]);
}

static void sql_find_in_set(sqlite3_context *context, int n, sqlite3_value **args)
{
	struct fer_str set, piece, wanted;
	int i = 0;

	if (any_null(n, args))
		return;
	wanted = argument(args[0]);
	set = argument(args[1]);
	if (set.len == 0) {
		sqlite3_result_int(context, 0);
		return;
	}
	while (fer_str_cut(&set, ',', &piece)) {
		i++;
		if (fer_collate(piece, wanted) == 0) {
			sqlite3_result_int(context, i);
			return;
		}
	}
	sqlite3_result_int(context, 0);
}

static void sql_field(sqlite3_context *context, int n, sqlite3_value **args)
{
	int found = 0;

	for (int i = 1; i < n && !found; i++) {
		if (sqlite3_value_type(args[0]) != SQLITE_NULL && sqlite3_value_type(args[i]) != SQLITE_NULL &&
		    compare_values(args[0], args[i]) == 0)
			found = i;
	}
	sqlite3_result_int(context, found);
}

static void put_time(sqlite3_context *context, int64_t unix_s)
{
	struct tm tm;
	time_t t = (time_t)unix_s;
	char text[32];

	if (!gmtime_r(&t, &tm))
		return;
	sqlite3_result_text(context, text, (int)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm), SQLITE_TRANSIENT);
}

static void sql_now(sqlite3_context *context, int n FER_UNUSED, sqlite3_value **args FER_UNUSED)
{
	put_time(context, (int64_t)time(NULL));
}

static void sql_from_unixtime(sqlite3_context *context, int n, sqlite3_value **args)
{
	if (!any_null(n, args))
		put_time(context, sqlite3_value_int64(args[0]));
}

static void sql_unix_timestamp(sqlite3_context *context, int n, sqlite3_value **args)
{
	int64_t unix_s = (int64_t)time(NULL);

	if (n == 0 || (!any_null(n, args) && fer_time_parse(argument(args[0]), &unix_s)))
		sqlite3_result_int64(context, unix_s);
}

static void sql_char_length(sqlite3_context *context, int n, sqlite3_value **args)
{
	if (!any_null(n, args))
		sqlite3_result_int64(context, (sqlite3_int64)fer_utf8_length(argument(args[0])));
}

#define ALWAYS (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)
#define NOT_CONSTANT (SQLITE_UTF8 | SQLITE_INNOCUOUS)

static const struct {
	const char *name;
	int n_args;                    /* -1: any number */
	int flags;
	void (*run)(sqlite3_context *context, int n, sqlite3_value **args);
} functions[] = {
	{ "like",            2, ALWAYS,       sql_like },
	{ "like",            3, ALWAYS,       sql_like },
	{ "regexp",          2, ALWAYS,       sql_regexp },
	{ "concat",         -1, ALWAYS,       sql_concat },
	{ "concat_ws",      -1, ALWAYS,       sql_concat_ws },
	{ "greatest",       -1, ALWAYS,       sql_greatest },
	{ "least",          -1, ALWAYS,       sql_least },
	{ "if",              3, ALWAYS,       sql_if },
	{ "find_in_set",     2, ALWAYS,       sql_find_in_set },
	{ "field",          -1, ALWAYS,       sql_field },
	{ "char_length",     1, ALWAYS,       sql_char_length },
	{ "from_unixtime",   1, ALWAYS,       sql_from_unixtime },
	{ "unix_timestamp",  0, NOT_CONSTANT, sql_unix_timestamp },
	{ "unix_timestamp",  1, ALWAYS,       sql_unix_timestamp },
	{ "utc_timestamp",   0, NOT_CONSTANT, sql_now },
	{ "now",             0, NOT_CONSTANT, sql_now },
};

int fer_sqlite_functions(struct sqlite3 *db)
{
	if (sqlite3_create_collation_v2(db, "utf8mb4_general_ci", SQLITE_UTF8, NULL, collation, NULL) != SQLITE_OK)
		return -ENOMEM;
	for (size_t i = 0; i < FER_ARRAY_LEN(functions); i++) {
		if (sqlite3_create_function_v2(db, functions[i].name, functions[i].n_args, functions[i].flags, NULL,
		                               functions[i].run, NULL, NULL, NULL) != SQLITE_OK)
			return -ENOMEM;
	}
	return 0;
}
