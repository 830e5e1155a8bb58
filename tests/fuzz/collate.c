/*
 * Three lines compared as columns compare: an order, and equal texts have equal hashes. SQLite's indexes are lost without it.
 */
#include <assert.h>

#include "store/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(struct fer_str a, struct fer_str b)
{
	int r = fer_collate(a, b);

	return (r > 0) - (r < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_str rest = { (const char *)data, size }, text[3] = { FER_S(""), FER_S(""), FER_S("") };

	for (size_t i = 0; i < 3 && size; i++)
		if (!fer_str_cut(&rest, '\n', &text[i]))
			break;
	for (size_t i = 0; i < 27; i++) {
		struct fer_str a = text[i / 9], b = text[i / 3 % 3], c = text[i % 3];

		assert(sign(a, a) == 0 && sign(a, b) == -sign(b, a));
		if (sign(a, b) <= 0 && sign(b, c) <= 0)
			assert(sign(a, c) <= 0 && (sign(a, c) < 0 || (sign(a, b) == 0 && sign(b, c) == 0)));
		assert(sign(a, b) != 0 || fer_collate_hash(a) == fer_collate_hash(b));
	}
	return 0;
}
