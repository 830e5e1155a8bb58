/*
 * Magento_Cms: blocks. A block saved over the web API belongs to the store view of the request; an identifier is taken when another
 * block of that store view, or of all, has it.
 */
#include "cms/cms.h"

static const struct fer_field fields[] = {
	/*        JSON             type        column           flags       meaning */
	FER_FIELD("id",            FER_INT,    "block_id",      FER_KEY,    "row id"),
	FER_FIELD("identifier",    FER_STRING, "identifier",    FER_SEARCH | FER_NULLS, "name in templates", .max = 255),
	FER_FIELD("title",         FER_STRING, "title",         FER_SEARCH, "name in the admin", .max = 255),
	FER_FIELD("content",       FER_STRING, "content",       FER_SEARCH, "HTML with directives"),
	FER_FIELD("creation_time", FER_TIME,   "creation_time", FER_SEARCH, "UTC"),
	FER_FIELD("update_time",   FER_TIME,   "update_time",   FER_SEARCH, "UTC"),
	FER_FIELD("active",        FER_BOOL,   "is_active",     FER_SEARCH, "shown on the storefront"),
	FER_FIELD("store_id",      FER_INT,    NULL,            FER_SEARCH | FER_OUT_ONLY | FER_SECRET, "store views of the block, for searching",
	          .sql = "s.store_id", .exists = "cms_block_store AS s WHERE s.block_id = main.block_id"),
};

/* The columns of Magento's INSERT, in the order of the table: those it always names, and those that were sent. */
static const struct insert_column { const char *column, *name; bool always; } insert_columns[] = {
	{ "block_id", "id", true },     { "title", "title", true },  { "identifier", "identifier", true },  { "content", "content", true },
	{ "creation_time", "creation_time", false }, { "is_active", "active", false },
};

/* Magento passes on what MySQL says about a missing title, query and all. */
static int refuse_null(struct fer_call *call, const struct fer_value *record, const char *column)
{
	struct fer_buf columns, marks;

	fer_buf_init(&columns, call->arena, 1024);
	fer_buf_init(&marks, call->arena, 1024);
	for (size_t i = 0; i < FER_ARRAY_LEN(insert_columns); i++) {
		if (!insert_columns[i].always && !fer_has(record, insert_columns[i].name))
			continue;
		fer_buf_fmt(&columns, "%s`%s`", i ? ", " : "", insert_columns[i].column);
		fer_buf_text(&marks, i ? ", ?" : "?");
	}
	return fer_fail(call, FER_E_CMS_BLOCK_NULL, "column", fer_text(column), "columns", fer_string(fer_buf_view(&columns)),
	                "marks", fer_string(fer_buf_view(&marks)), NULL);
}

/* Source: Magento_Cms Model\BlockRepository, Model\ResourceModel\Block, 2.4.7 */
static int check_block(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int64_t taken, id = old ? fer_map_int(old, "id", 0) : 0, store_id = call->store_id;
	int r;

	if (old)
		fer_cms_merge(call, &fer_cms_block, record, old);
	r = fer_sql_int(call->db, FER_SQL_CMS_BLOCK_TAKEN, 0, &taken, "siii", fer_map_str(call->arena, record, "identifier"), id, store_id,
	                store_id);
	if (r || taken)
		return r ? r : fer_fail(call, FER_E_CMS_BLOCK_EXISTS, NULL);
	if (!fer_has(record, "title"))
		return refuse_null(call, record, "title");
	return fer_has(record, "identifier") ? 0 : refuse_null(call, record, "identifier");
}

static int block_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int64_t id = fer_map_int(record, "id", 0);
	int r = fer_sql_run(call->db, FER_SQL_CMS_BLOCK_STORES_CLEAR, NULL, "i", id);

	if (r || (r = fer_sql_run(call->db, FER_SQL_CMS_BLOCK_STORE_ADD, NULL, "ii", id, (int64_t)call->store_id)))
		return r;
	return fer_cms_saved(call, FER_SQL_CMS_BLOCK_TIMES, record, !old);
}

const struct fer_entity fer_cms_block = {
	.name = "cms-data-block-interface", .table = "cms_block", FER_FIELDS(fields), .param = "block", .path_id = "blockId",
	.missing = FER_E_CMS_BLOCK_MISSING, .echoes = true, .check = check_block, .saved = block_saved,
};

/* What is no number is an identifier, of whichever store view. */
static int resolve(struct fer_call *call)
{
	struct fer_value *id = fer_get(&call->args, "blockId"), block;
	bool found = false;
	int r;

	if (fer_is_numeric(id))
		return 0;
	if ((r = fer_find(call, &fer_cms_block, "identifier", id, &block, &found)))
		return r;
	if (found)
		*id = fer_string(fer_map_str(call->arena, &block, "id"));
	return 0;
}

static int get_block(struct fer_call *call)
{
	int r = resolve(call);

	return r ? r : fer_entity_get(call);
}

static int delete_block(struct fer_call *call)
{
	int r = resolve(call);

	return r ? r : fer_entity_delete(call);
}

#define ACL "Magento_Cms::block"
#define SOURCE "Magento_Cms webapi.xml"
#define BLOCK_BODY FER_PARAMS({ "block", FER_OBJECT, FER_REQ, &fer_cms_block, NULL })
#define ID_PATH FER_PARAMS({ "blockId", FER_STRING, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/cmsBlock/search", ACL, .run = fer_entity_search, .of = &fer_cms_block, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "cmsBlockRepositoryV1", .summary = "CMS blocks that match", .source = SOURCE },
	{ FER_POST, "/V1/cmsBlock", ACL, .run = fer_entity_save, .of = &fer_cms_block, BLOCK_BODY,
	  .service = "cmsBlockRepositoryV1", .summary = "Make a CMS block; with an id, change it", .source = SOURCE },
	{ FER_GET, "/V1/cmsBlock/:blockId", ACL, .run = get_block, .of = &fer_cms_block, ID_PATH, .cached = true,
	  .insecure = true, .service = "cmsBlockRepositoryV1", .summary = "One CMS block, by id or identifier", .source = SOURCE },
	{ FER_PUT, "/V1/cmsBlock/:id", ACL, .run = fer_entity_save, .of = &fer_cms_block, BLOCK_BODY,
	  .service = "cmsBlockRepositoryV1", .summary = "Change a CMS block; what is not sent stays", .source = SOURCE },
	{ FER_DELETE, "/V1/cmsBlock/:blockId", ACL, .run = delete_block, .of = &fer_cms_block, ID_PATH, .returns = FER_BOOL,
	  .service = "cmsBlockRepositoryV1", .summary = "Remove a CMS block", .source = SOURCE },
};

const struct fer_route_table fer_routes_cms_block = FER_ROUTE_TABLE(rows);
