/*
 * Decimals as whole millionths. Arithmetic that could overflow goes through 128 bits and saturates.
 */
#include "core/decimal.h"

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

#define TEXT_SIZE 32

/* Ends at the end of @text. Not printf, which would take a good part of the time that saving a product takes. */
static struct fer_str decimal_write(char text[TEXT_SIZE], fer_micro x, int digits)
{
	int64_t left = magnitude(x), whole = left / FER_ONE, part = left % FER_ONE / tens[6 - digits];
	char *end = text + TEXT_SIZE, *at = end;

	for (int i = 0; i < digits; i++, part /= 10)
		*--at = (char)('0' + part % 10);
	if (digits)
		*--at = '.';
	do
		*--at = (char)('0' + whole % 10);
	while (whole /= 10);
	if (x < 0)
		*--at = '-';
	return (struct fer_str){ at, (size_t)(end - at) };
}

void fer_decimal_json(struct fer_buf *buf, fer_micro x)
{
	char room[TEXT_SIZE];
	struct fer_str text = decimal_write(room, x, 6);

	while (text.at[text.len - 1] == '0')
		text.len--;
	if (text.at[text.len - 1] == '.')
		text.len--;
	fer_buf_str(buf, text);
}

struct fer_str fer_decimal_text(struct fer_arena *arena, fer_micro x, int digits)
{
	char room[TEXT_SIZE];

	return fer_str_dup(arena, decimal_write(room, fer_decimal_round(x, digits), digits));
}
