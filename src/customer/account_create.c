/*
 * Magento_Customer: making an account, by a guest, an admin or an integration. The password is worked on before the transaction.
 */
#include "customer/account.h"

#include <errno.h>

#include "api/eav.h"
#include "api/route.h"
#include "api/server.h"
#include "auth/password.h"
#include "customer/address.h"
#include "customer/letter.h"
#include "store/config.h"

/* -- website and store view ---------------------------------------------------------------------------------------- */

static int default_store_of(struct fer_call *call, const struct fer_value *website_id, int *store_id)
{
	struct fer_website website;

	if (!fer_config_website_by_id(call->server->store, (int)fer_as_int(website_id), &website))
		return fer_fail(call, FER_E_CUSTOMER_WEBSITE_MISSING, "id", *website_id, NULL);
	*store_id = fer_customer_store_of(call->server->store, website.id);
	return 0;
}

/* Without a store view: the default one of the website that was named, else of the install, whatever the path says. */
static int choose_store(struct fer_call *call, struct fer_value *record)
{
	const struct fer_value *website_id = fer_get(record, "website_id");
	int store_id = fer_config_default_store(call->server->store), r = 0;

	if (fer_as_bool(fer_get(record, "store_id")))
		return 0;
	if (fer_as_bool(website_id))
		r = default_store_of(call, website_id, &store_id);
	fer_set(call->arena, record, "store_id", fer_int(store_id));
	return r;
}

static int choose_website(struct fer_call *call, struct fer_value *record)
{
	struct fer_store_view view;

	if (fer_as_bool(fer_get(record, "website_id")))
		return 0;
	if (!fer_config_store_by_id(call->server->store, (int)fer_map_int(record, "store_id", 0), &view))
		return fer_fail(call, FER_E_CUSTOMER_STORE_MISSING, NULL);
	fer_set(call->arena, record, "website_id", fer_int(view.website_id));
	return 0;
}

/* @fits: the store view is one of the website; with shared accounts, any there is. */
static int fits_store(struct fer_call *call, const struct fer_value *record, struct fer_store_view *view, bool *fits)
{
	struct fer_store *store = call->server->store;
	const struct fer_value *website_id = fer_get(record, "website_id");
	struct fer_website website;

	*fits = fer_config_store_by_id(store, (int)fer_map_int(record, "store_id", 0), view);
	if (fer_customer_shared(store))
		return 0;
	if (!fer_config_website_by_id(store, (int)fer_as_int(website_id), &website))
		return fer_fail(call, FER_E_CUSTOMER_WEBSITE_MISSING, "id", website_id ? *website_id : fer_null(), NULL);
	*fits = *fits && view->website_id == website.id;
	return 0;
}

/* An id in the body names an account that is there already: it is looked for by its e-mail, and refused where it is at home. */
static int take_existing(struct fer_call *call, struct fer_value *record)
{
	struct fer_store_view view;
	bool fits;
	int r;

	if (!fer_as_bool(fer_get(record, "id")))
		return 0;
	if ((r = fer_customer_by_email(call, fer_map_str(call->arena, record, "email"), NULL, record)) ||
	    (r = fits_store(call, record, &view, &fits)))
		return r;
	return fits ? fer_fail(call, FER_E_CUSTOMER_IN_STORE, NULL) : 0;
}

static int place(struct fer_call *call, struct fer_value *record)
{
	struct fer_store_view view;
	bool fits;
	int r;

	if ((r = take_existing(call, record)) || (r = choose_store(call, record)) || (r = choose_website(call, record)) ||
	    (r = fits_store(call, record, &view, &fits)))
		return r;
	if (!fits)
		return fer_fail(call, FER_E_CUSTOMER_STORE, NULL);
	if (!fer_has(record, "id"))
		fer_set(call->arena, record, "created_in", fer_string(fer_str_dup(call->arena, fer_str(view.name))));
	return 0;
}

/* -- making -------------------------------------------------------------------------------------------------------- */

/* Addresses in countries the store view does not know are passed over in silence. */
static int add_addresses(struct fer_call *call, const struct fer_value *record, struct fer_value *addresses)
{
	int store_id = (int)fer_map_int(record, "store_id", 0), r = 0;

	for (uint32_t i = 0; i < fer_count(addresses) && !r; i++) {
		struct fer_value *address = &addresses->list.items[i];

		if (!fer_address_country(call, store_id, fer_get(address, "country_id")))
			continue;
		fer_unset(address, "id");
		r = fer_address_store(call, fer_map_int(record, "id", 0), store_id, address);
	}
	return r;
}

int fer_customer_new_link(struct fer_call *call, int64_t customer_id, char link[33])
{
	struct fer_str secret;
	int r;

	fer_password_random(link, 32);
	if ((r = fer_keys_encrypt(fer_auth_keys(call->server->auth), call->arena, fer_str(link), &secret)))
		return r;
	return fer_sql_run(call->db, FER_SQL_CUSTOMER_LINK, NULL, "ssi", secret, fer_time_text(call->arena, call->now_s), customer_id);
}

/* An account without a password is asked to choose one, even where it must be confirmed first.
 * Source: Magento_Customer AccountManagement::sendEmailConfirmation, 2.4.7 */
static int send_letter(struct fer_call *call, const struct fer_value *record, bool has_password, const char *link, struct fer_str back)
{
	struct fer_str key = fer_map_str(call->arena, record, "confirmation");

	if (!has_password)
		return fer_customer_letter(call, FER_LETTER_NO_PASSWORD, record, link, back);
	if (fer_customer_must_confirm(call->server->store, (int)fer_map_int(record, "website_id", 0)))
		return fer_customer_letter(call, FER_LETTER_CONFIRMATION, record, fer_str_z(call->arena, key), back);
	return fer_customer_letter(call, FER_LETTER_REGISTERED, record, NULL, back);
}

int fer_customer_create(struct fer_call *call, struct fer_value *record, struct fer_str hash, struct fer_str back)
{
	struct fer_value addresses = fer_null();
	char link[33];
	int64_t id;
	int r;

	if ((r = place(call, record)))
		return r;
	if (fer_has(record, "addresses"))
		addresses = *fer_get(record, "addresses");
	fer_unset(record, "addresses");
	if ((r = fer_customer_store(call, record)))
		return r;
	id = fer_map_int(record, "id", 0);
	if ((hash.len && (r = fer_sql_run(call->db, FER_SQL_CUSTOMER_HASH, NULL, "si", hash, id))) ||
	    (r = add_addresses(call, record, &addresses)) || (r = fer_customer_new_link(call, id, link)) ||
	    (r = fer_customer_load(call, id, record)))
		return r;
	return send_letter(call, record, hash.len > 0, link, back);
}

/* -- route --------------------------------------------------------------------------------------------------------- */

#define MANAGES "Magento_Customer::manage"

/* Who may not manage customers may not choose a group either. Source: Magento_Customer AccountManagementApi, 2.4.7 */
static int check_group_choice(struct fer_call *call, const struct fer_value *record)
{
	int r;

	if (!fer_has(record, "group_id"))
		return 0;
	if ((r = fer_identify(call)))
		return r;
	if (fer_caller_allows(&call->caller, fer_acl_lookup(MANAGES)))
		return 0;
	return fer_fail(call, FER_E_NOT_AUTHORIZED, "resources", fer_text(MANAGES), NULL);
}

/* A password without an e-mail beside it is where Magento crashes. */
static int make_hash(struct fer_call *call, const struct fer_value *record, struct fer_str *hash)
{
	struct fer_str password = fer_arg_str(call, "password");
	char text[FER_PASSWORD_TEXT_MAX];
	int r;

	*hash = FER_STR_NONE;
	if (!fer_arg(call, "password"))
		return 0;
	if ((r = fer_customer_password_rules(call, password)))
		return r;
	if (!fer_has(record, "email"))
		return -EINVAL;
	if ((r = fer_customer_password_differs(call, password, fer_map_str(call->arena, record, "email"))) ||
	    (r = fer_password_hash(password, text)))
		return r;
	*hash = fer_str_dup(call->arena, fer_str(text));
	return 0;
}

struct creation {
	struct fer_value record;
	struct fer_str hash;
};

static int create(struct fer_call *call, void *data)
{
	struct creation *c = data;

	c->record = fer_clone(call->arena, fer_arg(call, "customer"));
	return fer_customer_create(call, &c->record, c->hash, fer_arg_str(call, "redirectUrl"));
}

int fer_customer_add(struct fer_store *store, struct fer_auth *auth, struct fer_arena *arena, int64_t now_s,
                     const struct fer_value *customer, struct fer_str hash, struct fer_fault *fault)
{
	struct fer_server server = { .store = store, .auth = auth, .eav = fer_eav_cache_new() };
	struct fer_call call = { .server = &server, .arena = arena, .now_s = now_s, .store_id = fer_config_default_store(store) };
	struct creation c = { .hash = hash };
	int r = -ENOMEM;

	call.args = fer_map();
	fer_set(arena, &call.args, "customer", fer_clone(arena, customer));
	fer_unset(fer_get(&call.args, "customer"), "password");
	fer_unset(fer_get(&call.args, "customer"), "hash");
	if (server.eav)
		r = fer_tx(&call, 0, create, &c);
	*fault = call.fault;
	fer_eav_drop(&call);
	fer_eav_cache_free(server.eav);
	return r;
}

static int post_account(struct fer_call *call)
{
	const struct fer_value *sent = fer_arg(call, "customer");
	struct creation c;
	int r;

	if ((r = check_group_choice(call, sent)) || (r = make_hash(call, sent, &c.hash)) || (r = fer_tx(call, 0, create, &c)))
		return r;
	fer_unset(&c.record, "confirmation");
	return fer_answer(call, fer_shape(call, &fer_customer, &c.record));
}

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/customers", "anonymous", .run = post_account, .of = &fer_customer, .where = FER_HASH,
	  FER_PARAMS({ "customer", FER_OBJECT, FER_REQ, &fer_customer, NULL }, { "password", FER_STRING, 0, NULL, NULL },
	             { "redirectUrl", FER_STRING, 0, NULL, "" }),
	  .service = "customerAccountManagementV1", .summary = "Make a customer account", .source = "Magento_Customer webapi.xml" },
};

const struct fer_route_table fer_routes_customer_create = FER_ROUTE_TABLE(rows);
