/*
 * Any bytes as a fixture, loaded into a house. Passwords are not hashed here: that is slow, and has a target of its own.
 */
#include <assert.h>

#include "cli/fixture.h"
#include "lib/file.h"
#include "lib/house.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)256 << 20);
	struct fer_value fixture;
	char why[256] = "";

	if (size && memmem(data, size, "password", 8))
		return 0;
	if (fer_fixture_read(arena, fuzz_file(data, size), &fixture, why))
		assert(why[0]);
	else if (fer_fixture_load(fuzz_house(), &fer_actor_system, arena, &fixture, why))
		assert(why[0]);
	return 0;
}
