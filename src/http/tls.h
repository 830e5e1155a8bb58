/*
 * TLS of the listener: its certificate and key, and the authorities whose client certificates it takes. All of it can be replaced while
 * connections are open.
 */
#ifndef FER_HTTP_TLS_H
#define FER_HTTP_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/settings.h"

#define FER_TLS_SUBJECT 512

struct fer_tls;

/** fer_tls_new - load the files of the settings tls_*. Errors: -EINVAL, @why says which file is wrong. */
int fer_tls_new(const struct fer_settings *settings, struct fer_tls **out, char why[256]);
void fer_tls_free(struct fer_tls *tls);

/** fer_tls_reload - the same from files that changed; on an error all of the old ones stay in use. */
int fer_tls_reload(struct fer_tls *tls, const struct fer_settings *settings, char why[256]);

/** fer_tls_pair - what GnuTLS asks for at a handshake; the pair stays valid until fer_tls_free. */
int fer_tls_pair(struct fer_tls *tls, gnutls_pcert_st **certificates, unsigned int *n, gnutls_privkey_t *key);

/** fer_tls_ask - before the handshake: ask the client for a certificate, if any are taken. Clients without one are welcome. */
void fer_tls_ask(const struct fer_tls *tls, gnutls_session_t session);

/* What is known of a connection's client; begins as { 0 }. */
struct fer_tls_client {
	const void *judge;                 /* the authorities that were asked */
	int64_t until_s;                   /* what they said holds until then */
	const char *fault;                 /* NULL: verified. Else why not, to be read after "a client certificate is needed:" */
	bool required;                     /* as the settings have it */
	char subject[FER_TLS_SUBJECT];     /* RFC 4514 */
};

/**
 * fer_tls_client - judge the client's certificate against the authorities of now, and by the clock of now; costs something once a
 * connection and after each reload. @now_s: real time.
 * Returns: false: no client certificates are taken, and @client says nothing.
 */
bool fer_tls_client(const struct fer_tls *tls, gnutls_session_t session, int64_t now_s, struct fer_tls_client *client);

#endif
