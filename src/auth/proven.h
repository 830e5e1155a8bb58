/*
 * Signatures proven lately: a token that was checked a moment ago is not checked again. Only that the signature is good and what
 * it says is kept; expiry, revocation and rights are judged anew for every request.
 */
#ifndef FER_AUTH_PROVEN_H
#define FER_AUTH_PROVEN_H

#include "auth/caller.h"
#include "auth/jws.h"

struct fer_proven;

/** fer_proven_new - empty. NULL: no memory. */
struct fer_proven *fer_proven_new(void);
void fer_proven_free(struct fer_proven *proven);

/**
 * fer_proven_read - as fer_jws_read, from memory where it can be.
 * Shape:  no token is kept, only a 128-bit keyed hash of it, whose key is random and never leaves the process, and its SHA-256,
 *         which @id gets for every good token.
 */
int fer_proven_read(struct fer_proven *proven, const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str token,
                    struct fer_claims *out, struct fer_token_id *id);

#endif
