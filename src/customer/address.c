/*
 * Magento_Customer: addresses. The row and its shape in JSON differ (the street is lines, the region an object, being a default a
 * column of the customer), so each has its descriptor; everything between the two stands here.
 */
#include "customer/address.h"

#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "customer/custom.h"
#include "store/config.h"

/* -- descriptors ------------------------------------------------------------------------------------------------- */

static const struct fer_entity no_extension = { .name = "customer-data-address-extension-interface" };

static const struct fer_field region_fields[] = {
	FER_FIELD("region_code", FER_STRING, NULL, FER_NULLS, "code of the region: TX"),
	FER_FIELD("region",      FER_STRING, NULL, FER_NULLS, "its name, or any text where the country has no list"),
	FER_FIELD("region_id",   FER_INT,    NULL, FER_NULLS, "row id of the region; 0: none"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, FER_READ, "none", .of = &no_extension),
};

static const struct fer_entity region = { .name = "customer-data-region-interface", FER_FIELDS(region_fields) };

static const struct fer_field fields[] = {
	/*        JSON                    type           column flags      meaning */
	FER_FIELD("id",                   FER_INT,       NULL,  0,         "row id"),
	FER_FIELD("customer_id",          FER_INT,       NULL,  0,         "whose it is"),
	FER_FIELD("region",               FER_OBJECT,    NULL,  0,         "state or province", .of = &region),
	FER_FIELD("region_id",            FER_INT,       NULL,  0,         "row id of the region; wins over region.region_id"),
	FER_FIELD("country_id",           FER_STRING,    NULL,  0,         "ISO 3166 alpha-2"),
	FER_FIELD("street",               FER_STRING,    NULL,  FER_MANY,  "lines"),
	FER_FIELD("company",              FER_STRING,    NULL,  0,         "company"),
	FER_FIELD("telephone",            FER_STRING,    NULL,  0,         "telephone"),
	FER_FIELD("fax",                  FER_STRING,    NULL,  0,         "fax"),
	FER_FIELD("postcode",             FER_STRING,    NULL,  0,         "postcode"),
	FER_FIELD("city",                 FER_STRING,    NULL,  0,         "city"),
	FER_FIELD("firstname",            FER_STRING,    NULL,  0,         "first name"),
	FER_FIELD("lastname",             FER_STRING,    NULL,  0,         "last name"),
	FER_FIELD("middlename",           FER_STRING,    NULL,  0,         "middle name"),
	FER_FIELD("prefix",               FER_STRING,    NULL,  0,         "before the name"),
	FER_FIELD("suffix",               FER_STRING,    NULL,  0,         "behind the name"),
	FER_FIELD("vat_id",               FER_STRING,    NULL,  0,         "VAT number"),
	FER_FIELD("default_shipping",     FER_BOOL,      NULL,  0,         "the customer's default for shipping"),
	FER_FIELD("default_billing",      FER_BOOL,      NULL,  0,         "the customer's default for billing"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL,  0,         "none", .of = &no_extension),
	FER_FIELD("custom_attributes",    FER_CUSTOM,    NULL,  0,         "the shop's own attributes"),
};

const struct fer_entity fer_address = { .name = "customer-data-address-interface", FER_FIELDS(fields) };

static int rows_loaded(struct fer_call *call, struct fer_value *records, size_t n);

static const struct fer_field row_fields[] = {
	FER_FIELD("id",          FER_INT,    "entity_id",  FER_KEY,  "row id"),
	FER_FIELD("customer_id", FER_INT,    "parent_id",  FER_KEEP, "whose it is"),
	FER_FIELD("created_at",  FER_STRING, "created_at", FER_KEEP, "UTC"),
	FER_FIELD("updated_at",  FER_STRING, "updated_at", 0,        "UTC"),
	FER_FIELD("region_text", FER_STRING, "region",     0,        "name of the region, or free text", .max = 255),
	FER_FIELD("region_id",   FER_INT,    "region_id",  0,        "directory_country_region"),
	FER_FIELD("country_id",  FER_STRING, "country_id", 0,        "ISO 3166 alpha-2", .max = 255),
	FER_FIELD("street_text", FER_STRING, "street",     0,        "lines, a line end between them"),
	FER_FIELD("company",     FER_STRING, "company",    0,        "company", .max = 255),
	FER_FIELD("telephone",   FER_STRING, "telephone",  0,        "telephone", .max = 255),
	FER_FIELD("fax",         FER_STRING, "fax",        0,        "fax", .max = 255),
	FER_FIELD("postcode",    FER_STRING, "postcode",   0,        "postcode", .max = 255),
	FER_FIELD("city",        FER_STRING, "city",       0,        "city", .max = 255),
	FER_FIELD("firstname",   FER_STRING, "firstname",  0,        "first name", .max = 255),
	FER_FIELD("lastname",    FER_STRING, "lastname",   0,        "last name", .max = 255),
	FER_FIELD("middlename",  FER_STRING, "middlename", 0,        "middle name", .max = 255),
	FER_FIELD("prefix",      FER_STRING, "prefix",     0,        "before the name", .max = 40),
	FER_FIELD("suffix",      FER_STRING, "suffix",     0,        "behind the name", .max = 40),
	FER_FIELD("vat_id",      FER_STRING, "vat_id",     0,        "VAT number", .max = 255),
	FER_FIELD("region_code", FER_STRING, NULL, 0, "of a region in this country", .sql = "r.code"),
	FER_FIELD("region_name", FER_STRING, NULL, 0, "of a region in this country", .sql = "COALESCE(rn.name, r.default_name)"),
	FER_FIELD("billing",     FER_BOOL,   NULL, 0, "a default", .sql = "CASE WHEN c.default_billing = main.entity_id THEN 1 ELSE 0 END"),
	FER_FIELD("shipping",    FER_BOOL,   NULL, 0, "a default", .sql = "CASE WHEN c.default_shipping = main.entity_id THEN 1 ELSE 0 END"),
};

static const struct fer_entity address_row = {
	.name = "customer_address_entity", .table = "customer_address_entity", FER_FIELDS(row_fields), .missing_field = "addressId",
	.join = "LEFT JOIN customer_entity AS c ON c.entity_id = main.parent_id"
	        " LEFT JOIN directory_country_region AS r ON r.region_id = main.region_id AND r.country_id = main.country_id"
	        " LEFT JOIN directory_country_region_name AS rn ON rn.region_id = r.region_id AND rn.locale = 'en_US'",
	.loaded = rows_loaded,
};

/* Fields that are the same in both. */
static const char *const plain[] = { "country_id", "company", "telephone", "fax", "postcode", "city", "firstname", "lastname",
                                     "middlename", "prefix", "suffix", "vat_id" };

/* -- reading ----------------------------------------------------------------------------------------------------- */

/* A region that is no row of the country is its text, which then stands for the code too. */
static struct fer_value region_of(struct fer_call *call, const struct fer_value *row)
{
	bool known = fer_has(row, "region_code"), free_text = !fer_map_int(row, "region_id", 0) && fer_has(row, "region_text");
	const struct fer_value *text = fer_get(row, "region_text");
	struct fer_value out = fer_map();

	fer_append(call->arena, &out, FER_S("region_code"), known ? *fer_get(row, "region_code") : free_text ? *text : fer_null());
	fer_append(call->arena, &out, FER_S("region"), known ? *fer_get(row, "region_name") : *text);
	fer_append(call->arena, &out, FER_S("region_id"), fer_int(fer_map_int(row, "region_id", 0)));
	return out;
}

static struct fer_value lines_of(struct fer_call *call, struct fer_str text)
{
	struct fer_value lines = fer_list();
	struct fer_str line = text;

	if (!text.len)
		fer_push(call->arena, &lines, fer_string(FER_S("")));
	while (text.len && fer_str_cut(&text, '\n', &line))
		fer_push(call->arena, &lines, fer_string(line));
	return lines;
}

static void row_loaded(struct fer_call *call, struct fer_value *row)
{
	fer_set(call->arena, row, "region", region_of(call, row));
	fer_set(call->arena, row, "street", lines_of(call, fer_map_str(call->arena, row, "street_text")));
	if (fer_map_bool(row, "shipping", false))
		fer_set(call->arena, row, "default_shipping", fer_bool(true));
	if (fer_map_bool(row, "billing", false))
		fer_set(call->arena, row, "default_billing", fer_bool(true));
}

static int rows_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		row_loaded(call, &records[i]);
	return fer_custom_load(call, FER_EAV_ADDRESS, records, n);
}

int fer_address_load(struct fer_call *call, int64_t address_id, struct fer_value *out)
{
	struct fer_value key = fer_int(address_id);

	return fer_load(call, &address_row, &key, out);
}

int fer_address_list(struct fer_call *call, const int64_t *customer_ids, size_t n, struct fer_value *out)
{
	struct fer_query tail;

	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " WHERE main.parent_id");
	fer_query_ids(&tail, customer_ids, n);
	fer_query_add(&tail, " ORDER BY main.entity_id");
	return fer_select(call, &address_row, &tail, out);
}

/* -- rules ------------------------------------------------------------------------------------------------------- */

static bool listed(struct fer_str list, struct fer_str word)
{
	struct fer_str piece;

	while (list.len && fer_str_cut(&list, ',', &piece))
		if (fer_str_eq(piece, word))
			return true;
	return false;
}

static bool is_listed(struct fer_call *call, int store_id, const char *path, struct fer_str word)
{
	struct fer_str list;

	return fer_config_text(call->server->store, call->arena, store_id, path, &list) == 0 && listed(list, word);
}

bool fer_address_country(struct fer_call *call, int store_id, const struct fer_value *country_id)
{
	return is_listed(call, store_id, "general/country/allow", fer_as_str(call->arena, country_id));
}

/* Empty as Laminas' NotEmpty has it: nothing but blanks counts as nothing. */
static bool is_blank(struct fer_call *call, const struct fer_value *row, const char *name)
{
	return !fer_str_trim(fer_map_str(call->arena, row, name)).len;
}

static int required(struct fer_call *call, const char *name)
{
	return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text(name), NULL);
}

static int check_general(struct fer_call *call, int store_id, const struct fer_value *row)
{
	static const struct { const char *name, *field; bool by_attribute; } rules[] = {
		{ "firstname", "firstname", false }, { "lastname", "lastname", false }, { "street", "street_text", false },
		{ "city", "city", false },           { "telephone", "telephone", true }, { "fax", "fax", true },
		{ "company", "company", true },
	};
	const struct fer_eav *eav;
	int r, error = 0;

	if ((r = fer_eav_get(call, &eav)))
		return r;
	for (size_t i = 0; i < FER_ARRAY_LEN(rules); i++) {
		const struct fer_attribute *a = fer_eav_by_code(eav, FER_EAV_ADDRESS, fer_str(rules[i].name));

		if (is_blank(call, row, rules[i].field) && (!rules[i].by_attribute || (a && a->is_required)))
			error = required(call, rules[i].name);
	}
	if (is_blank(call, row, "postcode") &&
	    !is_listed(call, store_id, "general/country/optional_zip_countries", fer_map_str(call->arena, row, "country_id")))
		error = required(call, "postcode");
	return error;
}

static int invalid(struct fer_call *call, const char *name, struct fer_str value)
{
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text(name), "value", fer_string(value), NULL);
}

static int check_country(struct fer_call *call, int store_id, const struct fer_value *row)
{
	if (is_blank(call, row, "country_id"))
		return required(call, "countryId");
	if (!fer_address_country(call, store_id, fer_get(row, "country_id")))
		return invalid(call, "countryId", fer_map_str(call->arena, row, "country_id"));
	return 0;
}

/* Magento asks for a region in the countries of general/region/state_required, yet takes an address without one: a real install does. */
static int check_region(struct fer_call *call, const struct fer_value *row)
{
	int64_t id = fer_map_int(row, "region_id", 0), n = 0;
	int r;

	if (!id || fer_has(row, "region_code"))
		return 0;
	if ((r = fer_sql_int(call->db, FER_SQL_CUSTOMER_COUNTRY_REGIONS, 0, &n, "s", fer_map_str(call->arena, row, "country_id"))) || !n)
		return r;
	return invalid(call, "regionId", fer_str_fmt(call->arena, "%lld", (long long)id));
}

static int check(struct fer_call *call, int store_id, const struct fer_value *row)
{
	int general = check_general(call, store_id, row), country;

	if (general < 0)
		return general;
	country = check_country(call, store_id, row);
	if (!country)
		country = check_region(call, row);
	return country ? country : general;
}

/* -- writing ----------------------------------------------------------------------------------------------------- */

static struct fer_value street_text(struct fer_call *call, const struct fer_value *lines)
{
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, 65535);
	for (size_t i = 0; i < fer_count(lines); i++) {
		if (i)
			fer_buf_char(&buf, '\n');
		fer_buf_str(&buf, fer_as_str(call->arena, fer_at(lines, i)));
	}
	return fer_string(fer_str_trim(fer_buf_view(&buf)));
}

/* A region object without an id means none (0); the id beside it wins. */
static void take_region(struct fer_call *call, const struct fer_value *sent, struct fer_value *row)
{
	const struct fer_value *object = fer_get(sent, "region"), *text = fer_get(object, "region");

	if (!fer_is_null(object)) {
		fer_set(call->arena, row, "region_text", text ? *text : fer_null());
		fer_set(call->arena, row, "region_id", fer_int(fer_map_int(object, "region_id", 0)));
	}
	if (fer_has(sent, "region_id"))
		fer_set(call->arena, row, "region_id", *fer_get(sent, "region_id"));
}

static void take_sent(struct fer_call *call, const struct fer_value *sent, struct fer_value *row)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(plain); i++)
		if (fer_has(sent, plain[i]))
			fer_set(call->arena, row, plain[i], *fer_get(sent, plain[i]));
	if (fer_has(sent, "street"))
		fer_set(call->arena, row, "street_text", street_text(call, fer_get(sent, "street")));
	take_region(call, sent, row);
}

/* The name and code of the region by its id; or, by a text that is the code of one, its id too. */
static int find_region(struct fer_call *call, struct fer_value *row)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str text = fer_map_str(call->arena, row, "region_text"), country = fer_map_str(call->arena, row, "country_id");
	int64_t id = fer_map_int(row, "region_id", 0);
	int r;

	fer_unset(row, "region_code");
	if (!id && !text.len)
		return 0;
	if ((r = fer_sql_open(call->db, FER_SQL_CUSTOMER_REGION, &stmt, "siis", country, id, id, text)) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	fer_set(call->arena, row, "region_id", fer_int(fer_col_int(stmt, 0)));
	fer_set(call->arena, row, "region_code", fer_string(fer_col_dup(call->arena, stmt, 1)));
	fer_set(call->arena, row, "region_text", fer_string(fer_col_dup(call->arena, stmt, 2)));
	return 0;
}

static int load_own(struct fer_call *call, int64_t customer_id, int64_t address_id, struct fer_value *out)
{
	struct fer_value id = fer_int(address_id);
	int r = fer_address_load(call, address_id, out);

	if (r || fer_map_int(out, "customer_id", 0) == customer_id)
		return r;
	return fer_fail(call, FER_E_NO_SUCH_ENTITY, "fieldName", fer_text("addressId"), "fieldValue", id, NULL);
}

/* true makes it the default, false ends its being one, silence changes nothing. Source: ResourceModel\Address\Relation, 2.4.7 */
static int set_default(struct fer_call *call, const struct fer_value *flag, enum fer_sql set, enum fer_sql unset,
                       int64_t customer_id, int64_t address_id)
{
	if (fer_is_null(flag))
		return 0;
	return fer_sql_run(call->db, fer_as_bool(flag) ? set : unset, NULL, "ii", fer_as_bool(flag) ? address_id : customer_id,
	                   fer_as_bool(flag) ? customer_id : address_id);
}

static int set_defaults(struct fer_call *call, const struct fer_value *sent, int64_t customer_id, int64_t address_id)
{
	int r = set_default(call, fer_get(sent, "default_billing"), FER_SQL_CUSTOMER_BILLING, FER_SQL_CUSTOMER_BILLING_END, customer_id,
	                    address_id);

	return r ? r : set_default(call, fer_get(sent, "default_shipping"), FER_SQL_CUSTOMER_SHIPPING, FER_SQL_CUSTOMER_SHIPPING_END,
	                           customer_id, address_id);
}

int fer_address_store(struct fer_call *call, int64_t customer_id, int store_id, struct fer_value *sent)
{
	int64_t id = fer_map_int(sent, "id", 0);
	struct fer_value old = fer_map(), row;
	int r;

	if (id && (r = load_own(call, customer_id, id, &old)))
		return r;
	row = fer_clone(call->arena, &old);
	take_sent(call, sent, &row);
	if ((r = find_region(call, &row)) || (r = check(call, store_id, &row)))
		return r;
	fer_set(call->arena, &row, "customer_id", fer_int(customer_id));
	fer_set(call->arena, &row, "updated_at", fer_string(fer_time_text(call->arena, call->now_s)));
	if (!id)
		fer_set(call->arena, &row, "created_at", *fer_get(&row, "updated_at"));
	if ((r = fer_save(call, &address_row, &row, id ? &old : NULL)))
		return r;
	id = fer_map_int(&row, "id", 0);
	fer_set(call->arena, sent, "id", fer_int(id));
	if ((r = fer_custom_save(call, FER_EAV_ADDRESS, id, fer_get(sent, "custom_attributes"))))
		return r;
	return set_defaults(call, sent, customer_id, id);
}

int fer_address_remove(struct fer_call *call, int64_t customer_id, int64_t address_id)
{
	int r;

	if ((r = fer_sql_run(call->db, FER_SQL_CUSTOMER_BILLING_END, NULL, "ii", customer_id, address_id)) ||
	    (r = fer_sql_run(call->db, FER_SQL_CUSTOMER_SHIPPING_END, NULL, "ii", customer_id, address_id)))
		return r;
	return fer_sql_run(call->db, FER_SQL_CUSTOMER_ADDRESS_DELETE, NULL, "i", address_id);
}

/* -- routes ------------------------------------------------------------------------------------------------------ */

static int get_address(struct fer_call *call)
{
	struct fer_value record;
	int r = fer_address_load(call, fer_arg_int(call, "addressId"), &record);

	return r ? r : fer_answer(call, fer_shape(call, &fer_address, &record));
}

static int delete_one(struct fer_call *call, void *data FER_UNUSED)
{
	int64_t id = fer_arg_int(call, "addressId");
	struct fer_value record;
	int r = fer_address_load(call, id, &record);

	return r ? r : fer_address_remove(call, fer_map_int(&record, "customer_id", 0), id);
}

static int delete_address(struct fer_call *call)
{
	int r = fer_tx(call, 0, delete_one, NULL);

	return r ? r : fer_answer_true(call);
}

#define ACL "Magento_Customer::manage"
#define SOURCE "Magento_Customer webapi.xml"
#define ADDRESS_PATH FER_PARAMS({ "addressId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/customers/addresses/:addressId", ACL, .run = get_address, .of = &fer_address, ADDRESS_PATH,
	  .service = "customerAddressRepositoryV1", .summary = "One customer address", .source = SOURCE },
	{ FER_DELETE, "/V1/addresses/:addressId", ACL, .run = delete_address, ADDRESS_PATH, .returns = FER_BOOL,
	  .service = "customerAddressRepositoryV1", .summary = "Remove a customer address", .source = SOURCE },
};

const struct fer_route_table fer_routes_address = FER_ROUTE_TABLE(rows);
