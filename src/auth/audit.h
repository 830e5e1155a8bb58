/*
 * The audit log: who did what, whether it was allowed, and the true reason when it was not. Rows of a node are chained by SHA-256, the
 * head of each chain is signed (Ed25519), so that a changed, removed, inserted or reordered row shows: `ferrite audit verify`.
 *
 * What is in it: every authentication decision, every denied access, every change of a user, role, key, token, integration or
 * configuration. What is not: the successful check of a token that each permitted request makes; the token's last use tells that.
 *
 * No row holds a password, token, secret or key: callers name things, and give no values of credentials. Text from clients is cut to
 * the columns, characters that could break or rewrite a line become '?', and a run in it as long as a credential is taken out.
 */
#ifndef FER_AUTH_AUDIT_H
#define FER_AUTH_AUDIT_H

#include "auth/actor.h"
#include "auth/caller.h"
#include "auth/keys.h"
#include "core/value.h"
#include "store/store.h"

struct fer_audit;

enum fer_audit_name {
#define X(name, text, meaning) FER_AUDIT_##name,
#include "auth/audit_events.def"
#undef X
	FER_N_AUDIT_NAMES
};

enum fer_audit_outcome { FER_ALLOWED, FER_DENIED, FER_FAILED };

/* What is told about one event. Only .name and .actor must be given. */
struct fer_audit_event {
	enum fer_audit_name name;
	enum fer_audit_outcome outcome;
	const struct fer_actor *actor;
	struct fer_str target;             /* "user:5", "role:7", "config:default/0/web/secure/base_url" … */
	enum fer_user_type account_type;   /* instead of .target: an account by the name somebody typed, which may not exist … */
	struct fer_str account;            /* … and may be a password in the wrong field: unless it exists only a keyed hash is stored */
	struct fer_str reason;
	const struct fer_value *details;   /* a small map of names and numbers; NULL: none */
};

/* on: what cannot be written down does not happen. open: it happens, and the process log says what is missing. */
enum fer_audit_mode { FER_AUDIT_OFF, FER_AUDIT_ON, FER_AUDIT_OPEN };

/**
 * fer_audit_in - append inside the caller's transaction (any changes; any thread): the change and its row are one commit.
 * May run twice like the transaction. Call it last: it locks the chain's head until the commit.
 * Errors: < 0 the row cannot be written (the mode then says whether that is an error): undo the change, answer the masked 500.
 */
int fer_audit_in(struct fer_audit *audit, struct fer_db *db, const struct fer_audit_event *event);

/**
 * fer_audit_note - append a decision that has no transaction: durable when this returns. Those who wait together share one
 * transaction and one signature. Blocks: never on an event thread, never in a transaction; a lent connection may be held.
 * Errors: as fer_audit_in.
 */
int fer_audit_note(struct fer_audit *audit, const struct fer_audit_event *event);

/** fer_audit_change - fer_audit_in for what was changed: "kind:id" is the target; @details as in the event. */
int fer_audit_change(struct fer_audit *audit, struct fer_db *db, const struct fer_actor *actor, enum fer_audit_name name,
                     const char *kind, int64_t id, const struct fer_value *details);

/** fer_audit_kind - what a target of this user type begins with: "user", "customer", "integration". */
const char *fer_audit_kind(enum fer_user_type type);

/** fer_audit_is_on - are rows written? For what would be gathered for a row only. */
bool fer_audit_is_on(const struct fer_audit *audit);

/** fer_audit_mode - "on", "open", "off"; false: none of them. */
bool fer_audit_mode(struct fer_str text, enum fer_audit_mode *out);

/* -- for those who own one: auth.c and the house ------------------------------------------------------------------ */

/** fer_audit_new - off until it is opened. @store and @keys are borrowed. NULL: no memory. */
struct fer_audit *fer_audit_new(struct fer_store *store, const struct fer_keys *keys);
struct fer_audit_options {
	enum fer_audit_mode mode;
	struct fer_str node;                              /* empty: the host's name */
	int64_t checkpoint_rows, checkpoint_minutes;      /* the timer signs a checkpoint after so many; 0: not for that reason */
};

/**
 * fer_audit_open - take up the options.
 * Errors: -EIO and the like when the log cannot even be read; @why holds a sentence. With mode open that is only logged.
 */
int fer_audit_open(struct fer_audit *audit, const struct fer_audit_options *options, char why[256]);
void fer_audit_free(struct fer_audit *audit);
struct fer_str fer_audit_node(const struct fer_audit *audit);

#endif
