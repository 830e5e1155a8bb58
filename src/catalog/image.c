/*
 * Pictures told apart by their signatures, and the few bytes behind them that hold their size: a file that ends before is none.
 */
#include "catalog/image.h"

#include <string.h>

struct signature {
	struct fer_str head;
	size_t at;                     /* where @head stands */
	size_t least;                  /* bytes up to the end of the size */
	const char *type;
};

static const struct signature signatures[] = {
	{ { "\x89PNG\r\n\x1a\n", 8 }, 0, 25, "image/png" },
	{ { "GIF", 3 }, 0, 11, "image/gif" },
	{ { "WEBP", 4 }, 8, 30, "image/webp" },
	{ { "BM", 2 }, 0, 26, "image/bmp" },
	{ { "8BPS", 4 }, 0, 24, "image/psd" },
	{ { "II*\0", 4 }, 0, 8, "image/tiff" },
	{ { "MM\0*", 4 }, 0, 8, "image/tiff" },
	{ { "ftypavif", 8 }, 4, 16, "image/avif" },
	{ { "\0\0\1\0", 4 }, 0, 22, "image/vnd.microsoft.icon" },
};

/* A start-of-frame marker holds the size; 0xC4, 0xC8 and 0xCC are of the same range and are none. */
static bool is_frame(unsigned char marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* From marker to marker up to a frame; one that ends, or whose picture begins without a frame, is no JPEG. */
static bool is_jpeg(struct fer_str bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	size_t i = 2;

	if (bytes.len < 4 || at[0] != 0xFF || at[1] != 0xD8)
		return false;
	while (i + 4 <= bytes.len) {
		size_t length = (size_t)at[i + 2] << 8 | at[i + 3];

		if (at[i] != 0xFF)
			return false;
		if (at[i + 1] == 0xFF) {         /* filling */
			i++;
			continue;
		}
		if (is_frame(at[i + 1]))
			return i + 10 <= bytes.len;
		if (at[i + 1] == 0xD9 || at[i + 1] == 0xDA || length < 2)
			return false;
		i += 2 + length;
	}
	return false;
}

const char *fer_image_type(struct fer_str bytes)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(signatures); i++) {
		const struct signature *s = &signatures[i];

		if (bytes.len >= s->least && memcmp(bytes.at + s->at, s->head.at, s->head.len) == 0)
			return s->type;
	}
	return is_jpeg(bytes) ? "image/jpeg" : NULL;
}

/* No SVG: it may hold a script. */
const char *fer_image_served(struct fer_str name)
{
	static const struct { struct fer_str end; const char *type; } rows[] = {
		{ { "jpg", 3 }, "image/jpeg" }, { { "jpeg", 4 }, "image/jpeg" }, { { "png", 3 }, "image/png" }, { { "gif", 3 }, "image/gif" },
		{ { "webp", 4 }, "image/webp" }, { { "avif", 4 }, "image/avif" },
	};
	size_t at = name.len;

	while (at && name.at[at - 1] != '.')
		at--;
	for (size_t i = 0; i < FER_ARRAY_LEN(rows) && at; i++)
		if (fer_str_ieq(fer_str_skip(name, at), rows[i].end))
			return rows[i].type;
	return NULL;
}
