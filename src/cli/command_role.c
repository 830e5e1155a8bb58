/*
 * ferrite role …: roles of admin users and what they allow.
 */
#include "auth/role.h"
#include "cli/commands.h"
#include "cli/house.h"

static int create(struct fer_cli *cli, struct fer_house *house)
{
	size_t n;
	const struct fer_str *resources = fer_cli_list(cli, fer_cli_option(cli, "resources"), &n);
	struct fer_fault fault = { 0 };
	int64_t id;
	int r;

	if (!resources)
		return fer_cli_fail(cli, "--resources is missing: a role without rights is no use");
	r = fer_role_create(house->auth, fer_cli_actor(cli), cli->arena, fer_str(cli->words[0]), resources, n, &fault, &id);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("created role %s with id %lld\n", cli->words[0], (long long)id);
	return 0;
}

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "id", "name", "n_users", "all", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value roles;
	int r = fer_role_list(house->auth, cli->arena, &roles);

	if (!r)
		fer_cli_table(cli, &roles, columns);
	return fer_cli_result(cli, r, &fault);
}

static void print_list(struct fer_cli *cli, const char *title, const struct fer_value *items)
{
	printf("%s:\n", title);
	for (size_t i = 0; i < fer_count(items); i++)
		printf("  %.*s\n", FER_F(fer_as_str(cli->arena, fer_at(items, i))));
}

static int show(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	struct fer_value role;
	int64_t id;
	int r = fer_role_find(house->auth, cli->arena, fer_str(cli->words[0]), &fault, &id);

	if (!r)
		r = fer_role_show(house->auth, cli->arena, id, &fault, &role);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("%.*s (id %lld)%s\n", FER_F(fer_map_str(cli->arena, &role, "name")), (long long)id,
	       fer_map_bool(&role, "all", false) ? ", may do everything" : "");
	print_list(cli, "users", fer_get(&role, "users"));
	print_list(cli, "may", fer_get(&role, "allowed"));
	return 0;
}

static int change(struct fer_cli *cli, struct fer_house *house)
{
	const char *name = fer_cli_option(cli, "name");
	size_t n;
	const struct fer_str *resources = fer_cli_list(cli, fer_cli_option(cli, "resources"), &n);
	struct fer_fault fault = { 0 };
	int64_t id;
	int r = fer_role_find(house->auth, cli->arena, fer_str(cli->words[0]), &fault, &id);

	if (!r)
		r = fer_role_change(house->auth, fer_cli_actor(cli), cli->arena, id, fer_str(name), resources, n, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("changed role %s\n", cli->words[0]);
	return 0;
}

static int list_resources(struct fer_cli *cli)
{
	static const char *const columns[] = { "id", "parent", "title", NULL };
	struct fer_value tree = fer_role_tree(cli->arena);

	fer_cli_table(cli, &tree, columns);
	return 0;
}

static int delete(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	int64_t id;
	int r = fer_role_find(house->auth, cli->arena, fer_str(cli->words[0]), &fault, &id);

	if (!r)
		r = fer_role_delete(house->auth, fer_cli_actor(cli), cli->arena, id, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("deleted role %s\n", cli->words[0]);
	return 0;
}

const struct fer_command fer_command_role_create = {
	.name = "role create",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "resources", "LIST", "ACL resources with commas; Magento_Backend::all gives everything" }),
	.summary = "Make a role from ACL resources (ferrite routes names them)",
	.work = create,
};
const struct fer_command fer_command_role_list = {
	.name = "role list",
	.settings = true,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "List the roles",
	.work = list,
};
const struct fer_command fer_command_role_show = {
	.name = "role show",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	.summary = "Show who has a role and what it allows",
	.work = show,
};
const struct fer_command fer_command_role_change = {
	.name = "role change",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "name", "NAME", "another name" },
	            { "resources", "LIST", "what it allows from now on: ACL resources with commas; Magento_Backend::all gives everything" }),
	.summary = "Rename a role, or allow something else by it",
	.work = change,
};
const struct fer_command fer_command_role_resources = {
	.name = "role resources",
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "List the ACL resources that roles are made of",
	.run = list_resources,
};
const struct fer_command fer_command_role_delete = {
	.name = "role delete",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	.summary = "Delete a role that no user has",
	.work = delete,
};
