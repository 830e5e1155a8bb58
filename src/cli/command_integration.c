/*
 * ferrite integration …: clients that sign with OAuth 1.0a. Their secrets are made here and shown once; none is ever a word or an option.
 */
#include "auth/integration.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"
#include "store/config.h"

static int64_t now_s(void)
{
	struct fer_clock clock;

	fer_clock_init(&clock);
	return fer_now_s(&clock);
}

/* The word is an id, or else a name. */
static int find(struct fer_cli *cli, struct fer_house *house, struct fer_fault *fault, int64_t *id)
{
	struct fer_str word = fer_str(cli->words[0]);

	if (fer_str_int(word, id) && *id > 0)
		return 0;
	return fer_integration_find(house->auth, cli->arena, word, fault, id);
}

/* -- secrets ----------------------------------------------------------------------------------------------------- */

static struct fer_value secrets_map(struct fer_cli *cli, const struct fer_integration_secrets *secrets)
{
	const struct { const char *name, *value; } rows[] = {
		{ "consumer_key", secrets->consumer_key },   { "consumer_secret", secrets->consumer_secret },
		{ "access_token", secrets->access_token },   { "access_token_secret", secrets->access_token_secret },
		{ "verifier", secrets->verifier },
	};
	struct fer_value out = fer_map();

	fer_set(cli->arena, &out, "id", fer_int(secrets->integration_id));
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		if (rows[i].value[0])
			fer_set(cli->arena, &out, rows[i].name, fer_string(fer_str_dup(cli->arena, fer_str(rows[i].value))));
	return out;
}

/* What Magento posts to the endpoint is for the operator to hand over: ferrite calls nobody. */
static int print_secrets(struct fer_cli *cli, struct fer_house *house, struct fer_integration_secrets *secrets)
{
	struct fer_value out = secrets_map(cli, secrets);
	struct fer_str base_url;
	int r;

	if ((r = fer_config_base_url(house->store, cli->arena, 0, true, &base_url)))
		return r;
	if (secrets->verifier[0])
		fer_set(cli->arena, &out, "store_base_url", fer_string(base_url));
	if (!fer_cli_option(cli, "json"))
		printf(secrets->verifier[0] ? "Hand these to the endpoint now: the exchange is open for %lld seconds, and they are shown only once.\n"
		                            : "Shown only once:\n",
		       (long long)fer_config_int(house->store, 0, "oauth/consumer/expiration_period", 300));
	fer_cli_map(cli, &out);
	explicit_bzero(secrets, sizeof(*secrets));
	return 0;
}

static int activate_by(struct fer_cli *cli, struct fer_house *house, int64_t id, enum fer_integration_act act, struct fer_fault *fault)
{
	struct fer_integration_secrets secrets;
	int r = fer_integration_activate(house->auth, fer_cli_actor(cli), cli->arena, now_s(), id, act, fault, &secrets);

	return r ? r : print_secrets(cli, house, &secrets);
}

/* -- the commands ------------------------------------------------------------------------------------------------ */

static int create(struct fer_cli *cli, struct fer_house *house)
{
	const char *resources = fer_cli_option(cli, "resources");
	struct fer_integration_new integration = {
		.name = fer_str(cli->words[0]), .email = fer_str(fer_cli_option(cli, "email")),
		.endpoint = fer_str(fer_cli_option(cli, "endpoint")), .identity_link_url = fer_str(fer_cli_option(cli, "identity-link")),
	};
	struct fer_integration_secrets secrets;
	struct fer_fault fault = { 0 };
	int r;

	if (!resources)
		return fer_cli_fail(cli, "--resources is missing: an integration without rights is no use");
	integration.resources = fer_cli_list(cli, resources, &integration.n_resources);
	r = fer_integration_create(house->auth, fer_cli_actor(cli), cli->arena, now_s(), &integration, &fault, &secrets);
	if (!r && !fer_cli_option(cli, "json"))
		printf("created integration %s with id %lld\n", cli->words[0], (long long)secrets.integration_id);
	if (!r && fer_cli_option(cli, "activate"))
		r = activate_by(cli, house, secrets.integration_id, FER_INTEGRATION_ACTIVATE, &fault);
	explicit_bzero(&secrets, sizeof(secrets));
	return fer_cli_result(cli, r, &fault);
}

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "id", "name", "email", "status", "endpoint", "all", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value rows;
	int r = fer_integration_list(house->auth, cli->arena, &rows);

	if (!r)
		fer_cli_table(cli, &rows, columns);
	return fer_cli_result(cli, r, &fault);
}

static int show(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	struct fer_value map;
	int64_t id;
	int r = find(cli, house, &fault, &id);

	if (!r)
		r = fer_integration_show(house->auth, cli->arena, id, &fault, &map);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	if (!fer_cli_option(cli, "json")) {
		struct fer_value resources = *fer_get(&map, "resources");

		fer_unset(&map, "resources");
		fer_cli_map(cli, &map);
		for (size_t i = 0; i < fer_count(&resources); i++)
			printf("  %.*s\n", FER_F(fer_as_str(cli->arena, fer_at(&resources, i))));
		return 0;
	}
	fer_cli_map(cli, &map);
	return 0;
}

static int act(struct fer_cli *cli, struct fer_house *house, enum fer_integration_act which)
{
	struct fer_fault fault = { 0 };
	int64_t id;
	int r = find(cli, house, &fault, &id);

	if (!r)
		r = activate_by(cli, house, id, which, &fault);
	return fer_cli_result(cli, r, &fault);
}

static int activate(struct fer_cli *cli, struct fer_house *house)
{
	return act(cli, house, FER_INTEGRATION_ACTIVATE);
}

static int reauthorize(struct fer_cli *cli, struct fer_house *house)
{
	return act(cli, house, fer_cli_option(cli, "rotate") ? FER_INTEGRATION_ROTATE : FER_INTEGRATION_REAUTHORIZE);
}

static int delete(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	int64_t id;
	int r = find(cli, house, &fault, &id);

	if (!r)
		r = fer_integration_delete(house->auth, fer_cli_actor(cli), cli->arena, id, &fault);
	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("deleted integration %s\n", cli->words[0]);
	return 0;
}

#define ONE_WORD .words = "NAME-OR-ID", .n_words_least = 1, .n_words_most = 1, .settings = true
#define ENDPOINT_TEXT \
	"An integration with an endpoint gets a verifier, which the endpoint exchanges for its token at /oauth/token/request and\n" \
	"/oauth/token/access. Magento would post it there; ferrite opens no connections and prints it for you to hand over."

const struct fer_command fer_command_integration_create = {
	.name = "integration create",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "resources", "LIST", "ACL resources with commas; Magento_Backend::all gives everything" },
	            { "email", "ADDRESS", "whom to ask about it" }, { "endpoint", "URL", "https URL of a client that exchanges tokens itself" },
	            { "identity-link", "URL", "https URL of its sign-in page" }, { "activate", NULL, "activate it at once" },
	            { "json", NULL, "print the secrets as JSON" }),
	.summary = "Make an integration, which signs its requests with OAuth 1.0a",
	.text = ENDPOINT_TEXT,
	.work = create,
};
const struct fer_command fer_command_integration_list = {
	.name = "integration list",
	.settings = true,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "List the integrations",
	.work = list,
};
const struct fer_command fer_command_integration_show = {
	.name = "integration show",
	ONE_WORD,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "Show an integration and what it may do, without its secrets",
	.work = show,
};
const struct fer_command fer_command_integration_activate = {
	.name = "integration activate",
	ONE_WORD,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.summary = "Give an integration its token; its secrets are shown once",
	.text = ENDPOINT_TEXT,
	.work = activate,
};
const struct fer_command fer_command_integration_reauthorize = {
	.name = "integration reauthorize",
	ONE_WORD,
	FER_OPTIONS({ "rotate", NULL, "a new consumer secret too" }, { "json", NULL, "as JSON" }),
	.summary = "Give an integration a new token; the old one ends at once",
	.text = ENDPOINT_TEXT,
	.work = reauthorize,
};
const struct fer_command fer_command_integration_delete = {
	.name = "integration delete",
	ONE_WORD,
	.summary = "Delete an integration with its tokens and rights",
	.work = delete,
};
