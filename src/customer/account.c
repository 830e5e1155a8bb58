/*
 * Magento_Customer: accounts as they are stored and read, and the routes that read, change and remove them. What must hold before
 * an account is saved stands in account_check.c, making one in account_create.c, passwords in account_password.c.
 */
#include "customer/account.h"

#include <errno.h>

#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "auth/password.h"
#include "auth/token.h"
#include "customer/address.h"
#include "customer/custom.h"
#include "customer/group.h"
#include "customer/letter.h"
#include "store/config.h"

/* -- descriptor -------------------------------------------------------------------------------------------------- */

static const struct fer_field extension_fields[] = {
	FER_FIELD("assistance_allowed", FER_INT,  NULL, FER_IN_ONLY, "2: staff may shop for the customer"),
	FER_FIELD("is_subscribed",      FER_BOOL, NULL, 0,           "gets the newsletter"),
};

static const struct fer_entity extension = { .name = "customer-data-customer-extension-interface", FER_FIELDS(extension_fields) };

static int accounts_loaded(struct fer_call *call, struct fer_value *records, size_t n);

static const struct fer_field fields[] = {
	/*        JSON                         type           column                       flags     meaning */
	FER_FIELD("id",                        FER_INT,       "entity_id",                 FER_KEY,  "row id"),
	FER_FIELD("group_id",                  FER_INT,       "group_id",                  0,        "customer group"),
	FER_FIELD("default_billing",           FER_STRING,    "default_billing",           0,        "id of an address, as text"),
	FER_FIELD("default_shipping",          FER_STRING,    "default_shipping",          0,        "id of an address, as text"),
	FER_FIELD("confirmation",              FER_STRING,    "confirmation",              0,        "key that is waited for", .max = 64),
	FER_FIELD("created_at",                FER_STRING,    "created_at",                FER_KEEP, "UTC"),
	FER_FIELD("updated_at",                FER_STRING,    "updated_at",                0,        "UTC"),
	FER_FIELD("created_in",                FER_STRING,    "created_in",                0,        "name of the store view", .max = 255),
	FER_FIELD("dob",                       FER_STRING,    "dob",                       0,        "date of birth"),
	FER_FIELD("email",                     FER_STRING,    "email",                     0,        "unique in its website", .max = 255),
	FER_FIELD("firstname",                 FER_STRING,    "firstname",                 0,        "first name", .max = 255),
	FER_FIELD("lastname",                  FER_STRING,    "lastname",                  0,        "last name", .max = 255),
	FER_FIELD("middlename",                FER_STRING,    "middlename",                0,        "middle name", .max = 255),
	FER_FIELD("prefix",                    FER_STRING,    "prefix",                    0,        "before the name", .max = 40),
	FER_FIELD("suffix",                    FER_STRING,    "suffix",                    0,        "behind the name", .max = 40),
	FER_FIELD("gender",                    FER_INT,       "gender",                    0,        "1 male, 2 female, 3 not specified"),
	FER_FIELD("store_id",                  FER_INT,       "store_id",                  0,        "store view"),
	FER_FIELD("taxvat",                    FER_STRING,    "taxvat",                    0,        "tax or VAT number", .max = 50),
	FER_FIELD("website_id",                FER_INT,       "website_id",                0,        "website"),
	FER_FIELD("addresses",                 FER_OBJECT,    NULL,                        FER_MANY, "addresses", .of = &fer_address),
	FER_FIELD("disable_auto_group_change", FER_INT,       "disable_auto_group_change", 0,        "1: the VAT number does not move the group",
	          .otherwise = "0"),
	FER_FIELD("extension_attributes",      FER_EXTENSION, NULL,                        0,        "newsletter", .of = &extension),
	FER_FIELD("custom_attributes",         FER_CUSTOM,    NULL,                        0,        "the shop's own attributes"),
};

const struct fer_entity fer_customer = {
	.name = "customer-data-customer-interface", .table = "customer_entity", FER_FIELDS(fields), .param = "customer",
	.missing_field = "customerId", .loaded = accounts_loaded,
};

/* -- reading ----------------------------------------------------------------------------------------------------- */

static struct fer_value *record_of(struct fer_value *records, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (fer_map_int(&records[i], "id", 0) == id)
			return &records[i];
	return NULL;
}

static int add_addresses(struct fer_call *call, struct fer_value *records, size_t n, const int64_t *ids)
{
	struct fer_value list;
	int r = fer_address_list(call, ids, n, &list);

	for (size_t i = 0; i < n; i++)
		fer_set(call->arena, &records[i], "addresses", fer_list());
	for (size_t i = 0; !r && i < fer_count(&list); i++) {
		struct fer_value *owner = record_of(records, n, fer_map_int(fer_at(&list, i), "customer_id", 0));

		if (owner)
			fer_push(call->arena, fer_get(owner, "addresses"), *fer_at(&list, i));
	}
	return r;
}

static void set_subscribed(struct fer_call *call, struct fer_value *record, bool subscribed)
{
	struct fer_value object = fer_map();

	fer_set(call->arena, &object, "is_subscribed", fer_bool(subscribed));
	fer_set(call->arena, record, "extension_attributes", object);
}

static int add_subscriptions(struct fer_call *call, struct fer_value *records, size_t n, const int64_t *ids)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_query query;
	int r;

	for (size_t i = 0; i < n; i++)
		set_subscribed(call, &records[i], false);
	fer_query_init(&query, call->arena);
	fer_query_add(&query, "SELECT customer_id FROM newsletter_subscriber WHERE subscriber_status = 1 AND customer_id");
	fer_query_ids(&query, ids, n);
	if ((r = fer_query_open(call->db, &query, &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_value *record = record_of(records, n, fer_col_int(stmt, 0));

		if (record)
			set_subscribed(call, record, true);
	}
	return r;
}

static int some_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int64_t *ids = FER_NEW_ARRAY(call->arena, n, int64_t);
	int r;

	for (size_t i = 0; i < n; i++)
		ids[i] = fer_map_int(&records[i], "id", 0);
	if ((r = add_addresses(call, records, n, ids)) || (r = add_subscriptions(call, records, n, ids)))
		return r;
	return fer_custom_load(call, FER_EAV_CUSTOMER, records, n);
}

/* In pieces, so that looking for the owner of an address stays short. */
#define AT_ONCE 256

static int accounts_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i += AT_ONCE)
		r = some_loaded(call, records + i, n - i < AT_ONCE ? n - i : AT_ONCE);
	return r;
}

int fer_customer_load(struct fer_call *call, int64_t customer_id, struct fer_value *out)
{
	struct fer_value key = fer_int(customer_id);

	return fer_load(call, &fer_customer, &key, out);
}

/* The website in a refusal is text when Magento took it from the store view. */
int fer_customer_by_email(struct fer_call *call, struct fer_str email, const struct fer_value *website_id, struct fer_value *out)
{
	struct fer_store *store = call->server->store;
	bool given = !fer_is_null(website_id);
	int64_t website = given ? fer_as_int(website_id) : fer_customer_website(store, call->store_id), id;
	int r = fer_sql_int(call->db, FER_SQL_CUSTOMER_BY_EMAIL, 0, &id, "sii", email, (int64_t)fer_customer_shared(store), website);

	if (r)
		return r;
	if (id)
		return fer_customer_load(call, id, out);
	return fer_fail(call, FER_E_NO_SUCH_ENTITY_TWO, "fieldName", fer_text("email"), "fieldValue", fer_string(email),
	                "field2Name", fer_text("websiteId"), "field2Value",
	                given ? fer_int(website) : fer_string(fer_str_fmt(call->arena, "%lld", (long long)website)), NULL);
}

/* -- saving: what is known before -------------------------------------------------------------------------------- */

/* A default is one of the addresses sent with it; without any it would be somebody's, and is none. */
static int check_default(struct fer_call *call, struct fer_value *record, const char *name)
{
	const struct fer_value *addresses = fer_get(record, "addresses"), *id = fer_get(record, name);

	if (!fer_count(addresses)) {
		fer_unset(record, name);
		return 0;
	}
	if (!fer_as_bool(id))
		return 0;
	for (size_t i = 0; i < fer_count(addresses); i++)
		if (fer_map_int(fer_at(addresses, i), "id", 0) == fer_as_int(id))
			return 0;
	return fer_fail(call, FER_E_CUSTOMER_DEFAULT_ADDRESS, "fieldName", fer_text(name), NULL);
}

static void keep(struct fer_call *call, struct fer_value *record, const struct fer_value *old, const char *name)
{
	const struct fer_value *before = fer_get(old, name);

	fer_set(call->arena, record, name, before ? *before : fer_null());
}

/* What the account that is there already decides. */
static void keep_old(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	keep(call, record, old, "created_at");
	if (!fer_has(record, "store_id"))
		keep(call, record, old, "store_id");
	if (!fer_has(record, "group_id"))
		keep(call, record, old, "group_id");
	if (fer_has(record, "addresses"))
		return;
	keep(call, record, old, "default_billing");
	keep(call, record, old, "default_shipping");
}

static void fill_new(struct fer_call *call, struct fer_value *record)
{
	int store_id;

	fer_unset(record, "id");
	if (!fer_has(record, "store_id"))
		fer_set(call->arena, record, "store_id", fer_int(call->store_id));
	store_id = (int)fer_map_int(record, "store_id", 0);
	if (!fer_has(record, "group_id"))
		fer_set(call->arena, record, "group_id", fer_int(fer_customer_group_default(call, store_id ? store_id : call->store_id)));
	if (!fer_map_str(call->arena, record, "created_at").len)
		fer_set(call->arena, record, "created_at", fer_string(fer_time_text(call->arena, call->now_s)));
}

static int check_group(struct fer_call *call, const struct fer_value *record)
{
	int64_t id = fer_map_int(record, "group_id", 0), there = 0;
	int r = id ? fer_sql_int(call->db, FER_SQL_CUSTOMER_GROUP_IS, 0, &there, "i", id) : 0;

	return r || !id || there ? r : fer_fail(call, FER_E_CUSTOMER_GROUP, NULL);
}

static int read_dob(struct fer_call *call, struct fer_value *record)
{
	struct fer_str text = fer_map_str(call->arena, record, "dob");
	int64_t unix_s;

	if (!fer_get(record, "dob"))
		return 0;
	if (!text.len) {
		fer_set(call->arena, record, "dob", fer_null());
		return 0;
	}
	if (!fer_time_read(text, &unix_s))
		return fer_fail(call, FER_E_CUSTOMER_DATE, NULL);
	fer_set(call->arena, record, "dob", fer_string(fer_str_take(fer_time_text(call->arena, unix_s), 10)));
	return 0;
}

static int check_email(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str email = fer_map_str(call->arena, record, "email");
	int64_t taken = 0;
	int r;

	if (!fer_as_bool(fer_get(record, "email")))
		return fer_fail(call, FER_E_CUSTOMER_EMAIL_MISSING, NULL);
	r = fer_sql_int(call->db, FER_SQL_CUSTOMER_EMAIL_TAKEN, 0, &taken, "siii", email,
	                (int64_t)fer_customer_shared(call->server->store), fer_map_int(record, "website_id", 0),
	                fer_map_int(record, "id", 0));
	return r || !taken ? r : fer_fail(call, FER_E_CUSTOMER_TAKEN, NULL);
}

static bool has_moved(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	return old && !fer_str_eq(fer_map_str(call->arena, record, "email"), fer_map_str(call->arena, old, "email"));
}

/*
 * A new account, or one with another address, waits for its confirmation where the website asks for one; an empty key is none. A customer
 * cannot take the key out of his own account.
 * Source: Magento_Customer ResourceModel\Customer::_beforeSave, 2.4.7
 */
static void set_confirmation(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int website_id = (int)fer_map_int(record, "website_id", 0);
	char key[33];

	if (old && call->caller.type == FER_USER_CUSTOMER)
		keep(call, record, old, "confirmation");
	if ((!old && fer_customer_must_confirm(call->server->store, website_id)) ||
	    (has_moved(call, record, old) && fer_customer_must_confirm_change(call->server->store, website_id))) {
		fer_password_random(key, 32);
		fer_set(call->arena, record, "confirmation", fer_string(fer_str_dup(call->arena, fer_str(key))));
	}
	if (!fer_map_str(call->arena, record, "confirmation").len)
		fer_set(call->arena, record, "confirmation", fer_null());
}

static int before_save(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int r;

	if ((r = read_dob(call, record)) || (r = check_email(call, record)))
		return r;
	set_confirmation(call, record, old);
	if ((r = fer_customer_check(call, record)))
		return r;
	fer_set(call->arena, record, "updated_at", fer_string(fer_time_text(call->arena, call->now_s)));
	return 0;
}

/* -- saving: what hangs on it ------------------------------------------------------------------------------------ */

static bool is_among(const struct fer_value *addresses, int64_t id)
{
	for (size_t i = 0; i < fer_count(addresses); i++)
		if (fer_map_int(fer_at(addresses, i), "id", 0) == id)
			return true;
	return false;
}

/* Addresses that were there and are not sent again go. */
static int store_addresses(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	struct fer_value *addresses = fer_get(record, "addresses");
	const struct fer_value *before = fer_get(old, "addresses");
	int64_t id = fer_map_int(record, "id", 0);
	int r = 0;

	if (fer_is_null(addresses))
		return 0;
	for (uint32_t i = 0; i < fer_count(addresses) && !r; i++)
		r = fer_address_store(call, id, (int)fer_map_int(record, "store_id", 0), &addresses->list.items[i]);
	for (size_t i = 0; i < fer_count(before) && !r; i++)
		if (!is_among(addresses, fer_map_int(fer_at(before, i), "id", 0)))
			r = fer_address_remove(call, id, fer_map_int(fer_at(before, i), "id", 0));
	return r;
}

static int subscribe(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str email = fer_map_str(call->arena, record, "email"), now = fer_time_text(call->arena, call->now_s);
	int64_t id = fer_map_int(record, "id", 0), n = 0;
	char code[33];
	int r = fer_sql_run(call->db, FER_SQL_CUSTOMER_SUBSCRIBE, &n, "ssiis", now, email, id, id, email);

	if (r || n)
		return r;
	fer_password_random(code, 32);
	return fer_sql_run(call->db, FER_SQL_CUSTOMER_SUBSCRIBE_NEW, NULL, "isiss", fer_map_int(record, "store_id", 0), now, id, email,
	                   fer_str(code));
}

/* Source: Magento_Newsletter Model\Plugin\CustomerPlugin, 2.4.7: silence about is_subscribed changes nothing but the address */
static int store_subscription(struct fer_call *call, const struct fer_value *record)
{
	const struct fer_value *wanted = fer_get(fer_get(record, "extension_attributes"), "is_subscribed");
	int64_t id = fer_map_int(record, "id", 0);

	if (fer_as_bool(wanted))
		return subscribe(call, record);
	if (!fer_is_null(wanted))
		return fer_sql_run(call->db, FER_SQL_CUSTOMER_UNSUBSCRIBE, NULL, "si", fer_time_text(call->arena, call->now_s), id);
	return fer_sql_run(call->db, FER_SQL_CUSTOMER_SUBSCRIBER_EMAIL, NULL, "si", fer_map_str(call->arena, record, "email"), id);
}

/* A link that went to the old address ends with it. */
static int email_changed(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	struct fer_str key = fer_map_str(call->arena, record, "confirmation");
	int r;

	if (!has_moved(call, record, old))
		return 0;
	r = fer_sql_run(call->db, FER_SQL_CUSTOMER_LINK, NULL, "nni", fer_map_int(record, "id", 0));
	if (!r && key.len && fer_customer_must_confirm_change(call->server->store, (int)fer_map_int(record, "website_id", 0)))
		r = fer_customer_letter(call, FER_LETTER_CONFIRMATION, record, fer_str_z(call->arena, key), FER_S(""));
	return r ? r : fer_customer_letter_moved(call, FER_LETTER_EMAIL, record, fer_map_str(call->arena, old, "email"));
}

static int save_row(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int r = fer_save(call, &fer_customer, record, old);

	return r == -EEXIST ? fer_fail(call, FER_E_CUSTOMER_TAKEN, NULL) : r;
}

static int store(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int64_t id;
	int r;

	if ((r = check_group(call, record)) || (r = before_save(call, record, old)) || (r = save_row(call, record, old)) ||
	    (r = email_changed(call, record, old)))
		return r;
	id = fer_map_int(record, "id", 0);
	if ((r = fer_custom_save(call, FER_EAV_CUSTOMER, id, fer_get(record, "custom_attributes"))) ||
	    (r = store_addresses(call, record, old)) || (r = store_subscription(call, record)))
		return r;
	return fer_customer_load(call, id, record);
}

int fer_customer_store(struct fer_call *call, struct fer_value *record)
{
	int64_t id = fer_map_int(record, "id", 0);
	struct fer_value old;
	int r;

	if ((r = check_default(call, record, "default_billing")) || (r = check_default(call, record, "default_shipping")))
		return r;
	if (!id) {
		fill_new(call, record);
		return store(call, record, NULL);
	}
	if ((r = fer_customer_load(call, id, &old)))
		return r;
	keep_old(call, record, &old);
	return store(call, record, &old);
}

/* -- routes ------------------------------------------------------------------------------------------------------ */

static int answer(struct fer_call *call, const struct fer_value *record)
{
	return fer_answer(call, fer_shape(call, &fer_customer, record));
}

static int get_account(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_customer_load(call, fer_arg_int(call, "customerId"), &record);

	return r ? r : answer(call, &record);
}

/* What was sent over what is there. */
static void overlay(struct fer_call *call, struct fer_value *record, const struct fer_value *sent)
{
	for (uint32_t i = 0; i < sent->map.n; i++)
		fer_set_str(call->arena, record, sent->map.members[i].name, sent->map.members[i].value);
}

/* Staff may move accounts in with their hashes. A customer may not: it would be a password change that asks for no password. */
static int set_hash(struct fer_call *call, int64_t customer_id)
{
	struct fer_str hash = fer_arg_str(call, "passwordHash"), now = fer_time_text(call->arena, call->now_s);

	if (!hash.len || call->caller.type == FER_USER_CUSTOMER)
		return 0;
	return fer_sql_run(call->db, FER_SQL_CUSTOMER_PASSWORD, NULL, "sssi", hash, now, now, customer_id);
}

/* With an id in the path what was sent is laid over that account first; the id in the body, when there is one, then names the row.
 * Source: Magento_Customer Model\Plugin\UpdateCustomer, 2.4.7 */
static int save_one(struct fer_call *call, void *data)
{
	const struct fer_value *id = fer_arg(call, "customerId");
	struct fer_value sent = fer_clone(call->arena, fer_arg(call, "customer")), *out = data;
	int r;

	*out = sent;
	if (id && fer_as_int(id)) {
		if ((r = fer_customer_load(call, fer_as_int(id), out)))
			return r;
		overlay(call, out, &sent);
	}
	if ((r = fer_customer_store(call, out)))
		return r;
	return set_hash(call, fer_map_int(out, "id", 0));
}

static int put_account(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_tx(call, 0, save_one, &record);

	return r ? r : answer(call, &record);
}

/* What names a customer without a foreign key. */
static int remove_traces(struct fer_call *call, int64_t id)
{
	static const enum fer_sql traces[] = { FER_SQL_CUSTOMER_SUBSCRIBER_DELETE, FER_SQL_CUSTOMER_LOG_DELETE, FER_SQL_CUSTOMER_VISITOR_DELETE };
	int r = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(traces) && !r; i++)
		r = fer_sql_run(call->db, traces[i], NULL, "i", id);
	return r ? r : fer_sql_run(call->db, FER_SQL_LIFETIME_DELETE, NULL, "ii", (int64_t)FER_USER_CUSTOMER, id);
}

/* Tokens of the account die with it. */
static int remove_one(struct fer_call *call, void *data FER_UNUSED)
{
	int64_t id = fer_arg_int(call, "customerId");
	struct fer_value record;
	int r;

	if ((r = fer_customer_load(call, id, &record)) || (r = remove_traces(call, id)) || (r = fer_remove(call, &fer_customer, &record)))
		return r;
	return fer_token_revoke_in(call->db, fer_call_actor(call), FER_USER_CUSTOMER, id, call->now_s, "the customer was deleted");
}

static int delete_account(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_REVOKED, remove_one, NULL);

	return r ? r : fer_answer_true(call);
}

/* An address of the account that is its default; an empty list when there is none. */
static int answer_default(struct fer_call *call, const char *name)
{
	const struct fer_value *addresses, *id;
	struct fer_value record;
	int r = fer_customer_load(call, fer_arg_int(call, "customerId"), &record);

	if (r)
		return r;
	addresses = fer_get(&record, "addresses");
	id = fer_get(&record, name);
	for (size_t i = 0; i < fer_count(addresses); i++)
		if (fer_map_int(fer_at(addresses, i), "id", 0) == fer_as_int(id))
			return fer_answer(call, fer_shape(call, &fer_address, fer_at(addresses, i)));
	return fer_answer(call, fer_list());
}

static int get_billing(struct fer_call *call)
{
	return answer_default(call, "default_billing");
}

static int get_shipping(struct fer_call *call)
{
	return answer_default(call, "default_shipping");
}

/* Nothing in Magento Open Source marks a customer as not deletable. */
static int is_readonly(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_customer_load(call, fer_arg_int(call, "customerId"), &record);

	return r ? r : fer_answer(call, fer_bool(false));
}

#define SOURCE "Magento_Customer webapi.xml"
#define ID_PATH FER_PARAMS({ "customerId", FER_INT, FER_REQ, NULL, NULL })
#define BODY { "customer", FER_OBJECT, FER_REQ, &fer_customer, NULL }, { "passwordHash", FER_STRING, 0, NULL, NULL }
#define READS "Magento_Customer::customer"
#define MANAGES "Magento_Customer::manage"
#define MINE .forced = "customerId=%customer_id%"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/customers/:customerId", READS, .run = get_account, .of = &fer_customer, ID_PATH,
	  .service = "customerCustomerRepositoryV1", .summary = "One customer", .source = SOURCE },
	{ FER_PUT, "/V1/customers/:customerId", MANAGES, .run = put_account, .of = &fer_customer,
	  FER_PARAMS({ "customerId", FER_STRING, 0, NULL, NULL }, BODY),
	  .service = "customerCustomerRepositoryV1", .summary = "Change a customer; what is not sent stays", .source = SOURCE },
	{ FER_DELETE, "/V1/customers/:customerId", "Magento_Customer::delete", .run = delete_account, ID_PATH, .returns = FER_BOOL,
	  .service = "customerCustomerRepositoryV1", .summary = "Remove a customer", .source = SOURCE },
	{ FER_GET, "/V1/customers/me", "self", .run = get_account, .of = &fer_customer, ID_PATH, MINE,
	  .service = "customerCustomerRepositoryV1", .summary = "The calling customer", .source = SOURCE },
	{ FER_PUT, "/V1/customers/me", "self", .run = put_account, .of = &fer_customer, FER_PARAMS(BODY),
	  .forced = "customer.id=%customer_id%; customer.group_id=%customer_group_id%; customer.website_id=%customer_website_id%;"
	            " customer.store_id=%customer_store_id%",
	  .service = "customerCustomerRepositoryV1", .summary = "Change the calling customer", .source = SOURCE },
	{ FER_GET, "/V1/customers/me/billingAddress", "self", .run = get_billing, .of = &fer_address, ID_PATH, MINE,
	  .service = "customerAccountManagementV1", .summary = "The calling customer's default billing address", .source = SOURCE },
	{ FER_GET, "/V1/customers/me/shippingAddress", "self", .run = get_shipping, .of = &fer_address, ID_PATH, MINE,
	  .service = "customerAccountManagementV1", .summary = "The calling customer's default shipping address", .source = SOURCE },
	{ FER_GET, "/V1/customers/:customerId/billingAddress", MANAGES, .run = get_billing, .of = &fer_address, ID_PATH,
	  .service = "customerAccountManagementV1", .summary = "A customer's default billing address", .source = SOURCE },
	{ FER_GET, "/V1/customers/:customerId/shippingAddress", MANAGES, .run = get_shipping, .of = &fer_address, ID_PATH,
	  .service = "customerAccountManagementV1", .summary = "A customer's default shipping address", .source = SOURCE },
	{ FER_GET, "/V1/customers/:customerId/permissions/readonly", READS, .run = is_readonly, ID_PATH, .returns = FER_BOOL,
	  .service = "customerAccountManagementV1", .summary = "Whether a customer is protected from removal", .source = SOURCE },
};

const struct fer_route_table fer_routes_customer = FER_ROUTE_TABLE(rows);
