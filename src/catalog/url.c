/*
 * URL keys out of names, and the rows of url_rewrite. Apart from products and categories because a path must be unique among both.
 */
#include "catalog/url.h"

/* Letters outside ASCII that have a plain form; lower case only, capitals are two-byte neighbours and listed beside. */
static const struct letter {
	const char *from, *to;
} letters[] = {
	{ "À", "a" }, { "Á", "a" }, { "Â", "a" }, { "Ã", "a" }, { "Ä", "a" }, { "Å", "a" }, { "Æ", "ae" }, { "Ç", "c" },
	{ "È", "e" }, { "É", "e" }, { "Ê", "e" }, { "Ë", "e" }, { "Ì", "i" }, { "Í", "i" }, { "Î", "i" }, { "Ï", "i" },
	{ "Ð", "d" }, { "Ñ", "n" }, { "Ò", "o" }, { "Ó", "o" }, { "Ô", "o" }, { "Õ", "o" }, { "Ö", "o" }, { "Ø", "o" },
	{ "Ù", "u" }, { "Ú", "u" }, { "Û", "u" }, { "Ü", "u" }, { "Ý", "y" }, { "Þ", "th" }, { "ß", "ss" },
	{ "à", "a" }, { "á", "a" }, { "â", "a" }, { "ã", "a" }, { "ä", "a" }, { "å", "a" }, { "æ", "ae" }, { "ç", "c" },
	{ "è", "e" }, { "é", "e" }, { "ê", "e" }, { "ë", "e" }, { "ì", "i" }, { "í", "i" }, { "î", "i" }, { "ï", "i" },
	{ "ð", "d" }, { "ñ", "n" }, { "ò", "o" }, { "ó", "o" }, { "ô", "o" }, { "õ", "o" }, { "ö", "o" }, { "ø", "o" },
	{ "ù", "u" }, { "ú", "u" }, { "û", "u" }, { "ü", "u" }, { "ý", "y" }, { "þ", "th" }, { "ÿ", "y" },
	{ "Ā", "a" }, { "ā", "a" }, { "Ă", "a" }, { "ă", "a" }, { "Ą", "a" }, { "ą", "a" }, { "Ć", "c" }, { "ć", "c" },
	{ "Č", "c" }, { "č", "c" }, { "Ď", "d" }, { "ď", "d" }, { "Đ", "d" }, { "đ", "d" }, { "Ē", "e" }, { "ē", "e" },
	{ "Ė", "e" }, { "ė", "e" }, { "Ę", "e" }, { "ę", "e" }, { "Ě", "e" }, { "ě", "e" }, { "Ğ", "g" }, { "ğ", "g" },
	{ "Ģ", "g" }, { "ģ", "g" }, { "Ī", "i" }, { "ī", "i" }, { "Į", "i" }, { "į", "i" }, { "İ", "i" }, { "ı", "i" },
	{ "Ķ", "k" }, { "ķ", "k" }, { "Ĺ", "l" }, { "ĺ", "l" }, { "Ļ", "l" }, { "ļ", "l" }, { "Ľ", "l" }, { "ľ", "l" },
	{ "Ł", "l" }, { "ł", "l" }, { "Ń", "n" }, { "ń", "n" }, { "Ņ", "n" }, { "ņ", "n" }, { "Ň", "n" }, { "ň", "n" },
	{ "Ō", "o" }, { "ō", "o" }, { "Ő", "o" }, { "ő", "o" }, { "Œ", "oe" }, { "œ", "oe" }, { "Ŕ", "r" }, { "ŕ", "r" },
	{ "Ř", "r" }, { "ř", "r" }, { "Ś", "s" }, { "ś", "s" }, { "Ş", "s" }, { "ş", "s" }, { "Š", "s" }, { "š", "s" },
	{ "Ţ", "t" }, { "ţ", "t" }, { "Ť", "t" }, { "ť", "t" }, { "Ū", "u" }, { "ū", "u" }, { "Ů", "u" }, { "ů", "u" },
	{ "Ű", "u" }, { "ű", "u" }, { "Ų", "u" }, { "ų", "u" }, { "Ź", "z" }, { "ź", "z" }, { "Ż", "z" }, { "ż", "z" },
	{ "Ž", "z" }, { "ž", "z" }, { "Ș", "s" }, { "ș", "s" }, { "Ț", "t" }, { "ț", "t" },
	{ "А", "a" }, { "Б", "b" }, { "В", "v" }, { "Г", "g" }, { "Д", "d" }, { "Е", "e" }, { "Ё", "e" }, { "Ж", "zh" },
	{ "З", "z" }, { "И", "i" }, { "Й", "i" }, { "К", "k" }, { "Л", "l" }, { "М", "m" }, { "Н", "n" }, { "О", "o" },
	{ "П", "p" }, { "Р", "r" }, { "С", "s" }, { "Т", "t" }, { "У", "u" }, { "Ф", "f" }, { "Х", "kh" }, { "Ц", "ts" },
	{ "Ч", "ch" }, { "Ш", "sh" }, { "Щ", "shch" }, { "Ъ", "" }, { "Ы", "y" }, { "Ь", "" }, { "Э", "e" }, { "Ю", "iu" }, { "Я", "ia" },
	{ "а", "a" }, { "б", "b" }, { "в", "v" }, { "г", "g" }, { "д", "d" }, { "е", "e" }, { "ё", "e" }, { "ж", "zh" },
	{ "з", "z" }, { "и", "i" }, { "й", "i" }, { "к", "k" }, { "л", "l" }, { "м", "m" }, { "н", "n" }, { "о", "o" },
	{ "п", "p" }, { "р", "r" }, { "с", "s" }, { "т", "t" }, { "у", "u" }, { "ф", "f" }, { "х", "kh" }, { "ц", "ts" },
	{ "ч", "ch" }, { "ш", "sh" }, { "щ", "shch" }, { "ъ", "" }, { "ы", "y" }, { "ь", "" }, { "э", "e" }, { "ю", "iu" }, { "я", "ia" },
	{ "@", "at" }, { "&amp;", "and" }, { "©", "c" }, { "®", "r" }, { "™", "tm" },
};

static const struct letter *letter_at(struct fer_str s)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(letters); i++)
		if (fer_str_starts(s, letters[i].from))
			return &letters[i];
	return NULL;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static void add_piece(struct fer_buf *key, struct fer_str piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		char c = piece.at[i];

		c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		if (is_plain(c))
			fer_buf_char(key, c);
		else if (key->len && key->at[key->len - 1] != '-')
			fer_buf_char(key, '-');
	}
}

struct fer_str fer_url_key(struct fer_arena *arena, struct fer_str text)
{
	struct fer_buf key;

	fer_buf_init(&key, arena, text.len * 4 + 16);
	while (text.len) {
		const struct letter *letter = (unsigned char)*text.at >= 0x80 || *text.at == '@' || *text.at == '&' ? letter_at(text) : NULL;

		add_piece(&key, letter ? fer_str(letter->to) : fer_str_take(text, 1));
		text = fer_str_skip(text, letter ? strlen(letter->from) : 1);
	}
	while (key.len && key.at[key.len - 1] == '-')
		key.len--;
	return fer_buf_view(&key);
}

int fer_rewrite_add(struct fer_call *call, const struct fer_rewrite *rewrite)
{
	struct fer_value metadata = rewrite->metadata.at ? fer_string(rewrite->metadata) : fer_null();

	return fer_sql_run(call->db, FER_SQL_REWRITE_ADD, NULL, "zissiv", rewrite->entity_type, rewrite->entity_id, rewrite->request_path,
	                   rewrite->target_path, (int64_t)rewrite->store_id, &metadata);
}

int fer_rewrite_clear(struct fer_call *call, const char *entity_type, int64_t entity_id)
{
	return fer_sql_run(call->db, FER_SQL_REWRITE_CLEAR, NULL, "zi", entity_type, entity_id);
}

int fer_rewrite_drop(struct fer_call *call, const char *entity_type, int64_t entity_id)
{
	return fer_sql_run(call->db, FER_SQL_REWRITE_DROP, NULL, "zi", entity_type, entity_id);
}

int fer_rewrite_taken(struct fer_call *call, const struct fer_rewrite *rewrite, bool *taken)
{
	int64_t found = 0;
	int r = fer_sql_int(call->db, FER_SQL_REWRITE_TAKEN, 0, &found, "sizi", rewrite->request_path, (int64_t)rewrite->store_id,
	                    rewrite->entity_type, rewrite->entity_id);

	*taken = found;
	return r;
}
