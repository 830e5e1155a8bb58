/*
 * /ferrite/v1/config: one value of the shop's configuration, or those of a section, at a scope. Secrets are never shown.
 */
#include <errno.h>

#include "admin/admin.h"
#include "api/server.h"
#include "auth/shop_config.h"
#include "store/config_path.h"

#define PAGE_SIZE 100
#define PAGE_MAX 1000

static int place_of(struct fer_call *call, struct fer_config_place *out)
{
	return fer_shop_config_place(call->server->auth, call->arena, fer_arg_str(call, "scope"), out, &call->fault);
}

/* -- one value --------------------------------------------------------------------------------------------------- */

static struct fer_value show(struct fer_call *call, const struct fer_config_place *place, struct fer_str path,
                             const struct fer_config_found *found)
{
	unsigned traits = fer_config_traits(path);
	bool tells = fer_config_tells(path, found->value), own = found->from.at && fer_str_eq(found->from, place->text);
	struct fer_value out = fer_map();

	fer_set(call->arena, &out, "path", fer_string(path));
	fer_set(call->arena, &out, "scope", fer_string(place->text));
	fer_set(call->arena, &out, "value", tells && found->value.at ? fer_string(found->value) : fer_null());
	fer_set(call->arena, &out, "from", found->from.at ? fer_string(found->from) : fer_null());
	fer_set(call->arena, &out, "inherited", fer_bool(found->from.at && !own));
	fer_set(call->arena, &out, "set", fer_bool(found->value.len > 0));
	fer_set(call->arena, &out, "secret", fer_bool(!tells || traits & (FER_CONFIG_SECRET | FER_CONFIG_HIDDEN)));
	fer_set(call->arena, &out, "known", fer_bool(traits & FER_CONFIG_KNOWN));
	return out;
}

static int answer_one(struct fer_call *call, const struct fer_config_place *place, struct fer_str path)
{
	struct fer_config_found found;
	struct fer_str tag;
	int r;

	if ((r = fer_config_find(call->server->store, call->arena, place, path, &found)))
		return r;
	if (!found.from.at && !(fer_config_traits(path) & FER_CONFIG_KNOWN))
		return fer_fail(call, FER_E_CONFIG_NO_PATH, "1", fer_string(path), NULL);
	if ((r = fer_shop_config_tag(call->server->auth, call->arena, place, path, &found, &tag)))
		return r;
	fer_header(call, "ETag", fer_str_z(call->arena, tag));
	return fer_answer(call, show(call, place, path, &found));
}

/* -- a section or a group ---------------------------------------------------------------------------------------- */

/* Paths below "web" or "web/unsecure" that have a value anywhere, each once. */
static int paths_below(struct fer_call *call, struct fer_str part, struct fer_str **out, size_t *n)
{
	struct fer_str prefix = fer_str_fmt(call->arena, "%.*s/", FER_F(part));
	struct fer_config_row *rows;
	size_t n_rows;
	int r = fer_config_list(call->server->store, call->arena, prefix, true, &rows, &n_rows);

	*n = 0;
	if (r)
		return r;
	*out = FER_NEW_ARRAY(call->arena, n_rows + 1, struct fer_str);
	for (size_t i = 0; i < n_rows; i++)
		if (!*n || !fer_str_eq((*out)[*n - 1], rows[i].path))
			(*out)[(*n)++] = rows[i].path;
	return 0;
}

static int64_t in_range(struct fer_call *call, const char *name, int64_t otherwise, int64_t most)
{
	int64_t n = fer_arg(call, name) ? fer_arg_int(call, name) : otherwise;

	return n < 1 ? 1 : n > most ? most : n;
}

static int show_page(struct fer_call *call, const struct fer_config_place *place, const struct fer_str *paths, size_t from, size_t to,
                     struct fer_value *items)
{
	struct fer_config_found found;
	int r = 0;

	*items = fer_list();
	for (size_t i = from; i < to && !r; i++) {
		r = fer_config_find(call->server->store, call->arena, place, paths[i], &found);
		if (!r)
			fer_push(call->arena, items, show(call, place, paths[i], &found));
	}
	return r;
}

static int list(struct fer_call *call, const struct fer_config_place *place, struct fer_str part)
{
	int64_t size = in_range(call, "pageSize", PAGE_SIZE, PAGE_MAX), page = in_range(call, "currentPage", 1, INT32_MAX);
	struct fer_value out = fer_map(), items;
	struct fer_str *paths;
	size_t n, from, to;
	int r;

	if ((r = paths_below(call, part, &paths, &n)))
		return r;
	if (!n)
		return fer_fail(call, FER_E_CONFIG_NO_PATH, "1", fer_string(part), NULL);
	from = (size_t)((page - 1) * size) < n ? (size_t)((page - 1) * size) : n;
	to = n - from > (size_t)size ? from + (size_t)size : n;
	if ((r = show_page(call, place, paths, from, to, &items)))
		return r;
	fer_set(call->arena, &out, "items", items);
	fer_set(call->arena, &out, "total_count", fer_int((int64_t)n));
	fer_set(call->arena, &out, "page_size", fer_int(size));
	fer_set(call->arena, &out, "current_page", fer_int(page));
	return fer_answer(call, out);
}

/* -- handlers ---------------------------------------------------------------------------------------------------- */

static int get(struct fer_call *call)
{
	struct fer_str path = fer_arg_str(call, "path");
	struct fer_config_place place;
	int r = place_of(call, &place);

	if (r)
		return r;
	return fer_config_path_shape(path) ? answer_one(call, &place, path) : list(call, &place, path);
}

/* Texts, numbers and truths, as Magento stores them. */
static int value_of(struct fer_call *call, struct fer_str *out)
{
	const struct fer_value *value = fer_arg(call, "value");

	if (!value || !fer_is_scalar(value))
		return fer_fail(call, FER_E_CONFIG_TEXT, NULL);
	*out = value->kind == FER_V_BOOL ? value->truth ? FER_S("1") : FER_S("0") : fer_as_str(call->arena, value);
	if (!out->at)
		*out = FER_S("");
	return 0;
}

static int want_of(struct fer_call *call, struct fer_shop_config_want *out)
{
	*out = (struct fer_shop_config_want){ .path = fer_arg_str(call, "path"), .match = call->request->if_match,
	                                      .unknown = fer_str_is(fer_arg_str(call, "unknown"), "allow") };
	return place_of(call, &out->place);
}

static int put(struct fer_call *call)
{
	struct fer_shop_config_want want;
	int r;

	if ((r = want_of(call, &want)) || (r = value_of(call, &want.value)) ||
	    (r = fer_shop_config_change(call->server->auth, fer_call_actor(call), call->arena, &want, &call->fault)))
		return r;
	return answer_one(call, &want.place, want.path);
}

static int delete(struct fer_call *call)
{
	struct fer_shop_config_want want;
	int r;

	if ((r = want_of(call, &want)) ||
	    (r = fer_shop_config_remove(call->server->auth, fer_call_actor(call), call->arena, &want, &call->fault)))
		return r;
	return fer_answer_true(call);
}

#define PATH { "path", FER_STRING, FER_REQ, NULL, NULL }
#define SCOPE { "scope", FER_STRING, 0, NULL, NULL }
#define ROUTE(method, acl, handler) method, "/ferrite/v1/config/:path*", acl, .run = handler, .lends = true, .source = FER_OWN

static const struct fer_route rows[] = {
	{ ROUTE(FER_GET, "Ferrite_Config::read", get),
	  FER_PARAMS(PATH, SCOPE, { "pageSize", FER_INT, 0, NULL, NULL }, { "currentPage", FER_INT, 0, NULL, NULL }),
	  .summary = "What a configuration path says at a scope, and which scope that is from; or all paths of a section or group" },
	{ ROUTE(FER_PUT, "Ferrite_Config::write", put),
	  FER_PARAMS(PATH, SCOPE, { "value", FER_MIXED, FER_REQ, NULL, NULL }, { "unknown", FER_STRING, 0, NULL, NULL }),
	  .summary = "Set a configuration path at a scope" },
	{ ROUTE(FER_DELETE, "Ferrite_Config::write", delete), FER_PARAMS(PATH, SCOPE),
	  .summary = "Take a value back, so that the next wider scope counts again" },
};

const struct fer_route_table fer_routes_config = FER_ROUTE_TABLE(rows);
