/*
 * Memory that lives as long as one call. A handler allocates here and never frees; a ceiling turns a runaway
 * request into -ENOMEM for that request alone.
 */
#ifndef FER_CORE_ARENA_H
#define FER_CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct fer_arena;

/** FER_CLEANUP - what must be closed says so where it is declared; @fn takes a pointer to the variable. */
#define FER_CLEANUP(fn) __attribute__((cleanup(fn)))
#define FER_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define FER_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define FER_UNUSED __attribute__((unused))

/**
 * fer_arena_new - an empty arena that gives out at most @ceiling bytes.
 * Owns:   the caller frees it with fer_arena_free; everything in it dies then.
 * Errors: never NULL: without memory it stands in the reserve and is broken from the start (see fer_alloc).
 */
struct fer_arena *fer_arena_new(size_t ceiling);

/** fer_arena_new_wiping - the same for secrets: every byte is overwritten before it goes back to the system. */
struct fer_arena *fer_arena_new_wiping(size_t ceiling);

void fer_arena_free(struct fer_arena *arena);
void fer_arena_freep(struct fer_arena **arena);

/** fer_arena_reset - drop what was allocated, keep the first block for the next call. */
void fer_arena_reset(struct fer_arena *arena);

/* Arenas at rest, so that a call seldom asks the system for memory. Safe for many threads. */
struct fer_arena_pool;
struct fer_arena_pool *fer_arena_pool_new(size_t ceiling, size_t max);   /* wiping arenas; keeps at most @max of them */
void fer_arena_pool_free(struct fer_arena_pool *pool);
struct fer_arena *fer_arena_take(struct fer_arena_pool *pool);          /* never NULL */
void fer_arena_give(struct fer_arena_pool *pool, struct fer_arena *arena);

/**
 * fer_alloc - @size zeroed bytes, aligned for any object.
 * Errors: never NULL. Past the ceiling the arena still serves but is marked broken: every loop that grows with stored rows or
 *         with input asks fer_arena_broken() and gives up with -ENOMEM. When the system has no memory, calls under way are broken
 *         too and end on a reserve; should that be used up, the process ends: what was answered is durable.
 */
void *fer_alloc(struct fer_arena *arena, size_t size) __attribute__((malloc, alloc_size(2), returns_nonnull));
void *fer_alloc_array(struct fer_arena *arena, size_t n, size_t size) __attribute__((returns_nonnull));

bool fer_arena_broken(const struct fer_arena *arena);

/** fer_arena_used - bytes given out since the last reset. */
size_t fer_arena_used(const struct fer_arena *arena);

#define FER_NEW(arena, type) ((type *)fer_alloc((arena), sizeof(type)))
#define FER_NEW_ARRAY(arena, n, type) ((type *)fer_alloc_array((arena), (n), sizeof(type)))

#endif
