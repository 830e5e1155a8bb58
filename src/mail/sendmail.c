/*
 * A program that takes a message on standard input, as sendmail does. Its words are the operator's alone: who gets the mail stands in
 * the message, in a field that was encoded.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "mail/carrier.h"

#define WORDS_MAX 16
#define TIME_US INT64_C(60000000)
#define EX_DATAERR 65            /* sysexits.h: these will not be better later */
#define EX_NOUSER 67
#define EX_NOHOST 68

/* Words apart at blanks; there is no shell. */
static void split(char *text, char *words[WORDS_MAX + 1])
{
	size_t n = 0;

	for (char *at = text; *at && n < WORDS_MAX;) {
		while (*at == ' ')
			*at++ = '\0';
		if (*at)
			words[n++] = at;
		while (*at && *at != ' ')
			at++;
	}
	words[n] = NULL;
}

static int spawn(const char *command, int input, pid_t *pid)
{
	char text[1024], *words[WORDS_MAX + 1], *no_environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C", NULL };
	posix_spawn_file_actions_t files;
	int r;

	if ((size_t)snprintf(text, sizeof(text), "%s", command) >= sizeof(text))
		return -E2BIG;
	split(text, words);
	if (!words[0])
		return -ENOENT;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	r = posix_spawn(pid, words[0], &files, NULL, words, no_environment);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

/* Lines end as files have them here: CR LF becomes LF. False: the program does not read, or not in time. */
static bool feed(int fd, struct fer_str message, int64_t until_us)
{
	while (message.len) {
		struct pollfd waiting = { .fd = fd, .events = POLLOUT };
		ptrdiff_t cr = fer_str_find(message, '\r');
		size_t size = cr < 0 ? message.len : (size_t)cr;
		ssize_t n;

		if (!size) {
			message = fer_str_skip(message, 1);
			continue;
		}
		if (poll(&waiting, 1, 1000) < 0 || fer_monotonic_us() > until_us)
			return false;
		n = write(fd, message.at, size);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		message = fer_str_skip(message, n > 0 ? (size_t)n : 0);
	}
	return true;
}

/* The status of waitpid; -1: it had to be ended. */
static int wait_for(pid_t pid, int64_t until_us)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (fer_monotonic_us() > until_us) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		nanosleep(&nap, NULL);
	}
	return status;
}

static enum fer_mail_verdict judge(int status, bool fed, char *reason, size_t size)
{
	int code = status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (code == 0 && fed)
		return FER_MAIL_SENT;
	if (code < 0)
		snprintf(reason, size, "mail_command was ended");
	else
		snprintf(reason, size, fed ? "mail_command ended with status %d" : "mail_command did not read the message (status %d)", code);
	return code == EX_DATAERR || code == EX_NOUSER || code == EX_NOHOST ? FER_MAIL_REFUSED : FER_MAIL_AGAIN;
}

enum fer_mail_verdict fer_sendmail_run(const char *command, const struct fer_envelope *envelope, char *reason, size_t size)
{
	int64_t until_us = fer_monotonic_us() + TIME_US;
	int ends[2], r;
	bool fed;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		snprintf(reason, size, "pipe: %s", strerror(errno));
		return FER_MAIL_AGAIN;
	}
	r = spawn(command, ends[0], &pid);
	close(ends[0]);
	if (r) {
		close(ends[1]);
		snprintf(reason, size, "mail_command does not start: %s", strerror(-r));
		return FER_MAIL_AGAIN;
	}
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	fed = feed(ends[1], envelope->message, until_us);
	close(ends[1]);
	return judge(wait_for(pid, until_us), fed, reason, size);
}
