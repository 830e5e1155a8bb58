/*
 * The mail that a sandbox kept instead of sending it: what a test of a customer's way reads.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/auth.h"

#define LIMIT_MAX 1000

static const struct fer_field mailbox_fields[] = {
	FER_FIELD("name",  FER_STRING, NULL, 0, "for people; may be empty"),
	FER_FIELD("email", FER_STRING, NULL, 0, "address"),
};
static const struct fer_entity mailbox = { .name = "ferrite-mailbox", FER_FIELDS(mailbox_fields) };

static const struct fer_field fields[] = {
	FER_FIELD("id",         FER_INT,    NULL, 0, "row id, from 1"),
	FER_FIELD("created_at", FER_STRING, NULL, 0, "UTC, by the sandbox's clock"),
	FER_FIELD("kind",       FER_STRING, NULL, 0, "Magento's name of the template"),
	FER_FIELD("store_id",   FER_INT,    NULL, 0, "store view in whose name it is"),
	FER_FIELD("from",       FER_OBJECT, NULL, 0, "sender", .of = &mailbox),
	FER_FIELD("to",         FER_OBJECT, NULL, 0, "recipient", .of = &mailbox),
	FER_FIELD("subject",    FER_STRING, NULL, 0, "subject"),
	FER_FIELD("body",       FER_STRING, NULL, 0, "text, with its links"),
};
static const struct fer_entity mail = { .name = "ferrite-mail", FER_FIELDS(fields) };

static int list(struct fer_call *call)
{
	int64_t limit = fer_arg_int(call, "limit");
	struct fer_value out;
	int r;

	if (limit < 1 || limit > LIMIT_MAX)
		return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "value", fer_int(limit), "fieldName", fer_text("limit"), NULL);
	r = fer_outbox_list(call->db, fer_auth_keys(call->server->auth), call->arena, fer_arg_str(call, "to"), limit, &out);
	return r ? r : fer_answer(call, out);
}

static int clear_all(struct fer_call *call, void *data)
{
	return fer_outbox_clear(call->db, fer_arg_str(call, "to"), data);
}

static int clear(struct fer_call *call)
{
	struct fer_value out = fer_map();
	int64_t n = 0;
	int r = fer_tx(call, FER_TX_QUIET, clear_all, &n);

	if (r)
		return r;
	fer_set(call->arena, &out, "deleted", fer_int(n));
	return fer_answer(call, out);
}

#define TO { "to", FER_STRING, 0, NULL, "" }
#define MAIL "/ferrite/v1/sandbox/mail", "Ferrite_Sandbox::mail"

static const struct fer_route rows[] = {
	{ FER_GET, MAIL, .run = list, .sandbox = true, .of = &mail, .many = true, FER_PARAMS(TO, { "limit", FER_INT, 0, NULL, "100" }),
	  .summary = "Mail that the sandbox kept, newest first; `to`: of one recipient", .source = FER_OWN },
	{ FER_DELETE, MAIL, .run = clear, .sandbox = true, FER_PARAMS(TO),
	  .summary = "Forget that mail; `to`: of one recipient", .source = FER_OWN },
};

const struct fer_route_table fer_routes_sandbox_mail = FER_ROUTE_TABLE(rows);
