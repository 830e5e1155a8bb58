/*
 * Who may own a service token at present: active admins, until the day their account ends, and active integrations. Held in memory like
 * roles, so that a token dies with its owner at the next request.
 */
#ifndef FER_AUTH_OWNER_H
#define FER_AUTH_OWNER_H

#include "store/store.h"

struct fer_owners;

/** fer_owners_load - Owns: free it with fer_owners_free. */
int fer_owners_load(struct fer_db *db, struct fer_owners **out);
void fer_owners_free(struct fer_owners *owners);

/** fer_owners_active - is there such a user, is he enabled, and has his account not ended? Customers own no service tokens. */
bool fer_owners_active(const struct fer_owners *owners, int64_t user_type, int64_t user_id, int64_t now_s);

#endif
