/*
 * What an attribute's source offers: stored rows, a fixed list, or rows of another table. Apart from attribute.c because it is one
 * table of sources, by the class name that eav_attribute.source_model holds.
 */
#include "catalog/attribute.h"

#include "shop/shop.h"

struct choice {
	const char *value, *label;
};

struct source {
	const char *model;                    /* the end of the class name */
	const struct choice *choices;         /* fixed ones first, up to a NULL value */
	enum fer_sql sql;                     /* then rows of value and label; 0: none (no source reads statement 0) */
	int (*more)(struct fer_call *call, struct fer_value *list);   /* or what a function finds; NULL: none */
};

#define CHOICES(...) .choices = (const struct choice[]){ __VA_ARGS__, { NULL, NULL } }

static int add_countries(struct fer_call *call, struct fer_value *list);

static const struct source sources[] = {
	{ "Entity\\Attribute\\Source\\Boolean", CHOICES({ "1", "Yes" }, { "0", "No" }) },
	{ "Product\\Attribute\\Source\\Boolean", CHOICES({ "1", "Yes" }, { "0", "No" }, { "2", "Use config" }) },
	{ "Product\\Attribute\\Source\\Status", CHOICES({ "1", "Enabled" }, { "2", "Disabled" }) },
	{ "Product\\Visibility", CHOICES({ "1", "Not Visible Individually" }, { "2", "Catalog" }, { "3", "Search" },
	                                 { "4", "Catalog, Search" }) },
	{ "CatalogInventory\\Model\\Source\\Stock", CHOICES({ "1", "In Stock" }, { "0", "Out of Stock" }) },
	{ "Design\\Options\\Container", CHOICES({ "container1", "Product Info Column" }, { "container2", "Block after Info Column" }) },
	{ "Source\\Type\\Price", CHOICES({ "1", "On Gesture" }, { "2", "In Cart" }, { "3", "Before Order Confirmation" },
	                                 { "0", "Use config" }) },
	{ "Source\\Price\\View", CHOICES({ "0", "Price Range" }, { "1", "As Low as" }) },
	{ "Source\\Shipment\\Type", CHOICES({ "0", "Together" }, { "1", "Separately" }) },
	{ "Category\\Attribute\\Source\\Mode", CHOICES({ "PRODUCTS", "Products only" }, { "PAGE", "Static block only" },
	                                               { "PRODUCTS_AND_PAGE", "Static block and products" }) },
	{ "Category\\Attribute\\Source\\Page", CHOICES({ "", "Please select a static block." }), .sql = FER_SQL_SOURCE_BLOCKS },
	{ "Attribute\\Source\\Layout", CHOICES({ "", "No layout updates" }, { "empty", "Empty" }, { "1column", "1 column" },
	                                       { "2columns-left", "2 columns with left bar" },
	                                       { "2columns-right", "2 columns with right bar" }, { "3columns", "3 columns" }) },
	{ "Attribute\\Source\\LayoutUpdate", CHOICES({ "__no_update__", "No update" }) },
	{ "Category\\Attribute\\Source\\Sortby", CHOICES({ "position", "Position" }), .sql = FER_SQL_SOURCE_SORTBY },
	{ "Theme\\Source\\Theme", CHOICES({ "", "-- Please Select --" }), .sql = FER_SQL_SOURCE_THEMES },
	{ "TaxClass\\Source\\Product", CHOICES({ "0", "None" }), .sql = FER_SQL_SOURCE_TAX_CLASSES },
	{ "Source\\Countryofmanufacture", CHOICES({ "", " " }), .more = add_countries },
};

static bool ends(struct fer_str s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n && !memcmp(s.at + s.len - n, end, n);
}

static const struct source *source_of(struct fer_str model)
{
	for (size_t i = 0; model.len && i < FER_ARRAY_LEN(sources); i++)
		if (ends(model, sources[i].model))
			return &sources[i];
	return NULL;
}

static struct fer_str text_of(const struct fer_value *record, const char *name)
{
	const struct fer_value *v = fer_get(record, name);

	return v && v->kind == FER_V_STRING ? v->text : FER_STR_NONE;
}

bool fer_attribute_uses_source(const struct fer_value *attribute)
{
	struct fer_str input = text_of(attribute, "frontend_input");

	return fer_str_is(input, "select") || fer_str_is(input, "multiselect") || text_of(attribute, "source_model").len;
}

bool fer_attribute_keeps_options(const struct fer_value *attribute)
{
	struct fer_str model = text_of(attribute, "source_model");

	return fer_attribute_uses_source(attribute) && (!model.len || ends(model, "Attribute\\Source\\Table"));
}

static void add(struct fer_call *call, struct fer_value *list, struct fer_str label, struct fer_str value)
{
	struct fer_value option = fer_map();

	fer_append(call->arena, &option, FER_S("label"), fer_string(label));
	fer_append(call->arena, &option, FER_S("value"), fer_string(value));
	fer_push(call->arena, list, option);
}

/* The empty choice comes first; a required attribute's has no label. */
static void add_stored(struct fer_call *call, const struct fer_value *attribute, const struct fer_option_rows *stored,
                       struct fer_value *out)
{
	int64_t id = fer_map_int(attribute, "attribute_id", 0);

	add(call, out, fer_map_bool(attribute, "is_required", false) ? FER_S("") : FER_S(" "), FER_S(""));
	for (size_t i = 0; i < stored->n; i++)
		if (stored->rows[i].attribute_id == id)
			add(call, out, stored->rows[i].label, fer_str_fmt(call->arena, "%lld", (long long)stored->rows[i].option_id));
}

static int add_rows(struct fer_call *call, const struct source *source, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, source->sql, &stmt, "");

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		add(call, out, fer_col_dup(call->arena, stmt, 1), fer_col_dup(call->arena, stmt, 0));
	return r;
}

static int by_label(const void *left, const void *right)
{
	const struct fer_value *a = left, *b = right;

	return fer_str_cmp(fer_get(a, "label")->text, fer_get(b, "label")->text);
}

/* By name, as bytes compare; codes that ISO 3166 has withdrawn have none and are left out. */
static int add_countries(struct fer_call *call, struct fer_value *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	uint32_t first = list->list.n;
	int r = fer_sql_open(call->db, FER_SQL_SOURCE_COUNTRIES, &stmt, "");

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_str name = fer_country_name(fer_col_str(stmt, 0));

		if (name.len)
			add(call, list, name, fer_col_dup(call->arena, stmt, 0));
	}
	qsort(list->list.items + first, list->list.n - first, sizeof(*list->list.items), by_label);
	return r;
}

int fer_attribute_source(struct fer_call *call, const struct fer_value *attribute, const struct fer_option_rows *stored,
                         struct fer_value *out)
{
	const struct source *source = source_of(text_of(attribute, "source_model"));

	*out = fer_list();
	if (!fer_attribute_uses_source(attribute))
		return 0;
	if (fer_attribute_keeps_options(attribute)) {
		add_stored(call, attribute, stored, out);
		return 0;
	}
	for (const struct choice *c = source ? source->choices : NULL; c && c->value; c++)
		add(call, out, fer_str(c->label), fer_str(c->value));
	if (source && source->more)
		return source->more(call, out);
	return source && source->sql ? add_rows(call, source, out) : 0;
}
