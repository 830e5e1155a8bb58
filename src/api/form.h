/*
 * Form-encoded answers: those of Magento's OAuth controllers, which are older than its REST framework.
 */
#ifndef FER_API_FORM_H
#define FER_API_FORM_H

#include "api/call.h"

/** fer_form_answer - the members of a map as name=value pairs, the way PHP's http_build_query writes them. */
void fer_form_answer(struct fer_call *call, const struct fer_value *map);

/**
 * fer_form_fault - oauth_problem=… of the call's fault; its status stands already.
 * Source: Magento_Framework Oauth\Helper\Request::prepareErrorResponse, 2.4.7
 */
void fer_form_fault(struct fer_call *call);

#endif
