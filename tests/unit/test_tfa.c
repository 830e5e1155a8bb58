/*
 * The second factor: known answers of RFC 6238 and of Magento's configuration token, and what neither may take.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "auth/tfat.h"
#include "auth/totp.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define TFAT \
	"eyJ1c2VyX2lkIjoxLCJ0ZmFfY29uZmlndXJhdGlvbiI6dHJ1ZSwiaXNzIjoxNzAwMDAwMDAwfS5OV1UzWm1Wa09XTXhNR015Tm1WbE5tRmxPV1l4TVRr" \
	"ellUVmhZell6TmpVMlpUQTFNbUpoTmpoa09Ea3lOMlprWkdRNFlXWXhNamhpWXpkak9HSmhPUT09"
#define ISSUED 1700000000

static struct fer_arena *arena;
static struct fer_keys *keys;

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

/* -- one-time codes ----------------------------------------------------------------------------------------------- */

/* Appendix B, SHA-1; the last six digits of its eight. */
static const struct {
	int64_t at_s;
	const char *code;
} rfc6238[] = {
	{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" }, { 2000000000, "279037" },
	{ 20000000000, "353130" },
};

static void codes_are_those_of_rfc_6238(void **state)
{
	char code[FER_TOTP_DIGITS + 1];

	for (size_t i = 0; i < FER_ARRAY_LEN(rfc6238); i++) {
		assert_int_equal(fer_totp_code(arena, FER_S(SECRET), rfc6238[i].at_s, code), 0);
		assert_string_equal(code, rfc6238[i].code);
	}
}

static int match(const char *secret, const char *code, int64_t now_s, int64_t leeway_s)
{
	int64_t step = -1;
	int r = fer_totp_match(arena, fer_str(secret), fer_str(code), now_s, leeway_s, &step);

	return r > 0 ? (int)step : -1;
}

static void a_code_matches_at_three_moments_and_nowhere_between(void **state)
{
	/* "050471" is of period 37037037: seconds 1111111110 to 1111111139. */
	static const struct { int64_t now_s, leeway_s; int step; } rows[] = {
		{ 1111111111, 0, 37037037 }, { 1111111139, 0, 37037037 }, { 1111111140, 0, -1 }, { 1111111109, 0, -1 },
		{ 1111111140, 29, 37037037 }, { 1111111168, 29, 37037037 }, { 1111111169, 29, -1 }, { 1111111081, 29, 37037037 },
		{ 1111111080, 29, -1 }, { 1111111169, 3600, -1 }, { 1111111168, 3600, 37037037 }, { 1111111140, -5, -1 },
		{ 1111111145, 5, -1 }, { 1111111144, 5, 37037037 },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++) {
		print_message("  %lld, %lld\n", (long long)rows[i].now_s, (long long)rows[i].leeway_s);
		assert_int_equal(match(SECRET, "050471", rows[i].now_s, rows[i].leeway_s), rows[i].step);
	}
}

static void only_the_exact_digits_match(void **state)
{
	static const char *const codes[] = { "", "0", "05047", "0504711", " 050471", "050471 ", "50471", "050472", "000000" };

	for (size_t i = 0; i < FER_ARRAY_LEN(codes); i++)
		assert_int_equal(match(SECRET, codes[i], 1111111111, 29), -1);
}

static void what_is_no_secret_matches_nothing(void **state)
{
	static const char *const secrets[] = { "", "1", "GEZD!NBV", "===", "0189" };

	for (size_t i = 0; i < FER_ARRAY_LEN(secrets); i++) {
		assert_false(fer_totp_secret_fits(arena, fer_str(secrets[i])));
		assert_int_equal(match(secrets[i], "000000", 59, 29), -1);
	}
	assert_true(fer_totp_secret_fits(arena, FER_S(SECRET)));
	assert_false(fer_totp_secret_fits(arena, FER_S("MFRGGZDF")));
}

static void a_secret_is_read_in_either_case_and_without_padding(void **state)
{
	assert_int_equal(match("gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "287082", 59, 0), 1);
	assert_int_equal(match("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQMFRA", "287082", 59, 0), -1);
	assert_true(fer_totp_secret_fits(arena, FER_S("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQMFRA")));
}

static void a_new_secret_has_magentos_shape(void **state)
{
	struct fer_str a, b;

	assert_int_equal(fer_totp_secret(arena, &a), 0);
	assert_int_equal(fer_totp_secret(arena, &b), 0);
	assert_int_equal(a.len, 212);
	assert_memory_equal(a.at, "MFRGGZ", 6);
	assert_false(fer_str_eq(a, b));
	assert_true(fer_totp_secret_fits(arena, a));
}

static void the_address_for_an_authenticator_is_escaped(void **state)
{
	struct fer_str uri = fer_totp_uri(arena, FER_S("shop.example"), FER_S("a+b@c"), FER_S("ABC"));

	assert_string_equal(uri.at, "otpauth://totp/shop.example%3Aa%2Bb%40c?issuer=shop.example&secret=ABC");
}

/* -- configuration tokens ----------------------------------------------------------------------------------------- */

static void a_configuration_token_equals_magentos(void **state)
{
	struct fer_str token;

	assert_int_equal(fer_tfat_issue(keys, arena, 1, ISSUED, &token), 0);
	assert_string_equal(token.at, TFAT);
}

static void it_is_good_for_an_hour(void **state)
{
	static const struct { int64_t now_s; bool good; } rows[] = {
		{ ISSUED - 99999, true }, { ISSUED, true }, { ISSUED + 3599, true }, { ISSUED + 3600, false }, { ISSUED + 99999, false },
	};
	struct fer_tfat tfat;

	assert_int_equal(fer_tfat_read(arena, FER_S(TFAT), &tfat), 0);
	assert_int_equal(tfat.user_id, 1);
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		assert_int_equal(fer_tfat_valid(keys, &tfat, rows[i].now_s), rows[i].good);
}

static void every_changed_byte_makes_it_worthless(void **state)
{
	char text[] = TFAT;
	struct fer_tfat tfat;

	for (size_t i = 0; i + 2 < sizeof(text) - 1; i++) {   /* the last letters before the padding have bits that count for nothing */
		text[i] ^= 1;
		if (fer_tfat_read(arena, fer_str(text), &tfat) == 0 && fer_tfat_valid(keys, &tfat, ISSUED + 1))
			fail_msg("byte %zu", i);
		text[i] ^= 1;
	}
	for (size_t len = 0; len + 3 < sizeof(text) - 1; len++)
		if (fer_tfat_read(arena, (struct fer_str){ text, len }, &tfat) == 0 && fer_tfat_valid(keys, &tfat, ISSUED + 1))
			fail_msg("first %zu bytes", len);
}

static void another_key_does_not_take_it(void **state)
{
	struct fer_keys *other;
	struct fer_tfat tfat;
	char why[256];

	assert_int_equal(fer_keys_new(FER_S(KEY " fedcba9876543210fedcba9876543210"), &other, why), 0);
	assert_int_equal(fer_tfat_read(arena, FER_S(TFAT), &tfat), 0);
	assert_false(fer_tfat_valid(other, &tfat, ISSUED + 1));
	fer_keys_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_rfc_6238),
		cmocka_unit_test(a_code_matches_at_three_moments_and_nowhere_between),
		cmocka_unit_test(only_the_exact_digits_match),
		cmocka_unit_test(what_is_no_secret_matches_nothing),
		cmocka_unit_test(a_secret_is_read_in_either_case_and_without_padding),
		cmocka_unit_test(a_new_secret_has_magentos_shape),
		cmocka_unit_test(the_address_for_an_authenticator_is_escaped),
		cmocka_unit_test(a_configuration_token_equals_magentos),
		cmocka_unit_test(it_is_good_for_an_hour),
		cmocka_unit_test(every_changed_byte_makes_it_worthless),
		cmocka_unit_test(another_key_does_not_take_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
