/*
 * Files whose bytes are worth a password: who else may read or write them. Refused at the start, because a key that others could
 * read is a key that others have.
 */
#ifndef FER_CORE_PRIVATE_H
#define FER_CORE_PRIVATE_H

#include <sys/types.h>

/* Bits of a mode that a file must not have. */
#define FER_PRIVATE_SECRET 0066       /* a secret: its owner alone reads and writes it */
#define FER_PRIVATE_SETTINGS 0022     /* settings: everybody may read them, the owner alone writes them */
#define FER_PRIVATE_DATABASE 0006     /* a database: its group may be that of a backup */

/**
 * fer_private_check - @path must have none of the bits @not_allowed. One that is not there passes: opening it says that better. So do
 * the files of $CREDENTIALS_DIRECTORY, which systemd guards by other means than their mode.
 * Errors: -EACCES; @why holds a sentence that says how to mend it.
 */
int fer_private_check(const char *path, mode_t not_allowed, char why[256]);

#endif
