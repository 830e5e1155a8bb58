/*
 * Socket addresses from and to text. Names are not looked up beyond the local host file: a server binds to addresses.
 */
#include "http/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>

/* The host part of "[::1]:80" or "1.2.3.4:80" goes to @host; returns the port part, NULL when there is none. */
static const char *split(const char *text, char *host, size_t size)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!colon || !colon[1] || len >= size)
		return NULL;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return colon + 1;
}

int fer_address_parse(const char *text, struct fer_address *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char host[128];
	const char *port = split(text, host, sizeof(host));

	if (!port || getaddrinfo(host[0] ? host : NULL, port, &hints, &found) != 0)
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	memcpy(&out->at, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static const struct in_addr *as_ipv4(const struct sockaddr *at)
{
	const struct sockaddr_in6 *six = (const void *)at;

	if (at->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)at)->sin_addr;
	if (at->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		return (const void *)&six->sin6_addr.s6_addr[12];
	return NULL;
}

bool fer_address_is_loopback(const struct sockaddr *at)
{
	const struct in_addr *four = as_ipv4(at);

	if (four)
		return (ntohl(four->s_addr) >> 24) == 127;
	return at->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr);
}

uint16_t fer_address_port(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)at)->sin6_port);
	return ntohs(((const struct sockaddr_in *)(const void *)at)->sin_port);
}

void fer_address_text(const struct sockaddr *at, char out[FER_ADDRESS_TEXT])
{
	const struct in_addr *four = as_ipv4(at);

	out[0] = '\0';
	if (four)
		inet_ntop(AF_INET, four, out, FER_ADDRESS_TEXT);
	else if (at->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, out, FER_ADDRESS_TEXT);
}

void fer_address_url(const struct sockaddr *at, char *out, size_t size)
{
	char text[FER_ADDRESS_TEXT];

	fer_address_text(at, text);
	snprintf(out, size, strchr(text, ':') ? "[%s]:%u" : "%s:%u", text, fer_address_port(at));
}
