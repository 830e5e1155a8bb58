/*
 * Magento's password hashes. A stored text names the steps that made it; verifying repeats them.
 */
#include "auth/password.h"

#include <errno.h>

#include <gnutls/crypto.h>
#include <sodium.h>

#define MEM_DEFAULT ((size_t)67108864)
#define OPS_DEFAULT 2u
#define OUT_DEFAULT 32u
#define SALT_LEN 32
#define HEX_MAX (2 * FER_PASSWORD_OUT_MAX + 1)
#define PRESENT "3_32_2_67108864"

/* The text a step leaves for the next one; a password never stays in memory that is not wiped. */
struct chain {
	struct fer_str x;
	char hex[HEX_MAX];
};

struct stored {
	struct fer_str hash, salt, versions;
};

static bool stored_split(struct fer_str text, struct stored *out)
{
	struct fer_str rest = text;

	return fer_str_cut(&rest, ':', &out->hash) && fer_str_cut(&rest, ':', &out->salt) && (out->versions = rest).len > 0;
}

static void chain_set(struct chain *chain, const unsigned char *digest, size_t size)
{
	sodium_bin2hex(chain->hex, sizeof(chain->hex), digest, size);
	chain->x = (struct fer_str){ chain->hex, 2 * size };
}

static int step_digest(struct chain *chain, struct fer_str salt, gnutls_digest_algorithm_t algorithm)
{
	unsigned char digest[32];
	gnutls_hash_hd_t hash;

	if (gnutls_hash_init(&hash, algorithm) < 0)
		return -ENOMEM;
	gnutls_hash(hash, salt.at, salt.len);
	gnutls_hash(hash, chain->x.at, chain->x.len);
	gnutls_hash_deinit(hash, digest);
	chain_set(chain, digest, gnutls_hash_get_len(algorithm));
	sodium_memzero(digest, sizeof(digest));
	return 0;
}

/* The salt's text, repeated or cut to the 16 bytes Argon2 takes. */
static bool argon_salt(struct fer_str salt, unsigned char out[crypto_pwhash_SALTBYTES])
{
	for (size_t i = 0; salt.len && i < crypto_pwhash_SALTBYTES; i++)
		out[i] = (unsigned char)salt.at[i % salt.len];
	return salt.len > 0;
}

static int step_argon(struct chain *chain, struct fer_str salt, size_t size, uint64_t ops, size_t mem)
{
	unsigned char digest[FER_PASSWORD_OUT_MAX], bytes[crypto_pwhash_SALTBYTES];
	int r = 0;

	if (!argon_salt(salt, bytes))
		return -EINVAL;
	errno = 0;
	if (crypto_pwhash(digest, size, chain->x.at, chain->x.len, bytes, ops, mem, crypto_pwhash_ALG_ARGON2ID13))
		r = errno == EINVAL ? -EINVAL : -ENOMEM;
	else
		chain_set(chain, digest, size);
	sodium_memzero(digest, sizeof(digest));
	return r;
}

/* "3_<size>_<ops>_<mem>", with a ceiling on what a stored text may cost us. */
static int step_argon_given(struct chain *chain, struct fer_str salt, struct fer_str version)
{
	struct fer_str rest = fer_str_skip(version, 2), size_text, ops_text;
	int64_t size, ops, mem;

	if (!fer_str_cut(&rest, '_', &size_text) || !fer_str_cut(&rest, '_', &ops_text) || !fer_str_int(size_text, &size) ||
	    !fer_str_int(ops_text, &ops) || !fer_str_int(rest, &mem))
		return -EINVAL;
	if (size < FER_PASSWORD_OUT_MIN || size > FER_PASSWORD_OUT_MAX || ops < 1 || ops > FER_PASSWORD_OPS_MAX ||
	    mem < (int64_t)crypto_pwhash_MEMLIMIT_MIN || mem > (int64_t)FER_PASSWORD_MEM_MAX)
		return -EINVAL;
	return step_argon(chain, salt, (size_t)size, (uint64_t)ops, (size_t)mem);
}

static int step(struct chain *chain, struct fer_str salt, struct fer_str version)
{
	if (fer_str_is(version, "0"))
		return step_digest(chain, salt, GNUTLS_DIG_MD5);
	if (fer_str_is(version, "1"))
		return step_digest(chain, salt, GNUTLS_DIG_SHA256);
	if (fer_str_is(version, "2"))
		return step_argon(chain, salt, OUT_DEFAULT, OPS_DEFAULT, MEM_DEFAULT);
	if (fer_str_starts(version, "3_"))
		return step_argon_given(chain, salt, version);
	return -EINVAL;
}

/* Errors: -EINVAL a step that cannot be made: then the stored text is no password hash. */
static int chain_run(struct chain *chain, struct fer_str password, struct fer_str salt, struct fer_str versions)
{
	struct fer_str rest = versions, version;
	int n = 0, r;

	chain->x = password;
	while (fer_str_cut(&rest, ':', &version)) {
		if (++n > FER_PASSWORD_STEPS_MAX)
			return -EINVAL;
		if ((r = step(chain, salt, version)))
			return r;
	}
	return 0;
}

static int verify_keyed(const struct fer_keys *keys, struct fer_str password, struct fer_str stored)
{
	char hex[65];
	int r = fer_keys_hash(keys, password, hex);

	if (!r)
		r = fer_secret_eq((struct fer_str){ hex, 64 }, stored);
	sodium_memzero(hex, sizeof(hex));
	return r;
}

int fer_password_verify(const struct fer_keys *keys, struct fer_str password, struct fer_str stored)
{
	struct chain chain;
	struct stored parts;
	int r = -EINVAL;

	if (stored_split(stored, &parts))
		r = chain_run(&chain, password, parts.salt, parts.versions);
	if (r == -EINVAL)
		r = verify_keyed(keys, password, stored);
	else if (!r)
		r = fer_secret_eq(chain.x, parts.hash);
	sodium_memzero(&chain, sizeof(chain));
	return r;
}

static bool is_argon(struct fer_str stored)
{
	struct stored parts;
	struct fer_str version;

	if (!stored_split(stored, &parts))
		return false;
	while (fer_str_cut(&parts.versions, ':', &version))
		if (fer_str_is(version, "2") || fer_str_starts(version, "3_"))
			return true;
	return false;
}

int fer_password_check(const struct fer_keys *keys, struct fer_str password, struct fer_str stored)
{
	int burnt = is_argon(stored) ? 0 : fer_password_burn(password);

	return burnt ? burnt : fer_password_verify(keys, password, stored);
}

int fer_password_burn(struct fer_str password)
{
	struct chain chain;
	int r = chain_run(&chain, password, FER_S("no such user has this salt, ever"), FER_S(PRESENT));

	sodium_memzero(&chain, sizeof(chain));
	return r;
}

int fer_password_make(struct fer_str password, struct fer_str salt, struct fer_str versions, char out[FER_PASSWORD_TEXT_MAX])
{
	struct chain chain;
	int r = chain_run(&chain, password, salt, versions);

	if (!r && snprintf(out, FER_PASSWORD_TEXT_MAX, "%.*s:%.*s:%.*s", FER_F(chain.x), FER_F(salt), FER_F(versions)) >=
	              (int)FER_PASSWORD_TEXT_MAX)
		r = -EINVAL;
	sodium_memzero(&chain, sizeof(chain));
	return r;
}

void fer_random_text(char *out, size_t n, const char *letters)
{
	uint32_t n_letters = (uint32_t)strlen(letters);

	for (size_t i = 0; i < n; i++)
		out[i] = letters[randombytes_uniform(n_letters)];
	out[n] = '\0';
}

void fer_password_random(char *out, size_t n)
{
	fer_random_text(out, n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

/* Magento wants a letter and a digit; twenty random ones hold both but once in thirty. */
void fer_password_first(char out[FER_PASSWORD_FIRST_SIZE])
{
	do
		fer_password_random(out, FER_PASSWORD_FIRST_SIZE - 1);
	while (!strpbrk(out, "0123456789") || !strpbrk(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"));
}

int fer_password_hash(struct fer_str password, char out[FER_PASSWORD_TEXT_MAX])
{
	char salt[SALT_LEN + 1];

	fer_password_random(salt, SALT_LEN);
	return fer_password_make(password, (struct fer_str){ salt, SALT_LEN }, FER_S(PRESENT), out);
}

int fer_password_admin_rules(struct fer_arena *arena, struct fer_str password, struct fer_fault *fault)
{
	bool letter = false, digit = false;
	int r = 0;

	if (!password.len)
		return fer_fault_add(arena, fault, FER_E_PASSWORD_REQUIRED, NULL);
	for (size_t i = 0; i < password.len; i++) {
		char c = password.at[i];

		letter |= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		digit |= c >= '0' && c <= '9';
	}
	if (fer_utf8_length(password) < 7)
		r = fer_fault_add(arena, fault, FER_E_PASSWORD_SHORT, "1", fer_int(7), NULL);
	if (!letter || !digit)
		r = fer_fault_add(arena, fault, FER_E_PASSWORD_CLASSES, NULL);
	return r;
}
