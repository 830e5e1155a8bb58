/*
 * The OpenAPI document (Swagger 2.0, as Magento answers) of the routes a caller may use, printed from route rows and entities.
 */
#ifndef FER_API_OPENAPI_H
#define FER_API_OPENAPI_H

#include "api/call.h"
#include "api/router.h"

struct fer_openapi_want {
	const char *below;                /* routes whose path starts so: "/V1/" */
	struct fer_str services;          /* names joined by ','; "all": every service */
	const char *title, *version;
	const char *key;                  /* the header that holds the token */
	struct fer_str base;              /* basePath */
};

/** fer_openapi - answer the document, always as JSON. Errors: SCHEMA_SERVICE for a service that no route has. Rows that are switched off are not in it. */
int fer_openapi(struct fer_call *call, const struct fer_openapi_want *want);

/* -- for the parts of it ----------------------------------------------------------------------------------------- */

/** fer_openapi_type - the schema of a value; what it refers to is put among @definitions. @entity for FER_OBJECT and FER_EXTENSION. */
struct fer_value fer_openapi_type(struct fer_arena *arena, struct fer_value *definitions, enum fer_type type,
                                  const struct fer_entity *entity, bool many);
/** fer_openapi_found - the schema of what a search over @entity answers. */
struct fer_value fer_openapi_found(struct fer_arena *arena, struct fer_value *definitions, const struct fer_entity *entity);
/** fer_openapi_operation - one route: parameters, body and answers. @id is its operationId. */
struct fer_value fer_openapi_operation(struct fer_arena *arena, struct fer_value *definitions, const struct fer_route *route,
                                       struct fer_str tag, struct fer_str id);

#endif
