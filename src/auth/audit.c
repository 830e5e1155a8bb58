/*
 * The audit log as its callers see it: one event in their transaction, or one that waits with others for a shared one; and what
 * happens when a row cannot be written.
 */
#include "auth/audit_impl.h"

#include <errno.h>
#include <unistd.h>

#include <sodium.h>

#include "core/log.h"

#define ROW_MEMORY (64u << 10)
#define BATCH 64                   /* events that one transaction of waiting ones takes along */

/* -- modes ------------------------------------------------------------------------------------------------------- */

bool fer_audit_mode(struct fer_str text, enum fer_audit_mode *out)
{
	static const char *const modes[] = { [FER_AUDIT_OFF] = "off", [FER_AUDIT_ON] = "on", [FER_AUDIT_OPEN] = "open" };

	for (size_t i = 0; i < FER_ARRAY_LEN(modes); i++) {
		if (fer_str_is(text, modes[i])) {
			*out = (enum fer_audit_mode)i;
			return true;
		}
	}
	return false;
}

bool fer_audit_is_on(const struct fer_audit *audit)
{
	return audit->mode != FER_AUDIT_OFF;
}

/* The event itself is in this line only; it names what the row would have named. */
static void say_lost(const struct fer_audit_row *row, int error)
{
	char event[33], target[256], outcome[17];

	snprintf(event, sizeof(event), "%.*s", FER_F(row->event));
	snprintf(target, sizeof(target), "%.*s", FER_F(row->target));
	snprintf(outcome, sizeof(outcome), "%.*s", FER_F(row->outcome));
	fer_log(FER_LOG_ERROR, "an audit row could not be written", "event", event, "target", target, "outcome", outcome, "reason",
	        strerrorname_np(-error), NULL);
}

/* A conflict is for the transaction to try again, whatever the mode. */
static int judge(const struct fer_audit *audit, struct fer_audit_row *const *rows, size_t n, bool written, int r)
{
	if (!r || r == -EBUSY)
		return r;
	for (size_t i = 0; i < n; i++)
		say_lost(rows[i], r);
	return audit->mode == FER_AUDIT_OPEN && !written ? 0 : r;
}

/* -- in the caller's transaction --------------------------------------------------------------------------------- */

int fer_audit_in(struct fer_audit *audit, struct fer_db *db, const struct fer_audit_event *event)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = NULL;
	struct fer_audit_row row;
	bool written;
	int r;

	if (audit->mode == FER_AUDIT_OFF)
		return 0;
	if (!(arena = fer_arena_new(ROW_MEMORY)))
		return -ENOMEM;
	fer_audit_row_make(arena, event, &row);
	r = fer_audit_append(audit, db, arena, (struct fer_audit_row *[]){ &row }, 1, &written);
	return judge(audit, (struct fer_audit_row *[]){ &row }, 1, written, r);
}

int fer_audit_change(struct fer_audit *audit, struct fer_db *db, const struct fer_actor *actor, enum fer_audit_name name,
                     const char *kind, int64_t id, const struct fer_value *details)
{
	char target[64];

	snprintf(target, sizeof(target), "%s:%lld", kind, (long long)id);
	return fer_audit_in(audit, db, &(struct fer_audit_event){ .name = name, .actor = actor, .target = fer_str(target), .details = details });
}

/* -- together with others ---------------------------------------------------------------------------------------- */

struct fer_audit_waiter {
	struct fer_audit_row row;
	struct fer_arena *arena;
	int result;
	bool done, lead;
	pthread_cond_t wake;
	struct fer_audit_waiter *next;
};

struct batch {
	struct fer_audit *audit;
	struct fer_audit_waiter *waiters;
	struct fer_audit_row *rows[BATCH];
	size_t n;
	bool written;
};

static int append_batch(struct fer_db *db, void *data)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(BATCH * ROW_MEMORY);
	struct batch *batch = data;

	if (!arena)
		return -ENOMEM;
	return fer_audit_append(batch->audit, db, arena, batch->rows, batch->n, &batch->written);
}

static void take_batch(struct fer_audit *audit, struct batch *batch)
{
	batch->audit = audit;
	batch->waiters = audit->queue;
	while (audit->queue && batch->n < BATCH) {
		batch->rows[batch->n++] = &audit->queue->row;
		audit->queue = audit->queue->next;
	}
	if (!audit->queue)
		audit->queue_end = &audit->queue;
}

/* One transaction for all who wait; called and left with the queue locked. */
static void lead(struct fer_audit *audit)
{
	struct batch batch = { .n = 0 };
	struct fer_audit_waiter *waiter;
	int r;

	take_batch(audit, &batch);
	pthread_mutex_unlock(&audit->queue_lock);
	r = fer_tx_run(audit->store, FER_TX_QUIET, append_batch, &batch);
	/* Nothing of a transaction that failed is there. */
	r = judge(audit, batch.rows, batch.n, false, r == -EBUSY ? -EIO : r);
	pthread_mutex_lock(&audit->queue_lock);
	waiter = batch.waiters;
	for (size_t i = 0; i < batch.n; i++) {
		struct fer_audit_waiter *next = waiter->next;

		waiter->result = r;
		waiter->done = true;
		pthread_cond_signal(&waiter->wake);
		waiter = next;
	}
	audit->leading = audit->queue != NULL;
	if (audit->queue) {
		audit->queue->lead = true;
		pthread_cond_signal(&audit->queue->wake);
	}
}

static int wait_for_turn(struct fer_audit *audit, struct fer_audit_waiter *waiter)
{
	pthread_mutex_lock(&audit->queue_lock);
	*audit->queue_end = waiter;
	audit->queue_end = &waiter->next;
	if (!audit->leading) {
		audit->leading = true;
		waiter->lead = true;
	}
	while (!waiter->done) {
		if (waiter->lead) {
			waiter->lead = false;
			lead(audit);
		} else {
			pthread_cond_wait(&waiter->wake, &audit->queue_lock);
		}
	}
	pthread_mutex_unlock(&audit->queue_lock);
	return waiter->result;
}

int fer_audit_note(struct fer_audit *audit, const struct fer_audit_event *event)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = NULL;
	struct fer_audit_waiter waiter = { .next = NULL };
	int r;

	if (audit->mode == FER_AUDIT_OFF)
		return 0;
	if (!(arena = fer_arena_new(ROW_MEMORY)) || pthread_cond_init(&waiter.wake, NULL))
		return -ENOMEM;
	fer_audit_row_make(arena, event, &waiter.row);
	r = wait_for_turn(audit, &waiter);
	pthread_cond_destroy(&waiter.wake);
	return r;
}

/* -- opening ----------------------------------------------------------------------------------------------------- */

struct fer_audit *fer_audit_new(struct fer_store *store, const struct fer_keys *keys)
{
	struct fer_audit *audit = calloc(1, sizeof(*audit));

	if (!audit || sodium_init() < 0 || !(audit->key = sodium_malloc(sizeof(*audit->key)))) {
		free(audit);
		return NULL;
	}
	memset(audit->key, 0, sizeof(*audit->key));
	audit->store = store;
	audit->keys = keys;
	audit->queue_end = &audit->queue;
	pthread_mutex_init(&audit->lock, NULL);
	pthread_mutex_init(&audit->queue_lock, NULL);
	return audit;
}

void fer_audit_free(struct fer_audit *audit)
{
	if (!audit)
		return;
	sodium_free(audit->key);
	pthread_mutex_destroy(&audit->lock);
	pthread_mutex_destroy(&audit->queue_lock);
	free(audit);
}

struct fer_str fer_audit_node(const struct fer_audit *audit)
{
	return fer_str(audit->node);
}

/* Letters, digits, dot, dash and underscore, small: a node's name is compared by the database and stands in files. */
static void name_node(struct fer_audit *audit, struct fer_str node)
{
	char host[FER_AUDIT_NODE_MAX + 1] = "";
	size_t n = 0;

	if (!node.len && !gethostname(host, sizeof(host) - 1))
		node = fer_str(host);
	if (!node.len)
		node = FER_S("main");
	for (; n < node.len && n < FER_AUDIT_NODE_MAX; n++) {
		char c = node.at[n];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		audit->node[n] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ? c : '-';
	}
	audit->node[n] = '\0';
}

/* The key itself is made by the first row, so that a command that only reads leaves no chain behind. */
static int look(struct fer_audit *audit)
{
	struct fer_db *db;
	int r = fer_db_lend(audit->store, &db);

	if (r)
		return r;
	r = fer_audit_key_load(db, audit->keys, fer_str(audit->node), audit->key);
	fer_db_return(db);
	return r == -EBADMSG || r > 0 ? 0 : r;
}

int fer_audit_open(struct fer_audit *audit, const struct fer_audit_options *options, char why[256])
{
	enum fer_audit_mode mode = options->mode;
	int r;

	name_node(audit, options->node);
	audit->checkpoint_rows = options->checkpoint_rows;
	audit->checkpoint_minutes = options->checkpoint_minutes;
	if (mode != FER_AUDIT_OFF && (r = look(audit))) {
		snprintf(why, 256, "the audit log cannot be opened (%s); setting audit = open serves without it", strerrorname_np(-r));
		if (mode == FER_AUDIT_ON)
			return r;
		fer_log(FER_LOG_ERROR, "the audit log cannot be opened", "reason", strerrorname_np(-r), NULL);
	}
	audit->mode = mode;
	return 0;
}
