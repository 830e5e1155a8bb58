/*
 * What core promises: PHP's JSON bytes, PHP's casts, decimals without doubles, text in its cases.
 */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/clock.h"
#include "core/fault.h"
#include "core/json.h"

static struct fer_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = fer_arena_new((size_t)1 << 20);
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fer_arena_free(arena);
	return 0;
}

static struct fer_str written(const struct fer_value *v)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 65536);
	fer_json_write(&buf, v);
	return fer_buf_view(&buf);
}

/* Expected texts were printed by PHP 8.2: echo json_encode(json_decode($in, true)). */
static const struct { const char *in, *out; } json_cases[] = {
	{ "\"a/b\"", "\"a\\/b\"" },
	{ "\"\xc3\xb6\xe2\x82\xac\xf0\x9f\x99\x82\"", "\"\\u00f6\\u20ac\\ud83d\\ude42\"" },
	{ "\"\\u0001\\n\\t\\\"'\"", "\"\\u0001\\n\\t\\\"'\"" },
	{ "12.50", "12.5" }, { "39.0", "39" }, { "0.1", "0.1" }, { "1e25", "1.0e+25" }, { "123456789012345678", "123456789012345678" },
	{ "0.00001", "1.0e-5" }, { "1.5e-7", "1.5e-7" }, { "100000000000000000000", "1.0e+20" }, { "-0.0", "-0" },
	{ "1234567890123456.5", "1234567890123456.5" }, { "0.30000000000000004", "0.30000000000000004" },
	{ "{}", "[]" }, { "[]", "[]" }, { "{\"a\":{\"b\":null},\"c\":[true,false]}", "{\"a\":{\"b\":null},\"c\":[true,false]}" },
	{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}" },
};

static void json_is_written_as_php_writes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < FER_ARRAY_LEN(json_cases); i++) {
		struct fer_value v;

		assert_int_equal(fer_json_read(arena, fer_str(json_cases[i].in), &v), 0);
		assert_string_equal(fer_str_z(arena, written(&v)), json_cases[i].out);
	}
}

static void bad_json_is_refused(void **state)
{
	static const char *const bad[] = { "", "{", "{\"a\":}", "[1,]", "nul", "\"\xff\"", "\"\\ud800\"", "01", "{'a':1}", "1 2" };
	struct fer_value v;

	(void)state;
	for (size_t i = 0; i < FER_ARRAY_LEN(bad); i++)
		assert_int_not_equal(fer_json_read(arena, fer_str(bad[i]), &v), 0);
}

static void json_deeper_than_512_is_refused(void **state)
{
	char text[2 * 600];
	struct fer_value v;

	(void)state;
	for (int depth = 510; depth <= 515; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		assert_int_equal(fer_json_read(arena, (struct fer_str){ text, (size_t)depth * 2 }, &v), depth > 512 ? -EINVAL : 0);
	}
}

static const struct { const char *text; fer_micro value; bool ok; } decimal_cases[] = {
	{ "12.5", 12500000, true }, { "-3", -3000000, true }, { ".5", 500000, true }, { "0.0000005", 1, true },
	{ "0.0000004", 0, true }, { "1e3", 1000000000, true }, { "", 0, false }, { "abc", 0, false }, { "1.2.3", 0, false },
	{ "-0.0000005", -1, true }, { " 7 ", 7000000, true }, { "0x10", 0, false }, { "9999999999999", 9223372036854775807, true },
};

static void decimals_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < FER_ARRAY_LEN(decimal_cases); i++) {
		fer_micro x = 0;

		assert_int_equal(fer_decimal_parse(fer_str(decimal_cases[i].text), &x), decimal_cases[i].ok);
		if (decimal_cases[i].ok)
			assert_int_equal(x, decimal_cases[i].value);
	}
	assert_string_equal(fer_decimal_text(arena, 12345650, 4).at, "12.3457");
	assert_string_equal(fer_decimal_text(arena, -500, 4).at, "-0.0005");
	assert_int_equal(fer_decimal_mul(19990000, 3000000), 59970000);
	assert_int_equal(fer_decimal_round(2500000, 0), 3000000);
	assert_int_equal(fer_decimal_round(-2500000, 0), -3000000);
}

static void text_becomes_numbers_as_in_php(void **state)
{
	static const struct { const char *text; int64_t number; bool numeric; } cases[] = {
		{ "3", 3, true }, { "3.7", 3, true }, { " 3", 3, true }, { "3 ", 3, true }, { "3x", 3, false }, { "x", 0, false },
		{ "", 0, false }, { "1e2", 100, true }, { "99999999999999999999", INT64_MAX, true },
		{ "-99999999999999999999", INT64_MIN, true }, { ".5", 0, true }, { "0x1A", 0, false }, { "-", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++) {
		struct fer_value v = fer_text(cases[i].text);

		assert_int_equal(fer_as_int(&v), cases[i].number);
		assert_int_equal(fer_is_numeric(&v), cases[i].numeric);
	}
	struct fer_value big = fer_double(1e20);
	assert_int_equal(fer_as_int(&big), 7766279631452241920);
}

static void names_change_their_spelling(void **state)
{
	(void)state;
	assert_string_equal(fer_str_z(arena, fer_str_snake(arena, FER_S("taxClassId"))), "tax_class_id");
	assert_string_equal(fer_str_z(arena, fer_str_camel(arena, FER_S("tax_class_id"))), "taxClassId");
	assert_string_equal(fer_str_z(arena, fer_str_pascal(arena, FER_S("my_field_name"))), "MyFieldName");
	assert_string_equal(fer_str_z(arena, fer_str_pascal(arena, FER_S("0"))), "0");
}

static void urls_are_decoded(void **state)
{
	(void)state;
	assert_string_equal(fer_str_z(arena, fer_url_decode(arena, FER_S("a%2Fb+c%"), false)), "a/b+c%");
	assert_string_equal(fer_str_z(arena, fer_url_decode(arena, FER_S("a%2fb+c%zz"), true)), "a/b c%zz");
}

static void times_are_utc_text(void **state)
{
	int64_t t = 0;

	(void)state;
	assert_true(fer_time_parse(FER_S("2026-11-23 21:03:39"), &t));
	assert_string_equal(fer_time_text(arena, t).at, "2026-11-23 21:03:39");
	assert_false(fer_time_parse(FER_S("2026-13-01"), &t));
	assert_false(fer_time_parse(FER_S("yesterday"), &t));
}

static void faults_fill_their_messages(void **state)
{
	struct fer_fault fault = { 0 };

	(void)state;
	fer_fault_add(arena, &fault, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("id"), "fieldValue", fer_int(7), NULL);
	assert_string_equal(fer_str_z(arena, fer_fault_message(arena, &fault.items[0])), "No such entity with id = 7");
}

static void every_error_has_a_status_and_words(void **state)
{
	(void)state;
	for (int i = 1; i < FER_N_ERRORS; i++) {
		const struct fer_error_row *row = fer_error_row((enum fer_error)i);

		/* 200: a finding in the list that a bulk route answers; its name says that it is a row of one. */
		if (row->status == 200)
			assert_non_null(strstr(row->name, "_ROW_"));
		else
			assert_in_range(row->status, 400, 599);
		assert_true(row->message[0] != '\0');
	}
}

static void a_buffer_stops_at_its_maximum(void **state)
{
	struct fer_buf buf;

	(void)state;
	fer_buf_init(&buf, NULL, 8);
	fer_buf_text(&buf, "12345678");
	assert_false(buf.overflow);
	fer_buf_char(&buf, '9');
	assert_true(buf.overflow);
	assert_int_equal(buf.len, 8);
	fer_buf_release(&buf);
}

static void an_arena_knows_its_ceiling(void **state)
{
	struct fer_arena *small = fer_arena_new(100);

	(void)state;
	fer_alloc(small, 90);
	assert_false(fer_arena_broken(small));
	fer_alloc(small, 90);
	assert_true(fer_arena_broken(small));
	fer_arena_reset(small);
	assert_false(fer_arena_broken(small));
	fer_arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_written_as_php_writes_it),   cmocka_unit_test(bad_json_is_refused),
		cmocka_unit_test(json_deeper_than_512_is_refused),    cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(text_becomes_numbers_as_in_php),     cmocka_unit_test(names_change_their_spelling),
		cmocka_unit_test(urls_are_decoded),                   cmocka_unit_test(times_are_utc_text),
		cmocka_unit_test(faults_fill_their_messages),         cmocka_unit_test(every_error_has_a_status_and_words),
		cmocka_unit_test(a_buffer_stops_at_its_maximum),      cmocka_unit_test(an_arena_knows_its_ceiling),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
