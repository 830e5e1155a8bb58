/*
 * What the token endpoints ask of a name and a password before anything else is looked at.
 */
#ifndef FER_INTEGRATION_CREDENTIALS_H
#define FER_INTEGRATION_CREDENTIALS_H

#include "api/call.h"

/**
 * fer_credentials_check - neither may be empty; both empty ones are told at once.
 * Source: Magento_Integration Model\CredentialsValidator, 2.4.7
 */
int fer_credentials_check(struct fer_call *call, struct fer_str username, struct fer_str password);

#endif
