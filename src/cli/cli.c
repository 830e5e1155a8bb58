/*
 * Finds the command, reads its options, prints its help. Apart from the commands, which are rows and a function each.
 */
#include "cli/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <unistd.h>
#include <sodium.h>

#include "auth/password.h"
#include "cli/house.h"
#include "core/json.h"

#define MAX_OVERRIDES 128
#define MAX_PASSWORD 1024
#define LIST_MAX 1024

/* -- help -------------------------------------------------------------------------------------------------------- */

static size_t n_options(const struct fer_command *command)
{
	size_t n = 0;

	while (command->options && command->options[n].name)
		n++;
	return n;
}

static void help_option(const char *name, const char *value, const char *text)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", name, value ? " " : "", value ? value : "");
	printf("  %-28s %s\n", left, text);
}

static void help_command(const struct fer_command *command)
{
	printf("ferrite %s%s%s%s\n\n%s\n", command->name, command->options || command->settings ? " [options]" : "",
	       command->words ? " " : "", command->words ? command->words : "", command->summary);
	if (command->text)
		printf("%s\n", command->text);
	if (command->options || command->settings)
		printf("\nOptions:\n");
	for (size_t i = 0; i < n_options(command); i++)
		help_option(command->options[i].name, command->options[i].value, command->options[i].text);
	if (command->settings) {
		help_option("config", "FILE", "settings file (default: /etc/ferrite/ferrite.ini when it is there)");
		help_option("NAME", "VALUE", "any setting, such as --listen or --database; ferrite settings lists them");
	}
}

static void help_line(FILE *out, const struct fer_command *command)
{
	fprintf(out, "  ferrite %-24s %s\n", command->name, command->summary);
}

static void help_all(FILE *out)
{
	fprintf(out, "ferrite %s: the Magento Open Source web API as one small server\n\n", FER_VERSION);
	for (size_t i = 0; fer_commands[i]; i++)
		help_line(out, fer_commands[i]);
	fprintf(out, "\nferrite COMMAND --help says more. Passwords and keys never go on the command line: see ferrite settings.\n");
}

static bool begins(const char *name, int argc, char **argv)
{
	struct fer_str rest = fer_str(name), word = FER_STR_NONE;
	int k = 2;

	while (k < argc && fer_str_cut(&rest, ' ', &word) && fer_str_is(word, argv[k]))
		k++;
	return k == argc;
}

/* "ferrite help config": the commands that begin so; one alone explains itself. */
static int help_words(int argc, char **argv)
{
	const struct fer_command *found = NULL;
	int n = 0;

	for (size_t i = 0; fer_commands[i]; i++) {
		if (!begins(fer_commands[i]->name, argc, argv))
			continue;
		found = fer_commands[i];
		n++;
	}
	if (argc == 2)
		help_all(stdout);
	else if (n == 1)
		help_command(found);
	for (size_t i = 0; argc > 2 && n > 1 && fer_commands[i]; i++)
		if (begins(fer_commands[i]->name, argc, argv))
			help_line(stdout, fer_commands[i]);
	return n ? 0 : 2;
}

/* -- reading the words ------------------------------------------------------------------------------------------- */

/* How many of the words, up to its own, name the command; 0: others do. */
static int words_named(const char *name, int argc, char **argv)
{
	struct fer_str rest = fer_str(name), word;
	int n = 0;

	while (fer_str_cut(&rest, ' ', &word))
		if (++n >= argc || !fer_str_is(word, argv[n]))
			return 0;
	return n;
}

/* "serve" is one word, "token service create" three: the longest name that fits counts. */
static const struct fer_command *find_command(int argc, char **argv, int *used)
{
	const struct fer_command *found = NULL;

	*used = 0;
	for (size_t i = 0; fer_commands[i]; i++) {
		int n = words_named(fer_commands[i]->name, argc, argv);

		if (n <= *used)
			continue;
		found = fer_commands[i];
		*used = n;
	}
	return found;
}

static int find_option(const struct fer_command *command, const char *name)
{
	for (size_t i = 0; i < n_options(command); i++)
		if (strcmp(command->options[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* --store-threads is the setting store_threads. */
static const char *setting_name(struct fer_arena *arena, const char *option)
{
	char *name = fer_alloc(arena, strlen(option) + 1);

	for (size_t i = 0; option[i]; i++)
		name[i] = option[i] == '-' ? '_' : option[i];
	return name;
}

struct words {
	int argc, next;
	char **argv;
	const char **overrides;
};

/* The value of "--name=value", or the next word. */
static int take_value(struct fer_cli *cli, struct words *words, const char *inside, const char *name, const char **out)
{
	if (inside)
		*out = inside;
	else if (words->next < words->argc)
		*out = words->argv[words->next++];
	else {
		fer_cli_fail(cli, "--%s needs a value", name);
		return 2;
	}
	return 0;
}

static int take_setting(struct fer_cli *cli, struct words *words, const char *name, const char *inside)
{
	const char *value;

	if (take_value(cli, words, inside, name, &value))
		return 2;
	if (strcmp(name, "config") == 0) {
		cli->config = value;
		return 0;
	}
	if (cli->n_overrides + 2 > MAX_OVERRIDES) {
		fer_cli_fail(cli, "too many options");
		return 2;
	}
	words->overrides[cli->n_overrides++] = setting_name(cli->arena, name);
	words->overrides[cli->n_overrides++] = value;
	return 0;
}

static int take_option(struct fer_cli *cli, struct words *words, const char *word)
{
	const char *equals = strchr(word, '=');
	const char *name = fer_str_z(cli->arena, (struct fer_str){ word, equals ? (size_t)(equals - word) : strlen(word) });
	const char *inside = equals ? equals + 1 : NULL;
	int i = find_option(cli->command, name);

	if (i >= 0 && cli->command->options[i].value)
		return take_value(cli, words, inside, name, &cli->values[i]);
	if (i >= 0 && !inside) {
		cli->values[i] = "";
		return 0;
	}
	if (i < 0 && cli->command->settings)
		return take_setting(cli, words, name, inside);
	fer_cli_fail(cli, "unknown option --%s", name);
	return 2;
}

static int take_word(struct fer_cli *cli, const char *word)
{
	if (cli->n_words >= cli->command->n_words_most) {
		fer_cli_fail(cli, "\"%s\" is one word too many", word);
		return 2;
	}
	cli->words[cli->n_words++] = word;
	return 0;
}

static int take_words(struct fer_cli *cli, struct words *words)
{
	int r = 0;

	while (!r && words->next < words->argc) {
		const char *word = words->argv[words->next++];

		r = word[0] == '-' && word[1] == '-' && word[2] ? take_option(cli, words, word + 2) : take_word(cli, word);
	}
	if (!r && cli->n_words < cli->command->n_words_least) {
		fer_cli_fail(cli, "%s is missing (see: ferrite %s --help)", cli->command->words, cli->command->name);
		r = 2;
	}
	return r;
}

int fer_cli_load(const struct fer_cli *cli, struct fer_settings *settings, char why[256])
{
	const char *const *defaults = cli->command->defaults;
	int r = fer_settings_init(settings);

	for (; defaults && *defaults && !r; defaults += 2)
		r = fer_settings_set(settings, defaults[0], defaults[1], why);
	if (!r)
		r = fer_settings_load(settings, cli->config, why);
	for (size_t i = 0; i < cli->n_overrides && !r; i += 2)
		r = fer_settings_set(settings, cli->overrides[i], cli->overrides[i + 1], why);
	return r;
}

static int run_command(struct fer_cli *cli, struct words *words)
{
	char why[256] = "";
	int r = take_words(cli, words);

	cli->overrides = words->overrides;
	if (r)
		return r;
	if (fer_cli_load(cli, &cli->settings, why)) {
		fer_cli_fail(cli, "%s", why);
		r = 2;
	} else {
		r = cli->command->run ? cli->command->run(cli) : fer_house_with(cli, cli->command->work);
	}
	fer_settings_release(&cli->settings);
	return r;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int fer_cli_main(int argc, char **argv)
{
	const char *overrides[MAX_OVERRIDES];
	int used, r;
	struct fer_cli cli = { .command = find_command(argc, argv, &used) };
	struct words words = { argc, used + 1, argv, overrides };

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("ferrite %s\n", FER_VERSION) < 0;
	if (argc > 1 && strcmp(argv[1], "help") == 0)
		return help_words(argc, argv);
	if (!cli.command) {
		help_all(asks_for_help(argc, argv) ? stdout : stderr);
		return asks_for_help(argc, argv) ? 0 : 2;
	}
	if (asks_for_help(argc, argv)) {
		help_command(cli.command);
		return 0;
	}
	if (sodium_init() < 0 || !(cli.arena = fer_arena_new_wiping(256u << 20)))
		return fer_cli_fail(&cli, "libsodium does not start");
	r = run_command(&cli, &words);
	fer_arena_free(cli.arena);
	return r;
}

/* -- what commands use ------------------------------------------------------------------------------------------- */

const char *fer_cli_option(const struct fer_cli *cli, const char *name)
{
	int i = find_option(cli->command, name);

	return i < 0 ? NULL : cli->values[i];
}

int fer_cli_fail(const struct fer_cli *cli, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "ferrite %s: ", cli->command->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return 1;
}

int fer_cli_result(struct fer_cli *cli, int r, const struct fer_fault *fault)
{
	if (r < 0)
		return fer_cli_fail(cli, "%s", strerror(-r));
	for (size_t i = 0; r && i < fault->n; i++)
		fer_cli_fail(cli, "%.*s", FER_F(fer_fault_message(cli->arena, &fault->items[i])));
	return r != 0;
}

const struct fer_actor *fer_cli_actor(struct fer_cli *cli)
{
	struct fer_actor *actor = FER_NEW(cli->arena, struct fer_actor);
	struct passwd *account = getpwuid(getuid());

	*actor = (struct fer_actor){ .type = FER_ACTOR_CLI, .id = getuid(), .source = FER_S("local"),
	                             .route = fer_str_fmt(cli->arena, "ferrite %s", cli->command->name),
	                             .name = fer_str_dup(cli->arena, fer_str(account ? account->pw_name : "?")) };
	return actor;
}

static int read_password(struct fer_cli *cli, struct fer_str *out)
{
	char line[MAX_PASSWORD + 2];
	size_t len;

	if (!fgets(line, sizeof(line), stdin))
		return -EINVAL;
	len = strcspn(line, "\r\n");
	*out = fer_str_dup(cli->arena, (struct fer_str){ line, len });
	explicit_bzero(line, sizeof(line));
	return len && len <= MAX_PASSWORD ? 0 : -EINVAL;
}

int fer_cli_password(struct fer_cli *cli, const char *given, struct fer_str *out, bool *made)
{
	char *text;

	*made = false;
	if (fer_cli_option(cli, "password-stdin"))
		return read_password(cli, out);
	if (given) {
		*out = fer_str(given);
		return 0;
	}
	*made = true;
	text = fer_alloc(cli->arena, FER_PASSWORD_FIRST_SIZE);
	fer_password_first(text);
	*out = fer_str(text);
	return 0;
}

static void print_json(struct fer_cli *cli, const struct fer_value *rows)
{
	struct fer_buf buf;

	fer_buf_init(&buf, cli->arena, 64u << 20);
	fer_json_write(&buf, rows);
	printf("%.*s\n", FER_F(fer_buf_view(&buf)));
}

struct fer_str *fer_cli_list(struct fer_cli *cli, const char *text, size_t *n)
{
	struct fer_str *list = text ? FER_NEW_ARRAY(cli->arena, LIST_MAX, struct fer_str) : NULL, rest = fer_str(text), piece;

	*n = 0;
	while (list && *n < LIST_MAX && fer_str_cut(&rest, ',', &piece))
		list[(*n)++] = fer_str_trim(piece);
	return list;
}

void fer_cli_table(struct fer_cli *cli, const struct fer_value *rows, const char *const *columns)
{
	if (fer_cli_option(cli, "json")) {
		print_json(cli, rows);
		return;
	}
	for (size_t c = 0; columns[c]; c++)
		printf("%s%s", c ? "\t" : "", columns[c]);
	for (size_t i = 0; i < fer_count(rows); i++)
		for (size_t c = 0; columns[c]; c++)
			printf("%s%.*s", c ? "\t" : "\n", FER_F(fer_map_str(cli->arena, fer_at(rows, i), columns[c])));
	printf("\n");
}

void fer_cli_map(struct fer_cli *cli, const struct fer_value *map)
{
	struct fer_buf buf;

	if (fer_cli_option(cli, "json")) {
		fer_buf_init(&buf, cli->arena, 1 << 20);
		fer_json_write(&buf, map);
		printf("%.*s\n", FER_F(fer_buf_view(&buf)));
		return;
	}
	for (uint32_t i = 0; i < map->map.n; i++)
		printf("%-20.*s %.*s\n", FER_F(map->map.members[i].name), FER_F(fer_as_str(cli->arena, &map->map.members[i].value)));
}
