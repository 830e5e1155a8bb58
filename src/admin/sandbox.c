/*
 * What a sandbox has and a shop must not: a clock that can be moved, so that a test need not wait for a token to expire.
 */
#include "admin/admin.h"
#include "api/server.h"

/* A year each way is enough for any lifetime, and keeps sums of seconds far from their ends. */
#define SHIFT_MAX_S ((int64_t)366 * 86400)

static int show_clock(struct fer_call *call)
{
	struct fer_value out = fer_map();
	int64_t now_s = fer_now_s(&call->server->clock);

	fer_set(call->arena, &out, "now", fer_int(now_s));
	fer_set(call->arena, &out, "shift", fer_int(atomic_load(&call->server->clock.shift_s)));
	return fer_answer(call, out);
}

static int move_clock(struct fer_call *call)
{
	int64_t shift_s = fer_arg_int(call, "shift");

	if (shift_s < -SHIFT_MAX_S || shift_s > SHIFT_MAX_S)
		return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "value", fer_int(shift_s), "fieldName", fer_text("shift"), NULL);
	atomic_store(&call->server->clock.shift_s, shift_s);
	return show_clock(call);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/sandbox/clock", "Ferrite_Sandbox::clock", .run = show_clock, .sandbox = true,
	  .summary = "The sandbox's time", .source = FER_OWN },
	{ FER_PUT, "/ferrite/v1/sandbox/clock", "Ferrite_Sandbox::clock", .run = move_clock, .sandbox = true,
	  FER_PARAMS({ "shift", FER_INT, FER_REQ, NULL, NULL }),
	  .summary = "Move the sandbox's time: seconds before or after the real one", .source = FER_OWN },
};

const struct fer_route_table fer_routes_sandbox = FER_ROUTE_TABLE(rows);
