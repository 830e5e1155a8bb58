/*
 * How an integration comes to its access token (RFC 5849, section 2, without a user in the middle): the verifier it was told is
 * exchanged for a request token, that for an access token. One row of oauth_token changes its type on the way.
 *
 * Source: Magento_Framework Oauth, Magento_Integration Oauth\Token\Provider, Controller\Token, 2.4.7
 */
#include "auth/oauth_impl.h"

#include "auth/audit.h"
#include "auth/password.h"
#include "core/clock.h"
#include "store/config.h"

#define VALID_S 300            /* when the configuration says nothing usable */

void fer_oauth_random(char out[33])
{
	fer_random_text(out, FER_OAUTH_LEN, "abcdefghijklmnopqrstuvwxyz0123456789");
}

struct exchange {
	struct fer_oauth_check check;
	struct fer_oauth_ask *ask;
	struct fer_str secret, now;    /* as stored */
};

static struct exchange begin(struct fer_auth *auth, struct fer_arena *arena, struct fer_oauth_ask *ask, struct fer_fault *fault)
{
	struct exchange x = {
		.check = { .auth = auth, .db = ask->db, .credentials = ask->credentials, .now_s = ask->now_s, .arena = arena, .fault = fault },
		.ask = ask,
	};

	if (fer_oauth_wanted(ask->credentials->authorization))
		fer_oauth_collect(arena, ask->credentials, &x.check.params);
	return x;
}

/* The request has passed every check: what is left is one transaction. Both secrets are made before it, since it may run twice. */
static int run(struct exchange *x, int (*fn)(struct fer_db *db, void *data))
{
	struct fer_oauth_check *c = &x->check;
	int r;

	fer_oauth_random(x->ask->token);
	fer_oauth_random(x->ask->secret);
	x->now = fer_time_text(c->arena, c->now_s);
	if ((r = fer_keys_encrypt(fer_auth_keys(c->auth), c->arena, fer_str(x->ask->secret), &x->secret)))
		return r;
	if ((r = fer_tx_run(fer_auth_store(c->auth), 1u << FER_CHANGE_ACL, fn, x)) <= 0)
		return r;
	return fer_oauth_refuse_naming(c, (enum fer_error)r, fer_str_fmt(c->arena, "%lld", (long long)c->consumer.id));
}

static int note(struct fer_db *db, const struct exchange *x, const char *type)
{
	const struct fer_oauth_check *c = &x->check;
	struct fer_value details = fer_map();

	fer_set(c->arena, &details, "by", fer_text("exchange"));
	fer_set(c->arena, &details, "type", fer_text(type));
	return fer_audit_change(fer_auth_audit(c->auth), db, x->ask->actor, FER_AUDIT_TOKEN_ISSUE, "integration", c->integration_id, &details);
}

/* The log is told the true reason, by the name it has in the list of errors; the client its sentence. */
static int judged(struct exchange *x, int r)
{
	const struct fer_oauth_check *c = &x->check;
	struct fer_audit_event event = { .name = FER_AUDIT_TOKEN_ISSUE, .outcome = FER_DENIED, .actor = x->ask->actor };
	int noted;

	if (r <= 0)
		return r;
	event.reason = fer_str_fmt(c->arena, "oauth: %s", fer_error_row((enum fer_error)r)->name);
	if (c->integration_id)
		event.target = fer_str_fmt(c->arena, "integration:%lld", (long long)c->integration_id);
	noted = fer_audit_note(fer_auth_audit(c->auth), &event);
	return noted ? noted : r;
}

/* -- verifier to request token ----------------------------------------------------------------------------------- */

static int check_consumer_age(struct fer_oauth_check *c)
{
	int64_t valid_s = fer_config_int(fer_auth_store(c->auth), 0, "oauth/consumer/expiration_period", VALID_S);

	if (valid_s <= 0)
		valid_s = VALID_S;
	return c->now_s - c->consumer.updated_s < valid_s ? 0 : fer_oauth_refuse(c, FER_E_OAUTH_CONSUMER_EXPIRED);
}

static int to_request(struct fer_db *db, void *data)
{
	const struct exchange *x = data;
	const struct fer_oauth_consumer *consumer = &x->check.consumer;
	struct fer_str callback = consumer->callback_url.len ? consumer->callback_url : FER_S("oob");
	int64_t id = 0, n = 0;
	int r;

	if ((r = fer_sql_int(db, FER_SQL_TOKEN_OF_INTEGRATION, 0, &id, "i", consumer->id)))
		return r;
	if (!id)
		return FER_E_OAUTH_NO_TOKEN;
	if ((r = fer_sql_run(db, FER_SQL_TOKEN_TO_REQUEST, &n, "zssi", x->ask->token, x->secret, callback, id)))
		return r;
	return n ? note(db, x, "request") : FER_E_OAUTH_NOT_VERIFIER;
}

static int request_token(struct exchange *x)
{
	int r;

	if ((r = fer_oauth_check_request(&x->check, FER_OAUTH_ASK_REQUEST)) || (r = check_consumer_age(&x->check)) ||
	    (r = fer_oauth_check_signature(&x->check, FER_STR_NONE)))
		return r;
	return run(x, to_request);
}

int fer_oauth_request_token(struct fer_auth *auth, struct fer_arena *arena, struct fer_oauth_ask *ask, struct fer_fault *fault)
{
	struct exchange x = begin(auth, arena, ask, fault);

	return judged(&x, request_token(&x));
}

/* -- request token to access token ------------------------------------------------------------------------------- */

static int check_request_token(struct fer_oauth_check *c)
{
	const struct fer_str *verifier = fer_oauth_get(&c->params, "oauth_verifier");

	if (!c->token.id)
		return fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_UNKNOWN);
	if (c->token.consumer_id != c->consumer.id)
		return fer_oauth_refuse(c, FER_E_OAUTH_REQUEST_CONSUMER);
	if (!fer_str_is(c->token.type, "request"))
		return fer_oauth_refuse(c, FER_E_OAUTH_TOKEN_USED);
	if (verifier->len != FER_OAUTH_LEN)
		return fer_oauth_refuse(c, FER_E_OAUTH_VERIFIER_LENGTH);
	return fer_secret_eq(c->token.verifier, *verifier) ? 0 : fer_oauth_refuse(c, FER_E_OAUTH_VERIFIER);
}

/* The update's own condition decides between two exchanges of one request token. */
static int to_access(struct fer_db *db, void *data)
{
	const struct exchange *x = data;
	int64_t n = 0;
	int r;

	if ((r = fer_sql_run(db, FER_SQL_TOKEN_TO_ACCESS, &n, "zsi", x->ask->token, x->secret, x->check.token.id)))
		return r;
	if (!n)
		return FER_E_OAUTH_TOKEN_USED;
	r = fer_sql_run(db, FER_SQL_INTEGRATION_ACTIVE_OF, NULL, "si", x->now, x->check.consumer.id);
	return r ? r : note(db, x, "access");
}

static int access_token(struct exchange *x)
{
	int r;

	if ((r = fer_oauth_check_request(&x->check, FER_OAUTH_ASK_ACCESS)) || (r = check_request_token(&x->check)) ||
	    (r = fer_oauth_check_signature(&x->check, x->check.token.secret)))
		return r;
	return run(x, to_access);
}

int fer_oauth_access_token(struct fer_auth *auth, struct fer_arena *arena, struct fer_oauth_ask *ask, struct fer_fault *fault)
{
	struct exchange x = begin(auth, arena, ask, fault);

	return judged(&x, access_token(&x));
}
