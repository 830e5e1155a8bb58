/*
 * Attribute sets: of products under /V1/products/attribute-sets, of any entity under /V1/eav/attribute-sets. Which attributes they
 * hold is attribute_member.c's, their groups are attribute_group.c's.
 */
#include "catalog/attribute_set.h"

#include <errno.h>

#include "api/route.h"

#define PRODUCT_TYPE 4

/* -- descriptors -------------------------------------------------------------------------------------------------- */

static const struct fer_field set_fields[] = {
	FER_FIELD("attribute_set_id", FER_INT, "attribute_set_id", FER_KEY | FER_SEARCH, "row id"),
	FER_FIELD("attribute_set_name", FER_STRING, "attribute_set_name", FER_SEARCH, "unique in its entity type", .max = 255),
	FER_FIELD("sort_order", FER_INT, "sort_order", FER_SEARCH, "place in lists"),
	FER_FIELD("entity_type_id", FER_INT, "entity_type_id", FER_SEARCH | FER_KEEP, "4: products"),
	FER_FIELD("entity_type_code", FER_STRING, "entity_type_code", FER_SEARCH | FER_OUT_ONLY | FER_IN_ONLY, "catalog_product, …",
	          .sql = "t.entity_type_code"),
	FER_FIELD("extension_attributes", FER_MIXED, NULL, FER_READ, "none"),
};

#define SET_ENTITY(join_) { .name = "eav-data-attribute-set-interface", .table = "eav_attribute_set", FER_FIELDS(set_fields), \
	.param = "attributeSet", .path_id = "attributeSetId", .missing_field = "id", .join = join_, .changes = 1u << FER_CHANGE_EAV }

const struct fer_entity fer_attribute_set_any = SET_ENTITY("JOIN eav_entity_type t ON t.entity_type_id = main.entity_type_id");
const struct fer_entity fer_attribute_set_product =
	SET_ENTITY("JOIN eav_entity_type t ON t.entity_type_id = main.entity_type_id AND main.entity_type_id = 4");

/* -- reading ------------------------------------------------------------------------------------------------------ */

static bool is_product_set(const struct fer_value *set)
{
	return fer_map_int(set, "entity_type_id", 0) == PRODUCT_TYPE;
}

/* A set of another entity exists, but is refused. */
static int load_product_set(struct fer_call *call, const struct fer_value *id, struct fer_value *out)
{
	int r = fer_load(call, &fer_attribute_set_any, id, out);

	if (r || is_product_set(out))
		return r;
	return fer_fail(call, FER_E_SET_NOT_PRODUCT, NULL);
}

static int get_product_set(struct fer_call *call)
{
	struct fer_value set;
	int r = load_product_set(call, fer_arg(call, "attributeSetId"), &set);

	return r ? r : fer_answer(call, fer_shape(call, &fer_attribute_set_any, &set));
}

/* -- making ------------------------------------------------------------------------------------------------------- */

struct making {
	struct fer_value sent, set;       /* the body with its type; what was saved */
	int64_t skeleton_id;
};

static int check_name(struct fer_call *call, const struct fer_value *set)
{
	struct fer_str name = fer_map_str(call->arena, set, "attribute_set_name");
	int64_t taken = 0;
	int r;

	if (!name.len)
		return fer_fail(call, FER_E_SET_NAME_EMPTY, NULL);
	if ((r = fer_sql_int(call->db, FER_SQL_SET_NAME_TAKEN, 0, &taken, "isi", fer_map_int(set, "entity_type_id", 0), fer_str_trim(name), (int64_t)0)))
		return r;
	return taken ? fer_fail(call, FER_E_SET_NAME_EXISTS, "1", fer_string(name), NULL) : 0;
}

/* Row by row and not by one statement: MariaDB would take ids for its rows in larger steps, and Magento does not. */
static int copy_rows(struct fer_call *call, enum fer_sql from, enum fer_sql to, int64_t id, int64_t skeleton_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *read = NULL;
	struct fer_value rows = fer_list();
	int r = fer_sql_open(call->db, from, &read, "ii", id, skeleton_id);

	while (!r && (r = fer_stmt_step(read)) == 1) {
		struct fer_value row = fer_list();

		for (int i = 0; i < fer_col_count(read); i++)
			fer_push(call->arena, &row, fer_col_null(read, i) ? fer_null() : fer_string(fer_col_dup(call->arena, read, i)));
		fer_push(call->arena, &rows, row);
		r = 0;
	}
	for (size_t i = 0; i < fer_count(&rows) && !r; i++) {
		FER_CLEANUP(fer_stmt_release) struct fer_stmt *write = NULL;

		if ((r = fer_stmt_open(call->db, to, &write)))
			return r;
		for (size_t j = 0; j < fer_count(fer_at(&rows, i)); j++)
			fer_bind_value(write, (int)j + 1, fer_at(fer_at(&rows, i), j));
		r = fer_stmt_run(write, NULL);
	}
	return r;
}

/* The new set gets the skeleton's groups, and in them its attributes. */
static int store_set(struct fer_call *call, void *data)
{
	struct making *making = data;
	int64_t id;
	int r;

	making->set = fer_clone(call->arena, &making->sent);
	if ((r = check_name(call, &making->set)) || (r = fer_save(call, &fer_attribute_set_any, &making->set, NULL)))
		return r;
	id = fer_map_int(&making->set, "attribute_set_id", 0);
	if ((r = copy_rows(call, FER_SQL_SET_COPY_GROUPS, FER_SQL_SET_COPY_GROUP, id, making->skeleton_id)))
		return r;
	return copy_rows(call, FER_SQL_SET_COPY_MEMBERS, FER_SQL_SET_COPY_MEMBER, id, making->skeleton_id);
}

static int make_set(struct fer_call *call, struct making *making, int64_t type_id)
{
	int r;

	fer_set(call->arena, &making->sent, "entity_type_id", fer_int(type_id));
	r = fer_tx(call, 1u << FER_CHANGE_EAV, store_set, making);
	return r ? r : fer_answer(call, fer_shape(call, &fer_attribute_set_any, &making->set));
}

static int invalid(struct fer_call *call, const char *field, int64_t value)
{
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text(field), "value", fer_int(value), NULL);
}

/* What both routes refuse: a body with an id. */
static int begin_making(struct fer_call *call, struct making *making)
{
	making->sent = fer_clone(call->arena, fer_arg(call, "attributeSet"));
	making->skeleton_id = fer_arg_int(call, "skeletonId");
	if (fer_has(&making->sent, "attribute_set_id"))
		return invalid(call, "id", fer_map_int(&making->sent, "attribute_set_id", 0));
	return 0;
}

static int create_any_set(struct fer_call *call)
{
	struct making making;
	struct fer_value skeleton;
	int64_t type_id = 0;
	int r = begin_making(call, &making);

	if (r)
		return r;
	if (!making.skeleton_id)
		return invalid(call, "skeletonId", 0);
	if ((r = fer_load(call, &fer_attribute_set_any, fer_arg(call, "skeletonId"), &skeleton)) ||
	    (r = fer_sql_int(call->db, FER_SQL_SET_TYPE_ID, 0, &type_id, "s", fer_arg_str(call, "entityTypeCode"))))
		return r;
	if (!type_id)
		return fer_fail(call, FER_E_ENTITY_TYPE_INVALID, "1", *fer_arg(call, "entityTypeCode"), NULL);
	return make_set(call, &making, type_id);
}

/* Here the skeleton is looked at first, and a missing one has words of its own. */
static int create_product_set(struct fer_call *call)
{
	struct making making;
	struct fer_value skeleton;
	bool found = false;
	int r = fer_find(call, &fer_attribute_set_any, "attribute_set_id", fer_arg(call, "skeletonId"), &skeleton, &found);

	if (r)
		return r;
	if (!found)
		return fer_fail(call, FER_E_SET_SKELETON_MISSING, NULL);
	if (!is_product_set(&skeleton))
		return fer_fail(call, FER_E_SET_SKELETON_OTHER, NULL);
	r = begin_making(call, &making);
	return r ? r : make_set(call, &making, PRODUCT_TYPE);
}

/* -- changing ----------------------------------------------------------------------------------------------------- */

/* A missing set is not missed: Magento updates no row and answers what was sent. */
static int update_set(struct fer_call *call, void *data)
{
	struct fer_value *set = data, record = fer_clone(call->arena, set), old;
	bool found = false;
	int r;

	if ((r = fer_find(call, &fer_attribute_set_any, "attribute_set_id", fer_get(set, "attribute_set_id"), &old, &found)) || !found)
		return r;
	r = fer_save(call, &fer_attribute_set_any, &record, &old);
	return r == -EEXIST ? fer_fail(call, FER_E_SET_NOT_SAVED, NULL) : r;
}

static int put_set(struct fer_call *call, struct fer_value *set)
{
	int r;

	if (fer_has(set, "attribute_set_name") && !fer_map_str(call->arena, set, "attribute_set_name").len)
		return fer_fail(call, FER_E_SET_NOT_SAVED, NULL);
	r = fer_tx(call, 1u << FER_CHANGE_EAV, update_set, set);
	return r ? r : fer_answer(call, fer_shape(call, &fer_attribute_set_any, set));
}

static struct fer_value sent_set(struct fer_call *call)
{
	struct fer_value set = fer_clone(call->arena, fer_arg(call, "attributeSet"));

	if (!fer_has(&set, "attribute_set_id"))
		fer_set(call->arena, &set, "attribute_set_id", *fer_arg(call, "attributeSetId"));
	return set;
}

static int put_any_set(struct fer_call *call)
{
	struct fer_value set = sent_set(call);

	return put_set(call, &set);
}

/* Only what the body says about its type counts. */
static int put_product_set(struct fer_call *call)
{
	struct fer_value set = sent_set(call);

	return is_product_set(&set) ? put_set(call, &set) : fer_fail(call, FER_E_SET_NOT_PRODUCT, NULL);
}

/* -- removing ----------------------------------------------------------------------------------------------------- */

/* @data is whether only product sets are taken. */
static int remove_set(struct fer_call *call, void *data)
{
	const struct fer_value *id = fer_arg(call, "attributeSetId");
	struct fer_value set;
	int64_t is_default = 0;
	int r = *(bool *)data ? load_product_set(call, id, &set) : fer_load(call, &fer_attribute_set_any, id, &set);

	if (r || (r = fer_sql_int(call->db, FER_SQL_SET_IS_DEFAULT, 0, &is_default, "i", fer_as_int(id))))
		return r;
	return is_default ? fer_fail(call, FER_E_SET_DEFAULT, NULL) : fer_remove(call, &fer_attribute_set_any, &set);
}

static int delete_set(struct fer_call *call)
{
	bool product = call->route->of == &fer_attribute_set_product;
	int r = fer_tx(call, 1u << FER_CHANGE_EAV, remove_set, &product);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define SETS "Magento_Catalog::sets"
#define ID { "attributeSetId", FER_INT, FER_REQ, NULL, NULL }
#define SET { "attributeSet", FER_OBJECT, FER_REQ, &fer_attribute_set_any, NULL }
#define SKELETON { "skeletonId", FER_INT, FER_REQ, NULL, NULL }

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/products/attribute-sets/sets/list", SETS, .run = fer_entity_search, .of = &fer_attribute_set_product,
	  FER_SEARCH_CRITERIA, .search = true, .cached = true, .insecure = true,
	  .service = "catalogAttributeSetRepositoryV1",
	  .summary = "Attribute sets of products", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/products/attribute-sets/:attributeSetId", SETS, .run = get_product_set, .of = &fer_attribute_set_product,
	  FER_PARAMS(ID), .cached = true, .insecure = true,
	  .service = "catalogAttributeSetRepositoryV1",
	  .summary = "One attribute set of products", .source = "Magento_Catalog webapi.xml" },
	{ FER_POST, "/V1/products/attribute-sets", SETS, .run = create_product_set, .of = &fer_attribute_set_product,
	  FER_PARAMS(SET, SKELETON),
	  .service = "catalogAttributeSetManagementV1",
	  .summary = "Make an attribute set like another", .source = "Magento_Catalog webapi.xml" },
	{ FER_PUT, "/V1/products/attribute-sets/:attributeSetId", SETS, .run = put_product_set, .of = &fer_attribute_set_product,
	  FER_PARAMS(SET),
	  .service = "catalogAttributeSetRepositoryV1",
	  .summary = "Change an attribute set of products", .source = "Magento_Catalog webapi.xml" },
	{ FER_DELETE, "/V1/products/attribute-sets/:attributeSetId", SETS, .run = delete_set, .of = &fer_attribute_set_product,
	  FER_PARAMS(ID), .returns = FER_BOOL,
	  .service = "catalogAttributeSetRepositoryV1",
	  .summary = "Remove an attribute set of products", .source = "Magento_Catalog webapi.xml" },
	{ FER_GET, "/V1/eav/attribute-sets/list", SETS, .run = fer_entity_search, .of = &fer_attribute_set_any, FER_SEARCH_CRITERIA,
	  .search = true, .cached = true,
	  .service = "eavAttributeSetRepositoryV1", .summary = "Attribute sets", .source = "Magento_Eav webapi.xml" },
	{ FER_GET, "/V1/eav/attribute-sets/:attributeSetId", SETS, .run = fer_entity_get, .of = &fer_attribute_set_any,
	  FER_PARAMS(ID), .cached = true,
	  .service = "eavAttributeSetRepositoryV1", .summary = "One attribute set", .source = "Magento_Eav webapi.xml" },
	{ FER_POST, "/V1/eav/attribute-sets", SETS, .run = create_any_set, .of = &fer_attribute_set_any,
	  FER_PARAMS({ "entityTypeCode", FER_STRING, FER_REQ, NULL, NULL }, SET, SKELETON),
	  .service = "eavAttributeSetManagementV1",
	  .summary = "Make an attribute set of an entity like another", .source = "Magento_Eav webapi.xml" },
	{ FER_PUT, "/V1/eav/attribute-sets/:attributeSetId", SETS, .run = put_any_set, .of = &fer_attribute_set_any,
	  FER_PARAMS(SET),
	  .service = "eavAttributeSetRepositoryV1", .summary = "Change an attribute set", .source = "Magento_Eav webapi.xml" },
	{ FER_DELETE, "/V1/eav/attribute-sets/:attributeSetId", SETS, .run = delete_set, .of = &fer_attribute_set_any,
	  FER_PARAMS(ID), .returns = FER_BOOL,
	  .service = "eavAttributeSetRepositoryV1", .summary = "Remove an attribute set", .source = "Magento_Eav webapi.xml" },
};

const struct fer_route_table fer_routes_attribute_set = FER_ROUTE_TABLE(rows);
