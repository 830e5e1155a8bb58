/*
 * A mail as it travels: RFC 5322 with one text part, UTF-8 as quoted-printable, lines ended by CR LF.
 */
#ifndef FER_MAIL_MESSAGE_H
#define FER_MAIL_MESSAGE_H

#include "core/str.h"

struct fer_mail {
	int64_t id;                                /* of its row */
	struct fer_str kind;                       /* "customer_create_account_email_template": Magento's name of the occasion */
	int64_t store_id;
	struct fer_str sender_name, sender;
	struct fer_str recipient_name, recipient;  /* one recipient a mail */
	struct fer_str subject, body;              /* UTF-8; lines ended by LF */
	struct fer_str message_id;                 /* without < and >; the same each time it is tried */
	int64_t created_at;                        /* unix s */
	int64_t attempts;
};

/** fer_message_write - @mail's addresses and message_id are valid; anything else may be any bytes. */
void fer_message_write(struct fer_buf *buf, const struct fer_mail *mail);

#endif
