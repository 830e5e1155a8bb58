/*
 * Secrets of the shop's configuration between two environments whose crypt keys differ: compared without being told, and handed over so
 * that the other key alone opens them.
 *
 * Comparing. A digest is a point of Ristretto that is made from the secret and multiplied by a number which only the crypt key gives, for
 * each scope and path another one. Whoever has a digest cannot try guesses at it without asking that environment, once for each guess.
 * Two environments multiply each other's digests once more: equal secrets meet in the same point, whatever the order, and nothing else
 * about them is told.
 */
#ifndef FER_AUTH_CONFIG_SECRET_H
#define FER_AUTH_CONFIG_SECRET_H

#include "auth/keys.h"

#define FER_CONFIG_POINT 64      /* hex digits */

/** fer_config_key - the public half of the key pair that the crypt key in use gives, hex: it names the environment's key, too. */
int fer_config_key(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str *out);

/** fer_config_digest - of @plain at a scope and path. Errors: < 0 no memory. */
int fer_config_digest(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path, struct fer_str plain,
                      struct fer_str *out);
/** fer_config_digest_again - multiply another environment's @digest. Errors: -EINVAL it is none. */
int fer_config_digest_again(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path,
                            struct fer_str digest, struct fer_str *out);

/** fer_config_hand_over - @plain for the owner of the public @key alone, good at this scope and path alone; base64. Errors: -EINVAL no key. */
int fer_config_hand_over(struct fer_arena *arena, struct fer_str key, struct fer_str scope, struct fer_str path, struct fer_str plain,
                         struct fer_str *out);
/** fer_config_take_over - the reverse. Errors: -EBADMSG it is for another key, scope or path. Owns: @out lives in @arena, which wipes. */
int fer_config_take_over(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path, struct fer_str given,
                         struct fer_str *out);

/**
 * fer_config_open - the plain text of what is stored at a secret path: decrypted, or as it is when it was never encrypted.
 * Errors: -EBADMSG no key opens it.
 */
int fer_config_open(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str stored, struct fer_str *out);
/** fer_config_seal - what is to be stored at @path: encrypted where the path is secret and @value is not so already. */
int fer_config_seal(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str path, struct fer_str value, struct fer_str *out);

#endif
