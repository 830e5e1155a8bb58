/*
 * The list of connections, and the walk over it. A socket is shut down rather than closed: its descriptor stays libmicrohttpd's.
 */
#include "http/patience.h"

#include <sys/socket.h>

#include "core/clock.h"

#define US_PER_BYTE (1000000 / 1024)

void fer_patience_init(struct fer_patience *patience)
{
	patience->first = NULL;
	pthread_mutex_init(&patience->lock, NULL);
}

void fer_patience_release(struct fer_patience *patience)
{
	pthread_mutex_destroy(&patience->lock);
}

void fer_patience_add(struct fer_patience *patience, struct fer_patient *patient, int fd)
{
	patient->fd = fd;
	pthread_mutex_lock(&patience->lock);
	patient->next = patience->first;
	patient->at = &patience->first;
	if (patient->next)
		patient->next->at = &patient->next;
	patience->first = patient;
	pthread_mutex_unlock(&patience->lock);
}

void fer_patience_remove(struct fer_patience *patience, struct fer_patient *patient)
{
	pthread_mutex_lock(&patience->lock);
	*patient->at = patient->next;
	if (patient->next)
		patient->next->at = patient->at;
	pthread_mutex_unlock(&patience->lock);
}

void fer_patience_more(struct fer_patient *patient, int s, size_t bytes)
{
	int64_t until_us = fer_monotonic_us() + s * INT64_C(1000000) + (int64_t)bytes * US_PER_BYTE;

	atomic_store_explicit(&patient->until_us, until_us, memory_order_relaxed);
}

void fer_patience_bytes(struct fer_patient *patient, size_t bytes)
{
	atomic_fetch_add_explicit(&patient->until_us, (int64_t)bytes * US_PER_BYTE, memory_order_relaxed);
}

void fer_patience_end(struct fer_patience *patience)
{
	int64_t now_us = fer_monotonic_us();

	pthread_mutex_lock(&patience->lock);
	for (struct fer_patient *p = patience->first; p; p = p->next)
		if (atomic_load_explicit(&p->until_us, memory_order_relaxed) < now_us)
			shutdown(p->fd, SHUT_RDWR);
	pthread_mutex_unlock(&patience->lock);
}
