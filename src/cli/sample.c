/*
 * The sample catalogue as rows, and the requests made from them. It goes in through the pipeline, so that it is what a client would have
 * made.
 */
#include "cli/sample.h"

#include <errno.h>

#include "api/pipeline.h"
#include "auth/token.h"
#include "auth/user.h"
#include "core/clock.h"
#include "core/json.h"

#define ROOT_CATEGORY 2          /* "Default Category" of a clean install */
#define ATTRIBUTE_SET 4          /* "Default" */

static const struct sample_category {
	const char *name;
	int parent;              /* index from 1 into these rows; 0: the root category */
} categories[] = {
	{ "Workshop", 0 },
	{ "Magnets", 1 },
	{ "Fasteners", 1 },
	{ "Desk", 0 },
	{ "Paper", 4 },
	{ "Services", 0 },
};

static const struct sample_product {
	const char *sku, *name, *type;
	int category;            /* index from 1 into the categories */
	double price, weight;
	int qty;
	const char *text;
} products[] = {
	{ "FE-DISC-10", "Ferrite disc, 10 mm", "simple", 2, 0.45, 0.003, 1200, "A small, hard magnet for pin boards." },
	{ "FE-DISC-20", "Ferrite disc, 20 mm", "simple", 2, 0.95, 0.011, 800, "Holds six sheets of paper on a steel board." },
	{ "FE-RING-32", "Ferrite ring, 32 mm", "simple", 2, 2.4, 0.04, 260, "With a hole for an M6 screw." },
	{ "FE-BAR-50", "Ferrite bar, 50 mm", "simple", 2, 3.9, 0.09, 140, "A bar for cupboard doors." },
	{ "SCREW-M6/20", "Hex screw M6 x 20", "simple", 3, 0.12, 0.006, 5000, "Zinc-plated steel." },
	{ "NUT-M6", "Hex nut M6", "simple", 3, 0.06, 0.002, 9000, "Zinc-plated steel." },
	{ "WASHER-M6", "Washer M6", "simple", 3, 0.03, 0.001, 0, "Out of stock until the next delivery." },
	{ "LAMP-CLIP", "Clip lamp", "simple", 4, 24.5, 0.6, 35, "A lamp with a magnetic foot." },
	{ "TRAY-A4", "Letter tray A4", "simple", 4, 12.9, 0.5, 60, "Stacks without tools." },
	{ "NOTE-A5", "Notebook A5, dotted", "simple", 5, 6.5, 0.21, 400, "96 sheets of 90 g paper." },
	{ "NOTE-A6", "Notebook A6, ruled", "simple", 5, 4.2, 0.12, 410, "64 sheets of 90 g paper." },
	{ "SHARPENING", "Tool sharpening", "virtual", 6, 9.0, 0, 1000, "For one blade, done within a week." },
};

struct loading {
	struct fer_house *house;
	struct fer_arena *arena;
	struct fer_str authorization;
	int64_t category_ids[FER_ARRAY_LEN(categories)];
	char *why;
};

/* One request as a client would send it; @out is its answer. */
static int post(struct loading *loading, const char *path, const struct fer_value *body, struct fer_value *out)
{
	struct fer_request request = { .method = FER_S("POST"), .path = fer_str(path), .authorization = loading->authorization,
	                               .content_type = FER_S("application/json"), .accept = FER_S("application/json"),
	                               .source = FER_S("sample") };
	struct fer_call *call;
	struct fer_buf buf;
	int r;

	fer_buf_init(&buf, loading->arena, 1u << 20);
	fer_json_write(&buf, body);
	request.body = fer_buf_view(&buf);
	call = fer_call_new(loading->house->server, &request);
	if (!call)
		return -ENOMEM;
	fer_call_begin(call);
	fer_call_finish(call);
	r = call->reply.status == 200 ? fer_json_read(loading->arena, fer_str_dup(loading->arena, call->reply.body), out) : -EINVAL;
	if (r)
		snprintf(loading->why, 256, "sample catalogue, POST %.60s: %.*s", path, FER_F(fer_str_take(call->reply.body, 150)));
	fer_call_free(call);
	return r;
}

static int load_category(struct loading *loading, size_t i)
{
	struct fer_value fields = fer_map(), body = fer_map(), answer;
	int64_t parent = categories[i].parent ? loading->category_ids[categories[i].parent - 1] : ROOT_CATEGORY;
	int r;

	fer_set(loading->arena, &fields, "parent_id", fer_int(parent));
	fer_set(loading->arena, &fields, "name", fer_text(categories[i].name));
	fer_set(loading->arena, &fields, "is_active", fer_bool(true));
	fer_set(loading->arena, &body, "category", fields);
	if ((r = post(loading, "/rest/all/V1/categories", &body, &answer)))
		return r;
	loading->category_ids[i] = fer_map_int(&answer, "id", 0);
	return 0;
}

static struct fer_value attribute(struct fer_arena *arena, const char *code, const char *value)
{
	struct fer_value map = fer_map();

	fer_set(arena, &map, "attribute_code", fer_text(code));
	fer_set(arena, &map, "value", fer_text(value));
	return map;
}

/* What stands beside the product's own fields: websites, category, stock. */
static struct fer_value extension(struct loading *loading, const struct sample_product *product)
{
	struct fer_arena *arena = loading->arena;
	struct fer_value map = fer_map(), websites = fer_list(), links = fer_list(), link = fer_map(), stock = fer_map();

	fer_push(arena, &websites, fer_int(1));
	fer_set(arena, &link, "position", fer_int(0));
	fer_set(arena, &link, "category_id", fer_string(fer_str_fmt(arena, "%lld", (long long)loading->category_ids[product->category - 1])));
	fer_push(arena, &links, link);
	fer_set(arena, &stock, "qty", fer_int(product->qty));
	fer_set(arena, &stock, "is_in_stock", fer_bool(product->qty > 0));
	fer_set(arena, &map, "website_ids", websites);
	fer_set(arena, &map, "category_links", links);
	fer_set(arena, &map, "stock_item", stock);
	return map;
}

static int load_product(struct loading *loading, size_t i)
{
	const struct sample_product *product = &products[i];
	struct fer_arena *arena = loading->arena;
	struct fer_value fields = fer_map(), custom = fer_list(), body = fer_map(), answer;

	fer_set(arena, &fields, "sku", fer_text(product->sku));
	fer_set(arena, &fields, "name", fer_text(product->name));
	fer_set(arena, &fields, "attribute_set_id", fer_int(ATTRIBUTE_SET));
	fer_set(arena, &fields, "type_id", fer_text(product->type));
	fer_set(arena, &fields, "price", fer_double(product->price));
	fer_set(arena, &fields, "status", fer_int(1));
	fer_set(arena, &fields, "visibility", fer_int(4));
	if (product->weight > 0)
		fer_set(arena, &fields, "weight", fer_double(product->weight));
	fer_set(arena, &fields, "extension_attributes", extension(loading, product));
	fer_push(arena, &custom, attribute(arena, "description", product->text));
	fer_set(arena, &fields, "custom_attributes", custom);
	fer_set(arena, &body, "product", fields);
	return post(loading, "/rest/all/V1/products", &body, &answer);
}

/* The first active admin of the role that may do everything. */
static int64_t find_admin(struct loading *loading)
{
	struct fer_value users;

	if (fer_user_list(loading->house->auth, loading->arena, 0, &users))
		return 0;
	for (size_t i = 0; i < fer_count(&users); i++) {
		const struct fer_value *user = fer_at(&users, i);

		if (fer_map_bool(user, "is_active", false) && fer_str_is(fer_map_str(loading->arena, user, "role"), "Administrators"))
			return fer_map_int(user, "id", 0);
	}
	return 0;
}

static int sign_in(struct loading *loading)
{
	struct fer_issue issue = { .type = FER_USER_ADMIN, .user_id = find_admin(loading),
	                           .now_s = fer_now_s(&loading->house->server->clock) };
	int r;

	if (!issue.user_id) {
		snprintf(loading->why, 256, "the sample catalogue needs an active admin with the role Administrators");
		return -ENOENT;
	}
	r = fer_token_issue(loading->house->auth, loading->arena, &issue);
	if (!r)
		loading->authorization = fer_str_fmt(loading->arena, "Bearer %.*s", FER_F(issue.token));
	return r;
}

int fer_sample_load(struct fer_house *house, struct fer_arena *arena, char why[256])
{
	struct loading loading = { .house = house, .arena = arena, .why = why };
	int r = sign_in(&loading);

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(categories); i++)
		r = load_category(&loading, i);
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(products); i++)
		r = load_product(&loading, i);
	return r;
}
