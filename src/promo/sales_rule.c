/*
 * Magento_SalesRule: sales rules. A rule is one row; its websites, customer groups, labels and the product attributes it asks for
 * stand in tables of their own, its conditions as JSON in two columns (condition.h). A rule without websites or groups is accepted,
 * an empty list of them is not. What a PUT leaves out stays.
 */
#include <errno.h>

#include "promo/promo.h"

#include "api/eav.h"
#include "core/clock.h"
#include "promo/condition.h"

#define CONDITIONS "Magento\\SalesRule\\Model\\Rule\\Condition\\Combine"
#define ACTIONS "Magento\\SalesRule\\Model\\Rule\\Condition\\Product\\Combine"
#define UNSIGNED .least = 0, .most = 4294967295
#define SIGNED .least = -2147483648LL, .most = 2147483647

static const struct fer_field label_fields[] = {
	FER_FIELD("store_id",             FER_INT,       NULL, FER_NULLS, "store view; 0 means all"),
	FER_FIELD("store_label",          FER_STRING,    NULL, FER_NULLS, "what it calls the rule"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0,         "none", .of = &fer_no_extension),
};

static const struct fer_entity rule_label = { .name = "sales-rule-data-rule-label-interface", FER_FIELDS(label_fields) };

static const struct fer_field fields[] = {
	/*        JSON                     type           column                   flags       meaning */
	FER_FIELD("rule_id",               FER_INT,       "rule_id",               FER_KEY,    "row id"),
	FER_FIELD("name",                  FER_STRING,    "name",                  FER_SEARCH, "for the admin", .max = 255),
	FER_FIELD("store_labels",          FER_OBJECT,    NULL,                    FER_MANY,   "for customers, by store view", .of = &rule_label),
	FER_FIELD("description",           FER_STRING,    "description",           FER_SEARCH, "for the admin"),
	FER_FIELD("website_ids",           FER_INT,       NULL,                    FER_SEARCH | FER_MANY, "where it holds",
	          .sql = "w.website_id", .exists = "salesrule_website AS w WHERE w.rule_id = main.rule_id"),
	FER_FIELD("customer_group_ids",    FER_INT,       NULL,                    FER_MANY,   "for whom it holds; 0 is guests"),
	FER_FIELD("from_date",             FER_TIME,      "from_date",             FER_SEARCH, "first day", .max = 10),
	FER_FIELD("to_date",               FER_TIME,      "to_date",               FER_SEARCH, "last day", .max = 10),
	FER_FIELD("uses_per_customer",     FER_INT,       "uses_per_customer",     FER_SEARCH, "0: as often as he likes", SIGNED),
	FER_FIELD("is_active",             FER_BOOL,      "is_active",             FER_SEARCH, "it is applied"),
	FER_FIELD("condition",             FER_OBJECT,    NULL,                    0,          "what a cart must be", .of = &fer_condition_entity),
	FER_FIELD("action_condition",      FER_OBJECT,    NULL,                    0,          "what an item must be", .of = &fer_condition_entity),
	FER_FIELD("stop_rules_processing", FER_BOOL,      "stop_rules_processing", FER_SEARCH, "no rule after it; true when not sent"),
	FER_FIELD("is_advanced",           FER_BOOL,      "is_advanced",           FER_SEARCH, "true when not sent"),
	FER_FIELD("product_ids",           FER_INT,       "product_ids",           FER_MANY | FER_CSV, "kept, not used"),
	FER_FIELD("sort_order",            FER_INT,       "sort_order",            FER_SEARCH, "smaller first", UNSIGNED),
	FER_FIELD("simple_action",         FER_STRING,    "simple_action",         FER_SEARCH, "by_percent, by_fixed, cart_fixed or buy_x_get_y", .max = 32),
	FER_FIELD("discount_amount",       FER_DECIMAL,   "discount_amount",       FER_SEARCH, "percent, money or items", .digits = 12),
	FER_FIELD("discount_qty",          FER_DECIMAL,   "discount_qty",          FER_SEARCH, "most items it is given for", .digits = 12),
	FER_FIELD("discount_step",         FER_INT,       "discount_step",         FER_SEARCH, "x of buy x get y", UNSIGNED),
	FER_FIELD("apply_to_shipping",     FER_BOOL,      "apply_to_shipping",     FER_SEARCH, "shipping is discounted too"),
	FER_FIELD("times_used",            FER_INT,       "times_used",            FER_SEARCH, "orders so far", UNSIGNED),
	FER_FIELD("is_rss",                FER_BOOL,      "is_rss",                FER_SEARCH, "in the feed"),
	FER_FIELD("coupon_type",           FER_STRING,    "coupon_type",           FER_SEARCH, "NO_COUPON, SPECIFIC_COUPON or AUTO"),
	FER_FIELD("use_auto_generation",   FER_BOOL,      "use_auto_generation",   FER_SEARCH, "its coupons are generated"),
	FER_FIELD("uses_per_coupon",       FER_INT,       "uses_per_coupon",       FER_SEARCH, "0: without end", SIGNED),
	FER_FIELD("simple_free_shipping",  FER_STRING,    "simple_free_shipping",  FER_SEARCH, "0: no, 1: the items, 2: the whole shipment"),
	FER_FIELD("extension_attributes",  FER_EXTENSION, NULL,                    0,          "none", .of = &fer_no_extension),
	FER_FIELD("conditions_serialized", FER_STRING,    "conditions_serialized", FER_INNER,  "condition as it is stored"),
	FER_FIELD("actions_serialized",    FER_STRING,    "actions_serialized",    FER_INNER,  "action_condition as it is stored"),
	FER_FIELD("code",                  FER_STRING,    NULL,                    FER_INNER,  "of the primary coupon", .sql = "coupon.code"),
};

/* The two trees of a rule, and the class of their roots. */
static const struct tree { const char *name, *stored, *root; } trees[] = {
	{ "condition", "conditions_serialized", CONDITIONS }, { "action_condition", "actions_serialized", ACTIONS },
};

/* The lists that are tables of two columns. */
static const struct list { const char *name; enum fer_sql rows, clear, add; } lists[] = {
	{ "website_ids", FER_SQL_RULE_WEBSITES, FER_SQL_RULE_WEBSITES_CLEAR, FER_SQL_RULE_WEBSITE_ADD },
	{ "customer_group_ids", FER_SQL_RULE_GROUPS, FER_SQL_RULE_GROUPS_CLEAR, FER_SQL_RULE_GROUP_ADD },
};

static const struct coupon_name { enum fer_coupon_type type; const char *name; } coupon_names[] = {
	{ FER_COUPON_NONE, "NO_COUPON" }, { FER_COUPON_SPECIFIC, "SPECIFIC_COUPON" }, { FER_COUPON_AUTO, "AUTO" },
};

int fer_coupon_terms(struct fer_call *call, int64_t rule_id, struct fer_coupon_terms *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_RULE_TERMS, &stmt, "i", rule_id);

	*out = (struct fer_coupon_terms){ .found = false };
	if (r || (r = fer_stmt_step(stmt)) != 1)
		return r;
	*out = (struct fer_coupon_terms){ .found = true, .type = (enum fer_coupon_type)fer_col_int(stmt, 0),
	                                  .generated = fer_col_int(stmt, 1), .limit = fer_col_int(stmt, 2),
	                                  .per_customer = fer_col_int(stmt, 3) };
	return 0;
}

/* -- reading ----------------------------------------------------------------------------------------------------- */

static int read_list(struct fer_call *call, struct fer_value *record, const struct list *list)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value ids = fer_list();
	int r = fer_sql_open(call->db, list->rows, &stmt, "i", fer_map_int(record, "rule_id", 0));

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		fer_push(call->arena, &ids, fer_int(fer_col_int(stmt, 0)));
		r = 0;
	}
	fer_set(call->arena, record, list->name, ids);
	return r;
}

static int read_labels(struct fer_call *call, struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value labels = fer_list(), label;
	int r = fer_sql_open(call->db, FER_SQL_RULE_LABELS, &stmt, "i", fer_map_int(record, "rule_id", 0));

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		label = fer_map();
		fer_set(call->arena, &label, "store_id", fer_int(fer_col_int(stmt, 0)));
		fer_set(call->arena, &label, "store_label", fer_string(fer_col_dup(call->arena, stmt, 1)));
		fer_push(call->arena, &labels, label);
		r = 0;
	}
	fer_set(call->arena, record, "store_labels", labels);
	return r;
}

static int read_tree(struct fer_call *call, struct fer_value *record, const struct tree *tree)
{
	struct fer_str stored = fer_map_str(call->arena, record, tree->stored);
	struct fer_rule_condition condition;
	int r;

	if (!stored.len)
		return 0;
	if ((r = fer_condition_read(call->arena, stored, &condition)))
		return r;
	fer_set(call->arena, record, tree->name, fer_condition_shape(call->arena, &condition));
	return 0;
}

/* A type that Magento does not know goes out empty, but 0 as it is. */
static void name_coupon_type(struct fer_call *call, struct fer_value *record)
{
	int64_t type = fer_map_int(record, "coupon_type", 0);
	const char *name = type ? "" : "0";

	for (size_t i = 0; i < FER_ARRAY_LEN(coupon_names); i++)
		if (type == coupon_names[i].type)
			name = coupon_names[i].name;
	fer_set(call->arena, record, "coupon_type", fer_text(name));
}

static int read_parts(struct fer_call *call, struct fer_value *record)
{
	int r = read_labels(call, record);

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(lists); i++)
		r = read_list(call, record, &lists[i]);
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(trees); i++)
		r = read_tree(call, record, &trees[i]);
	name_coupon_type(call, record);
	return r;
}

static int rules_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int r = 0;

	for (size_t i = 0; !r && i < n && !fer_arena_broken(call->arena); i++)
		r = read_parts(call, &records[i]);
	return r;
}

/* -- checks ------------------------------------------------------------------------------------------------------ */

static int check_date(struct fer_call *call, const struct fer_value *record, const char *name, int64_t *out)
{
	struct fer_str text = fer_map_str(call->arena, record, name);

	*out = 0;
	if (!text.len || fer_time_parse(text, out))
		return 0;
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text(name), "value", fer_string(text), NULL);
}

static bool is_empty_list(const struct fer_value *record, const char *name)
{
	return fer_has(record, name) && !fer_count(fer_get(record, name));
}

/* Source: Magento_Rule Model\AbstractModel validateData and beforeSave, 2.4.7: all that is wrong at once, but the amount later. */
static int check_whole(struct fer_call *call, const struct fer_value *whole)
{
	int64_t from, to;
	int r = check_date(call, whole, "from_date", &from);
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, 256);
	if (r || (r = check_date(call, whole, "to_date", &to)))
		return r;
	if (from && to && from > to)
		fer_buf_text(&buf, "End Date must follow Start Date.; ");
	if (is_empty_list(whole, "website_ids"))
		fer_buf_text(&buf, "Please specify a website.; ");
	if (is_empty_list(whole, "customer_group_ids"))
		fer_buf_text(&buf, "Please specify Customer Groups.; ");
	if (buf.len)
		return fer_fail(call, FER_E_SALES_RULE_INVALID, "messages", fer_string(fer_buf_view(&buf)), NULL);
	if (fer_as_decimal(fer_get(whole, "discount_amount")) / FER_ONE < 0)
		return fer_fail(call, FER_E_SALES_RULE_AMOUNT, NULL);
	return 0;
}

/* Nothing that is sent as null is saved; texts for numbers become numbers. */
static void set_forms(struct fer_call *call, struct fer_value *record)
{
	struct fer_str type = fer_map_str(call->arena, record, "coupon_type");
	int64_t number = fer_map_int(record, "coupon_type", 0);

	for (uint32_t i = record->map.n; i-- > 0;)
		if (fer_is_null(&record->map.members[i].value))
			fer_unset(record, fer_str_z(call->arena, record->map.members[i].name));
	if (fer_has(record, "discount_qty") && !fer_as_decimal(fer_get(record, "discount_qty")))
		fer_set(call->arena, record, "discount_qty", fer_null());
	if (fer_has(record, "simple_free_shipping"))
		fer_set(call->arena, record, "simple_free_shipping", fer_int(fer_map_int(record, "simple_free_shipping", 0)));
	for (size_t i = 0; i < FER_ARRAY_LEN(coupon_names); i++)
		if (fer_str_is(type, coupon_names[i].name))
			number = coupon_names[i].type;
	if (fer_has(record, "coupon_type"))
		fer_set(call->arena, record, "coupon_type", fer_int(number));
}

/* The stored text of a tree from what was sent; without that, of an empty one. */
static int set_tree(struct fer_call *call, struct fer_value *record, const struct tree *tree, const struct fer_eav *eav)
{
	struct fer_rule_condition condition;
	struct fer_buf buf;
	int r = fer_condition_take(call->arena, eav, tree->root, fer_get(record, tree->name), &condition);

	fer_buf_init(&buf, call->arena, FER_CONDITION_SIZE);
	if (!r)
		fer_condition_write(&buf, &condition);
	if (r || buf.overflow)
		return fer_fail(call, FER_E_SALES_RULE_CONDITIONS, "1", fer_int(FER_CONDITION_NODES), "2", fer_int(FER_CONDITION_DEPTH), NULL);
	fer_set(call->arena, record, tree->stored, fer_string(fer_buf_view(&buf)));
	return 0;
}

static int accept_rule(struct fer_call *call, struct fer_value *record)
{
	const struct fer_eav *eav;
	int r = fer_eav_get(call, &eav);

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(trees); i++)
		if (fer_has(record, trees[i].name))
			r = set_tree(call, record, &trees[i], eav);
	return r;
}

/* The rule as it will be: what was sent over what it is. */
static struct fer_value whole_of(struct fer_call *call, const struct fer_value *record, const struct fer_value *old)
{
	struct fer_value whole = fer_clone(call->arena, record);

	if (old)
		fer_entity_merge(call, &fer_sales_rule, &whole, old);
	return whole;
}

static int check_rule(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	struct fer_value whole;
	int r;

	set_forms(call, record);
	whole = whole_of(call, record, old);
	r = check_whole(call, &whole);
	for (size_t i = 0; !r && !old && i < FER_ARRAY_LEN(trees); i++)
		if (!fer_has(record, trees[i].stored))
			r = set_tree(call, record, &trees[i], NULL);
	return r;
}

/* -- saving ------------------------------------------------------------------------------------------------------ */

static int refuse_link(struct fer_call *call, const char *name, int64_t id)
{
	return fer_fail(call, FER_E_INVALID_FIELD_VALUE, "fieldName", fer_text(name), "value", fer_int(id), NULL);
}

static int write_list(struct fer_call *call, int64_t rule_id, const struct list *list, const struct fer_value *ids)
{
	int r = fer_sql_run(call->db, list->clear, NULL, "i", rule_id);

	for (size_t i = 0; !r && i < fer_count(ids); i++) {
		int64_t id = fer_as_int(fer_at(ids, i));

		if ((r = fer_sql_run(call->db, list->add, NULL, "ii", rule_id, id)) == -ENOENT)
			return refuse_link(call, list->name, id);
	}
	return r;
}

/* An empty label removes that of its store view; those of others stay. */
static int write_labels(struct fer_call *call, int64_t rule_id, const struct fer_value *labels)
{
	int r = 0;

	for (size_t i = 0; !r && i < fer_count(labels); i++) {
		int64_t store_id = fer_map_int(fer_at(labels, i), "store_id", 0);
		struct fer_str text = fer_map_str(call->arena, fer_at(labels, i), "store_label");

		if (text.len)
			r = fer_sql_run(call->db, FER_SQL_RULE_LABEL_SET, NULL, "iis", rule_id, store_id, text);
		else
			r = fer_sql_run(call->db, FER_SQL_RULE_LABEL_REMOVE, NULL, "ii", rule_id, store_id);
		if (r == -ENOENT)
			return refuse_link(call, "store_id", store_id);
	}
	return r;
}

/* The attributes that carts load for the rule, for each website and group. */
static int write_attributes(struct fer_call *call, int64_t rule_id, const struct fer_value *whole)
{
	struct fer_value codes = fer_list();
	struct fer_rule_condition condition;
	int r = fer_sql_run(call->db, FER_SQL_RULE_ATTRIBUTES_CLEAR, NULL, "i", rule_id);

	for (size_t i = 0; i < FER_ARRAY_LEN(trees); i++)
		if (!fer_condition_read(call->arena, fer_map_str(call->arena, whole, trees[i].stored), &condition))
			fer_condition_attributes(call->arena, &condition, &codes);
	for (size_t i = 0; !r && i < fer_count(&codes); i++)
		r = fer_sql_run(call->db, FER_SQL_RULE_ATTRIBUTE_ADD, NULL, "is", rule_id, fer_at(&codes, i)->text);
	return r;
}

/*
 * The primary coupon follows its rule, and goes when the rule needs none; generated ones follow where the rule changed.
 * Source: Magento_SalesRule Model\Rule afterSave, Model\ResourceModel\Coupon updateSpecificCoupons, 2.4.7
 */
static int follow_coupons(struct fer_call *call, int64_t rule_id, const struct fer_value *old)
{
	bool generates, retyped;
	struct fer_coupon_terms now;
	int64_t before = 0;
	int r = fer_coupon_terms(call, rule_id, &now);

	for (size_t i = 0; i < FER_ARRAY_LEN(coupon_names); i++)
		if (fer_str_is(fer_map_str(call->arena, old, "coupon_type"), coupon_names[i].name))
			before = coupon_names[i].type;
	generates = now.generated || now.type == FER_COUPON_AUTO;
	retyped = before != (int64_t)now.type;
	if (!r)
		r = fer_sql_run(call->db, FER_SQL_RULE_COUPON_REMOVE, NULL, "ii", rule_id,
		                (int64_t)(now.type != FER_COUPON_SPECIFIC || now.generated));
	if (!r)
		r = fer_sql_run(call->db, FER_SQL_RULE_COUPON_KEEP, NULL, "iii", now.limit, now.per_customer, rule_id);
	if (!r && generates && (retyped || fer_map_int(old, "uses_per_coupon", 0) != now.limit))
		r = fer_sql_run(call->db, FER_SQL_RULE_COUPONS_LIMIT, NULL, "ii", now.limit, rule_id);
	if (!r && generates && (retyped || fer_map_int(old, "uses_per_customer", 0) != now.per_customer))
		r = fer_sql_run(call->db, FER_SQL_RULE_COUPONS_PER_CUSTOMER, NULL, "ii", now.per_customer, rule_id);
	return r;
}

static int rule_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	struct fer_value whole = whole_of(call, record, old);
	int64_t id = fer_map_int(&whole, "rule_id", 0);
	int r = write_labels(call, id, fer_get(record, "store_labels"));

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(lists); i++)
		if (fer_has(record, lists[i].name))
			r = write_list(call, id, &lists[i], fer_get(record, lists[i].name));
	if (r || (r = write_attributes(call, id, &whole)))
		return r;
	return old ? follow_coupons(call, id, old) : 0;
}

const struct fer_entity fer_sales_rule = {
	.name = "sales-rule-data-rule-interface", .table = "salesrule", FER_FIELDS(fields), .param = "rule", .path_id = "ruleId",
	.missing = FER_E_NO_SUCH_ENTITY_PLAIN,
	.join = "LEFT JOIN salesrule_coupon AS coupon ON coupon.rule_id = main.rule_id AND coupon.is_primary = 1",
	.accept = accept_rule, .check = check_rule, .saved = rule_saved, .loaded = rules_loaded,
};

#define RULE_BODY FER_PARAMS({ "rule", FER_OBJECT, FER_REQ, &fer_sales_rule, NULL })
#define ID_PATH FER_PARAMS({ "ruleId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/salesRules/search", FER_PROMO_ACL, .run = fer_entity_search, .of = &fer_sales_rule, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "salesRuleRuleRepositoryV1", .summary = "Sales rules that match", .source = FER_PROMO_SOURCE },
	{ FER_POST, "/V1/salesRules", FER_PROMO_ACL, .run = fer_entity_save, .of = &fer_sales_rule, RULE_BODY,
	  .service = "salesRuleRuleRepositoryV1", .summary = "Make a sales rule; with an id, change it", .source = FER_PROMO_SOURCE },
	{ FER_GET, "/V1/salesRules/:ruleId", FER_PROMO_ACL, .run = fer_entity_get, .of = &fer_sales_rule, ID_PATH, .cached = true,
	  .service = "salesRuleRuleRepositoryV1", .summary = "One sales rule", .source = FER_PROMO_SOURCE },
	{ FER_PUT, "/V1/salesRules/:ruleId", FER_PROMO_ACL, .run = fer_entity_save, .of = &fer_sales_rule, RULE_BODY,
	  .service = "salesRuleRuleRepositoryV1", .summary = "Change a sales rule; what is not sent stays", .source = FER_PROMO_SOURCE },
	{ FER_DELETE, "/V1/salesRules/:ruleId", FER_PROMO_ACL, .run = fer_entity_delete, .of = &fer_sales_rule, ID_PATH, .returns = FER_BOOL,
	  .service = "salesRuleRuleRepositoryV1", .summary = "Remove a sales rule with its coupons", .source = FER_PROMO_SOURCE },
};

const struct fer_route_table fer_routes_sales_rule = FER_ROUTE_TABLE(rows);
