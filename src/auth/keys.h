/*
 * The crypt keys of a shop and everything keyed by them: token signatures, keyed hashes, stored secrets. One place, so
 * that key bytes live only in locked memory and no other file ever sees them. A key has a place that never changes (stored
 * secrets name it) and, for tokens, a state that does; where keys come from and what changes them is auth/key_store.h.
 */
#ifndef FER_AUTH_KEYS_H
#define FER_AUTH_KEYS_H

#include "core/str.h"

struct fer_keys;

#define FER_KEYS_MAX 64
#define FER_KID_SIZE 33             /* with its NUL */
#define FER_KID_MAGENTO "1"         /* what Magento writes into every token, and the first key of a store here */
#define FER_KEY_FOREVER INT64_MAX
#define FER_KEYS_JWT_SIZE 2048u
#define FER_HMAC_MAX 64u

/* The order is that of the tables in keys.c and jws.c. */
enum fer_jws_alg { FER_JWS_HS256, FER_JWS_HS384, FER_JWS_HS512, FER_N_JWS_ALGS };

/**
 * fer_keys_new - from the text of Magento's crypt/key: keys separated by blanks or line ends, the last one is in use.
 * Shape:  a key is 32 bytes of text, or "base64" and the base64 of 32 bytes.
 * Owns:   the caller frees it with fer_keys_free, which wipes it. Safe for many threads without locks.
 * Errors: -EINVAL no key, or one of a wrong shape; -ENOMEM. @why holds one sentence, never a key.
 */
int fer_keys_new(struct fer_str text, struct fer_keys **out, char why[256]);
void fer_keys_free(struct fer_keys *keys);

/* A key as it is stored. */
struct fer_key_row {
	size_t place;                  /* 0 to FER_KEYS_MAX - 1 */
	struct fer_str text;           /* as in crypt/key */
	struct fer_str kid;            /* empty: no token names it */
	int64_t until_s;               /* verifies tokens until then: 0 never (again), FER_KEY_FOREVER */
	bool current;                  /* signs, hashes and encrypts */
};

/**
 * fer_keys_of - from rows, one of which is current.
 * fer_keys_update - the rows as they are now: new keys are added, the state of others changes. One thread at a time; readers go on.
 * Errors: -EINVAL a wrong shape or no current key; -EPROTO a place holds another key than before; -ENOMEM.
 */
int fer_keys_of(const struct fer_key_row *rows, size_t n, struct fer_keys **out, char why[256]);
int fer_keys_update(struct fer_keys *keys, const struct fer_key_row *rows, size_t n, char why[256]);

/** fer_keys_split - the words of @text as rows, the last one in use; at most FER_KEYS_MAX + 1 of them (one too many). Borrows @text. */
size_t fer_keys_split(struct fer_str text, struct fer_key_row rows[FER_KEYS_MAX + 1]);

/** fer_keys_own - they came from rows and may be rotated here; else they are Magento's, whose rules hold: the last one only. */
bool fer_keys_own(const struct fer_keys *keys);
/** fer_keys_current - the place of the key in use. Take it once where two things must agree. */
size_t fer_keys_current(const struct fer_keys *keys);
/** fer_keys_kid - NUL-ended; empty when the key at @place has none, or there is no key. */
const char *fer_keys_kid(const struct fer_keys *keys, size_t place);
/** fer_keys_until - when the key at @place stops to verify tokens; it does while that is later than now. */
int64_t fer_keys_until(const struct fer_keys *keys, size_t place);

/** fer_keys_generate - a new key: 32 random letters and digits, which every Magento 2.4 takes. */
void fer_keys_generate(char out[33]);

/** fer_keys_pad - the 2,048 bytes that sign tokens: @key with '&' on both sides, the odd one right; @key fits. */
void fer_keys_pad(struct fer_str key, unsigned char out[FER_KEYS_JWT_SIZE]);

/**
 * fer_keys_sign - HMAC of @text by the padded key in use.
 * Returns: bytes in @out (32, 48 or 64); < 0 -ENOMEM. No allocation but GnuTLS's copy of the prepared state.
 */
int fer_keys_sign(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str text, unsigned char out[FER_HMAC_MAX]);
/** fer_keys_sign_by - the same by the key at @place. */
int fer_keys_sign_by(const struct fer_keys *keys, size_t place, enum fer_jws_alg alg, struct fer_str text,
                     unsigned char out[FER_HMAC_MAX]);

/** fer_keys_hash - lower-hex HMAC-SHA-256 of @text by the key in use (decoded), NUL-ended: Magento's Encryptor hash(). */
int fer_keys_hash(const struct fer_keys *keys, struct fer_str text, char out[65]);

/**
 * fer_keys_mac - HMAC-SHA-256 of @text by a key that is made for one @use from the key at @place, so that what is stored under it says
 * nothing about what other uses of the key store.
 */
int fer_keys_mac(const struct fer_keys *keys, size_t place, struct fer_str use, struct fer_str text, unsigned char out[32]);

/**
 * fer_keys_encrypt - "<place>:3:<base64>" by the key in use: ChaCha20-Poly1305-IETF whose additional data is its nonce.
 * Owns:   @out lives in @arena.
 */
int fer_keys_encrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str plain, struct fer_str *out);

/**
 * fer_keys_decrypt - the reverse, with the key the text names.
 * Errors: -EBADMSG not of that form, an unknown key, another cipher, or tampered with; @out is then empty.
 */
int fer_keys_decrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str text, struct fer_str *out);

/** fer_keys_count - how many places are taken. */
size_t fer_keys_count(const struct fer_keys *keys);

/** fer_hmac_sha256 - lower level, for OAuth signatures: 32 bytes. */
int fer_hmac_sha256(struct fer_str key, struct fer_str text, unsigned char out[32]);

/** fer_secret_eq - equal, in time that depends on the lengths only. */
bool fer_secret_eq(struct fer_str a, struct fer_str b);

#endif
