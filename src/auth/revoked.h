/*
 * The single tokens that were taken back before they expired, by their hash: what verification asks on the event thread. It only
 * grows while it is shared, so that one more revocation costs one more entry and not a copy of a million.
 */
#ifndef FER_AUTH_REVOKED_H
#define FER_AUTH_REVOKED_H

#include "auth/caller.h"

struct fer_revoked;

/** fer_revoked_new - empty, with one reference. NULL: no memory. */
struct fer_revoked *fer_revoked_new(void);
struct fer_revoked *fer_revoked_ref(struct fer_revoked *set);
void fer_revoked_unref(struct fer_revoked *set);

/** fer_revoked_has - lock-free; while another thread adds, the answer is that of before or after. */
bool fer_revoked_has(const struct fer_revoked *set, const struct fer_token_id *id);

/**
 * fer_revoked_add - one thread at a time; readers go on.
 * Owns:   a full *@set is replaced by a larger one without those that expired before @now_s; holders of the old one keep it.
 * Errors: -ENOMEM, nothing was added.
 */
int fer_revoked_add(struct fer_revoked **set, const struct fer_token_id *id, int64_t expires_s, int64_t now_s);

#endif
