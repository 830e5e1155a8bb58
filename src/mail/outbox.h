/*
 * Mail that waits to be sent, in the database: written in the transaction of what it tells about, so that either both are there or
 * neither, and removed when a mail server has taken it. Bodies hold secrets (links that set a password) and are stored encrypted.
 */
#ifndef FER_MAIL_OUTBOX_H
#define FER_MAIL_OUTBOX_H

#include "auth/keys.h"
#include "core/value.h"
#include "mail/message.h"
#include "store/store.h"

enum fer_mail_mode {
	FER_MAIL_NONE = 0,    /* where there is nobody to tell: fixtures, commands */
	FER_MAIL_DROP,        /* no way to send is set: a line in the log, no row */
	FER_MAIL_KEEP,        /* a sandbox: rows to be read, never sent */
	FER_MAIL_SEND,
};

struct fer_mail_rules {
	enum fer_mail_mode mode;
	int64_t attempts;     /* until a mail is given up */
	int64_t retry_s;      /* before the second attempt; each further wait is twice as long, to four hours at most */
};

#define FER_MAIL_BODY_MAX 65536u       /* bytes */

/**
 * fer_outbox_add - @mail by these rules, in the caller's transaction. One without a valid sender or recipient is left out, with a line in
 * the log: what it tells about must not fail for it.
 * Shape:  @mail gets id, message_id and created_at.
 * Errors: < 0 the store or the key failed.
 */
int fer_outbox_add(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, const struct fer_mail_rules *rules,
                   int64_t now_s, struct fer_mail *mail);

/**
 * fer_outbox_claim - the mail that is due first, for this process: it comes up again when nobody settles it within three minutes, so that
 * nothing is lost with a process. A mail that was handed over in the moment of its end is sent once more, under the same Message-ID.
 * Returns: 1 and @out in @arena, 0 none is due, < 0 the store failed.
 */
int fer_outbox_claim(struct fer_store *store, const struct fer_keys *keys, struct fer_arena *arena, int64_t now_s, struct fer_mail *out);

enum fer_mail_verdict { FER_MAIL_SENT = 0, FER_MAIL_AGAIN, FER_MAIL_REFUSED };

/** fer_outbox_settle - what came of a claimed mail: gone, due later, or given up (it then stays for 30 days, with the reason). */
int fer_outbox_settle(struct fer_store *store, const struct fer_mail_rules *rules, const struct fer_mail *mail,
                      enum fer_mail_verdict verdict, const char *reason, int64_t now_s);

/** fer_outbox_sweep - forget mails that were given up 30 days ago. */
int fer_outbox_sweep(struct fer_store *store, int64_t now_s);

/** fer_outbox_list - kept mails as maps, newest first; @recipient "": of everybody. */
int fer_outbox_list(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, struct fer_str recipient, int64_t limit,
                    struct fer_value *out);

/** fer_outbox_clear - forget kept mails; @recipient as above. */
int fer_outbox_clear(struct fer_db *db, struct fer_str recipient, int64_t *n);

/* -- for the operator -- */

/** fer_outbox_waiting - mails that are queued or were given up, oldest first, as maps without their bodies; at most 1000. */
int fer_outbox_waiting(struct fer_store *store, struct fer_arena *arena, struct fer_value *out);

/** fer_outbox_retry - mails that were given up are due again, with all their attempts; @id 0: all of them. */
int fer_outbox_retry(struct fer_store *store, int64_t id, int64_t now_s, int64_t *n);

#endif
