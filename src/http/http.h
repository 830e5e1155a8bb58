/*
 * What the files of this folder share. No other folder includes it.
 */
#ifndef FER_HTTP_HTTP_H
#define FER_HTTP_HTTP_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "api/pipeline.h"
#include "api/server.h"
#include "http/address.h"
#include "http/forwarded.h"
#include "http/metrics.h"
#include "http/patience.h"
#include "http/pool.h"
#include "http/tls.h"

enum fer_access_log { FER_ACCESS_OFF, FER_ACCESS_ERRORS, FER_ACCESS_ALL };
enum fer_metrics_for { FER_METRICS_OFF, FER_METRICS_LOCAL, FER_METRICS_ALL };

/* Settings that a reload may change while requests run. */
struct fer_http_live {
	_Atomic int access_log, metrics, retry_after_s;
	_Atomic bool id_header;
	_Atomic size_t max_body;
};

struct fer_http {
	struct fer_server *server;      /* borrowed */
	struct MHD_Daemon *daemon;
	struct fer_tls *tls;            /* NULL: plain */
	struct fer_pool *store_pool, *hash_pool;
	struct fer_metrics *metrics;
	struct fer_http_live live;
	struct fer_latest proxies;      /* struct fer_proxies */
	struct fer_patience patience;
	atomic_size_t in_flight, connections;
	_Atomic bool stopping;
	bool behind_tls;                /* a proxy in front speaks TLS for us */
	struct fer_address address;     /* as bound */
	size_t max_header;
	int stop_timeout_s, idle_timeout_s, request_timeout_s;
};

/* One request at a time of one connection; it lives as long as the connection. */
enum fer_exchange_state { FER_X_IDLE, FER_X_HEAD, FER_X_BODY, FER_X_RUNNING };

struct fer_exchange {
	struct fer_job job;             /* first: a pool hands it back */
	struct fer_patient patient;
	struct fer_http *http;
	struct MHD_Connection *connection;
	enum fer_exchange_state state;
	struct fer_request request;
	struct fer_call *call;
	int64_t begun_us;
	uint64_t serial;                /* of the request on this connection */
	char id_prefix[17];
	struct fer_ip peer;
	gnutls_session_t session;       /* NULL: plain */
	struct fer_tls_client client;
	char source[FER_IP_TEXT];       /* of the request: the peer, or whom a trusted proxy names */
	char *target;                   /* request line's target, copied before MHD takes it apart */
	size_t target_size;
	struct fer_buf body;            /* on the heap */
	bool too_large;
	struct fer_buf own;             /* an answer made here and not by api */
	int own_status;
	const char *own_type;
};

/* exchange.c: MHD's callbacks. */
void fer_exchange_connection(void *http, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what);
void *fer_exchange_target(void *http, const char *target, struct MHD_Connection *connection);
enum MHD_Result fer_exchange_request(void *http, struct MHD_Connection *connection, const char *url, const char *method,
                                     const char *version, const char *bytes, size_t *size, void **context);
void fer_exchange_done(void *http, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode why);

/* reply.c */
enum MHD_Result fer_reply_call(struct fer_exchange *x);
enum MHD_Result fer_reply_own(struct fer_exchange *x);
/* An open file as an answer; @fd is closed by it. */
struct fer_file {
	int fd;
	uint64_t offset, size;           /* what of it is sent */
	const char *type;
	const char *headers[7][2];       /* up to a NULL name */
};
enum MHD_Result fer_reply_file(struct fer_exchange *x, const struct fer_file *file, int status);
enum MHD_Result fer_reply_error(struct fer_exchange *x, enum fer_error error);

/* media.c: pictures. True when the path is one's; then fer_media_reply answers. */
bool fer_media_is(const struct fer_exchange *x);
enum MHD_Result fer_media_reply(struct fer_exchange *x);

/* probe.c: /health and /metrics. True when the path is one of them; then an own answer is ready, or x->job is to run in the store pool. */
enum fer_probe { FER_PROBE_NONE, FER_PROBE_ANSWERED, FER_PROBE_STORE };
enum fer_probe fer_probe_begin(struct fer_exchange *x);
void fer_probe_ready(struct fer_exchange *x);

#endif
