/*
 * ferrite user show, rights, change, delete: one admin user, as /ferrite/v1/users has it.
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

static int find(struct fer_cli *cli, struct fer_house *house, struct fer_fault *fault, int64_t *id)
{
	return fer_user_find(house->auth, cli->arena, fer_str(cli->words[0]), fault, id);
}

/* -- show, rights ------------------------------------------------------------------------------------------------ */

static int show(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	struct fer_value user;
	int64_t id;
	int r = find(cli, house, &fault, &id);

	if (!r)
		r = fer_user_show(house->auth, cli->arena, now_s(), id, &fault, &user);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	for (uint32_t i = 0; i < user.map.n; i++)
		printf("%.*s\t%.*s\n", FER_F(user.map.members[i].name), FER_F(fer_as_str(cli->arena, &user.map.members[i].value)));
	return 0;
}

static int rights(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "resource", "allowed", "rule", "from", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value out;
	int64_t id;
	int r = find(cli, house, &fault, &id);

	if (!r)
		r = fer_user_rights(house->auth, cli->arena, id, &fault, &out);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	fer_cli_table(cli, fer_get(&out, "resources"), columns);
	return 0;
}

/* -- change, delete ---------------------------------------------------------------------------------------------- */

/* The role by its name; an empty one takes the role away. */
static int read_role(struct fer_cli *cli, struct fer_house *house, struct fer_user_change *change, struct fer_fault *fault)
{
	const char *name = fer_cli_option(cli, "role");

	change->sets_role = name != NULL;
	if (!name || !name[0])
		return 0;
	return fer_role_find(house->auth, cli->arena, fer_str(name), fault, &change->role_id);
}

static int read_expiry(struct fer_cli *cli, struct fer_user_change *change, struct fer_fault *fault)
{
	const char *text = fer_cli_option(cli, "expires");

	change->sets_expiry = text != NULL;
	if (!text || !strcmp(text, "never") || fer_time_parse(fer_str(text), &change->expires_s))
		return 0;
	return fer_fault_add(cli->arena, fault, FER_E_USER_EXPIRES, NULL);
}

static int change(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_user_change change = {
		.username = fer_str(fer_cli_option(cli, "username")), .email = fer_str(fer_cli_option(cli, "email")),
		.firstname = fer_str(fer_cli_option(cli, "firstname")), .lastname = fer_str(fer_cli_option(cli, "lastname")),
	};
	struct fer_fault fault = { 0 };
	int64_t id;
	int r;

	if (!(r = find(cli, house, &fault, &id)) && !(r = read_role(cli, house, &change, &fault)) && !(r = read_expiry(cli, &change, &fault)))
		r = fer_user_change(house->auth, fer_cli_actor(cli), cli->arena, now_s(), id, &change, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("user %s: changed\n", cli->words[0]);
	return 0;
}

static int delete(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	int64_t id;
	int r = find(cli, house, &fault, &id);

	if (!r)
		r = fer_user_delete(house->auth, fer_cli_actor(cli), cli->arena, now_s(), id, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("user %s: deleted, its tokens are revoked\n", cli->words[0]);
	return 0;
}

#define NAME_COMMAND .words = "NAME", .n_words_least = 1, .n_words_most = 1, .settings = true

const struct fer_command fer_command_user_show = {
	.name = "user show", NAME_COMMAND, .summary = "Show one admin user", .work = show,
};
const struct fer_command fer_command_user_rights = {
	.name = "user rights", NAME_COMMAND, .work = rights, FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "Show what an admin user may: every ACL resource with the rule that decided",
};
const struct fer_command fer_command_user_change = {
	.name = "user change", NAME_COMMAND, .work = change, .summary = "Change an admin user",
	FER_OPTIONS({ "username", "NAME", "another name" }, { "email", "ADDRESS", "another e-mail" }, { "firstname", "TEXT", "another first name" },
	            { "lastname", "TEXT", "another last name" }, { "role", "ROLE", "name of another role; empty: none" },
	            { "expires", "TIME", "2030-12-31 or \"2030-12-31 23:59:59\" (UTC): the account ends then; never" }),
};
const struct fer_command fer_command_user_delete = {
	.name = "user delete", NAME_COMMAND, .summary = "Delete an admin user and revoke its tokens", .work = delete,
};
