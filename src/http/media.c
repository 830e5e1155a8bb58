/*
 * Pictures under /media/catalog/product: a file, its tag and how long it may be kept. Nothing of it is Magento's API, so it is answered
 * before api; opening a file is a look into the kernel's memory, so it is done on the event thread.
 */
#include "http/http.h"

#include <errno.h>
#include <unistd.h>

#include "auth/limit.h"
#include "catalog/image.h"
#include "core/clock.h"
#include "store/media.h"

#define PREFIX "/media/" FER_MEDIA_PICTURES "/"
/* A name that is free again may be given to another picture. */
#define KEEP "public, max-age=86400"

static bool is_read(const struct fer_exchange *x)
{
	return fer_str_is(x->request.method, "GET") || fer_str_is(x->request.method, "HEAD");
}

bool fer_media_is(const struct fer_exchange *x)
{
	return x->http->server->media && is_read(x) && fer_str_starts(x->request.path, PREFIX);
}

static struct fer_str header(const struct fer_exchange *x, const char *name)
{
	return fer_str(MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name));
}

/* The list of If-None-Match, or '*' (RFC 9110, 13.1.2); without it the older header. */
static bool is_known(const struct fer_exchange *x, struct fer_str tag, struct fer_str changed)
{
	struct fer_str tags = header(x, MHD_HTTP_HEADER_IF_NONE_MATCH), piece;

	if (!tags.at)
		return fer_str_eq(header(x, MHD_HTTP_HEADER_IF_MODIFIED_SINCE), changed);
	while (fer_str_cut(&tags, ',', &piece)) {
		piece = fer_str_trim(piece);
		if (fer_str_starts(piece, "W/"))
			piece = fer_str_skip(piece, 2);
		if (fer_str_eq(piece, tag) || fer_str_is(piece, "*"))
			return true;
	}
	return false;
}

static enum MHD_Result send_file(struct fer_exchange *x, int fd, const struct stat *what, const char *type)
{
	char tag[64], changed[64];
	struct tm tm;

	snprintf(tag, sizeof(tag), "\"%llx-%llx-%llx\"", (unsigned long long)what->st_mtim.tv_sec, (unsigned long long)what->st_mtim.tv_nsec,
	         (unsigned long long)what->st_size);
	gmtime_r(&what->st_mtim.tv_sec, &tm);
	strftime(changed, sizeof(changed), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	const struct fer_file file = { .fd = fd, .size = (uint64_t)what->st_size, .type = type, .headers = {
		{ MHD_HTTP_HEADER_ETAG, tag }, { MHD_HTTP_HEADER_LAST_MODIFIED, changed }, { MHD_HTTP_HEADER_CACHE_CONTROL, KEEP },
		{ "X-Content-Type-Options", "nosniff" }, { NULL, NULL } } };

	return fer_reply_file(x, &file, is_known(x, fer_str(tag), fer_str(changed)) ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK);
}

static bool is_too_many(const struct fer_exchange *x)
{
	struct fer_limits *limits = x->http->server->limits;
	struct fer_limit_key key = fer_limit_key_source(&x->request.address);
	struct fer_limit_state state = { 0 };

	if (fer_limits_any(limits, &x->request.address))
		fer_limit_take(limits, FER_LIMIT_API_SOURCE, &key, &state);
	return state.refused;
}

static int open_picture(const struct fer_exchange *x, struct stat *what, const char **type)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1u << 16);
	struct fer_str path = fer_url_decode(arena, fer_str_skip(x->request.path, strlen(PREFIX) - 1), false);

	*type = fer_image_served(path);
	return *type ? fer_media_fd(x->http->server->media, FER_MEDIA_PICTURES, path, what) : -ENOENT;
}

enum MHD_Result fer_media_reply(struct fer_exchange *x)
{
	const char *type;
	struct stat what;
	int fd;

	if (is_too_many(x))
		return fer_reply_error(x, FER_E_TOO_MANY_REQUESTS);
	if ((fd = open_picture(x, &what, &type)) < 0)
		return fer_reply_error(x, FER_E_PICTURE_MISSING);
	return send_file(x, fd, &what, type);
}
