/*
 * Two sorted lists walked side by side, then the rules of an import: which differences are acted upon, and which refuse the whole.
 */
#include "auth/config_plan.h"

#include <errno.h>

#include "auth/config_secret.h"
#include "auth/shop_config.h"
#include "store/config_path.h"

#define FAULTS_MAX 20

/* -- comparing --------------------------------------------------------------------------------------------------- */

static bool same_text(struct fer_str a, struct fer_str b)
{
	return (a.at != NULL) == (b.at != NULL) && fer_str_eq(a, b);
}

/* 1 equal, 0 not, -1 nobody can tell. */
static int same(const struct fer_config_document *from, const struct fer_config_document *to, const struct fer_config_entry *a,
                const struct fer_config_entry *b)
{
	if (a->secret != b->secret)
		return 0;
	if (!a->secret)
		return same_text(a->value, b->value);
	if (!fer_str_eq(from->key, to->key) || !a->digest.len || !b->digest.len)
		return -1;
	return fer_str_eq(a->digest, b->digest);
}

static void add(struct fer_config_plan *plan, enum fer_config_op op, const struct fer_config_entry *from, const struct fer_config_entry *to)
{
	plan->changes[plan->n++] = (struct fer_config_change){ .op = op, .from = from, .to = to, .value = to ? to->value : FER_STR_NONE,
		.note = op == FER_CONFIG_UNCLEAR ? "set in both; their keys differ, so that they cannot be compared" : NULL };
}

static bool covered(const struct fer_config_document *a, const struct fer_config_document *b, const struct fer_config_entry *entry)
{
	return fer_config_covers(&a->cover, entry->scope, entry->path) && fer_config_covers(&b->cover, entry->scope, entry->path);
}

void fer_config_compare(struct fer_arena *arena, const struct fer_config_document *from, const struct fer_config_document *to,
                        struct fer_config_plan *out)
{
	size_t i = 0, j = 0;

	*out = (struct fer_config_plan){ FER_NEW_ARRAY(arena, from->n + to->n + 1, struct fer_config_change), 0 };
	while (i < from->n || j < to->n) {
		const struct fer_config_entry *a = i < from->n ? &from->entries[i] : NULL, *b = j < to->n ? &to->entries[j] : NULL;
		int order = !a ? 1 : !b ? -1 : fer_config_entry_order(a, b), equal = 0;

		i += order <= 0;
		j += order >= 0;
		if (!covered(from, to, order <= 0 ? a : b))
			continue;
		if (order == 0)
			equal = same(from, to, a, b);
		if (equal != 1)
			add(out, order < 0 ? FER_CONFIG_REMOVED : order > 0 ? FER_CONFIG_ADDED : equal ? FER_CONFIG_UNCLEAR : FER_CONFIG_CHANGED,
			    order <= 0 ? a : NULL, order >= 0 ? b : NULL);
	}
}

/* -- importing --------------------------------------------------------------------------------------------------- */

struct work {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	const struct fer_config_import *import;
	struct fer_fault *fault;
	struct fer_config_plan *plan;
	struct fer_db *db;
	struct fer_config_document here;
};

static bool full(const struct work *work)
{
	return work->fault->n >= FAULTS_MAX;
}

/* Does the secret that is here equal @plain? */
static int is_here(const struct work *work, const struct fer_config_change *change, struct fer_str plain, bool *equal)
{
	struct fer_str digest;
	int r = fer_config_digest(fer_auth_keys(work->auth), work->arena, change->to->scope, change->to->path, plain, &digest);

	*equal = !r && change->from && change->from->secret && fer_str_eq(change->from->digest, digest);
	return r;
}

/* Its plain text, where it comes in plain or for this environment's key. False: it is skipped, and the change says why. */
static bool take_secret(const struct work *work, struct fer_config_change *change, int *r)
{
	const struct fer_config_entry *to = change->to;

	change->note = "set; secrets were not asked for";
	if (!work->import->secrets)
		return false;
	change->note = "set; not handed over";
	if (to->secret && !to->sealed.len)
		return false;
	change->note = "set; handed over to another key, scope or path";
	change->value = to->value;
	if (to->secret)
		*r = fer_config_take_over(fer_auth_keys(work->auth), work->arena, to->scope, to->path, to->sealed, &change->value);
	if (*r == -EBADMSG) {
		*r = 0;
		return false;
	}
	change->note = NULL;
	return *r == 0;
}

/* Returns 1: nothing is to be done. */
static int plan_secret(const struct work *work, struct fer_config_change *change)
{
	bool equal = false;
	int r = 0;

	if (!take_secret(work, change, &r)) {
		change->op = FER_CONFIG_SKIPPED;
		return r;
	}
	r = is_here(work, change, change->value, &equal);
	change->op = change->from ? FER_CONFIG_CHANGED : FER_CONFIG_ADDED;
	return r ? r : equal;
}

/* What of the difference is acted upon. Returns 1: nothing. */
static int plan_one(const struct work *work, struct fer_config_change *change)
{
	const struct fer_config_entry *to = change->to;

	if (!to)
		return work->import->keep || !fer_config_scope(work->import->document, change->from->scope);
	if (to->secret || !fer_config_tells(to->path, to->value))
		return plan_secret(work, change);
	return 0;
}

static int check_path(const struct work *work, struct fer_str path)
{
	bool may;
	int r = fer_shop_config_may(work->db, work->arena, path, work->import->unknown, &may);

	if (!r && !may)
		fer_fault_add(work->arena, work->fault, FER_E_CONFIG_UNKNOWN, "1", fer_string(path), NULL);
	return r;
}

/* Notes what is wrong and goes on, so that all of it is told at once. */
static int check_one(const struct work *work, const struct fer_config_change *change)
{
	const struct fer_config_entry *to = change->to;
	struct fer_str what;
	int r;

	if (!to || change->op == FER_CONFIG_SKIPPED)
		return 0;
	if (!fer_config_scope(&work->here, to->scope)) {
		fer_fault_add(work->arena, work->fault, FER_E_CONFIG_NO_SCOPE, "1", fer_string(to->scope), NULL);
		return 0;
	}
	if ((r = check_path(work, to->path)))
		return r;
	if (fer_config_global(to->path) && !fer_str_is(to->scope, "default"))
		fer_fault_add(work->arena, work->fault, FER_E_CONFIG_GLOBAL, "1", fer_string(to->path), NULL);
	r = fer_config_check(work->db, work->arena, to->path, change->value, &what);
	if (r == -EINVAL)
		fer_fault_add(work->arena, work->fault, FER_E_CONFIG_VALUE, "1", fer_string(to->path), "2", fer_string(to->scope), "3",
		              fer_string(what), NULL);
	return r == -EINVAL ? 0 : r;
}

static int plan(struct work *work)
{
	struct fer_config_plan all;
	int r = fer_config_document_read(work->db, fer_auth_keys(work->auth), work->arena, &work->import->document->cover, FER_STR_NONE, &work->here);

	if (r)
		return r;
	fer_config_compare(work->arena, &work->here, work->import->document, &all);
	*work->plan = (struct fer_config_plan){ all.changes, 0 };
	*work->fault = (struct fer_fault){ 0 };
	for (size_t i = 0; i < all.n && !full(work); i++) {
		struct fer_config_change change = all.changes[i];

		if ((r = plan_one(work, &change)) < 0 || (!r && (r = check_one(work, &change))))
			return r;
		if (!r)
			work->plan->changes[work->plan->n++] = change;
	}
	return fer_arena_broken(work->arena) ? -ENOMEM : work->fault->n ? (int)work->fault->items[0].error : 0;
}

/* What is taken away goes first: the database's index tells upper case from lower no more than Magento does. */
static int apply(const struct work *work, bool removals)
{
	int r = 0;

	for (size_t i = 0; i < work->plan->n && !r; i++) {
		const struct fer_config_change *change = &work->plan->changes[i];
		const struct fer_config_entry *entry = change->to ? change->to : change->from;
		struct fer_str scope = entry->scope, kind = FER_STR_NONE;
		int id = fer_config_scope(&work->here, entry->scope) ? fer_config_scope(&work->here, entry->scope)->id : 0;

		if (change->op == FER_CONFIG_SKIPPED || (change->op == FER_CONFIG_REMOVED) != removals)
			continue;
		fer_str_cut(&scope, '/', &kind);
		r = removals ? fer_shop_config_delete_in(work->auth, work->db, work->actor, kind, id, entry->path, NULL)
		             : fer_shop_config_set_in(work->auth, work->db, work->actor, kind, id, entry->path, change->value);
	}
	return r;
}

static size_t count(const struct fer_config_plan *plan, enum fer_config_op op)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		n += plan->changes[i].op == op;
	return n;
}

static int note(const struct work *work)
{
	struct fer_value details = fer_map();

	fer_set(work->arena, &details, "added", fer_int((int64_t)count(work->plan, FER_CONFIG_ADDED)));
	fer_set(work->arena, &details, "changed", fer_int((int64_t)count(work->plan, FER_CONFIG_CHANGED)));
	fer_set(work->arena, &details, "removed", fer_int((int64_t)count(work->plan, FER_CONFIG_REMOVED)));
	return fer_audit_in(fer_auth_audit(work->auth), work->db, &(struct fer_audit_event){
		.name = FER_AUDIT_CONFIG_IMPORT, .actor = work->actor, .target = FER_S("config:all"), .details = &details });
}

static int import(struct fer_db *db, void *data)
{
	struct work *work = data;
	int r;

	work->db = db;
	if ((r = plan(work)) || work->import->dry || work->plan->n == count(work->plan, FER_CONFIG_SKIPPED))
		return r;
	if ((r = apply(work, true)) || (r = apply(work, false)))
		return r;
	return note(work);
}

int fer_config_import(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_config_import *what,
                      struct fer_fault *fault, struct fer_config_plan *out)
{
	struct work work = { .auth = auth, .actor = actor, .arena = arena, .import = what, .fault = fault, .plan = out };
	struct fer_db *db;
	int r;

	if (!what->dry)
		return fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_CONFIG, import, &work);
	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = import(db, &work);
	fer_db_return(db);
	return r;
}

/* -- showing ----------------------------------------------------------------------------------------------------- */

static void show_side(struct fer_arena *arena, struct fer_value *out, const char *name, const struct fer_config_entry *entry)
{
	if (entry)
		fer_set(arena, out, name, entry->value.at ? fer_string(entry->value) : fer_null());
}

static struct fer_value show(struct fer_arena *arena, const struct fer_config_change *change)
{
	static const char *const ops[] = { [FER_CONFIG_ADDED] = "added", [FER_CONFIG_CHANGED] = "changed", [FER_CONFIG_REMOVED] = "removed",
	                                   [FER_CONFIG_SKIPPED] = "skipped", [FER_CONFIG_UNCLEAR] = "unclear" };
	const struct fer_config_entry *from = change->from, *to = change->to, *any = to ? to : from;
	bool secret = (from && (from->secret || !fer_config_tells(from->path, from->value))) ||
	              (to && (to->secret || !fer_config_tells(to->path, to->value)));
	struct fer_value out = fer_map();

	fer_set(arena, &out, "op", fer_text(ops[change->op]));
	fer_set(arena, &out, "scope", fer_string(any->scope));
	fer_set(arena, &out, "path", fer_string(any->path));
	if (secret) {
		fer_set(arena, &out, "secret", fer_bool(true));
	} else {
		show_side(arena, &out, "old", from);
		show_side(arena, &out, "new", to);
	}
	if (change->note)
		fer_set(arena, &out, "note", fer_text(change->note));
	return out;
}

struct fer_value fer_config_plan_show(struct fer_arena *arena, const struct fer_config_plan *plan)
{
	struct fer_value out = fer_list();

	for (size_t i = 0; i < plan->n; i++)
		fer_push(arena, &out, show(arena, &plan->changes[i]));
	return out;
}
