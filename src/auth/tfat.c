/*
 * Configuration tokens of the second factor. Foreign bytes are parsed here before any signature is checked, because Magento answers
 * from what a token claims first; so reading is apart from believing.
 */
#include "auth/tfat.h"

#include <errno.h>
#include <sodium.h>

#include "core/json.h"

#define TOKEN_MAX 4096    /* characters; ours have less than 220 */

static int signature_of(const struct fer_keys *keys, struct fer_arena *arena, struct fer_str claims, struct fer_str *out)
{
	char hex[65];
	int r = fer_keys_hash(keys, claims, hex);

	if (!r)
		*out = fer_base64(arena, fer_str(hex));
	sodium_memzero(hex, sizeof(hex));
	return r;
}

int fer_tfat_issue(const struct fer_keys *keys, struct fer_arena *arena, int64_t user_id, int64_t now_s, struct fer_str *out)
{
	struct fer_str claims = fer_str_fmt(arena, "{\"user_id\":%lld,\"tfa_configuration\":true,\"iss\":%lld}", (long long)user_id,
	                                    (long long)now_s);
	struct fer_str signature;
	int r = signature_of(keys, arena, claims, &signature);

	if (!r)
		*out = fer_base64(arena, fer_str_fmt(arena, "%.*s.%.*s", FER_F(claims), FER_F(signature)));
	return r;
}

/* Padding may be missing and blanks may be in it, as PHP's base64_decode has it. */
static int decode(struct fer_arena *arena, struct fer_str token, struct fer_str *out)
{
	char *at = fer_alloc(arena, token.len + 1);
	size_t size = 0;

	if (!token.len || token.len > TOKEN_MAX ||
	    sodium_base642bin((unsigned char *)at, token.len, token.at, token.len, "= \t\r\n", &size, NULL,
	                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
		return -EBADMSG;
	*out = (struct fer_str){ at, size };
	return 0;
}

int fer_tfat_read(struct fer_arena *arena, struct fer_str token, struct fer_tfat *out)
{
	struct fer_str rest;
	struct fer_value claims;
	const struct fer_value *user;

	*out = (struct fer_tfat){ 0 };
	if (decode(arena, token, &rest))
		return -EBADMSG;
	fer_str_cut(&rest, '.', &out->claims);
	fer_str_cut(&rest, '.', &out->signature);
	if (fer_json_read(arena, out->claims, &claims))
		return -EBADMSG;
	user = fer_get(&claims, "user_id");
	if (!user || user->kind != FER_V_INT)
		return -EBADMSG;
	out->user_id = user->number;
	out->issued_s = fer_map_int(&claims, "iss", 0);
	out->configures = fer_as_bool(fer_get(&claims, "tfa_configuration"));
	return 0;
}

/* An age from subtraction could overflow for claims near the ends of int64. */
static bool is_young(int64_t issued_s, int64_t now_s)
{
	return issued_s > now_s - FER_TFAT_LIFE_S;
}

bool fer_tfat_valid(const struct fer_keys *keys, const struct fer_tfat *tfat, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(4096);
	struct fer_str signature;

	if (!arena || signature_of(keys, arena, tfat->claims, &signature))
		return false;
	return fer_secret_eq(signature, tfat->signature) && tfat->configures && is_young(tfat->issued_s, now_s);
}
