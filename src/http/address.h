/*
 * Addresses: what the setting "listen" means, and what a peer's address looks like as text.
 */
#ifndef FER_HTTP_ADDRESS_H
#define FER_HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/cidr.h"

struct fer_address {
	struct sockaddr_storage at;
	socklen_t len;
};

/** fer_address_parse - "127.0.0.1:8080", "[::1]:8080", "localhost:0", ":8080" (every address). Errors: -EINVAL. */
int fer_address_parse(const char *text, struct fer_address *out);
uint16_t fer_address_port(const struct sockaddr *at);
/** fer_address_ip - the address without its port. */
struct fer_ip fer_address_ip(const struct sockaddr *at);
/** fer_address_url - "127.0.0.1:8080", "[::1]:8080" */
void fer_address_url(const struct sockaddr *at, char *out, size_t size);

#endif
