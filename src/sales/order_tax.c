/*
 * Magento_Tax: what orders were taxed with, as stored and as summed up by item and by code.
 * Source: Magento_Tax Model\Sales\Order\TaxManagement, 2.4.7
 */
#include "sales/sales.h"

#include "api/search.h"
#include "api/server.h"
#include "store/config.h"

#define ALLOW_MESSAGE "sales/gift_options/allow_items"
#define AS_THE_SHOP_SAYS 2

static const struct fer_field tax_fields[] = {
	FER_FIELD("tax_id",           FER_INT,     "tax_id",           FER_KEY, "row id"),
	FER_FIELD("order_id",         FER_INT,     "order_id",         0,       "order"),
	FER_FIELD("code",             FER_STRING,  "code",             0,       "of the rate"),
	FER_FIELD("title",            FER_STRING,  "title",            0,       "of the rate"),
	FER_FIELD("percent",          FER_DECIMAL, "percent",          0,       "rate"),
	FER_FIELD("amount",           FER_DECIMAL, "amount",           0,       "in the order's currency"),
	FER_FIELD("base_amount",      FER_DECIMAL, "base_amount",      0,       "in the base currency"),
	FER_FIELD("base_real_amount", FER_DECIMAL, "base_real_amount", 0,       "its own part where rates compound"),
	FER_FIELD("priority",         FER_INT,     "priority",         0,       "of the rule"),
	FER_FIELD("position",         FER_INT,     "position",         0,       "of the rule"),
	FER_FIELD("process",          FER_INT,     "process",          0,       "step in which it was computed"),
};

const struct fer_entity fer_order_tax = { .name = "tax-data-order-tax-interface", .table = "sales_order_tax", FER_FIELDS(tax_fields) };

static const struct fer_field item_fields[] = {
	FER_FIELD("tax_item_id",        FER_INT,     "tax_item_id",        FER_KEY,   "row id"),
	FER_FIELD("tax_id",             FER_INT,     "tax_id",             0,         "row of the order's tax"),
	FER_FIELD("item_id",            FER_INT,     "item_id",            0,         "item of the order"),
	FER_FIELD("tax_code",           FER_STRING,  NULL,                 0,         "of the rate", .sql = "tax.code"),
	FER_FIELD("tax_percent",        FER_DECIMAL, "tax_percent",        0,         "rate"),
	FER_FIELD("amount",             FER_DECIMAL, "amount",             0,         "in the order's currency"),
	FER_FIELD("base_amount",        FER_DECIMAL, "base_amount",        0,         "in the base currency"),
	FER_FIELD("real_amount",        FER_DECIMAL, "real_amount",        0,         "its own part where rates compound"),
	FER_FIELD("real_base_amount",   FER_DECIMAL, "real_base_amount",   0,         "the same in the base currency"),
	FER_FIELD("associated_item_id", FER_INT,     "associated_item_id", 0,         "item that it goes with"),
	FER_FIELD("taxable_item_type",  FER_STRING,  "taxable_item_type",  0,         "product, shipping, weee …"),
	FER_FIELD("order_id",           FER_INT,     NULL,                 FER_INNER, "order", .sql = "tax.order_id"),
	FER_FIELD("title",              FER_STRING,  NULL,                 FER_INNER, "of the rate", .sql = "tax.title"),
};

const struct fer_entity fer_order_tax_item = {
	.name = "tax-data-order-tax-item-interface", .table = "sales_order_tax_item", FER_FIELDS(item_fields),
	.join = "JOIN sales_order_tax AS tax ON tax.tax_id = main.tax_id",
};

static const struct fer_field applied_fields[] = {
	FER_FIELD("code",        FER_STRING,  NULL, 0, "of the rate"),
	FER_FIELD("title",       FER_STRING,  NULL, 0, "of the rate"),
	FER_FIELD("percent",     FER_DECIMAL, NULL, 0, "rate"),
	FER_FIELD("amount",      FER_DECIMAL, NULL, 0, "in the order's currency"),
	FER_FIELD("base_amount", FER_DECIMAL, NULL, 0, "in the base currency"),
};

const struct fer_entity fer_tax_applied = { .name = "tax-data-order-tax-details-applied-tax-interface", FER_FIELDS(applied_fields) };

static const struct fer_field of_item_fields[] = {
	FER_FIELD("type",               FER_STRING, NULL, 0,        "product, shipping, weee …"),
	FER_FIELD("item_id",            FER_INT,    NULL, 0,        "item of the order"),
	FER_FIELD("associated_item_id", FER_INT,    NULL, 0,        "item that it goes with"),
	FER_FIELD("applied_taxes",      FER_OBJECT, NULL, FER_MANY, "its taxes", .of = &fer_tax_applied),
};

const struct fer_entity fer_tax_of_item = { .name = "tax-data-order-tax-details-item-interface", FER_FIELDS(of_item_fields) };

/* -- summing up ---------------------------------------------------------------------------------------------------- */

static struct fer_value applied_of(struct fer_call *call, const struct fer_value *tax)
{
	static const char *const names[][2] = {
		{ "code", "tax_code" }, { "title", "title" }, { "percent", "tax_percent" }, { "amount", "real_amount" },
		{ "base_amount", "real_base_amount" },
	};
	struct fer_value out = fer_map();

	for (size_t i = 0; i < FER_ARRAY_LEN(names); i++)
		fer_set(call->arena, &out, names[i][0], *fer_get(tax, names[i][1]));
	return out;
}

/* What is no product's own goes by its kind. */
static struct fer_value group_of(struct fer_call *call, const struct fer_value *tax)
{
	struct fer_value out = fer_map();

	fer_set(call->arena, &out, "type", fer_has(tax, "item_id") ? fer_text("product") : *fer_get(tax, "taxable_item_type"));
	fer_set(call->arena, &out, "item_id", *fer_get(tax, "item_id"));
	fer_set(call->arena, &out, "associated_item_id", fer_has(tax, "item_id") ? fer_null() : *fer_get(tax, "associated_item_id"));
	return out;
}

static bool same_group(const struct fer_value *a, const struct fer_value *b)
{
	return fer_same(fer_get(a, "type"), fer_get(b, "type")) && fer_same(fer_get(a, "item_id"), fer_get(b, "item_id")) &&
	       fer_same(fer_get(a, "associated_item_id"), fer_get(b, "associated_item_id"));
}

static void add_to_group(struct fer_call *call, struct fer_value *groups, const struct fer_value *tax)
{
	struct fer_value group = group_of(call, tax), *found = NULL;

	for (uint32_t i = 0; !found && i < groups->list.n; i++)
		if (same_group(&groups->list.items[i], &group))
			found = &groups->list.items[i];
	if (!found) {
		fer_set(call->arena, &group, "applied_taxes", fer_list());
		found = fer_push(call->arena, groups, group);
	}
	fer_push(call->arena, fer_get(found, "applied_taxes"), applied_of(call, tax));
}

static void add_amount(struct fer_call *call, struct fer_value *to, const struct fer_value *from, const char *name)
{
	fer_set(call->arena, to, name, fer_decimal(fer_as_decimal(fer_get(to, name)) + fer_as_decimal(fer_get(from, name))));
}

static void add_to_code(struct fer_call *call, struct fer_value *codes, const struct fer_value *tax)
{
	struct fer_value applied = applied_of(call, tax);

	for (uint32_t i = 0; i < codes->list.n; i++) {
		struct fer_value *one = &codes->list.items[i];

		if (!fer_same(fer_get(one, "code"), fer_get(&applied, "code")))
			continue;
		add_amount(call, one, &applied, "amount");
		add_amount(call, one, &applied, "base_amount");
		return;
	}
	fer_push(call->arena, codes, applied);
}

/* -- an order ------------------------------------------------------------------------------------------------------ */

/* Taxes of @item_id; 0: of no item. */
static struct fer_value taxes_of(struct fer_call *call, const struct fer_value *taxes, int64_t item_id)
{
	struct fer_value out = fer_list();

	for (size_t i = 0; i < fer_count(taxes); i++)
		if (fer_map_int(fer_at(taxes, i), "item_id", 0) == item_id)
			fer_push(call->arena, &out, *fer_at(taxes, i));
	return out;
}

/* Source: Magento_GiftMessage Helper\Message, 2.4.7 */
static bool may_have_message(struct fer_call *call, const struct fer_value *item)
{
	const struct fer_value *may = fer_get(item, "gift_message_available");

	if (!fer_is_null(may) && fer_as_int(may) != AS_THE_SHOP_SAYS)
		return fer_as_int(may);
	return fer_config_bool(call->server->store, (int)fer_map_int(item, "store_id", 0), ALLOW_MESSAGE, false);
}

static int add_to_item(struct fer_call *call, struct fer_value *item, const struct fer_value *taxes)
{
	struct fer_value more = fer_map();
	int r = may_have_message(call, item) ? fer_gift_message_add(call, fer_map_int(item, "gift_message_id", 0), &more) : 0;

	fer_set(call->arena, &more, "itemized_taxes", taxes_of(call, taxes, fer_map_int(item, "item_id", 0)));
	fer_set(call->arena, item, "extension_attributes", more);
	return r;
}

static int taxed_items(struct fer_call *call, int64_t order_id, struct fer_value *out)
{
	struct fer_query tail;

	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " WHERE tax.order_id = ? ORDER BY main.tax_item_id");
	fer_query_bind(&tail, fer_int(order_id));
	return fer_select(call, &fer_order_tax_item, &tail, out);
}

int fer_order_taxes(struct fer_call *call, int64_t order_id, struct fer_value *items, struct fer_value *extension)
{
	struct fer_value taxes, taxed, codes = fer_list(), groups = fer_list();
	int r = fer_sales_rows(call, &fer_order_tax, "order_id", order_id, false, &taxes);

	if (r || (r = taxed_items(call, order_id, &taxed)))
		return r;
	for (size_t i = 0; i < fer_count(&taxed); i++) {
		add_to_group(call, &groups, fer_at(&taxed, i));
		add_to_code(call, &codes, fer_at(&taxed, i));
	}
	for (uint32_t i = 0; !r && i < items->list.n; i++)
		r = add_to_item(call, &items->list.items[i], &taxed);
	fer_set(call->arena, extension, "applied_taxes", codes);
	fer_set(call->arena, extension, "item_applied_taxes", groups);
	fer_set(call->arena, extension, "taxes", taxes);
	fer_set(call->arena, extension, "additional_itemized_taxes", taxes_of(call, &taxed, 0));
	return r;
}
