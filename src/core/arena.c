/*
 * A bump allocator over a chain of blocks. In a debug build (FER_ARENA_DEBUG) each piece is a block of its own, so that ASan sees
 * a write past its end.
 */
#include "core/arena.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#define FIRST_BLOCK 16384
#define LARGEST_BLOCK (1u << 20)
#define ALIGN 16
#define RESERVE ((size_t)8 << 20)

struct block {
	struct block *next;
	size_t size, used;
	bool reserved;
	_Alignas(ALIGN) unsigned char at[];
};

struct fer_arena {
	struct block *blocks;    /* the present one first */
	size_t used, ceiling;
	bool wiping;
	bool reserved;           /* stands in the reserve itself */
	bool starved;            /* a block of it does */
};

/* -- the reserve ------------------------------------------------------------------------------------------------- */

/* When the system has no memory the calls under way end on this: their arenas are broken, so they soon give up. Untouched it costs nothing. */
static struct {
	pthread_mutex_t lock;
	size_t used, n_lent;
	_Alignas(ALIGN) unsigned char at[RESERVE];
} reserve = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What was answered is durable, and a supervisor starts the process again in milliseconds. */
_Noreturn static void out_of_memory(void)
{
	static const char text[] = "{\"level\":\"error\",\"message\":\"out of memory\"}\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	abort();
}

static void *reserve_lend(size_t size)
{
	size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	void *at = NULL;

	pthread_mutex_lock(&reserve.lock);
	if (need <= RESERVE - reserve.used) {
		at = reserve.at + reserve.used;
		reserve.used += need;
		reserve.n_lent++;
	}
	pthread_mutex_unlock(&reserve.lock);
	if (!at)
		out_of_memory();
	return at;
}

/* Given back in any order: the room is free again when nobody holds a piece of it. */
static void reserve_return(void)
{
	pthread_mutex_lock(&reserve.lock);
	if (--reserve.n_lent == 0)
		reserve.used = 0;
	pthread_mutex_unlock(&reserve.lock);
}

/* -- arenas ------------------------------------------------------------------------------------------------------ */

static struct fer_arena *arena_new(size_t ceiling, bool wiping)
{
	struct fer_arena *arena = calloc(1, sizeof(*arena));
	bool reserved = !arena;

	if (reserved)
		arena = reserve_lend(sizeof(*arena));
	*arena = (struct fer_arena){ .ceiling = ceiling, .wiping = wiping, .reserved = reserved, .starved = reserved };
	return arena;
}

struct fer_arena *fer_arena_new(size_t ceiling)
{
	return arena_new(ceiling, false);
}

struct fer_arena *fer_arena_new_wiping(size_t ceiling)
{
	return arena_new(ceiling, true);
}

static void block_free(struct fer_arena *arena, struct block *block)
{
	if (arena->wiping)
		sodium_memzero(block->at, block->used);
	if (block->reserved)
		reserve_return();
	else
		free(block);
}

void fer_arena_free(struct fer_arena *arena)
{
	if (!arena)
		return;
	while (arena->blocks) {
		struct block *next = arena->blocks->next;

		block_free(arena, arena->blocks);
		arena->blocks = next;
	}
	if (arena->reserved)
		reserve_return();
	else
		free(arena);
}

void fer_arena_freep(struct fer_arena **arena)
{
	fer_arena_free(*arena);
	*arena = NULL;
}

void fer_arena_reset(struct fer_arena *arena)
{
	struct block *first = arena->blocks;

	while (first && (first->next || first->reserved || first->size != FIRST_BLOCK)) {
		struct block *next = first->next;

		block_free(arena, first);
		first = next;
	}
	if (first) {
		if (arena->wiping)
			sodium_memzero(first->at, first->used);
		first->used = 0;
	}
	arena->blocks = first;
	arena->used = 0;
	arena->starved = arena->reserved;
}

static size_t block_size(const struct fer_arena *arena, size_t want)
{
#ifdef FER_ARENA_DEBUG
	(void)arena;
	return want;
#else
	size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	return size < want ? want : size;
#endif
}

static struct block *block_add(struct fer_arena *arena, size_t want)
{
	size_t size = block_size(arena, want);
	struct block *block = malloc(sizeof(*block) + size);
	bool reserved = !block;

	if (reserved) {
		size = want;
		arena->starved = true;
		block = reserve_lend(sizeof(*block) + size);
	}
	block->size = size;
	block->used = 0;
	block->reserved = reserved;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *fer_alloc(struct fer_arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	size_t need;
	void *at;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
#ifdef FER_ARENA_DEBUG
	need = size;
	block = NULL;
#endif
	if (!block || block->size - block->used < need)
		block = block_add(arena, need);
	at = block->at + block->used;
	block->used += need;
	arena->used += need;
	return memset(at, 0, size);
}

void *fer_alloc_array(struct fer_arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 2 / size)
		out_of_memory();
	return fer_alloc(arena, n * size);
}

bool fer_arena_broken(const struct fer_arena *arena)
{
	return arena->starved || arena->used > arena->ceiling;
}

size_t fer_arena_used(const struct fer_arena *arena)
{
	return arena->used;
}
