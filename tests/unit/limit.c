/*
 * What auth/limit.h promises of its buckets, under a clock that the test holds.
 */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "auth/limit.h"

static int64_t now_us;

static int64_t held(const struct fer_clock *self)
{
	return now_us;
}

static const struct fer_clock clock_held = { .now_us = held };

static struct fer_limits *limits_with(int64_t rate, int64_t burst, const char *exempt)
{
	struct fer_limits *limits = fer_limits_new(&clock_held);
	const struct fer_settings settings = { .limit_token_source = rate, .limit_token_burst = burst, .limit_exempt = exempt };
	struct fer_limit_rules *rules;
	char why[256];

	assert_non_null(limits);
	assert_int_equal(fer_limit_rules_new(&settings, &rules, why), 0);
	fer_limits_put(limits, rules);
	return limits;
}

static struct fer_limit_key key(const char *address)
{
	struct fer_ip ip;

	assert_int_equal(fer_ip_parse(fer_str(address), &ip), 0);
	return fer_limit_key_source(&ip);
}

static struct fer_limit_state take(struct fer_limits *limits, struct fer_limit_key k)
{
	struct fer_limit_state state;

	fer_limit_take(limits, FER_LIMIT_TOKEN_SOURCE, &k, &state);
	return state;
}

static void a_bucket_empties_and_fills(void **state)
{
	struct fer_limits *limits = limits_with(6, 0, "");
	struct fer_limit_key k = key("192.0.2.1");
	struct fer_limit_state s = { 0 };

	now_us = 5000000000;
	for (int i = 5; i >= 0; i--) {
		s = take(limits, k);
		assert_false(s.refused);
		assert_int_equal(s.left, i);
		assert_int_equal(s.wait_s, 10);
	}
	now_us += 9000000;
	s = take(limits, k);
	assert_true(s.refused);
	assert_int_equal(s.left, 0);
	assert_int_equal(s.wait_s, 1);
	now_us += 1000000;
	assert_false(take(limits, k).refused);
	assert_true(take(limits, k).refused);
	now_us += 60000000;
	assert_int_equal(take(limits, k).left, 5);
	assert_true(fer_str_is(fer_limit_policy(limits, FER_LIMIT_TOKEN_SOURCE), "\"token-source\";q=6;w=60"));
	fer_limits_free(limits);
}

static void what_is_given_back_does_not_count(void **state)
{
	struct fer_limits *limits = limits_with(2, 0, "");
	struct fer_limit_key k = key("192.0.2.1"), other = key("192.0.2.2");
	struct fer_limit_state s;

	for (int i = 0; i < 10; i++) {
		s = take(limits, k);
		assert_false(s.refused);
		fer_limit_give_back(limits, FER_LIMIT_TOKEN_SOURCE, &k, &s);
		assert_int_equal(s.left, 2);
	}
	fer_limit_give_back(limits, FER_LIMIT_TOKEN_SOURCE, &k, &s);
	fer_limit_give_back(limits, FER_LIMIT_TOKEN_SOURCE, &other, &s);
	take(limits, k);
	take(limits, k);
	assert_true(take(limits, k).refused);
	fer_limits_free(limits);
}

static void sources_are_v4_addresses_and_v6_networks(void **state)
{
	struct fer_limits *limits = limits_with(1, 0, "");

	assert_false(take(limits, key("192.0.2.1")).refused);
	assert_true(take(limits, key("::ffff:192.0.2.1")).refused);
	assert_false(take(limits, key("192.0.2.2")).refused);
	assert_false(take(limits, key("2001:db8::1")).refused);
	assert_true(take(limits, key("2001:db8::ffff:1")).refused);
	assert_false(take(limits, key("2001:db8:0:1::1")).refused);
	fer_limits_free(limits);
}

static void names_equal_to_the_database_share_a_bucket(void **state)
{
	static const char *const same[] = { "admin", "ADMIN", "Admin  ", ("\xc3\xa1" "dmin") }, *const others[] = { "admi", " admin", "ad min", "" };
	struct fer_limit_key first = fer_limit_key_name(FER_S("admin"));

	for (size_t i = 0; i < FER_ARRAY_LEN(same); i++)
		assert_int_equal(fer_limit_key_name(fer_str(same[i])).at[0], first.at[0]);
	for (size_t i = 0; i < FER_ARRAY_LEN(others); i++)
		assert_int_not_equal(fer_limit_key_name(fer_str(others[i])).at[0], first.at[0]);
}

static void policies_do_not_share_buckets(void **state)
{
	struct fer_limits *limits = fer_limits_new(&clock_held);
	const struct fer_settings settings = { .limit_token_source = 1, .hash_budget = 1, .limit_exempt = "" };
	struct fer_limit_rules *rules;
	struct fer_limit_key k = key("192.0.2.1");
	struct fer_limit_state s;
	char why[256];

	assert_int_equal(fer_limit_rules_new(&settings, &rules, why), 0);
	fer_limits_put(limits, rules);
	assert_false(take(limits, k).refused);
	fer_limit_take(limits, FER_LIMIT_HASH_SOURCE, &k, &s);
	assert_false(s.refused);
	fer_limit_take(limits, FER_LIMIT_API_SOURCE, &k, &s);
	assert_false(s.applies || s.refused);
	fer_limits_free(limits);
}

/* Ten times as many sources as there are places, each of which empties a bucket or tries to: the first one's stays empty. */
static void crowding_resets_no_bucket(void **state)
{
	struct fer_limits *limits = limits_with(2, 0, "");
	struct fer_limit_key hot = key("192.0.2.1");
	size_t served = 0, n = (size_t)FER_LIMIT_PLACES * 10;

	take(limits, hot);
	take(limits, hot);
	for (size_t i = 0; i < n; i++) {
		struct fer_limit_key k = fer_limit_key_user(2, (int64_t)i);

		served += !take(limits, k).refused;
		served += !take(limits, k).refused;
		if (i % 1000 == 0)
			assert_true(take(limits, hot).refused);
	}
	assert_true(take(limits, hot).refused);
	assert_in_range(served, 2 * FER_LIMIT_PLACES - 2 * FER_LIMIT_PLACES / 16, 2 * FER_LIMIT_PLACES);
	/* After a full window, the places are free again. */
	now_us += 60000000;
	assert_int_equal(take(limits, hot).left, 1);
	fer_limits_free(limits);
}

static void a_clock_set_back_locks_nobody_out(void **state)
{
	struct fer_limits *limits = limits_with(60, 0, "");
	struct fer_limit_key k = key("192.0.2.1");

	now_us = 9000000000;
	for (int i = 0; i < 30; i++)
		take(limits, k);
	now_us = 1000000;
	assert_true(take(limits, k).refused);
	now_us += 1000000;
	assert_false(take(limits, k).refused);
	fer_limits_free(limits);
}

static void exempt_addresses_and_no_rules_cost_nothing(void **state)
{
	struct fer_limits *limits = fer_limits_new(&clock_held), *some = limits_with(1, 0, "127.0.0.0/8, ::1"), *off = limits_with(0, 0, "");
	struct fer_ip ip;

	assert_int_equal(fer_ip_parse(FER_S("192.0.2.1"), &ip), 0);
	assert_false(fer_limits_any(limits, &ip));
	assert_false(fer_limits_any(off, &ip));
	assert_true(fer_limits_any(some, &ip));
	assert_int_equal(fer_ip_parse(FER_S("127.0.0.9"), &ip), 0);
	assert_false(fer_limits_any(some, &ip));
	fer_limits_free(limits);
	fer_limits_free(some);
	fer_limits_free(off);
}

static void what_is_exempt_must_be_a_range(void **state)
{
	const struct fer_settings settings = { .limit_exempt = "127.0.0.0/8, 10.0.0.1/8" };
	struct fer_limit_rules *rules;
	char why[256];

	assert_int_equal(fer_limit_rules_new(&settings, &rules, why), -EINVAL);
	assert_non_null(strstr(why, "\"10.0.0.1/8\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_empties_and_fills),                 cmocka_unit_test(what_is_given_back_does_not_count),
		cmocka_unit_test(sources_are_v4_addresses_and_v6_networks),   cmocka_unit_test(names_equal_to_the_database_share_a_bucket),
		cmocka_unit_test(policies_do_not_share_buckets),              cmocka_unit_test(crowding_resets_no_bucket),
		cmocka_unit_test(a_clock_set_back_locks_nobody_out),          cmocka_unit_test(exempt_addresses_and_no_rules_cost_nothing),
		cmocka_unit_test(what_is_exempt_must_be_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
