/*
 * Magento_Customer: finding accounts, asking whether an e-mail address is free, and checking a body without saving it.
 */
#include <errno.h>

#include "api/eav.h"
#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "customer/account.h"
#include "store/config.h"

/* -- search -------------------------------------------------------------------------------------------------------- */

#define OWN(name) { name, "main." name, NULL }
#define BILLING(name) { "billing_" name, "billing." name, NULL }
#define PART(name) "CASE WHEN main." name " IS NULL OR main." name " = '' THEN '' ELSE "

/* What Magento's collection can be filtered by. Its secrets (password_hash, rp_token) are left out on purpose: a search by them would
 * give them away character by character. */
static const struct fer_eav_column columns[] = {
	OWN("entity_id"), OWN("website_id"), OWN("store_id"), OWN("created_in"), OWN("prefix"), OWN("firstname"), OWN("middlename"),
	OWN("lastname"), OWN("suffix"), OWN("email"), OWN("group_id"), OWN("dob"), OWN("default_billing"), OWN("default_shipping"),
	OWN("taxvat"), OWN("confirmation"), OWN("created_at"), OWN("updated_at"), OWN("gender"), OWN("disable_auto_group_change"),
	OWN("failures_num"), OWN("first_failure"), OWN("lock_expires"), OWN("increment_id"),
	BILLING("postcode"), BILLING("city"), BILLING("telephone"), BILLING("region"), BILLING("country_id"), BILLING("company"),
	{ "name", "{CI({CONCAT(" PART("prefix") "{CONCAT(TRIM(main.prefix),' ')} END,TRIM(main.firstname),' '," PART("middlename")
	          "{CONCAT(TRIM(main.middlename),' ')} END,TRIM(main.lastname)," PART("suffix") "{CONCAT(' ',TRIM(main.suffix))} END)})}", NULL },
	{ NULL, NULL, NULL },
};

static const struct fer_eav_search search = {
	.type = FER_EAV_CUSTOMER, .columns = columns,
	.join = " LEFT JOIN customer_address_entity billing ON billing.entity_id = main.default_billing",
};

/* The records in the order of @ids. */
static int read_some(struct fer_call *call, const int64_t *ids, size_t n, struct fer_value *items)
{
	struct fer_query tail;
	struct fer_value found;
	int r;

	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " WHERE main.entity_id");
	fer_query_ids(&tail, ids, n);
	if ((r = fer_select(call, &fer_customer, &tail, &found)))
		return r;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < fer_count(&found); k++)
			if (fer_map_int(fer_at(&found, k), "id", 0) == ids[i])
				fer_push(call->arena, items, fer_shape(call, &fer_customer, fer_at(&found, k)));
	return 0;
}

#define AT_ONCE 256

static int get_list(struct fer_call *call)
{
	struct fer_value items = fer_list();
	struct fer_eav_found found;
	int r = fer_eav_find(call, &search, fer_criteria(call), &found);

	for (size_t i = 0; i < found.n && !r; i += AT_ONCE)
		r = fer_arena_broken(call->arena) ? -ENOMEM
		                                  : read_some(call, found.ids + i, found.n - i < AT_ONCE ? found.n - i : AT_ONCE, &items);
	return r ? r : fer_answer(call, fer_search_result(call, items, found.total));
}

/* -- is it free? --------------------------------------------------------------------------------------------------- */

/* Unless the shop lets guests be told at the checkout, the answer gives nothing away.
 * Source: Magento_Customer AccountManagement::isEmailAvailable, 2.4.7 */
static int is_available(struct fer_call *call)
{
	struct fer_store *store = call->server->store;
	const struct fer_value *website = fer_arg(call, "websiteId");
	int website_id = website ? (int)fer_as_int(website) : fer_config_website_of(store, call->store_id);
	int64_t taken = 0;
	int r;

	if (!fer_config_bool(store, fer_customer_store_of(store, website_id), "checkout/options/enable_guest_checkout_login", false))
		return fer_answer_true(call);
	r = fer_sql_int(call->db, FER_SQL_CUSTOMER_BY_EMAIL, 0, &taken, "sii", fer_arg_str(call, "customerEmail"),
	                (int64_t)fer_customer_shared(store), (int64_t)website_id);
	return r ? r : fer_answer(call, fer_bool(!taken));
}

/* -- validate ------------------------------------------------------------------------------------------------------ */

static bool is_missing(struct fer_call *call, const struct fer_value *record, struct fer_stmt *stmt)
{
	const struct fer_value *value = fer_get_str(record, fer_col_str(stmt, 0));

	return fer_col_int(stmt, 2) && fer_col_int(stmt, 3) && fer_col_null(stmt, 5) && !fer_as_str(call->arena, value).len;
}

/* Only what is required and shown is asked for; the values themselves are not judged.
 * Source: Magento_Customer AccountManagement::validate, Magento_Eav Validator\Attribute\Backend, 2.4.7 */
static int validate(struct fer_call *call)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value messages = fer_list(), out = fer_map();
	int r = fer_sql_open(call->db, FER_SQL_CUSTOMER_RULES, &stmt, "");

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		if (is_missing(call, fer_arg(call, "customer"), stmt))
			fer_push(call->arena, &messages,
			         fer_string(fer_str_fmt(call->arena, "The \"%.*s\" attribute value is empty. Set the attribute and try again.",
			                                FER_F(fer_col_str(stmt, 1)))));
	if (r < 0)
		return r;
	fer_set(call->arena, &out, "valid", fer_bool(!fer_count(&messages)));
	fer_set(call->arena, &out, "messages", messages);
	return fer_answer(call, out);
}

static const struct fer_field verdict_fields[] = {
	FER_FIELD("valid",    FER_BOOL,   NULL, FER_REQ,            "whether nothing is missing"),
	FER_FIELD("messages", FER_STRING, NULL, FER_REQ | FER_MANY, "what is"),
};
static const struct fer_entity verdict = { .name = "customer-data-validation-results-interface", FER_FIELDS(verdict_fields) };

#define SOURCE "Magento_Customer webapi.xml"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/customers/search", "Magento_Customer::customer", .run = get_list, .of = &fer_customer, FER_SEARCH_CRITERIA,
	  .search = true, .service = "customerCustomerRepositoryV1", .summary = "Customers that match", .source = SOURCE },
	{ FER_POST, "/V1/customers/isEmailAvailable", "anonymous", .run = is_available, .returns = FER_BOOL,
	  FER_PARAMS({ "customerEmail", FER_STRING, FER_REQ, NULL, NULL }, { "websiteId", FER_INT, 0, NULL, NULL }),
	  .service = "customerAccountManagementV1", .summary = "Whether an e-mail address can still be used", .source = SOURCE },
	{ FER_PUT, "/V1/customers/validate", "Magento_Customer::manage", .run = validate, .of = &verdict,
	  FER_PARAMS({ "customer", FER_OBJECT, FER_REQ, &fer_customer, NULL }),
	  .service = "customerAccountManagementV1", .summary = "Check a customer without saving", .source = SOURCE },
};

const struct fer_route_table fer_routes_customer_search = FER_ROUTE_TABLE(rows);
