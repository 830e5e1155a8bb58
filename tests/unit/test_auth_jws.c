/*
 * What is taken for a token and what is not: abuse of form, algorithm and claims; base64url; keys and stored secrets.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "auth/jws.h"
#include "auth/key_store.h"

#define KEY "0123456789abcdef0123456789abcdef"

static struct fer_keys *keys;
static struct fer_arena *arena;

static int setup(void **state)
{
	char why[256];

	arena = fer_arena_new(1 << 24);
	return fer_keys_new(FER_S(KEY), &keys, why);
}

static int teardown(void **state)
{
	fer_keys_free(keys);
	fer_arena_free(arena);
	return 0;
}

static struct fer_str coded(const void *bytes, size_t size)
{
	char *text = fer_alloc(arena, FER_BASE64URL_SIZE(size) + 1);

	return (struct fer_str){ text, fer_base64url_encode(text, bytes, size) };
}

/* A token with any header and payload and a right signature. */
static struct fer_str forge(const char *header, struct fer_str payload, enum fer_jws_alg alg)
{
	struct fer_str h = coded(header, strlen(header)), p = coded(payload.at, payload.len);
	struct fer_str text = fer_str_fmt(arena, "%.*s.%.*s", FER_F(h), FER_F(p));
	unsigned char signature[FER_HMAC_MAX];
	int size = fer_keys_sign(keys, alg, text, signature);
	struct fer_str s;

	assert_true(size > 0);
	s = coded(signature, (size_t)size);
	return fer_str_fmt(arena, "%.*s.%.*s", FER_F(text), FER_F(s));
}

#define HEADER "{\"kid\":\"1\",\"alg\":\"HS256\"}"
#define CLAIMS "\"uid\":1,\"utypid\":2,\"iat\":1700000000,\"exp\":1700003600"

static const struct {
	const char *name, *header;
	int verdict;
} headers[] = {
	{ "as Magento writes it", HEADER, FER_JWS_GOOD },
	{ "no kid", "{\"alg\":\"HS256\"}", FER_JWS_GOOD },
	{ "another kid", "{\"kid\":\"7\",\"alg\":\"HS256\"}", FER_JWS_GOOD },
	{ "crit asks for what is not understood", "{\"alg\":\"HS256\",\"crit\":[\"a\",{\"b\":null}]}", FER_JWS_WRONG_ALG },
	{ "b64 would make it another payload", "{\"alg\":\"HS256\",\"b64\":true}", FER_JWS_WRONG_ALG },
	{ "typ, jku and x5c are ignored", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jku\":\"http:\\/\\/x\",\"x5c\":[]}", FER_JWS_GOOD },
	{ "blanks", " {\t\"alg\" :\n\"HS256\" } ", FER_JWS_GOOD },
	{ "escaped name and value", "{\"\\u0061lg\":\"HS2\\u00356\"}", FER_JWS_GOOD },
	{ "alg none", "{\"alg\":\"none\"}", FER_JWS_WRONG_ALG },
	{ "alg in small letters", "{\"alg\":\"hs256\"}", FER_JWS_WRONG_ALG },
	{ "another HMAC", "{\"alg\":\"HS512\"}", FER_JWS_WRONG_ALG },
	{ "a public-key algorithm", "{\"alg\":\"RS256\"}", FER_JWS_WRONG_ALG },
	{ "a key wrap", "{\"alg\":\"A128KW\"}", FER_JWS_WRONG_ALG },
	{ "alg longer", "{\"alg\":\"HS256 \"}", FER_JWS_WRONG_ALG },
	{ "alg with a NUL", "{\"alg\":\"HS256\\u0000\"}", FER_JWS_WRONG_ALG },
	{ "alg is a list", "{\"alg\":[\"HS256\"]}", FER_JWS_WRONG_ALG },
	{ "alg is a number", "{\"alg\":256}", FER_JWS_WRONG_ALG },
	{ "no alg", "{\"kid\":\"1\"}", FER_JWS_WRONG_ALG },
	{ "empty", "{}", FER_JWS_WRONG_ALG },
	{ "alg twice", "{\"alg\":\"HS256\",\"alg\":\"HS256\"}", FER_JWS_MALFORMED },
	{ "alg twice, once escaped", "{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}", FER_JWS_MALFORMED },
	{ "nested token", "{\"alg\":\"HS256\",\"cty\":\"JWT\"}", FER_JWS_WRONG_ALG },
	{ "a list", "[\"alg\",\"HS256\"]", FER_JWS_MALFORMED },
	{ "text", "\"HS256\"", FER_JWS_MALFORMED },
	{ "nothing", "", FER_JWS_MALFORMED },
	{ "comma at the end", "{\"alg\":\"HS256\",}", FER_JWS_MALFORMED },
	{ "something behind", "{\"alg\":\"HS256\"}x", FER_JWS_MALFORMED },
	{ "single quotes", "{'alg':'HS256'}", FER_JWS_MALFORMED },
	{ "control character", "{\"alg\":\"HS256\",\"a\":\"\x01\"}", FER_JWS_MALFORMED },
	{ "half a surrogate pair", "{\"alg\":\"HS256\",\"a\":\"\\ud800\"}", FER_JWS_MALFORMED },
	{ "bad UTF-8", "{\"alg\":\"HS256\",\"a\":\"\xff\"}", FER_JWS_MALFORMED },
	{ "too deep", "{\"alg\":\"HS256\",\"a\":[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]}", FER_JWS_MALFORMED },
};

static void headers_are_judged(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(headers); i++) {
		struct fer_str token = forge(headers[i].header, FER_S("{" CLAIMS "}"), FER_JWS_HS256);
		struct fer_claims claims;

		print_message("  %s\n", headers[i].name);
		assert_int_equal(fer_jws_read(keys, FER_JWS_HS256, token, &claims), headers[i].verdict);
	}
}

static const struct {
	const char *name, *payload;
	int verdict;
} payloads[] = {
	{ "as Magento writes it", "{" CLAIMS "}", FER_JWS_GOOD },
	{ "further claims", "{" CLAIMS ",\"nbf\":9999999999,\"aud\":[\"x\"],\"iss\":{\"a\":1.5e3},\"t\":true,\"f\":false,\"n\":null}", FER_JWS_GOOD },
	{ "uid as text", "{\"uid\":\"1\",\"utypid\":\"2\",\"iat\":\"1700000000\",\"exp\":\"1700003600\"}", FER_JWS_GOOD },
	{ "another order, blanks", "{ \"exp\" : 1700003600 , \"iat\":1700000000,\"utypid\":2,\"uid\":1 }", FER_JWS_GOOD },
	{ "uid missing", "{\"utypid\":2,\"iat\":1700000000,\"exp\":1700003600}", FER_JWS_NO_CLAIMS },
	{ "exp missing", "{\"uid\":1,\"utypid\":2,\"iat\":1700000000}", FER_JWS_NO_CLAIMS },
	{ "uid 0", "{\"uid\":0,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid \"0\"", "{\"uid\":\"0\",\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid empty", "{\"uid\":\"\",\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid null", "{\"uid\":null,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid false", "{\"uid\":false,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid true", "{\"uid\":true,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid a list", "{\"uid\":[1],\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid a word", "{\"uid\":\"1 or 1\",\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "uid hexadecimal", "{\"uid\":\"0x1\",\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_NO_CLAIMS },
	{ "exp a float", "{\"uid\":1,\"utypid\":2,\"iat\":1,\"exp\":2.5}", FER_JWS_NO_CLAIMS },
	{ "exp with an exponent", "{\"uid\":1,\"utypid\":2,\"iat\":1,\"exp\":2e9}", FER_JWS_NO_CLAIMS },
	{ "exp past 64 bits", "{\"uid\":1,\"utypid\":2,\"iat\":1,\"exp\":99999999999999999999}", FER_JWS_NO_CLAIMS },
	{ "uid twice", "{" CLAIMS ",\"uid\":2}", FER_JWS_MALFORMED },
	{ "uid twice, once escaped", "{" CLAIMS ",\"\\u0075id\":2}", FER_JWS_MALFORMED },
	{ "a further claim twice", "{" CLAIMS ",\"a\":1,\"a\":1}", FER_JWS_MALFORMED },
	{ "leading zero", "{\"uid\":01,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_MALFORMED },
	{ "plus sign", "{\"uid\":+1,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_MALFORMED },
	{ "NaN", "{\"uid\":NaN,\"utypid\":2,\"iat\":1,\"exp\":2}", FER_JWS_MALFORMED },
	{ "not closed", "{" CLAIMS, FER_JWS_MALFORMED },
	{ "a list", "[1,2,3,4]", FER_JWS_MALFORMED },
	{ "a comment", "{" CLAIMS "/**/}", FER_JWS_MALFORMED },
	{ "nothing", "", FER_JWS_MALFORMED },
};

static void payloads_are_judged(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(payloads); i++) {
		struct fer_claims claims = { 0 };

		print_message("  %s\n", payloads[i].name);
		assert_int_equal(fer_jws_read(keys, FER_JWS_HS256, forge(HEADER, fer_str(payloads[i].payload), FER_JWS_HS256), &claims),
		                 payloads[i].verdict);
		if (!payloads[i].verdict)
			assert_int_equal(claims.uid, 1);
	}
}

static void the_algorithm_comes_from_the_configuration(void **state)
{
	for (int signed_with = 0; signed_with < FER_N_JWS_ALGS; signed_with++) {
		for (int configured = 0; configured < FER_N_JWS_ALGS; configured++) {
			struct fer_str header = fer_str_fmt(arena, "{\"alg\":\"%s\"}", fer_jws_alg_name((enum fer_jws_alg)signed_with));
			struct fer_str token = forge(header.at, FER_S("{" CLAIMS "}"), (enum fer_jws_alg)signed_with);
			struct fer_claims claims;

			assert_int_equal(fer_jws_read(keys, (enum fer_jws_alg)configured, token, &claims),
			                 signed_with == configured ? FER_JWS_GOOD : FER_JWS_WRONG_ALG);
		}
	}
}

static void no_changed_byte_is_taken(void **state)
{
	struct fer_claims claims = { 1, 2, 1700000000, 1700003600 };
	struct fer_str token;

	assert_int_equal(fer_jws_issue(arena, keys, FER_JWS_HS256, &claims, &token), 0);
	for (size_t i = 0; i < token.len; i++) {
		char *at = (char *)fer_str_dup(arena, token).at;

		for (int bit = 0; bit < 8; bit++) {
			at[i] = (char)(token.at[i] ^ (1 << bit));
			assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, (struct fer_str){ at, token.len }, &claims), FER_JWS_GOOD);
		}
	}
	for (size_t len = 0; len < token.len; len++)
		assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, fer_str_take(token, len), &claims), FER_JWS_GOOD);
}

static void odd_forms_are_malformed_or_forged(void **state)
{
	struct fer_str good = forge(HEADER, FER_S("{" CLAIMS "}"), FER_JWS_HS256);
	const char *const bad[] = { "%s.", ".%s", "%sA", "%s=", "%s\n", " %s", "%s.x", "%s%%3D", "\"%s\"" };
	struct fer_claims claims;

	for (size_t i = 0; i < FER_ARRAY_LEN(bad); i++) {
		char text[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), bad[i], fer_str_z(arena, good));
#pragma GCC diagnostic pop
		assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, fer_str(text), &claims), FER_JWS_GOOD);
	}
	assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, FER_S(""), &claims), FER_JWS_GOOD);
	assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, FER_STR_NONE, &claims), FER_JWS_GOOD);
	assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, FER_S(".."), &claims), FER_JWS_GOOD);
	assert_int_not_equal(fer_jws_read(keys, FER_JWS_HS256, FER_S("abc.def.ghi"), &claims), FER_JWS_GOOD);
}

static void a_token_may_be_8_kib_long(void **state)
{
	for (size_t size = 5800; size < 6300; size += 50) {
		char *blanks = fer_alloc(arena, size);
		struct fer_claims claims;
		struct fer_str token;

		memset(blanks, ' ', size);
		token = forge(HEADER, fer_str_fmt(arena, "{" CLAIMS "%.*s}", (int)size, blanks), FER_JWS_HS256);
		assert_int_equal(fer_jws_read(keys, FER_JWS_HS256, token, &claims), token.len <= FER_JWS_MAX ? FER_JWS_GOOD : FER_JWS_MALFORMED);
	}
}

static void base64url_of_any_bytes_comes_back(void **state)
{
	for (size_t size = 0; size < 200; size++) {
		unsigned char in[200], out[201];
		char text[FER_BASE64URL_SIZE(200) + 1], known[sodium_base64_ENCODED_LEN(200, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
		size_t len;

		randombytes_buf(in, sizeof(in));
		len = fer_base64url_encode(text, in, size);
		assert_int_equal(len, FER_BASE64URL_SIZE(size));
		text[len] = '\0';
		sodium_bin2base64(known, sizeof(known), in, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		assert_string_equal(text, known);
		assert_int_equal(fer_base64url_decode(out, (struct fer_str){ text, len }), (ptrdiff_t)size);
		assert_memory_equal(in, out, size);
	}
}

static void base64url_is_strict(void **state)
{
	static const char *const bad[] = { "A", "AAAAA", "AA=", "AA==", "AB", "AAB", "A A", "AA\n", "A+AA", "A/AA", "AAA\xc3" };
	unsigned char out[16];

	for (size_t i = 0; i < FER_ARRAY_LEN(bad); i++)
		assert_int_equal(fer_base64url_decode(out, fer_str(bad[i])), -1);
	assert_int_equal(fer_base64url_decode(out, FER_S("")), 0);
	assert_int_equal(fer_base64url_decode(out, FER_S("AA")), 1);
}

/* -- keys ------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	int r;
	size_t n;
} key_texts[] = {
	{ KEY, 0, 1 },
	{ KEY "\n" KEY "\nbase64AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", 0, 3 },
	{ "", -EINVAL, 0 },
	{ " \n\t", -EINVAL, 0 },
	{ "short", -EINVAL, 0 },
	{ KEY "0", -EINVAL, 0 },
	{ KEY " short", -EINVAL, 0 },
	{ "base64AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", -EINVAL, 0 },
	{ "base64AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", -EINVAL, 0 },
	{ "base64AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gICAg", -EINVAL, 0 },
	{ "base64!!ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", -EINVAL, 0 },
};

static void keys_of_a_wrong_shape_are_refused(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(key_texts); i++) {
		struct fer_keys *some = NULL;
		char why[256] = "";

		assert_int_equal(fer_keys_new(fer_str(key_texts[i].text), &some, why), key_texts[i].r);
		if (some)
			assert_int_equal(fer_keys_count(some), key_texts[i].n);
		else
			assert_null(strstr(why, "0123456789"));
		fer_keys_free(some);
	}
}

static void generated_keys_fit(void **state)
{
	for (int i = 0; i < 20; i++) {
		struct fer_keys *some;
		char text[33], why[256];

		fer_keys_generate(text);
		assert_int_equal(strlen(text), 32);
		assert_int_equal(fer_keys_new(fer_str(text), &some, why), 0);
		fer_keys_free(some);
	}
}

static void the_environment_names_a_key(void **state)
{
	struct fer_keys *some;
	char why[256];

	unsetenv("MAGENTO_DC_CRYPT__KEY");
	assert_int_equal(fer_keys_load(NULL, FER_STR_NONE, &some, why), -ENOENT);
	setenv("MAGENTO_DC_CRYPT__KEY", "#env(OTHER_KEY)", 1);
	unsetenv("OTHER_KEY");
	assert_int_equal(fer_keys_load(NULL, FER_STR_NONE, &some, why), -ENOENT);
	setenv("OTHER_KEY", KEY, 1);
	assert_int_equal(fer_keys_load(NULL, FER_STR_NONE, &some, why), 0);
	fer_keys_free(some);
	setenv("MAGENTO_DC_CRYPT__KEY", "nonsense", 1);
	assert_int_equal(fer_keys_load(NULL, FER_STR_NONE, &some, why), -EINVAL);
	assert_int_equal(fer_keys_load(NULL, FER_S(KEY), &some, why), 0);
	fer_keys_free(some);
	unsetenv("MAGENTO_DC_CRYPT__KEY");
}

static void secrets_come_back_and_changed_ones_do_not(void **state)
{
	for (size_t size = 0; size < 70; size++) {
		char bytes[70];
		struct fer_str sealed, plain;

		randombytes_buf(bytes, sizeof(bytes));
		assert_int_equal(fer_keys_encrypt(keys, arena, (struct fer_str){ bytes, size }, &sealed), 0);
		assert_true(fer_str_starts(sealed, "0:3:"));
		assert_int_equal(fer_keys_decrypt(keys, arena, sealed, &plain), 0);
		assert_int_equal(plain.len, size);
		assert_memory_equal(plain.at, bytes, size);
		for (size_t i = 0; i < sealed.len; i += 7) {
			char *at = (char *)fer_str_dup(arena, sealed).at;

			at[i] ^= 1;
			assert_int_equal(fer_keys_decrypt(keys, arena, (struct fer_str){ at, sealed.len }, &plain), -EBADMSG);
			assert_int_equal(plain.len, 0);
		}
	}
}

static void an_old_key_still_opens_what_it_sealed(void **state)
{
	struct fer_keys *both, *newer;
	struct fer_str sealed, plain;
	char why[256];

	assert_int_equal(fer_keys_new(FER_S(KEY "\nABCDEFGHIJKLMNOPQRSTUVWXYZ012345"), &both, why), 0);
	assert_int_equal(fer_keys_new(FER_S("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"), &newer, why), 0);
	assert_int_equal(fer_keys_encrypt(keys, arena, FER_S("secret"), &sealed), 0);
	assert_int_equal(fer_keys_decrypt(both, arena, sealed, &plain), 0);
	assert_true(fer_str_is(plain, "secret"));
	assert_int_equal(fer_keys_decrypt(newer, arena, sealed, &plain), -EBADMSG);
	assert_int_equal(fer_keys_encrypt(both, arena, FER_S("secret"), &sealed), 0);
	assert_true(fer_str_starts(sealed, "1:3:"));
	assert_int_equal(fer_keys_decrypt(keys, arena, sealed, &plain), -EBADMSG);
	fer_keys_free(both);
	fer_keys_free(newer);
}

/* -- several keys ------------------------------------------------------------------------------------------------ */

#define OLD "0123456789abcdef0123456789abcdef"
#define PRESENT "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
#define COMING "abcdefghijklmnopqrstuvwxyz012345"

static const struct fer_key_row three[] = {
	{ .place = 0, .text = { OLD, 32 }, .kid = { "1", 1 }, .until_s = 1700000500 },
	{ .place = 1, .text = { PRESENT, 32 }, .kid = { "Kpresent", 8 }, .until_s = FER_KEY_FOREVER, .current = true },
	{ .place = 3, .text = { COMING, 32 }, .kid = { "Kcoming", 7 }, .until_s = FER_KEY_FOREVER },
};

/* Signed with one key, under any header. */
static struct fer_str forge_by(const char *key, const char *header)
{
	struct fer_keys *mine = keys, *other;
	struct fer_str token;
	char why[256];

	assert_int_equal(fer_keys_new(fer_str(key), &other, why), 0);
	keys = other;
	token = forge(header, FER_S("{" CLAIMS "}"), FER_JWS_HS256);
	keys = mine;
	fer_keys_free(other);
	return token;
}

#define UNDER(kid) "{\"kid\":" kid ",\"alg\":\"HS256\"}"

static const struct {
	const char *name, *key, *header;
	int verdict;
	size_t place;
} kids[] = {
	{ "the old key under its name", OLD, UNDER("\"1\""), FER_JWS_GOOD, 0 },
	{ "the present key under its name", PRESENT, UNDER("\"Kpresent\""), FER_JWS_GOOD, 1 },
	{ "the coming key under its name", COMING, UNDER("\"Kcoming\""), FER_JWS_GOOD, 3 },
	{ "escapes in a name", PRESENT, UNDER("\"\\u004bpresent\""), FER_JWS_GOOD, 1 },
	{ "the present key without a name", PRESENT, "{\"alg\":\"HS256\"}", FER_JWS_GOOD, 1 },
	{ "the present key under a strange name", PRESENT, UNDER("\"nobody\""), FER_JWS_GOOD, 1 },
	{ "the present key under a path", PRESENT, UNDER("\"../../dev/null\""), FER_JWS_GOOD, 1 },
	{ "the present key under an empty name, as the empty place has", PRESENT, UNDER("\"\""), FER_JWS_GOOD, 1 },
	{ "the present key under a number", PRESENT, UNDER("1"), FER_JWS_GOOD, 1 },
	{ "the present key under null", PRESENT, UNDER("null"), FER_JWS_GOOD, 1 },
	{ "the old key without a name", OLD, "{\"alg\":\"HS256\"}", FER_JWS_FORGED, 0 },
	{ "the old key under a strange name", OLD, UNDER("\"0\""), FER_JWS_FORGED, 0 },
	{ "the old key under the present one's name", OLD, UNDER("\"Kpresent\""), FER_JWS_FORGED, 0 },
	{ "the present key under the old one's name", PRESENT, UNDER("\"1\""), FER_JWS_FORGED, 0 },
	{ "the coming key without a name", COMING, "{\"alg\":\"HS256\"}", FER_JWS_FORGED, 0 },
	{ "a name that only begins like ours", COMING, UNDER("\"Kcoming2\""), FER_JWS_FORGED, 0 },
	{ "a name in other letters", COMING, UNDER("\"kcoming\""), FER_JWS_FORGED, 0 },
	{ "a name with a NUL behind", COMING, UNDER("\"Kcoming\\u0000\""), FER_JWS_FORGED, 0 },
	{ "two names", PRESENT, "{\"kid\":\"1\",\"kid\":\"Kpresent\",\"alg\":\"HS256\"}", FER_JWS_MALFORMED, 0 },
	{ "no key at all, under the empty place's number", "&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&", UNDER("\"2\""), FER_JWS_FORGED, 0 },
};

static void a_kid_selects_among_our_keys_only(void **state)
{
	struct fer_keys *some;
	char why[256];

	assert_int_equal(fer_keys_of(three, 3, &some, why), 0);
	for (size_t i = 0; i < FER_ARRAY_LEN(kids); i++) {
		struct fer_claims claims = { 0 };

		print_message("  %s\n", kids[i].name);
		assert_int_equal(fer_jws_read(some, FER_JWS_HS256, forge_by(kids[i].key, kids[i].header), &claims), kids[i].verdict);
		assert_int_equal(claims.key, kids[i].place);
	}
	fer_keys_free(some);
}

static void keys_change_their_state_in_place(void **state)
{
	struct fer_key_row rows[4] = { three[0], three[1], three[2], { .place = 4, .text = FER_S(KEY), .kid = FER_S("Knew") } };
	struct fer_claims claims = { 1, 2, 1700000000, 1700003600, 0 };
	struct fer_str token, sealed, plain;
	struct fer_keys *some;
	char why[256] = "";

	assert_int_equal(fer_keys_of(rows, 3, &some, why), 0);
	assert_int_equal(fer_keys_until(some, 0), 1700000500);
	assert_int_equal(fer_keys_until(some, 2), 0);
	assert_int_equal(fer_keys_until(some, 60), 0);
	assert_int_equal(fer_keys_encrypt(some, arena, FER_S("secret"), &sealed), 0);
	assert_true(fer_str_starts(sealed, "1:3:"));
	rows[0].until_s = 0;
	rows[1].current = false;
	rows[2].current = true;
	assert_int_equal(fer_keys_update(some, rows, 4, why), 0);
	assert_int_equal(fer_keys_count(some), 5);
	assert_int_equal(fer_keys_until(some, 0), 0);
	assert_int_equal(fer_jws_issue(arena, some, FER_JWS_HS512, &claims, &token), 0);
	assert_true(fer_str_starts(token, "eyJraWQiOiJLY29taW5nIiwiYWxnIjoiSFM1MTIifQ."));
	assert_int_equal(fer_keys_decrypt(some, arena, sealed, &plain), 0);
	assert_true(fer_str_is(plain, "secret"));
	assert_int_equal(fer_keys_decrypt(some, arena, FER_S("2:3:AAAA"), &plain), -EBADMSG);
	fer_keys_free(some);
}

static void rows_that_make_no_sense_are_refused(void **state)
{
	struct fer_key_row rows[3] = { three[0], three[1], three[2] };
	struct fer_keys *some;
	char why[256] = "";

	assert_int_equal(fer_keys_of(rows, 1, &some, why), -EINVAL);
	assert_null(some);
	rows[0].current = true;
	assert_int_equal(fer_keys_of(rows, 3, &some, why), -EINVAL);
	rows[0].current = false;
	rows[2].place = FER_KEYS_MAX;
	assert_int_equal(fer_keys_of(rows, 3, &some, why), -EINVAL);
	rows[2].place = 2;
	assert_int_equal(fer_keys_of(rows, 3, &some, why), 0);
	rows[0].text = FER_S(COMING);
	assert_int_equal(fer_keys_update(some, rows, 3, why), -EPROTO);
	assert_null(strstr(why, COMING));
	fer_keys_free(some);
}

/* Sealed by PHP: sodium_crypto_aead_chacha20poly1305_ietf_encrypt('secret', nonce, nonce, key), nonce = bytes 0 to 11. */
static void a_secret_sealed_elsewhere_opens(void **state)
{
	static const char *const bad[] = { "", ":", "0:3", "0:3:", "0:2:AAAA", "3:3:AAAA", "-1:3:AAAA", "0:3:%%%%", "x:3:AAAA", "0:3:AAAA" };
	struct fer_str plain;

	for (size_t i = 0; i < FER_ARRAY_LEN(bad); i++)
		assert_int_equal(fer_keys_decrypt(keys, arena, fer_str(bad[i]), &plain), -EBADMSG);
	assert_int_equal(fer_keys_decrypt(keys, arena, FER_S("0:3:AAECAwQFBgcICQoLi1o3SgI3w4nxFzJGMdY4dYOdGocFqg=="), &plain), 0);
	assert_true(fer_str_is(plain, "secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_judged),
		cmocka_unit_test(payloads_are_judged),
		cmocka_unit_test(the_algorithm_comes_from_the_configuration),
		cmocka_unit_test(no_changed_byte_is_taken),
		cmocka_unit_test(odd_forms_are_malformed_or_forged),
		cmocka_unit_test(a_token_may_be_8_kib_long),
		cmocka_unit_test(base64url_of_any_bytes_comes_back),
		cmocka_unit_test(base64url_is_strict),
		cmocka_unit_test(keys_of_a_wrong_shape_are_refused),
		cmocka_unit_test(generated_keys_fit),
		cmocka_unit_test(the_environment_names_a_key),
		cmocka_unit_test(secrets_come_back_and_changed_ones_do_not),
		cmocka_unit_test(an_old_key_still_opens_what_it_sealed),
		cmocka_unit_test(a_kid_selects_among_our_keys_only), cmocka_unit_test(keys_change_their_state_in_place),
		cmocka_unit_test(rows_that_make_no_sense_are_refused),
		cmocka_unit_test(a_secret_sealed_elsewhere_opens),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
