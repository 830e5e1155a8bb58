/*
 * The crypt keys of a shop and everything keyed by them. Apart, so that key bytes live only in locked memory and no
 * other file ever sees them.
 */
#include "auth/keys.h"

#include <errno.h>
#include <stdatomic.h>

#include <gnutls/crypto.h>
#include <sodium.h>

#include "auth/password.h"

#define KEY_SIZE 32u
#define PREFIX "base64"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define TEXT_MAX (PREFIX_LEN + 44)
#define NONCE_SIZE crypto_aead_chacha20poly1305_IETF_NPUBBYTES
#define TAG_SIZE crypto_aead_chacha20poly1305_IETF_ABYTES

struct key {
	char text[TEXT_MAX];
	size_t len;                      /* 0: the place is empty */
	unsigned char bytes[KEY_SIZE];   /* what the Encryptor works with: the text itself, or decoded */
	gnutls_hmac_hd_t prepared[FER_N_JWS_ALGS];
	char kid[FER_KID_SIZE];
	_Atomic int64_t until_s;
};

/*
 * Lives in sodium_malloc'ed memory, read-only but while it is updated; only the prepared states stand on GnuTLS's heap. A place that
 * is filled keeps its key for good, so that readers need no lock and hold nothing.
 */
struct fer_keys {
	atomic_size_t n, current;
	bool own;
	struct key keys[FER_KEYS_MAX];
};

static const gnutls_mac_algorithm_t macs[FER_N_JWS_ALGS] = {
	[FER_JWS_HS256] = GNUTLS_MAC_SHA256,
	[FER_JWS_HS384] = GNUTLS_MAC_SHA384,
	[FER_JWS_HS512] = GNUTLS_MAC_SHA512,
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct fer_str cut_word(struct fer_str *rest)
{
	struct fer_str word;
	size_t i = 0;

	while (rest->len && is_blank(rest->at[0]))
		*rest = fer_str_skip(*rest, 1);
	while (i < rest->len && !is_blank(rest->at[i]))
		i++;
	word = fer_str_take(*rest, i);
	*rest = fer_str_skip(*rest, i);
	return word;
}

static bool key_decode(struct fer_str text, unsigned char out[KEY_SIZE])
{
	struct fer_str coded = fer_str_skip(text, PREFIX_LEN);
	size_t size = 0;

	if (text.len == KEY_SIZE) {
		memcpy(out, text.at, KEY_SIZE);
		return true;
	}
	return fer_str_starts(text, PREFIX) && text.len <= TEXT_MAX &&
	       !sodium_base642bin(out, KEY_SIZE, coded.at, coded.len, NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) &&
	       size == KEY_SIZE;
}

void fer_keys_pad(struct fer_str key, unsigned char out[FER_KEYS_JWT_SIZE])
{
	memset(out, '&', FER_KEYS_JWT_SIZE);
	memcpy(out + (FER_KEYS_JWT_SIZE - key.len) / 2, key.at, key.len);
}

static struct fer_str text_of(const struct key *key)
{
	return (struct fer_str){ key->text, key->len };
}

/* A key that verifies nothing any more needs no prepared state. */
static int key_prepare(struct key *key)
{
	unsigned char padded[FER_KEYS_JWT_SIZE];
	int r = 0;

	fer_keys_pad(text_of(key), padded);
	for (int i = 0; i < FER_N_JWS_ALGS && !r; i++)
		if (gnutls_hmac_init(&key->prepared[i], macs[i], padded, sizeof(padded)) < 0)
			r = -ENOMEM;
	sodium_memzero(padded, sizeof(padded));
	return r;
}

static int key_fill(struct key *key, const struct fer_key_row *row, char why[256])
{
	if (!key_decode(row->text, key->bytes) || row->kid.len >= FER_KID_SIZE) {
		snprintf(why, 256, "crypt key %zu is neither 32 characters nor base64 of 32 bytes behind the word base64", row->place + 1);
		return -EINVAL;
	}
	memcpy(key->text, row->text.at, row->text.len);
	key->len = row->text.len;
	if (row->kid.len)
		memcpy(key->kid, row->kid.at, row->kid.len);
	if (row->until_s && key_prepare(key)) {
		snprintf(why, 256, "GnuTLS cannot prepare the token key");
		return -ENOMEM;
	}
	return 0;
}

static int take_row(struct fer_keys *keys, const struct fer_key_row *row, char why[256])
{
	struct key *key = &keys->keys[row->place];
	int r;

	if (!key->len && (r = key_fill(key, row, why)))
		return r;
	if (!fer_secret_eq(text_of(key), row->text)) {
		snprintf(why, 256, "crypt key %zu is another one than before: start again", row->place + 1);
		return -EPROTO;
	}
	atomic_store(&key->until_s, row->until_s);
	if (row->place >= atomic_load(&keys->n))
		atomic_store(&keys->n, row->place + 1);
	if (row->current)
		atomic_store(&keys->current, row->place);
	return 0;
}

static int check_rows(const struct fer_key_row *rows, size_t n, char why[256])
{
	size_t n_current = 0;

	for (size_t i = 0; i < n; i++) {
		n_current += rows[i].current;
		if (rows[i].place < FER_KEYS_MAX)
			continue;
		snprintf(why, 256, "there are more than %d crypt keys", FER_KEYS_MAX);
		return -EINVAL;
	}
	if (n_current == 1)
		return 0;
	snprintf(why, 256, n ? "not one of the crypt keys is the one in use" : "there is no crypt key");
	return -EINVAL;
}

int fer_keys_update(struct fer_keys *keys, const struct fer_key_row *rows, size_t n, char why[256])
{
	int r = check_rows(rows, n, why);

	if (r)
		return r;
	sodium_mprotect_readwrite(keys);
	for (size_t i = 0; i < n && !r; i++)
		r = take_row(keys, &rows[i], why);
	sodium_mprotect_readonly(keys);
	return r;
}

static int keys_new(const struct fer_key_row *rows, size_t n, bool own, struct fer_keys **out, char why[256])
{
	struct fer_keys *keys;
	int r;

	*out = NULL;
	if (sodium_init() < 0 || !(keys = sodium_malloc(sizeof(*keys)))) {
		snprintf(why, 256, "no memory for the crypt keys");
		return -ENOMEM;
	}
	memset(keys, 0, sizeof(*keys));
	keys->own = own;
	if ((r = fer_keys_update(keys, rows, n, why)))
		fer_keys_free(keys);
	else
		*out = keys;
	return r;
}

int fer_keys_of(const struct fer_key_row *rows, size_t n, struct fer_keys **out, char why[256])
{
	return keys_new(rows, n, true, out, why);
}

size_t fer_keys_split(struct fer_str text, struct fer_key_row rows[FER_KEYS_MAX + 1])
{
	size_t n = 0;

	for (struct fer_str word = cut_word(&text); word.len; word = cut_word(&text), n++)
		if (n <= FER_KEYS_MAX)
			rows[n] = (struct fer_key_row){ .place = n, .text = word };
	n = n > FER_KEYS_MAX ? FER_KEYS_MAX + 1 : n;
	if (n) {
		rows[n - 1].kid = FER_S(FER_KID_MAGENTO);
		rows[n - 1].until_s = FER_KEY_FOREVER;
		rows[n - 1].current = true;
	}
	return n;
}

int fer_keys_new(struct fer_str text, struct fer_keys **out, char why[256])
{
	struct fer_key_row rows[FER_KEYS_MAX + 1];

	return keys_new(rows, fer_keys_split(text, rows), false, out, why);
}

void fer_keys_free(struct fer_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < FER_KEYS_MAX; i++)
		for (int j = 0; j < FER_N_JWS_ALGS; j++)
			if (keys->keys[i].prepared[j])
				gnutls_hmac_deinit(keys->keys[i].prepared[j], NULL);
	sodium_free(keys);
}

/* -- asking ------------------------------------------------------------------------------------------------------ */

size_t fer_keys_count(const struct fer_keys *keys)
{
	return atomic_load(&keys->n);
}

bool fer_keys_own(const struct fer_keys *keys)
{
	return keys->own;
}

size_t fer_keys_current(const struct fer_keys *keys)
{
	return atomic_load(&keys->current);
}

const char *fer_keys_kid(const struct fer_keys *keys, size_t place)
{
	return place < fer_keys_count(keys) ? keys->keys[place].kid : "";
}

int64_t fer_keys_until(const struct fer_keys *keys, size_t place)
{
	return place < fer_keys_count(keys) ? atomic_load(&keys->keys[place].until_s) : 0;
}

static const struct key *in_use(const struct fer_keys *keys)
{
	return &keys->keys[fer_keys_current(keys)];
}

void fer_keys_generate(char out[33])
{
	fer_password_random(out, KEY_SIZE);
}

/* -- what keys do ----------------------------------------------------------------------------------------------- */

/* For a GnuTLS whose back end cannot copy a prepared state. */
static int sign_afresh(const struct key *key, enum fer_jws_alg alg, struct fer_str text, unsigned char *out)
{
	unsigned char padded[FER_KEYS_JWT_SIZE];
	int r;

	fer_keys_pad(text_of(key), padded);
	r = gnutls_hmac_fast(macs[alg], padded, sizeof(padded), text.at, text.len, out);
	sodium_memzero(padded, sizeof(padded));
	return r < 0 ? -ENOMEM : (int)gnutls_hmac_get_len(macs[alg]);
}

int fer_keys_sign_by(const struct fer_keys *keys, size_t place, enum fer_jws_alg alg, struct fer_str text,
                     unsigned char out[FER_HMAC_MAX])
{
	const struct key *key = &keys->keys[place];
	gnutls_hmac_hd_t copy = key->prepared[alg] ? gnutls_hmac_copy(key->prepared[alg]) : NULL;
	int r;

	if (!copy)
		return sign_afresh(key, alg, text, out);
	r = gnutls_hmac(copy, text.at, text.len);
	gnutls_hmac_deinit(copy, out);
	return r < 0 ? -ENOMEM : (int)gnutls_hmac_get_len(macs[alg]);
}

int fer_keys_sign(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str text, unsigned char out[FER_HMAC_MAX])
{
	return fer_keys_sign_by(keys, fer_keys_current(keys), alg, text, out);
}

int fer_hmac_sha256(struct fer_str key, struct fer_str text, unsigned char out[32])
{
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.at, key.len, text.at, text.len, out) < 0 ? -ENOMEM : 0;
}

int fer_keys_hash(const struct fer_keys *keys, struct fer_str text, char out[65])
{
	unsigned char digest[32];
	int r = fer_hmac_sha256((struct fer_str){ (const char *)in_use(keys)->bytes, KEY_SIZE }, text, digest);

	sodium_bin2hex(out, 65, digest, sizeof(digest));
	sodium_memzero(digest, sizeof(digest));
	return r;
}

int fer_keys_mac(const struct fer_keys *keys, size_t place, struct fer_str use, struct fer_str text, unsigned char out[32])
{
	unsigned char key[32];
	int r = fer_hmac_sha256((struct fer_str){ (const char *)keys->keys[place].bytes, KEY_SIZE }, use, key);

	if (!r)
		r = fer_hmac_sha256((struct fer_str){ (const char *)key, sizeof(key) }, text, out);
	sodium_memzero(key, sizeof(key));
	return r;
}

int fer_keys_encrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str plain, struct fer_str *out)
{
	size_t size = NONCE_SIZE + plain.len + TAG_SIZE;
	size_t coded = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
	unsigned char *sealed = fer_alloc(arena, size);
	char *text = fer_alloc(arena, 24 + coded);
	size_t place = fer_keys_current(keys);
	int n = snprintf(text, 24, "%zu:3:", place);

	randombytes_buf(sealed, NONCE_SIZE);
	if (crypto_aead_chacha20poly1305_ietf_encrypt(sealed + NONCE_SIZE, NULL, (const unsigned char *)plain.at, plain.len, sealed,
	                                              NONCE_SIZE, NULL, sealed, keys->keys[place].bytes))
		return -EIO;
	sodium_bin2base64(text + n, coded, sealed, size, sodium_base64_VARIANT_ORIGINAL);
	*out = fer_str(text);
	return 0;
}

/* "<index>:3:<base64>": the key it names, and the rest. */
static const struct key *key_of(const struct fer_keys *keys, struct fer_str text, struct fer_str *coded)
{
	struct fer_str index, cipher;
	int64_t i;

	if (!fer_str_cut(&text, ':', &index) || !fer_str_cut(&text, ':', &cipher) || !fer_str_is(cipher, "3") ||
	    !fer_str_int(index, &i) || i < 0 || (size_t)i >= fer_keys_count(keys) || !keys->keys[i].len)
		return NULL;
	*coded = text;
	return &keys->keys[i];
}

int fer_keys_decrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str text, struct fer_str *out)
{
	struct fer_str coded;
	const struct key *key = key_of(keys, text, &coded);
	unsigned char *sealed, *plain;
	unsigned long long len = 0;
	size_t size = 0;

	*out = FER_S("");
	if (!key || !coded.at)
		return -EBADMSG;
	sealed = fer_alloc(arena, coded.len + 1);
	if (sodium_base642bin(sealed, coded.len, coded.at, coded.len, NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) ||
	    size < NONCE_SIZE + TAG_SIZE)
		return -EBADMSG;
	plain = fer_alloc(arena, size - NONCE_SIZE - TAG_SIZE + 1);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(plain, &len, NULL, sealed + NONCE_SIZE, size - NONCE_SIZE, sealed, NONCE_SIZE,
	                                              sealed, key->bytes))
		return -EBADMSG;
	*out = (struct fer_str){ (const char *)plain, (size_t)len };
	return 0;
}

bool fer_secret_eq(struct fer_str a, struct fer_str b)
{
	return a.len == b.len && (!a.len || !sodium_memcmp(a.at, b.at, a.len));
}
