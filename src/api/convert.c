/*
 * Conversion of parameters. The rules are Magento's service input processor: what is required, which scalars fit which
 * type, how objects are filled, and the words of each refusal.
 */
#include "api/convert.h"

#include "api/entity.h"

static const char *type_name(enum fer_type type, unsigned flags)
{
	static const char *const one[] = { [FER_INT] = "int", [FER_FLOAT] = "float", [FER_DECIMAL] = "float", [FER_BOOL] = "bool",
	                                   [FER_STRING] = "string", [FER_TIME] = "string", [FER_MIXED] = "mixed" };
	static const char *const many[] = { [FER_INT] = "int[]", [FER_FLOAT] = "float[]", [FER_DECIMAL] = "float[]",
	                                    [FER_BOOL] = "bool[]", [FER_STRING] = "string[]", [FER_TIME] = "string[]",
	                                    [FER_MIXED] = "mixed[]" };

	return (flags & FER_MANY ? many : one)[type > FER_MIXED ? FER_MIXED : type];
}

/* PHP's gettype(), for the message about a scalar where a list was expected. */
static const char *php_type(const struct fer_value *v)
{
	static const char *const names[] = { "NULL", "boolean", "integer", "double", "double", "string", "array", "array" };

	return names[v->kind];
}

static int wrong_type(struct fer_call *call, struct fer_str value, const char *type)
{
	return fer_fail(call, FER_E_INVALID_TYPE, "value", fer_string(value), "type", fer_text(type), NULL);
}

static bool truthy_word(struct fer_str s)
{
	return fer_str_is(s, "1") || fer_str_ieq(s, FER_S("true")) || fer_str_ieq(s, FER_S("on")) || fer_str_ieq(s, FER_S("yes"));
}

/* @in is a scalar that was found to fit, or a member of a list, which Magento casts without a look. */
static struct fer_value cast(struct fer_arena *arena, const struct fer_value *in, enum fer_type type)
{
	switch (type) {
	case FER_INT: return fer_int(fer_as_int(in));
	case FER_FLOAT: return fer_double(fer_as_double(in));
	case FER_DECIMAL: return fer_decimal(fer_as_decimal(in));
	case FER_BOOL: return fer_bool(truthy_word(fer_str_trim(fer_as_str(arena, in))));
	case FER_STRING:
	case FER_TIME: return fer_string(fer_as_str(arena, in));
	default: return *in;
	}
}

static bool is_number_type(enum fer_type type)
{
	return type == FER_INT || type == FER_FLOAT || type == FER_DECIMAL;
}

static int convert_scalar(struct fer_call *call, const struct fer_value *in, enum fer_type type, struct fer_value *out)
{
	if (type == FER_MIXED) {
		*out = *in;
		return 0;
	}
	if (!fer_is_scalar(in))
		return wrong_type(call, FER_S("array"), type_name(type, 0));
	if (is_number_type(type) && !fer_is_numeric(in))
		return wrong_type(call, fer_as_str(call->arena, in), type_name(type, 0));
	*out = cast(call->arena, in, type);
	return 0;
}

static int convert_scalars(struct fer_call *call, const struct fer_value *in, enum fer_type type, struct fer_value *out)
{
	if (fer_is_scalar(in))
		return wrong_type(call, fer_str(php_type(in)), type_name(type, FER_MANY));
	*out = fer_list();
	for (size_t i = 0; i < fer_count(in); i++)
		fer_push(call->arena, out, cast(call->arena, fer_at(in, i), type));
	return 0;
}

/* Names as they come: tax_class_id, taxClassId and even TaxClassId mean one field. */
static const struct fer_field *field_of(struct fer_call *call, const struct fer_entity *of, struct fer_str name)
{
	const struct fer_field *field = fer_entity_field(of, name);

	if (!field)
		field = fer_entity_field(of, fer_str_snake(call->arena, name));
	return field && !(field->flags & (FER_OUT_ONLY | FER_INNER)) ? field : NULL;
}

/* A constructor takes its parameters by their own names. */
static bool is_looked_at(struct fer_call *call, const struct fer_entity *of, const struct fer_field *field, struct fer_str name)
{
	if (field->flags & FER_READ)
		return false;
	return !of->constructed || field->type == FER_EXTENSION || fer_str_eq(name, fer_str_camel(call->arena, fer_str(field->name)));
}

/* Wrap the refusal inside a field: Error occurred during "field" processing. <details> */
static int processing(struct fer_call *call, struct fer_str name, int error)
{
	struct fer_fault_item *last = &call->fault.items[call->fault.n - 1];
	struct fer_str details;

	if (error != FER_E_INVALID_TYPE && error != FER_E_PROCESSING)
		return error;
	details = fer_fault_message(call->arena, last);
	call->fault.n--;
	return fer_fail(call, FER_E_PROCESSING, "field_name", fer_string(name), "details", fer_string(details), NULL);
}

static struct fer_value fitted_int(const struct fer_field *field, struct fer_value v)
{
	if (field->least == field->most)
		return v;
	return fer_int(v.number < field->least ? field->least : v.number > field->most ? field->most : v.number);
}

/* The largest number that a column holds stands for all that are larger. */
static struct fer_value fitted(const struct fer_field *field, struct fer_value v)
{
	int scale = field->scale ? field->scale : 4;
	fer_micro most = FER_ONE, step = FER_ONE;

	if (v.kind == FER_V_INT)
		return fitted_int(field, v);
	if (!field->digits || v.kind != FER_V_DECIMAL)
		return v;
	for (int i = scale; i < field->digits; i++)
		most *= 10;
	for (int i = 0; i < scale; i++)
		step /= 10;
	most -= step;
	return fer_decimal(v.decimal > most ? most : v.decimal < -most ? -most : v.decimal);
}

static int convert_member(struct fer_call *call, const struct fer_entity *of, struct fer_str name, const struct fer_value *in,
                          struct fer_value *out)
{
	const struct fer_field *field = field_of(call, of, name);
	struct fer_value value = fer_null();
	int r;

	if (!field)
		return fer_fail(call, FER_E_NOT_SUPPORTED_FIELD, "fieldName", fer_string(fer_str_pascal(call->arena, name)), NULL);
	if (!fer_is_null(in) && (r = fer_convert(call, in, field->type, field->flags, field->of, &value)))
		return r > 0 ? processing(call, name, r) : r;
	if (is_looked_at(call, of, field, name))
		fer_set(call->arena, out, field->name, fitted(field, value));
	return 0;
}

static int convert_object(struct fer_call *call, const struct fer_value *in, const struct fer_entity *of, struct fer_value *out)
{
	int r;

	*out = fer_map();
	for (uint32_t i = 0; in->kind == FER_V_MAP && i < in->map.n; i++)
		if ((r = convert_member(call, of, in->map.members[i].name, &in->map.members[i].value, out)))
			return r;
	for (uint32_t i = 0; in->kind == FER_V_LIST && i < in->list.n; i++)
		if ((r = convert_member(call, of, fer_str_fmt(call->arena, "%u", i), &in->list.items[i], out)))
			return r;
	for (size_t i = 0; i < of->n_fields; i++)
		if (!of->table && of->fields[i].otherwise && !fer_get(out, of->fields[i].name))
			fer_set(call->arena, out, of->fields[i].name, fer_text(of->fields[i].otherwise));
	return of->table || !of->check ? 0 : of->check(call, out, NULL);
}

static int convert_objects(struct fer_call *call, const struct fer_value *in, const struct fer_entity *of, struct fer_value *out)
{
	struct fer_value list = fer_list(), item;
	int r;

	if (fer_is_scalar(in)) {
		fer_push(call->arena, &list, *in);
		in = &list;
	}
	*out = fer_list();
	for (size_t i = 0; i < fer_count(in); i++) {
		if ((r = convert_object(call, fer_at(in, i), of, &item)))
			return r;
		fer_push(call->arena, out, item);
	}
	return 0;
}

int fer_convert(struct fer_call *call, const struct fer_value *in, enum fer_type type, unsigned flags,
                const struct fer_entity *of, struct fer_value *out)
{
	bool object = type == FER_OBJECT || type == FER_EXTENSION;

	if (object)
		return flags & FER_MANY ? convert_objects(call, in, of, out) : convert_object(call, in, of, out);
	if (type == FER_CUSTOM) {
		*out = *in;      /* attribute metadata decides, in eav.c */
		return 0;
	}
	return flags & FER_MANY ? convert_scalars(call, in, type, out) : convert_scalar(call, in, type, out);
}

static const struct fer_value *sent(struct fer_call *call, const char *name)
{
	const struct fer_value *v = fer_get(&call->params, name);

	return fer_is_null(v) ? fer_get_str(&call->params, fer_str_snake(call->arena, fer_str(name))) : v;
}

/* A value that does not fit is told at once, and what was missing before it is not. */
static int only_last(struct fer_call *call, int error)
{
	if (call->fault.n > 1) {
		call->fault.items += call->fault.n - 1;
		call->fault.n = 1;
	}
	return error;
}

int fer_convert_args(struct fer_call *call)
{
	struct fer_value out;
	int r, missing = 0;

	call->args = fer_map();
	for (const struct fer_param *p = call->route->params; p && p->name; p++) {
		const struct fer_value *in = sent(call, p->name);

		out = fer_text(p->otherwise);
		if (fer_is_null(in) && p->flags & FER_REQ) {
			missing = fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text(p->name), NULL);
			continue;
		}
		if (!fer_is_null(in) && (r = fer_convert(call, in, p->type, p->flags, p->of, &out)))
			return only_last(call, r);
		if (p->flags & FER_FILLED && !fer_count(&out))
			return fer_fail(call, FER_E_INPUT_EMPTY, NULL);
		fer_append(call->arena, &call->args, fer_str(p->name), out);
	}
	return missing;
}
