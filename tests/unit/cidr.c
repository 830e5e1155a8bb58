/*
 * What core/cidr.h promises: one form for each address, strict texts, ranges that hold exactly what they say.
 */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/cidr.h"

static void addresses_have_one_form(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "192.0.2.1", "192.0.2.1" }, { "0.0.0.0", "0.0.0.0" }, { "255.255.255.255", "255.255.255.255" },
		{ "::ffff:192.0.2.1", "192.0.2.1" }, { "::FFFF:c000:201", "192.0.2.1" }, { "::", "::" }, { "::1", "::1" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" }, { "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++) {
		struct fer_ip ip;
		char text[FER_IP_TEXT];

		assert_int_equal(fer_ip_parse(fer_str(cases[i].in), &ip), 0);
		fer_ip_text(&ip, text);
		assert_string_equal(text, cases[i].out);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const cases[] = {
		"", " ", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.04", "0x7f.0.0.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:80",
		"[::1]", "::1%lo", ":::", "1::2::3", "12345::", "::g", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1.2.3", "1.2.3.4/32", "localhost",
		"::ffff:1.2.3.4.5", "0000:0000:0000:0000:0000:ffff:255.255.255.2555", "+1.2.3.4", "1.2.3.-4", "2130706433",
	};
	struct fer_ip ip;

	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++)
		assert_int_equal(fer_ip_parse(fer_str(cases[i]), &ip), -EINVAL);
	assert_int_equal(fer_ip_parse(FER_STR_NONE, &ip), -EINVAL);
	assert_int_equal(fer_ip_parse(FER_S("1.2.3.4\0"), &ip), -EINVAL);
}

static void ranges_hold_what_they_say(void **state)
{
	static const struct { const char *range, *address; bool in; } cases[] = {
		{ "10.0.0.0/8", "10.255.255.255", true }, { "10.0.0.0/8", "11.0.0.0", false }, { "10.0.0.0/8", "9.255.255.255", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true }, { "::ffff:10.0.0.0/104", "10.1.2.3", true },
		{ "192.0.2.128/25", "192.0.2.128", true }, { "192.0.2.128/25", "192.0.2.127", false }, { "192.0.2.6/31", "192.0.2.7", true },
		{ "192.0.2.6/31", "192.0.2.8", false }, { "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1/32", "192.0.2.0", false }, { "0.0.0.0/0", "203.0.113.9", true }, { "0.0.0.0/0", "2001:db8::1", false },
		{ "0.0.0.0/0", "::", false }, { "::/0", "2001:db8::1", true }, { "::/0", "203.0.113.9", false },
		{ "::/64", "203.0.113.9", false }, { "::ffff:0.0.0.0/96", "203.0.113.9", true }, { "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::", false }, { "2001:db8:0:8000::/49", "2001:db8:0:8000::", true },
		{ "2001:db8:0:8000::/49", "2001:db8:0:7fff::", false }, { "::1", "::1", true }, { "::1", "::2", false }, { "::1/128", "0.0.0.1", false },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++) {
		struct fer_cidr cidr;
		struct fer_ip ip;

		assert_int_equal(fer_cidr_parse(fer_str(cases[i].range), &cidr), 0);
		assert_int_equal(fer_ip_parse(fer_str(cases[i].address), &ip), 0);
		assert_int_equal(fer_cidr_has(&cidr, &ip), cases[i].in);
	}
}

static void what_is_no_range_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0 /8",
		"10.0.0.1/8", "192.0.2.129/25", "0.0.0.1/0", "::1/127", "2001:db8::1/32", "::/129", "::/999999999999999999999", "::ffff:10.0.0.1/104",
		"10.0.0.0/255.0.0.0", "10.0.0.0/a", "10/8", "*",
	};
	struct fer_cidr cidr;

	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++)
		assert_int_equal(fer_cidr_parse(fer_str(cases[i]), &cidr), -EINVAL);
	assert_int_equal(fer_cidr_parse(FER_STR_NONE, &cidr), -EINVAL);
}

static void lists_name_what_is_wrong_in_them(void **state)
{
	struct fer_cidrs cidrs;
	struct fer_str bad = FER_STR_NONE;
	struct fer_ip ip;

	assert_int_equal(fer_cidrs_parse(FER_S(" "), &cidrs, &bad), 0);
	assert_int_equal(cidrs.n, 0);
	assert_int_equal(fer_cidrs_parse(FER_S("10.0.0.0/8 ,\t::1, 192.0.2.1"), &cidrs, &bad), 0);
	assert_int_equal(cidrs.n, 3);
	assert_int_equal(fer_ip_parse(FER_S("192.0.2.1"), &ip), 0);
	assert_true(fer_cidrs_have(&cidrs, &ip));
	assert_int_equal(fer_ip_parse(FER_S("192.0.2.2"), &ip), 0);
	assert_false(fer_cidrs_have(&cidrs, &ip));
	assert_int_equal(fer_cidrs_parse(FER_S("10.0.0.0/8, 10.0.0.1/8, ::1"), &cidrs, &bad), -EINVAL);
	assert_true(fer_str_is(bad, "10.0.0.1/8"));
	assert_int_equal(fer_cidrs_parse(FER_S("::1,"), &cidrs, &bad), -EINVAL);
	assert_int_equal(bad.len, 0);
}

static void a_list_has_a_stated_length(void **state)
{
	char text[(FER_CIDRS_MAX + 1) * 4 + 1];
	struct fer_cidrs cidrs;
	struct fer_str bad = FER_STR_NONE;

	for (size_t i = 0; i <= FER_CIDRS_MAX; i++)
		memcpy(text + i * 4, "::1,", 5);
	assert_int_equal(fer_cidrs_parse((struct fer_str){ text, FER_CIDRS_MAX * 4 - 1 }, &cidrs, &bad), 0);
	assert_int_equal(cidrs.n, FER_CIDRS_MAX);
	assert_int_equal(fer_cidrs_parse((struct fer_str){ text, (FER_CIDRS_MAX + 1) * 4 - 1 }, &cidrs, &bad), -EINVAL);
}

static void loopback_is_known(void **state)
{
	static const struct { const char *text; bool loopback; } cases[] = {
		{ "127.0.0.1", true }, { "127.255.0.9", true }, { "::ffff:127.0.0.1", true }, { "::1", true }, { "128.0.0.1", false },
		{ "::127.0.0.1", false }, { "::2", false }, { "::", false },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++) {
		struct fer_ip ip;

		assert_int_equal(fer_ip_parse(fer_str(cases[i].text), &ip), 0);
		assert_int_equal(fer_ip_is_loopback(&ip), cases[i].loopback);
	}
}

static void a_name_is_no_address(void **state)
{
	static const struct { const char *host; bool loopback; } cases[] = {
		{ "localhost", true }, { "127.0.0.1", true }, { "127.9.9.9", true }, { "::1", true }, { "[::1]", true },
		{ "127.evil.example", false }, { "127.0.0.1.evil.example", false }, { "localhost.evil.example", false }, { "localhostx", false },
		{ "[::1].evil.example", false }, { "[::2]", false }, { "10.0.0.1", false }, { "[]", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++)
		assert_int_equal(fer_host_is_loopback(fer_str(cases[i].host)), cases[i].loopback);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_one_form),          cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(ranges_hold_what_they_say),        cmocka_unit_test(what_is_no_range_is_refused),
		cmocka_unit_test(lists_name_what_is_wrong_in_them), cmocka_unit_test(a_list_has_a_stated_length),
		cmocka_unit_test(loopback_is_known),
		cmocka_unit_test(a_name_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
