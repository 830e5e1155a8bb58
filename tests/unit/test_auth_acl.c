/*
 * What roles may do, from rows in memory: inheritance, later rows, "all resources", resources nobody has a row for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/acl.h"

#define ALL "Magento_Backend::all"
#define ADMIN "Magento_Backend::admin"
#define CATALOG "Magento_Catalog::catalog"
#define PRODUCTS "Magento_Catalog::products"
#define SALES "Magento_Sales::sales"
#define ORDERS "Magento_Sales::sales_order"
#define DASHBOARD "Magento_Backend::dashboard"
#define VIEW "Magento_Sales::actions_view"

struct rule {
	int64_t role;
	const char *resource;
	bool allow;
};

static const struct fer_acl_role_row roles[] = {
	{ 1, 0, 0, 2 },    /* group */
	{ 2, 1, 7, 2 },    /* admin 7 */
	{ 3, 0, 0, 2 },    /* another group */
	{ 4, 3, 8, 2 },    /* admin 8 */
	{ 5, 0, 1, 1 },    /* integration 1, rules of its own */
	{ 6, 3, 7, 2 },    /* a second row of admin 7: the first one counts */
	{ 7, 99, 9, 2 },   /* admin 9 of a role that is gone */
};

static const struct {
	const char *name;
	struct rule rules[8];
	int64_t type, user;
	const char *resource;
	bool allowed;
} rows[] = {
	{ "no rule at all", { { 0 } }, 2, 7, PRODUCTS, false },
	{ "all resources", { { 1, ALL, true } }, 2, 7, PRODUCTS, true },
	{ "all resources, what is in no tree", { { 1, ALL, true } }, 2, 7, "self", true },
	{ "another role's rules do not count", { { 1, ALL, true } }, 2, 8, PRODUCTS, false },
	{ "an integration's own rules", { { 5, ALL, true } }, 1, 1, PRODUCTS, true },
	{ "user type counts", { { 5, ALL, true } }, 2, 1, PRODUCTS, false },
	{ "explicit allow", { { 1, PRODUCTS, true }, { 1, CATALOG, false } }, 2, 7, PRODUCTS, true },
	{ "explicit deny", { { 1, PRODUCTS, false }, { 1, CATALOG, true } }, 2, 7, PRODUCTS, false },
	{ "the later row wins", { { 1, PRODUCTS, false }, { 1, PRODUCTS, true } }, 2, 7, PRODUCTS, true },
	{ "the later row wins, deny", { { 1, PRODUCTS, true }, { 1, PRODUCTS, false } }, 2, 7, PRODUCTS, false },
	{ "inherited from the resource above", { { 1, SALES, true } }, 2, 7, VIEW, true },
	{ "nearest word decides", { { 1, SALES, true }, { 1, ORDERS, false } }, 2, 7, VIEW, false },
	{ "deny of a thing under all", { { 1, ALL, true }, { 1, ORDERS, false } }, 2, 7, VIEW, false },
	{ "beside a deny under all, what others know is allowed", { { 1, ALL, true }, { 1, ORDERS, false }, { 3, DASHBOARD, true }, { 3, ADMIN, true } }, 2, 7, DASHBOARD, true },
	{ "unless something above it is known to nobody", { { 1, ALL, true }, { 1, ORDERS, false }, { 3, DASHBOARD, true } }, 2, 7, DASHBOARD, false },
	{ "unknown resources are refused to who was refused something", { { 1, ALL, true }, { 1, ORDERS, false } }, 2, 7, PRODUCTS, false },
	{ "but not to others", { { 1, ALL, true }, { 3, ORDERS, false } }, 2, 7, PRODUCTS, true },
	{ "only all is known: nothing is filled in", { { 1, ALL, true }, { 3, ALL, false } }, 2, 8, "self", false },
	{ "a resource another role knows falls back to the one above", { { 1, SALES, true }, { 1, PRODUCTS, false }, { 3, VIEW, true }, { 3, ORDERS, true }, { 3, "Magento_Sales::actions", true }, { 3, "Magento_Sales::sales_operation", true } }, 2, 7, VIEW, true },
	{ "what is in no tree needs all resources", { { 1, ADMIN, true }, { 1, PRODUCTS, true } }, 2, 7, "self", false },
	{ "admin's first row", { { 3, ALL, true } }, 2, 7, PRODUCTS, false },
	{ "a role that is gone gives nothing", { { 1, ALL, true } }, 2, 9, PRODUCTS, false },
	{ "no role", { { 1, ALL, true } }, 2, 1000, PRODUCTS, false },
	{ "a rule on what is in no tree is ignored", { { 1, "Magento_Nothing::here", true } }, 2, 7, "Magento_Nothing::here", false },
	{ "own rule before the parent's", { { 1, PRODUCTS, true }, { 2, PRODUCTS, false } }, 2, 7, PRODUCTS, false },
	{ "a role that knows nothing of ferrite inherits nothing there", { { 1, ADMIN, true }, { 3, "Ferrite_Token::list", true } }, 2, 7, "Ferrite_Token::list", false },
	{ "nearer resource before own rule", { { 1, PRODUCTS, true }, { 2, CATALOG, false } }, 2, 7, PRODUCTS, true },
};

static void every_case_is_decided_as_magento_does(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(rows); i++) {
		struct fer_acl_rule_row rules[8];
		struct fer_acl *acl;
		size_t n = 0;

		for (; n < 8 && rows[i].rules[n].resource; n++)
			rules[n] = (struct fer_acl_rule_row){ rows[i].rules[n].role, fer_acl_lookup(rows[i].rules[n].resource), rows[i].rules[n].allow };
		print_message("  %s\n", rows[i].name);
		assert_int_equal(fer_acl_build(roles, FER_ARRAY_LEN(roles), rules, n, &acl), 0);
		assert_int_equal(fer_acl_allows(fer_acl_role_of(acl, rows[i].type, rows[i].user), fer_acl_lookup(rows[i].resource)), rows[i].allowed);
		fer_acl_free(acl);
	}
}

static void a_role_that_is_its_own_parent_ends(void **state)
{
	static const struct fer_acl_role_row circle[] = { { 1, 2, 5, 2 }, { 2, 1, 6, 2 }, { 3, 3, 7, 2 } };
	struct fer_acl *acl;

	assert_int_equal(fer_acl_build(circle, 3, NULL, 0, &acl), 0);
	assert_false(fer_acl_allows(fer_acl_role_of(acl, 2, 5), fer_acl_lookup(PRODUCTS)));
	fer_acl_free(acl);
}

static void every_resource_is_found_by_its_id(void **state)
{
	int n = fer_acl_n_resources(), of_magento = 0;

	for (int i = 0; i < n; i++) {
		const struct fer_acl_resource *resource = fer_acl_resource(i);

		assert_int_equal(fer_acl_lookup(resource->id), i);
		assert_true(resource->parent < i);
		assert_true(resource->title[0] != '\0');
		assert_true(resource->parent >= 0 || !strcmp(resource->id, ALL) || !strcmp(resource->id, ADMIN) ||
		            !strcmp(resource->id, "Ferrite_Core::ferrite"));
		of_magento += strncmp(resource->id, "Ferrite_", 8) != 0;
	}
	assert_int_equal(of_magento, 274);
	assert_int_equal(fer_acl_lookup("self"), FER_ACL_UNKNOWN);
	assert_int_equal(fer_acl_lookup("anonymous"), FER_ACL_UNKNOWN);
	assert_int_equal(fer_acl_lookup(""), FER_ACL_UNKNOWN);
	assert_int_equal(fer_acl_lookup("magento_backend::all"), FER_ACL_UNKNOWN);
}

static void nobody_may_nothing(void **state)
{
	assert_false(fer_acl_allows(NULL, 0));
	assert_false(fer_acl_allows(NULL, FER_ACL_UNKNOWN));
	assert_false(fer_acl_allows_all(NULL));
}

static void a_scope_narrows_and_never_widens(void **state)
{
	struct fer_acl_rule_row rules[] = { { 1, fer_acl_lookup(PRODUCTS), true } };
	struct fer_caller caller = { .type = FER_USER_ADMIN, .id = 7, .scoped = true };
	int products = fer_acl_lookup(PRODUCTS), orders = fer_acl_lookup(ORDERS);
	struct fer_acl *acl;

	assert_int_equal(fer_acl_build(roles, FER_ARRAY_LEN(roles), rules, 1, &acl), 0);
	caller.role = fer_acl_role_of(acl, FER_USER_ADMIN, 7);
	assert_false(fer_caller_allows(&caller, products));
	fer_acl_scope_add(&caller.scope, products);
	fer_acl_scope_add(&caller.scope, orders);
	assert_true(fer_caller_allows(&caller, products));
	assert_false(fer_caller_allows(&caller, orders));
	assert_false(fer_caller_allows(&caller, FER_ACL_UNKNOWN));
	caller.role = NULL;
	assert_false(fer_caller_allows(&caller, products));
	fer_acl_free(acl);
}

static void what_is_in_no_tree_is_in_no_scope(void **state)
{
	struct fer_acl_rule_row all[] = { { 1, fer_acl_lookup(ALL), true } };
	struct fer_caller caller = { .type = FER_USER_ADMIN, .id = 7, .scoped = true };
	struct fer_acl *acl;

	assert_int_equal(fer_acl_build(roles, FER_ARRAY_LEN(roles), all, 1, &acl), 0);
	caller.role = fer_acl_role_of(acl, FER_USER_ADMIN, 7);
	memset(&caller.scope, 0xff, sizeof(caller.scope));
	for (int i = 0; i < fer_acl_n_resources(); i++)
		assert_true(fer_caller_allows(&caller, i));
	assert_false(fer_caller_allows(&caller, FER_ACL_UNKNOWN));
	caller.scoped = false;
	assert_true(fer_caller_allows(&caller, FER_ACL_UNKNOWN));
	fer_acl_free(acl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_decided_as_magento_does),
		cmocka_unit_test(a_role_that_is_its_own_parent_ends),
		cmocka_unit_test(every_resource_is_found_by_its_id),
		cmocka_unit_test(nobody_may_nothing),
		cmocka_unit_test(a_scope_narrows_and_never_widens),
		cmocka_unit_test(what_is_in_no_tree_is_in_no_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
