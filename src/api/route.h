/*
 * Route rows: method, path, who may, what comes in, what runs. One row in the file of its resource; the router, the OpenAPI
 * document, `ferrite routes` and the authorization tests are made from the rows.
 */
#ifndef FER_API_ROUTE_H
#define FER_API_ROUTE_H

#include "api/call.h"
#include "api/entity.h"

enum fer_where {
	FER_STORE = 0,   /* in the store pool: may read and write the database */
	FER_INLINE,      /* on the event thread: touches nothing stored */
	FER_HASH         /* in the password pool: Argon2 and friends */
};

/* What a route's requests cost besides the limits of the API: places in the token buckets of their source, and of the user they name. */
enum fer_route_limit {
	FER_LIMIT_NONE = 0,
	FER_LIMIT_TOKEN,                  /* hands out tokens, or asks for a secret: what is refused counts, for it was a guess */
	FER_LIMIT_RECOVERY                /* sends mail, or tells who exists: every request counts */
};

/* A parameter of Magento's service method. */
struct fer_param {
	const char *name;                 /* camelCase; "searchCriteria" */
	enum fer_type type;
	unsigned flags;                   /* FER_REQ: "… is required"; FER_MANY: a list of that type */
	const struct fer_entity *of;      /* for FER_OBJECT */
	const char *otherwise;            /* default as text; NULL: null */
};

#define FER_PARAMS(...) .params = (const struct fer_param[]){ __VA_ARGS__, { .name = NULL } }
#define FER_SEARCH_CRITERIA FER_PARAMS({ "searchCriteria", FER_OBJECT, FER_REQ, &fer_search_criteria, NULL })

struct fer_route {
	enum fer_method method;
	const char *path;                 /* "/V1/taxRates/:rateId"; a last ":name*" takes the rest of the path, with its slashes */
	const char *acl;                  /* "anonymous", "self", "caller" (whoever proved who he is), or resources joined by ", " */
	int (*run)(struct fer_call *call);
	const struct fer_entity *of;      /* what the generic handlers work on, and what the answer is in OpenAPI */
	const struct fer_param *params;   /* up to a NULL name; path parameters are given too, for their type */
	const char *forced;               /* "customerId=%customer_id%; customer.id=%customer_id%" */
	enum fer_where where;
	bool many;                        /* the answer is a list of .of */
	bool search;                      /* the answer is {items, search_criteria, total_count} */
	bool cached;                      /* a GET whose answer depends on nothing but path, query, store and stored data */
	bool insecure;                    /* anonymous when webapi/webapisecurity/allow_insecure is on */
	bool https;                       /* refused over plain HTTP */
	bool form;                        /* the body is application/x-www-form-urlencoded, as RFC 7009 and RFC 7662 have it */
	bool form_answer;                 /* so is the answer, and an error is oauth_problem=…; the handler reads the request itself */
	bool no_store;                    /* the answer holds a secret: no cache may keep it. Always so below /ferrite/v1 */
	bool gate;                        /* answers for another request, which is authorized in place of its own (api/gate.h) */
	bool lends;                       /* the handler lends connections itself: none is held for it */
	const char *setting;              /* a shop setting of the default scope: while it is off there is no such route; NULL: always there */
	bool sandbox;                     /* there in a sandbox only; elsewhere no such route */
	enum fer_route_limit limit;
	const char *limit_by;             /* the parameter that names the user, whose token bucket it is too, where no caller is known; NULL: none */
	enum fer_type returns;            /* for a bare answer: FER_STRING, FER_BOOL, …; 0: .of, or nothing */
	const char *summary;
	const char *service;              /* Magento's name of the service in its schema: "taxTaxRateRepositoryV1"; below /V1 every row has one */
	const char *source;               /* "Magento_Tax webapi.xml" */
};

/* The tables of all resources, ended by NULL: src/cli/tables.c names them. */
struct fer_route_table {
	const struct fer_route *rows;
	size_t n;
};
#define FER_ROUTE_TABLE(rows) { (rows), sizeof(rows) / sizeof((rows)[0]) }

#endif
