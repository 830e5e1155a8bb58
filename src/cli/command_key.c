/*
 * ferrite key …: the crypt keys, on a store that servers may be using at the same time; they follow within their `poll`.
 */
#include "auth/key_store.h"
#include "auth/reencrypt.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"

#define RETIRE_MAX_MIN ((int64_t)366 * 24 * 60)

static int64_t now_s(void)
{
	struct fer_clock clock;

	fer_clock_init(&clock);
	return fer_now_s(&clock);
}

static int list(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "kid", "state", "place", "created_at", "retires_at", "verifies", "live_tokens", NULL };
	struct fer_fault fault = { 0 };
	struct fer_value keys;
	int r = fer_key_list(house->auth, cli->arena, now_s(), &keys);

	if (r)
		return fer_cli_result(cli, r, &fault);
	fer_cli_table(cli, fer_get(&keys, "keys"), columns);
	if (!fer_cli_option(cli, "json"))
		printf("%.*s\n", FER_F(fer_map_str(cli->arena, &keys, "note")));
	return 0;
}

static int next(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };
	struct fer_str kid;
	int r = fer_key_next(house->auth, fer_cli_actor(cli), cli->arena, now_s(), &fault, &kid);

	if (fer_cli_result(cli, r, &fault))
		return 1;
	printf("the next key is %.*s\n", FER_F(kid));
	return 0;
}

/* The minutes of --retire-after as seconds; -1: not given. False: they make no sense. */
static bool retire_after(struct fer_cli *cli, int64_t *out)
{
	const char *text = fer_cli_option(cli, "retire-after");

	*out = -1;
	if (!text)
		return true;
	if (!fer_str_int(fer_str(text), out) || *out < 0 || *out > RETIRE_MAX_MIN)
		return false;
	*out *= 60;
	return true;
}

static int rotate(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_key_rotation rotation = { .compromised = fer_cli_option(cli, "compromised") != NULL };
	struct fer_fault fault = { 0 };

	if (!retire_after(cli, &rotation.retire_after_s))
		return fer_cli_fail(cli, "--retire-after takes minutes, 0 to %lld", (long long)RETIRE_MAX_MIN);
	if (fer_cli_result(cli, fer_key_rotate(house->auth, fer_cli_actor(cli), cli->arena, now_s(), &rotation, &fault), &fault))
		return 1;
	printf("key %.*s is in use\n", FER_F(rotation.kid));
	if (rotation.compromised)
		printf("key %.*s is dead, and every token it signed\n", FER_F(rotation.old_kid));
	else
		printf("key %.*s verifies until %.*s\n", FER_F(rotation.old_kid), FER_F(fer_time_text(cli->arena, rotation.retires_at_s)));
	return 0;
}

static int kill_key(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_fault fault = { 0 };

	if (fer_cli_result(cli, fer_key_kill(house->auth, fer_cli_actor(cli), cli->arena, fer_str(cli->words[0]), &fault), &fault))
		return 1;
	printf("key %s is dead\n", cli->words[0]);
	return 0;
}

static int reencrypt(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const columns[] = { "what", "secrets", "with_older_keys", "unreadable", NULL };
	bool dry = fer_cli_option(cli, "dry-run") != NULL;
	struct fer_fault fault = { 0 };
	struct fer_value counts;
	int r = fer_reencrypt(house->auth, fer_cli_actor(cli), cli->arena, dry, &counts);

	if (r)
		return fer_cli_result(cli, r, &fault);
	fer_cli_table(cli, &counts, columns);
	if (!fer_cli_option(cli, "json"))
		printf(dry ? "nothing was changed (--dry-run)\n" : "all readable secrets stand under the key in use\n");
	return 0;
}

const struct fer_command fer_command_key_list = {
	.name = "key list", .settings = true, FER_OPTIONS({ "json", NULL, "as JSON" }), .work = list,
	.summary = "List the crypt keys and what each still verifies",
};
const struct fer_command fer_command_key_next = {
	.name = "key next", .settings = true, .work = next,
	.summary = "Make the key that the next rotation takes, so that every node knows it before",
};
const struct fer_command fer_command_key_rotate = {
	.name = "key rotate", .settings = true, .work = rotate,
	FER_OPTIONS({ "retire-after", "MINUTES", "how long tokens of the old key stay good (default: as long as the longest-lived of them)" },
	            { "compromised", NULL, "the old key dies now, and every token it signed" }),
	.summary = "Sign with the next key, or with a new one",
	.text = "Only ferrite's own keys can be rotated. With Magento's (setting crypt_key, MAGENTO_DC_CRYPT__KEY) rotate in Magento.\n"
	        "Stored secrets stay readable; ferrite key reencrypt brings them under the new key.",
};
const struct fer_command fer_command_key_kill = {
	.name = "key kill", .settings = true, .words = "KID", .n_words_least = 1, .n_words_most = 1, .work = kill_key,
	.summary = "Kill a key that is not in use: it verifies nothing any more",
};
const struct fer_command fer_command_key_reencrypt = {
	.name = "key reencrypt", .settings = true, .work = reencrypt,
	FER_OPTIONS({ "dry-run", NULL, "only count" }, { "json", NULL, "as JSON" }),
	.summary = "Bring every stored secret under the key in use, in one transaction",
	.text = "Works with Magento's keys too, after a rotation there. A secret that no key opens is counted and left as it is.",
};
