/*
 * Attribute sets and their groups, as the files of both need them.
 */
#ifndef FER_CATALOG_ATTRIBUTE_SET_H
#define FER_CATALOG_ATTRIBUTE_SET_H

#include "api/entity.h"

extern const struct fer_entity fer_attribute_set_any;       /* of every entity type */
extern const struct fer_entity fer_attribute_set_product;   /* of products only */
extern const struct fer_entity fer_attribute_group;

#endif
