/*
 * From untyped parameters to the types a route declares, with Magento's messages for what does not fit.
 */
#ifndef FER_API_CONVERT_H
#define FER_API_CONVERT_H

#include "api/route.h"

/** fer_convert_args - call->params to call->args by the route's rows. Missing ones are collected into one error. */
int fer_convert_args(struct fer_call *call);

/** fer_convert - one value to one type; @flags FER_MANY for a list. The message of a refusal is noted on the call. */
int fer_convert(struct fer_call *call, const struct fer_value *in, enum fer_type type, unsigned flags,
                const struct fer_entity *of, struct fer_value *out);

#endif
