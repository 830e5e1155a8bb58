#include "store/driver.h"

void fer_config_release(struct fer_store *store FER_UNUSED)
{
}
