/*
 * Bringing stored secrets under the key in use. A text is a secret when its form says so and a key opens it: the cipher proves that, so
 * no list of configuration paths is needed.
 */
#include "auth/reencrypt.h"

#include <errno.h>

#define BATCH 200
#define BATCH_MEMORY ((size_t)64 << 20)

static const struct place {
	const char *what;
	enum fer_sql read, write;
} places[] = {
	{ "core_config_data.value", FER_SQL_SEALED_CONFIG, FER_SQL_SEAL_CONFIG },
	{ "oauth_consumer.secret", FER_SQL_SEALED_CONSUMER, FER_SQL_SEAL_CONSUMER },
	{ "oauth_token.secret", FER_SQL_SEALED_TOKEN, FER_SQL_SEAL_TOKEN },
	{ "tfa_user_config.encoded_config", FER_SQL_SEALED_TFA, FER_SQL_SEAL_TFA },
	{ "customer_entity.rp_token", FER_SQL_SEALED_CUSTOMER, FER_SQL_SEAL_CUSTOMER },
	{ "sales_order_payment.cc_number_enc", FER_SQL_SEALED_PAYMENT, FER_SQL_SEAL_PAYMENT },
	{ "quote_payment.cc_number_enc", FER_SQL_SEALED_QUOTE, FER_SQL_SEAL_QUOTE },
	{ "ferrite_mail.body", FER_SQL_SEALED_MAIL, FER_SQL_SEAL_MAIL },
	{ "ferrite_audit_key.secret_key", FER_SQL_SEALED_AUDIT, FER_SQL_SEAL_AUDIT },
};

struct tally {
	int64_t secrets, older, unreadable;
};

struct work {
	struct fer_auth *auth;
	const struct fer_keys *keys;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	bool dry;
	struct tally tallies[FER_ARRAY_LEN(places)];
};

struct row {
	int64_t id;
	struct fer_str text;
};

static int read_batch(struct fer_db *db, struct fer_arena *arena, enum fer_sql sql, int64_t after, struct row *rows, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*n = 0;
	if ((r = fer_sql_open(db, sql, &stmt, "ii", after, (int64_t)BATCH)))
		return r;
	for (; (r = fer_stmt_step(stmt)) > 0; ++*n)
		rows[*n] = (struct row){ fer_col_int(stmt, 0), fer_col_dup(arena, stmt, 1) };
	return r;
}

static bool is_under(struct fer_str text, size_t place)
{
	char prefix[24];

	snprintf(prefix, sizeof(prefix), "%zu:3:", place);
	return fer_str_starts(text, prefix);
}

/* The old text is part of the condition: whoever changed the secret meanwhile is right. */
static int seal_row(struct fer_db *db, struct fer_arena *arena, const struct work *work, const struct place *place, const struct row *row,
                    struct tally *tally)
{
	struct fer_str plain, sealed;
	int r = fer_keys_decrypt(work->keys, arena, row->text, &plain);

	if (r == -EBADMSG) {
		tally->unreadable++;
		return 0;
	}
	if (r)
		return r;
	tally->secrets++;
	if (is_under(row->text, fer_keys_current(work->keys)))
		return 0;
	tally->older++;
	if (work->dry)
		return 0;
	if ((r = fer_keys_encrypt(work->keys, arena, plain, &sealed)))
		return r;
	return fer_sql_run(db, place->write, NULL, "sis", sealed, row->id, row->text);
}

static int seal_batch(struct fer_db *db, struct work *work, size_t i, int64_t *after, bool *more)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(BATCH_MEMORY);
	struct row rows[BATCH];
	size_t n;
	int r;

	if (!arena)
		return -ENOMEM;
	r = read_batch(db, arena, places[i].read, *after, rows, &n);
	for (size_t k = 0; k < n && !r; k++) {
		r = seal_row(db, arena, work, &places[i], &rows[k], &work->tallies[i]);
		*after = rows[k].id;
	}
	*more = n == BATCH;
	return r;
}

static int note(struct fer_db *db, const struct work *work)
{
	struct fer_value details = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(places); i++)
		if (work->tallies[i].older)
			fer_set(work->arena, &details, places[i].what, fer_int(work->tallies[i].older));
	return fer_audit_in(fer_auth_audit(work->auth), db, &(struct fer_audit_event){
		.name = FER_AUDIT_KEY_REENCRYPT, .outcome = FER_ALLOWED, .actor = work->actor, .details = &details,
		.target = fer_str_fmt(work->arena, "key:%s", fer_keys_kid(work->keys, fer_keys_current(work->keys))),
	});
}

static int seal_all(struct fer_db *db, void *data)
{
	struct work *work = data;
	int r = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(places) && !r; i++) {
		int64_t after = 0;
		bool more = true;

		work->tallies[i] = (struct tally){ 0 };
		while (more && !r)
			r = seal_batch(db, work, i, &after, &more);
	}
	return r || work->dry ? r : note(db, work);
}

static int run(struct fer_store *store, struct work *work)
{
	struct fer_db *db;
	int r;

	if (!work->dry)
		return fer_tx_run(store, 1u << FER_CHANGE_CONFIG, seal_all, work);
	if ((r = fer_db_lend(store, &db)))
		return r;
	r = seal_all(db, work);
	fer_db_return(db);
	return r;
}

int fer_reencrypt(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, bool dry, struct fer_value *out)
{
	struct work work = { .auth = auth, .keys = fer_auth_keys(auth), .actor = actor, .arena = arena, .dry = dry };
	int r = run(fer_auth_store(auth), &work);

	*out = fer_list();
	for (size_t i = 0; i < FER_ARRAY_LEN(places); i++) {
		struct fer_value *row = fer_push(arena, out, fer_map());

		fer_set(arena, row, "what", fer_text(places[i].what));
		fer_set(arena, row, "secrets", fer_int(work.tallies[i].secrets));
		fer_set(arena, row, "with_older_keys", fer_int(work.tallies[i].older));
		fer_set(arena, row, "unreadable", fer_int(work.tallies[i].unreadable));
	}
	return r;
}
