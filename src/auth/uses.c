/*
 * Tables by stripe, each under its own lock for the time of a copy. A full stripe forgets what was written already; when all of it
 * waits to be written, a further token's use is not kept: memory stays bounded.
 */
#include "auth/uses.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define STRIPES 64
#define FIRST_SIZE 16u
#define LARGEST 2048u       /* slots a stripe: 64 of them hold 65,536 tokens */

struct slot {
	bool there, waits;         /* waits: not written yet */
	struct fer_use use;
};

struct stripe {
	pthread_mutex_t lock;
	size_t n, size;            /* size is 0 or a power of two, at least twice n */
	size_t n_waiting;
	struct slot *slots;
};

struct fer_uses {
	struct stripe stripes[STRIPES];
};

struct fer_uses *fer_uses_new(void)
{
	struct fer_uses *uses = calloc(1, sizeof(*uses));

	for (int i = 0; uses && i < STRIPES; i++)
		pthread_mutex_init(&uses->stripes[i].lock, NULL);
	return uses;
}

void fer_uses_free(struct fer_uses *uses)
{
	if (!uses)
		return;
	for (int i = 0; i < STRIPES; i++) {
		pthread_mutex_destroy(&uses->stripes[i].lock);
		free(uses->stripes[i].slots);
	}
	free(uses);
}

/* The hash is as good as random: its first byte picks the stripe, the next ones the slot. */
static struct stripe *stripe_of(struct fer_uses *uses, const struct fer_token_id *id)
{
	return &uses->stripes[id->at[0] % STRIPES];
}

static struct slot *find(const struct stripe *stripe, const struct fer_token_id *id)
{
	uint32_t at;

	memcpy(&at, id->at + 1, sizeof(at));
	for (;; at++) {
		struct slot *slot = &stripe->slots[at & (stripe->size - 1)];

		if (!slot->there || memcmp(slot->use.id.at, id->at, sizeof(id->at)) == 0)
			return slot;
	}
}

/* Into a table of @size; what was written already is left behind when the table cannot grow. */
static bool rebuild(struct stripe *stripe, size_t size, bool forget)
{
	struct stripe next = { .size = size, .slots = calloc(size, sizeof(*next.slots)) };

	if (!next.slots)
		return false;
	for (size_t i = 0; i < stripe->size; i++) {
		if (!stripe->slots[i].there || (forget && !stripe->slots[i].waits))
			continue;
		*find(&next, &stripe->slots[i].use.id) = stripe->slots[i];
		next.n++;
	}
	free(stripe->slots);
	stripe->slots = next.slots;
	stripe->n = next.n;
	stripe->size = size;
	return true;
}

static bool make_room(struct stripe *stripe)
{
	if ((stripe->n + 1) * 2 <= stripe->size)
		return true;
	if (stripe->size < LARGEST)
		return rebuild(stripe, stripe->size ? stripe->size * 2 : FIRST_SIZE, false);
	return rebuild(stripe, stripe->size, true) && (stripe->n + 1) * 2 <= stripe->size;
}

/* The slot of a token, made when there is none; NULL: no room. */
static struct slot *slot_of(struct stripe *stripe, const struct fer_use *use)
{
	struct slot *slot = stripe->size ? find(stripe, &use->id) : NULL;

	if (slot && slot->there)
		return slot;
	if (!make_room(stripe))
		return NULL;
	slot = find(stripe, &use->id);
	*slot = (struct slot){ .there = true, .use = *use };
	stripe->n++;
	return slot;
}

static void wait_for_writing(struct stripe *stripe, struct slot *slot)
{
	stripe->n_waiting += !slot->waits;
	slot->waits = true;
}

static bool used_lately(const struct stripe *stripe, const struct fer_use *use, int64_t idle_s)
{
	const struct slot *slot = stripe->size ? find(stripe, &use->id) : NULL;

	return slot && slot->there && use->used_s - slot->use.used_s <= idle_s;
}

enum fer_use_state fer_uses_note(struct fer_uses *uses, const struct fer_use *use, int64_t idle_s)
{
	struct stripe *stripe = stripe_of(uses, &use->id);
	enum fer_use_state state = FER_USE_NOTED;
	struct slot *slot;

	pthread_mutex_lock(&stripe->lock);
	if (idle_s && !used_lately(stripe, use, idle_s)) {
		state = FER_USE_UNKNOWN;
	} else if ((slot = slot_of(stripe, use)) && slot->use.used_s <= use->used_s) {
		slot->use = *use;
		wait_for_writing(stripe, slot);
	}
	pthread_mutex_unlock(&stripe->lock);
	return state;
}

bool fer_uses_lately(struct fer_uses *uses, const struct fer_use *use, int64_t idle_s)
{
	struct stripe *stripe = stripe_of(uses, &use->id);
	bool lately;

	pthread_mutex_lock(&stripe->lock);
	lately = used_lately(stripe, use, idle_s);
	pthread_mutex_unlock(&stripe->lock);
	return lately;
}

void fer_uses_learn(struct fer_uses *uses, const struct fer_use *use)
{
	struct stripe *stripe = stripe_of(uses, &use->id);
	struct slot *slot;

	pthread_mutex_lock(&stripe->lock);
	if ((slot = slot_of(stripe, use)) && slot->use.used_s < use->used_s)
		slot->use.used_s = use->used_s;
	pthread_mutex_unlock(&stripe->lock);
}

static size_t take(struct stripe *stripe, struct fer_use *out, size_t n)
{
	size_t taken = 0;

	for (size_t i = 0; i < stripe->size && taken < n && stripe->n_waiting; i++) {
		if (!stripe->slots[i].waits)
			continue;
		out[taken++] = stripe->slots[i].use;
		stripe->slots[i].waits = false;
		stripe->n_waiting--;
	}
	return taken;
}

size_t fer_uses_take(struct fer_uses *uses, struct fer_use *out, size_t n)
{
	size_t taken = 0;

	for (int i = 0; i < STRIPES && taken < n; i++) {
		pthread_mutex_lock(&uses->stripes[i].lock);
		taken += take(&uses->stripes[i], out + taken, n - taken);
		pthread_mutex_unlock(&uses->stripes[i].lock);
	}
	return taken;
}

void fer_uses_give_back(struct fer_uses *uses, const struct fer_use *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct stripe *stripe = stripe_of(uses, &list[i].id);
		struct slot *slot;

		pthread_mutex_lock(&stripe->lock);
		if ((slot = slot_of(stripe, &list[i])))
			wait_for_writing(stripe, slot);
		pthread_mutex_unlock(&stripe->lock);
	}
}
