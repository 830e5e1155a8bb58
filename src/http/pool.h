/*
 * Worker threads behind a bounded queue: what blocks (the database, password hashes) runs here and not on an event thread.
 */
#ifndef FER_HTTP_POOL_H
#define FER_HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct fer_pool;

struct fer_job {
	struct fer_job *next;
	void (*run)(struct fer_job *job);
};

/**
 * fer_pool_new - @n_threads threads, with room for @queue waiting jobs. @nice is their niceness: work that fills a core for a tenth of a
 * second (a password hash) must step aside for requests that need ten microseconds.
 * Owns:   the caller frees it with fer_pool_free, which lets every queued job run first.
 * Errors: NULL when there is no memory or a thread cannot be made.
 */
struct fer_pool *fer_pool_new(const char *name, size_t n_threads, size_t queue, int nice);
void fer_pool_free(struct fer_pool *pool);

/** fer_pool_reserve - a place in the queue for one job; false when it is full. A reserved place must be used by fer_pool_push. */
bool fer_pool_reserve(struct fer_pool *pool);
void fer_pool_push(struct fer_pool *pool, struct fer_job *job);

size_t fer_pool_waiting(const struct fer_pool *pool);
size_t fer_pool_refused(const struct fer_pool *pool);

#endif
