/*
 * QR codes by libqrencode, drawn into a grey picture that libpng packs.
 */
#include "tfa/qr.h"

#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <sodium.h>

#define SIDE 400

static void code_freep(QRcode **code)
{
	if (*code)
		QRcode_free(*code);
}

/* As large as whole dots allow, in the middle: what is left over is the quiet zone. */
static void draw(const QRcode *code, unsigned char *dots)
{
	int scale = SIDE / code->width, margin = (SIDE - scale * code->width) / 2;

	memset(dots, 255, SIDE * SIDE);
	for (int y = 0; y < scale * code->width; y++)
		for (int x = 0; x < scale * code->width; x++)
			if (code->data[y / scale * code->width + x / scale] & 1)
				dots[(margin + y) * SIDE + margin + x] = 0;
}

static int pack(struct fer_arena *arena, const unsigned char *dots, struct fer_str *out)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .width = SIDE, .height = SIDE, .format = PNG_FORMAT_GRAY };
	png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
	char *at = fer_alloc(arena, size);

	if (!png_image_write_to_memory(&image, at, &size, 0, dots, SIDE, NULL))
		return -ENOMEM;
	*out = (struct fer_str){ at, size };
	return 0;
}

int fer_qr_png(struct fer_arena *arena, struct fer_str text, struct fer_str *out)
{
	FER_CLEANUP(code_freep) QRcode *code = QRcode_encodeString8bit(fer_str_z(arena, text), 0, QR_ECLEVEL_H);
	unsigned char *dots;
	int r;

	if (!code)
		return errno == ERANGE ? -EMSGSIZE : -ENOMEM;
	dots = fer_alloc(arena, SIDE * SIDE);
	draw(code, dots);
	r = pack(arena, dots, out);
	sodium_memzero(code->data, (size_t)code->width * (size_t)code->width);
	return r;
}
