/*
 * Arenas that wait for their next call: a stack under a lock that is held for a few instructions.
 */
#include "core/arena.h"

#include <pthread.h>
#include <stdlib.h>

struct fer_arena_pool {
	pthread_mutex_t lock;
	size_t ceiling, n, max;
	struct fer_arena *spare[];
};

struct fer_arena_pool *fer_arena_pool_new(size_t ceiling, size_t max)
{
	struct fer_arena_pool *pool = calloc(1, sizeof(*pool) + max * sizeof(struct fer_arena *));

	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pool->ceiling = ceiling;
	pool->max = max;
	return pool;
}

void fer_arena_pool_free(struct fer_arena_pool *pool)
{
	if (!pool)
		return;
	while (pool->n)
		fer_arena_free(pool->spare[--pool->n]);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

struct fer_arena *fer_arena_take(struct fer_arena_pool *pool)
{
	struct fer_arena *arena = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->n)
		arena = pool->spare[--pool->n];
	pthread_mutex_unlock(&pool->lock);
	return arena ? arena : fer_arena_new_wiping(pool->ceiling);
}

void fer_arena_give(struct fer_arena_pool *pool, struct fer_arena *arena)
{
	fer_arena_reset(arena);
	pthread_mutex_lock(&pool->lock);
	if (pool->n < pool->max && !fer_arena_broken(arena)) {
		pool->spare[pool->n++] = arena;
		arena = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	fer_arena_free(arena);
}
