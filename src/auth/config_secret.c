/*
 * Digests and sealed boxes by libsodium. All keys come from the crypt key by fer_keys_mac, each for one use.
 */
#include "auth/config_secret.h"

#include <errno.h>
#include <sodium.h>

#include "store/config_path.h"

#define POINT crypto_core_ristretto255_BYTES
_Static_assert(FER_CONFIG_POINT == 2 * POINT, "a digest is a point in hex");

/* -- digests ----------------------------------------------------------------------------------------------------- */

static int number_of(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path,
                     unsigned char out[crypto_core_ristretto255_SCALARBYTES])
{
	struct fer_str what = fer_str_fmt(arena, "%.*s\n%.*s", FER_F(scope), FER_F(path));
	unsigned char *wide = fer_alloc(arena, crypto_core_ristretto255_NONREDUCEDSCALARBYTES);
	size_t place = fer_keys_current(keys);
	int r;

	if ((r = fer_keys_mac(keys, place, FER_S("config digest 1"), what, wide)) ||
	    (r = fer_keys_mac(keys, place, FER_S("config digest 2"), what, wide + 32)))
		return r;
	crypto_core_ristretto255_scalar_reduce(out, wide);
	return 0;
}

static int multiply(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path,
                    const unsigned char point[POINT], struct fer_str *out)
{
	unsigned char *number = fer_alloc(arena, crypto_core_ristretto255_SCALARBYTES), product[POINT];
	int r = number_of(keys, arena, scope, path, number);

	if (r)
		return r;
	if (crypto_scalarmult_ristretto255(product, number, point))
		return -EINVAL;
	*out = fer_hex(arena, product, sizeof(product));
	return 0;
}

int fer_config_digest(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path, struct fer_str plain,
                      struct fer_str *out)
{
	unsigned char *hash = fer_alloc(arena, crypto_core_ristretto255_HASHBYTES), *point = fer_alloc(arena, POINT);

	crypto_hash_sha512(hash, (const unsigned char *)plain.at, plain.len);
	crypto_core_ristretto255_from_hash(point, hash);
	return multiply(keys, arena, scope, path, point, out);
}

static int read_hex(struct fer_str text, unsigned char *out, size_t size)
{
	size_t n;

	return text.len != 2 * size || sodium_hex2bin(out, size, text.at, text.len, NULL, &n, NULL) || n != size ? -EINVAL : 0;
}

int fer_config_digest_again(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path,
                            struct fer_str digest, struct fer_str *out)
{
	unsigned char point[POINT];

	if (read_hex(digest, point, sizeof(point)) || !crypto_core_ristretto255_is_valid_point(point))
		return -EINVAL;
	return multiply(keys, arena, scope, path, point, out);
}

/* -- handing over ------------------------------------------------------------------------------------------------ */

static int key_pair(const struct fer_keys *keys, struct fer_arena *arena, unsigned char public[crypto_box_PUBLICKEYBYTES],
                    unsigned char secret[crypto_box_SECRETKEYBYTES])
{
	unsigned char *seed = fer_alloc(arena, crypto_box_SEEDBYTES);
	int r = fer_keys_mac(keys, fer_keys_current(keys), FER_S("config handed over"), FER_S(""), seed);

	return r ? r : crypto_box_seed_keypair(public, secret, seed);
}

int fer_config_key(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str *out)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES], *secret = fer_alloc(arena, crypto_box_SECRETKEYBYTES);
	int r = key_pair(keys, arena, public, secret);

	if (!r)
		*out = fer_hex(arena, public, sizeof(public));
	return r;
}

int fer_config_hand_over(struct fer_arena *arena, struct fer_str key, struct fer_str scope, struct fer_str path, struct fer_str plain,
                         struct fer_str *out)
{
	struct fer_str text = fer_str_fmt(arena, "%.*s\n%.*s\n%.*s", FER_F(scope), FER_F(path), FER_F(plain));
	unsigned char public[crypto_box_PUBLICKEYBYTES], *box = fer_alloc(arena, text.len + crypto_box_SEALBYTES);

	if (read_hex(key, public, sizeof(public)) || crypto_box_seal(box, (const unsigned char *)text.at, text.len, public))
		return -EINVAL;
	*out = fer_base64(arena, (struct fer_str){ (const char *)box, text.len + crypto_box_SEALBYTES });
	return 0;
}

int fer_config_take_over(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str scope, struct fer_str path, struct fer_str given,
                         struct fer_str *out)
{
	struct fer_str head = fer_str_fmt(arena, "%.*s\n%.*s\n", FER_F(scope), FER_F(path));
	unsigned char public[crypto_box_PUBLICKEYBYTES], *secret = fer_alloc(arena, crypto_box_SECRETKEYBYTES);
	unsigned char *box = fer_alloc(arena, given.len + 1), *text = fer_alloc(arena, given.len + 1);
	size_t len;
	int r = key_pair(keys, arena, public, secret);

	if (r)
		return r;
	if (sodium_base642bin(box, given.len, given.at, given.len, NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) ||
	    len < crypto_box_SEALBYTES + head.len || crypto_box_seal_open(text, box, len, public, secret) || memcmp(text, head.at, head.len) != 0)
		return -EBADMSG;
	*out = (struct fer_str){ (const char *)text + head.len, len - crypto_box_SEALBYTES - head.len };
	return 0;
}

/* -- what is stored ---------------------------------------------------------------------------------------------- */

int fer_config_open(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str stored, struct fer_str *out)
{
	*out = stored;
	return fer_config_sealed(stored) ? fer_keys_decrypt(keys, arena, stored, out) : 0;
}

/* What one of our keys opens was encrypted before, by a Magento or in a fixture. */
int fer_config_seal(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str path, struct fer_str value, struct fer_str *out)
{
	struct fer_str plain;

	*out = value;
	if (!value.len || !(fer_config_traits(path) & FER_CONFIG_SECRET))
		return 0;
	if (fer_config_sealed(value) && fer_keys_decrypt(keys, arena, value, &plain) == 0)
		return 0;
	return fer_keys_encrypt(keys, arena, value, out);
}
