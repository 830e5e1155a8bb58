/*
 * X-Forwarded-For in two lines. Whoever is found stands in one of them, and is no proxy unless nobody else was named behind him.
 */
#include <stdlib.h>

#include "http/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fer_proxies none;
	struct fer_str rest = { (const char *)data, size }, line;
	struct fer_forwarded with = { 0 }, without = { 0 };
	struct fer_proxies proxies = { .ranges.n = 1 };

	if (!size || fer_cidr_parse(FER_S("10.0.0.0/8"), &proxies.ranges.at[0]))
		return 0;
	while (fer_str_cut(&rest, '\n', &line)) {
		fer_forwarded_for(&with, &proxies, line);
		fer_forwarded_for(&without, &none, line);
	}
	/* Without proxies the last address counts; with some, an unknown client stays unknown. */
	if (with.known != without.known)
		abort();
	if (with.known && !fer_cidrs_have(&proxies.ranges, &without.client) && memcmp(&with.client, &without.client, sizeof(with.client)) != 0)
		abort();
	return 0;
}
