/*
 * Magento_Sales: shipments, read: a row, its items, parcels and comments. The label, bytes of a carrier's, is not shown.
 */
#include "sales/sales.h"

#include "core/json.h"

static const struct fer_field item_fields[] = {
	FER_WORDS("additional_data"),
	FER_WORDS("description"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("name"),
	FER_WHOLE("parent_id"),
	FER_AMOUNT("price"),
	FER_WHOLE("product_id"),
	FER_AMOUNT("row_total"),
	FER_WORDS("sku"),
	FER_AMOUNT("weight"),
	FER_WHOLE("order_item_id"),
	FER_AMOUNT("qty"),
};

static const struct fer_entity shipment_item = {
	.name = "sales-data-shipment-item-interface", .table = "sales_shipment_item", FER_FIELDS(item_fields),
};

static const struct fer_field track_fields[] = {
	FER_FIELD("order_id",     FER_INT,     "order_id",     FER_NULLS, "order"),
	FER_FIELD("created_at",   FER_STRING,  "created_at",   0,         "UTC"),
	FER_FIELD("entity_id",    FER_INT,     "entity_id",    FER_KEY,   "row id"),
	FER_FIELD("parent_id",    FER_INT,     "parent_id",    FER_NULLS, "shipment"),
	FER_FIELD("updated_at",   FER_STRING,  "updated_at",   0,         "UTC"),
	FER_FIELD("weight",       FER_DECIMAL, "weight",       FER_NULLS, "of the parcel"),
	FER_FIELD("qty",          FER_DECIMAL, "qty",          FER_NULLS, "in the parcel"),
	FER_FIELD("description",  FER_STRING,  "description",  FER_NULLS, "of the parcel"),
	FER_FIELD("track_number", FER_STRING,  "track_number", FER_NULLS, "the carrier's"),
	FER_FIELD("title",        FER_STRING,  "title",        FER_NULLS, "what the carrier is called"),
	FER_FIELD("carrier_code", FER_STRING,  "carrier_code", FER_NULLS, "ups, dhl, custom …"),
};

static const struct fer_entity shipment_track = {
	.name = "sales-data-shipment-track-interface", .table = "sales_shipment_track", FER_FIELDS(track_fields),
};

static const struct fer_field comment_fields[] = { FER_COMMENT_FIELDS("shipment") };

static const struct fer_entity shipment_comment = {
	.name = "sales-data-shipment-comment-interface", .table = "sales_shipment_comment", FER_FIELDS(comment_fields),
};

static const struct fer_field extension_fields[] = {
	FER_FIELD("source_code", FER_STRING, NULL, 0, "source of the inventory"),
};

static const struct fer_entity extension = { .name = "sales-data-shipment-extension-interface", FER_FIELDS(extension_fields) };

static const struct fer_field fields[] = {
	FER_WHOLE("billing_address_id"),
	FER_WORDS("created_at"),
	FER_WHOLE("customer_id"),
	FER_WHOLE("email_sent"),
	FER_FIELD("entity_id", FER_INT, "entity_id", FER_KEY, "row id"),
	FER_WORDS("increment_id"),
	FER_WHOLE("order_id"),
	FER_FIELD("packages", FER_MIXED, NULL, FER_MANY, "what was packed, as the carrier's module keeps it"),
	FER_WHOLE("shipment_status"),
	FER_WHOLE("shipping_address_id"),
	FER_WHOLE("store_id"),
	FER_AMOUNT("total_qty"),
	FER_AMOUNT("total_weight"),
	FER_WORDS("updated_at"),
	FER_FIELD("items", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "what was sent", .of = &shipment_item),
	FER_FIELD("tracks", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "parcels", .of = &shipment_track),
	FER_FIELD("comments", FER_OBJECT, NULL, FER_MANY | FER_NULLS, "what was said", .of = &shipment_comment),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "where it was taken from", .of = &extension),
	FER_FIELD("packed", FER_STRING, "packages", FER_INNER, "packages, JSON"),
	FER_FIELD("source_code", FER_STRING, NULL, FER_INNER, "source of the inventory", .sql = "source.source_code"),
};

static void set_packages(struct fer_call *call, struct fer_value *record)
{
	struct fer_value stored, list = fer_list();

	if (!fer_has(record, "packed") || fer_json_read(call->arena, fer_map_str(call->arena, record, "packed"), &stored))
		return;
	for (uint32_t i = 0; stored.kind == FER_V_MAP && i < stored.map.n; i++)
		fer_push(call->arena, &list, stored.map.members[i].value);
	fer_set(call->arena, record, "packages", stored.kind == FER_V_LIST ? stored : list);
}

static const struct fer_sales_part parts[] = {
	{ "items", &shipment_item }, { "tracks", &shipment_track }, { "comments", &shipment_comment },
};

static int shipments_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	struct fer_value more;

	for (size_t i = 0; i < n; i++) {
		set_packages(call, &records[i]);
		more = fer_map();
		fer_set(call->arena, &more, "source_code", *fer_get(&records[i], "source_code"));
		fer_set(call->arena, &records[i], "extension_attributes", more);
	}
	return fer_sales_parts(call, records, n, parts, FER_ARRAY_LEN(parts));
}

static const struct fer_entity shipment = {
	.name = "sales-data-shipment-interface", .table = "sales_shipment", FER_FIELDS(fields), .path_id = "id", .missing = FER_E_SALES_MISSING,
	.join = "LEFT JOIN inventory_shipment_source AS source ON source.shipment_id = main.entity_id", .loaded = shipments_loaded,
};

#define ACL "Magento_Sales::shipment"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/shipments", ACL, .run = fer_entity_search, .of = &shipment, FER_SEARCH_CRITERIA, .search = true, .cached = true,
	  .service = "salesShipmentRepositoryV1", .summary = "Shipments that match", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/shipment/:id", ACL, .run = fer_sales_get, .of = &shipment, FER_SALES_ID, .cached = true,
	  .service = "salesShipmentRepositoryV1", .summary = "One shipment", .source = FER_SALES_SOURCE },
	{ FER_GET, "/V1/shipment/:id/comments", ACL, .run = fer_sales_comments, .of = &shipment_comment, FER_SALES_ID, .search = true,
	  .cached = true, .service = "salesShipmentManagementV1", .summary = "What was said of a shipment", .source = FER_SALES_SOURCE },
};

const struct fer_route_table fer_routes_shipment = FER_ROUTE_TABLE(rows);
