/*
 * The text of a service token: every one is valid, no two are alike, and no letter can be changed, lost or added without showing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/service_text.h"

#define N 2000

static struct fer_str view(const char *text)
{
	return (struct fer_str){ text, FER_SERVICE_LEN };
}

static void every_new_text_is_valid_and_its_own(void **state)
{
	static char texts[N][FER_SERVICE_LEN + 1];

	for (size_t i = 0; i < N; i++) {
		fer_service_text_new(texts[i]);
		assert_int_equal(strlen(texts[i]), FER_SERVICE_LEN);
		assert_true(fer_service_text_valid(view(texts[i])));
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(memcmp(texts[i], texts[j], FER_SERVICE_LEN), 0);
	}
}

static void any_other_letter_in_any_place_shows(void **state)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.\0";
	char text[FER_SERVICE_LEN + 1];

	fer_service_text_new(text);
	for (size_t i = 0; i < FER_SERVICE_LEN; i++) {
		char right = text[i];

		for (size_t j = 0; j < sizeof(letters); j++) {
			text[i] = letters[j];
			assert_int_equal(fer_service_text_valid(view(text)), letters[j] == right);
		}
		text[i] = right;
	}
}

static void other_lengths_are_none(void **state)
{
	char text[FER_SERVICE_LEN + 2];

	fer_service_text_new(text);
	text[FER_SERVICE_LEN] = '0';
	assert_false(fer_service_text_valid((struct fer_str){ text, FER_SERVICE_LEN + 1 }));
	for (size_t n = 0; n < FER_SERVICE_LEN; n++)
		assert_false(fer_service_text_valid((struct fer_str){ text, n }));
	assert_false(fer_service_text_valid(FER_STR_NONE));
}

/* zlib.crc32 of the 48 characters, in base 62: worked out elsewhere. */
static void the_published_example_is_valid(void **state)
{
	assert_true(fer_service_text_valid(FER_S("ferp_00000000000000000000000000000000000000000002gIuSu")));
	assert_false(fer_service_text_valid(FER_S("ferp_00000000000000000000000000000000000000000002gIuSv")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_new_text_is_valid_and_its_own),
		cmocka_unit_test(any_other_letter_in_any_place_shows),
		cmocka_unit_test(other_lengths_are_none),
		cmocka_unit_test(the_published_example_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
