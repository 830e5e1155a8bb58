/*
 * Magento_Cms: pages. A page's identifier is its URL, so it must look like one, be free in url_rewrite, and stay as it is on the pages
 * that the configuration names.
 */
#include <errno.h>

#include "catalog/url.h"
#include "cms/cms.h"

#include "api/server.h"
#include "auth/acl.h"
#include "store/config.h"

#define URL_TYPE "cms-page"

static const struct fer_field fields[] = {
	/*        JSON                        type        column                      flags       meaning */
	FER_FIELD("id",                       FER_INT,    "page_id",                  FER_KEY,    "row id"),
	FER_FIELD("identifier",               FER_STRING, "identifier",               FER_SEARCH | FER_NULLS, "URL key", .max = 100),
	FER_FIELD("title",                    FER_STRING, "title",                    FER_SEARCH, "page title", .max = 255),
	FER_FIELD("page_layout",              FER_STRING, "page_layout",              FER_SEARCH, "1column, 2columns-left …", .max = 255),
	FER_FIELD("meta_title",               FER_STRING, "meta_title",               FER_SEARCH, "for search engines", .max = 255),
	FER_FIELD("meta_keywords",            FER_STRING, "meta_keywords",            FER_SEARCH, "for search engines"),
	FER_FIELD("meta_description",         FER_STRING, "meta_description",         FER_SEARCH, "for search engines"),
	FER_FIELD("content_heading",          FER_STRING, "content_heading",          FER_SEARCH, "heading above the content", .max = 255),
	FER_FIELD("content",                  FER_STRING, "content",                  FER_SEARCH, "HTML with directives"),
	FER_FIELD("creation_time",            FER_TIME,   "creation_time",            FER_SEARCH, "UTC"),
	FER_FIELD("update_time",              FER_TIME,   "update_time",              FER_SEARCH, "UTC"),
	FER_FIELD("sort_order",               FER_STRING, "sort_order",               FER_SEARCH, "order, a number as text"),
	FER_FIELD("layout_update_xml",        FER_STRING, "layout_update_xml",        FER_SEARCH, "can be kept or emptied, not set"),
	FER_FIELD("custom_theme",             FER_STRING, "custom_theme",             FER_SEARCH, "theme id", .max = 100),
	FER_FIELD("custom_root_template",     FER_STRING, "custom_root_template",     FER_SEARCH, "layout of the custom theme", .max = 255),
	FER_FIELD("custom_layout_update_xml", FER_STRING, "custom_layout_update_xml", FER_SEARCH, "can be kept or emptied, not set"),
	FER_FIELD("custom_theme_from",        FER_STRING, "custom_theme_from",        FER_SEARCH, "first day of the custom theme", .max = 10),
	FER_FIELD("custom_theme_to",          FER_STRING, "custom_theme_to",          FER_SEARCH, "last day of the custom theme", .max = 10),
	FER_FIELD("active",                   FER_BOOL,   "is_active",                FER_SEARCH, "shown on the storefront"),
	FER_FIELD("store_id",                 FER_INT,    NULL,                       FER_SEARCH | FER_OUT_ONLY | FER_SECRET,
	          "store views of the page, for searching", .sql = "s.store_id",
	          .exists = "cms_page_store AS s WHERE s.page_id = main.page_id"),
};

static int refuse(struct fer_call *call, const char *why)
{
	return fer_fail(call, FER_E_CMS_PAGE_SAVE, "1", fer_text(why), NULL);
}

/* -- before anything is read -------------------------------------------------------------------------------------- */

/* Magento makes the URL key of a page that names none out of the title, even where the stored page has one. */
static int accept_page(struct fer_call *call, struct fer_value *record)
{
	struct fer_str title = fer_map_str(call->arena, record, "title");

	if (!title.len || fer_str_is(title, "0"))
		return fer_fail(call, FER_E_CMS_PAGE_REQUIRED, "1", fer_text("title"), NULL);
	if (!fer_map_str(call->arena, record, "identifier").len)
		fer_set(call->arena, record, "identifier", fer_string(fer_url_key(call->arena, title)));
	return 0;
}

/* -- the identifier ----------------------------------------------------------------------------------------------- */

static bool is_word_char(char c, bool slash)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (slash && c == '/');
}

static bool is_word(struct fer_str s, bool slash)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_word_char(s.at[i], slash))
			return false;
	return s.len > 0;
}

/* Two characters or more of a-z 0-9 _ - /, the first a letter or digit, then at most one suffix: about-us/team.html */
static bool is_url_key(struct fer_str s)
{
	struct fer_str stem = s;
	ptrdiff_t dot = fer_str_find(s, '.');

	if (dot >= 0) {
		stem = fer_str_take(s, (size_t)dot);
		if (!is_word(fer_str_skip(s, (size_t)dot + 1), false))
			return false;
	}
	return stem.len >= 2 && is_word(stem, true) && stem.at[0] != '_' && stem.at[0] != '-' && stem.at[0] != '/';
}

static bool is_digits(struct fer_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
	return s.len > 0;
}

static int check_identifier(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str identifier = fer_map_str(call->arena, record, "identifier");

	if (!is_url_key(identifier))
		return refuse(call, "The page URL key can't use capital letters or disallowed symbols. Remove the letters and symbols and try again.");
	if (is_digits(identifier))
		return refuse(call, "The page URL key can't use only numbers. Add letters or words and try again.");
	return 0;
}

/* Front names of storefront controllers: a page there would never be seen. */
static const char *const front_names[] = {
	"catalog", "catalogsearch", "checkout", "cms", "contact", "customer", "directory", "downloadable", "giftmessage", "multishipping",
	"newsletter", "oauth", "page_cache", "paypal", "persistent", "productalert", "review", "rss", "sales", "sendfriend", "shipping",
	"stores", "swatches", "vault", "wishlist",
};

static int check_front_names(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str identifier = fer_map_str(call->arena, record, "identifier");

	for (size_t i = 0; i < FER_ARRAY_LEN(front_names); i++)
		if (fer_str_is(identifier, front_names[i]))
			return refuse(call, "The value specified in the URL Key field would generate a URL that already exists.");
	return 0;
}

/* Pages that the configuration names keep their identifier. Source: Magento_Cms Model\Page, 2.4.7 */
static const struct reserved { const char *path, *why; } reserved[] = {
	{ "web/default/cms_no_route",   "This identifier is reserved for \"CMS No Route Page\" in configuration." },
	{ "web/default/cms_home_page",  "This identifier is reserved for \"CMS Home Page\" in configuration." },
	{ "web/default/cms_no_cookies", "This identifier is reserved for \"CMS No Cookies Page\" in configuration." },
};

static int check_reserved(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	struct fer_str before = fer_map_str(call->arena, old, "identifier"), named;
	int r;

	if (!before.len || fer_str_eq(before, fer_map_str(call->arena, record, "identifier")))
		return 0;
	for (size_t i = 0; i < FER_ARRAY_LEN(reserved); i++) {
		if ((r = fer_config_text(call->server->store, call->arena, call->store_id, reserved[i].path, &named)))
			return r;
		if (fer_str_eq(before, named))
			return refuse(call, reserved[i].why);
	}
	return 0;
}

/* -- layout and design -------------------------------------------------------------------------------------------- */

static const char *const layouts[] = { "layout_update_xml", "custom_layout_update_xml" };
static const char *const design[] = {
	"layout_update_xml", "page_layout", "custom_theme", "custom_layout_update_xml", "custom_theme_from", "custom_theme_to",
};

static bool differs(struct fer_call *call, const char *name, const struct fer_value *record, const struct fer_value *old)
{
	return !fer_str_eq(fer_map_str(call->arena, record, name), fer_map_str(call->arena, old, name));
}

/* Layout XML can no longer be written through the API, only kept or dropped. */
static int check_layout(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(layouts); i++)
		if (fer_map_str(call->arena, record, layouts[i]).len && differs(call, layouts[i], record, old))
			return refuse(call, "Something went wrong while saving the page.");
	return 0;
}

/* Who may save pages but not their design. A new page may have the first of Magento's layouts. Source: Model\Page\Authorization, 2.4.7 */
static int check_design(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	if (fer_caller_allows(&call->caller, fer_acl_lookup("Magento_Cms::save_design")))
		return 0;
	for (size_t i = 0; i < FER_ARRAY_LEN(design); i++) {
		bool empty_layout = !old && fer_str_is(fer_map_str(call->arena, record, design[i]), "empty");

		if (!empty_layout && differs(call, design[i], record, old))
			return fer_fail(call, FER_E_CMS_PAGE_DESIGN, NULL);
	}
	return 0;
}

/* -- saving ------------------------------------------------------------------------------------------------------- */

/* The custom theme's days go through Magento's date format, which adds a time; an empty one is none. */
static void set_theme_day(struct fer_call *call, struct fer_value *record, const char *name)
{
	struct fer_str day = fer_map_str(call->arena, record, name);
	int64_t at;

	if (!fer_get(record, name))
		return;
	fer_set(call->arena, record, name, day.len && fer_time_parse(day, &at) ? fer_string(fer_time_text(call->arena, at)) : fer_null());
}

static int check_page(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int r = check_design(call, record, old);

	if (r)
		return r;
	if (old)
		fer_cms_merge(call, &fer_cms_page, record, old);
	if ((r = check_layout(call, record, old)) || (r = check_front_names(call, record)) || (r = check_reserved(call, record, old)) ||
	    (r = check_identifier(call, record)))
		return r;
	set_theme_day(call, record, "custom_theme_from");
	set_theme_day(call, record, "custom_theme_to");
	return 0;
}

static int add_url(struct fer_call *call, const struct fer_value *record, int store_id)
{
	int64_t id = fer_map_int(record, "id", 0);
	struct fer_rewrite rewrite = {
		.entity_type = URL_TYPE, .entity_id = id, .store_id = store_id, .request_path = fer_map_str(call->arena, record, "identifier"),
		.target_path = fer_str_fmt(call->arena, "cms/page/view/page_id/%lld", (long long)id),
	};
	int r = fer_rewrite_add(call, &rewrite);

	return r == -EEXIST ? refuse(call, "URL key for specified store already exists.") : r;
}

/* A page of store view 0 is seen in all of them. */
static int add_urls(struct fer_call *call, const struct fer_value *record, int store_id)
{
	struct fer_store_view *views;
	size_t n;
	int r = fer_config_stores(call->server->store, call->arena, &views, &n);

	for (size_t i = 0; !r && i < n; i++)
		if (views[i].id && (!store_id || views[i].id == store_id))
			r = add_url(call, record, views[i].id);
	return r;
}

/* The URLs follow the store views that the page is linked to. */
static int write_urls(struct fer_call *call, const struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t id = fer_map_int(record, "id", 0);
	int r = fer_rewrite_clear(call, URL_TYPE, id);

	if (r || (r = fer_sql_open(call->db, FER_SQL_CMS_PAGE_STORES, &stmt, "i", id)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		if ((r = add_urls(call, record, (int)fer_col_int(stmt, 0))))
			return r;
	return r;
}

static int page_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	int64_t id = fer_map_int(record, "id", 0);
	int r = old ? 0 : fer_sql_run(call->db, FER_SQL_CMS_PAGE_STORE_ADD, NULL, "ii", id, (int64_t)call->store_id);

	if (!r && (!old || differs(call, "identifier", record, old)))
		r = write_urls(call, record);
	return r ? r : fer_cms_saved(call, FER_SQL_CMS_PAGE_TIMES, record, !old);
}

static int remove_page(struct fer_call *call, const struct fer_value *record)
{
	return fer_rewrite_drop(call, URL_TYPE, fer_map_int(record, "id", 0));
}

const struct fer_entity fer_cms_page = {
	.name = "cms-data-page-interface", .table = "cms_page", FER_FIELDS(fields), .param = "page", .path_id = "pageId",
	.missing = FER_E_CMS_PAGE_MISSING, .echoes = true,
	.accept = accept_page, .check = check_page, .saved = page_saved, .remove = remove_page,
};

#define SOURCE "Magento_Cms webapi.xml"
#define PAGE_BODY FER_PARAMS({ "page", FER_OBJECT, FER_REQ, &fer_cms_page, NULL })
#define ID_PATH FER_PARAMS({ "pageId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/cmsPage/search", "Magento_Cms::page", .run = fer_entity_search, .of = &fer_cms_page, FER_SEARCH_CRITERIA,
	  .search = true, .cached = true, .service = "cmsPageRepositoryV1", .summary = "CMS pages that match", .source = SOURCE },
	{ FER_POST, "/V1/cmsPage", "Magento_Cms::save", .run = fer_entity_save, .of = &fer_cms_page, PAGE_BODY,
	  .service = "cmsPageRepositoryV1", .summary = "Make a CMS page; with an id, change it", .source = SOURCE },
	{ FER_GET, "/V1/cmsPage/:pageId", "Magento_Cms::page", .run = fer_entity_get, .of = &fer_cms_page, ID_PATH, .cached = true,
	  .insecure = true, .service = "cmsPageRepositoryV1", .summary = "One CMS page", .source = SOURCE },
	{ FER_PUT, "/V1/cmsPage/:id", "Magento_Cms::save", .run = fer_entity_save, .of = &fer_cms_page, PAGE_BODY,
	  .service = "cmsPageRepositoryV1",
	  .summary = "Change a CMS page; what is not sent stays, save the identifier", .source = SOURCE },
	{ FER_DELETE, "/V1/cmsPage/:pageId", "Magento_Cms::page_delete", .run = fer_entity_delete, .of = &fer_cms_page, ID_PATH,
	  .returns = FER_BOOL, .service = "cmsPageRepositoryV1", .summary = "Remove a CMS page", .source = SOURCE },
};

const struct fer_route_table fer_routes_cms_page = FER_ROUTE_TABLE(rows);
