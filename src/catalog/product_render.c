/*
 * What a shop front needs to draw products: prices as numbers and as text, the addresses behind the buttons, images. Apart from product.c
 * because nothing here is stored: it is all made from the price index and the addresses of a store view.
 * Source: Magento_Catalog ProductRenderList and the collectors of Catalog, Msrp, Tax, Weee, Review and Wishlist, 2.4.7.
 */
#include "catalog/product.h"

#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "catalog/product_impl.h"
#include "core/json.h"
#include "shop/shop.h"
#include "store/config.h"

/* -- what goes out ------------------------------------------------------------------------------------------------ */

static const struct fer_field button_fields[] = {
	FER_FIELD("post_data", FER_STRING, NULL, FER_NULLS, "JSON: action and data of the form"),
	FER_FIELD("url", FER_STRING, NULL, FER_NULLS, "where the button leads; of compare and wish list JSON too"),
	FER_FIELD("required_options", FER_BOOL, NULL, FER_NULLS, "there is something to choose first"),
};
static const struct fer_entity button = { .name = "catalog-data-product-render-button-interface", FER_FIELDS(button_fields) };

#define PRICES(type, flags) \
	FER_FIELD("final_price", type, NULL, flags, "what it costs now"), \
	FER_FIELD("max_price", type, NULL, flags, "the dearest choice"), \
	FER_FIELD("max_regular_price", type, NULL, flags, "the dearest choice before discounts"), \
	FER_FIELD("minimal_regular_price", type, NULL, flags, "the cheapest choice before discounts"), \
	FER_FIELD("special_price", type, NULL, flags, "set in the tax adjustments only"), \
	FER_FIELD("minimal_price", type, NULL, flags, "the cheapest choice"), \
	FER_FIELD("regular_price", type, NULL, flags, "before discounts")

static const struct fer_field formatted_fields[] = {
	FER_FIELD("final_price", FER_STRING, NULL, FER_NULLS, "what it costs now"),
	FER_FIELD("max_price", FER_STRING, NULL, FER_NULLS, "the dearest choice"),
	FER_FIELD("minimal_price", FER_STRING, NULL, FER_NULLS, "the cheapest choice"),
	FER_FIELD("max_regular_price", FER_STRING, NULL, FER_NULLS, "the dearest choice before discounts"),
	FER_FIELD("minimal_regular_price", FER_STRING, NULL, FER_NULLS, "of a bundle: its cheapest choice before discounts"),
	FER_FIELD("special_price", FER_STRING, NULL, FER_NULLS, "in the tax adjustments only"),
	FER_FIELD("regular_price", FER_STRING, NULL, FER_NULLS, "before discounts"),
};
static const struct fer_entity formatted = { .name = "catalog-data-product-render-formatted-price-info-interface", FER_FIELDS(formatted_fields) };

static const struct fer_field msrp_fields[] = {
	FER_FIELD("msrp_price", FER_STRING, NULL, 0, "the manufacturer's price, as text"),
	FER_FIELD("is_applicable", FER_STRING, NULL, 0, "\"1\": it hides the price"),
	FER_FIELD("is_shown_price_on_gesture", FER_STRING, NULL, 0, "\"1\": until it is asked for"),
	FER_FIELD("msrp_message", FER_STRING, NULL, 0, "how to see the price"),
	FER_FIELD("explanation_message", FER_STRING, NULL, 0, "why it is hidden"),
};
static const struct fer_entity msrp = { .name = "msrp-data-product-render-msrp-price-info-interface", FER_FIELDS(msrp_fields) };

/* Prices without tax: the same object, whose extension attributes stay empty. */
static const struct fer_field untaxed_fields[] = {
	PRICES(FER_DECIMAL, FER_NULLS),
	FER_FIELD("formatted_prices", FER_OBJECT, NULL, 0, "the same as text", .of = &formatted),
};
static const struct fer_entity untaxed = { .name = "catalog-data-product-render-price-info-interface", FER_FIELDS(untaxed_fields) };

static const struct fer_field price_extension_fields[] = {
	FER_FIELD("msrp", FER_OBJECT, NULL, 0, "the manufacturer's price", .of = &msrp),
	FER_FIELD("tax_adjustments", FER_OBJECT, NULL, 0, "prices without tax", .of = &untaxed),
	FER_FIELD("weee_attributes", FER_MIXED, NULL, FER_MANY, "fixed product taxes"),
	FER_FIELD("weee_adjustment", FER_STRING, NULL, 0, "the price with them, as text"),
};
static const struct fer_entity price_extension = {
	.name = "catalog-data-product-render-price-info-extension-interface", FER_FIELDS(price_extension_fields),
};

static const struct fer_field price_info_fields[] = {
	PRICES(FER_DECIMAL, FER_NULLS),
	FER_FIELD("formatted_prices", FER_OBJECT, NULL, 0, "the same as text", .of = &formatted),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "of other modules", .of = &price_extension),
};
static const struct fer_entity price_info = { .name = "catalog-data-product-render-price-info-interface", FER_FIELDS(price_info_fields) };

static const struct fer_field image_fields[] = {
	FER_FIELD("url", FER_STRING, NULL, 0, "where it is"),
	FER_FIELD("code", FER_STRING, NULL, 0, "which place it is for"),
	FER_FIELD("height", FER_FLOAT, NULL, 0, "pixels"),
	FER_FIELD("width", FER_FLOAT, NULL, 0, "pixels"),
	FER_FIELD("label", FER_STRING, NULL, 0, "text in its place"),
	FER_FIELD("resized_width", FER_FLOAT, NULL, 0, "pixels"),
	FER_FIELD("resized_height", FER_FLOAT, NULL, 0, "pixels"),
};
static const struct fer_entity image = { .name = "catalog-data-product-render-image-interface", FER_FIELDS(image_fields) };

static const struct fer_field render_extension_fields[] = {
	FER_FIELD("wishlist_button", FER_OBJECT, NULL, 0, "adds it to the wish list", .of = &button),
	FER_FIELD("review_html", FER_STRING, NULL, 0, "what others think of it; ferrite keeps no reviews"),
};
static const struct fer_entity render_extension = { .name = "catalog-data-product-render-extension-interface", FER_FIELDS(render_extension_fields) };

static const struct fer_field render_fields[] = {
	FER_FIELD("add_to_cart_button", FER_OBJECT, NULL, 0, "adds it to the cart", .of = &button),
	FER_FIELD("add_to_compare_button", FER_OBJECT, NULL, 0, "adds it to those compared", .of = &button),
	FER_FIELD("price_info", FER_OBJECT, NULL, 0, "its prices", .of = &price_info),
	FER_FIELD("images", FER_OBJECT, NULL, FER_MANY, "its pictures, one a place", .of = &image),
	FER_FIELD("url", FER_STRING, NULL, 0, "its page"),
	FER_FIELD("id", FER_INT, NULL, 0, "row id"),
	FER_FIELD("name", FER_STRING, NULL, FER_NULLS, "what it is called"),
	FER_FIELD("type", FER_STRING, NULL, 0, "product type"),
	FER_FIELD("is_salable", FER_STRING, NULL, 0, "\"1\": it can be bought"),
	FER_FIELD("store_id", FER_INT, NULL, 0, "the store view asked for"),
	FER_FIELD("currency_code", FER_STRING, NULL, 0, "the currency asked for"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "of other modules", .of = &render_extension),
};
static const struct fer_entity render = { .name = "catalog-data-product-render-interface", FER_FIELDS(render_fields) };

static const struct fer_field result_fields[] = {
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY, "products on sale", .of = &render),
};
static const struct fer_entity result = { .name = "catalog-data-product-render-search-results-interface", FER_FIELDS(result_fields) };

/* -- prices ------------------------------------------------------------------------------------------------------- */

/* A page of products on its way out. */
struct drawing {
	struct fer_call *call;
	struct fer_store_view view;
	struct fer_str currency;
	struct fer_store_urls urls;
};

/* Of the price index, for guests. */
struct prices {
	int64_t id;
	fer_micro final, lowest, highest, regular;
};

/* "<span class="price">-$1,234.50</span>": the amount is not converted, the currency is only how it is written. */
static struct fer_value price_text(const struct drawing *d, fer_micro amount)
{
	struct fer_str digits = fer_decimal_text(d->call->arena, amount < 0 ? -amount : amount, 2), symbol = fer_currency_symbol(d->currency);
	struct fer_buf buf;

	fer_buf_init(&buf, d->call->arena, 4096);
	fer_buf_fmt(&buf, "<span class=\"price\">%s%.*s", amount < 0 ? "-" : "", FER_F(symbol));
	if (fer_str_eq(symbol, d->currency))
		fer_buf_text(&buf, "\u00a0");
	for (size_t i = 0, whole = digits.len - 3; i < digits.len; i++) {
		fer_buf_char(&buf, digits.at[i]);
		if (i + 1 < whole && (whole - i - 1) % 3 == 0)
			fer_buf_char(&buf, ',');
	}
	fer_buf_text(&buf, "</span>");
	return fer_string(fer_buf_view(&buf));
}

static struct fer_value price_texts(const struct drawing *d, const struct prices *p, bool special)
{
	struct fer_arena *arena = d->call->arena;
	struct fer_value out = fer_map();

	fer_set(arena, &out, "final_price", price_text(d, p->final));
	fer_set(arena, &out, "max_price", price_text(d, p->highest));
	fer_set(arena, &out, "minimal_price", price_text(d, p->lowest));
	fer_set(arena, &out, "max_regular_price", price_text(d, p->highest));
	fer_set(arena, &out, "special_price", special ? price_text(d, p->final) : fer_null());
	fer_set(arena, &out, "regular_price", price_text(d, p->regular));
	return out;
}

static struct fer_value price_set(const struct drawing *d, const struct prices *p, bool special)
{
	struct fer_arena *arena = d->call->arena;
	struct fer_value out = fer_map();

	fer_set(arena, &out, "final_price", fer_decimal(p->final));
	fer_set(arena, &out, "max_price", fer_decimal(p->highest));
	fer_set(arena, &out, "max_regular_price", fer_decimal(p->highest));
	fer_set(arena, &out, "minimal_regular_price", fer_decimal(p->lowest));
	fer_set(arena, &out, "special_price", special ? fer_decimal(p->final) : fer_null());
	fer_set(arena, &out, "minimal_price", fer_decimal(p->lowest));
	fer_set(arena, &out, "regular_price", fer_decimal(p->regular));
	fer_set(arena, &out, "formatted_prices", price_texts(d, p, special));
	return out;
}

/* -- the manufacturer's price ------------------------------------------------------------------------------------- */

enum msrp_visibility { MSRP_ON_GESTURE = 1, MSRP_IN_CART = 2, MSRP_BEFORE_ORDER = 3 };

static int64_t msrp_visibility(const struct drawing *d, const struct fer_product *p)
{
	int64_t own = fer_as_int(fer_eav_value(&p->values, "msrp_display_actual_price_type"));

	if (!fer_config_bool(d->call->server->store, d->view.id, "sales/msrp/enabled", false))
		return 0;
	return own ? own : fer_config_int(d->call->server->store, d->view.id, "sales/msrp/display_price_type", MSRP_ON_GESTURE);
}

/* Quotes and signs of HTML are escaped outside of tags, as Magento's escaper leaves the tags it allows. */
static struct fer_value escaped(const struct drawing *d, struct fer_str text)
{
	struct fer_buf buf;
	bool tag = false;

	fer_buf_init(&buf, d->call->arena, 65536);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		tag = c == '<' || (tag && c != '>');
		if (!tag && c == '"')
			fer_buf_text(&buf, "&quot;");
		else if (!tag && c == '\'')
			fer_buf_text(&buf, "&#039;");
		else
			fer_buf_char(&buf, c);
	}
	return fer_string(fer_buf_view(&buf));
}

static int explanation(const struct drawing *d, struct fer_value *out)
{
	struct fer_str text;
	int r = fer_config_text(d->call->server->store, d->call->arena, d->view.id, "sales/msrp/explanation_message", &text);

	*out = escaped(d, text.len ? text : FER_S("The manufacturer does not allow this price to be shown in the catalogue. It is shown in the cart."));
	return r;
}

static int add_msrp(const struct drawing *d, const struct fer_product *p, const struct prices *prices, struct fer_value *extension)
{
	static const char *const messages[] = { [MSRP_IN_CART] = "To see product price, add this item to your cart. You can always remove it later.",
	                                        [MSRP_BEFORE_ORDER] = "See price before order confirmation." };
	fer_micro price = fer_as_decimal(fer_eav_value(&p->values, "msrp"));
	int64_t visibility = msrp_visibility(d, p);
	struct fer_value out = fer_map(), why;
	int r = explanation(d, &why);

	if (r)
		return r;
	fer_set(d->call->arena, &out, "msrp_price", price_text(d, price));
	fer_set(d->call->arena, &out, "is_applicable", fer_text(visibility && price > prices->final ? "1" : ""));
	fer_set(d->call->arena, &out, "is_shown_price_on_gesture", fer_text(visibility == MSRP_ON_GESTURE ? "1" : ""));
	fer_set(d->call->arena, &out, "msrp_message", fer_text(visibility == MSRP_IN_CART || visibility == MSRP_BEFORE_ORDER ? messages[visibility] : ""));
	fer_set(d->call->arena, &out, "explanation_message", why);
	fer_set(d->call->arena, extension, "msrp", out);
	return 0;
}

static int price_info_of(const struct drawing *d, const struct fer_product *p, const struct prices *prices, struct fer_value *out)
{
	struct fer_value extension = fer_map();
	int r = add_msrp(d, p, prices, &extension);

	*out = price_set(d, prices, false);
	fer_set(d->call->arena, &extension, "tax_adjustments", price_set(d, prices, true));
	fer_set(d->call->arena, &extension, "weee_attributes", fer_list());
	fer_set(d->call->arena, &extension, "weee_adjustment", price_text(d, prices->final));
	fer_set(d->call->arena, out, "extension_attributes", extension);
	return r;
}

/* -- addresses ---------------------------------------------------------------------------------------------------- */

/* {"action": address, "data": {"product": id, "uenc": where the caller goes back to}} */
static struct fer_value form(const struct drawing *d, struct fer_str action, struct fer_value product, struct fer_value back)
{
	struct fer_value out = fer_map(), data = fer_map();
	struct fer_buf buf;

	fer_append(d->call->arena, &data, FER_S("product"), product);
	fer_append(d->call->arena, &data, FER_S("uenc"), back);
	fer_append(d->call->arena, &out, FER_S("action"), fer_string(action));
	fer_append(d->call->arena, &out, FER_S("data"), data);
	fer_buf_init(&buf, d->call->arena, 16384);
	fer_json_write(&buf, &out);
	return fer_string(fer_buf_view(&buf));
}

static struct fer_str page_of(const struct drawing *d, const char *path)
{
	return fer_str_fmt(d->call->arena, "%.*s%s", FER_F(d->urls.link), path);
}

static struct fer_value id_text(const struct drawing *d, const struct fer_product *p)
{
	return fer_string(fer_str_fmt(d->call->arena, "%lld", (long long)p->id));
}

/* Magento's form of base64 in addresses. */
static struct fer_value way_back(const struct drawing *d)
{
	struct fer_str coded = fer_str_dup(d->call->arena, fer_base64(d->call->arena, d->urls.base));
	struct fer_buf buf;

	fer_buf_init(&buf, d->call->arena, 4096);
	for (size_t i = 0; i < coded.len; i++)
		fer_buf_char(&buf, coded.at[i] == '+' ? '-' : coded.at[i] == '/' ? '_' : coded.at[i] == '=' ? ',' : coded.at[i]);
	return fer_string(fer_buf_view(&buf));
}

static struct fer_value cart_button(const struct drawing *d, const struct fer_product *p)
{
	struct fer_value out = fer_map();
	struct fer_str url = fer_str_fmt(d->call->arena, "%.*scheckout/cart/add/uenc/%%25uenc%%25/product/%lld/", FER_F(d->urls.link), (long long)p->id);

	fer_set(d->call->arena, &out, "post_data", form(d, url, id_text(d, p), fer_text("%uenc%")));
	fer_set(d->call->arena, &out, "url", fer_string(url));
	fer_set(d->call->arena, &out, "required_options", fer_bool(p->has_options != 0));
	return out;
}

static struct fer_value form_button(const struct drawing *d, const char *path, struct fer_value product)
{
	struct fer_value out = fer_map();

	fer_set(d->call->arena, &out, "url", form(d, page_of(d, path), product, way_back(d)));
	return out;
}

static int product_url(const struct drawing *d, const struct fer_product *p, struct fer_value *out)
{
	struct fer_str key = fer_as_str(d->call->arena, fer_eav_value(&p->values, "url_key")), suffix = FER_STR_NONE;
	int r = fer_config_text(d->call->server->store, d->call->arena, d->view.id, "catalog/seo/product_url_suffix", &suffix);

	if (!suffix.at)
		suffix = FER_S(".html");
	if (key.len)
		*out = fer_string(fer_str_fmt(d->call->arena, "%.*s%.*s%.*s", FER_F(d->urls.link), FER_F(key), FER_F(suffix)));
	else
		*out = fer_string(fer_str_fmt(d->call->arena, "%.*scatalog/product/view/id/%lld/", FER_F(d->urls.link), (long long)p->id));
	return r;
}

/* -- images ------------------------------------------------------------------------------------------------------- */

/* The places of the default theme, and the attribute whose picture stands there. */
static const struct place { const char *code, *attribute; int width, height; } places[] = {
	{ "recently_viewed_products_grid_content_widget", "small_image", 240, 300 },
	{ "recently_viewed_products_list_content_widget", "small_image", 270, 340 },
	{ "recently_viewed_products_images_names_widget", "small_image", 75, 90 },
	{ "recently_compared_products_grid_content_widget", "small_image", 240, 300 },
	{ "recently_compared_products_list_content_widget", "small_image", 270, 340 },
	{ "recently_compared_products_images_names_widget", "thumbnail", 75, 90 },
};

/* The picture itself: it is not resized. Without one, the theme's. */
static struct fer_value image_url(const struct drawing *d, const struct fer_product *p, const char *attribute)
{
	struct fer_str file = fer_as_str(d->call->arena, fer_eav_value(&p->values, attribute));

	if (file.len && !fer_str_is(file, "no_selection"))
		return fer_string(fer_str_fmt(d->call->arena, "%.*scatalog/product%.*s", FER_F(d->urls.media), FER_F(file)));
	return fer_string(fer_str_fmt(d->call->arena, "%.*sfrontend/Magento/luma/en_US/Magento_Catalog/images/product/placeholder/%s.jpg",
	                              FER_F(d->urls.assets), attribute));
}

static struct fer_value image_of(const struct drawing *d, const struct fer_product *p, const struct place *place)
{
	struct fer_str own = fer_str_fmt(d->call->arena, "%s_label", place->attribute);
	const struct fer_value *label = fer_eav_value(&p->values, own.at);
	struct fer_value out = fer_map();

	fer_set(d->call->arena, &out, "url", image_url(d, p, place->attribute));
	fer_set(d->call->arena, &out, "code", fer_text(place->code));
	fer_set(d->call->arena, &out, "height", fer_int(place->height));
	fer_set(d->call->arena, &out, "width", fer_int(place->width));
	label = fer_is_null(label) ? fer_eav_value(&p->values, "name") : label;
	fer_set(d->call->arena, &out, "label", fer_string(fer_as_str(d->call->arena, label)));
	fer_set(d->call->arena, &out, "resized_width", fer_int(place->width));
	fer_set(d->call->arena, &out, "resized_height", fer_int(place->height));
	return out;
}

/* -- a product ---------------------------------------------------------------------------------------------------- */

static void add_buttons(const struct drawing *d, const struct fer_product *p, struct fer_value *out)
{
	struct fer_value extension = fer_map(), images = fer_list();

	fer_set(d->call->arena, out, "add_to_cart_button", cart_button(d, p));
	fer_set(d->call->arena, out, "add_to_compare_button", form_button(d, "catalog/product_compare/add/", id_text(d, p)));
	fer_set(d->call->arena, &extension, "wishlist_button", form_button(d, "wishlist/index/add/", fer_int(p->id)));
	fer_set(d->call->arena, &extension, "review_html", fer_text(""));
	fer_set(d->call->arena, out, "extension_attributes", extension);
	for (size_t i = 0; i < FER_ARRAY_LEN(places); i++)
		fer_push(d->call->arena, &images, image_of(d, p, &places[i]));
	fer_set(d->call->arena, out, "images", images);
}

static int draw(const struct drawing *d, const struct fer_product *p, const struct prices *prices, struct fer_value *out)
{
	struct fer_value info, url;
	int r;

	*out = fer_map();
	if ((r = price_info_of(d, p, prices, &info)) || (r = product_url(d, p, &url)))
		return r;
	add_buttons(d, p, out);
	fer_set(d->call->arena, out, "price_info", info);
	fer_set(d->call->arena, out, "url", url);
	fer_set(d->call->arena, out, "id", fer_int(p->id));
	fer_set(d->call->arena, out, "name", fer_string(fer_as_str(d->call->arena, fer_eav_value(&p->values, "name"))));
	fer_set(d->call->arena, out, "type", fer_string(p->type));
	fer_set(d->call->arena, out, "is_salable", fer_text("1"));
	fer_set(d->call->arena, out, "store_id", fer_int(d->view.id));
	fer_set(d->call->arena, out, "currency_code", fer_string(d->currency));
	return 0;
}

/* Of a configurable the cheapest child's regular price; a group has none. */
static const char prices_head[] =
	"SELECT i.entity_id, i.final_price, i.min_price, i.max_price, i.price, i.tier_price, (SELECT MIN(c.price) FROM catalog_product_super_link l"
	" JOIN catalog_product_index_price c ON c.entity_id = l.product_id AND c.customer_group_id = 0 AND c.website_id = i.website_id"
	" WHERE l.parent_id = i.entity_id) FROM catalog_product_index_price i WHERE i.customer_group_id = 0 AND i.website_id = ? AND i.entity_id";

static void read_prices(struct fer_stmt *stmt, struct prices *p)
{
	fer_micro tier = fer_col_decimal(stmt, 5);

	p->id = fer_col_int(stmt, 0);
	p->lowest = fer_col_decimal(stmt, 2);
	p->final = fer_col_null(stmt, 1) || fer_col_decimal(stmt, 1) < p->lowest ? p->lowest : fer_col_decimal(stmt, 1);
	p->highest = fer_col_null(stmt, 6) ? p->final : fer_col_decimal(stmt, 3);
	p->regular = fer_col_decimal(stmt, fer_col_null(stmt, 6) ? 4 : 6);
	if (!fer_col_null(stmt, 5) && tier < p->lowest)
		p->lowest = tier;
	if (!fer_col_null(stmt, 6))
		p->final = p->lowest;
}

static int load_prices(const struct drawing *d, const struct fer_product *products, size_t n, struct prices *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_products_open_at(d->call, products, n, d->view.website_id, prices_head, "", &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *p = fer_products_at((struct fer_product *)(uintptr_t)products, n, fer_col_int(stmt, 0));

		if (p)
			read_prices(stmt, &out[p - products]);
		r = 0;
	}
	return r;
}

static int draw_all(const struct drawing *d, struct fer_eav_found *found, struct fer_value *items)
{
	struct fer_product *products = FER_NEW_ARRAY(d->call->arena, found->n + 1, struct fer_product);
	struct prices *prices = FER_NEW_ARRAY(d->call->arena, found->n + 1, struct prices);
	struct fer_value one;
	int r = fer_products_load(d->call, found->ids, &found->n, d->view.id, FER_PRODUCT_VALUES, products);

	if (r || (found->n && (r = load_prices(d, products, found->n, prices))))
		return r;
	for (size_t i = 0; i < found->n; i++) {
		if (!prices[i].id)
			continue;
		if ((r = draw(d, &products[i], &prices[i], &one)))
			return r;
		fer_push(d->call->arena, items, one);
	}
	return 0;
}

static int list_rendered(struct fer_call *call)
{
	struct drawing d = { .call = call, .currency = fer_arg_str(call, "currencyCode") };
	struct fer_value out = fer_map(), items = fer_list();
	struct fer_eav_found found;
	int r;

	if (!fer_config_store_by_id(call->server->store, (int)fer_arg_int(call, "storeId"), &d.view))
		return fer_fail(call, FER_E_CUSTOMER_STORE_MISSING, NULL);
	if ((r = fer_store_urls(call, d.view.id, fer_str(d.view.code), call->request->tls, &d.urls)) ||
	    (r = fer_products_find_on_sale(call, d.view.id, &found)) || (r = draw_all(&d, &found, &items)))
		return r;
	fer_set(call->arena, &out, "items", items);
	return fer_answer(call, fer_shape(call, &result, &out));
}

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/products-render-info", "anonymous", list_rendered, &result,
	  FER_PARAMS({ "searchCriteria", FER_OBJECT, FER_REQ, &fer_search_criteria, NULL }, { "storeId", FER_INT, FER_REQ, NULL, NULL },
	             { "currencyCode", FER_STRING, FER_REQ, NULL, NULL }),
	  .service = "catalogProductRenderListV1", .summary = "What a shop front needs to draw products", .source = "Magento_Catalog webapi.xml" },
};
const struct fer_route_table fer_routes_product_render = FER_ROUTE_TABLE(routes);
