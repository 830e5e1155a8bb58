/*
 * One request on its way through ferrite: what came in, who sent it, what it may use, and what goes back. A handler gets
 * nothing else, and knows nothing of sockets.
 */
#ifndef FER_API_CALL_H
#define FER_API_CALL_H

#include "auth/actor.h"
#include "auth/caller.h"
#include "auth/customer.h"
#include "auth/limit.h"
#include "auth/token.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/fault.h"
#include "core/value.h"
#include "store/store.h"

struct fer_server;
struct fer_route;
struct fer_route_entry;
struct fer_entity;
struct fer_eav;
struct fer_call_file;

enum fer_method { FER_GET = 1, FER_POST, FER_PUT, FER_DELETE };

/* What http hands in; views stay valid until the reply is sent. */
struct fer_request {
	struct fer_str method;         /* as sent */
	struct fer_str path;           /* as sent, still percent-encoded, without the query */
	struct fer_str query;          /* as sent, without '?' */
	struct fer_str body;
	struct fer_str authorization;  /* header values; .at NULL when absent */
	struct fer_str content_type;
	struct fer_str accept;
	struct fer_str user_agent;
	struct fer_str if_match;       /* entity tags: the write is meant for what they name alone */
	struct fer_str host;           /* Host header, for OAuth signatures */
	struct fer_str source;         /* the client's address as text … */
	struct fer_ip address;         /* … and as bytes: the peer's, or what a trusted proxy says of it */
	struct fer_str original_method, original_uri;     /* X-Original-… and X-Forwarded-Method, -Uri: what a proxy asks about at the gate. */
	struct fer_str forwarded_method, forwarded_uri;   /* Empty, but not .at NULL, when sent twice */
	bool tls;                      /* the client's scheme is https */
	struct fer_str client;         /* subject of the verified client certificate, RFC 4514; .at NULL: none */
	const char *client_fault;      /* one is required, and this is why there is none; NULL: all is well */
	char id[33];                   /* request id, hex */
};

/* What is to be authorized: the request itself, or at the gate the one it asks about. */
struct fer_target {
	struct fer_str method;         /* as sent */
	struct fer_str path;           /* as sent, still percent-encoded, without the query */
	struct fer_str query;          /* as sent, without '?' */
};

#define FER_REPLY_HEADERS 12

struct fer_reply {
	int status;
	const char *content_type;      /* NULL: JSON or XML by the Accept header */
	struct fer_value value;        /* encoded after the handler returned … */
	struct fer_str encoded;        /* … unless this is set: JSON already as it goes out */
	struct fer_str body;           /* what http sends */
	const char *headers[FER_REPLY_HEADERS + 1][2];   /* further headers, up to the first NULL name: fer_header adds them */
	bool may_share;                /* body may be kept by the reply cache */
};

struct fer_call {
	struct fer_server *server;
	struct fer_arena *arena;
	struct fer_db *db;             /* inside fer_tx: the writer; else a reader */
	bool in_tx;
	int64_t now_s;
	const struct fer_request *request;
	struct fer_target target;

	enum fer_method method;
	int store_id;                  /* 0: 'all', the admin scope */
	struct fer_str store_code;     /* "default", "all", … ; empty: none named in the path */
	const struct fer_route *route;
	struct fer_caller caller;
	enum fer_auth_reason auth_reason; /* why the caller is who it is */
	struct fer_customer_scope self;   /* of a customer on a `self` route */
	bool wants_xml;
	bool gate_below;               /* the gate's path goes on with the path that is asked about */
	bool own;                      /* below /ferrite/v1: errors of authorization are those of RFC 6750 */
	bool front;                    /* a path of Magento's front-end controllers: what is not there is a page, not JSON */

	/* The pipeline's own notes. */
	const struct fer_route_entry *entry;
	struct fer_str rest_path;      /* below the store code: "/V1/…" */
	struct fer_value path_params;
	uint64_t data_version;         /* FER_CHANGE_DATA before anything was read */
	bool identified, replied;
	bool trial;                    /* only asked about: nothing is noted or counted */
	bool may_block;                /* off the event thread: the database may be asked. An inline handler that must returns FER_AUTH_NEEDS_STORE */
	int denied;                    /* the error by which the event thread refused: still to be written to the audit log */

	struct fer_value params;       /* merged and forced input, before conversion: a map */
	struct fer_value args;         /* the route's parameters after conversion, by camelCase name */
	struct fer_value fields;       /* parsed fields= filter; null: none */

	struct fer_call_file *files;   /* of the media folder, until their transaction is over (api/file.h) */
	const struct fer_eav *eav;     /* attribute metadata, taken by the first fer_eav_get */
	bool limited;                  /* some rate limit applies to this address */
	struct fer_limit_key limit_name;                /* of the token bucket of the user that the request names */
	struct fer_limit_state limits[FER_N_LIMITS];    /* what the buckets said */
	struct fer_fault fault;
	struct fer_reply reply;
};

/**
 * fer_fail - the only way to fail. Pairs of (const char *name, struct fer_value value), ended by NULL; digits as names ("1", "2")
 * make positional parameters. Called twice on one call it collects several input errors, as Magento's AggregateException does.
 * Returns: the error, for `return fer_fail(…)`.
 */
int fer_fail(struct fer_call *call, enum fer_error error, ...) __attribute__((sentinel));

/**
 * fer_fail_list - what fer_fail collected goes out as a list below the message of @head, as Magento's ValidationException does.
 * Returns: @head; 0 when nothing was collected.
 */
int fer_fail_list(struct fer_call *call, enum fer_error head);

/** fer_tx - run @fn in a transaction; inside one already, just run it. @changes as for fer_tx_run. */
int fer_tx(struct fer_call *call, unsigned changes, int (*fn)(struct fer_call *call, void *data), void *data);

/* The route's converted parameters, by the name in its row (camelCase, as Magento's service method names them). NULL when null or not sent. */
const struct fer_value *fer_arg(const struct fer_call *call, const char *name);
int64_t fer_arg_int(const struct fer_call *call, const char *name);
struct fer_str fer_arg_str(struct fer_call *call, const char *name);
bool fer_arg_bool(const struct fer_call *call, const char *name, bool otherwise);

/** fer_call_actor - who calls, from where, on which route: what functions that change something are told. Lives in the call's arena. */
const struct fer_actor *fer_call_actor(struct fer_call *call);

/** fer_identify - find out who calls on an anonymous route too, where Magento does. Returns 0, or OAuth's error. */
int fer_identify(struct fer_call *call);

/** fer_call_credentials - what the request shows of itself, for handlers that judge it themselves. */
struct fer_credentials fer_call_credentials(const struct fer_call *call);

/* What the handler answers. Each returns 0. */
int fer_answer(struct fer_call *call, struct fer_value value);
int fer_answer_true(struct fer_call *call);
/** fer_answer_status - as fer_answer with another status than 200. */
int fer_answer_status(struct fer_call *call, int status, struct fer_value value);

/** fer_answer_encoded - bytes of another type than JSON, as they go out. */
int fer_answer_encoded(struct fer_call *call, const char *type, struct fer_str bytes);

/** fer_header - a header of the answer; @name and @value live as long as the call. Past FER_REPLY_HEADERS of them it is left out. */
void fer_header(struct fer_call *call, const char *name, const char *value);

#endif
