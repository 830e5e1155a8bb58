/*
 * Files and URLs of downloadable products: what is refused, what a file is called, and keeping it.
 * Source: Magento_Downloadable Link\ContentValidator, File\ContentValidator, Url\DomainValidator; Framework File\Uploader, 2.4.7.
 */
#include "catalog/download.h"

#include <ctype.h>

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

/* As PHP decodes strictly: blanks are passed over, '=' stands only at the end. */
static bool is_base64(struct fer_str s)
{
	size_t n = 0, pad = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (isspace(c))
			continue;
		if (c == '=')
			pad++;
		else if (pad || !(isalnum(c) || c == '+' || c == '/'))
			return false;
		else
			n++;
	}
	return n && n % 4 != 1 && (!pad || (pad <= 2 && (n + pad) % 4 == 0));
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
	if (!is_base64(fer_map_str(call->arena, content, "file_data")))
		return fer_fail(call, FER_E_DOWNLOAD_BASE64, NULL);
	return is_file_name(fer_map_str(call->arena, content, "name")) ? 0 : fer_fail(call, FER_E_DOWNLOAD_FILE_NAME, NULL);
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

int fer_download_keep(struct fer_call *call, const struct fer_download *d, struct fer_value *path)
{
	const struct fer_value *content = fer_get(d->body, d->content);
	struct fer_str name;

	*path = fer_null();
	if (!fer_str_is(fer_map_str(call->arena, d->body, d->type), "file"))
		return 0;
	if (fer_is_null(content)) {
		*path = fer_string(fer_map_str(call->arena, d->body, d->file));
		return 0;
	}
	name = correct_name(call, fer_map_str(call->arena, content, "name"));
	*path = fer_string(fer_str_fmt(call->arena, "/%c/%c/%.*s", folder_letter(name, 0), folder_letter(name, 1), (int)name.len, name.at));
	return fer_sql_run(call->db, FER_SQL_DOWNLOAD_FILE_PUT, NULL, "zvs", d->folder, path, fer_map_str(call->arena, content, "file_data"));
}
