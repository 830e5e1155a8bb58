/*
 * What the server counts about itself, as Prometheus reads it.
 */
#ifndef FER_HTTP_METRICS_H
#define FER_HTTP_METRICS_H

#include "api/server.h"

struct fer_metrics;
struct fer_pool;

/** fer_metrics_new - counters for every route of @server. NULL: no memory. */
struct fer_metrics *fer_metrics_new(const struct fer_server *server);
void fer_metrics_free(struct fer_metrics *metrics);

/** fer_metrics_count - one answered request. @route is NULL when none matched. */
void fer_metrics_count(struct fer_metrics *metrics, const struct fer_route *route, int status, int64_t spent_us);

struct fer_metrics_gauges {
	const struct fer_pool *store_pool, *hash_pool;
	size_t connections, in_flight;
};
/** fer_metrics_write - the whole page, in Prometheus' text format 0.0.4. */
void fer_metrics_write(const struct fer_metrics *metrics, const struct fer_server *server, const struct fer_metrics_gauges *gauges,
                       struct fer_buf *buf);

#endif
