/*
 * The facets of a search: how many of the products found have a category, or a value of a filterable attribute.
 * Source: the term buckets of Magento_CatalogSearch search_request.xml and RequestGenerator, 2.4.7.
 */
#include <stdlib.h>

#include "catalog/search_impl.h"

#include "api/search.h"
#include "api/server.h"

#define AT_ONCE 512
#define ROOT_OF_ALL 1             /* the category above all roots: no product is in it */

struct pair {
	int64_t value, product;
};

struct pairs {
	struct fer_arena *arena;
	struct pair *at;
	size_t n, size;
};

struct count {
	int64_t value, n;
};

static void add_pair(struct pairs *pairs, int64_t value, int64_t product)
{
	struct pair *more;

	if (pairs->n == pairs->size) {
		pairs->size = pairs->size ? pairs->size * 2 : 256;
		more = FER_NEW_ARRAY(pairs->arena, pairs->size, struct pair);
		if (pairs->n)
			memcpy(more, pairs->at, pairs->n * sizeof(*more));
		pairs->at = more;
	}
	pairs->at[pairs->n++] = (struct pair){ value, product };
}

static int by_pair(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;

	return a->value != b->value ? (a->value > b->value) - (a->value < b->value) : (a->product > b->product) - (a->product < b->product);
}

static int by_count(const void *left, const void *right)
{
	const struct count *a = left, *b = right;

	return a->n != b->n ? (a->n < b->n) - (a->n > b->n) : (a->value > b->value) - (a->value < b->value);
}

/* How many products have each value; a pair may be there twice. */
static size_t count_pairs(struct pairs *pairs, struct count *counts)
{
	size_t n = 0;

	if (pairs->n)
		qsort(pairs->at, pairs->n, sizeof(*pairs->at), by_pair);
	for (size_t i = 0; i < pairs->n; i++) {
		if (i && by_pair(&pairs->at[i - 1], &pairs->at[i]) == 0)
			continue;
		if (!n || counts[n - 1].value != pairs->at[i].value)
			counts[n++].value = pairs->at[i].value;
		counts[n - 1].n++;
	}
	if (n)
		qsort(counts, n, sizeof(*counts), by_count);
	return n;
}

static struct fer_value bucket_value(struct fer_arena *arena, const struct count *count)
{
	struct fer_value out = fer_map(), metrics = fer_list();

	fer_push(arena, &metrics, fer_int(count->value));
	fer_push(arena, &metrics, fer_int(count->n));
	fer_set(arena, &out, "value", fer_string(fer_str_fmt(arena, "%lld", (long long)count->value)));
	fer_set(arena, &out, "metrics", metrics);
	return out;
}

/* {name, values: [{value, metrics: [value, how many]}]}, the most frequent first. */
static struct fer_value bucket(struct pairs *pairs, struct fer_str name)
{
	struct count *counts = FER_NEW_ARRAY(pairs->arena, pairs->n + 1, struct count);
	struct fer_value out = fer_map(), values = fer_list();
	size_t n = count_pairs(pairs, counts);

	for (size_t i = 0; i < n; i++)
		fer_push(pairs->arena, &values, bucket_value(pairs->arena, &counts[i]));
	fer_set(pairs->arena, &out, "name", fer_string(name));
	fer_set(pairs->arena, &out, "values", values);
	return out;
}

static const int64_t *some_ids(struct fer_full_search *s, const struct fer_search_hits *hits, size_t from, size_t *n)
{
	int64_t *ids = FER_NEW_ARRAY(s->call->arena, AT_ONCE, int64_t);

	for (*n = 0; *n < AT_ONCE && from + *n < hits->n; ++*n)
		ids[*n] = hits->at[from + *n].id;
	return ids;
}

/* A product is in its categories and in all above them. */
static int read_categories(struct fer_full_search *s, const int64_t *ids, size_t n, struct pairs *pairs)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_query query;
	int r;

	fer_query_init(&query, s->call->arena);
	fer_query_add(&query, "SELECT x.product_id, c.path FROM catalog_category_product x JOIN catalog_category_entity c"
	                      " ON c.entity_id = x.category_id WHERE x.product_id");
	fer_query_ids(&query, ids, n);
	r = fer_query_open(s->call->db, &query, &stmt);
	for (; !r && (r = fer_stmt_step(stmt)) == 1; r = 0) {
		struct fer_str path = fer_col_str(stmt, 1), step;
		int64_t category;

		while (fer_str_cut(&path, '/', &step))
			if (fer_str_int(step, &category) && category > ROOT_OF_ALL)
				add_pair(pairs, category, fer_col_int(stmt, 0));
	}
	return r;
}

static int count_categories(struct fer_full_search *s, const struct fer_search_hits *hits, struct fer_value *out)
{
	struct pairs pairs = { .arena = s->call->arena };
	struct fer_store_group group;
	const int64_t *ids;
	size_t n;
	int r = 0;

	for (size_t i = 0; !r && i < hits->n; i += AT_ONCE) {
		ids = some_ids(s, hits, i, &n);
		r = read_categories(s, ids, n, &pairs);
	}
	if (fer_config_group_by_id(s->call->server->store, s->view.group_id, &group))
		for (size_t i = 0; i < hits->n; i++)
			add_pair(&pairs, group.root_category_id, hits->at[i].id);
	*out = bucket(&pairs, FER_S("category_bucket"));
	return r;
}

static int count_values(struct fer_full_search *s, const struct fer_search_hits *hits, const struct fer_attribute *a, struct fer_value *out)
{
	const char *const codes[] = { fer_str_z(s->call->arena, a->code), NULL };
	struct fer_eav_row *rows = FER_NEW_ARRAY(s->call->arena, AT_ONCE, struct fer_eav_row);
	struct pairs pairs = { .arena = s->call->arena };
	const int64_t *ids;
	size_t n;
	int r = 0;

	for (size_t i = 0; !r && i < hits->n; i += AT_ONCE) {
		ids = some_ids(s, hits, i, &n);
		r = fer_eav_load(s->call, FER_EAV_PRODUCT, ids, n, s->view.id, codes, rows);
		for (size_t k = 0; k < n && !r; k++)
			if (!fer_is_null(fer_eav_value(&rows[k], codes[0])))
				add_pair(&pairs, fer_as_int(fer_eav_value(&rows[k], codes[0])), ids[k]);
	}
	*out = bucket(&pairs, fer_str_fmt(s->call->arena, "%s_bucket", codes[0]));
	return r;
}

static void add_bucket(struct fer_full_search *s, struct fer_value one, struct fer_value *buckets, struct fer_value *names)
{
	fer_push(s->call->arena, names, *fer_get(&one, "name"));
	fer_push(s->call->arena, buckets, one);
}

int fer_search_buckets(struct fer_full_search *s, const struct fer_search_hits *hits, struct fer_value *out)
{
	struct fer_value buckets = fer_list(), names = fer_list(), one;
	bool counted = s->container != FER_SEARCH_ADVANCED;
	int r = 0;

	if (counted && !(r = count_categories(s, hits, &one)))
		add_bucket(s, one, &buckets, &names);
	for (size_t i = 0; counted && !r && i < s->n_attributes; i++) {
		const struct fer_search_attribute *a = &s->attributes[i];

		if (a->filterable & s->container && a->attribute->backend == FER_B_INT && !(r = count_values(s, hits, a->attribute, &one)))
			add_bucket(s, one, &buckets, &names);
	}
	*out = fer_map();
	fer_set(s->call->arena, out, "buckets", buckets);
	fer_set(s->call->arena, out, "bucket_names", names);
	return r;
}
