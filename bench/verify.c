/*
 * The yardstick for token issue: how many of Magento's password hashes libsodium alone can check a second.
 *
 * verify [THREADS [SECONDS]]: prints the rate.
 */
#include <pthread.h>
#include <sodium.h>

#include "core/clock.h"
#include "core/str.h"

static int64_t end_us;

static void *work(void *data)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES] = "0123456789abcde";
	unsigned char out[32];
	size_t *n = data;

	while (fer_monotonic_us() < end_us) {
		if (crypto_pwhash(out, sizeof(out), "correct horse 1", 15, salt, 2, (size_t)64 << 20, crypto_pwhash_ALG_ARGON2ID13))
			break;
		(*n)++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int64_t n_threads = 2, seconds = 5;
	pthread_t threads[64];
	size_t counts[64] = { 0 }, sum = 0;
	int64_t begun_us;

	if (sodium_init() < 0 || (argc > 1 && !fer_str_int(fer_str(argv[1]), &n_threads)) ||
	    (argc > 2 && !fer_str_int(fer_str(argv[2]), &seconds)) || n_threads < 1 || n_threads > 64)
		return 2;
	begun_us = fer_monotonic_us();
	end_us = begun_us + seconds * 1000000;
	for (int i = 0; i < n_threads; i++)
		pthread_create(&threads[i], NULL, work, &counts[i]);
	for (int i = 0; i < n_threads; i++) {
		pthread_join(threads[i], NULL);
		sum += counts[i];
	}
	printf("%.2f\n", (double)sum * 1e6 / (double)(fer_monotonic_us() - begun_us));
	return 0;
}
