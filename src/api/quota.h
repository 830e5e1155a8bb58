/*
 * Which rate limits a call runs into, and what its answer says about them. The buckets themselves are auth/limit.c.
 */
#ifndef FER_API_QUOTA_H
#define FER_API_QUOTA_H

#include "api/call.h"

/* Each is one step of the pipeline. Errors: FER_E_TOO_MANY_REQUESTS. */
int fer_quota_source(struct fer_call *call);   /* before anything else */
int fer_quota_route(struct fer_call *call);    /* the route is known */
int fer_quota_caller(struct fer_call *call);   /* the caller is known */
int fer_quota_hash(struct fer_call *call);     /* before it waits for a thread that hashes */
int fer_quota_name(struct fer_call *call);     /* the arguments are known */

/** fer_quota_end - the answer is known: places go back, and RateLimit-Policy, RateLimit and Retry-After are added to it. */
void fer_quota_end(struct fer_call *call);

#endif
