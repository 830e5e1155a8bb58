/*
 * The OpenAPI document as a whole: which routes, their tags, and the form of an error.
 *
 * Source: Magento_Webapi Model\AbstractSchemaGenerator, Model\Rest\Swagger\Generator, 2.4.7
 */
#include "api/openapi.h"

#include <stdlib.h>
#include <string.h>

#include "api/entity.h"
#include "api/pipeline.h"
#include "api/server.h"
#include "core/json.h"

static const struct fer_field item_fields[] = {
	FER_FIELD("resources",  FER_STRING, NULL, 0, "ACL resource"),
	FER_FIELD("fieldName",  FER_STRING, NULL, 0, "missing or invalid field name"),
	FER_FIELD("fieldValue", FER_STRING, NULL, 0, "incorrect field value"),
};
static const struct fer_entity item = { .name = "error-parameters-item", FER_FIELDS(item_fields) };

static const struct fer_field inner_fields[] = {
	FER_FIELD("message",    FER_STRING, NULL, 0,        "error message"),
	FER_FIELD("parameters", FER_OBJECT, NULL, FER_MANY, "what stands for %1 or %name in it", .of = &item),
};
static const struct fer_entity inner = { .name = "error-errors-item", FER_FIELDS(inner_fields) };

static const struct fer_field error_fields[] = {
	FER_FIELD("message",    FER_STRING, NULL, FER_REQ,  "error message"),
	FER_FIELD("errors",     FER_OBJECT, NULL, FER_MANY, "when several things are wrong", .of = &inner),
	FER_FIELD("code",       FER_INT,    NULL, 0,        "error code"),
	FER_FIELD("parameters", FER_OBJECT, NULL, FER_MANY, "what stands for %1 or %name in the message", .of = &item),
	FER_FIELD("trace",      FER_STRING, NULL, 0,        "never sent"),
};
static const struct fer_entity error = { .name = "error-response", FER_FIELDS(error_fields) };

/* A route without Magento's service is tagged by the word behind its version. */
static struct fer_str tag_of(const struct fer_route *route)
{
	struct fer_str rest, piece = FER_STR_NONE;

	if (route->service)
		return fer_str(route->service);
	rest = fer_str_skip(fer_str(route->path), route->path[1] == 'V' ? 1 : 9);
	fer_str_cut(&rest, '/', &piece);
	fer_str_cut(&rest, '/', &piece);
	return piece;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* GET /V1/products/:sku is GetV1ProductsSku; only segments begin with a capital. */
static struct fer_str id_of(struct fer_arena *arena, const struct fer_route *route)
{
	static const char *const verbs[] = { [FER_GET] = "Get", [FER_POST] = "Post", [FER_PUT] = "Put", [FER_DELETE] = "Delete" };
	struct fer_buf buf;
	bool first = true;

	fer_buf_init(&buf, arena, 1024);
	fer_buf_text(&buf, verbs[route->method]);
	for (const char *at = route->path; *at; at++) {
		if (is_word(*at)) {
			fer_buf_char(&buf, first && *at >= 'a' ? (char)(*at - 'a' + 'A') : *at);
			first = false;
		} else if (*at == '/') {
			first = true;
		}
	}
	return fer_buf_view(&buf);
}

/* "/V1/products/:sku" as "/V1/products/{sku}". */
static struct fer_str path_of(struct fer_arena *arena, const char *path)
{
	struct fer_buf buf;
	bool open = false;

	fer_buf_init(&buf, arena, 1024);
	for (; *path; path++) {
		if (*path == '/' && open) {
			fer_buf_char(&buf, '}');
			open = false;
		}
		if (*path != '*')
			fer_buf_char(&buf, *path == ':' ? '{' : *path);
		open |= *path == ':';
	}
	if (open)
		fer_buf_char(&buf, '}');
	return fer_buf_view(&buf);
}

static const char *verb_of(enum fer_method method)
{
	static const char *const verbs[] = { [FER_GET] = "get", [FER_POST] = "post", [FER_PUT] = "put", [FER_DELETE] = "delete" };

	return verbs[method];
}

static bool is_listed(struct fer_str list, struct fer_str name)
{
	struct fer_str piece;

	if (fer_str_is(list, "all"))
		return true;
	while (fer_str_cut(&list, ',', &piece))
		if (fer_str_eq(piece, name))
			return true;
	return false;
}

static bool is_below(const struct fer_route *route, const char *below)
{
	return !strncmp(route->path, below, strlen(below));
}

static int entry_order(const void *va, const void *vb)
{
	const struct fer_route *a = (*(const struct fer_route_entry *const *)va)->route;
	const struct fer_route *b = (*(const struct fer_route_entry *const *)vb)->route;
	int r = strcmp(a->path, b->path);

	return r ? r : (int)a->method - (int)b->method;
}

/* All routes below the wanted path, whoever may use them, in order of their paths. */
static const struct fer_route_entry **collect(struct fer_call *call, const struct fer_openapi_want *want, size_t *n)
{
	const struct fer_router *router = call->server->router;
	const struct fer_route_entry **out, *entry;
	size_t size = 0;

	while (fer_router_at(router, size))
		size++;
	out = fer_alloc(call->arena, size * sizeof(*out));
	*n = 0;
	for (size_t i = 0; (entry = fer_router_at(router, i)); i++)
		if (is_below(entry->route, want->below))
			out[(*n)++] = entry;
	qsort(out, *n, sizeof(*out), entry_order);
	return out;
}

static int check_services(struct fer_call *call, struct fer_str services, const struct fer_route_entry *const *entries, size_t n)
{
	struct fer_str name;

	if (fer_str_is(services, "all"))
		return 0;
	while (fer_str_cut(&services, ',', &name)) {
		bool found = false;

		for (size_t i = 0; i < n && !found; i++)
			found = fer_str_eq(tag_of(entries[i]->route), name);
		if (!found)
			return fer_fail(call, FER_E_SCHEMA_SERVICE, "1", fer_string(name), NULL);
	}
	return 0;
}

struct parts {
	struct fer_value tags, paths, definitions, tagged;
};

static void add_tag(struct fer_arena *arena, struct parts *parts, struct fer_str name)
{
	struct fer_value tag = fer_map();

	if (fer_get_str(&parts->tagged, name))
		return;
	fer_set_str(arena, &parts->tagged, name, fer_bool(true));
	fer_set(arena, &tag, "name", fer_string(name));
	fer_push(arena, &parts->tags, tag);
}

static void add_route(struct fer_arena *arena, struct parts *parts, const struct fer_route *route)
{
	struct fer_str path = path_of(arena, route->path), tag = tag_of(route);
	struct fer_value operation = fer_openapi_operation(arena, &parts->definitions, route, tag, id_of(arena, route));
	struct fer_value *methods = fer_get_str(&parts->paths, path);

	if (!methods)
		methods = fer_set_str(arena, &parts->paths, path, fer_map());
	fer_set(arena, methods, verb_of(route->method), operation);
	add_tag(arena, parts, tag);
}

static struct fer_value one(struct fer_arena *arena, const char *name, struct fer_value value)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, name, value);
	return out;
}

static struct fer_value security(struct fer_arena *arena, const char *header)
{
	struct fer_value key = fer_map();

	fer_set(arena, &key, "type", fer_text("apiKey"));
	fer_set(arena, &key, "name", fer_text(header));
	fer_set(arena, &key, "in", fer_text("header"));
	return one(arena, "api_key", key);
}

static struct fer_value document(struct fer_call *call, const struct fer_openapi_want *want, const struct parts *parts)
{
	struct fer_arena *arena = call->arena;
	struct fer_value out = fer_map(), info = fer_map(), schemes = fer_list();

	fer_set(arena, &info, "version", fer_text(want->version));
	fer_set(arena, &info, "title", fer_text(want->title));
	fer_push(arena, &schemes, fer_text(call->request->tls ? "https" : "http"));
	fer_set(arena, &out, "swagger", fer_text("2.0"));
	fer_set(arena, &out, "info", info);
	if (call->request->host.len)
		fer_set(arena, &out, "host", fer_string(call->request->host));
	fer_set(arena, &out, "basePath", fer_string(want->base));
	fer_set(arena, &out, "schemes", schemes);
	fer_set(arena, &out, "securityDefinitions", security(arena, want->key));
	fer_set(arena, &out, "tags", parts->tags);
	fer_set(arena, &out, "paths", parts->paths);
	fer_set(arena, &out, "definitions", parts->definitions);
	return out;
}

static int answer(struct fer_call *call, const struct fer_value *out)
{
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, (size_t)16 << 20);
	fer_json_write(&buf, out);
	return fer_answer_encoded(call, "application/json", fer_buf_view(&buf));
}

int fer_openapi(struct fer_call *call, const struct fer_openapi_want *want)
{
	struct parts parts = { fer_list(), fer_map(), fer_map(), fer_map() };
	struct fer_value out;
	size_t n;
	const struct fer_route_entry **entries = collect(call, want, &n);
	int r = check_services(call, want->services, entries, n);

	if (r || (r = fer_identify(call)))
		return r;
	fer_openapi_type(call->arena, &parts.definitions, FER_OBJECT, &error, false);
	for (size_t i = 0; i < n; i++)
		if (is_listed(want->services, tag_of(entries[i]->route)) && fer_route_is_there(call, entries[i]->route) &&
		    fer_call_may_use(call, entries[i]))
			add_route(call->arena, &parts, entries[i]->route);
	out = document(call, want, &parts);
	return answer(call, &out);
}
