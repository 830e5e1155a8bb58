/*
 * From bytes to parameters: query string and body become one map, the way PHP and Magento's REST request merge them.
 */
#ifndef FER_API_REQUEST_H
#define FER_API_REQUEST_H

#include "api/call.h"

/** fer_query_params - a=1&b[c][]=2 as PHP reads it (at most FER_QUERY_VARS pairs, FER_QUERY_DEPTH brackets); @out is a map. */
#define FER_QUERY_VARS 1000
#define FER_QUERY_DEPTH 64
void fer_query_params(struct fer_arena *arena, struct fer_str query, struct fer_value *out);

/**
 * fer_request_params - call->params from path, query and body, before conversion.
 * Errors: FER_E_CONTENT_TYPE_…, FER_E_DECODING.
 * Source: Magento_Webapi Rest\InputParamsResolver, Rest\Request, 2.4.7
 */
int fer_request_params(struct fer_call *call, const struct fer_value *path_params);

/** fer_request_accept - JSON or XML by the Accept header; FER_E_ERROR_PAGE when neither, as Magento's front controller answers. */
int fer_request_accept(struct fer_call *call);

#endif
