/*
 * Making and checking the text of a service token. Apart from what tokens mean, because scanners and tests need only this.
 */
#include "auth/service_text.h"

#include <sodium.h>

#define PREFIX_LEN (sizeof(FER_SERVICE_PREFIX) - 1)
#define SUMMED (PREFIX_LEN + FER_SERVICE_RANDOM)

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The CRC-32 of zlib, PNG and Ethernet. */
static uint32_t crc32_of(const char *at, size_t len)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
	}
	return ~crc;
}

/* @bytes as one number, most significant digit first, zeros in front; uses @bytes up. */
static void base62(unsigned char *bytes, size_t size, char *out, size_t len)
{
	while (len--) {
		unsigned rest = 0;

		for (size_t i = 0; i < size; i++) {
			unsigned n = rest << 8 | bytes[i];

			bytes[i] = (unsigned char)(n / 62);
			rest = n % 62;
		}
		out[len] = digits[rest];
	}
}

static void sum_of(const char *text, char out[FER_SERVICE_SUM])
{
	uint32_t crc = crc32_of(text, SUMMED);
	unsigned char bytes[4] = { (unsigned char)(crc >> 24), (unsigned char)(crc >> 16), (unsigned char)(crc >> 8), (unsigned char)crc };

	base62(bytes, sizeof(bytes), out, FER_SERVICE_SUM);
}

void fer_service_text_new(char out[FER_SERVICE_LEN + 1])
{
	unsigned char bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	memcpy(out, FER_SERVICE_PREFIX, PREFIX_LEN);
	base62(bytes, sizeof(bytes), out + PREFIX_LEN, FER_SERVICE_RANDOM);
	sum_of(out, out + SUMMED);
	out[FER_SERVICE_LEN] = '\0';
	sodium_memzero(bytes, sizeof(bytes));
}

bool fer_service_text_is(struct fer_str text)
{
	return fer_str_starts(text, FER_SERVICE_PREFIX);
}

bool fer_service_text_valid(struct fer_str text)
{
	char sum[FER_SERVICE_SUM];

	if (text.len != FER_SERVICE_LEN || !fer_service_text_is(text))
		return false;
	for (size_t i = PREFIX_LEN; i < text.len; i++)
		if (!memchr(digits, text.at[i], sizeof(digits) - 1))
			return false;
	sum_of(text.at, sum);
	return memcmp(sum, text.at + SUMMED, sizeof(sum)) == 0;
}
