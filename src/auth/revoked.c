/*
 * Open addressing by 128 bits of the hash, which nobody can make collide. A slot is published by its first word; the second is there before.
 */
#include "auth/revoked.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256u
#define KEPT_S 86400        /* entries outlive their token by this, so that a clock set back opens nothing */

struct slot {
	_Atomic uint64_t a;        /* 0: free */
	uint64_t b;
	int64_t expires_s;
};

struct fer_revoked {
	atomic_uint refs;
	size_t n, size;            /* size is a power of two and at least twice n */
	struct slot *slots;
};

static void words(const struct fer_token_id *id, uint64_t *a, uint64_t *b)
{
	memcpy(a, id->at, sizeof(*a));
	memcpy(b, id->at + sizeof(*a), sizeof(*b));
	if (!*a)
		*a = 1;
}

static struct fer_revoked *set_new(size_t size)
{
	struct fer_revoked *set = calloc(1, sizeof(*set));

	if (!set || !(set->slots = calloc(size, sizeof(*set->slots)))) {
		free(set);
		return NULL;
	}
	atomic_init(&set->refs, 1);
	set->size = size;
	return set;
}

struct fer_revoked *fer_revoked_new(void)
{
	return set_new(FIRST_SIZE);
}

struct fer_revoked *fer_revoked_ref(struct fer_revoked *set)
{
	atomic_fetch_add(&set->refs, 1);
	return set;
}

void fer_revoked_unref(struct fer_revoked *set)
{
	if (!set || atomic_fetch_sub(&set->refs, 1) != 1)
		return;
	free(set->slots);
	free(set);
}

/* Where it stands, or the free slot where it would. */
static struct slot *find(const struct fer_revoked *set, uint64_t a, uint64_t b, bool *there)
{
	for (size_t i = (size_t)(a >> 8);; i++) {
		struct slot *slot = &set->slots[i & (set->size - 1)];
		uint64_t seen = atomic_load_explicit(&slot->a, memory_order_acquire);

		*there = seen == a && slot->b == b;
		if (*there || !seen)
			return slot;
	}
}

bool fer_revoked_has(const struct fer_revoked *set, const struct fer_token_id *id)
{
	uint64_t a, b;
	bool there;

	words(id, &a, &b);
	find(set, a, b, &there);
	return there;
}

static void put(struct fer_revoked *set, uint64_t a, uint64_t b, int64_t expires_s)
{
	bool there;
	struct slot *slot = find(set, a, b, &there);

	if (there)
		return;
	slot->b = b;
	slot->expires_s = expires_s;
	atomic_store_explicit(&slot->a, a, memory_order_release);
	set->n++;
}

static struct fer_revoked *larger(const struct fer_revoked *set, int64_t now_s)
{
	struct fer_revoked *out = set_new(set->size * 2);

	for (size_t i = 0; out && i < set->size; i++)
		if (set->slots[i].a && set->slots[i].expires_s > now_s - KEPT_S)
			put(out, set->slots[i].a, set->slots[i].b, set->slots[i].expires_s);
	return out;
}

int fer_revoked_add(struct fer_revoked **set, const struct fer_token_id *id, int64_t expires_s, int64_t now_s)
{
	struct fer_revoked *next = *set;
	uint64_t a, b;

	words(id, &a, &b);
	if ((next->n + 1) * 2 > next->size) {
		if (!(next = larger(next, now_s)))
			return -ENOMEM;
		fer_revoked_unref(*set);
		*set = next;
	}
	put(next, a, b, expires_s);
	return 0;
}
