/*
 * Time-based one-time codes (RFC 6238: SHA-1, six digits, 30 seconds) as Magento's Google provider takes them, by liboath.
 */
#ifndef FER_AUTH_TOTP_H
#define FER_AUTH_TOTP_H

#include "core/str.h"

#define FER_TOTP_STEP_S 30
#define FER_TOTP_DIGITS 6

/** fer_totp_secret - a new secret as Magento makes them: base32 of "abcd" and 128 random bytes, 212 characters without padding. */
int fer_totp_secret(struct fer_arena *arena, struct fer_str *out);

/** fer_totp_secret_fits - can codes be made from it? Base32 in either case, 10 bytes or more. */
bool fer_totp_secret_fits(struct fer_arena *arena, struct fer_str secret);

/**
 * fer_totp_match - is @code that of @now_s, or of @leeway_s before or after it? All three are always compared, in constant time.
 * Shape:  *@step is the number of the period that matched, which is what a code that is good once only is remembered by.
 * Units:  @leeway_s 0 to 29; more is taken as 29, because a code two periods away must not fit.
 * Errors: returns 1 it is, 0 it is not (or the secret is none); < 0 memory.
 * Source: OTPHP TOTP::verify as Magento_TwoFactorAuth Google::verify calls it, 2.4.7
 */
int fer_totp_match(struct fer_arena *arena, struct fer_str secret, struct fer_str code, int64_t now_s, int64_t leeway_s,
                   int64_t *step);

/** fer_totp_code - the code of @now_s, NUL-ended: for tests and tools. Errors: -EINVAL the secret is none. */
int fer_totp_code(struct fer_arena *arena, struct fer_str secret, int64_t now_s, char out[FER_TOTP_DIGITS + 1]);

/** fer_totp_uri - "otpauth://totp/ISSUER:LABEL?issuer=…&secret=…", what the picture for an authenticator holds. */
struct fer_str fer_totp_uri(struct fer_arena *arena, struct fer_str issuer, struct fer_str label, struct fer_str secret);

#endif
