/*
 * Compact JSON web signatures with HS256, HS384 and HS512, as Magento issues and reads them. Knows keys and bytes;
 * whether a claim still holds (expiry, revocation) is auth/token.h.
 */
#ifndef FER_AUTH_JWS_H
#define FER_AUTH_JWS_H

#include "auth/keys.h"

#define FER_JWS_MAX 8192u          /* longest token read, bytes */
#define FER_JWS_MEMBERS_MAX 64     /* members of header or payload */
#define FER_JWS_DEPTH_MAX 16       /* nesting inside ignored members */

struct fer_claims {
	int64_t uid;
	int64_t utypid;
	int64_t iat;       /* unix seconds */
	int64_t exp;
	size_t key;          /* the place of the key that proved it: whether that still counts is for the caller to ask */
};

/* Why a token is not taken; for the audit trail, never for the client. */
enum fer_jws_verdict {
	FER_JWS_GOOD,
	FER_JWS_MALFORMED,     /* not three strict base64url parts of strict JSON objects, or too long */
	FER_JWS_WRONG_ALG,     /* the header names another algorithm than the configured one, or carries "cty", "crit" or "b64" */
	FER_JWS_FORGED,        /* the signature is not ours */
	FER_JWS_NO_CLAIMS      /* uid, utypid, iat or exp missing, zero, or neither an integer nor one as text */
};

/** fer_jws_alg - "HS256" …; false for anything else (the JWE algorithms give no secrecy with Magento's key and are refused). */
bool fer_jws_alg(struct fer_str name, enum fer_jws_alg *out);
const char *fer_jws_alg_name(enum fer_jws_alg alg);

/**
 * fer_jws_issue - sign @claims exactly as Magento does: header {"kid":…,"alg":…}, payload uid, utypid, iat, exp. The kid is that of the key
 * in use: "1" with Magento's keys and with the first key of a store.
 * Owns:   @out lives in @arena, NUL-ended. @claims->key is set.
 * Source: Magento_JwtUserToken Issuer, 2.4.7
 */
int fer_jws_issue(struct fer_arena *arena, const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_claims *claims,
                  struct fer_str *out);

/**
 * fer_jws_read - check @token against the configured @alg and take its claims.
 * Shape:  strict base64url (no padding, trailing bits zero), strict JSON, no member twice. typ and the like are ignored; cty, crit
 *         and b64, which Magento ignores in part, would make the rest mean something else, and no issuer of its tokens sends them.
 *         kid is compared with the names of our keys and selects among them; an unknown one, or none, means the key in use. Whether
 *         the selected key may verify is not judged.
 * Returns: an enum fer_jws_verdict; < 0 -ENOMEM. @out is set only when FER_JWS_GOOD.
 * Source: Magento_JwtUserToken Reader, 2.4.7; RFC 7515, RFC 8725
 */
int fer_jws_read(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str token, struct fer_claims *out);

/**
 * fer_jws_signer - whose signature a refused token carries: for explanations, not for judging.
 * Returns: the place of a key, whether it is in use or not; -1: none of ours.
 */
ptrdiff_t fer_jws_signer(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str token);

/* base64url without padding: sizes for the caller's buffers. */
#define FER_BASE64URL_SIZE(n) (((n) * 4 + 2) / 3)
size_t fer_base64url_encode(char *out, const void *bytes, size_t size);
/** fer_base64url_decode - Returns: bytes written to @out (at most len * 3 / 4), -1 when @text is not strict. */
ptrdiff_t fer_base64url_decode(unsigned char *out, struct fer_str text);

#endif
