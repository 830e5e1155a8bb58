/*
 * Checkpoints of the audit log come back from wherever they were kept: read, and their signatures checked.
 */
#include "auth/audit_impl.h"
#include "auth/audit_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)64 << 20);
	static const unsigned char public[32];
	struct fer_value list;
	size_t line;

	if (fer_audit_checkpoint_read(arena, (struct fer_str){ (const char *)data, size }, &list, &line))
		return 0;
	for (size_t i = 0; i < fer_count(&list); i++) {
		const struct fer_value *v = fer_at(&list, i);
		struct fer_audit_point point = { fer_map_str(arena, v, "node"), fer_map_int(v, "seq", 0), fer_map_str(arena, v, "hash"),
		                                 fer_map_int(v, "time_us", 0) };

		fer_audit_signed(public, FER_AUDIT_CHECKPOINT, &point, fer_map_str(arena, v, "signature"));
	}
	return 0;
}
