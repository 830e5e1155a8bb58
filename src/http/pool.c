/*
 * A queue under one lock. The place is reserved before the connection is put to sleep, so that a full queue is answered at once and
 * never wakes a connection that does not sleep yet.
 */
#include "http/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/xml.h"

struct fer_pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct fer_job *first, **last;
	bool closing;
	size_t limit;
	int nice;
	atomic_size_t waiting, refused;
	size_t n_threads;
	pthread_t threads[];
};

/* The next job; NULL when the pool closes and nothing is left. */
static struct fer_job *take(struct fer_pool *pool)
{
	struct fer_job *job;

	pthread_mutex_lock(&pool->lock);
	while (!pool->first && !pool->closing)
		pthread_cond_wait(&pool->more, &pool->lock);
	if ((job = pool->first)) {
		pool->first = job->next;
		if (!pool->first)
			pool->last = &pool->first;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void *work(void *data)
{
	struct fer_pool *pool = data;
	struct fer_job *job;

	/* On Linux a thread has a niceness of its own; where that is refused, all run alike. */
	if (pool->nice)
		setpriority(PRIO_PROCESS, (id_t)gettid(), pool->nice);
	fer_xml_thread();
	while ((job = take(pool))) {
		atomic_fetch_sub_explicit(&pool->waiting, 1, memory_order_relaxed);
		job->run(job);
	}
	return NULL;
}

struct fer_pool *fer_pool_new(const char *name, size_t n_threads, size_t queue, int nice)
{
	struct fer_pool *pool = calloc(1, sizeof(*pool) + n_threads * sizeof(pool->threads[0]));

	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	pool->last = &pool->first;
	pool->limit = queue;
	pool->nice = nice;
	for (; pool->n_threads < n_threads; pool->n_threads++) {
		if (pthread_create(&pool->threads[pool->n_threads], NULL, work, pool)) {
			fer_pool_free(pool);
			return NULL;
		}
		pthread_setname_np(pool->threads[pool->n_threads], name);
	}
	return pool;
}

void fer_pool_free(struct fer_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

bool fer_pool_reserve(struct fer_pool *pool)
{
	if (atomic_fetch_add_explicit(&pool->waiting, 1, memory_order_relaxed) < pool->limit)
		return true;
	atomic_fetch_sub_explicit(&pool->waiting, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&pool->refused, 1, memory_order_relaxed);
	return false;
}

void fer_pool_push(struct fer_pool *pool, struct fer_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&pool->lock);
	*pool->last = job;
	pool->last = &job->next;
	pthread_cond_signal(&pool->more);
	pthread_mutex_unlock(&pool->lock);
}

size_t fer_pool_waiting(const struct fer_pool *pool)
{
	return atomic_load_explicit(&pool->waiting, memory_order_relaxed);
}

size_t fer_pool_refused(const struct fer_pool *pool)
{
	return atomic_load_explicit(&pool->refused, memory_order_relaxed);
}
