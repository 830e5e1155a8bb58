/*
 * Magento_SalesRule: many coupons in one request: generated for a rule, or removed by their ids or codes. Each request is one
 * transaction.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "promo/promo.h"

#include "api/server.h"
#include "auth/password.h"
#include "core/clock.h"
#include "store/config.h"

#define CODE_SIZE 255            /* of the column */
#define GUESS 0.25               /* a code is made longer where a guess would hit more often */
#define ATTEMPTS 10
#define QUANTITY_PATH "promo/auto_generated_coupon_codes/quantity_limit"

/* -- generating -------------------------------------------------------------------------------------------------- */

static const struct fer_field spec_fields[] = {
	FER_FIELD("rule_id",              FER_INT,       NULL, 0, "a rule whose coupons are generated"),
	FER_FIELD("format",               FER_STRING,    NULL, 0, "alphanum, alpha or num"),
	FER_FIELD("quantity",             FER_INT,       NULL, 0, "how many"),
	FER_FIELD("length",               FER_INT,       NULL, 0, "characters, without prefix, suffix and delimiters"),
	FER_FIELD("prefix",               FER_STRING,    NULL, 0, "before each code"),
	FER_FIELD("suffix",               FER_STRING,    NULL, 0, "behind each code"),
	FER_FIELD("delimiter_at_every",   FER_INT,       NULL, 0, "so many characters stand between delimiters; 0: none"),
	FER_FIELD("delimiter",            FER_STRING,    NULL, 0, "- when none is given"),
	FER_FIELD("extension_attributes", FER_EXTENSION, NULL, 0, "none", .of = &fer_no_extension),
};

static const struct fer_entity spec_entity = { .name = "sales-rule-data-coupon-generation-spec-interface", FER_FIELDS(spec_fields) };

static const struct format { const char *name, *letters; } formats[] = {
	{ "alphanum", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" }, { "alpha", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" }, { "num", "0123456789" },
};

struct batch {
	int64_t rule_id, quantity, length, every;
	const char *letters;             /* NULL: no such format */
	struct fer_str prefix, suffix, delimiter;
	struct fer_coupon_terms terms;
	struct fer_value codes;
};

static int refuse(struct fer_call *call, const char *why)
{
	return fer_fail(call, FER_E_COUPON_GENERATE, "1", fer_text(why), NULL);
}

static void read_spec(struct fer_call *call, struct batch *batch)
{
	const struct fer_value *spec = fer_arg(call, "couponSpec");
	struct fer_str format = fer_map_str(call->arena, spec, "format");

	*batch = (struct batch){
		.rule_id = fer_map_int(spec, "rule_id", 0), .quantity = fer_map_int(spec, "quantity", 0),
		.length = fer_map_int(spec, "length", 0), .every = fer_map_int(spec, "delimiter_at_every", 0),
		.prefix = fer_map_str(call->arena, spec, "prefix"), .suffix = fer_map_str(call->arena, spec, "suffix"),
		.delimiter = fer_map_str(call->arena, spec, "delimiter"), .letters = format.len ? NULL : formats[0].letters,
	};
	for (size_t i = 0; i < FER_ARRAY_LEN(formats); i++)
		if (fer_str_is(format, formats[i].name))
			batch->letters = formats[i].letters;
	if (!batch->delimiter.len || fer_str_is(batch->delimiter, "0"))
		batch->delimiter = FER_S("-");
}

/* Longer codes where they would be guessed too easily. Source: Magento_SalesRule Model\Coupon\Massgenerator, 2.4.7 */
static void lengthen(struct batch *batch)
{
	double letters = (double)strlen(batch->letters);

	while ((double)batch->quantity / pow(letters, (double)batch->length) > GUESS)
		batch->length++;
}

static size_t code_size(const struct batch *batch)
{
	size_t gaps = batch->every > 0 ? (size_t)((batch->length - 1) / batch->every) : 0;

	return (size_t)batch->length + gaps * batch->delimiter.len + batch->prefix.len + batch->suffix.len;
}

static int check_batch(struct fer_call *call, struct batch *batch)
{
	int64_t most = fer_config_int(call->server->store, call->store_id, QUANTITY_PATH, 0);

	if (batch->quantity <= 0 || batch->rule_id <= 0 || batch->length <= 0)
		return fer_fail(call, FER_E_INPUT_EXCEPTIONS, NULL);
	if (most > 0 && batch->quantity > most)
		return refuse(call, "The quantity is larger than the store's configuration allows.");
	if (batch->length <= CODE_SIZE && batch->letters)
		lengthen(batch);
	if (batch->length > CODE_SIZE || batch->delimiter.len > CODE_SIZE || (batch->letters && code_size(batch) > CODE_SIZE))
		return refuse(call, "The codes would be longer than 255 characters.");
	return 0;
}

static int check_rule(struct fer_call *call, struct batch *batch)
{
	int r = fer_coupon_terms(call, batch->rule_id, &batch->terms);

	if (r)
		return r;
	if (!batch->terms.found)
		return refuse(call, fer_str_fmt(call->arena, "No such entity with rule_id = %lld", (long long)batch->rule_id).at);
	if (!batch->terms.generated && batch->terms.type != FER_COUPON_AUTO)
		return refuse(call, "Specified rule does not allow automatic coupon generation");
	return batch->letters ? 0 : refuse(call, "The coupon format is unknown.");
}

static size_t put(char *out, size_t n, struct fer_str text)
{
	memcpy(out + n, text.len ? text.at : "", text.len);
	return n + text.len;
}

/* Into @out, which code_size fits. */
static struct fer_str make_code(char out[CODE_SIZE], const struct batch *batch)
{
	char letters[CODE_SIZE + 1];
	size_t n = put(out, 0, batch->prefix);

	fer_random_text(letters, (size_t)batch->length, batch->letters);
	for (int64_t i = 0; i < batch->length; i++) {
		if (i && batch->every > 0 && i % batch->every == 0)
			n = put(out, n, batch->delimiter);
		out[n++] = letters[i];
	}
	return (struct fer_str){ out, put(out, n, batch->suffix) };
}

/* The unique key says whether a code is new. */
static int add_code(struct fer_call *call, struct batch *batch, struct fer_str now)
{
	char text[CODE_SIZE];
	int r = -EEXIST;

	for (int i = 0; r == -EEXIST && i < ATTEMPTS; i++) {
		struct fer_str code = make_code(text, batch);

		r = fer_sql_run(call->db, FER_SQL_COUPON_GENERATED, NULL, "isiis", batch->rule_id, code, batch->terms.limit,
		                batch->terms.per_customer, now);
		if (!r)
			fer_push(call->arena, &batch->codes, fer_string(fer_str_dup(call->arena, code)));
	}
	return r == -EEXIST ? refuse(call, "We cannot create the requested Coupon Qty. Please check your settings and try again.") : r;
}

static int add_codes(struct fer_call *call, void *data)
{
	struct batch *batch = data;
	struct fer_str now = fer_time_text(call->arena, call->now_s);
	int r = check_rule(call, batch);

	batch->codes = fer_list();
	for (int64_t i = 0; !r && i < batch->quantity; i++)
		r = fer_arena_broken(call->arena) ? -ENOMEM : add_code(call, batch, now);
	return r;
}

static int generate(struct fer_call *call)
{
	struct batch batch;
	int r;

	read_spec(call, &batch);
	if ((r = check_batch(call, &batch)) || (r = fer_tx(call, 0, add_codes, &batch)))
		return r;
	return fer_answer(call, batch.codes);
}

/* -- removing ---------------------------------------------------------------------------------------------------- */

static const struct fer_field result_fields[] = {
	FER_FIELD("failed_items",  FER_STRING, NULL, FER_MANY, "those that could not be removed: always none, for all go or none"),
	FER_FIELD("missing_items", FER_STRING, NULL, FER_MANY, "those that there are not, each once"),
};

static const struct fer_entity result_entity = { .name = "sales-rule-data-coupon-mass-delete-result-interface", FER_FIELDS(result_fields) };

/* A coupon that is asked for, and what was found. */
struct asked {
	struct fer_str name;             /* id or code, as it was sent */
	int64_t id;                      /* 0: there is none */
	bool exact;                      /* its id or code is spelt so; Magento calls another spelling missing, though it removes the coupon */
	bool again;                      /* asked for before */
	size_t place;
};

struct removal {
	enum fer_sql find;
	int column;                      /* of the row, that is compared with the name */
	const struct fer_value *names;
	struct asked *asked;
	size_t n;
	struct fer_value missing;
};

static int by_name(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;
	int order = fer_str_cmp(x->name, y->name);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_id(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_place(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

static int find(struct fer_call *call, const struct removal *removal, struct asked *asked)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(call->db, removal->find, &stmt, "s", asked->name);

	if (r || (r = fer_stmt_step(stmt)) != 1)
		return r;
	asked->id = fer_col_int(stmt, 0);
	asked->exact = fer_str_eq(fer_col_str(stmt, removal->column), asked->name);
	return 0;
}

static int find_all(struct fer_call *call, struct removal *removal)
{
	int r = 0;

	removal->n = fer_count(removal->names);
	removal->asked = FER_NEW_ARRAY(call->arena, removal->n, struct asked);
	for (size_t i = 0; !r && i < removal->n; i++) {
		removal->asked[i].name = fer_as_str(call->arena, fer_at(removal->names, i));
		removal->asked[i].place = i;
		r = find(call, removal, &removal->asked[i]);
	}
	return r;
}

/* Every name stands for a coupon of its own. */
static int check_all(struct fer_call *call, struct removal *removal)
{
	qsort(removal->asked, removal->n, sizeof(*removal->asked), by_id);
	for (size_t i = 0; i < removal->n; i++)
		if (!removal->asked[i].id || (i && removal->asked[i].id == removal->asked[i - 1].id))
			return fer_fail(call, FER_E_COUPONS_INVALID, NULL);
	return 0;
}

/* What is missing, each name once, in the order it was asked for. */
static void list_missing(struct fer_call *call, struct removal *removal)
{
	struct asked *asked = removal->asked;

	qsort(asked, removal->n, sizeof(*asked), by_name);
	for (size_t i = 1; i < removal->n; i++)
		asked[i].again = fer_str_eq(asked[i].name, asked[i - 1].name);
	qsort(asked, removal->n, sizeof(*asked), by_place);
	removal->missing = fer_list();
	for (size_t i = 0; i < removal->n; i++)
		if (!asked[i].again && !asked[i].exact)
			fer_push(call->arena, &removal->missing, fer_string(asked[i].name));
}

static int remove_all(struct fer_call *call, void *data)
{
	struct removal *removal = data;
	int r = find_all(call, removal);

	if (!r && !fer_arg_bool(call, "ignoreInvalidCoupons", true))
		r = check_all(call, removal);
	for (size_t i = 0; !r && i < removal->n; i++)
		if (removal->asked[i].id)
			r = fer_sql_run(call->db, FER_SQL_COUPON_REMOVE, NULL, "i", removal->asked[i].id);
	list_missing(call, removal);
	return r;
}

static int run_removal(struct fer_call *call, struct removal *removal)
{
	struct fer_value out = fer_map();
	int r = fer_tx(call, 0, remove_all, removal);

	if (r)
		return r;
	fer_set(call->arena, &out, "failed_items", fer_list());
	fer_set(call->arena, &out, "missing_items", removal->missing);
	return fer_answer(call, out);
}

static int delete_by_ids(struct fer_call *call)
{
	return run_removal(call, &(struct removal){ .find = FER_SQL_COUPON_BY_ID, .column = 0, .names = fer_arg(call, "ids") });
}

static int delete_by_codes(struct fer_call *call)
{
	return run_removal(call, &(struct removal){ .find = FER_SQL_COUPON_BY_CODE, .column = 1, .names = fer_arg(call, "codes") });
}

#define REMOVAL(name, type) FER_PARAMS({ name, type, FER_REQ | FER_MANY, NULL, NULL }, { "ignoreInvalidCoupons", FER_BOOL, 0, NULL, NULL })

static const struct fer_route rows[] = {
	{ FER_POST, "/V1/coupons/generate", FER_PROMO_ACL, .run = generate, .returns = FER_STRING, .many = true,
	  FER_PARAMS({ "couponSpec", FER_OBJECT, FER_REQ, &spec_entity, NULL }),
	  .service = "salesRuleCouponManagementV1", .summary = "Make random codes for a rule", .source = FER_PROMO_SOURCE },
	{ FER_POST, "/V1/coupons/deleteByIds", FER_PROMO_ACL, .run = delete_by_ids, .of = &result_entity, REMOVAL("ids", FER_INT),
	  .service = "salesRuleCouponManagementV1", .summary = "Remove coupons by their ids", .source = FER_PROMO_SOURCE },
	{ FER_POST, "/V1/coupons/deleteByCodes", FER_PROMO_ACL, .run = delete_by_codes, .of = &result_entity, REMOVAL("codes", FER_STRING),
	  .service = "salesRuleCouponManagementV1", .summary = "Remove coupons by their codes", .source = FER_PROMO_SOURCE },
};

const struct fer_route_table fer_routes_coupon_batch = FER_ROUTE_TABLE(rows);
