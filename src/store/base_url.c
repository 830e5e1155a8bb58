/*
 * The address of a shop with its placeholders filled in. Apart from config.c, to which all values are alike.
 */
#include "store/config.h"

struct fer_str fer_config_placeholder(struct fer_arena *arena, struct fer_str text, const char *mark, struct fer_str by)
{
	ptrdiff_t at = fer_str_search(text, fer_str(mark));

	if (at < 0)
		return text;
	return fer_str_fmt(arena, "%.*s%.*s%.*s", (int)at, text.at, FER_F(by), FER_F(fer_str_skip(text, (size_t)at + strlen(mark))));
}

/* "{{base_url}}" stands for the host of the request, which is not known here: the loopback then. */
int fer_config_base_url(struct fer_store *store, struct fer_arena *arena, int store_id, bool secure, struct fer_str *out)
{
	struct fer_str plain, text;
	int r = fer_config_text(store, arena, store_id, "web/unsecure/base_url", &plain);

	if (r || (secure && (r = fer_config_text(store, arena, store_id, "web/secure/base_url", &text))))
		return r;
	plain = fer_config_placeholder(arena, plain, "{{base_url}}", FER_S("http://localhost/"));
	if (!secure || !text.len)
		text = plain;
	text = fer_config_placeholder(arena, text, "{{unsecure_base_url}}", plain);
	*out = fer_config_placeholder(arena, text, "{{base_url}}", FER_S("https://localhost/"));
	return 0;
}
