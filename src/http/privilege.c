/*
 * Giving up rights. It is done after bind and before the first request, and it fails closed: a server that cannot drop does not serve.
 */
#include "http/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int become(const char *user)
{
	struct passwd *account;

	errno = 0;
	account = getpwnam(user);
	if (!account)
		return errno ? -errno : -ENOENT;
	if (setgroups(0, NULL) || setgid(account->pw_gid) || setuid(account->pw_uid))
		return -errno;
	return setuid(0) == 0 ? -EPERM : 0;      /* it must not be possible to come back */
}

int fer_privilege_user(const char *user, char why[256])
{
	int r = user[0] && geteuid() == 0 ? become(user) : 0;

	if (r)
		snprintf(why, 256, "cannot change to user \"%.60s\": %s", user, strerror(-r));
	return r;
}

int fer_privilege_drop(const char *user, char why[256])
{
	const struct rlimit no_core = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &no_core) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		int r = -errno;

		snprintf(why, 256, "cannot give up privileges: %s", strerror(-r));
		return r;
	}
	return fer_privilege_user(user, why);
}
