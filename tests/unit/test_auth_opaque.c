/*
 * Opaque tokens, the exchange of an integration's tokens, and what is swept: everything that hangs on rows no front door makes. The
 * store is SQLite in memory, or the one FER_TEST_DATABASE names (an empty database).
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "auth/key_store.h"
#include "auth/audit.h"
#include "auth/integration.h"
#include "auth/oauth.h"
#include "auth/token.h"
#include "core/clock.h"
#include "store/config.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define CONSUMER "k0consumer0key0000000000000000aa"
#define SECRET "s0consumer0secret00000000000000b"

static struct fer_store *store;
static struct fer_keys *keys;
static struct fer_auth *auth;
static struct fer_arena *arena;
static int64_t now_s = 1800000000;

/* -- the stage -------------------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	const char *url = getenv("FER_TEST_DATABASE");
	struct fer_store_options options = { .url = url ? url : "sqlite::memory:", .password = getenv("FER_TEST_DATABASE_PASSWORD"),
	                                     .connections = 8, .busy_ms = 5000, .create = true };
	char why[256] = "";

	arena = fer_arena_new(1 << 26);
	if (fer_store_open(&options, &store, why) || fer_store_migrate(store, why) || fer_store_check(store, why) ||
	    fer_keys_save(store, FER_S(KEY), why) || fer_keys_load(store, FER_STR_NONE, &keys, why) ||
	    fer_auth_new(store, keys, &auth, why) || fer_audit_open(fer_auth_audit(auth), &(struct fer_audit_options){ FER_AUDIT_ON, FER_S("Unit 2"), 0, 0 }, why)) {
		print_error("%s\n", why);
		return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	fer_auth_free(auth);
	fer_keys_free(keys);
	fer_store_close(store);
	fer_arena_free(arena);
	return 0;
}

static int run_text(struct fer_db *db, void *data)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_stmt_text(db, fer_str(data), &stmt);

	return r ? r : fer_stmt_run(stmt, NULL);
}

static void sql(const char *fmt, ...) FER_PRINTF(1, 2);
static void sql(const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	assert_int_equal(fer_tx_run(store, 1u << FER_CHANGE_ACL, run_text, text), 0);
}

static int64_t count(const char *text)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_db *db;
	int64_t n;

	assert_int_equal(fer_db_lend(store, &db), 0);
	assert_int_equal(fer_stmt_text(db, fer_str(text), &stmt), 0);
	assert_int_equal(fer_stmt_step(stmt), 1);
	n = fer_col_int(stmt, 0);
	fer_stmt_release(&stmt);
	fer_db_return(db);
	return n;
}

static void set_config(const char *scope, int scope_id, const char *path, const char *value)
{
	if (value)
		assert_int_equal(fer_config_set(store, fer_str(scope), scope_id, fer_str(path), fer_str(value)), 0);
	else
		assert_int_equal(fer_config_delete(store, fer_str(scope), scope_id, fer_str(path), NULL), 0);
	assert_int_equal(fer_auth_refresh(auth), 0);
}

/* 32 characters that start with @name. */
static const char *text_of(const char *name)
{
	return fer_str_z(arena, fer_str_fmt(arena, "%s%.*s", name, (int)(32 - strlen(name)), "00000000000000000000000000000000"));
}

/* @owner: "admin_id", "customer_id" or "consumer_id". */
static void put_token(const char *name, const char *type, const char *owner, int64_t id, int user_type, int64_t made_s)
{
	sql("INSERT INTO oauth_token (%s, type, token, secret, callback_url, user_type, created_at) VALUES (%lld, '%s', '%s', 'x', 'oob', %d, '%s')",
	    owner, (long long)id, type, text_of(name), user_type, fer_str_z(arena, fer_time_text(arena, made_s)));
}

static enum fer_auth_reason who(const char *name, int64_t at_s, int store_id, int64_t *type, int64_t *id)
{
	struct fer_credentials credentials = { .authorization = fer_str_fmt(arena, "Bearer %s", text_of(name)), .store_id = store_id };
	struct fer_fault fault = { 0 };
	enum fer_auth_reason reason;
	struct fer_caller caller;

	assert_int_equal(fer_token_authenticate(auth, &credentials, at_s, true, arena, &fault, &caller, &reason), 0);
	if (type)
		*type = caller.type;
	if (id)
		*id = caller.id;
	fer_caller_release(&caller);
	return reason;
}

static int64_t make_integration(const char *name, enum fer_integration_status status, struct fer_integration_secrets *secrets)
{
	struct fer_integration_new integration = { .name = fer_str(name), .status = status, .all_resources = true };
	struct fer_fault fault = { 0 };

	assert_int_equal(fer_integration_create(auth, &fer_actor_system, arena, now_s, &integration, &fault, secrets), 0);
	return secrets->integration_id;
}

/* -- opaque tokens ----------------------------------------------------------------------------------------------- */

static void make_people(void)
{
	static bool made;

	if (made)
		return;
	made = true;
	sql("INSERT INTO admin_user (user_id, firstname, lastname, email, username, password, is_active) VALUES (7, 'A', 'B', 'a@b', 'seven', 'x', 1)");
	sql("INSERT INTO customer_entity (entity_id, website_id, email, group_id, store_id) VALUES (9, 1, 'c@d', 1, 1)");
}

static void an_opaque_token_lives_its_hours(void **state)
{
	int64_t type, id;

	make_people();
	put_token("admin", "access", "admin_id", 7, 2, now_s);
	put_token("customer", "access", "customer_id", 9, 3, now_s);
	assert_int_equal(who("admin", now_s + 4 * 3600 - 1, 1, &type, &id), FER_AUTH_BEARER_OPAQUE);
	assert_int_equal(type, FER_USER_ADMIN);
	assert_int_equal(id, 7);
	assert_int_equal(who("admin", now_s + 4 * 3600, 1, NULL, NULL), FER_AUTH_EXPIRED);
	assert_int_equal(who("CUSTOMER", now_s + 3599, 1, &type, &id), FER_AUTH_BEARER_OPAQUE);
	assert_int_equal(type, FER_USER_CUSTOMER);
	assert_int_equal(id, 9);
	assert_int_equal(who("customer", now_s + 3600, 1, NULL, NULL), FER_AUTH_EXPIRED);
	set_config("default", 0, "oauth/access_token_lifetime/admin", "0");
	assert_int_equal(who("admin", now_s, 1, NULL, NULL), FER_AUTH_EXPIRED);
	set_config("default", 0, "oauth/access_token_lifetime/admin", NULL);
	assert_int_equal(who("nobody", now_s, 1, &type, NULL), FER_AUTH_UNKNOWN);
	assert_int_equal(type, FER_USER_GUEST);
}

static void a_revoked_opaque_token_is_none(void **state)
{
	make_people();
	put_token("flagged", "access", "admin_id", 7, 2, now_s);
	sql("UPDATE oauth_token SET revoked = 1 WHERE token = '%s'", text_of("flagged"));
	assert_int_equal(who("flagged", now_s, 1, NULL, NULL), FER_AUTH_UNKNOWN);
	put_token("ownerless", "access", "admin_id", 7, 3, now_s);
	assert_int_equal(who("ownerless", now_s, 1, NULL, NULL), FER_AUTH_UNKNOWN);
	put_token("strange", "access", "admin_id", 7, 4, now_s);
	assert_int_equal(who("strange", now_s, 1, NULL, NULL), FER_AUTH_UNKNOWN);
	put_token("before", "access", "customer_id", 9, 3, now_s);
	put_token("after", "access", "customer_id", 9, 3, now_s + 1);
	assert_int_equal(fer_token_revoke(auth, &fer_actor_system, FER_USER_CUSTOMER, 9, now_s), 0);
	assert_int_equal(who("before", now_s + 1, 1, NULL, NULL), FER_AUTH_REVOKED);
	assert_int_equal(who("after", now_s + 1, 1, NULL, NULL), FER_AUTH_BEARER_OPAQUE);
}

static void an_integration_bears_its_token_where_the_store_allows_it(void **state)
{
	struct fer_integration_secrets secrets;
	int64_t id = make_integration("Bearer", FER_INTEGRATION_ACTIVE, &secrets), consumer, type, who_id;

	consumer = count("SELECT consumer_id FROM integration WHERE name = 'Bearer'");
	assert_int_equal(who(secrets.access_token, now_s, 1, NULL, NULL), FER_AUTH_INACTIVE);
	set_config("stores", 1, "oauth/consumer/enable_integration_as_bearer", "1");
	assert_int_equal(who(secrets.access_token, now_s + 100000000, 1, &type, &who_id), FER_AUTH_BEARER_OPAQUE);
	assert_int_equal(type, FER_USER_INTEGRATION);
	assert_int_equal(who_id, id);
	assert_int_equal(who(secrets.access_token, now_s, 0, NULL, NULL), FER_AUTH_INACTIVE);
	put_token("pending", "request", "consumer_id", consumer, 1, now_s);
	put_token("told", "verifier", "consumer_id", consumer, 1, now_s);
	assert_int_equal(who("pending", now_s, 1, NULL, NULL), FER_AUTH_INACTIVE);
	assert_int_equal(who("told", now_s, 1, NULL, NULL), FER_AUTH_INACTIVE);
	set_config("stores", 1, "oauth/consumer/enable_integration_as_bearer", NULL);
	sql("DELETE FROM oauth_token WHERE consumer_id = %lld", (long long)consumer);
}

/* -- the exchange ------------------------------------------------------------------------------------------------ */

static int ask_request_token(const char *nonce, int64_t timestamp_s, struct fer_fault *fault)
{
	struct fer_str base = fer_str_fmt(arena,
		"POST&http%%3A%%2F%%2Fx%%2Foauth%%2Ftoken%%2Frequest&oauth_consumer_key%%3D" CONSUMER "%%26oauth_nonce%%3D%s%%26"
		"oauth_signature_method%%3DHMAC-SHA256%%26oauth_timestamp%%3D%lld", nonce, (long long)timestamp_s);
	unsigned char digest[32];
	char signature[64];
	struct fer_credentials credentials = { .method = FER_S("POST"), .host = FER_S("x"), .path = FER_S("/oauth/token/request") };
	struct fer_oauth_ask ask = { .actor = &fer_actor_system, .credentials = &credentials, .now_s = now_s };

	assert_int_equal(fer_hmac_sha256(FER_S(SECRET "&"), base, digest), 0);
	sodium_bin2base64(signature, sizeof(signature), digest, 32, sodium_base64_VARIANT_ORIGINAL);
	credentials.authorization = fer_str_fmt(arena, "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_nonce=\"%s\",oauth_signature=\"%s\","
	                                        "oauth_signature_method=\"HMAC-SHA256\",oauth_timestamp=\"%lld\"", nonce, signature, (long long)timestamp_s);
	*fault = (struct fer_fault){ 0 };
	return fer_oauth_request_token(auth, arena, &ask, fault);
}

static void make_exchanger(void)
{
	struct fer_integration_new integration = { .name = FER_S("Exchanger"), .all_resources = true, .endpoint = FER_S("https://x.example/"),
	                                           .consumer_key = FER_S(CONSUMER), .consumer_secret = FER_S(SECRET) };
	struct fer_integration_secrets secrets;
	struct fer_fault fault = { 0 };

	if (!count("SELECT COUNT(*) FROM integration WHERE name = 'Exchanger'"))
		assert_int_equal(fer_integration_create(auth, &fer_actor_system, arena, now_s, &integration, &fault, &secrets), 0);
}

static void a_consumer_without_a_verifier_has_nothing_to_exchange(void **state)
{
	struct fer_fault fault;

	make_exchanger();
	assert_int_equal(ask_request_token("none", now_s, &fault), FER_E_OAUTH_NO_TOKEN);
	assert_true(fer_str_starts(fer_fault_message(arena, &fault.items[0]), "A token with consumer ID "));
	assert_int_equal(fault.items[0].params.map.n, 1);
	assert_int_equal(count("SELECT COUNT(*) FROM ferrite_audit WHERE event = 'token.issue' AND outcome = 'denied'"
	                       " AND reason = 'oauth: OAUTH_NO_TOKEN' AND target LIKE 'integration:%'"), 1);
}

static void an_old_request_is_refused_when_the_shop_says_so(void **state)
{
	struct fer_fault fault;

	make_exchanger();
	assert_int_equal(ask_request_token("old1", now_s - 86400, &fault), FER_E_OAUTH_NO_TOKEN);
	set_config("default", 0, "ferrite/oauth/oldest_minutes", "5");
	assert_int_equal(ask_request_token("old2", now_s - 300, &fault), FER_E_OAUTH_NONCE);
	assert_int_equal(ask_request_token("old3", now_s - 299, &fault), FER_E_OAUTH_NO_TOKEN);
	set_config("default", 0, "ferrite/oauth/oldest_minutes", NULL);
}

/* -- sweeping ---------------------------------------------------------------------------------------------------- */

static void expired_tokens_are_swept_and_no_others(void **state)
{
	make_people();
	sql("DELETE FROM oauth_token");
	put_token("a1", "access", "admin_id", 7, 2, now_s - 4 * 3600);
	put_token("a2", "access", "admin_id", 7, 2, now_s - 4 * 3600 + 1);
	put_token("c1", "access", "customer_id", 9, 3, now_s - 3600);
	put_token("c2", "access", "customer_id", 9, 3, now_s - 3599);
	make_exchanger();
	put_token("i1", "access", "consumer_id", count("SELECT entity_id FROM oauth_consumer WHERE `key` = '" CONSUMER "'"), 1, now_s - 1000000);
	assert_int_equal(fer_oauth_sweep_tokens(auth, now_s), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token WHERE token LIKE 'a2%' OR token LIKE 'c2%' OR token LIKE 'i1%'"), 3);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token"), 3);
	set_config("default", 0, "oauth/access_token_lifetime/admin", "0");
	assert_int_equal(fer_oauth_sweep_tokens(auth, now_s + 86400), 0);
	set_config("default", 0, "oauth/access_token_lifetime/admin", NULL);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token WHERE token LIKE 'a2%'"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token"), 2);
}

static void request_tokens_nobody_exchanged_are_swept(void **state)
{
	int64_t consumer;

	make_exchanger();
	sql("DELETE FROM oauth_token");
	consumer = count("SELECT entity_id FROM oauth_consumer WHERE `key` = '" CONSUMER "'");
	put_token("r1", "request", "consumer_id", consumer, 1, now_s - 7200);
	put_token("r2", "request", "consumer_id", consumer, 1, now_s - 7199);
	put_token("v1", "verifier", "consumer_id", consumer, 1, now_s - 999999);
	set_config("default", 0, "oauth/cleanup/cleanup_probability", "0");
	assert_int_equal(fer_oauth_sweep_requests(store, now_s), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token"), 3);
	set_config("default", 0, "oauth/cleanup/cleanup_probability", NULL);
	assert_int_equal(fer_oauth_sweep_requests(store, now_s), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token"), 2);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_token WHERE token LIKE 'r1%'"), 0);
}

static void nonces_are_swept_batch_by_batch(void **state)
{
	int64_t consumer;

	make_exchanger();
	sql("DELETE FROM oauth_nonce");
	consumer = count("SELECT entity_id FROM oauth_consumer WHERE `key` = '" CONSUMER "'");
	for (int i = 0; i < 450; i++)
		sql("INSERT INTO oauth_nonce (nonce, timestamp, consumer_id) VALUES ('n%d', %lld, %lld)", i, (long long)(now_s - 7200 - i), (long long)consumer);
	for (int i = 0; i < 10; i++)
		sql("INSERT INTO oauth_nonce (nonce, timestamp, consumer_id) VALUES ('k%d', %lld, %lld)", i, (long long)(now_s - 7199 + i), (long long)consumer);
	assert_int_equal(fer_oauth_sweep_nonces(store, now_s), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_nonce"), 10);
	assert_int_equal(count("SELECT COUNT(*) FROM oauth_nonce WHERE nonce LIKE 'k%'"), 10);
}

/* -- both at once ------------------------------------------------------------------------------------------------ */

static atomic_bool done;

static void *sweeper(void *data)
{
	intptr_t wrong = 0;

	(void)data;
	while (!atomic_load(&done))
		wrong += fer_oauth_sweep_nonces(store, now_s) != 0 || fer_oauth_sweep_requests(store, now_s) != 0;
	return (void *)wrong;
}

/* Old timestamps, so that what is written is swept while others write beside it. */
static void *signer(void *data)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *own = fer_arena_new(1 << 24);
	intptr_t wrong = 0;

	for (int i = 0; i < 60; i++) {
		struct fer_credentials credentials = { .method = FER_S("POST"), .host = FER_S("x"), .path = FER_S("/oauth/token/request") };
		struct fer_oauth_ask ask = { .actor = &fer_actor_system, .credentials = &credentials, .now_s = now_s };
		struct fer_fault fault = { 0 };

		credentials.authorization = fer_str_fmt(own, "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_nonce=\"%s%d\",oauth_signature=\"AAAA\","
		                                        "oauth_signature_method=\"HMAC-SHA256\",oauth_timestamp=\"%lld\"", (const char *)data, i,
		                                        (long long)(now_s - 7190 - i % 20));
		wrong += fer_oauth_request_token(auth, own, &ask, &fault) != FER_E_OAUTH_SIGNATURE;
	}
	return (void *)wrong;
}

static void signing_and_sweeping_do_not_lock_each_other_out(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	pthread_t threads[4], sweeping;
	void *wrong;

	make_exchanger();
	atomic_store(&done, false);
	assert_int_equal(pthread_create(&sweeping, NULL, sweeper, NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, signer, (void *)names[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	atomic_store(&done, true);
	pthread_join(sweeping, &wrong);
	assert_null(wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_opaque_token_lives_its_hours),
		cmocka_unit_test(a_revoked_opaque_token_is_none),
		cmocka_unit_test(an_integration_bears_its_token_where_the_store_allows_it),
		cmocka_unit_test(a_consumer_without_a_verifier_has_nothing_to_exchange),
		cmocka_unit_test(an_old_request_is_refused_when_the_shop_says_so),
		cmocka_unit_test(expired_tokens_are_swept_and_no_others),
		cmocka_unit_test(request_tokens_nobody_exchanged_are_swept),
		cmocka_unit_test(nonces_are_swept_batch_by_batch),
		cmocka_unit_test(signing_and_sweeping_do_not_lock_each_other_out),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
