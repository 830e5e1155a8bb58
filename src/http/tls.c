/*
 * Certificate pairs and authorities, each as one thing that is replaced whole, because GnuTLS borrows them for handshakes under way.
 * Client certificates are judged here and not in the handshake: whether one is needed depends on the path, and its authorities may have
 * been replaced since.
 */
#include "http/tls.h"

#include <errno.h>
#include <stdlib.h>

#include "core/latest.h"
#include "core/private.h"

#define MAX_CHAIN 16
/* RSA below 2048 bits and SHA-1 prove nothing. */
#define STRENGTH GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM)

struct pair {
	struct fer_latest_item item;
	gnutls_pcert_st certificates[MAX_CHAIN];
	unsigned int n;
	gnutls_privkey_t key;
};

struct authorities {
	struct fer_latest_item item;
	gnutls_x509_trust_list_t list;     /* NULL: no client certificates are taken */
	bool required;
};

struct fer_tls {
	struct fer_latest pair, authorities;
};

/* -- our own certificate ----------------------------------------------------------------------------------------- */

static void pair_free(void *item)
{
	struct pair *pair = item;

	for (unsigned int i = 0; i < pair->n; i++)
		gnutls_pcert_deinit(&pair->certificates[i]);
	if (pair->key)
		gnutls_privkey_deinit(pair->key);
	free(pair);
}

static int read_certificates(struct pair *pair, const char *path)
{
	unsigned int n = MAX_CHAIN;
	int r = gnutls_pcert_list_import_x509_file(pair->certificates, &n, path, GNUTLS_X509_FMT_PEM, NULL, NULL, 0);

	if (r >= 0)
		pair->n = n;
	return r;
}

static int read_key(struct pair *pair, const char *path)
{
	gnutls_datum_t pem;
	int r = gnutls_load_file(path, &pem);

	if (r < 0)
		return r;
	if ((r = gnutls_privkey_init(&pair->key)) >= 0)
		r = gnutls_privkey_import_x509_raw(pair->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	return r;
}

/* A key that belongs to another certificate is the usual slip of a renewal, and would fail every handshake. */
static int check_match(const struct pair *pair)
{
	unsigned char ours[64], theirs[64];
	size_t n_ours = sizeof(ours), n_theirs = sizeof(theirs);
	gnutls_pubkey_t public;
	int r = gnutls_pubkey_init(&public);

	if (r < 0)
		return r;
	if ((r = gnutls_pubkey_import_privkey(public, pair->key, 0, 0)) >= 0 &&
	    (r = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ours, &n_ours)) >= 0 &&
	    (r = gnutls_pubkey_get_key_id(pair->certificates[0].pubkey, GNUTLS_KEYID_USE_SHA256, theirs, &n_theirs)) >= 0 &&
	    (n_ours != n_theirs || memcmp(ours, theirs, n_ours) != 0))
		r = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
	gnutls_pubkey_deinit(public);
	return r;
}

static int pair_new(const struct fer_settings *settings, struct pair **out, char why[256])
{
	struct pair *pair;
	const char *file = settings->tls_certificate;
	int r;

	if ((r = fer_private_check(settings->tls_key, FER_PRIVATE_SECRET, why)))
		return r;
	if (!(pair = calloc(1, sizeof(*pair))))
		return -ENOMEM;
	if ((r = read_certificates(pair, settings->tls_certificate)) >= 0) {
		file = settings->tls_key;
		if ((r = read_key(pair, settings->tls_key)) >= 0)
			r = check_match(pair);
	}
	if (r < 0) {
		snprintf(why, 256, "%.150s: %s", file, gnutls_strerror(r));
		pair_free(pair);
		return -EINVAL;
	}
	*out = pair;
	return 0;
}

/* -- authorities of clients -------------------------------------------------------------------------------------- */

static void authorities_free(void *item)
{
	struct authorities *authorities = item;

	if (authorities->list)
		gnutls_x509_trust_list_deinit(authorities->list, 1);
	free(authorities);
}

/* Revocation lists may stand in the same file. */
static int read_authorities(struct authorities *authorities, const char *path)
{
	static const char crl[] = "-----BEGIN X509 CRL";
	gnutls_datum_t pem;
	int r = gnutls_load_file(path, &pem);

	if (r < 0)
		return r;
	if ((r = gnutls_x509_trust_list_init(&authorities->list, 0)) >= 0)
		r = gnutls_x509_trust_list_add_trust_mem(authorities->list, &pem, memmem(pem.data, pem.size, crl, sizeof(crl) - 1) ? &pem : NULL,
		                                         GNUTLS_X509_FMT_PEM, GNUTLS_TL_VERIFY_CRL, STRENGTH);
	gnutls_free(pem.data);
	return r == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND : r;
}

static int authorities_new(const struct fer_settings *settings, struct authorities **out, char why[256])
{
	const char *path = settings->tls_client_ca;
	struct authorities *authorities = calloc(1, sizeof(*authorities));
	int r = 0;

	if (!authorities)
		return -ENOMEM;
	authorities->required = settings->tls_client_required;
	if (path[0])
		r = read_authorities(authorities, path);
	if (r < 0)
		snprintf(why, 256, "%.150s: %s", path, gnutls_strerror(r));
	else if (!path[0] && authorities->required)
		snprintf(why, 256, "tls_client_required is on and no authority is named: give tls_client_ca");
	if (r < 0 || (!path[0] && authorities->required)) {
		authorities_free(authorities);
		return -EINVAL;
	}
	*out = authorities;
	return 0;
}

/* -- loading ----------------------------------------------------------------------------------------------------- */

int fer_tls_reload(struct fer_tls *tls, const struct fer_settings *settings, char why[256])
{
	struct authorities *authorities;
	struct pair *pair;
	int r;

	if ((r = pair_new(settings, &pair, why)))
		return r;
	if ((r = authorities_new(settings, &authorities, why))) {
		pair_free(pair);
		return r;
	}
	fer_latest_put(&tls->pair, &pair->item);
	fer_latest_put(&tls->authorities, &authorities->item);
	return 0;
}

int fer_tls_new(const struct fer_settings *settings, struct fer_tls **out, char why[256])
{
	struct fer_tls *tls = calloc(1, sizeof(*tls));
	int r;

	if (!tls)
		return -ENOMEM;
	if ((r = fer_tls_reload(tls, settings, why))) {
		fer_tls_free(tls);
		return r;
	}
	*out = tls;
	return 0;
}

void fer_tls_free(struct fer_tls *tls)
{
	if (!tls)
		return;
	fer_latest_release(&tls->pair, pair_free);
	fer_latest_release(&tls->authorities, authorities_free);
	free(tls);
}

int fer_tls_pair(struct fer_tls *tls, gnutls_pcert_st **certificates, unsigned int *n, gnutls_privkey_t *key)
{
	struct pair *pair = fer_latest_get(&tls->pair);

	*certificates = pair->certificates;
	*n = pair->n;
	*key = pair->key;
	return 0;
}

/* -- clients ----------------------------------------------------------------------------------------------------- */

/* Without names of authorities in the question: those may be others once the answer is judged. */
void fer_tls_ask(const struct fer_tls *tls, gnutls_session_t session)
{
	const struct authorities *authorities = fer_latest_get(&tls->authorities);

	if (!authorities->list)
		return;
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
	gnutls_certificate_send_x509_rdn_sequence(session, 1);
}

static const struct { unsigned int status; const char *fault; } faults[] = {
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, "its authority is not known here" },
	{ GNUTLS_CERT_REVOKED, "it is revoked" },
	{ GNUTLS_CERT_EXPIRED, "it has expired" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "it is not meant for clients" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, "its key or signature is too weak" },
	{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, "its authority's revocation list is out of date" },
	{ ~0u, "it is not valid" },
};

static const char *fault_of(unsigned int status)
{
	size_t i = 0;

	if (!status)
		return NULL;
	while (!(faults[i].status & status))
		i++;
	return faults[i].fault;
}

static const char *read_subject(gnutls_x509_crt_t certificate, struct fer_tls_client *client)
{
	gnutls_datum_t dn;
	bool fits;

	if (gnutls_x509_crt_get_dn3(certificate, &dn, 0) < 0)
		return "its subject cannot be read";
	/* A subject that was cut could be another's. */
	if ((fits = dn.size < sizeof(client->subject))) {
		memcpy(client->subject, dn.data, dn.size);
		client->subject[dn.size] = '\0';
	}
	gnutls_free(dn.data);
	return fits ? NULL : "its subject is too long";
}

static const char *judge_chain(const struct authorities *authorities, gnutls_x509_crt_t *chain, unsigned int n, struct fer_tls_client *client)
{
	gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT };
	unsigned int status = ~0u;
	time_t ends_s = gnutls_x509_crt_get_expiration_time(chain[0]);

	if (gnutls_x509_trust_list_verify_crt2(authorities->list, chain, n, &purpose, 1, STRENGTH, &status, NULL) < 0)
		status = ~0u;
	if (ends_s != (time_t)-1 && client->until_s > ends_s && !status)
		client->until_s = ends_s;
	return status ? fault_of(status) : read_subject(chain[0], client);
}

static const char *judge(const struct authorities *authorities, gnutls_session_t session, struct fer_tls_client *client)
{
	gnutls_x509_crt_t chain[MAX_CHAIN];
	unsigned int n = 0, n_sent = 0;
	const gnutls_datum_t *sent = gnutls_certificate_get_peers(session, &n_sent);
	const char *fault = NULL;

	if (!sent || !n_sent)
		return "none was sent";
	if (n_sent > MAX_CHAIN)
		return "its chain is too long";
	for (; n < n_sent && !fault; n++) {
		if (gnutls_x509_crt_init(&chain[n]) < 0)
			break;
		if (gnutls_x509_crt_import(chain[n], &sent[n], GNUTLS_X509_FMT_DER) < 0)
			fault = "it cannot be read";
	}
	if (!fault)
		fault = n == n_sent ? judge_chain(authorities, chain, n, client) : "there is no memory to read it";
	while (n)
		gnutls_x509_crt_deinit(chain[--n]);
	return fault;
}

/* Time changes what is valid: an answer holds for a minute at most. */
#define HOLDS_S 60

bool fer_tls_client(const struct fer_tls *tls, gnutls_session_t session, int64_t now_s, struct fer_tls_client *client)
{
	const struct authorities *authorities = fer_latest_get(&tls->authorities);

	if (!authorities->list)
		return false;
	client->required = authorities->required;
	if (client->judge == authorities && now_s < client->until_s)
		return true;
	client->judge = authorities;
	client->until_s = now_s + HOLDS_S;
	client->subject[0] = '\0';
	client->fault = judge(authorities, session, client);
	return true;
}
