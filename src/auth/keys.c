/*
 * The crypt keys of a shop and everything keyed by them. Apart, so that key bytes live only in locked memory and no
 * other file ever sees them.
 */
#include "auth/keys.h"

#include <errno.h>

#include <gnutls/crypto.h>
#include <sodium.h>

#define KEY_SIZE 32u
#define PREFIX "base64"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define TEXT_MAX (PREFIX_LEN + 44)
#define NONCE_SIZE crypto_aead_chacha20poly1305_IETF_NPUBBYTES
#define TAG_SIZE crypto_aead_chacha20poly1305_IETF_ABYTES

struct key {
	char text[TEXT_MAX];
	size_t len;
	unsigned char bytes[KEY_SIZE];   /* what the Encryptor works with: the text itself, or decoded */
};

/* Lives in sodium_malloc'ed memory, read-only once made; only the prepared states stand on GnuTLS's heap. */
struct fer_keys {
	gnutls_hmac_hd_t prepared[FER_N_JWS_ALGS];
	size_t n;
	struct key keys[FER_KEYS_MAX];
};

static const gnutls_mac_algorithm_t macs[FER_N_JWS_ALGS] = {
	[FER_JWS_HS256] = GNUTLS_MAC_SHA256,
	[FER_JWS_HS384] = GNUTLS_MAC_SHA384,
	[FER_JWS_HS512] = GNUTLS_MAC_SHA512,
};

static const struct key *last(const struct fer_keys *keys)
{
	return &keys->keys[keys->n - 1];
}

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

static int keys_read(struct fer_keys *keys, struct fer_str text, char why[256])
{
	for (struct fer_str word = cut_word(&text); word.len; word = cut_word(&text)) {
		struct key *key = &keys->keys[keys->n];

		if (keys->n == FER_KEYS_MAX) {
			snprintf(why, 256, "there are more than %d crypt keys", FER_KEYS_MAX);
			return -EINVAL;
		}
		if (!key_decode(word, key->bytes)) {
			snprintf(why, 256, "crypt key %zu is neither 32 characters nor base64 of 32 bytes behind the word base64", keys->n + 1);
			return -EINVAL;
		}
		memcpy(key->text, word.at, word.len);
		key->len = word.len;
		keys->n++;
	}
	if (keys->n)
		return 0;
	snprintf(why, 256, "there is no crypt key");
	return -EINVAL;
}

void fer_keys_pad(struct fer_str key, unsigned char out[FER_KEYS_JWT_SIZE])
{
	memset(out, '&', FER_KEYS_JWT_SIZE);
	memcpy(out + (FER_KEYS_JWT_SIZE - key.len) / 2, key.at, key.len);
}

static struct fer_str last_text(const struct fer_keys *keys)
{
	return (struct fer_str){ last(keys)->text, last(keys)->len };
}

static int keys_prepare(struct fer_keys *keys)
{
	unsigned char padded[FER_KEYS_JWT_SIZE];
	int r = 0;

	fer_keys_pad(last_text(keys), padded);
	for (int i = 0; i < FER_N_JWS_ALGS && !r; i++)
		if (gnutls_hmac_init(&keys->prepared[i], macs[i], padded, sizeof(padded)) < 0)
			r = -ENOMEM;
	sodium_memzero(padded, sizeof(padded));
	return r;
}

int fer_keys_new(struct fer_str text, struct fer_keys **out, char why[256])
{
	struct fer_keys *keys;
	int r;

	*out = NULL;
	if (sodium_init() < 0 || !(keys = sodium_malloc(sizeof(*keys)))) {
		snprintf(why, 256, "no memory for the crypt keys");
		return -ENOMEM;
	}
	memset(keys, 0, sizeof(*keys));
	if (!(r = keys_read(keys, text, why)) && (r = keys_prepare(keys)))
		snprintf(why, 256, "GnuTLS cannot prepare the token key");
	if (r) {
		fer_keys_free(keys);
		return r;
	}
	sodium_mprotect_readonly(keys);
	*out = keys;
	return 0;
}

void fer_keys_free(struct fer_keys *keys)
{
	if (!keys)
		return;
	for (int i = 0; i < FER_N_JWS_ALGS; i++)
		if (keys->prepared[i])
			gnutls_hmac_deinit(keys->prepared[i], NULL);
	sodium_free(keys);
}

size_t fer_keys_count(const struct fer_keys *keys)
{
	return keys->n;
}

/* -- where keys come from --------------------------------------------------------------------------------------- */

/* Magento's deployment configuration lets a value name another variable. */
static struct fer_str follow_env(struct fer_str value)
{
	struct fer_str name = fer_str_skip(value, 5);
	char z[128];

	if (!fer_str_starts(value, "#env(") || value.at[value.len - 1] != ')' || name.len > sizeof(z))
		return value;
	memcpy(z, name.at, name.len - 1);
	z[name.len - 1] = '\0';
	return fer_str(getenv(z));
}

static int read_rows(struct fer_db *db, struct fer_buf *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_KEY_ALL, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		fer_buf_str(out, fer_col_str(stmt, 0));
		fer_buf_char(out, '\n');
	}
	return r;
}

static int load_rows(struct fer_store *store, struct fer_arena *arena, struct fer_str *out)
{
	struct fer_buf text;
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(store, &db)))
		return r;
	fer_buf_init(&text, arena, FER_KEYS_MAX * 256);
	r = read_rows(db, &text);
	fer_db_return(db);
	*out = fer_buf_view(&text);
	return r;
}

int fer_keys_load(struct fer_store *store, struct fer_str setting, struct fer_keys **out, char why[256])
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(1 << 16);
	struct fer_str text = setting.len ? setting : follow_env(fer_str(getenv("MAGENTO_DC_CRYPT__KEY")));
	int r;

	*out = NULL;
	if (!arena)
		return -ENOMEM;
	if (!text.len && store && (r = load_rows(store, arena, &text))) {
		snprintf(why, 256, "the crypt key cannot be read from the store");
		return r;
	}
	if (text.len)
		return fer_keys_new(text, out, why);
	snprintf(why, 256, "there is no crypt key: set FERRITE_CRYPT_KEY or crypt_key_file, or run ferrite init");
	return -ENOENT;
}

static int save_rows(struct fer_db *db, void *data)
{
	struct fer_str rest = *(const struct fer_str *)data;
	int r = fer_sql_run(db, FER_SQL_KEY_DELETE, NULL, "");

	for (int64_t i = 0; !r; i++) {
		struct fer_str word = cut_word(&rest);

		if (!word.len)
			break;
		r = fer_sql_run(db, FER_SQL_KEY_INSERT, NULL, "is", i, word);
	}
	return r;
}

int fer_keys_save(struct fer_store *store, struct fer_str text, char why[256])
{
	struct fer_keys *keys;
	int r;

	if ((r = fer_keys_new(text, &keys, why)))
		return r;
	fer_keys_free(keys);
	if ((r = fer_tx_run(store, FER_TX_QUIET, save_rows, &text)))
		snprintf(why, 256, "the crypt key cannot be saved");
	return r;
}

void fer_keys_generate(char out[33])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (size_t i = 0; i < KEY_SIZE; i++)
		out[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	out[KEY_SIZE] = '\0';
}

/* -- what keys do ----------------------------------------------------------------------------------------------- */

/* For a GnuTLS whose back end cannot copy a prepared state. */
static int sign_afresh(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str text, unsigned char *out)
{
	unsigned char padded[FER_KEYS_JWT_SIZE];
	int r;

	fer_keys_pad(last_text(keys), padded);
	r = gnutls_hmac_fast(macs[alg], padded, sizeof(padded), text.at, text.len, out);
	sodium_memzero(padded, sizeof(padded));
	return r < 0 ? -ENOMEM : (int)gnutls_hmac_get_len(macs[alg]);
}

int fer_keys_sign(const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str text, unsigned char out[FER_HMAC_MAX])
{
	gnutls_hmac_hd_t copy = gnutls_hmac_copy(keys->prepared[alg]);
	int r;

	if (!copy)
		return sign_afresh(keys, alg, text, out);
	r = gnutls_hmac(copy, text.at, text.len);
	gnutls_hmac_deinit(copy, out);
	return r < 0 ? -ENOMEM : (int)gnutls_hmac_get_len(macs[alg]);
}

int fer_hmac_sha256(struct fer_str key, struct fer_str text, unsigned char out[32])
{
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.at, key.len, text.at, text.len, out) < 0 ? -ENOMEM : 0;
}

int fer_keys_hash(const struct fer_keys *keys, struct fer_str text, char out[65])
{
	unsigned char digest[32];
	int r = fer_hmac_sha256((struct fer_str){ (const char *)last(keys)->bytes, KEY_SIZE }, text, digest);

	sodium_bin2hex(out, 65, digest, sizeof(digest));
	sodium_memzero(digest, sizeof(digest));
	return r;
}

int fer_keys_encrypt(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str plain, struct fer_str *out)
{
	size_t size = NONCE_SIZE + plain.len + TAG_SIZE;
	size_t coded = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
	unsigned char *sealed = fer_alloc(arena, size);
	char *text = fer_alloc(arena, 24 + coded);
	int n = snprintf(text, 24, "%zu:3:", keys->n - 1);

	randombytes_buf(sealed, NONCE_SIZE);
	if (crypto_aead_chacha20poly1305_ietf_encrypt(sealed + NONCE_SIZE, NULL, (const unsigned char *)plain.at, plain.len, sealed,
	                                              NONCE_SIZE, NULL, sealed, last(keys)->bytes))
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
	    !fer_str_int(index, &i) || i < 0 || (size_t)i >= keys->n)
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
