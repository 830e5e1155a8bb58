/*
 * The main thread of a server: it waits for signals, and a timer thread asks the store whether other processes changed it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "api/failure.h"
#include "auth/admin.h"
#include "auth/audit_read.h"
#include "auth/oauth.h"
#include "auth/registry.h"
#include "auth/service_store.h"
#include "auth/throttle.h"
#include "core/clock.h"
#include "core/log.h"
#include "http/http.h"
#include "http/listener.h"

static void serving_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void fer_http_block_signals(void)
{
	sigset_t set;

	serving_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* What Magento's cron does for signing in. */
static int sweep_throttle(struct fer_server *server)
{
	return fer_throttle_sweep(server->store, fer_now_s(&server->clock));
}

static int expire_admins(struct fer_server *server)
{
	return fer_admin_expire(server->auth, fer_now_s(&server->clock));
}

static int sweep_tokens(struct fer_server *server)
{
	return fer_oauth_sweep_tokens(server->auth, fer_now_s(&server->clock));
}

/* Magento does these two in the middle of requests, by chance. */
static int sweep_requests(struct fer_server *server)
{
	return fer_oauth_sweep_requests(server->store, fer_now_s(&server->clock));
}

static int sweep_nonces(struct fer_server *server)
{
	return fer_oauth_sweep_nonces(server->store, fer_now_s(&server->clock));
}

static int flush_uses(struct fer_server *server)
{
	return fer_registry_flush(server->auth);
}

static int sweep_registry(struct fer_server *server)
{
	return fer_registry_sweep(server->auth, fer_now_s(&server->clock), server->token_retention);
}

static int revoke_idle(struct fer_server *server)
{
	return fer_registry_revoke_idle(server->auth, fer_now_s(&server->clock));
}

static int checkpoint_audit(struct fer_server *server)
{
	return fer_audit_tick(fer_auth_audit(server->auth));
}

static int sweep_services(struct fer_server *server)
{
	return fer_service_sweep(server->auth, fer_now_s(&server->clock));
}

static int tell_failures(struct fer_server *server)
{
	fer_failures_tell(server->failures, false);
	return 0;
}

static const struct chore {
	const char *name;
	int period_s;
	int (*run)(struct fer_server *server);
} chores[] = {
	{ "outdated_authentication_failures_cleanup", 60, sweep_throttle },
	{ "security_deactivate_expired_users", 3600, expire_admins },
	{ "audit_checkpoint", 10, checkpoint_audit },
	{ "expired_tokens_cleanup", 3600, sweep_tokens },
	{ "oauth_request_tokens_cleanup", 600, sweep_requests },
	{ "oauth_nonces_cleanup", 600, sweep_nonces },
	{ "token_last_uses", 10, flush_uses },
	{ "token_registry_cleanup", 3600, sweep_registry },
	{ "token_idle", 60, revoke_idle },
	{ "service_tokens_unused", 600, sweep_services },
	{ "repeated_failures", 10, tell_failures },
};

struct timer {
	struct fer_http *http;
	struct fer_server *server;
	int poll_ms;
	int64_t next_us[FER_ARRAY_LEN(chores)];
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ended;
};

static void next_tick(int ms, struct timespec *at)
{
	clock_gettime(CLOCK_MONOTONIC, at);
	at->tv_sec += ms / 1000;
	at->tv_nsec += ms % 1000 * 1000000L;
	if (at->tv_nsec >= 1000000000L) {
		at->tv_sec++;
		at->tv_nsec -= 1000000000L;
	}
}

/* A store that does not answer is said once, and once more when it is back. */
static void poll_store(struct fer_server *server, bool *failed)
{
	int r = fer_change_poll(server->store);

	if (!r)
		r = fer_auth_refresh(server->auth);
	if ((r != 0) != *failed)
		fer_log(r ? FER_LOG_ERROR : FER_LOG_INFO, r ? "the store does not answer" : "the store answers again", NULL);
	*failed = r != 0;
}

static void run_chores(struct timer *timer)
{
	int64_t now_us = fer_monotonic_us();

	for (size_t i = 0; i < FER_ARRAY_LEN(chores); i++) {
		if (timer->next_us[i] > now_us)
			continue;
		timer->next_us[i] = now_us + chores[i].period_s * INT64_C(1000000);
		if (chores[i].run(timer->server))
			fer_log(FER_LOG_ERROR, "a periodic task failed", "task", chores[i].name, NULL);
	}
}

static void *tick(void *data)
{
	struct timer *timer = data;
	struct timespec at;
	bool failed = false;

	pthread_mutex_lock(&timer->lock);
	while (!timer->ended) {
		next_tick(timer->poll_ms, &at);
		if (pthread_cond_timedwait(&timer->end, &timer->lock, &at) != ETIMEDOUT)
			continue;
		pthread_mutex_unlock(&timer->lock);
		fer_patience_end(&timer->http->patience);
		poll_store(timer->server, &failed);
		if (!failed)
			run_chores(timer);
		pthread_mutex_lock(&timer->lock);
	}
	pthread_mutex_unlock(&timer->lock);
	return NULL;
}

static int timer_open(struct timer *timer, struct fer_http *http, int poll_ms, pthread_t *thread)
{
	pthread_condattr_t monotonic;

	*timer = (struct timer){ .http = http, .server = http->server, .poll_ms = poll_ms };
	pthread_mutex_init(&timer->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&timer->end, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return -pthread_create(thread, NULL, tick, timer);
}

static void timer_close(struct timer *timer, pthread_t thread)
{
	pthread_mutex_lock(&timer->lock);
	timer->ended = true;
	pthread_cond_signal(&timer->end);
	pthread_mutex_unlock(&timer->lock);
	pthread_join(thread, NULL);
	pthread_cond_destroy(&timer->end);
	pthread_mutex_destroy(&timer->lock);
}

void fer_http_run(struct fer_http *http, int poll_ms, int (*reload)(struct fer_http *http, void *data, char why[256]), void *data)
{
	struct timer timer;
	pthread_t thread;
	char why[256];
	sigset_t set;
	int caught, r = timer_open(&timer, http, poll_ms, &thread);

	if (r) {
		fer_log(FER_LOG_ERROR, "cannot start the timer", "reason", strerror(-r), NULL);
		return;
	}
	serving_signals(&set);
	while (sigwait(&set, &caught) == 0 && caught == SIGHUP) {
		r = reload ? reload(http, data, why) : 0;
		fer_log(r ? FER_LOG_ERROR : FER_LOG_INFO, r ? "reload refused, the old settings stay" : "reloaded", r ? "reason" : NULL, why, NULL);
	}
	fer_log(FER_LOG_INFO, "stopping", NULL);
	timer_close(&timer, thread);
}

void fer_http_last_words(struct fer_server *server)
{
	if (flush_uses(server))
		fer_log(FER_LOG_ERROR, "the last uses of tokens could not be written", NULL);
	fer_failures_tell(server->failures, true);
}
