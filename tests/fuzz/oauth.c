/*
 * Any bytes as the parts of a request that OAuth signs: lines in the order Authorization, host, path, query, body.
 */
#include <assert.h>

#include "auth/oauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_arena *arena = fer_arena_new(1 << 24);
	struct fer_credentials credentials = { .method = FER_S("POST"), .content_type = FER_S("application/x-www-form-urlencoded") };
	struct fer_str *const parts[] = { &credentials.authorization, &credentials.host, &credentials.path, &credentials.query,
	                                  &credentials.body };
	struct fer_str rest = { (const char *)data, size };
	struct fer_oauth_params params;

	for (size_t i = 0; i < FER_ARRAY_LEN(parts) && size; i++)
		if (!fer_str_cut(&rest, '\n', parts[i]))
			break;
	if (size && fer_oauth_wanted(credentials.authorization)) {
		struct fer_str plain, natural;

		fer_oauth_collect(arena, &credentials, &params);
		plain = fer_oauth_base_string(arena, &credentials, &params, false);
		natural = fer_oauth_base_string(arena, &credentials, &params, true);
		assert(plain.len == natural.len);
	}
	fer_arena_free(arena);
	return 0;
}
