/*
 * Encoding: JSON or XML, success or one of Magento's error bodies. The only place that turns an errno into an answer.
 */
#include "api/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/failure.h"
#include "api/form.h"
#include "api/route.h"
#include "api/xml.h"
#include "core/json.h"

#define BODY_MAX ((size_t)1 << 30)

static bool positional(const struct fer_value *params)
{
	char first = params->map.n && params->map.members[0].name.len ? params->map.members[0].name.at[0] : 'a';

	return first >= '0' && first <= '9';
}

/* Named parameters are an object, %1 ones a list. */
static struct fer_value shown_params(struct fer_arena *arena, const struct fer_value *params)
{
	struct fer_value list = fer_list();

	if (!positional(params))
		return *params;
	for (uint32_t i = 0; i < params->map.n; i++)
		fer_push(arena, &list, params->map.members[i].value);
	return list;
}

static struct fer_value shown_message(struct fer_arena *arena, const struct fer_fault_item *item)
{
	const struct fer_error_row *row = fer_error_row(item->error);

	return row->form == FER_INTERPOLATED ? fer_string(fer_fault_message(arena, item)) : fer_text(row->message);
}

static struct fer_value one_error(struct fer_arena *arena, const struct fer_fault_item *item)
{
	struct fer_value body = fer_map();

	fer_set(arena, &body, "message", shown_message(arena, item));
	if (fer_error_row(item->error)->form == FER_TEMPLATE && item->params.map.n)
		fer_set(arena, &body, "parameters", shown_params(arena, &item->params));
	return body;
}

static struct fer_value head_message(struct fer_arena *arena, const struct fer_fault *fault)
{
	struct fer_fault_item head = { fault->head, fer_map() };

	if (!fault->head)
		return fer_text(fer_error_row(FER_E_INPUT_EXCEPTIONS)->message);
	fer_set(arena, &head.params, "error", fer_string(fer_fault_message(arena, &fault->items[0])));
	return fer_string(fer_fault_message(arena, &head));
}

/* The first error is the message itself; from the second on a general sentence stands there, and all are listed. */
static struct fer_value error_body(struct fer_arena *arena, const struct fer_fault *fault)
{
	struct fer_value body = fer_map(), errors = fer_list();

	if (fault->n == 1 && !fault->head)
		return one_error(arena, &fault->items[0]);
	for (size_t i = 0; i < fault->n; i++) {
		struct fer_value *item = fer_push(arena, &errors, fer_map());

		fer_set(arena, item, "message", shown_message(arena, &fault->items[i]));
		fer_set(arena, item, "parameters", shown_params(arena, &fault->items[i].params));
	}
	fer_set(arena, &body, "message", head_message(arena, fault));
	fer_set(arena, &body, "errors", errors);
	return body;
}

/* Ours to answer for: the log has the report id that the client sees. */
static void internal_error(struct fer_call *call, int r)
{
	unsigned char random[7];
	struct fer_str report;

	randombytes_buf(random, sizeof(random));
	report = fer_str_take(fer_hex(call->arena, random, sizeof(random)), 13);
	fer_failure_log(call, r, fer_str_z(call->arena, report));
	call->fault = (struct fer_fault){ 0 };
	if (r == -EBUSY || r == -ENOMEM)
		fer_fail(call, FER_E_BUSY, NULL);
	else
		fer_fail(call, FER_E_INTERNAL, "report", fer_string(report), NULL);
}

static void page(struct fer_call *call, const struct fer_error_row *row)
{
	struct fer_str rest = fer_str(row->message), type = FER_STR_NONE;

	fer_str_cut(&rest, '\n', &type);
	call->reply.content_type = fer_str_z(call->arena, type);
	call->reply.body = rest;
}

static void encode_value(struct fer_call *call, const struct fer_value *v)
{
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, BODY_MAX);
	if (call->wants_xml)
		fer_xml_write(call->arena, &buf, v);
	else
		fer_json_write(&buf, v);
	call->reply.content_type = call->wants_xml ? "application/xml; charset=utf-8" : "application/json; charset=utf-8";
	call->reply.body = fer_buf_view(&buf);
}

static void encode_fault(struct fer_call *call)
{
	const struct fer_error_row *row = fer_error_row(call->fault.head ? call->fault.head : call->fault.items[0].error);
	struct fer_value body;

	call->reply.status = row->status;
	if (row->form == FER_PAGE) {
		page(call, row);
		return;
	}
	if (call->route && call->route->form_answer) {
		fer_form_fault(call);
		return;
	}
	body = error_body(call->arena, &call->fault);
	encode_value(call, &body);
}

static void encode_answer(struct fer_call *call)
{
	const struct fer_value *fields = fer_get(&call->params, "fields");
	struct fer_value filtered;

	call->reply.status = call->reply.status ? call->reply.status : 200;
	if (call->reply.encoded.at) {
		if (!call->reply.content_type)
			call->reply.content_type = "application/json; charset=utf-8";
		call->reply.body = call->reply.encoded;
		return;
	}
	if (call->route && call->route->form_answer) {
		fer_form_answer(call, &call->reply.value);
		return;
	}
	filtered = call->reply.value;
	if (filtered.kind == FER_V_NULL)
		filtered = fer_list();
	if (fields && fields->kind == FER_V_STRING)
		filtered = fer_fields_apply(call, fields->text, &filtered);
	encode_value(call, &filtered);
	call->reply.may_share = call->route && call->route->cached && !call->wants_xml;
}

void fer_reply_encode(struct fer_call *call, int r)
{
	if (r > 0 && !call->fault.n)
		r = -EPROTO;
	if (r < 0)
		internal_error(call, r);
	if (r)
		encode_fault(call);
	else
		encode_answer(call);
	call->replied = true;
}
