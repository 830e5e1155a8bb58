/*
 * Magento_Customer: the letters, and their links into the storefront. The occasions, senders and links are Magento's, the words ours.
 */
#include "customer/letter.h"

#include "api/letter.h"
#include "api/server.h"
#include "shop/shop.h"
#include "store/config.h"

#define NEW "customer/create_account/email_identity"
#define SUPPORT "customer/password/forgot_email_identity"
#define GREETING "Hello {name},\n\n"
#define SIGNATURE "\n\n{shop}\n"

/* The path of the link goes behind the address of the shop's pages; %key% in it is the secret, %id% the account. */
static const struct row {
	struct fer_letter letter;
	const char *path;
} rows[FER_N_CUSTOMER_LETTERS] = {
	[FER_LETTER_REGISTERED] = { { "customer_create_account_email_template", NEW, "Welcome to {shop}",
		GREETING "your account at {shop} is ready. Sign in with {email} and the password you chose:\n\n{link}" SIGNATURE },
		"customer/account/" },
	[FER_LETTER_NO_PASSWORD] = { { "customer_create_account_email_no_password_template", NEW, "Welcome to {shop}",
		GREETING "an account at {shop} was made for {email}. It has no password yet; choose one here:\n\n{link}" SIGNATURE },
		"customer/account/createPassword/?id=%id%&token=%key%" },
	[FER_LETTER_CONFIRMATION] = { { "customer_create_account_email_confirmation_template", NEW, "Please confirm your account at {shop}",
		GREETING "somebody, most likely you, made an account at {shop} for {email}. Confirm that this address is yours, and the account"
		" can be used:\n\n{link}\n\nIf it was not you, do nothing." SIGNATURE },
		"customer/account/confirm/?id=%id%&key=%key%" },
	[FER_LETTER_CONFIRMED] = { { "customer_create_account_email_confirmed_template", NEW, "Your account at {shop} is confirmed",
		GREETING "thank you: your account at {shop} is confirmed. You can sign in with {email}:\n\n{link}" SIGNATURE },
		"customer/account/" },
	[FER_LETTER_RESET] = { { "customer_password_forgot_email_template", SUPPORT, "Choose a new password for {shop}",
		GREETING "a new password was asked for, for your account at {shop}. Choose one here:\n\n{link}\n\n"
		"If you did not ask for it, do nothing: your password stays as it is." SIGNATURE },
		"customer/account/createPassword/?token=%key%" },
	[FER_LETTER_REMINDER] = { { "customer_password_remind_email_template", SUPPORT, "Your password for {shop}",
		GREETING "you were reminded of your account {email} at {shop}. If you do not know its password any more, choose a new one here:"
		"\n\n{link}" SIGNATURE },
		"customer/account/createPassword/?token=%key%" },
	[FER_LETTER_PASSWORD] = { { "customer_password_reset_password_template", SUPPORT, "Your password for {shop} was changed",
		GREETING "the password of your account {email} at {shop} was changed just now. If it was not you, please write to us at once, and"
		" choose a new one here:\n\n{link}" SIGNATURE },
		"customer/account/forgotpassword/" },
	[FER_LETTER_EMAIL] = { { "customer_account_information_change_email_template", SUPPORT, "Your e-mail address at {shop} was changed",
		GREETING "the e-mail address of your account at {shop} was changed from {other} to {email}. If it was not you, please write to us"
		" at once." SIGNATURE }, NULL },
	[FER_LETTER_EMAIL_AND_PASSWORD] = { { "customer_account_information_change_email_and_password_template", SUPPORT,
		"Your e-mail address and password at {shop} were changed",
		GREETING "the e-mail address of your account at {shop} was changed from {other} to {email}, and its password with it. If it was not"
		" you, please write to us at once." SIGNATURE }, NULL },
};

/* -- links ------------------------------------------------------------------------------------------------------- */

static int shop_url(struct fer_call *call, int store_id, struct fer_str *out)
{
	struct fer_store *store = call->server->store;
	struct fer_store_urls urls;
	struct fer_store_view view;
	int r;

	*out = FER_S("");
	if (!fer_config_store_by_id(store, store_id, &view))
		return 0;
	r = fer_store_urls(call, store_id, fer_str_dup(call->arena, fer_str(view.code)),
	                   fer_config_bool(store, store_id, "web/secure/use_in_frontend", false), &urls);
	*out = urls.link;
	return r;
}

/* Anybody may ask for an account with any address in it: the shop does not mail a link that leads out of it. */
static void put_back(struct fer_buf *buf, struct fer_str base, struct fer_str back)
{
	if (!back.len || !base.len || !fer_str_eq(fer_str_take(back, base.len), base))
		return;
	fer_buf_text(buf, "&back_url=");
	fer_url_put(buf, back);
}

static struct fer_str link_to(struct fer_call *call, const char *path, const struct fer_value *record, const char *secret, struct fer_str base)
{
	struct fer_str id = fer_str_fmt(call->arena, "%lld", (long long)fer_map_int(record, "id", 0));
	struct fer_str rest = fer_str(path), piece;
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, 4096);
	fer_buf_str(&buf, base);
	while (fer_str_cut(&rest, '%', &piece)) {
		if (fer_str_is(piece, "id"))
			fer_buf_str(&buf, id);
		else if (fer_str_is(piece, "key"))
			fer_url_put(&buf, fer_str(secret));
		else
			fer_buf_str(&buf, piece);
	}
	return fer_buf_view(&buf);
}

static struct fer_str link_of(struct fer_call *call, const struct row *row, const struct fer_value *record, const char *secret,
                              struct fer_str base, struct fer_str back)
{
	struct fer_buf buf;

	if (!row->path)
		return FER_S("");
	fer_buf_init(&buf, call->arena, 8192);
	fer_buf_str(&buf, link_to(call, row->path, record, secret, base));
	if (row == &rows[FER_LETTER_CONFIRMATION])
		put_back(&buf, base, back);
	return fer_buf_view(&buf);
}

/* -- letters ----------------------------------------------------------------------------------------------------- */

/* Prefix, first, middle and last name, suffix. Source: Magento_Customer CustomerNameGeneration, 2.4.7 */
static struct fer_str full_name(struct fer_call *call, const struct fer_value *record)
{
	static const char *const parts[] = { "prefix", "firstname", "middlename", "lastname", "suffix" };
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, 4096);
	for (size_t i = 0; i < FER_ARRAY_LEN(parts); i++) {
		struct fer_str part = fer_map_str(call->arena, record, parts[i]);

		if (part.len && buf.len)
			fer_buf_char(&buf, ' ');
		fer_buf_str(&buf, part);
	}
	return fer_buf_view(&buf);
}

static int store_of(struct fer_call *call, const struct fer_value *record)
{
	int store_id = (int)fer_map_int(record, "store_id", 0);

	return store_id ? store_id : fer_customer_store_of(call->server->store, (int)fer_map_int(record, "website_id", 0));
}

int fer_customer_letter(struct fer_call *call, enum fer_customer_letter which, const struct fer_value *record, const char *secret,
                        struct fer_str back)
{
	const struct row *row = &rows[which];
	struct fer_letter_fill fill = { .store_id = store_of(call, record), .name = full_name(call, record),
	                                .email = fer_map_str(call->arena, record, "email") };
	struct fer_str base;
	int r;

	if (call->server->mail.mode == FER_MAIL_NONE)
		return 0;
	if ((r = shop_url(call, fill.store_id, &base)))
		return r;
	fill.link = link_of(call, row, record, secret, base, back);
	return fer_letter_post(call, &row->letter, &fill, NULL);
}

int fer_customer_letter_moved(struct fer_call *call, enum fer_customer_letter which, const struct fer_value *record, struct fer_str old_email)
{
	struct fer_letter_fill fill = { .store_id = store_of(call, record), .name = full_name(call, record), .to = old_email,
	                                .email = fer_map_str(call->arena, record, "email"), .other = old_email };
	int r = fer_letter_post(call, &rows[which].letter, &fill, NULL);

	fill.to = fill.email;
	return r ? r : fer_letter_post(call, &rows[which].letter, &fill, NULL);
}
