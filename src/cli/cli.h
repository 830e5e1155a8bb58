/*
 * A command of the ferrite program is a row: name, options, text, function. What every command needs stands here.
 */
#ifndef FER_CLI_CLI_H
#define FER_CLI_CLI_H

#include "auth/actor.h"
#include "core/fault.h"
#include "core/settings.h"

struct fer_option {
	const char *name;      /* "email"; used as --email */
	const char *value;     /* what follows, for --help: "ADDRESS"; NULL: a flag */
	const char *text;
};

struct fer_cli;
struct fer_house;

struct fer_command {
	const char *name;                   /* "user create" */
	const char *words;                  /* words after the options, for --help: "NAME"; NULL: none */
	size_t n_words_least, n_words_most;
	const struct fer_option *options;   /* up to a NULL name; NULL: none */
	bool settings;                      /* takes --config and every setting as an option */
	const char *const *defaults;        /* NAME, VALUE, … of settings that are other here unless somebody gives them; ended by NULL */
	const char *summary;
	const char *text;                   /* further lines of --help; NULL: none */
	int (*run)(struct fer_cli *cli);    /* the exit status; NULL: .work, on an open house */
	int (*work)(struct fer_cli *cli, struct fer_house *house);
};

#define FER_OPTIONS(...) .options = (const struct fer_option[]){ __VA_ARGS__, { .name = NULL } }
#define FER_CLI_OPTIONS_MAX 16
#define FER_CLI_WORDS_MAX 8

struct fer_cli {
	const struct fer_command *command;
	struct fer_settings settings;
	struct fer_arena *arena;                       /* wiping */
	const char *config;                            /* --config */
	const char *values[FER_CLI_OPTIONS_MAX];       /* by the option's place in the row; a flag that was given is "" */
	const char *words[FER_CLI_WORDS_MAX];
	size_t n_words;
	const char *const *overrides;                  /* NAME, VALUE, … of settings given as options, kept for a reload */
	size_t n_overrides;
};

extern const struct fer_command *const fer_commands[];   /* ended by NULL */

/** fer_cli_main - run the command that the words name. Returns the exit status: 0 done, 1 failed, 2 wrong usage. */
int fer_cli_main(int argc, char **argv);

/** fer_cli_option - the value of --@name; NULL: not given. */
const char *fer_cli_option(const struct fer_cli *cli, const char *name);
/** fer_cli_load - the settings: file, environment, then the command's options. Errors: -EINVAL with a sentence in @why. */
int fer_cli_load(const struct fer_cli *cli, struct fer_settings *settings, char why[256]);

/** fer_cli_fail - "ferrite user create: …" on standard error. Returns 1, for `return fer_cli_fail(…)`. */
int fer_cli_fail(const struct fer_cli *cli, const char *fmt, ...) FER_PRINTF(2, 3);
/** fer_cli_result - 0 for success; else says why (the messages of @fault, or the error number) and returns 1. */
int fer_cli_result(struct fer_cli *cli, int r, const struct fer_fault *fault);

/** fer_cli_actor - the account of the operating system that runs this command: what functions that change something are told. */
const struct fer_actor *fer_cli_actor(struct fer_cli *cli);

/**
 * fer_cli_password - the first line of standard input with --password-stdin, else @given (from the environment), else a new one.
 * Shape:  *@made says that it was made here and must be shown, once.
 * Errors: -EINVAL standard input holds none.
 */
int fer_cli_password(struct fer_cli *cli, const char *given, struct fer_str *out, bool *made);

/** fer_cli_list - the parts of @text between its commas, without blanks around them; NULL and 0 of them for a NULL @text. */
struct fer_str *fer_cli_list(struct fer_cli *cli, const char *text, size_t *n);

/** fer_cli_table - print a list of maps: one line each, columns in the order of @columns (ended by NULL), as text or with --json as JSON. */
void fer_cli_table(struct fer_cli *cli, const struct fer_value *rows, const char *const *columns);

/** fer_cli_map - print one map: a line a member, or with --json as JSON. */
void fer_cli_map(struct fer_cli *cli, const struct fer_value *map);

#endif
