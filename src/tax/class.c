/*
 * Magento_Tax: tax classes of products and of customers. A class never changes its type, its name is unique within the type, and
 * it stays while a rule, a group or a product uses it.
 */
#include "tax/tax.h"

#include "api/route.h"

static const struct fer_field fields[] = {
	/*        JSON          type        column        flags                    meaning */
	FER_FIELD("class_id",   FER_INT,    "class_id",   FER_KEY,                 "row id"),
	FER_FIELD("class_name", FER_STRING, "class_name", FER_SEARCH | FER_UNIQUE, "name, unique within the type", .max = 255),
	FER_FIELD("class_type", FER_STRING, "class_type", FER_SEARCH | FER_UNIQUE, "CUSTOMER or PRODUCT"),
	FER_NO_EXTENSION,
};

static int check_name_and_type(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str name = fer_map_str(call->arena, record, "class_name"), type = fer_map_str(call->arena, record, "class_type");
	int r = 0;

	if (!fer_str_trim(name).len)
		r = fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("class_name"), NULL);
	if (!fer_str_trim(type).len)
		return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text("class_type"), NULL);
	if (!fer_str_is(type, "CUSTOMER") && !fer_str_is(type, "PRODUCT"))
		r = fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text("class_type"), "value", fer_string(type), NULL);
	return r;
}

/* Source: Magento_Tax Model\TaxClass\Repository, 2.4.7 */
static int check_class(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	struct fer_str type = fer_map_str(call->arena, record, "class_type");
	bool taken = false;
	int r;

	if (old && !fer_str_eq(fer_map_str(call->arena, old, "class_type"), type))
		return fer_fail(call, FER_E_TAX_CLASS_TYPE, NULL);
	if ((r = check_name_and_type(call, record)) || (r = fer_taken(call, &fer_tax_class, record, &taken)))
		return r;
	return taken ? fer_fail(call, FER_E_TAX_CLASS_EXISTS, "1", fer_string(type), NULL) : 0;
}

static int refuse_when(struct fer_call *call, enum fer_sql used, int64_t id, enum fer_error error, const char *by)
{
	int64_t n;
	int r = fer_sql_int(call->db, used, 0, &n, "i", id);

	if (r || !n)
		return r;
	return by ? fer_fail(call, error, "1", fer_text(by), NULL) : fer_fail(call, error, NULL);
}

static int remove_class(struct fer_call *call, const struct fer_value *record)
{
	bool customer = fer_str_is(fer_map_str(call->arena, record, "class_type"), "CUSTOMER");
	int64_t id = fer_map_int(record, "class_id", 0);
	int r = refuse_when(call, customer ? FER_SQL_TAX_CLASS_CUSTOMER_RULE : FER_SQL_TAX_CLASS_PRODUCT_RULE, id,
	                    FER_E_TAX_CLASS_IN_RULES, NULL);

	if (r)
		return r;
	return customer ? refuse_when(call, FER_SQL_TAX_CLASS_GROUP, id, FER_E_TAX_CLASS_IN_USE, "customer group")
	                : refuse_when(call, FER_SQL_TAX_CLASS_PRODUCT, id, FER_E_TAX_CLASS_IN_USE, "product");
}

const struct fer_entity fer_tax_class = {
	.name = "tax-data-tax-class-interface", .table = "tax_class", FER_FIELDS(fields), .param = "taxClass", .path_id = "taxClassId",
	.check = check_class, .remove = remove_class,
};

/* The answer is the bare id: text for a new class, as the database gave it, a number for one that was there. */
static int save_class(struct fer_call *call)
{
	bool is_new = !fer_as_bool(fer_get(fer_arg(call, "taxClass"), "class_id"));
	const struct fer_value *id;
	int r = fer_entity_save(call);

	if (r)
		return r;
	id = fer_get(&call->reply.value, "class_id");
	return fer_answer(call, is_new ? fer_string(fer_as_str(call->arena, id)) : *id);
}

#define ACL "Magento_Tax::manage_tax"
#define SOURCE "Magento_Tax webapi.xml"
#define CLASS_BODY FER_PARAMS({ "taxClass", FER_OBJECT, FER_REQ, &fer_tax_class, NULL })
#define ID_PATH FER_PARAMS({ "taxClassId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/taxClasses/search", ACL, .run = fer_entity_search, .of = &fer_tax_class, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "taxTaxClassRepositoryV1", .summary = "Tax classes that match", .source = SOURCE },
	{ FER_POST, "/V1/taxClasses", ACL, .run = save_class, .of = &fer_tax_class, CLASS_BODY, .returns = FER_STRING,
	  .service = "taxTaxClassRepositoryV1", .summary = "Make a tax class", .source = SOURCE },
	{ FER_GET, "/V1/taxClasses/:taxClassId", ACL, .run = fer_entity_get, .of = &fer_tax_class, ID_PATH, .cached = true,
	  .service = "taxTaxClassRepositoryV1", .summary = "One tax class", .source = SOURCE },
	{ FER_PUT, "/V1/taxClasses/:classId", ACL, .run = save_class, .of = &fer_tax_class, CLASS_BODY, .returns = FER_STRING,
	  .service = "taxTaxClassRepositoryV1", .summary = "Change a tax class", .source = SOURCE },
	{ FER_DELETE, "/V1/taxClasses/:taxClassId", ACL, .run = fer_entity_delete, .of = &fer_tax_class, ID_PATH, .returns = FER_BOOL,
	  .service = "taxTaxClassRepositoryV1", .summary = "Remove a tax class", .source = SOURCE },
};

const struct fer_route_table fer_routes_tax_class = FER_ROUTE_TABLE(rows);
