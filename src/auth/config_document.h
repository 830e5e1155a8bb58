/*
 * The shop's configuration of one environment as a document: what is stored in core_config_data, by the codes of its scopes, sorted. It says
 * what it covers, so that a part is not taken for the whole. doc/configuration.md describes its JSON.
 */
#ifndef FER_AUTH_CONFIG_DOCUMENT_H
#define FER_AUTH_CONFIG_DOCUMENT_H

#include "auth/keys.h"
#include "core/value.h"
#include "store/store.h"

#define FER_CONFIG_FORM 1                    /* the version of the document */
#define FER_CONFIG_BYTES (16u << 20)
#define FER_CONFIG_ENTRIES 50000u
#define FER_CONFIG_SCOPES 4000u

struct fer_config_entry {
	struct fer_str scope;          /* "default", "websites/CODE", "stores/CODE" */
	struct fer_str path;
	struct fer_str value;          /* .at NULL: NULL. Of a secret: nothing */
	bool secret;                   /* one is there, and not told */
	struct fer_str digest;         /* of the secret (auth/config_secret.h); empty: its key is not there */
	struct fer_str sealed;         /* the secret for the owner of another key; empty: not handed over */
};

struct fer_config_scope {
	struct fer_str name;
	int id;                        /* 0 in a document from elsewhere */
};

/* What a document is about; all of it where nothing is said. */
struct fer_config_cover {
	struct fer_str scope, prefix;
	bool shared;                   /* without the paths that belong to one environment */
};

struct fer_config_document {
	struct fer_str key;            /* whose digests they are; empty: nobody's */
	struct fer_config_cover cover;
	struct fer_config_scope *scopes;    /* all there are in that environment, by name, "default" first */
	size_t n_scopes;
	struct fer_config_entry *entries;   /* by scope as above, path */
	size_t n;
};

bool fer_config_covers(const struct fer_config_cover *cover, struct fer_str scope, struct fer_str path);
/** fer_config_entry_order - scope, then path: as the document has them. */
int fer_config_entry_order(const struct fer_config_entry *a, const struct fer_config_entry *b);
/** fer_config_scope - NULL: that environment has no such scope. */
const struct fer_config_scope *fer_config_scope(const struct fer_config_document *document, struct fer_str name);

/**
 * fer_config_document_read - from the database. @for_key (may be empty): hand secrets over to its owner.
 * Errors: -EINVAL @for_key is no key; < 0 the store.
 */
int fer_config_document_read(struct fer_db *db, const struct fer_keys *keys, struct fer_arena *arena, const struct fer_config_cover *cover,
                             struct fer_str for_key, struct fer_config_document *out);

/** fer_config_document_of - from decoded JSON. Errors: -EINVAL it is no such document, or too large; @why holds a sentence. */
int fer_config_document_of(struct fer_arena *arena, const struct fer_value *json, struct fer_config_document *out, char why[256]);
/** fer_config_document_parse - from text. */
int fer_config_document_parse(struct fer_arena *arena, struct fer_str text, struct fer_config_document *out, char why[256]);

/** fer_config_document_show - as JSON. */
struct fer_value fer_config_document_show(struct fer_arena *arena, const struct fer_config_document *document);
/** fer_config_document_text - the same as text for files. Errors: -E2BIG. */
int fer_config_document_text(struct fer_arena *arena, const struct fer_config_document *document, struct fer_str *out);

#endif
