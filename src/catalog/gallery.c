/*
 * Pictures of products: reading them, and their routes.
 * Source: Magento_Catalog Product\Gallery\GalleryManagement, ResourceModel\Product\Gallery, Magento_ProductVideo, 2.4.7, and recorded
 * answers.
 */
#include "catalog/gallery.h"

#include "api/route.h"
#include "api/server.h"
#include "catalog/image.h"
#include "store/media.h"

#define CONTENT_MAX (32u << 20)

/* -- reading ------------------------------------------------------------------------------------------------------ */

#define VALUES "catalog_product_entity_media_gallery_value"
#define AT_STORE(column) "COALESCE(v." column ", d." column ")"
#define VIDEO_AT_STORE(column) "COALESCE(x." column ", y." column ")"
#define PICTURES_HEAD \
	"SELECT e.entity_id, g.value_id, g.media_type, g.value, " AT_STORE("label") ", " AT_STORE("position") ", " AT_STORE("disabled") ", " \
	VIDEO_AT_STORE("provider") ", " VIDEO_AT_STORE("url") ", " VIDEO_AT_STORE("title") ", " VIDEO_AT_STORE("description") ", " \
	VIDEO_AT_STORE("metadata") ", COALESCE(x.value_id, y.value_id) FROM " VALUES "_to_entity e" \
	" JOIN catalog_product_entity_media_gallery g ON g.value_id = e.value_id AND g.disabled = 0" \
	" LEFT JOIN " VALUES " v ON v.value_id = g.value_id AND v.entity_id = e.entity_id AND v.store_id = ?" \
	" LEFT JOIN " VALUES " d ON d.value_id = g.value_id AND d.entity_id = e.entity_id AND d.store_id = 0" \
	" LEFT JOIN " VALUES "_video x ON x.value_id = g.value_id AND x.store_id = ?" \
	" LEFT JOIN " VALUES "_video y ON y.value_id = g.value_id AND y.store_id = 0 WHERE e.entity_id"

enum column { OWNER, ID, TYPE, FILE_AT, LABEL, POSITION, DISABLED, PROVIDER, URL, TITLE, DESCRIPTION, METADATA, VIDEO };

static struct fer_value text_or_null(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	return fer_col_null(stmt, i) ? fer_null() : fer_string(fer_col_dup(arena, stmt, i));
}

static struct fer_value roles_of(struct fer_call *call, const struct fer_eav *eav, const struct fer_product *product, struct fer_str file)
{
	size_t n;
	const struct fer_attribute *const *all = fer_eav_attributes(eav, FER_EAV_PRODUCT, &n);
	struct fer_value out = fer_list();

	for (size_t i = 0; i < n; i++) {
		const struct fer_value *v = fer_str_is(all[i]->input, "media_image") ?
			fer_eav_value(&product->values, fer_str_z(call->arena, all[i]->code)) : NULL;

		if (!fer_is_null(v) && fer_str_eq(v->text, file))
			fer_push(call->arena, &out, fer_string(all[i]->code));
	}
	return out;
}

static struct fer_value video_of(struct fer_arena *arena, struct fer_stmt *stmt)
{
	static const struct { const char *name; enum column column; } rows[] = {
		{ "video_provider", PROVIDER }, { "video_url", URL }, { "video_title", TITLE }, { "video_description", DESCRIPTION },
		{ "video_metadata", METADATA },
	};
	struct fer_value video = fer_map(), extension = fer_map();

	fer_append(arena, &video, FER_S("media_type"), fer_text("external-video"));
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++)
		fer_append(arena, &video, fer_str(rows[i].name), text_or_null(arena, stmt, rows[i].column));
	fer_append(arena, &extension, FER_S("video_content"), video);
	return extension;
}

static struct fer_value entry_of(struct fer_call *call, const struct fer_eav *eav, const struct fer_product *product, struct fer_stmt *stmt)
{
	struct fer_arena *arena = call->arena;
	struct fer_value entry = fer_map();
	struct fer_str file = fer_col_dup(arena, stmt, FILE_AT);

	fer_append(arena, &entry, FER_S("id"), fer_int(fer_col_int(stmt, ID)));
	fer_append(arena, &entry, FER_S("media_type"), fer_string(fer_col_dup(arena, stmt, TYPE)));
	fer_append(arena, &entry, FER_S("label"), text_or_null(arena, stmt, LABEL));
	fer_append(arena, &entry, FER_S("position"), fer_col_null(stmt, POSITION) ? fer_null() : fer_int(fer_col_int(stmt, POSITION)));
	fer_append(arena, &entry, FER_S("disabled"), fer_bool(fer_col_int(stmt, DISABLED) != 0));
	fer_append(arena, &entry, FER_S("types"), roles_of(call, eav, product, file));
	fer_append(arena, &entry, FER_S("file"), fer_string(file));
	if (!fer_col_null(stmt, VIDEO))
		fer_append(arena, &entry, FER_S("extension_attributes"), video_of(arena, stmt));
	return entry;
}

int fer_gallery_fill(struct fer_call *call, struct fer_product *products, size_t n, int store_id)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	const struct fer_eav *eav;
	int r;

	/* Of pictures that share a place the younger comes first, as recorded. */
	if ((r = fer_eav_get(call, &eav)) ||
	    (r = fer_products_open_at(call, products, n, store_id, PICTURES_HEAD, " ORDER BY e.entity_id, 6, g.value_id DESC", &stmt)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_product *owner = fer_products_at(products, n, fer_col_int(stmt, OWNER));

		if (owner)
			fer_push(call->arena, &owner->parts[FER_PART_MEDIA], entry_of(call, eav, owner, stmt));
	}
	return r;
}

/* A file that is not there (the folder may be on another machine) leaves its entry without a content. */
static void add_content(struct fer_call *call, struct fer_value *entry)
{
	struct fer_str file = fer_map_str(call->arena, entry, "file"), bytes, name = file;
	struct fer_value content = fer_map();
	const char *type;

	if (!call->server->media || fer_media_read(call->server->media, call->arena, FER_MEDIA_PICTURES, file, CONTENT_MAX, &bytes))
		return;
	while (name.len && fer_str_find(name, '/') >= 0)
		name = fer_str_skip(name, (size_t)fer_str_find(name, '/') + 1);
	type = fer_image_type(bytes);
	fer_append(call->arena, &content, FER_S("base64_encoded_data"), fer_string(fer_base64(call->arena, bytes)));
	fer_append(call->arena, &content, FER_S("type"), fer_text(type ? type : "application/octet-stream"));
	fer_append(call->arena, &content, FER_S("name"), fer_string(name));
	fer_append(call->arena, entry, FER_S("content"), content);
}

static int find(struct fer_call *call, struct fer_product *product)
{
	int r = fer_product_require(call, fer_arg_str(call, "sku"), product);

	if (r || (r = fer_products_fill(call, product, 1, call->store_id, FER_PRODUCT_VALUES)))
		return r;
	product->parts[FER_PART_MEDIA] = fer_list();
	return fer_gallery_fill(call, product, 1, call->store_id);
}

static struct fer_value *entry_by_id(struct fer_value *entries, int64_t id)
{
	for (size_t i = 0; i < fer_count(entries); i++)
		if (fer_map_int(&entries->list.items[i], "id", 0) == id)
			return &entries->list.items[i];
	return NULL;
}

static int list_pictures(struct fer_call *call)
{
	struct fer_product product;
	struct fer_value *entries = &product.parts[FER_PART_MEDIA];
	int r = find(call, &product);

	for (size_t i = 0; !r && i < fer_count(entries); i++)
		add_content(call, &entries->list.items[i]);
	return r ? r : fer_answer(call, fer_shape_list(call, &fer_product_media, entries));
}

/* Here a missing product has words of its own. */
static int get_picture(struct fer_call *call)
{
	struct fer_product product;
	struct fer_value *entry;
	bool found = false;
	int r = fer_product_find(call, fer_arg_str(call, "sku"), &product, &found);

	if (!r && !found)
		return fer_fail(call, FER_E_IMAGE_NO_PRODUCT, NULL);
	if (r || (r = find(call, &product)))
		return r;
	if (!(entry = entry_by_id(&product.parts[FER_PART_MEDIA], fer_arg_int(call, "entryId"))))
		return fer_fail(call, FER_E_IMAGE_UNKNOWN, NULL);
	add_content(call, entry);
	return fer_answer(call, fer_shape(call, &fer_product_media, entry));
}

/* -- changing one ------------------------------------------------------------------------------------------------- */

/* One change: the list of entries as it stands, with a difference, is saved as a product's would be. */
struct change {
	int (*lay)(struct fer_call *call, struct fer_value *entries);
	struct fer_uploads uploads;
	struct fer_value before;         /* what stood */
	int64_t product_id;
};

static int save(struct fer_call *call, void *data)
{
	struct change *change = data;
	struct fer_product_saving s = { .call = call, .store_id = call->store_id, .data = fer_map(), .uploads = &change->uploads };
	struct fer_value entries;
	int r;

	if ((r = find(call, &s.product)) || (r = fer_eav_get(call, &s.eav)))
		return r;
	change->product_id = s.product.id;
	change->before = s.product.parts[FER_PART_MEDIA];
	entries = fer_list();
	for (size_t i = 0; i < fer_count(&change->before); i++)
		fer_push(call->arena, &entries, *fer_at(&change->before, i));
	if ((r = change->lay(call, &entries)) || (r = fer_gallery_save(&s, &entries)))
		return r;
	return fer_product_resaved(call, s.product.id);
}

/* Magento tells what is wrong with an input; whatever else fails there is one message. */
static bool is_input(enum fer_error error)
{
	return error == FER_E_IMAGE_BASE64 || error == FER_E_IMAGE_TYPE || error == FER_E_IMAGE_NAME || error == FER_E_IMAGE_NO_FOLDER;
}

/* A content of a new picture is looked at before the product; for all else there must be the product, and the picture that is changed. */
static int refuse(struct fer_call *call, struct change *change, enum fer_error refused, bool tell_input)
{
	struct fer_product product;
	int r;

	if (tell_input && is_input(refused))
		return fer_fail(call, refused, NULL);
	if ((r = find(call, &product)) || (r = change->lay(call, &product.parts[FER_PART_MEDIA])))
		return r;
	return fer_fail(call, refused == FER_E_IMAGE_MEDIA_TYPE ? refused : FER_E_IMAGE_NOT_SAVED, NULL);
}

static int run(struct fer_call *call, struct change *change, const struct fer_value *entry, bool tell_input)
{
	struct fer_value sent = fer_list();
	enum fer_error refused = 0;
	int r;

	if (entry)
		fer_push(call->arena, &sent, *entry);
	if ((r = fer_uploads_begin(call, &sent, &change->uploads, &refused)))
		return r;
	if (refused)
		return refuse(call, change, refused, tell_input);
	return fer_tx(call, 0, save, change);
}

static int all_roles(struct fer_call *call, struct fer_value *roles)
{
	const struct fer_attribute *const *all;
	const struct fer_eav *eav;
	size_t n;
	int r = fer_eav_get(call, &eav);

	if (r)
		return r;
	*roles = fer_list();
	all = fer_eav_attributes(eav, FER_EAV_PRODUCT, &n);
	for (size_t i = 0; i < n; i++)
		if (fer_str_is(all[i]->input, "media_image"))
			fer_push(call->arena, roles, fer_string(all[i]->code));
	return 0;
}

/* A first picture that names no role has all of them. */
static int lay_new(struct fer_call *call, struct fer_value *entries)
{
	struct fer_value entry = *fer_arg(call, "entry"), roles;
	int r;

	if (!fer_count(entries) && !fer_count(fer_get(&entry, "types"))) {
		if ((r = all_roles(call, &roles)))
			return r;
		fer_set(call->arena, &entry, "types", roles);
	}
	fer_set(call->arena, &entry, "id", fer_null());
	fer_push(call->arena, entries, entry);
	return 0;
}

static int add_picture(struct fer_call *call)
{
	const struct fer_value *entry = fer_arg(call, "entry");
	struct change change = { .lay = lay_new };
	struct fer_product product;
	int r;

	if (!fer_has(entry, "content"))
		return fer_fail(call, FER_E_CRASH, NULL);
	if ((r = run(call, &change, entry, true)) || (r = find(call, &product)))
		return r;
	for (size_t i = 0; i < fer_count(&product.parts[FER_PART_MEDIA]); i++) {
		int64_t id = fer_map_int(fer_at(&product.parts[FER_PART_MEDIA], i), "id", 0);

		if (!entry_by_id(&change.before, id))
			return fer_answer(call, fer_string(fer_str_fmt(call->arena, "%lld", (long long)id)));
	}
	return fer_fail(call, FER_E_IMAGE_NOT_SAVED, NULL);
}

/* A role belongs to one picture: what the changed one takes the others lose. */
static void take_roles(struct fer_call *call, struct fer_value *entries, const struct fer_value *taken)
{
	for (size_t i = 0; i < fer_count(entries); i++) {
		const struct fer_value *types = fer_get(fer_at(entries, i), "types");
		struct fer_value left = fer_list();

		for (size_t j = 0; j < fer_count(types); j++) {
			bool gone = false;

			for (size_t k = 0; k < fer_count(taken); k++)
				gone |= fer_str_eq(fer_as_str(call->arena, fer_at(taken, k)), fer_at(types, j)->text);
			if (!gone)
				fer_push(call->arena, &left, *fer_at(types, j));
		}
		fer_set(call->arena, &entries->list.items[i], "types", left);
	}
}

static int lay_changed(struct fer_call *call, struct fer_value *entries)
{
	const struct fer_value *entry = fer_arg(call, "entry");
	struct fer_value *old = entry_by_id(entries, fer_map_int(entry, "id", 0));

	if (!old)
		return fer_fail(call, FER_E_IMAGE_NO_ID, NULL);
	take_roles(call, entries, fer_get(entry, "types"));
	*old = *entry;
	return 0;
}

static int change_picture(struct fer_call *call)
{
	struct change change = { .lay = lay_changed };
	int r = run(call, &change, fer_arg(call, "entry"), false);

	return r ? r : fer_answer_true(call);
}

static int lay_without(struct fer_call *call, struct fer_value *entries)
{
	struct fer_value left = fer_list();
	int64_t id = fer_arg_int(call, "entryId");

	if (!entry_by_id(entries, id))
		return fer_fail(call, FER_E_IMAGE_NO_ID, NULL);
	for (size_t i = 0; i < fer_count(entries); i++)
		if (fer_map_int(fer_at(entries, i), "id", 0) != id)
			fer_push(call->arena, &left, *fer_at(entries, i));
	*entries = left;
	return 0;
}

static int remove_picture(struct fer_call *call)
{
	struct change change = { .lay = lay_without };
	int r = run(call, &change, NULL, false);

	return r ? r : fer_answer_true(call);
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

#define PICTURES .source = "Magento_Catalog webapi.xml", .service = "catalogProductAttributeMediaGalleryManagementV1"
#define RIGHT "Magento_Catalog::catalog"
#define SKU { "sku", FER_STRING, FER_REQ }
#define ENTRY_ID { "entryId", FER_INT, FER_REQ }
#define ENTRY { "entry", FER_OBJECT, FER_REQ, &fer_product_media }

static const struct fer_route routes[] = {
	{ FER_GET, "/V1/products/:sku/media/:entryId", "Magento_Catalog::attributes_attributes", get_picture, FER_PARAMS(SKU, ENTRY_ID),
	  .of = &fer_product_media, .insecure = true, .summary = "One picture of a product", PICTURES },
	{ FER_GET, "/V1/products/:sku/media", RIGHT, list_pictures, FER_PARAMS(SKU), .of = &fer_product_media, .many = true, .insecure = true,
	  .summary = "Pictures of a product", PICTURES },
	{ FER_POST, "/V1/products/:sku/media", RIGHT, add_picture, FER_PARAMS(SKU, ENTRY), .returns = FER_INT,
	  .summary = "Add a picture to a product", PICTURES },
	{ FER_PUT, "/V1/products/:sku/media/:entryId", RIGHT, change_picture, FER_PARAMS(SKU, ENTRY), .returns = FER_BOOL,
	  .summary = "Change a picture of a product", PICTURES },
	{ FER_DELETE, "/V1/products/:sku/media/:entryId", RIGHT, remove_picture, FER_PARAMS(SKU, ENTRY_ID), .returns = FER_BOOL,
	  .summary = "Remove a picture from a product", PICTURES },
};

const struct fer_route_table fer_routes_gallery = FER_ROUTE_TABLE(routes);
