/*
 * Any bytes as a bearer token; and the same bytes as header and payload behind a right signature, so that parsing is reached.
 */
#include <assert.h>

#include "auth/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* The keys hold what GnuTLS allocated, in locked pages which the leak check does not read. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static struct fer_keys *keys;

static struct fer_str sign(char *text, size_t n)
{
	unsigned char signature[FER_HMAC_MAX];
	int size = fer_keys_sign(keys, FER_JWS_HS256, (struct fer_str){ text, n }, signature);

	assert(size == 32);
	text[n++] = '.';
	return (struct fer_str){ text, n + fer_base64url_encode(text + n, signature, 32) };
}

/* @data up to its first NUL is the header (none: ours), the rest the payload. */
static void with_signature(const uint8_t *data, size_t size)
{
	static const char ours[] = "{\"kid\":\"1\",\"alg\":\"HS256\"}";
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t header = nul ? (size_t)(nul - data) : 0, n;
	struct fer_claims claims = { 0 };
	char text[16384];

	n = nul ? fer_base64url_encode(text, data, header) : fer_base64url_encode(text, ours, sizeof(ours) - 1);
	text[n++] = '.';
	n += fer_base64url_encode(text + n, data + (nul ? header + 1 : 0), size - (nul ? header + 1 : 0));
	if (fer_jws_read(keys, FER_JWS_HS256, sign(text, n), &claims) == FER_JWS_GOOD)
		assert(claims.uid && claims.utypid && claims.iat && claims.exp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_claims claims;
	char why[256];

	if (!keys && fer_keys_new(FER_S("0123456789abcdef0123456789abcdef"), &keys, why))
		abort();
	assert(fer_jws_read(keys, FER_JWS_HS256, (struct fer_str){ (const char *)data, size }, &claims) != FER_JWS_GOOD);
	if (size < 5000)
		with_signature(data, size);
	return 0;
}
