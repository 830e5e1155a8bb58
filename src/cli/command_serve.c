/*
 * ferrite serve: answer requests from an initialised store.
 */
#include "cli/commands.h"
#include "cli/house.h"

static int serve(struct fer_cli *cli, struct fer_house *house)
{
	return fer_house_serve(house, cli);
}

static int run(struct fer_cli *cli)
{
	return fer_house_with(cli, serve);
}

const struct fer_command fer_command_serve = {
	.name = "serve",
	.settings = true,
	.summary = "Serve the API from a store made by ferrite init, or from the database of a Magento shop",
	.text = "SIGTERM stops it when the running requests are answered; SIGHUP reads settings and TLS files again.",
	.run = run,
};
