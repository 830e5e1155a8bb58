/*
 * Activating an integration: the token it signs with, or the verifier it exchanges for one.
 */
#include "auth/integration.h"

#include <errno.h>

#include "auth/audit.h"
#include "auth/oauth.h"
#include "core/clock.h"

struct activation {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t id;
	enum fer_integration_act act;
	struct fer_integration_secrets *out;
	struct fer_str now, token_secret, new_consumer_secret;   /* secrets as stored */
	/* what the transaction found */
	int64_t consumer_id;
	struct fer_str name;
	bool endpoint, has_token;
};

static int read_integration(struct fer_db *db, struct activation *a)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_INTEGRATION_BY_ID, &stmt, "i", a->id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r || fer_col_null(stmt, 8))
		return FER_E_INTEGRATION_UNKNOWN;
	a->name = fer_col_dup(a->arena, stmt, 0);
	a->consumer_id = fer_col_int(stmt, 3);
	a->endpoint = fer_col_str(stmt, 4).len > 0;
	a->has_token = fer_str_is(fer_col_str(stmt, 9), "access");
	return 0;
}

static void keep(struct fer_str s, char out[33])
{
	size_t len = s.len < 32 ? s.len : 32;

	if (len)
		memcpy(out, s.at, len);
	out[len] = '\0';
}

/* The key and the secret that the client must have; a new secret when it is rotated. */
static int read_consumer(struct fer_db *db, struct activation *a)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	FER_CLEANUP(fer_arena_freep) struct fer_arena *secrets = fer_arena_new_wiping(4096);
	struct fer_str secret;
	int r;

	if (!secrets)
		return -ENOMEM;
	if ((r = fer_sql_open(db, FER_SQL_CONSUMER_BY_ID, &stmt, "i", a->consumer_id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	keep(fer_col_str(stmt, 0), a->out->consumer_key);
	if (a->act == FER_INTEGRATION_ROTATE)
		return 0;
	if ((r = fer_keys_decrypt(fer_auth_keys(a->auth), secrets, fer_col_str(stmt, 1), &secret)))
		return r == -EBADMSG ? FER_E_INTEGRATION_SEALED : r;
	keep(secret, a->out->consumer_secret);
	return 0;
}

/* The exchange is open for a while from updated_at on. */
static int touch_consumer(struct fer_db *db, const struct activation *a)
{
	if (a->act == FER_INTEGRATION_ROTATE)
		return fer_sql_run(db, FER_SQL_CONSUMER_SECRET, NULL, "ssi", a->new_consumer_secret, a->now, a->consumer_id);
	return a->endpoint ? fer_sql_run(db, FER_SQL_CONSUMER_TOUCH, NULL, "si", a->now, a->consumer_id) : 0;
}

static int note(struct fer_db *db, const struct activation *a)
{
	static const char *const acts[] = {
		[FER_INTEGRATION_ACTIVATE] = "activate", [FER_INTEGRATION_REAUTHORIZE] = "reauthorize", [FER_INTEGRATION_ROTATE] = "rotate",
	};
	struct fer_value details = fer_map();

	fer_set(a->arena, &details, "act", fer_text(acts[a->act]));
	fer_set(a->arena, &details, "by", fer_text(a->endpoint ? "verifier" : "access token"));
	return fer_audit_change(fer_auth_audit(a->auth), db, a->actor, FER_AUDIT_INTEGRATION_CHANGE, "integration", a->id, &details);
}

static int activate(struct fer_db *db, void *data)
{
	struct activation *a = data;
	int r;

	if ((r = read_integration(db, a)))
		return r;
	if (a->has_token && a->act == FER_INTEGRATION_ACTIVATE)
		return FER_E_INTEGRATION_ACTIVE;
	if ((r = read_consumer(db, a)) || (r = touch_consumer(db, a)) ||
	    (r = fer_sql_run(db, FER_SQL_TOKEN_DELETE_OF, NULL, "i", a->consumer_id)) ||
	    (r = fer_sql_insert(db, FER_SQL_TOKEN_INSERT, NULL, "izzszs", a->consumer_id, a->endpoint ? "verifier" : "access",
	                        a->out->access_token, a->token_secret, a->out->verifier, a->now)))
		return r;
	if ((r = fer_sql_run(db, FER_SQL_INTEGRATION_STATUS, NULL, "isi",
	                     (int64_t)(a->endpoint ? FER_INTEGRATION_INACTIVE : FER_INTEGRATION_ACTIVE), a->now, a->id)))
		return r;
	return note(db, a);
}

/* Made before the transaction, which may run twice. */
static int make_secrets(struct activation *a)
{
	const struct fer_keys *keys = fer_auth_keys(a->auth);
	int r;

	fer_oauth_random(a->out->access_token);
	fer_oauth_random(a->out->access_token_secret);
	fer_oauth_random(a->out->verifier);
	if (a->act == FER_INTEGRATION_ROTATE)
		fer_oauth_random(a->out->consumer_secret);
	if ((r = fer_keys_encrypt(keys, a->arena, fer_str(a->out->access_token_secret), &a->token_secret)))
		return r;
	return fer_keys_encrypt(keys, a->arena, fer_str(a->out->consumer_secret), &a->new_consumer_secret);
}

/* The client is told one way in: the token, or the verifier that leads to one. */
static void leave_one(const struct activation *a)
{
	if (!a->endpoint) {
		explicit_bzero(a->out->verifier, sizeof(a->out->verifier));
		return;
	}
	explicit_bzero(a->out->access_token, sizeof(a->out->access_token));
	explicit_bzero(a->out->access_token_secret, sizeof(a->out->access_token_secret));
}

int fer_integration_activate(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t id,
                             enum fer_integration_act act, struct fer_fault *fault, struct fer_integration_secrets *out)
{
	struct activation a = { .auth = auth, .actor = actor, .arena = arena, .id = id, .act = act, .out = out, .now = fer_time_text(arena, now_s) };
	int r;

	*out = (struct fer_integration_secrets){ .integration_id = id };
	if (!(r = make_secrets(&a)))
		r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, activate, &a);
	if (!r) {
		leave_one(&a);
		return 0;
	}
	explicit_bzero(out, sizeof(*out));
	if (r < 0)
		return r;
	return fer_fault_add(arena, fault, (enum fer_error)r, "1", r == FER_E_INTEGRATION_UNKNOWN ? fer_int(id) : fer_string(a.name), NULL);
}
