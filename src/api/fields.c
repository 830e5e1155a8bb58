/*
 * The fields= filter: "items[id,sku],total_count" cuts an answer to what it names.
 */
#include "api/reply.h"

#define DEPTH_MAX 64

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct fer_str cut_word(struct fer_str *text)
{
	struct fer_str word = *text;

	word.len = 0;
	while (word.len < text->len && is_word(text->at[word.len]))
		word.len++;
	*text = fer_str_skip(*text, word.len);
	return word;
}

static bool skip(struct fer_str *text, char c)
{
	if (!text->len || text->at[0] != c)
		return false;
	*text = fer_str_skip(*text, 1);
	return true;
}

/* "a,b[c]" up to the end or to the ']' that closes it; a name without brackets maps to null. */
static bool parse(struct fer_arena *arena, struct fer_str *text, int depth, struct fer_value *out)
{
	*out = fer_map();
	do {
		struct fer_str word = cut_word(text);
		struct fer_value inner = fer_null();

		if (skip(text, '[') && (depth == DEPTH_MAX || !parse(arena, text, depth + 1, &inner) || !skip(text, ']')))
			return false;
		if (word.len)
			fer_set_str(arena, out, word, inner);
	} while (skip(text, ','));
	return !text->len || (depth && text->at[0] == ']');
}

static struct fer_value intersect(struct fer_arena *arena, const struct fer_value *v, const struct fer_value *filter);

/* PHP calls an array without a single text key a list; what is no array in it goes, and an empty result is null. */
static struct fer_value intersect_list(struct fer_arena *arena, const struct fer_value *v, const struct fer_value *filter)
{
	struct fer_value out = fer_list();

	for (size_t i = 0; i < fer_count(v); i++)
		if (!fer_is_scalar(fer_at(v, i)) && !fer_is_null(fer_at(v, i)))
			fer_push(arena, &out, intersect(arena, fer_at(v, i), filter));
	return fer_count(&out) ? out : fer_null();
}

static struct fer_value intersect(struct fer_arena *arena, const struct fer_value *v, const struct fer_value *filter)
{
	struct fer_value out = fer_map();

	if (v->kind == FER_V_LIST || !fer_count(v))
		return intersect_list(arena, v, filter);
	for (uint32_t i = 0; i < v->map.n; i++) {
		const struct fer_member *member = &v->map.members[i];
		const struct fer_value *inner = fer_get_str(filter, member->name);
		bool nested = inner && inner->kind == FER_V_MAP && (member->value.kind == FER_V_LIST || member->value.kind == FER_V_MAP);

		if (inner)
			fer_append(arena, &out, member->name, nested ? intersect(arena, &member->value, inner) : member->value);
	}
	return out;
}

struct fer_value fer_fields_apply(struct fer_call *call, struct fer_str filter, const struct fer_value *v)
{
	struct fer_value tree, out;

	if (!filter.len || (v->kind != FER_V_LIST && v->kind != FER_V_MAP))
		return *v;
	if (!parse(call->arena, &filter, 0, &tree) || filter.len || !fer_count(&tree))
		return fer_list();
	out = intersect(call->arena, v, &tree);
	return v->kind == FER_V_LIST || fer_count(&out) ? out : fer_list();
}
