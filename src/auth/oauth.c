/*
 * What an OAuth 1.0a request says and what is signed of it. Collecting parameters and ordering them follows Magento's helper and
 * Laminas, odd corners included, because both sides must sign the same text.
 */
#include "auth/oauth_impl.h"

#define PARAMS_MAX 256         /* beyond it the rest is not looked at, so the signature does not fit */
#define FORM_MAX 65536         /* nor at a longer form */

/* Where @needle (small letters) begins in @text in any case; -1. */
static ptrdiff_t find_word(struct fer_str text, struct fer_str needle)
{
	for (size_t i = 0; i + needle.len <= text.len; i++)
		if (fer_str_ieq((struct fer_str){ text.at + i, needle.len }, needle))
			return (ptrdiff_t)i;
	return -1;
}

bool fer_oauth_wanted(struct fer_str authorization)
{
	return authorization.len && find_word(authorization, FER_S("oauth ")) >= 0;
}

/* -- collecting ------------------------------------------------------------------------------------------------- */

static bool is_protocol(struct fer_str name)
{
	ptrdiff_t at = fer_str_search(name, FER_S("oauth_"));
	char c = at >= 0 && (size_t)at + 6 < name.len ? name.at[at + 6] : '\0';

	return (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

static void params_set(struct fer_oauth_params *params, struct fer_str name, struct fer_str value)
{
	for (size_t i = 0; i < params->n; i++) {
		if (fer_str_eq(params->at[i].name, name)) {
			params->at[i].value = value;
			return;
		}
	}
	params->at[params->n++] = (struct fer_oauth_param){ name, value };
}

static struct fer_str strip_quotes(struct fer_str s)
{
	while (s.len && s.at[0] == '"')
		s = fer_str_skip(s, 1);
	while (s.len && s.at[s.len - 1] == '"')
		s.len--;
	return s;
}

static void collect_header(struct fer_arena *arena, struct fer_str header, struct fer_oauth_params *out)
{
	ptrdiff_t at = find_word(header, FER_S("oauth "));
	struct fer_str rest = fer_str_skip(header, (size_t)at + 6), piece, name;

	while (out->n < PARAMS_MAX && fer_str_cut(&rest, ',', &piece)) {
		piece = fer_str_trim(piece);
		if (fer_str_cut(&piece, '=', &name) && piece.at && is_protocol(name))
			params_set(out, fer_url_decode(arena, name, false), fer_url_decode(arena, strip_quotes(piece), false));
	}
}

/* A form's names and values; those of the protocol count only when the header had none. */
static void collect_form(struct fer_arena *arena, struct fer_str body, bool protocol, struct fer_oauth_params *out)
{
	struct fer_str piece, name;

	while (out->n < PARAMS_MAX && fer_str_cut(&body, '&', &piece)) {
		if (!piece.len || !fer_str_cut(&piece, '=', &name))
			continue;
		name = fer_url_decode(arena, name, true);
		if (protocol || !is_protocol(name))
			params_set(out, name, piece.at ? fer_url_decode(arena, piece, true) : FER_S(""));
	}
}

/* Only pairs with exactly one '='; a blank may be %20 but not '+'. */
static void collect_query(struct fer_arena *arena, struct fer_str query, bool protocol, struct fer_oauth_params *out)
{
	struct fer_str piece, name;

	while (out->n < PARAMS_MAX && fer_str_cut(&query, '&', &piece)) {
		if (!fer_str_cut(&piece, '=', &name) || !piece.at || fer_str_find(piece, '=') >= 0)
			continue;
		if (protocol || !is_protocol(name))
			params_set(out, fer_url_decode(arena, name, false), fer_url_decode(arena, piece, false));
	}
}

void fer_oauth_collect(struct fer_arena *arena, const struct fer_credentials *credentials, struct fer_oauth_params *out)
{
	*out = (struct fer_oauth_params){ .at = FER_NEW_ARRAY(arena, PARAMS_MAX, struct fer_oauth_param) };
	collect_header(arena, credentials->authorization, out);
	if (credentials->body.len <= FORM_MAX && fer_str_starts(credentials->content_type, "application/x-www-form-urlencoded"))
		collect_form(arena, credentials->body, !out->n, out);
	if (credentials->query.len)
		collect_query(arena, credentials->query, !out->n, out);
}

const struct fer_str *fer_oauth_get(const struct fer_oauth_params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++)
		if (fer_str_is(params->at[i].name, name))
			return &params->at[i].value;
	return NULL;
}

/* -- the text that is signed ------------------------------------------------------------------------------------ */

/* The path as a client has normalised it: letters that need no escape are plain, escapes have capitals. */
static void put_path(struct fer_arena *arena, struct fer_buf *out, struct fer_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		struct fer_str one = fer_str_take(fer_str_skip(path, i), path.at[i] == '%' ? 3 : 1);
		struct fer_str plain = one.len == 3 ? fer_url_decode(arena, one, false) : one;

		if (one.len == 3 && plain.len == 1 && !fer_url_plain(plain.at[0]))
			fer_url_put(out, plain);
		else
			fer_buf_str(out, plain);
		i += one.len - 1;
	}
}

static struct fer_str host_of(const struct fer_credentials *credentials, struct fer_arena *arena)
{
	struct fer_str host = fer_str_lower(arena, credentials->host);
	const char *port = credentials->tls ? ":443" : ":80";
	size_t len = strlen(port);

	if (host.len > len && !memcmp(host.at + host.len - len, port, len))
		host.len -= len;
	return host;
}

static struct fer_str url_of(const struct fer_credentials *credentials, struct fer_arena *arena)
{
	struct fer_buf url;

	fer_buf_init(&url, arena, 16 + credentials->host.len + 3 * credentials->path.len);
	fer_buf_text(&url, credentials->tls ? "https://" : "http://");
	fer_buf_str(&url, host_of(credentials, arena));
	put_path(arena, &url, credentials->path);
	return fer_buf_view(&url);
}

static int order_bytes(const void *a, const void *b)
{
	const struct fer_oauth_param *x = a, *y = b;
	int order = fer_str_cmp(x->name, y->name);

	return order ? order : fer_str_cmp(x->value, y->value);
}

static bool is_digit(struct fer_str s)
{
	return s.len && s.at[0] >= '0' && s.at[0] <= '9';
}

/* Compare the numbers both begin with and cut them off: by value, or by digits when one begins with 0 (a fraction). */
static int order_numbers(struct fer_str *a, struct fer_str *b)
{
	bool fraction = a->at[0] == '0' || b->at[0] == '0';
	int bias = 0;

	while (is_digit(*a) && is_digit(*b)) {
		int order = (a->at[0] > b->at[0]) - (a->at[0] < b->at[0]);

		if (!bias)
			bias = order;
		if (fraction && order)
			return order;
		*a = fer_str_skip(*a, 1);
		*b = fer_str_skip(*b, 1);
	}
	if (is_digit(*a) || is_digit(*b))
		return is_digit(*a) ? 1 : -1;
	return bias;
}

/* As PHP's strnatcmp orders names that were percent-encoded (so without blanks). */
static int order_natural(const void *a, const void *b)
{
	struct fer_str x = ((const struct fer_oauth_param *)a)->name, y = ((const struct fer_oauth_param *)b)->name;
	int order;

	while (x.len && y.len) {
		if (is_digit(x) && is_digit(y)) {
			if ((order = order_numbers(&x, &y)))
				return order;
			continue;
		}
		if (x.at[0] != y.at[0])
			return (unsigned char)x.at[0] < (unsigned char)y.at[0] ? -1 : 1;
		x = fer_str_skip(x, 1);
		y = fer_str_skip(y, 1);
	}
	return (x.len > 0) - (y.len > 0);
}

static struct fer_str pairs_of(struct fer_arena *arena, const struct fer_oauth_params *params, bool natural)
{
	struct fer_oauth_param *sorted = FER_NEW_ARRAY(arena, params->n + 1, struct fer_oauth_param);
	size_t n = 0, size = 1;
	struct fer_buf buf;

	for (size_t i = 0; i < params->n; i++) {
		if (fer_str_is(params->at[i].name, "oauth_signature"))
			continue;
		sorted[n] = (struct fer_oauth_param){ fer_url_encode(arena, params->at[i].name),
		                                      fer_url_encode(arena, params->at[i].value) };
		size += sorted[n].name.len + sorted[n].value.len + 2;
		n++;
	}
	qsort(sorted, n, sizeof(*sorted), natural ? order_natural : order_bytes);
	fer_buf_init(&buf, arena, size);
	for (size_t i = 0; i < n; i++) {
		if (i)
			fer_buf_char(&buf, '&');
		fer_buf_str(&buf, sorted[i].name);
		fer_buf_char(&buf, '=');
		fer_buf_str(&buf, sorted[i].value);
	}
	return fer_buf_view(&buf);
}

struct fer_str fer_oauth_base_string(struct fer_arena *arena, const struct fer_credentials *credentials,
                                     const struct fer_oauth_params *params, bool natural)
{
	struct fer_str url = url_of(credentials, arena), pairs = pairs_of(arena, params, natural);
	struct fer_buf buf;

	fer_buf_init(&buf, arena, credentials->method.len + 3 * (url.len + pairs.len) + 3);
	fer_buf_str(&buf, credentials->method);
	fer_buf_char(&buf, '&');
	fer_url_put(&buf, url);
	fer_buf_char(&buf, '&');
	fer_url_put(&buf, pairs);
	return fer_buf_view(&buf);
}
