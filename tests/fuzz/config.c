/*
 * Any bytes as a configuration document: what is taken is written and read again without a difference, and planned against a house.
 */
#include <assert.h>

#include "auth/config_plan.h"
#include "lib/house.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void plan(struct fer_arena *arena, const struct fer_config_document *document)
{
	const struct fer_config_import import = { .document = document, .dry = true, .secrets = true, .unknown = document->n % 2 };
	struct fer_house *house = fuzz_house();
	struct fer_fault fault = { 0 };
	struct fer_config_plan out;
	int r = fer_config_import(house->auth, &fer_actor_system, arena, &import, &fault, &out);

	assert(r >= 0 && (r == 0) == (fault.n == 0) && fault.n <= 22);
	if (!r)
		fer_config_plan_show(arena, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping((size_t)256 << 20);
	struct fer_config_document document, again;
	struct fer_config_plan changes;
	struct fer_str text;
	char why[256] = "";

	if (fer_config_document_parse(arena, (struct fer_str){ (const char *)data, size }, &document, why)) {
		assert(why[0]);
		return 0;
	}
	assert(document.n <= FER_CONFIG_ENTRIES && document.n_scopes <= FER_CONFIG_SCOPES);
	assert(fer_config_document_text(arena, &document, &text) == 0);
	assert(fer_config_document_parse(arena, text, &again, why) == 0 && again.n == document.n);
	fer_config_compare(arena, &document, &again, &changes);
	for (size_t i = 0; i < changes.n; i++)
		assert(changes.changes[i].op == FER_CONFIG_UNCLEAR);
	plan(arena, &document);
	return 0;
}
