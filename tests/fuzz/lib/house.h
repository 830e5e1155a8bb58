/*
 * A whole ferrite in memory for targets that need one: a clean install, an admin, a customer, and no sockets.
 */
#ifndef FER_FUZZ_HOUSE_H
#define FER_FUZZ_HOUSE_H

#include "api/call.h"
#include "cli/house.h"

/** fuzz_house - opened by the first call; lives as long as the process. */
struct fer_house *fuzz_house(void);

/** fuzz_admin - the Authorization header of an admin who may everything. */
struct fer_str fuzz_admin(void);

/** fuzz_request - send it as http would, and look at the answer: a status of HTTP's, and JSON that can be read where it says JSON. */
void fuzz_request(struct fer_request *request);

#endif
