/*
 * ferrite version: what was built, from what.
 */
#include "cli/commands.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <sodium.h>

static int run(struct fer_cli *cli)
{
	(void)cli;
	printf("ferrite %s\n", FER_VERSION);
	printf("libmicrohttpd %s, GnuTLS %s, libsodium %s\n", MHD_get_version(), gnutls_check_version(NULL), sodium_version_string());
	return 0;
}

const struct fer_command fer_command_version = {
	.name = "version",
	.summary = "Say which version this is",
	.run = run,
};
