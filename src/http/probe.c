/*
 * What a supervisor asks: does the process live, is it ready for requests, what has it counted. Answered before api, because none of
 * it is Magento's.
 */
#include "http/http.h"

static void answer(struct fer_exchange *x, int status, const char *type, const char *text)
{
	x->own_status = status;
	x->own_type = type;
	x->own.len = 0;
	fer_buf_text(&x->own, text);
}

static enum fer_probe live(struct fer_exchange *x)
{
	answer(x, 200, "text/plain; charset=utf-8", "live\n");
	return FER_PROBE_ANSWERED;
}

static enum fer_probe ready(struct fer_exchange *x)
{
	if (!atomic_load(&x->http->stopping))
		return FER_PROBE_STORE;
	answer(x, 503, "text/plain; charset=utf-8", "stopping\n");
	return FER_PROBE_ANSWERED;
}

/* The keys were loaded before the listener opened; what can fail later is the store. */
void fer_probe_ready(struct fer_exchange *x)
{
	if (fer_change_poll(x->http->server->store) == 0)
		answer(x, 200, "text/plain; charset=utf-8", "ready\n");
	else
		answer(x, 503, "text/plain; charset=utf-8", "the store does not answer\n");
}

static enum fer_probe metrics(struct fer_exchange *x)
{
	struct fer_http *http = x->http;
	int who = atomic_load(&http->live.metrics);
	struct fer_metrics_gauges gauges = { http->store_pool, http->hash_pool, atomic_load(&http->connections),
	                                     atomic_load(&http->in_flight) };

	if (who == FER_METRICS_OFF || (who == FER_METRICS_LOCAL && !fer_ip_is_loopback(&x->request.address)))
		return FER_PROBE_NONE;
	answer(x, 200, "text/plain; version=0.0.4; charset=utf-8", "");
	fer_metrics_write(http->metrics, http->server, &gauges, &x->own);
	return FER_PROBE_ANSWERED;
}

enum fer_probe fer_probe_begin(struct fer_exchange *x)
{
	static const struct { struct fer_str path; enum fer_probe (*run)(struct fer_exchange *x); } rows[] = {
		{ { "/health/live", 12 }, live },
		{ { "/health/ready", 13 }, ready },
		{ { "/metrics", 8 }, metrics },
	};

	if (!fer_str_is(x->request.method, "GET") && !fer_str_is(x->request.method, "HEAD"))
		return FER_PROBE_NONE;
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		if (fer_str_eq(x->request.path, rows[i].path))
			return rows[i].run(x);
	return FER_PROBE_NONE;
}
