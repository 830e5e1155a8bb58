/*
 * How long a client may take. libmicrohttpd closes a connection on which nothing moves; a byte now and then would keep one open for ever.
 */
#ifndef FER_HTTP_PATIENCE_H
#define FER_HTTP_PATIENCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define FER_PATIENCE_FOREVER INT64_MAX

/* One connection; a member of what holds it. */
struct fer_patient {
	struct fer_patient *next, **at;     /* in the list of all; .at shows here */
	int fd;
	_Atomic int64_t until_us;           /* FER_PATIENCE_FOREVER: it waits for us, not we for it */
};

struct fer_patience {
	pthread_mutex_t lock;
	struct fer_patient *first;
};

void fer_patience_init(struct fer_patience *patience);
void fer_patience_release(struct fer_patience *patience);

/** fer_patience_add - watch a connection. It must be taken out before its descriptor is closed. */
void fer_patience_add(struct fer_patience *patience, struct fer_patient *patient, int fd);
void fer_patience_remove(struct fer_patience *patience, struct fer_patient *patient);

/** fer_patience_more - @s seconds from now, and one more for each KiB of @bytes. */
void fer_patience_more(struct fer_patient *patient, int s, size_t bytes);
/** fer_patience_bytes - so many bytes more were moved: a second longer for each KiB. */
void fer_patience_bytes(struct fer_patient *patient, size_t bytes);

/** fer_patience_end - shut down the sockets of those whose time is over; their connections then end as if the client had left. */
void fer_patience_end(struct fer_patience *patience);

#endif
