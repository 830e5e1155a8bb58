/*
 * Decimals as whole millionths. Arithmetic that could overflow goes through 128 bits and saturates.
 */
#include "core/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };

static int64_t magnitude(fer_micro x)
{
	return x < 0 ? -x : x;
}

static fer_micro saturate(__int128 x)
{
	if (x > INT64_MAX)
		return INT64_MAX;
	return x < -INT64_MAX ? -INT64_MAX : (fer_micro)x;
}

/* Digits with an optional point; the seventh decimal rounds. False for an exponent or anything else. */
static bool parse_plain(struct fer_str s, fer_micro *out)
{
	int decimals = -1;
	__int128 x = 0;
	bool round_up = false, any = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (c == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (c < '0' || c > '9' || x > INT64_MAX)
			return false;
		any = true;
		if (decimals < 6) {
			x = x * 10 + (c - '0');
			decimals += decimals >= 0;
		} else if (decimals == 6) {
			round_up = c >= '5';
			decimals = 7;
		}
	}
	decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
	*out = saturate(x * tens[6 - decimals] + round_up);
	return any;
}

bool fer_decimal_parse(struct fer_str text, fer_micro *out)
{
	struct fer_str s = fer_str_trim(text);
	bool minus = s.len && s.at[0] == '-';
	char copy[64], *end;
	double x;

	if (minus || (s.len && s.at[0] == '+'))
		s = fer_str_skip(s, 1);
	if (parse_plain(s, out)) {
		*out = minus ? -*out : *out;
		return true;
	}
	if (!s.len || s.len >= sizeof(copy))
		return false;
	memcpy(copy, s.at, s.len);
	copy[s.len] = '\0';
	if (strspn(copy, "0123456789.eE+-") != s.len || strspn(copy, "0123456789.") == 0)
		return false;
	x = strtod(copy, &end);
	if (*end || !isfinite(x))
		return false;
	*out = fer_decimal_from_double(minus ? -x : x);
	return true;
}

fer_micro fer_decimal_from_double(double x)
{
	double scaled = round(x * 1e6);

	if (isnan(scaled))
		return 0;
	if (fabs(scaled) >= 9.2e18)
		return scaled < 0 ? -INT64_MAX : INT64_MAX;
	return (fer_micro)scaled;
}

fer_micro fer_decimal_round(fer_micro x, int digits)
{
	int64_t unit = tens[6 - digits], rest = x % unit;

	x -= rest;
	if (magnitude(rest) * 2 >= unit)
		x = saturate((__int128)x + (rest < 0 ? -unit : unit));
	return x;
}

fer_micro fer_decimal_mul(fer_micro a, fer_micro b)
{
	__int128 product = (__int128)a * b, half = FER_ONE / 2;

	return saturate((product + (product < 0 ? -half : half)) / FER_ONE);
}

void fer_decimal_json(struct fer_buf *buf, fer_micro x)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "%s%" PRId64 ".%06" PRId64, x < 0 ? "-" : "", magnitude(x) / FER_ONE, magnitude(x) % FER_ONE);

	while (len && text[len - 1] == '0')
		len--;
	if (len && text[len - 1] == '.')
		len--;
	fer_buf_add(buf, text, (size_t)len);
}

struct fer_str fer_decimal_text(struct fer_arena *arena, fer_micro x, int digits)
{
	fer_micro r = fer_decimal_round(x, digits);

	if (digits == 0)
		return fer_str_fmt(arena, "%" PRId64, r / FER_ONE);
	return fer_str_fmt(arena, "%s%" PRId64 ".%0*" PRId64, r < 0 ? "-" : "", magnitude(r) / FER_ONE, digits,
	                   magnitude(r) % FER_ONE / tens[6 - digits]);
}
