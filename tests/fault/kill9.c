/*
 * kill -9 during a stream of writes: each round a child writes from several threads and says on a pipe which writes were answered;
 * the parent kills it at some moment, opens the store and looks for every answered write, whole, and for nothing that was undone.
 * Usage: kill9 FILE [ROUNDS [SEED]]; FILE must not exist and is removed.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "store/driver.h"
#include "store/schema.h"

#define N_THREADS 4
#define MAX_LIFE_US 60000

static const char *const tables[] = {
	"fault_write\n+id|int unsigned\n!round|int|0\n!thread|int|0\n!number|int|0\n!half|int|0\n!body|text\nP id\nU round,thread,number,half\n",
	NULL
};

struct note {
	int round, thread, number;
};

struct child {
	struct fer_store *store;
	int out;
	struct note note;
};

struct round {
	int number;
	int n_answered;
	int last[N_THREADS];           /* the highest number answered; numbers that are multiples of 5 are undone */
};

static struct fer_store *open_store(const char *url)
{
	const struct fer_store_options options = { .url = url, .connections = 2, .busy_ms = 5000, .create = true };
	struct fer_store *store;
	char why[256];

	if (fer_store_open(&options, &store, why) || fer_store_migrate(store, why)) {
		fprintf(stderr, "kill9: %s\n", why);
		exit(1);
	}
	return store;
}

/* -- the child --------------------------------------------------------------------------------------------------- */

static int write_half(struct fer_db *db, const struct note *note, int half)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	static const char body[] = "some text so that a page fills before long, and the log is not always of one size";
	int r = fer_stmt_text(db, FER_S("INSERT INTO fault_write (round, thread, number, half, body) VALUES (?, ?, ?, ?, ?)"), &stmt);

	if (r)
		return r;
	fer_bind_int(stmt, 1, note->round);
	fer_bind_int(stmt, 2, note->thread);
	fer_bind_int(stmt, 3, note->number);
	fer_bind_int(stmt, 4, half);
	fer_bind_str(stmt, 5, fer_str_take(fer_str(body), (size_t)(note->number * 7) % sizeof(body)));
	return fer_stmt_run(stmt, NULL);
}

static int write_both(struct fer_db *db, void *data)
{
	const struct note *note = data;
	int r = write_half(db, note, 0);

	if (!r)
		r = write_half(db, note, 1);
	return r ? r : note->number % 5 == 0 ? 1 : 0;
}

static void *write_stream(void *data)
{
	struct child *child = data;

	for (child->note.number = 1;; child->note.number++) {
		int r = fer_tx_run(child->store, 0, write_both, &child->note);

		if (r < 0)
			_exit(3);
		if (r == 0 && write(child->out, &child->note, sizeof(child->note)) != sizeof(child->note))
			_exit(4);
	}
	return NULL;
}

static void run_child(const char *url, int round, int out)
{
	struct child children[N_THREADS];
	struct fer_store *store = open_store(url);
	pthread_t threads[N_THREADS];

	for (int i = 0; i < N_THREADS; i++) {
		children[i] = (struct child){ store, out, { round, i, 0 } };
		if (pthread_create(&threads[i], NULL, write_stream, &children[i]))
			_exit(5);
	}
	pause();
	_exit(6);
}

/* -- the parent -------------------------------------------------------------------------------------------------- */

static int64_t ask(struct fer_db *db, const char *sql, int round, int thread, int number)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const int values[] = { round, thread, number };

	if (fer_stmt_text(db, fer_str(sql), &stmt)) {
		fprintf(stderr, "kill9: %s: %s\n", sql, fer_db_error(db));
		exit(1);
	}
	for (int i = 0; i < 3 && values[i] >= 0; i++)
		fer_bind_int(stmt, i + 1, values[i]);
	if (fer_stmt_step(stmt) != 1)
		return -1;
	if (fer_str_is(fer_col_str(stmt, 0), "ok"))
		return 1;
	return fer_col_int(stmt, 0);
}

static void expect(const struct round *round, const char *what, int64_t found, int64_t expected)
{
	if (found == expected)
		return;
	fprintf(stderr, "kill9: round %d: %s: %lld, not %lld\n", round->number, what, (long long)found, (long long)expected);
	exit(1);
}

/* Answers of one thread come in order: up to the last all good numbers must be there, and at most the next may be, unanswered. */
static void check_thread(struct fer_db *db, const struct round *round, int thread)
{
	int last = round->last[thread], n_good = last - last / 5;
	int64_t n = ask(db, "SELECT COUNT(*) FROM fault_write WHERE round = ? AND thread = ? AND number <= ?", round->number, thread, last);

	expect(round, "rows of answered writes", n, 2 * n_good);
	n = ask(db, "SELECT COUNT(*) FROM fault_write WHERE round = ? AND thread = ? AND number > ?", round->number, thread, last);
	if (n != 0)
		expect(round, "rows of the one unanswered write", n, 2);
}

static int64_t check_round(const char *url, const struct round *round)
{
	struct fer_store *store = open_store(url);
	struct fer_db *db;
	int64_t n;

	if (fer_db_lend(store, &db))
		exit(1);
	for (int i = 0; i < N_THREADS; i++)
		check_thread(db, round, i);
	expect(round, "rows of undone writes", ask(db, "SELECT COUNT(*) FROM fault_write WHERE number % 5 = 0", -1, -1, -1), 0);
	expect(round, "integrity", ask(db, "PRAGMA integrity_check", -1, -1, -1), 1);
	n = ask(db, "SELECT COUNT(*) FROM fault_write", -1, -1, -1);
	fer_db_return(db);
	fer_store_close(store);
	return n;
}

static void read_notes(struct round *round, int in)
{
	struct note note;

	while (read(in, &note, sizeof(note)) == sizeof(note)) {
		round->n_answered++;
		if (note.number > round->last[note.thread])
			round->last[note.thread] = note.number;
	}
}

static void kill_child(pid_t pid, struct round *round, const int ends[2], unsigned *seed)
{
	int status;

	close(ends[1]);
	usleep((useconds_t)(rand_r(seed) % MAX_LIFE_US));
	kill(pid, SIGKILL);
	read_notes(round, ends[0]);
	close(ends[0]);
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status)) {
		fprintf(stderr, "kill9: round %d: the writer ended by itself with %d\n", round->number, WEXITSTATUS(status));
		exit(1);
	}
}

static void run_round(const char *url, struct round *round, unsigned *seed)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) || (pid = fork()) < 0) {
		perror("kill9");
		exit(1);
	}
	if (pid == 0) {
		close(ends[0]);
		run_child(url, round->number, ends[1]);
	}
	kill_child(pid, round, ends, seed);
}

static int make_tables(struct fer_db *db, void *unused FER_UNUSED)
{
	return fer_schema_create(db, tables);
}

static void remove_files(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < FER_ARRAY_LEN(ends); i++) {
		char name[1100];

		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static void run(const char *path, int n_rounds, unsigned seed)
{
	int64_t n_answered = 0, n_rows = 0, start = fer_monotonic_us();
	struct fer_store *store;
	char url[1100];

	snprintf(url, sizeof(url), "sqlite:%s", path);
	store = open_store(url);
	if (fer_tx_run(store, 0, make_tables, NULL))
		exit(1);
	fer_store_close(store);
	for (int i = 1; i <= n_rounds; i++) {
		struct round round = { .number = i };

		run_round(url, &round, &seed);
		n_rows = check_round(url, &round);
		n_answered += round.n_answered;
	}
	remove_files(path);
	printf("kill9: %d rounds, %lld answered writes, %lld rows, nothing lost, %.1f s\n", n_rounds, (long long)n_answered,
	       (long long)n_rows, (double)(fer_monotonic_us() - start) / 1e6);
}

int main(int argc, char **argv)
{
	int64_t n_rounds = 500, seed = 1;

	if (argc < 2 || (argc > 2 && !fer_str_int(fer_str(argv[2]), &n_rounds)) || (argc > 3 && !fer_str_int(fer_str(argv[3]), &seed)) ||
	    access(argv[1], F_OK) == 0) {
		fprintf(stderr, "usage: kill9 FILE [ROUNDS [SEED]]; FILE must not exist\n");
		return 2;
	}
	run(argv[1], (int)n_rounds, (unsigned)seed);
	return 0;
}
