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
	struct fer_call_file *next;
};

static void note(struct fer_call *call, struct fer_call_file file)
{
	struct fer_call_file *kept = FER_NEW(call->arena, struct fer_call_file);

	*kept = file;
	kept->next = call->files;
	call->files = kept;
}

int fer_file_put(struct fer_call *call, const void *key, const char *base, struct fer_str wished, struct fer_str bytes, struct fer_str *path)
{
	int r;

	for (const struct fer_call_file *file = call->files; file; file = file->next)
		if (file->deed == FILE_PUT && file->key == key) {
			*path = file->path;
			return 0;
		}
	if (!call->server->media)
		return -ENOTDIR;
	if (!(r = fer_media_put(call->server->media, call->arena, base, wished, bytes, path)))
		note(call, (struct fer_call_file){ .deed = FILE_PUT, .key = key, .base = base, .path = *path });
	return r;
}

void fer_file_drop(struct fer_call *call, const char *base, struct fer_str path)
{
	note(call, (struct fer_call_file){ .deed = FILE_DROP, .base = base, .path = path });
}

void fer_file_replace(struct fer_call *call, const char *base, struct fer_str from, struct fer_str to)
{
	note(call, (struct fer_call_file){ .deed = FILE_REPLACE, .base = base, .path = from, .to = to });
}

void fer_files_again(struct fer_call *call)
{
	for (struct fer_call_file **at = &call->files; *at;) {
		if ((*at)->deed == FILE_PUT)
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
}

static void tell(int r, struct fer_str path)
{
	char name[256];

	if (!r)
		return;
	snprintf(name, sizeof(name), "%.*s", FER_F(fer_str_take(path, sizeof(name) - 1)));
	fer_log(FER_LOG_WARN, "a file of the media folder could not be changed", "file", name, "reason", strerror(-r), NULL);
}

void fer_files_settle(struct fer_call *call, bool committed)
{
	struct fer_media *media = call->server->media;

	for (const struct fer_call_file *file = media ? call->files : NULL; file; file = file->next) {
		if ((file->deed == FILE_PUT && !committed) || (file->deed == FILE_DROP && committed))
			tell(fer_media_remove(media, file->base, file->path), file->path);
		else if (file->deed == FILE_REPLACE && committed)
			tell(fer_media_move(media, file->base, file->path, file->to), file->to);
	}
	call->files = NULL;
}
