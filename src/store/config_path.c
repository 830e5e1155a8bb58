/*
 * The lists of paths as sorted tables, and the forms of the values that ferrite reads. Apart from config.c, which looks up what is stored.
 */
#include "store/config_path.h"

#include <errno.h>
#include <string.h>

#include "store/config.h"

struct path {
	const char *path;
	unsigned traits;
};

#define SECRET FER_CONFIG_SECRET
#define HIDDEN FER_CONFIG_HIDDEN
#define ENVIRONMENT FER_CONFIG_ENVIRONMENT
static const struct path paths[] = {
#define X(path, traits) { path, (traits) | FER_CONFIG_KNOWN },
#include "store/config_paths.def"
#undef X
};

enum kind { NUMBER, YES_NO, URL, PART_URL, COUNTRY, COUNTRIES, CURRENCY, CURRENCIES, LOCALE, TIMEZONE, WEIGHT_UNIT, SIGNATURE, N_KINDS };
enum reach { ANYWHERE, GLOBAL };

struct rule {
	const char *path;
	enum kind kind;
	int64_t least, most;
	enum reach reach;
};

static const struct rule rules[] = {
#define X(path, kind, least, most, reach) { path, kind, least, most, reach },
#include "store/config_rules.def"
#undef X
};

/* All tables begin with the path and are sorted by it. */
static int compare(const void *path, const void *row)
{
	const char *name;

	memcpy(&name, row, sizeof(name));
	return fer_str_cmp(*(const struct fer_str *)path, fer_str(name));
}

#define FIND(table, path) bsearch(&(path), (table), FER_ARRAY_LEN(table), sizeof((table)[0]), compare)

/* -- traits ------------------------------------------------------------------------------------------------------ */

static struct fer_str last_word(struct fer_str path)
{
	struct fer_str word = path;

	while (fer_str_cut(&path, '/', &word))
		;
	return word;
}

static bool ends(struct fer_str text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && fer_str_ieq(fer_str_skip(text, text.len - len), fer_str(end));
}

/* A module that nobody knows may keep its credentials as they are: better one name too many is hidden. */
static bool sounds_secret(struct fer_str path)
{
	static const char *const names[] = { "password", "passwd", "pwd", "passphrase", "secret", "token", "api_key", "apikey", "private_key",
	                                     "secret_key", "access_key", "license_key", "signature", "credentials", "client_secret" };
	struct fer_str word = last_word(path);

	for (size_t i = 0; i < FER_ARRAY_LEN(names); i++)
		if (ends(word, names[i]))
			return true;
	return false;
}

unsigned fer_config_traits(struct fer_str path)
{
	const struct path *row = FIND(paths, path);

	if (row)
		return row->traits;
	if (fer_config_default(path).at || FIND(rules, path))
		return FER_CONFIG_KNOWN;
	return sounds_secret(path) ? FER_CONFIG_HIDDEN : 0;
}

static bool of_path(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool fer_config_path_shape(struct fer_str path)
{
	struct fer_str rest = path, word;
	int n = 0;

	if (path.len > FER_CONFIG_PATH_MAX || (path.len && path.at[path.len - 1] == '/'))
		return false;
	for (; fer_str_cut(&rest, '/', &word); n++) {
		for (size_t i = 0; i < word.len; i++)
			if (!of_path(word.at[i]))
				return false;
		if (!word.len)
			return false;
	}
	return n >= 3;
}

/* "0:3:<base64>": the key's place, the cipher, the text. */
bool fer_config_sealed(struct fer_str value)
{
	struct fer_str rest = value, place, cipher;
	int64_t n;

	if (!fer_str_cut(&rest, ':', &place) || !fer_str_cut(&rest, ':', &cipher) || !fer_str_int(place, &n) || !fer_str_int(cipher, &n) ||
	    n < 0 || n > 3 || rest.len < 16)
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (!strchr("+/=:", rest.at[i]) && (!of_path(rest.at[i]) || rest.at[i] == '-' || rest.at[i] == '.'))
			return false;
	return true;
}

bool fer_config_tells(struct fer_str path, struct fer_str value)
{
	if (!value.len)
		return true;
	return !(fer_config_traits(path) & (FER_CONFIG_SECRET | FER_CONFIG_HIDDEN)) && !fer_config_sealed(value);
}

bool fer_config_global(struct fer_str path)
{
	const struct rule *rule = FIND(rules, path);

	return rule && rule->reach == GLOBAL;
}

/* -- kinds of values --------------------------------------------------------------------------------------------- */

static bool all_of(struct fer_str text, size_t least, size_t most, const char *extra)
{
	for (size_t i = 0; i < text.len; i++)
		if (!of_path(text.at[i]) && !strchr(extra, text.at[i]))
			return false;
	return text.len >= least && text.len <= most;
}

static bool is_number(const struct rule *rule, struct fer_str value)
{
	int64_t n;

	return fer_str_int(value, &n) && value.at[0] != '+' && n >= rule->least && n <= rule->most;
}

/* Magento puts the address of the request in place of {{base_url}}; a part may stand below the base address. */
static bool is_url(struct fer_str value, bool part)
{
	static const char *const placeholders[] = { "{{base_url}}", "{{unsecure_base_url}}", "{{secure_base_url}}" };
	size_t scheme = fer_str_starts(value, "http://") ? 7 : fer_str_starts(value, "https://") ? 8 : 0;

	if (!value.len)
		return part;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] <= ' ' || (unsigned char)value.at[i] == 0x7f || strchr("\"<>\\", value.at[i]))
			return false;
	for (size_t i = 0; i < FER_ARRAY_LEN(placeholders); i++)
		if (fer_str_starts(value, placeholders[i]))
			return part ? value.at[value.len - 1] == '/' || value.len == strlen(placeholders[i])
			            : i == 0 && value.len == strlen(placeholders[i]);
	return scheme && value.len > scheme + 1 && value.at[scheme] != '/' && value.at[value.len - 1] == '/';
}

/* "en_US", "zh_Hans_CN". */
static bool is_locale(struct fer_str value)
{
	struct fer_str rest = value, word;
	int n = 0;

	for (; fer_str_cut(&rest, '_', &word); n++)
		if (!all_of(word, 2, n == 1 ? 4 : 3, ""))
			return false;
	return n == 2 || n == 3;
}

static bool is_one_of(struct fer_str value, const char *const *words)
{
	for (; *words; words++)
		if (fer_str_is(value, *words))
			return true;
	return false;
}

/* 0, or -EINVAL. */
static int country_there(struct fer_db *db, struct fer_str code)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_CONFIG_COUNTRY, &stmt, "s", code);

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	return r && fer_str_eq(fer_col_str(stmt, 0), code) ? 0 : -EINVAL;
}

static int countries_there(struct fer_db *db, struct fer_str value)
{
	struct fer_str rest = value, code;
	int r = 0;

	while (!r && value.len && fer_str_cut(&rest, ',', &code))
		r = country_there(db, code);
	return r;
}

static bool is_currency(struct fer_str code)
{
	for (size_t i = 0; i < code.len; i++)
		if (code.at[i] < 'A' || code.at[i] > 'Z')
			return false;
	return code.len == 3;
}

static bool are_currencies(struct fer_str value)
{
	struct fer_str rest = value, code;

	while (fer_str_cut(&rest, ',', &code))
		if (!is_currency(code))
			return false;
	return value.len > 0;
}

static int fits(struct fer_db *db, const struct rule *rule, struct fer_str value)
{
	static const char *const yes_no[] = { "0", "1", NULL }, *const units[] = { "lbs", "kgs", NULL };
	static const char *const signatures[] = { "HS256", "HS384", "HS512", NULL };
	bool good = false;

	switch (rule->kind) {
	case COUNTRY: return country_there(db, value);
	case COUNTRIES: return countries_there(db, value);
	case NUMBER: good = is_number(rule, value); break;
	case YES_NO: good = is_one_of(value, yes_no); break;
	case URL: good = is_url(value, false); break;
	case PART_URL: good = is_url(value, true); break;
	case CURRENCY: good = is_currency(value); break;
	case CURRENCIES: good = are_currencies(value); break;
	case LOCALE: good = is_locale(value); break;
	case TIMEZONE: good = all_of(value, 2, 64, "/+"); break;
	case WEIGHT_UNIT: good = is_one_of(value, units); break;
	case SIGNATURE: good = is_one_of(value, signatures); break;
	case N_KINDS: break;
	}
	return good ? 0 : -EINVAL;
}

static const char *const takes[N_KINDS] = {
	[YES_NO] = "0 or 1",
	[URL] = "an address that begins with http:// or https:// and ends with a slash, or {{base_url}}",
	[PART_URL] = "nothing, or an address that begins with http://, https:// or a placeholder and ends with a slash",
	[COUNTRY] = "the two letters of a country",
	[COUNTRIES] = "the two letters of countries, with commas",
	[CURRENCY] = "the three letters of a currency",
	[CURRENCIES] = "the three letters of currencies, with commas",
	[LOCALE] = "a locale such as en_US",
	[TIMEZONE] = "a time zone such as Europe/Zurich",
	[WEIGHT_UNIT] = "lbs or kgs",
	[SIGNATURE] = "HS256, HS384 or HS512",
};

int fer_config_check(struct fer_db *db, struct fer_arena *arena, struct fer_str path, struct fer_str value, struct fer_str *what)
{
	const struct rule *rule = FIND(rules, path);

	if (!rule || !value.at)
		return 0;
	*what = rule->kind == NUMBER ? fer_str_fmt(arena, "a whole number from %lld to %lld", (long long)rule->least, (long long)rule->most)
	                             : fer_str(takes[rule->kind]);
	return fits(db, rule, value);
}
