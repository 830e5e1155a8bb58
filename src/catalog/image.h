/*
 * What kind of picture some bytes are, by their first ones: nothing is decoded.
 */
#ifndef FER_CATALOG_IMAGE_H
#define FER_CATALOG_IMAGE_H

#include "core/str.h"

/**
 * fer_image_type - the media type, as PHP's getimagesize() finds it: "image/png", …; NULL: no picture.
 */
const char *fer_image_type(struct fer_str bytes);
/** fer_image_served - the media type of a picture that may be served, by the end of its name; NULL: not served. */
const char *fer_image_served(struct fer_str name);

#endif
