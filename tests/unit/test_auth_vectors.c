/*
 * Known answers: what Magento 2.4.7 stores and signs for given passwords, salts and keys, computed by other programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "auth/jws.h"
#include "auth/keys.h"
#include "auth/password.h"

#define PASSWORD "Correct1Horse"
#define SALT "Q2w3E4r5T6y7U8i9O0p1A2s3D4f5G6h7"
#define KEY "0123456789abcdef0123456789abcdef"
#define KEY64 "base64AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEADER256 "eyJraWQiOiIxIiwiYWxnIjoiSFMyNTYifQ"
#define PAYLOAD "eyJ1aWQiOjEsInV0eXBpZCI6MiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDM2MDB9"

static struct fer_keys *keys_of(const char *text)
{
	struct fer_keys *keys;
	char why[256];

	assert_int_equal(fer_keys_new(fer_str(text), &keys, why), 0);
	return keys;
}

static const struct {
	const char *name, *hash, *salt, *versions;
} passwords[] = {
	{ "MD5", "992646f9b9578ae4e9be20a08385a21a", SALT, "0" },
	{ "SHA-256", "46edcee807bda565d7b18558e7effef9f7798bab5161557ce59f11ba62c83e40", SALT, "1" },
	{ "Argon2id", "ee688c04bf8e53f23265c6b6ad10463c9bb1372be3f3610e58283ed35302acd8", SALT, "2" },
	{ "Argon2id with parameters", "ee688c04bf8e53f23265c6b6ad10463c9bb1372be3f3610e58283ed35302acd8", SALT, "3_32_2_67108864" },
	{ "SHA-256, then Argon2id", "81d46c30a7c3149a3fb62e5e768f8b8abbc4e3dcc5410ab002d8855b2bf19c88", SALT, "1:3_32_2_67108864" },
	{ "three steps", "3c2f606273f68fde5b2faa00f9ba29eabd6888c806944f8d36ebac9cb29562a7", SALT, "0:1:2" },
	{ "short salt", "8ba221f32be5c1c9c12c70c3f0a0edec5011ed0dd5c2a0ceeea43aa34f97c056", "abc", "3_32_2_67108864" },
	{ "foreign parameters", "da4d985d7db3b002340688c9b25166ace381159fe9b9f4b4a4b8d6d035608645", SALT, "3_32_3_33554432" },
};

static void every_password_version_and_chain_is_verified(void **state)
{
	struct fer_keys *keys = keys_of(KEY);
	char text[512];

	for (size_t i = 0; i < FER_ARRAY_LEN(passwords); i++) {
		print_message("  %s\n", passwords[i].name);
		snprintf(text, sizeof(text), "%s:%s:%s", passwords[i].hash, passwords[i].salt, passwords[i].versions);
		assert_int_equal(fer_password_verify(keys, FER_S(PASSWORD), fer_str(text)), 1);
		assert_int_equal(fer_password_verify(keys, FER_S("correct1horse"), fer_str(text)), 0);
		assert_int_equal(fer_password_verify(keys, FER_S(""), fer_str(text)), 0);
	}
	fer_keys_free(keys);
}

static void made_hashes_equal_the_known_ones(void **state)
{
	char text[FER_PASSWORD_TEXT_MAX], expected[512];

	for (size_t i = 0; i < FER_ARRAY_LEN(passwords); i++) {
		snprintf(expected, sizeof(expected), "%s:%s:%s", passwords[i].hash, passwords[i].salt, passwords[i].versions);
		assert_int_equal(fer_password_make(FER_S(PASSWORD), fer_str(passwords[i].salt), fer_str(passwords[i].versions), text), 0);
		assert_string_equal(text, expected);
	}
}

static void a_new_hash_is_argon2id_with_a_salt_of_its_own(void **state)
{
	struct fer_keys *keys = keys_of(KEY);
	char a[FER_PASSWORD_TEXT_MAX], b[FER_PASSWORD_TEXT_MAX];

	assert_int_equal(fer_password_hash(FER_S(PASSWORD), a), 0);
	assert_int_equal(fer_password_hash(FER_S(PASSWORD), b), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 64 + 1 + 32 + 1 + strlen("3_32_2_67108864"));
	assert_string_equal(a + 64 + 1 + 32, ":3_32_2_67108864");
	assert_int_equal(fer_password_verify(keys, FER_S(PASSWORD), fer_str(a)), 1);
	fer_keys_free(keys);
}

/* What is no password hash is compared as a keyed hash, as Magento does; nothing here costs more than that. */
static const struct {
	const char *stored, *password;
	int verdict;
} odd[] = {
	{ "5c92424a8406d6b121fb2ae247be1c20ac8a040352451c84a87f55c6bd406b14", "x", 1 },
	{ "5c92424a8406d6b121fb2ae247be1c20ac8a040352451c84a87f55c6bd406b14", "y", 0 },
	{ "", "x", 0 },
	{ "", "", 0 },
	{ ":", "x", 0 },
	{ "::", "x", 0 },
	{ "a:b", "x", 0 },
	{ "a:b:", "x", 0 },
	{ "a:b:4", "x", 0 },
	{ "a:b:0:", "x", 0 },
	{ "a:b:3", "x", 0 },
	{ "a:b:3_", "x", 0 },
	{ "a:b:3_32_2", "x", 0 },
	{ "a::3_32_2_67108864", "x", 0 },
	{ "a:b:3_15_2_67108864", "x", 0 },
	{ "a:b:3_65_2_67108864", "x", 0 },
	{ "a:b:3_32_0_67108864", "x", 0 },
	{ "a:b:3_32_17_67108864", "x", 0 },
	{ "a:b:3_32_2_1073741825", "x", 0 },
	{ "a:b:3_32_2_99999999999999999999", "x", 0 },
	{ "a:b:3_32_2_-1", "x", 0 },
	{ "a:b:3_32_2_8", "x", 0 },
	{ "a:b:0:0:0:0:0:0:0:0:0", "x", 0 },
};

static void what_is_no_password_hash_is_compared_as_a_keyed_hash(void **state)
{
	struct fer_keys *keys = keys_of(KEY);

	for (size_t i = 0; i < FER_ARRAY_LEN(odd); i++) {
		print_message("  \"%s\"\n", odd[i].stored);
		assert_int_equal(fer_password_verify(keys, fer_str(odd[i].password), fer_str(odd[i].stored)), odd[i].verdict);
	}
	fer_keys_free(keys);
}

static const struct {
	const char *key;
	enum fer_jws_alg alg;
	const char *header, *signature;
} tokens[] = {
	{ KEY, FER_JWS_HS256, HEADER256, "medfRQHPbWCoJC7ZmyOP8Yrrj4PJW3hg27cR1OTdsjE" },
	{ KEY, FER_JWS_HS384, "eyJraWQiOiIxIiwiYWxnIjoiSFMzODQifQ", "AROiNpgSUxzrHYJVdEKgp03tHZ6fNgmeFFWS14JtVc5NPg046y7x0okmS_DaY5u4" },
	{ KEY, FER_JWS_HS512, "eyJraWQiOiIxIiwiYWxnIjoiSFM1MTIifQ",
	  "5JOzZZs2VnXJkPygxwDCPH7w5CGeIib6T6xp87glJL43AlXYHPvXH5_eHw596SRqdpZb3OWwDOnZ4WK4qKsllQ" },
	{ KEY64, FER_JWS_HS256, HEADER256, "Nv5JqKYhH-Iwa61WgDgPZdZrKqJ_8FPoF8O73EU23lk" },
	{ KEY64 "\n" KEY, FER_JWS_HS256, HEADER256, "medfRQHPbWCoJC7ZmyOP8Yrrj4PJW3hg27cR1OTdsjE" },
	{ "  " KEY " \t\r\n " KEY64 "\n", FER_JWS_HS256, HEADER256, "Nv5JqKYhH-Iwa61WgDgPZdZrKqJ_8FPoF8O73EU23lk" },
};

static void tokens_equal_the_ones_magento_issues(void **state)
{
	struct fer_claims claims = { 1, 2, 1700000000, 1700003600, 0 };

	for (size_t i = 0; i < FER_ARRAY_LEN(tokens); i++) {
		struct fer_arena *arena = fer_arena_new(1 << 16);
		struct fer_keys *keys = keys_of(tokens[i].key);
		struct fer_claims read = { 0 };
		struct fer_str token;
		char expected[512];

		snprintf(expected, sizeof(expected), "%s.%s.%s", tokens[i].header, PAYLOAD, tokens[i].signature);
		assert_int_equal(fer_jws_issue(arena, keys, tokens[i].alg, &claims, &token), 0);
		assert_string_equal(token.at, expected);
		assert_int_equal(token.len, strlen(expected));
		assert_int_equal(fer_jws_read(keys, tokens[i].alg, token, &read), FER_JWS_GOOD);
		assert_memory_equal(&read, &claims, offsetof(struct fer_claims, key));
		assert_int_equal(read.key, fer_keys_count(keys) - 1);
		fer_keys_free(keys);
		fer_arena_free(arena);
	}
}

static void keys_are_padded_with_the_odd_byte_right(void **state)
{
	unsigned char padded[FER_KEYS_JWT_SIZE];
	static const char odd_key[] = "0123456789abcdef0123456789abcdefX";

	fer_keys_pad(fer_str(odd_key), padded);
	assert_int_equal(padded[1006], '&');
	assert_memory_equal(padded + 1007, odd_key, 33);
	for (size_t i = 1040; i < FER_KEYS_JWT_SIZE; i++)
		assert_int_equal(padded[i], '&');
}

static void the_keyed_hash_decodes_a_base64_key(void **state)
{
	static const struct { const char *key, *hash; } rows[] = {
		{ KEY, "5c92424a8406d6b121fb2ae247be1c20ac8a040352451c84a87f55c6bd406b14" },
		{ KEY64, "b3fb46c7f2e3cc97b59aa0d9eeb0fbc8185c9845b7a41de32ad6dc83fce56324" },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++) {
		struct fer_keys *keys = keys_of(rows[i].key);
		char hex[65];

		assert_int_equal(fer_keys_hash(keys, FER_S("x"), hex), 0);
		assert_string_equal(hex, rows[i].hash);
		fer_keys_free(keys);
	}
}

/* base64(JSON "." base64(hash(JSON))): the keyed hash as the second factor's configuration token uses it. */
static void the_keyed_hash_signs_the_configuration_token(void **state)
{
	static const char json[] = "{\"user_id\":1,\"tfa_configuration\":true,\"iss\":1700000000}";
	static const char expected[] =
		"eyJ1c2VyX2lkIjoxLCJ0ZmFfY29uZmlndXJhdGlvbiI6dHJ1ZSwiaXNzIjoxNzAwMDAwMDAwfS5OV1UzWm1Wa09XTXhNR015Tm1WbE5tRmxPV1l4TVRr"
		"ellUVmhZell6TmpVMlpUQTFNbUpoTmpoa09Ea3lOMlprWkdRNFlXWXhNamhpWXpkak9HSmhPUT09";
	struct fer_keys *keys = keys_of(KEY);
	char hex[65], inner[128], text[512], outer[512];

	assert_int_equal(fer_keys_hash(keys, fer_str(json), hex), 0);
	sodium_bin2base64(inner, sizeof(inner), (const unsigned char *)hex, 64, sodium_base64_VARIANT_ORIGINAL);
	snprintf(text, sizeof(text), "%s.%s", json, inner);
	sodium_bin2base64(outer, sizeof(outer), (const unsigned char *)text, strlen(text), sodium_base64_VARIANT_ORIGINAL);
	assert_string_equal(outer, expected);
	fer_keys_free(keys);
}

static const struct {
	const char *password;
	int error;
	size_t n;
} rules[] = {
	{ "", FER_E_PASSWORD_REQUIRED, 1 },
	{ "abc123", FER_E_PASSWORD_SHORT, 1 },
	{ "abcdefgh", FER_E_PASSWORD_CLASSES, 1 },
	{ "12345678", FER_E_PASSWORD_CLASSES, 1 },
	{ "abc", FER_E_PASSWORD_CLASSES, 2 },
	{ "\xc3\xa4\xc3\xb6\xc3\xbc" "a12", FER_E_PASSWORD_SHORT, 1 },
	{ "\xc3\xa4\xc3\xb6\xc3\xbc" "ab12", 0, 0 },
	{ "abcdef1", 0, 0 },
};

static void admin_passwords_follow_magentos_rules(void **state)
{
	struct fer_arena *arena = fer_arena_new(1 << 16);

	for (size_t i = 0; i < FER_ARRAY_LEN(rules); i++) {
		struct fer_fault fault = { 0 };

		assert_int_equal(fer_password_admin_rules(arena, fer_str(rules[i].password), &fault), rules[i].error);
		assert_int_equal(fault.n, rules[i].n);
	}
	fer_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_password_version_and_chain_is_verified),
		cmocka_unit_test(made_hashes_equal_the_known_ones),
		cmocka_unit_test(a_new_hash_is_argon2id_with_a_salt_of_its_own),
		cmocka_unit_test(what_is_no_password_hash_is_compared_as_a_keyed_hash),
		cmocka_unit_test(tokens_equal_the_ones_magento_issues),
		cmocka_unit_test(keys_are_padded_with_the_odd_byte_right),
		cmocka_unit_test(the_keyed_hash_decodes_a_base64_key),
		cmocka_unit_test(the_keyed_hash_signs_the_configuration_token),
		cmocka_unit_test(admin_passwords_follow_magentos_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
