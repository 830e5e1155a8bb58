/*
 * Any bytes as a whole request without sockets. Lines: method, target, Accept, Content-Type, Authorization ("A" for the admin's); then
 * the body.
 */
#include "lib/house.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_request request = { .source = FER_S("127.0.0.1"), .host = FER_S("localhost") };
	struct fer_str target = FER_STR_NONE, rest = { (const char *)data, size };
	struct fer_str *const lines[] = { &request.method, &target, &request.accept, &request.content_type, &request.authorization };
	ptrdiff_t mark;

	for (size_t i = 0; i < FER_ARRAY_LEN(lines); i++)
		if (!size || !fer_str_cut(&rest, '\n', lines[i]))
			break;
	request.body = rest;
	mark = fer_str_find(target, '?');
	request.path = mark < 0 ? target : fer_str_take(target, (size_t)mark);
	request.query = mark < 0 ? FER_STR_NONE : fer_str_skip(target, (size_t)mark + 1);
	if (fer_str_is(request.authorization, "A"))
		request.authorization = fuzz_admin();
	fuzz_request(&request);
	return 0;
}
