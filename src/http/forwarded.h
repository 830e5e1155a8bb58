/*
 * Whom a proxy speaks for. Its headers are believed only when it is on the list of the setting trusted_proxies.
 */
#ifndef FER_HTTP_FORWARDED_H
#define FER_HTTP_FORWARDED_H

#include "core/cidr.h"
#include "core/latest.h"

struct fer_proxies {
	struct fer_latest_item item;
	struct fer_cidrs ranges;
};

/** fer_proxies_new - from the setting's text. Errors: -EINVAL one is no range, -ENOMEM; @why. */
int fer_proxies_new(const char *text, struct fer_proxies **out, char why[256]);

/**
 * fer_forwarded_for - the client behind the proxy @peer: the last address in the header's lines that is none of the proxies. It is
 * given the lines one by one, in their order; @state begins as { 0 }. What is no address ends the chain: who reported it is the client.
 */
struct fer_forwarded {
	struct fer_ip client;
	bool known;                /* false: the peer itself */
};
void fer_forwarded_for(struct fer_forwarded *state, const struct fer_proxies *proxies, struct fer_str line);

#endif
