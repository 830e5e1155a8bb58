/*
 * Rows of the audit log as others read them: a map for answers, a line of JSON, a line of syslog.
 */
#include "auth/audit_impl.h"
#include "auth/audit_read.h"
#include "core/clock.h"
#include "core/json.h"

#define FACILITY 13            /* RFC 5424: log audit */
#define SD_ID "ferrite@32473"  /* the number that RFC 5612 keeps for those without one of their own */

static const struct fer_str *text_of(const struct fer_audit_row *row, size_t i)
{
	return (const struct fer_str *)((const char *)row + fer_audit_columns[i].at);
}

static int64_t number_of(const struct fer_audit_row *row, size_t i)
{
	return *(const int64_t *)((const char *)row + fer_audit_columns[i].at);
}

/* RFC 3339 in UTC with microseconds. */
static void time_text(int64_t us, char out[40])
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);
	int64_t part = us % 1000000;
	struct fer_str text = fer_time_text(arena, us / 1000000 - (part < 0));

	snprintf(out, 40, "%.*s.%06lldZ", FER_F(text), (long long)(part < 0 ? part + 1000000 : part));
	out[10] = 'T';
}

struct fer_value fer_audit_value(struct fer_arena *arena, const struct fer_audit_row *row, bool open)
{
	struct fer_value out = fer_map(), details;
	char time[40];

	time_text(row->time_us, time);
	fer_set(arena, &out, "time", fer_string(fer_str_dup(arena, fer_str(time))));
	for (size_t i = 0; i < FER_AUDIT_N_COLUMNS; i++) {
		if (fer_audit_columns[i].number)
			fer_set(arena, &out, fer_audit_columns[i].name, fer_int(number_of(row, i)));
		else
			fer_set(arena, &out, fer_audit_columns[i].name, fer_string(fer_str_dup(arena, *text_of(row, i))));
	}
	if (open)
		fer_set(arena, &out, "details", row->details.len && !fer_json_read(arena, row->details, &details) ? details : fer_null());
	return out;
}

void fer_audit_json(struct fer_buf *out, const struct fer_audit_row *row)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)1 << 16);
	struct fer_value value = fer_audit_value(arena, row, false);

	fer_json_write(out, &value);
	fer_buf_char(out, '\n');
}

/* -- syslog ------------------------------------------------------------------------------------------------------ */

static int severity(const struct fer_audit_row *row)
{
	return fer_str_is(row->outcome, "failed") ? 3 : fer_str_is(row->outcome, "denied") ? 4 : 5;
}

/* RFC 5424, 6.3.3: three characters are escaped; no other may be. */
static void put_param(struct fer_buf *out, const char *name, struct fer_str value)
{
	fer_buf_fmt(out, " %s=\"", name);
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"' || value.at[i] == '\\' || value.at[i] == ']')
			fer_buf_char(out, '\\');
		fer_buf_char(out, value.at[i]);
	}
	fer_buf_char(out, '"');
}

/* A header field is printable ASCII without blanks, "-" when there is nothing to say. */
static void put_word(struct fer_buf *out, struct fer_str word)
{
	fer_buf_char(out, ' ');
	for (size_t i = 0; i < word.len; i++)
		fer_buf_char(out, word.at[i] > ' ' && word.at[i] < 0x7f ? word.at[i] : '?');
	if (!word.len)
		fer_buf_char(out, '-');
}

void fer_audit_syslog(struct fer_buf *out, const struct fer_audit_row *row)
{
	char time[40];

	time_text(row->time_us, time);
	fer_buf_fmt(out, "<%d>1 %s", FACILITY * 8 + severity(row), time);
	put_word(out, row->node);
	fer_buf_text(out, " ferrite -");
	put_word(out, row->event);
	fer_buf_text(out, " [" SD_ID);
	for (size_t i = 0; i < FER_AUDIT_N_COLUMNS; i++) {
		if (fer_audit_columns[i].number)
			fer_buf_fmt(out, " %s=\"%lld\"", fer_audit_columns[i].name, (long long)number_of(row, i));
		else if (text_of(row, i)->len)
			put_param(out, fer_audit_columns[i].name, *text_of(row, i));
	}
	fer_buf_text(out, "]");
	put_word(out, row->event);
	put_word(out, row->outcome);
	fer_buf_char(out, '\n');
}

/* -- for people --------------------------------------------------------------------------------------------------- */

static void put_more(struct fer_buf *out, const char *before, struct fer_str text, const char *after)
{
	if (text.len)
		fer_buf_fmt(out, "%s%.*s%s", before, FER_F(text), after);
}

void fer_audit_text(struct fer_buf *out, const struct fer_audit_row *row)
{
	char time[40];

	time_text(row->time_us, time);
	fer_buf_fmt(out, "%s %.*s/%lld %.*s %.*s, %.*s", time, FER_F(row->node), (long long)row->seq, FER_F(row->event), FER_F(row->outcome),
	            FER_F(row->actor_type));
	put_more(out, " ", row->actor, "");
	put_more(out, " from ", row->source, "");
	put_more(out, " -> ", row->target, "");
	put_more(out, ": ", row->reason, "");
	fer_buf_char(out, '\n');
}

/* -- times in filters -------------------------------------------------------------------------------------------- */

static int64_t unit_s(char c)
{
	return c == 's' ? 1 : c == 'm' ? 60 : c == 'h' ? 3600 : c == 'd' ? 86400 : 0;
}

/* A fraction of a second and the Z at the end of RFC 3339; the rest is left for fer_time_parse. */
static int64_t cut_fraction(struct fer_str *text)
{
	ptrdiff_t dot;
	int64_t us = 0, unit = 100000;

	if (text->len && text->at[text->len - 1] == 'Z')
		text->len--;
	if ((dot = fer_str_find(*text, '.')) < 0)
		return 0;
	for (size_t i = (size_t)dot + 1; i < text->len && text->at[i] >= '0' && text->at[i] <= '9'; i++, unit /= 10)
		us += (text->at[i] - '0') * unit;
	text->len = (size_t)dot;
	return us;
}

bool fer_audit_time(struct fer_str text, int64_t now_s, int64_t *us)
{
	int64_t n, unit = text.len ? unit_s(text.at[text.len - 1]) : 0, fraction;

	if (unit && fer_str_int(fer_str_take(text, text.len - 1), &n) && n >= 0 && n < 100000000) {
		*us = (now_s - n * unit) * 1000000;
		return true;
	}
	fraction = cut_fraction(&text);
	if (!fer_time_parse(text, &n))
		return false;
	*us = n * 1000000 + fraction;
	return true;
}
