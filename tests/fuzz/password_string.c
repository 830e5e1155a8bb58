/*
 * Any bytes as a stored password text. Chains that would really cost Argon2 are passed by: they are slow, not different.
 */
#include <assert.h>
#include <errno.h>

#include "auth/password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* The keys hold what GnuTLS allocated, in locked pages which the leak check does not read. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static bool is_costly(struct fer_str text)
{
	struct fer_str rest = text, piece;

	while (fer_str_cut(&rest, ':', &piece)) {
		if (fer_str_is(piece, "2"))
			return true;
		if (!fer_str_starts(piece, "3_"))
			continue;
		/* "3_<size>_<ops>_<mem>": let only small memory and few passes through. */
		ptrdiff_t last = -1;

		for (size_t i = 0; i < piece.len; i++)
			if (piece.at[i] == '_')
				last = (ptrdiff_t)i;
		if (piece.len - (size_t)last > 6)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fer_keys *keys;
	struct fer_str stored = { (const char *)data, size };
	char why[256];
	int r;

	if (!keys && fer_keys_new(FER_S("0123456789abcdef0123456789abcdef"), &keys, why))
		abort();
	if (is_costly(stored))
		return 0;
	r = fer_password_verify(keys, FER_S("password"), stored);
	assert(r == 0 || r == 1 || r == -ENOMEM);
	return 0;
}
