/*
 * Form-encoded answers and the one member that an error is.
 */
#include "api/form.h"

#define BODY_MAX 65536

static void put(struct fer_buf *out, struct fer_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';

		if (plain || c == ' ') {
			fer_buf_char(out, plain ? (char)c : '+');
			continue;
		}
		fer_buf_char(out, '%');
		fer_buf_char(out, hex[c >> 4]);
		fer_buf_char(out, hex[c & 15]);
	}
}

/* Magento calls it HTML; nothing in it could be taken for a tag. */
void fer_form_answer(struct fer_call *call, const struct fer_value *map)
{
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, BODY_MAX);
	for (uint32_t i = 0; i < map->map.n; i++) {
		if (i)
			fer_buf_char(&buf, '&');
		put(&buf, map->map.members[i].name);
		fer_buf_char(&buf, '=');
		put(&buf, fer_as_str(call->arena, &map->map.members[i].value));
	}
	call->reply.content_type = "text/html; charset=UTF-8";
	call->reply.body = fer_buf_view(&buf);
}

/* Several errors are one line of sentences without their full stops. */
static void put_messages(struct fer_call *call, struct fer_buf *out)
{
	for (size_t i = 0; i < call->fault.n; i++) {
		struct fer_str message = fer_fault_message(call->arena, &call->fault.items[i]);

		while (call->fault.n > 1 && message.len && message.at[message.len - 1] == '.')
			message.len--;
		if (i)
			fer_buf_text(out, ", ");
		fer_buf_str(out, message);
	}
}

void fer_form_fault(struct fer_call *call)
{
	struct fer_value body = fer_map();
	struct fer_buf text;

	fer_buf_init(&text, call->arena, BODY_MAX);
	if (call->reply.status >= 500)
		fer_buf_text(&text, "internal_error&message=");
	put_messages(call, &text);
	fer_set(call->arena, &body, "oauth_problem", fer_string(fer_buf_view(&text)));
	fer_form_answer(call, &body);
}
