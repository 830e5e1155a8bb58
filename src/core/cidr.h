/*
 * IP addresses and ranges of them, from text and compared. Apart from http, because who may use a token is asked where no socket is known.
 */
#ifndef FER_CORE_CIDR_H
#define FER_CORE_CIDR_H

#include "core/str.h"

#define FER_IP_TEXT 46          /* the longest IPv6 text with its NUL */

/* In network order. An IPv4 address stands here as ::ffff:a.b.c.d and as nothing else, so that one address has one form. */
struct fer_ip {
	unsigned char at[16];
};

struct fer_cidr {
	struct fer_ip network;
	unsigned char bits;         /* of all 128: 10.0.0.0/8 is 104 */
};

#define FER_CIDRS_MAX 64

struct fer_cidrs {
	size_t n;
	struct fer_cidr at[FER_CIDRS_MAX];
};

/**
 * fer_ip_parse - "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1" (which is 192.0.2.1). No port, brackets, zone, blanks or leading zeros
 * in IPv4.
 * Errors: -EINVAL.
 */
int fer_ip_parse(struct fer_str text, struct fer_ip *out);
/** fer_ip_text - the usual short form; IPv4 with dots. */
void fer_ip_text(const struct fer_ip *ip, char out[FER_IP_TEXT]);
bool fer_ip_is_v4(const struct fer_ip *ip);
/** fer_ip_is_loopback - 127.0.0.0/8 or ::1. */
bool fer_ip_is_loopback(const struct fer_ip *ip);
/** fer_host_is_loopback - "localhost", or such an address; an IPv6 one may stand in brackets. A name that begins like one is none. */
bool fer_host_is_loopback(struct fer_str host);

/**
 * fer_cidr_parse - "10.0.0.0/8", "2001:db8::/32", or an address alone.
 * Errors: -EINVAL: no address, a length that is none, or bits set behind the length ("10.0.0.1/8"), which is always a slip.
 */
int fer_cidr_parse(struct fer_str text, struct fer_cidr *out);
/** fer_cidr_has - is the address in the range? A range of one family holds none of the other: ::/0 says nothing about IPv4. */
bool fer_cidr_has(const struct fer_cidr *cidr, const struct fer_ip *ip);

/**
 * fer_cidrs_parse - ranges with commas between them, blanks around each; "" is none.
 * Errors: -EINVAL: one of them is no range (*@bad shows it), or there are more than FER_CIDRS_MAX (*@bad is the first too many).
 */
int fer_cidrs_parse(struct fer_str text, struct fer_cidrs *out, struct fer_str *bad);
bool fer_cidrs_have(const struct fer_cidrs *cidrs, const struct fer_ip *ip);

#endif
