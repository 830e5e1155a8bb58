/*
 * The list of errors as a table, and collecting what went wrong with a call.
 */
#include "core/fault.h"

#include <string.h>

#include "core/json.h"

static const struct fer_error_row rows[FER_N_ERRORS] = {
#define X(name_, status_, message_) [FER_E_##name_] = { #name_, status_, message_, FER_TEMPLATE },
#define XI(name_, status_, message_) [FER_E_##name_] = { #name_, status_, message_, FER_INTERPOLATED },
#define XP(name_, status_, message_) [FER_E_##name_] = { #name_, status_, message_, FER_PAGE },
#include "core/errors.def"
#undef X
#undef XI
#undef XP
};

const struct fer_error_row *fer_error_row(enum fer_error error)
{
	return error > FER_OK && error < FER_N_ERRORS ? &rows[error] : &rows[FER_E_INTERNAL];
}

int fer_fault_addv(struct fer_arena *arena, struct fer_fault *fault, enum fer_error error, va_list args)
{
	struct fer_fault_item *items = FER_NEW_ARRAY(arena, fault->n + 1, struct fer_fault_item);
	struct fer_value params = fer_map();
	const char *name;

	while ((name = va_arg(args, const char *)))
		fer_append(arena, &params, fer_str(name), va_arg(args, struct fer_value));
	if (fault->n)
		memcpy(items, fault->items, fault->n * sizeof(*items));
	items[fault->n] = (struct fer_fault_item){ error, params };
	fault->items = items;
	fault->n++;
	return (int)error;
}

int fer_fault_add(struct fer_arena *arena, struct fer_fault *fault, enum fer_error error, ...)
{
	va_list args;
	int r;

	va_start(args, error);
	r = fer_fault_addv(arena, fault, error, args);
	va_end(args);
	return r;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The longest parameter whose name stands at @text (behind a '%'). */
static const struct fer_member *placeholder(const struct fer_value *params, struct fer_str text)
{
	size_t len = 0;

	while (len < text.len && name_char(text.at[len]))
		len++;
	for (; len; len--)
		for (uint32_t i = 0; i < params->map.n; i++)
			if (fer_str_eq(params->map.members[i].name, fer_str_take(text, len)))
				return &params->map.members[i];
	return NULL;
}

struct fer_str fer_fault_fill(struct fer_arena *arena, struct fer_str text, const struct fer_value *params)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 65536);
	while (text.len) {
		const struct fer_member *found = text.at[0] == '%' ? placeholder(params, fer_str_skip(text, 1)) : NULL;

		if (found)
			fer_buf_str(&buf, fer_as_str(arena, &found->value));
		else
			fer_buf_char(&buf, text.at[0]);
		text = fer_str_skip(text, found ? found->name.len + 1 : 1);
	}
	return fer_buf_view(&buf);
}

struct fer_str fer_fault_message(struct fer_arena *arena, const struct fer_fault_item *item)
{
	return fer_fault_fill(arena, fer_str(fer_error_row(item->error)->message), &item->params);
}
