/*
 * The certificate and key of the listener, replaceable while connections are open.
 */
#ifndef FER_HTTP_TLS_H
#define FER_HTTP_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

struct fer_tls;

/** fer_tls_new - load both files. Errors: -EINVAL, @why says which file is wrong. */
int fer_tls_new(const char *certificate, const char *key, struct fer_tls **out, char why[256]);
void fer_tls_free(struct fer_tls *tls);

/** fer_tls_reload - the same from files that changed; on an error the old pair stays in use. */
int fer_tls_reload(struct fer_tls *tls, const char *certificate, const char *key, char why[256]);

/** fer_tls_pair - what GnuTLS asks for at a handshake; the pair stays valid until fer_tls_free. */
int fer_tls_pair(struct fer_tls *tls, gnutls_pcert_st **certificates, unsigned int *n, gnutls_privkey_t *key);

#endif
