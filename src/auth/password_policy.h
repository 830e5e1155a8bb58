/*
 * Which passwords an admin may choose: Magento's rules, or stricter ones where the shop says so (ferrite/password/min_length), and none that
 * is on a list of known ones (process setting breached_passwords).
 */
#ifndef FER_AUTH_PASSWORD_POLICY_H
#define FER_AUTH_PASSWORD_POLICY_H

#include "auth/auth.h"

#define FER_PASSWORD_LONGEST 128   /* with ferrite/password/min_length */

/**
 * fer_password_policy - reads the list, line by line, where there is one: for the password pool and commands.
 * Errors: as fer_password_admin_rules, FER_E_PASSWORD_LENGTH, FER_E_PASSWORD_BREACHED; < 0 the list cannot be read.
 */
int fer_password_policy(struct fer_auth *auth, struct fer_arena *arena, struct fer_str password, struct fer_fault *fault);

#endif
