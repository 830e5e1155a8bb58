/*
 * ferrite config …: the shop's configuration, rows of core_config_data over Magento's built-in values. A running server sees a change
 * within its poll time.
 */
#include "auth/shop_config.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "store/config.h"
#include "store/config_path.h"

/* --scope and --scope-code, or --scope websites/CODE; without them the default scope. */
static int find_place(struct fer_cli *cli, struct fer_house *house, struct fer_config_place *out)
{
	const char *scope = fer_cli_option(cli, "scope"), *code = fer_cli_option(cli, "scope-code");
	struct fer_fault fault = { 0 };
	struct fer_str text = code ? fer_str_fmt(cli->arena, "%s/%s", scope ? scope : "", code) : fer_str(scope);

	return fer_cli_result(cli, fer_shop_config_place(house->auth, cli->arena, text, out, &fault), &fault);
}

static int get(struct fer_cli *cli, struct fer_house *house)
{
	const char *code = fer_cli_option(cli, "store");
	struct fer_store_view view = { 0 };
	struct fer_str value;
	int r;

	if (code && !fer_config_store_by_code(house->store, fer_str(code), &view))
		return fer_cli_fail(cli, "there is no store view \"%s\"", code);
	if ((r = fer_config_text(house->store, cli->arena, view.id, cli->words[0], &value)))
		return fer_cli_fail(cli, "%s", strerror(-r));
	if (!value.at)
		return fer_cli_fail(cli, "%s is not set", cli->words[0]);
	if (!fer_config_tells(fer_str(cli->words[0]), value))
		return fer_cli_fail(cli, "%s is set, and secret", cli->words[0]);
	printf("%.*s\n", FER_F(value));
	return 0;
}

static int read_value(struct fer_cli *cli, struct fer_str *out)
{
	struct fer_buf buf;
	char piece[4096];
	size_t n;

	if (cli->n_words == 2) {
		*out = fer_str(cli->words[1]);
		return 0;
	}
	if (!fer_cli_option(cli, "stdin"))
		return fer_cli_fail(cli, "VALUE is missing");
	fer_buf_init(&buf, cli->arena, 1u << 20);
	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		fer_buf_add(&buf, piece, n);
	*out = fer_buf_view(&buf);
	if (out->len && out->at[out->len - 1] == '\n')
		out->len--;
	return buf.overflow ? fer_cli_fail(cli, "the value is longer than a mebibyte") : 0;
}

static int set(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_shop_config_want want = { .path = fer_str(cli->words[0]), .unknown = fer_cli_option(cli, "unknown") != NULL };
	struct fer_fault fault = { 0 };
	int r;

	if (find_place(cli, house, &want.place) || read_value(cli, &want.value))
		return 1;
	r = fer_shop_config_change(house->auth, fer_cli_actor(cli), cli->arena, &want, &fault);
	if (r)
		return fer_cli_result(cli, r, &fault);
	printf("%s is set\n", cli->words[0]);
	return 0;
}

static int delete(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_shop_config_want want = { .path = fer_str(cli->words[0]) };
	struct fer_fault fault = { 0 };
	int r;

	if (find_place(cli, house, &want.place))
		return 1;
	if ((r = fer_shop_config_remove(house->auth, fer_cli_actor(cli), cli->arena, &want, &fault)))
		return fer_cli_result(cli, r, &fault);
	printf("%s is deleted\n", cli->words[0]);
	return 0;
}

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "scope", "scope_id", "path", "value", NULL };
	struct fer_value rows = fer_list();
	struct fer_config_row *found;
	size_t n;
	int r = fer_config_list(house->store, cli->arena, cli->n_words ? fer_str(cli->words[0]) : FER_S(""),
	                        fer_cli_option(cli, "builtin") != NULL, &found, &n);

	if (r)
		return fer_cli_fail(cli, "%s", strerror(-r));
	for (size_t i = 0; i < n; i++) {
		struct fer_value row = fer_map();

		fer_set(cli->arena, &row, "scope", fer_string(found[i].scope));
		fer_set(cli->arena, &row, "scope_id", fer_int(found[i].scope_id));
		fer_set(cli->arena, &row, "path", fer_string(found[i].path));
		fer_set(cli->arena, &row, "value", !found[i].value.at ? fer_null() : fer_config_tells(found[i].path, found[i].value)
		        ? fer_string(found[i].value) : fer_text("(secret)"));
		fer_push(cli->arena, &rows, row);
	}
	fer_cli_table(cli, &rows, columns);
	return 0;
}

#define SCOPE_OPTIONS { "scope", "SCOPE", "default (when left out), websites/CODE or stores/CODE" }, \
	{ "scope-code", "CODE", "the code, where --scope names none" }

const struct fer_command fer_command_config_get = {
	.name = "config get",
	.words = "PATH",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "store", "CODE", "as this store view sees it (default: the admin scope)" }),
	.summary = "Print the value in force of a configuration path, such as webapi/jwtauth/admin_expiration",
	.work = get,
};
const struct fer_command fer_command_config_set = {
	.name = "config set",
	.words = "PATH VALUE",
	.n_words_least = 1,
	.n_words_most = 2,
	.settings = true,
	FER_OPTIONS(SCOPE_OPTIONS, { "stdin", NULL, "read VALUE from standard input (for what is secret)" },
	            { "unknown", NULL, "also a path that ferrite does not know" }),
	.summary = "Set a configuration path",
	.work = set,
};
const struct fer_command fer_command_config_list = {
	.name = "config list",
	.words = "[PREFIX]",
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "builtin", NULL, "also Magento's built-in values" }, { "json", NULL, "as JSON" }),
	.summary = "List the configuration that was set, or all of it",
	.work = list,
};
const struct fer_command fer_command_config_delete = {
	.name = "config delete",
	.words = "PATH",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS(SCOPE_OPTIONS),
	.summary = "Take a value back, so that the next wider scope counts again",
	.work = delete,
};
