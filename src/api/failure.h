/*
 * What the log says of calls that failed through no fault of the caller's. A caller can bring some of them about at will, a field that Magento's
 * own API crashes on for one; so that nobody fills the log with them, each is told once a minute, and counted between.
 */
#ifndef FER_API_FAILURE_H
#define FER_API_FAILURE_H

#include "api/call.h"

struct fer_failures;

/** fer_failures_new - NULL: no memory. */
struct fer_failures *fer_failures_new(void);
void fer_failures_free(struct fer_failures *failures);

/** fer_failure_log - @call failed by @error (a negative errno); @report is what the client was told to name. */
void fer_failure_log(const struct fer_call *call, int error, const char *report);
/** fer_failures_tell - how often those were that went without a line, once their minute is over; @all: now. */
void fer_failures_tell(struct fer_failures *failures, bool all);

#endif
