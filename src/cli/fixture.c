/*
 * Loads a fixture. Passwords are hashed once each, not once a user: a sandbox that starts in half a second is worth more than ten
 * salts in a store that is thrown away.
 */
#include "cli/fixture.h"

#include <errno.h>

#include "auth/integration.h"
#include "auth/key_store.h"
#include "auth/password.h"
#include "auth/role.h"
#include "auth/shop_config.h"
#include "auth/tfa.h"
#include "auth/user.h"
#include "core/clock.h"
#include "core/json.h"
#include "customer/account.h"

#define MAX_FILE (16u << 20)

struct loading {
	struct fer_house *house;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	struct fer_fault fault;
	struct fer_value hashes;      /* password -> stored text */
	int64_t now_s;
};

int fer_fixture_read(struct fer_arena *arena, const char *path, struct fer_value *out, char why[256])
{
	struct fer_buf buf;
	char piece[4096];
	size_t n;
	FILE *file = fopen(path, "re");

	if (!file) {
		snprintf(why, 256, "%.180s: %s", path, strerror(errno));
		return -errno;
	}
	fer_buf_init(&buf, arena, MAX_FILE);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		fer_buf_add(&buf, piece, n);
	fclose(file);
	if (!buf.overflow && fer_json_read(arena, fer_buf_view(&buf), out) == 0 && out->kind == FER_V_MAP)
		return 0;
	snprintf(why, 256, "%.180s is not a JSON object", path);
	return -EINVAL;
}

int fer_fixture_key(struct fer_house *house, const struct fer_value *fixture, char why[256])
{
	const struct fer_value *given = fixture ? fer_get(fixture, "crypt_key") : NULL;
	char key[33];
	int r;

	if (given && given->kind == FER_V_STRING)
		return fer_keys_save(house->store, given->text, why);
	fer_keys_generate(key);
	r = fer_keys_save(house->store, fer_str(key), why);
	explicit_bzero(key, sizeof(key));
	return r;
}

static struct fer_str *resource_list(struct loading *loading, const struct fer_value *list)
{
	struct fer_str *out = FER_NEW_ARRAY(loading->arena, fer_count(list) + 1, struct fer_str);

	for (size_t i = 0; i < fer_count(list); i++)
		out[i] = fer_as_str(loading->arena, fer_at(list, i));
	return out;
}

static int load_role(struct loading *loading, const struct fer_value *row)
{
	const struct fer_value *resources = fer_get(row, "resources");
	int64_t id;

	return fer_role_create(loading->house->auth, loading->actor, loading->arena, fer_map_str(loading->arena, row, "name"),
	                       resource_list(loading, resources), fer_count(resources), &loading->fault, &id);
}

static int hash_of(struct loading *loading, struct fer_str password, struct fer_str *out)
{
	const struct fer_value *known = fer_get_str(&loading->hashes, password);
	char text[FER_PASSWORD_TEXT_MAX];
	int r;

	if (known) {
		*out = known->text;
		return 0;
	}
	if ((r = fer_password_hash(password, text)))
		return r;
	*out = fer_str_dup(loading->arena, fer_str(text));
	fer_set_str(loading->arena, &loading->hashes, password, fer_string(*out));
	return 0;
}

static int load_user(struct loading *loading, const struct fer_value *row)
{
	struct fer_auth *auth = loading->house->auth;
	struct fer_arena *arena = loading->arena;
	struct fer_user_new user = {
		.username = fer_map_str(arena, row, "username"), .email = fer_map_str(arena, row, "email"),
		.firstname = fer_map_str(arena, row, "firstname"), .lastname = fer_map_str(arena, row, "lastname"),
		.hash = fer_map_str(arena, row, "hash"), .inactive = !fer_map_bool(row, "is_active", true),
	};
	int64_t id;
	int r = 0;

	if (!user.hash.len)
		r = hash_of(loading, fer_map_str(arena, row, "password"), &user.hash);
	if (!r && fer_has(row, "role"))
		r = fer_role_find(auth, arena, fer_map_str(arena, row, "role"), &loading->fault, &user.role_id);
	if (!r && !(r = fer_user_create(auth, loading->actor, arena, loading->now_s, &user, &loading->fault, &id)) && fer_has(row, "tfa_secret"))
		r = fer_tfa_set_secret(auth, arena, loading->actor, id, fer_map_str(arena, row, "tfa_secret"));
	return r;
}

static int load_integration(struct loading *loading, const struct fer_value *row)
{
	struct fer_arena *arena = loading->arena;
	const struct fer_value *resources = fer_get(row, "resources");
	struct fer_integration_new integration = {
		.name = fer_map_str(arena, row, "name"), .email = fer_map_str(arena, row, "email"),
		.status = (enum fer_integration_status)fer_map_int(row, "status", FER_INTEGRATION_ACTIVE),
		.all_resources = fer_map_bool(row, "all_resources", false),
		.resources = resource_list(loading, resources), .n_resources = fer_count(resources),
		.consumer_key = fer_map_str(arena, row, "consumer_key"), .consumer_secret = fer_map_str(arena, row, "consumer_secret"),
		.access_token = fer_map_str(arena, row, "access_token"),
		.access_token_secret = fer_map_str(arena, row, "access_token_secret"),
	};
	struct fer_integration_secrets secrets;
	int r = fer_integration_create(loading->house->auth, loading->actor, arena, loading->now_s, &integration, &loading->fault, &secrets);

	explicit_bzero(&secrets, sizeof(secrets));
	return r;
}

static int load_config(struct loading *loading, const struct fer_value *row)
{
	struct fer_arena *arena = loading->arena;
	struct fer_str scope = fer_has(row, "scope") ? fer_map_str(arena, row, "scope") : FER_S("default");

	return fer_shop_config_set(loading->house->auth, loading->actor, scope, (int)fer_map_int(row, "scope_id", 0), fer_map_str(arena, row, "path"),
	                      fer_map_str(arena, row, "value"));
}

static int load_customer(struct loading *loading, const struct fer_value *row)
{
	struct fer_str hash = fer_map_str(loading->arena, row, "hash");
	int r = 0;

	if (!hash.len && fer_has(row, "password"))
		r = hash_of(loading, fer_map_str(loading->arena, row, "password"), &hash);
	return r ? r : fer_customer_add(loading->house->store, loading->house->auth, loading->arena, loading->now_s, row, hash,
	                                &loading->fault);
}

static void say_why(struct loading *loading, int r, const char *part, size_t i, char why[256])
{
	struct fer_str message = r > 0 && loading->fault.n ? fer_fault_message(loading->arena, &loading->fault.items[0])
	                                                   : fer_str(strerror(r < 0 ? -r : EINVAL));

	snprintf(why, 256, "fixture, %s %zu: %.*s", part, i + 1, FER_F(fer_str_take(message, 160)));
}

int fer_fixture_load(struct fer_house *house, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_value *fixture,
                     char why[256])
{
	static const struct { const char *name; int (*load)(struct loading *loading, const struct fer_value *row); } parts[] = {
		{ "roles", load_role }, { "users", load_user }, { "integrations", load_integration },
		{ "config", load_config },
		{ "customers", load_customer },
	};
	struct loading loading = { .house = house, .actor = actor, .arena = arena, .hashes = fer_map() };
	struct fer_clock clock;
	int r;

	fer_clock_init(&clock);
	loading.now_s = fer_now_s(&clock);
	for (size_t p = 0; p < FER_ARRAY_LEN(parts); p++) {
		const struct fer_value *rows = fer_get(fixture, parts[p].name);

		for (size_t i = 0; i < fer_count(rows); i++) {
			if ((r = parts[p].load(&loading, fer_at(rows, i)))) {
				say_why(&loading, r, parts[p].name, i, why);
				return r < 0 ? r : -EINVAL;
			}
		}
	}
	return 0;
}
