/*
 * From a handler's value, or its fault, to the bytes that go out.
 */
#ifndef FER_API_REPLY_H
#define FER_API_REPLY_H

#include "api/call.h"

/** fer_reply_encode - fill call->reply from the handler's result @r: 0, an enum fer_error, or -errno (logged, and answered masked). */
void fer_reply_encode(struct fer_call *call, int r);

/**
 * fer_fields_apply - keep what a fields= filter names.
 * Source: Magento_Framework Webapi\Rest\Response\FieldsFilter, 2.4.7: an unreadable filter keeps nothing
 */
struct fer_value fer_fields_apply(struct fer_call *call, struct fer_str filter, const struct fer_value *v);

#endif
