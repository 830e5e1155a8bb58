/*
 * The crypt keys: which there are, the next one, rotating, killing. Key bytes never come this far.
 */
#include "admin/admin.h"
#include "api/server.h"
#include "auth/key_store.h"

#define RETIRE_MAX_MIN ((int64_t)366 * 24 * 60)

static int list_keys(struct fer_call *call)
{
	struct fer_value out;
	int r = fer_key_list(call->server->auth, call->arena, call->now_s, &out);

	return r ? r : fer_answer(call, out);
}

static int make_next(struct fer_call *call)
{
	struct fer_value out = fer_map();
	struct fer_str kid;
	int r = fer_key_next(call->server->auth, fer_call_actor(call), call->arena, call->now_s, &call->fault, &kid);

	if (r)
		return r;
	fer_set(call->arena, &out, "kid", fer_string(kid));
	fer_set(call->arena, &out, "state", fer_text("next"));
	return fer_answer_status(call, 201, out);
}

static int rotate(struct fer_call *call)
{
	const struct fer_value *minutes = fer_arg(call, "retireAfter");
	struct fer_key_rotation rotation = { .compromised = fer_arg_bool(call, "compromised", false), .retire_after_s = -1 };
	struct fer_value out;
	int r;

	if (minutes && (fer_as_int(minutes) < 0 || fer_as_int(minutes) > RETIRE_MAX_MIN))
		return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "value", *minutes, "fieldName", fer_text("retireAfter"), NULL);
	if (minutes)
		rotation.retire_after_s = 60 * fer_as_int(minutes);
	if ((r = fer_key_rotate(call->server->auth, fer_call_actor(call), call->arena, call->now_s, &rotation, &call->fault)))
		return r;
	out = fer_key_rotated(call->arena, &rotation);
	return fer_answer(call, out);
}

static int kill_key(struct fer_call *call)
{
	int r = fer_key_kill(call->server->auth, fer_call_actor(call), call->arena, fer_arg_str(call, "kid"), &call->fault);

	return r ? r : fer_answer_true(call);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/keys", "Ferrite_Key::list", .run = list_keys, .lends = true,
	  .summary = "The crypt keys: name, state, until when each verifies", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/keys/next", "Ferrite_Key::rotate", .run = make_next, .lends = true,
	  .summary = "Make the key that the next rotation takes", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/keys/rotate", "Ferrite_Key::rotate", .run = rotate, .lends = true,
	  FER_PARAMS({ "compromised", FER_BOOL, 0, NULL, NULL }, { "retireAfter", FER_INT, 0, NULL, NULL }),
	  .summary = "Use the next key; the old one verifies so many minutes more, or dies at once when it is compromised", .source = FER_OWN },
	{ FER_DELETE, "/ferrite/v1/keys/:kid", "Ferrite_Key::kill", .run = kill_key, .lends = true,
	  FER_PARAMS({ "kid", FER_STRING, FER_REQ, NULL, NULL }),
	  .summary = "Kill a key that is not in use: it verifies nothing any more", .source = FER_OWN },
};

const struct fer_route_table fer_routes_key = FER_ROUTE_TABLE(rows);
