/*
 * Links and samples of downloadable products, as parts of the product and by their own routes.
 * Source: Magento_Downloadable LinkRepository, SampleRepository, Link\UpdateHandler, ResourceModel\Link, 2.4.7, and recorded answers.
 */
#include "catalog/download.h"

#include "api/route.h"
#include "api/server.h"
#include "catalog/product_impl.h"
#include "store/config.h"

/* -- reading ------------------------------------------------------------------------------------------------------ */

#define LINKS_HEAD \
	"SELECT l.product_id, l.link_id, COALESCE(ts.title, t0.title), l.sort_order, l.is_shareable, COALESCE(ps.price, p0.price)," \
	" l.number_of_downloads, l.link_type, l.link_file, l.link_url, l.sample_type, l.sample_file, l.sample_url FROM downloadable_link l" \
	" LEFT JOIN downloadable_link_title t0 ON t0.link_id = l.link_id AND t0.store_id = 0" \
	" LEFT JOIN downloadable_link_title ts ON ts.link_id = l.link_id AND ts.store_id = ?" \
	" LEFT JOIN downloadable_link_price p0 ON p0.link_id = l.link_id AND p0.website_id = 0" \
	" LEFT JOIN store s ON s.store_id = ?" \
	" LEFT JOIN downloadable_link_price ps ON ps.link_id = l.link_id AND ps.website_id = s.website_id WHERE l.product_id"
#define LINKS_TAIL " ORDER BY l.product_id, l.sort_order, l.link_id"

#define SAMPLES_HEAD \
	"SELECT l.product_id, l.sample_id, COALESCE(ts.title, t0.title), l.sort_order, l.sample_type, l.sample_file, l.sample_url" \
	" FROM downloadable_sample l LEFT JOIN downloadable_sample_title t0 ON t0.sample_id = l.sample_id AND t0.store_id = 0" \
	" LEFT JOIN downloadable_sample_title ts ON ts.sample_id = l.sample_id AND ts.store_id = ? WHERE l.product_id"
#define SAMPLES_TAIL " ORDER BY l.product_id, l.sort_order, l.sample_id"

static void add_text(struct fer_call *call, struct fer_value *out, const char *name, struct fer_stmt *stmt, int column)
{
	if (!fer_col_null(stmt, column))
		fer_append(call->arena, out, fer_str(name), fer_string(fer_col_dup(call->arena, stmt, column)));
}

static struct fer_value link_of(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_value link = fer_map();

	fer_append(call->arena, &link, FER_S("id"), fer_int(fer_col_int(stmt, 1)));
	add_text(call, &link, "title", stmt, 2);
	fer_append(call->arena, &link, FER_S("sort_order"), fer_int(fer_col_int(stmt, 3)));
	fer_append(call->arena, &link, FER_S("is_shareable"), fer_int(fer_col_int(stmt, 4)));
	fer_append(call->arena, &link, FER_S("price"), fer_decimal(fer_col_decimal(stmt, 5)));
	fer_append(call->arena, &link, FER_S("number_of_downloads"), fer_int(fer_col_int(stmt, 6)));
	add_text(call, &link, "link_type", stmt, 7);
	add_text(call, &link, "link_file", stmt, 8);
	add_text(call, &link, "link_url", stmt, 9);
	if (fer_col_null(stmt, 10))
		fer_append(call->arena, &link, FER_S("sample_type"), fer_null());
	add_text(call, &link, "sample_type", stmt, 10);
	add_text(call, &link, "sample_file", stmt, 11);
	add_text(call, &link, "sample_url", stmt, 12);
	return link;
}

static struct fer_value sample_of(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_value sample = fer_map();

	fer_append(call->arena, &sample, FER_S("id"), fer_int(fer_col_int(stmt, 1)));
	add_text(call, &sample, "title", stmt, 2);
	fer_append(call->arena, &sample, FER_S("sort_order"), fer_int(fer_col_int(stmt, 3)));
	add_text(call, &sample, "sample_type", stmt, 4);
	add_text(call, &sample, "sample_file", stmt, 5);
	add_text(call, &sample, "sample_url", stmt, 6);
	return sample;
}

static int fill(struct fer_call *call, struct fer_product *products, size_t n, enum fer_product_part part, struct fer_stmt *stmt)
{
	int r;

	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, 0));

		if (owner && fer_str_is(owner->type, "downloadable"))
			fer_push(call->arena, &owner->parts[part], part == FER_PART_DOWNLOAD_LINKS ? link_of(call, stmt) : sample_of(call, stmt));
	}
	return r;
}

int fer_download_links_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open_at(call, products, n, store_id, LINKS_HEAD, LINKS_TAIL, &stmt);

	return r ? r : fill(call, products, n, FER_PART_DOWNLOAD_LINKS, stmt);
}

int fer_download_samples_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open_at(call, products, n, store_id, SAMPLES_HEAD, SAMPLES_TAIL, &stmt);

	return r ? r : fill(call, products, n, FER_PART_DOWNLOAD_SAMPLES, stmt);
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

/* A link or sample on its way; @old is its row, NULL for a new one. */
struct change {
	const struct fer_value *body;
	int64_t product_id, id;
	int store_id;
	struct fer_stmt *old;
};

static struct fer_download with(const struct fer_download *form, const struct fer_value *body)
{
	struct fer_download d = *form;

	d.body = body;
	return d;
}

static struct fer_value text_of(const struct fer_value *body, const char *name)
{
	return fer_has(body, name) ? *fer_get(body, name) : fer_null();
}

static bool not_negative(const struct fer_value *body, const char *name)
{
	return fer_has(body, name) && fer_as_decimal(fer_get(body, name)) >= 0;
}

static int check_title(struct fer_call *call, const struct change *c, enum fer_error empty)
{
	if (fer_map_str(call->arena, c->body, "title").len || (c->id && c->store_id))
		return 0;
	return fer_fail(call, empty, NULL);
}

static int check_link(struct fer_call *call, const struct change *c)
{
	struct fer_download link = with(&fer_download_of_link, c->body), sample = with(&fer_download_of_link_sample, c->body);
	struct fer_str type = fer_map_str(call->arena, c->body, "link_type"), sample_type = fer_map_str(call->arena, c->body, "sample_type");
	int r;

	if (!fer_str_is(type, "url") && !fer_str_is(type, "file"))
		return fer_fail(call, link.bad_type, NULL);
	if (sample_type.len && !fer_str_is(sample_type, "url") && !fer_str_is(sample_type, "file"))
		return fer_fail(call, sample.bad_type, NULL);
	if (!not_negative(c->body, "price"))
		return fer_fail(call, FER_E_DOWNLOAD_LINK_PRICE, NULL);
	if (!not_negative(c->body, "number_of_downloads"))
		return fer_fail(call, FER_E_DOWNLOAD_COUNT, NULL);
	if (!not_negative(c->body, "sort_order"))
		return fer_fail(call, FER_E_DOWNLOAD_SORT_ORDER, NULL);
	if ((r = fer_download_check(call, &link)) || (sample_type.len && (r = fer_download_check(call, &sample))))
		return r;
	return check_title(call, c, FER_E_DOWNLOAD_LINK_TITLE);
}

static int write_price(struct fer_call *call, const struct change *c)
{
	int64_t website = c->store_id ? fer_config_website_of(call->server->store, c->store_id) : 0, n;
	fer_micro price = fer_as_decimal(fer_get(c->body, "price"));
	int r = fer_sql_run(call->db, FER_SQL_DOWNLOAD_LINK_PRICE_SET, &n, "dii", price, c->id, website);

	return r || n ? r : fer_sql_run(call->db, FER_SQL_DOWNLOAD_LINK_PRICE_ADD, NULL, "iid", c->id, website, price);
}

struct columns {
	struct fer_value link_url, link_file, sample_url, sample_file, sample_type;
};

/* A change that says nothing of a sample leaves it. */
static int make_columns(struct fer_call *call, const struct change *c, struct columns *out)
{
	struct fer_download link = with(&fer_download_of_link, c->body), sample = with(&fer_download_of_link_sample, c->body);
	int r;

	if ((r = fer_download_keep(call, &link, &out->link_file)) || (r = fer_download_keep(call, &sample, &out->sample_file)))
		return r;
	out->link_url = text_of(c->body, "link_url");
	out->sample_url = text_of(c->body, "sample_url");
	out->sample_type = text_of(c->body, "sample_type");
	if (!c->old || !fer_is_null(&out->sample_type))
		return 0;
	out->sample_url = fer_col_null(c->old, 2) ? fer_null() : fer_string(fer_col_dup(call->arena, c->old, 2));
	out->sample_file = fer_col_null(c->old, 3) ? fer_null() : fer_string(fer_col_dup(call->arena, c->old, 3));
	out->sample_type = fer_col_null(c->old, 4) ? fer_null() : fer_string(fer_col_dup(call->arena, c->old, 4));
	return 0;
}

static int write_link(struct fer_call *call, struct change *c)
{
	int64_t sort = fer_map_int(c->body, "sort_order", 0), count = fer_map_int(c->body, "number_of_downloads", 0);
	int64_t share = fer_map_int(c->body, "is_shareable", 0);
	struct fer_str type = fer_map_str(call->arena, c->body, "link_type"), title = fer_map_str(call->arena, c->body, "title");
	struct columns v;
	int r;

	if ((r = check_link(call, c)) || (r = make_columns(call, c, &v)))
		return r;
	if (c->id)
		r = fer_sql_run(call->db, FER_SQL_DOWNLOAD_LINK_SET, NULL, "iiivvsvvvi", sort, count, share, &v.link_url, &v.link_file, type,
		                &v.sample_url, &v.sample_file, &v.sample_type, c->id);
	else
		r = fer_sql_insert(call->db, FER_SQL_DOWNLOAD_LINK_ADD, &c->id, "iiiivvsvvv", c->product_id, sort, count, share, &v.link_url,
		                   &v.link_file, type, &v.sample_url, &v.sample_file, &v.sample_type);
	if (!r && title.len)
		r = fer_sql_run(call->db, FER_SQL_DOWNLOAD_LINK_TITLE_PUT, NULL, "iis", c->id, (int64_t)c->store_id, title);
	return r ? r : write_price(call, c);
}

static int write_sample(struct fer_call *call, struct change *c)
{
	struct fer_download sample = with(&fer_download_of_sample, c->body);
	struct fer_str type = fer_map_str(call->arena, c->body, "sample_type"), title = fer_map_str(call->arena, c->body, "title");
	struct fer_value file, url = text_of(c->body, "sample_url");
	int64_t sort = fer_map_int(c->body, "sort_order", 0);
	bool stays = c->old && fer_str_is(type, "file") && !fer_has(c->body, "sample_file_content");
	int r;

	if (!fer_str_is(type, "url") && !fer_str_is(type, "file"))
		return fer_fail(call, sample.bad_type, NULL);
	if (!not_negative(c->body, "sort_order"))
		return fer_fail(call, FER_E_DOWNLOAD_SORT_ORDER, NULL);
	if ((!stays && (r = fer_download_check(call, &sample))) || (r = check_title(call, c, FER_E_DOWNLOAD_SAMPLE_TITLE)) ||
	    (r = fer_download_keep(call, &sample, &file)))
		return r;
	if (stays)
		file = fer_string(fer_col_dup(call->arena, c->old, 1));
	if (c->id)
		r = fer_sql_run(call->db, FER_SQL_DOWNLOAD_SAMPLE_SET, NULL, "ivvsi", sort, &url, &file, type, c->id);
	else
		r = fer_sql_insert(call->db, FER_SQL_DOWNLOAD_SAMPLE_ADD, &c->id, "iivvs", c->product_id, sort, &url, &file, type);
	return r || !title.len ? r : fer_sql_run(call->db, FER_SQL_DOWNLOAD_SAMPLE_TITLE_PUT, NULL, "iis", c->id, (int64_t)c->store_id, title);
}

/* Links and samples differ in their tables and words. */
static const struct kind {
	enum fer_product_part part;
	enum fer_sql get, drop;
	enum fer_error missing, other;
	int (*write)(struct fer_call *call, struct change *c);
} link_kind = { FER_PART_DOWNLOAD_LINKS, FER_SQL_DOWNLOAD_LINK_GET, FER_SQL_DOWNLOAD_LINK_DELETE, FER_E_DOWNLOAD_LINK_MISSING,
                FER_E_DOWNLOAD_LINK_OTHER, write_link },
  sample_kind = { FER_PART_DOWNLOAD_SAMPLES, FER_SQL_DOWNLOAD_SAMPLE_GET, FER_SQL_DOWNLOAD_SAMPLE_DELETE, FER_E_DOWNLOAD_SAMPLE_MISSING,
                  FER_E_DOWNLOAD_SAMPLE_OTHER, write_sample };

static int put(struct fer_call *call, const struct kind *kind, const struct fer_product *product, struct change *c)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *old = NULL;
	int r;

	c->product_id = product->id;
	if (!c->id)
		return fer_str_is(product->type, "downloadable") ? kind->write(call, c) : fer_fail(call, FER_E_DOWNLOAD_TYPE, NULL);
	if ((r = fer_sql_open(call->db, kind->get, &old, "i", c->id)) || (r = fer_stmt_step(old)) < 0)
		return r;
	if (!r)
		return fer_fail(call, kind->missing, NULL);
	if (fer_col_int(old, 0) != product->id)
		return fer_fail(call, kind->other, NULL);
	c->old = old;
	return kind->write(call, c);
}

static bool names(const struct fer_value *sent, int64_t id)
{
	for (size_t i = 0; i < fer_count(sent); i++)
		if (fer_map_int(fer_at(sent, i), "id", 0) == id)
			return true;
	return false;
}

/* With a product: what the body does not name goes. */
static int save_all(struct fer_product_saving *s, const struct kind *kind, const struct fer_value *sent)
{
	struct fer_product old = s->product;
	int r;

	old.parts[kind->part] = fer_list();
	if ((r = fer_product_part(kind->part)->fill(s->call, &old, 1, s->store_id)))
		return r;
	for (size_t i = 0; !r && i < fer_count(sent); i++) {
		struct change c = { .body = fer_at(sent, i), .id = fer_map_int(fer_at(sent, i), "id", 0), .store_id = s->store_id };

		r = put(s->call, kind, &s->product, &c);
	}
	for (size_t i = 0; !r && i < fer_count(&old.parts[kind->part]); i++) {
		int64_t id = fer_map_int(fer_at(&old.parts[kind->part], i), "id", 0);

		if (!names(sent, id))
			r = fer_sql_run(s->call->db, kind->drop, NULL, "i", id);
	}
	return r;
}

int fer_download_links_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	return save_all(s, &link_kind, sent);
}

int fer_download_samples_save(struct fer_product_saving *s, const struct fer_value *sent)
{
	return save_all(s, &sample_kind, sent);
}

/* -- handlers ----------------------------------------------------------------------------------------------------- */

static const struct kind *kind_of(const struct fer_call *call)
{
	return strstr(call->route->path, "/samples") ? &sample_kind : &link_kind;
}

static int list(struct fer_call *call)
{
	const struct kind *kind = kind_of(call);
	struct fer_product product;
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	if (r)
		return r;
	product.parts[kind->part] = fer_list();
	if ((r = fer_product_part(kind->part)->fill(call, &product, 1, call->store_id)))
		return r;
	return fer_answer(call, product.parts[kind->part]);
}

static int save_one(struct fer_call *call, void *data)
{
	const struct kind *kind = kind_of(call);
	struct fer_product product;
	struct change c = { .body = fer_arg(call, kind == &link_kind ? "link" : "sample") };
	int r = fer_product_require(call, fer_arg_str(call, "sku"), &product);

	c.id = fer_arg(call, "id") ? fer_arg_int(call, "id") : fer_map_int(c.body, "id", 0);
	c.store_id = fer_arg_bool(call, "isGlobalScopeContent", true) ? 0 : call->store_id;
	if (r || (r = put(call, kind, &product, &c)))
		return r;
	*(int64_t *)data = c.id;
	return 0;
}

/* The id goes out as text. */
static int save(struct fer_call *call)
{
	int64_t id;
	int r = fer_tx(call, 0, save_one, &id);

	return r ? r : fer_answer(call, fer_string(fer_str_fmt(call->arena, "%lld", (long long)id)));
}

static int remove_one(struct fer_call *call, void *data FER_UNUSED)
{
	int64_t n;
	int r = fer_sql_run(call->db, kind_of(call)->drop, &n, "i", fer_arg_int(call, "id"));

	return r || n ? r : fer_fail(call, kind_of(call)->missing, NULL);
}

static int delete(struct fer_call *call)
{
	int r = fer_tx(call, 0, remove_one, NULL);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define ACL "Magento_Downloadable::downloadable"
#define SOURCE "Magento_Downloadable webapi.xml"
#define AT "/V1/products/"
#define SKU { "sku", FER_STRING, FER_REQ, NULL, NULL }
#define ID { "id", FER_INT, FER_REQ, NULL, NULL }
#define LINK { "link", FER_OBJECT, FER_REQ, &fer_download_link, NULL }, { "isGlobalScopeContent", FER_BOOL, 0, NULL, NULL }
#define SAMPLE { "sample", FER_OBJECT, FER_REQ, &fer_download_sample, NULL }, { "isGlobalScopeContent", FER_BOOL, 0, NULL, NULL }
#define LINKS "downloadableLinkRepositoryV1"
#define SAMPLES "downloadableSampleRepositoryV1"

static const struct fer_route routes[] = {
	{ FER_GET, AT ":sku/downloadable-links", ACL, list, &fer_download_link, FER_PARAMS(SKU), .many = true, .cached = true,
	  .service = LINKS, .summary = "What may be downloaded", .source = SOURCE },
	{ FER_POST, AT ":sku/downloadable-links", ACL, save, NULL, FER_PARAMS(SKU, LINK), .returns = FER_INT,
	  .service = LINKS, .summary = "Add something to download", .source = SOURCE },
	{ FER_PUT, AT ":sku/downloadable-links/:id", ACL, save, NULL, FER_PARAMS(SKU, ID, LINK), .returns = FER_INT,
	  .service = LINKS, .summary = "Change a link", .source = SOURCE },
	{ FER_DELETE, AT "downloadable-links/:id", ACL, delete, NULL, FER_PARAMS(ID), .returns = FER_BOOL,
	  .service = LINKS, .summary = "Remove a link", .source = SOURCE },
	{ FER_GET, AT ":sku/downloadable-links/samples", ACL, list, &fer_download_sample, FER_PARAMS(SKU), .many = true, .cached = true,
	  .service = SAMPLES, .summary = "Samples of a product", .source = SOURCE },
	{ FER_POST, AT ":sku/downloadable-links/samples", ACL, save, NULL, FER_PARAMS(SKU, SAMPLE), .returns = FER_INT,
	  .service = SAMPLES, .summary = "Add a sample", .source = SOURCE },
	{ FER_PUT, AT ":sku/downloadable-links/samples/:id", ACL, save, NULL, FER_PARAMS(SKU, ID, SAMPLE), .returns = FER_INT,
	  .service = SAMPLES, .summary = "Change a sample", .source = SOURCE },
	{ FER_DELETE, AT "downloadable-links/samples/:id", ACL, delete, NULL, FER_PARAMS(ID), .returns = FER_BOOL,
	  .service = SAMPLES, .summary = "Remove a sample", .source = SOURCE },
};
const struct fer_route_table fer_routes_download = FER_ROUTE_TABLE(routes);
