/*
 * X-Forwarded-For, which each proxy adds the address of its own peer to. What stands left of the first untrusted address, seen from the
 * right, was written by whoever that is, and is worth nothing.
 */
#include "http/forwarded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int fer_proxies_new(const char *text, struct fer_proxies **out, char why[256])
{
	struct fer_proxies *proxies = calloc(1, sizeof(*proxies));
	struct fer_str bad = FER_STR_NONE;

	if (!proxies)
		return -ENOMEM;
	if (fer_cidrs_parse(fer_str(text), &proxies->ranges, &bad)) {
		snprintf(why, 256, "trusted_proxies: \"%.*s\" is no address or range, or there are more than %d", FER_F(fer_str_take(bad, 60)), FER_CIDRS_MAX);
		free(proxies);
		return -EINVAL;
	}
	*out = proxies;
	return 0;
}

/* Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711". */
static int read_hop(struct fer_str text, struct fer_ip *out)
{
	ptrdiff_t colon = fer_str_find(text, ':'), end;

	if (text.len && text.at[0] == '[') {
		end = fer_str_find(text, ']');
		return end < 0 ? -EINVAL : fer_ip_parse(fer_str_skip(fer_str_take(text, (size_t)end), 1), out);
	}
	if (colon >= 0 && fer_str_find(text, '.') >= 0 && fer_str_find(fer_str_skip(text, (size_t)colon + 1), ':') < 0)
		text = fer_str_take(text, (size_t)colon);
	return fer_ip_parse(text, out);
}

/* From left to right, yet as if from the right: an untrusted hop outdoes all before it, a trusted one counts only where nothing does. */
void fer_forwarded_for(struct fer_forwarded *state, const struct fer_proxies *proxies, struct fer_str line)
{
	struct fer_str piece;
	struct fer_ip ip;

	while (fer_str_cut(&line, ',', &piece)) {
		if (read_hop(fer_str_trim(piece), &ip)) {
			state->known = false;
		} else if (!state->known || !fer_cidrs_have(&proxies->ranges, &ip)) {
			state->client = ip;
			state->known = true;
		}
	}
}
