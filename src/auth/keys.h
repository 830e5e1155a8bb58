/*
 * The crypt keys of a shop and everything keyed by them: token signatures, keyed hashes, stored secrets. One place, so
 * that key bytes live only in locked memory and no other file ever sees them.
 */
#ifndef FER_AUTH_KEYS_H
#define FER_AUTH_KEYS_H

#include "core/str.h"
#include "store/store.h"

struct fer_keys;

#define FER_KEYS_MAX 16
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

/**
 * fer_keys_load - from the first place that has some: @setting (the process setting crypt_key; empty: not set),
 * $MAGENTO_DC_CRYPT__KEY ("#env(NAME)" is followed), table ferrite_key (@store may be NULL).
 * Errors: -ENOENT nowhere; as fer_keys_new; -EIO the store.
 */
int fer_keys_load(struct fer_store *store, struct fer_str setting, struct fer_keys **out, char why[256]);

/** fer_keys_save - put the text of crypt/key into table ferrite_key, replacing what is there. Errors: -EINVAL wrong shape. */
int fer_keys_save(struct fer_store *store, struct fer_str text, char why[256]);

/** fer_keys_generate - a new key: 32 random letters and digits, which every Magento 2.4 takes. */
void fer_keys_generate(char out[33]);

/** fer_keys_pad - the 2,048 bytes that sign tokens: @key with '&' on both sides, the odd one right; @key fits. */
void fer_keys_pad(struct fer_str key, unsigned char out[FER_KEYS_JWT_SIZE]);

/**
 * fer_keys_sign - HMAC of @text by the padded last key.
 * Returns: bytes in @out (32, 48 or 64); < 0 -ENOMEM. No allocation but GnuTLS's copy of the prepared state.
 */
int fer_keys_sign(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str text, unsigned char out[FER_HMAC_MAX]);

/** fer_keys_hash - lower-hex HMAC-SHA-256 of @text by the last key (decoded), NUL-ended: Magento's Encryptor hash(). */
int fer_keys_hash(const struct fer_keys *keys, struct fer_str text, char out[65]);

/**
 * fer_keys_encrypt - "<key index>:3:<base64>" by the last key: ChaCha20-Poly1305-IETF whose additional data is its nonce.
 * Owns:   @out lives in @arena.
 */
int fer_keys_encrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str plain, struct fer_str *out);

/**
 * fer_keys_decrypt - the reverse, with the key the text names.
 * Errors: -EBADMSG not of that form, an unknown key, another cipher, or tampered with; @out is then empty.
 */
int fer_keys_decrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str text, struct fer_str *out);

/** fer_keys_count - how many; for the log. */
size_t fer_keys_count(const struct fer_keys *keys);

/** fer_hmac_sha256 - lower level, for OAuth signatures: 32 bytes. */
int fer_hmac_sha256(struct fer_str key, struct fer_str text, unsigned char out[32]);

/** fer_secret_eq - equal, in time that depends on the lengths only. */
bool fer_secret_eq(struct fer_str a, struct fer_str b);

#endif
