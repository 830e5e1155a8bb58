/*
 * ferrite mail …: what waits in the outbox, and another try for what was given up. Bodies hold links that set passwords: no command shows them.
 */
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"
#include "mail/outbox.h"

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "id", "state", "kind", "to", "created_at", "next_at", "attempts", "reason", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value rows;
	int r = fer_outbox_waiting(house->store, cli->arena, &rows);

	if (r)
		return fer_cli_result(cli, r, &fault);
	fer_cli_table(cli, &rows, columns);
	return 0;
}

static int retry(struct fer_cli *cli, struct fer_house *house)
{
	bool all = strcmp(cli->words[0], "all") == 0;
	struct fer_fault fault = { 0 };
	struct fer_clock clock;
	int64_t id = 0, n;

	if (!all && (!fer_str_int(fer_str(cli->words[0]), &id) || id < 1))
		return fer_cli_fail(cli, "a mail is named by its number, or \"all\"");
	fer_clock_init(&clock);
	if (fer_cli_result(cli, fer_outbox_retry(house->store, id, fer_now_s(&clock), &n), &fault))
		return 1;
	if (!n && !all)
		return fer_cli_fail(cli, "no mail %lld was given up", (long long)id);
	printf("%lld to be tried again\n", (long long)n);
	return 0;
}

const struct fer_command fer_command_mail_list = {
	.name = "mail list", .settings = true, FER_OPTIONS({ "json", NULL, "as JSON" }), .work = list,
	.summary = "List the mail that waits to be sent or was given up",
};
const struct fer_command fer_command_mail_retry = {
	.name = "mail retry", .settings = true, .words = "ID|all", .n_words_least = 1, .n_words_most = 1, .work = retry,
	.summary = "Try again to send mail that was given up",
	.text = "A server that runs takes it up within a second. What was given up is forgotten after 30 days.",
};
