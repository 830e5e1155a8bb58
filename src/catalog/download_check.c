/*
 * Files and URLs of downloadable products: what is refused, what a file is called, and keeping it.
 * Source: Magento_Downloadable Link\ContentValidator, File\ContentValidator, Url\DomainValidator; Framework File\Uploader, 2.4.7.
 */
#include "catalog/download.h"

#include <ctype.h>

#define NAME_MAX_LENGTH 90
#define CONTENT_MAX ((size_t)16777215)   /* what the column holds; more would be cut */
#define NAMES_TRIED 10000

const struct fer_download fer_download_of_link = { .type = "link_type", .url = "link_url", .file = "link_file", .content = "link_file_content",
	.folder = "links", .bad_type = FER_E_DOWNLOAD_LINK_TYPE, .bad_url = FER_E_DOWNLOAD_LINK_URL, .bad_domain = FER_E_DOWNLOAD_LINK_DOMAIN,
	.no_file = FER_E_DOWNLOAD_LINK_FILE };
const struct fer_download fer_download_of_link_sample = { .type = "sample_type", .url = "sample_url", .file = "sample_file",
	.content = "sample_file_content", .folder = "link_samples", .bad_type = FER_E_DOWNLOAD_LINK_SAMPLE_TYPE,
	.bad_url = FER_E_DOWNLOAD_SAMPLE_URL, .bad_domain = FER_E_DOWNLOAD_SAMPLE_DOMAIN, .no_file = FER_E_DOWNLOAD_LINK_SAMPLE_FILE };
const struct fer_download fer_download_of_sample = { .type = "sample_type", .url = "sample_url", .file = "sample_file",
	.content = "sample_file_content", .folder = "samples", .bad_type = FER_E_DOWNLOAD_SAMPLE_TYPE, .bad_url = FER_E_DOWNLOAD_SAMPLE_URL,
	.bad_domain = FER_E_DOWNLOAD_SAMPLE_DOMAIN, .no_file = FER_E_DOWNLOAD_SAMPLE_FILE };

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
	if (data.len > CONTENT_MAX)
		return fer_fail(call, FER_E_BODY_TOO_LARGE, NULL);
	if (!is_file_name(name))
		return fer_fail(call, FER_E_DOWNLOAD_FILE_NAME, NULL);
	return name.len > NAME_MAX_LENGTH ? fer_fail(call, FER_E_DOWNLOAD_FILE_LONG, NULL) : 0;
}

/* No domain is allowed unless the shop names it, and there is nowhere to name one yet. */
int fer_download_check(struct fer_call *call, const struct fer_download *d)
{
	struct fer_str type = fer_map_str(call->arena, d->body, d->type);
	int64_t there;
	int r;

	if (fer_str_is(type, "url"))
		return fer_fail(call, is_url(fer_map_str(call->arena, d->body, d->url)) ? d->bad_domain : d->bad_url, NULL);
	if (!fer_str_is(type, "file"))
		return fer_fail(call, d->bad_type, NULL);
	if (fer_has(d->body, d->content))
		return check_content(call, fer_get(d->body, d->content));
	if ((r = fer_sql_int(call->db, FER_SQL_DOWNLOAD_FILE_THERE, 0, &there, "zs", d->folder, fer_map_str(call->arena, d->body, d->file))))
		return r;
	return there ? 0 : fer_fail(call, d->no_file, NULL);
}

/* Runs of what is not a letter, digit, '_', '-' or '.' become '_'; small letters only. */
static struct fer_str correct_name(struct fer_call *call, struct fer_str name)
{
	char *out = FER_NEW_ARRAY(call->arena, name.len + 1, char);
	size_t n = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.at[i];
		bool good = c < 128 && (isalnum(c) || c == '_' || c == '-' || (c == '.' && n));

		if (good)
			out[n++] = (char)tolower(c);
		else if (!i || !n || out[n - 1] != '_' || (name.at[i - 1] == '_'))
			out[n++] = '_';
	}
	return (struct fer_str){ out, n };
}

static char folder_letter(struct fer_str name, size_t i)
{
	return i < name.len && name.at[i] != '.' ? name.at[i] : '_';
}

/* "page.pdf", then "page_1.pdf" … */
static struct fer_str path_of(struct fer_call *call, struct fer_str name, int n)
{
	size_t stem = name.len;

	if (!n)
		return fer_str_fmt(call->arena, "/%c/%c/%.*s", folder_letter(name, 0), folder_letter(name, 1), FER_F(name));
	while (stem && name.at[stem - 1] != '.')
		stem--;
	stem = stem ? stem - 1 : name.len;
	return fer_str_fmt(call->arena, "/%c/%c/%.*s_%d%.*s", folder_letter(name, 0), folder_letter(name, 1), FER_F(fer_str_take(name, stem)), n,
	                   FER_F(fer_str_skip(name, stem)));
}

/* 1: that path holds another file; 0: it is free, or holds this one already (*@kept). */
static int is_taken(struct fer_call *call, const char *folder, struct fer_str path, struct fer_str data, bool *kept)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(call->db, FER_SQL_DOWNLOAD_FILE_CONTENT, &stmt, "zs", folder, path)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*kept = fer_str_eq(fer_col_str(stmt, 0), data);
	return !*kept;
}

/* A file never takes the place of another of the same name, which may be another product's. Source: Framework File\Uploader getNewFileName. */
static int keep_file(struct fer_call *call, const char *folder, struct fer_str name, struct fer_str data, struct fer_str *path)
{
	bool kept = false;
	int r = 1;

	for (int n = 0; n < NAMES_TRIED && r == 1; n++) {
		*path = path_of(call, name, n);
		r = is_taken(call, folder, *path, data, &kept);
	}
	if (r == 1)
		return fer_fail(call, FER_E_DOWNLOAD_FILE_NAME, NULL);
	return r || kept ? r : fer_sql_run(call->db, FER_SQL_DOWNLOAD_FILE_ADD, NULL, "zss", folder, *path, data);
}

int fer_download_keep(struct fer_call *call, const struct fer_download *d, struct fer_value *path)
{
	const struct fer_value *content = fer_get(d->body, d->content);
	struct fer_str kept;
	int r;

	*path = fer_null();
	if (!fer_str_is(fer_map_str(call->arena, d->body, d->type), "file"))
		return 0;
	if (fer_is_null(content)) {
		*path = fer_string(fer_map_str(call->arena, d->body, d->file));
		return 0;
	}
	r = keep_file(call, d->folder, correct_name(call, fer_map_str(call->arena, content, "name")), fer_map_str(call->arena, content, "file_data"), &kept);
	if (!r)
		*path = fer_string(kept);
	return r;
}
