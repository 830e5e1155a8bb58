/*
 * Any bytes as a time, a decimal and a whole number. What was read reads the same from its own text.
 */
#include <assert.h>

#include "core/clock.h"
#include "core/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_time(struct fer_arena *arena, struct fer_str text)
{
	int64_t unix_s, again;

	if (fer_time_parse(text, &unix_s))
		assert(fer_time_parse(fer_time_text(arena, unix_s), &again) && again == unix_s);
}

static void try_decimal(struct fer_arena *arena, struct fer_str text)
{
	struct fer_buf buf;
	fer_micro x, again;

	if (!fer_decimal_parse(text, &x))
		return;
	assert(fer_decimal_parse(fer_decimal_text(arena, x, 6), &again) && again == x);
	fer_buf_init(&buf, arena, 64);
	fer_decimal_json(&buf, x);
	assert(fer_decimal_parse(fer_buf_view(&buf), &again) && again == x);
	for (int digits = 0; digits < 6; digits++) {
		fer_micro rounded = fer_decimal_round(x, digits);

		assert(fer_decimal_round(rounded, digits) == rounded || rounded == INT64_MAX || rounded == -INT64_MAX);
	}
	assert(fer_decimal_mul(x, FER_ONE) == x && fer_decimal_mul(x, -FER_ONE) == -x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 20);
	struct fer_str text = { (const char *)data, size };
	int64_t n, again;

	if (!size)
		return 0;
	try_time(arena, text);
	try_decimal(arena, text);
	if (fer_str_int(text, &n))
		assert(fer_str_int(fer_str_fmt(arena, "%lld", (long long)n), &again) && again == n);
	return 0;
}
