/*
 * The Ed25519 keys of the audit log: one a node, its secret half in the store only encrypted by the crypt key. Whoever can write the
 * database but has no crypt key can neither sign nor put a key of his own in its place.
 */
#include <errno.h>

#include <sodium.h>

#include "auth/audit_impl.h"

#define SEED crypto_sign_SEEDBYTES

static int key_open(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str sealed, struct fer_str public,
                    struct fer_audit_key *out)
{
	char hex[FER_AUDIT_PUBLIC];
	struct fer_str seed;

	if (fer_keys_decrypt(keys, arena, sealed, &seed) || seed.len != SEED)
		return -EBADMSG;
	crypto_sign_seed_keypair(out->public, out->secret, (const unsigned char *)seed.at);
	sodium_bin2hex(hex, sizeof(hex), out->public, sizeof(out->public));
	return fer_str_is(public, hex) ? 1 : -EBADMSG;
}

int fer_audit_key_load(struct fer_db *db, const struct fer_keys *keys, struct fer_str node, struct fer_audit_key *out)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(4096);
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	out->number = 0;
	if ((r = fer_sql_open(db, FER_SQL_AUDIT_KEY, &stmt, "s", node)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	out->number = fer_col_int(stmt, 0);
	return key_open(keys, arena, fer_col_str(stmt, 2), fer_col_str(stmt, 1), out);
}

int fer_audit_key_make(struct fer_db *db, const struct fer_keys *keys, struct fer_str node, int64_t number, struct fer_audit_key *out)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(4096);
	unsigned char *seed = fer_alloc(arena, SEED);
	struct fer_str sealed;
	int r;

	randombytes_buf(seed, SEED);
	crypto_sign_seed_keypair(out->public, out->secret, seed);
	out->number = number;
	if ((r = fer_keys_encrypt(keys, arena, (struct fer_str){ (const char *)seed, SEED }, &sealed)))
		return r;
	return fer_sql_run(db, FER_SQL_AUDIT_KEY_INSERT, NULL, "siss", node, number, fer_hex(arena, out->public, sizeof(out->public)), sealed);
}

/* -- signatures -------------------------------------------------------------------------------------------------- */

/* The first line keeps a checkpoint from passing for a head: one of them is handed out, the other shows where the chain ends now. */
static int message(enum fer_audit_purpose purpose, const struct fer_audit_point *point, char out[512])
{
	if (purpose == FER_AUDIT_HEAD)
		return snprintf(out, 512, "ferrite-audit-head-1\n%.*s\n%lld\n%.*s\n", FER_F(point->node), (long long)point->seq, FER_F(point->hash));
	return snprintf(out, 512, "ferrite-audit-checkpoint-1\n%.*s\n%lld\n%.*s\n%lld\n", FER_F(point->node), (long long)point->seq,
	                FER_F(point->hash), (long long)point->time_us);
}

void fer_audit_sign(const struct fer_audit_key *key, enum fer_audit_purpose purpose, const struct fer_audit_point *point,
                    char out[FER_AUDIT_SIGNATURE])
{
	unsigned char signature[crypto_sign_BYTES];
	char text[512];
	int len = message(purpose, point, text);

	crypto_sign_detached(signature, NULL, (const unsigned char *)text, (unsigned long long)len, key->secret);
	sodium_bin2hex(out, FER_AUDIT_SIGNATURE, signature, sizeof(signature));
}

bool fer_audit_signed(const unsigned char public[32], enum fer_audit_purpose purpose, const struct fer_audit_point *point,
                      struct fer_str hex)
{
	unsigned char signature[crypto_sign_BYTES];
	char text[512];
	size_t size = 0;
	int len = message(purpose, point, text);

	if (hex.len != 2 * sizeof(signature) || sodium_hex2bin(signature, sizeof(signature), hex.at, hex.len, NULL, &size, NULL) ||
	    size != sizeof(signature) || len >= 512)
		return false;
	return crypto_sign_verify_detached(signature, (const unsigned char *)text, (unsigned long long)len, public) == 0;
}
