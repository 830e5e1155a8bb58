/*
 * Groups of product attribute sets: the sections an admin sees. Apart from the sets because their saving has rules of its own.
 */
#include "catalog/attribute_set.h"

#include <errno.h>

#include "api/route.h"
#include "catalog/url.h"

static const struct fer_field extension_fields[] = {
	FER_FIELD("attribute_group_code", FER_STRING, NULL, 0, "unique in the set"),
	FER_FIELD("sort_order", FER_STRING, NULL, 0, "place in the set"),
};

static const struct fer_entity group_extension = { .name = "eav-data-attribute-group-extension-interface", FER_FIELDS(extension_fields) };

#define HIDDEN(name, type) FER_FIELD(name, type, name, FER_SEARCH | FER_OUT_ONLY | FER_IN_ONLY, "internal")

static const struct fer_field group_fields[] = {
	FER_FIELD("attribute_group_id", FER_STRING, "attribute_group_id", FER_KEY | FER_SEARCH, "row id"),
	FER_FIELD("attribute_group_name", FER_STRING, "attribute_group_name", FER_SEARCH, "unique in the set", .max = 255),
	FER_FIELD("attribute_set_id", FER_INT, "attribute_set_id", FER_SEARCH, "the set"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_IN_ONLY, "code and place", .of = &group_extension),
	HIDDEN("sort_order", FER_INT), HIDDEN("attribute_group_code", FER_STRING), HIDDEN("default_id", FER_INT),
	HIDDEN("tab_group_code", FER_STRING),
};

const struct fer_entity fer_attribute_group = {
	.name = "eav-data-attribute-group-interface", .table = "eav_attribute_group", FER_FIELDS(group_fields), .param = "group",
	.path_id = "groupId", .missing = FER_E_GROUP_MISSING, .order = "main.sort_order, main.attribute_group_id",
	.changes = 1u << FER_CHANGE_EAV,
};

/* What is written also has the hidden columns. */
#define STORED(name, type) FER_FIELD(name, type, name, 0, "see the group")

static const struct fer_field stored_fields[] = {
	FER_FIELD("attribute_group_id", FER_INT, "attribute_group_id", FER_KEY, "row id"),
	STORED("attribute_group_name", FER_STRING), STORED("attribute_set_id", FER_INT), STORED("sort_order", FER_INT),
	STORED("attribute_group_code", FER_STRING),
};

static const struct fer_entity stored_group = {
	.name = "attribute-group-row", .table = "eav_attribute_group", FER_FIELDS(stored_fields),
};

static int no_set(struct fer_call *call, const struct fer_value *id)
{
	return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("attributeSetId"), "fieldValue", id ? *id : fer_null(), NULL);
}

static int check_group(struct fer_call *call, const struct fer_value *group)
{
	const struct fer_value *set_id = fer_get(group, "attribute_set_id"), *id = fer_get(group, "attribute_group_id");
	struct fer_value row, nothing = fer_null();
	bool found = false;
	int r = fer_find(call, &fer_attribute_set_any, "attribute_set_id", set_id ? set_id : &nothing, &row, &found);

	if (r || !found)
		return r ? r : no_set(call, set_id);
	if (!fer_as_int(id))
		return 0;
	if ((r = fer_find(call, &stored_group, "attribute_group_id", id, &row, &found)))
		return r;
	if (!found)
		return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("attributeGroupId"), "fieldValue", fer_null(), NULL);
	if (fer_map_int(&row, "attribute_set_id", 0) != fer_as_int(set_id))
		return fer_fail(call, FER_E_GROUP_OTHER_SET, NULL);
	return 0;
}

/* Source: Magento_Eav Attribute\Group beforeSave and its resource, 2.4.7: a code out of the name, and the last place when none is given */
static int complete_group(struct fer_call *call, struct fer_value *group)
{
	const struct fer_value *extension = fer_get(group, "extension_attributes");
	struct fer_str code = fer_map_str(call->arena, extension, "attribute_group_code");
	int64_t order = fer_as_int(fer_get(extension, "sort_order")), last = 0;
	int r;

	code = code.len ? code : fer_url_key(call->arena, fer_map_str(call->arena, group, "attribute_group_name"));
	if (!order && (r = fer_sql_int(call->db, FER_SQL_GROUP_LAST, 0, &last, "i", fer_map_int(group, "attribute_set_id", 0))))
		return r;
	fer_set(call->arena, group, "attribute_group_code", fer_string(code));
	fer_set(call->arena, group, "sort_order", fer_int(order ? order : last + 1));
	return 0;
}

struct saving {
	struct fer_value record;
};

static int store_group(struct fer_call *call, void *data)
{
	struct saving *saving = data;
	struct fer_value *record = &saving->record;
	bool update;
	int r;

	*record = fer_clone(call->arena, fer_arg(call, "group"));
	update = fer_as_int(fer_get(record, "attribute_group_id")) != 0;
	if (!update)
		fer_unset(record, "attribute_group_id");
	if ((r = check_group(call, record)) || (r = complete_group(call, record)))
		return r;
	r = fer_save(call, &stored_group, record, update ? record : NULL);
	return r == -EEXIST ? fer_fail(call, FER_E_GROUP_NOT_SAVED, NULL) : r;
}

static int save_group(struct fer_call *call)
{
	struct saving saving;
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, store_group, &saving);

	if (r)
		return r;
	fer_set(call->arena, &saving.record, "attribute_group_id",
	        fer_string(fer_as_str(call->arena, fer_get(&saving.record, "attribute_group_id"))));
	return fer_answer(call, fer_shape(call, &fer_attribute_group, &saving.record));
}

static int remove_group(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *id = fer_arg(call, "groupId");
	struct fer_value group;
	int64_t has_system = 0;
	int r = fer_load(call, &fer_attribute_group, id, &group);

	if (r || (r = fer_sql_int(call->db, FER_SQL_GROUP_HAS_SYSTEM, 0, &has_system, "i", fer_as_int(id))))
		return r;
	return has_system ? fer_fail(call, FER_E_GROUP_SYSTEM, NULL) : fer_remove(call, &fer_attribute_group, &group);
}

static int delete_group(struct fer_call *call)
{
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, remove_group, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define SETS "Magento_Catalog::sets"
#define GROUP { "group", FER_OBJECT, FER_REQ, &fer_attribute_group, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/products/attribute-sets/groups/list", SETS, .run = fer_entity_search, .of = &fer_attribute_group,
	  FER_SEARCH_CRITERIA, .search = true, .cached = true, .insecure = true,
	  .service = "catalogProductAttributeGroupRepositoryV1",
	  .summary = "Attribute groups", .source = "Magento_Catalog webapi.xml" },
	{ FER_POST, "/V1/products/attribute-sets/groups", SETS, .run = save_group, .of = &fer_attribute_group, FER_PARAMS(GROUP),
	  .service = "catalogProductAttributeGroupRepositoryV1",
	  .summary = "Make an attribute group", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/products/attribute-sets/:attributeSetId/groups", SETS, .run = save_group, .of = &fer_attribute_group,
	  FER_PARAMS(GROUP),
	  .service = "catalogProductAttributeGroupRepositoryV1",
	  .summary = "Make or change a group of a set", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/products/attribute-sets/groups/:groupId", SETS, .run = delete_group, .of = &fer_attribute_group,
	  FER_PARAMS({ "groupId", FER_INT, FER_REQ, NULL, NULL }), .returns = FER_BOOL,
	  .service = "catalogProductAttributeGroupRepositoryV1", .summary = "Remove an attribute group",
	  .source = "Magento_Catalog webapi.xml" },
};

const struct fer_route_table fer_routes_attribute_group = FER_ROUTE_TABLE(rows);
