#include <errno.h>

#include "store/driver.h"

static int connect_mariadb(struct fer_db *db FER_UNUSED, char why[256])
{
	snprintf(why, 256, "MariaDB is not there yet.");
	return -EIO;
}

const struct fer_driver fer_driver_mariadb = { .name = "mariadb", .connect = connect_mariadb };
