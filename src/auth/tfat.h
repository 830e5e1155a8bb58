/*
 * The configuration token of the second factor ("tfat"): it lets its bearer set up one admin's second factor for an hour. Magento
 * mails it; a Magento with the same crypt key takes ours and the other way round.
 */
#ifndef FER_AUTH_TFAT_H
#define FER_AUTH_TFAT_H

#include "auth/keys.h"

#define FER_TFAT_LIFE_S 3600

struct fer_tfat {
	int64_t user_id;            /* claimed: nothing is proven before fer_tfat_valid */
	int64_t issued_s;
	bool configures;
	struct fer_str claims;      /* the JSON that is signed */
	struct fer_str signature;   /* as it came */
};

/**
 * fer_tfat_issue - base64 of: JSON, '.', base64 of the lower-hex HMAC-SHA-256 of that JSON.
 * Source: Magento_TwoFactorAuth UserConfig\SignedTokenManager, 2.4.7
 */
int fer_tfat_issue(const struct fer_keys *keys, struct fer_arena *arena, int64_t user_id, int64_t now_s, struct fer_str *out);

/** fer_tfat_read - take one apart without believing it. Errors: -EBADMSG it names no user. */
int fer_tfat_read(struct fer_arena *arena, struct fer_str token, struct fer_tfat *out);

/** fer_tfat_valid - signed by the last key, for configuration, and less than an hour old (one from the future is good, as in Magento). */
bool fer_tfat_valid(const struct fer_keys *keys, const struct fer_tfat *tfat, int64_t now_s);

/* The setting that names where a second factor is set up; ":tfat" in it is the token. */
#define FER_TFAT_URL "twofactorauth/general/webapi_notification_url"

#endif
