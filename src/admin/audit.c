/*
 * /ferrite/v1/audit: the audit log over HTTP, for whoever watches a shop from elsewhere. Reading it is a right of its own.
 */
#include <errno.h>

#include "admin/admin.h"
#include "api/server.h"
#include "auth/audit_read.h"
#include "auth/auth.h"

#define LIST_SIZE 50
#define LIST_MAX 1000
#define EXPORT_MAX 10000        /* rows of one answer; the cursor leads on */
#define EXPORT_BYTES (48u << 20)

static struct fer_audit *audit_of(const struct fer_call *call)
{
	return fer_auth_audit(call->server->auth);
}

/* -- the filter --------------------------------------------------------------------------------------------------- */

static int bad_value(struct fer_call *call, const char *name)
{
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "value", fer_string(fer_arg_str(call, name)), "fieldName", fer_text(name), NULL);
}

static int read_time(struct fer_call *call, const char *name, int64_t *us)
{
	struct fer_str text = fer_arg_str(call, name);

	return text.len && !fer_audit_time(text, call->now_s, us) ? bad_value(call, name) : 0;
}

static int64_t limit_of(struct fer_call *call, int64_t otherwise, int64_t most)
{
	int64_t n = fer_arg(call, "limit") ? fer_arg_int(call, "limit") : otherwise;

	return n < 1 ? 1 : n > most ? most : n;
}

static int read_filter(struct fer_call *call, struct fer_audit_filter *out)
{
	const struct { const char *name; struct fer_str *text; } texts[] = {
		{ "event", &out->event }, { "outcome", &out->outcome }, { "actor", &out->actor }, { "target", &out->target },
		{ "source", &out->source }, { "requestId", &out->request_id }, { "node", &out->node }, { "after", &out->after },
	};
	int r;

	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++)
		*texts[i].text = fer_arg_str(call, texts[i].name);
	if ((r = read_time(call, "since", &out->since_us)))
		return r;
	return read_time(call, "until", &out->until_us);
}

/* The cursor is the only thing a walk can have against its filter. */
static int walk(struct fer_call *call, const struct fer_audit_filter *filter, int (*fn)(const struct fer_audit_row *row, void *data),
                void *data, struct fer_str *cursor)
{
	int r = fer_audit_each(call->server->store, call->arena, filter, fn, data, cursor);

	return r == -EINVAL ? bad_value(call, "after") : r;
}

/* -- list --------------------------------------------------------------------------------------------------------- */

struct listing {
	struct fer_arena *arena;
	struct fer_value items;
};

static int keep_row(const struct fer_audit_row *row, void *data)
{
	struct listing *listing = data;

	fer_push(listing->arena, &listing->items, fer_audit_value(listing->arena, row, true));
	return fer_arena_broken(listing->arena) ? -ENOMEM : 0;
}

static int list(struct fer_call *call)
{
	struct fer_audit_filter filter = { .newest_first = true, .limit = limit_of(call, LIST_SIZE, LIST_MAX) };
	struct listing listing = { call->arena, fer_list() };
	struct fer_value out = fer_map();
	struct fer_str cursor;
	bool more;
	int r;

	if ((r = read_filter(call, &filter)) || (r = walk(call, &filter, keep_row, &listing, &cursor)))
		return r;
	more = (int64_t)fer_count(&listing.items) == filter.limit;
	fer_set(call->arena, &out, "items", listing.items);
	fer_set(call->arena, &out, "next", more ? fer_string(cursor) : fer_null());
	return fer_answer(call, out);
}

/* -- export ------------------------------------------------------------------------------------------------------- */

static const struct format {
	const char *name, *type;
	void (*put)(struct fer_buf *out, const struct fer_audit_row *row);
} formats[] = {
	{ "jsonl", "application/jsonl; charset=utf-8", fer_audit_json },
	{ "syslog", "text/plain; charset=utf-8", fer_audit_syslog },
};

struct exporting {
	const struct format *format;
	struct fer_buf text;
};

static int export_row(const struct fer_audit_row *row, void *data)
{
	struct exporting *e = data;

	e->format->put(&e->text, row);
	return e->text.overflow ? -ENOMEM : 0;
}

static const struct format *format_of(struct fer_call *call)
{
	struct fer_str name = fer_arg_str(call, "format");

	for (size_t i = 0; i < FER_ARRAY_LEN(formats); i++)
		if (name.len ? fer_str_is(name, formats[i].name) : i == 0)
			return &formats[i];
	return NULL;
}

/* Whoever takes the log away is in it. */
static int note_export(struct fer_call *call)
{
	return fer_audit_note(audit_of(call), &(struct fer_audit_event){ .name = FER_AUDIT_LOG_EXPORT, .actor = fer_call_actor(call) });
}

static int export(struct fer_call *call)
{
	struct fer_audit_filter filter = { .limit = limit_of(call, EXPORT_MAX, EXPORT_MAX) };
	struct exporting exporting = { .format = format_of(call) };
	struct fer_str cursor;
	int r;

	if (!exporting.format)
		return bad_value(call, "format");
	fer_buf_init(&exporting.text, call->arena, EXPORT_BYTES);
	if ((r = read_filter(call, &filter)) || (r = note_export(call)) || (r = walk(call, &filter, export_row, &exporting, &cursor)))
		return r;
	if (cursor.len)
		fer_header(call, "X-Next-After", fer_str_z(call->arena, cursor));
	return fer_answer_encoded(call, exporting.format->type, fer_buf_view(&exporting.text));
}

/* -- verify, checkpoints, keys ------------------------------------------------------------------------------------ */

static int verify(struct fer_call *call)
{
	struct fer_audit_report report;
	struct fer_value kept, out = fer_map();
	size_t line;
	int r;

	if (fer_audit_checkpoint_read(call->arena, fer_arg_str(call, "checkpoints"), &kept, &line))
		return bad_value(call, "checkpoints");
	if ((r = fer_audit_verify(audit_of(call), call->arena, &kept, &report)))
		return r;
	fer_set(call->arena, &out, "whole", fer_bool(report.n_findings == 0));
	fer_set(call->arena, &out, "rows", fer_int(report.n_rows));
	fer_set(call->arena, &out, "checkpoints", fer_int(report.n_checkpoints));
	fer_set(call->arena, &out, "findings", report.findings);
	fer_set(call->arena, &out, "n_findings", fer_int(report.n_findings));
	fer_set(call->arena, &out, "nodes", report.nodes);
	return fer_answer(call, out);
}

static int checkpoints(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_audit_checkpoints(audit_of(call), call->arena, limit_of(call, LIST_SIZE, LIST_MAX), &out);

	return r ? r : fer_answer(call, out);
}

static int checkpoint(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_audit_checkpoint(audit_of(call), fer_call_actor(call), call->arena, &out);

	return r ? r : fer_answer(call, out);
}

static int keys(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_audit_keys(audit_of(call), call->arena, &out);

	return r ? r : fer_answer(call, out);
}

/* -- routes ------------------------------------------------------------------------------------------------------ */

#define TEXT(name) { name, FER_STRING, 0, NULL, NULL }
#define FILTER TEXT("since"), TEXT("until"), TEXT("event"), TEXT("outcome"), TEXT("actor"), TEXT("target"), TEXT("source"), \
	TEXT("requestId"), TEXT("node"), TEXT("after"), { "limit", FER_INT, 0, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/audit", "Ferrite_Audit::read", .run = list, .lends = true, FER_PARAMS(FILTER),
	  .summary = "Rows of the audit log, newest first; next continues as after", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/audit/export", "Ferrite_Audit::read", .run = export, .lends = true, FER_PARAMS(FILTER, TEXT("format")),
	  .returns = FER_STRING, .summary = "Rows of the audit log, oldest first, as JSON lines or RFC 5424 syslog; X-Next-After continues as after",
	  .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/audit/verify", "Ferrite_Audit::verify", .run = verify, .lends = true,
	  .summary = "Whether every chain of the audit log is whole, and what is wrong", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/audit/verify", "Ferrite_Audit::verify", .run = verify, .lends = true,
	  FER_PARAMS({ "checkpoints", FER_STRING, FER_REQ, NULL, NULL }),
	  .summary = "The same beside checkpoints that were kept elsewhere, one JSON line each", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/audit/checkpoints", "Ferrite_Audit::read", .run = checkpoints, .lends = true,
	  FER_PARAMS({ "limit", FER_INT, 0, NULL, NULL }), .summary = "Checkpoints, newest first", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/audit/checkpoints", "Ferrite_Audit::checkpoint", .run = checkpoint, .lends = true,
	  .summary = "Sign where every chain ends now", .source = FER_OWN },
	{ FER_GET, "/ferrite/v1/audit/keys", "Ferrite_Audit::read", .run = keys, .lends = true,
	  .summary = "The public keys that sign the audit log", .source = FER_OWN },
};

const struct fer_route_table fer_routes_audit = FER_ROUTE_TABLE(rows);
