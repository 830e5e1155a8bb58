/*
 * What handlers use: failing, transactions, arguments, answers.
 */
#include "api/call.h"

#include <errno.h>
#include <string.h>

#include "api/file.h"
#include "api/route.h"
#include "api/server.h"

int fer_fail(struct fer_call *call, enum fer_error error, ...)
{
	va_list args;
	int r;

	va_start(args, error);
	r = fer_fault_addv(call->arena, &call->fault, error, args);
	va_end(args);
	return r;
}

int fer_fail_list(struct fer_call *call, enum fer_error head)
{
	call->fault.head = call->fault.n ? head : FER_OK;
	return (int)call->fault.head;
}

struct tx {
	struct fer_call *call;
	int (*fn)(struct fer_call *call, void *data);
	void *data;
	struct fer_db *reader;
};

/* May run twice: what the first run noted of failures is forgotten. */
static int run_tx(struct fer_db *db, void *data)
{
	struct tx *tx = data;
	struct fer_call *call = tx->call;
	int r;

	call->fault = (struct fer_fault){ 0 };
	fer_files_again(call);
	call->db = db;
	call->in_tx = true;
	r = tx->fn(call, tx->data);
	call->in_tx = false;
	call->db = tx->reader;
	return r;
}

/* Whoever waits for the writer lends his connection to others meanwhile, so that many may wait while few are read for. */
int fer_tx(struct fer_call *call, unsigned changes, int (*fn)(struct fer_call *call, void *data), void *data)
{
	struct tx tx = { call, fn, data, NULL };
	struct fer_db *held = call->db;
	int r;

	if (call->in_tx)
		return fn(call, data);
	if (held && fer_db_give_up(held))
		call->db = NULL;
	tx.reader = call->db;
	r = fer_tx_run(call->server->store, changes, run_tx, &tx);
	fer_files_settle(call, r);
	if (held && !call->db && fer_db_lend(call->server->store, &call->db))
		return -EIO;
	return r;
}

static enum fer_actor_type actor_type(enum fer_user_type type)
{
	switch (type) {
	case FER_USER_INTEGRATION:
		return FER_ACTOR_INTEGRATION;
	case FER_USER_ADMIN:
		return FER_ACTOR_ADMIN;
	case FER_USER_CUSTOMER:
		return FER_ACTOR_CUSTOMER;
	case FER_USER_GUEST:
		return FER_ACTOR_GUEST;
	}
	return FER_ACTOR_OTHER;
}

const struct fer_actor *fer_call_actor(struct fer_call *call)
{
	struct fer_actor *actor = FER_NEW(call->arena, struct fer_actor);

	actor->type = actor_type(call->caller.type);
	actor->caller = &call->caller;
	actor->id = call->caller.id;
	actor->token = call->caller.token.there ? &call->caller.token.id : NULL;
	actor->source = call->request->source;
	actor->user_agent = call->request->user_agent;
	actor->request_id = fer_str(call->request->id);
	if (call->route)
		actor->route = fer_str_fmt(call->arena, "%.*s %s", FER_F(call->request->method), call->route->path);
	return actor;
}

const struct fer_value *fer_arg(const struct fer_call *call, const char *name)
{
	const struct fer_value *v = fer_get(&call->args, name);

	return fer_is_null(v) ? NULL : v;
}

int64_t fer_arg_int(const struct fer_call *call, const char *name)
{
	return fer_as_int(fer_arg(call, name));
}

struct fer_str fer_arg_str(struct fer_call *call, const char *name)
{
	return fer_as_str(call->arena, fer_arg(call, name));
}

bool fer_arg_bool(const struct fer_call *call, const char *name, bool otherwise)
{
	const struct fer_value *v = fer_arg(call, name);

	return v ? fer_as_bool(v) : otherwise;
}

int fer_answer(struct fer_call *call, struct fer_value value)
{
	call->reply.value = value;
	return 0;
}

int fer_answer_encoded(struct fer_call *call, const char *type, struct fer_str bytes)
{
	call->reply.content_type = type;
	call->reply.encoded = bytes.at ? bytes : FER_S("");
	return 0;
}

int fer_answer_true(struct fer_call *call)
{
	return fer_answer(call, fer_bool(true));
}

int fer_answer_status(struct fer_call *call, int status, struct fer_value value)
{
	call->reply.status = status;
	return fer_answer(call, value);
}

void fer_header(struct fer_call *call, const char *name, const char *value)
{
	for (int i = 0; i < FER_REPLY_HEADERS; i++) {
		if (call->reply.headers[i][0])
			continue;
		call->reply.headers[i][0] = name;
		call->reply.headers[i][1] = value;
		return;
	}
}
