/*
 * A table with one place a hash; a name never changes, so that nothing here grows old.
 */
#include "auth/accessor.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "auth/registry_impl.h"
#include "auth/token.h"

#define PLACES 4096
#define STRIPES 64

struct place {
	struct fer_token_id id;
	char accessor[FER_ACCESSOR_LEN + 1];       /* empty: a free place */
};

struct fer_accessors {
	pthread_mutex_t locks[STRIPES];
	struct place places[PLACES];
};

struct fer_accessors *fer_accessors_new(void)
{
	struct fer_accessors *accessors = calloc(1, sizeof(*accessors));

	for (int i = 0; accessors && i < STRIPES; i++)
		pthread_mutex_init(&accessors->locks[i], NULL);
	return accessors;
}

void fer_accessors_free(struct fer_accessors *accessors)
{
	for (int i = 0; accessors && i < STRIPES; i++)
		pthread_mutex_destroy(&accessors->locks[i]);
	free(accessors);
}

/* The id is a hash itself. */
static uint32_t place_of(const struct fer_token_id *id)
{
	uint32_t n;

	memcpy(&n, id->at, sizeof(n));
	return n % PLACES;
}

static bool take(struct fer_accessors *accessors, const struct fer_token_id *id, char out[FER_ACCESSOR_LEN + 1])
{
	uint32_t n = place_of(id);
	const struct place *place = &accessors->places[n];
	bool hit;

	pthread_mutex_lock(&accessors->locks[n % STRIPES]);
	hit = place->accessor[0] && memcmp(place->id.at, id->at, sizeof(id->at)) == 0;
	if (hit)
		memcpy(out, place->accessor, sizeof(place->accessor));
	pthread_mutex_unlock(&accessors->locks[n % STRIPES]);
	return hit;
}

static void keep(struct fer_accessors *accessors, const struct fer_token_id *id, const char *accessor)
{
	uint32_t n = place_of(id);

	pthread_mutex_lock(&accessors->locks[n % STRIPES]);
	accessors->places[n].id = *id;
	snprintf(accessors->places[n].accessor, sizeof(accessors->places[n].accessor), "%s", accessor);
	pthread_mutex_unlock(&accessors->locks[n % STRIPES]);
}

static int read_row(struct fer_db *db, const struct fer_token_id *id, char out[FER_ACCESSOR_LEN + 1])
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	char hash[FER_TOKEN_HASH_LEN];
	int r;

	if ((r = fer_sql_open(db, FER_SQL_REGISTRY_ACCESSOR, &stmt, "s", fer_token_hash(id, hash))) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	snprintf(out, FER_ACCESSOR_LEN + 1, "%.*s", FER_F(fer_col_str(stmt, 0)));
	return 0;
}

int fer_token_accessor(struct fer_auth *auth, const struct fer_token_id *id, bool may_block, char out[FER_ACCESSOR_LEN + 1])
{
	struct fer_accessors *accessors = fer_auth_accessors(auth);
	struct fer_db *db;
	int r;

	out[0] = '\0';
	if (take(accessors, id, out))
		return 0;
	if (!may_block)
		return FER_AUTH_NEEDS_STORE;
	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = read_row(db, id, out);
	fer_db_return(db);
	if (!r && out[0])
		keep(accessors, id, out);
	return r;
}
