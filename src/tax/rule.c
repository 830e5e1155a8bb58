/*
 * Magento_Tax: tax rules. A rule is one row, and one row of tax_calculation for each customer class, product class and rate it
 * joins; its lists are read from those rows, in the order they first appear.
 */
#include "tax/tax.h"

#define ITS_ROWS "tax_calculation AS c WHERE c.tax_calculation_rule_id = main.tax_calculation_rule_id"

static const struct fer_field fields[] = {
	/*        JSON                      type        column                     flags                    meaning */
	FER_FIELD("id",                     FER_INT,    "tax_calculation_rule_id", FER_KEY,                 "row id"),
	FER_FIELD("code",                   FER_STRING, "code",                    FER_SEARCH | FER_UNIQUE | FER_NULLS, "unique", .max = 255),
	FER_FIELD("priority",               FER_INT,    "priority",                FER_SEARCH | FER_NULLS,  "rules of different priority compound"),
	FER_FIELD("position",               FER_INT,    "position",                FER_SEARCH,              "order in lists", .otherwise = "0"),
	FER_FIELD("customer_tax_class_ids", FER_INT,    NULL,                      FER_MANY | FER_NULLS,    "tax classes of type CUSTOMER",
	          .sql = "c.customer_tax_class_id", .exists = ITS_ROWS),
	FER_FIELD("product_tax_class_ids",  FER_INT,    NULL,                      FER_MANY | FER_NULLS,    "tax classes of type PRODUCT",
	          .sql = "c.product_tax_class_id", .exists = ITS_ROWS),
	FER_FIELD("tax_rate_ids",           FER_INT,    NULL,                      FER_MANY | FER_NULLS,    "tax rates"),
	FER_FIELD("calculate_subtotal",     FER_BOOL,   "calculate_subtotal",      FER_SEARCH,              "tax the subtotal only", .otherwise = "0"),
	FER_FIELD("tax_calculation_rate_id", FER_INT,   NULL,                      FER_SEARCH | FER_OUT_ONLY | FER_SECRET,
	          "tax rates, for searching: Magento's search fails on the name above", .sql = "c.tax_calculation_rate_id", .exists = ITS_ROWS),
	FER_NO_EXTENSION,
};

/* The lists, as columns of FER_SQL_TAX_RULE_ROWS; the classes have a type to be checked. */
static const struct list { const char *name, *type; } lists[] = {
	{ "customer_tax_class_ids", "CUSTOMER" }, { "product_tax_class_ids", "PRODUCT" }, { "tax_rate_ids", NULL },
};

/* -- reading ----------------------------------------------------------------------------------------------------- */

static void push_once(struct fer_call *call, struct fer_value *list, int64_t id)
{
	for (size_t i = 0; i < fer_count(list); i++)
		if (fer_as_int(fer_at(list, i)) == id)
			return;
	fer_push(call->arena, list, fer_int(id));
}

/* Fill in the lists that @record does not have. */
static int read_lists(struct fer_call *call, struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_value found[FER_ARRAY_LEN(lists)];
	int r = fer_sql_open(call->db, FER_SQL_TAX_RULE_ROWS, &stmt, "i", fer_map_int(record, "id", 0));

	for (size_t i = 0; i < FER_ARRAY_LEN(lists); i++)
		found[i] = fer_list();
	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		for (size_t i = 0; i < FER_ARRAY_LEN(lists); i++)
			push_once(call, &found[i], fer_col_int(stmt, (int)i));
		r = 0;
	}
	for (size_t i = 0; i < FER_ARRAY_LEN(lists); i++)
		if (!fer_has(record, lists[i].name) && fer_count(&found[i]))
			fer_set(call->arena, record, lists[i].name, found[i]);
	return r;
}

static int rules_loaded(struct fer_call *call, struct fer_value *records, size_t n)
{
	int r = 0;

	for (size_t i = 0; !r && i < n; i++)
		r = read_lists(call, &records[i]);
	return r;
}

/* -- checks ------------------------------------------------------------------------------------------------------ */

/* What is wrong, by field: a later message about the same field takes the place of the earlier one. */
static void note(struct fer_call *call, struct fer_value *messages, const char *field, struct fer_str message)
{
	fer_set(call->arena, messages, field, fer_string(message));
}

static void note_required(struct fer_call *call, struct fer_value *messages, const char *field)
{
	note(call, messages, field, fer_str_fmt(call->arena, "\"%s\" is required. Enter and try again.", field));
}

static void check_number(struct fer_call *call, const struct fer_value *record, const char *field, struct fer_value *messages)
{
	struct fer_str text = fer_map_str(call->arena, record, field);

	if (!text.len || fer_map_int(record, field, 0) < 0)
		note(call, messages, field, fer_str_fmt(call->arena, "The %s value of \"%.*s\" must be greater than or equal to 0.", field,
		                                        FER_F(text)));
}

/* A class of the wrong type is told with Magento's own slip: the placeholder stays. */
static int check_class(struct fer_call *call, const struct list *list, int64_t id, struct fer_value *messages)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, FER_SQL_TAX_CLASS_TYPE, &stmt, "i", id);

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (r == 0)
		note(call, messages, "class_id", fer_str_fmt(call->arena, "No such entity with class_id = %lld", (long long)id));
	else if (!fer_str_is(fer_col_str(stmt, 0), list->type))
		note(call, messages, list->name, fer_str_fmt(call->arena, "No such entity with %s = %%fieldValue", list->name));
	return 0;
}

static int check_list(struct fer_call *call, const struct fer_value *record, const struct list *list, struct fer_value *messages)
{
	const struct fer_value *ids = fer_get(record, list->name);
	int r = 0;

	if (!fer_count(ids))
		note_required(call, messages, list->name);
	for (size_t i = 0; !r && list->type && i < fer_count(ids); i++)
		r = check_class(call, list, fer_as_int(fer_at(ids, i)), messages);
	return r;
}

static int refuse(struct fer_call *call, const struct fer_value *messages)
{
	struct fer_buf buf;

	fer_buf_init(&buf, call->arena, 65536);
	for (uint32_t i = 0; i < messages->map.n; i++) {
		if (i)
			fer_buf_char(&buf, '\n');
		fer_buf_str(&buf, messages->map.members[i].value.text);
	}
	return fer_fail(call, FER_E_TAX_RULE_INVALID, "messages", fer_string(fer_buf_view(&buf)), NULL);
}

/* Source: Magento_Tax Model\Calculation\Rule\Validator, 2.4.7 */
static int check_rule(struct fer_call *call, struct fer_value *record, const struct fer_value *old)
{
	struct fer_value messages = fer_map();
	int r = old ? read_lists(call, record) : 0;

	if (fer_map_int(record, "position", 0) < 0)
		check_number(call, record, "position", &messages);
	check_number(call, record, "priority", &messages);
	if (!fer_str_trim(fer_map_str(call->arena, record, "code")).len)
		note_required(call, &messages, "code");
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(lists); i++)
		r = check_list(call, record, &lists[i], &messages);
	return r || !fer_count(&messages) ? r : refuse(call, &messages);
}

/* -- saving ------------------------------------------------------------------------------------------------------ */

static int write_rows(struct fer_call *call, const struct fer_value *record, int64_t customer_class)
{
	const struct fer_value *products = fer_get(record, lists[1].name), *rates = fer_get(record, lists[2].name);
	int64_t id = fer_map_int(record, "id", 0);
	int r = 0;

	for (size_t p = 0; p < fer_count(products); p++)
		for (size_t n = 0; !r && n < fer_count(rates); n++)
			r = fer_sql_run(call->db, FER_SQL_TAX_RULE_ROW_ADD, NULL, "iiii", id, customer_class, fer_as_int(fer_at(products, p)),
			                fer_as_int(fer_at(rates, n)));
	return r;
}

/* The answer shows the numbers a rule has when none were sent. */
static void set_defaults(struct fer_call *call, struct fer_value *record)
{
	fer_set(call->arena, record, "position", fer_int(fer_map_int(record, "position", 0)));
	fer_set(call->arena, record, "calculate_subtotal", fer_bool(fer_map_bool(record, "calculate_subtotal", false)));
}

static int rule_saved(struct fer_call *call, struct fer_value *record, const struct fer_value *old FER_UNUSED)
{
	const struct fer_value *customers = fer_get(record, lists[0].name);
	int r = fer_sql_run(call->db, FER_SQL_TAX_RULE_ROWS_CLEAR, NULL, "i", fer_map_int(record, "id", 0));

	for (size_t i = 0; !r && i < fer_count(customers); i++)
		r = write_rows(call, record, fer_as_int(fer_at(customers, i)));
	set_defaults(call, record);
	return r;
}

const struct fer_entity fer_tax_rule = {
	.name = "tax-data-tax-rule-interface", .table = "tax_calculation_rule", FER_FIELDS(fields), .param = "rule", .path_id = "ruleId",
	.missing_field = "taxRuleId", .taken = FER_E_ALREADY_EXISTS, .echoes = true,
	.check = check_rule, .saved = rule_saved, .loaded = rules_loaded,
};

/* A rule that says nothing at all is not saved, and not refused either: Magento sees no change in it. */
static int save_rule(struct fer_call *call)
{
	struct fer_value nothing = fer_map();

	if (fer_count(fer_arg(call, "rule")))
		return fer_entity_save(call);
	set_defaults(call, &nothing);
	return fer_answer(call, fer_shape(call, &fer_tax_rule, &nothing));
}

#define ACL "Magento_Tax::manage_tax"
#define SOURCE "Magento_Tax webapi.xml"
#define RULE_BODY FER_PARAMS({ "rule", FER_OBJECT, FER_REQ, &fer_tax_rule, NULL })
#define ID_PATH FER_PARAMS({ "ruleId", FER_INT, FER_REQ, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/taxRules/search", ACL, .run = fer_entity_search, .of = &fer_tax_rule, FER_SEARCH_CRITERIA, .search = true,
	  .cached = true, .service = "taxTaxRuleRepositoryV1", .summary = "Tax rules that match", .source = SOURCE },
	{ FER_POST, "/V1/taxRules", ACL, .run = save_rule, .of = &fer_tax_rule, RULE_BODY,
	  .service = "taxTaxRuleRepositoryV1", .summary = "Make a tax rule; with an id, change it", .source = SOURCE },
	{ FER_PUT, "/V1/taxRules", ACL, .run = save_rule, .of = &fer_tax_rule, RULE_BODY,
	  .service = "taxTaxRuleRepositoryV1", .summary = "Change a tax rule; without an id, make one", .source = SOURCE },
	{ FER_GET, "/V1/taxRules/:ruleId", ACL, .run = fer_entity_get, .of = &fer_tax_rule, ID_PATH, .cached = true,
	  .service = "taxTaxRuleRepositoryV1", .summary = "One tax rule", .source = SOURCE },
	{ FER_DELETE, "/V1/taxRules/:ruleId", ACL, .run = fer_entity_delete, .of = &fer_tax_rule, ID_PATH, .returns = FER_BOOL,
	  .service = "taxTaxRuleRepositoryV1", .summary = "Remove a tax rule", .source = SOURCE },
};

const struct fer_route_table fer_routes_tax_rule = FER_ROUTE_TABLE(rows);
