/*
 * The thread that empties the outbox: it looks each second for what is due and hands it to the postman.
 */
#ifndef FER_MAIL_MAILMAN_H
#define FER_MAIL_MAILMAN_H

#include "core/clock.h"
#include "mail/postman.h"

struct fer_mailman;

/** fer_mailman_start - all of it is borrowed and outlives the thread. Errors: -errno. */
int fer_mailman_start(struct fer_store *store, const struct fer_keys *keys, const struct fer_clock *clock,
                      const struct fer_mail_rules *rules, struct fer_postman *postman, struct fer_mailman **out);

/** fer_mailman_stop - the mail under way has @timeout_s to be settled; then it is left for the next start. @mailman may be NULL. */
void fer_mailman_stop(struct fer_mailman *mailman, int timeout_s);

#endif
