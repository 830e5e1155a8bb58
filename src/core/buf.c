/*
 * The growing buffer. It has a maximum, so that no input can make it take all memory.
 */
#include "core/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

void fer_buf_init(struct fer_buf *buf, struct fer_arena *arena, size_t max)
{
	*buf = (struct fer_buf){ .arena = arena, .max = max };
}

void fer_buf_release(struct fer_buf *buf)
{
	if (!buf->arena)
		free(buf->at);
	*buf = (struct fer_buf){ 0 };
}

static void *grow(struct fer_buf *buf, size_t size)
{
	char *at;

	if (!buf->arena)
		return realloc(buf->at, size);
	at = fer_alloc(buf->arena, size);
	if (buf->len)
		memcpy(at, buf->at, buf->len);
	return at;
}

/* Room for @more bytes and a NUL behind them. */
static bool reserve(struct fer_buf *buf, size_t more)
{
	size_t size = buf->size ? buf->size : 256;
	char *larger;

	if (buf->overflow || more > buf->max - buf->len) {
		buf->overflow = true;
		return false;
	}
	if (buf->len + more < buf->size)
		return true;
	while (size <= buf->len + more)
		size *= 2;
	if (!(larger = grow(buf, size))) {
		buf->overflow = true;
		return false;
	}
	buf->at = larger;
	buf->size = size;
	return true;
}

void fer_buf_add(struct fer_buf *buf, const void *bytes, size_t size)
{
	if (!reserve(buf, size))
		return;
	if (size)
		memcpy(buf->at + buf->len, bytes, size);
	buf->len += size;
	buf->at[buf->len] = '\0';
}

void fer_buf_str(struct fer_buf *buf, struct fer_str s)
{
	fer_buf_add(buf, s.at, s.len);
}

void fer_buf_text(struct fer_buf *buf, const char *text)
{
	fer_buf_add(buf, text, strlen(text));
}

void fer_buf_char(struct fer_buf *buf, char c)
{
	fer_buf_add(buf, &c, 1);
}

void fer_buf_int(struct fer_buf *buf, int64_t n)
{
	char text[24], *at = text + sizeof(text);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (n < 0)
		*--at = '-';
	fer_buf_add(buf, at, (size_t)(text + sizeof(text) - at));
}

void fer_buf_fmt(struct fer_buf *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || !reserve(buf, (size_t)n))
		return;
	va_start(args, fmt);
	vsnprintf(buf->at + buf->len, (size_t)n + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)n;
}

struct fer_str fer_buf_view(const struct fer_buf *buf)
{
	return (struct fer_str){ buf->at ? buf->at : "", buf->len };
}

uint64_t fer_str_hash(struct fer_str s)
{
	static unsigned char seed[crypto_shorthash_KEYBYTES];
	static bool seeded;
	uint64_t hash;

	/* Two threads that meet here write the same kind of bytes once at start: fer_str_hash is first called before threads exist. */
	if (!seeded) {
		randombytes_buf(seed, sizeof(seed));
		seeded = true;
	}
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)s.at, s.len, seed);
	return hash;
}
