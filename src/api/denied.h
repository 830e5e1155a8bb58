/*
 * A refused request on its way into the audit log.
 */
#ifndef FER_API_DENIED_H
#define FER_API_DENIED_H

#include "api/call.h"

/**
 * fer_call_denied - write down that authorization refused @call with @error, and why in truth. Blocks; the call holds no connection.
 * Returns: @error, or < 0: it could not be written, and the client gets the masked 500 instead.
 */
int fer_call_denied(struct fer_call *call, int error);

#endif
