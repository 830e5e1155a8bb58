/*
 * A bump allocator over a chain of blocks. In a debug build (FER_ARENA_DEBUG) each piece is a block of its own, so that ASan sees
 * a write past its end.
 */
#include "core/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define FIRST_BLOCK 16384
#define LARGEST_BLOCK (1u << 20)
#define ALIGN 16

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char at[];
};

struct fer_arena {
	struct block *blocks;    /* the present one first */
	size_t used, ceiling;
	bool wiping;
};

static struct fer_arena *arena_new(size_t ceiling, bool wiping)
{
	struct fer_arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->ceiling = ceiling;
	arena->wiping = wiping;
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
		sodium_memzero(block->at, block->size);
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

	while (first && (first->next || first->size != FIRST_BLOCK)) {
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

	if (!block)
		abort();
	block->size = size;
	block->used = 0;
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
		abort();
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
		abort();
	return fer_alloc(arena, n * size);
}

bool fer_arena_broken(const struct fer_arena *arena)
{
	return arena->used > arena->ceiling;
}

size_t fer_arena_used(const struct fer_arena *arena)
{
	return arena->used;
}
