/*
 * Which attributes a product attribute set holds: list, assign, unassign.
 */
#include "catalog/attribute.h"
#include "catalog/attribute_set.h"

#include "api/route.h"

#define PRODUCT_TYPE 4

/* -- listing ------------------------------------------------------------------------------------------------------ */

static int list_attributes(struct fer_call *call)
{
	const struct fer_value *id = fer_arg(call, "attributeSetId");
	struct fer_value set, all;
	const struct fer_eav *eav;
	int r = fer_load(call, &fer_attribute_set_any, id, &set);

	if (r)
		return r;
	if (fer_map_int(&set, "entity_type_id", 0) != PRODUCT_TYPE)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("attributeSetId"), "fieldValue", *id, NULL);
	if ((r = fer_eav_get(call, &eav)) || (r = fer_search(call, &fer_product_attribute, &all)))
		return r;
	return fer_answer(call, fer_eav_in_order(call, eav, fer_as_int(id), fer_get(&all, "items")));
}

/* Attributes of a set that are roles of pictures, by id. An unknown set has none. */
static int list_picture_roles(struct fer_call *call)
{
	struct fer_value all, list = fer_list();
	const struct fer_value *records;
	const struct fer_eav *eav;
	int64_t set_id;
	int r;

	if ((r = fer_sql_int(call->db, FER_SQL_PRODUCT_SET_BY_NAME, 0, &set_id, "s", fer_arg_str(call, "attributeSetName"))) ||
	    (r = fer_eav_get(call, &eav)) || (r = fer_search(call, &fer_product_attribute, &all)))
		return r;
	records = fer_get(&all, "items");
	for (size_t i = 0; i < fer_count(records); i++) {
		const struct fer_value *record = fer_at(records, i);
		const struct fer_attribute *a = fer_eav_by_id(eav, fer_map_int(record, "attribute_id", 0));

		if (a && fer_str_is(a->input, "media_image") && fer_eav_in_set(eav, set_id, a))
			fer_push(call->arena, &list, *record);
	}
	return fer_answer(call, list);
}

/* -- assigning ---------------------------------------------------------------------------------------------------- */

static int load_set(struct fer_call *call, enum fer_error missing, struct fer_value *set)
{
	const struct fer_value *id = fer_arg(call, "attributeSetId");
	bool found = false;
	int r = fer_find(call, &fer_attribute_set_any, "attribute_set_id", id, set, &found);

	if (r)
		return r;
	if (!found)
		return fer_fail(call, missing, "1", *id, NULL);
	return 0;
}

static bool is_product_set(const struct fer_value *set)
{
	return fer_map_int(set, "entity_type_id", 0) == PRODUCT_TYPE;
}

static int load_group(struct fer_call *call, int64_t set_id)
{
	struct fer_value group;
	int r = fer_load(call, &fer_attribute_group, fer_arg(call, "attributeGroupId"), &group);

	if (r)
		return r;
	return fer_map_int(&group, "attribute_set_id", 0) == set_id ? 0 : fer_fail(call, FER_E_GROUP_NOT_IN_SET, NULL);
}

/* The order of the checks is set, group, attribute. Place 0 means the last in the group. @data gets the row's id. */
static int assign(struct fer_call *call, void *data)
{
	int64_t set_id = fer_arg_int(call, "attributeSetId"), group_id = fer_arg_int(call, "attributeGroupId");
	int64_t order = fer_arg_int(call, "sortOrder"), last = 0, attribute_id;
	struct fer_value set, attribute;
	int r;

	if ((r = load_set(call, FER_E_SET_UNKNOWN, &set)))
		return r;
	if (!is_product_set(&set))
		return fer_fail(call, FER_E_SET_WRONG, NULL);
	if ((r = load_group(call, set_id)) ||
	    (r = fer_attribute_load(call, &fer_product_attribute, fer_arg_str(call, "attributeCode"), &attribute)))
		return r;
	attribute_id = fer_map_int(&attribute, "attribute_id", 0);
	if (!order && (r = fer_sql_int(call->db, FER_SQL_SET_LAST_ATTRIBUTE, 0, &last, "ii", set_id, group_id)))
		return r;
	if ((r = fer_sql_run(call->db, FER_SQL_SET_UNASSIGN, NULL, "ii", set_id, attribute_id)))
		return r;
	return fer_sql_insert(call->db, FER_SQL_SET_ASSIGN, data, "iiii", set_id, group_id, attribute_id, order ? order : last + 1);
}

static int assign_attribute(struct fer_call *call)
{
	int64_t id = 0;
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, assign, &id);

	return r ? r : fer_answer(call, fer_string(fer_str_fmt(call->arena, "%lld", (long long)id)));
}

/* -- unassigning -------------------------------------------------------------------------------------------------- */

/* The values that products of the set have for the attribute go with it. */
static int clear_values(struct fer_call *call, const struct fer_value *attribute, int64_t set_id)
{
	static const struct {
		const char *backend;
		enum fer_sql sql;
	} tables[] = {
		{ "int", FER_SQL_SET_CLEAR_INT }, { "varchar", FER_SQL_SET_CLEAR_VARCHAR }, { "text", FER_SQL_SET_CLEAR_TEXT },
		{ "decimal", FER_SQL_SET_CLEAR_DECIMAL }, { "datetime", FER_SQL_SET_CLEAR_DATETIME },
	};
	struct fer_str backend = fer_map_str(call->arena, attribute, "backend_type");

	for (size_t i = 0; i < FER_ARRAY_LEN(tables); i++)
		if (fer_str_is(backend, tables[i].backend))
			return fer_sql_run(call->db, tables[i].sql, NULL, "ii", fer_map_int(attribute, "attribute_id", 0), set_id);
	return 0;
}

static int not_in_set(struct fer_call *call)
{
	return fer_fail(call, FER_E_ATTRIBUTE_NOT_IN_SET, "1", fer_string(fer_arg_str(call, "attributeCode")), "2",
	                fer_string(fer_arg_str(call, "attributeSetId")), NULL);
}

static int unassign(struct fer_call *call, void *data FER_UNUSED)
{
	int64_t set_id = fer_arg_int(call, "attributeSetId"), id, assigned = 0;
	struct fer_value set, attribute;
	int r;

	if ((r = load_set(call, FER_E_SET_NOT_FOUND, &set)))
		return r;
	if (!is_product_set(&set))
		return fer_fail(call, FER_E_NO_SUCH_ATTRIBUTE, "1", fer_string(fer_arg_str(call, "attributeCode")), NULL);
	if ((r = fer_attribute_load(call, &fer_product_attribute, fer_arg_str(call, "attributeCode"), &attribute)))
		return r;
	id = fer_map_int(&attribute, "attribute_id", 0);
	if ((r = fer_sql_int(call->db, FER_SQL_SET_ENTITY_ATTRIBUTE, 0, &assigned, "ii", set_id, id)))
		return r;
	if (!assigned)
		return not_in_set(call);
	if (!fer_map_bool(&attribute, "is_user_defined", false))
		return fer_fail(call, FER_E_ATTRIBUTE_SYSTEM, NULL);
	if ((r = clear_values(call, &attribute, set_id)))
		return r;
	return fer_sql_run(call->db, FER_SQL_SET_UNASSIGN, NULL, "ii", set_id, id);
}

static int unassign_attribute(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, unassign, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define SETS "Magento_Catalog::sets"
#define ATTRIBUTES "Magento_Catalog::attributes_attributes"
#define SET_ID(type) { "attributeSetId", type, FER_REQ, NULL, NULL }
#define CODE { "attributeCode", FER_STRING, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/products/attribute-sets/:attributeSetId/attributes", SETS, .run = list_attributes, .of = &fer_product_attribute,
	  FER_PARAMS(SET_ID(FER_STRING)), .many = true, .cached = true, .insecure = true,
	  .service = "catalogProductAttributeManagementV1", .summary = "Attributes of a set", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/products/media/types/:attributeSetName", ATTRIBUTES, .run = list_picture_roles, .of = &fer_product_attribute,
	  FER_PARAMS({ "attributeSetName", FER_STRING, FER_REQ, NULL, NULL }), .many = true, .cached = true, .insecure = true,
	  .service = "catalogProductMediaAttributeManagementV1", .summary = "Roles that pictures of a set's products may have",
	  .source = "Magento_Catalog webapi.xml" },
	{ FER_POST, "/V1/products/attribute-sets/attributes", SETS, .run = assign_attribute,
	  FER_PARAMS(SET_ID(FER_INT), { "attributeGroupId", FER_INT, FER_REQ, NULL, NULL }, CODE, { "sortOrder", FER_INT, FER_REQ, NULL, NULL }),
	  .returns = FER_STRING,
	  .service = "catalogProductAttributeManagementV1",
	  .summary = "Put an attribute into a set", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/products/attribute-sets/:attributeSetId/attributes/:attributeCode", SETS, .run = unassign_attribute,
	  FER_PARAMS(SET_ID(FER_STRING), CODE), .returns = FER_BOOL,
	  .service = "catalogProductAttributeManagementV1", .summary = "Take an attribute out of a set",
	  .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_attribute_member = FER_ROUTE_TABLE(rows);
