/*
 * The validators that sources, stocks, links and source items share. Each tells one finding; Magento lists them all below one message.
 * Source: Magento_Inventory Model\Validators, 2.4.7
 */
#include "inventory/inventory.h"

bool fer_is_default_source(struct fer_str code)
{
	return fer_str_ieq(fer_str_trim(code), FER_S(FER_DEFAULT_SOURCE));
}

static int tell(struct fer_call *call, enum fer_error error, const char *field)
{
	return fer_fail(call, error, "field", fer_text(field), NULL);
}

int fer_valid_filled(struct fer_call *call, const struct fer_value *record, const char *field)
{
	return fer_str_trim(fer_map_str(call->arena, record, field)).len ? 0 : tell(call, FER_E_FIELD_EMPTY, field);
}

int fer_valid_no_whitespace(struct fer_call *call, const struct fer_value *record, const char *field)
{
	struct fer_str s = fer_map_str(call->arena, record, field);

	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == ' ' || (s.at[i] >= '\t' && s.at[i] <= '\r'))
			return tell(call, FER_E_FIELD_WHITESPACE, field);
	return 0;
}

int fer_valid_trimmed(struct fer_call *call, const struct fer_value *record, const char *field)
{
	struct fer_str s = fer_map_str(call->arena, record, field);

	return fer_str_trim(s).len == s.len ? 0 : tell(call, FER_E_FIELD_SPACES_AROUND, field);
}

int fer_valid_numeric(struct fer_call *call, const struct fer_value *record, const char *field)
{
	return fer_has(record, field) ? 0 : tell(call, FER_E_FIELD_NOT_NUMERIC, field);
}

/* The pattern is a dollar sign, colons, and braces with anything but a line end between them. */
int fer_valid_plain(struct fer_call *call, const struct fer_value *record, const char *field)
{
	struct fer_str s = fer_map_str(call->arena, record, field), rest, line;

	for (; s.len; s = fer_str_skip(s, 1)) {
		if (s.at[0] != '$')
			continue;
		for (rest = fer_str_skip(s, 1); rest.len && rest.at[0] == ':'; rest = fer_str_skip(rest, 1))
			;
		if (!rest.len || rest.at[0] != '{')
			continue;
		if (fer_str_cut(&rest, '\n', &line) && fer_str_find(line, '}') > 0)
			return fer_fail(call, FER_E_VALIDATION_FAILED, NULL);
	}
	return 0;
}

int fer_valid_all(struct fer_call *call, const struct fer_value *record, const struct fer_validator *rows, size_t n)
{
	int r = 0, found;

	for (size_t i = 0; i < n; i++) {
		found = rows[i].fn(call, record, rows[i].field);
		if (found < 0)
			return found;
		r = found ? found : r;
	}
	return r;
}
