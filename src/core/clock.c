/*
 * The clock and its text form.
 */
#include "core/clock.h"

#include <errno.h>
#include <time.h>

static int64_t system_now(const struct fer_clock *self)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec + self->shift_s;
}

/* Nobody sets this one back but a sandbox. */
static int64_t system_us(const struct fer_clock *self)
{
	return fer_monotonic_us() + self->shift_s * 1000000;
}

void fer_clock_init(struct fer_clock *self)
{
	*self = (struct fer_clock){ .now_s = system_now, .now_us = system_us };
}

int64_t fer_now_s(const struct fer_clock *self)
{
	return self->now_s(self);
}

int64_t fer_now_us(const struct fer_clock *self)
{
	return self->now_us(self);
}

int64_t fer_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000000 + now.tv_nsec / 1000;
}

/* @n with leading zeros, and what follows it. */
static char *put_digits(char *at, int n, int width, char next)
{
	for (int i = width; i--; n /= 10)
		at[i] = (char)('0' + n % 10);
	at[width] = next;
	return at + width + 1;
}

struct fer_str fer_time_text(struct fer_arena *arena, int64_t unix_s)
{
	char text[] = "0000-00-00 00:00:00", *at = text;
	time_t t = unix_s;
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return FER_S("0000-00-00 00:00:00");
	if (tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		return fer_str_fmt(arena, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		                   tm.tm_min, tm.tm_sec);
	at = put_digits(at, tm.tm_year + 1900, 4, '-');
	at = put_digits(at, tm.tm_mon + 1, 2, '-');
	at = put_digits(at, tm.tm_mday, 2, ' ');
	at = put_digits(at, tm.tm_hour, 2, ':');
	at = put_digits(at, tm.tm_min, 2, ':');
	put_digits(at, tm.tm_sec, 2, '\0');
	return fer_str_dup(arena, (struct fer_str){ text, sizeof(text) - 1 });
}

/* @len digits at the start of @s, cut off; -1 when they are not all digits. */
static int digits(struct fer_str *s, size_t len)
{
	int n = 0;

	if (s->len < len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s->at[i] < '0' || s->at[i] > '9')
			return -1;
		n = n * 10 + (s->at[i] - '0');
	}
	*s = fer_str_skip(*s, len);
	return n;
}

static bool skip_one(struct fer_str *s, char a, char b)
{
	if (!s->len || (s->at[0] != a && s->at[0] != b))
		return false;
	*s = fer_str_skip(*s, 1);
	return true;
}

bool fer_time_parse(struct fer_str text, int64_t *unix_s)
{
	struct tm tm = { 0 };
	struct fer_str s = text;
	int year = digits(&s, 4), month = skip_one(&s, '-', '/') ? digits(&s, 2) : -1;
	int day = skip_one(&s, '-', '/') ? digits(&s, 2) : -1;

	if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (skip_one(&s, ' ', 'T')) {
		tm.tm_hour = digits(&s, 2);
		tm.tm_min = skip_one(&s, ':', ':') ? digits(&s, 2) : -1;
		tm.tm_sec = skip_one(&s, ':', ':') ? digits(&s, 2) : 0;
		if (tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 59)
			return false;
	}
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*unix_s = timegm(&tm);
	return true;
}

bool fer_time_read(struct fer_str text, int64_t *unix_s)
{
	if (fer_str_int(text, unix_s) || fer_time_parse(text, unix_s))
		return true;
	/* 12/31/1990 */
	if (text.len == 10 && text.at[2] == '/' && text.at[5] == '/') {
		char turned[11] = { text.at[6], text.at[7], text.at[8], text.at[9], '-', text.at[0], text.at[1], '-', text.at[3], text.at[4] };

		return fer_time_parse(fer_str(turned), unix_s);
	}
	return false;
}
