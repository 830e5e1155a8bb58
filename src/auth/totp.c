/*
 * One-time codes. liboath does the arithmetic; here stand Magento's secret and its window.
 */
#include "auth/totp.h"

#include <errno.h>
#include <liboath/oath.h>
#include <pthread.h>
#include <sodium.h>

#include "auth/keys.h"

#define RANDOM_SIZE 128
#define LEEWAY_MAX_S (FER_TOTP_STEP_S - 1)
#define SECRET_MAX 1024    /* characters; Magento's are 212 */
#define SECRET_LEAST 10    /* bytes: what other authenticators hand out at least */

static void start(void)
{
	oath_init();
}

/* Secrets pass through liboath's own memory: wiped before it is given back. */
struct bytes {
	char *at;
	size_t size;
};

static void bytes_release(struct bytes *bytes)
{
	if (bytes->at)
		sodium_memzero(bytes->at, bytes->size);
	free(bytes->at);
}

static int decode(struct fer_arena *arena, struct fer_str secret, struct bytes *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char *upper;

	pthread_once(&once, start);
	if (!secret.len || secret.len > SECRET_MAX)
		return -EINVAL;
	upper = fer_alloc(arena, secret.len + 1);
	for (size_t i = 0; i < secret.len; i++)
		upper[i] = (char)(secret.at[i] >= 'a' && secret.at[i] <= 'z' ? secret.at[i] - 'a' + 'A' : secret.at[i]);
	switch (oath_base32_decode(upper, secret.len, &out->at, &out->size)) {
	case OATH_OK: return 0;
	case OATH_MALLOC_ERROR: return -ENOMEM;
	default: return -EINVAL;
	}
}

int fer_totp_secret(struct fer_arena *arena, struct fer_str *out)
{
	struct { char seed[4]; unsigned char random[RANDOM_SIZE]; } raw = { .seed = { 'a', 'b', 'c', 'd' } };
	FER_CLEANUP(bytes_release) struct bytes text = { 0 };
	int r;

	randombytes_buf(raw.random, sizeof(raw.random));
	r = oath_base32_encode((const char *)&raw, sizeof(raw), &text.at, &text.size);
	sodium_memzero(&raw, sizeof(raw));
	if (r != OATH_OK)
		return -ENOMEM;
	*out = fer_str_dup(arena, (struct fer_str){ text.at, strcspn(text.at, "=") });
	return 0;
}

bool fer_totp_secret_fits(struct fer_arena *arena, struct fer_str secret)
{
	FER_CLEANUP(bytes_release) struct bytes bytes = { 0 };

	return decode(arena, secret, &bytes) == 0 && bytes.size >= SECRET_LEAST;
}

static int code_at(const struct bytes *secret, int64_t at_s, char out[FER_TOTP_DIGITS + 1])
{
	return oath_totp_generate(secret->at, secret->size, (time_t)at_s, FER_TOTP_STEP_S, OATH_TOTP_DEFAULT_START_TIME,
	                          FER_TOTP_DIGITS, out) == OATH_OK ? 0 : -EINVAL;
}

int fer_totp_code(struct fer_arena *arena, struct fer_str secret, int64_t now_s, char out[FER_TOTP_DIGITS + 1])
{
	FER_CLEANUP(bytes_release) struct bytes bytes = { 0 };
	int r = decode(arena, secret, &bytes);

	return r ? r : code_at(&bytes, now_s, out);
}

int fer_totp_match(struct fer_arena *arena, struct fer_str secret, struct fer_str code, int64_t now_s, int64_t leeway_s,
                   int64_t *step)
{
	int64_t leeway = leeway_s < 0 ? 0 : leeway_s > LEEWAY_MAX_S ? LEEWAY_MAX_S : leeway_s;
	const int64_t moments[] = { now_s - leeway, now_s, now_s + leeway };
	FER_CLEANUP(bytes_release) struct bytes bytes = { 0 };
	char right[FER_TOTP_DIGITS + 1];
	int found = 0, r = decode(arena, secret, &bytes);

	if (r)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < FER_ARRAY_LEN(moments); i++) {
		if (code_at(&bytes, moments[i], right) || !fer_secret_eq(fer_str(right), code))
			continue;
		*step = moments[i] / FER_TOTP_STEP_S;
		found = 1;
	}
	sodium_memzero(right, sizeof(right));
	return found;
}

struct fer_str fer_totp_uri(struct fer_arena *arena, struct fer_str issuer, struct fer_str label, struct fer_str secret)
{
	struct fer_str who = fer_str_fmt(arena, "%.*s:%.*s", FER_F(issuer), FER_F(label));

	return fer_str_fmt(arena, "otpauth://totp/%.*s?issuer=%.*s&secret=%.*s", FER_F(fer_url_encode(arena, who)),
	                   FER_F(fer_url_encode(arena, issuer)), FER_F(fer_url_encode(arena, secret)));
}
