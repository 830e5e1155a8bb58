/*
 * Transactions. SQLite: callers queue, the first becomes the leader and commits for all that came meanwhile, so that one
 * sync of the disk serves many; nobody is answered before it. sqlite::memory: and MariaDB: each caller commits for itself.
 */
#include <errno.h>
#include <semaphore.h>
#include <unistd.h>

#include "core/clock.h"
#include "store/driver.h"

#define GROUP_JOBS 256             /* jobs one commit takes along … */
#define GROUP_US 20000             /* … and how long it waits for none but these */
#define LINGER_US 1000             /* … but so long for jobs that are expected */
#define CAREFUL_GROUPS 16          /* groups with savepoints after one that had to be done again */
#define MAX_TRIES 8

struct fer_job {
	unsigned changes;
	int (*fn)(struct fer_db *db, void *data);
	void *data;
	int result;
	bool lead;                     /* woken to lead the next group, and not because its work is done */
	sem_t wake;                    /* needs no lock, that all who are woken would want at once */
	struct fer_job *next;          /* in the queue, then in its group */
};

/* -- one group --------------------------------------------------------------------------------------------------- */

struct group {
	struct fer_db *db;
	struct fer_job *jobs, **end;
	int n;
	int n_good;                    /* whose work stands in the transaction */
	unsigned changes;
	bool careful;                  /* a savepoint before each job */
	int64_t began_us, patience_us;
};

static void group_add(struct group *group, struct fer_job *job)
{
	job->next = NULL;
	*group->end = job;
	group->end = &job->next;
	group->n++;
}

static int begin(struct fer_db *db)
{
	int r = fer_db_control(db, FER_BEGIN_WRITE);

	if (!r) {
		db->in_tx = true;
		fer_change_begun(db);
	}
	return r;
}

static void rollback(struct fer_db *db)
{
	if (db->in_tx && db->store->driver->in_tx(db))
		fer_db_control(db, FER_ROLLBACK);
	db->in_tx = false;
}

/* The whole transaction went with a failed statement (a full disk does that): so did the work of the jobs before. */
static int lose_group(struct group *group, int r)
{
	int loss = r < 0 ? r : -EIO;

	group->db->in_tx = false;
	for (struct fer_job *job = group->jobs; job; job = job->next) {
		if (job->result == 0)
			job->result = loss;
	}
	group->n_good = 0;
	group->changes = 0;
	return r ? r : loss;
}

/* The first job needs no savepoint: when it fails there is nothing else to keep. */
static int run_first(struct group *group, struct fer_job *job)
{
	struct fer_ids ids;
	int r = job->fn(group->db, job->data);

	if (!r && !group->db->store->driver->in_tx(group->db))
		r = -EIO;
	if (!r)
		return 0;
	fer_ids_note(group->db, &ids);
	rollback(group->db);
	fer_ids_keep(group->db, &ids, false);
	return r;
}

static void undo_job(struct fer_db *db)
{
	struct fer_ids ids;

	fer_ids_note(db, &ids);
	if (fer_db_control(db, FER_UNDO))
		rollback(db);
	else
		fer_db_control(db, FER_KEEP);
	fer_ids_keep(db, &ids, db->in_tx);
}

static int run_saved(struct group *group, struct fer_job *job)
{
	struct fer_db *db = group->db;
	int r = fer_db_control(db, FER_SAVEPOINT);

	if (r)
		return r;
	r = job->fn(db, job->data);
	if (!db->store->driver->in_tx(db))
		return lose_group(group, r);
	if (r)
		undo_job(db);
	else
		fer_db_control(db, FER_KEEP);
	return db->in_tx ? r : lose_group(group, r);
}

static void run_job(struct group *group, struct fer_job *job);

/* One job's work cannot be undone alone: all is, and what stood before it is done again. */
static void redo_until(struct group *group, const struct fer_job *bad)
{
	struct fer_db *db = group->db;
	struct fer_ids ids;

	fer_ids_note(db, &ids);
	rollback(db);
	group->careful = true;
	group->n_good = 0;
	group->changes = 0;
	db->store->n_careful = CAREFUL_GROUPS;
	for (struct fer_job *job = group->jobs; job != bad; job = job->next)
		if (job->result == 0)
			run_job(group, job);
	fer_ids_keep(db, &ids, db->in_tx);
}

/*
 * Most jobs stand, and most that fail have written nothing yet. A savepoint would copy every page that the job changes, a tenth of all its
 * work; so there is none until one is missed.
 */
static int run_bare(struct group *group, struct fer_job *job)
{
	struct fer_db *db = group->db;
	int64_t n_written = db->store->driver->n_written(db);
	int r = job->fn(db, job->data);

	if (!db->store->driver->in_tx(db))
		return lose_group(group, r);
	if (r && db->store->driver->n_written(db) != n_written)
		redo_until(group, job);
	return r;
}

static void run_job(struct group *group, struct fer_job *job)
{
	if (!group->db->in_tx && (job->result = begin(group->db)))
		return;
	job->result = !group->n_good ? run_first(group, job) : group->careful ? run_saved(group, job) : run_bare(group, job);
	if (job->result == 0) {
		group->n_good++;
		group->changes |= job->changes & FER_TX_QUIET ? job->changes & ~FER_TX_QUIET & ~1u : job->changes | 1u;
	}
}

static int commit(struct group *group)
{
	struct fer_db *db = group->db;
	uint64_t versions[FER_N_CHANGES];
	int r;

	if (!db->in_tx)
		return 0;
	r = fer_change_bump(db, group->changes);
	if (!r && group->changes)
		r = fer_change_read(db, versions);
	if (!r)
		r = fer_db_control(db, FER_COMMIT);
	if (r) {
		rollback(db);
		return lose_group(group, r);
	}
	db->in_tx = false;
	if (group->changes)
		fer_change_publish(db->store, versions);
	return 0;
}

/* -- the queue --------------------------------------------------------------------------------------------------- */

/*
 * A commit costs as much as several jobs, so a group waits a little for half of those who wrote just now: they are on their way again. Who
 * writes alone waits for nobody.
 */
static void linger(struct fer_store *store, struct group *group)
{
	struct timespec until;
	int64_t until_us = fer_monotonic_us() + group->patience_us;

	until = (struct timespec){ until_us / 1000000, until_us % 1000000 * 1000 };
	store->lingering = true;
	while (!store->queue && !pthread_cond_clockwait(&store->queued, &store->queue_lock, CLOCK_MONOTONIC, &until))
		;
	store->lingering = false;
	group->patience_us = until_us - fer_monotonic_us();
}

static struct fer_job *take(struct fer_store *store, struct group *group)
{
	struct fer_job *job;

	pthread_mutex_lock(&store->queue_lock);
	if (!store->queue && group->n < store->n_expected / 2 && group->patience_us > 0)
		linger(store, group);
	job = store->queue;
	if (job && !(store->queue = job->next))
		store->queue_end = &store->queue;
	store->n_queued -= job != NULL;
	pthread_mutex_unlock(&store->queue_lock);
	return job;
}

static bool may_grow(const struct group *group)
{
	return group->n < GROUP_JOBS && (group->n == 0 || fer_monotonic_us() - group->began_us < GROUP_US);
}

/* Returns: how many jobs it took. Each is its caller's again as soon as that is woken. */
static int run_group(struct fer_store *store)
{
	struct group group = { .db = store->all_writers[0], .began_us = fer_monotonic_us(), .patience_us = LINGER_US };
	struct fer_job *job, *next;

	group.end = &group.jobs;
	group.careful = store->n_careful > 0;
	store->n_careful -= group.careful;
	while (may_grow(&group) && (job = take(store, &group))) {
		group_add(&group, job);
		run_job(&group, job);
	}
	commit(&group);
	for (job = group.jobs; job; job = next) {
		next = job->next;
		sem_post(&job->wake);
	}
	return group.n;
}

static void pass_lead(struct fer_store *store)
{
	store->running = false;
	if (store->queue) {
		store->queue->lead = true;
		sem_post(&store->queue->wake);
	} else {
		store->leading = false;
	}
}

/* Lead once, then let the next in the queue lead: no caller works for others without end. */
static void lead(struct fer_store *store)
{
	int n;

	store->leader = pthread_self();
	store->running = true;
	pthread_mutex_unlock(&store->queue_lock);
	n = run_group(store);
	pthread_mutex_lock(&store->queue_lock);
	store->n_expected = n + store->n_queued;
	pass_lead(store);
	pthread_mutex_unlock(&store->queue_lock);
}

static void wait_done(struct fer_store *store, struct fer_job *job)
{
	for (;;) {
		while (sem_wait(&job->wake))
			;
		if (!job->lead)
			return;
		job->lead = false;
		pthread_mutex_lock(&store->queue_lock);
		lead(store);
	}
}

static int queue_and_wait(struct fer_store *store, struct fer_job *job)
{
	bool leads;

	pthread_mutex_lock(&store->queue_lock);
	if (store->running && pthread_equal(store->leader, pthread_self())) {
		pthread_mutex_unlock(&store->queue_lock);
		return -EDEADLK;
	}
	*store->queue_end = job;
	store->queue_end = &job->next;
	store->n_queued++;
	if (store->lingering)
		pthread_cond_signal(&store->queued);
	leads = !store->leading;
	store->leading = true;
	if (leads)
		lead(store);
	else
		pthread_mutex_unlock(&store->queue_lock);
	wait_done(store, job);
	return job->result;
}

static int run_queued(struct fer_store *store, struct fer_job *job)
{
	int r;

	if (sem_init(&job->wake, 0, 0))
		return -errno;
	r = queue_and_wait(store, job);
	sem_destroy(&job->wake);
	fer_db_refresh(store, pthread_self());
	return r;
}

/* -- without a queue --------------------------------------------------------------------------------------------- */

static int run_alone(struct fer_db *db, struct fer_job *job)
{
	struct group group = { .db = db };

	if (db->in_tx)
		return -EDEADLK;
	group.end = &group.jobs;
	group_add(&group, job);
	run_job(&group, job);
	commit(&group);
	rollback(db);
	return job->result;
}

static int run_in_memory(struct fer_store *store, struct fer_job *job)
{
	int r;

	pthread_mutex_lock(&store->memory_lock);
	r = run_alone(store->all_writers[0], job);
	pthread_mutex_unlock(&store->memory_lock);
	return r;
}

static int lend_writer(struct fer_store *store, struct fer_db **out)
{
	char why[256];
	int r = 0;

	pthread_mutex_lock(&store->queue_lock);
	while (!store->writers && store->n_writers >= store->n_connections)
		pthread_cond_wait(&store->writer_returned, &store->queue_lock);
	if (store->writers) {
		*out = store->writers;
		store->writers = (*out)->next;
	} else if (!(r = fer_db_new(store, true, out, why))) {
		store->all_writers[store->n_writers++] = *out;
	}
	pthread_mutex_unlock(&store->queue_lock);
	return r;
}

static void return_writer(struct fer_store *store, struct fer_db *db)
{
	pthread_mutex_lock(&store->queue_lock);
	db->next = store->writers;
	store->writers = db;
	pthread_cond_signal(&store->writer_returned);
	pthread_mutex_unlock(&store->queue_lock);
}

/* A conflict (deadlock, lock wait, another Galera node, a lost connection before the commit) is tried again after a growing pause. */
static int run_retrying(struct fer_store *store, struct fer_job *job)
{
	struct fer_db *db;
	int r = lend_writer(store, &db);

	if (r)
		return r;
	for (int tries = 1;; tries++) {
		r = run_alone(db, job);
		if (r != -EBUSY || tries == MAX_TRIES)
			break;
		usleep((useconds_t)(tries * tries) * 1000);
	}
	return_writer(store, db);
	return r;
}

int fer_tx_run(struct fer_store *store, unsigned changes, int (*fn)(struct fer_db *db, void *data), void *data)
{
	struct fer_job job = { .changes = changes, .fn = fn, .data = data };

	if (fer_is_memory(store))
		return run_in_memory(store, &job);
	if (fer_store_is_sqlite(store))
		return run_queued(store, &job);
	return run_retrying(store, &job);
}

/* -- the poll needs the writer ----------------------------------------------------------------------------------- */

int fer_tx_poll(struct fer_store *store)
{
	pthread_mutex_lock(&store->queue_lock);
	if (store->leading) {
		/* While a group holds the write lock nobody else can have changed anything; it looked when it began. */
		pthread_mutex_unlock(&store->queue_lock);
		return 0;
	}
	store->leading = true;
	pthread_mutex_unlock(&store->queue_lock);
	fer_change_begun(store->all_writers[0]);
	pthread_mutex_lock(&store->queue_lock);
	pass_lead(store);
	pthread_mutex_unlock(&store->queue_lock);
	return 0;
}
