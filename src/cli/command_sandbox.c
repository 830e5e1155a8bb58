/*
 * ferrite sandbox: a server on a throw-away store, for the tests of whoever talks to Magento.
 */
#include <errno.h>

#include "auth/role.h"
#include "auth/user.h"
#include "cli/commands.h"
#include "cli/fixture.h"
#include "cli/house.h"
#include "cli/sample.h"
#include "core/clock.h"

static int open_house(struct fer_cli *cli, struct fer_house *house, const struct fer_value *fixture, char why[256])
{
	int r;

	cli->settings.database = "sqlite::memory:";
	r = fer_house_store(house, &cli->settings, true, why);
	if (!r)
		r = fer_fixture_key(house, fixture, why);
	if (!r)
		r = fer_house_auth(house, &cli->settings, why);
	return r;
}

/* Without a fixture there is one admin, so that a token can be had at once. */
static int add_admin(struct fer_cli *cli, struct fer_house *house, char why[256])
{
	struct fer_fault fault = { 0 };
	struct fer_clock clock;
	struct fer_user_new user = { .username = FER_S("admin"), .email = FER_S("admin@example.com"), .firstname = FER_S("Admin"),
	                             .lastname = FER_S("User") };
	int64_t id;
	bool made;
	int r;

	fer_clock_init(&clock);
	r = fer_cli_password(cli, cli->settings.admin_password, &user.password, &made);
	if (!r)
		r = fer_role_find(house->auth, cli->arena, FER_S("Administrators"), &fault, &user.role_id);
	if (!r)
		r = fer_user_create(house->auth, fer_cli_actor(cli), cli->arena, fer_now_s(&clock), &user, &fault, &id);
	if (r > 0 && fault.n)
		snprintf(why, 256, "%.*s", FER_F(fer_str_take(fer_fault_message(cli->arena, &fault.items[0]), 200)));
	else if (!r && made)
		printf("admin: admin, password: %.*s\n", FER_F(user.password));
	return r;
}

static int fill(struct fer_cli *cli, struct fer_house *house, const struct fer_value *fixture, char why[256])
{
	int r = fixture ? fer_fixture_load(house, fer_cli_actor(cli), cli->arena, fixture, why) : add_admin(cli, house, why);

	if (!r)
		r = fer_house_server(house, &cli->settings, why);
	if (!r && fer_cli_option(cli, "sample"))
		r = fer_sample_load(house, cli->arena, why);
	return r;
}

static int run(struct fer_cli *cli)
{
	const char *path = fer_cli_option(cli, "fixture");
	struct fer_house house = { .sandbox = true };
	struct fer_value fixture = { 0 };
	char why[256] = "";
	int r = path ? fer_fixture_read(cli->arena, path, &fixture, why) : 0;

	if (!r)
		r = open_house(cli, &house, path ? &fixture : NULL, why);
	if (!r)
		r = fill(cli, &house, path ? &fixture : NULL, why);
	r = r ? fer_cli_fail(cli, "%s", why[0] ? why : strerror(r < 0 ? -r : EINVAL)) : fer_house_serve(&house, cli);
	fer_house_close(&house);
	return r;
}

/* Tests guess passwords for a living. */
static const char *const defaults[] = { "limit_token_source", "0", "limit_token_user", "0", "hash_budget", "0", NULL };

const struct fer_command fer_command_sandbox = {
	.name = "sandbox",
	.settings = true,
	.defaults = defaults,
	FER_OPTIONS({ "fixture", "FILE", "JSON file with crypt key, roles, users, integrations and configuration" },
	            { "sample", NULL, "with a small catalogue: 6 categories, 12 products" },
	            { "password-stdin", NULL, "without a fixture: read the admin's password from standard input" }),
	.summary = "Serve a throw-away store in memory, with the rows of a clean install",
	.text = "Prints \"listening on http://…\" when it answers; --listen 127.0.0.1:0 picks a free port. Without a fixture there is one\n"
	        "admin, \"admin\", whose password is FERRITE_ADMIN_PASSWORD, else a new one that is shown.",
	.run = run,
};
