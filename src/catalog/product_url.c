/*
 * The URL key of a product and the rewrites that follow from it, one a store view of its websites where it is visible.
 * Source: Magento_CatalogUrlRewrite ProductUrlKeyAutogeneratorObserver, ProductProcessUrlRewriteSavingObserver, 2.4.7.
 */
#include <errno.h>

#include "api/server.h"
#include "catalog/product_impl.h"
#include "catalog/url.h"
#include "store/config.h"

#define NOT_VISIBLE 1
#define SUFFIX_PATH "catalog/seo/product_url_suffix"

/* A key that was named is brought into form; a product without one gets it from its name. */
void fer_product_make_url_key(struct fer_product_saving *s)
{
	struct fer_call *call = s->call;
	const struct fer_value *key = fer_saving_value(s, "url_key");
	struct fer_str text = fer_str_trim(fer_as_str(call->arena, key));

	if (!fer_saving_names(s, "url_key") && text.len)
		return;
	if (!text.len)
		text = fer_as_str(call->arena, fer_saving_value(s, "name"));
	fer_set(call->arena, &s->data, "url_key", fer_string(fer_url_key(call->arena, text)));
}

/* Only then can the rewrites differ from those that are there. */
static bool concerns_urls(const struct fer_product_saving *s)
{
	return s->is_new || fer_saving_names(s, "url_key") || fer_saving_names(s, "visibility") ||
	       (s->extension && fer_has(s->extension, "website_ids"));
}

static int add_rewrite(struct fer_product_saving *s, int store_id, struct fer_str key)
{
	struct fer_call *call = s->call;
	struct fer_str suffix = FER_S(".html");
	struct fer_rewrite rewrite = { .entity_type = "product", .entity_id = s->product.id, .store_id = store_id };
	int r;

	if ((r = fer_config_text(call->server->store, call->arena, store_id, SUFFIX_PATH, &suffix)))
		return r;
	rewrite.request_path = fer_str_fmt(call->arena, "%.*s%.*s", FER_F(key), FER_F(suffix));
	rewrite.target_path = fer_str_fmt(call->arena, "catalog/product/view/id/%lld", (long long)s->product.id);
	r = fer_rewrite_add(call, &rewrite);
	return r == -EEXIST ? fer_fail(call, FER_E_URL_KEY_EXISTS, NULL) : r;
}

struct page {
	int store_id;
	struct fer_str key;
};

static int visible_pages(struct fer_product_saving *s, struct page *pages, size_t max, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t key = fer_eav_by_code(s->eav, FER_EAV_PRODUCT, FER_S("url_key"))->id;
	int64_t visibility = fer_eav_by_code(s->eav, FER_EAV_PRODUCT, FER_S("visibility"))->id;
	int r;

	if ((r = fer_sql_open(s->call->db, FER_SQL_PRODUCT_URLS, &stmt, "iiiii", key, key, visibility, visibility, s->product.id)))
		return r;
	while (*n < max && (r = fer_stmt_step(stmt)) == 1)
		if (!fer_col_null(stmt, 1) && fer_col_int(stmt, 2) != NOT_VISIBLE)
			pages[(*n)++] = (struct page){ (int)fer_col_int(stmt, 0), fer_col_dup(s->call->arena, stmt, 1) };
	return r < 0 ? r : 0;
}

static int write_urls(struct fer_product_saving *s)
{
	struct fer_store_view *views;
	struct page *pages;
	size_t n_views, n = 0;
	int r;

	if ((r = fer_config_stores(s->call->server->store, s->call->arena, &views, &n_views)))
		return r;
	pages = FER_NEW_ARRAY(s->call->arena, n_views + 1, struct page);
	if ((r = visible_pages(s, pages, n_views, &n)))
		return r;
	for (size_t i = 0; i < n; i++)
		if ((r = add_rewrite(s, pages[i].store_id, pages[i].key)))
			return r;
	return 0;
}

int fer_product_save_urls(struct fer_product_saving *s)
{
	int r;

	if (!concerns_urls(s))
		return 0;
	if (!s->is_new && (r = fer_rewrite_clear(s->call, "product", s->product.id)))
		return r;
	return s->is_new && fer_as_int(fer_saving_value(s, "visibility")) == NOT_VISIBLE ? 0 : write_urls(s);
}

int fer_product_moved(struct fer_call *call, const struct fer_product *product)
{
	struct fer_product_saving s = { .call = call, .product = *product };
	int r;

	if ((r = fer_eav_get(call, &s.eav)) || (r = fer_rewrite_clear(call, "product", product->id)) || (r = write_urls(&s)))
		return r;
	return fer_product_reindex(call, product->id);
}
