/*
 * The files of pictures: what is taken, what it is called, and what becomes of it with the transaction.
 * Source: Framework Api\ImageContentValidator, Api\ImageProcessor, Catalog Product\Gallery\Processor::addImage, 2.4.7.
 */
#include <errno.h>

#include "api/file.h"
#include "catalog/gallery.h"
#include "catalog/image.h"
#include "store/media.h"

#define NAME_MAX_LENGTH 90

/* -- what is taken ------------------------------------------------------------------------------------------------ */

/* Of the types that Magento takes, the ending it gives a name without one. */
static const char *ending_of(const char *type)
{
	static const char *const rows[][2] = { { "image/jpeg", "jpg" }, { "image/gif", "gif" }, { "image/png", "png" } };

	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		if (type && strcmp(rows[i][0], type) == 0)
			return rows[i][1];
	return NULL;
}

static bool is_name(struct fer_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] && strchr("\\/?*:\";<>()|{}", name.at[i]))
			return false;
	return name.len > 0;
}

/* What stands behind the last dot. */
static struct fer_str ending(struct fer_str name)
{
	size_t at = name.len;

	while (at && name.at[at - 1] != '.')
		at--;
	return at ? fer_str_skip(name, at) : FER_STR_NONE;
}

static bool is_picture(struct fer_str name)
{
	static const char *const endings[] = { "jpg", "jpeg", "gif", "png" };

	for (size_t i = 0; i < FER_ARRAY_LEN(endings); i++)
		if (fer_str_ieq(ending(name), fer_str(endings[i])))
			return true;
	return false;
}

static enum fer_error name_of(struct fer_arena *arena, struct fer_str name, const char *own_ending, struct fer_str *out)
{
	if (!ending(name).len)
		name = fer_str_fmt(arena, "%.*s.%s", FER_F(name), own_ending);
	name = fer_media_name(arena, name);
	*out = fer_media_path(arena, name);
	if (name.len > NAME_MAX_LENGTH)
		return FER_E_IMAGE_LOST;
	return is_picture(name) ? 0 : FER_E_IMAGE_FILE;
}

static enum fer_error check(struct fer_call *call, const struct fer_value *content, struct fer_str *bytes, struct fer_str *path)
{
	struct fer_str name = fer_map_str(call->arena, content, "name");
	const char *type;

	if (!fer_base64_read(call->arena, fer_map_str(call->arena, content, "base64_encoded_data"), bytes))
		return FER_E_IMAGE_BASE64;
	if (!(type = fer_image_type(*bytes)))
		return FER_E_IMAGE_BASE64;
	if (!ending_of(type) || !fer_str_is(fer_map_str(call->arena, content, "type"), type))
		return FER_E_IMAGE_TYPE;
	return is_name(name) ? name_of(call->arena, name, ending_of(type), path) : FER_E_IMAGE_NAME;
}

/* -- before the transaction --------------------------------------------------------------------------------------- */

static bool is_named(const struct fer_uploads *uploads, struct fer_str name)
{
	for (size_t i = 0; i < uploads->n; i++)
		if (fer_str_eq(uploads->at[i].name, name))
			return true;
	return false;
}

static int add(struct fer_call *call, const struct fer_value *content, struct fer_uploads *uploads, enum fer_error *refused)
{
	struct fer_upload *upload = &uploads->at[uploads->n];
	struct fer_str bytes, wished;
	int r;

	if ((*refused = check(call, content, &bytes, &wished)))
		return 0;
	upload->name = wished;
	for (int n = 1; is_named(uploads, upload->name); n++)
		upload->name = fer_media_numbered(call->arena, wished, n);
	r = fer_file_put(call, content, FER_MEDIA_PICTURES, upload->name, bytes, &upload->path);
	if (r == -EINVAL || r == -EEXIST || r == -ENOTDIR) {
		*refused = r == -ENOTDIR ? FER_E_IMAGE_NO_FOLDER : FER_E_IMAGE_LOST;
		return 0;
	}
	uploads->n += !r;
	return r;
}

static bool is_kind(struct fer_str media_type)
{
	return fer_str_is(media_type, "image") || fer_str_is(media_type, "external-video");
}

int fer_uploads_begin(struct fer_call *call, const struct fer_value *entries, struct fer_uploads *uploads, enum fer_error *refused)
{
	int r = 0;

	*uploads = (struct fer_uploads){ .at = FER_NEW_ARRAY(call->arena, fer_count(entries) + 1, struct fer_upload) };
	*refused = 0;
	for (size_t i = 0; i < fer_count(entries) && !*refused; i++)
		if (!is_kind(fer_map_str(call->arena, fer_at(entries, i), "media_type")))
			*refused = FER_E_IMAGE_MEDIA_TYPE;
	for (size_t i = 0; i < fer_count(entries) && !r && !*refused; i++)
		if (fer_has(fer_at(entries, i), "content"))
			r = add(call, fer_get(fer_at(entries, i), "content"), uploads, refused);
	return r;
}

/* -- when rows go ------------------------------------------------------------------------------------------------- */

int fer_gallery_drop(struct fer_call *call, const struct fer_value *files)
{
	int r = 0;

	for (size_t i = 0; i < fer_count(files) && !r; i++) {
		int64_t uses = 0;

		r = fer_sql_int(call->db, FER_SQL_GALLERY_USES, 0, &uses, "s", fer_at(files, i)->text);
		if (!r && !uses)
			fer_file_drop(call, FER_MEDIA_PICTURES, fer_at(files, i)->text);
	}
	return r;
}

int fer_gallery_remove(struct fer_call *call, int64_t product_id)
{
	struct fer_value files;
	int r;

	if ((r = fer_sql_texts(call->db, call->arena, FER_SQL_GALLERY_FILES_OF_PRODUCT, &files, "i", product_id)) || !fer_count(&files))
		return r;
	if ((r = fer_sql_run(call->db, FER_SQL_GALLERY_DELETE_OF_PRODUCT, NULL, "i", product_id)))
		return r;
	return fer_gallery_drop(call, &files);
}
