/*
 * Any bytes as a settings file. What is refused is refused with a sentence.
 */
#include <assert.h>

#include "core/settings.h"
#include "lib/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_settings settings;
	char why[256] = "";
	int r;

	/* A secret's file could be any device of this machine. */
	if (size && memmem(data, size, "_file", 5))
		return 0;
	if (fer_settings_init(&settings))
		abort();
	r = fer_settings_load(&settings, fuzz_file(data, size), why);
	assert(r == 0 || why[0]);
	for (size_t i = 0; i < fer_n_settings && !r; i++) {
		const struct fer_setting *row = &fer_setting_rows[i];
		const char *place = (const char *)&settings + row->offset;

		assert(row->type != FER_SETTING_INT || (*(const int64_t *)place >= row->least && *(const int64_t *)place <= row->most));
		assert(row->type != FER_SETTING_TEXT || *(const char *const *)place);
	}
	fer_settings_release(&settings);
	return 0;
}
