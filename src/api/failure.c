/*
 * A table of the failures of this minute. When it is full, what is new shares its last place: so many lines a minute, and no more.
 */
#include "api/failure.h"

#include <pthread.h>
#include <stdlib.h>

#include "api/route.h"
#include "api/server.h"
#include "core/log.h"

#define PLACES 64
#define MINUTE_US INT64_C(60000000)

struct failure {
	const char *route;         /* NULL: none was found */
	int error;                 /* 0: nothing is here */
	uint64_t store;            /* hash of what the database said */
	int64_t since_us;
	uint64_t n_untold;
	char report[16];           /* of the last untold one */
};

struct fer_failures {
	pthread_mutex_t lock;
	struct failure places[PLACES];
};

struct fer_failures *fer_failures_new(void)
{
	struct fer_failures *failures = calloc(1, sizeof(*failures));

	if (failures)
		pthread_mutex_init(&failures->lock, NULL);
	return failures;
}

void fer_failures_free(struct fer_failures *failures)
{
	if (!failures)
		return;
	pthread_mutex_destroy(&failures->lock);
	free(failures);
}

static void tell(const struct failure *f)
{
	char times[24];

	snprintf(times, sizeof(times), "%llu", (unsigned long long)f->n_untold);
	if (f->n_untold)
		fer_log(FER_LOG_ERROR, "request failed again", "times", times, "route", f->route, "error", strerror(-f->error), "last_report", f->report, NULL);
}

static bool is_over(const struct failure *f, int64_t now_us)
{
	return !f->error || now_us - f->since_us >= MINUTE_US;
}

/* Its own place, else one whose minute is over, else the last. */
static struct failure *place_of(struct fer_failures *failures, const struct failure *new)
{
	struct failure *free_one = NULL;

	for (size_t i = 0; i < PLACES; i++) {
		struct failure *f = &failures->places[i];

		if (f->error == new->error && f->route == new->route && f->store == new->store)
			return f;
		if (!free_one && is_over(f, new->since_us))
			free_one = f;
	}
	return free_one ? free_one : &failures->places[PLACES - 1];
}

/* True: it gets a line; @before is what the place held until now. */
static bool take_up(struct fer_failures *failures, const struct failure *new, struct failure *before)
{
	struct failure *f;
	bool told;

	pthread_mutex_lock(&failures->lock);
	f = place_of(failures, new);
	told = is_over(f, new->since_us);
	if (told) {
		*before = *f;
		*f = *new;
	} else {
		f->n_untold++;
		memcpy(f->report, new->report, sizeof(f->report));
	}
	pthread_mutex_unlock(&failures->lock);
	return told;
}

void fer_failure_log(const struct fer_call *call, int error, const char *report)
{
	const char *said = call->db ? fer_db_error(call->db) : NULL;
	struct failure before = { 0 }, new = { .route = call->route ? call->route->path : NULL, .error = error,
	                                       .store = said ? fer_str_hash(fer_str(said)) : 0, .since_us = fer_monotonic_us() };

	snprintf(new.report, sizeof(new.report), "%s", report);
	if (call->server->failures && !take_up(call->server->failures, &new, &before))
		return;
	tell(&before);
	fer_log(FER_LOG_ERROR, "request failed", "request", call->request->id, "report", report, "route", new.route, "error", strerror(-error),
	        "store", said, NULL);
}

void fer_failures_tell(struct fer_failures *failures, bool all)
{
	int64_t now_us = fer_monotonic_us();

	for (size_t i = 0; failures && i < PLACES; i++) {
		struct failure f;

		pthread_mutex_lock(&failures->lock);
		f = failures->places[i];
		if (!all && !is_over(&f, now_us))
			f.n_untold = 0;
		else
			failures->places[i] = (struct failure){ 0 };
		pthread_mutex_unlock(&failures->lock);
		tell(&f);
	}
}
