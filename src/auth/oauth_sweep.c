/*
 * What OAuth leaves behind: nonces, request tokens nobody came back for, expired opaque tokens. Magento deletes them by a range, in
 * the middle of a client's request, and deadlocks there; here a chore reads the keys first and deletes them one by one, so that no
 * range is ever locked.
 */
#include "auth/oauth.h"

#include <errno.h>

#include "core/clock.h"
#include "store/config.h"

#define BATCH 200
#define BATCHES_MAX 500        /* a call; the rest waits for the next */
#define KEEP_MIN 120           /* when the configuration says nothing */

struct batch {
	struct fer_arena *arena;
	enum fer_sql find, drop;
	struct fer_value until, user_type;   /* what find is given; user_type null: it takes none */
	struct { int64_t id; struct fer_str text; } keys[BATCH];
	size_t n;
};

static int open(struct fer_db *db, const struct batch *batch, struct fer_stmt **stmt)
{
	if (fer_is_null(&batch->user_type))
		return fer_sql_open(db, batch->find, stmt, "vi", &batch->until, (int64_t)BATCH);
	return fer_sql_open(db, batch->find, stmt, "vvi", &batch->until, &batch->user_type, (int64_t)BATCH);
}

static int find(struct fer_db *db, struct batch *batch)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	batch->n = 0;
	if ((r = open(db, batch, &stmt)))
		return r;
	while (batch->n < BATCH && (r = fer_stmt_step(stmt)) > 0) {
		batch->keys[batch->n].id = fer_col_int(stmt, 0);
		batch->keys[batch->n++].text = fer_col_dup(batch->arena, stmt, 1);
	}
	return r < 0 ? r : 0;
}

static int drop(struct fer_db *db, void *data)
{
	const struct batch *batch = data;
	int r = 0;

	for (size_t i = 0; i < batch->n && !r; i++)
		r = fer_sql_run(db, batch->drop, NULL, "is", batch->keys[i].id, batch->keys[i].text);
	return r;
}

static int sweep_batch(struct fer_store *store, struct batch *batch)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(store, &db)))
		return r;
	r = find(db, batch);
	fer_db_return(db);
	return r || !batch->n ? r : fer_tx_run(store, FER_TX_QUIET, drop, batch);
}

static int sweep(struct fer_store *store, struct batch batch)
{
	int r = 0;

	for (int i = 0; i < BATCHES_MAX && !r; i++) {
		FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 18);

		if (!(batch.arena = arena))
			return -ENOMEM;
		r = sweep_batch(store, &batch);
		if (batch.n < BATCH)
			break;
	}
	return r;
}

/* Minutes an unfinished exchange and a nonce are kept; 0: for ever. Magento cleans one time in so many saves, and never for 0. */
static int64_t keep_minutes(struct fer_store *store)
{
	if (fer_config_int(store, 0, "oauth/cleanup/cleanup_probability", 0) <= 0)
		return 0;
	return fer_config_int(store, 0, "oauth/cleanup/expiration_period", KEEP_MIN);
}

int fer_oauth_sweep_nonces(struct fer_store *store, int64_t now_s)
{
	int64_t minutes = keep_minutes(store);

	if (minutes <= 0)
		return 0;
	return sweep(store, (struct batch){ .find = FER_SQL_NONCE_OLD, .drop = FER_SQL_NONCE_DROP, .until = fer_int(now_s - minutes * 60) });
}

int fer_oauth_sweep_requests(struct fer_store *store, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);
	int64_t minutes = keep_minutes(store);

	if (minutes <= 0)
		return 0;
	return sweep(store, (struct batch){ .find = FER_SQL_TOKEN_OLD_REQUEST, .drop = FER_SQL_TOKEN_DROP,
	                                    .until = fer_string(fer_time_text(arena, now_s - minutes * 60)) });
}

static int sweep_users(struct fer_store *store, int64_t user_type, int64_t life_s, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1024);

	if (life_s <= 0)
		return 0;
	return sweep(store, (struct batch){ .find = FER_SQL_TOKEN_OLD, .drop = FER_SQL_TOKEN_DROP, .user_type = fer_int(user_type),
	                                    .until = fer_string(fer_time_text(arena, now_s - life_s)) });
}

int fer_oauth_sweep_tokens(struct fer_auth *auth, int64_t now_s)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	const struct fer_auth_settings *settings = fer_view_settings(view);
	int r = sweep_users(fer_auth_store(auth), FER_USER_ADMIN, settings->opaque_admin_s, now_s);

	return r ? r : sweep_users(fer_auth_store(auth), FER_USER_CUSTOMER, settings->opaque_customer_s, now_s);
}
