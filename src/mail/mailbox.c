/*
 * Text is cleaned of control characters first and encoded then: the one keeps lines whole, the other lets the name of any language pass.
 */
#include "mail/mailbox.h"

#include <sodium.h>

#define ADDRESS_MAX 320          /* 64 @ 255 */
#define LOCAL_MAX 64
#define TEXT_MAX 1020            /* bytes of a name or subject: 255 characters */
#define PLAIN_MAX 60             /* plain ASCII up to this stays on the line of its field */
#define WORD_BYTES 39u           /* of an encoded word: 52 characters of base64, with its frame and a field's name below 78 */

/* -- addresses --------------------------------------------------------------------------------------------------- */

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool in_local(unsigned char c)
{
	return is_alnum(c) || c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool in_host(unsigned char c)
{
	return is_alnum(c) || c >= 0x80 || c == '-' || c == '.';
}

/* Dots stand between, one at a time; a host does not begin with a hyphen, so that it never looks like an option. */
static bool is_dotted(struct fer_str s, bool (*in)(unsigned char c))
{
	for (size_t i = 0; i < s.len; i++)
		if (!in((unsigned char)s.at[i]) || (s.at[i] == '.' && (i == 0 || i + 1 == s.len || s.at[i - 1] == '.')))
			return false;
	return s.len > 0 && s.at[0] != '-';
}

bool fer_mailbox_valid(struct fer_str address)
{
	ptrdiff_t at = fer_str_find(address, '@');

	return at > 0 && at <= LOCAL_MAX && address.len <= ADDRESS_MAX && fer_utf8_valid(address) &&
	       is_dotted(fer_str_take(address, (size_t)at), in_local) && is_dotted(fer_str_skip(address, (size_t)at + 1), in_host);
}

/* -- text -------------------------------------------------------------------------------------------------------- */

static size_t character_size(struct fer_str s, size_t i)
{
	size_t n = 1;

	while (i + n < s.len && ((unsigned char)s.at[i + n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Control characters are blanks, bytes that are no UTF-8 question marks; cut to TEXT_MAX at a character. */
static struct fer_str clean(struct fer_str text, char out[TEXT_MAX])
{
	bool valid = fer_utf8_valid(text);
	size_t n = 0;

	for (size_t i = 0, size; i < text.len && n + (size = character_size(text, i)) <= TEXT_MAX; i += size)
		for (size_t k = 0; k < size; k++) {
			unsigned char c = (unsigned char)text.at[i + k];

			out[n++] = c < 0x20 || c == 0x7f ? ' ' : c >= 0x80 && !valid ? '?' : (char)c;
		}
	return fer_str_trim((struct fer_str){ out, n });
}

/* What looks like an encoded word would be read as one. */
static bool is_plain(struct fer_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return text.len <= PLAIN_MAX && fer_str_search(text, FER_S("=?")) < 0;
}

/* Whole characters in each word, a word a line. */
static void put_words(struct fer_buf *buf, struct fer_str text)
{
	char word[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];

	for (size_t from = 0, to; from < text.len; from = to) {
		for (to = from + character_size(text, from); to < text.len && to + character_size(text, to) <= from + WORD_BYTES;)
			to += character_size(text, to);
		fer_buf_text(buf, from ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
		sodium_bin2base64(word, sizeof(word), (const unsigned char *)text.at + from, to - from, sodium_base64_VARIANT_ORIGINAL);
		fer_buf_text(buf, word);
		fer_buf_text(buf, "?=");
	}
}

void fer_mailbox_put(struct fer_buf *buf, const char *field, struct fer_str name, struct fer_str address)
{
	char space[TEXT_MAX];
	struct fer_str text = clean(name, space);

	fer_buf_fmt(buf, "%s: ", field);
	if (text.len && is_plain(text) && fer_str_find(text, '"') < 0 && fer_str_find(text, '\\') < 0)
		fer_buf_fmt(buf, "\"%.*s\"", FER_F(text));
	else if (text.len)
		put_words(buf, text);
	fer_buf_fmt(buf, "%s<%.*s>\r\n", text.len ? "\r\n " : "", FER_F(address));
}

void fer_mail_text_put(struct fer_buf *buf, const char *field, struct fer_str text)
{
	char space[TEXT_MAX];

	text = clean(text, space);
	fer_buf_fmt(buf, "%s: ", field);
	if (is_plain(text))
		fer_buf_str(buf, text);
	else
		put_words(buf, text);
	fer_buf_text(buf, "\r\n");
}
