/*
 * A fixed table of slots, in shards with a lock each. A slot is found by the key's hash; a new answer takes the slot of the old
 * one, so there is nothing to sweep.
 */
#include "api/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS 64
#define SLOTS 1024               /* a shard */
#define BODY_MAX ((size_t)256 << 10)

struct slot {
	uint64_t hash, version;
	char *at;                /* key, then body */
	uint32_t key_len, body_len;
};

struct shard {
	pthread_mutex_t lock;
	struct slot slots[SLOTS];
	size_t bytes;
};

struct fer_cache {
	struct shard shards[SHARDS];
	size_t max_bytes;        /* a shard */
};

struct fer_cache *fer_cache_new(size_t max_bytes)
{
	struct fer_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->max_bytes = max_bytes / SHARDS;
	for (int i = 0; i < SHARDS; i++)
		pthread_mutex_init(&cache->shards[i].lock, NULL);
	return cache;
}

static void slot_empty(struct shard *shard, struct slot *slot)
{
	shard->bytes -= slot->key_len + slot->body_len;
	free(slot->at);
	*slot = (struct slot){ 0 };
}

void fer_cache_free(struct fer_cache *cache)
{
	for (int i = 0; cache && i < SHARDS; i++) {
		for (int k = 0; k < SLOTS; k++)
			slot_empty(&cache->shards[i], &cache->shards[i].slots[k]);
		pthread_mutex_destroy(&cache->shards[i].lock);
	}
	free(cache);
}

static struct slot *slot_of(struct shard *shard, uint64_t hash)
{
	return &shard->slots[(hash / SHARDS) % SLOTS];
}

bool fer_cache_get(struct fer_cache *cache, struct fer_str key, uint64_t version, struct fer_arena *arena, struct fer_str *body)
{
	uint64_t hash = fer_str_hash(key);
	struct shard *shard = &cache->shards[hash % SHARDS];
	struct slot *slot = slot_of(shard, hash);
	bool hit;

	pthread_mutex_lock(&shard->lock);
	hit = slot->at && slot->hash == hash && slot->version == version && slot->key_len == key.len &&
	      memcmp(slot->at, key.at, key.len) == 0;
	if (hit)
		*body = fer_str_dup(arena, (struct fer_str){ slot->at + slot->key_len, slot->body_len });
	pthread_mutex_unlock(&shard->lock);
	return hit;
}

void fer_cache_put(struct fer_cache *cache, struct fer_str key, uint64_t version, struct fer_str body)
{
	uint64_t hash = fer_str_hash(key);
	struct shard *shard = &cache->shards[hash % SHARDS];
	struct slot *slot = slot_of(shard, hash);
	size_t size = key.len + body.len;
	char *at;

	if (body.len > BODY_MAX || !(at = malloc(size)))
		return;
	memcpy(at, key.at, key.len);
	if (body.len)
		memcpy(at + key.len, body.at, body.len);
	pthread_mutex_lock(&shard->lock);
	slot_empty(shard, slot);
	if (shard->bytes + size > cache->max_bytes) {
		free(at);
	} else {
		*slot = (struct slot){ hash, version, at, (uint32_t)key.len, (uint32_t)body.len };
		shard->bytes += size;
	}
	pthread_mutex_unlock(&shard->lock);
}
