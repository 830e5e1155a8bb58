/*
 * Foreign text in header fields of a mail: nothing that comes in here can end a line, begin a field or add a recipient.
 */
#ifndef FER_MAIL_MAILBOX_H
#define FER_MAIL_MAILBOX_H

#include "core/str.h"

/**
 * fer_mailbox_valid - an address that may stand between < and >: a dot-atom and a host (RFC 5322), beyond ASCII too (RFC 6532). Quoted local
 * parts, comments and address literals are refused: no shop needs them, and every parser reads them in its own way.
 */
bool fer_mailbox_valid(struct fer_str address);

/** fer_mailbox_put - "@field: "name" <address>" and a line end; @address is valid, @name is any bytes (none: the address alone). */
void fer_mailbox_put(struct fer_buf *buf, const char *field, struct fer_str name, struct fer_str address);

/** fer_mail_text_put - "@field: text" and a line end, as encoded words (RFC 2047) unless it is short plain ASCII; @text is any bytes. */
void fer_mail_text_put(struct fer_buf *buf, const char *field, struct fer_str text);

#endif
