/*
 * When and from where each token was used last. Kept in memory, because a read must not become a write; the registry takes what is
 * new and writes it behind, many in one transaction.
 */
#ifndef FER_AUTH_USES_H
#define FER_AUTH_USES_H

#include "auth/caller.h"
#include "core/str.h"

#define FER_ADDRESS_MAX 46           /* an IPv6 address as text, with its NUL */

struct fer_uses;

/* A use, and what a row of the registry is made of when it knows the token not yet. */
struct fer_use {
	struct fer_token_id id;
	int64_t user_type, user_id, issued_s, expires_s;
	int64_t origin_id;               /* oauth_token.entity_id; 0: a JWT */
	int64_t used_s;
	char address[FER_ADDRESS_MAX];
	uint8_t key;                     /* the place of the key that signed a JWT */
};

enum fer_use_state {
	FER_USE_NOTED,
	FER_USE_UNKNOWN,                 /* with an idle time: not used lately as far as this process knows; nothing was noted */
};

/** fer_uses_new - empty. NULL: no memory. */
struct fer_uses *fer_uses_new(void);
void fer_uses_free(struct fer_uses *uses);

/** fer_uses_note - a token was used. @idle_s: 0, or how long ago the last use may lie; then an unknown one is not noted. */
enum fer_use_state fer_uses_note(struct fer_uses *uses, const struct fer_use *use, int64_t idle_s);

/** fer_uses_lately - was it used in the last @idle_s before @use->used_s, as far as this process knows? */
bool fer_uses_lately(struct fer_uses *uses, const struct fer_use *use, int64_t idle_s);

/** fer_uses_learn - what the registry says of the last use. Only a later one than is known counts. */
void fer_uses_learn(struct fer_uses *uses, const struct fer_use *use);

/** fer_uses_take - up to @n uses nobody has taken yet. Returns how many. fer_uses_give_back - they could not be written. */
size_t fer_uses_take(struct fer_uses *uses, struct fer_use *out, size_t n);
void fer_uses_give_back(struct fer_uses *uses, const struct fer_use *list, size_t n);

#endif
