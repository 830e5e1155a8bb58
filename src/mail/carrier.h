/*
 * The other side of mail/postman.h: frames of text over a socket, and what the process does with them.
 */
#ifndef FER_MAIL_CARRIER_H
#define FER_MAIL_CARRIER_H

#include "core/arena.h"
#include "core/str.h"
#include "mail/outbox.h"

/* How mail goes out, as it travels in the first frame: these texts, each ended by NUL. */
struct fer_carrier_orders {
	const char *user, *seccomp, *landlock;      /* settings of those names; landlock "on" or "off" */
	const char *command;                        /* empty: by SMTP */
	const char *server, *tls, *account, *password, *authorities;
};

/* A frame is its size in four bytes, as this machine writes them, and so many bytes. */
#define FER_FRAME_MAX ((size_t)1 << 20)

/** fer_frame_write, fer_frame_read - one frame. @wait_ms: how long the other side may take; -1: any time. Errors: -EPIPE, -ETIMEDOUT, -EMSGSIZE. */
int fer_frame_write(int fd, struct fer_str bytes);
int fer_frame_read(int fd, struct fer_arena *arena, int wait_ms, struct fer_str *out);

/** fer_carrier_orders_read - the first frame. Errors: as above; -EINVAL it is not one. */
int fer_carrier_orders_read(int fd, struct fer_arena *arena, struct fer_carrier_orders *out);
void fer_carrier_orders_write(struct fer_buf *buf, const struct fer_carrier_orders *orders);

/** fer_carrier_run - send what comes, until the socket closes. */
void fer_carrier_run(int fd, const struct fer_carrier_orders *orders);

/* One message as frames carry it: sender, recipient, and the text with CR LF. */
struct fer_envelope {
	const char *sender, *recipient;
	struct fer_str message;
};

/* sendmail.c, smtp.c: at most a minute each. */
enum fer_mail_verdict fer_sendmail_run(const char *command, const struct fer_envelope *envelope, char *reason, size_t size);
enum fer_mail_verdict fer_smtp_send(const struct fer_carrier_orders *orders, const struct fer_envelope *envelope, char *reason, size_t size);

#endif
