/*
 * Certificate pairs. A pair that was replaced is kept until the end, because GnuTLS borrows it for handshakes under way; reloads are
 * rare and a pair is a few kilobytes.
 */
#include "http/tls.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/arena.h"

#define MAX_CHAIN 16

struct pair {
	struct pair *older;
	gnutls_pcert_st certificates[MAX_CHAIN];
	unsigned int n;
	gnutls_privkey_t key;
};

struct fer_tls {
	struct pair *_Atomic newest;
};

static void pair_free(struct pair *pair)
{
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

int fer_tls_reload(struct fer_tls *tls, const char *certificate, const char *key, char why[256])
{
	struct pair *pair = calloc(1, sizeof(*pair));
	const char *file = certificate;
	int r;

	if (!pair)
		return -ENOMEM;
	if ((r = read_certificates(pair, certificate)) >= 0) {
		file = key;
		r = read_key(pair, key);
	}
	if (r < 0) {
		snprintf(why, 256, "%.150s: %s", file, gnutls_strerror(r));
		pair_free(pair);
		return -EINVAL;
	}
	pair->older = atomic_load(&tls->newest);
	atomic_store(&tls->newest, pair);
	return 0;
}

int fer_tls_new(const char *certificate, const char *key, struct fer_tls **out, char why[256])
{
	struct fer_tls *tls = calloc(1, sizeof(*tls));
	int r;

	if (!tls)
		return -ENOMEM;
	if ((r = fer_tls_reload(tls, certificate, key, why))) {
		fer_tls_free(tls);
		return r;
	}
	*out = tls;
	return 0;
}

void fer_tls_free(struct fer_tls *tls)
{
	struct pair *pair = tls ? atomic_load(&tls->newest) : NULL;

	while (pair) {
		struct pair *older = pair->older;

		pair_free(pair);
		pair = older;
	}
	free(tls);
}

int fer_tls_pair(struct fer_tls *tls, gnutls_pcert_st **certificates, unsigned int *n, gnutls_privkey_t *key)
{
	struct pair *pair = atomic_load(&tls->newest);

	*certificates = pair->certificates;
	*n = pair->n;
	*key = pair->key;
	return 0;
}
