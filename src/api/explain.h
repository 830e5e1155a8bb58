/*
 * The true reason why a token is taken or not, and why its holder may call a route or not: the pipeline itself decides, on a request
 * that is only asked about, so that the answer is never another one than that of a real request.
 */
#ifndef FER_API_EXPLAIN_H
#define FER_API_EXPLAIN_H

#include "api/call.h"

struct fer_question {
	struct fer_str token;
	struct fer_str method, path;   /* optional, both: "GET", "/rest/V1/products/x?…" */
	struct fer_str address;        /* of the client who would send it; empty: unknown */
};

/**
 * fer_explain - Shape: {taken, code, reason, user_type, user_id, token: the registry's row or null}; code is a word for programs, reason
 * one sentence. Nothing is noted, counted or logged. Blocks; no connection may be held.
 * Errors: < 0 the store failed.
 */
int fer_explain(struct fer_server *server, struct fer_arena *arena, const struct fer_question *question, struct fer_value *out);

#endif
