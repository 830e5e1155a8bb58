/*
 * Magento_InventoryDistanceBasedSourceSelectionApi: the providers of places and distances, and their routes.
 * Source: Magento_InventoryDistanceBasedSourceSelection Model\DistanceProvider, 2.4.7
 */
#include "inventory/distance.h"

#include <errno.h>
#include <math.h>

#include "api/route.h"
#include "inventory/inventory.h"

#define PROVIDER "cataloginventory/source_selection_distance_based/provider"
#define GOOGLE_KEY "cataloginventory/source_selection_distance_based_google/api_key"
#define EARTH_RADIUS_M 6371000.0
#define PI 3.14159265358979323846

static const struct fer_field address_fields[] = {
	FER_FIELD("country", FER_STRING, NULL, 0, "ISO 3166 alpha-2"),
	FER_FIELD("postcode", FER_STRING, NULL, 0, "postal code"),
	FER_FIELD("street", FER_STRING, NULL, 0, "street"),
	FER_FIELD("region", FER_STRING, NULL, 0, "region"),
	FER_FIELD("city", FER_STRING, NULL, 0, "city"),
};
const struct fer_entity fer_distance_address = { .name = "inventory-source-selection-api-data-address-interface", FER_FIELDS(address_fields) };

static const struct fer_field place_fields[] = {
	FER_FIELD("lat", FER_FLOAT, NULL, 0, "degrees north"),
	FER_FIELD("lng", FER_FLOAT, NULL, 0, "degrees east"),
};
static const struct fer_entity place = { .name = "inventory-distance-based-source-selection-api-data-lat-lng-interface", FER_FIELDS(place_fields) };

/* -- providers ---------------------------------------------------------------------------------------------------- */

/* Google is never asked from here: without a key Magento does not ask either, with one it is out of reach. */
static int check_provider(struct fer_call *call, enum fer_error unknown, enum fer_error out_of_reach)
{
	struct fer_str provider = fer_stock_config(call, PROVIDER);

	if (fer_str_is(provider, "offline"))
		return 0;
	if (!fer_str_is(provider, "google"))
		return fer_fail(call, unknown, "1", fer_string(provider), NULL);
	return fer_fail(call, fer_str_trim(fer_stock_config(call, GOOGLE_KEY)).len ? out_of_reach : FER_E_GOOGLE_KEY, NULL);
}

static int read_places(struct fer_call *call, enum fer_sql name, struct fer_str country, struct fer_str key, struct fer_place **out, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	size_t size = 0;
	int r = fer_sql_open(call->db, name, &stmt, "ss", country, key);

	*n = 0;
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		if (*n == size) {
			struct fer_place *more = FER_NEW_ARRAY(call->arena, size = size ? size * 2 : 4, struct fer_place);

			if (*n)
				memcpy(more, *out, *n * sizeof(*more));
			*out = more;
		}
		(*out)[(*n)++] = (struct fer_place){ fer_col_double(stmt, 0), fer_col_double(stmt, 1) };
		r = 0;
	}
	return r;
}

static struct fer_str member(struct fer_call *call, const struct fer_value *address, const char *name)
{
	struct fer_str s = fer_map_str(call->arena, address, name);

	return s.at ? s : FER_S("");
}

static int unknown_address(struct fer_call *call, const struct fer_value *a)
{
	struct fer_str text = fer_str_fmt(call->arena, "%.*s %.*s %.*s %.*s %.*s", FER_F(member(call, a, "street")), FER_F(member(call, a, "postcode")),
	                                  FER_F(member(call, a, "city")), FER_F(member(call, a, "region")), FER_F(member(call, a, "country")));

	return fer_fail(call, FER_E_GEONAME_UNKNOWN, "1", fer_string(text), NULL);
}

int fer_place_of_address(struct fer_call *call, const struct fer_value *address, struct fer_place **out, size_t *n)
{
	struct fer_str country = member(call, address, "country"), city = member(call, address, "city");
	int r = check_provider(call, FER_E_LAT_LNG_PROVIDER, FER_E_GOOGLE_GEOCODING);

	*out = NULL;
	*n = 0;
	if (r || (r = read_places(call, FER_SQL_GEONAME_POSTCODE, country, member(call, address, "postcode"), out, n)))
		return r;
	if (!*n && city.len)
		r = read_places(call, FER_SQL_GEONAME_CITY, country, fer_str_fmt(call->arena, "%.*s%%", FER_F(city)), out, n);
	if (!r && !*n)
		r = read_places(call, FER_SQL_GEONAME_REGION, country, member(call, address, "region"), out, n);
	return r || *n ? r : unknown_address(call, address);
}

static double radians(double degrees)
{
	return degrees * PI / 180;
}

int fer_distance(struct fer_call *call, struct fer_place from, struct fer_place to, double *metres)
{
	double north = sin(radians(to.lat - from.lat) / 2), east = sin(radians(to.lng - from.lng) / 2);
	int r = check_provider(call, FER_E_DISTANCE_PROVIDER, FER_E_GOOGLE_DISTANCE);

	*metres = 2 * asin(sqrt(north * north + cos(radians(from.lat)) * cos(radians(to.lat)) * east * east)) * EARTH_RADIUS_M;
	return r;
}

/* -- routes ------------------------------------------------------------------------------------------------------- */

static int get_provider(struct fer_call *call)
{
	return fer_answer(call, fer_string(fer_stock_config(call, PROVIDER)));
}

/* Magento's objects cannot be made without their two numbers: a masked 500. */
static int read_place(const struct fer_value *sent, struct fer_place *out)
{
	*out = (struct fer_place){ fer_as_double(fer_get(sent, "lat")), fer_as_double(fer_get(sent, "lng")) };
	return fer_has(sent, "lat") && fer_has(sent, "lng") ? 0 : -EINVAL;
}

static int get_distance(struct fer_call *call)
{
	struct fer_place from, to;
	double metres;
	int r;

	if ((r = read_place(fer_arg(call, "source"), &from)) || (r = read_place(fer_arg(call, "destination"), &to)) ||
	    (r = fer_distance(call, from, to, &metres)))
		return r;
	return fer_answer(call, fer_double(metres));
}

static struct fer_value shown(struct fer_call *call, struct fer_place p)
{
	struct fer_value out = fer_map();

	fer_append(call->arena, &out, FER_S("lat"), fer_double(p.lat));
	fer_append(call->arena, &out, FER_S("lng"), fer_double(p.lng));
	return out;
}

static int get_places(struct fer_call *call, struct fer_place **places, size_t *n)
{
	const struct fer_value *address = fer_arg(call, "address");

	for (size_t i = 0; i < FER_ARRAY_LEN(address_fields); i++)
		if (!fer_has(address, address_fields[i].name))
			return -EINVAL;
	return fer_place_of_address(call, address, places, n);
}

static int get_place(struct fer_call *call)
{
	struct fer_place *places;
	size_t n;
	int r = get_places(call, &places, &n);

	return r ? r : fer_answer(call, shown(call, places[0]));
}

static int get_all_places(struct fer_call *call)
{
	struct fer_value out = fer_list();
	struct fer_place *places;
	size_t n;
	int r = get_places(call, &places, &n);

	for (size_t i = 0; !r && i < n; i++)
		fer_push(call->arena, &out, shown(call, places[i]));
	return r ? r : fer_answer(call, out);
}

#define ACL "Magento_InventoryApi::source"
#define SOURCE "Magento_InventoryDistanceBasedSourceSelectionApi webapi.xml"
#define ADDRESS FER_PARAMS({ "address", FER_OBJECT, FER_REQ, &fer_distance_address, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/inventory/get-distance-provider-code", ACL, get_provider, NULL, .returns = FER_STRING, .cached = true,
	  .service = "inventoryDistanceBasedSourceSelectionApiGetDistanceProviderCodeV1",
	  .summary = "Who tells distances: offline or google", .source = SOURCE },
	{ FER_GET, "/V1/inventory/get-distance", ACL, get_distance, NULL,
	  FER_PARAMS({ "source", FER_OBJECT, FER_REQ, &place, NULL }, { "destination", FER_OBJECT, FER_REQ, &place, NULL }),
	  .returns = FER_FLOAT, .cached = true,
	  .service = "inventoryDistanceBasedSourceSelectionApiGetDistanceV1",
	  .summary = "Metres between two places", .source = SOURCE },
	{ FER_GET, "/V1/inventory/get-latlng-from-address", ACL, get_place, &place, ADDRESS, .cached = true,
	  .service = "inventoryDistanceBasedSourceSelectionApiGetLatLngFromAddressV1",
	  .summary = "Where an address is", .source = SOURCE },
	{ FER_GET, "/V1/inventory/get-latslngs-from-address", ACL, get_all_places, &place, ADDRESS, .many = true, .cached = true,
	  .service = "inventoryDistanceBasedSourceSelectionApiGetLatsLngsFromAddressV1",
	  .summary = "Where an address may be", .source = SOURCE },
};

const struct fer_route_table fer_routes_distance = FER_ROUTE_TABLE(rows);
