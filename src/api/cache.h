/*
 * Answers kept whole: a GET row marked .cached is answered from here on the event thread while nothing stored has changed.
 */
#ifndef FER_API_CACHE_H
#define FER_API_CACHE_H

#include "core/str.h"

struct fer_cache;

/** fer_cache_new - at most @max_bytes of keys and bodies. NULL: no memory. */
struct fer_cache *fer_cache_new(size_t max_bytes);
void fer_cache_free(struct fer_cache *cache);

/** fer_cache_get - the body kept for @key at exactly @version, copied into @arena. */
bool fer_cache_get(struct fer_cache *cache, struct fer_str key, uint64_t version, struct fer_arena *arena, struct fer_str *body);

/** fer_cache_put - keep @body; @version is the counter as it was before the answer was read. */
void fer_cache_put(struct fer_cache *cache, struct fer_str key, uint64_t version, struct fer_str body);

#endif
