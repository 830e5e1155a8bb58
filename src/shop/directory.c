/*
 * Magento_Directory: countries with their regions, and the currencies of a store view. Open to everyone, as in Magento.
 */
#include "shop/shop.h"

#include "api/server.h"
#include "store/config.h"

/* -- names and signs --------------------------------------------------------------------------------------------- */

static const struct { const char *code, *name; } countries[] = {
#define C(code, name) { code, name },
#include "shop/countries.def"
#undef C
};

static const struct { const char *code, *symbol; } symbols[] = {
	{ "USD", "$" },   { "EUR", "€" },   { "GBP", "£" },   { "JPY", "¥" },   { "AUD", "A$" },  { "BRL", "R$" },  { "CAD", "CA$" },
	{ "CNY", "CN¥" }, { "HKD", "HK$" }, { "ILS", "₪" },   { "INR", "₹" },   { "KRW", "₩" },   { "MXN", "MX$" }, { "NZD", "NZ$" },
	{ "PHP", "₱" },   { "TWD", "NT$" }, { "VND", "₫" },   { "XAF", "FCFA" }, { "XCD", "EC$" }, { "XOF", "F CFA" }, { "XPF", "CFPF" },
};

struct fer_str fer_country_name(struct fer_str country_id)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(countries); i++)
		if (fer_str_is(country_id, countries[i].code))
			return fer_str(countries[i].name);
	return FER_STR_NONE;
}

struct fer_str fer_currency_symbol(struct fer_str code)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(symbols); i++)
		if (fer_str_is(code, symbols[i].code))
			return fer_str(symbols[i].symbol);
	return code;
}

/* -- countries --------------------------------------------------------------------------------------------------- */

static const struct fer_field region_fields[] = {
	FER_FIELD("id",   FER_STRING, NULL, 0, "row id"),
	FER_FIELD("code", FER_STRING, NULL, FER_NULLS, "ISO 3166-2 or the country's own"),
	FER_FIELD("name", FER_STRING, NULL, FER_NULLS, "name in the locale of the store view"),
	FER_NO_EXTENSION,
};

static const struct fer_entity region = { .name = "directory-data-region-information-interface", FER_FIELDS(region_fields) };

static const struct fer_field country_fields[] = {
	FER_FIELD("id",                        FER_STRING, NULL, 0,         "ISO 3166 alpha-2"),
	FER_FIELD("two_letter_abbreviation",   FER_STRING, NULL, FER_NULLS, "ISO 3166 alpha-2"),
	FER_FIELD("three_letter_abbreviation", FER_STRING, NULL, FER_NULLS, "ISO 3166 alpha-3"),
	FER_FIELD("full_name_locale",          FER_STRING, NULL, FER_NULLS, "name in the locale of the store view; ferrite knows the English one"),
	FER_FIELD("full_name_english",         FER_STRING, NULL, FER_NULLS, "name in English"),
	FER_FIELD("available_regions",         FER_OBJECT, NULL, FER_MANY,  "regions, by name", .of = &region),
	FER_NO_EXTENSION,
};

static const struct fer_entity country = { .name = "directory-data-country-information-interface", FER_FIELDS(country_fields) };

static bool is_in_csv(struct fer_str list, struct fer_str word)
{
	struct fer_str piece;

	while (list.len && fer_str_cut(&list, ',', &piece))
		if (fer_str_eq(piece, word))
			return true;
	return false;
}

static struct fer_value read_country(struct fer_call *call, struct fer_stmt *stmt)
{
	struct fer_value out = fer_map(), name;
	struct fer_str id = fer_col_dup(call->arena, stmt, 0);

	name = fer_country_name(id).at ? fer_string(fer_country_name(id)) : fer_null();
	fer_set(call->arena, &out, "id", fer_string(id));
	fer_set(call->arena, &out, "two_letter_abbreviation", fer_string(fer_col_dup(call->arena, stmt, 1)));
	fer_set(call->arena, &out, "three_letter_abbreviation", fer_string(fer_col_dup(call->arena, stmt, 2)));
	fer_set(call->arena, &out, "full_name_locale", name);
	fer_set(call->arena, &out, "full_name_english", name);
	return out;
}

/* The countries that the store view allows, or the @only one of them. */
static int read_countries(struct fer_call *call, const struct fer_str *only, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_str allowed;
	int r = fer_config_text(call->server->store, call->arena, call->store_id, "general/country/allow", &allowed);

	*out = fer_list();
	if (r || (r = fer_sql_open(call->db, FER_SQL_COUNTRIES, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_str id = fer_col_str(stmt, 0);

		if (is_in_csv(allowed, id) && (!only || fer_str_eq(*only, id)))
			fer_push(call->arena, out, read_country(call, stmt));
	}
	return r;
}

static struct fer_value *find_country(struct fer_value *list, struct fer_str id)
{
	for (uint32_t i = 0; i < list->list.n; i++)
		if (fer_str_eq(fer_get(&list->list.items[i], "id")->text, id))
			return &list->list.items[i];
	return NULL;
}

static void add_region(struct fer_call *call, struct fer_value *to, struct fer_stmt *stmt)
{
	struct fer_value row = fer_map(), *list = fer_get(to, "available_regions");

	fer_set(call->arena, &row, "id", fer_string(fer_col_dup(call->arena, stmt, 1)));
	fer_set(call->arena, &row, "code", fer_string(fer_col_dup(call->arena, stmt, 2)));
	fer_set(call->arena, &row, "name", fer_string(fer_col_dup(call->arena, stmt, 3)));
	if (!list)
		list = fer_set(call->arena, to, "available_regions", fer_list());
	fer_push(call->arena, list, row);
}

static int add_regions(struct fer_call *call, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value *to;
	struct fer_str locale;
	int r = fer_config_text(call->server->store, call->arena, call->store_id, "general/locale/code", &locale);

	if (r || (r = fer_sql_open(call->db, FER_SQL_REGIONS, &stmt, "s", locale)))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		if ((to = find_country(list, fer_col_str(stmt, 0))))
			add_region(call, to, stmt);
	return r;
}

static int list_countries(struct fer_call *call)
{
	struct fer_value list;
	int r = read_countries(call, NULL, &list);

	if (r || (r = add_regions(call, &list)))
		return r;
	return fer_answer(call, list);
}

/* Magento compares the code as it is: "de" is no country. */
static int get_country(struct fer_call *call)
{
	struct fer_str id = fer_arg_str(call, "countryId");
	struct fer_value list;
	int r = read_countries(call, &id, &list);

	if (r)
		return r;
	if (!fer_count(&list))
		return fer_fail(call, FER_E_COUNTRY_MISSING, NULL);
	if ((r = add_regions(call, &list)))
		return r;
	return fer_answer(call, list.list.items[0]);
}

/* -- currencies -------------------------------------------------------------------------------------------------- */

static const struct fer_field rate_fields[] = {
	FER_FIELD("currency_to", FER_STRING, NULL, 0, "ISO 4217"),
	FER_FIELD("rate",        FER_FLOAT,  NULL, FER_NULLS, "price of one unit of the base currency"),
	FER_NO_EXTENSION,
};

static const struct fer_entity exchange_rate = { .name = "directory-data-exchange-rate-interface", FER_FIELDS(rate_fields) };

static const struct fer_field currency_fields[] = {
	FER_FIELD("base_currency_code",              FER_STRING, NULL, 0,        "prices are kept in it"),
	FER_FIELD("base_currency_symbol",            FER_STRING, NULL, 0,        "its sign"),
	FER_FIELD("default_display_currency_code",   FER_STRING, NULL, 0,        "prices are shown in it"),
	FER_FIELD("default_display_currency_symbol", FER_STRING, NULL, 0,        "its sign"),
	FER_FIELD("available_currency_codes",        FER_STRING, NULL, FER_MANY, "what a customer may choose"),
	FER_FIELD("exchange_rates",                  FER_OBJECT, NULL, FER_MANY, "from the base currency", .of = &exchange_rate),
	FER_NO_EXTENSION,
};

static const struct fer_entity currency = { .name = "directory-data-currency-information-interface", FER_FIELDS(currency_fields) };

int fer_currency_base(struct fer_call *call, int store_id, struct fer_str *out)
{
	bool global = !fer_config_int(call->server->store, 0, "catalog/price/scope", 0);

	return fer_config_text(call->server->store, call->arena, global ? 0 : store_id, "currency/options/base", out);
}

/* 0 where there is no rate. Source: Magento_Directory Model\ResourceModel\Currency getRate, 2.4.7, whose false goes out as a float */
static int find_rate(struct fer_call *call, struct fer_str from, struct fer_str to, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*out = fer_double(fer_str_eq(from, to) ? 1 : 0);
	if (out->real != 0)
		return 0;
	if ((r = fer_sql_open(call->db, FER_SQL_CURRENCY_RATE, &stmt, "ss", from, to)))
		return r;
	if ((r = fer_stmt_step(stmt)) == 1)
		*out = fer_double(fer_col_double(stmt, 0));
	return r < 0 ? r : 0;
}

static int add_rates(struct fer_call *call, struct fer_str base, struct fer_str allowed, struct fer_value *out)
{
	struct fer_value codes = fer_list(), rates = fer_list(), rate, row;
	struct fer_str rest = fer_str_upper(call->arena, allowed), code;
	int r;

	while (fer_str_cut(&rest, ',', &code)) {
		if ((r = find_rate(call, base, code, &rate)))
			return r;
		row = fer_map();
		fer_set(call->arena, &row, "currency_to", fer_string(code));
		fer_set(call->arena, &row, "rate", rate);
		fer_push(call->arena, &codes, fer_string(code));
		fer_push(call->arena, &rates, row);
	}
	fer_set(call->arena, out, "available_currency_codes", codes);
	fer_set(call->arena, out, "exchange_rates", rates);
	return 0;
}

static int get_currency(struct fer_call *call)
{
	struct fer_value out = fer_map();
	struct fer_str base, display, allowed;
	int r;

	if ((r = fer_currency_base(call, call->store_id, &base)) ||
	    (r = fer_config_text(call->server->store, call->arena, call->store_id, "currency/options/default", &display)) ||
	    (r = fer_config_text(call->server->store, call->arena, call->store_id, "currency/options/allow", &allowed)))
		return r;
	fer_set(call->arena, &out, "base_currency_code", fer_string(base));
	fer_set(call->arena, &out, "base_currency_symbol", fer_string(fer_currency_symbol(base)));
	fer_set(call->arena, &out, "default_display_currency_code", fer_string(display));
	fer_set(call->arena, &out, "default_display_currency_symbol", fer_string(fer_currency_symbol(display)));
	if ((r = add_rates(call, base, allowed, &out)))
		return r;
	return fer_answer(call, out);
}

#define SOURCE "Magento_Directory webapi.xml"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/directory/countries", "anonymous", .run = list_countries, .of = &country, .many = true, .cached = true,
	  .service = "directoryCountryInformationAcquirerV1", .summary = "Countries with their regions", .source = SOURCE },
	{ FER_GET, "/V1/directory/countries/:countryId", "anonymous", .run = get_country, .of = &country, .cached = true,
	  FER_PARAMS({ "countryId", FER_STRING, FER_REQ, NULL, NULL }),
	  .service = "directoryCountryInformationAcquirerV1", .summary = "One country", .source = SOURCE },
	{ FER_GET, "/V1/directory/currency", "anonymous", .run = get_currency, .of = &currency, .cached = true,
	  .service = "directoryCurrencyInformationAcquirerV1", .summary = "Currencies and exchange rates", .source = SOURCE },
};

const struct fer_route_table fer_routes_directory = FER_ROUTE_TABLE(rows);
