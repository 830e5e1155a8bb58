/*
 * The rules of a signed request. Their order decides which error a client sees, and is Magento's.
 *
 * Source: Magento_Framework Oauth, Magento_Integration Oauth\Token\Provider, Oauth\Nonce\Generator, 2.4.7
 */
#include "auth/oauth_impl.h"

#include <errno.h>

#include <sodium.h>

#include "core/clock.h"
#include "store/config.h"

#define AHEAD_S 600            /* how far a client's clock may be ahead */
#define METHOD "HMAC-SHA256"

/* What must be there, in the order in which it is missed; enum fer_oauth_needs says how much of it. */
static const char *const required[] = {
	"oauth_consumer_key", "oauth_signature", "oauth_signature_method", "oauth_nonce", "oauth_timestamp", "oauth_token",
	"oauth_verifier",
};

int fer_oauth_refuse(struct fer_oauth_check *c, enum fer_error error)
{
	return fer_fault_add(c->arena, c->fault, error, NULL);
}

int fer_oauth_refuse_naming(struct fer_oauth_check *c, enum fer_error error, struct fer_str what)
{
	return fer_fault_add(c->arena, c->fault, error, "1", fer_string(what), NULL);
}

/* -- parameters -------------------------------------------------------------------------------------------------- */

static int check_version(struct fer_oauth_check *c)
{
	const struct fer_str *version = fer_oauth_get(&c->params, "oauth_version");
	fer_micro number;

	/* Compared as numbers there: "1" and "1.00" pass. */
	if (!version || (fer_decimal_parse(*version, &number) && number == FER_ONE))
		return 0;
	return fer_oauth_refuse_naming(c, FER_E_OAUTH_VERSION, *version);
}

static int check_present(struct fer_oauth_check *c, enum fer_oauth_needs needs)
{
	int r = 0;

	for (int i = 0; i < (int)needs; i++)
		if (!fer_oauth_get(&c->params, required[i]))
			r = fer_fault_add(c->arena, c->fault, FER_E_REQUIRED, "fieldName", fer_text(required[i]), NULL);
	return r;
}

static int check_shape(struct fer_oauth_check *c)
{
	const struct fer_str *token = fer_oauth_get(&c->params, "oauth_token");
	const struct fer_str *method = fer_oauth_get(&c->params, "oauth_signature_method");

	if (token && token->len != FER_OAUTH_LEN)
		return fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_LENGTH);
	if (!fer_str_is(*method, METHOD))
		return fer_oauth_refuse_naming(c, FER_E_OAUTH_METHOD, *method);
	if (fer_oauth_get(&c->params, "oauth_consumer_key")->len != FER_OAUTH_LEN)
		return fer_oauth_refuse(c, FER_E_OAUTH_CONSUMER_LENGTH);
	return 0;
}

/* -- rows -------------------------------------------------------------------------------------------------------- */

static int read_consumer(struct fer_db *db, struct fer_oauth_check *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_CONSUMER_BY_KEY, &stmt, "s", *fer_oauth_get(&c->params, "oauth_consumer_key"))) ||
	    (r = fer_stmt_step(stmt)) <= 0)
		return r;
	c->consumer.id = fer_col_int(stmt, 0);
	c->consumer.secret = fer_col_dup(c->arena, stmt, 1);
	c->consumer.callback_url = fer_col_dup(c->arena, stmt, 3);
	/* Never changed: the zero date, long ago. */
	if (!fer_time_parse(fer_col_str(stmt, 2), &c->consumer.updated_s))
		c->consumer.updated_s = 0;
	return 0;
}

static int read_token(struct fer_db *db, struct fer_oauth_check *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const struct fer_str *token = fer_oauth_get(&c->params, "oauth_token");
	int r;

	if (!token)
		return 0;
	if ((r = fer_sql_open(db, FER_SQL_TOKEN_OF_CONSUMER, &stmt, "s", *token)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	c->token = (struct fer_oauth_token){
		.id = fer_col_int(stmt, 0), .consumer_id = fer_col_int(stmt, 1), .type = fer_col_dup(c->arena, stmt, 2),
		.revoked = fer_col_int(stmt, 3) != 0, .secret = fer_col_dup(c->arena, stmt, 4), .verifier = fer_col_dup(c->arena, stmt, 5),
	};
	return 0;
}

static int read_integration(struct fer_db *db, struct fer_oauth_check *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_INTEGRATION_OF_CONSUMER, &stmt, "i", c->consumer.id)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	c->integration_id = fer_col_int(stmt, 0);
	c->active = fer_col_int(stmt, 1) == 1;
	return 0;
}

static int read_rows_by(struct fer_db *db, struct fer_oauth_check *c)
{
	int r;

	if ((r = read_consumer(db, c)) || !c->consumer.id || (r = read_token(db, c)))
		return r;
	return read_integration(db, c);
}

/* Everything in one go, so that a lent connection is back before the nonce takes the writer. */
static int read_rows(struct fer_oauth_check *c)
{
	struct fer_db *db;
	int r;

	if (c->db)
		return read_rows_by(c->db, c);
	if ((r = fer_db_lend(fer_auth_store(c->auth), &db)))
		return r;
	r = read_rows_by(db, c);
	fer_db_return(db);
	return r;
}

/* -- nonce ------------------------------------------------------------------------------------------------------- */

struct nonce {
	struct fer_str text;
	int64_t timestamp, consumer_id;
};

static int nonce_insert(struct fer_db *db, void *data)
{
	const struct nonce *nonce = data;

	return fer_sql_run(db, FER_SQL_NONCE_INSERT, NULL, "sii", nonce->text, nonce->timestamp, nonce->consumer_id);
}

/* Magento takes any age, so that a request is as good as new once its nonce was swept; the setting closes that. */
static bool timestamp_fits(struct fer_oauth_check *c, int64_t timestamp)
{
	int64_t oldest_min = fer_config_int(fer_auth_store(c->auth), 0, "ferrite/oauth/oldest_minutes", 0);

	if (timestamp <= 0 || timestamp > c->now_s + AHEAD_S || timestamp > UINT32_MAX)
		return false;
	return oldest_min <= 0 || (c->now_s - timestamp) / 60 < oldest_min;
}

/* The row is the check: of two equal requests one finds the key taken. An empty or cut nonce is taken without being known as such. */
static int check_nonce(struct fer_oauth_check *c)
{
	struct fer_str given = *fer_oauth_get(&c->params, "oauth_nonce");
	struct fer_value timestamp = fer_string(*fer_oauth_get(&c->params, "oauth_timestamp"));
	struct nonce nonce = { fer_str_take(given, FER_OAUTH_LEN), fer_as_int(&timestamp), c->consumer.id };
	int r;

	if (!timestamp_fits(c, nonce.timestamp) || !fer_utf8_valid(nonce.text))
		return fer_oauth_refuse(c, FER_E_OAUTH_NONCE);
	r = fer_tx_run(fer_auth_store(c->auth), FER_TX_QUIET, nonce_insert, &nonce);
	if (r == -EEXIST && given.len && given.len <= FER_OAUTH_LEN)
		return fer_oauth_refuse_naming(c, FER_E_OAUTH_NONCE_USED, fer_str_fmt(c->arena, "%lld", (long long)nonce.consumer_id));
	return r == -EEXIST || r == -ENOENT ? fer_oauth_refuse(c, FER_E_OAUTH_NONCE) : r;
}

int fer_oauth_check_request(struct fer_oauth_check *c, enum fer_oauth_needs needs)
{
	int r;

	if ((r = check_version(c)) || (r = check_present(c, needs)) || (r = check_shape(c)) || (r = read_rows(c)))
		return r;
	return c->consumer.id ? check_nonce(c) : fer_oauth_refuse(c, FER_E_OAUTH_CONSUMER_UNKNOWN);
}

/* -- signature --------------------------------------------------------------------------------------------------- */

/* Errors: -EBADMSG a secret that our keys do not open. */
static int signing_key(struct fer_oauth_check *c, struct fer_arena *secrets, struct fer_str token_secret, struct fer_str *out)
{
	const struct fer_keys *keys = fer_auth_keys(c->auth);
	struct fer_str consumer, token = FER_S("");
	int r;

	if ((r = fer_keys_decrypt(keys, secrets, c->consumer.secret, &consumer)) ||
	    (token_secret.at && (r = fer_keys_decrypt(keys, secrets, token_secret, &token))))
		return r;
	consumer = fer_url_encode(secrets, consumer);
	token = fer_url_encode(secrets, token);
	*out = fer_str_fmt(secrets, "%.*s&%.*s", FER_F(consumer), FER_F(token));
	return 0;
}

static int signature_fits(struct fer_oauth_check *c, struct fer_str key, bool natural, bool *fits)
{
	struct fer_str text = fer_oauth_base_string(c->arena, c->credentials, &c->params, natural);
	char right[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	unsigned char digest[32];
	int r;

	if ((r = fer_hmac_sha256(key, text, digest)))
		return r;
	sodium_bin2base64(right, sizeof(right), digest, sizeof(digest), sodium_base64_VARIANT_ORIGINAL);
	*fits = fer_secret_eq(fer_str(right), *fer_oauth_get(&c->params, "oauth_signature"));
	return 0;
}

/* Names in the order of RFC 5849; then as Laminas sorts them, which differs where names hold numbers. */
int fer_oauth_check_signature(struct fer_oauth_check *c, struct fer_str token_secret)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *secrets = fer_arena_new_wiping(1 << 16);
	struct fer_str key;
	bool fits = false;
	int r;

	if (!secrets)
		return -ENOMEM;
	if ((r = signing_key(c, secrets, token_secret, &key)))
		return r == -EBADMSG ? fer_oauth_refuse(c, FER_E_OAUTH_SIGNATURE) : r;
	if ((r = signature_fits(c, key, false, &fits)) || (!fits && (r = signature_fits(c, key, true, &fits))))
		return r;
	return fits ? 0 : fer_oauth_refuse(c, FER_E_OAUTH_SIGNATURE);
}

/* -- requests of an integration ---------------------------------------------------------------------------------- */

static int check_access_token(struct fer_oauth_check *c)
{
	if (!c->token.id)
		return fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_UNKNOWN);
	if (c->token.consumer_id != c->consumer.id)
		return fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_CONSUMER);
	if (!fer_str_is(c->token.type, "access"))
		return fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_TYPE);
	return c->token.revoked ? fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_REVOKED) : 0;
}

int fer_oauth_authenticate(struct fer_auth *auth, const struct fer_credentials *credentials, int64_t now_s,
                           struct fer_arena *arena, struct fer_fault *fault, int64_t *integration_id)
{
	struct fer_oauth_check c = { .auth = auth, .credentials = credentials, .now_s = now_s, .arena = arena, .fault = fault };
	int r;

	*integration_id = 0;
	fer_oauth_collect(arena, credentials, &c.params);
	if (!c.params.n)
		return 0;
	if ((r = fer_oauth_check_request(&c, FER_OAUTH_SIGNED)) || (r = check_access_token(&c)) ||
	    (r = fer_oauth_check_signature(&c, c.token.secret)))
		return r;
	*integration_id = c.active ? c.integration_id : 0;
	return 0;
}
