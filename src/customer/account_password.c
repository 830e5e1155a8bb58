/*
 * Magento_Customer: passwords and confirmation of accounts. Whatever hashes runs in the password pool and holds no connection
 * while it does; the secrets of reset links are stored encrypted.
 */
#include "customer/account.h"

#include <sodium.h>

#include "api/route.h"
#include "api/server.h"
#include "auth/auth.h"
#include "auth/password.h"
#include "customer/letter.h"
#include "store/config.h"

struct change {
	int64_t customer_id;
	struct fer_str hash;
	bool unlock, revoke;
};

static int note_change(struct fer_call *call, const struct change *c)
{
	struct fer_value details = fer_map();

	fer_set(call->arena, &details, "by", fer_text(c->unlock ? "link" : "password"));
	return fer_audit_change(fer_auth_audit(call->server->auth), call->db, fer_call_actor(call), FER_AUDIT_CUSTOMER_PASSWORD,
	                        fer_audit_kind(FER_USER_CUSTOMER), c->customer_id, &details);
}

/* Whoever did it: the owner hears of it. */
static int tell_change(struct fer_call *call, const struct change *c)
{
	struct fer_value record;
	int r = fer_customer_load(call, c->customer_id, &record);

	return r ? r : fer_customer_letter(call, FER_LETTER_PASSWORD, &record, NULL, FER_S(""));
}

static int store_password(struct fer_call *call, void *data)
{
	const struct change *c = data;
	struct fer_str now = fer_time_text(call->arena, call->now_s);
	int r = fer_sql_run(call->db, FER_SQL_CUSTOMER_PASSWORD, NULL, "sssi", c->hash, now, now, c->customer_id);

	if (!r && c->revoke)
		r = fer_token_revoke_in(call->db, fer_call_actor(call), FER_USER_CUSTOMER, c->customer_id, call->now_s,
		                        "the password was changed");
	if (!r && c->unlock)
		r = fer_sql_run(call->db, FER_SQL_CUSTOMER_UNLOCK, NULL, "i", c->customer_id);
	if (!r)
		r = tell_change(call, c);
	return r ? r : note_change(call, c);
}

static int set_password(struct fer_call *call, int64_t customer_id, struct fer_str password, bool unlock)
{
	/* Off by default: Magento leaves a customer's tokens alone. */
	bool revoke = fer_config_bool(call->server->store, 0, "ferrite/token/revoke_customer_on_password_change", false);
	struct change change = { .customer_id = customer_id, .unlock = unlock, .revoke = revoke };
	char text[FER_PASSWORD_TEXT_MAX];
	int r;

	if ((r = fer_password_hash(password, text)))
		return r;
	change.hash = fer_str(text);
	r = fer_tx(call, revoke ? 1u << FER_CHANGE_REVOKED : 0, store_password, &change);
	return r ? r : fer_answer_true(call);
}

/* Run @fn with a lent connection, in a handler that holds none. */
static int with_db(struct fer_call *call, int (*fn)(struct fer_call *call, void *data), void *data)
{
	int r;

	if ((r = fer_db_lend(call->server->store, &call->db)))
		return r;
	r = fn(call, data);
	fer_db_return(call->db);
	call->db = NULL;
	return r;
}

/* -- changing it with the present one ------------------------------------------------------------------------------ */

static int load_by_id(struct fer_call *call, void *data)
{
	return fer_customer_load(call, fer_arg_int(call, "customerId"), data);
}

static int change_password(struct fer_call *call)
{
	int64_t id = fer_arg_int(call, "customerId");
	struct fer_str password = fer_arg_str(call, "newPassword");
	struct fer_value record;
	int r;

	if ((r = with_db(call, load_by_id, &record)) ||
	    (r = fer_customer_password_check(call->server->auth, fer_call_actor(call), call->arena, id, fer_arg_str(call, "currentPassword"),
	                                     call->now_s, &call->fault)) ||
	    (r = fer_customer_password_differs(call, password, fer_map_str(call->arena, &record, "email"))) ||
	    (r = fer_customer_password_rules(call, password)))
		return r;
	return set_password(call, id, password, false);
}

/* -- resetting it by a link ---------------------------------------------------------------------------------------- */

static bool is_expired(struct fer_call *call, struct fer_str created_at)
{
	int64_t hours = fer_config_int(call->server->store, 0, "customer/password/reset_link_expiration_period", 2), made;

	if (!fer_time_parse(created_at, &made) || made > call->now_s)
		return true;
	return (call->now_s - made) / 3600 >= hours;
}

static bool is_same(struct fer_str a, struct fer_str b)
{
	return a.len == b.len && sodium_memcmp(a.at, b.at, a.len) == 0;
}

static int compare_link(struct fer_call *call, struct fer_stmt *stmt, struct fer_str link)
{
	struct fer_str stored = FER_STR_NONE, secret = fer_col_str(stmt, 0);
	int r;

	if (secret.len && (r = fer_keys_decrypt(fer_auth_keys(call->server->auth), call->arena, secret, &stored)) < 0)
		return r;
	if (!stored.len || !is_same(stored, link))
		return fer_fail(call, FER_E_CUSTOMER_RESET_MISMATCH, NULL);
	return is_expired(call, fer_col_str(stmt, 1)) ? fer_fail(call, FER_E_CUSTOMER_RESET_EXPIRED, NULL) : 0;
}

/* Source: Magento_Customer AccountManagement::validateResetPasswordToken, 2.4.7 */
static int check_link(struct fer_call *call, int64_t customer_id, struct fer_str link)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if (!customer_id)
		return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "value", fer_int(0), "fieldName", fer_text("customerId"), NULL);
	if (!link.len)
		return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("resetPasswordLinkToken"), NULL);
	if ((r = fer_sql_open(call->db, FER_SQL_CUSTOMER_LINK_READ, &stmt, "i", customer_id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("customerId"), "fieldValue", fer_int(customer_id), NULL);
	return compare_link(call, stmt, link);
}

/* @r, or < 0 when a link that was guessed or came too late could not be written down. */
static int note_refusal(struct fer_call *call, int64_t customer_id, int r)
{
	struct fer_audit_event event = {
		.name = FER_AUDIT_RESET_LINK, .outcome = FER_DENIED, .actor = fer_call_actor(call),
		.target = fer_str_fmt(call->arena, "customer:%lld", (long long)customer_id),
		.reason = r == FER_E_CUSTOMER_RESET_EXPIRED ? FER_S("expired") : FER_S("another link"),
	};
	int noted = r == FER_E_CUSTOMER_RESET_EXPIRED || r == FER_E_CUSTOMER_RESET_MISMATCH
	            ? fer_audit_note(fer_auth_audit(call->server->auth), &event) : 0;

	return noted ? noted : r;
}

static int validate_link(struct fer_call *call)
{
	int64_t id = fer_arg_int(call, "customerId");
	int r = check_link(call, id, fer_arg_str(call, "resetPasswordLinkToken"));

	return r ? note_refusal(call, id, r) : fer_answer_true(call);
}

/* By e-mail and link to the id. */
static int find_by_link(struct fer_call *call, void *data)
{
	int64_t *id = data;
	struct fer_value record;
	int r = fer_customer_by_email(call, fer_arg_str(call, "email"), NULL, &record);

	if (r)
		return r;
	*id = fer_map_int(&record, "id", 0);
	return check_link(call, *id, fer_arg_str(call, "resetToken"));
}

static int reset_password(struct fer_call *call)
{
	struct fer_str email = fer_arg_str(call, "email"), password = fer_arg_str(call, "newPassword");
	int64_t id = 0;
	int r;

	if (!email.len)
		return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("email"), NULL);
	if ((r = with_db(call, find_by_link, &id)))
		return note_refusal(call, id, r);
	if ((r = fer_customer_password_differs(call, password, email)) ||
	    (r = fer_customer_password_rules(call, password)))
		return r;
	return set_password(call, id, password, true);
}

static const struct { const char *template; enum fer_customer_letter letter; } templates[] = {
	{ "email_reset", FER_LETTER_RESET }, { "email_reminder", FER_LETTER_REMINDER },
};

static int find_template(struct fer_str name)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(templates); i++)
		if (fer_str_is(name, templates[i].template))
			return (int)i;
	return -1;
}

static int new_link(struct fer_call *call, void *data)
{
	const int *template = data;
	struct fer_value record;
	char link[33];
	int r;

	if ((r = fer_customer_by_email(call, fer_arg_str(call, "email"), fer_arg(call, "websiteId"), &record)) ||
	    (r = fer_customer_new_link(call, fer_map_int(&record, "id", 0), link)) || *template < 0)
		return r;
	return fer_customer_letter(call, templates[*template].letter, &record, link, FER_S(""));
}

/* The new link counts even when the template is refused: Magento saves first. */
static int initiate_reset(struct fer_call *call)
{
	struct fer_str template = fer_arg_str(call, "template");
	int found = find_template(template), r;

	if ((r = fer_customer_reset_limit(call)) || (r = fer_tx(call, FER_TX_QUIET, new_link, &found)))
		return r;
	if (found >= 0)
		return fer_answer_true(call);
	return fer_fail(call, FER_E_CUSTOMER_TEMPLATE, "value", fer_string(template), "fieldName", fer_text("template"),
	                "template1", fer_text("email_reminder"), "template2", fer_text("email_reset"), NULL);
}

/* -- confirmation -------------------------------------------------------------------------------------------------- */

static int confirm(struct fer_call *call, struct fer_value *record)
{
	struct fer_str key = fer_map_str(call->arena, record, "confirmation");
	int r;

	if (!key.len)
		return fer_fail(call, FER_E_CUSTOMER_ACTIVE, NULL);
	if (!is_same(key, fer_arg_str(call, "confirmationKey")))
		return fer_fail(call, FER_E_CUSTOMER_KEY_WRONG, NULL);
	fer_set(call->arena, record, "confirmation", fer_null());
	r = fer_sql_run(call->db, FER_SQL_CUSTOMER_CONFIRMED, NULL, "si", fer_time_text(call->arena, call->now_s),
	                fer_map_int(record, "id", 0));
	return r ? r : fer_customer_letter(call, FER_LETTER_CONFIRMED, record, NULL, FER_S(""));
}

static int activate_one(struct fer_call *call, void *data)
{
	const struct fer_value *id = fer_arg(call, "customerId");
	int r = id ? fer_customer_load(call, fer_as_int(id), data) : fer_customer_by_email(call, fer_arg_str(call, "email"), NULL, data);

	return r ? r : confirm(call, data);
}

static int activate(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_tx(call, 0, activate_one, &record);

	return r ? r : fer_answer(call, fer_shape(call, &fer_customer, &record));
}

static int confirmation_status(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_customer_load(call, fer_arg_int(call, "customerId"), &record);

	if (r)
		return r;
	if (!fer_customer_must_confirm(call->server->store, (int)fer_map_int(&record, "website_id", 0)))
		return fer_answer(call, fer_text("account_confirmation_not_required"));
	return fer_answer(call, fer_text(fer_has(&record, "confirmation") ? "account_confirmation_required" : "account_confirmed"));
}

static int send_confirmation(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value record;
	struct fer_str key;
	int r = fer_customer_by_email(call, fer_arg_str(call, "email"), fer_arg(call, "websiteId"), &record);

	if (r)
		return r;
	if (!(key = fer_map_str(call->arena, &record, "confirmation")).len)
		return fer_fail(call, FER_E_CUSTOMER_NO_CONFIRMATION, NULL);
	return fer_customer_letter(call, FER_LETTER_CONFIRMATION, &record, fer_str_z(call->arena, key), fer_arg_str(call, "redirectUrl"));
}

static int resend_confirmation(struct fer_call *call)
{
	int r = fer_tx(call, FER_TX_QUIET, send_confirmation, NULL);

	return r ? r : fer_answer_true(call);
}

#define SOURCE "Magento_Customer webapi.xml"
#define MANAGES "Magento_Customer::manage"
#define CUSTOMER_ID { "customerId", FER_INT, FER_REQ, NULL, NULL }
#define TEXT(name) { name, FER_STRING, FER_REQ, NULL, NULL }
#define MINE .forced = "customerId=%customer_id%"

static const struct fer_route rows[] = {
	{ FER_PUT, "/V1/customers/me/password", "self", .run = change_password, .where = FER_HASH, .returns = FER_BOOL, MINE,
	  .limit = FER_LIMIT_TOKEN, FER_PARAMS(CUSTOMER_ID, TEXT("currentPassword"), TEXT("newPassword")),
	  .service = "customerAccountManagementV1", .summary = "Change the calling customer's password", .source = SOURCE },
	{ FER_PUT, "/V1/customers/password", "anonymous", .run = initiate_reset, .returns = FER_BOOL,
	  .limit = FER_LIMIT_RECOVERY, .limit_by = "email", FER_PARAMS(TEXT("email"), TEXT("template"), { "websiteId", FER_INT, 0, NULL, NULL }),
	  .service = "customerAccountManagementV1", .summary = "Begin a password reset: a new link", .source = SOURCE },
	{ FER_POST, "/V1/customers/resetPassword", "anonymous", .run = reset_password, .where = FER_HASH, .returns = FER_BOOL,
	  .limit = FER_LIMIT_TOKEN, .limit_by = "email", FER_PARAMS(TEXT("email"), TEXT("resetToken"), TEXT("newPassword")),
	  .service = "customerAccountManagementV1", .summary = "Set a password by the secret of a reset link", .source = SOURCE },
	{ FER_GET, "/V1/customers/:customerId/password/resetLinkToken/:resetPasswordLinkToken", "anonymous", .run = validate_link,
	  .limit = FER_LIMIT_TOKEN, .limit_by = "customerId", .returns = FER_BOOL, FER_PARAMS(CUSTOMER_ID, TEXT("resetPasswordLinkToken")),
	  .service = "customerAccountManagementV1", .summary = "Whether the secret of a reset link is valid", .source = SOURCE },
	{ FER_PUT, "/V1/customers/me/activate", "self", .run = activate, .of = &fer_customer, MINE,
	  .limit = FER_LIMIT_TOKEN, FER_PARAMS(CUSTOMER_ID, TEXT("confirmationKey")),
	  .service = "customerAccountManagementV1", .summary = "Confirm the calling customer's account", .source = SOURCE },
	{ FER_PUT, "/V1/customers/:email/activate", MANAGES, .run = activate, .of = &fer_customer,
	  FER_PARAMS(TEXT("email"), TEXT("confirmationKey")),
	  .service = "customerAccountManagementV1", .summary = "Confirm an account", .source = SOURCE },
	{ FER_GET, "/V1/customers/:customerId/confirm", MANAGES, .run = confirmation_status, .returns = FER_STRING,
	  FER_PARAMS(CUSTOMER_ID),
	  .service = "customerAccountManagementV1", .summary = "Whether an account is confirmed", .source = SOURCE },
	{ FER_POST, "/V1/customers/confirm", MANAGES, .run = resend_confirmation, .returns = FER_BOOL,
	  FER_PARAMS(TEXT("email"), { "websiteId", FER_INT, FER_REQ, NULL, NULL }, { "redirectUrl", FER_STRING, 0, NULL, "" }),
	  .service = "customerAccountManagementV1", .summary = "Send the confirmation again", .source = SOURCE },
};

const struct fer_route_table fer_routes_customer_password = FER_ROUTE_TABLE(rows);
