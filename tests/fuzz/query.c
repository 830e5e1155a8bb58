/*
 * Query strings with PHP's brackets, and the fields= filter.
 */
#include "api/reply.h"
#include "api/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)256 << 20);
	struct fer_call call = { .arena = arena };
	struct fer_str text = { (const char *)data, size };
	struct fer_value v;

	fer_query_params(arena, text, &v);
	fer_fields_apply(&call, text, &v);
	return 0;
}
