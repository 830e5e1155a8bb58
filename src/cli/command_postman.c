/*
 * ferrite postman: the process that sends a server's mail (mail/postman.h). The server starts it; its standard input is their socket.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "cli/commands.h"
#include "http/confine.h"
#include "http/privilege.h"
#include "mail/carrier.h"

#define SOCKET 0

/*
 * By SMTP: as confined as the server, and without its database. A mail program must be started, and may need its set-group-id: such a
 * process keeps that right, holds no secret, and reads nothing but messages.
 */
static int confine(struct fer_cli *cli, const struct fer_carrier_orders *orders, char why[256])
{
	struct fer_settings *settings = &cli->settings;
	int r;

	if (orders->command[0])
		return fer_privilege_user(orders->user, why);
	settings->database = "sqlite::memory:";
	settings->seccomp = orders->seccomp;
	settings->landlock = strcmp(orders->landlock, "on") == 0;
	settings->smtp_ca = orders->authorities;
	r = fer_privilege_drop(orders->user, why);
	return r ? r : fer_confine(settings, NULL, why);
}

static bool is_socket(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static int run(struct fer_cli *cli)
{
	struct fer_carrier_orders orders;
	char why[256] = "";
	int r;

	if (!is_socket(SOCKET))
		return fer_cli_fail(cli, "ferrite serve starts this where mail is set up; it is of no use by hand");
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_DUMPABLE, 0);
	if ((r = fer_carrier_orders_read(SOCKET, cli->arena, &orders)) || (r = confine(cli, &orders, why)))
		return fer_cli_fail(cli, "%s", why[0] ? why : strerror(-r));
	fer_carrier_run(SOCKET, &orders);
	return 0;
}

const struct fer_command fer_command_postman = {
	.name = "postman",
	.summary = "Send mail for a server, which starts this by itself",
	.run = run,
};
