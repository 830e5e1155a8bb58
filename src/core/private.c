/*
 * Looks at modes, not at owners: whoever starts ferrite may be root, and the files those of the account it changes to.
 */
#include "core/private.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/str.h"

static bool is_credential(const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct fer_str rest = fer_str(path);

	if (!folder || folder[0] != '/' || !fer_str_starts(rest, folder))
		return false;
	rest = fer_str_skip(rest, strlen(folder));
	return rest.len && rest.at[0] == '/' && !strstr(rest.at, "/..");
}

/* The worst first: one is said. */
static const struct {
	mode_t bit;
	const char *says;
} ways[] = {
	{ S_IWOTH, "written by everybody" }, { S_IROTH, "read by everybody" }, { S_IWGRP, "written by its group" }, { S_IRGRP, "read by its group" },
};

int fer_private_check(const char *path, mode_t not_allowed, char why[256])
{
	struct stat file;
	size_t i = 0;

	if (stat(path, &file) || !S_ISREG(file.st_mode) || !(file.st_mode & not_allowed) || is_credential(path))
		return 0;
	while (!(ways[i].bit & file.st_mode & not_allowed))
		i++;
	snprintf(why, 256, "%.120s may be %s: chmod %s%s %.60s", path, ways[i].says, not_allowed & S_IRWXG ? "go" : "o",
	         not_allowed & S_IROTH ? "-rwx" : "-w", strlen(path) > 60 ? "it" : path);
	return -EACCES;
}
