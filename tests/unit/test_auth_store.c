/*
 * Authentication over a real store: signing in, throttle, expiry, revocation, roles, users, integrations, OAuth. The store is
 * SQLite in memory, or the one FER_TEST_DATABASE names (an empty database).
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

#include "auth/admin.h"
#include "auth/integration.h"
#include "auth/key_store.h"
#include "auth/oauth.h"
#include "auth/password.h"
#include "auth/role.h"
#include "auth/throttle.h"
#include "auth/token.h"
#include "auth/user.h"
#include "core/clock.h"
#include "store/config.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define PASSWORD "Passw0rd!test"
#define PRODUCTS "Magento_Catalog::products"
#define VIEW "Magento_Sales::actions_view"

static struct fer_store *store;
static struct fer_keys *keys;
static struct fer_auth *auth;
static struct fer_arena *arena;
static int64_t now_s = 1800000000;
static int64_t full_role = 1, limited_role;
static int64_t boss, limited, roleless, inactive;

/* -- the stage -------------------------------------------------------------------------------------------------- */

static int64_t make_user(const char *name, int64_t role_id, bool off)
{
	char hash[FER_PASSWORD_TEXT_MAX];
	struct fer_str email = fer_str_fmt(arena, "%s@example.com", name);
	struct fer_user_new user = { .username = fer_str(name), .email = email, .firstname = FER_S("First"), .lastname = FER_S("Last"),
	                             .role_id = role_id, .inactive = off };
	struct fer_fault fault = { 0 };
	int64_t id = 0;

	/* The quick old hash: what Argon2 costs is not what is tested here. */
	assert_int_equal(fer_password_make(FER_S(PASSWORD), FER_S("salt"), FER_S("1"), hash), 0);
	user.hash = fer_str(hash);
	assert_int_equal(fer_user_create(auth, &fer_actor_system, arena, now_s - 100, &user, &fault, &id), 0);
	return id;
}

static int setup(void **state)
{
	const char *url = getenv("FER_TEST_DATABASE");
	struct fer_store_options options = { .url = url ? url : "sqlite::memory:", .password = getenv("FER_TEST_DATABASE_PASSWORD"),
	                                     .connections = 8, .busy_ms = 5000, .create = true };
	const struct fer_str resources[] = { FER_S(PRODUCTS), FER_S("Magento_Catalog::catalog") };
	struct fer_fault fault = { 0 };
	char why[256] = "";

	arena = fer_arena_new(1 << 26);
	if (fer_store_open(&options, &store, why) || fer_store_migrate(store, why) || fer_store_check(store, why) ||
	    fer_keys_save(store, FER_S(KEY), why) || fer_keys_load(store, FER_STR_NONE, &keys, why) ||
	    fer_auth_new(store, keys, &auth, why) || fer_audit_open(fer_auth_audit(auth), &(struct fer_audit_options){ FER_AUDIT_ON, FER_S("Unit 1"), 0, 0 }, why)) {
		print_error("%s\n", why);
		return -1;
	}
	assert_int_equal(fer_role_create(auth, &fer_actor_system, arena, FER_S("Catalogue"), resources, 2, &fault, &limited_role), 0);
	boss = make_user("boss", full_role, false);
	limited = make_user("limited", limited_role, false);
	roleless = make_user("roleless", 0, false);
	inactive = make_user("inactive", full_role, true);
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

/* An hour passes between tests, and no count is left. */
static int between(void **state)
{
	now_s += 3600;
	return fer_throttle_sweep(store, now_s + 100000);
}

static int sign_in(const char *name, const char *password, struct fer_str *token)
{
	struct fer_admin_sign_in attempt = { .username = fer_str(name), .password = fer_str(password), .now_s = now_s,
	                                     .actor = &fer_actor_system };
	struct fer_fault fault = { 0 };
	struct fer_str ignored;
	int r = fer_admin_sign_in(auth, arena, &attempt, &fault, token ? token : &ignored);

	if (r > 0)
		assert_int_equal(fault.items[0].error, r);
	return r;
}

static enum fer_auth_reason who_at(const char *authorization, int64_t at_s, struct fer_caller *out)
{
	struct fer_credentials credentials = { .authorization = fer_str(authorization) };
	struct fer_fault fault = { 0 };
	enum fer_auth_reason reason;

	assert_int_equal(fer_token_authenticate(auth, &credentials, at_s, true, arena, &fault, out, &reason), 0);
	return reason;
}

static enum fer_auth_reason who(struct fer_str token, struct fer_caller *out)
{
	return who_at(fer_str_z(arena, fer_str_fmt(arena, "Bearer %.*s", FER_F(token))), now_s, out);
}

static bool may(struct fer_str token, const char *resource)
{
	struct fer_caller caller;
	bool allowed;

	who(token, &caller);
	allowed = fer_acl_allows(caller.role, fer_acl_lookup(resource));
	fer_caller_release(&caller);
	return allowed;
}

/* -- signing in ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *password;
	int error;
} attempts[] = {
	{ "boss", PASSWORD, 0 },
	{ "BOSS", PASSWORD, 0 },
	{ "boss ", PASSWORD, 0 },
	{ "b\xc3\xb6ss", PASSWORD, 0 },
	{ " boss", PASSWORD, FER_E_SIGN_IN },
	{ "boss", "passw0rd!TEST", FER_E_SIGN_IN },
	{ "boss", PASSWORD " ", FER_E_SIGN_IN },
	{ "nobody", PASSWORD, FER_E_SIGN_IN },
	{ "inactive", PASSWORD, FER_E_SIGN_IN },
	{ "inactive", "wrong", FER_E_SIGN_IN },
	{ "roleless", PASSWORD, FER_E_NO_ROLE },
	{ "roleless", "wrong", FER_E_SIGN_IN },
	{ "' OR 1=1 --", "x", FER_E_SIGN_IN },
	{ "%", PASSWORD, FER_E_SIGN_IN },
};

static void admins_sign_in_by_magentos_rules(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(attempts); i++) {
		print_message("  \"%s\"\n", attempts[i].name);
		assert_int_equal(sign_in(attempts[i].name, attempts[i].password, NULL), attempts[i].error);
	}
}

static void a_token_opens_what_its_role_may(void **state)
{
	struct fer_caller caller;
	struct fer_str token;

	assert_int_equal(sign_in("boss", PASSWORD, &token), 0);
	assert_int_equal(who(token, &caller), FER_AUTH_BEARER_JWT);
	assert_int_equal(caller.type, FER_USER_ADMIN);
	assert_int_equal(caller.id, boss);
	fer_caller_release(&caller);
	assert_true(may(token, VIEW));
	assert_true(may(token, "self"));
	assert_int_equal(sign_in("limited", PASSWORD, &token), 0);
	assert_true(may(token, PRODUCTS));
	assert_true(may(token, "Magento_Backend::admin"));
	assert_false(may(token, VIEW));
	assert_false(may(token, "self"));
}

static void six_failures_lock_a_name(void **state)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(sign_in("boss", "wrong", NULL), FER_E_SIGN_IN);
	assert_int_equal(sign_in("boss", PASSWORD, NULL), 0);
	for (int i = 0; i < 6; i++)
		assert_int_equal(sign_in(i % 2 ? "boss" : "BOSS", "wrong", NULL), FER_E_SIGN_IN);
	assert_int_equal(sign_in("boss", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(sign_in("Boss", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(sign_in("limited", PASSWORD, NULL), 0);
	now_s += 1799;
	assert_int_equal(sign_in("boss", PASSWORD, NULL), FER_E_SIGN_IN);
	now_s += 1;
	assert_int_equal(sign_in("boss", PASSWORD, NULL), 0);
}

static void inactive_and_roleless_attempts_are_not_counted(void **state)
{
	bool locked;
	struct fer_view *view = fer_view_ref(auth);
	struct fer_db *db;

	for (int i = 0; i < 8; i++) {
		assert_int_equal(sign_in("inactive", PASSWORD, NULL), FER_E_SIGN_IN);
		assert_int_equal(sign_in("roleless", PASSWORD, NULL), FER_E_NO_ROLE);
	}
	assert_int_equal(fer_db_lend(store, &db), 0);
	assert_int_equal(fer_throttle_locked(db, fer_view_settings(view), FER_S("inactive"), FER_THROTTLE_ADMIN, now_s, &locked), 0);
	assert_false(locked);
	fer_db_return(db);
	fer_view_unref(view);
}

static void unlocking_clears_the_count(void **state)
{
	struct fer_fault fault = { 0 };
	struct fer_value users;

	for (int i = 0; i < 6; i++)
		sign_in("boss", "wrong", NULL);
	assert_int_equal(sign_in("boss", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(fer_user_list(auth, arena, now_s, &users), 0);
	assert_false(fer_is_null(fer_get(fer_at(&users, 0), "locked_until")));
	assert_int_equal(fer_user_unlock(auth, &fer_actor_system, arena, boss, &fault), 0);
	assert_int_equal(sign_in("boss", PASSWORD, NULL), 0);
}

static void an_expired_admin_is_deactivated_at_the_attempt(void **state)
{
	int64_t id = make_user("brief", full_role, false);
	struct fer_fault fault = { 0 };
	struct fer_caller caller;
	struct fer_str token;

	assert_int_equal(fer_user_expires(auth, &fer_actor_system, arena, id, now_s + 10, &fault), 0);
	assert_int_equal(sign_in("brief", PASSWORD, &token), 0);
	now_s += 10;
	assert_int_equal(sign_in("brief", PASSWORD, NULL), 0);
	now_s += 1;
	assert_int_equal(who(token, &caller), FER_AUTH_BEARER_JWT);
	fer_caller_release(&caller);
	assert_int_equal(sign_in("brief", "wrong", NULL), FER_E_SIGN_IN);
	assert_int_equal(who(token, &caller), FER_AUTH_REVOKED);
	assert_int_equal(sign_in("brief", PASSWORD, NULL), FER_E_SIGN_IN);
	now_s += 1;
	assert_int_equal(fer_user_enable(auth, &fer_actor_system, arena, now_s, id, true, &fault), 0);
	assert_int_equal(sign_in("brief", PASSWORD, NULL), 0);
	assert_int_equal(fer_user_expires(auth, &fer_actor_system, arena, id, now_s - 1, &fault), 0);
	assert_int_equal(fer_admin_expire(auth, now_s), 0);
	assert_int_equal(sign_in("brief", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(fer_user_delete(auth, &fer_actor_system, arena, now_s, id, &fault), 0);
}

static void set_config(const char *path, const char *value)
{
	if (value)
		assert_int_equal(fer_config_set(store, FER_S("default"), 0, fer_str(path), fer_str(value)), 0);
	else
		assert_int_equal(fer_config_delete(store, FER_S("default"), 0, fer_str(path), NULL), 0);
}

static void names_may_count_their_case(void **state)
{
	set_config("admin/security/use_case_sensitive_login", "1");
	assert_int_equal(sign_in("BOSS", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(sign_in("boss", PASSWORD, NULL), 0);
	set_config("admin/security/use_case_sensitive_login", NULL);
	assert_int_equal(sign_in("BOSS", PASSWORD, NULL), 0);
}

static void settings_are_seen_by_the_next_request(void **state)
{
	struct fer_caller caller;
	struct fer_str token, header;

	set_config("webapi/jwtauth/jwt_alg", "HS512");
	set_config("webapi/jwtauth/admin_expiration", "2");
	assert_int_equal(sign_in("boss", PASSWORD, &token), 0);
	assert_true(fer_str_starts(token, "eyJraWQiOiIxIiwiYWxnIjoiSFM1MTIifQ."));
	header = fer_str_fmt(arena, "Bearer %.*s", FER_F(token));
	assert_int_equal(who_at(header.at, now_s + 119, &caller), FER_AUTH_BEARER_JWT);
	fer_caller_release(&caller);
	assert_int_equal(who_at(header.at, now_s + 120, &caller), FER_AUTH_EXPIRED);
	set_config("webapi/jwtauth/jwt_alg", NULL);
	assert_int_equal(who_at(header.at, now_s, &caller), FER_AUTH_WRONG_ALG);
	set_config("webapi/jwtauth/admin_expiration", "abc");
	assert_int_equal(sign_in("boss", PASSWORD, &token), 0);
	header = fer_str_fmt(arena, "Bearer %.*s", FER_F(token));
	assert_int_equal(who_at(header.at, now_s + 1800, &caller), FER_AUTH_EXPIRED);
	set_config("webapi/jwtauth/admin_expiration", NULL);
	set_config("oauth/authentication_lock/max_failures_count", "0");
	assert_int_equal(sign_in("boss", PASSWORD, NULL), FER_E_SIGN_IN);
	set_config("oauth/authentication_lock/max_failures_count", NULL);
}

static void a_key_wrap_algorithm_is_refused_at_start(void **state)
{
	struct fer_auth *other;
	char why[256] = "";

	set_config("webapi/jwtauth/jwt_alg", "A128KW");
	assert_int_equal(fer_auth_new(store, keys, &other, why), -EINVAL);
	assert_non_null(strstr(why, "jwt_alg"));
	set_config("webapi/jwtauth/jwt_alg", NULL);
	assert_int_equal(fer_auth_refresh(auth), 0);
}

/* -- headers ---------------------------------------------------------------------------------------------------- */

static void only_one_word_behind_bearer_counts(void **state)
{
	static const struct { const char *format; enum fer_auth_reason reason; } forms[] = {
		{ "Bearer %s", FER_AUTH_BEARER_JWT }, { "bearer %s", FER_AUTH_BEARER_JWT }, { "BEARER %s", FER_AUTH_BEARER_JWT },
		{ "Bearer  %s", FER_AUTH_NONE }, { "Bearer %s x", FER_AUTH_NONE }, { "Bearer %s ", FER_AUTH_NONE }, { "Bearer Bearer %s", FER_AUTH_NONE },
		{ "%s", FER_AUTH_NONE }, { "Token %s", FER_AUTH_NONE }, { " Bearer %s", FER_AUTH_NONE }, { "Bearer\t%s", FER_AUTH_NONE },
		{ "Bearer \"%s\"", FER_AUTH_WRONG_ALG }, { "Bearer %sA", FER_AUTH_FORGED },
	};
	struct fer_str token;

	assert_int_equal(sign_in("boss", PASSWORD, &token), 0);
	for (size_t i = 0; i < FER_ARRAY_LEN(forms); i++) {
		struct fer_caller caller;
		enum fer_auth_reason reason;
		char header[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(header, sizeof(header), forms[i].format, fer_str_z(arena, token));
#pragma GCC diagnostic pop
		reason = who_at(header, now_s, &caller);
		print_message("  %.20s: %s\n", header, fer_auth_reason_name(reason));
		if (forms[i].reason != FER_AUTH_WRONG_ALG)
			assert_int_equal(reason, forms[i].reason);
		assert_int_equal(caller.type, forms[i].reason == FER_AUTH_BEARER_JWT ? FER_USER_ADMIN : FER_USER_GUEST);
		fer_caller_release(&caller);
	}
	for (size_t i = 0; i < 2; i++) {
		struct fer_caller caller;

		assert_int_equal(who_at(i ? "Bearer " : "Bearer", now_s, &caller), i ? FER_AUTH_UNKNOWN : FER_AUTH_NONE);
	}
}

static void an_event_thread_is_told_when_it_needs_the_store(void **state)
{
	struct fer_credentials credentials = { 0 };
	struct fer_fault fault = { 0 };
	enum fer_auth_reason reason;
	struct fer_caller caller;
	struct fer_str token;

	assert_int_equal(sign_in("boss", PASSWORD, &token), 0);
	credentials.authorization = fer_str_fmt(arena, "Bearer %.*s", FER_F(token));
	assert_int_equal(fer_auth_refresh(auth), 0);
	assert_int_equal(fer_token_authenticate(auth, &credentials, now_s, false, arena, &fault, &caller, &reason), 0);
	assert_int_equal(caller.id, boss);
	fer_caller_release(&caller);
	assert_int_equal(fer_token_revoke(auth, &fer_actor_system, FER_USER_CUSTOMER, 77, now_s), 0);
	assert_int_equal(fer_token_authenticate(auth, &credentials, now_s, false, arena, &fault, &caller, &reason), FER_AUTH_NEEDS_STORE);
	assert_int_equal(fer_token_authenticate(auth, &credentials, now_s, true, arena, &fault, &caller, &reason), 0);
	assert_int_equal(caller.id, boss);
	fer_caller_release(&caller);
	credentials.authorization = FER_S("Bearer abcdefghijklmnopqrstuvwxyz012345");
	assert_int_equal(fer_token_authenticate(auth, &credentials, now_s, false, arena, &fault, &caller, &reason), FER_AUTH_NEEDS_STORE);
	assert_int_equal(fer_token_authenticate(auth, &credentials, now_s, true, arena, &fault, &caller, &reason), 0);
	assert_int_equal(reason, FER_AUTH_UNKNOWN);
	credentials.authorization = FER_STR_NONE;
	assert_int_equal(fer_token_authenticate(auth, &credentials, now_s, false, arena, &fault, &caller, &reason), 0);
	assert_int_equal(caller.type, FER_USER_GUEST);
}

/* -- revocation ------------------------------------------------------------------------------------------------- */

static int issue(enum fer_user_type type, int64_t id, int64_t at_s, struct fer_str *token)
{
	struct fer_issue made = { .type = type, .user_id = id, .now_s = at_s };
	int r = fer_token_issue(auth, arena, &made);

	*token = made.token;
	return r;
}

static void a_revocation_kills_what_was_issued_up_to_its_second(void **state)
{
	struct fer_str before, same, after, other;
	struct fer_caller caller;

	assert_int_equal(issue(FER_USER_CUSTOMER, 5, now_s - 1, &before), 0);
	assert_int_equal(fer_token_revoke(auth, &fer_actor_system, FER_USER_CUSTOMER, 5, now_s), 0);
	assert_int_equal(issue(FER_USER_CUSTOMER, 5, now_s, &same), 0);
	assert_int_equal(issue(FER_USER_CUSTOMER, 5, now_s + 1, &after), 0);
	assert_int_equal(issue(FER_USER_CUSTOMER, 6, now_s - 1, &other), 0);
	assert_int_equal(who(before, &caller), FER_AUTH_REVOKED);
	assert_int_equal(caller.type, FER_USER_GUEST);
	assert_int_equal(who(same, &caller), FER_AUTH_REVOKED);
	assert_int_equal(who(after, &caller), FER_AUTH_BEARER_JWT);
	assert_int_equal(caller.type, FER_USER_CUSTOMER);
	fer_caller_release(&caller);
	assert_int_equal(who(other, &caller), FER_AUTH_BEARER_JWT);
	fer_caller_release(&caller);
	assert_int_equal(issue(FER_USER_ADMIN, 5, now_s - 1, &other), 0);
	assert_int_equal(who(other, &caller), FER_AUTH_BEARER_JWT);
	fer_caller_release(&caller);
}

static void many_revocations_are_all_remembered(void **state)
{
	struct fer_view *view;

	for (int64_t id = 1000; id < 1400; id++)
		assert_int_equal(fer_token_revoke(auth, &fer_actor_system, FER_USER_CUSTOMER, id, now_s + id), 0);
	assert_int_equal(fer_auth_refresh(auth), 0);
	view = fer_view_ref(auth);
	for (int64_t id = 1000; id < 1400; id++) {
		assert_true(fer_view_revoked(view, FER_USER_CUSTOMER, id, now_s + id));
		assert_false(fer_view_revoked(view, FER_USER_CUSTOMER, id, now_s + id + 1));
		assert_false(fer_view_revoked(view, FER_USER_ADMIN, id, 1));
	}
	fer_view_unref(view);
}

static void disabling_an_admin_takes_his_tokens(void **state)
{
	struct fer_fault fault = { 0 };
	struct fer_caller caller;
	struct fer_str token;

	assert_int_equal(sign_in("limited", PASSWORD, &token), 0);
	assert_int_equal(fer_user_enable(auth, &fer_actor_system, arena, now_s, limited, false, &fault), 0);
	assert_int_equal(who(token, &caller), FER_AUTH_REVOKED);
	assert_int_equal(sign_in("limited", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(fer_user_enable(auth, &fer_actor_system, arena, now_s, limited, true, &fault), 0);
	assert_int_equal(who(token, &caller), FER_AUTH_REVOKED);
	assert_int_equal(fer_user_enable(auth, &fer_actor_system, arena, now_s, 4711, false, &fault), FER_E_USER_UNKNOWN);
}

/* -- users ------------------------------------------------------------------------------------------------------ */

static void new_users_are_judged(void **state)
{
	struct fer_user_new user = { .username = FER_S("boss"), .password = FER_S("abcdef1"), .email = FER_S("new@example.com"),
	                             .firstname = FER_S("F"), .lastname = FER_S("L") };
	struct fer_fault fault = { 0 };
	int64_t id;

	assert_int_equal(fer_user_create(auth, &fer_actor_system, arena, now_s, &user, &fault, &id), FER_E_USER_EXISTS);
	user.username = FER_S("other");
	user.email = FER_S("BOSS@example.com");
	assert_int_equal(fer_user_create(auth, &fer_actor_system, arena, now_s, &user, &fault, &id), FER_E_USER_EXISTS);
	user.email = FER_S("new@example.com");
	user.role_id = 4711;
	assert_int_equal(fer_user_create(auth, &fer_actor_system, arena, now_s, &user, &fault, &id), FER_E_ROLE_UNKNOWN);
	assert_int_equal(fer_user_find(auth, arena, FER_S("other"), &fault, &id), FER_E_USER_UNKNOWN);
	fault.n = 0;
	user = (struct fer_user_new){ .email = FER_S("no mail"), .password = FER_S("x") };
	assert_true(fer_user_create(auth, &fer_actor_system, arena, now_s, &user, &fault, &id) > 0);
	assert_int_equal(fault.n, 6);
}

static void passwords_are_not_used_again(void **state)
{
	static const char *const passwords[] = { "Second1pass", "Third1pass", "Fourth1pass" };
	int64_t id = make_user("careful", full_role, false);
	struct fer_fault fault = { 0 };

	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, id, FER_S("short1"), &fault), FER_E_PASSWORD_SHORT);
	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, id, FER_S(PASSWORD), &fault), FER_E_PASSWORD_REUSED);
	for (size_t i = 0; i < FER_ARRAY_LEN(passwords); i++)
		assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s += 60, id, fer_str(passwords[i]), &fault), 0);
	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, id, FER_S(PASSWORD), &fault), FER_E_PASSWORD_REUSED);
	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, id, fer_str(passwords[1]), &fault), FER_E_PASSWORD_REUSED);
	assert_int_equal(sign_in("careful", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(sign_in("careful", passwords[2], NULL), 0);
	now_s += 91 * 86400;
	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, id, FER_S("Fifth1pass"), &fault), 0);
	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, id, FER_S(PASSWORD), &fault), 0);
	assert_int_equal(fer_user_password(auth, &fer_actor_system, arena, now_s, 4711, FER_S(PASSWORD), &fault), FER_E_USER_UNKNOWN);
}

static void a_deleted_admin_is_gone_with_his_tokens(void **state)
{
	int64_t id = make_user("leaver", full_role, false), found;
	struct fer_fault fault = { 0 };
	struct fer_caller caller;
	struct fer_str token;

	assert_int_equal(sign_in("leaver", PASSWORD, &token), 0);
	assert_int_equal(fer_user_delete(auth, &fer_actor_system, arena, now_s, id, &fault), 0);
	assert_int_equal(who(token, &caller), FER_AUTH_REVOKED);
	assert_int_equal(sign_in("leaver", PASSWORD, NULL), FER_E_SIGN_IN);
	assert_int_equal(fer_user_find(auth, arena, FER_S("leaver"), &fault, &found), FER_E_USER_UNKNOWN);
	assert_int_equal(fer_user_delete(auth, &fer_actor_system, arena, now_s, id, &fault), FER_E_USER_UNKNOWN);
}

/* -- roles ------------------------------------------------------------------------------------------------------ */

static void a_changed_role_acts_on_tokens_that_are_out(void **state)
{
	int64_t id = make_user("mover", limited_role, false);
	struct fer_fault fault = { 0 };
	struct fer_str token;

	assert_int_equal(sign_in("mover", PASSWORD, &token), 0);
	assert_false(may(token, VIEW));
	assert_int_equal(fer_role_assign(auth, &fer_actor_system, arena, id, full_role, &fault), 0);
	assert_true(may(token, VIEW));
	assert_int_equal(fer_role_assign(auth, &fer_actor_system, arena, id, 0, &fault), 0);
	assert_false(may(token, PRODUCTS));
	assert_int_equal(fer_role_assign(auth, &fer_actor_system, arena, id, 4711, &fault), FER_E_ROLE_UNKNOWN);
	assert_int_equal(fer_role_assign(auth, &fer_actor_system, arena, 4711, full_role, &fault), FER_E_USER_UNKNOWN);
}

static void a_caller_keeps_its_rights_until_released(void **state)
{
	struct fer_fault fault = { 0 };
	struct fer_caller caller, copy;
	struct fer_str token;

	assert_int_equal(sign_in("mover", PASSWORD, NULL), FER_E_NO_ROLE);
	assert_int_equal(sign_in("limited", PASSWORD, &token), 0);
	who(token, &caller);
	fer_caller_copy(&copy, &caller);
	fer_caller_release(&caller);
	for (int i = 0; i < 4; i++)
		assert_int_equal(fer_role_assign(auth, &fer_actor_system, arena, limited, i % 2 ? limited_role : 0, &fault), 0);
	assert_int_equal(fer_auth_refresh(auth), 0);
	assert_true(fer_acl_allows(copy.role, fer_acl_lookup(PRODUCTS)));
	fer_caller_release(&copy);
	assert_null(copy.role);
	fer_caller_of(auth, FER_USER_ADMIN, limited, &caller);
	assert_true(fer_acl_allows(caller.role, fer_acl_lookup(PRODUCTS)));
	fer_caller_release(&caller);
}

/* One rule, on what stands above the products; the other roles have rules for everything. */
static int one_rule(struct fer_db *db, void *role_id)
{
	int64_t id = *(const int64_t *)role_id;
	int r = fer_sql_run(db, FER_SQL_RULE_DELETE, NULL, "i", id);

	return r ? r : fer_sql_run(db, FER_SQL_RULE_INSERT, NULL, "izz", id, "Magento_Catalog::catalog", "allow");
}

static void rights_name_the_rule_that_decided(void **state)
{
	static const struct { const char *resource, *rule, *from; bool allowed; } rows[] = {
		{ "Magento_Catalog::catalog", "own", "Magento_Catalog::catalog", true },
		{ PRODUCTS, "inherited", "Magento_Catalog::catalog", true },
		{ "Magento_Sales::sales", "none", NULL, false },
	};
	const struct fer_str some[] = { FER_S(PRODUCTS) };
	struct fer_user_new user = { .username = FER_S("explained"), .password = FER_S(PASSWORD), .email = FER_S("explained@example.com"),
	                             .firstname = FER_S("Ex"), .lastname = FER_S("Plained") };
	struct fer_fault fault = { 0 };
	struct fer_value rights;
	int64_t id;

	assert_int_equal(fer_role_create(auth, &fer_actor_system, arena, FER_S("One rule"), some, 1, &fault, &user.role_id), 0);
	assert_int_equal(fer_user_create(auth, &fer_actor_system, arena, now_s, &user, &fault, &id), 0);
	assert_int_equal(fer_tx_run(store, 1u << FER_CHANGE_ACL, one_rule, &user.role_id), 0);
	assert_int_equal(fer_user_rights(auth, arena, id, &fault, &rights), 0);
	assert_false(fer_map_bool(&rights, "all", true));
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++) {
		const struct fer_value *row = fer_at(fer_get(&rights, "resources"), (size_t)fer_acl_lookup(rows[i].resource));

		assert_true(fer_str_is(fer_map_str(arena, row, "resource"), rows[i].resource));
		assert_true(fer_str_is(fer_map_str(arena, row, "rule"), rows[i].rule));
		assert_int_equal(fer_map_bool(row, "allowed", false), rows[i].allowed);
		assert_true(rows[i].from ? fer_str_is(fer_map_str(arena, row, "from"), rows[i].from) : !fer_has(row, "from"));
	}
	assert_int_equal(fer_user_delete(auth, &fer_actor_system, arena, now_s, id, &fault), 0);
	assert_int_equal(fer_role_delete(auth, &fer_actor_system, arena, user.role_id, &fault), 0);
}

static void roles_are_made_listed_shown_and_deleted(void **state)
{
	const struct fer_str everything[] = { FER_S("Magento_Backend::all") }, typo[] = { FER_S("Magento_Nothing::here") };
	struct fer_fault fault = { 0 };
	struct fer_value list, role;
	int64_t id, found;

	assert_int_equal(fer_role_create(auth, &fer_actor_system, arena, FER_S("Everything"), everything, 1, &fault, &id), 0);
	assert_int_equal(fer_role_create(auth, &fer_actor_system, arena, FER_S("everything"), everything, 1, &fault, &found), FER_E_ROLE_EXISTS);
	assert_int_equal(fer_role_create(auth, &fer_actor_system, arena, FER_S("Typo"), typo, 1, &fault, &found), FER_E_ROLE_RESOURCE);
	assert_int_equal(fer_role_create(auth, &fer_actor_system, arena, FER_S("  "), everything, 1, &fault, &found), FER_E_ROLE_NAME_REQUIRED);
	assert_int_equal(fer_role_find(auth, arena, FER_S("EVERYTHING"), &fault, &found), 0);
	assert_int_equal(found, id);
	assert_int_equal(fer_role_list(auth, arena, &list), 0);
	assert_true(fer_count(&list) >= 3);
	assert_int_equal(fer_role_show(auth, arena, id, &fault, &role), 0);
	assert_true(fer_map_bool(&role, "all", false));
	assert_int_equal(fer_count(fer_get(&role, "allowed")), fer_acl_n_resources());
	assert_int_equal(fer_role_show(auth, arena, limited_role, &fault, &role), 0);
	assert_int_equal(fer_count(fer_get(&role, "allowed")), 3);
	assert_int_equal(fer_count(fer_get(&role, "users")), 1);
	assert_int_equal(fer_role_delete(auth, &fer_actor_system, arena, limited_role, &fault), FER_E_ROLE_IN_USE);
	assert_int_equal(fer_role_delete(auth, &fer_actor_system, arena, id, &fault), 0);
	assert_int_equal(fer_role_delete(auth, &fer_actor_system, arena, id, &fault), FER_E_ROLE_UNKNOWN);
	assert_int_equal(fer_role_show(auth, arena, id, &fault, &role), FER_E_ROLE_UNKNOWN);
	assert_int_equal(fer_role_find(auth, arena, FER_S("Everything"), &fault, &found), FER_E_ROLE_UNKNOWN);
}

/* -- integrations and OAuth ------------------------------------------------------------------------------------- */

#define CONSUMER "k0consumer0key0000000000000000aa"
#define TOKEN "t0access0token0000000000000000cc"

static int64_t make_integration(void)
{
	static int64_t id;
	struct fer_integration_new integration = {
		.name = FER_S("ERP"), .email = FER_S("erp@example.com"), .status = FER_INTEGRATION_ACTIVE, .all_resources = true,
		.consumer_key = FER_S(CONSUMER), .consumer_secret = FER_S("s0consumer0secret00000000000000b"),
		.access_token = FER_S(TOKEN), .access_token_secret = FER_S("s0access0secret0000000000000000d"),
	};
	struct fer_integration_secrets secrets;
	struct fer_fault fault = { 0 };

	if (id)
		return id;
	assert_int_equal(fer_integration_create(auth, &fer_actor_system, arena, now_s, &integration, &fault, &secrets), 0);
	assert_string_equal(secrets.access_token, TOKEN);
	id = secrets.integration_id;
	assert_int_equal(fer_integration_create(auth, &fer_actor_system, arena, now_s, &integration, &fault, &secrets), FER_E_INTEGRATION_EXISTS);
	return id;
}

/* The client's side, kept apart from ours: it is given the base string. */
static struct fer_str client_signature(const char *base, const char *key)
{
	unsigned char digest[32];
	char *text = fer_alloc(arena, 64);

	fer_hmac_sha256(fer_str(key), fer_str(base), digest);
	sodium_bin2base64(text, 64, digest, 32, sodium_base64_VARIANT_ORIGINAL);
	return fer_str(text);
}

#define SECRETS "s0consumer0secret00000000000000b&s0access0secret0000000000000000d"

static int oauth(const char *header, const char *query, int64_t *type, struct fer_fault *fault)
{
	struct fer_credentials credentials = {
		.authorization = fer_str(header), .method = FER_S("GET"), .host = FER_S("127.0.0.1:8080"),
		.path = FER_S("/rest/V1/store/websites"), .query = fer_str(query),
	};
	enum fer_auth_reason reason;
	struct fer_caller caller;
	int r;

	*fault = (struct fer_fault){ 0 };
	r = fer_token_authenticate(auth, &credentials, now_s, true, arena, fault, &caller, &reason);
	*type = caller.type;
	if (!r && caller.type == FER_USER_INTEGRATION)
		assert_true(fer_acl_allows(caller.role, fer_acl_lookup(PRODUCTS)));
	fer_caller_release(&caller);
	return r;
}

static struct fer_str signed_header(const char *nonce, const char *signature)
{
	return fer_str_fmt(arena, "OAuth oauth_consumer_key=\"" CONSUMER "\", oauth_nonce=\"%s\", oauth_signature_method=\"HMAC-SHA256\","
	                          "oauth_timestamp=\"1700000000\",oauth_token=\"" TOKEN "\",oauth_version=\"1.0\",oauth_signature=\"%s\"",
	                   nonce, signature);
}

static struct fer_str url_encoded(struct fer_str s)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 512);
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("+/=", s.at[i]))
			fer_buf_fmt(&buf, "%%%02X", s.at[i]);
		else
			fer_buf_char(&buf, s.at[i]);
	}
	return fer_str(fer_str_z(arena, fer_buf_view(&buf)));
}

static void a_signed_request_is_its_integrations(void **state)
{
	static const char base[] =
		"GET&http%3A%2F%2F127.0.0.1%3A8080%2Frest%2FV1%2Fstore%2Fwebsites&a%255B0%255D%3Dx%2520y%26fields%3Did%26"
		"oauth_consumer_key%3D" CONSUMER "%26oauth_nonce%3Dnonce1%26oauth_signature_method%3DHMAC-SHA256%26"
		"oauth_timestamp%3D1700000000%26oauth_token%3D" TOKEN "%26oauth_version%3D1.0";
	struct fer_str signature = client_signature(base, SECRETS), header;
	struct fer_fault fault;
	int64_t type;

	make_integration();
	header = signed_header("nonce1", url_encoded(signature).at);
	assert_int_equal(oauth(header.at, "fields=id&a%5B0%5D=x%20y", &type, &fault), 0);
	assert_int_equal(type, FER_USER_INTEGRATION);
	assert_int_equal(oauth(header.at, "fields=id&a%5B0%5D=x%20y", &type, &fault), FER_E_OAUTH_NONCE_USED);
	assert_int_equal(type, FER_USER_GUEST);
	assert_true(fer_str_starts(fer_fault_message(arena, &fault.items[0]), "The nonce is already being used by the consumer with ID "));
	header = signed_header("nonce2", url_encoded(signature).at);
	assert_int_equal(oauth(header.at, "fields=id&a%5B0%5D=x%20y", &type, &fault), FER_E_OAUTH_SIGNATURE);
}

static void laminas_order_of_names_is_taken_too(void **state)
{
	static const char base[] =
		"GET&http%3A%2F%2F127.0.0.1%3A8080%2Frest%2FV1%2Fstore%2Fwebsites&a2%3Dx%26a10%3Dy%26"
		"oauth_consumer_key%3D" CONSUMER "%26oauth_nonce%3Dnatural%26oauth_signature_method%3DHMAC-SHA256%26"
		"oauth_timestamp%3D1700000000%26oauth_token%3D" TOKEN "%26oauth_version%3D1.0";
	struct fer_str signature = client_signature(base, SECRETS);
	struct fer_fault fault;
	int64_t type;

	make_integration();
	assert_int_equal(oauth(signed_header("natural", url_encoded(signature).at).at, "a10=y&a2=x", &type, &fault), 0);
	assert_int_equal(type, FER_USER_INTEGRATION);
}

#define KNOWN "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_token=\"" TOKEN "\",oauth_signature_method=\"HMAC-SHA256\"," \
	"oauth_signature=\"AAAA\","

static const struct {
	const char *name, *header;
	int error;
	size_t n;
} oauth_rows[] = {
	{ "nothing", "OAuth ", 0, 0 },
	{ "no protocol parameter", "OAuth realm=\"x\"", 0, 0 },
	{ "four are missing", "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_token=\"" TOKEN "\"", FER_E_REQUIRED, 4 },
	{ "version", KNOWN "oauth_version=\"2.0\"", FER_E_OAUTH_VERSION, 1 },
	{ "version before what is missing", "OAuth oauth_version=\"x\"", FER_E_OAUTH_VERSION, 1 },
	{ "version as another number text", KNOWN "oauth_version=\"1\"", FER_E_REQUIRED, 2 },
	{ "token length", "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_token=\"x\",oauth_signature_method=\"HMAC-SHA256\",oauth_signature=\"AAAA\",oauth_nonce=\"n\",oauth_timestamp=\"1\"", FER_E_OAUTH_TOKEN_LENGTH, 1 },
	{ "SHA-1", "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_token=\"" TOKEN "\",oauth_signature_method=\"HMAC-SHA1\",oauth_signature=\"AAAA\",oauth_nonce=\"n\",oauth_timestamp=\"1\"", FER_E_OAUTH_METHOD, 1 },
	{ "plain text", "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_token=\"" TOKEN "\",oauth_signature_method=\"PLAINTEXT\",oauth_signature=\"AAAA\",oauth_nonce=\"n\",oauth_timestamp=\"1\"", FER_E_OAUTH_METHOD, 1 },
	{ "consumer length", "OAuth oauth_consumer_key=\"x\",oauth_token=\"" TOKEN "\",oauth_signature_method=\"HMAC-SHA256\",oauth_signature=\"AAAA\",oauth_nonce=\"n\",oauth_timestamp=\"1\"", FER_E_OAUTH_CONSUMER_LENGTH, 1 },
	{ "unknown consumer", "OAuth oauth_consumer_key=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",oauth_token=\"" TOKEN "\",oauth_signature_method=\"HMAC-SHA256\",oauth_signature=\"AAAA\",oauth_nonce=\"n\",oauth_timestamp=\"1\"", FER_E_OAUTH_CONSUMER_UNKNOWN, 1 },
	{ "timestamp 0", KNOWN "oauth_nonce=\"t0\",oauth_timestamp=\"0\"", FER_E_OAUTH_NONCE, 1 },
	{ "timestamp a word", KNOWN "oauth_nonce=\"t1\",oauth_timestamp=\"soon\"", FER_E_OAUTH_NONCE, 1 },
	{ "timestamp far ahead", KNOWN "oauth_nonce=\"t2\",oauth_timestamp=\"4102444800\"", FER_E_OAUTH_NONCE, 1 },
	{ "unknown token", "OAuth oauth_consumer_key=\"" CONSUMER "\",oauth_token=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",oauth_signature_method=\"HMAC-SHA256\",oauth_signature=\"AAAA\",oauth_nonce=\"u1\",oauth_timestamp=\"1\"", FER_E_OAUTH_TOKEN_UNKNOWN, 1 },
	{ "wrong signature", KNOWN "oauth_nonce=\"s1\",oauth_timestamp=\"1700000000\"", FER_E_OAUTH_SIGNATURE, 1 },
	{ "small letters, words before", "x oauth oauth_consumer_key=\"x\"", FER_E_REQUIRED, 5 },
};

static void oauth_errors_come_in_magentos_order(void **state)
{
	make_integration();
	for (size_t i = 0; i < FER_ARRAY_LEN(oauth_rows); i++) {
		struct fer_fault fault;
		int64_t type;

		print_message("  %s\n", oauth_rows[i].name);
		assert_int_equal(oauth(oauth_rows[i].header, "", &type, &fault), oauth_rows[i].error);
		assert_int_equal(fault.n, oauth_rows[i].n);
		assert_int_equal(type, FER_USER_GUEST);
	}
}

static void an_integrations_token_as_bearer_needs_the_setting(void **state)
{
	int64_t id = make_integration();
	struct fer_fault fault = { 0 };
	struct fer_caller caller;

	assert_int_equal(who_at("Bearer " TOKEN, now_s, &caller), FER_AUTH_INACTIVE);
	set_config("oauth/consumer/enable_integration_as_bearer", "1");
	assert_int_equal(who_at("Bearer " TOKEN, now_s + 1000000, &caller), FER_AUTH_BEARER_OPAQUE);
	assert_int_equal(caller.type, FER_USER_INTEGRATION);
	assert_int_equal(caller.id, id);
	fer_caller_release(&caller);
	assert_int_equal(fer_token_revoke(auth, &fer_actor_system, FER_USER_INTEGRATION, id, now_s), 0);
	assert_int_equal(who_at("Bearer " TOKEN, now_s, &caller), FER_AUTH_REVOKED);
	set_config("oauth/consumer/enable_integration_as_bearer", NULL);
	assert_int_equal(fer_integration_status(auth, &fer_actor_system, arena, now_s, id, FER_INTEGRATION_INACTIVE, &fault), 0);
	assert_int_equal(fer_integration_status(auth, &fer_actor_system, arena, now_s, 4711, FER_INTEGRATION_INACTIVE, &fault), FER_E_INTEGRATION_UNKNOWN);
}

static void a_deleted_integration_is_gone(void **state)
{
	int64_t id = make_integration(), type;
	struct fer_fault fault = { 0 };
	struct fer_value list;
	size_t n;

	assert_int_equal(fer_integration_list(auth, arena, &list), 0);
	n = fer_count(&list);
	assert_int_equal(fer_integration_delete(auth, &fer_actor_system, arena, id, &fault), 0);
	assert_int_equal(fer_integration_delete(auth, &fer_actor_system, arena, id, &fault), FER_E_INTEGRATION_UNKNOWN);
	assert_int_equal(fer_integration_list(auth, arena, &list), 0);
	assert_int_equal(fer_count(&list), n - 1);
	assert_int_equal(oauth(KNOWN "oauth_nonce=\"gone\",oauth_timestamp=\"1\"", "", &type, &fault), FER_E_OAUTH_CONSUMER_UNKNOWN);
}

/* -- many threads ----------------------------------------------------------------------------------------------- */

static atomic_bool stop;

static void *reader(void *data)
{
	struct fer_str token = *(struct fer_str *)data;
	int catalogue = fer_acl_lookup(PRODUCTS), admin = fer_acl_lookup("Magento_Backend::admin");
	struct fer_arena *own = fer_arena_new(1 << 16);
	struct fer_credentials credentials = { .authorization = token };
	intptr_t wrong = 0;

	while (!atomic_load(&stop)) {
		enum fer_auth_reason reason;
		struct fer_fault fault = { 0 };
		struct fer_caller caller;
		int r = fer_token_authenticate(auth, &credentials, now_s, false, own, &fault, &caller, &reason);

		if (!r)
			wrong += reason != FER_AUTH_BEARER_JWT || fer_acl_allows(caller.role, catalogue) != fer_acl_allows(caller.role, admin);
		fer_caller_release(&caller);
		fer_arena_reset(own);
	}
	fer_arena_free(own);
	return (void *)wrong;
}

static void views_are_replaced_under_readers(void **state)
{
	struct fer_fault fault = { 0 };
	pthread_t threads[3];
	struct fer_str token;

	assert_int_equal(sign_in("limited", PASSWORD, &token), 0);
	token = fer_str_fmt(arena, "Bearer %.*s", FER_F(token));
	assert_int_equal(fer_auth_refresh(auth), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, &token), 0);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(fer_role_assign(auth, &fer_actor_system, arena, limited, i % 2 ? limited_role : 0, &fault), 0);
		assert_int_equal(fer_auth_refresh(auth), 0);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 3; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
}

#define T(name) cmocka_unit_test_setup(name, between)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(admins_sign_in_by_magentos_rules), T(a_token_opens_what_its_role_may), T(six_failures_lock_a_name),
		T(inactive_and_roleless_attempts_are_not_counted), T(unlocking_clears_the_count),
		T(an_expired_admin_is_deactivated_at_the_attempt), T(names_may_count_their_case), T(settings_are_seen_by_the_next_request),
		T(a_key_wrap_algorithm_is_refused_at_start), T(only_one_word_behind_bearer_counts),
		T(an_event_thread_is_told_when_it_needs_the_store), T(a_revocation_kills_what_was_issued_up_to_its_second),
		T(many_revocations_are_all_remembered), T(disabling_an_admin_takes_his_tokens), T(new_users_are_judged),
		T(passwords_are_not_used_again), T(a_deleted_admin_is_gone_with_his_tokens), T(a_changed_role_acts_on_tokens_that_are_out),
		T(a_caller_keeps_its_rights_until_released), T(rights_name_the_rule_that_decided),
		T(roles_are_made_listed_shown_and_deleted),
		T(a_signed_request_is_its_integrations), T(laminas_order_of_names_is_taken_too), T(oauth_errors_come_in_magentos_order),
		T(an_integrations_token_as_bearer_needs_the_setting), T(a_deleted_integration_is_gone), T(views_are_replaced_under_readers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
