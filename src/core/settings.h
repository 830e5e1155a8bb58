/*
 * The settings of the process, made from the rows of settings.def: defaults, then a file, then the environment, then options.
 */
#ifndef FER_CORE_SETTINGS_H
#define FER_CORE_SETTINGS_H

#include "core/str.h"

enum fer_setting_type { FER_SETTING_INT, FER_SETTING_BOOL, FER_SETTING_TEXT, FER_SETTING_SECRET };

struct fer_settings {
#define INT(name, otherwise, least, most, unit, text) int64_t name;
#define BOOL(name, otherwise, text) bool name;
#define TEXT(name, otherwise, text) const char *name;   /* never NULL */
#define SECRET(name, text) const char *name;            /* NULL: not given */
#include "core/settings.def"
#undef INT
#undef BOOL
#undef TEXT
#undef SECRET
	const char *files[16];                           /* they were read from: the settings file and those of secrets */
	size_t n_files;
	struct fer_arena *arena;                         /* wiping: it holds the secrets */
};

struct fer_setting {
	const char *name;
	enum fer_setting_type type;
	const char *otherwise;
	int64_t least, most;
	const char *unit;
	const char *text;
	size_t offset;                                   /* in struct fer_settings */
};

extern const struct fer_setting fer_setting_rows[];
extern const size_t fer_n_settings;

/** fer_settings_init - every setting at its default. Errors: -ENOMEM. */
int fer_settings_init(struct fer_settings *settings);
void fer_settings_release(struct fer_settings *settings);

/**
 * fer_settings_load - the file @path (NULL: /etc/ferrite/ferrite.ini when it is there), then FERRITE_… variables, then credentials.
 * Errors: -EINVAL for an unknown name or a bad value, -ENOENT for a named file that is not there, -EACCES for one that others than its
 *         owner may change, or for a secret that they may read; @why holds one sentence.
 */
int fer_settings_load(struct fer_settings *settings, const char *path, char why[256]);

/**
 * fer_settings_set - one setting by name, from an option of the command line.
 * Errors: -EINVAL: unknown, of the wrong form, out of range, or a secret; @why holds one sentence.
 */
int fer_settings_set(struct fer_settings *settings, const char *name, const char *value, char why[256]);

/** fer_secret_read - the first line of a file, in @arena. Errors: -errno; -EINVAL when it is empty or longer than 4 KiB. */
int fer_secret_read(struct fer_arena *arena, const char *path, const char **out);

#endif
