/*
 * A mail of foreign text: names, subject and body, parted by '\n' as the first three lines and the rest. Whatever comes in, the message has
 * its own fields and no other, short lines of ASCII, and one recipient.
 */
#include <assert.h>

#include "mail/mailbox.h"
#include "mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(struct fer_str line)
{
	for (size_t i = 0; i < line.len; i++)
		assert(line.at[i] == '\t' || (line.at[i] >= 0x20 && line.at[i] < 0x7f));
	assert(line.len <= 78);
}

/* Fields are Date, From, To, Subject, Message-ID, Auto-Submitted, MIME-Version and two of Content: nine. */
static void check(struct fer_str text)
{
	struct fer_str head = fer_str_take(text, (size_t)fer_str_search(text, FER_S("\r\n\r\n"))), line;
	size_t n = 0;

	for (struct fer_str rest = head; fer_str_cut(&rest, '\n', &line);)
		n += line.at[0] != ' ';
	assert(n == 9);
	for (struct fer_str rest = text; fer_str_cut(&rest, '\n', &line) && rest.len;) {
		assert(line.len && line.at[line.len - 1] == '\r');
		check_line(fer_str_take(line, line.len - 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new((size_t)64 << 20);
	struct fer_str rest = { (const char *)data, size }, address;
	struct fer_mail mail = { .sender = FER_S("a@b.example"), .recipient = FER_S("c@d.example"), .message_id = FER_S("1@b.example") };
	struct fer_buf buf;

	if (!fer_str_cut(&rest, '\n', &address) || !fer_str_cut(&rest, '\n', &mail.recipient_name) || !fer_str_cut(&rest, '\n', &mail.subject))
		return 0;
	if (fer_mailbox_valid(address))
		assert(address.len <= 320 && !memchr(address.at, '>', address.len) && !memchr(address.at, ' ', address.len) &&
		       !memchr(address.at, '\r', address.len));
	mail.sender_name = mail.recipient_name;
	mail.body = rest;
	fer_buf_init(&buf, arena, (size_t)16 << 20);
	fer_message_write(&buf, &mail);
	if (!buf.overflow)
		check(fer_buf_view(&buf));
	return 0;
}
