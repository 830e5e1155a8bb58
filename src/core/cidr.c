/*
 * Addresses and ranges. The C library reads the address itself; what it is too lenient about is refused before.
 */
#include "core/cidr.h"

#include <arpa/inet.h>
#include <errno.h>

#define V4_BITS 96              /* of ::ffff:0:0/96, in which every IPv4 address stands */

static const unsigned char v4_prefix[12] = { [10] = 0xff, [11] = 0xff };

bool fer_ip_is_v4(const struct fer_ip *ip)
{
	return memcmp(ip->at, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool fer_ip_is_loopback(const struct fer_ip *ip)
{
	return fer_ip_is_v4(ip) ? ip->at[12] == 127 : memcmp(ip->at, &in6addr_loopback, sizeof(ip->at)) == 0;
}

/* @family: which of the two the text was written as. */
static int parse(struct fer_str text, struct fer_ip *out, int *family)
{
	char z[FER_IP_TEXT];

	if (!text.len || text.len >= sizeof(z) || memchr(text.at, '\0', text.len))
		return -EINVAL;
	memcpy(z, text.at, text.len);
	z[text.len] = '\0';
	*family = strchr(z, ':') ? AF_INET6 : AF_INET;
	if (*family == AF_INET)
		memcpy(out->at, v4_prefix, sizeof(v4_prefix));
	return inet_pton(*family, z, *family == AF_INET ? out->at + 12 : out->at) == 1 ? 0 : -EINVAL;
}

int fer_ip_parse(struct fer_str text, struct fer_ip *out)
{
	int family;

	return parse(text, out, &family);
}

void fer_ip_text(const struct fer_ip *ip, char out[FER_IP_TEXT])
{
	bool v4 = fer_ip_is_v4(ip);

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip->at + 12 : ip->at, out, FER_IP_TEXT);
}

/* -- ranges ------------------------------------------------------------------------------------------------------ */

/* The bit @n of an address, counted from its first. */
static bool bit(const struct fer_ip *ip, unsigned n)
{
	return ip->at[n / 8] >> (7 - n % 8) & 1;
}

/* Digits alone, no zero in front: "/08" could be meant as octal. */
static bool read_length(struct fer_str text, int64_t most, int64_t *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
	return (text.len == 1 || (text.len && text.at[0] != '0')) && fer_str_int(text, out) && *out <= most;
}

int fer_cidr_parse(struct fer_str text, struct fer_cidr *out)
{
	struct fer_str rest = text, address;
	bool sliced = fer_str_find(text, '/') >= 0;
	int64_t length;
	int family;

	if (!fer_str_cut(&rest, '/', &address) || parse(address, &out->network, &family))
		return -EINVAL;
	length = family == AF_INET ? 32 : 128;
	if (sliced && !read_length(rest, length, &length))
		return -EINVAL;
	out->bits = (unsigned char)(family == AF_INET ? V4_BITS + length : length);
	for (unsigned n = out->bits; n < 128; n++)
		if (bit(&out->network, n))
			return -EINVAL;
	return 0;
}

bool fer_cidr_has(const struct fer_cidr *cidr, const struct fer_ip *ip)
{
	unsigned whole = cidr->bits / 8, left = cidr->bits % 8;

	if (fer_ip_is_v4(ip) && cidr->bits < V4_BITS)
		return false;
	if (memcmp(cidr->network.at, ip->at, whole) != 0)
		return false;
	return !left || (cidr->network.at[whole] ^ ip->at[whole]) >> (8 - left) == 0;
}

int fer_cidrs_parse(struct fer_str text, struct fer_cidrs *out, struct fer_str *bad)
{
	struct fer_str rest = fer_str_trim(text), piece;

	out->n = 0;
	if (!rest.len)
		return 0;
	while (fer_str_cut(&rest, ',', &piece)) {
		*bad = piece = fer_str_trim(piece);
		if (out->n == FER_CIDRS_MAX || fer_cidr_parse(piece, &out->at[out->n++]))
			return -EINVAL;
	}
	return 0;
}

bool fer_cidrs_have(const struct fer_cidrs *cidrs, const struct fer_ip *ip)
{
	for (size_t i = 0; i < cidrs->n; i++)
		if (fer_cidr_has(&cidrs->at[i], ip))
			return true;
	return false;
}

bool fer_host_is_loopback(struct fer_str host)
{
	struct fer_ip ip;

	if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
		host = fer_str_take(fer_str_skip(host, 1), host.len - 2);
	return fer_str_is(host, "localhost") || (fer_ip_parse(host, &ip) == 0 && fer_ip_is_loopback(&ip));
}
