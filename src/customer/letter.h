/*
 * What customers are mailed about their accounts.
 */
#ifndef FER_CUSTOMER_LETTER_H
#define FER_CUSTOMER_LETTER_H

#include "api/call.h"

enum fer_customer_letter {
	FER_LETTER_REGISTERED, FER_LETTER_NO_PASSWORD, FER_LETTER_CONFIRMATION, FER_LETTER_CONFIRMED,
	FER_LETTER_RESET, FER_LETTER_REMINDER, FER_LETTER_PASSWORD, FER_LETTER_EMAIL, FER_LETTER_EMAIL_AND_PASSWORD,
	FER_N_CUSTOMER_LETTERS
};

/**
 * fer_customer_letter - mail it to the account @record; in a transaction.
 * Shape:  @secret: that of a reset link, the confirmation key, or NULL; @back: where the shop's page goes on, of any form: taken when it
 *         lies in the shop.
 * Errors: < 0 the store failed.
 */
int fer_customer_letter(struct fer_call *call, enum fer_customer_letter which, const struct fer_value *record, const char *secret,
                        struct fer_str back);

/** fer_customer_letter_moved - @which to the old address and to the new one. */
int fer_customer_letter_moved(struct fer_call *call, enum fer_customer_letter which, const struct fer_value *record, struct fer_str old_email);

#endif
