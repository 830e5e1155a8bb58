/*
 * ferrite config export, diff and import: the configuration of one environment beside another's. As with diff(1), 0 says that there is no
 * difference, 1 that there is one, 2 that there was trouble.
 */
#include "cli/commands.h"
#include "cli/config_side.h"
#include "core/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define TROUBLE 2

static bool given(const struct fer_cli *cli, const char *option)
{
	return fer_cli_option(cli, option) != NULL;
}

static struct fer_config_cover cover_of(const struct fer_cli *cli)
{
	const char *scope = fer_cli_option(cli, "scope"), *prefix = fer_cli_option(cli, "prefix");

	return (struct fer_config_cover){ scope ? fer_str(scope) : FER_S(""), prefix ? fer_str(prefix) : FER_S(""), given(cli, "shared") };
}

/* -- printing changes -------------------------------------------------------------------------------------------- */

static void put_side(struct fer_buf *out, char sign, struct fer_str path, const struct fer_value *value)
{
	fer_buf_char(out, sign);
	fer_buf_str(out, path);
	fer_buf_text(out, " = ");
	if (fer_is_null(value))
		fer_buf_text(out, "null");
	else
		fer_json_plain(out, value->text);
	fer_buf_char(out, '\n');
}

/* A row an operation: the sign in front of a secret, and what is said of it. */
static const struct { const char *op; char sign; const char *secret; } ops[] = {
	{ "added", '+', "set" }, { "removed", '-', "unset" }, { "changed", '~', "differs" }, { "skipped", '!', "skipped" }, { "unclear", '?', "unclear" },
};

static void put_secret(struct fer_cli *cli, struct fer_buf *out, const struct fer_value *change)
{
	struct fer_str op = fer_map_str(cli->arena, change, "op"), note = fer_map_str(cli->arena, change, "note");

	for (size_t i = 0; i < FER_ARRAY_LEN(ops); i++)
		if (fer_str_is(op, ops[i].op))
			fer_buf_fmt(out, "%c%.*s (secret) %s", ops[i].sign, FER_F(fer_map_str(cli->arena, change, "path")), ops[i].secret);
	if (note.len)
		fer_buf_fmt(out, ": %.*s", FER_F(note));
	fer_buf_char(out, '\n');
}

static void put_change(struct fer_cli *cli, struct fer_buf *out, const struct fer_value *change)
{
	struct fer_str path = fer_map_str(cli->arena, change, "path");
	const struct fer_value *old = fer_get(change, "old"), *new = fer_get(change, "new");

	if (fer_map_bool(change, "secret", false)) {
		put_secret(cli, out, change);
		return;
	}
	if (old)
		put_side(out, '-', path, old);
	if (new)
		put_side(out, '+', path, new);
}

static void put_changes(struct fer_cli *cli, struct fer_buf *out, const struct fer_value *changes)
{
	struct fer_str scope = FER_STR_NONE;

	for (size_t i = 0; i < fer_count(changes); i++) {
		const struct fer_value *change = fer_at(changes, i);
		struct fer_str its = fer_map_str(cli->arena, change, "scope");

		if (!fer_str_eq(scope, its))
			fer_buf_fmt(out, "@@ %.*s\n", FER_F(its));
		scope = its;
		put_change(cli, out, change);
	}
}

static int print_changes(struct fer_cli *cli, const char *from, const char *to, const struct fer_value *changes)
{
	struct fer_buf out;

	fer_buf_init(&out, cli->arena, 64u << 20);
	if (given(cli, "json"))
		fer_json_page(&out, changes);
	else if (fer_count(changes)) {
		fer_buf_fmt(&out, "--- %s\n+++ %s\n", from, to);
		put_changes(cli, &out, changes);
	}
	if (out.overflow || (out.len && fwrite(out.at, 1, out.len, stdout) != out.len) || fflush(stdout))
		return fer_cli_fail(cli, "the changes cannot be printed");
	return 0;
}

static size_t count(struct fer_cli *cli, const struct fer_value *changes, const char *op)
{
	size_t n = 0;

	for (size_t i = 0; i < fer_count(changes); i++)
		n += fer_str_is(fer_map_str(cli->arena, fer_at(changes, i), "op"), op);
	return n;
}

/* -- diff -------------------------------------------------------------------------------------------------------- */

static int diff_sides(struct fer_cli *cli, struct fer_side *a, struct fer_side *b)
{
	struct fer_config_cover cover = cover_of(cli);
	struct fer_config_plan plan;
	struct fer_value changes;

	if (fer_side_read(cli, a, &cover, FER_STR_NONE) || fer_side_read(cli, b, &cover, FER_STR_NONE) || fer_side_meet(cli, a, b))
		return TROUBLE;
	fer_config_compare(cli->arena, &a->document, &b->document, &plan);
	changes = fer_config_plan_show(cli->arena, &plan);
	if (fer_arena_broken(cli->arena))
		return fer_cli_fail(cli, "no memory"), TROUBLE;
	return print_changes(cli, a->name, b->name, &changes) ? TROUBLE : plan.n > 0;
}

/* The first server's token is that of the second, too, unless that has one of its own. */
static int diff(struct fer_cli *cli)
{
	const char *token = fer_cli_option(cli, "token-file"), *other = fer_cli_option(cli, "other-token-file");
	struct fer_side a, b = { 0 };
	int r = TROUBLE;

	if (!fer_side_open(cli, cli->words[0], token, &a) && !fer_side_open(cli, cli->words[1], other ? other : token, &b))
		r = diff_sides(cli, &a, &b);
	fer_side_close(&b);
	fer_side_close(&a);
	return r;
}

/* -- export ------------------------------------------------------------------------------------------------------ */

/* Beside the file first: who reads it meanwhile reads the old one. */
static int write_file(struct fer_cli *cli, const char *file, struct fer_str text)
{
	const char *beside = fer_str_z(cli->arena, fer_str_fmt(cli->arena, "%s.new", file));
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = fd >= 0;

	for (size_t at = 0; good && at < text.len;) {
		ssize_t n = write(fd, text.at + at, text.len - at);

		good = n > 0;
		at += good ? (size_t)n : 0;
	}
	good = good && fsync(fd) == 0;
	if (fd >= 0)
		good = close(fd) == 0 && good;
	if (good && rename(beside, file) == 0)
		return 0;
	return fer_cli_fail(cli, "%s: %s", file, strerror(errno)), TROUBLE;
}

static int write_document(struct fer_cli *cli, const struct fer_side *side)
{
	const char *file = fer_cli_option(cli, "file");
	struct fer_str text;
	int r = fer_config_document_text(cli->arena, &side->document, &text);

	if (r || fer_arena_broken(cli->arena))
		return fer_cli_fail(cli, "%s", strerror(r ? -r : ENOMEM)), TROUBLE;
	if (file)
		return write_file(cli, file, text);
	return fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0 ? 0 : TROUBLE;
}

/* The public key of the environment that secrets are handed over to. */
static int key_of(struct fer_cli *cli, const char *name, struct fer_str *key)
{
	const struct fer_config_cover nothing = { .scope = FER_S("default"), .prefix = FER_S("-") };
	struct fer_side side;
	int r = fer_side_open(cli, name, fer_cli_option(cli, "token-file"), &side) || fer_side_read(cli, &side, &nothing, FER_STR_NONE);

	if (!r) {
		*key = side.document.key;
		r = key->len == 0 ? fer_cli_fail(cli, "%s has no key", name) : 0;
	}
	fer_side_close(&side);
	return r;
}

static int hand_over(struct fer_cli *cli, struct fer_side *side, struct fer_str *key)
{
	const char *name = fer_cli_option(cli, "secrets-for");
	struct fer_value details = fer_map();
	int r;

	*key = FER_STR_NONE;
	if (!name)
		return 0;
	if (side->kind != FER_SIDE_HOUSE)
		return fer_cli_fail(cli, "secrets are handed over where they are stored: not by %s", side->name);
	if (key_of(cli, name, key))
		return 1;
	fer_set(cli->arena, &details, "for", fer_string(fer_str_take(*key, 16)));
	r = fer_audit_note(fer_auth_audit(side->house.auth), &(struct fer_audit_event){ .name = FER_AUDIT_CONFIG_EXPORT,
		.actor = fer_cli_actor(cli), .target = FER_S("config:all"), .details = &details });
	return r ? fer_cli_fail(cli, "%s", strerror(-r)) : 0;
}

static int export(struct fer_cli *cli)
{
	struct fer_config_cover cover = cover_of(cli);
	struct fer_str key = FER_STR_NONE;
	struct fer_side side;
	int r = TROUBLE;

	if (!fer_side_open(cli, cli->n_words ? cli->words[0] : "local", fer_cli_option(cli, "token-file"), &side) &&
	    !hand_over(cli, &side, &key) && !fer_side_read(cli, &side, &cover, key))
		r = write_document(cli, &side);
	fer_side_close(&side);
	return r;
}

/* -- import ------------------------------------------------------------------------------------------------------ */

/* From one house to another secrets are handed over on the way. */
static int read_source(struct fer_cli *cli, struct fer_side *from, struct fer_side *to)
{
	const struct fer_config_cover nothing = { .scope = FER_S("default"), .prefix = FER_S("-") };
	struct fer_config_cover cover = cover_of(cli);
	struct fer_str key = FER_STR_NONE;

	if (given(cli, "secrets") && from->kind == FER_SIDE_HOUSE && to->kind != FER_SIDE_FILE) {
		if (fer_side_read(cli, to, &nothing, FER_STR_NONE))
			return 1;
		key = to->document.key;
	}
	return fer_side_read(cli, from, &cover, key);
}

static int import_sides(struct fer_cli *cli, struct fer_side *from, struct fer_side *to)
{
	struct fer_config_import import = { .document = &from->document, .unknown = given(cli, "unknown"), .secrets = given(cli, "secrets"),
	                                    .keep = given(cli, "keep"), .dry = given(cli, "dry-run") };
	struct fer_value changes;
	size_t skipped, n;

	if (read_source(cli, from, to) || fer_side_import(cli, to, &import, &changes))
		return TROUBLE;
	if (print_changes(cli, to->name, from->name, &changes))
		return TROUBLE;
	skipped = count(cli, &changes, "skipped");
	n = fer_count(&changes) - skipped;
	if (!given(cli, "json"))
		printf("%s: %zu added, %zu changed, %zu removed, %zu secrets skipped\n", import.dry ? "not written" : n ? "written" : "nothing to write",
		       count(cli, &changes, "added"), count(cli, &changes, "changed"), count(cli, &changes, "removed"), skipped);
	return import.dry && n;
}

static int import(struct fer_cli *cli)
{
	const char *to_name = fer_cli_option(cli, "to") ? fer_cli_option(cli, "to") : "local";
	const char *token = fer_cli_option(cli, "token-file"), *other = fer_cli_option(cli, "from-token-file");
	struct fer_side from, to = { 0 };
	int r = TROUBLE;

	if (!fer_side_open(cli, cli->words[0], other ? other : token, &from) && !fer_side_open(cli, to_name, token, &to))
		r = import_sides(cli, &from, &to);
	fer_side_close(&to);
	fer_side_close(&from);
	return r;
}

/* -- rows -------------------------------------------------------------------------------------------------------- */

#define COVER { "scope", "SCOPE", "default, websites/CODE or stores/CODE alone" }, { "prefix", "PREFIX", "only paths that begin so, such as web/" }, \
	{ "shared", NULL, "without what belongs to one environment: addresses, hosts, mail servers" }
#define SERVER { "token-file", "FILE", "token for a live server; its owner alone may read it, - is standard input" }, \
	{ "authorities", "FILE", "certificates to trust instead of the system's" }
#define EACH "An environment is " FER_SIDES "."

const struct fer_command fer_command_config_export = {
	.name = "config export",
	.words = "[ENVIRONMENT]",
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "file", "FILE", "write it there (default: standard output)" }, COVER, SERVER,
	            { "secrets-for", "ENVIRONMENT", "hand secrets over, so that this one alone can open them" }),
	.summary = "Write the configuration as a sorted document, with scopes by their codes; of secrets a digest",
	.text = EACH,
	.run = export,
};
const struct fer_command fer_command_config_diff = {
	.name = "config diff",
	.words = "ENVIRONMENT ENVIRONMENT",
	.n_words_least = 2,
	.n_words_most = 2,
	.settings = true,
	FER_OPTIONS(COVER, SERVER, { "other-token-file", "FILE", "token for the second one, when both are live servers" }, { "json", NULL, "as JSON" }),
	.summary = "Say what differs between two configurations; ends with 0 when nothing does, 1 when something does, 2 on trouble",
	.text = EACH "\nSecrets are compared without being shown: between live servers and databases whatever their keys, with a file where it is of the same key.",
	.run = diff,
};
const struct fer_command fer_command_config_import = {
	.name = "config import",
	.words = "ENVIRONMENT",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "to", "ENVIRONMENT", "make this one like it (default: local)" },
	            { "dry-run", NULL, "only say what would change; ends with 1 when something would" },
	            { "keep", NULL, "leave what the document does not have" }, { "unknown", NULL, "also write paths that ferrite does not know" },
	            { "secrets", NULL, "also write secrets that were handed over to this environment, or that the document has in plain" }, COVER, SERVER,
	            { "from-token-file", "FILE", "token for the environment read from, when both are live servers" }, { "json", NULL, "as JSON" }),
	.summary = "Make a configuration like another one, in one transaction: all of it or nothing",
	.text = EACH "\nIn the scopes that the document has, what it does not have is removed. Values that ferrite reads are checked; unknown paths are refused.",
	.run = import,
};
