/*
 * plan URL TARGET …: how the engine reads products to answer each target ("/rest/all/V1/products?…"), for tests. The database is asked to
 * explain every statement about products with the very values it runs with; a line of JSON each: {"target", "sql", "plan": [rows]}.
 * TOKEN in the environment is the bearer token. It wraps the driver (plan_driver.c): no server has such a door.
 */
#include <assert.h>
#include <sodium.h>

#include "plan.h"

#include "api/pipeline.h"
#include "cli/house.h"
#include "core/settings.h"

static int ask(struct fer_server *server, const char *token)
{
	struct fer_str rest = fer_str(plan_target), path;
	struct fer_request request = { .method = FER_S("GET"), .accept = FER_S("application/json"), .source = FER_S("127.0.0.1") };
	struct fer_call *call;
	char bearer[4096];
	int status;

	snprintf(bearer, sizeof(bearer), "Bearer %s", token);
	fer_str_cut(&rest, '?', &path);
	request.authorization = fer_str(bearer);
	request.path = path;
	request.query = rest.at ? rest : FER_S("");
	call = fer_call_new(server, &request);
	assert(call);
	fer_call_begin(call);
	fer_call_finish(call);
	status = call->reply.status;
	if (status != 200)
		fprintf(stderr, "%s: %d %.*s\n", plan_target, status, FER_F(call->reply.body));
	fer_call_free(call);
	return status != 200;
}

int main(int argc, char **argv)
{
	static struct fer_settings settings;
	struct fer_house house = { 0 };
	const char *token = getenv("TOKEN");
	char why[256] = "";
	int r = sodium_init() < 0 || argc < 2 || !token || fer_settings_init(&settings);

	settings.database = argc > 1 ? argv[1] : "";
	if (r || fer_house_store(&house, &settings, false, why) || fer_house_auth(&house, &settings, why) || fer_house_server(&house, &settings, why)) {
		fprintf(stderr, "plan: %s\n", why);
		return 1;
	}
	plan_wrap(house.store);
	for (int i = 2; i < argc; i++) {
		plan_target = argv[i];
		r |= ask(house.server, token);
	}
	fer_house_close(&house);
	return r;
}
