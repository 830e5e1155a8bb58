/*
 * Opens and closes the listener. Everything MHD is told about limits stands here.
 */
#include "http/listener.h"

#include <errno.h>
#include <unistd.h>

#include "auth/limit.h"
#include "core/log.h"
#include "http/confine.h"
#include "http/http.h"
#include "http/privilege.h"

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define HASH_NICE 10            /* a tenth of a core is left to passwords even in a flood of other requests */
#define HEAD_ROOM 2048          /* of a connection's memory, for the head of the answer; MHD clears all of it after each request */

/* -- settings ---------------------------------------------------------------------------------------------------- */

struct word {
	const char *text;
	int meaning;
};

static int by_word(const struct word *words, size_t n, const char *name, const char *text, int *out, char why[256])
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i].text, text) == 0) {
			*out = words[i].meaning;
			return 0;
		}
	snprintf(why, 256, "%s cannot be \"%.60s\"", name, text);
	return -EINVAL;
}

/* What a reload may change, read and found good before any of it is put in use. */
struct next {
	int log, level, who;
	struct fer_proxies *proxies;
	struct fer_limit_rules *rules;
};

static int read_next(const struct fer_settings *settings, struct next *next, char why[256])
{
	static const struct word logs[] = { { "off", FER_ACCESS_OFF }, { "errors", FER_ACCESS_ERRORS }, { "all", FER_ACCESS_ALL } };
	static const struct word levels[] = { { "error", FER_LOG_ERROR }, { "warn", FER_LOG_WARN }, { "info", FER_LOG_INFO },
	                                      { "debug", FER_LOG_DEBUG } };
	static const struct word whos[] = { { "off", FER_METRICS_OFF }, { "local", FER_METRICS_LOCAL }, { "all", FER_METRICS_ALL } };
	int r;

	if ((r = by_word(logs, FER_ARRAY_LEN(logs), "access_log", settings->access_log, &next->log, why)) ||
	    (r = by_word(levels, FER_ARRAY_LEN(levels), "log_level", settings->log_level, &next->level, why)) ||
	    (r = by_word(whos, FER_ARRAY_LEN(whos), "metrics", settings->metrics, &next->who, why)))
		return r;
	if ((r = fer_proxies_new(settings->trusted_proxies, &next->proxies, why)))
		return r;
	return fer_limit_rules_new(settings, &next->rules, why);
}

static void put_next(struct fer_http *http, const struct fer_settings *settings, struct next *next)
{
	fer_log_level((enum fer_log_level)next->level);
	atomic_store(&http->live.access_log, next->log);
	atomic_store(&http->live.metrics, next->who);
	atomic_store(&http->live.retry_after_s, (int)settings->retry_after);
	atomic_store(&http->live.id_header, settings->request_id_header);
	atomic_store(&http->live.max_body, (size_t)settings->max_body * 1024);
	fer_latest_put(&http->proxies, &next->proxies->item);
	fer_limits_put(http->server->limits, next->rules);
}

static int load_tls(struct fer_http *http, const struct fer_settings *settings, char why[256])
{
	if (http->tls)
		return fer_tls_reload(http->tls, settings, why);
	if (settings->tls_certificate[0])
		return http->daemon ? 0 : fer_tls_new(settings, &http->tls, why);
	if (!settings->tls_client_ca[0] && !settings->tls_client_required)
		return 0;
	snprintf(why, 256, "tls_client_ca and tls_client_required need TLS: give tls_certificate and tls_key");
	return -EINVAL;
}

int fer_http_reload(struct fer_http *http, const struct fer_settings *settings, char why[256])
{
	struct next next = { 0 };
	int r = read_next(settings, &next, why);

	if (!r)
		r = load_tls(http, settings, why);
	if (!r) {
		put_next(http, settings, &next);
		return 0;
	}
	free(next.proxies);
	fer_limit_rules_free(next.rules);
	return r;
}

static size_t processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 64 ? 64 : (size_t)n;
}

static size_t threads_or_processors(int64_t n)
{
	return n ? (size_t)n : processors();
}

/* -- the socket -------------------------------------------------------------------------------------------------- */

static int check_plain(const struct fer_http *http, const struct fer_settings *settings, char why[256])
{
	struct fer_ip ip = fer_address_ip((const struct sockaddr *)&http->address.at);

	if (http->tls || settings->allow_plain_http || fer_ip_is_loopback(&ip))
		return 0;
	snprintf(why, 256, "plain HTTP on %.80s would send passwords in the clear: give tls_certificate and tls_key, or set allow_plain_http "
	         "when a proxy in front speaks TLS", settings->listen);
	return -EINVAL;
}

static int bind_socket(struct fer_http *http, int *out)
{
	const int on = 1;
	int fd = socket(http->address.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(fd, (struct sockaddr *)&http->address.at, http->address.len) ||
	    listen(fd, 1024) || getsockname(fd, (struct sockaddr *)&http->address.at, &http->address.len)) {
		int r = -errno;

		close(fd);
		return r;
	}
	*out = fd;
	return 0;
}

static int open_socket(struct fer_http *http, const struct fer_settings *settings, int *fd, char why[256])
{
	int r = fer_address_parse(settings->listen, &http->address);

	if (r) {
		snprintf(why, 256, "listen cannot be \"%.80s\": it is ADDRESS:PORT", settings->listen);
		return r;
	}
	if ((r = check_plain(http, settings, why)))
		return r;
	if ((r = bind_socket(http, fd)))
		snprintf(why, 256, "cannot listen on %.80s: %s", settings->listen, strerror(-r));
	return r;
}

/* -- MHD --------------------------------------------------------------------------------------------------------- */

/* GnuTLS passes no pointer of ours; MHD keeps its connection in the session, and we keep the exchange in the connection. */
static int on_certificate(gnutls_session_t session, const gnutls_datum_t *names, int n_names, const gnutls_pk_algorithm_t *algorithms,
                          int n_algorithms, gnutls_pcert_st **certificates, unsigned int *n, gnutls_privkey_t *key)
{
	struct MHD_Connection *connection = gnutls_session_get_ptr(session);
	const union MHD_ConnectionInfo *info =
		connection ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT) : NULL;
	struct fer_exchange *x = info ? info->socket_context : NULL;

	(void)names, (void)n_names, (void)algorithms, (void)n_algorithms;
	return x ? fer_tls_pair(x->http->tls, certificates, n, key) : -1;
}

/* Paths and queries reach api as they were sent. */
static size_t leave_escaped(void *data, struct MHD_Connection *connection, char *text)
{
	(void)data, (void)connection;
	return strlen(text);
}

static void on_panic(void *data, const char *file, unsigned int line, const char *reason)
{
	(void)data, (void)line;
	fer_log(FER_LOG_ERROR, "libmicrohttpd gave up", "file", file, "reason", reason, NULL);
	abort();
}

static struct MHD_Daemon *start_daemon(struct fer_http *http, const struct fer_settings *settings, int fd)
{
	size_t n_threads = threads_or_processors(settings->event_threads);
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (http->tls ? MHD_USE_TLS : 0);
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, fd, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(settings->max_header * 1024 + HEAD_ROOM), NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)settings->max_connections, NULL },
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)settings->max_connections_per_address, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)settings->idle_timeout, NULL },
		{ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)fer_exchange_target, http },
		{ MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, NULL },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)fer_exchange_connection, http },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)fer_exchange_done, http },
		/* One thread is MHD's own case without a pool; the option would refuse it. */
		{ n_threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)n_threads, NULL },
		{ http->tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, (char[]){ TLS_PRIORITIES } },
		{ MHD_OPTION_END, 0, NULL },
	};

	/* A NULL certificate callback would not be taken without TLS, so that option travels apart. */
	return http->tls ? MHD_start_daemon(flags, 0, NULL, NULL, fer_exchange_request, http, MHD_OPTION_HTTPS_CERT_CALLBACK, on_certificate,
	                                    MHD_OPTION_ARRAY, options, MHD_OPTION_END)
	                 : MHD_start_daemon(flags, 0, NULL, NULL, fer_exchange_request, http, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static int start_threads(struct fer_http *http, const struct fer_settings *settings)
{
	http->store_pool = fer_pool_new("store", (size_t)settings->store_threads, (size_t)settings->store_queue, 0);
	http->hash_pool = fer_pool_new("hash", threads_or_processors(settings->hash_threads), (size_t)settings->hash_queue,
	                                HASH_NICE);
	http->metrics = fer_metrics_new(http->server);
	return http->store_pool && http->hash_pool && http->metrics ? 0 : -ENOMEM;
}

static void http_free(struct fer_http *http)
{
	fer_pool_free(http->store_pool);
	fer_pool_free(http->hash_pool);
	fer_metrics_free(http->metrics);
	fer_tls_free(http->tls);
	fer_latest_release(&http->proxies, free);
	fer_patience_release(&http->patience);
	free(http);
}

static int http_init(struct fer_http *http, const struct fer_settings *settings, int *fd, char why[256])
{
	int r = fer_http_reload(http, settings, why);

	if (!r)
		r = open_socket(http, settings, fd, why);
	if (!r)
		r = fer_privilege_drop(settings->user, why);
	/* Before there are threads: Landlock confines only those that come after. */
	if (!r)
		r = fer_confine(settings, http->server->media, why);
	if (!r && (r = start_threads(http, settings)))
		snprintf(why, 256, "cannot start threads: %s", strerror(-r));
	return r;
}

int fer_http_open(struct fer_server *server, const struct fer_settings *settings, struct fer_http **out, char why[256])
{
	struct fer_http *http = calloc(1, sizeof(*http));
	int fd = -1, r;

	if (!http)
		return -ENOMEM;
	http->server = server;
	http->max_header = (size_t)settings->max_header * 1024;
	http->stop_timeout_s = (int)settings->stop_timeout;
	http->idle_timeout_s = (int)settings->idle_timeout;
	http->request_timeout_s = (int)settings->request_timeout;
	fer_patience_init(&http->patience);
	http->behind_tls = settings->behind_tls;
	MHD_set_panic_func(on_panic, NULL);
	r = http_init(http, settings, &fd, why);
	if (!r && !(http->daemon = start_daemon(http, settings, fd))) {
		snprintf(why, 256, "libmicrohttpd does not start");
		r = -EIO;
	}
	if (r) {
		if (fd >= 0)
			close(fd);
		http_free(http);
		return r;
	}
	*out = http;
	return 0;
}

void fer_http_url(const struct fer_http *http, char *out, size_t size)
{
	char address[FER_IP_TEXT + 16];

	fer_address_url((const struct sockaddr *)&http->address.at, address, sizeof(address));
	snprintf(out, size, "%s://%s", http->tls ? "https" : "http", address);
}

/* -- the end ----------------------------------------------------------------------------------------------------- */

/* False: something still runs after the time that was given. */
static bool wait_for_calls(const struct fer_http *http)
{
	const struct timespec nap = { .tv_nsec = 10000000 };

	for (int i = 0; i < http->stop_timeout_s * 100; i++) {
		if (atomic_load(&http->in_flight) == 0)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

void fer_http_close(struct fer_http *http)
{
	int fd;

	if (!http)
		return;
	atomic_store(&http->stopping, true);
	/* New clients are refused from here. The number stays taken until no worker can accept on it: another file must not get it. */
	fd = MHD_quiesce_daemon(http->daemon);
	if (fd != -1)
		shutdown(fd, SHUT_RDWR);
	if (!wait_for_calls(http)) {
		/* What is answered is durable; what is not answered, the client has to ask again. */
		fer_log(FER_LOG_WARN, "stopped with requests still running", NULL);
		_exit(1);
	}
	MHD_stop_daemon(http->daemon);
	if (fd != -1)
		close(fd);
	http_free(http);
}
