/*
 * Files of the media folder whose process was killed before it knew whether their rows stand: the rows say it.
 */
#include "catalog/gallery.h"

#include "catalog/download.h"
#include "store/media.h"

#define AGE_S 600                  /* no request takes so long: a younger mark may be another process's */

struct rows {
	struct fer_db *db;
	enum fer_sql uses;
};

static int is_named(void *data, struct fer_str path)
{
	const struct rows *rows = data;
	int64_t uses = 0;
	int r = fer_sql_int(rows->db, rows->uses, 0, &uses, "s", path);

	return r ? r : uses > 0;
}

int fer_media_clean(struct fer_store *store, struct fer_media *media)
{
	const struct fer_download *const forms[] = { &fer_download_of_link, &fer_download_of_link_sample, &fer_download_of_sample };
	struct rows rows = { .uses = FER_SQL_GALLERY_USES };
	int r = fer_db_lend(store, &rows.db);

	if (r)
		return r;
	r = fer_media_sweep(media, FER_MEDIA_PICTURES, AGE_S, is_named, &rows);
	for (size_t i = 0; i < FER_ARRAY_LEN(forms) && !r; i++) {
		rows.uses = forms[i]->used;
		r = fer_media_sweep(media, forms[i]->folder, AGE_S, is_named, &rows);
	}
	fer_db_return(rows.db);
	return r;
}
