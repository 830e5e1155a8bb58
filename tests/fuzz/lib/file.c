/*
 * In TMPDIR, and removed when the process ends as it should.
 */
#include "lib/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[4096];

static void remove_file(void)
{
	unlink(path);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static int fd = -1;
	const char *folder = getenv("TMPDIR");

	if (fd < 0) {
		snprintf(path, sizeof(path), "%s/ferrite-fuzz-XXXXXX", folder ? folder : "/tmp");
		if ((fd = mkstemp(path)) < 0)
			abort();
		atexit(remove_file);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return path;
}
