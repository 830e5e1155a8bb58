#include <errno.h>

#include "store/driver.h"

#define MAX_NESTING 4

static int expand(const struct fer_dialect *d, struct fer_str sql, struct fer_buf *out, int depth);

/* Where the fragment that starts at sql.at[0] == '{' ends: behind its '}', or 0. */
static size_t fragment_end(struct fer_str sql)
{
	int depth = 0;

	for (size_t i = 0; i < sql.len; i++) {
		if (sql.at[i] == '{')
			depth++;
		else if (sql.at[i] == '}' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* Cut the next argument, at a comma outside parentheses and quotes. */
static bool cut_argument(struct fer_str *rest, struct fer_str *argument)
{
	int depth = 0;
	char quote = 0;
	size_t i;

	if (!rest->at)
		return false;
	for (i = 0; i < rest->len; i++) {
		char c = rest->at[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '`')
			quote = c;
		else if (c == '(' || c == '{')
			depth++;
		else if (c == ')' || c == '}')
			depth--;
		else if (c == ',' && depth == 0)
			break;
	}
	*argument = fer_str_trim(fer_str_take(*rest, i));
	*rest = i < rest->len ? fer_str_skip(*rest, i + 1) : FER_STR_NONE;
	return true;
}

static int put_arguments(const struct fer_dialect *d, struct fer_str arguments, const char *open, const char *between,
                         const char *close, struct fer_buf *out, int depth)
{
	struct fer_str one;
	bool first = true;
	int r;

	fer_buf_text(out, open);
	while (cut_argument(&arguments, &one)) {
		if (!first)
			fer_buf_text(out, between);
		first = false;
		if ((r = expand(d, one, out, depth)))
			return r;
	}
	fer_buf_text(out, close);
	return 0;
}

static int put_upsert(const struct fer_dialect *d, struct fer_str arguments, struct fer_buf *out, int depth)
{
	if (d->upsert_keys)
		return put_arguments(d, arguments, d->upsert_open, ", ", d->upsert_close, out, depth);
	fer_buf_text(out, d->upsert_open);
	return 0;
}

/* @body is what stands between the braces. */
static int put_fragment(const struct fer_dialect *d, struct fer_str body, struct fer_buf *out, int depth)
{
	ptrdiff_t open = fer_str_find(body, '(');
	struct fer_str name = open < 0 ? body : fer_str_take(body, (size_t)open);
	struct fer_str arguments = FER_STR_NONE;
	const struct { const char *name, *text; } plain[] = {
		{ "INSERT_IGNORE", d->insert_ignore },
		{ "NOW", d->now },
		{ "FOR_UPDATE", d->for_update },
		{ "NO_LIMIT", d->no_limit },
		{ "THEN_JOIN", d->then_join },
	};

	if (open >= 0) {
		if (body.at[body.len - 1] != ')')
			return -EINVAL;
		arguments = fer_str_take(fer_str_skip(body, (size_t)open + 1), body.len - (size_t)open - 2);
	}
	for (size_t i = 0; i < FER_ARRAY_LEN(plain); i++) {
		if (fer_str_is(name, plain[i].name)) {
			fer_buf_text(out, plain[i].text);
			return 0;
		}
	}
	if (fer_str_is(name, "UPSERT"))
		return put_upsert(d, arguments, out, depth);
	if (fer_str_is(name, "NEW"))
		return put_arguments(d, arguments, d->new_open, ", ", d->new_close, out, depth);
	if (fer_str_is(name, "CONCAT"))
		return put_arguments(d, arguments, d->concat_open, d->concat_between, d->concat_close, out, depth);
	if (fer_str_is(name, "CI"))
		return put_arguments(d, arguments, "(", ", ", d->collate, out, depth);
	return -EINVAL;
}

static int expand(const struct fer_dialect *d, struct fer_str sql, struct fer_buf *out, int depth)
{
	ptrdiff_t at;
	int r;

	if (depth > MAX_NESTING)
		return -EINVAL;
	while ((at = fer_str_find(sql, '{')) >= 0) {
		size_t end;

		fer_buf_str(out, fer_str_take(sql, (size_t)at));
		sql = fer_str_skip(sql, (size_t)at);
		if (!(end = fragment_end(sql)))
			return -EINVAL;
		if ((r = put_fragment(d, (struct fer_str){ sql.at + 1, end - 2 }, out, depth + 1)))
			return r;
		sql = fer_str_skip(sql, end);
	}
	fer_buf_str(out, sql);
	return out->overflow ? -E2BIG : 0;
}

int fer_fragment_expand(const struct fer_dialect *dialect, struct fer_str sql, struct fer_buf *out)
{
	return expand(dialect, sql, out, 0);
}
