/*
 * A call's files, in a list: put ones, and what shall be done once the transaction stands. Rows are right whatever becomes of the latter:
 * a file too many harms nobody.
 */
#include "api/file.h"

#include <errno.h>
#include <stdio.h>

#include "api/server.h"
#include "core/log.h"
#include "store/media.h"

enum file_deed { FILE_PUT, FILE_DROP, FILE_REPLACE };

struct fer_call_file {
	enum file_deed deed;
	const void *key;
	const char *base;
	struct fer_str path, to;
	struct fer_media_new made;     /* of FILE_PUT and FILE_DROP */
	struct fer_call_file *next;
};

static void tell(int r, struct fer_str path)
{
	char name[256];

	if (!r)
		return;
	snprintf(name, sizeof(name), "%.*s", FER_F(fer_str_take(path, sizeof(name) - 1)));
	fer_log(FER_LOG_WARN, "a file of the media folder could not be changed", "file", name, "reason", strerror(-r), NULL);
}

static void note(struct fer_call *call, struct fer_call_file file)
{
	struct fer_call_file *kept = FER_NEW(call->arena, struct fer_call_file);

	*kept = file;
	kept->next = call->files;
	call->files = kept;
}

int fer_file_put(struct fer_call *call, const void *key, const char *base, struct fer_str wished, struct fer_str bytes, struct fer_str *path)
{
	struct fer_call_file made = { .deed = FILE_PUT, .key = key, .base = base };
	int r;

	for (const struct fer_call_file *file = call->files; file; file = file->next)
		if (file->deed == FILE_PUT && file->key == key) {
			*path = file->made.path;
			return 0;
		}
	if (!call->server->media)
		return -ENOTDIR;
	if ((r = fer_media_put(call->server->media, call->arena, base, wished, bytes, &made.made)))
		return r;
	note(call, made);
	*path = made.made.path;
	return 0;
}

void fer_file_drop(struct fer_call *call, const char *base, struct fer_str path)
{
	struct fer_call_file file = { .deed = FILE_DROP, .base = base };

	if (!call->server->media)
		return;
	tell(fer_media_mark(call->server->media, base, path, &file.made), path);
	note(call, file);
}

void fer_file_replace(struct fer_call *call, const char *base, struct fer_str from, struct fer_str to)
{
	note(call, (struct fer_call_file){ .deed = FILE_REPLACE, .base = base, .path = from, .to = to });
}

void fer_files_again(struct fer_call *call)
{
	for (struct fer_call_file **at = &call->files; *at;) {
		const struct fer_call_file *file = *at;

		if (file->deed == FILE_PUT) {
			at = &(*at)->next;
			continue;
		}
		if (file->deed == FILE_DROP)
			tell(fer_media_settle(call->server->media, file->base, &file->made, true), file->made.path);
		*at = file->next;
	}
}

/* Where nobody knows how the transaction ended the file stays marked: the next start asks the rows. */
void fer_files_settle(struct fer_call *call, int result)
{
	struct fer_media *media = call->server->media;

	for (const struct fer_call_file *file = media && result >= 0 ? call->files : NULL; file; file = file->next) {
		bool keep = file->deed == FILE_PUT ? !result : result;

		if (file->deed != FILE_REPLACE)
			tell(fer_media_settle(media, file->base, &file->made, keep), file->made.path);
		else if (file->deed == FILE_REPLACE && !result)
			tell(fer_media_move(media, file->base, file->path, file->to), file->to);
	}
	call->files = NULL;
}
