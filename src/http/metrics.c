/*
 * Counters without locks. Routes are found by the address of their row, in an open table that never changes after the start.
 */
#include "http/metrics.h"

#include <stdatomic.h>
#include <unistd.h>

#include "http/pool.h"

#define N_CLASSES 6       /* status / 100; 0 holds what is none */
static const int64_t bucket_us[] = { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000 };
#define N_BUCKETS FER_ARRAY_LEN(bucket_us)

struct route_count {
	const struct fer_route *route;
	atomic_uint_least64_t n[N_CLASSES];
};

struct fer_metrics {
	atomic_uint_least64_t buckets[N_BUCKETS + 1], spent_us;
	struct route_count none;
	size_t mask;
	struct route_count table[];
};

static size_t slot(const struct fer_metrics *metrics, const struct fer_route *route)
{
	size_t i = ((uintptr_t)route / sizeof(*route) * 0x9e3779b97f4a7c15u >> 20) & metrics->mask;

	while (metrics->table[i].route && metrics->table[i].route != route)
		i = (i + 1) & metrics->mask;
	return i;
}

struct fer_metrics *fer_metrics_new(const struct fer_server *server)
{
	struct fer_metrics *metrics;
	size_t n = 0, size = 16;

	while (fer_server_route(server, n))
		n++;
	while (size < 2 * n)
		size *= 2;
	metrics = calloc(1, sizeof(*metrics) + size * sizeof(metrics->table[0]));
	if (!metrics)
		return NULL;
	metrics->mask = size - 1;
	for (size_t i = 0; i < n; i++) {
		const struct fer_route *route = fer_server_route(server, i);

		metrics->table[slot(metrics, route)].route = route;
	}
	return metrics;
}

void fer_metrics_free(struct fer_metrics *metrics)
{
	free(metrics);
}

static void add(atomic_uint_least64_t *counter, int64_t n)
{
	atomic_fetch_add_explicit(counter, (uint64_t)n, memory_order_relaxed);
}

void fer_metrics_count(struct fer_metrics *metrics, const struct fer_route *route, int status, int64_t spent_us)
{
	struct route_count *count = route ? &metrics->table[slot(metrics, route)] : &metrics->none;
	size_t bucket = 0;

	while (bucket < N_BUCKETS && spent_us > bucket_us[bucket])
		bucket++;
	add(&metrics->buckets[bucket], 1);
	add(&metrics->spent_us, spent_us);
	add(&count->n[status >= 100 && status < 600 ? status / 100 : 0], 1);
}

static void head(struct fer_buf *buf, const char *name, const char *type, const char *help)
{
	fer_buf_fmt(buf, "# HELP ferrite_%s %s\n# TYPE ferrite_%s %s\n", name, help, name, type);
}

static void one(struct fer_buf *buf, const char *name, const char *type, const char *help, uint64_t n)
{
	head(buf, name, type, help);
	fer_buf_fmt(buf, "ferrite_%s %llu\n", name, (unsigned long long)n);
}

static uint64_t get(const atomic_uint_least64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void write_route(const struct route_count *count, struct fer_buf *buf)
{
	static const char *const methods[] = { "", "GET", "POST", "PUT", "DELETE" };

	for (int class = 0; class < N_CLASSES; class++) {
		uint64_t n = get(&count->n[class]);

		if (n)
			fer_buf_fmt(buf, "ferrite_requests_total{method=\"%s\",route=\"%s\",status=\"%dxx\"} %llu\n",
			            count->route ? methods[count->route->method] : "", count->route ? count->route->path : "", class,
			            (unsigned long long)n);
	}
}

static void write_requests(const struct fer_metrics *metrics, struct fer_buf *buf)
{
	head(buf, "requests_total", "counter", "Answered requests by route and class of status.");
	write_route(&metrics->none, buf);
	for (size_t i = 0; i <= metrics->mask; i++)
		if (metrics->table[i].route)
			write_route(&metrics->table[i], buf);
}

static void write_latency(const struct fer_metrics *metrics, struct fer_buf *buf)
{
	uint64_t n = 0;

	head(buf, "request_seconds", "histogram", "From the request line to the queued answer.");
	for (size_t i = 0; i <= N_BUCKETS; i++) {
		n += get(&metrics->buckets[i]);
		if (i < N_BUCKETS)
			fer_buf_fmt(buf, "ferrite_request_seconds_bucket{le=\"%g\"} %llu\n", (double)bucket_us[i] / 1e6,
			            (unsigned long long)n);
	}
	fer_buf_fmt(buf, "ferrite_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)n);
	fer_buf_fmt(buf, "ferrite_request_seconds_sum %.6f\n", (double)get(&metrics->spent_us) / 1e6);
	fer_buf_fmt(buf, "ferrite_request_seconds_count %llu\n", (unsigned long long)n);
}

static void write_pools(const struct fer_metrics_gauges *gauges, struct fer_buf *buf)
{
	head(buf, "queue_length", "gauge", "Requests that wait for a thread of a pool.");
	fer_buf_fmt(buf, "ferrite_queue_length{pool=\"store\"} %zu\n", fer_pool_waiting(gauges->store_pool));
	fer_buf_fmt(buf, "ferrite_queue_length{pool=\"hash\"} %zu\n", fer_pool_waiting(gauges->hash_pool));
	head(buf, "busy_total", "counter", "Requests refused because the queue of a pool was full.");
	fer_buf_fmt(buf, "ferrite_busy_total{pool=\"store\"} %zu\n", fer_pool_refused(gauges->store_pool));
	fer_buf_fmt(buf, "ferrite_busy_total{pool=\"hash\"} %zu\n", fer_pool_refused(gauges->hash_pool));
}

static void write_changes(const struct fer_store *store, struct fer_buf *buf)
{
	static const char *const kinds[] = { "data", "eav", "config", "acl", "revoked", "tokens", "keys" };

	head(buf, "store_changes_total", "counter", "Committed changes of the store, by what they touch.");
	for (int i = 0; i < FER_N_CHANGES; i++)
		fer_buf_fmt(buf, "ferrite_store_changes_total{kind=\"%s\"} %llu\n", kinds[i],
		            (unsigned long long)fer_change_version(store, (enum fer_change)i));
}

static uint64_t resident_bytes(void)
{
	unsigned long total = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file) {
		if (fscanf(file, "%lu %lu", &total, &resident) != 2)
			resident = 0;
		fclose(file);
	}
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

void fer_metrics_write(const struct fer_metrics *metrics, const struct fer_server *server, const struct fer_metrics_gauges *gauges,
                       struct fer_buf *buf)
{
	write_requests(metrics, buf);
	write_latency(metrics, buf);
	one(buf, "connections", "gauge", "Open connections.", gauges->connections);
	one(buf, "in_flight", "gauge", "Requests that have no answer yet.", gauges->in_flight);
	write_pools(gauges, buf);
	write_changes(server->store, buf);
	one(buf, "resident_memory_bytes", "gauge", "Resident memory of the process.", resident_bytes());
}
