/*
 * ferrite user tfa …: an admin's second factor, from the side of the operator: what is set up, start anew, a secret from elsewhere, a
 * configuration token for whom no mail reaches.
 */
#include <errno.h>

#include "auth/tfa.h"
#include "auth/tfat.h"
#include "auth/totp.h"
#include "auth/user.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"
#include "store/config.h"

#define LINE_MAX 1024

struct work {
	struct fer_cli *cli;
	struct fer_house *house;
	int64_t user_id;
	struct fer_fault fault;
};

/* Errors of auth/tfa.h that were not collected are about the user. */
static int told(struct work *work, int r)
{
	if (r > 0 && !work->fault.n)
		fer_fault_add(work->cli->arena, &work->fault, (enum fer_error)r, "1", fer_text(work->cli->words[0]), NULL);
	return fer_cli_result(work->cli, r, &work->fault);
}

/* -- show --------------------------------------------------------------------------------------------------------- */

static const char *yes(bool truth)
{
	return truth ? "yes" : "no";
}

static int show(struct work *work)
{
	static const char *const columns[] = { "provider", "enabled", "forced", "set_up", NULL };
	struct fer_arena *arena = work->cli->arena;
	struct fer_value rows = fer_list();
	struct fer_tfa_forced forced;
	struct fer_tfa_user user;
	int r;

	if ((r = fer_tfa_forced_read(work->house->store, &forced)) || (r = fer_tfa_of(work->house->auth, arena, work->user_id, &user)))
		return told(work, r);
	for (size_t i = 0; i < FER_N_TFA_PROVIDERS; i++) {
		const struct fer_tfa_provider *p = &fer_tfa_providers[i];
		struct fer_value row = fer_map();

		fer_set(arena, &row, "provider", fer_text(p->code));
		fer_set(arena, &row, "enabled", fer_text(yes(fer_tfa_provider_enabled(work->house->store, p))));
		fer_set(arena, &row, "forced", fer_text(yes(fer_tfa_allowed(&forced, p))));
		fer_set(arena, &row, "set_up", fer_text(yes(fer_tfa_active(&user, p))));
		fer_push(arena, &rows, row);
	}
	fer_cli_table(work->cli, &rows, columns);
	return 0;
}

/* -- reset -------------------------------------------------------------------------------------------------------- */

static int reset(struct work *work, const char *code)
{
	const struct fer_tfa_provider *provider = fer_tfa_provider(fer_str(code));
	int r;

	if (!provider)
		r = fer_fault_add(work->cli->arena, &work->fault, FER_E_TFA_UNKNOWN_PROVIDER, "1", fer_text(code), NULL);
	else
		r = fer_tfa_reset(work->house->auth, work->cli->arena,
		                  (struct fer_tfa_change){ fer_cli_actor(work->cli), work->user_id, provider, NULL });
	if (told(work, r))
		return 1;
	printf("user %s: %s must be set up anew\n", work->cli->words[0], code);
	return 0;
}

/* -- a secret from elsewhere -------------------------------------------------------------------------------------- */

static int read_line(struct fer_cli *cli, const char *path, struct fer_str *out)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char line[LINE_MAX] = "";
	int r = 0;

	if (!file)
		return fer_cli_fail(cli, "%s: %s", path, strerror(errno));
	if (!fgets(line, sizeof(line), file))
		r = fer_cli_fail(cli, "%s holds no secret", path);
	*out = fer_str_dup(cli->arena, fer_str_trim(fer_str(line)));
	explicit_bzero(line, sizeof(line));
	if (file != stdin)
		fclose(file);
	return r;
}

static int set_secret(struct work *work, const char *path)
{
	struct fer_cli *cli = work->cli;
	struct fer_str secret;
	int r;

	if (read_line(cli, path, &secret))
		return 1;
	if (!fer_totp_secret_fits(cli->arena, secret))
		r = fer_fault_add(cli->arena, &work->fault, FER_E_TFA_SECRET_SHAPE, NULL);
	else
		r = fer_tfa_set_secret(work->house->auth, cli->arena, fer_cli_actor(cli), work->user_id, secret);
	if (told(work, r))
		return 1;
	printf("user %s: google is set up with that secret\n", cli->words[0]);
	return 0;
}

/* -- a token ------------------------------------------------------------------------------------------------------ */

static int print_token(struct work *work)
{
	struct fer_arena *arena = work->cli->arena;
	struct fer_str token, url;
	struct fer_clock clock;
	ptrdiff_t at;
	int r;

	fer_clock_init(&clock);
	if ((r = fer_tfat_issue(work->house->keys, arena, work->user_id, fer_now_s(&clock), &token)) ||
	    (r = fer_config_text(work->house->store, arena, 0, FER_TFAT_URL, &url)))
		return told(work, r);
	printf("%.*s\n", FER_F(token));
	if ((at = fer_str_search(url, FER_S(":tfat"))) >= 0)
		printf("%.*s%.*s%.*s\n", (int)at, url.at, FER_F(token), FER_F(fer_str_skip(url, (size_t)at + strlen(":tfat"))));
	return 0;
}

static int tfa(struct fer_cli *cli, struct fer_house *house)
{
	const char *code = fer_cli_option(cli, "reset"), *path = fer_cli_option(cli, "secret-file");
	struct work work = { .cli = cli, .house = house };
	int r = fer_user_find(house->auth, cli->arena, fer_str(cli->words[0]), &work.fault, &work.user_id);

	if (told(&work, r))
		return 1;
	if (code)
		return reset(&work, code);
	if (path)
		return set_secret(&work, path);
	return fer_cli_option(cli, "token") ? print_token(&work) : show(&work);
}

static int run(struct fer_cli *cli)
{
	return fer_house_with(cli, tfa);
}

const struct fer_command fer_command_user_tfa = {
	.name = "user tfa",
	.words = "NAME",
	.n_words_least = 1,
	.n_words_most = 1,
	.settings = true,
	FER_OPTIONS({ "reset", "PROVIDER", "forget what is set up for google, u2fkey, authy or duo_security" },
	            { "secret-file", "FILE", "set google up with the base32 secret in this file; - reads standard input" },
	            { "token", NULL, "print a token, good for an hour, with which the admin sets a second factor up" },
	            { "json", NULL, "as JSON" }),
	.summary = "Show or change the second factor of an admin user",
	.text = "The second factor is asked for while ferrite/tfa/enabled is 1; twofactorauth/general/force_providers says which.",
	.run = run,
};
