/*
 * What may be downloaded once a product is bought, and samples of it.
 */
#ifndef FER_CATALOG_DOWNLOAD_H
#define FER_CATALOG_DOWNLOAD_H

#include "catalog/product.h"

/* One thing to download: a URL, a file that comes with the body, or one that is there. */
struct fer_download {
	const struct fer_value *body;
	const char *type, *url, *file, *content;                 /* the body's fields */
	const char *folder;                                      /* of the media folder: where its files are kept; never served */
	enum fer_sql used;                                       /* does a stored row name a file of that path? */
	enum fer_error bad_type, bad_url, bad_domain, no_file;   /* what is said of them */
};

extern const struct fer_download fer_download_of_link, fer_download_of_link_sample, fer_download_of_sample;

/** fer_download_check - is it there, and may it be? */
int fer_download_check(struct fer_call *call, const struct fer_download *download);
/** fer_download_keep - in a transaction: keep a file that came with the body; @path is what its column gets, null where it is a URL. */
int fer_download_keep(struct fer_call *call, const struct fer_download *download, struct fer_value *path);

#endif
