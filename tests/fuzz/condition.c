/*
 * Any bytes as the stored conditions of a sales rule. What is read is written, is read again and written alike.
 */
#include <assert.h>
#include <errno.h>

#include "promo/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bounds(const struct fer_rule_condition *condition, int depth, size_t *n)
{
	assert(depth <= FER_CONDITION_DEPTH && ++*n <= FER_CONDITION_NODES + 1);
	for (size_t i = 0; i < condition->n; i++)
		check_bounds(&condition->conditions[i], depth + 1, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_arena *arena = fer_arena_new(1 << 26);
	struct fer_rule_condition first, second;
	struct fer_value codes = fer_list();
	struct fer_buf once, twice;
	size_t n = 0;
	int r = fer_condition_read(arena, (struct fer_str){ (const char *)data, size }, &first);

	assert(r == 0 || r == -EINVAL || r == -E2BIG);
	fer_buf_init(&once, arena, 1 << 25);
	fer_buf_init(&twice, arena, 1 << 25);
	if (!r) {
		check_bounds(&first, 1, &n);
		fer_condition_attributes(arena, &first, &codes);
		fer_condition_shape(arena, &first);
		fer_condition_write(&once, &first);
		r = fer_condition_read(arena, fer_buf_view(&once), &second);
		assert(r == 0 || once.len > FER_CONDITION_SIZE);
	}
	if (!r) {
		fer_condition_write(&twice, &second);
		assert(fer_str_eq(fer_buf_view(&once), fer_buf_view(&twice)));
	}
	fer_arena_free(arena);
	return 0;
}
