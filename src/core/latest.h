/*
 * A thing that is replaced whole while others read it. What was replaced is kept until the end: only a reload replaces, the things are
 * small, and so a reader needs neither a lock nor a count.
 */
#ifndef FER_CORE_LATEST_H
#define FER_CORE_LATEST_H

#include <stdatomic.h>
#include <stddef.h>

/* The first member of such a thing. */
struct fer_latest_item {
	struct fer_latest_item *older;
};

struct fer_latest {
	_Atomic(struct fer_latest_item *) item;
};

/* NULL before the first. What it gives is valid until fer_latest_release. */
static inline void *fer_latest_get(const struct fer_latest *latest)
{
	return atomic_load_explicit(&latest->item, memory_order_acquire);
}

/* One thread at a time. */
static inline void fer_latest_put(struct fer_latest *latest, struct fer_latest_item *item)
{
	item->older = atomic_load_explicit(&latest->item, memory_order_relaxed);
	atomic_store_explicit(&latest->item, item, memory_order_release);
}

static inline void fer_latest_release(struct fer_latest *latest, void (*free_item)(void *item))
{
	struct fer_latest_item *item = atomic_exchange(&latest->item, NULL);

	while (item) {
		struct fer_latest_item *older = item->older;

		free_item(item);
		item = older;
	}
}

#endif
