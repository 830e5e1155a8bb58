/*
 * Letters: the texts that ferrite mails, as rows of a subject and a body with places to fill. They are put into the outbox by the
 * transaction of what they tell about.
 */
#ifndef FER_API_LETTER_H
#define FER_API_LETTER_H

#include "api/call.h"

/* {shop}, {name}, {email}, {link} and {other} in subject and body are filled; there is no other mark-up. */
struct fer_letter {
	const char *kind;        /* Magento's name of the template, which tells what the letter is about */
	const char *identity;    /* the setting that names the sender: "general" means trans_email/ident_general */
	const char *subject, *body;
};

struct fer_letter_fill {
	int store_id;            /* in whose name: sender, shop and switches are that store view's */
	struct fer_str to;       /* the recipient's address; empty: .email */
	struct fer_str name, email, link, other;
};

/**
 * fer_letter_post - put @letter into the outbox; in a transaction.
 * Shape:  *@posted (may be NULL): it is on its way, or the shop has its mail switched off (system/smtp/disable), which Magento takes for done.
 * Errors: < 0 the store failed. A shop that cannot send is no error.
 */
int fer_letter_post(struct fer_call *call, const struct fer_letter *letter, const struct fer_letter_fill *fill, bool *posted);

#endif
