/*
 * Whom X-Forwarded-For means: the first address from the right that is no proxy of ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "http/forwarded.h"

#define PEER ""

static const struct { const char *lines[3]; const char *client; } cases[] = {
	{ { "203.0.113.9" }, "203.0.113.9" },
	{ { "203.0.113.9, 10.0.0.2" }, "203.0.113.9" },
	{ { "6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.3" }, "203.0.113.9" },
	{ { "6.6.6.6, 203.0.113.9" }, "203.0.113.9" },
	{ { "10.0.0.2" }, "10.0.0.2" },
	{ { "10.0.0.4,10.0.0.2" }, "10.0.0.4" },
	{ { "6.6.6.6", "203.0.113.9", "10.0.0.2" }, "203.0.113.9" },
	{ { "203.0.113.9", "6.6.6.6, 10.0.0.2" }, "6.6.6.6" },
	{ { "203.0.113.9, unknown, 10.0.0.2" }, "10.0.0.2" },
	{ { "203.0.113.9, unknown" }, PEER },
	{ { "203.0.113.9," }, PEER },
	{ { "" }, PEER },
	{ { "203.0.113.9, <script>, 198.51.100.7" }, "198.51.100.7" },
	{ { "2001:db8::7, 10.0.0.2" }, "2001:db8::7" },
	{ { "::ffff:203.0.113.9, ::ffff:10.0.0.2" }, "203.0.113.9" },
	{ { "203.0.113.9:4711, 10.0.0.2:80" }, "203.0.113.9" },
	{ { "[2001:db8::7]:4711" }, "2001:db8::7" },
	{ { "[2001:db8::7]" }, "2001:db8::7" },
	{ { "[2001:db8::7" }, PEER },
	{ { " \t203.0.113.9 \t" }, "203.0.113.9" },
};

static void the_client_is_the_first_untrusted_hop_from_the_right(void **state)
{
	struct fer_proxies *proxies;
	char why[256], text[FER_IP_TEXT];

	assert_int_equal(fer_proxies_new("10.0.0.0/8", &proxies, why), 0);
	for (size_t i = 0; i < FER_ARRAY_LEN(cases); i++) {
		struct fer_forwarded forwarded = { 0 };

		for (size_t n = 0; n < FER_ARRAY_LEN(cases[i].lines) && cases[i].lines[n]; n++)
			fer_forwarded_for(&forwarded, proxies, fer_str(cases[i].lines[n]));
		text[0] = '\0';
		if (forwarded.known)
			fer_ip_text(&forwarded.client, text);
		assert_string_equal(text, cases[i].client);
	}
	free(proxies);
}

static void a_wrong_list_is_named(void **state)
{
	struct fer_proxies *proxies;
	char why[256];

	assert_true(fer_proxies_new("10.0.0.0/8, nginx", &proxies, why) < 0);
	assert_non_null(strstr(why, "\"nginx\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_is_the_first_untrusted_hop_from_the_right),
		cmocka_unit_test(a_wrong_list_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
