/*
 * Rate limits: token buckets in memory, by source address and by user. They know neither routes nor answers; api/quota.c does.
 */
#ifndef FER_AUTH_LIMIT_H
#define FER_AUTH_LIMIT_H

#include "core/cidr.h"
#include "core/clock.h"
#include "core/settings.h"

struct fer_limits;

/* One policy a row of buckets; their names and settings stand in limit.c. */
enum fer_limit {
	FER_LIMIT_API_SOURCE, FER_LIMIT_API_USER, FER_LIMIT_TOKEN_SOURCE, FER_LIMIT_TOKEN_USER, FER_LIMIT_HASH_SOURCE,
	FER_N_LIMITS
};

/* Buckets of one policy. Beyond so many callers of late, some share a bucket: see limit.c. */
#define FER_LIMIT_PLACES 32768

/* Whose bucket. */
struct fer_limit_key {
	uint64_t at[2];
};

struct fer_limit_key fer_limit_key_source(const struct fer_ip *ip);             /* IPv4: the address; IPv6: its /64 */
struct fer_limit_key fer_limit_key_user(int64_t type, int64_t id);
struct fer_limit_key fer_limit_key_name(struct fer_str name);                   /* as submitted: names equal to the database share one */

/* A bucket, as it stands after the question. */
struct fer_limit_state {
	bool applies;                /* false: the policy is off, and nothing else is set */
	bool refused;
	int64_t left;                /* requests that it would take at once */
	int64_t wait_s;              /* until it takes one more than that; 1 or more */
};

/** fer_limits_new - buckets without any limit yet. Owns: @clock is borrowed. NULL: no memory. */
struct fer_limits *fer_limits_new(const struct fer_clock *clock);
void fer_limits_free(struct fer_limits *limits);

/* Rates, bursts and exempt addresses, as read from settings. */
struct fer_limit_rules;
/** fer_limit_rules_new - from the settings limit_* and hash_budget. Errors: -EINVAL limit_exempt holds what is no range, -ENOMEM; @why. */
int fer_limit_rules_new(const struct fer_settings *settings, struct fer_limit_rules **out, char why[256]);
void fer_limit_rules_free(struct fer_limit_rules *rules);
/** fer_limits_put - these rules from now on; what buckets hold stays. Takes @rules over. One thread at a time. */
void fer_limits_put(struct fer_limits *limits, struct fer_limit_rules *rules);

/** fer_limits_any - is any policy on for this address? False for exempt ones: then there is nothing else to ask. */
bool fer_limits_any(const struct fer_limits *limits, const struct fer_ip *ip);

/** fer_limit_take - one request. A refused one takes nothing. No allocation; one short lock. */
void fer_limit_take(struct fer_limits *limits, enum fer_limit policy, const struct fer_limit_key *key, struct fer_limit_state *out);
/** fer_limit_give_back - the request that was taken shall not count after all. @out, as take filled it, is brought up to date. */
void fer_limit_give_back(struct fer_limits *limits, enum fer_limit policy, const struct fer_limit_key *key, struct fer_limit_state *out);

/** fer_limit_policy - `"token-source";q=30;w=60`, the policy as an item of RateLimit-Policy. Valid as long as @limits. */
struct fer_str fer_limit_policy(const struct fer_limits *limits, enum fer_limit policy);
const char *fer_limit_name(enum fer_limit policy);

#endif
