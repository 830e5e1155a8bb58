/*
 * Magento_Customer: customer groups. What Magento decides about one: its tax class must be a customer class, its code is cut at
 * 32 bytes, the guest group and every default group stay, and websites may be closed to it.
 */
#include "customer/group.h"

#include "api/route.h"
#include "api/server.h"
#include "auth/shop_config.h"
#include "store/config.h"

#define DEFAULT_PATH "customer/create_account/default_group"
#define DEFAULT_TAX_CLASS 3
#define CODE_SIZE 32

static const struct fer_field extension_fields[] = {
	FER_FIELD("exclude_website_ids", FER_INT, NULL, FER_MANY, "websites that customers of this group cannot use"),
};

static const struct fer_entity group_extension = {
	.name = "customer-data-group-extension-interface", FER_FIELDS(extension_fields),
};

static const struct fer_field fields[] = {
	/*        JSON                    type           column                 flags                    meaning */
	FER_FIELD("id",                   FER_INT,       "customer_group_id",   FER_KEY,                 "row id; 0 is the guest group"),
	FER_FIELD("code",                 FER_STRING,    "customer_group_code", FER_SEARCH | FER_UNIQUE, "name, at most 32 bytes"),
	FER_FIELD("tax_class_id",         FER_INT,       "tax_class_id",        FER_SEARCH,              "a tax class of type CUSTOMER; 3 when none is given"),
	FER_FIELD("tax_class_name",       FER_STRING,    NULL,                  FER_READ | FER_SEARCH,   "name of that class", .sql = "class.class_name"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,                  0,                       "excluded websites", .of = &group_extension),
};

/* -- saving ------------------------------------------------------------------------------------------------------ */

/* Source: Magento_Customer Model\ResourceModel\GroupRepository, 2.4.7: the code is looked at before the group is. */
static int accept_group(struct fer_call *call, struct fer_value *record)
{
	if (!fer_map_str(call->arena, record, "code").len)
		return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("code"), NULL);
	return 0;
}

/* As PHP's substr: bytes, but never half a character. */
static struct fer_str cut_code(struct fer_str code)
{
	size_t size = CODE_SIZE;

	if (code.len <= size)
		return code;
	while (size && ((unsigned char)code.at[size] & 0xc0) == 0x80)
		size--;
	return fer_str_take(code, size);
}

static int check_tax_class(struct fer_call *call, const struct fer_value *sent, int64_t class_id)
{
	int64_t is_customer;
	int r = fer_sql_int(call->db, FER_SQL_TAX_CLASS_IS, 0, &is_customer, "iz", class_id, "CUSTOMER");

	if (r || is_customer)
		return r;
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text("taxClassId"), "value", sent ? *sent : fer_null(), NULL);
}

static int check_group(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	const struct fer_value *sent = fer_get(record, "tax_class_id");
	int64_t class_id = fer_as_int(sent);
	int r;

	if (!class_id && !old)
		class_id = DEFAULT_TAX_CLASS;
	if ((r = check_tax_class(call, sent, class_id)))
		return r;
	fer_set(call->arena, record, "tax_class_id", fer_int(class_id));
	fer_set(call->arena, record, "code", fer_string(cut_code(fer_map_str(call->arena, record, "code"))));
	return 0;
}

static int add_tax_class_name(struct fer_call *call, struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_TAX_CLASS_NAME, &stmt, "i", fer_map_int(record, "tax_class_id", 0));

	if (r || (r = fer_stmt_step(stmt)) != 1)
		return r;
	fer_set(call->arena, record, "tax_class_name", fer_string(fer_col_dup(call->arena, stmt, 0)));
	return 0;
}

/* Unknown websites are dropped silently, the guest group is closed to none. Source: SaveCustomerGroupExcludedWebsite, 2.4.7 */
static int save_excluded(struct fer_call *call, int64_t group_id, const struct fer_value *websites)
{
	int r = fer_sql_run(call->db, FER_SQL_GROUP_EXCLUDED_CLEAR, NULL, "i", group_id);

	for (size_t i = 0; !r && i < fer_count(websites); i++)
		r = fer_sql_run(call->db, FER_SQL_GROUP_EXCLUDED_ADD, NULL, "iii", group_id, fer_as_int(fer_at(websites, i)), group_id);
	return r;
}

static int group_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	const struct fer_value *websites = fer_get(fer_get(record, "extension_attributes"), "exclude_website_ids");
	int64_t id = fer_map_int(record, "id", 0);
	int r = 0;

	if (!fer_is_null(websites) && id)
		r = save_excluded(call, id, websites);
	return r ? r : add_tax_class_name(call, record);
}

/* -- reading ----------------------------------------------------------------------------------------------------- */

static void add_excluded(struct fer_call *call, struct fer_value *record, int64_t website_id)
{
	struct fer_value *extension = fer_get(record, "extension_attributes");

	if (!extension) {
		extension = fer_set(call->arena, record, "extension_attributes", fer_map());
		fer_set(call->arena, extension, "exclude_website_ids", fer_list());
	}
	fer_push(call->arena, fer_get(extension, "exclude_website_ids"), fer_int(website_id));
}

static int groups_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_GROUP_EXCLUDED_ALL, &stmt, "");

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		for (size_t i = 0; i < n; i++)
			if (fer_map_int(&records[i], "id", -1) == fer_col_int(stmt, 0))
				add_excluded(call, &records[i], fer_col_int(stmt, 1));
	return r;
}

/* -- defaults ---------------------------------------------------------------------------------------------------- */

int64_t fer_customer_group_default(struct fer_call *call, int store_id)
{
	return fer_config_int(call->server->store, store_id, DEFAULT_PATH, 0);
}

/* Is it the default group of any store view, active or not? */
static int is_default(struct fer_call *call, int64_t group_id, bool *out)
{
	struct fer_store_view *views;
	size_t n;
	int r = fer_config_stores(call->server->store, call->arena, &views, &n);

	*out = false;
	for (size_t i = 0; !r && i < n; i++)
		*out |= fer_customer_group_default(call, views[i].id) == group_id;
	return r;
}

/* Customers of a group that goes move to the default group of their store view. Source: ResourceModel\Group, 2.4.7 */
static int move_customers(struct fer_call *call, int64_t group_id)
{
	struct fer_store_view *views;
	size_t n;
	int r = fer_config_stores(call->server->store, call->arena, &views, &n);

	for (size_t i = 0; !r && i < n; i++)
		r = fer_sql_run(call->db, FER_SQL_GROUP_MOVE_CUSTOMERS, NULL, "iii", fer_customer_group_default(call, views[i].id),
		                group_id, (int64_t)views[i].id);
	return r;
}

static int remove_group(struct fer_call *call, const struct fer_value *record)
{
	int64_t id = fer_map_int(record, "id", 0);
	bool used = false;
	int r = is_default(call, id, &used);

	if (r)
		return r;
	if (id <= 0 || used)
		return fer_fail(call, FER_E_GROUP_DELETE, NULL);
	if ((r = move_customers(call, id)))
		return r;
	return fer_sql_run(call->db, FER_SQL_GROUP_EXCLUDED_CLEAR, NULL, "i", id);
}

const struct fer_entity fer_customer_group = {
	.name = "customer-data-group-interface", .table = "customer_group", FER_FIELDS(fields), .param = "group",
	.join = "LEFT JOIN tax_class AS class ON class.class_id = main.tax_class_id",
	.taken = FER_E_GROUP_EXISTS, .zero_is_key = true, .echoes = true,
	.accept = accept_group, .check = check_group, .saved = group_saved, .loaded = groups_loaded, .remove = remove_group,
};

/* -- handlers of their own --------------------------------------------------------------------------------------- */

static int get_default(struct fer_call *call)
{
	const struct fer_value *sent = fer_arg(call, "storeId");
	struct fer_value key, record, store = sent ? *sent : fer_int(call->store_id);
	int store_id = store.number == (int)store.number ? (int)store.number : -1;
	struct fer_store_view view;
	bool found = false;
	int r;

	if (!fer_config_store_by_id(call->server->store, store_id, &view))
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("storeId"), "fieldValue", store, NULL);
	key = fer_int(fer_customer_group_default(call, store_id));
	if ((r = fer_find(call, &fer_customer_group, "customer_group_id", &key, &record, &found)))
		return r;
	if (!found)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY_TWO, "fieldName", fer_text("groupId"), "fieldValue", key,
		                "field2Name", fer_text("storeId"), "field2Value", store, NULL);
	return fer_answer(call, fer_shape(call, &fer_customer_group, &record));
}

static int store_default(struct fer_call *call, void *data FER_UNUSED)
{
	struct fer_value record;
	int r = fer_load(call, &fer_customer_group, fer_arg(call, "id"), &record);

	if (r)
		return r;
	return fer_shop_config_set_in(call->server->auth, call->db, fer_call_actor(call), FER_S("default"), 0, FER_S(DEFAULT_PATH),
	                              fer_map_str(call->arena, &record, "id"));
}

static int set_default(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_CONFIG, store_default, NULL);

	return r ? r : fer_answer(call, *fer_arg(call, "id"));
}

/* Magento calls it permissions: true says that the group cannot be removed. */
static int is_read_only(struct fer_call *call)
{
	const struct fer_value *id = fer_arg(call, "id");
	struct fer_value record;
	bool found = false, used = false;
	int r = fer_find(call, &fer_customer_group, "customer_group_id", id, &record, &found);

	if (r)
		return r;
	if (!found)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("groupId"), "fieldValue", *id, NULL);
	if ((r = is_default(call, fer_as_int(id), &used)))
		return r;
	return fer_answer(call, fer_bool(used || !fer_as_int(id)));
}

#define ACL "Magento_Customer::group"
#define SOURCE "Magento_Customer webapi.xml"
#define GROUP_BODY FER_PARAMS({ "group", FER_OBJECT, FER_REQ, &fer_customer_group, NULL })
#define ID_PATH FER_PARAMS({ "id", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/customerGroups/search", ACL, .run = fer_entity_search, .of = &fer_customer_group, FER_SEARCH_CRITERIA,
	  .search = true, .cached = true,
	  .service = "customerGroupRepositoryV1", .summary = "Customer groups that match", .source = SOURCE },
	{ FER_POST, "/V1/customerGroups", ACL, .run = fer_entity_save, .of = &fer_customer_group, GROUP_BODY,
	  .service = "customerGroupRepositoryV1", .summary = "Make a customer group; with an id, change it", .source = SOURCE },
	{ FER_GET, "/V1/customerGroups/default", ACL, .run = get_default, .of = &fer_customer_group, .cached = true,
	  .service = "customerGroupManagementV1", .summary = "The default group of the store view", .source = SOURCE },
	{ FER_GET, "/V1/customerGroups/default/:storeId", ACL, .run = get_default, .of = &fer_customer_group, .cached = true,
	  FER_PARAMS({ "storeId", FER_INT, 0, NULL, NULL }),
	  .service = "customerGroupManagementV1", .summary = "The default group of a store view", .source = SOURCE },
	{ FER_PUT, "/V1/customerGroups/default/:id", ACL, .run = set_default, ID_PATH, .returns = FER_INT,
	  .service = "customerCustomerGroupConfigV1", .summary = "Make a group the default one", .source = SOURCE },
	{ FER_GET, "/V1/customerGroups/:id", ACL, .run = fer_entity_get, .of = &fer_customer_group, ID_PATH, .cached = true,
	  .service = "customerGroupRepositoryV1", .summary = "One customer group", .source = SOURCE },
	{ FER_PUT, "/V1/customerGroups/:id", ACL, .run = fer_entity_save, .of = &fer_customer_group, GROUP_BODY,
	  .service = "customerGroupRepositoryV1", .summary = "Change a customer group", .source = SOURCE },
	{ FER_DELETE, "/V1/customerGroups/:id", ACL, .run = fer_entity_delete, .of = &fer_customer_group, ID_PATH, .returns = FER_BOOL,
	  .service = "customerGroupRepositoryV1", .summary = "Remove a customer group", .source = SOURCE },
	{ FER_GET, "/V1/customerGroups/:id/permissions", ACL, .run = is_read_only, ID_PATH, .returns = FER_BOOL, .cached = true,
	  .service = "customerGroupManagementV1", .summary = "Whether a customer group is protected from removal", .source = SOURCE },
};

const struct fer_route_table fer_routes_customer_group = FER_ROUTE_TABLE(rows);
