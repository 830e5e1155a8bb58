/*
 * Reads the settings. Apart from the rows, because the rows are also the manual, and apart from the command line, because a test and
 * a server take them from the same place.
 */
#include "core/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <unistd.h>

#include <sodium.h>

#include "core/private.h"

#define DEFAULT_FILE "/etc/ferrite/ferrite.ini"
#define MAX_SECRET 4096

#define INT(name_, otherwise_, least_, most_, unit_, text_) \
	{ .name = #name_, .type = FER_SETTING_INT, .otherwise = #otherwise_, .least = (least_), .most = (most_), .unit = (unit_), \
	  .text = (text_), .offset = offsetof(struct fer_settings, name_) },
#define BOOL(name_, otherwise_, text_) \
	{ .name = #name_, .type = FER_SETTING_BOOL, .otherwise = #otherwise_, .text = (text_), \
	  .offset = offsetof(struct fer_settings, name_) },
#define TEXT(name_, otherwise_, text_) \
	{ .name = #name_, .type = FER_SETTING_TEXT, .otherwise = (otherwise_), .text = (text_), \
	  .offset = offsetof(struct fer_settings, name_) },
#define SECRET(name_, text_) \
	{ .name = #name_, .type = FER_SETTING_SECRET, .text = (text_), .offset = offsetof(struct fer_settings, name_) },

const struct fer_setting fer_setting_rows[] = {
#include "core/settings.def"
};
const size_t fer_n_settings = FER_ARRAY_LEN(fer_setting_rows);

#undef INT
#undef BOOL
#undef TEXT
#undef SECRET

static const struct fer_setting *row_by_name(const char *name)
{
	for (size_t i = 0; i < fer_n_settings; i++)
		if (strcmp(fer_setting_rows[i].name, name) == 0)
			return &fer_setting_rows[i];
	return NULL;
}

static void *place(struct fer_settings *settings, const struct fer_setting *row)
{
	return (char *)settings + row->offset;
}

static int set_int(struct fer_settings *settings, const struct fer_setting *row, const char *value, char why[256])
{
	int64_t n;

	if (!fer_str_int(fer_str(value), &n) || n < row->least || n > row->most) {
		snprintf(why, 256, "%s must be a number from %lld to %lld (%s), not \"%.60s\"", row->name, (long long)row->least,
		         (long long)row->most, row->unit, value);
		return -EINVAL;
	}
	*(int64_t *)place(settings, row) = n;
	return 0;
}

static int set_bool(struct fer_settings *settings, const struct fer_setting *row, const char *value, char why[256])
{
	static const struct { const char *text; bool truth; } words[] = {
		{ "true", 1 }, { "false", 0 }, { "yes", 1 }, { "no", 0 }, { "on", 1 }, { "off", 0 }, { "1", 1 }, { "0", 0 },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(words); i++)
		if (strcmp(words[i].text, value) == 0) {
			*(bool *)place(settings, row) = words[i].truth;
			return 0;
		}
	snprintf(why, 256, "%s must be true or false, not \"%.60s\"", row->name, value);
	return -EINVAL;
}

static int set_row(struct fer_settings *settings, const struct fer_setting *row, const char *value, char why[256])
{
	switch (row->type) {
	case FER_SETTING_INT:
		return set_int(settings, row, value, why);
	case FER_SETTING_BOOL:
		return set_bool(settings, row, value, why);
	default:
		*(const char **)place(settings, row) = fer_str_z(settings->arena, fer_str(value));
		return 0;
	}
}

int fer_settings_init(struct fer_settings *settings)
{
	char why[256];
	int r = 0;

	memset(settings, 0, sizeof(*settings));
	settings->arena = fer_arena_new_wiping(1u << 20);
	if (!settings->arena)
		return -ENOMEM;
	for (size_t i = 0; i < fer_n_settings && !r; i++)
		if (fer_setting_rows[i].otherwise)
			r = set_row(settings, &fer_setting_rows[i], fer_setting_rows[i].otherwise, why);
	return r;
}

void fer_settings_release(struct fer_settings *settings)
{
	fer_arena_freep(&settings->arena);
}

int fer_secret_read(struct fer_arena *arena, const char *path, const char **out)
{
	char text[MAX_SECRET + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return -EIO;
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n == 0 || n > MAX_SECRET) {
		sodium_memzero(text, sizeof(text));
		return -EINVAL;
	}
	*out = fer_str_z(arena, (struct fer_str){ text, (size_t)n });
	sodium_memzero(text, sizeof(text));
	return 0;
}

/* A reload reads them again. */
static void note_file(struct fer_settings *settings, const char *path)
{
	if (settings->n_files < FER_ARRAY_LEN(settings->files))
		settings->files[settings->n_files++] = fer_str_z(settings->arena, fer_str(path));
}

static int secret_from(struct fer_settings *settings, const struct fer_setting *row, const char *path, char why[256])
{
	int r = fer_private_check(path, FER_PRIVATE_SECRET, why);

	if (r)
		return r;
	r = fer_secret_read(settings->arena, path, (const char **)place(settings, row));
	note_file(settings, path);
	if (r)
		snprintf(why, 256, "%s cannot be read from %.150s: %s", row->name, path, strerror(-r));
	return r;
}

/* "crypt_key_file" names the secret crypt_key. */
static const struct fer_setting *secret_by_file_name(const char *name)
{
	char secret[64];
	size_t len = strlen(name);
	const struct fer_setting *row;

	if (len < 6 || len - 5 >= sizeof(secret) || strcmp(name + len - 5, "_file") != 0)
		return NULL;
	memcpy(secret, name, len - 5);
	secret[len - 5] = '\0';
	row = row_by_name(secret);
	return row && row->type == FER_SETTING_SECRET ? row : NULL;
}

int fer_settings_set(struct fer_settings *settings, const char *name, const char *value, char why[256])
{
	const struct fer_setting *row = row_by_name(name);

	if (row && row->type != FER_SETTING_SECRET)
		return set_row(settings, row, value, why);
	if ((row = secret_by_file_name(name)))
		return secret_from(settings, row, value, why);
	if (row_by_name(name))
		snprintf(why, 256, "%s is a secret: put it in a file and say %s_file, or use the environment", name, name);
	else
		snprintf(why, 256, "there is no setting \"%.60s\" (see: ferrite settings)", name);
	return -EINVAL;
}

struct reading {
	struct fer_settings *settings;
	char *why;
};

static int on_pair(void *data, const char *section, const char *name, const char *value)
{
	struct reading *reading = data;

	(void)section;
	return fer_settings_set(reading->settings, name, value, reading->why) == 0;
}

static int load_file(struct fer_settings *settings, const char *path, char why[256])
{
	struct reading reading = { settings, why };
	int line, r = fer_private_check(path ? path : DEFAULT_FILE, FER_PRIVATE_SETTINGS, why);

	if (r)
		return r;
	why[0] = '\0';
	note_file(settings, path ? path : DEFAULT_FILE);
	line = ini_parse(path ? path : DEFAULT_FILE, on_pair, &reading);
	if (line == 0 || (line == -1 && !path))
		return 0;
	if (line == -1) {
		snprintf(why, 256, "the settings file %.180s cannot be read", path);
		return -ENOENT;
	}
	if (!why[0])
		snprintf(why, 256, "line %d of %.180s is not NAME = VALUE", line, path ? path : DEFAULT_FILE);
	return -EINVAL;
}

/* FERRITE_DATABASE_PASSWORD, or with suffix "_FILE". */
static const char *from_environment(const struct fer_setting *row, const char *suffix)
{
	char variable[96];
	const char *value;

	snprintf(variable, sizeof(variable), "FERRITE_%s%s", row->name, suffix);
	for (char *c = variable; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 32);
	value = getenv(variable);
	return value && value[0] ? value : NULL;
}

static int secret_from_credential(struct fer_settings *settings, const struct fer_setting *row, char why[256])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];

	if (!folder || snprintf(path, sizeof(path), "%s/%s", folder, row->name) >= (int)sizeof(path) || access(path, R_OK) != 0)
		return 0;
	return secret_from(settings, row, path, why);
}

static int load_environment(struct fer_settings *settings, const struct fer_setting *row, char why[256])
{
	const char *value = from_environment(row, "");

	if (value)
		return set_row(settings, row, value, why);
	if (row->type != FER_SETTING_SECRET)
		return 0;
	if ((value = from_environment(row, "_FILE")))
		return secret_from(settings, row, value, why);
	return secret_from_credential(settings, row, why);
}

int fer_settings_load(struct fer_settings *settings, const char *path, char why[256])
{
	int r = load_file(settings, path, why);

	for (size_t i = 0; i < fer_n_settings && !r; i++)
		r = load_environment(settings, &fer_setting_rows[i], why);
	return r;
}
