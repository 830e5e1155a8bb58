/*
 * Compact JSON web signatures. Reads nothing of a payload before its signature is proven, allocates nothing, and takes
 * the algorithm from its caller, never from the token.
 */
#include "auth/jws.h"

#include <errno.h>

#include <sodium.h>

#include "auth/jws_json.h"

#define HEADER_SIZE FER_BASE64URL_SIZE(FER_KID_SIZE + 32)

struct alg_row {
	const char *name;
	const char *header;    /* base64url of {"kid":"1","alg":"<name>"} */
	size_t size;           /* of the signature */
};

static const struct alg_row algs[FER_N_JWS_ALGS] = {
	[FER_JWS_HS256] = { "HS256", "eyJraWQiOiIxIiwiYWxnIjoiSFMyNTYifQ", 32 },
	[FER_JWS_HS384] = { "HS384", "eyJraWQiOiIxIiwiYWxnIjoiSFMzODQifQ", 48 },
	[FER_JWS_HS512] = { "HS512", "eyJraWQiOiIxIiwiYWxnIjoiSFM1MTIifQ", 64 },
};

bool fer_jws_alg(struct fer_str name, enum fer_jws_alg *out)
{
	for (int i = 0; i < FER_N_JWS_ALGS; i++) {
		if (fer_str_is(name, algs[i].name)) {
			*out = (enum fer_jws_alg)i;
			return true;
		}
	}
	return false;
}

const char *fer_jws_alg_name(enum fer_jws_alg alg)
{
	return algs[alg].name;
}

/* -- base64url -------------------------------------------------------------------------------------------------- */

static const char letters[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Six bits and one more: 0 is "no letter", so that the table needs no filling of the rest. */
static const unsigned char values[256] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
	['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
	['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
	['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
	['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

size_t fer_base64url_encode(char *out, const void *bytes, size_t size)
{
	const unsigned char *in = bytes;
	unsigned bits = 0;
	int held = 0;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		bits = bits << 8 | in[i];
		for (held += 8; held >= 6; held -= 6)
			out[n++] = letters[bits >> (held - 6) & 63];
	}
	if (held)
		out[n++] = letters[bits << (6 - held) & 63];
	return n;
}

/* Four letters to three bytes; false when one is no letter. */
static bool decode_four(unsigned char *out, const unsigned char *in)
{
	unsigned a = values[in[0]], b = values[in[1]], c = values[in[2]], d = values[in[3]];
	unsigned bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);

	out[0] = (unsigned char)(bits >> 16);
	out[1] = (unsigned char)(bits >> 8);
	out[2] = (unsigned char)bits;
	return a && b && c && d;
}

ptrdiff_t fer_base64url_decode(unsigned char *out, struct fer_str text)
{
	const unsigned char *in = (const unsigned char *)text.at;
	size_t i = 0, rest = text.len % 4;
	unsigned bits = 0;
	ptrdiff_t n = 0;

	for (; i + 4 <= text.len; i += 4, n += 3)
		if (!decode_four(out + n, in + i))
			return -1;
	for (; i < text.len; i++) {
		if (!values[in[i]])
			return -1;
		bits = bits << 6 | (values[in[i]] - 1u);
	}
	/* A single letter holds no whole byte; bits left over must be zero, or one token would have many spellings. */
	if (rest == 1 || (rest == 2 && bits & 15) || (rest == 3 && bits & 3))
		return -1;
	if (rest == 2)
		out[n++] = (unsigned char)(bits >> 4);
	if (rest == 3) {
		out[n++] = (unsigned char)(bits >> 10);
		out[n++] = (unsigned char)(bits >> 2);
	}
	return n;
}

/* -- issuing ---------------------------------------------------------------------------------------------------- */

static size_t header_put(char *text, const char *kid, enum fer_jws_alg alg)
{
	char plain[FER_KID_SIZE + 32];
	int size;

	if (!strcmp(kid, FER_KID_MAGENTO)) {
		memcpy(text, algs[alg].header, strlen(algs[alg].header));
		return strlen(algs[alg].header);
	}
	size = snprintf(plain, sizeof(plain), "{\"kid\":\"%s\",\"alg\":\"%s\"}", kid, algs[alg].name);
	return fer_base64url_encode(text, plain, (size_t)size);
}

int fer_jws_issue(struct fer_arena *arena, const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_claims *claims,
                  struct fer_str *out)
{
	size_t n, key = fer_keys_current(keys);
	unsigned char signature[FER_HMAC_MAX];
	struct fer_str payload = fer_str_fmt(arena, "{\"uid\":%lld,\"utypid\":%lld,\"iat\":%lld,\"exp\":%lld}",
	                                     (long long)claims->uid, (long long)claims->utypid, (long long)claims->iat,
	                                     (long long)claims->exp);
	char *text = fer_alloc(arena, HEADER_SIZE + 2 + FER_BASE64URL_SIZE(payload.len) + FER_BASE64URL_SIZE(sizeof(signature)) + 1);
	int size;

	n = header_put(text, fer_keys_kid(keys, key), alg);
	text[n++] = '.';
	n += fer_base64url_encode(text + n, payload.at, payload.len);
	if ((size = fer_keys_sign_by(keys, key, alg, (struct fer_str){ text, n }, signature)) < 0)
		return size;
	text[n++] = '.';
	n += fer_base64url_encode(text + n, signature, (size_t)size);
	claims->key = key;
	*out = (struct fer_str){ text, n };
	return 0;
}

/* -- reading ---------------------------------------------------------------------------------------------------- */

struct parts {
	struct fer_str header, payload, signature, signed_text;
};

static bool token_split(struct fer_str token, struct parts *out)
{
	const char *first = token.len ? memchr(token.at, '.', token.len) : NULL;
	const char *end = token.at + token.len, *second;

	if (token.len > FER_JWS_MAX || !first || !(second = memchr(first + 1, '.', (size_t)(end - first - 1))))
		return false;
	out->header = (struct fer_str){ token.at, (size_t)(first - token.at) };
	out->payload = (struct fer_str){ first + 1, (size_t)(second - first - 1) };
	out->signature = (struct fer_str){ second + 1, (size_t)(end - second - 1) };
	out->signed_text = (struct fer_str){ token.at, (size_t)(second - token.at) };
	return true;
}

struct header {
	struct fer_str alg, kid;    /* raw text of the value, with its quotes */
	bool foreign;               /* a member that changes how the rest is to be read */
};

static bool take_header(void *data, struct fer_str name, struct fer_str value)
{
	static const char *const foreign[] = { "cty", "crit", "b64" };
	struct header *header = data;

	if (fer_json_name_is(name, "alg"))
		header->alg = value;
	if (fer_json_name_is(name, "kid"))
		header->kid = value;
	for (size_t i = 0; i < FER_ARRAY_LEN(foreign); i++)
		header->foreign |= fer_json_name_is(name, foreign[i]);
	return true;
}

/* A name of ours, or the key in use: nothing but this comparison is ever done with a kid. */
static size_t key_select(const struct fer_keys *keys, struct fer_str raw)
{
	struct fer_str kid;

	if (fer_json_text(raw, &kid) && kid.len)
		for (size_t i = fer_keys_count(keys); i-- > 0;)
			if (fer_json_name_is(kid, fer_keys_kid(keys, i)))
				return i;
	return fer_keys_current(keys);
}

/* @bytes has room for what @coded holds. */
static enum fer_jws_verdict header_take(const struct fer_keys *keys, struct fer_str coded, unsigned char *bytes, const struct alg_row *row,
                                        size_t *key)
{
	struct header header = { 0 };
	ptrdiff_t size = fer_base64url_decode(bytes, coded);
	struct fer_str alg;

	if (size < 0 || !fer_json_scan((struct fer_str){ (const char *)bytes, (size_t)size }, take_header, &header))
		return FER_JWS_MALFORMED;
	if (header.foreign || !fer_json_text(header.alg, &alg) || !fer_json_name_is(alg, row->name))
		return FER_JWS_WRONG_ALG;
	*key = key_select(keys, header.kid);
	return FER_JWS_GOOD;
}

static enum fer_jws_verdict __attribute__((noinline)) header_judge_long(const struct fer_keys *keys, struct fer_str coded,
                                                                        const struct alg_row *row, size_t *key)
{
	unsigned char bytes[FER_JWS_MAX * 3 / 4 + 1];

	return header_take(keys, coded, bytes, row, key);
}

/* Small buffers for the usual: a large one costs its clearing (-ftrivial-auto-var-init). */
static enum fer_jws_verdict header_judge(const struct fer_keys *keys, struct fer_str coded, const struct alg_row *row, size_t *key)
{
	unsigned char bytes[256];

	return coded.len <= sizeof(bytes) ? header_take(keys, coded, bytes, row, key) : header_judge_long(keys, coded, row, key);
}

/* Returns: an enum fer_jws_verdict, or < 0. */
static int signature_judge(const struct fer_keys *keys, size_t key, enum fer_jws_alg alg, const struct parts *parts)
{
	unsigned char given[FER_HMAC_MAX + 2], right[FER_HMAC_MAX];
	int size;

	if (parts->signature.len != FER_BASE64URL_SIZE(algs[alg].size))
		return FER_JWS_FORGED;
	if (fer_base64url_decode(given, parts->signature) != (ptrdiff_t)algs[alg].size)
		return FER_JWS_MALFORMED;
	if ((size = fer_keys_sign_by(keys, key, alg, parts->signed_text, right)) < 0)
		return size;
	return sodium_memcmp(given, right, (size_t)size) ? FER_JWS_FORGED : FER_JWS_GOOD;
}

ptrdiff_t fer_jws_signer(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str token)
{
	struct parts parts;

	if (!token_split(token, &parts))
		return -1;
	for (size_t i = fer_keys_count(keys); i-- > 0;)
		if (signature_judge(keys, i, alg, &parts) == FER_JWS_GOOD)
			return (ptrdiff_t)i;
	return -1;
}

static const struct {
	const char *name;
	size_t at;
} claim_rows[] = {
	{ "uid", offsetof(struct fer_claims, uid) },
	{ "utypid", offsetof(struct fer_claims, utypid) },
	{ "iat", offsetof(struct fer_claims, iat) },
	{ "exp", offsetof(struct fer_claims, exp) },
};

/* An integer, or a text that is one. Leaves 0, which no claim may be, for anything else. */
static int64_t claim_value(struct fer_str raw)
{
	int64_t n = 0;
	bool minus;

	if (raw.len && raw.at[0] == '"')
		raw = (struct fer_str){ raw.at + 1, raw.len - 2 };
	if ((minus = raw.len && raw.at[0] == '-'))
		raw = fer_str_skip(raw, 1);
	if (!raw.len || raw.len > 18)
		return 0;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.at[i] < '0' || raw.at[i] > '9')
			return 0;
		n = n * 10 + (raw.at[i] - '0');
	}
	return minus ? -n : n;
}

static bool take_claim(void *data, struct fer_str name, struct fer_str value)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(claim_rows); i++)
		if (fer_json_name_is(name, claim_rows[i].name))
			*(int64_t *)((char *)data + claim_rows[i].at) = claim_value(value);
	return true;
}

/* @bytes has room for what @coded holds. */
static enum fer_jws_verdict payload_take(struct fer_str coded, unsigned char *bytes, struct fer_claims *out)
{
	struct fer_claims claims = { 0 };
	ptrdiff_t size = fer_base64url_decode(bytes, coded);

	if (size < 0 || !fer_json_scan((struct fer_str){ (const char *)bytes, (size_t)size }, take_claim, &claims))
		return FER_JWS_MALFORMED;
	if (!claims.uid || !claims.utypid || !claims.iat || !claims.exp)
		return FER_JWS_NO_CLAIMS;
	*out = claims;
	return FER_JWS_GOOD;
}

static enum fer_jws_verdict __attribute__((noinline)) payload_judge_long(struct fer_str coded, struct fer_claims *out)
{
	unsigned char bytes[FER_JWS_MAX * 3 / 4 + 1];

	return payload_take(coded, bytes, out);
}

static enum fer_jws_verdict payload_judge(struct fer_str coded, struct fer_claims *out)
{
	unsigned char bytes[256];

	return coded.len <= sizeof(bytes) ? payload_take(coded, bytes, out) : payload_judge_long(coded, out);
}

int fer_jws_read(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str token, struct fer_claims *out)
{
	struct parts parts;
	size_t key;
	int verdict;

	if (!token_split(token, &parts))
		return FER_JWS_MALFORMED;
	if ((verdict = (int)header_judge(keys, parts.header, &algs[alg], &key)) || (verdict = signature_judge(keys, key, alg, &parts)) ||
	    (verdict = (int)payload_judge(parts.payload, out)))
		return verdict;
	out->key = key;
	return FER_JWS_GOOD;
}
