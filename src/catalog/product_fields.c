/*
 * The product object of Magento's web API, field by field, with every object inside it. Parts that belong to features of their own
 * are described here only so that a body with them is read with Magento's messages.
 */
#include "catalog/product.h"
#include "inventory/stock.h"
#include "inventory/stock_item.h"

#define EXTENSION_NONE FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "none declared", .of = &fer_no_extension)
#define OBJECT(id_, name_, rows_) static const struct fer_entity id_ = { .name = (name_), FER_FIELDS(rows_) }
#define SHARED(id_, name_, rows_) const struct fer_entity id_ = { .name = (name_), FER_FIELDS(rows_) }

static const struct fer_field category_link_fields[] = {
	FER_FIELD("position", FER_INT, NULL, 0, "place among the category's products"),
	FER_FIELD("category_id", FER_STRING, NULL, 0, "category"),
	EXTENSION_NONE,
};
OBJECT(category_link, "catalog-data-category-link-interface", category_link_fields);

static const struct fer_field discount_data_fields[] = {
	FER_FIELD("amount", FER_FLOAT, NULL, 0, "discount"),
	FER_FIELD("base_amount", FER_FLOAT, NULL, 0, "discount in base currency"),
	FER_FIELD("original_amount", FER_FLOAT, NULL, 0, "discount before rounding"),
	FER_FIELD("base_original_amount", FER_FLOAT, NULL, 0, "the same in base currency"),
};
OBJECT(discount_data, "sales-rule-data-discount-data-interface", discount_data_fields);

static const struct fer_field discount_fields[] = {
	FER_FIELD("discount_data", FER_OBJECT, NULL, 0, "amounts", .of = &discount_data),
	FER_FIELD("rule_label", FER_STRING, NULL, 0, "label of the rule"),
	FER_FIELD("rule_i_d", FER_INT, NULL, 0, "sales rule"),
};
OBJECT(discount, "sales-rule-data-rule-discount-interface", discount_fields);

static const struct fer_field bundle_link_fields[] = {
	FER_FIELD("id", FER_STRING, NULL, 0, "selection"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "linked product"),
	FER_FIELD("option_id", FER_INT, NULL, 0, "option"),
	FER_FIELD("qty", FER_FLOAT, NULL, 0, "default quantity"),
	FER_FIELD("position", FER_INT, NULL, 0, "place in the option"),
	FER_FIELD("is_default", FER_BOOL, NULL, 0, "chosen at first"),
	FER_FIELD("price", FER_FLOAT, NULL, 0, "price of the selection"),
	FER_FIELD("price_type", FER_INT, NULL, 0, "0 fixed, 1 percent"),
	FER_FIELD("can_change_quantity", FER_INT, NULL, 0, "the buyer may change the quantity"),
	EXTENSION_NONE,
};
SHARED(fer_bundle_link, "bundle-data-link-interface", bundle_link_fields);

static const struct fer_field bundle_option_fields[] = {
	FER_FIELD("option_id", FER_INT, NULL, 0, "option"),
	FER_FIELD("title", FER_STRING, NULL, 0, "title"),
	FER_FIELD("required", FER_BOOL, NULL, 0, "one must be chosen"),
	FER_FIELD("type", FER_STRING, NULL, 0, "select, radio, checkbox, multi"),
	FER_FIELD("position", FER_INT, NULL, 0, "place"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "bundle"),
	FER_FIELD("product_links", FER_OBJECT, NULL, FER_MANY, "selections", .of = &fer_bundle_link),
	EXTENSION_NONE,
};
SHARED(fer_bundle_option, "bundle-data-option-interface", bundle_option_fields);

static const struct fer_field file_content_fields[] = {
	FER_FIELD("file_data", FER_STRING, NULL, 0, "base64"),
	FER_FIELD("name", FER_STRING, NULL, 0, "file name"),
	EXTENSION_NONE,
};
OBJECT(file_content, "downloadable-data-file-content-interface", file_content_fields);

static const struct fer_field download_link_fields[] = {
	FER_FIELD("id", FER_INT, NULL, 0, "link"),
	FER_FIELD("title", FER_STRING, NULL, 0, "title"),
	FER_FIELD("sort_order", FER_INT, NULL, 0, "place"),
	FER_FIELD("is_shareable", FER_INT, NULL, 0, "may be shared"),
	FER_FIELD("price", FER_FLOAT, NULL, 0, "price"),
	FER_FIELD("number_of_downloads", FER_INT, NULL, 0, "limit"),
	FER_FIELD("link_type", FER_STRING, NULL, 0, "url or file"),
	FER_FIELD("link_file", FER_STRING, NULL, 0, "path"),
	FER_FIELD("link_file_content", FER_OBJECT, NULL, 0, "file", .of = &file_content),
	FER_FIELD("link_url", FER_STRING, NULL, 0, "URL"),
	FER_FIELD("sample_type", FER_STRING, NULL, 0, "url or file"),
	FER_FIELD("sample_file", FER_STRING, NULL, 0, "path"),
	FER_FIELD("sample_file_content", FER_OBJECT, NULL, 0, "file", .of = &file_content),
	FER_FIELD("sample_url", FER_STRING, NULL, 0, "URL"),
	EXTENSION_NONE,
};
SHARED(fer_download_link, "downloadable-data-link-interface", download_link_fields);

static const struct fer_field download_sample_fields[] = {
	FER_FIELD("id", FER_INT, NULL, 0, "sample"),
	FER_FIELD("title", FER_STRING, NULL, 0, "title"),
	FER_FIELD("sort_order", FER_INT, NULL, 0, "place"),
	FER_FIELD("sample_type", FER_STRING, NULL, 0, "url or file"),
	FER_FIELD("sample_file", FER_STRING, NULL, 0, "path"),
	FER_FIELD("sample_file_content", FER_OBJECT, NULL, 0, "file", .of = &file_content),
	FER_FIELD("sample_url", FER_STRING, NULL, 0, "URL"),
	EXTENSION_NONE,
};
SHARED(fer_download_sample, "downloadable-data-sample-interface", download_sample_fields);

static const struct fer_field configurable_value_fields[] = {
	FER_FIELD("value_index", FER_INT, NULL, 0, "option of the attribute"),
	EXTENSION_NONE,
};
OBJECT(configurable_value, "configurable-product-data-option-value-interface", configurable_value_fields);

static const struct fer_field configurable_option_fields[] = {
	FER_FIELD("id", FER_INT, NULL, 0, "option"),
	FER_FIELD("attribute_id", FER_STRING, NULL, 0, "attribute"),
	FER_FIELD("label", FER_STRING, NULL, 0, "label"),
	FER_FIELD("position", FER_INT, NULL, 0, "place"),
	FER_FIELD("is_use_default", FER_BOOL, NULL, 0, "the attribute's own label"),
	FER_FIELD("values", FER_OBJECT, NULL, FER_MANY, "values", .of = &configurable_value),
	EXTENSION_NONE,
	FER_FIELD("product_id", FER_INT, NULL, 0, "product"),
};
SHARED(fer_configurable_option, "configurable-product-data-option-interface", configurable_option_fields);

static const struct fer_field extension_fields[] = {
	FER_FIELD("website_ids", FER_INT, NULL, FER_MANY, "websites that sell it"),
	FER_FIELD("category_links", FER_OBJECT, NULL, FER_MANY, "categories that hold it", .of = &category_link),
	FER_FIELD("discounts", FER_OBJECT, NULL, FER_MANY, "of a cart only", .of = &discount),
	FER_FIELD("bundle_product_options", FER_OBJECT, NULL, FER_MANY, "of a bundle", .of = &fer_bundle_option),
	FER_FIELD("stock_item", FER_OBJECT, NULL, 0, "quantity and what goes with it", .of = &fer_stock_item),
	FER_FIELD("downloadable_product_links", FER_OBJECT, NULL, FER_MANY, "of a downloadable", .of = &fer_download_link),
	FER_FIELD("downloadable_product_samples", FER_OBJECT, NULL, FER_MANY, "of a downloadable", .of = &fer_download_sample),
	FER_FIELD("configurable_product_options", FER_OBJECT, NULL, FER_MANY, "of a configurable", .of = &fer_configurable_option),
	FER_FIELD("configurable_product_links", FER_INT, NULL, FER_MANY, "of a configurable"),
};
OBJECT(extension, "catalog-data-product-extension-interface", extension_fields);

static const struct fer_field link_extension_fields[] = {
	FER_FIELD("qty", FER_FLOAT, NULL, 0, "default quantity in a group"),
};
OBJECT(link_extension, "catalog-data-product-link-extension-interface", link_extension_fields);

static const struct fer_field link_fields[] = {
	FER_FIELD("sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("link_type", FER_STRING, NULL, 0, "related, upsell, crosssell, associated"),
	FER_FIELD("linked_product_sku", FER_STRING, NULL, 0, "other product"),
	FER_FIELD("linked_product_type", FER_STRING, NULL, 0, "its type"),
	FER_FIELD("position", FER_INT, NULL, 0, "place"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "further attributes", .of = &link_extension),
};
SHARED(fer_product_link, "catalog-data-product-link-interface", link_fields);

static const struct fer_field option_value_fields[] = {
	FER_FIELD("title", FER_STRING, NULL, 0, "title"),
	FER_FIELD("sort_order", FER_INT, NULL, 0, "place"),
	FER_FIELD("price", FER_FLOAT, NULL, 0, "price"),
	FER_FIELD("price_type", FER_STRING, NULL, 0, "fixed or percent"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "added to the SKU"),
	FER_FIELD("option_type_id", FER_INT, NULL, 0, "value"),
};
OBJECT(option_value, "catalog-data-product-custom-option-values-interface", option_value_fields);

static const struct fer_field option_fields[] = {
	FER_FIELD("product_sku", FER_STRING, NULL, 0, "product"),
	FER_FIELD("option_id", FER_INT, NULL, 0, "option"),
	FER_FIELD("title", FER_STRING, NULL, 0, "title"),
	FER_FIELD("type", FER_STRING, NULL, 0, "field, area, file, drop_down …"),
	FER_FIELD("sort_order", FER_INT, NULL, 0, "place"),
	FER_FIELD("is_require", FER_BOOL, NULL, 0, "must be filled in"),
	FER_FIELD("price", FER_FLOAT, NULL, 0, "price"),
	FER_FIELD("price_type", FER_STRING, NULL, 0, "fixed or percent"),
	FER_FIELD("sku", FER_STRING, NULL, 0, "added to the SKU"),
	FER_FIELD("file_extension", FER_STRING, NULL, 0, "allowed extensions"),
	FER_FIELD("max_characters", FER_INT, NULL, 0, "longest text"),
	FER_FIELD("image_size_x", FER_INT, NULL, 0, "widest picture"),
	FER_FIELD("image_size_y", FER_INT, NULL, 0, "highest picture"),
	FER_FIELD("values", FER_OBJECT, NULL, FER_MANY, "choices", .of = &option_value),
	EXTENSION_NONE,
};
SHARED(fer_product_option, "catalog-data-product-custom-option-interface", option_fields);

static const struct fer_field image_content_fields[] = {
	FER_FIELD("base64_encoded_data", FER_STRING, NULL, 0, "base64"),
	FER_FIELD("type", FER_STRING, NULL, 0, "media type"),
	FER_FIELD("name", FER_STRING, NULL, 0, "file name"),
};
OBJECT(image_content, "framework-data-image-content-interface", image_content_fields);

static const struct fer_field video_content_fields[] = {
	FER_FIELD("media_type", FER_STRING, NULL, 0, "external-video"),
	FER_FIELD("video_provider", FER_STRING, NULL, 0, "provider"),
	FER_FIELD("video_url", FER_STRING, NULL, 0, "URL"),
	FER_FIELD("video_title", FER_STRING, NULL, 0, "title"),
	FER_FIELD("video_description", FER_STRING, NULL, 0, "description"),
	FER_FIELD("video_metadata", FER_STRING, NULL, 0, "further data"),
};
OBJECT(video_content, "framework-data-video-content-interface", video_content_fields);

static const struct fer_field media_extension_fields[] = {
	FER_FIELD("video_content", FER_OBJECT, NULL, 0, "video", .of = &video_content),
};
OBJECT(media_extension, "catalog-data-product-attribute-media-gallery-entry-extension-interface", media_extension_fields);

static const struct fer_field media_fields[] = {
	FER_FIELD("id", FER_INT, NULL, 0, "entry"),
	FER_FIELD("media_type", FER_STRING, NULL, 0, "image or external-video"),
	FER_FIELD("label", FER_STRING, NULL, FER_NULLS, "alternative text"),
	FER_FIELD("position", FER_INT, NULL, 0, "place"),
	FER_FIELD("disabled", FER_BOOL, NULL, 0, "not shown"),
	FER_FIELD("types", FER_STRING, NULL, FER_MANY, "roles"),
	FER_FIELD("file", FER_STRING, NULL, 0, "path"),
	FER_FIELD("content", FER_OBJECT, NULL, 0, "file", .of = &image_content),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "further attributes", .of = &media_extension),
};
SHARED(fer_product_media, "catalog-data-product-attribute-media-gallery-entry-interface", media_fields);

static const struct fer_field tier_extension_fields[] = {
	FER_FIELD("percentage_value", FER_FLOAT, NULL, 0, "discount"),
	FER_FIELD("website_id", FER_INT, NULL, 0, "website, 0 for all"),
};
OBJECT(tier_extension, "catalog-data-product-tier-price-extension-interface", tier_extension_fields);

static const struct fer_field tier_price_fields[] = {
	FER_FIELD("customer_group_id", FER_INT, NULL, 0, "customer group"),
	FER_FIELD("qty", FER_FLOAT, NULL, 0, "from this quantity"),
	FER_FIELD("value", FER_FLOAT, NULL, 0, "price"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "further attributes", .of = &tier_extension),
};
SHARED(fer_product_tier_price, "catalog-data-product-tier-price-interface", tier_price_fields);

static const struct fer_field product_fields[] = {
	FER_FIELD("id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_FIELD("sku", FER_STRING, "sku", FER_SEARCH, "stock keeping unit, unique without case"),
	FER_FIELD("name", FER_STRING, NULL, FER_SEARCH, "name"),
	FER_FIELD("attribute_set_id", FER_INT, "attribute_set_id", FER_SEARCH, "attribute set"),
	FER_FIELD("price", FER_DECIMAL, NULL, FER_SEARCH, "price"),
	FER_FIELD("status", FER_INT, NULL, FER_SEARCH, "1 enabled, 2 disabled"),
	FER_FIELD("visibility", FER_INT, NULL, FER_SEARCH, "1 nowhere, 2 catalog, 3 search, 4 both"),
	FER_FIELD("type_id", FER_STRING, "type_id", FER_SEARCH, "simple, virtual …"),
	FER_FIELD("created_at", FER_STRING, "created_at", FER_SEARCH, "UTC"),
	FER_FIELD("updated_at", FER_STRING, "updated_at", FER_SEARCH, "UTC"),
	FER_FIELD("weight", FER_DECIMAL, NULL, FER_SEARCH, "weight"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "websites, categories, stock", .of = &extension),
	FER_FIELD("product_links", FER_OBJECT, NULL, FER_MANY, "related products", .of = &fer_product_link),
	FER_FIELD("options", FER_OBJECT, NULL, FER_MANY, "custom options", .of = &fer_product_option),
	FER_FIELD("media_gallery_entries", FER_OBJECT, NULL, FER_MANY, "pictures", .of = &fer_product_media),
	FER_FIELD("tier_prices", FER_OBJECT, NULL, FER_MANY, "prices by quantity", .of = &fer_product_tier_price),
	FER_FIELD("custom_attributes", FER_CUSTOM, NULL, 0, "every other attribute of its set"),
};
const struct fer_entity fer_product_body = { .name = "catalog-data-product-interface", FER_FIELDS(product_fields) };
