/*
 * Files and URLs of downloadable products: what is refused, what a file is called, and keeping it.
 * Source: Magento_Downloadable Link\ContentValidator, File\ContentValidator, Url\DomainValidator; Framework File\Uploader, 2.4.7.
 */
#include "catalog/download.h"

#include <ctype.h>
#include <errno.h>

#include "api/file.h"
#include "api/server.h"
#include "store/media.h"

#define NAME_MAX_LENGTH 90
#define FILES "downloadable/files/"

const struct fer_download fer_download_of_link = {
	.type = "link_type", .url = "link_url", .file = "link_file", .content = "link_file_content",
	.folder = FILES "links", .used = FER_SQL_DOWNLOAD_LINK_USES, .bad_type = FER_E_DOWNLOAD_LINK_TYPE, .bad_url = FER_E_DOWNLOAD_LINK_URL,
	.bad_domain = FER_E_DOWNLOAD_LINK_DOMAIN, .no_file = FER_E_DOWNLOAD_LINK_FILE,
};
const struct fer_download fer_download_of_link_sample = {
	.type = "sample_type", .url = "sample_url", .file = "sample_file", .content = "sample_file_content",
	.folder = FILES "link_samples", .used = FER_SQL_DOWNLOAD_LINK_SAMPLE_USES, .bad_type = FER_E_DOWNLOAD_LINK_SAMPLE_TYPE,
	.bad_url = FER_E_DOWNLOAD_SAMPLE_URL, .bad_domain = FER_E_DOWNLOAD_SAMPLE_DOMAIN, .no_file = FER_E_DOWNLOAD_LINK_SAMPLE_FILE,
};
const struct fer_download fer_download_of_sample = {
	.type = "sample_type", .url = "sample_url", .file = "sample_file", .content = "sample_file_content",
	.folder = FILES "samples", .used = FER_SQL_DOWNLOAD_SAMPLE_USES, .bad_type = FER_E_DOWNLOAD_SAMPLE_TYPE,
	.bad_url = FER_E_DOWNLOAD_SAMPLE_URL, .bad_domain = FER_E_DOWNLOAD_SAMPLE_DOMAIN, .no_file = FER_E_DOWNLOAD_SAMPLE_FILE,
};

static bool is_url(struct fer_str s)
{
	static const char *const schemes[] = { "http://", "https://", "ftp://" };

	for (size_t i = 0; i < FER_ARRAY_LEN(schemes); i++)
		if (fer_str_starts(s, schemes[i]) && s.len > strlen(schemes[i]) && isalnum((unsigned char)s.at[strlen(schemes[i])]))
			return true;
	return false;
}

static bool is_file_name(struct fer_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!name.at[i] || strchr("\\/?*:\";<>()|{}", name.at[i]))
			return false;
	return name.len > 0;
}

static int check_content(struct fer_call *call, const struct fer_value *content)
{
	struct fer_str data = fer_map_str(call->arena, content, "file_data"), name = fer_map_str(call->arena, content, "name"), bytes;

	if (!fer_base64_read(call->arena, data, &bytes))
		return fer_fail(call, FER_E_DOWNLOAD_BASE64, NULL);
	if (!is_file_name(name))
		return fer_fail(call, FER_E_DOWNLOAD_FILE_NAME, NULL);
	return name.len > NAME_MAX_LENGTH ? fer_fail(call, FER_E_DOWNLOAD_FILE_LONG, NULL) : 0;
}

static struct fer_str host_of(struct fer_str url)
{
	struct fer_str rest = fer_str_skip(url, (size_t)fer_str_find(url, '/') + strlen("//")), host = rest;
	ptrdiff_t at;

	for (size_t i = 0; i < rest.len && host.len == rest.len; i++)
		if (strchr("/?#\\", rest.at[i]))
			host = fer_str_take(rest, i);
	if ((at = fer_str_find(host, '@')) >= 0)
		host = fer_str_skip(host, (size_t)at + 1);
	return (at = fer_str_find(host, ':')) >= 0 ? fer_str_take(host, (size_t)at) : host;
}

static bool is_address(struct fer_str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!strchr("0123456789.", host.at[i]))
			return false;
	return true;
}

/* Only what the shop names; a name is in small letters, and an address is none. */
static bool is_allowed(struct fer_call *call, struct fer_str url)
{
	struct fer_str rest = call->server->downloadable_domains, host = host_of(url), name;

	while (!is_address(host) && fer_str_cut(&rest, ',', &name))
		if (fer_str_eq(fer_str_lower(call->arena, fer_str_trim(name)), host))
			return true;
	return false;
}

static int check_url(struct fer_call *call, const struct fer_download *d, struct fer_str url)
{
	if (!is_url(url))
		return fer_fail(call, d->bad_url, NULL);
	return is_allowed(call, url) ? 0 : fer_fail(call, d->bad_domain, NULL);
}

int fer_download_check(struct fer_call *call, const struct fer_download *d)
{
	struct fer_str type = fer_map_str(call->arena, d->body, d->type);

	if (fer_str_is(type, "url"))
		return check_url(call, d, fer_map_str(call->arena, d->body, d->url));
	if (!fer_str_is(type, "file"))
		return fer_fail(call, d->bad_type, NULL);
	if (fer_has(d->body, d->content))
		return check_content(call, fer_get(d->body, d->content));
	if (call->server->media && fer_media_has(call->server->media, d->folder, fer_map_str(call->arena, d->body, d->file)))
		return 0;
	return fer_fail(call, d->no_file, NULL);
}

/* In small letters, and never hidden. */
static struct fer_str path_of(struct fer_call *call, const struct fer_value *content)
{
	struct fer_str name = fer_str_lower(call->arena, fer_media_name(call->arena, fer_map_str(call->arena, content, "name")));

	if (fer_str_starts(name, "."))
		name = fer_str_fmt(call->arena, "_%.*s", FER_F(fer_str_skip(name, 1)));
	return fer_media_path(call->arena, name);
}

/* 1: a stored row names a file of that path, and it holds these bytes. */
static int is_kept(struct fer_call *call, const struct fer_download *d, struct fer_str path, struct fer_str bytes)
{
	struct fer_str there;
	int64_t used = 0;
	int r = fer_sql_int(call->db, d->used, 0, &used, "s", path);

	if (r || !used || !call->server->media || fer_media_read(call->server->media, call->arena, d->folder, path, bytes.len, &there))
		return r;
	return fer_str_eq(there, bytes);
}

/* A file never takes the place of another of the same name, which may be another product's; the same one sent again is kept as it is. */
static int keep_file(struct fer_call *call, const struct fer_download *d, const struct fer_value *content, struct fer_str bytes, struct fer_str *path)
{
	struct fer_str wished = path_of(call, content);
	int r = is_kept(call, d, wished, bytes);

	if (r == 1)
		*path = wished;
	return r ? r : fer_file_put(call, content, d->folder, wished, bytes, path);
}

int fer_download_keep(struct fer_call *call, const struct fer_download *d, struct fer_value *path)
{
	const struct fer_value *content = fer_get(d->body, d->content);
	struct fer_str bytes, kept = FER_STR_NONE;
	int r;

	*path = fer_null();
	if (!fer_str_is(fer_map_str(call->arena, d->body, d->type), "file"))
		return 0;
	if (fer_is_null(content)) {
		*path = fer_string(fer_map_str(call->arena, d->body, d->file));
		return 0;
	}
	if (!fer_base64_read(call->arena, fer_map_str(call->arena, content, "file_data"), &bytes))
		return fer_fail(call, FER_E_DOWNLOAD_BASE64, NULL);
	r = keep_file(call, d, content, bytes, &kept);
	if (r == -EINVAL || r == -EEXIST)
		return fer_fail(call, FER_E_DOWNLOAD_FILE_NAME, NULL);
	if (r == -ENOTDIR)
		return fer_fail(call, FER_E_IMAGE_NO_FOLDER, NULL);
	*path = fer_string(kept);
	return r < 0 ? r : 0;
}
