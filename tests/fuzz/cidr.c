/*
 * Ranges and lists of them. What was read is in itself, and reads the same from its own text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/cidr.h"

static void check(const struct fer_cidr *cidr)
{
	char address[FER_IP_TEXT], text[FER_IP_TEXT + 4];
	struct fer_cidr again;
	bool v4 = fer_ip_is_v4(&cidr->network);

	fer_ip_text(&cidr->network, address);
	snprintf(text, sizeof(text), "%s/%d", address, v4 && cidr->bits >= 96 ? cidr->bits - 96 : cidr->bits);
	if (v4 && cidr->bits < 96)
		abort();
	if (!fer_cidr_has(cidr, &cidr->network) || fer_cidr_parse(fer_str(text), &again) || memcmp(&again, cidr, sizeof(again)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_str text = { (const char *)data, size }, bad;
	struct fer_cidrs cidrs;

	if (fer_cidrs_parse(text, &cidrs, &bad) == 0)
		for (size_t i = 0; i < cidrs.n; i++)
			check(&cidrs.at[i]);
	return 0;
}
