/*
 * Where a product is: the websites that sell it and the categories that hold it.
 * Source: Magento_Catalog Model\Product\Website\SaveHandler, Category\Link\SaveHandler, ProductRepository::assignProductToWebsites.
 */
#include <errno.h>
#include <stdlib.h>

#include "api/server.h"
#include "catalog/product_impl.h"
#include "store/config.h"

/* -- websites ----------------------------------------------------------------------------------------------------- */

static bool has_int(const struct fer_value *list, int64_t n)
{
	for (size_t i = 0; i < fer_count(list); i++)
		if (fer_as_int(fer_at(list, i)) == n)
			return true;
	return false;
}

static void add_int(struct fer_call *call, struct fer_value *list, int64_t n)
{
	if (!has_int(list, n))
		fer_push(call->arena, list, fer_int(n));
}

static int add_all_websites(struct fer_call *call, struct fer_value *list)
{
	struct fer_website *sites;
	size_t n;
	int r = fer_config_websites(call->server->store, call->arena, &sites, &n);

	for (size_t i = 0; i < n && !r; i++)
		if (sites[i].id)
			add_int(call, list, sites[i].id);
	return r;
}

static int count_stores(struct fer_call *call, size_t *n_real)
{
	struct fer_store_view *views;
	size_t n;
	int r = fer_config_stores(call->server->store, call->arena, &views, &n);

	*n_real = 0;
	for (size_t i = 0; i < n && !r; i++)
		*n_real += views[i].id != 0;
	return r;
}

/*
 * Not named: a shop of one store view puts a new product on its website and leaves others alone; a larger one adds the website of the
 * store at hand to what is there; the admin scope puts a new product everywhere.
 */
static int default_websites(struct fer_product_saving *s, struct fer_value *wanted)
{
	struct fer_call *call = s->call;
	size_t n_stores;
	int r = count_stores(call, &n_stores);

	*wanted = fer_clone(call->arena, &s->product.website_ids);
	if (r)
		return r;
	if (s->is_new && (n_stores < 2 || !call->store_id))
		return add_all_websites(call, wanted);
	if (n_stores > 1 && call->store_id)
		add_int(call, wanted, fer_config_website_of(call->server->store, call->store_id));
	return 0;
}

static int write_websites(struct fer_product_saving *s, const struct fer_value *wanted)
{
	const struct fer_value *old = &s->product.website_ids;
	int r = 0;

	for (size_t i = 0; i < fer_count(old) && !r; i++)
		if (!has_int(wanted, fer_as_int(fer_at(old, i))))
			r = fer_sql_run(s->call->db, FER_SQL_PRODUCT_WEBSITE_DELETE, NULL, "ii", s->product.id, fer_as_int(fer_at(old, i)));
	for (size_t i = 0; i < fer_count(wanted) && !r; i++)
		if (!has_int(old, fer_as_int(fer_at(wanted, i))))
			r = fer_sql_run(s->call->db, FER_SQL_PRODUCT_WEBSITE_ADD, NULL, "ii", s->product.id, fer_as_int(fer_at(wanted, i)));
	return r == -ENOENT ? fer_fail(s->call, FER_E_PRODUCT_NOT_SAVED, NULL) : r;
}

int fer_product_save_websites(struct fer_product_saving *s)
{
	const struct fer_value *sent = s->extension ? fer_get(s->extension, "website_ids") : NULL;
	struct fer_value wanted = fer_list();
	int r = 0;

	if (fer_is_null(sent))
		r = default_websites(s, &wanted);
	else
		for (size_t i = 0; i < fer_count(sent); i++)
			add_int(s->call, &wanted, fer_as_int(fer_at(sent, i)));
	if (r || (r = write_websites(s, &wanted)))
		return r;
	s->product.website_ids = wanted;
	return 0;
}

/* -- categories --------------------------------------------------------------------------------------------------- */

struct link {
	int64_t category_id, position;
};

struct links {
	struct link *at;
	size_t n;
};

static struct link *find_link(const struct links *links, int64_t category_id)
{
	for (size_t i = 0; i < links->n; i++)
		if (links->at[i].category_id == category_id)
			return &links->at[i];
	return NULL;
}

static void put_link(struct links *links, int64_t category_id, int64_t position)
{
	struct link *l = find_link(links, category_id);

	if (l)
		l->position = position;
	else
		links->at[links->n++] = (struct link){ category_id, position };
}

static void read_links(const struct fer_value *list, struct links *out)
{
	for (size_t i = 0; i < fer_count(list); i++)
		put_link(out, fer_map_int(fer_at(list, i), "category_id", 0), fer_map_int(fer_at(list, i), "position", 0));
}

static struct links new_links(struct fer_call *call, size_t n)
{
	return (struct links){ FER_NEW_ARRAY(call->arena, n + 1, struct link), 0 };
}

/* The attribute category_ids replaces the categories (known ones keep their position); without it they stay. */
static void from_attribute(const struct links *old, const struct fer_value *ids, struct links *wanted)
{
	for (size_t i = 0; i < old->n && !ids; i++)
		put_link(wanted, old->at[i].category_id, old->at[i].position);
	for (size_t i = 0; i < fer_count(ids); i++) {
		int64_t id = fer_as_int(fer_at(ids, i));
		const struct link *was = find_link(old, id);

		put_link(wanted, id, was ? was->position : 0);
	}
}

static int by_category(const void *a, const void *b)
{
	int64_t x = ((const struct link *)a)->category_id, y = ((const struct link *)b)->category_id;

	return (x > y) - (x < y);
}

static int write_links(struct fer_product_saving *s, const struct links *old, const struct links *wanted)
{
	int r = 0;

	for (size_t i = 0; i < old->n && !r; i++)
		if (!find_link(wanted, old->at[i].category_id))
			r = fer_sql_run(s->call->db, FER_SQL_PRODUCT_CATEGORY_DELETE, NULL, "ii", old->at[i].category_id, s->product.id);
	for (size_t i = 0; i < wanted->n && !r; i++) {
		const struct link *was = find_link(old, wanted->at[i].category_id);

		if (!was || was->position != wanted->at[i].position)
			r = fer_sql_run(s->call->db, FER_SQL_PRODUCT_CATEGORY_PUT, NULL, "iii", wanted->at[i].category_id, s->product.id,
			                wanted->at[i].position);
	}
	return r == -ENOENT ? fer_fail(s->call, FER_E_PRODUCT_NOT_SAVED, NULL) : r;
}

/* category_links only adds and changes, but an empty list removes all. New links are made in order of their category. */
int fer_product_save_categories(struct fer_product_saving *s)
{
	const struct fer_value *sent = s->extension ? fer_get(s->extension, "category_links") : NULL;
	const struct fer_value *ids = fer_get(&s->data, "category_ids");
	struct links old = new_links(s->call, fer_count(&s->product.category_links));
	struct links wanted = new_links(s->call, fer_count(&s->product.category_links) + fer_count(sent) + fer_count(ids));

	ids = fer_is_null(ids) ? NULL : ids;
	if (fer_is_null(sent) && !ids)
		return 0;
	read_links(&s->product.category_links, &old);
	if (fer_is_null(sent) || fer_count(sent))
		from_attribute(&old, ids, &wanted);
	if (!fer_is_null(sent))
		read_links(sent, &wanted);
	qsort(wanted.at, wanted.n, sizeof(*wanted.at), by_category);
	return write_links(s, &old, &wanted);
}
