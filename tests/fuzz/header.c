/*
 * Accept, Content-Type and a body: lines in that order, then the body, read as JSON or XML by its type, and as a form.
 */
#include <assert.h>

#include "api/request.h"
#include "api/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fer_route routes[] = { { .form = false }, { .form = true } };
	static const enum fer_method methods[] = { FER_GET, FER_POST, FER_PUT, FER_DELETE };
	const struct fer_value none = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(routes) * FER_ARRAY_LEN(methods) && size; i++) {
		FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)256 << 20);
		struct fer_request request = { .method = FER_S("POST") };
		struct fer_call call = { .arena = arena, .request = &request, .route = &routes[i % 2], .method = methods[i / 2] };
		struct fer_str rest = { (const char *)data, size };

		if (fer_str_cut(&rest, '\n', &request.accept) && fer_str_cut(&rest, '\n', &request.content_type))
			request.body = rest;
		fer_request_accept(&call);
		if (fer_request_params(&call, &none) == 0)
			assert(call.params.kind == FER_V_MAP);
	}
	return 0;
}
