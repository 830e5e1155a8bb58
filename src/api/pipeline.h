/*
 * The way of a call: begun on the event thread, finished wherever its route says. http is the caller; bulk and graphql enter at
 * fer_call_invoke, behind decoding.
 */
#ifndef FER_API_PIPELINE_H
#define FER_API_PIPELINE_H

#include "api/call.h"
#include "api/route.h"

/** fer_call_new - a call for @request, whose views must outlive it. NULL: no memory. */
struct fer_call *fer_call_new(struct fer_server *server, const struct fer_request *request);
void fer_call_free(struct fer_call *call);

/**
 * fer_call_begin - method, store code, route, caller and ACL, as far as no database is needed.
 * Returns: where the rest runs. A call that has its reply already (refused, or answered from the cache) says FER_INLINE.
 */
enum fer_where fer_call_begin(struct fer_call *call);

/**
 * fer_call_try - would this be let in? Route (when a path is named), caller and ACL are looked at; nothing is noted, counted or run.
 * Returns: 0, the error a real request would get, or < 0. call->entry is NULL when no route takes it. Blocks.
 */
int fer_call_try(struct fer_call *call);

/**
 * fer_call_finish_inline - the rest, on the event thread, of a call that said FER_INLINE.
 * Returns: false: its handler turned out to need the database; finish it on the store pool.
 */
bool fer_call_finish_inline(struct fer_call *call);

/** fer_call_finish - the rest, on the pool that fer_call_begin named; afterwards reply.status, .content_type, .body and .headers are final. */
void fer_call_finish(struct fer_call *call);

/** fer_route_is_there - rows of a sandbox, and rows behind a shop setting, are not everywhere. */
bool fer_route_is_there(const struct fer_call *call, const struct fer_route *route);

/** fer_call_may_use - do anonymity, self or ACL open @entry to the caller, who is known already? Which stores a customer may use is not asked. */
bool fer_call_may_use(const struct fer_call *call, const struct fer_route_entry *entry);

#endif
