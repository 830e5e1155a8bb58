/*
 * OpenAPI definitions from entity descriptors. Apart from the routes that refer to them.
 *
 * Source: Magento_Webapi Model\Rest\Swagger\Generator, 2.4.7
 */
#include "api/openapi.h"

#include <string.h>

#include "api/entity.h"

static const struct fer_field attribute_fields[] = {
	FER_FIELD("attribute_code", FER_STRING, NULL, FER_REQ, "code"),
	FER_FIELD("value",          FER_MIXED,  NULL, FER_REQ, "text, or a list of texts"),
};
static const struct fer_entity attribute = { .name = "framework-attribute-interface", FER_FIELDS(attribute_fields) };

static const char *type_name(enum fer_type type)
{
	static const char *const names[] = {
		[FER_INT] = "integer", [FER_FLOAT] = "number", [FER_DECIMAL] = "number", [FER_BOOL] = "boolean", [FER_STRING] = "string",
		[FER_TIME] = "string", [FER_MIXED] = "string", [FER_EXTENSION] = "object",
	};

	return (size_t)type < FER_ARRAY_LEN(names) && names[type] ? names[type] : "object";
}

static struct fer_value plain(struct fer_arena *arena, const char *type)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "type", fer_text(type));
	return out;
}

static struct fer_value reference(struct fer_arena *arena, struct fer_str name)
{
	struct fer_value out = fer_map();

	fer_set(arena, &out, "$ref", fer_string(fer_str_fmt(arena, "#/definitions/%.*s", FER_F(name))));
	return out;
}

static struct fer_value list_of(struct fer_arena *arena, struct fer_value items)
{
	struct fer_value out = plain(arena, "array");

	fer_set(arena, &out, "items", items);
	return out;
}

static struct fer_value field_type(struct fer_arena *arena, struct fer_value *definitions, const struct fer_field *field)
{
	if (field->type == FER_CUSTOM)
		return fer_openapi_type(arena, definitions, FER_OBJECT, &attribute, true);
	return fer_openapi_type(arena, definitions, field->type, field->of, field->flags & FER_MANY);
}

/* An object without a member would be written as PHP's []: both lists are left out when empty. */
static struct fer_value define(struct fer_arena *arena, struct fer_value *definitions, const struct fer_entity *entity)
{
	struct fer_value out = plain(arena, "object"), properties = fer_map(), required = fer_list(), *property;

	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_field *field = &entity->fields[i];

		if (field->flags & FER_SECRET)
			continue;
		property = fer_set(arena, &properties, field->name, field_type(arena, definitions, field));
		if (field->text && !fer_get(property, "$ref"))
			fer_set(arena, property, "description", fer_text(field->text));
		if (field->flags & FER_REQ)
			fer_push(arena, &required, fer_text(field->name));
	}
	if (fer_count(&properties))
		fer_set(arena, &out, "properties", properties);
	if (fer_count(&required))
		fer_set(arena, &out, "required", required);
	return out;
}

/* Noted before it is made, for a category's children are categories. */
static struct fer_value object(struct fer_arena *arena, struct fer_value *definitions, const struct fer_entity *entity)
{
	if (!entity || !entity->name || !entity->n_fields)
		return plain(arena, "object");
	if (!fer_get(definitions, entity->name)) {
		fer_set(arena, definitions, entity->name, fer_null());
		fer_set(arena, definitions, entity->name, define(arena, definitions, entity));
	}
	return reference(arena, fer_str(entity->name));
}

struct fer_value fer_openapi_type(struct fer_arena *arena, struct fer_value *definitions, enum fer_type type,
                                  const struct fer_entity *entity, bool many)
{
	bool made = type == FER_OBJECT || type == FER_EXTENSION;
	struct fer_value out = made ? object(arena, definitions, entity) : plain(arena, type_name(type));

	return many ? list_of(arena, out) : out;
}

/* "tax-data-tax-rate-interface" is found in a "tax-data-tax-rate-search-results-interface". */
static struct fer_str found_name(struct fer_arena *arena, const char *name)
{
	static const char end[] = "-interface";
	size_t len = strlen(name), cut = sizeof(end) - 1;

	if (len > cut && !strcmp(name + len - cut, end))
		len -= cut;
	return fer_str_fmt(arena, "%.*s-search-results-interface", (int)len, name);
}

struct fer_value fer_openapi_found(struct fer_arena *arena, struct fer_value *definitions, const struct fer_entity *entity)
{
	static const char *const members[] = { "items", "search_criteria", "total_count" };
	struct fer_value out = plain(arena, "object"), properties = fer_map(), required = fer_list();
	struct fer_str name = found_name(arena, entity->name);

	if (!fer_get_str(definitions, name)) {
		fer_set(arena, &properties, members[0], fer_openapi_type(arena, definitions, FER_OBJECT, entity, true));
		fer_set(arena, &properties, members[1], fer_openapi_type(arena, definitions, FER_OBJECT, &fer_search_criteria, false));
		fer_set(arena, &properties, members[2], plain(arena, "integer"));
		for (size_t i = 0; i < FER_ARRAY_LEN(members); i++)
			fer_push(arena, &required, fer_text(members[i]));
		fer_set(arena, &out, "properties", properties);
		fer_set(arena, &out, "required", required);
		fer_set_str(arena, definitions, name, out);
	}
	return reference(arena, name);
}
