/*
 * Runs a target over the files and folders named, each once: where there is no libFuzzer, and in the test run.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LONGEST (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t n_run;

/* In memory of exactly its size, so that reading past the end is seen. */
static void run_file(const char *path)
{
	static uint8_t text[LONGEST];
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(text, 1, sizeof(text), file) : 0;
	uint8_t *data = malloc(size ? size : 1);

	if (!file || !data) {
		perror(path);
		exit(2);
	}
	fclose(file);
	for (size_t i = 0; i < size; i++)
		data[i] = text[i];
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	n_run++;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_folder(const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_visible, alphasort);
	char path[4096];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		run_file(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	struct stat what;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &what) == 0 && S_ISDIR(what.st_mode))
			run_folder(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%zu inputs\n", n_run);
	return 0;
}
