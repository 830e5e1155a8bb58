/*
 * Filling letters, and the settings of Magento that decide about them.
 */
#include "api/letter.h"

#include "api/server.h"
#include "auth/auth.h"
#include "store/config.h"

#define SUBJECT_MAX 1024

static struct fer_str place(const struct fer_letter_fill *fill, struct fer_str shop, struct fer_str name)
{
	const struct { const char *name; struct fer_str text; } places[] = {
		{ "shop", shop }, { "name", fill->name }, { "email", fill->email }, { "link", fill->link }, { "other", fill->other },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(places); i++)
		if (fer_str_is(name, places[i].name))
			return places[i].text;
	return FER_STR_NONE;
}

/* A name with line ends would be a paragraph of its own in a letter that we sign. */
static void put_line(struct fer_buf *buf, struct fer_str text)
{
	for (size_t i = 0; i < text.len; i++)
		fer_buf_char(buf, (unsigned char)text.at[i] < 0x20 ? ' ' : text.at[i]);
}

static struct fer_str fill_in(struct fer_arena *arena, const char *template, const struct fer_letter_fill *fill, struct fer_str shop, size_t max)
{
	struct fer_str rest = fer_str(template), piece;
	struct fer_buf buf;
	ptrdiff_t end;

	fer_buf_init(&buf, arena, max);
	for (bool first = true; fer_str_cut(&rest, '{', &piece); first = false) {
		if (!first && (end = fer_str_find(piece, '}')) >= 0) {
			put_line(&buf, place(fill, shop, fer_str_take(piece, (size_t)end)));
			piece = fer_str_skip(piece, (size_t)end + 1);
		}
		fer_buf_str(&buf, piece);
	}
	return fer_buf_view(&buf);
}

/* -- what the shop says ------------------------------------------------------------------------------------------- */

/* Source: Magento_Store Model\Store::getFrontendName, 2.4.7 */
static int shop_name(struct fer_call *call, int store_id, struct fer_str *out)
{
	struct fer_store *store = call->server->store;
	struct fer_store_group group;
	struct fer_store_view view;
	int r = fer_config_text(store, call->arena, store_id, "general/store_information/name", out);

	if (r || out->len)
		return r;
	if (fer_config_store_by_id(store, store_id, &view) && fer_config_group_by_id(store, view.group_id, &group))
		*out = fer_str_dup(call->arena, fer_str(group.name));
	return 0;
}

static int read_identity(struct fer_call *call, int store_id, const char *setting, struct fer_mail *mail)
{
	struct fer_store *store = call->server->store;
	struct fer_str identity, path;
	int r = fer_config_text(store, call->arena, store_id, setting, &identity);

	if (r)
		return r;
	path = fer_str_fmt(call->arena, "trans_email/ident_%.*s/name", FER_F(identity));
	if ((r = fer_config_text(store, call->arena, store_id, fer_str_z(call->arena, path), &mail->sender_name)))
		return r;
	path = fer_str_fmt(call->arena, "trans_email/ident_%.*s/email", FER_F(identity));
	return fer_config_text(store, call->arena, store_id, fer_str_z(call->arena, path), &mail->sender);
}

int fer_letter_post(struct fer_call *call, const struct fer_letter *letter, const struct fer_letter_fill *fill, bool *posted)
{
	struct fer_server *server = call->server;
	struct fer_mail mail = { .kind = fer_str(letter->kind), .store_id = fill->store_id, .recipient_name = fill->name,
	                         .recipient = fill->to.len ? fill->to : fill->email };
	bool off = fer_config_bool(server->store, fill->store_id, "system/smtp/disable", false);
	struct fer_str shop;
	int r;

	if (posted)
		*posted = off;
	if (off || server->mail.mode == FER_MAIL_NONE)
		return 0;
	if ((r = shop_name(call, fill->store_id, &shop)) || (r = read_identity(call, fill->store_id, letter->identity, &mail)))
		return r;
	mail.subject = fill_in(call->arena, letter->subject, fill, shop, SUBJECT_MAX);
	mail.body = fill_in(call->arena, letter->body, fill, shop, FER_MAIL_BODY_MAX);
	r = fer_outbox_add(call->db, fer_auth_keys(server->auth), call->arena, &server->mail, call->now_s, &mail);
	if (posted)
		*posted = mail.id != 0;
	return r;
}
