/*
 * Frames, and the loop of the process that sends mail.
 */
#include "mail/carrier.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* -- frames ------------------------------------------------------------------------------------------------------ */

static int write_all(int fd, const char *at, size_t size)
{
	while (size) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static int read_all(int fd, char *at, size_t size, int wait_ms)
{
	while (size) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		int ready = poll(&waiting, 1, wait_ms);
		ssize_t n = ready == 1 ? recv(fd, at, size, 0) : 0;

		if ((ready < 0 || n < 0) && errno == EINTR)
			continue;
		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 || n <= 0)
			return ready < 0 || n < 0 ? -errno : -EPIPE;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int fer_frame_write(int fd, struct fer_str bytes)
{
	uint32_t size = (uint32_t)bytes.len;
	int r = bytes.len > FER_FRAME_MAX ? -EMSGSIZE : write_all(fd, (const char *)&size, sizeof(size));

	return r ? r : write_all(fd, bytes.at, bytes.len);
}

int fer_frame_read(int fd, struct fer_arena *arena, int wait_ms, struct fer_str *out)
{
	uint32_t size;
	char *bytes;
	int r = read_all(fd, (char *)&size, sizeof(size), wait_ms);

	if (r)
		return r;
	if (size > FER_FRAME_MAX)
		return -EMSGSIZE;
	bytes = fer_alloc(arena, (size_t)size + 1);
	*out = (struct fer_str){ bytes, size };
	return read_all(fd, bytes, size, wait_ms);
}

/* -- the first one ----------------------------------------------------------------------------------------------- */

static const size_t texts[] = {
#define TEXT(name) offsetof(struct fer_carrier_orders, name)
	TEXT(user), TEXT(seccomp), TEXT(landlock), TEXT(command), TEXT(server), TEXT(tls), TEXT(account), TEXT(password), TEXT(authorities),
#undef TEXT
};

void fer_carrier_orders_write(struct fer_buf *buf, const struct fer_carrier_orders *orders)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++) {
		const char *text = *(const char *const *)((const char *)orders + texts[i]);

		fer_buf_add(buf, text, strlen(text) + 1);
	}
}

int fer_carrier_orders_read(int fd, struct fer_arena *arena, struct fer_carrier_orders *out)
{
	struct fer_str rest, piece;
	int r = fer_frame_read(fd, arena, -1, &rest);

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(texts); i++) {
		if (!fer_str_cut(&rest, '\0', &piece))
			return -EINVAL;
		*(const char **)((char *)out + texts[i]) = piece.at;
	}
	return r;
}

/* -- sending ----------------------------------------------------------------------------------------------------- */

static enum fer_mail_verdict carry(const struct fer_carrier_orders *orders, struct fer_str frame, char *reason, size_t size)
{
	struct fer_str sender, recipient;
	struct fer_envelope envelope;

	if (!fer_str_cut(&frame, '\0', &sender) || !fer_str_cut(&frame, '\0', &recipient)) {
		snprintf(reason, size, "not a message");
		return FER_MAIL_REFUSED;
	}
	envelope = (struct fer_envelope){ sender.at, recipient.at, frame };
	return orders->command[0] ? fer_sendmail_run(orders->command, &envelope, reason, size) : fer_smtp_send(orders, &envelope, reason, size);
}

static int serve_one(int fd, const struct fer_carrier_orders *orders)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping(4 * FER_FRAME_MAX);
	char answer[200] = "";
	struct fer_str frame;
	int r = fer_frame_read(fd, arena, -1, &frame);

	if (r)
		return r;
	answer[0] = (char)('0' + carry(orders, frame, answer + 1, sizeof(answer) - 1));
	return fer_frame_write(fd, fer_str(answer));
}

void fer_carrier_run(int fd, const struct fer_carrier_orders *orders)
{
	while (serve_one(fd, orders) == 0)
		;
}
