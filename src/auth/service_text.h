/*
 * The text of a service token: a prefix that secret scanners look for, 256 random bits, and a checksum that tells a token from a slip
 * without asking anybody. doc/service-tokens.md publishes this form: it never changes under this prefix.
 */
#ifndef FER_AUTH_SERVICE_TEXT_H
#define FER_AUTH_SERVICE_TEXT_H

#include "core/str.h"

#define FER_SERVICE_PREFIX "ferp_"
#define FER_SERVICE_RANDOM 43u           /* 256 bits in base 62 */
#define FER_SERVICE_SUM 6u               /* CRC-32 in base 62 */
#define FER_SERVICE_LEN (sizeof(FER_SERVICE_PREFIX) - 1 + FER_SERVICE_RANDOM + FER_SERVICE_SUM)

/** fer_service_text_new - a new token, NUL-ended. The caller wipes it. */
void fer_service_text_new(char out[FER_SERVICE_LEN + 1]);

/** fer_service_text_is - does it claim to be one? Nothing else a client may show begins so: no JWT and no opaque token has a '_'. */
bool fer_service_text_is(struct fer_str text);
/** fer_service_text_valid - length, letters and checksum. */
bool fer_service_text_valid(struct fer_str text);

#endif
