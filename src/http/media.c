/*
 * Pictures under /media/catalog/product: a file, its tag and how long it may be kept. Nothing of it is Magento's API, so it is answered
 * before api; opening a file is a look into the kernel's memory, so it is done on the event thread.
 */
#include "http/http.h"

#include <ctype.h>
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

/* Digits alone: a number with a sign would be two ranges' worth of '-'. */
static bool read_number(struct fer_str text, int64_t *out)
{
	return text.len && isdigit((unsigned char)text.at[0]) && fer_str_int(text, out);
}

/* "5-9", "5-" or "-5" of @size bytes; @last is before @first where there are none. False: it is none of these, or several. */
static bool read_range(struct fer_str text, int64_t size, int64_t *first, int64_t *last)
{
	struct fer_str from, to = text;
	int64_t n;

	fer_str_cut(&to, '-', &from);
	if (!to.at)
		return false;
	if (!from.len) {
		if (!read_number(to, &n))
			return false;
		*first = n < size ? size - n : 0;
		*last = n ? size - 1 : -1;
		return true;
	}
	if (!read_number(from, first) || (to.len && !read_number(to, last)))
		return false;
	if (to.len && *last < *first)
		return false;
	if (!to.len || *last >= size)
		*last = size - 1;
	return true;
}

/* One range, of the picture that the client has a part of (RFC 9110, 14.2); whatever else is asked for is answered with all of it. */
static int cut(const struct fer_exchange *x, struct fer_str tag, struct fer_file *file, char range[80])
{
	struct fer_str wanted = header(x, MHD_HTTP_HEADER_RANGE), same = header(x, MHD_HTTP_HEADER_IF_RANGE);
	int64_t first = 0, last = 0, size = (int64_t)file->size;

	if (!fer_str_starts(wanted, "bytes=") || (same.at && !fer_str_eq(same, tag)) || !fer_str_is(x->request.method, "GET") ||
	    !read_range(fer_str_skip(wanted, strlen("bytes=")), size, &first, &last))
		return MHD_HTTP_OK;
	if (first >= size || last < first) {
		snprintf(range, 80, "bytes */%lld", (long long)size);
		return MHD_HTTP_RANGE_NOT_SATISFIABLE;
	}
	snprintf(range, 80, "bytes %lld-%lld/%lld", (long long)first, (long long)last, (long long)size);
	file->offset = (uint64_t)first;
	file->size = (uint64_t)(last - first + 1);
	return MHD_HTTP_PARTIAL_CONTENT;
}

static enum MHD_Result send_file(struct fer_exchange *x, int fd, const struct stat *what, const char *type)
{
	char tag[64], changed[64], range[80];
	struct tm tm;
	int status;

	snprintf(tag, sizeof(tag), "\"%llx-%llx-%llx\"", (unsigned long long)what->st_mtim.tv_sec, (unsigned long long)what->st_mtim.tv_nsec,
	         (unsigned long long)what->st_size);
	gmtime_r(&what->st_mtim.tv_sec, &tm);
	strftime(changed, sizeof(changed), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	struct fer_file file = { .fd = fd, .size = (uint64_t)what->st_size, .type = type, .headers = {
		{ MHD_HTTP_HEADER_ETAG, tag }, { MHD_HTTP_HEADER_LAST_MODIFIED, changed }, { MHD_HTTP_HEADER_CACHE_CONTROL, KEEP },
		{ "X-Content-Type-Options", "nosniff" }, { MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes" }, { NULL, NULL }, { NULL, NULL } } };

	status = is_known(x, fer_str(tag), fer_str(changed)) ? MHD_HTTP_NOT_MODIFIED : cut(x, fer_str(tag), &file, range);
	if (status == MHD_HTTP_PARTIAL_CONTENT || status == MHD_HTTP_RANGE_NOT_SATISFIABLE) {
		file.headers[5][0] = MHD_HTTP_HEADER_CONTENT_RANGE;
		file.headers[5][1] = range;
	}
	return fer_reply_file(x, &file, status);
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
