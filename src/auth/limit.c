/*
 * A bucket is one number: when it will be full again. It holds what that time is away from now, in units of the interval between two
 * requests; a bucket that is full has a time gone by and needs no place.
 *
 * The places are a fixed table, by a keyed hash, in groups of eight. A newcomer takes a place of a full bucket. Where a group has none, it
 * takes over the fullest bucket with what that lacks: so nobody empties his bucket's memory by calling from many addresses, and what
 * crowding costs is that the newest of the crowd share.
 */
#include "auth/limit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <sodium.h>

#include "core/latest.h"
#include "store/store.h"

#define GROUP 8
#define GROUPS (FER_LIMIT_PLACES / GROUP)
#define STRIPES 64

_Static_assert(GROUPS % STRIPES == 0, "a group belongs to one stripe");

struct place {
	uint64_t tag;
	int64_t full_us;
};

struct rule {
	int64_t interval_us;       /* between two requests at the stated rate; 0: no limit */
	int64_t burst;             /* requests in a full bucket */
	char text[64];
};

struct fer_limit_rules {
	struct fer_latest_item item;
	struct rule at[FER_N_LIMITS];
	bool any;
	struct fer_cidrs exempt;
};

struct fer_limits {
	const struct fer_clock *clock;
	struct fer_latest rules;
	unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
	pthread_mutex_t locks[STRIPES];
	struct place places[FER_N_LIMITS][GROUPS][GROUP];
};

#define SETTING(name) offsetof(struct fer_settings, name)

static const struct {
	const char *name;
	size_t rate, burst;        /* settings; burst 0: as many as the rate */
	int64_t window_s;          /* that the rate is stated for */
} rows[FER_N_LIMITS] = {
	[FER_LIMIT_API_SOURCE] = { "api-source", SETTING(limit_api_source), SETTING(limit_api_burst), 1 },
	[FER_LIMIT_API_USER] = { "api-user", SETTING(limit_api_user), SETTING(limit_api_burst), 1 },
	[FER_LIMIT_TOKEN_SOURCE] = { "token-source", SETTING(limit_token_source), SETTING(limit_token_burst), 60 },
	[FER_LIMIT_TOKEN_USER] = { "token-user", SETTING(limit_token_user), SETTING(limit_token_burst), 60 },
	[FER_LIMIT_HASH_SOURCE] = { "hash-source", SETTING(hash_budget), SETTING(hash_budget), 60 },
};

const char *fer_limit_name(enum fer_limit policy)
{
	return rows[policy].name;
}

/* -- keys -------------------------------------------------------------------------------------------------------- */

struct fer_limit_key fer_limit_key_source(const struct fer_ip *ip)
{
	struct fer_limit_key key = { { 0 } };

	memcpy(key.at, ip->at, fer_ip_is_v4(ip) ? 16 : 8);
	return key;
}

struct fer_limit_key fer_limit_key_user(int64_t type, int64_t id)
{
	return (struct fer_limit_key){ { (uint64_t)type, (uint64_t)id } };
}

struct fer_limit_key fer_limit_key_name(struct fer_str name)
{
	return (struct fer_limit_key){ { fer_collate_hash(name), UINT64_MAX } };
}

/* -- rules ------------------------------------------------------------------------------------------------------- */

static int64_t setting(const struct fer_settings *settings, size_t at)
{
	return *(const int64_t *)((const char *)settings + at);
}

static void rule_init(struct rule *rule, const struct fer_settings *settings, enum fer_limit policy)
{
	int64_t rate = setting(settings, rows[policy].rate), burst = setting(settings, rows[policy].burst);
	int64_t window_us = rows[policy].window_s * 1000000, whole_s;

	if (!rate)
		return;
	rule->interval_us = window_us / rate;
	rule->burst = burst ? burst : rate;
	whole_s = (rule->burst * window_us / rate + 999999) / 1000000;
	snprintf(rule->text, sizeof(rule->text), "\"%s\";q=%lld;w=%lld", rows[policy].name, (long long)rule->burst, (long long)whole_s);
}

int fer_limit_rules_new(const struct fer_settings *settings, struct fer_limit_rules **out, char why[256])
{
	struct fer_limit_rules *rules = calloc(1, sizeof(*rules));
	struct fer_str bad = FER_STR_NONE;

	if (!rules)
		return -ENOMEM;
	if (fer_cidrs_parse(fer_str(settings->limit_exempt), &rules->exempt, &bad)) {
		snprintf(why, 256, "limit_exempt: \"%.*s\" is no address or range, or there are more than %d", FER_F(fer_str_take(bad, 60)), FER_CIDRS_MAX);
		free(rules);
		return -EINVAL;
	}
	for (int i = 0; i < FER_N_LIMITS; i++) {
		rule_init(&rules->at[i], settings, (enum fer_limit)i);
		rules->any |= rules->at[i].interval_us > 0;
	}
	*out = rules;
	return 0;
}

void fer_limit_rules_free(struct fer_limit_rules *rules)
{
	free(rules);
}

void fer_limits_put(struct fer_limits *limits, struct fer_limit_rules *rules)
{
	fer_latest_put(&limits->rules, &rules->item);
}

bool fer_limits_any(const struct fer_limits *limits, const struct fer_ip *ip)
{
	const struct fer_limit_rules *rules = fer_latest_get(&limits->rules);

	return rules && rules->any && !fer_cidrs_have(&rules->exempt, ip);
}

struct fer_str fer_limit_policy(const struct fer_limits *limits, enum fer_limit policy)
{
	const struct fer_limit_rules *rules = fer_latest_get(&limits->rules);

	return fer_str(rules->at[policy].text);
}

/* -- buckets ----------------------------------------------------------------------------------------------------- */

struct fer_limits *fer_limits_new(const struct fer_clock *clock)
{
	struct fer_limits *limits = calloc(1, sizeof(*limits));

	if (!limits)
		return NULL;
	limits->clock = clock;
	randombytes_buf(limits->key, sizeof(limits->key));
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_init(&limits->locks[i], NULL);
	return limits;
}

void fer_limits_free(struct fer_limits *limits)
{
	if (!limits)
		return;
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&limits->locks[i]);
	fer_latest_release(&limits->rules, free);
	free(limits);
}

/* The group of a key, and the tag it has there. */
struct slot {
	size_t group;
	uint64_t tag;
};

static struct slot slot_of(const struct fer_limits *limits, const struct fer_limit_key *key)
{
	uint64_t hash[2];

	crypto_shorthash_siphashx24((unsigned char *)hash, (const unsigned char *)key->at, sizeof(key->at), limits->key);
	return (struct slot){ hash[0] % GROUPS, hash[1] };
}

static struct place *find(struct place group[GROUP], uint64_t tag)
{
	for (int i = 0; i < GROUP; i++)
		if (group[i].tag == tag)
			return &group[i];
	return NULL;
}

/* For a newcomer: a full bucket's place if there is one, else the fullest's with what that lacks. */
static struct place *settle(struct place group[GROUP], uint64_t tag)
{
	struct place *fullest = &group[0];

	for (int i = 1; i < GROUP; i++)
		if (group[i].full_us < fullest->full_us)
			fullest = &group[i];
	fullest->tag = tag;
	return fullest;
}

static void tell(const struct rule *rule, int64_t lacks_us, struct fer_limit_state *out)
{
	int64_t holds_us = rule->burst * rule->interval_us - lacks_us;

	out->left = holds_us / rule->interval_us;
	out->wait_s = ((out->left + 1) * rule->interval_us - holds_us + 999999) / 1000000;
}

/* Never more than a whole bucket: the rules, or a sandbox's clock, may have changed since. */
static int64_t lacking_us(const struct rule *rule, const struct place *place, int64_t now_us)
{
	int64_t lacks_us = place->full_us - now_us, most_us = rule->burst * rule->interval_us;

	return lacks_us < 0 ? 0 : lacks_us > most_us ? most_us : lacks_us;
}

static void pour(const struct rule *rule, struct place *place, int64_t change_us, int64_t now_us, struct fer_limit_state *out)
{
	int64_t lacks_us = lacking_us(rule, place, now_us);

	out->refused = lacks_us + change_us > rule->burst * rule->interval_us;
	if (!out->refused)
		lacks_us = lacks_us + change_us < 0 ? 0 : lacks_us + change_us;
	place->full_us = now_us + lacks_us;
	tell(rule, lacks_us, out);
}

void fer_limit_take(struct fer_limits *limits, enum fer_limit policy, const struct fer_limit_key *key, struct fer_limit_state *out)
{
	const struct fer_limit_rules *rules = fer_latest_get(&limits->rules);
	const struct rule *rule = &rules->at[policy];
	struct slot slot = slot_of(limits, key);
	struct place *group = limits->places[policy][slot.group], *place;

	*out = (struct fer_limit_state){ .applies = rule->interval_us > 0 };
	if (!out->applies)
		return;
	pthread_mutex_lock(&limits->locks[slot.group % STRIPES]);
	if (!(place = find(group, slot.tag)))
		place = settle(group, slot.tag);
	pour(rule, place, rule->interval_us, fer_now_us(limits->clock), out);
	pthread_mutex_unlock(&limits->locks[slot.group % STRIPES]);
}

void fer_limit_give_back(struct fer_limits *limits, enum fer_limit policy, const struct fer_limit_key *key, struct fer_limit_state *out)
{
	const struct fer_limit_rules *rules = fer_latest_get(&limits->rules);
	const struct rule *rule = &rules->at[policy];
	struct slot slot = slot_of(limits, key);
	struct place *place;

	pthread_mutex_lock(&limits->locks[slot.group % STRIPES]);
	if (rule->interval_us && (place = find(limits->places[policy][slot.group], slot.tag)))
		pour(rule, place, -rule->interval_us, fer_now_us(limits->clock), out);
	pthread_mutex_unlock(&limits->locks[slot.group % STRIPES]);
}
