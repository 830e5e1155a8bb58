/*
 * What the process gives up once its socket is bound.
 */
#ifndef FER_HTTP_PRIVILEGE_H
#define FER_HTTP_PRIVILEGE_H

/** fer_privilege_drop - no core dumps, no new privileges, and the account @user ("": stay). Errors: -errno, with a sentence in @why. */
int fer_privilege_drop(const char *user, char why[256]);

/** fer_privilege_user - the account alone, for a process whose children may need set-group-id. Errors: as above. */
int fer_privilege_user(const char *user, char why[256]);

#endif
