/*
 * A client that asks at a steady pace, as a bystander would, and tells how long it waited: for the latency of ordinary requests while
 * passwords are checked. One connection; a late answer delays no later question's clock.
 *
 * pace PORT PATH SECONDS PER_SECOND, the Bearer token in $TOKEN: prints p50 and p99 in microseconds.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/str.h"

static int ask(int fd, const char *request, size_t len)
{
	char answer[65536];
	ssize_t n;

	if (write(fd, request, len) != (ssize_t)len || (n = read(fd, answer, sizeof(answer))) <= 0)
		return -1;
	return memcmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void wait_until(int64_t at_us)
{
	int64_t left = at_us - fer_monotonic_us();

	if (left > 0)
		usleep((useconds_t)left);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int64_t port, seconds, rate, *waits, next_us;
	char request[4096];
	const int on = 1;
	size_t n;
	int fd = socket(AF_INET, SOCK_STREAM, 0), len;

	if (argc != 5 || !fer_str_int(fer_str(argv[1]), &port) || !fer_str_int(fer_str(argv[3]), &seconds) ||
	    !fer_str_int(fer_str(argv[4]), &rate) || seconds < 1 || rate < 1)
		return 2;
	address.sin_port = htons((uint16_t)port);
	n = (size_t)(seconds * rate);
	waits = calloc(n, sizeof(*waits));
	len = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", argv[2],
	               getenv("TOKEN") ? getenv("TOKEN") : "");
	if (!waits || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	next_us = fer_monotonic_us();
	for (size_t i = 0; i < n; i++, next_us += 1000000 / rate) {
		int64_t begun_us;

		wait_until(next_us);
		begun_us = fer_monotonic_us();
		if (ask(fd, request, (size_t)len))
			return 1;
		waits[i] = fer_monotonic_us() - begun_us;
	}
	qsort(waits, n, sizeof(*waits), by_size);
	printf("%lld %lld\n", (long long)waits[n / 2], (long long)waits[n * 99 / 100]);
	free(waits);
	return 0;
}
