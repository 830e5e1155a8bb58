/*
 * Magento_Tax: tax rates. A rate is saved whole: what a body leaves out is emptied, save the titles, which stay until others come.
 */
#include "tax/tax.h"

#define POSTCODE_SIZE 10
#define ZIP_DIGITS_END 1000000000   /* nine digits at most */

static const struct fer_field title_fields[] = {
	FER_FIELD("store_id", FER_STRING, NULL, FER_NULLS, "store view"),
	FER_FIELD("value",    FER_STRING, NULL, FER_NULLS, "what that store view calls the rate"),
	FER_NO_EXTENSION,
};

static const struct fer_entity rate_title = { .name = "tax-data-tax-rate-title-interface", FER_FIELDS(title_fields) };

static const struct fer_field fields[] = {
	/*        JSON              type         column                     flags                    meaning */
	FER_FIELD("id",             FER_INT,     "tax_calculation_rate_id", FER_KEY,                 "row id"),
	FER_FIELD("tax_country_id", FER_STRING,  "tax_country_id",          FER_SEARCH,              "ISO 3166 alpha-2", .max = 2),
	FER_FIELD("tax_region_id",  FER_INT,     "tax_region_id",           FER_SEARCH,              "region; 0 means all"),
	FER_FIELD("region_name",    FER_STRING,  NULL,                      FER_READ | FER_SEARCH,   "code of the region", .sql = "region.code"),
	FER_FIELD("tax_postcode",   FER_STRING,  "tax_postcode",            FER_SEARCH,              "pattern, * means all; of a range: from-to"),
	FER_FIELD("zip_is_range",   FER_INT,     "zip_is_range",            FER_SEARCH,              "1: zip_from and zip_to count"),
	FER_FIELD("zip_from",       FER_INT,     "zip_from",                FER_SEARCH,              "first of the range"),
	FER_FIELD("zip_to",         FER_INT,     "zip_to",                  FER_SEARCH,              "last of the range"),
	FER_FIELD("rate",           FER_DECIMAL, "rate",                    FER_SEARCH,              "percent"),
	FER_FIELD("code",           FER_STRING,  "code",                    FER_SEARCH | FER_UNIQUE, "unique", .max = 255),
	FER_FIELD("titles",         FER_OBJECT,  NULL,                      FER_MANY,                "names by store view", .of = &rate_title),
	FER_NO_EXTENSION,
};

/* -- checks, in Magento's order; all that is wrong is told at once ------------------------------------------------ */

static int required(struct fer_call *call, const char *name)
{
	return fer_fail(call, FER_E_REQUIRED, "fieldName", fer_text(name), NULL);
}

static int invalid(struct fer_call *call, const char *name, const struct fer_value *value)
{
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text(name), "value", value ? *value : fer_null(), NULL);
}

static int check_country(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str code = fer_map_str(call->arena, record, "tax_country_id");
	int64_t known = 0;
	int r;

	if (!fer_str_trim(code).len)
		return required(call, "country_id");
	if (code.len != 2 && code.len != 3)
		return fer_fail(call, FER_E_COUNTRY_CODE, "1", fer_string(code), NULL);
	if ((r = fer_sql_int(call->db, FER_SQL_TAX_COUNTRY_IS, 0, &known, "ss", code, code)))
		return r;
	return known ? 0 : invalid(call, "country_id", fer_get(record, "tax_country_id"));
}

/* The region's country and code into @country and @code; both empty when there is no such region. */
static int find_region(struct fer_call *call, const struct fer_value *record, struct fer_str *country, struct fer_str *code)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_TAX_REGION, &stmt, "i", fer_map_int(record, "tax_region_id", 0));

	*country = *code = FER_STR_NONE;
	if (r || (r = fer_stmt_step(stmt)) != 1)
		return r;
	*country = fer_col_dup(call->arena, stmt, 0);
	*code = fer_col_dup(call->arena, stmt, 1);
	return 0;
}

static int check_region(struct fer_call *call, const struct fer_value *record)
{
	struct fer_str country, code;
	int r = find_region(call, record, &country, &code);

	if (r < 0 || !fer_map_int(record, "tax_region_id", 0) || country.len)
		return r;
	return invalid(call, "region_id", fer_get(record, "tax_region_id"));
}

static int check_zip(struct fer_call *call, const struct fer_value *record, const char *name)
{
	const struct fer_value *zip = fer_get(record, name);

	return fer_is_null(zip) || fer_as_int(zip) < 0 ? invalid(call, name, zip) : 0;
}

static int check_range(struct fer_call *call, const struct fer_value *record)
{
	int from = check_zip(call, record, "zip_from"), to = check_zip(call, record, "zip_to");

	if (fer_map_int(record, "zip_from", 0) > fer_map_int(record, "zip_to", 0))
		return fer_fail(call, FER_E_TAX_RATE_RANGE, NULL);
	return to ? to : from;
}

static int check_place(struct fer_call *call, const struct fer_value *record)
{
	if (fer_map_int(record, "zip_is_range", 0))
		return check_range(call, record);
	return fer_str_trim(fer_map_str(call->arena, record, "tax_postcode")).len ? 0 : required(call, "postcode");
}

static int check_percentage(struct fer_call *call, const struct fer_value *record)
{
	const struct fer_value *rate = fer_get(record, "rate");

	return fer_is_null(rate) || fer_as_decimal(rate) < 0 ? required(call, "percentage_rate") : 0;
}

static int check_code(struct fer_call *call, const struct fer_value *record)
{
	return fer_str_trim(fer_map_str(call->arena, record, "code")).len ? 0 : required(call, "code");
}

/* Source: Magento_Tax Model\Calculation\RateRepository, 2.4.7 */
static int (*const checks[])(struct fer_call *call, const struct fer_value *record) = {
	check_country, check_region, check_percentage, check_code, check_place,
};

static int check_all(struct fer_call *call, const struct fer_value *record)
{
	int r = 0, found;

	for (size_t i = 0; i < FER_ARRAY_LEN(checks); i++) {
		found = checks[i](call, record);
		if (found < 0 || found == FER_E_COUNTRY_CODE)
			return found;
		r = found ? found : r;
	}
	return r;
}

/* -- saving ------------------------------------------------------------------------------------------------------ */

static int set_range(struct fer_call *call, struct fer_value *record)
{
	int64_t from = fer_map_int(record, "zip_from", 0), to = fer_map_int(record, "zip_to", 0);

	if (from >= ZIP_DIGITS_END || to >= ZIP_DIGITS_END)
		return fer_fail(call, FER_E_TAX_RATE_ZIP_LENGTH, NULL);
	fer_set(call->arena, record, "tax_postcode", fer_string(fer_str_fmt(call->arena, "%lld-%lld", (long long)from, (long long)to)));
	return 0;
}

static int set_pattern(struct fer_call *call, struct fer_value *record)
{
	struct fer_str postcode = fer_map_str(call->arena, record, "tax_postcode");

	fer_set(call->arena, record, "tax_postcode", fer_string(fer_str_take(postcode, POSTCODE_SIZE)));
	fer_set(call->arena, record, "zip_is_range", fer_null());
	fer_set(call->arena, record, "zip_from", fer_null());
	fer_set(call->arena, record, "zip_to", fer_null());
	return 0;
}

/* A region of another country means all regions. Source: Magento_Tax Model\Calculation\Rate, 2.4.7 */
static int set_region(struct fer_call *call, struct fer_value *record)
{
	struct fer_str country, code;
	int r = find_region(call, record, &country, &code);

	if (r)
		return r;
	if (!fer_str_eq(country, fer_map_str(call->arena, record, "tax_country_id"))) {
		fer_set(call->arena, record, "tax_region_id", fer_int(0));
		code = FER_STR_NONE;
	}
	fer_set(call->arena, record, "region_name", code.len ? fer_string(code) : fer_null());
	return 0;
}

static int check_rate(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	int r = check_all(call, record);

	if (r || (r = fer_map_int(record, "zip_is_range", 0) ? set_range(call, record) : set_pattern(call, record)))
		return r;
	return set_region(call, record);
}

static int read_titles(struct fer_call *call, struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value titles = fer_list(), title;
	int r = fer_sql_open(call->db, FER_SQL_TAX_RATE_TITLES, &stmt, "i", fer_map_int(record, "id", 0));

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		title = fer_map();
		fer_set(call->arena, &title, "store_id", fer_string(fer_col_dup(call->arena, stmt, 0)));
		fer_set(call->arena, &title, "value", fer_string(fer_col_dup(call->arena, stmt, 1)));
		fer_push(call->arena, &titles, title);
		r = 0;
	}
	fer_set(call->arena, record, "titles", titles);
	return r;
}

/* Of two titles for one store view the later counts; an empty text is none. */
static bool is_last(const struct fer_value *titles, size_t i)
{
	int64_t store_id = fer_map_int(fer_at(titles, i), "store_id", 0);

	for (size_t later = i + 1; later < fer_count(titles); later++)
		if (fer_map_int(fer_at(titles, later), "store_id", 0) == store_id)
			return false;
	return true;
}

static int write_titles(struct fer_call *call, int64_t id, const struct fer_value *titles)
{
	int r = fer_sql_run(call->db, FER_SQL_TAX_RATE_TITLES_CLEAR, NULL, "i", id);

	for (size_t i = 0; !r && i < fer_count(titles); i++) {
		const struct fer_value *title = fer_at(titles, i), *value = fer_get(title, "value");
		struct fer_str text = fer_as_str(call->arena, value);

		if (is_last(titles, i) && (text.len || fer_is_null(value)))
			r = fer_sql_run(call->db, FER_SQL_TAX_RATE_TITLE_ADD, NULL, "iis", id, fer_map_int(title, "store_id", 0),
			                text.at ? text : FER_S(""));
	}
	return r;
}

static int rate_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	const struct fer_value *titles = fer_get(record, "titles");

	return fer_count(titles) ? write_titles(call, fer_map_int(record, "id", 0), titles) : read_titles(call, record);
}

static int rates_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int r = 0;

	for (size_t i = 0; !r && i < n; i++)
		r = read_titles(call, &records[i]);
	return r;
}

static int remove_rate(struct fer_call *call, const struct fer_value *record)
{
	int64_t used;
	int r = fer_sql_int(call->db, FER_SQL_TAX_RATE_IN_RULE, 0, &used, "i", fer_map_int(record, "id", 0));

	return r || !used ? r : fer_fail(call, FER_E_TAX_RATE_IN_RULE, NULL);
}

const struct fer_entity fer_tax_rate = {
	.name = "tax-data-tax-rate-interface", .table = "tax_calculation_rate", FER_FIELDS(fields), .param = "taxRate", .path_id = "rateId",
	.missing_field = "taxRateId", .join = "LEFT JOIN directory_country_region AS region ON region.region_id = main.tax_region_id",
	.taken = FER_E_ALREADY_EXISTS, .echoes = true,
	.check = check_rate, .saved = rate_saved, .loaded = rates_loaded, .remove = remove_rate,
};

#define ACL "Magento_Tax::manage_tax"
#define SOURCE "Magento_Tax webapi.xml"
#define RATE_BODY FER_PARAMS({ "taxRate", FER_OBJECT, FER_REQ, &fer_tax_rate, NULL })
#define ID_PATH FER_PARAMS({ "rateId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/taxRates/search", ACL, .run = fer_entity_search, .of = &fer_tax_rate, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "taxTaxRateRepositoryV1", .summary = "Tax rates that match", .source = SOURCE },
	{ FER_POST, "/V1/taxRates", ACL, .run = fer_entity_save, .of = &fer_tax_rate, RATE_BODY,
	  .service = "taxTaxRateRepositoryV1", .summary = "Make a tax rate; with an id, change it", .source = SOURCE },
	{ FER_PUT, "/V1/taxRates", ACL, .run = fer_entity_save, .of = &fer_tax_rate, RATE_BODY,
	  .service = "taxTaxRateRepositoryV1", .summary = "Change a tax rate; without an id, make one", .source = SOURCE },
	{ FER_GET, "/V1/taxRates/:rateId", ACL, .run = fer_entity_get, .of = &fer_tax_rate, ID_PATH, .cached = true,
	  .service = "taxTaxRateRepositoryV1", .summary = "One tax rate", .source = SOURCE },
	{ FER_DELETE, "/V1/taxRates/:rateId", ACL, .run = fer_entity_delete, .of = &fer_tax_rate, ID_PATH, .returns = FER_BOOL,
	  .service = "taxTaxRateRepositoryV1", .summary = "Remove a tax rate", .source = SOURCE },
};

const struct fer_route_table fer_routes_tax_rate = FER_ROUTE_TABLE(rows);
