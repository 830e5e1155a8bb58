/*
 * Writing a message. Quoted-printable leaves nothing in a body that a transport could change or take for its own.
 */
#include "mail/message.h"

#include "mail/mailbox.h"

#define LINE 75u                  /* characters of a line, before the "=" that joins it to the next */

static void put_date(struct fer_buf *buf, int64_t unix_s)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = (time_t)unix_s;
	struct tm tm;

	gmtime_r(&at, &tm);
	fer_buf_fmt(buf, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	            tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* A blank stays a blank unless the line ends behind it. */
static bool stands_for_itself(struct fer_str body, size_t i)
{
	unsigned char c = (unsigned char)body.at[i];

	if (c == ' ' || c == '\t')
		return i + 1 < body.len && body.at[i + 1] != '\n' && body.at[i + 1] != '\r';
	return c > ' ' && c < 0x7f && c != '=';
}

static void put_body(struct fer_buf *buf, struct fer_str body)
{
	size_t column = 0;

	for (size_t i = 0; i < body.len; i++) {
		bool plain = stands_for_itself(body, i);

		if (body.at[i] == '\r' && i + 1 < body.len && body.at[i + 1] == '\n')
			continue;
		if (body.at[i] == '\n') {
			fer_buf_text(buf, "\r\n");
			column = 0;
			continue;
		}
		if (column + (plain ? 1 : 3) > LINE) {
			fer_buf_text(buf, "=\r\n");
			column = 0;
		}
		if (plain)
			fer_buf_char(buf, body.at[i]);
		else
			fer_buf_fmt(buf, "=%02X", (unsigned)(unsigned char)body.at[i]);
		column += plain ? 1 : 3;
	}
	if (column)
		fer_buf_text(buf, "\r\n");
}

void fer_message_write(struct fer_buf *buf, const struct fer_mail *mail)
{
	put_date(buf, mail->created_at);
	fer_mailbox_put(buf, "From", mail->sender_name, mail->sender);
	fer_mailbox_put(buf, "To", mail->recipient_name, mail->recipient);
	fer_mail_text_put(buf, "Subject", mail->subject);
	fer_buf_fmt(buf, "Message-ID: <%.*s>\r\n", FER_F(mail->message_id));
	fer_buf_text(buf, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
	                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	put_body(buf, mail->body);
}
