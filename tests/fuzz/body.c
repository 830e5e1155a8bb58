/*
 * Bodies from outside: JSON and XML in, and whatever came in goes out again in both forms.
 */
#include "api/xml.h"
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)256 << 20);
	struct fer_str text = { (const char *)data, size };
	struct fer_value v;
	struct fer_buf buf;

	fer_buf_init(&buf, arena, (size_t)64 << 20);
	if (size && data[0] == '<' ? fer_xml_read(arena, text, &v) : fer_json_read(arena, text, &v))
		return 0;
	fer_json_write(&buf, &v);
	fer_xml_write(arena, &buf, &v);
	return 0;
}
