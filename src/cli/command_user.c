/*
 * ferrite user …: admin users, on a store that a server may be using at the same time.
 */
#include "auth/role.h"
#include "auth/user.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"

static int64_t now_s(void)
{
	struct fer_clock clock;

	fer_clock_init(&clock);
	return fer_now_s(&clock);
}

/* -- create ------------------------------------------------------------------------------------------------------ */

static int create(struct fer_cli *cli, struct fer_house *house)
{
	const char *role = fer_cli_option(cli, "role");
	const char *firstname = fer_cli_option(cli, "firstname"), *lastname = fer_cli_option(cli, "lastname");
	struct fer_user_new user = { .username = fer_str(cli->words[0]), .email = fer_str(fer_cli_option(cli, "email")),
	                             .firstname = fer_str(firstname ? firstname : cli->words[0]),
	                             .lastname = fer_str(lastname ? lastname : cli->words[0]),
	                             .inactive = fer_cli_option(cli, "inactive") != NULL };
	struct fer_fault fault = { 0 };
	int64_t id;
	bool made;
	int r = 0;

	if (fer_cli_password(cli, getenv("FERRITE_USER_PASSWORD"), &user.password, &made))
		return fer_cli_fail(cli, "standard input holds no password");
	if (role)
		r = fer_role_find(house->auth, cli->arena, fer_str(role), &fault, &user.role_id);
	if (!r)
		r = fer_user_create(house->auth, fer_cli_actor(cli), cli->arena, now_s(), &user, &fault, &id);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("created user %s with id %lld\n", cli->words[0], (long long)id);
	if (made)
		printf("password (shown only now): %.*s\n", FER_F(user.password));
	return 0;
}

#define PASSWORD_TEXT "Without --password-stdin the password is FERRITE_USER_PASSWORD, else a new one that is shown once."

const struct fer_command fer_command_user_create = {
	.name = "user create",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "email", "ADDRESS", "e-mail, needed and unique" }, { "firstname", "TEXT", "first name (default: NAME)" },
	            { "lastname", "TEXT", "last name (default: NAME)" }, { "role", "ROLE", "name of the role; without one the user may do nothing" },
	            { "inactive", NULL, "make it disabled" }, { "password-stdin", NULL, "read the password from standard input" }),
	.summary = "Make an admin user",
	.text = PASSWORD_TEXT,
	.work = create,
};

/* -- list -------------------------------------------------------------------------------------------------------- */

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "id", "username", "email", "is_active", "role", "logdate", "lognum", "locked_until", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value users;
	int r = fer_user_list(house->auth, cli->arena, now_s(), &users);

	if (!r)
		fer_cli_table(cli, &users, columns);
	return fer_cli_result(cli, r, &fault);
}

const struct fer_command fer_command_user_list = {
	.name = "user list",
	.settings = true,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "List the admin users",
	.work = list,
};

/* -- enable, disable, unlock, password --------------------------------------------------------------------------- */

/* Finds the user of the first word, then lets @change do its work on him. */
static int with_user(struct fer_cli *cli, struct fer_house *house, const char *done,
                     int (*change)(struct fer_cli *cli, struct fer_house *house, int64_t id, struct fer_fault *fault))
{
	struct fer_fault fault = { 0 };
	int64_t id;
	int r = fer_user_find(house->auth, cli->arena, fer_str(cli->words[0]), &fault, &id);

	if (!r)
		r = change(cli, house, id, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("user %s: %s\n", cli->words[0], done);
	return 0;
}

static int set_disabled(struct fer_cli *cli, struct fer_house *house, int64_t id, struct fer_fault *fault)
{
	return fer_user_enable(house->auth, fer_cli_actor(cli), cli->arena, now_s(), id, false, fault);
}

static int set_enabled(struct fer_cli *cli, struct fer_house *house, int64_t id, struct fer_fault *fault)
{
	return fer_user_enable(house->auth, fer_cli_actor(cli), cli->arena, now_s(), id, true, fault);
}

static int set_unlocked(struct fer_cli *cli, struct fer_house *house, int64_t id, struct fer_fault *fault)
{
	return fer_user_unlock(house->auth, fer_cli_actor(cli), cli->arena, id, fault);
}

static int disable(struct fer_cli *cli, struct fer_house *house)
{
	return with_user(cli, house, "disabled, its tokens are revoked", set_disabled);
}

static int enable(struct fer_cli *cli, struct fer_house *house)
{
	return with_user(cli, house, "enabled", set_enabled);
}

static int unlock(struct fer_cli *cli, struct fer_house *house)
{
	return with_user(cli, house, "unlocked", set_unlocked);
}

static int password(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	struct fer_str text;
	int64_t id;
	bool made;
	int r;

	if (fer_cli_password(cli, getenv("FERRITE_USER_PASSWORD"), &text, &made))
		return fer_cli_fail(cli, "standard input holds no password");
	r = fer_user_find(house->auth, cli->arena, fer_str(cli->words[0]), &fault, &id);
	if (!r)
		r = fer_user_password(house->auth, fer_cli_actor(cli), cli->arena, now_s(), id, text, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("user %s: password changed\n", cli->words[0]);
	if (made)
		printf("password (shown only now): %.*s\n", FER_F(text));
	return 0;
}

#define NAME_COMMAND .words = "NAME", .n_words_least = 1, .n_words_most = 1, .settings = true

const struct fer_command fer_command_user_disable = {
	.name = "user disable", NAME_COMMAND, .summary = "Disable an admin user and revoke its tokens", .work = disable,
};
const struct fer_command fer_command_user_enable = {
	.name = "user enable", NAME_COMMAND, .summary = "Enable an admin user", .work = enable,
};
const struct fer_command fer_command_user_unlock = {
	.name = "user unlock", NAME_COMMAND, .summary = "Forget the failed sign-ins of an admin user", .work = unlock,
};
const struct fer_command fer_command_user_password = {
	.name = "user password", NAME_COMMAND, .summary = "Change the password of an admin user",
	FER_OPTIONS({ "password-stdin", NULL, "read the password from standard input" }),
	.text = PASSWORD_TEXT, .work = password,
};
