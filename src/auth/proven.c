/*
 * A table with one place a hash; a newer token takes the place of an older one. Locks are by stripe and held for a copy.
 */
#include "auth/proven.h"
#include "auth/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include <sodium.h>

#define PLACES 4096
#define STRIPES 64

_Static_assert(PLACES % STRIPES == 0, "a place belongs to one stripe");

struct tag {
	unsigned char at[crypto_shorthash_siphashx24_BYTES];
};

struct place {
	struct tag tag;
	struct fer_claims claims;      /* exp 0: empty; no good token has that */
	struct fer_token_id id;
	enum fer_jws_alg alg;
};

struct fer_proven {
	unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
	pthread_mutex_t locks[STRIPES];
	struct place places[PLACES];
};

struct fer_proven *fer_proven_new(void)
{
	struct fer_proven *proven = calloc(1, sizeof(*proven));

	if (!proven)
		return NULL;
	randombytes_buf(proven->key, sizeof(proven->key));
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_init(&proven->locks[i], NULL);
	return proven;
}

void fer_proven_free(struct fer_proven *proven)
{
	if (!proven)
		return;
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&proven->locks[i]);
	sodium_memzero(proven, sizeof(*proven));
	free(proven);
}

static bool take(struct fer_proven *proven, const struct tag *tag, uint32_t n, enum fer_jws_alg alg, struct fer_claims *out,
                 struct fer_token_id *id)
{
	const struct place *place = &proven->places[n];
	bool hit;

	pthread_mutex_lock(&proven->locks[n % STRIPES]);
	hit = place->claims.exp && place->alg == alg && sodium_memcmp(place->tag.at, tag->at, sizeof(tag->at)) == 0;
	if (hit) {
		*out = place->claims;
		*id = place->id;
	}
	pthread_mutex_unlock(&proven->locks[n % STRIPES]);
	return hit;
}

static void keep(struct fer_proven *proven, const struct tag *tag, uint32_t n, enum fer_jws_alg alg, const struct fer_claims *claims,
                 const struct fer_token_id *id)
{
	pthread_mutex_lock(&proven->locks[n % STRIPES]);
	proven->places[n] = (struct place){ *tag, *claims, *id, alg };
	pthread_mutex_unlock(&proven->locks[n % STRIPES]);
}

int fer_proven_read(struct fer_proven *proven, const struct fer_keys *keys, enum fer_jws_alg alg, struct fer_str token,
                    struct fer_claims *out, struct fer_token_id *id)
{
	struct tag tag;
	uint32_t n;
	int verdict;

	if (token.len > FER_JWS_MAX)
		return FER_JWS_MALFORMED;
	crypto_shorthash_siphashx24(tag.at, (const unsigned char *)token.at, token.len, proven->key);
	memcpy(&n, tag.at, sizeof(n));
	n %= PLACES;
	if (take(proven, &tag, n, alg, out, id))
		return FER_JWS_GOOD;
	verdict = fer_jws_read(keys, alg, token, out);
	if (verdict != FER_JWS_GOOD)
		return verdict;
	fer_token_id(token, id);
	keep(proven, &tag, n, alg, out, id);
	return verdict;
}
