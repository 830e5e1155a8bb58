/*
 * Magento's password hashes: every version and chain is verified, Argon2id is made. Apart from everything that knows
 * users, because it costs 64 MiB a call and must run where neither a transaction nor a connection is held.
 */
#ifndef FER_AUTH_PASSWORD_H
#define FER_AUTH_PASSWORD_H

#include "auth/keys.h"
#include "core/fault.h"

/* Foreign Argon2 parameters beyond these count as "does not match". */
#define FER_PASSWORD_MEM_MAX ((size_t)1 << 30)
#define FER_PASSWORD_OPS_MAX 16u
#define FER_PASSWORD_OUT_MIN 16u
#define FER_PASSWORD_OUT_MAX 64u
/* A chain is at most this many steps; Magento's own upgrades make two or three. */
#define FER_PASSWORD_STEPS_MAX 8
#define FER_PASSWORD_TEXT_MAX 256u

/**
 * fer_password_verify - does @password match the stored text?
 * Shape:  @stored is "<hash>:<salt>:<version>[:<version>…]"; anything else, or a step that cannot run, is compared as the
 *         keyed hash HMAC-SHA-256(last key, @password) instead. An empty @stored never matches.
 * Errors: -ENOMEM when Argon2 got no memory: never to be told as "wrong".
 * Returns: 1 it matches, 0 it does not. Constant time for a given @stored.
 * Source: Magento_Framework Encryptor validateHash, 2.4.7
 */
int fer_password_verify(const struct fer_keys *keys, struct fer_str password, struct fer_str stored);

/**
 * fer_password_check - the same for whoever signs in: a hash from before Argon2 takes as long as one of today, so that its age, and with it
 * its user, does not show.
 */
int fer_password_check(const struct fer_keys *keys, struct fer_str password, struct fer_str stored);

/** fer_password_burn - cost an unknown user the time of a wrong password (one Argon2id at the present parameters). */
int fer_password_burn(struct fer_str password);

/**
 * fer_password_hash - a new stored text for @password: Argon2id, 32 random letters and digits as salt.
 * Errors: -ENOMEM.
 */
int fer_password_hash(struct fer_str password, char out[FER_PASSWORD_TEXT_MAX]);

/**
 * fer_password_make - the same with a given salt and version list ("1", "3_32_2_67108864", "0:1:2"); for tests and upgrades.
 * Errors: -EINVAL a version that cannot be made, or more text than fits; -ENOMEM.
 */
int fer_password_make(struct fer_str password, struct fer_str salt, struct fer_str versions, char out[FER_PASSWORD_TEXT_MAX]);

/**
 * fer_password_admin_rules - may an admin have this password? (Reuse is judged in auth/user.h.)
 * Errors: FER_E_PASSWORD_REQUIRED, FER_E_PASSWORD_SHORT (%1 = 7), FER_E_PASSWORD_CLASSES.
 * Source: Magento_User UserValidationRules, 2.4.7
 */
int fer_password_admin_rules(struct fer_arena *arena, struct fer_str password, struct fer_fault *fault);

/** fer_password_first - a first password: 20 letters and digits, of both kinds, NUL-ended. */
#define FER_PASSWORD_FIRST_SIZE 21
void fer_password_first(char out[FER_PASSWORD_FIRST_SIZE]);

/** fer_random_text - @n characters of @letters from the system's randomness, NUL-ended; @out holds n + 1. */
void fer_random_text(char *out, size_t n, const char *letters);
/** fer_password_random - @n letters and digits from the system's randomness, NUL-ended; @out holds n + 1. */
void fer_password_random(char *out, size_t n);

#endif
