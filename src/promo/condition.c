#include <errno.h>
#include <stddef.h>

#include "promo/condition.h"

#include "api/eav.h"
#include "core/clock.h"
#include "core/json.h"

#define CLASS(name) "Magento\\SalesRule\\Model\\Rule\\Condition\\" name

static const struct class { const char *name; enum fer_condition_kind kind; } classes[] = {
	{ CLASS("Combine"),            FER_CONDITION_COMBINE },
	{ CLASS("Product\\Combine"),   FER_CONDITION_COMBINE },
	{ CLASS("Product\\Found"),     FER_CONDITION_FOUND },
	{ CLASS("Product\\Subselect"), FER_CONDITION_SUBSELECT },
	{ CLASS("Address"),            FER_CONDITION_ADDRESS },
	{ CLASS("Product"),            FER_CONDITION_PRODUCT },
};

#define BIT(kind) (1u << FER_CONDITION_##kind)
#define COMBINED (BIT(COMBINE) | BIT(FOUND) | BIT(SUBSELECT))
#define ALL (COMBINED | BIT(UNKNOWN) | BIT(ADDRESS) | BIT(PRODUCT))

/* What a condition says of itself, in the order of the stored text; @kinds store it. */
static const struct part { const char *stored, *shown; size_t at; unsigned kinds; } parts[] = {
#define PART(stored, shown, member, kinds) { stored, shown, offsetof(struct fer_rule_condition, member), kinds }
	PART("type",               "condition_type",  type,       ALL),
	PART("attribute",          "attribute_name",  attribute,  ALL),
	PART("operator",           "operator",        operator,   ALL),
	PART("value",              "value",           value,      ALL),
	PART("is_value_processed", NULL,              processed,  ALL),
	PART("attribute_scope",    NULL,              scope,      BIT(PRODUCT)),
	PART("aggregator",         "aggregator_type", aggregator, COMBINED),
#undef PART
};

/* What is left to spend on one tree. */
struct bounds {
	struct fer_arena *arena;
	const struct fer_eav *eav;
	size_t nodes;
};

static const struct fer_value *part_of(const struct fer_rule_condition *condition, const struct part *part)
{
	return (const struct fer_value *)(const void *)((const char *)condition + part->at);
}

static enum fer_condition_kind kind_of(const struct fer_value *type)
{
	for (size_t i = 0; type && type->kind == FER_V_STRING && i < FER_ARRAY_LEN(classes); i++)
		if (fer_str_is(type->text, classes[i].name))
			return classes[i].kind;
	return FER_CONDITION_UNKNOWN;
}

static bool is_combined(enum fer_condition_kind kind)
{
	return COMBINED & 1u << kind;
}

static int make_room(struct bounds *bounds, size_t n, struct fer_rule_condition *out)
{
	if (n > bounds->nodes)
		return -E2BIG;
	bounds->nodes -= n;
	out->conditions = n ? FER_NEW_ARRAY(bounds->arena, n, struct fer_rule_condition) : NULL;
	return 0;
}

/* -- from the web API -------------------------------------------------------------------------------------------- */

static struct fer_value sent(const struct fer_value *api, const char *name, struct fer_value otherwise)
{
	const struct fer_value *v = fer_get(api, name);

	return fer_is_null(v) ? otherwise : *v;
}

/* As PHP's locale number format reads it: of a comma and a dot the later one is the decimal sign. */
static struct fer_value number_of(struct fer_arena *arena, struct fer_str text)
{
	struct fer_value digits;
	struct fer_buf buf;
	size_t comma = 0, dot = 0;
	char decimal;

	for (size_t i = 0; i < text.len; i++) {
		comma = text.at[i] == ',' ? i + 1 : comma;
		dot = text.at[i] == '.' ? i + 1 : dot;
	}
	decimal = comma > dot ? ',' : '.';
	fer_buf_init(&buf, arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == decimal)
			fer_buf_char(&buf, '.');
		else if (text.at[i] != ',' && text.at[i] != '.' && text.at[i] != ' ' && text.at[i] != '\'')
			fer_buf_char(&buf, text.at[i]);
	}
	digits = fer_string(fer_buf_view(&buf));
	return fer_double(fer_as_double(&digits));
}

static struct fer_value numbers_of(struct fer_arena *arena, struct fer_str text)
{
	struct fer_buf buf;
	struct fer_str piece;

	fer_buf_init(&buf, arena, FER_CONDITION_SIZE);
	for (bool first = true; fer_str_cut(&text, ',', &piece); first = false) {
		struct fer_value number = number_of(arena, piece);

		if (!first)
			fer_buf_char(&buf, ',');
		fer_buf_str(&buf, fer_as_str(arena, &number));
	}
	return fer_string(fer_buf_view(&buf));
}

static bool is_operator(const struct fer_rule_condition *condition, const char *a, const char *b)
{
	struct fer_str operator = condition->operator.kind == FER_V_STRING ? condition->operator.text : FER_STR_NONE;

	return fer_str_is(operator, a) || fer_str_is(operator, b);
}

/* Numbers and dates are kept in one form, by the attribute's type. */
static void fit_value(struct fer_arena *arena, const struct fer_attribute *attribute, struct fer_rule_condition *out)
{
	struct fer_value *value = &out->value;
	int64_t when;

	if (value->kind != FER_V_STRING)
		return;
	if (attribute->backend == FER_B_DECIMAL && !is_operator(out, "{}", "!{}")) {
		bool many = is_operator(out, "()", "!()") && fer_str_find(value->text, ',') >= 0;

		*value = many ? numbers_of(arena, value->text) : number_of(arena, value->text);
	} else if (fer_str_is(attribute->input, "date") && fer_time_parse(value->text, &when)) {
		*value = fer_string(fer_time_text(arena, when));
		out->processed = fer_bool(true);
	}
}

/* "parent::sku" is the attribute sku; Magento loses the scope that stands before it. */
static void take_product(struct bounds *bounds, struct fer_rule_condition *out)
{
	struct fer_str code = fer_as_str(bounds->arena, &out->attribute);
	ptrdiff_t at = fer_str_search(code, FER_S("::"));
	const struct fer_attribute *attribute;

	if (at >= 0) {
		code = fer_str_skip(code, (size_t)at + 2);
		if ((at = fer_str_search(code, FER_S("::"))) >= 0)
			code = fer_str_take(code, (size_t)at);
	}
	out->attribute = fer_string(code);
	if ((attribute = fer_eav_by_code(bounds->eav, FER_EAV_PRODUCT, code)))
		fit_value(bounds->arena, attribute, out);
}

static void take_combined(const struct fer_value *api, struct fer_rule_condition *out)
{
	struct fer_value attribute = sent(api, "attribute_name", fer_null()), operator = sent(api, "operator", fer_null());
	const struct fer_value *aggregator = fer_get(api, "aggregator_type");

	out->aggregator = fer_as_bool(aggregator) ? *aggregator : attribute;
	out->value = sent(api, "value", operator);
	if (out->kind == FER_CONDITION_SUBSELECT) {
		out->attribute = attribute;
		out->operator = operator;
	}
}

static void take_leaf(struct bounds *bounds, const struct fer_value *api, struct fer_rule_condition *out)
{
	out->attribute = sent(api, "attribute_name", fer_bool(false));
	out->operator = sent(api, "operator", fer_bool(false));
	out->value = sent(api, "value", fer_bool(false));
	out->processed = fer_bool(false);
	if (out->kind == FER_CONDITION_PRODUCT)
		take_product(bounds, out);
}

static int take(struct bounds *bounds, const struct fer_value *api, int depth, struct fer_rule_condition *out)
{
	const struct fer_value *conditions = fer_get(api, "conditions");
	int r;

	if (depth > FER_CONDITION_DEPTH)
		return -E2BIG;
	if (!is_combined(out->kind)) {
		take_leaf(bounds, api, out);
		return 0;
	}
	take_combined(api, out);
	r = make_room(bounds, fer_count(conditions), out);
	for (size_t i = 0; !r && i < fer_count(conditions); i++) {
		const struct fer_value *type = fer_get(fer_at(conditions, i), "condition_type");
		enum fer_condition_kind kind = kind_of(type);

		if (kind == FER_CONDITION_UNKNOWN)
			continue;
		out->conditions[out->n] = (struct fer_rule_condition){ .kind = kind, .type = *type };
		r = take(bounds, fer_at(conditions, i), depth + 1, &out->conditions[out->n++]);
	}
	return r;
}

int fer_condition_take(struct fer_arena *arena, const struct fer_eav *eav, const char *root, const struct fer_value *api,
                       struct fer_rule_condition *out)
{
	struct bounds bounds = { .arena = arena, .eav = eav, .nodes = FER_CONDITION_NODES };

	*out = (struct fer_rule_condition){ .kind = FER_CONDITION_COMBINE, .type = fer_text(root) };
	if (!fer_is_null(api))
		return take(&bounds, api, 1, out);
	out->aggregator = fer_text("all");
	out->value = fer_bool(true);
	return 0;
}

/* -- stored text ------------------------------------------------------------------------------------------------- */

void fer_condition_write(struct fer_buf *buf, const struct fer_rule_condition *condition)
{
	const char *before = "{";

	for (size_t i = 0; i < FER_ARRAY_LEN(parts); i++) {
		if (!(parts[i].kinds & 1u << condition->kind))
			continue;
		fer_buf_text(buf, before);
		fer_json_string(buf, fer_str(parts[i].stored));
		fer_buf_char(buf, ':');
		fer_json_write(buf, part_of(condition, &parts[i]));
		before = ",";
	}
	for (size_t i = 0; i < condition->n; i++) {
		fer_buf_text(buf, i ? "," : ",\"conditions\":[");
		fer_condition_write(buf, &condition->conditions[i]);
	}
	fer_buf_text(buf, condition->n ? "]}" : "}");
}

static size_t members(const struct fer_value *v)
{
	return v && (v->kind == FER_V_LIST || v->kind == FER_V_MAP) ? fer_count(v) : 0;
}

/* A PHP array with a gap in its numbers is stored as an object. */
static const struct fer_value *member(const struct fer_value *v, size_t i)
{
	return v->kind == FER_V_MAP ? &v->map.members[i].value : fer_at(v, i);
}

static int read_node(struct bounds *bounds, const struct fer_value *v, int depth, struct fer_rule_condition *out)
{
	const struct fer_value *conditions = fer_get(v, "conditions"), *found;
	int r;

	if (v->kind != FER_V_MAP && (v->kind != FER_V_LIST || fer_count(v)))
		return -EINVAL;
	if (depth > FER_CONDITION_DEPTH)
		return -E2BIG;
	for (size_t i = 0; i < FER_ARRAY_LEN(parts); i++) {
		found = fer_get(v, parts[i].stored);
		*(struct fer_value *)(void *)((char *)out + parts[i].at) = found ? *found : fer_null();
	}
	out->kind = kind_of(&out->type);
	r = make_room(bounds, members(conditions), out);
	for (; !r && out->n < members(conditions); out->n++)
		r = read_node(bounds, member(conditions, out->n), depth + 1, &out->conditions[out->n]);
	return r;
}

int fer_condition_read(struct fer_arena *arena, struct fer_str text, struct fer_rule_condition *out)
{
	struct bounds bounds = { .arena = arena, .nodes = FER_CONDITION_NODES };
	struct fer_value v;
	int r = text.len > FER_CONDITION_SIZE ? -E2BIG : fer_json_read(arena, text, &v);

	*out = (struct fer_rule_condition){ .n = 0 };
	return r ? r : read_node(&bounds, &v, 1, out);
}

/* -- to the web API ---------------------------------------------------------------------------------------------- */

struct fer_value fer_condition_shape(struct fer_arena *arena, const struct fer_rule_condition *condition)
{
	struct fer_value out = fer_map(), conditions = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(parts); i++) {
		const struct fer_value *v = part_of(condition, &parts[i]);
		bool as_is = fer_is_null(v) || !fer_is_scalar(v) || fer_str_is(fer_str(parts[i].stored), "value");

		if (parts[i].shown)
			fer_set(arena, &out, parts[i].shown, as_is ? *v : fer_string(fer_as_str(arena, v)));
	}
	for (size_t i = 0; i < condition->n; i++)
		fer_push(arena, &conditions, fer_condition_shape(arena, &condition->conditions[i]));
	if (condition->n)
		fer_set(arena, &out, "conditions", conditions);
	return out;
}

static void add_once(struct fer_arena *arena, struct fer_value *codes, struct fer_value code)
{
	for (size_t i = 0; i < fer_count(codes); i++)
		if (fer_same(fer_at(codes, i), &code))
			return;
	fer_push(arena, codes, code);
}

void fer_condition_attributes(struct fer_arena *arena, const struct fer_rule_condition *condition, struct fer_value *codes)
{
	if (condition->kind == FER_CONDITION_PRODUCT && condition->attribute.kind == FER_V_STRING)
		add_once(arena, codes, condition->attribute);
	for (size_t i = 0; i < condition->n; i++)
		fer_condition_attributes(arena, &condition->conditions[i], codes);
}

static const struct fer_field fields[] = {
	/*        JSON                    type           column flags                    meaning */
	FER_FIELD("condition_type",       FER_STRING,    NULL,  FER_NULLS,               "Magento's class: …\\Condition\\Combine, …\\Address, …\\Product"),
	FER_FIELD("conditions",           FER_OBJECT,    NULL,  FER_MANY,                "what a combination combines", .of = &fer_condition_entity),
	FER_FIELD("aggregator_type",      FER_STRING,    NULL,  0,                       "all or any, of a combination"),
	FER_FIELD("operator",             FER_STRING,    NULL,  FER_NULLS,               "==, !=, >=, <=, >, <, {}, !{}, () or !()"),
	FER_FIELD("attribute_name",       FER_STRING,    NULL,  0,                       "of the address, the product or the items"),
	FER_FIELD("value",                FER_MIXED,     NULL,  FER_NULLS,               "what it is held against"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,  0,                       "none", .of = &fer_no_extension),
};

const struct fer_entity fer_condition_entity = { .name = "sales-rule-data-condition-interface", FER_FIELDS(fields) };
