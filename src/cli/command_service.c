/*
 * ferrite token service …: tokens for machines, on a store that a server may be using at the same time.
 */
#include "auth/service_store.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"

static int64_t now_s(void)
{
	struct fer_clock clock;

	fer_clock_init(&clock);
	return fer_now_s(&clock);
}

static struct fer_service_maker maker_of(struct fer_cli *cli, struct fer_house *house, struct fer_fault *fault)
{
	return (struct fer_service_maker){ .auth = house->auth, .arena = cli->arena, .actor = fer_cli_actor(cli), .now_s = now_s(),
	                                   .fault = fault };
}

/* "a, b" to a list. */
static struct fer_value words_of(struct fer_cli *cli, const char *text)
{
	struct fer_str rest = fer_str_trim(fer_str(text)), word;
	struct fer_value out = fer_list();

	while (rest.len && fer_str_cut(&rest, ',', &word))
		fer_push(cli->arena, &out, fer_string(fer_str_trim(word)));
	return out;
}

/* A whole number of an option; @otherwise when it is not given. False: it is none. */
static bool number_of(struct fer_cli *cli, const char *name, int64_t otherwise, int64_t *out)
{
	const char *text = fer_cli_option(cli, name);

	*out = otherwise;
	return !text || fer_str_int(fer_str(text), out);
}

static void print_token(const struct fer_value *token)
{
	const struct fer_value *text = fer_get(token, "token"), *accessor = fer_get(token, "accessor"), *expires = fer_get(token, "expires_at");

	printf("accessor: %.*s\nexpires:  %.*s UTC\ntoken (shown only now): %.*s\n", FER_F(accessor->text), FER_F(expires->text), FER_F(text->text));
}

/* -- create ------------------------------------------------------------------------------------------------------- */

static int create(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	const struct fer_service_maker maker = maker_of(cli, house, &fault);
	struct fer_service_new in = { .name = fer_str(cli->words[0]), .owner = fer_str(fer_cli_option(cli, "owner")),
	                              .resources = words_of(cli, fer_cli_option(cli, "resources")),
	                              .addresses = words_of(cli, fer_cli_option(cli, "addresses")) };
	struct fer_value out;
	int64_t days;

	if (!in.owner.len)
		return fer_cli_fail(cli, "--owner is needed");
	if (!number_of(cli, "days", 0, &days) || days < 1 || days > 36600)
		return fer_cli_fail(cli, "--days is needed: a whole number from 1");
	if (!number_of(cli, "unused-days", -1, &in.unused_days))
		return fer_cli_fail(cli, "--unused-days is no number");
	in.expires_in_s = days * 86400;
	if (fer_cli_result(cli, fer_service_create(&maker, &in, &out), &fault))
		return 1;
	print_token(&out);
	return 0;
}

const struct fer_command fer_command_service_create = {
	.name = "token service create",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "owner", "USER", "the admin in whose name it acts, needed" },
	            { "days", "DAYS", "how long it lives, needed" },
	            { "resources", "LIST", "ACL resources with commas: exactly these, and never more than the owner has" },
	            { "addresses", "LIST", "addresses and ranges it may come from, with commas (default: everywhere)" },
	            { "unused-days", "DAYS", "revoked when not used for so long; 0: never (default: ferrite/service_token/unused_days)" }),
	.summary = "Make a service token and show its text once",
	.work = create,
};

/* -- list --------------------------------------------------------------------------------------------------------- */

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "accessor", "name", "user", "state", "issued_at", "expires_at", "last_used_at", "last_address", NULL };
	struct fer_fault fault = { 0 };
	const struct fer_service_maker maker = maker_of(cli, house, &fault);
	struct fer_value tokens;
	int r = fer_service_list(&maker, &tokens);

	if (!r)
		fer_cli_table(cli, &tokens, columns);
	return fer_cli_result(cli, r, &fault);
}

const struct fer_command fer_command_service_list = {
	.name = "token service list",
	.settings = true,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "List the service tokens",
	.work = list,
};

/* -- rotate, revoke ----------------------------------------------------------------------------------------------- */

static int rotate(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	const struct fer_service_maker maker = maker_of(cli, house, &fault);
	struct fer_value out;
	int64_t overlap_s;

	if (!fer_cli_option(cli, "overlap") || !number_of(cli, "overlap", 0, &overlap_s))
		return fer_cli_fail(cli, "--overlap is needed: seconds, 0 ends the old token at once");
	if (fer_cli_result(cli, fer_service_rotate(&maker, fer_str(cli->words[0]), overlap_s, &out), &fault))
		return 1;
	print_token(&out);
	return 0;
}

static int revoke(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	const struct fer_service_maker maker = maker_of(cli, house, &fault);

	if (fer_cli_result(cli, fer_service_revoke(&maker, fer_str(cli->words[0]), FER_S("revoked")), &fault))
		return 1;
	printf("service token %s: revoked\n", cli->words[0]);
	return 0;
}

#define ACCESSOR_COMMAND .words = "ACCESSOR", .n_words_least = 1, .n_words_most = 1, .settings = true

const struct fer_command fer_command_service_rotate = {
	.name = "token service rotate", ACCESSOR_COMMAND, .summary = "Replace a service token by a new one of the same rights",
	FER_OPTIONS({ "overlap", "SECONDS", "how long the old one still works, needed" }), .work = rotate,
};
const struct fer_command fer_command_service_revoke = {
	.name = "token service revoke", ACCESSOR_COMMAND, .summary = "Revoke a service token at once", .work = revoke,
};
