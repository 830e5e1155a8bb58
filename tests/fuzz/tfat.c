/*
 * Any bytes as a configuration token of the second factor. None is believed but those that ferrite made itself.
 */
#include <assert.h>

#include "auth/tfat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* The keys hold what GnuTLS allocated, in locked pages which the leak check does not read. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fer_keys *keys;
	struct fer_arena *arena = fer_arena_new(1 << 24);
	struct fer_str issued;
	struct fer_tfat tfat;
	char why[256];

	if (!keys && fer_keys_new(FER_S("0123456789abcdef0123456789abcdef"), &keys, why))
		__builtin_trap();
	if (!fer_tfat_read(arena, (struct fer_str){ (const char *)data, size }, &tfat)) {
		/* A seed is signed by another key. */
		assert(!fer_tfat_valid(keys, &tfat, 1700000001));
		assert(!fer_tfat_issue(keys, arena, tfat.user_id, tfat.issued_s, &issued) && !fer_tfat_read(arena, issued, &tfat));
	}
	fer_arena_free(arena);
	return 0;
}
