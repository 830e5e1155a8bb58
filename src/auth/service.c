/*
 * Reading service tokens: from memory, or by their keyed hash from the rows. Memory is small buckets under locks held for a copy; a row
 * counts only while no single token has been changed anywhere since it was read.
 */
#include "auth/service.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <sodium.h>

#include "auth/registry_impl.h"
#include "auth/service_text.h"
#include "auth/token.h"

#define BUCKETS 512
#define PLACES 8               /* a bucket */
#define STRIPES 64

struct tag {
	unsigned char at[crypto_shorthash_siphashx24_BYTES];
};

struct place {
	struct tag tag;
	uint64_t version;          /* FER_CHANGE_TOKENS before the rows were read; 0: empty */
	struct fer_service service;
};

struct fer_services {
	unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
	pthread_mutex_t locks[STRIPES];
	unsigned char oldest[BUCKETS];
	struct place places[BUCKETS][PLACES];
};

struct fer_services *fer_services_new(void)
{
	struct fer_services *services = calloc(1, sizeof(*services));

	if (!services)
		return NULL;
	randombytes_buf(services->key, sizeof(services->key));
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_init(&services->locks[i], NULL);
	return services;
}

void fer_services_free(struct fer_services *services)
{
	if (!services)
		return;
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&services->locks[i]);
	sodium_memzero(services->key, sizeof(services->key));
	free(services);
}

/* -- memory ------------------------------------------------------------------------------------------------------- */

static uint32_t tag_of(const struct fer_services *services, struct fer_str token, struct tag *tag)
{
	uint32_t n;

	crypto_shorthash_siphashx24(tag->at, (const unsigned char *)token.at, token.len, services->key);
	memcpy(&n, tag->at, sizeof(n));
	return n % BUCKETS;
}

static struct place *find(struct fer_services *services, uint32_t bucket, const struct tag *tag)
{
	for (int i = 0; i < PLACES; i++) {
		struct place *place = &services->places[bucket][i];

		if (place->version && sodium_memcmp(place->tag.at, tag->at, sizeof(tag->at)) == 0)
			return place;
	}
	return NULL;
}

static bool take(struct fer_services *services, uint32_t bucket, const struct tag *tag, uint64_t version, struct fer_service *out)
{
	const struct place *place;
	bool hit;

	pthread_mutex_lock(&services->locks[bucket % STRIPES]);
	place = find(services, bucket, tag);
	hit = place && place->version == version;
	if (hit)
		*out = place->service;
	pthread_mutex_unlock(&services->locks[bucket % STRIPES]);
	return hit;
}

static void keep(struct fer_services *services, uint32_t bucket, const struct tag *tag, uint64_t version, const struct fer_service *service)
{
	struct place *place;

	pthread_mutex_lock(&services->locks[bucket % STRIPES]);
	place = find(services, bucket, tag);
	if (!place)
		place = &services->places[bucket][services->oldest[bucket]++ % PLACES];
	*place = (struct place){ *tag, version, *service };
	pthread_mutex_unlock(&services->locks[bucket % STRIPES]);
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

int fer_service_id(const struct fer_keys *keys, size_t place, struct fer_str token, struct fer_token_id *out)
{
	return fer_keys_mac(keys, place, FER_S("ferrite service token"), token, out->at);
}

/* A resource that this version's tree has no longer names nothing. */
static void read_scope(struct fer_str text, struct fer_acl_scope *out)
{
	struct fer_str name;
	int index;

	while (fer_str_cut(&text, ',', &name))
		if ((index = fer_acl_lookup_str(name)) != FER_ACL_UNKNOWN)
			fer_acl_scope_add(out, index);
}

/* Ranges that cannot be read must not turn into none, which is everywhere. */
static bool read_ranges(struct fer_str text, struct fer_service *out)
{
	struct fer_str range;

	for (out->n_ranges = 0; text.len && fer_str_cut(&text, ',', &range); out->n_ranges++)
		if (out->n_ranges == FER_SERVICE_RANGES || fer_cidr_parse(range, &out->ranges[out->n_ranges]))
			return false;
	return true;
}

static int read_row(struct fer_db *db, const struct fer_token_id *id, struct fer_service *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	char hash[FER_TOKEN_HASH_LEN];
	int r;

	if ((r = fer_sql_open(db, FER_SQL_SERVICE_BY_HASH, &stmt, "s", fer_token_hash(id, hash))) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*out = (struct fer_service){ .id = *id };
	if (!r)
		return FER_AUTH_UNKNOWN;
	out->service_id = fer_col_int(stmt, 0);
	out->user_type = fer_col_int(stmt, 1);
	out->user_id = fer_col_int(stmt, 2);
	out->issued_s = fer_col_int(stmt, 3);
	out->expires_s = fer_col_int(stmt, 4);
	out->unused_s = fer_col_int(stmt, 5) * 86400;
	read_scope(fer_col_str(stmt, 6), &out->scope);
	return read_ranges(fer_col_str(stmt, 7), out) ? FER_AUTH_BEARER_SERVICE : FER_AUTH_UNKNOWN;
}

/* The key that was in use when the token was made is not known yet: the present one first, then the others, newest first. */
static int read_rows(struct fer_db *db, const struct fer_keys *keys, struct fer_str token, struct fer_service *out)
{
	size_t current = fer_keys_current(keys), n = fer_keys_count(keys);
	struct fer_token_id id;
	int r;

	if ((r = fer_service_id(keys, current, token, &id)) || (r = read_row(db, &id, out)) != FER_AUTH_UNKNOWN)
		return r;
	for (size_t place = n; place-- && r == FER_AUTH_UNKNOWN;) {
		if (place == current)
			continue;
		if ((r = fer_service_id(keys, place, token, &id)))
			return r;
		r = read_row(db, &id, out);
	}
	return r;
}

int fer_service_read(struct fer_auth *auth, struct fer_str token, bool may_block, struct fer_service *out)
{
	struct fer_services *services = fer_auth_services(auth);
	uint64_t version = fer_change_version(fer_auth_store(auth), FER_CHANGE_TOKENS);
	struct fer_db *db;
	struct tag tag;
	uint32_t bucket;
	int r;

	if (!fer_service_text_valid(token))
		return FER_AUTH_MALFORMED;
	bucket = tag_of(services, token, &tag);
	if (take(services, bucket, &tag, version, out))
		return FER_AUTH_BEARER_SERVICE;
	if (!may_block)
		return FER_AUTH_NEEDS_STORE;
	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = read_rows(db, fer_auth_keys(auth), token, out);
	fer_db_return(db);
	if (r == FER_AUTH_BEARER_SERVICE)
		keep(services, bucket, &tag, version, out);
	return r;
}

bool fer_service_from(const struct fer_service *service, struct fer_str address)
{
	struct fer_ip ip;

	if (!service->n_ranges)
		return true;
	if (fer_ip_parse(address, &ip))
		return false;
	for (size_t i = 0; i < service->n_ranges; i++)
		if (fer_cidr_has(&service->ranges[i], &ip))
			return true;
	return false;
}
