/*
 * What the audit files share. No other file includes it.
 */
#ifndef FER_AUTH_AUDIT_IMPL_H
#define FER_AUTH_AUDIT_IMPL_H

#include <pthread.h>

#include "auth/audit.h"

#define FER_AUDIT_HASH 65        /* SHA-256 as hex, NUL-ended */
#define FER_AUDIT_SIGNATURE 129  /* Ed25519 as hex, NUL-ended */
#define FER_AUDIT_PUBLIC 65      /* public key as hex, NUL-ended */
#define FER_AUDIT_NODE_MAX 64
#define FER_AUDIT_GENESIS "0000000000000000000000000000000000000000000000000000000000000000"

/* One row, as stored: text is UTF-8 without control characters, never NULL. */
struct fer_audit_row {
	struct fer_str node;
	int64_t seq;                  /* from 1, without gaps */
	int64_t time_us;              /* unix time in microseconds */
	struct fer_str event, outcome;
	struct fer_str actor_type;
	int64_t actor_id;
	struct fer_str actor, accessor, target, reason, source, user_agent, request_id, route;
	struct fer_str details;       /* JSON text, or empty */
	struct fer_str prev;          /* hash of the row before; FER_AUDIT_GENESIS: the first */
	struct fer_str hash;
	/* Not stored: the token whose accessor it is, and how the target is made when it is an account. */
	const struct fer_token_id *token;
	enum fer_user_type account_type;
	struct fer_str account;
};

/* The columns in their order, which is that of the encoding and of every statement; hash is the last. */
struct fer_audit_column {
	const char *name;
	bool number;
	size_t at;                    /* in struct fer_audit_row */
	size_t max;                   /* bytes of text */
};
extern const struct fer_audit_column fer_audit_columns[];
#define FER_AUDIT_N_COLUMNS 18

/* audit_row.c */
void fer_audit_row_make(struct fer_arena *arena, const struct fer_audit_event *event, struct fer_audit_row *out);
/** fer_audit_clean - @text as it may stand in a row: valid UTF-8, no control or direction characters, at most @max bytes. */
struct fer_str fer_audit_clean(struct fer_arena *arena, struct fer_str text, size_t max);
/** fer_audit_row_finish - names that only the database knows: the actor's, and the account's. */
int fer_audit_row_finish(struct fer_db *db, struct fer_arena *arena, const struct fer_keys *keys, struct fer_audit_row *row);
/**
 * fer_audit_encode - what is hashed: "ferrite-audit-1\n", then every column but hash as "<bytes>:<text>," with numbers in decimal.
 * The lengths make it one-to-one: no two rows have one encoding.
 */
void fer_audit_encode(const struct fer_audit_row *row, struct fer_buf *out);
void fer_audit_hash(const struct fer_audit_row *row, char out[FER_AUDIT_HASH]);
void fer_audit_row_read(struct fer_arena *arena, struct fer_stmt *stmt, struct fer_audit_row *out);
int fer_audit_row_insert(struct fer_db *db, const struct fer_audit_row *row);

/* audit_key.c: the Ed25519 key of a node; its secret half is stored encrypted by the crypt key. */
struct fer_audit_key {
	int64_t number;               /* from 1; a new one is made when the old cannot be opened any more */
	unsigned char public[32];
	unsigned char secret[64];
};
/** fer_audit_key_load - the newest of @node. Returns: 1 found, 0 none, -EBADMSG it is there and cannot be opened or is not a pair. */
int fer_audit_key_load(struct fer_db *db, const struct fer_keys *keys, struct fer_str node, struct fer_audit_key *out);
int fer_audit_key_make(struct fer_db *db, const struct fer_keys *keys, struct fer_str node, int64_t number, struct fer_audit_key *out);
/* What a signature is for; one can never stand for the other. */
enum fer_audit_purpose { FER_AUDIT_HEAD, FER_AUDIT_CHECKPOINT };
struct fer_audit_point {
	struct fer_str node;
	int64_t seq;
	struct fer_str hash;
	int64_t time_us;              /* of a checkpoint; 0 in a head */
};
void fer_audit_sign(const struct fer_audit_key *key, enum fer_audit_purpose purpose, const struct fer_audit_point *point,
                    char out[FER_AUDIT_SIGNATURE]);
bool fer_audit_signed(const unsigned char public[32], enum fer_audit_purpose purpose, const struct fer_audit_point *point,
                      struct fer_str signature);

/* audit_chain.c */
struct fer_audit {
	struct fer_store *store;
	const struct fer_keys *keys;
	enum fer_audit_mode mode;
	int64_t checkpoint_rows, checkpoint_minutes;
	char node[FER_AUDIT_NODE_MAX + 1];

	pthread_mutex_t lock;                        /* the two below */
	struct fer_audit_key *key;                   /* in sodium_malloc'ed memory */
	struct {                                     /* the head this process wrote last: one that is equal needs no check */
		int64_t seq;
		char hash[FER_AUDIT_HASH], signature[FER_AUDIT_SIGNATURE];
	} last;

	pthread_mutex_t queue_lock;                  /* events that wait for the next transaction */
	struct fer_audit_waiter *queue, **queue_end;
	bool leading;
};

struct fer_audit_head {
	bool there;
	struct fer_audit_point point;
	int64_t key;
	struct fer_str signature;
};
int fer_audit_head_read(struct fer_db *db, struct fer_arena *arena, struct fer_str node, struct fer_audit_head *out);
/**
 * fer_audit_append - @rows, complete but for their place, at the end of this node's chain; the head is signed once.
 * Shape:  *written tells that something was inserted, so that an error is no longer one that mode open may ignore.
 */
int fer_audit_append(struct fer_audit *audit, struct fer_db *db, struct fer_arena *arena, struct fer_audit_row *const *rows, size_t n,
                     bool *written);

#endif
