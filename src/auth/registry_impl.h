/*
 * What the files of the registry share: how a token is named in its tables, and how a filter becomes SQL.
 */
#ifndef FER_AUTH_REGISTRY_IMPL_H
#define FER_AUTH_REGISTRY_IMPL_H

#include "auth/registry.h"

#define FER_TOKEN_HASH_LEN 43u                 /* base64url of a SHA-256 */

struct fer_str fer_token_hash(const struct fer_token_id *id, char out[FER_TOKEN_HASH_LEN]);

/** fer_text_cut - at most @longest bytes, whole characters; never NULL. What is no UTF-8 ends where that begins. */
struct fer_str fer_text_cut(struct fer_str text, size_t longest);

/* A statement in the making: text, and the values behind its question marks. */
struct fer_registry_query {
	struct fer_arena *arena;
	struct fer_buf sql;
	struct fer_value binds;    /* a list */
};

void fer_registry_query_init(struct fer_registry_query *query, struct fer_arena *arena, const char *sql);
void fer_registry_query_bind(struct fer_registry_query *query, struct fer_value value);
/** fer_registry_where - " WHERE …". @mark stands before each column: "+" keeps SQLite from its index. */
void fer_registry_where(struct fer_registry_query *query, const struct fer_token_filter *filter, int64_t now_s, const char *mark);
int fer_registry_open(struct fer_db *db, struct fer_registry_query *query, struct fer_stmt **out);
int fer_registry_run(struct fer_db *db, struct fer_registry_query *query, int64_t *n);

#endif
