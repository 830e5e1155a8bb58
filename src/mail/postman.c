/*
 * The server's side of the process that sends mail.
 */
#include "mail/postman.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/cidr.h"
#include "core/log.h"
#include "mail/carrier.h"

#define PATIENCE_MS 90000         /* longer than an attempt may take */

struct fer_postman {
	int fd;
	_Atomic bool gone;        /* it does not answer any more */
};

/* -- settings ---------------------------------------------------------------------------------------------------- */

/* HOST:PORT. */
static bool is_local(const char *server)
{
	const char *port = strrchr(server, ':');

	return fer_host_is_loopback((struct fer_str){ server, port ? (size_t)(port - server) : strlen(server) });
}

static int check(const struct fer_settings *settings, char why[256])
{
	const char *tls = settings->smtp_tls;
	const char *fault = NULL;

	if (settings->mail_command[0] && settings->smtp_server[0])
		fault = "mail_command and smtp_server are two ways to send mail: give one";
	else if (settings->mail_command[0] && settings->mail_command[0] != '/')
		fault = "mail_command must name a program by its whole path";
	else if (strcmp(tls, "starttls") != 0 && strcmp(tls, "tls") != 0 && strcmp(tls, "off") != 0)
		fault = "smtp_tls must be starttls, tls or off";
	else if (strpbrk(settings->smtp_server, "/@?# \t"))
		fault = "smtp_server is HOST:PORT";
	else if (settings->smtp_server[0] && strcmp(tls, "off") == 0 && settings->smtp_user[0] && !is_local(settings->smtp_server))
		fault = "smtp_user without TLS would send its password in the clear: smtp_tls must be starttls or tls";
	if (fault)
		snprintf(why, 256, "%s", fault);
	return fault ? -EINVAL : 0;
}

static int send_orders(int fd, const struct fer_settings *settings)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(65536);
	const struct fer_carrier_orders orders = {
		.user = settings->user, .seccomp = settings->seccomp, .landlock = settings->landlock ? "on" : "off",
		.command = settings->mail_command, .server = settings->smtp_server, .tls = settings->smtp_tls,
		.account = settings->smtp_user, .password = settings->smtp_password ? settings->smtp_password : "",
		.authorities = settings->smtp_ca,
	};
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 16384);
	fer_carrier_orders_write(&buf, &orders);
	return buf.overflow ? -E2BIG : fer_frame_write(fd, fer_buf_view(&buf));
}

/* -- the process ------------------------------------------------------------------------------------------------- */

/* Its own group, so that a Ctrl-C meant for the server does not end it before the last mail; nothing open but the socket, as fd 0. */
static int spawn(int fd)
{
	char *words[] = { "ferrite", "postman", NULL }, *environment[] = { "LANG=C", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	pid_t pid;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	r = -posix_spawn(&pid, "/proc/self/exe", &files, &attributes, words, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return r;
}

static int begin(const struct fer_settings *settings, int *out)
{
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	r = spawn(ends[1]);
	close(ends[1]);
	if (!r)
		r = send_orders(ends[0], settings);
	if (r)
		close(ends[0]);
	*out = ends[0];
	return r;
}

int fer_postman_open(const struct fer_settings *settings, struct fer_postman **out, char why[256])
{
	struct fer_postman *postman;
	int r = check(settings, why);

	*out = NULL;
	if (r || (!settings->mail_command[0] && !settings->smtp_server[0]))
		return r;
	if (!(postman = calloc(1, sizeof(*postman))))
		return -ENOMEM;
	if ((r = begin(settings, &postman->fd))) {
		free(postman);
		snprintf(why, 256, "cannot start the process that sends mail: %s", strerror(-r));
		return r;
	}
	*out = postman;
	return 0;
}

void fer_postman_close(struct fer_postman *postman)
{
	if (!postman)
		return;
	close(postman->fd);
	free(postman);
}

bool fer_postman_gone(const struct fer_postman *postman)
{
	return atomic_load(&postman->gone);
}

void fer_postman_hang_up(struct fer_postman *postman)
{
	shutdown(postman->fd, SHUT_RDWR);
}

/* -- a mail ------------------------------------------------------------------------------------------------------ */

static int exchange(int fd, struct fer_arena *arena, const struct fer_mail *mail, struct fer_str *answer)
{
	struct fer_buf buf;
	int r;

	fer_buf_init(&buf, arena, FER_FRAME_MAX);
	fer_buf_str(&buf, mail->sender);
	fer_buf_char(&buf, '\0');
	fer_buf_str(&buf, mail->recipient);
	fer_buf_char(&buf, '\0');
	fer_message_write(&buf, mail);
	if (buf.overflow)
		return -EMSGSIZE;
	r = fer_frame_write(fd, fer_buf_view(&buf));
	return r ? r : fer_frame_read(fd, arena, PATIENCE_MS, answer);
}

/* A process that is gone cannot be started again: the server has no right to. Its mails wait for the next start. */
static enum fer_mail_verdict lost(struct fer_postman *postman, int r, char *reason)
{
	if (!atomic_exchange(&postman->gone, true))
		fer_log(FER_LOG_ERROR, "the process that sends mail went away; mail waits until ferrite is started again", "reason",
		        strerror(-r), NULL);
	snprintf(reason, FER_MAIL_REASON_MAX, "the process that sends mail is gone");
	return FER_MAIL_AGAIN;
}

enum fer_mail_verdict fer_postman_send(struct fer_postman *postman, struct fer_arena *arena, const struct fer_mail *mail,
                                       char reason[FER_MAIL_REASON_MAX])
{
	struct fer_str answer;
	int r = fer_postman_gone(postman) ? -EPIPE : exchange(postman->fd, arena, mail, &answer);

	reason[0] = '\0';
	if (r == -EMSGSIZE) {
		snprintf(reason, FER_MAIL_REASON_MAX, "the message is too long");
		return FER_MAIL_REFUSED;
	}
	if (!r && (!answer.len || answer.at[0] < '0' || answer.at[0] > '0' + FER_MAIL_REFUSED))
		r = -EPROTO;
	if (r)
		return lost(postman, r, reason);
	snprintf(reason, FER_MAIL_REASON_MAX, "%.*s", FER_F(fer_str_skip(answer, 1)));
	return (enum fer_mail_verdict)(answer.at[0] - '0');
}
