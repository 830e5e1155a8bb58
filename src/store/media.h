/*
 * The media folder: pictures and downloadable files, which rows name by their path below it. A path is walked name by name and no
 * link is followed, so none leads out of the folder, whoever wrote it into the database.
 */
#ifndef FER_STORE_MEDIA_H
#define FER_STORE_MEDIA_H

#include <sys/stat.h>

#include "core/arena.h"
#include "core/str.h"

struct fer_media;

#define FER_MEDIA_PICTURES "catalog/product"

/**
 * fer_media_open - the folder, made when it is missing. NULL: one below $TMPDIR that fer_media_close removes with all in it.
 * Errors: -errno; @why then holds a sentence.
 */
int fer_media_open(const char *folder, struct fer_media **out, char why[256]);
void fer_media_close(struct fer_media *media);
/** fer_media_folder - its path. */
const char *fer_media_folder(const struct fer_media *media);
/** fer_media_passing - it goes when the process ends. */
bool fer_media_passing(const struct fer_media *media);

/**
 * fer_media_name - @name as a file is called: what is no letter, digit, '_', '-' or '.' becomes '_', a run of it one.
 * Source: Framework File\Uploader getCorrectFileName, 2.4.7.
 */
struct fer_str fer_media_name(struct fer_arena *arena, struct fer_str name);
/** fer_media_path - "abc.jpg" as "/a/b/abc.jpg"; a '.' among the two becomes '_'. */
struct fer_str fer_media_path(struct fer_arena *arena, struct fer_str name);
/** fer_media_numbered - "/a/b/abc.jpg" as "/a/b/abc_2.jpg"; 0: as it is. */
struct fer_str fer_media_numbered(struct fer_arena *arena, struct fer_str path, int n);

/* A file that was just put. Its mark is a second name beside it, for as long as nobody knows whether rows will name it. */
struct fer_media_new {
	struct fer_str path;
	char mark[32];                 /* none where a file can have one name only */
};

/**
 * fer_media_put - a new file below @base ("catalog/product") at @wished, or where that is taken at its first free number; durable when
 * this returns 0. @file gets where it lies, and its mark, until fer_media_settle.
 * Errors: -EINVAL no name for a file, -ENOSPC and the like.
 */
int fer_media_put(struct fer_media *media, struct fer_arena *arena, const char *base, struct fer_str wished, struct fer_str bytes,
                  struct fer_media_new *file);
/** fer_media_mark - the same for a file that is there and may have to go. One that is not there is no error. */
int fer_media_mark(struct fer_media *media, const char *base, struct fer_str path, struct fer_media_new *file);
/** fer_media_settle - its rows stand, or @keep is false and they do not: without its mark, or gone. */
int fer_media_settle(struct fer_media *media, const char *base, const struct fer_media_new *file, bool keep);
/**
 * fer_media_sweep - what processes that were killed left below @base: marks older than @age_s, and their files unless @is_named.
 * Errors: -errno, also what @is_named returns below 0; what is left then is for the next time.
 */
int fer_media_sweep(struct fer_media *media, const char *base, int age_s, int (*is_named)(void *data, struct fer_str path), void *data);
/** fer_media_move - @from takes the place of @to, in one step. */
int fer_media_move(struct fer_media *media, const char *base, struct fer_str from, struct fer_str to);
/** fer_media_read - all bytes. Errors: -ENOENT, -EFBIG more than @max. */
int fer_media_read(struct fer_media *media, struct fer_arena *arena, const char *base, struct fer_str path, size_t max, struct fer_str *out);
/** fer_media_has - is there such a file? */
bool fer_media_has(struct fer_media *media, const char *base, struct fer_str path);
/** fer_media_fd - a regular file, opened to read. Returns: the number, -ENOENT, -EINVAL. */
int fer_media_fd(struct fer_media *media, const char *base, struct fer_str path, struct stat *what);

#endif
