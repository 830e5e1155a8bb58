/*
 * One mail at a time: a shop's transactional mail is seldom, and a mail server dislikes many connections of one sender.
 */
#include "mail/mailman.h"

#include <errno.h>
#include <pthread.h>

#include "core/log.h"

#define SWEEP_S 3600

struct fer_mailman {
	struct fer_store *store;
	const struct fer_keys *keys;
	const struct fer_clock *clock;
	const struct fer_mail_rules *rules;
	struct fer_postman *postman;
	int64_t swept_at;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ended, failed;
};

static bool has_ended(struct fer_mailman *m)
{
	bool ended;

	pthread_mutex_lock(&m->lock);
	ended = m->ended;
	pthread_mutex_unlock(&m->lock);
	return ended;
}

/* A body that no key opens any more can be sent by nobody. */
static int deliver(struct fer_mailman *m, struct fer_arena *arena, const struct fer_mail *mail, bool readable)
{
	char reason[FER_MAIL_REASON_MAX] = "no key opens its body";
	enum fer_mail_verdict verdict = readable ? fer_postman_send(m->postman, arena, mail, reason) : FER_MAIL_REFUSED;

	if (verdict == FER_MAIL_AGAIN)
		fer_log(FER_LOG_WARN, "a mail could not be sent and is tried again", "message_id", mail->message_id.at, "reason", reason, NULL);
	return fer_outbox_settle(m->store, m->rules, mail, verdict, reason, fer_now_s(m->clock));
}

/* 1: one was dealt with, 0: none is due, < 0: the store failed. */
static int one(struct fer_mailman *m)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new_wiping((size_t)8 << 20);
	struct fer_mail mail = { .message_id = FER_S("") };
	int r = fer_outbox_claim(m->store, m->keys, arena, fer_now_s(m->clock), &mail);

	if (r != 1 && r != -EBADMSG)
		return r;
	r = deliver(m, arena, &mail, r == 1);
	return r ? r : 1;
}

static void look(struct fer_mailman *m)
{
	int64_t now_s = fer_now_s(m->clock);
	int r = 0;

	if (now_s - m->swept_at >= SWEEP_S && !(r = fer_outbox_sweep(m->store, now_s)))
		m->swept_at = now_s;
	while (!r && !has_ended(m) && !fer_postman_gone(m->postman) && (r = one(m)) == 1)
		r = 0;
	if (r < 0 && !m->failed)
		fer_log(FER_LOG_ERROR, "the outbox of mail cannot be read", NULL);
	m->failed = r < 0;
}

static void *work(void *data)
{
	struct fer_mailman *m = data;
	struct timespec at;

	pthread_mutex_lock(&m->lock);
	while (!m->ended) {
		pthread_mutex_unlock(&m->lock);
		look(m);
		pthread_mutex_lock(&m->lock);
		clock_gettime(CLOCK_REALTIME, &at);
		at.tv_sec++;
		if (!m->ended)
			pthread_cond_timedwait(&m->end, &m->lock, &at);
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

int fer_mailman_start(struct fer_store *store, const struct fer_keys *keys, const struct fer_clock *clock,
                      const struct fer_mail_rules *rules, struct fer_postman *postman, struct fer_mailman **out)
{
	struct fer_mailman *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	*m = (struct fer_mailman){ .store = store, .keys = keys, .clock = clock, .rules = rules, .postman = postman };
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->end, NULL);
	if ((r = -pthread_create(&m->thread, NULL, work, m))) {
		free(m);
		return r;
	}
	pthread_setname_np(m->thread, "mail");
	*out = m;
	return 0;
}

void fer_mailman_stop(struct fer_mailman *mailman, int timeout_s)
{
	struct timespec until;

	if (!mailman)
		return;
	pthread_mutex_lock(&mailman->lock);
	mailman->ended = true;
	pthread_cond_signal(&mailman->end);
	pthread_mutex_unlock(&mailman->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_s;
	if (pthread_timedjoin_np(mailman->thread, NULL, &until)) {
		fer_postman_hang_up(mailman->postman);
		pthread_join(mailman->thread, NULL);
	}
	pthread_cond_destroy(&mailman->end);
	pthread_mutex_destroy(&mailman->lock);
	free(mailman);
}
