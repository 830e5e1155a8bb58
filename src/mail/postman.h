/*
 * The process that sends mail. It is a fresh image of this program, started before the server gives up the right to start any: it
 * shares no memory with the server, so it has neither keys nor passwords of the shop, only what a mail needs. The server hands it one
 * message at a time over a socket; it ends when that socket closes.
 */
#ifndef FER_MAIL_POSTMAN_H
#define FER_MAIL_POSTMAN_H

#include "core/settings.h"
#include "mail/outbox.h"

struct fer_postman;

/**
 * fer_postman_open - start it, when the settings say how mail goes out.
 * Shape:  *out is NULL when they do not.
 * Errors: -EINVAL settings that contradict each other, or -errno; @why holds a sentence.
 */
int fer_postman_open(const struct fer_settings *settings, struct fer_postman **out, char why[256]);
void fer_postman_close(struct fer_postman *postman);

/** fer_postman_gone - it went away; nothing starts it again, because the server may start no process. */
bool fer_postman_gone(const struct fer_postman *postman);

/** fer_postman_hang_up - from another thread: a fer_postman_send under way ends at once. */
void fer_postman_hang_up(struct fer_postman *postman);

#define FER_MAIL_REASON_MAX 200

/** fer_postman_send - hand a mail over and wait for what became of it; @reason holds a sentence unless it was sent. */
enum fer_mail_verdict fer_postman_send(struct fer_postman *postman, struct fer_arena *arena, const struct fer_mail *mail,
                                       char reason[FER_MAIL_REASON_MAX]);

#endif
