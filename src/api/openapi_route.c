/*
 * One route row as an OpenAPI operation: where each parameter stands, what the body is, what is answered.
 *
 * Source: Magento_Webapi Model\Rest\Swagger\Generator, 2.4.7
 */
#include "api/openapi.h"

#include <string.h>

#include "api/entity.h"
#include "api/route.h"

struct operation {
	struct fer_arena *arena;
	struct fer_value *definitions;
	const struct fer_route *route;
	struct fer_value parameters, properties, required;   /* the latter two of the body */
};

static struct fer_value schema_of(const struct operation *op, const struct fer_param *param)
{
	return fer_openapi_type(op->arena, op->definitions, param->type, param->of, param->flags & FER_MANY);
}

/* Does @name stand in @text as a whole word behind @before, up to one of @ends? */
static bool names(const char *text, const char *name, char before, const char *ends)
{
	size_t len = strlen(name);

	for (const char *at = text; at && (at = strstr(at, name)); at += len)
		if ((before ? at > text && at[-1] == before : at == text || at[-1] == ' ' || at[-1] == ';') && strchr(ends, at[len]))
			return true;
	return false;
}

static bool in_path(const struct fer_route *route, const char *name)
{
	return names(route->path, name, ':', "/*");
}

/* What the pipeline puts in is not the client's to send. */
static bool is_forced(const struct fer_route *route, const char *name)
{
	return route->forced && names(route->forced, name, 0, "=");
}

static void add_parameter(struct operation *op, struct fer_str name, const char *in, struct fer_value schema, const bool *required)
{
	struct fer_value parameter = fer_map();

	fer_set(op->arena, &parameter, "name", fer_string(name));
	fer_set(op->arena, &parameter, "in", fer_text(in));
	for (uint32_t i = 0; i < schema.map.n; i++)
		fer_append(op->arena, &parameter, schema.map.members[i].name, schema.map.members[i].value);
	if (required)
		fer_set(op->arena, &parameter, "required", fer_bool(*required));
	fer_push(op->arena, &op->parameters, parameter);
}

/* An object in a query is one parameter a leaf: "searchCriteria[filterGroups][0][filters][0][field]". */
static void add_leaves(struct operation *op, struct fer_str name, const struct fer_entity *entity)
{
	for (size_t i = 0; entity && i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];
		struct fer_str camel = fer_str_camel(op->arena, fer_str(field->name));
		struct fer_str leaf = fer_str_fmt(op->arena, "%.*s[%.*s]%s", FER_F(name), FER_F(camel), field->flags & FER_MANY ? "[0]" : "");

		if (field->type == FER_OBJECT || field->type == FER_EXTENSION)
			add_leaves(op, leaf, field->of);
		else
			add_parameter(op, leaf, "query", fer_openapi_type(op->arena, op->definitions, field->type, NULL, false), NULL);
	}
}

static void add_param(struct operation *op, const struct fer_param *param)
{
	const bool yes = true, required = param->flags & FER_REQ;

	if (in_path(op->route, param->name)) {
		add_parameter(op, fer_str(param->name), "path", schema_of(op, param), &yes);
	} else if (is_forced(op->route, param->name)) {
		return;
	} else if (op->route->method == FER_GET) {
		if (param->type == FER_OBJECT)
			add_leaves(op, fer_str(param->name), param->of);
		else
			add_parameter(op, fer_str(param->name), "query", schema_of(op, param), &required);
	} else {
		fer_set(op->arena, &op->properties, param->name, schema_of(op, param));
		if (required)
			fer_push(op->arena, &op->required, fer_text(param->name));
	}
}

static bool has_param(const struct fer_route *route, struct fer_str name)
{
	for (const struct fer_param *param = route->params; param && param->name; param++)
		if (fer_str_is(name, param->name))
			return true;
	return false;
}

/* Names in the path that are no parameter of the method. */
static void add_other_names(struct operation *op)
{
	const bool yes = true;
	struct fer_str rest = fer_str(op->route->path), piece;
	struct fer_value text = fer_openapi_type(op->arena, op->definitions, FER_STRING, NULL, false);

	while (fer_str_cut(&rest, '/', &piece))
		if (piece.len && piece.at[0] == ':' && piece.at[piece.len - 1] != '*' && !has_param(op->route, fer_str_skip(piece, 1)))
			add_parameter(op, fer_str_skip(piece, 1), "path", text, &yes);
}

static void add_body(struct operation *op, struct fer_str id)
{
	struct fer_value schema = fer_map(), xml = fer_map(), holder = fer_map();

	if (!fer_count(&op->properties))
		return;
	if (fer_count(&op->required))
		fer_set(op->arena, &schema, "required", op->required);
	fer_set(op->arena, &schema, "properties", op->properties);
	fer_set(op->arena, &schema, "type", fer_text("object"));
	fer_set(op->arena, &xml, "name", fer_text("request"));
	fer_set(op->arena, &schema, "xml", xml);
	fer_set(op->arena, &holder, "schema", schema);
	add_parameter(op, fer_str_fmt(op->arena, "%.*sBody", FER_F(id)), "body", holder, NULL);
}

static void add_response(struct operation *op, struct fer_value *out, const char *status, const char *text, struct fer_value schema)
{
	struct fer_value response = fer_map();

	fer_set(op->arena, &response, "description", fer_text(text));
	fer_set(op->arena, &response, "schema", schema);
	fer_set(op->arena, out, status, response);
}

/* Methods that answer nothing have no 200, as in Magento. */
static bool answers(const struct operation *op, struct fer_value *schema)
{
	const struct fer_route *route = op->route;

	if (fer_entity_silent(route))
		return false;
	if (route->returns)
		*schema = fer_openapi_type(op->arena, op->definitions, route->returns, NULL, route->many);
	else if (route->search && route->of)
		*schema = fer_openapi_found(op->arena, op->definitions, route->of);
	else if (route->of || route->path[1] != 'V')
		*schema = fer_openapi_type(op->arena, op->definitions, FER_OBJECT, route->of, route->many);
	else
		return false;
	return true;
}

static struct fer_value error_schema(struct operation *op)
{
	struct fer_value out = fer_map();

	fer_set(op->arena, &out, "$ref", fer_text("#/definitions/error-response"));
	return out;
}

static struct fer_value responses(struct operation *op)
{
	struct fer_value out = fer_map(), schema;

	if (answers(op, &schema))
		add_response(op, &out, "200", "200 Success.", schema);
	if (strcmp(op->route->acl, "anonymous"))
		add_response(op, &out, "401", "401 Unauthorized", error_schema(op));
	if (op->route->params)
		add_response(op, &out, "400", "400 Bad Request", error_schema(op));
	add_response(op, &out, "default", "Unexpected error", error_schema(op));
	return out;
}

static struct fer_value media_types(struct operation *op)
{
	struct fer_value out = fer_list();

	if (op->route->form) {
		fer_push(op->arena, &out, fer_text("application/x-www-form-urlencoded"));
		return out;
	}
	fer_push(op->arena, &out, fer_text("application/json"));
	if (op->route->path[1] == 'V')
		fer_push(op->arena, &out, fer_text("application/xml"));
	return out;
}

struct fer_value fer_openapi_operation(struct fer_arena *arena, struct fer_value *definitions, const struct fer_route *route,
                                       struct fer_str tag, struct fer_str id)
{
	struct operation op = { arena, definitions, route, fer_list(), fer_map(), fer_list() };
	struct fer_value out = fer_map(), tags = fer_list();

	for (const struct fer_param *param = route->params; param && param->name; param++)
		add_param(&op, param);
	add_other_names(&op);
	add_body(&op, id);
	fer_push(arena, &tags, fer_string(tag));
	fer_set(arena, &out, "tags", tags);
	fer_set(arena, &out, "description", fer_text(route->summary));
	fer_set(arena, &out, "operationId", fer_string(id));
	fer_set(arena, &out, "consumes", media_types(&op));
	fer_set(arena, &out, "produces", media_types(&op));
	if (fer_count(&op.parameters))
		fer_set(arena, &out, "parameters", op.parameters);
	fer_set(arena, &out, "responses", responses(&op));
	return out;
}
