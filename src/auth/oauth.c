/*
 * OAuth 1.0a requests of integrations. Collecting parameters and ordering them follows Magento's helper and Laminas, odd
 * corners included, because both sides must sign the same text.
 */
#include "auth/oauth.h"

#include <errno.h>

#include <sodium.h>

#define PARAMS_MAX 256         /* beyond it the rest is not looked at, so the signature does not fit */
#define FORM_MAX 65536         /* nor at a longer form */
#define KEY_LEN 32
#define NONCE_LEN 32
#define AHEAD_S 600            /* how far a client's clock may be ahead */
#define METHOD "HMAC-SHA256"

/* Those without which nothing is checked, in the order in which they are missed. */
static const char *const required[] = {
	"oauth_consumer_key", "oauth_signature", "oauth_signature_method", "oauth_nonce", "oauth_timestamp", "oauth_token",
};

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

static const struct fer_str *param(const struct fer_oauth_params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++)
		if (fer_str_is(params->at[i].name, name))
			return &params->at[i].value;
	return NULL;
}

/* -- the text that is signed ------------------------------------------------------------------------------------ */

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static void put_encoded(struct fer_buf *out, struct fer_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (is_unreserved(s.at[i])) {
			fer_buf_char(out, s.at[i]);
			continue;
		}
		fer_buf_char(out, '%');
		fer_buf_char(out, hex[c >> 4]);
		fer_buf_char(out, hex[c & 15]);
	}
}

static struct fer_str encoded(struct fer_arena *arena, struct fer_str s)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, s.len * 3 + 1);
	put_encoded(&buf, s);
	return fer_buf_view(&buf);
}

/* The path as a client has normalised it: letters that need no escape are plain, escapes have capitals. */
static void put_path(struct fer_arena *arena, struct fer_buf *out, struct fer_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		struct fer_str one = fer_str_take(fer_str_skip(path, i), path.at[i] == '%' ? 3 : 1);
		struct fer_str plain = one.len == 3 ? fer_url_decode(arena, one, false) : one;

		if (one.len == 3 && plain.len == 1 && !is_unreserved(plain.at[0]))
			put_encoded(out, plain);
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
		sorted[n] = (struct fer_oauth_param){ encoded(arena, params->at[i].name), encoded(arena, params->at[i].value) };
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
	put_encoded(&buf, url);
	fer_buf_char(&buf, '&');
	put_encoded(&buf, pairs);
	return fer_buf_view(&buf);
}

/* -- checking --------------------------------------------------------------------------------------------------- */

/* The rows that stand behind the keys of a request. */
struct rows {
	int64_t consumer_id, token_consumer_id, integration_id;
	struct fer_str consumer_secret, token_secret;   /* as stored: encrypted */
	bool has_token, access, revoked;
};

struct check {
	struct fer_auth *auth;
	const struct fer_credentials *credentials;
	int64_t now_s;
	struct fer_arena *arena;
	struct fer_fault *fault;
	struct fer_oauth_params params;
	struct rows rows;
};

static int refuse(struct check *c, enum fer_error error)
{
	return fer_fault_add(c->arena, c->fault, error, NULL);
}

static int refuse_naming(struct check *c, enum fer_error error, struct fer_str what)
{
	return fer_fault_add(c->arena, c->fault, error, "1", fer_string(what), NULL);
}

static int check_version(struct check *c)
{
	const struct fer_str *version = param(&c->params, "oauth_version");
	fer_micro number;

	/* Compared as numbers there: "1" and "1.00" pass. */
	if (!version || (fer_decimal_parse(*version, &number) && number == FER_ONE))
		return 0;
	return refuse_naming(c, FER_E_OAUTH_VERSION, *version);
}

static int check_present(struct check *c)
{
	int r = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(required); i++)
		if (!param(&c->params, required[i]))
			r = fer_fault_add(c->arena, c->fault, FER_E_REQUIRED, "fieldName", fer_text(required[i]), NULL);
	return r;
}

static int check_shape(struct check *c)
{
	const struct fer_str *method = param(&c->params, "oauth_signature_method");

	if (param(&c->params, "oauth_token")->len != KEY_LEN)
		return refuse(c, FER_E_OAUTH_TOKEN_LENGTH);
	if (!fer_str_is(*method, METHOD))
		return refuse_naming(c, FER_E_OAUTH_METHOD, *method);
	return param(&c->params, "oauth_consumer_key")->len == KEY_LEN ? 0 : refuse(c, FER_E_OAUTH_CONSUMER_LENGTH);
}

static int read_consumer(struct fer_db *db, struct check *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_CONSUMER_BY_KEY, &stmt, "s", *param(&c->params, "oauth_consumer_key"))) ||
	    (r = fer_stmt_step(stmt)) <= 0)
		return r;
	c->rows.consumer_id = fer_col_int(stmt, 0);
	c->rows.consumer_secret = fer_col_dup(c->arena, stmt, 1);
	return 0;
}

static int read_token(struct fer_db *db, struct check *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_TOKEN_OF_CONSUMER, &stmt, "s", *param(&c->params, "oauth_token"))) ||
	    (r = fer_stmt_step(stmt)) <= 0)
		return r;
	c->rows.has_token = true;
	c->rows.token_consumer_id = fer_col_int(stmt, 0);
	c->rows.access = fer_str_is(fer_col_str(stmt, 1), "access");
	c->rows.revoked = fer_col_int(stmt, 2) != 0;
	c->rows.token_secret = fer_col_dup(c->arena, stmt, 3);
	return 0;
}

static int read_integration(struct fer_db *db, struct check *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_INTEGRATION_OF_CONSUMER, &stmt, "i", c->rows.consumer_id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	if (fer_col_int(stmt, 1) == 1)
		c->rows.integration_id = fer_col_int(stmt, 0);
	return 0;
}

/* Everything in one go, so that the connection is back before the nonce takes the writer. */
static int read_rows(struct check *c)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(c->auth), &db)))
		return r;
	if (!(r = read_consumer(db, c)) && c->rows.consumer_id && !(r = read_token(db, c)))
		r = read_integration(db, c);
	fer_db_return(db);
	return r;
}

struct nonce {
	struct fer_str text;
	int64_t timestamp, consumer_id;
};

static int nonce_insert(struct fer_db *db, void *data)
{
	const struct nonce *nonce = data;

	return fer_sql_run(db, FER_SQL_NONCE_INSERT, NULL, "sii", nonce->text, nonce->timestamp, nonce->consumer_id);
}

/* The row is the check: of two equal requests one finds the key taken. */
static int check_nonce(struct check *c)
{
	struct nonce nonce = { .text = fer_str_take(*param(&c->params, "oauth_nonce"), NONCE_LEN), .consumer_id = c->rows.consumer_id };
	struct fer_value timestamp = fer_string(*param(&c->params, "oauth_timestamp"));
	int r;

	nonce.timestamp = fer_as_int(&timestamp);
	if (nonce.timestamp <= 0 || nonce.timestamp > c->now_s + AHEAD_S || nonce.timestamp > UINT32_MAX || !fer_utf8_valid(nonce.text))
		return refuse(c, FER_E_OAUTH_NONCE);
	r = fer_tx_run(fer_auth_store(c->auth), FER_TX_QUIET, nonce_insert, &nonce);
	if (r == -EEXIST)
		return refuse_naming(c, FER_E_OAUTH_NONCE_USED, fer_str_fmt(c->arena, "%lld", (long long)nonce.consumer_id));
	return r;
}

static int check_token(struct check *c)
{
	if (!c->rows.has_token)
		return refuse(c, FER_E_OAUTH_TOKEN_UNKNOWN);
	if (c->rows.token_consumer_id != c->rows.consumer_id)
		return refuse(c, FER_E_OAUTH_TOKEN_CONSUMER);
	if (!c->rows.access)
		return refuse(c, FER_E_OAUTH_TOKEN_TYPE);
	return c->rows.revoked ? refuse(c, FER_E_OAUTH_TOKEN_REVOKED) : 0;
}

/* Errors: -EBADMSG a secret that our keys do not open. */
static int signing_key(struct check *c, struct fer_arena *secrets, struct fer_str *out)
{
	const struct fer_keys *keys = fer_auth_keys(c->auth);
	struct fer_str consumer, token;
	int r;

	if ((r = fer_keys_decrypt(keys, secrets, c->rows.consumer_secret, &consumer)) ||
	    (r = fer_keys_decrypt(keys, secrets, c->rows.token_secret, &token)))
		return r;
	consumer = encoded(secrets, consumer);
	token = encoded(secrets, token);
	*out = fer_str_fmt(secrets, "%.*s&%.*s", FER_F(consumer), FER_F(token));
	return 0;
}

static int signature_fits(struct check *c, struct fer_str key, bool natural, bool *fits)
{
	struct fer_str text = fer_oauth_base_string(c->arena, c->credentials, &c->params, natural);
	char right[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	unsigned char digest[32];
	int r;

	if ((r = fer_hmac_sha256(key, text, digest)))
		return r;
	sodium_bin2base64(right, sizeof(right), digest, sizeof(digest), sodium_base64_VARIANT_ORIGINAL);
	*fits = fer_secret_eq(fer_str(right), *param(&c->params, "oauth_signature"));
	return 0;
}

/* Names in the order of RFC 5849; then as Laminas sorts them, which differs where names hold numbers. */
static int check_signature(struct check *c)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *secrets = fer_arena_new_wiping(1 << 16);
	struct fer_str key;
	bool fits = false;
	int r;

	if (!secrets)
		return -ENOMEM;
	if ((r = signing_key(c, secrets, &key)))
		return r == -EBADMSG ? refuse(c, FER_E_OAUTH_SIGNATURE) : r;
	if ((r = signature_fits(c, key, false, &fits)) || (!fits && (r = signature_fits(c, key, true, &fits))))
		return r;
	return fits ? 0 : refuse(c, FER_E_OAUTH_SIGNATURE);
}

int fer_oauth_authenticate(struct fer_auth *auth, const struct fer_credentials *credentials, int64_t now_s,
                           struct fer_arena *arena, struct fer_fault *fault, int64_t *integration_id)
{
	struct check c = { .auth = auth, .credentials = credentials, .now_s = now_s, .arena = arena, .fault = fault };
	int r;

	*integration_id = 0;
	fer_oauth_collect(arena, credentials, &c.params);
	if (!c.params.n)
		return 0;
	if ((r = check_version(&c)) || (r = check_present(&c)) || (r = check_shape(&c)) || (r = read_rows(&c)))
		return r;
	if (!c.rows.consumer_id)
		return refuse(&c, FER_E_OAUTH_CONSUMER_UNKNOWN);
	if ((r = check_nonce(&c)) || (r = check_token(&c)) || (r = check_signature(&c)))
		return r;
	*integration_id = c.rows.integration_id;
	return 0;
}
