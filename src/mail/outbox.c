/*
 * Rows of ferrite_mail. A claim is a conditional update, so that several processes may share one outbox.
 */
#include "mail/outbox.h"

#include <errno.h>

#include <sodium.h>

#include "core/clock.h"
#include "core/log.h"
#include "mail/mailbox.h"

#define LEASE_S 180               /* longer than any attempt */
#define WAIT_MAX_S 14400
#define FAILED_KEPT_S (30 * 86400)
#define KEPT_MAX 1000             /* mails a sandbox keeps */
#define NAME_CHARACTERS 255       /* of a name or subject, as its column holds */
#define REASON_MAX 255

/* -- adding ------------------------------------------------------------------------------------------------------ */

static void name_message(struct fer_arena *arena, struct fer_mail *mail)
{
	unsigned char bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	mail->message_id = fer_str_fmt(arena, "%.*s%.*s", FER_F(fer_hex(arena, bytes, sizeof(bytes))),
	                               FER_F(fer_str_skip(mail->sender, (size_t)fer_str_find(mail->sender, '@'))));
}

/* Why a mail is left out; NULL: it is not. */
static const char *why_not(const struct fer_mail_rules *rules, const struct fer_mail *mail)
{
	if (rules->mode == FER_MAIL_DROP)
		return "mail dropped: neither mail_command nor smtp_server is set";
	if (!fer_mailbox_valid(mail->sender))
		return "mail dropped: the shop's sender has no valid address";
	if (!fer_mailbox_valid(mail->recipient))
		return "mail dropped: the recipient has no valid address";
	return mail->body.len > FER_MAIL_BODY_MAX ? "mail dropped: it is too long" : NULL;
}

static int insert(struct fer_db *db, struct fer_str body, bool keep, struct fer_mail *mail)
{
	return fer_sql_insert(db, FER_SQL_MAIL_ADD, &mail->id, "sissssssszii", mail->kind, mail->store_id, fer_utf8_take(mail->sender_name, NAME_CHARACTERS),
	                      mail->sender, fer_utf8_take(mail->recipient_name, NAME_CHARACTERS), mail->recipient, fer_utf8_take(mail->subject, NAME_CHARACTERS), body,
	                      mail->message_id, keep ? "kept" : "queued", mail->created_at, mail->created_at);
}

int fer_outbox_add(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, const struct fer_mail_rules *rules,
                   int64_t now_s, struct fer_mail *mail)
{
	bool keep = rules->mode == FER_MAIL_KEEP;
	struct fer_str body;
	const char *why;
	int r;

	if (rules->mode == FER_MAIL_NONE)
		return 0;
	if ((why = why_not(rules, mail))) {
		fer_log(FER_LOG_WARN, why, "kind", fer_str_z(arena, mail->kind), NULL);
		return 0;
	}
	name_message(arena, mail);
	mail->created_at = now_s;
	if ((r = fer_keys_encrypt(keys, arena, mail->body, &body)) || (r = insert(db, body, keep, mail)) || !keep)
		return r;
	return fer_sql_run(db, FER_SQL_MAIL_TRIM, NULL, "i", mail->id - KEPT_MAX);
}

/* -- sending ----------------------------------------------------------------------------------------------------- */

/* The columns of FER_SQL_MAIL_READ and _LIST. */
static int read_row(const struct fer_keys *keys, struct fer_arena *arena, struct fer_stmt *stmt, struct fer_mail *out)
{
	*out = (struct fer_mail){
		.id = fer_col_int(stmt, 0), .kind = fer_col_dup(arena, stmt, 1), .store_id = fer_col_int(stmt, 2),
		.sender_name = fer_col_dup(arena, stmt, 3), .sender = fer_col_dup(arena, stmt, 4),
		.recipient_name = fer_col_dup(arena, stmt, 5), .recipient = fer_col_dup(arena, stmt, 6),
		.subject = fer_col_dup(arena, stmt, 7), .message_id = fer_col_dup(arena, stmt, 9),
		.created_at = fer_col_int(stmt, 10), .attempts = fer_col_int(stmt, 11),
	};
	return fer_keys_decrypt(keys, arena, fer_col_str(stmt, 8), &out->body);
}

struct claim {
	int64_t id, now_s, n;
};

static int claim(struct fer_db *db, void *data)
{
	struct claim *c = data;

	return fer_sql_run(db, FER_SQL_MAIL_CLAIM, &c->n, "iii", c->now_s + LEASE_S, c->id, c->now_s);
}

static int find_due(struct fer_store *store, struct claim *c)
{
	struct fer_db *db;
	int r = fer_db_lend(store, &db);

	if (r)
		return r;
	r = fer_sql_int(db, FER_SQL_MAIL_DUE, 0, &c->id, "i", c->now_s);
	fer_db_return(db);
	return r;
}

static int read_one(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, int64_t id, struct fer_mail *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_MAIL_READ, &stmt, "i", id);

	if (r || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	r = read_row(keys, arena, stmt, out);
	return r ? r : 1;
}

int fer_outbox_claim(struct fer_store *store, const struct fer_keys *keys, struct fer_arena *arena, int64_t now_s, struct fer_mail *out)
{
	struct claim c = { .now_s = now_s };
	struct fer_db *db;
	int r;

	if ((r = find_due(store, &c)) || !c.id || (r = fer_tx_run(store, FER_TX_QUIET, claim, &c)) || !c.n)
		return r;
	if ((r = fer_db_lend(store, &db)))
		return r;
	r = read_one(db, keys, arena, c.id, out);
	fer_db_return(db);
	out->id = c.id;
	return r;
}

struct settling {
	const struct fer_mail *mail;
	enum fer_mail_verdict verdict;
	struct fer_str reason;
	int64_t at;
};

static int settle(struct fer_db *db, void *data)
{
	const struct settling *s = data;

	if (s->verdict == FER_MAIL_SENT)
		return fer_sql_run(db, FER_SQL_MAIL_SENT, NULL, "i", s->mail->id);
	return fer_sql_run(db, FER_SQL_MAIL_SETTLE, NULL, "zisi", s->verdict == FER_MAIL_AGAIN ? "queued" : "failed", s->at, s->reason,
	                   s->mail->id);
}

static int64_t wait_s(const struct fer_mail_rules *rules, int64_t attempts)
{
	int64_t wait = rules->retry_s;

	for (int64_t i = 1; i < attempts && wait < WAIT_MAX_S; i++)
		wait *= 2;
	return wait < WAIT_MAX_S ? wait : WAIT_MAX_S;
}

int fer_outbox_settle(struct fer_store *store, const struct fer_mail_rules *rules, const struct fer_mail *mail,
                      enum fer_mail_verdict verdict, const char *reason, int64_t now_s)
{
	struct settling s = { .mail = mail, .verdict = verdict, .reason = fer_str_take(fer_str(reason), REASON_MAX), .at = now_s };

	if (verdict == FER_MAIL_AGAIN && mail->attempts >= rules->attempts)
		s.verdict = FER_MAIL_REFUSED;
	if (s.verdict == FER_MAIL_AGAIN)
		s.at += wait_s(rules, mail->attempts);
	if (s.verdict == FER_MAIL_REFUSED)
		fer_log(FER_LOG_ERROR, "a mail was given up", "message_id", mail->message_id.at, "reason", reason, NULL);
	return fer_tx_run(store, FER_TX_QUIET, settle, &s);
}

static int sweep(struct fer_db *db, void *data)
{
	return fer_sql_run(db, FER_SQL_MAIL_SWEEP, NULL, "i", *(const int64_t *)data);
}

int fer_outbox_sweep(struct fer_store *store, int64_t now_s)
{
	int64_t before = now_s - FAILED_KEPT_S;

	return fer_tx_run(store, FER_TX_QUIET, sweep, &before);
}

/* -- reading what was kept ---------------------------------------------------------------------------------------- */

static struct fer_value mailbox(struct fer_arena *arena, struct fer_str name, struct fer_str email)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "name", fer_string(name));
	fer_set(arena, &out, "email", fer_string(email));
	return out;
}

static struct fer_value show(struct fer_arena *arena, const struct fer_mail *mail)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "id", fer_int(mail->id));
	fer_set(arena, &out, "created_at", fer_string(fer_time_text(arena, mail->created_at)));
	fer_set(arena, &out, "kind", fer_string(mail->kind));
	fer_set(arena, &out, "store_id", fer_int(mail->store_id));
	fer_set(arena, &out, "from", mailbox(arena, mail->sender_name, mail->sender));
	fer_set(arena, &out, "to", mailbox(arena, mail->recipient_name, mail->recipient));
	fer_set(arena, &out, "subject", fer_string(mail->subject));
	fer_set(arena, &out, "body", fer_string(mail->body));
	return out;
}

int fer_outbox_list(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, struct fer_str recipient, int64_t limit,
                    struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_mail mail;
	int r = fer_sql_open(db, FER_SQL_MAIL_LIST, &stmt, "ssi", recipient, recipient, limit);

	if (r)
		return r;
	*out = fer_list();
	while ((r = fer_stmt_step(stmt)) == 1 && !fer_arena_broken(arena)) {
		if ((r = read_row(keys, arena, stmt, &mail)))
			return r;
		fer_push(arena, out, show(arena, &mail));
	}
	return r < 0 ? r : fer_arena_broken(arena) ? -ENOMEM : 0;
}

int fer_outbox_clear(struct fer_db *db, struct fer_str recipient, int64_t *n)
{
	return fer_sql_run(db, FER_SQL_MAIL_CLEAR, n, "ss", recipient, recipient);
}

/* -- for the operator --------------------------------------------------------------------------------------------- */

static struct fer_value show_waiting(struct fer_arena *arena, struct fer_stmt *stmt)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "id", fer_int(fer_col_int(stmt, 0)));
	fer_set(arena, &out, "state", fer_string(fer_col_dup(arena, stmt, 1)));
	fer_set(arena, &out, "kind", fer_string(fer_col_dup(arena, stmt, 2)));
	fer_set(arena, &out, "to", fer_string(fer_col_dup(arena, stmt, 3)));
	fer_set(arena, &out, "created_at", fer_string(fer_time_text(arena, fer_col_int(stmt, 4))));
	fer_set(arena, &out, "next_at", fer_string(fer_time_text(arena, fer_col_int(stmt, 5))));
	fer_set(arena, &out, "attempts", fer_int(fer_col_int(stmt, 6)));
	fer_set(arena, &out, "reason", fer_string(fer_col_dup(arena, stmt, 7)));
	return out;
}

static int list_waiting(struct fer_db *db, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(db, FER_SQL_MAIL_WAITING, &stmt, "");

	*out = fer_list();
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		fer_push(arena, out, show_waiting(arena, stmt));
		r = 0;
	}
	return r;
}

int fer_outbox_waiting(struct fer_store *store, struct fer_arena *arena, struct fer_value *out)
{
	struct fer_db *db;
	int r = fer_db_lend(store, &db);

	if (r)
		return r;
	r = list_waiting(db, arena, out);
	fer_db_return(db);
	return r;
}

static int retry(struct fer_db *db, void *data)
{
	struct claim *c = data;

	return fer_sql_run(db, FER_SQL_MAIL_RETRY, &c->n, "iii", c->now_s, c->id, c->id);
}

int fer_outbox_retry(struct fer_store *store, int64_t id, int64_t now_s, int64_t *n)
{
	struct claim c = { .id = id, .now_s = now_s };
	int r = fer_tx_run(store, FER_TX_QUIET, retry, &c);

	*n = c.n;
	return r;
}
