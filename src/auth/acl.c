/*
 * Magento's resource tree and what roles make of it. Everything is worked out when roles or rules change, so that a
 * request tests one bit.
 */
#include "auth/acl.h"

#include <errno.h>

#define N_RESOURCES FER_ACL_N_RESOURCES
#define ROOT 0                 /* Magento_Backend::all */
#define CHAIN_MAX 8            /* a role, its parent, and so on; Magento makes two */

enum { NONE, ALLOW, DENY };

static const struct {
	const char *id, *parent, *title;
	int sort_order;
} tree_rows[N_RESOURCES] = {
#define X(id_, parent_, title_, sort_order_) { id_, parent_, title_, sort_order_ },
#include "auth/acl_tree.def"
#undef X
};

struct fer_acl_role {
	int64_t id, group;         /* group: the role it was given, or its own id */
	bool all;
	struct fer_acl_scope allowed;
};

/* Whose role: the first row of a user. */
struct holder {
	int64_t user_type, user_id;
	size_t role;               /* index */
};

struct fer_acl {
	struct fer_acl_role *roles;    /* in the order of their ids */
	size_t n_roles;
	struct holder *holders;        /* sorted */
	size_t n_holders;
};

/* -- the tree --------------------------------------------------------------------------------------------------- */

static struct fer_acl_resource tree[N_RESOURCES];
static int by_id[N_RESOURCES];

static int order_by_id(const void *a, const void *b)
{
	return strcmp(tree_rows[*(const int *)a].id, tree_rows[*(const int *)b].id);
}

/* Filled before main, so that what follows is a constant for everybody. */
__attribute__((constructor)) static void tree_init(void)
{
	for (int i = 0; i < N_RESOURCES; i++) {
		tree[i] = (struct fer_acl_resource){ tree_rows[i].id, -1, tree_rows[i].title, tree_rows[i].sort_order };
		for (int j = 0; j < i; j++)
			if (!strcmp(tree_rows[j].id, tree_rows[i].parent))
				tree[i].parent = j;
		by_id[i] = i;
	}
	qsort(by_id, N_RESOURCES, sizeof(by_id[0]), order_by_id);
}

int fer_acl_lookup_str(struct fer_str resource)
{
	int low = 0, high = N_RESOURCES - 1;

	while (low <= high) {
		int middle = (low + high) / 2, order = fer_str_cmp(resource, fer_str(tree[by_id[middle]].id));

		if (!order)
			return by_id[middle];
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return FER_ACL_UNKNOWN;
}

int fer_acl_lookup(const char *resource)
{
	return fer_acl_lookup_str(fer_str(resource));
}

int fer_acl_n_resources(void)
{
	return N_RESOURCES;
}

const struct fer_acl_resource *fer_acl_resource(int index)
{
	return &tree[index];
}

/* -- reading ---------------------------------------------------------------------------------------------------- */

bool fer_acl_allows(const struct fer_acl_role *role, int index)
{
	if (!role)
		return false;
	return index < 0 ? role->all : fer_acl_scope_has(&role->allowed, index);
}

bool fer_caller_allows(const struct fer_caller *caller, int index)
{
	return (!caller->scoped || fer_acl_scope_has(&caller->scope, index)) && fer_acl_allows(caller->role, index);
}

bool fer_acl_allows_all(const struct fer_acl_role *role)
{
	return role && role->all;
}

int64_t fer_acl_role_id(const struct fer_acl_role *role)
{
	return role->id;
}

int64_t fer_acl_role_group(const struct fer_acl_role *role)
{
	return role->group;
}

static int order_holders(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->user_type != y->user_type)
		return x->user_type < y->user_type ? -1 : 1;
	if (x->user_id != y->user_id)
		return x->user_id < y->user_id ? -1 : 1;
	return x->role < y->role ? -1 : x->role > y->role;
}

const struct fer_acl_role *fer_acl_role_of(const struct fer_acl *acl, int64_t user_type, int64_t user_id)
{
	struct holder key = { user_type, user_id, 0 };
	size_t low = 0, high = acl->n_holders;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (order_holders(&acl->holders[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == acl->n_holders || acl->holders[low].user_type != user_type || acl->holders[low].user_id != user_id)
		return NULL;
	return &acl->roles[acl->holders[low].role];
}

static ptrdiff_t role_index(const struct fer_acl *acl, int64_t role_id)
{
	size_t low = 0, high = acl->n_roles;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (acl->roles[middle].id < role_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < acl->n_roles && acl->roles[low].id == role_id ? (ptrdiff_t)low : -1;
}

const struct fer_acl_role *fer_acl_role(const struct fer_acl *acl, int64_t role_id)
{
	ptrdiff_t i = role_index(acl, role_id);

	return i < 0 ? NULL : &acl->roles[i];
}

/* -- working out ------------------------------------------------------------------------------------------------ */

/* What the rows say themselves, before anything is inherited. */
struct rules {
	unsigned char (*said)[N_RESOURCES];   /* a row a role */
	bool *has_all, *has_deny;             /* a byte a role */
	bool known[N_RESOURCES];              /* some role has a row for it */
};

static void rules_release(struct rules *rules)
{
	free(rules->said);
	free(rules->has_all);
	free(rules->has_deny);
}

static int rules_init(struct rules *rules, size_t n_roles)
{
	*rules = (struct rules){ .said = calloc(n_roles + 1, sizeof(*rules->said)), .has_all = calloc(n_roles + 1, 1),
	                         .has_deny = calloc(n_roles + 1, 1) };
	return rules->said && rules->has_all && rules->has_deny ? 0 : -ENOMEM;
}

static void rules_read(struct rules *rules, const struct fer_acl *acl, const struct fer_acl_rule_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ptrdiff_t role = role_index(acl, rows[i].role_id);

		if (role < 0 || rows[i].resource < 0)
			continue;
		rules->said[role][rows[i].resource] = rows[i].allow ? ALLOW : DENY;
		rules->known[rows[i].resource] = true;
		rules->has_all[role] |= rows[i].allow && rows[i].resource == ROOT;
		rules->has_deny[role] |= !rows[i].allow;
	}
}

/* A resource no role has a row for came with a later version: whoever was refused anything is refused it too. */
static void rules_fill_in(struct rules *rules, size_t n_roles)
{
	size_t n_known = 0;

	for (int i = 0; i < N_RESOURCES; i++)
		n_known += rules->known[i];
	if (n_known == rules->known[ROOT])
		return;
	for (size_t role = 0; role < n_roles; role++)
		for (int i = 0; i < N_RESOURCES && rules->has_deny[role]; i++)
			if (!rules->known[i])
				rules->said[role][i] = DENY;
}

/* A role and the roles it inherits from, nearest first. */
struct chain {
	size_t roles[CHAIN_MAX];
	int n;
};

static void chain_follow(struct chain *chain, const struct fer_acl *acl, const struct fer_acl_role_row *rows, size_t role)
{
	ptrdiff_t next = (ptrdiff_t)role;

	for (chain->n = 0; next >= 0 && chain->n < CHAIN_MAX; chain->n++) {
		chain->roles[chain->n] = (size_t)next;
		next = rows[next].parent_id > 0 ? role_index(acl, rows[next].parent_id) : -1;
	}
}

static enum fer_acl_rule rule_of(const struct rules *rules, int resource, int node)
{
	if (!rules->known[node])
		return FER_ACL_NEW;
	return node == ROOT && resource != ROOT ? FER_ACL_ALL : node == resource ? FER_ACL_OWN : FER_ACL_INHERITED;
}

/* The first word on @resource or on what stands above it, the role's own before its parents'. */
static struct fer_acl_word decide(const struct rules *rules, const struct chain *chain, int resource, bool all)
{
	for (int node = resource; node >= 0; node = tree[node].parent)
		for (int i = 0; i < chain->n; i++)
			if (rules->said[chain->roles[i]][node] != NONE)
				return (struct fer_acl_word){ rules->said[chain->roles[i]][node] == ALLOW, rule_of(rules, resource, node), node };
	return (struct fer_acl_word){ all, all ? FER_ACL_ALL : FER_ACL_NONE, all ? ROOT : FER_ACL_UNKNOWN };
}

static void role_work_out(struct fer_acl *acl, const struct rules *rules, const struct fer_acl_role_row *rows, size_t index)
{
	struct fer_acl_role *role = &acl->roles[index];
	struct chain chain;

	chain_follow(&chain, acl, rows, index);
	for (int i = 0; i < chain.n; i++)
		role->all |= rules->has_all[chain.roles[i]];
	for (int i = 0; i < N_RESOURCES; i++)
		if (decide(rules, &chain, i, role->all).allowed)
			fer_acl_scope_add(&role->allowed, i);
}

static void holders_fill(struct fer_acl *acl, const struct fer_acl_role_row *rows)
{
	for (size_t i = 0; i < acl->n_roles; i++)
		if (rows[i].user_id > 0)
			acl->holders[acl->n_holders++] = (struct holder){ rows[i].user_type, rows[i].user_id, i };
	if (acl->n_holders)
		qsort(acl->holders, acl->n_holders, sizeof(acl->holders[0]), order_holders);
}

static struct fer_acl *acl_new(size_t n_roles)
{
	struct fer_acl *acl = calloc(1, sizeof(*acl));

	if (!acl)
		return NULL;
	acl->roles = calloc(n_roles + 1, sizeof(*acl->roles));
	acl->holders = calloc(n_roles + 1, sizeof(*acl->holders));
	acl->n_roles = n_roles;
	if (acl->roles && acl->holders)
		return acl;
	fer_acl_free(acl);
	return NULL;
}

int fer_acl_build(const struct fer_acl_role_row *roles, size_t n_roles, const struct fer_acl_rule_row *rules, size_t n_rules,
                  struct fer_acl **out)
{
	FER_CLEANUP(rules_release) struct rules said = { 0 };
	struct fer_acl *acl = acl_new(n_roles);

	if (!acl || rules_init(&said, n_roles)) {
		fer_acl_free(acl);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_roles; i++)
		acl->roles[i] = (struct fer_acl_role){ .id = roles[i].role_id,
		                                       .group = roles[i].parent_id > 0 ? roles[i].parent_id : roles[i].role_id };
	rules_read(&said, acl, rules, n_rules);
	rules_fill_in(&said, n_roles);
	for (size_t i = 0; i < n_roles; i++)
		role_work_out(acl, &said, roles, i);
	holders_fill(acl, roles);
	*out = acl;
	return 0;
}

void fer_acl_free(struct fer_acl *acl)
{
	if (!acl)
		return;
	free(acl->roles);
	free(acl->holders);
	free(acl);
}

/* -- loading ---------------------------------------------------------------------------------------------------- */

/* Rows of either kind, as they come. */
struct rows {
	char *at;
	size_t n, size, width;
};

static void rows_release(struct rows *rows)
{
	free(rows->at);
}

static void *rows_add(struct rows *rows)
{
	if (rows->n == rows->size) {
		size_t size = rows->size ? rows->size * 2 : 64;
		char *at = realloc(rows->at, size * rows->width);

		if (!at)
			return NULL;
		rows->at = at;
		rows->size = size;
	}
	return rows->at + rows->n++ * rows->width;
}

static int load(struct fer_db *db, enum fer_sql sql, struct rows *rows, void (*fill)(struct fer_stmt *stmt, void *row))
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, sql, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		void *row = rows_add(rows);

		if (!row)
			return -ENOMEM;
		fill(stmt, row);
	}
	return r;
}

static void fill_role(struct fer_stmt *stmt, void *row)
{
	*(struct fer_acl_role_row *)row = (struct fer_acl_role_row){
		.role_id = fer_col_int(stmt, 0), .parent_id = fer_col_int(stmt, 1), .user_id = fer_col_int(stmt, 2),
		.user_type = fer_col_int(stmt, 3),
	};
}

static void fill_rule(struct fer_stmt *stmt, void *row)
{
	*(struct fer_acl_rule_row *)row = (struct fer_acl_rule_row){
		.role_id = fer_col_int(stmt, 0), .resource = fer_acl_lookup_str(fer_col_str(stmt, 1)),
		.allow = fer_str_is(fer_col_str(stmt, 2), "allow"),
	};
}

struct stored {
	struct rows roles, rules;
};

static void stored_release(struct stored *stored)
{
	rows_release(&stored->roles);
	rows_release(&stored->rules);
}

static int stored_load(struct fer_db *db, struct stored *out)
{
	int r;

	*out = (struct stored){ { .width = sizeof(struct fer_acl_role_row) }, { .width = sizeof(struct fer_acl_rule_row) } };
	r = load(db, FER_SQL_ACL_ROLES, &out->roles, fill_role);
	return r ? r : load(db, FER_SQL_ACL_RULES, &out->rules, fill_rule);
}

static int stored_build(const struct stored *stored, struct fer_acl **out)
{
	return fer_acl_build((const void *)stored->roles.at, stored->roles.n, (const void *)stored->rules.at, stored->rules.n, out);
}

int fer_acl_load(struct fer_db *db, struct fer_acl **out)
{
	FER_CLEANUP(stored_release) struct stored stored;
	int r = stored_load(db, &stored);

	return r ? r : stored_build(&stored, out);
}

/* -- explaining --------------------------------------------------------------------------------------------------- */

static int explain(const struct stored *stored, struct fer_acl *acl, const struct fer_acl_role *role, struct fer_acl_word *out)
{
	FER_CLEANUP(rules_release) struct rules said = { 0 };
	struct chain chain;

	if (rules_init(&said, acl->n_roles))
		return -ENOMEM;
	rules_read(&said, acl, (const void *)stored->rules.at, stored->rules.n);
	rules_fill_in(&said, acl->n_roles);
	chain_follow(&chain, acl, (const void *)stored->roles.at, (size_t)(role - acl->roles));
	for (int i = 0; i < N_RESOURCES; i++)
		out[i] = decide(&said, &chain, i, role->all);
	return 0;
}

int fer_acl_explain(struct fer_db *db, int64_t user_type, int64_t user_id, struct fer_acl_word *out, int64_t *role_id)
{
	FER_CLEANUP(stored_release) struct stored stored;
	const struct fer_acl_role *role;
	struct fer_acl *acl = NULL;
	int r;

	*role_id = 0;
	for (int i = 0; i < N_RESOURCES; i++)
		out[i] = (struct fer_acl_word){ false, FER_ACL_NONE, FER_ACL_UNKNOWN };
	if ((r = stored_load(db, &stored)) || (r = stored_build(&stored, &acl)))
		return r;
	if ((role = fer_acl_role_of(acl, user_type, user_id))) {
		*role_id = role->id;
		r = explain(&stored, acl, role, out);
	}
	fer_acl_free(acl);
	return r;
}
