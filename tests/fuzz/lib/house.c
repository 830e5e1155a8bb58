/*
 * One house for all inputs: making one costs half a second. What an input stored is there for the next.
 */
#include "lib/house.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#include "api/pipeline.h"
#include "cli/fixture.h"
#include "core/json.h"
#include "core/log.h"
#include "core/settings.h"

const char *__asan_default_options(void);

/* The keys hold what GnuTLS allocated, in locked pages which the leak check does not read. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define NAME "admin"
#define PASSWORD "correct horse 1"

static const char fixture[] = "{\"users\": [{\"username\": \"" NAME "\", \"password\": \"" PASSWORD "\", \"email\": \"admin@example.com\","
	"\"firstname\": \"Ada\", \"lastname\": \"Admin\", \"role\": \"Administrators\"}], \"customers\": [{\"email\": \"eve@example.com\","
	"\"firstname\": \"Eve\", \"lastname\": \"Guest\", \"password\": \"" PASSWORD "\"}]}";

static int open_house(struct fer_house *house, char why[256])
{
	static struct fer_settings settings;
	struct fer_arena *arena = fer_arena_new(1 << 24);
	struct fer_value value;
	int r = sodium_init() < 0 || fer_json_read(arena, fer_str(fixture), &value) || fer_settings_init(&settings) ? -ENOMEM : 0;

	settings.database = "sqlite::memory:";
	house->sandbox = true;
	if (!r)
		r = fer_house_store(house, &settings, true, why);
	if (!r)
		r = fer_fixture_key(house, NULL, why);
	if (!r)
		r = fer_house_auth(house, &settings, why);
	if (!r)
		r = fer_fixture_load(house, &fer_actor_system, arena, &value, why);
	if (!r)
		r = fer_house_server(house, &settings, why);
	fer_arena_free(arena);
	return r;
}

struct fer_house *fuzz_house(void)
{
	static struct fer_house house;
	char why[256] = "";

	if (!house.server && open_house(&house, why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	return &house;
}

struct fer_str fuzz_admin(void)
{
	static char text[2048];
	struct fer_request request = { .method = FER_S("POST"), .path = FER_S("/rest/V1/integration/admin/token"), .accept = FER_S("*/*"),
	                               .content_type = FER_S("application/json"), .source = FER_S("127.0.0.1"),
	                               .body = FER_S("{\"username\": \"" NAME "\", \"password\": \"" PASSWORD "\"}") };
	struct fer_call *call;

	if (text[0])
		return fer_str(text);
	call = fer_call_new(fuzz_house()->server, &request);
	assert(call);
	fer_call_begin(call);
	fer_call_finish(call);
	assert(call->reply.status == 200 && call->reply.body.len > 2);
	snprintf(text, sizeof(text), "Bearer %.*s", (int)call->reply.body.len - 2, call->reply.body.at + 1);
	fer_call_free(call);
	return fer_str(text);
}

void fuzz_request(struct fer_request *request)
{
	struct fer_call *call = fer_call_new(fuzz_house()->server, request);
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)256 << 20);
	struct fer_value value;

	assert(call);
	fer_call_begin(call);
	fer_call_finish(call);
	assert(call->reply.status >= 200 && call->reply.status < 600);
	if (call->reply.content_type && fer_str_starts(fer_str(call->reply.content_type), "application/json") && call->reply.body.len)
		assert(fer_json_read(arena, call->reply.body, &value) == 0);
	fer_call_free(call);
}
