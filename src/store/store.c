/*
 * Opening a database and lending its connections.
 */
#include <errno.h>
#include <sodium.h>

#include "store/driver.h"

#define DEFAULT_TIMEOUT_S 60

/* -- URLs -------------------------------------------------------------------------------------------------------- */

static int copy(char *out, size_t size, struct fer_str text)
{
	if (text.len == 0 || text.len >= size)
		return -EINVAL;
	memcpy(out, text.at, text.len);
	out[text.len] = 0;
	return 0;
}

static int read_sqlite_url(struct fer_str rest, struct fer_url *out)
{
	out->memory = fer_str_is(rest, ":memory:");
	return copy(out->path, sizeof(out->path), rest);
}

static int read_port(struct fer_str text, unsigned *out)
{
	int64_t port;

	if (!fer_str_int(text, &port) || port < 1 || port > 65535)
		return -EINVAL;
	*out = (unsigned)port;
	return 0;
}

/* user@host:port/db; user and port may be left out. A password in the URL would show in argv: refused. */
static int read_mysql_url(struct fer_str rest, struct fer_url *out)
{
	ptrdiff_t at = fer_str_find(rest, '@');
	struct fer_str user = at < 0 ? FER_S("root") : fer_str_take(rest, (size_t)at);
	struct fer_str host;
	ptrdiff_t colon;

	if (at >= 0)
		rest = fer_str_skip(rest, (size_t)at + 1);
	if (fer_str_find(user, ':') >= 0 || !fer_str_cut(&rest, '/', &host) || copy(out->name, sizeof(out->name), rest))
		return -EINVAL;
	out->port = 3306;
	colon = fer_str_find(host, ':');
	if (colon >= 0 && read_port(fer_str_skip(host, (size_t)colon + 1), &out->port))
		return -EINVAL;
	if (colon >= 0)
		host = fer_str_take(host, (size_t)colon);
	if (copy(out->host, sizeof(out->host), host))
		return -EINVAL;
	return copy(out->user, sizeof(out->user), user);
}

static int read_url(struct fer_store *store, const char *url)
{
	struct fer_str text = fer_str(url);
	static const struct {
		const char *prefix;
		const struct fer_driver *driver;
		int (*read)(struct fer_str rest, struct fer_url *out);
	} kinds[] = {
		{ "sqlite:", &fer_driver_sqlite, read_sqlite_url },
		{ "mysql://", &fer_driver_mariadb, read_mysql_url },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(kinds); i++) {
		if (fer_str_starts(text, kinds[i].prefix)) {
			store->driver = kinds[i].driver;
			return kinds[i].read(fer_str_skip(text, strlen(kinds[i].prefix)), &store->url);
		}
	}
	return -EINVAL;
}

/* -- opening ----------------------------------------------------------------------------------------------------- */

static int init_locks(struct fer_store *store)
{
	pthread_mutexattr_t recursive;

	if (pthread_mutexattr_init(&recursive))
		return -ENOMEM;
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&store->memory_lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
	pthread_mutex_init(&store->lock, NULL);
	pthread_mutex_init(&store->queue_lock, NULL);
	pthread_mutex_init(&store->config_lock, NULL);
	pthread_cond_init(&store->returned, NULL);
	pthread_cond_init(&store->queued, NULL);
	pthread_cond_init(&store->writer_returned, NULL);
	store->queue_end = &store->queue;
	return 0;
}

static int keep_password(struct fer_store *store, const char *password)
{
	if (!password || !*password)
		return 0;
	store->password_size = strlen(password) + 1;
	if (!(store->password = malloc(store->password_size)))
		return -ENOMEM;
	memcpy(store->password, password, store->password_size);
	return 0;
}

static int configure(struct fer_store *store, const struct fer_store_options *options, char why[256])
{
	int r = read_url(store, options->url);

	if (r) {
		snprintf(why, 256, "The database URL must be sqlite:PATH, sqlite::memory: or mysql://user@host:port/name.");
		return r;
	}
	store->n_connections = options->connections < 1 ? 1 : options->connections;
	if (store->n_connections > FER_MAX_CONNECTIONS)
		store->n_connections = FER_MAX_CONNECTIONS;
	store->busy_ms = options->busy_ms;
	store->timeout_s = options->timeout_s ? options->timeout_s : DEFAULT_TIMEOUT_S;
	store->create = options->create;
	return keep_password(store, options->password);
}

int fer_store_open(const struct fer_store_options *options, struct fer_store **out, char why[256])
{
	struct fer_store *store = calloc(1, sizeof(*store));
	int r;

	*out = NULL;
	why[0] = 0;
	if (!store)
		return -ENOMEM;
	if ((r = init_locks(store))) {
		free(store);
		return r;
	}
	r = configure(store, options, why);
	if (!r)
		r = fer_db_new(store, true, &store->writers, why);
	if (!r) {
		store->all_writers[store->n_writers++] = store->writers;
		r = fer_migrate_check(store->writers, why);
	}
	if (r) {
		fer_store_close(store);
		return r;
	}
	*out = store;
	return 0;
}

void fer_store_close(struct fer_store *store)
{
	if (!store)
		return;
	fer_config_release(store);
	for (int i = 0; i < store->n_made; i++)
		fer_db_free(store->all[i]);
	for (int i = 0; i < store->n_writers; i++)
		fer_db_free(store->all_writers[i]);
	if (store->password)
		sodium_memzero(store->password, store->password_size);
	free(store->password);
	pthread_mutex_destroy(&store->memory_lock);
	pthread_mutex_destroy(&store->lock);
	pthread_mutex_destroy(&store->queue_lock);
	pthread_mutex_destroy(&store->config_lock);
	pthread_cond_destroy(&store->returned);
	pthread_cond_destroy(&store->queued);
	pthread_cond_destroy(&store->writer_returned);
	free(store);
}

bool fer_store_is_sqlite(const struct fer_store *store)
{
	return store->driver->name == fer_driver_sqlite.name;
}

/* -- connections ------------------------------------------------------------------------------------------------- */

int fer_db_new(struct fer_store *store, bool writer, struct fer_db **out, char why[256])
{
	struct fer_db *db = calloc(1, sizeof(*db));
	int r;

	*out = NULL;
	if (!db)
		return -ENOMEM;
	db->store = store;
	db->writer = writer;
	r = store->driver->connect(db, why);
	if (r) {
		free(db);
		return r;
	}
	*out = db;
	return 0;
}

void fer_db_free(struct fer_db *db)
{
	if (!db)
		return;
	fer_stmt_drop_all(db);
	db->store->driver->disconnect(db);
	free(db);
}

int fer_db_exec(struct fer_db *db, const char *sql)
{
	return db->store->driver->exec(db, sql);
}

int fer_db_control(struct fer_db *db, enum fer_control what)
{
	return db->store->driver->control(db, what);
}

int fer_db_say(struct fer_db *db, int error, const char *text)
{
	snprintf(db->error, sizeof(db->error), "%s", text ? text : "");
	db->last_error = error;
	return error;
}

const char *fer_db_error(struct fer_db *db)
{
	return db->error;
}

struct fer_store *fer_db_store(struct fer_db *db)
{
	return db->store;
}

/* A connection more, made outside the lock because that takes time. */
static int lend_new(struct fer_store *store, struct fer_db **out)
{
	char why[256];
	int r;

	store->n_promised++;
	pthread_mutex_unlock(&store->lock);
	r = fer_db_new(store, false, out, why);
	pthread_mutex_lock(&store->lock);
	if (!r) {
		store->all[store->n_made++] = *out;
		return 0;
	}
	store->n_promised--;
	pthread_cond_signal(&store->returned);
	return r;
}

static int lend(struct fer_store *store, struct fer_db **out)
{
	while (!store->free) {
		if (store->n_promised < store->n_connections)
			return lend_new(store, out);
		pthread_cond_wait(&store->returned, &store->lock);
	}
	*out = store->free;
	store->free = (*out)->next;
	(*out)->next = NULL;
	return 0;
}

int fer_db_lend(struct fer_store *store, struct fer_db **out)
{
	int r;

	*out = NULL;
	if (fer_is_memory(store)) {
		*out = store->all_writers[0];
		return 0;
	}
	pthread_mutex_lock(&store->lock);
	r = lend(store, out);
	if (!r) {
		(*out)->lent = true;
		(*out)->holder = pthread_self();
	}
	pthread_mutex_unlock(&store->lock);
	if (!r && store->driver->ready && (r = store->driver->ready(*out))) {
		fer_db_return(*out);
		*out = NULL;
	}
	return r;
}

void fer_db_settle(struct fer_db *db)
{
	if (db->in_snapshot)
		fer_db_control(db, FER_COMMIT);
	db->in_snapshot = false;
	db->stale = false;
}

void fer_db_return(struct fer_db *db)
{
	struct fer_store *store = db->store;

	if (fer_is_memory(store))
		return;
	fer_db_settle(db);
	pthread_mutex_lock(&store->lock);
	db->lent = false;
	db->next = store->free;
	store->free = db;
	pthread_cond_signal(&store->returned);
	pthread_mutex_unlock(&store->lock);
}

bool fer_db_give_up(struct fer_db *db)
{
	if (fer_is_memory(db->store) || db->n_open)
		return false;
	fer_db_return(db);
	return true;
}

void fer_db_refresh(struct fer_store *store, pthread_t thread)
{
	pthread_mutex_lock(&store->lock);
	for (int i = 0; i < store->n_made; i++) {
		struct fer_db *db = store->all[i];

		if (db && db->lent && pthread_equal(db->holder, thread))
			db->stale = true;
	}
	pthread_mutex_unlock(&store->lock);
}
