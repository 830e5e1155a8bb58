/*
 * Magento_Store: websites, store groups and store views as plain lists. Their order is that of Magento's loading: what the request
 * needed itself comes first.
 */
#include "shop/shop.h"

static const struct fer_field website_fields[] = {
	/*        JSON                type        column              flags       meaning */
	FER_FIELD("id",               FER_INT,    "website_id",       FER_KEY,    "row id; 0 is the admin"),
	FER_FIELD("code",             FER_STRING, "code",             0,          "unique"),
	FER_FIELD("name",             FER_STRING, "name",             0,          "name"),
	FER_FIELD("default_group_id", FER_INT,    "default_group_id", 0,          "its default store group"),
	FER_FIELD("is_default",       FER_BOOL,   "is_default",       FER_SECRET, "the website of unnamed requests"),
	FER_NO_EXTENSION,
};

static const struct fer_field group_fields[] = {
	FER_FIELD("id",               FER_INT,    "group_id",         FER_KEY,    "row id; 0 is the admin"),
	FER_FIELD("website_id",       FER_INT,    "website_id",       0,          "its website"),
	FER_FIELD("root_category_id", FER_INT,    "root_category_id", 0,          "root of its catalogue"),
	FER_FIELD("default_store_id", FER_INT,    "default_store_id", 0,          "its default store view"),
	FER_FIELD("name",             FER_STRING, "name",             0,          "name"),
	FER_FIELD("code",             FER_STRING, "code",             0,          "unique"),
	FER_NO_EXTENSION,
};

static const struct fer_field view_fields[] = {
	FER_FIELD("id",               FER_INT,    "store_id",         FER_KEY,    "row id; 0 is the admin"),
	FER_FIELD("code",             FER_STRING, "code",             0,          "unique; the code in /rest/<code>/V1"),
	FER_FIELD("name",             FER_STRING, "name",             0,          "name"),
	FER_FIELD("website_id",       FER_INT,    "website_id",       0,          "its website"),
	FER_FIELD("store_group_id",   FER_INT,    "group_id",         0,          "its store group"),
	FER_FIELD("is_active",        FER_INT,    "is_active",        0,          "1: open"),
	FER_NO_EXTENSION,
};

#define WEBSITE .name = "store-data-website-interface", .table = "store_website", FER_FIELDS(website_fields)

const struct fer_entity fer_website_entity = { WEBSITE };
static const struct fer_entity default_first = { WEBSITE, .order = "main.is_default = 0, main.website_id" };

const struct fer_entity fer_store_group_entity = {
	.name = "store-data-group-interface", .table = "store_group", FER_FIELDS(group_fields),
};

/* The default store view of the default website is always loaded first. */
const struct fer_entity fer_store_view_entity = {
	.name = "store-data-store-interface", .table = "store", FER_FIELDS(view_fields),
	.order = "main.store_id <> COALESCE((SELECT g.default_store_id FROM store_website AS w JOIN store_group AS g"
	         " ON g.group_id = w.default_group_id WHERE w.is_default = 1), 0), main.store_id",
};

/* Checking an OAuth nonce loads the default website before the list is made; with a bearer token the admin's comes first. */
static int list_websites(struct fer_call *call)
{
	struct fer_value found;
	int r = fer_search(call, call->caller.type == FER_USER_INTEGRATION ? &default_first : &fer_website_entity, &found);

	return r ? r : fer_answer(call, *fer_get(&found, "items"));
}

#define ACL "Magento_Backend::store"
#define SOURCE "Magento_Store webapi.xml"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/store/websites", ACL, .run = list_websites, .of = &fer_website_entity, .many = true,
	  .insecure = true, .service = "storeWebsiteRepositoryV1", .summary = "Websites", .source = SOURCE },
	{ FER_GET, "/V1/store/storeGroups", ACL, .run = fer_entity_list, .of = &fer_store_group_entity, .many = true, .cached = true,
	  .insecure = true, .service = "storeGroupRepositoryV1", .summary = "Store groups", .source = SOURCE },
	{ FER_GET, "/V1/store/storeViews", ACL, .run = fer_entity_list, .of = &fer_store_view_entity, .many = true, .cached = true,
	  .insecure = true, .service = "storeStoreRepositoryV1", .summary = "Store views", .source = SOURCE },
};

const struct fer_route_table fer_routes_store = FER_ROUTE_TABLE(rows);
