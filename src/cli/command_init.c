/*
 * ferrite init: schema, the rows of a clean install, a crypt key, the first admin. Run again it changes nothing that is there.
 */
#include <errno.h>

#include "auth/key_store.h"
#include "auth/role.h"
#include "auth/user.h"
#include "cli/commands.h"
#include "cli/fixture.h"
#include "cli/house.h"
#include "cli/sample.h"
#include "core/clock.h"

/* A key given by setting or environment is not copied into the store: it has its place already. */
static int ensure_key(struct fer_house *house, const struct fer_settings *settings, bool *made, char why[256])
{
	struct fer_keys *keys = NULL;
	char key[33];
	int r = fer_keys_load(house->store, fer_str(settings->crypt_key), &keys, why);

	fer_keys_free(keys);
	if (r != -ENOENT)
		return r;
	fer_keys_generate(key);
	r = fer_keys_save(house->store, fer_str(key), why);
	explicit_bzero(key, sizeof(key));
	*made = r == 0;
	return r;
}

static int create_admin(struct fer_cli *cli, struct fer_house *house, struct fer_str name, struct fer_str password)
{
	struct fer_clock clock;
	struct fer_fault fault = { 0 };
	const char *email = fer_cli_option(cli, "email");
	struct fer_user_new user = { .username = name, .password = password, .firstname = FER_S("Admin"), .lastname = FER_S("User"),
	                             .email = fer_str(email ? email : "admin@example.com") };
	int64_t id;
	int r;

	fer_clock_init(&clock);
	r = fer_role_find(house->auth, cli->arena, FER_S("Administrators"), &fault, &user.role_id);
	if (!r)
		r = fer_user_create(house->auth, fer_cli_actor(cli), cli->arena, fer_now_s(&clock), &user, &fault, &id);
	return fer_cli_result(cli, r, &fault);
}

static int first_admin(struct fer_cli *cli, struct fer_house *house)
{
	const char *option = fer_cli_option(cli, "admin");
	struct fer_str name = fer_str(option ? option : "admin"), password;
	struct fer_value users;
	bool made;

	if (fer_user_list(house->auth, cli->arena, 0, &users))
		return fer_cli_fail(cli, "the users cannot be read");
	if (fer_count(&users) > 0 && !option) {
		printf("the store is ready; its admins stay as they are\n");
		return 0;
	}
	if (fer_cli_password(cli, cli->settings.admin_password, &password, &made))
		return fer_cli_fail(cli, "standard input holds no password");
	if (create_admin(cli, house, name, password))
		return 1;
	printf("the store is ready; admin: %.*s\n", FER_F(name));
	if (made)
		printf("password (shown only now): %.*s\n", FER_F(password));
	return 0;
}

/* A test's store: who is there comes from a file. */
static int load_fixture(struct fer_cli *cli, struct fer_house *house, const struct fer_value *fixture)
{
	char why[256] = "";

	if (fer_fixture_load(house, fer_cli_actor(cli), cli->arena, fixture, why))
		return fer_cli_fail(cli, "%s", why);
	printf("the store is ready and holds the fixture\n");
	return 0;
}

static int load_sample(struct fer_cli *cli, struct fer_house *house)
{
	char why[256] = "";

	if (fer_house_server(house, &cli->settings, why) || fer_sample_load(house, cli->arena, why))
		return fer_cli_fail(cli, "%s", why);
	printf("the sample catalogue is in\n");
	return 0;
}

static int open_house(struct fer_cli *cli, struct fer_house *house, const struct fer_value *fixture, char why[256])
{
	struct fer_audit_event event = { .name = FER_AUDIT_KEY_CREATE, .actor = fer_cli_actor(cli) };
	bool made = false;
	int r = fer_house_store(house, &cli->settings, true, why);

	if (!r)
		r = fixture ? fer_fixture_key(house, fixture, why) : ensure_key(house, &cli->settings, &made, why);
	if (!r)
		r = fer_house_auth(house, &cli->settings, why);
	if (r || !made)
		return r;
	event.target = fer_str_fmt(cli->arena, "key:%s", fer_keys_kid(house->keys, 0));
	return fer_audit_note(fer_auth_audit(house->auth), &event);
}

static int run(struct fer_cli *cli)
{
	const char *path = fer_cli_option(cli, "fixture");
	struct fer_house house = { 0 };
	struct fer_value fixture;
	char why[256] = "";
	int r = path ? fer_fixture_read(cli->arena, path, &fixture, why) : 0;

	if (!r)
		r = open_house(cli, &house, path ? &fixture : NULL, why);
	if (r)
		r = fer_cli_fail(cli, "%s", why[0] ? why : strerror(-r));
	else
		r = path ? load_fixture(cli, &house, &fixture) : first_admin(cli, &house);
	if (!r && fer_cli_option(cli, "sample"))
		r = load_sample(cli, &house);
	fer_house_close(&house);
	return r;
}

const struct fer_command fer_command_init = {
	.name = "init",
	.settings = true,
	FER_OPTIONS({ "admin", "NAME", "name of the first admin (default: admin)" },
	            { "email", "ADDRESS", "the admin's e-mail (default: admin@example.com)" },
	            { "password-stdin", NULL, "read the admin's password from standard input" },
	            { "sample", NULL, "with a small catalogue: 6 categories, 12 products" },
	            { "fixture", "FILE", "for tests: crypt key, users and the like from a JSON file, as in ferrite sandbox" }),
	.summary = "Make a store: schema, the rows of a clean install, a crypt key, the first admin",
	.text = "Without --password-stdin the password is FERRITE_ADMIN_PASSWORD, else a new one that is shown once.\n"
	        "On a store that is there, init brings the schema up to date and changes nothing else.",
	.run = run,
};
