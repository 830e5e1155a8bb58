/*
 * Pictures as a body brings them: base64, then a signature, then a name. What was read is in the bytes; a name leads nowhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/image.h"
#include "store/media.h"

static void check_name(struct fer_arena *arena, struct fer_str text)
{
	struct fer_str name = fer_media_name(arena, text), path = fer_media_path(arena, name), second = fer_media_numbered(arena, path, 7);

	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '/' || name.at[i] == '\\' || !name.at[i])
			abort();
	if (name.len > text.len + strlen("file") || path.len != name.len + 5 || path.at[1] == '.' || path.at[3] == '.')
		abort();
	if (second.len != path.len + 2 || !fer_str_eq(fer_media_name(arena, name), name))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_arena *arena = fer_arena_new(16u << 20);
	struct fer_str text = { (const char *)data, size }, bytes;

	fer_image_type(text);
	fer_image_served(text);
	check_name(arena, text);
	if (fer_base64_read(arena, text, &bytes)) {
		struct fer_str again;

		fer_image_type(bytes);
		if (bytes.len > size || !fer_base64_read(arena, fer_base64(arena, bytes), &again) || !fer_str_eq(again, bytes))
			abort();
	}
	fer_arena_free(arena);
	return 0;
}
