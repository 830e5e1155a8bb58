/*
 * The yardstick: a server of libmicrohttpd alone that answers every request with one line. What ferrite costs is told as a multiple
 * of this.
 *
 * bare [THREADS]: prints "listening on http://…" and serves until it is killed.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <unistd.h>

#include "core/str.h"

static const char line[] = "{\"message\":\"hello\"}";

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                              const char *bytes, size_t *size, void **context)
{
	struct MHD_Response *response;
	enum MHD_Result r;

	(void)data, (void)url, (void)method, (void)version, (void)bytes;
	if (!*context) {
		*context = connection;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(sizeof(line) - 1, (void *)line, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json; charset=utf-8");
	r = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return r;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int64_t threads = 2;
	struct MHD_Daemon *daemon;
	const union MHD_DaemonInfo *info;

	if (argc > 1 && (!fer_str_int(fer_str(argv[1]), &threads) || threads < 2 || threads > 64))
		return 2;
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &address,
	                          MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)threads, MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
	if (!daemon || !(info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)))
		return 1;
	printf("listening on http://127.0.0.1:%u\n", info->port);
	fflush(stdout);
	pause();
	return 0;
}
