/*
 * /ferrite/v1/config as a whole: the document of an environment, and making it like another's. What a command line elsewhere needs to compare
 * and to bring over; auth/config_plan.h has the rules.
 */
#include <errno.h>

#include "admin/admin.h"
#include "api/server.h"
#include "auth/auth.h"
#include "auth/config_plan.h"
#include "auth/config_secret.h"
#include "auth/shop_config.h"
#include "store/config_path.h"

#define DIGESTS_MAX 1000

/* -- export ------------------------------------------------------------------------------------------------------ */

static int cover_of(struct fer_call *call, struct fer_config_cover *out)
{
	struct fer_config_place place;
	int r;

	*out = (struct fer_config_cover){ fer_arg_str(call, "scope"), fer_arg_str(call, "prefix"), fer_arg_bool(call, "shared", false) };
	if (!out->scope.len)
		return 0;
	if ((r = fer_shop_config_place(call->server->auth, call->arena, out->scope, &place, &call->fault)))
		return r;
	out->scope = place.text;
	return 0;
}

static int export(struct fer_call *call)
{
	struct fer_config_document document;
	struct fer_config_cover cover;
	struct fer_str text;
	int r;

	if ((r = cover_of(call, &cover)) ||
	    (r = fer_config_document_read(call->db, fer_auth_keys(call->server->auth), call->arena, &cover, FER_STR_NONE, &document)) ||
	    (r = fer_config_document_text(call->arena, &document, &text)))
		return r;
	return fer_answer_encoded(call, NULL, text);
}

/* -- import ------------------------------------------------------------------------------------------------------ */

static void take_back(struct fer_call *call, struct fer_value *json, const char *name, const char *param)
{
	const struct fer_value *value = fer_arg(call, param);

	if (value)
		fer_set(call->arena, json, name, *value);
}

/* The members of the body are the route's parameters. */
static int document_of(struct fer_call *call, struct fer_config_document *out)
{
	struct fer_value json = fer_map();
	char *why = fer_alloc(call->arena, 256);
	int r;

	take_back(call, &json, "ferrite_config", "ferriteConfig");
	take_back(call, &json, "key", "key");
	take_back(call, &json, "scope", "scope");
	take_back(call, &json, "prefix", "prefix");
	take_back(call, &json, "shared", "shared");
	take_back(call, &json, "system", "system");
	r = fer_config_document_of(call->arena, &json, out, why);
	return r == -EINVAL ? fer_fail(call, FER_E_CONFIG_DOCUMENT, "1", fer_text(why), NULL) : r;
}

static int import(struct fer_call *call)
{
	struct fer_config_document document;
	struct fer_config_plan plan;
	const struct fer_config_import what = {
		.document = &document, .unknown = fer_str_is(fer_arg_str(call, "unknown"), "allow"),
		.secrets = fer_arg_bool(call, "secrets", false), .keep = fer_arg_bool(call, "keep", false), .dry = fer_arg_bool(call, "dryRun", false),
	};
	struct fer_value out = fer_map();
	int r;

	if ((r = document_of(call, &document)) ||
	    (r = fer_config_import(call->server->auth, fer_call_actor(call), call->arena, &what, &call->fault, &plan)))
		return r;
	fer_set(call->arena, &out, "applied", fer_bool(!what.dry));
	fer_set(call->arena, &out, "changes", fer_config_plan_show(call->arena, &plan));
	return fer_answer(call, out);
}

/* -- comparing secrets ------------------------------------------------------------------------------------------- */

static int bad_digests(struct fer_call *call)
{
	return fer_fail(call, FER_E_CONFIG_DIGESTS, NULL);
}

/* One digest of another environment, brought to our key, too. Each place once: a request is one guess. */
static int bring_one(struct fer_call *call, const struct fer_value *in, struct fer_value *seen, struct fer_value *list)
{
	struct fer_str scope = fer_map_str(call->arena, in, "scope"), path = fer_map_str(call->arena, in, "path"), digest;
	struct fer_str place = fer_str_fmt(call->arena, "%.*s\n%.*s", FER_F(scope), FER_F(path));
	struct fer_value out = fer_map();
	int r;

	if (in->kind != FER_V_MAP || !fer_config_path_shape(path) || fer_get_str(seen, place))
		return bad_digests(call);
	r = fer_config_digest_again(fer_auth_keys(call->server->auth), call->arena, scope, path, fer_map_str(call->arena, in, "digest"), &digest);
	if (r)
		return r == -EINVAL ? bad_digests(call) : r;
	fer_append(call->arena, seen, place, fer_null());
	fer_set(call->arena, &out, "scope", fer_string(scope));
	fer_set(call->arena, &out, "path", fer_string(path));
	fer_set(call->arena, &out, "digest", fer_string(digest));
	fer_push(call->arena, list, out);
	return 0;
}

static int compare(struct fer_call *call)
{
	const struct fer_value *in = fer_arg(call, "digests");
	struct fer_value out = fer_map(), list = fer_list(), seen = fer_map();
	int r = 0;

	if (in->kind != FER_V_LIST || fer_count(in) > DIGESTS_MAX)
		return bad_digests(call);
	for (size_t i = 0; i < fer_count(in) && !r; i++)
		r = bring_one(call, fer_at(in, i), &seen, &list);
	if (r || (r = fer_audit_note(fer_auth_audit(call->server->auth),
	                             &(struct fer_audit_event){ .name = FER_AUDIT_CONFIG_COMPARE, .actor = fer_call_actor(call) })))
		return r;
	fer_set(call->arena, &out, "digests", list);
	return fer_answer(call, out);
}

#define TEXT(name) { name, FER_STRING, 0, NULL, NULL }
#define YES(name) { name, FER_BOOL, 0, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/ferrite/v1/config", "Ferrite_Config::read", .run = export, FER_PARAMS(TEXT("scope"), TEXT("prefix"), YES("shared")),
	  .summary = "The configuration as a document; of secrets a digest", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/config/import", "Ferrite_Config::write", .run = import, .lends = true,
	  FER_PARAMS({ "ferriteConfig", FER_INT, FER_REQ, NULL, NULL }, { "system", FER_MIXED, FER_REQ, NULL, NULL },
	             { "key", FER_MIXED, 0, NULL, NULL }, { "scope", FER_MIXED, 0, NULL, NULL }, { "prefix", FER_MIXED, 0, NULL, NULL },
	             YES("shared"), YES("dryRun"), YES("keep"), YES("secrets"), TEXT("unknown")),
	  .summary = "Make the configuration like a document, in one transaction; or say what that would change", .source = FER_OWN },
	{ FER_POST, "/ferrite/v1/config/compare", "Ferrite_Config::read", .run = compare, .lends = true, .limit = FER_LIMIT_RECOVERY,
	  FER_PARAMS({ "digests", FER_MIXED, FER_REQ, NULL, NULL }),
	  .summary = "Bring digests of another environment's secrets to this one's key, so that equal secrets show and nothing else does",
	  .source = FER_OWN },
};

const struct fer_route_table fer_routes_config_sync = FER_ROUTE_TABLE(rows);
