/*
 * What is known of configuration paths apart from their values: which there are, which are secret, and what ferrite itself reads in them.
 */
#ifndef FER_STORE_CONFIG_PATH_H
#define FER_STORE_CONFIG_PATH_H

#include "store/store.h"

#define FER_CONFIG_PATH_MAX 255
#define FER_CONFIG_VALUE_MAX 65535u    /* bytes of the column */

/* What a path is; or-ed. */
enum fer_config_trait {
	FER_CONFIG_SECRET = 1,         /* stored encrypted, never shown */
	FER_CONFIG_HIDDEN = 2,         /* stored as it is, never shown */
	FER_CONFIG_ENVIRONMENT = 4,    /* an address or a host: another one in each environment */
	FER_CONFIG_KNOWN = 8           /* stands in one of the lists, and not only in some database */
};

/** fer_config_traits - of a path that is in no list the last word says whether it is hidden. */
unsigned fer_config_traits(struct fer_str path);

/** fer_config_path_shape - three words or more of letters, digits, '_', '-' and '.', with '/' between them. */
bool fer_config_path_shape(struct fer_str path);

/** fer_config_sealed - the form of a text that Magento's Encryptor wrote, whether or not a key opens it. */
bool fer_config_sealed(struct fer_str value);

/** fer_config_tells - may the value of @path be shown? */
bool fer_config_tells(struct fer_str path, struct fer_str value);

/**
 * fer_config_check - is @value one that ferrite can read at @path? What it does not read itself may be anything.
 * Returns: 0; -EINVAL it is not, and @what says which would be ("0 or 1"); other < 0 the store.
 */
int fer_config_check(struct fer_db *db, struct fer_arena *arena, struct fer_str path, struct fer_str value, struct fer_str *what);

/** fer_config_global - @path is read in the default scope alone. */
bool fer_config_global(struct fer_str path);

#endif
