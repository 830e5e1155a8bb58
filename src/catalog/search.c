/*
 * GET /V1/search: the search of a shop front. A request names a container, and filters bind the names that it knows; a name it does not
 * know binds nothing. What can be found is what is for sale at the store view: enabled, visible somewhere, of its website, in stock.
 * Ranking (search_score.c) and buckets (search_bucket.c) are ferrite's own: Magento leaves both to a search engine.
 * Source: Magento_Framework Search\Search, Request\Builder, Cleaner; Magento_CatalogSearch search_request.xml, RequestGenerator, 2.4.7.
 */
#include <errno.h>
#include <stdlib.h>

#include "catalog/search_impl.h"

#include "api/entity.h"
#include "api/route.h"
#include "api/search.h"
#include "api/server.h"

#define FOUND_MAX 10000          /* a search engine shows no further than that */
#define FEW 1000                 /* hits that are listed in the statement that looks whether they may be shown */

/* -- the objects -------------------------------------------------------------------------------------------------- */

static const struct fer_field criteria_fields[] = {
	FER_FIELD("request_name", FER_STRING, NULL, FER_NULLS, "quick_search_container, advanced_search_container or catalog_view_container"),
	FER_FIELD("filter_groups", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "what the names of the request are bound to", .of = &fer_filter_group),
	FER_FIELD("sort_orders", FER_OBJECT, NULL, FER_MANY, "first order first; by relevance when not sent", .of = &fer_sort_order),
	FER_FIELD("page_size", FER_INT, NULL, 0, "products a page; 10,000 when not sent"),
	FER_FIELD("current_page", FER_INT, NULL, 0, "from 0"),
};
static const struct fer_entity criteria_entity = { .name = "framework-search-search-criteria-interface", FER_FIELDS(criteria_fields) };

static const struct fer_field attribute_fields[] = {
	FER_FIELD("attribute_code", FER_STRING, NULL, 0, "_score"),
	FER_FIELD("value", FER_MIXED, NULL, FER_NULLS, "how well it fits; null when another order is asked for"),
};
static const struct fer_entity attribute_entity = { .name = "framework-attribute-interface", FER_FIELDS(attribute_fields) };

static const struct fer_field document_fields[] = {
	FER_FIELD("id", FER_INT, NULL, 0, "of the product"),
	FER_FIELD("custom_attributes", FER_OBJECT, NULL, FER_MANY, "its score", .of = &attribute_entity),
};
static const struct fer_entity document_entity = { .name = "framework-search-document-interface", FER_FIELDS(document_fields) };

static const struct fer_field value_fields[] = {
	FER_FIELD("value", FER_STRING, NULL, 0, "the id of a category or of an option"),
	FER_FIELD("metrics", FER_MIXED, NULL, FER_MANY, "the value, and how many products have it"),
};
static const struct fer_entity value_entity = { .name = "framework-search-aggregation-value-interface", FER_FIELDS(value_fields) };

static const struct fer_field bucket_fields[] = {
	FER_FIELD("name", FER_STRING, NULL, 0, "category_bucket, or an attribute's code and _bucket"),
	FER_FIELD("values", FER_OBJECT, NULL, FER_MANY, "the most frequent first", .of = &value_entity),
};
static const struct fer_entity bucket_entity = { .name = "framework-search-bucket-interface", FER_FIELDS(bucket_fields) };

static const struct fer_field aggregation_fields[] = {
	FER_FIELD("buckets", FER_OBJECT, NULL, FER_MANY, "facets", .of = &bucket_entity),
	FER_FIELD("bucket_names", FER_STRING, NULL, FER_MANY, "their names"),
};
static const struct fer_entity aggregation_entity = { .name = "framework-search-aggregation-interface", FER_FIELDS(aggregation_fields) };

static const struct fer_field result_fields[] = {
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY, "products, the best first", .of = &document_entity),
	FER_FIELD("aggregations", FER_OBJECT, NULL, 0, "facets of all that was found", .of = &aggregation_entity),
	FER_FIELD("search_criteria", FER_OBJECT, NULL, 0, "as they came", .of = &criteria_entity),
	FER_FIELD("total_count", FER_INT, NULL, 0, "products found"),
};
static const struct fer_entity result_entity = { .name = "framework-search-search-result-interface", FER_FIELDS(result_fields) };

/* -- the request -------------------------------------------------------------------------------------------------- */

/* The names that requests know besides those of attributes. A `should` of the advanced search needs one of its names to fit, not all. */
static const struct name { const char *bound, *field, *condition; unsigned containers, should; } names[] = {
	{ "category_ids", "category_ids", "eq", FER_SEARCH_QUICK | FER_SEARCH_ADVANCED | FER_SEARCH_CATALOG, FER_SEARCH_ADVANCED },
	{ "visibility", "visibility", "eq", FER_SEARCH_QUICK | FER_SEARCH_ADVANCED | FER_SEARCH_CATALOG, 0 },
	{ "sku", "sku", "like", FER_SEARCH_ADVANCED, FER_SEARCH_ADVANCED },
	{ "price.from", "price", "gteq", FER_SEARCH_QUICK | FER_SEARCH_ADVANCED | FER_SEARCH_CATALOG, 0 },
	{ "price.to", "price", "lteq", FER_SEARCH_QUICK | FER_SEARCH_ADVANCED | FER_SEARCH_CATALOG, 0 },
};

static int read_container(struct fer_full_search *s, const struct fer_value *criteria)
{
	static const struct { const char *name; enum fer_search_container container; } containers[] = {
		{ "quick_search_container", FER_SEARCH_QUICK }, { "advanced_search_container", FER_SEARCH_ADVANCED },
		{ "catalog_view_container", FER_SEARCH_CATALOG },
	};
	const struct fer_value *name = fer_get(criteria, "request_name");

	if (fer_is_null(name))
		return -EINVAL;   /* the real one crashes: its request builder throws what no client is told */
	for (size_t i = 0; i < FER_ARRAY_LEN(containers); i++)
		if (fer_str_is(name->text, containers[i].name))
			s->container = containers[i].container;
	return s->container ? 0 : fer_fail(s->call, FER_E_SEARCH_REQUEST_NAME, "1", *name, NULL);
}

/* Blanks around a value do not count, and an empty one binds nothing. */
static void bind_names(struct fer_full_search *s, const struct fer_value *criteria)
{
	const struct fer_value *groups = fer_get(criteria, "filter_groups");

	s->bound = fer_map();
	for (size_t i = 0; i < fer_count(groups); i++) {
		const struct fer_value *filters = fer_get(fer_at(groups, i), "filters");

		for (size_t k = 0; k < fer_count(filters); k++) {
			struct fer_str name = fer_map_str(s->call->arena, fer_at(filters, k), "field");

			fer_set_str(s->call->arena, &s->bound, name,
			            fer_string(fer_str_trim(fer_map_str(s->call->arena, fer_at(filters, k), "value"))));
		}
	}
}

static struct fer_str bound(const struct fer_full_search *s, const char *name)
{
	return fer_map_str(s->call->arena, &s->bound, name);
}

static int read_attributes(struct fer_full_search *s)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	size_t n_all;
	int r;

	fer_eav_attributes(s->eav, FER_EAV_PRODUCT, &n_all);
	s->attributes = FER_NEW_ARRAY(s->call->arena, n_all + 1, struct fer_search_attribute);
	r = fer_stmt_open(s->call->db, FER_SQL_SEARCH_ATTRIBUTES, &stmt);
	for (; !r && s->n_attributes < n_all && (r = fer_stmt_step(stmt)) == 1; r = 0) {
		const struct fer_attribute *a = fer_eav_by_id(s->eav, fer_col_int(stmt, 0));

		if (!a)
			continue;
		s->attributes[s->n_attributes++] = (struct fer_search_attribute){
			.attribute = a, .searchable = fer_col_int(stmt, 1) == 1, .weight = fer_col_double(stmt, 2) > 0 ? fer_col_double(stmt, 2) : 1,
			.filterable = (fer_col_int(stmt, 3) ? FER_SEARCH_CATALOG : 0u) | (fer_col_int(stmt, 4) ? FER_SEARCH_QUICK : 0u) |
			              (fer_col_int(stmt, 5) ? FER_SEARCH_ADVANCED : 0u),
		};
	}
	return r < 0 ? r : 0;
}

/* -- as criteria -------------------------------------------------------------------------------------------------- */

static void add_filter(struct fer_full_search *s, struct fer_value *filters, struct fer_str field, const char *condition, struct fer_value value)
{
	struct fer_value filter = fer_map();

	fer_append(s->call->arena, &filter, FER_S("field"), fer_string(field));
	fer_append(s->call->arena, &filter, FER_S("value"), value);
	fer_append(s->call->arena, &filter, FER_S("condition_type"), fer_text(condition));
	fer_push(s->call->arena, filters, filter);
}

static void add_group(struct fer_full_search *s, struct fer_value *groups, struct fer_value filters)
{
	struct fer_value group = fer_map();

	fer_append(s->call->arena, &group, FER_S("filters"), filters);
	fer_push(s->call->arena, groups, group);
}

static void add_one(struct fer_full_search *s, struct fer_value *groups, struct fer_str field, const char *condition, struct fer_value value)
{
	struct fer_value filters = fer_list();

	add_filter(s, &filters, field, condition, value);
	add_group(s, groups, filters);
}

static struct fer_value within(struct fer_full_search *s, struct fer_str text)
{
	return fer_string(fer_str_fmt(s->call->arena, "%%%.*s%%", FER_F(text)));
}

static void add_names(struct fer_full_search *s, struct fer_value *groups)
{
	struct fer_value either = fer_list();

	for (size_t i = 0; i < FER_ARRAY_LEN(names); i++) {
		struct fer_str text = bound(s, names[i].bound);
		struct fer_value value = strcmp(names[i].condition, "like") == 0 ? within(s, text) : fer_string(text);

		if (!text.len || !(names[i].containers & s->container))
			continue;
		if (names[i].should & s->container)
			add_filter(s, &either, fer_str(names[i].field), names[i].condition, value);
		else
			add_one(s, groups, fer_str(names[i].field), names[i].condition, value);
	}
	if (fer_count(&either))
		add_group(s, groups, either);
}

/* Text of an advanced search is looked for inside; numbers and dates have ends; what is chosen from a list is equal. */
static void add_attribute(struct fer_full_search *s, const struct fer_attribute *a, struct fer_value *groups)
{
	const char *code = fer_str_z(s->call->arena, a->code);
	struct fer_str own = bound(s, code), from = bound(s, fer_str_fmt(s->call->arena, "%s.from", code).at),
	               to = bound(s, fer_str_fmt(s->call->arena, "%s.to", code).at);
	bool text = a->backend == FER_B_VARCHAR || a->backend == FER_B_TEXT;

	if (a->backend == FER_B_DECIMAL || a->backend == FER_B_DATETIME) {
		if (from.len)
			add_one(s, groups, a->code, "gteq", fer_string(from));
		if (to.len)
			add_one(s, groups, a->code, "lteq", fer_string(to));
	} else if (own.len && text && fer_str_is(a->input, "multiselect")) {
		add_one(s, groups, a->code, "finset", fer_string(own));
	} else if (own.len && a->backend != FER_B_STATIC) {
		add_one(s, groups, a->code, text ? "like" : "eq", text ? within(s, own) : fer_string(own));
	}
}

static int build_groups(struct fer_full_search *s, struct fer_value *groups)
{
	bool term = s->container == FER_SEARCH_QUICK && bound(s, "search_term").len;

	*groups = fer_list();
	add_names(s, groups);
	for (size_t i = 0; i < s->n_attributes; i++)
		if (s->attributes[i].filterable & s->container && !fer_str_is(s->attributes[i].attribute->code, "price") &&
		    !fer_str_is(s->attributes[i].attribute->code, "visibility"))
			add_attribute(s, s->attributes[i].attribute, groups);
	return fer_count(groups) || term ? 0 : fer_fail(s->call, FER_E_SEARCH_EMPTY, NULL);
}

/* -- what may be found -------------------------------------------------------------------------------------------- */

static const struct fer_eav_column columns[] = {
	{ .name = "entity_id", .sql = "main.entity_id" },
	{ .name = "sku", .sql = "main.sku" },
	{ .name = "created_at", .sql = "main.created_at" },
	{ .name = "updated_at", .sql = "main.updated_at" },
	{ .name = "price", .sql = "price_index.min_price" },
	{ .name = "website_id", .sql = "x.website_id", .among = "catalog_product_website x", .owner = "x.product_id" },
	{ .name = "category_ids", .sql = "up.entity_id",
	  .among = "catalog_category_product x JOIN catalog_category_entity c ON c.entity_id = x.category_id"
	           " JOIN catalog_category_entity up ON c.path = up.path OR c.path LIKE {CONCAT(up.path, '/%')}", .owner = "x.product_id" },
	{ .name = NULL },
};

static void add_for_sale(struct fer_full_search *s, struct fer_value *groups)
{
	add_one(s, groups, FER_S("status"), "eq", fer_text("1"));
	add_one(s, groups, FER_S("visibility"), "in", fer_text("2,3,4"));
	add_one(s, groups, FER_S("website_id"), "eq", fer_int(s->view.website_id));
}

static void add_hits(struct fer_full_search *s, const struct fer_search_hits *hits, struct fer_value *groups)
{
	struct fer_value ids = fer_list();

	if (hits->n > FEW)
		return;
	for (size_t i = 0; i < hits->n; i++)
		fer_push(s->call->arena, &ids, fer_int(hits->at[i].id));
	add_one(s, groups, FER_S("entity_id"), "in", ids);
}

static int find(struct fer_full_search *s, struct fer_value groups, struct fer_eav_found *found)
{
	struct fer_str join = fer_str_fmt(s->call->arena, " JOIN cataloginventory_stock_status stock ON stock.product_id = main.entity_id"
	                                  " AND stock.website_id = 0 AND stock.stock_id = 1 AND stock.stock_status = 1"
	                                  " LEFT JOIN catalog_product_index_price price_index ON price_index.entity_id = main.entity_id"
	                                  " AND price_index.customer_group_id = 0 AND price_index.website_id = %d", s->view.website_id);
	struct fer_eav_search search = { .type = FER_EAV_PRODUCT, .columns = columns, .store_id = s->view.id, .tie_follows = true };
	const struct fer_value *orders = fer_get(fer_criteria(s->call), "sort_orders");
	struct fer_value criteria = fer_map();

	search.join = fer_str_z(s->call->arena, join);
	fer_set(s->call->arena, &criteria, "filter_groups", groups);
	if (orders)
		fer_set(s->call->arena, &criteria, "sort_orders", *orders);
	return fer_eav_find(s->call, &search, &criteria, found);
}

/* -- ranking ------------------------------------------------------------------------------------------------------ */

static double score_of(const struct fer_search_hits *scores, int64_t id)
{
	size_t low = 0, high = scores->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (scores->at[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < scores->n && scores->at[low].id == id ? scores->at[low].score : 0;
}

static int by_score(const void *left, const void *right)
{
	const struct fer_search_hit *a = left, *b = right;

	return a->score != b->score ? (a->score < b->score) - (a->score > b->score) : (a->id > b->id) - (a->id < b->id);
}

/* Without a term all fit equally well. */
static void rank(struct fer_full_search *s, const struct fer_eav_found *found, const struct fer_search_hits *scores, struct fer_search_hits *out)
{
	out->at = FER_NEW_ARRAY(s->call->arena, found->n + 1, struct fer_search_hit);
	for (size_t i = 0; i < found->n; i++) {
		double score = scores ? score_of(scores, found->ids[i]) : 1;

		if (score > 0)
			out->at[out->n++] = (struct fer_search_hit){ found->ids[i], score };
	}
	if (out->n && !fer_count(fer_get(fer_criteria(s->call), "sort_orders")))
		qsort(out->at, out->n, sizeof(*out->at), by_score);
}

static int run(struct fer_full_search *s, struct fer_search_hits *out)
{
	struct fer_str term = s->container == FER_SEARCH_QUICK ? bound(s, "search_term") : FER_STR_NONE;
	struct fer_search_hits scores = { 0 };
	struct fer_eav_found found;
	struct fer_value groups;
	int r;

	if ((r = build_groups(s, &groups)) || !s->view.id || (term.len && (r = fer_search_score(s, term, &scores))))
		return r;
	if (term.len && !scores.n)
		return 0;
	if (term.len)
		add_hits(s, &scores, &groups);
	add_for_sale(s, &groups);
	if (!(r = find(s, groups, &found)))
		rank(s, &found, term.len ? &scores : NULL, out);
	return r;
}

/* -- the answer --------------------------------------------------------------------------------------------------- */

static struct fer_value document(struct fer_call *call, const struct fer_search_hit *hit, bool scored)
{
	struct fer_value out = fer_map(), score = fer_map(), custom = fer_list();

	fer_set(call->arena, &score, "attribute_code", fer_text("_score"));
	fer_set(call->arena, &score, "value", scored ? fer_double(hit->score) : fer_null());
	fer_push(call->arena, &custom, score);
	fer_set(call->arena, &out, "id", fer_int(hit->id));
	fer_set(call->arena, &out, "custom_attributes", custom);
	return out;
}

/* Pages count from 0, and what lies past the 10,000th product cannot be shown. */
static struct fer_value page(struct fer_call *call, const struct fer_search_hits *hits)
{
	const struct fer_value *criteria = fer_criteria(call);
	bool scored = !fer_count(fer_get(criteria, "sort_orders"));
	int64_t size = fer_map_int(criteria, "page_size", 0), from = 0;
	struct fer_value items = fer_list();

	if (!fer_has(criteria, "page_size"))
		size = FOUND_MAX;
	if (size < 0 || __builtin_mul_overflow(fer_map_int(criteria, "current_page", 0), fer_has(criteria, "page_size") ? size : 0, &from) || from < 0)
		return items;
	for (int64_t i = from; i < (int64_t)hits->n && i < FOUND_MAX && i - from < size; i++)
		fer_push(call->arena, &items, document(call, &hits->at[i], scored));
	return items;
}

static int answer(struct fer_full_search *s, const struct fer_search_hits *hits)
{
	struct fer_value out = fer_map(), buckets, criteria = fer_clone(s->call->arena, fer_criteria(s->call));
	int r = fer_search_buckets(s, hits, &buckets);

	if (r)
		return r;
	if (!fer_has(&criteria, "filter_groups"))
		fer_set(s->call->arena, &criteria, "filter_groups", fer_list());
	fer_set(s->call->arena, &out, "items", page(s->call, hits));
	fer_set(s->call->arena, &out, "aggregations", buckets);
	fer_set(s->call->arena, &out, "search_criteria", criteria);
	fer_set(s->call->arena, &out, "total_count", fer_int((int64_t)hits->n));
	return fer_answer(s->call, fer_shape(s->call, &result_entity, &out));
}

/* The admin view has no search index: nothing is found there. */
static int full_search(struct fer_call *call)
{
	struct fer_full_search s = { .call = call };
	struct fer_search_hits hits = { 0 };
	int r;

	if ((r = read_container(&s, fer_criteria(call))) || (r = fer_eav_get(call, &s.eav)) || (r = read_attributes(&s)))
		return r;
	bind_names(&s, fer_criteria(call));
	fer_config_store_by_id(call->server->store, call->store_id, &s.view);
	if ((r = run(&s, &hits)))
		return r;
	return answer(&s, &hits);
}

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/search", "anonymous", full_search, &result_entity,
	  FER_PARAMS({ "searchCriteria", FER_OBJECT, FER_REQ, &criteria_entity, NULL }), .cached = true,
	  .service = "searchV1", .summary = "Products by words, as a shop front finds them", .source = "Magento_Search webapi.xml" },
};
const struct fer_route_table fer_routes_search = FER_ROUTE_TABLE(routes);
