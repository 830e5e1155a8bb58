/*
 * What is different between two configurations, and making one environment like a document: planned, checked and written in one transaction.
 */
#ifndef FER_AUTH_CONFIG_PLAN_H
#define FER_AUTH_CONFIG_PLAN_H

#include "auth/auth.h"
#include "auth/config_document.h"

enum fer_config_op { FER_CONFIG_ADDED, FER_CONFIG_CHANGED, FER_CONFIG_REMOVED, FER_CONFIG_SKIPPED, FER_CONFIG_UNCLEAR };

/* One difference; .from is NULL when it was added, .to when it was removed. */
struct fer_config_change {
	enum fer_config_op op;
	const struct fer_config_entry *from, *to;
	struct fer_str value;          /* of an import: what will be stored, in plain */
	const char *note;              /* why it is skipped or unclear; NULL */
};

struct fer_config_plan {
	struct fer_config_change *changes;   /* by scope and path */
	size_t n;
};

/** fer_config_compare - what both documents cover. Two secrets whose digests are of different keys are FER_CONFIG_UNCLEAR. */
void fer_config_compare(struct fer_arena *arena, const struct fer_config_document *from, const struct fer_config_document *to,
                        struct fer_config_plan *out);

struct fer_config_import {
	const struct fer_config_document *document;
	bool unknown;                  /* paths that are in no list and nowhere in the database may be written */
	bool secrets;                  /* secrets are written too: those in plain, and those handed over to this environment's key */
	bool keep;                     /* what the document does not have stays */
	bool dry;                      /* plan and check, write nothing */
};

/**
 * fer_config_import - make this environment like the document, where that covers it and in the scopes it has; all or nothing, with an audit
 * row a change and one for the import.
 * Shape:  @out is what was (with dry: would be) done; FER_CONFIG_SKIPPED are secrets that stay as they are.
 * Owns:   @out lives in @arena, which wipes.
 * Errors: FER_E_CONFIG_… in @fault, up to twenty of them; < 0 the store.
 */
int fer_config_import(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_config_import *import,
                      struct fer_fault *fault, struct fer_config_plan *out);

/** fer_config_plan_show - a list of {op, scope, path, old, new, secret, note}; a secret has neither old nor new. */
struct fer_value fer_config_plan_show(struct fer_arena *arena, const struct fer_config_plan *plan);

#endif
