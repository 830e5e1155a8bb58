/*
 * Socket addresses from and to text. Names are not looked up beyond the local host file: a server binds to addresses.
 */
#include "http/address.h"

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

struct fer_ip fer_address_ip(const struct sockaddr *at)
{
	struct fer_ip ip = { { 0 } };

	if (at->sa_family == AF_INET6) {
		memcpy(ip.at, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, 16);
	} else if (at->sa_family == AF_INET) {
		ip.at[10] = ip.at[11] = 0xff;
		memcpy(ip.at + 12, &((const struct sockaddr_in *)(const void *)at)->sin_addr, 4);
	}
	return ip;
}

uint16_t fer_address_port(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)at)->sin6_port);
	return ntohs(((const struct sockaddr_in *)(const void *)at)->sin_port);
}

void fer_address_url(const struct sockaddr *at, char *out, size_t size)
{
	struct fer_ip ip = fer_address_ip(at);
	char text[FER_IP_TEXT];

	fer_ip_text(&ip, text);
	snprintf(out, size, strchr(text, ':') ? "[%s]:%u" : "%s:%u", text, fer_address_port(at));
}
