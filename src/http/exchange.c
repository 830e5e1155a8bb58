/*
 * One request on its way in: target, headers, body, then the call, inline or in a pool. Apart from reply.c, which is the way out.
 */
#include "http/http.h"

#include <sodium.h>
#include <strings.h>
#include <time.h>

#include "core/clock.h"

#define MAX_OWN (16u << 20)     /* an answer made here: /metrics is the longest */
#define KEPT_BODY 65536         /* a larger body's memory is given back after its request */

/* -- the connection ---------------------------------------------------------------------------------------------- */

static struct fer_exchange *exchange_new(struct fer_http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct fer_exchange *x = calloc(1, sizeof(*x));
	unsigned char random[8];

	if (!x)
		return NULL;
	x->http = http;
	x->connection = connection;
	if (peer && peer->client_addr)
		x->peer = fer_address_ip(peer->client_addr);
	if (http->tls) {
		x->session = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
		fer_tls_ask(http->tls, x->session);
	}
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(x->id_prefix, sizeof(x->id_prefix), random, sizeof(random));
	fer_buf_init(&x->own, NULL, MAX_OWN);
	fer_patience_more(&x->patient, http->idle_timeout_s + http->request_timeout_s, 0);
	fer_patience_add(&http->patience, &x->patient, MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
	return x;
}

static void exchange_free(struct fer_exchange *x)
{
	fer_patience_remove(&x->http->patience, &x->patient);
	fer_call_free(x->call);
	fer_buf_release(&x->body);
	fer_buf_release(&x->own);
	free(x->target);
	free(x);
}

void fer_exchange_connection(void *data, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct fer_http *http = data;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = exchange_new(http, connection);
		atomic_fetch_add(&http->connections, 1);
		return;
	}
	atomic_fetch_sub(&http->connections, 1);
	if (*context)
		exchange_free(*context);
	*context = NULL;
}

/* -- the head ---------------------------------------------------------------------------------------------------- */

/* 32 hex digits: the connection's random half, then the number of the request on it. */
static void make_id(struct fer_exchange *x)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = ++x->serial;

	memcpy(x->request.id, x->id_prefix, 16);
	for (int i = 31; i >= 16; i--, n >>= 4)
		x->request.id[i] = digits[n & 15];
	x->request.id[32] = '\0';
}

static bool keep_target(struct fer_exchange *x, const char *target, size_t len)
{
	if (len >= x->target_size) {
		char *larger = realloc(x->target, len + 1 < 256 ? 256 : len + 1);

		if (!larger)
			return false;
		x->target = larger;
		x->target_size = len + 1 < 256 ? 256 : len + 1;
	}
	memcpy(x->target, target, len + 1);
	return true;
}

/* "GET http://host/path" is as good as "GET /path" (RFC 9112, 3.2.2). */
static const char *skip_authority(const char *target)
{
	const char *rest = strncasecmp(target, "http://", 7) == 0 ? target + 7 : strncasecmp(target, "https://", 8) == 0 ? target + 8 : NULL;

	if (!rest)
		return target;
	rest = strpbrk(rest, "/?");
	return rest ? rest : "/";
}

static void split_target(struct fer_exchange *x, size_t len)
{
	char *mark = memchr(x->target, '?', len);

	x->request.path = (struct fer_str){ x->target, mark ? (size_t)(mark - x->target) : len };
	if (mark)
		x->request.query = fer_str_skip((struct fer_str){ mark, len - x->request.path.len }, 1);
}

static void set_source(struct fer_exchange *x, const struct fer_ip *ip)
{
	x->request.address = *ip;
	fer_ip_text(ip, x->source);
	x->request.source = fer_str(x->source);
}

/* MHD shows the target once before it cuts it into pieces; everything later works on the copy. */
void *fer_exchange_target(void *data, const char *target, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct fer_exchange *x = info ? info->socket_context : NULL;
	size_t len;

	(void)data;
	if (!x)
		return NULL;
	target = skip_authority(target);
	len = strlen(target);
	if (!keep_target(x, target, len))
		return NULL;
	memset(&x->request, 0, sizeof(x->request));
	set_source(x, &x->peer);
	x->request.tls = x->http->tls != NULL || x->http->behind_tls;
	x->begun_us = fer_monotonic_us();
	fer_patience_more(&x->patient, x->http->request_timeout_s, 0);
	x->state = FER_X_HEAD;
	x->too_large = false;
	x->own_status = 0;
	make_id(x);
	split_target(x, len);
	atomic_fetch_add_explicit(&x->http->in_flight, 1, memory_order_relaxed);
	return x;
}

struct framing {
	struct fer_exchange *x;
	struct fer_str length, coding;
	const struct fer_proxies *proxies;   /* NULL: the peer is none of them */
	struct fer_forwarded forwarded;
	struct fer_str scheme;               /* the last one, which the nearest proxy wrote */
};

/* The first of several headers of one name counts; of one that may stand only @once, none does. */
static void keep_header(struct fer_str *where, const char *value, size_t size, bool once)
{
	if (!where->at)
		*where = (struct fer_str){ value, size };
	else if (once)
		where->len = 0;
}

static void take_forwarded(struct framing *framing, struct fer_str name, struct fer_str value)
{
	struct fer_str piece;

	if (fer_str_ieq(name, FER_S("x-forwarded-for")))
		fer_forwarded_for(&framing->forwarded, framing->proxies, value);
	else if (fer_str_ieq(name, FER_S("x-forwarded-proto")))
		while (fer_str_cut(&value, ',', &piece))
			framing->scheme = fer_str_trim(piece);
}

static const struct fer_proxies *proxies_with(const struct fer_http *http, const struct fer_ip *peer)
{
	const struct fer_proxies *proxies = fer_latest_get(&http->proxies);

	return fer_cidrs_have(&proxies->ranges, peer) ? proxies : NULL;
}

static enum MHD_Result on_header(void *data, enum MHD_ValueKind kind, const char *name, size_t name_size, const char *value,
                                 size_t size)
{
	struct framing *framing = data;
	struct fer_request *request = &framing->x->request;
	const struct { const char *name; size_t len; struct fer_str *to; bool once; } rows[] = {
		{ "host", 4, &request->host },
		{ "accept", 6, &request->accept },
		{ "if-match", 8, &request->if_match },
		{ "user-agent", 10, &request->user_agent },
		{ "content-type", 12, &request->content_type },
		{ "authorization", 13, &request->authorization },
		{ "content-length", 14, &framing->length },
		{ "x-original-uri", 14, &request->original_uri, true },
		{ "x-forwarded-uri", 15, &request->forwarded_uri, true },
		{ "transfer-encoding", 17, &framing->coding },
		{ "x-original-method", 17, &request->original_method, true },
		{ "x-forwarded-method", 18, &request->forwarded_method, true },
	};

	(void)kind;
	if (framing->proxies)
		take_forwarded(framing, (struct fer_str){ name, name_size }, (struct fer_str){ value, value ? size : 0 });
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		if (rows[i].len == name_size && strncasecmp(rows[i].name, name, name_size) == 0)
			keep_header(rows[i].to, value ? value : "", size, rows[i].once);
	return MHD_YES;
}

/* Certificates are dated by the real clock, whatever a sandbox's says. */
static void take_client(struct fer_exchange *x)
{
	if (!x->http->tls || !fer_tls_client(x->http->tls, x->session, time(NULL), &x->client))
		return;
	if (!x->client.fault)
		x->request.client = fer_str(x->client.subject);
	else if (x->client.required)
		x->request.client_fault = x->client.fault;
}

/* The method and the headers; a body that says it is too large is refused before it is read. */
static enum MHD_Result take_head(struct fer_exchange *x, const char *method)
{
	struct framing framing = { .x = x, .proxies = proxies_with(x->http, &x->peer) };
	int64_t length = 0;

	x->request.method = fer_str(method);
	take_client(x);
	MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, on_header, &framing);
	if (framing.forwarded.known)
		set_source(x, &framing.forwarded.client);
	if (framing.scheme.len)
		x->request.tls = fer_str_ieq(framing.scheme, FER_S("https"));
	if (framing.length.at && framing.coding.at)
		return MHD_NO;               /* two framings of one body: the way requests are smuggled past a proxy */
	if (framing.length.at && !fer_str_int(framing.length, &length))
		return MHD_NO;
	x->body.max = atomic_load_explicit(&x->http->live.max_body, memory_order_relaxed);
	x->state = FER_X_BODY;
	/* libmicrohttpd's own limit is that of its memory, which is a little larger. */
	if (MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size > x->http->max_header)
		return fer_reply_error(x, FER_E_HEADERS_TOO_LARGE);
	if (length > 0 && (size_t)length > x->body.max)
		return fer_reply_error(x, FER_E_BODY_TOO_LARGE);
	return MHD_YES;
}

/* A chunked body does not say its size: what is past the limit is dropped, and far past it the connection too. */
static enum MHD_Result take_body(struct fer_exchange *x, const char *bytes, size_t *size)
{
	fer_patience_bytes(&x->patient, *size);
	fer_buf_add(&x->body, bytes, *size);
	if (x->body.overflow) {
		if (x->too_large || x->body.len + *size <= x->body.max)
			return MHD_NO;               /* … or there is no memory for it */
		x->too_large = true;
		x->body.overflow = false;
		x->body.len = 0;
	}
	*size = 0;
	return MHD_YES;
}

/* -- running ----------------------------------------------------------------------------------------------------- */

static void run_call(struct fer_job *job)
{
	struct fer_exchange *x = (struct fer_exchange *)job;

	fer_call_finish(x->call);
	MHD_resume_connection(x->connection);
}

static void run_probe(struct fer_job *job)
{
	struct fer_exchange *x = (struct fer_exchange *)job;

	fer_probe_ready(x);
	MHD_resume_connection(x->connection);
}

static enum MHD_Result run_in(struct fer_exchange *x, struct fer_pool *pool, void (*run)(struct fer_job *))
{
	if (!fer_pool_reserve(pool))
		return fer_reply_error(x, FER_E_BUSY);
	x->state = FER_X_RUNNING;
	atomic_store(&x->patient.until_us, FER_PATIENCE_FOREVER);
	x->job.run = run;
	MHD_suspend_connection(x->connection);
	fer_pool_push(pool, &x->job);
	return MHD_YES;
}

static enum MHD_Result begin_call(struct fer_exchange *x)
{
	x->request.body = fer_buf_view(&x->body);
	x->call = fer_call_new(x->http->server, &x->request);
	if (!x->call)
		return MHD_NO;
	switch (fer_call_begin(x->call)) {
	case FER_STORE:
		return run_in(x, x->http->store_pool, run_call);
	case FER_HASH:
		return run_in(x, x->http->hash_pool, run_call);
	default:
		if (!fer_call_finish_inline(x->call))
			return run_in(x, x->http->store_pool, run_call);
		return fer_reply_call(x);
	}
}

static enum MHD_Result run(struct fer_exchange *x)
{
	if (x->too_large)
		return fer_reply_error(x, FER_E_BODY_TOO_LARGE);
	if (fer_media_is(x))
		return fer_media_reply(x);
	switch (fer_probe_begin(x)) {
	case FER_PROBE_ANSWERED:
		return fer_reply_own(x);
	case FER_PROBE_STORE:
		return run_in(x, x->http->store_pool, run_probe);
	default:
		return begin_call(x);
	}
}

/* MHD calls this with the head, then with each piece of the body, then with its end, and again after a suspension. */
enum MHD_Result fer_exchange_request(void *http, struct MHD_Connection *connection, const char *url, const char *method,
                                     const char *version, const char *bytes, size_t *size, void **context)
{
	struct fer_exchange *x = *context;

	(void)http, (void)connection, (void)url, (void)version;
	if (!x)
		return MHD_NO;
	switch (x->state) {
	case FER_X_HEAD:
		return take_head(x, method);
	case FER_X_BODY:
		return *size ? take_body(x, bytes, size) : run(x);
	case FER_X_RUNNING:
		return x->call ? fer_reply_call(x) : fer_reply_own(x);
	default:
		return MHD_NO;
	}
}

/* Body and query may hold a password; the connection keeps the memory for its next request. */
static void wipe_input(struct fer_exchange *x)
{
	if (x->request.query.len)
		sodium_memzero(x->target, x->target_size);
	if (x->body.len)
		sodium_memzero(x->body.at, x->body.len);
	x->body.len = 0;
	x->body.overflow = false;
	if (x->body.size > KEPT_BODY)
		fer_buf_release(&x->body);
}

void fer_exchange_done(void *http, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode why)
{
	struct fer_exchange *x = *context;

	(void)http, (void)connection, (void)why;
	if (!x)
		return;
	fer_call_free(x->call);
	x->call = NULL;
	wipe_input(x);
	if (x->own.size > KEPT_BODY || x->own.overflow) {
		fer_buf_release(&x->own);
		fer_buf_init(&x->own, NULL, MAX_OWN);
	}
	x->state = FER_X_IDLE;
	fer_patience_more(&x->patient, x->http->idle_timeout_s + x->http->request_timeout_s, 0);
	atomic_fetch_sub_explicit(&x->http->in_flight, 1, memory_order_relaxed);
	*context = NULL;
}
