/*
 * The pipeline: the order of its steps decides which error wins, and is Magento's. Begin does what needs no database, on the
 * event thread; finish does the rest on a pool.
 *
 * Source: Magento_Webapi Controller\Rest, 2.4.7
 */
#include "api/pipeline.h"

#include <errno.h>
#include <string.h>

#include "api/cache.h"
#include "api/convert.h"
#include "api/denied.h"
#include "api/eav.h"
#include "api/file.h"
#include "api/gate.h"
#include "api/quota.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/router.h"
#include "api/server.h"
#include "auth/token.h"
#include "store/config.h"

struct fer_call *fer_call_new(struct fer_server *server, const struct fer_request *request)
{
	struct fer_arena *arena = fer_arena_take(server->arenas);
	struct fer_call *call;

	if (!arena)
		return NULL;
	call = FER_NEW(arena, struct fer_call);
	call->server = server;
	call->arena = arena;
	call->request = request;
	call->target = (struct fer_target){ request->method, request->path, request->query };
	call->now_s = fer_now_s(&server->clock);
	call->params = fer_map();
	call->args = fer_map();
	fer_caller_guest(&call->caller);
	return call;
}

void fer_call_free(struct fer_call *call)
{
	if (!call)
		return;
	fer_files_settle(call, 1);
	fer_eav_drop(call);
	fer_caller_release(&call->caller);
	fer_arena_give(call->server->arenas, call->arena);
}

/* -- path -------------------------------------------------------------------------------------------------------- */

static struct fer_str cut_slashes(struct fer_str path)
{
	while (path.len && path.at[0] == '/')
		path = fer_str_skip(path, 1);
	return path;
}

/* Takes @word and the '/' (or the end) behind it off the front of @path. */
static bool skip_segment(struct fer_str *path, struct fer_str word)
{
	struct fer_str rest = *path;

	if (rest.len < word.len || !fer_str_eq(fer_str_take(rest, word.len), word))
		return false;
	rest = fer_str_skip(rest, word.len);
	if (rest.len && rest.at[0] != '/')
		return false;
	*path = rest;
	return true;
}

/* Without slashes and index.php in front. */
static struct fer_str front_of(struct fer_str path)
{
	path = cut_slashes(path);
	return skip_segment(&path, FER_S("index.php")) ? cut_slashes(path) : path;
}

static bool is_own(struct fer_str path)
{
	return skip_segment(&path, FER_S("ferrite"));
}

/* Magento's front-end controllers: of these only OAuth's are here. */
static bool is_front(struct fer_str path)
{
	return skip_segment(&path, FER_S("oauth"));
}

/* "/rest/<store>/V1/…" to store and "/V1/…"; an unknown store code stays part of the path. "/ferrite/v1/…" has no store: the admin scope. */
static int read_path(struct fer_call *call)
{
	struct fer_str path = front_of(call->target.path), first = FER_STR_NONE, rest;
	struct fer_store_view view;

	call->own = is_own(path);
	call->front = is_front(path);
	call->rest_path = path;
	if (call->own || call->front)
		return 0;
	if (!skip_segment(&path, FER_S("rest")))
		return fer_fail(call, FER_E_PAGE_NOT_FOUND, NULL);
	path = cut_slashes(path);
	rest = path;
	fer_str_cut(&rest, '/', &first);
	if (fer_str_is(first, "all")) {
		call->store_id = 0;
		call->store_code = first;
	} else if (first.len && fer_config_store_by_code(call->server->store, first, &view)) {
		call->store_id = (int)view.id;
		call->store_code = first;
	} else {
		call->store_id = fer_config_default_store(call->server->store);
	}
	if (call->store_code.len)
		path = fer_str_skip(path, first.len);
	call->rest_path = cut_slashes(path);
	return 0;
}

static const struct { const char *name; enum fer_method method; } methods[] = {
	{ "GET", FER_GET }, { "POST", FER_POST }, { "PUT", FER_PUT }, { "DELETE", FER_DELETE },
};

static int read_method(struct fer_call *call)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(methods); i++) {
		if (fer_str_is(call->target.method, methods[i].name)) {
			call->method = methods[i].method;
			return 0;
		}
	}
	if (call->front)
		return fer_fail(call, FER_E_PAGE_NOT_FOUND, NULL);
	return fer_fail(call, FER_E_METHOD_NOT_SUPPORTED, "method", fer_string(call->target.method), NULL);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Which of Magento's request processors would take this path? Schemas are a route row here. */
static int check_processor(struct fer_call *call)
{
	struct fer_str path = call->rest_path;

	if (call->own || call->front || (path.len > 1 && path.at[0] == 'V' && is_digit(path.at[1])))
		return 0;
	if (call->method != FER_GET && fer_str_starts(path, "async/"))
		return fer_fail(call, FER_E_NO_ROUTE, NULL);
	if (fer_str_starts(path, "schema"))
		return 0;
	return fer_fail(call, FER_E_CANNOT_PROCESS, NULL);
}

/* Rows of a sandbox and rows that a shop setting switches are not there elsewhere, just as if they did not stand in the table. */
bool fer_route_is_there(const struct fer_call *call, const struct fer_route *route)
{
	if (route->sandbox && !call->server->sandbox)
		return false;
	return !route->setting || fer_config_bool(call->server->store, 0, route->setting, false);
}

static int match(struct fer_call *call)
{
	call->entry = fer_router_match(call->server->router, call->arena, call->method, call->rest_path, &call->path_params);
	if (!call->entry || !fer_route_is_there(call, call->entry->route))
		return fer_fail(call, call->front ? FER_E_PAGE_NOT_FOUND : FER_E_NO_ROUTE, NULL);
	return 0;
}

static int find_entry(struct fer_call *call)
{
	int r;

	if ((r = read_path(call)) || (r = read_method(call)) || (r = check_processor(call)))
		return r;
	return match(call);
}

/* What is not below /rest is answered in one form, whatever the client accepts. Below the gate, path and method belong to the request that is asked about. */
static int read_front(struct fer_call *call)
{
	struct fer_str path = front_of(call->request->path);

	if (!is_own(path))
		return is_front(path) ? 0 : fer_request_accept(call);
	call->gate_below = fer_gate_below(path);
	if (call->gate_below)
		call->target = (struct fer_target){ FER_S("GET"), FER_S(FER_GATE_PATH), FER_STR_NONE };
	return 0;
}

/* From now on the call's entry, store and OAuth's base string are those of the request that is asked about; what runs is the gate. */
static int look_through_gate(struct fer_call *call)
{
	const struct fer_route_entry *gate = call->entry;
	int r = fer_gate_target(call, &call->target);

	if (r != 1)
		return r;
	r = find_entry(call);
	call->own = true;
	call->front = false;
	call->method = gate->route->method;
	call->path_params = fer_map();
	if (r <= 0)
		return r;
	call->fault = (struct fer_fault){ 0 };
	call->entry = gate;
	return call->server->gate_open ? 0 : fer_fail(call, FER_E_GATE_NO_ROUTE, NULL);
}

static int find_route(struct fer_call *call)
{
	int r;

	if ((r = find_entry(call)))
		return r;
	call->route = call->entry->route;
	if (call->own || call->route->no_store)
		fer_header(call, "Cache-Control", "no-store");
	return call->route->gate ? look_through_gate(call) : 0;
}

/* -- caller ------------------------------------------------------------------------------------------------------ */

struct fer_credentials fer_call_credentials(const struct fer_call *call)
{
	const struct fer_request *request = call->request;

	return (struct fer_credentials){
		.authorization = request->authorization, .method = call->target.method, .tls = request->tls, .host = request->host,
		.path = call->target.path, .query = call->target.query, .content_type = request->content_type, .body = request->body,
		.store_id = call->store_id, .source = request->source, .trial = call->trial,
	};
}

static int identify(struct fer_call *call, bool may_block)
{
	const struct fer_credentials credentials = fer_call_credentials(call);
	int r;

	if (call->identified)
		return 0;
	r = fer_token_authenticate(call->server->auth, &credentials, call->now_s, may_block, call->arena, &call->fault,
	                           &call->caller, &call->auth_reason);
	call->identified = r != FER_AUTH_NEEDS_STORE;
	return r || call->trial ? r : fer_quota_caller(call);
}

int fer_identify(struct fer_call *call)
{
	struct fer_db *held = call->db;
	int r;

	if (call->identified)
		return 0;
	/* Authentication lends a connection of its own: give ours back meanwhile, or few connections could wait for each other. */
	if (held)
		fer_db_return(held);
	call->db = NULL;
	r = identify(call, true);
	if (held && fer_db_lend(call->server->store, &call->db))
		return -EIO;
	return r;
}

static bool is_anonymous(const struct fer_call *call, const struct fer_route_entry *entry)
{
	if (entry->anonymous)
		return true;
	return entry->route->insecure && fer_config_bool(call->server->store, call->store_id, "webapi/webapisecurity/allow_insecure", false);
}

/* 1: the store is one the customer's account is shared with. Which those are stands in the database. */
static int may_self(struct fer_call *call, bool may_block)
{
	struct fer_store *store = call->server->store;
	int r;

	if (!call->store_id)
		return 0;
	if (!may_block)
		return FER_AUTH_NEEDS_STORE;
	if ((r = fer_customer_scope_read(store, call->caller.id, &call->self)) <= 0)
		return r;
	return fer_customer_may_use(store, &call->self, call->store_id);
}

bool fer_call_may_use(const struct fer_call *call, const struct fer_route_entry *entry)
{
	if (is_anonymous(call, entry) || (entry->self && call->caller.type == FER_USER_CUSTOMER))
		return true;
	if (entry->caller)
		return call->caller.type != FER_USER_GUEST;
	for (int i = 0; i < entry->n_resources; i++)
		if (!fer_caller_allows(&call->caller, entry->resources[i]))
			return false;
	return true;
}

static int may(struct fer_call *call, bool may_block)
{
	if (call->entry->self && call->caller.type == FER_USER_CUSTOMER)
		return may_self(call, may_block);
	return fer_call_may_use(call, call->entry);
}

/* RFC 6750, section 3: without credentials no error is named. */
static void challenge(struct fer_call *call)
{
	const char *realm = call->own ? "ferrite" : "magento";
	const char *reason = fer_auth_reason_name(call->auth_reason);

	if (call->caller.type != FER_USER_GUEST)
		fer_header(call, "WWW-Authenticate", fer_str_fmt(call->arena, "Bearer realm=\"%s\", error=\"insufficient_scope\", scope=\"%s\"",
		                                                 realm, call->entry->route->acl).at);
	else if (call->auth_reason != FER_AUTH_NONE)
		fer_header(call, "WWW-Authenticate", fer_str_fmt(call->arena, "Bearer realm=\"%s\", error=\"invalid_token\", error_description=\"%s\"",
		                                                 realm, reason).at);
	else
		fer_header(call, "WWW-Authenticate", fer_str_fmt(call->arena, "Bearer realm=\"%s\"", realm).at);
}

static int refuse(struct fer_call *call)
{
	if (call->own || call->server->explain)
		challenge(call);
	if (!call->own)
		return fer_fail(call, FER_E_NOT_AUTHORIZED, "resources", fer_text(call->entry->route->acl), NULL);
	if (call->caller.type == FER_USER_GUEST)
		return fer_fail(call, FER_E_NO_TOKEN, NULL);
	return fer_fail(call, FER_E_FORBIDDEN, "resources", fer_text(call->entry->route->acl), NULL);
}

static int authorize(struct fer_call *call, bool may_block)
{
	bool anonymous = is_anonymous(call, call->entry);
	int r;

	if (call->own && call->request->client_fault)
		return fer_fail(call, FER_E_CLIENT_CERTIFICATE, "reason", fer_text(call->request->client_fault), NULL);
	if (anonymous && !call->route->gate)
		return 0;
	if ((r = identify(call, may_block)) || anonymous)
		return r;
	if ((r = may(call, may_block)) < 0)
		return r;
	if (!r)
		return refuse(call);
	if (call->route->https && !call->request->tls)
		return fer_fail(call, FER_E_HTTPS_ONLY, NULL);
	return 0;
}

/* -- answers from memory ----------------------------------------------------------------------------------------- */

/* Everything a cached row may depend on besides stored data; OAuth callers see some lists in another order. */
static struct fer_str cache_key(struct fer_call *call)
{
	struct { int32_t store_id, caller; } head = { call->store_id, (int32_t)call->caller.type };
	struct fer_str path = call->rest_path, query = call->request->query;
	char *at = fer_alloc(call->arena, sizeof(head) + path.len + 1 + query.len);

	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), path.at, path.len);
	at[sizeof(head) + path.len] = '?';
	if (query.len)
		memcpy(at + sizeof(head) + path.len + 1, query.at, query.len);
	return (struct fer_str){ at, sizeof(head) + path.len + 1 + query.len };
}

static bool is_cached(const struct fer_call *call)
{
	return call->server->cache && call->route->cached && !call->wants_xml;
}

/* What an answer was read at. Where another program writes unseen, time passing is a change: the number moves once each cache_age. */
static uint64_t data_version(const struct fer_call *call)
{
	const struct fer_server *server = call->server;
	uint64_t version = fer_change_version(server->store, FER_CHANGE_DATA);

	return server->cache_age_ms ? version + ((uint64_t)(fer_monotonic_us() / 1000 / server->cache_age_ms) << 40) : version;
}

static bool find_in_cache(struct fer_call *call)
{
	if (!is_cached(call))
		return false;
	call->data_version = data_version(call);
	return fer_cache_get(call->server->cache, cache_key(call), call->data_version, call->arena, &call->reply.encoded);
}

static void keep_in_cache(struct fer_call *call)
{
	if (is_cached(call) && call->reply.may_share && call->reply.status == 200)
		fer_cache_put(call->server->cache, cache_key(call), call->data_version, call->reply.body);
}

/* -- the two halves ---------------------------------------------------------------------------------------------- */

/* A longer body is not taken apart on the event thread. */
#define INLINE_BODY ((size_t)16 << 10)

/* What goes into the audit log. Too many requests do not: their refusal must stay cheap. */
static bool is_denial(int r)
{
	return r > 0 && r != FER_E_TOO_MANY_REQUESTS;
}

/* Steps that need no database; FER_AUTH_NEEDS_STORE when authentication turned out to. */
static int begin(struct fer_call *call)
{
	int r;

	if ((r = fer_quota_source(call)) || (r = read_front(call)) || (r = find_route(call)) || (r = fer_quota_route(call)))
		return r;
	if (is_denial(r = authorize(call, false)) && fer_audit_is_on(fer_auth_audit(call->server->auth)))
		call->denied = r;
	return r;
}

static enum fer_where replied(struct fer_call *call, int r)
{
	fer_reply_encode(call, r);
	fer_quota_end(call);
	return FER_INLINE;
}

enum fer_where fer_call_begin(struct fer_call *call)
{
	int r = begin(call);
	bool needs_store = r == FER_AUTH_NEEDS_STORE;

	if (call->denied)
		return FER_STORE;
	if ((!r || needs_store) && call->route->where == FER_HASH && (r = fer_quota_hash(call)) == 0)
		return FER_HASH;
	if (r && r != FER_AUTH_NEEDS_STORE)
		return replied(call, r);
	if (needs_store)
		return FER_STORE;
	if (find_in_cache(call))
		return replied(call, 0);
	return call->route->where == FER_INLINE && call->request->body.len > INLINE_BODY ? FER_STORE : call->route->where;
}

/* Signing in holds no connection while it hashes: rows of the hash pool lend their own, as those do that say so. */
static int run_handler(struct fer_call *call)
{
	int r;

	if (call->route->where != FER_STORE || call->route->lends)
		return call->route->run(call);
	if ((r = fer_db_lend(call->server->store, &call->db)))
		return r;
	r = call->route->run(call);
	fer_db_return(call->db);
	call->db = NULL;
	return r;
}

static int finish(struct fer_call *call)
{
	int r = call->denied ? call->denied : authorize(call, true);

	if (is_denial(r))
		return fer_call_denied(call, r);
	if (r || (r = fer_request_params(call, &call->path_params)) || (r = fer_convert_args(call)) || (r = fer_quota_name(call)))
		return r;
	call->data_version = data_version(call);
	return run_handler(call);
}

int fer_call_try(struct fer_call *call)
{
	int found, r;

	call->trial = true;
	found = call->target.path.len ? find_entry(call) : 0;
	if ((r = identify(call, true)) || found || !call->entry)
		return r ? r : found;
	call->route = call->entry->route;
	return authorize(call, true);
}

bool fer_call_finish_inline(struct fer_call *call)
{
	int r = call->replied ? 0 : finish(call);

	if (r == FER_AUTH_NEEDS_STORE)
		return false;
	if (!call->replied)
		replied(call, r);
	return true;
}

void fer_call_finish(struct fer_call *call)
{
	call->may_block = true;
	if (call->replied)
		return;
	replied(call, finish(call));
	keep_in_cache(call);
}
