/*
 * Magento_Store: the addresses and units of store views, computed from the configuration with its fallbacks.
 */
#include "shop/shop.h"

#include "api/server.h"
#include "store/config.h"

static const struct fer_field fields[] = {
	/*        JSON                           type        column       flags       meaning */
	FER_FIELD("id",                          FER_INT,    "store_id",   FER_KEY,    "store view"),
	FER_FIELD("code",                        FER_STRING, "code",       0,          "its code"),
	FER_FIELD("website_id",                  FER_INT,    "website_id", 0,          "its website"),
	FER_FIELD("locale",                      FER_STRING, NULL,         FER_NULLS,  "en_US"),
	FER_FIELD("base_currency_code",          FER_STRING, NULL,         FER_NULLS,  "prices are kept in it"),
	FER_FIELD("default_display_currency_code", FER_STRING, NULL,       FER_NULLS,  "prices are shown in it"),
	FER_FIELD("timezone",                    FER_STRING, NULL,         FER_NULLS,  "Olson name"),
	FER_FIELD("weight_unit",                 FER_STRING, NULL,         FER_NULLS,  "lbs or kgs"),
	FER_FIELD("base_url",                    FER_STRING, NULL,         FER_NULLS,  "address of the storefront"),
	FER_FIELD("base_link_url",               FER_STRING, NULL,         FER_NULLS,  "address of its pages"),
	FER_FIELD("base_static_url",             FER_STRING, NULL,         FER_NULLS,  "address of its scripts and styles"),
	FER_FIELD("base_media_url",              FER_STRING, NULL,         FER_NULLS,  "address of its pictures"),
	FER_FIELD("secure_base_url",             FER_STRING, NULL,         FER_NULLS,  "the same over TLS"),
	FER_FIELD("secure_base_link_url",        FER_STRING, NULL,         FER_NULLS,  "the same over TLS"),
	FER_FIELD("secure_base_static_url",      FER_STRING, NULL,         FER_NULLS,  "the same over TLS"),
	FER_FIELD("secure_base_media_url",       FER_STRING, NULL,         FER_NULLS,  "the same over TLS"),
	FER_NO_EXTENSION,
};

/* Source: Magento_Store Model\ResourceModel\Store\Collection, 2.4.7: by sort order and name. */
static const struct fer_entity store_config = {
	.name = "store-data-store-config-interface", .table = "store", FER_FIELDS(fields), .order = "main.sort_order, main.name",
};

/* Fields that are one configuration value. */
static const struct { const char *name, *path; } values[] = {
	{ "locale", "general/locale/code" },               { "base_currency_code", "currency/options/base" },
	{ "default_display_currency_code", "currency/options/default" }, { "timezone", "general/locale/timezone" },
	{ "weight_unit", "general/locale/weight_unit" },
};

static int config(struct fer_call *call, int store_id, const char *path, struct fer_str *out)
{
	return fer_config_text(call->server->store, call->arena, store_id, path, out);
}

static int add_values(struct fer_call *call, int store_id, struct fer_value *record)
{
	struct fer_str text;
	int r = 0;

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(values); i++) {
		if ((r = config(call, store_id, values[i].path, &text)))
			break;
		fer_set(call->arena, record, values[i].name, text.at ? fer_string(text) : fer_null());
	}
	return r;
}

/* -- addresses --------------------------------------------------------------------------------------------------- */

static int base_url(struct fer_call *call, int store_id, bool secure, struct fer_str *out)
{
	return fer_config_base_url(call->server->store, call->arena, store_id, secure, out);
}

/* A part of the storefront: its own address where one is set, else @otherwise behind the base address. */
static int part_url(struct fer_call *call, int store_id, bool secure, const char *part, const char *otherwise, struct fer_str base,
                    struct fer_str *out)
{
	struct fer_str path = fer_str_fmt(call->arena, "web/%s/base_%s_url", secure ? "secure" : "unsecure", part), plain;
	int r = config(call, store_id, fer_str_z(call->arena, path), out);

	if (r || (r = base_url(call, store_id, false, &plain)))
		return r;
	if (!out->len)
		*out = fer_str_fmt(call->arena, "%.*s%s", FER_F(base), otherwise);
	*out = fer_config_placeholder(call->arena, *out, "{{unsecure_base_url}}", plain);
	*out = fer_config_placeholder(call->arena, *out, "{{secure_base_url}}", base);
	return 0;
}

/* Pages have the front controller before them unless the web server rewrites, and the store's code where that is on. */
static struct fer_str link_url(struct fer_call *call, int store_id, struct fer_str code, struct fer_str base)
{
	const char *controller = fer_config_bool(call->server->store, store_id, "web/seo/use_rewrites", false) ? "" : "index.php/";

	if (!fer_config_bool(call->server->store, store_id, "web/url/use_store", false))
		return fer_str_fmt(call->arena, "%.*s%s", FER_F(base), controller);
	return fer_str_fmt(call->arena, "%.*s%s%.*s/", FER_F(base), controller, FER_F(code));
}

int fer_store_urls(struct fer_call *call, int store_id, struct fer_str code, bool secure, struct fer_store_urls *out)
{
	int r;

	if ((r = base_url(call, store_id, secure, &out->base)) ||
	    (r = part_url(call, store_id, secure, "link", "", out->base, &out->link)) ||
	    (r = part_url(call, store_id, secure, "static", "static/", out->base, &out->assets)))
		return r;
	out->link = link_url(call, store_id, code, out->link);
	return part_url(call, store_id, secure, "media", "media/", out->base, &out->media);
}

static int add_urls(struct fer_call *call, int store_id, bool secure, struct fer_value *record)
{
	const char *prefix = secure ? "secure_base" : "base";
	struct fer_store_urls urls;
	int r = fer_store_urls(call, store_id, fer_map_str(call->arena, record, "code"), secure, &urls);

	if (r)
		return r;
	fer_set_str(call->arena, record, fer_str_fmt(call->arena, "%s_url", prefix), fer_string(urls.base));
	fer_set_str(call->arena, record, fer_str_fmt(call->arena, "%s_link_url", prefix), fer_string(urls.link));
	fer_set_str(call->arena, record, fer_str_fmt(call->arena, "%s_static_url", prefix), fer_string(urls.assets));
	fer_set_str(call->arena, record, fer_str_fmt(call->arena, "%s_media_url", prefix), fer_string(urls.media));
	return 0;
}

/* -- the list ---------------------------------------------------------------------------------------------------- */

static bool is_asked_for(struct fer_call *call, const struct fer_value *record)
{
	const struct fer_value *codes = fer_arg(call, "storeCodes");
	struct fer_str code = fer_map_str(call->arena, record, "code");

	if (!fer_map_int(record, "id", 0))
		return false;
	for (size_t i = 0; i < fer_count(codes); i++)
		if (fer_str_ieq(fer_as_str(call->arena, fer_at(codes, i)), code))
			return true;
	return !fer_count(codes);
}

static int list_configs(struct fer_call *call)
{
	struct fer_value found, out = fer_list();
	int r = fer_search(call, &store_config, &found);
	struct fer_value *rows = r ? NULL : fer_get(&found, "items");

	for (uint32_t i = 0; !r && i < rows->list.n; i++) {
		struct fer_value *row = &rows->list.items[i];
		int id = (int)fer_map_int(row, "id", 0);

		if (!is_asked_for(call, row))
			continue;
		if ((r = add_values(call, id, row)) || (r = add_urls(call, id, false, row)) || (r = add_urls(call, id, true, row)))
			return r;
		fer_push(call->arena, &out, fer_shape(call, &store_config, row));
	}
	return r ? r : fer_answer(call, out);
}

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/store/storeConfigs", "Magento_Backend::store", .run = list_configs, .of = &store_config, .many = true, .cached = true,
	  FER_PARAMS({ "storeCodes", FER_STRING, FER_MANY, NULL, NULL }), .insecure = true,
	  .service = "storeStoreConfigManagerV1", .summary = "Addresses and units of store views",
	  .source = "Magento_Store webapi.xml" },
};

const struct fer_route_table fer_routes_store_config = FER_ROUTE_TABLE(rows);
