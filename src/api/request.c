/*
 * Query strings, content types and bodies. Bytes from outside end here: what leaves is a tree with limits kept.
 */
#include "api/request.h"

#include <errno.h>
#include <string.h>

#include "api/entity.h"
#include "api/route.h"
#include "api/xml.h"
#include "core/json.h"

/* -- query ------------------------------------------------------------------------------------------------------- */

/* The next index of a PHP array: one more than its largest integer key. */
static struct fer_str next_index(struct fer_arena *arena, const struct fer_value *map)
{
	int64_t next = 0, n;

	for (uint32_t i = 0; i < map->map.n; i++)
		if (fer_str_int(map->map.members[i].name, &n) && n >= next && n < INT64_MAX)
			next = n + 1;
	return fer_str_fmt(arena, "%lld", (long long)next);
}

/* The member @name of @at as a map to go down into. */
static struct fer_value *descend(struct fer_arena *arena, struct fer_value *at, struct fer_str name)
{
	struct fer_value *child = fer_get_str(at, name);

	if (!child || child->kind != FER_V_MAP)
		child = fer_set_str(arena, at, name, fer_map());
	return child;
}

/* "a[b][]" = value. PHP: blanks and dots of the first name become '_'; text behind the last bracket is dropped. */
static void put_variable(struct fer_arena *arena, struct fer_value *out, struct fer_str name, struct fer_value value)
{
	ptrdiff_t open = fer_str_find(name, '[');
	struct fer_str rest = open > 0 ? fer_str_skip(name, (size_t)open) : FER_STR_NONE;
	char *first = (char *)fer_str_z(arena, open > 0 ? fer_str_take(name, (size_t)open) : name);
	struct fer_value *at = out;
	struct fer_str key = fer_str(first);

	for (size_t i = 0; i < key.len; i++)
		if (first[i] == ' ' || first[i] == '.' || first[i] == '[')
			first[i] = '_';
	for (int depth = 0; rest.len && rest.at[0] == '[' && depth < FER_QUERY_DEPTH; depth++) {
		ptrdiff_t end = fer_str_find(rest, ']');

		if (end < 0)
			break;
		at = descend(arena, at, key);
		key = fer_str_take(fer_str_skip(rest, 1), (size_t)end - 1);
		if (!key.len)
			key = next_index(arena, at);
		rest = fer_str_skip(rest, (size_t)end + 1);
	}
	fer_set_str(arena, at, key, value);
}

void fer_query_params(struct fer_arena *arena, struct fer_str query, struct fer_value *out)
{
	struct fer_str rest = query, pair;

	*out = fer_map();
	for (int n = 0; n < FER_QUERY_VARS && fer_str_cut(&rest, '&', &pair); n++) {
		ptrdiff_t mark = fer_str_find(pair, '=');
		struct fer_str name = mark < 0 ? pair : fer_str_take(pair, (size_t)mark);
		struct fer_str value = mark < 0 ? FER_S("") : fer_str_skip(pair, (size_t)mark + 1);

		name = fer_url_decode(arena, name, true);
		while (name.len && name.at[0] == ' ')
			name = fer_str_skip(name, 1);
		if (name.len && name.at[0] != '\0')
			put_variable(arena, out, name, fer_string(fer_url_decode(arena, value, true)));
	}
}

/* -- content type ------------------------------------------------------------------------------------------------ */

enum body_type { BODY_JSON, BODY_XML, BODY_FORM };

static const struct { const char *name; enum body_type type; } body_types[] = {
	{ "application/json", BODY_JSON },      { "application/xml", BODY_XML },
	{ "application/xhtml+xml", BODY_XML },  { "text/xml", BODY_XML },
	/* PHP swallows a multipart body before Magento sees it: no parameters at all. */
	{ "multipart/form-data", BODY_FORM },
};

static bool all_of(struct fer_str s, const char *extra)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !strchr(extra, c))
			return false;
	}
	return s.len > 0;
}

/* "; charset=utf-8" behind the type: the only parameter there may be; an empty one is ignored. */
static int check_charset(struct fer_call *call, struct fer_str parameter)
{
	struct fer_str p = fer_str_trim(parameter);

	if (!p.len)
		return 0;
	if (!fer_str_starts(p, "charset="))
		return fer_fail(call, FER_E_CONTENT_TYPE_INVALID, NULL);
	p = fer_str_skip(p, 8);
	if (p.len > 1 && p.at[0] == '"' && p.at[p.len - 1] == '"')
		p = fer_str_take(fer_str_skip(p, 1), p.len - 2);
	if (!all_of(p, "-_"))
		return fer_fail(call, FER_E_CONTENT_TYPE_INVALID, NULL);
	if (!fer_str_ieq(p, FER_S("utf-8")))
		return fer_fail(call, FER_E_CONTENT_TYPE_CHARSET, NULL);
	return 0;
}

static int body_type(struct fer_call *call, enum body_type *out)
{
	struct fer_str rest = call->request->content_type, type = FER_STR_NONE;
	int r;

	if (!rest.len)
		return fer_fail(call, FER_E_CONTENT_TYPE_EMPTY, NULL);
	fer_str_cut(&rest, ';', &type);
	type = fer_str_trim(type);
	if (fer_str_is(type, "multipart/form-data")) {
		*out = BODY_FORM;
		return 0;
	}
	if (!all_of(type, "/-+.*_"))
		return fer_fail(call, FER_E_CONTENT_TYPE_INVALID, NULL);
	if ((r = check_charset(call, rest)))
		return r;
	for (size_t i = 0; i < FER_ARRAY_LEN(body_types); i++) {
		if (fer_str_is(type, body_types[i].name)) {
			*out = body_types[i].type;
			return 0;
		}
	}
	return fer_fail(call, FER_E_CONTENT_TYPE_UNKNOWN, "type", fer_string(type), NULL);
}

/* -- body -------------------------------------------------------------------------------------------------------- */

/* PHP's (array) cast: a scalar becomes [scalar], null nothing; a list keeps its numbers as names. */
static struct fer_value as_map(struct fer_arena *arena, const struct fer_value *v)
{
	struct fer_value out = fer_map();

	if (v->kind == FER_V_MAP)
		return *v;
	if (v->kind == FER_V_LIST) {
		for (uint32_t i = 0; i < v->list.n; i++)
			fer_append(arena, &out, fer_str_fmt(arena, "%u", i), v->list.items[i]);
	} else if (v->kind != FER_V_NULL) {
		fer_append(arena, &out, FER_S("0"), *v);
	}
	return out;
}

/* The type alone counts; whatever charset it names, the pairs are percent-encoded. */
static int read_form(struct fer_call *call, struct fer_value *out)
{
	struct fer_str rest = call->request->content_type, type = FER_STR_NONE;

	fer_str_cut(&rest, ';', &type);
	if (!fer_str_ieq(fer_str_trim(type), FER_S("application/x-www-form-urlencoded")))
		return fer_fail(call, FER_E_FORM_ONLY, NULL);
	fer_query_params(call->arena, call->request->body, out);
	return 0;
}

static int read_body(struct fer_call *call, struct fer_value *out)
{
	struct fer_str body = call->request->body;
	enum body_type type;
	struct fer_value tree = fer_null();
	int r;

	*out = fer_map();
	if (call->route->form)
		return read_form(call, out);
	if (!body.len || fer_str_is(body, "0"))
		return 0;
	if ((r = body_type(call, &type)))
		return r;
	if (type == BODY_FORM)
		return 0;
	r = type == BODY_XML ? fer_xml_read(call->arena, body, &tree) : fer_json_read(call->arena, body, &tree);
	if (r == -EINVAL)
		return fer_fail(call, FER_E_DECODING, NULL);
	if (r)
		return r;
	*out = as_map(call->arena, &tree);
	return 0;
}

/* -- merging ----------------------------------------------------------------------------------------------------- */

static void merge(struct fer_arena *arena, struct fer_value *into, const struct fer_value *from)
{
	for (uint32_t i = 0; i < from->map.n; i++)
		fer_set_str(arena, into, from->map.members[i].name, from->map.members[i].value);
}

/* Put @value under @name, or under its snake or camel spelling where one of those is there already. */
static void substitute(struct fer_arena *arena, struct fer_value *map, struct fer_str name, struct fer_value value)
{
	struct fer_str snake = fer_str_snake(arena, name), camel = fer_str_camel(arena, snake);
	struct fer_value *there_snake = fer_get_str(map, snake), *there_camel = fer_get_str(map, camel);

	if (there_snake)
		*there_snake = value;
	if (there_camel)
		*there_camel = value;
	if (!there_snake && !there_camel)
		fer_set_str(arena, map, name, value);
}

static const struct fer_entity *object_param(const struct fer_route *route, struct fer_arena *arena, struct fer_str name)
{
	for (const struct fer_param *p = route->params; p && p->name; p++)
		if (fer_str_eq(fer_str_snake(arena, fer_str(p->name)), fer_str_snake(arena, name)))
			return p->type == FER_OBJECT && !(p->flags & FER_MANY) ? p->of : NULL;
	return NULL;
}

/* PUT: the last path parameter wins over the same id in the body, inside the single object when that declares it. */
static void path_over_body(struct fer_call *call, const struct fer_value *path, struct fer_value *body)
{
	const struct fer_member *last;
	const struct fer_entity *entity;

	if (!path->map.n)
		return;
	last = &path->map.members[path->map.n - 1];
	if (fer_str_is(last->value.text, "me"))
		return;
	if (body->map.n == 1 && (body->map.members[0].value.kind == FER_V_MAP || body->map.members[0].value.kind == FER_V_LIST)) {
		entity = object_param(call->route, call->arena, body->map.members[0].name);
		if (entity && fer_entity_field(entity, fer_str_snake(call->arena, last->name))) {
			if (body->map.members[0].value.kind == FER_V_LIST)
				body->map.members[0].value = as_map(call->arena, &body->map.members[0].value);
			substitute(call->arena, &body->map.members[0].value, last->name, last->value);
			return;
		}
	}
	substitute(call->arena, body, last->name, last->value);
}

/* PUT: of two keys that differ only by case and underscores the first wins, at every depth. */
static struct fer_value first_spelling(struct fer_arena *arena, const struct fer_value *v)
{
	struct fer_value out = v->kind == FER_V_MAP ? fer_map() : fer_list(), seen = fer_map();

	if (v->kind == FER_V_LIST) {
		for (uint32_t i = 0; i < v->list.n; i++)
			fer_push(arena, &out, first_spelling(arena, &v->list.items[i]));
		return out;
	}
	if (v->kind != FER_V_MAP)
		return *v;
	for (uint32_t i = 0; i < v->map.n; i++) {
		struct fer_str key = fer_str_lower(arena, fer_str_camel(arena, v->map.members[i].name));

		if (fer_get_str(&seen, key))
			continue;
		fer_append(arena, &seen, key, fer_null());
		fer_append(arena, &out, v->map.members[i].name, first_spelling(arena, &v->map.members[i].value));
	}
	return out;
}

/* -- forced parameters ------------------------------------------------------------------------------------------- */

static struct fer_value forced_value(struct fer_call *call, struct fer_str text)
{
	const struct { const char *name; int64_t value; } of_customer[] = {
		{ "%customer_id%", call->caller.id },                  { "%customer_group_id%", call->self.group_id },
		{ "%customer_website_id%", call->self.website_id },    { "%customer_store_id%", call->self.store_id },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(of_customer); i++)
		if (fer_str_is(text, of_customer[i].name))
			return call->caller.type == FER_USER_CUSTOMER ? fer_int(of_customer[i].value) : fer_null();
	return fer_str_is(text, "null") ? fer_null() : fer_string(text);
}

/* "customer.id=%customer_id%": dotted names go down into objects. */
static void force_one(struct fer_call *call, struct fer_str name, struct fer_value value)
{
	struct fer_value *at = &call->params;
	struct fer_str rest = name, piece = name;

	while (fer_str_cut(&rest, '.', &piece) && rest.at)
		at = descend(call->arena, at, piece);
	substitute(call->arena, at, piece, value);
}

static void force_params(struct fer_call *call)
{
	struct fer_str rest = fer_str(call->route->forced), pair, name = FER_STR_NONE;

	while (fer_str_cut(&rest, ';', &pair)) {
		pair = fer_str_trim(pair);
		if (pair.len && fer_str_cut(&pair, '=', &name))
			force_one(call, name, forced_value(call, pair));
	}
}

int fer_request_params(struct fer_call *call, const struct fer_value *path)
{
	bool has_body = (call->method == FER_POST || call->method == FER_PUT) && !call->route->form_answer;
	struct fer_value query, body = fer_map();
	int r;

	if (has_body && (r = read_body(call, &body)))
		return r;
	if (call->method == FER_PUT)
		path_over_body(call, path, &body);
	fer_query_params(call->arena, call->request->query, &query);
	call->params = body;
	/* A token in a query would stand in every log on the way. */
	if (!call->route->form)
		merge(call->arena, &call->params, &query);
	merge(call->arena, &call->params, path);
	if (call->method == FER_PUT)
		call->params = first_spelling(call->arena, &call->params);
	force_params(call);
	return 0;
}

/* -- accept ------------------------------------------------------------------------------------------------------ */

static const struct { const char *name; bool xml; } renderers[] = {
	{ "*/*", false },       { "application/json", false },      { "text/xml", true },
	{ "application/xml", true }, { "application/xhtml+xml", true },
};

/* The q of "type;q=0.5": only the first parameter is looked at; 1 when there is none. */
static int quality(struct fer_str parameters)
{
	struct fer_str first = FER_STR_NONE;
	struct fer_value q;

	if (!fer_str_cut(&parameters, ';', &first))
		return 1000;
	first = fer_str_trim(first);
	if (!fer_str_starts(first, "q="))
		return 1000;
	q = fer_string(fer_str_skip(first, 2));
	return (int)(fer_as_double(&q) * 1000);
}

int fer_request_accept(struct fer_call *call)
{
	struct fer_str rest = fer_str_trim(call->request->accept), member, type = FER_STR_NONE;
	int best = -1;

	call->wants_xml = false;
	if (!rest.len)
		return 0;
	while (fer_str_cut(&rest, ',', &member)) {
		fer_str_cut(&member, ';', &type);
		type = fer_str_trim(type);
		for (size_t i = 0; i < FER_ARRAY_LEN(renderers); i++) {
			int q = fer_str_is(type, renderers[i].name) ? quality(member) : -1;

			if (q <= best)
				continue;
			best = q;
			call->wants_xml = renderers[i].xml;
		}
	}
	if (best < 0)
		return fer_fail(call, FER_E_ERROR_PAGE, NULL);
	return 0;
}
