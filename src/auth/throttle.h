/*
 * The lock on signing in: failures counted by user name in oauth_token_request_log. Only conditional updates, never
 * read-then-write.
 */
#ifndef FER_AUTH_THROTTLE_H
#define FER_AUTH_THROTTLE_H

#include "auth/auth.h"

/* The numbers of this table alone: the reverse of enum fer_user_type. */
enum fer_throttle_type { FER_THROTTLE_CUSTOMER = 2, FER_THROTTLE_ADMIN = 3 };

/** fer_throttle_locked - may this name not even try? @db: any connection. */
int fer_throttle_locked(struct fer_db *db, const struct fer_auth_settings *settings, struct fer_str name,
                        enum fer_throttle_type type, int64_t now_s, bool *locked);
/** fer_throttle_fail_in - count one; the lock runs from now. Inside the caller's transaction. */
int fer_throttle_fail_in(struct fer_db *db, const struct fer_auth_settings *settings, struct fer_str name,
                         enum fer_throttle_type type, int64_t now_s);
/** fer_throttle_clear_in - forget the name; inside the caller's transaction. */
int fer_throttle_clear_in(struct fer_db *db, struct fer_str name, enum fer_throttle_type type);
/** fer_throttle_clear - the same in its own transaction (`user unlock`). */
int fer_throttle_clear(struct fer_store *store, struct fer_str name, enum fer_throttle_type type);
/** fer_throttle_sweep - drop rows whose lock ran out (Magento's cron does it each minute). */
int fer_throttle_sweep(struct fer_store *store, int64_t now_s);

#endif
