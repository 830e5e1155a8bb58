/*
 * ferrite token …: the registry of tokens, on a store that a server may be using at the same time. A token's text is read from standard
 * input or a file; it is never a word, an option or in what is printed.
 */
#include "api/explain.h"
#include "auth/audit.h"
#include "auth/lifetime.h"
#include "auth/registry.h"
#include "auth/token.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"

#define TOKEN_MAX 8192

static int64_t now_s(void)
{
	struct fer_clock clock;

	fer_clock_init(&clock);
	return fer_now_s(&clock);
}

/* Options are spelt as the routes' parameters, with dashes. */
static const char *option_of(struct fer_cli *cli, const char *name)
{
	char *spelt = fer_alloc(cli->arena, strlen(name) + 1);

	for (size_t i = 0; name[i]; i++)
		spelt[i] = name[i] == '_' ? '-' : name[i];
	spelt[strlen(name)] = '\0';
	return fer_cli_option(cli, spelt);
}

/* Returns 0, or the exit status after saying why. */
static int read_filter(struct fer_cli *cli, struct fer_house *house, struct fer_token_filter *filter)
{
	const char *user = fer_cli_option(cli, "user");
	int r = 0;

	for (size_t i = 0; i < fer_n_token_filter_rows; i++) {
		const struct fer_token_filter_row *row = &fer_token_filter_rows[i];
		const char *text = option_of(cli, row->name);

		if (text && fer_token_filter_set(filter, row, fer_str(text)))
			return fer_cli_fail(cli, "\"%s\" is no value of %s (%s)", text, row->name, row->text);
	}
	if (user)
		r = fer_token_filter_user(house->auth, filter, fer_str(user));
	if (r)
		return fer_cli_fail(cli, "%s", r < 0 ? strerror(-r) : fer_error_row((enum fer_error)r)->message);
	return 0;
}

/* The text of a token: from --token-file, else a line of standard input. */
static int read_token(struct fer_cli *cli, struct fer_str *out)
{
	const char *path = fer_cli_option(cli, "token-file");
	char *line = fer_alloc(cli->arena, TOKEN_MAX + 2);
	FILE *file = path ? fopen(path, "re") : stdin;
	bool read = file && fgets(line, TOKEN_MAX + 2, file);

	if (path && file)
		fclose(file);
	*out = read ? fer_str_trim(fer_str(line)) : FER_STR_NONE;
	return out->len ? 0 : fer_cli_fail(cli, "%s holds no token", path ? path : "standard input");
}

/* -- list and show ------------------------------------------------------------------------------------------------ */

static int64_t number_of(struct fer_cli *cli, const char *name, int64_t otherwise)
{
	int64_t n;

	return fer_cli_option(cli, name) && fer_str_int(fer_str(fer_cli_option(cli, name)), &n) && n > 0 ? n : otherwise;
}

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "accessor", "user_type", "user_id", "user", "method", "kid", "state", "issued_at", "expires_at",
	                                       "address", "last_used_at", "last_address", "revoked_at", "revoked_by", "reason", NULL };
	struct fer_token_filter filter = { .state = FER_TOKEN_ANY };
	struct fer_fault fault = { 0 };
	struct fer_value rows;
	int64_t total, page = number_of(cli, "page", 1), size = number_of(cli, "page-size", 50);
	int r = read_filter(cli, house, &filter);

	if (r)
		return r;
	r = fer_registry_list(house->auth, cli->arena, &filter, now_s(), page, size, &rows, &total);
	if (!r)
		fer_cli_table(cli, &rows, columns);
	if (!r && !fer_cli_option(cli, "json") && total > (int64_t)fer_count(&rows))
		fprintf(stderr, "%zu of %lld\n", fer_count(&rows), (long long)total);
	return fer_cli_result(cli, r, &fault);
}

static int find(struct fer_cli *cli, struct fer_house *house, struct fer_str accessor, struct fer_value *out)
{
	const struct fer_token_filter filter = { .accessor = accessor };
	struct fer_db *db;
	int r = fer_db_lend(house->store, &db);

	if (r)
		return fer_cli_fail(cli, "%s", strerror(-r));
	r = fer_registry_find(house->auth, db, cli->arena, &filter, now_s(), out);
	fer_db_return(db);
	if (r)
		return fer_cli_fail(cli, "%s", strerror(-r));
	return fer_is_null(out) ? fer_cli_fail(cli, "there is no token %.*s", FER_F(accessor)) : 0;
}

static int show(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_value row;
	int r = find(cli, house, fer_str(cli->words[0]), &row);

	if (!r)
		fer_cli_map(cli, &row);
	return r;
}

/* -- revoke ------------------------------------------------------------------------------------------------------- */

static int revoke_by(struct fer_cli *cli, struct fer_house *house, const struct fer_token_filter *filter, const struct fer_use *use)
{
	const char *why = fer_cli_option(cli, "reason");
	const struct fer_revocation revocation = { now_s(), fer_cli_actor(cli), fer_str(why ? why : "") };
	struct fer_fault fault = { 0 };
	int64_t n = 0;
	int r = fer_registry_revoke(house->auth, filter, &revocation, use, &n);

	if (!r)
		printf("revoked %lld token%s\n", (long long)n, n == 1 ? "" : "s");
	return fer_cli_result(cli, r, &fault);
}

static int revoke_text(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_token_facts facts;
	const struct fer_token_filter filter = { .id = &facts.id };
	struct fer_fault fault = { 0 };
	struct fer_str token;
	struct fer_use use;
	int r = read_token(cli, &token);

	if (r)
		return r;
	if ((r = fer_token_check(house->auth, token, now_s(), 0, true, &facts)) < 0)
		return fer_cli_result(cli, r, &fault);
	if (!fer_token_taken((enum fer_auth_reason)r))
		return fer_cli_fail(cli, "the token is not taken anyway: %s", fer_auth_reason_name((enum fer_auth_reason)r));
	fer_token_use(&facts, 0, FER_STR_NONE, &use);
	return revoke_by(cli, house, &filter, &use);
}

static int revoke(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_token_filter filter = { .state = FER_TOKEN_ANY };
	struct fer_value row;
	int r;

	if (fer_cli_option(cli, "token-stdin") || fer_cli_option(cli, "token-file"))
		return revoke_text(cli, house);
	if ((r = read_filter(cli, house, &filter)))
		return r;
	if (cli->n_words) {
		filter.accessor = fer_str(cli->words[0]);
		if ((r = find(cli, house, filter.accessor, &row)))
			return r;
	}
	if (fer_token_filter_empty(&filter) && !fer_cli_option(cli, "all"))
		return fer_cli_fail(cli, "say which tokens, or --all");
	return revoke_by(cli, house, &filter, NULL);
}

/* -- explain ------------------------------------------------------------------------------------------------------ */

static int explain(struct fer_cli *cli, struct fer_house *house)
{
	const char *method = fer_cli_option(cli, "method");
	struct fer_question question = { .method = fer_str(method ? method : "GET"), .path = fer_str(fer_cli_option(cli, "path")),
	                                 .address = fer_str(fer_cli_option(cli, "address")) };
	struct fer_value out;
	char why[256] = "";
	int r = read_token(cli, &question.token);

	if (r)
		return r;
	if ((r = fer_house_server(house, &cli->settings, why)) || (r = fer_explain(house->server, cli->arena, &question, &out)))
		return fer_cli_fail(cli, "%s", why[0] ? why : strerror(-r));
	if (fer_cli_option(cli, "json"))
		fer_cli_map(cli, &out);
	else
		printf("%.*s: %.*s\n", FER_F(fer_map_str(cli->arena, &out, "code")), FER_F(fer_map_str(cli->arena, &out, "reason")));
	return 0;
}

/* -- lifetimes ---------------------------------------------------------------------------------------------------- */

static int lifetimes(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "of", "id", "name", "minutes", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value rows;
	int r = fer_lifetime_list(house->auth, cli->arena, &rows);

	if (!r)
		fer_cli_table(cli, &rows, columns);
	return fer_cli_result(cli, r, &fault);
}

static int lifetime(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	int64_t id, minutes;
	int r;

	if (!fer_str_int(fer_str(cli->words[1]), &id) || !fer_str_int(fer_str(cli->words[2]), &minutes))
		return fer_cli_fail(cli, "ID and MINUTES are numbers");
	r = fer_lifetime_set(house->auth, fer_cli_actor(cli), cli->arena, fer_str(cli->words[0]), id, minutes, &fault);
	if (!r)
		printf("%s %lld: %lld minutes\n", cli->words[0], (long long)id, (long long)minutes);
	return fer_cli_result(cli, r, &fault);
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

#define RUN(name) \
	static int run_##name(struct fer_cli *cli) \
	{ \
		return fer_house_with(cli, name); \
	}
RUN(list)
RUN(show)
RUN(revoke)
RUN(explain)
RUN(lifetimes)
RUN(lifetime)

#define JSON { "json", NULL, "as JSON" }
#define FILTER \
	{ "user", "NAME", "of the admin with that name, or the customer or integration when --user-type says so" }, \
	{ "user-type", "TYPE", "admin, customer or integration" }, { "user-id", "ID", "id of the user" }, \
	{ "method", "METHOD", "password, customer_password, second_factor, opaque, foreign or service" }, \
	{ "kid", "KID", "signed by that key" }, { "used-before", "TIME", "not used since then (unix seconds, or \"YYYY-MM-DD HH:MM:SS\", UTC)" }, \
	{ "used-after", "TIME", "used then or later" }, { "expires-before", "TIME", "over before then" }, \
	{ "expires-after", "TIME", "over then or later" }, { "issued-before", "TIME", "issued before then" }, \
	{ "issued-after", "TIME", "issued then or later" }
#define TOKEN_FILE { "token-file", "FILE", "where the token's text stands" }

const struct fer_command fer_command_token_list = {
	.name = "token list", .settings = true,
	FER_OPTIONS(FILTER, { "state", "STATE", "live, expired or revoked" }, { "page", "N", "from 1" },
	            { "page-size", "N", "50 unless it is said" }, JSON),
	.summary = "List tokens, newest first", .run = run_list,
};
const struct fer_command fer_command_token_show = {
	.name = "token show", .words = "ACCESSOR", .n_words_least = 1, .n_words_most = 1, .settings = true, FER_OPTIONS(JSON),
	.summary = "Show what is known of a token", .run = run_show,
};
const struct fer_command fer_command_token_revoke = {
	.name = "token revoke", .words = "[ACCESSOR]", .n_words_most = 1, .settings = true,
	FER_OPTIONS(FILTER, { "all", NULL, "every token there is" }, { "token-stdin", NULL, "the one whose text is on standard input" }, TOKEN_FILE,
	            { "reason", "TEXT", "why; stands in the registry" }),
	.summary = "Revoke a token, or all of a filter", .run = run_revoke,
};
const struct fer_command fer_command_token_explain = {
	.name = "token explain", .settings = true,
	FER_OPTIONS(TOKEN_FILE, { "path", "PATH", "of a request: /rest/V1/…" }, { "method", "METHOD", "of that request (default: GET)" },
	            { "address", "ADDRESS", "of its client" }, JSON),
	.summary = "Say why a token is taken or refused",
	.text = "Without --token-file the token's text is read from standard input.", .run = run_explain,
};
const struct fer_command fer_command_token_lifetimes = {
	.name = "token lifetimes", .settings = true, FER_OPTIONS(JSON),
	.summary = "List the longest lifetimes of tokens", .run = run_lifetimes,
};
const struct fer_command fer_command_token_lifetime = {
	.name = "token lifetime", .words = "role|admin|customer|integration ID MINUTES", .n_words_least = 3, .n_words_most = 3, .settings = true,
	.summary = "Set how long such tokens may live; 0 minutes: as long as they say", .run = run_lifetime,
};
