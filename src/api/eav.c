/*
 * The snapshot of attribute metadata: read whole, never changed afterwards, shared by all calls that began while it was the
 * present one. A change of attributes, sets or options moves FER_CHANGE_EAV and the next call reads a new one.
 */
#include "api/eav.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "api/eav_impl.h"
#include "api/server.h"

#define SNAPSHOT_MAX (256u << 20)
#define NO_PLACE UINT32_MAX

const struct fer_eav_table fer_eav_tables[FER_N_EAV_TYPES] = {
	[FER_EAV_CUSTOMER] = { "customer_entity", false },
	[FER_EAV_ADDRESS] = { "customer_address_entity", false },
	[FER_EAV_CATEGORY] = { "catalog_category_entity", true },
	[FER_EAV_PRODUCT] = { "catalog_product_entity", true },
};

const char *const fer_eav_suffix[FER_N_BACKENDS] = {
	[FER_B_STATIC] = "static", [FER_B_INT] = "int", [FER_B_VARCHAR] = "varchar", [FER_B_TEXT] = "text",
	[FER_B_DECIMAL] = "decimal", [FER_B_DATETIME] = "datetime",
};

struct set_row {
	struct fer_attribute_set set;
	int16_t *rank[2];                 /* by place of the attribute, in the admin scope and at a store; -1: no member */
};

struct fer_eav {
	struct fer_arena *arena;
	atomic_int *refs;
	uint64_t version;
	struct fer_attribute *attributes; /* by id */
	size_t n_attributes;
	uint32_t *codes;                  /* open addressing: places, by hash of type and code */
	size_t n_codes;
	const struct fer_attribute **of_type[FER_N_EAV_TYPES];
	size_t n_of_type[FER_N_EAV_TYPES];
	struct set_row *sets;             /* by id */
	size_t n_sets, n_members;         /* members of all sets together */
	int64_t default_set[FER_N_EAV_TYPES];
};

struct fer_eav_cache {
	pthread_mutex_t lock;
	const struct fer_eav *present;
};

/* -- reading ------------------------------------------------------------------------------------------------------ */

/* Rows come in an unknown number: they are gathered in pieces of doubling size. */
struct pile {
	char *at;
	size_t n, size, each;
};

static void *pile_add(struct fer_arena *arena, struct pile *pile)
{
	if (pile->n == pile->size) {
		size_t size = pile->size ? pile->size * 2 : 64;
		char *at = fer_alloc_array(arena, size, pile->each);

		if (pile->n)
			memcpy(at, pile->at, pile->n * pile->each);
		pile->at = at;
		pile->size = size;
	}
	return pile->at + pile->n++ * pile->each;
}

static enum fer_backend backend_of(struct fer_str name)
{
	for (int b = FER_B_INT; b < FER_N_BACKENDS; b++)
		if (fer_str_is(name, fer_eav_suffix[b]))
			return (enum fer_backend)b;
	return FER_B_STATIC;
}

static void read_texts(struct fer_arena *arena, struct fer_stmt *stmt, struct fer_attribute *a)
{
	a->code = fer_col_dup(arena, stmt, 2);
	a->backend = backend_of(fer_col_str(stmt, 3));
	a->label = fer_col_dup(arena, stmt, 4);
	a->input = fer_col_dup(arena, stmt, 5);
	a->backend_model = fer_col_dup(arena, stmt, 6);
	a->source_model = fer_col_dup(arena, stmt, 7);
	a->default_value = fer_col_null(stmt, 8) ? FER_STR_NONE : fer_col_dup(arena, stmt, 8);
	a->frontend_class = fer_col_dup(arena, stmt, 9);
	a->apply_to = fer_col_dup(arena, stmt, 10);
}

static void read_attribute(struct fer_arena *arena, struct fer_stmt *stmt, struct fer_attribute *a)
{
	a->id = fer_col_int(stmt, 0);
	a->type = (enum fer_eav_type)fer_col_int(stmt, 1);
	read_texts(arena, stmt, a);
	a->is_required = fer_col_int(stmt, 11);
	a->is_user_defined = fer_col_int(stmt, 12);
	a->is_unique = fer_col_int(stmt, 13);
	a->scope = fer_col_null(stmt, 14) ? FER_SCOPE_GLOBAL : (enum fer_scope)fer_col_int(stmt, 14);
	a->is_visible = fer_col_int(stmt, 15);
	a->is_filterable = fer_col_int(stmt, 16);
	a->used_for_sort_by = fer_col_int(stmt, 17);
	a->is_html_allowed_on_front = fer_col_int(stmt, 18);
	a->is_wysiwyg_enabled = fer_col_int(stmt, 19);
}

static int read_attributes(struct fer_eav *eav, struct fer_db *db)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct pile pile = { .each = sizeof(struct fer_attribute) };
	int r;

	if ((r = fer_sql_open(db, FER_SQL_EAV_ATTRIBUTES, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		read_attribute(eav->arena, stmt, pile_add(eav->arena, &pile));
	eav->attributes = (struct fer_attribute *)(void *)pile.at;
	eav->n_attributes = pile.n;
	return r;
}

static int read_options(struct fer_eav *eav, struct fer_db *db)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct pile pile = { .each = sizeof(struct fer_attribute_option) }, owners = { .each = sizeof(int64_t) };
	int r;

	if ((r = fer_sql_open(db, FER_SQL_EAV_OPTIONS, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct fer_attribute_option *o = pile_add(eav->arena, &pile);

		*(int64_t *)pile_add(eav->arena, &owners) = fer_col_int(stmt, 0);
		o->id = fer_col_int(stmt, 1);
		o->sort_order = fer_col_int(stmt, 2);
		o->label = fer_col_dup(eav->arena, stmt, 3);
	}
	for (size_t i = 0, end; i < pile.n; i = end) {
		int64_t id = ((int64_t *)(void *)owners.at)[i];
		struct fer_attribute *a = (struct fer_attribute *)(uintptr_t)fer_eav_by_id(eav, id);

		for (end = i; end < pile.n && ((int64_t *)(void *)owners.at)[end] == id; end++)
			;
		if (a) {
			a->options = (struct fer_attribute_option *)(void *)pile.at + i;
			a->n_options = end - i;
		}
	}
	return r;
}

static int read_sets(struct fer_eav *eav, struct fer_db *db)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct pile pile = { .each = sizeof(struct set_row) };
	int r;

	if ((r = fer_sql_open(db, FER_SQL_EAV_SETS, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct set_row *row = pile_add(eav->arena, &pile);

		row->set.id = fer_col_int(stmt, 0);
		row->set.type = (enum fer_eav_type)fer_col_int(stmt, 1);
		row->set.name = fer_col_dup(eav->arena, stmt, 2);
		for (int scope = 0; scope < 2; scope++) {
			row->rank[scope] = FER_NEW_ARRAY(eav->arena, eav->n_attributes + 1, int16_t);
			memset(row->rank[scope], -1, eav->n_attributes * sizeof(int16_t));
		}
	}
	eav->sets = (struct set_row *)(void *)pile.at;
	eav->n_sets = pile.n;
	return r;
}

static struct set_row *set_row(const struct fer_eav *eav, int64_t set_id)
{
	size_t low = 0, high = eav->n_sets;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (eav->sets[middle].set.id == set_id)
			return &eav->sets[middle];
		if (eav->sets[middle].set.id < set_id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void add_member(struct fer_eav *eav, struct fer_stmt *stmt, struct pile *pile, struct set_row *set, const struct fer_attribute *a)
{
	struct fer_attribute_member *m = pile_add(eav->arena, pile);

	m->attribute = a;
	m->group_id = fer_col_int(stmt, 2);
	m->group_sort = fer_col_int(stmt, 3);
	m->sort_order = fer_col_int(stmt, 4);
	m->row_id = fer_col_int(stmt, 5);
	set->set.members = (struct fer_attribute_member *)(void *)pile->at;
	set->set.n_members = pile->n;
}

#define LABELS_MATTER 3       /* rows of eav_attribute_label from which on MariaDB joins them first */

static void rank_as(struct fer_eav *eav, struct set_row *row, int16_t *rank, bool by_attribute)
{
	struct fer_eav_ranked *order = FER_NEW_ARRAY(eav->arena, row->set.n_members + 1, struct fer_eav_ranked);

	for (size_t i = 0; i < row->set.n_members; i++) {
		const struct fer_attribute_member *m = &row->set.members[i];

		order[i] = (struct fer_eav_ranked){ m->row_id, m->attribute->id, m->sort_order, (uint32_t)fer_eav_index(eav, m->attribute) };
	}
	fer_eav_order(order, row->set.n_members, eav->n_members, by_attribute);
	for (size_t i = 0; i < row->set.n_members; i++)
		rank[order[i].place] = (int16_t)i;
}

/* Rows come in order of their set: a new pile begins with each. */
static int read_members(struct fer_eav *eav, struct fer_db *db)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct pile pile = { .each = sizeof(struct fer_attribute_member) };
	struct set_row *last = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_EAV_MEMBERS, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1) {
		struct set_row *set = set_row(eav, fer_col_int(stmt, 0));
		const struct fer_attribute *a = fer_eav_by_id(eav, fer_col_int(stmt, 1));

		if (!set || !a)
			continue;
		if (set != last)
			pile = (struct pile){ .each = sizeof(struct fer_attribute_member) };
		last = set;
		add_member(eav, stmt, &pile, set, a);
		eav->n_members++;
	}
	return r;
}

static int rank_sets(struct fer_eav *eav, struct fer_db *db)
{
	int64_t labels = 0;
	int r = fer_sql_int(db, FER_SQL_EAV_LABELS, 0, &labels, "");

	for (size_t i = 0; i < eav->n_sets && !r; i++) {
		rank_as(eav, &eav->sets[i], eav->sets[i].rank[0], false);
		rank_as(eav, &eav->sets[i], eav->sets[i].rank[1], labels >= LABELS_MATTER);
	}
	return r;
}

static int read_types(struct fer_eav *eav, struct fer_db *db)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_EAV_TYPES, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		if (fer_col_int(stmt, 0) > 0 && fer_col_int(stmt, 0) < FER_N_EAV_TYPES)
			eav->default_set[fer_col_int(stmt, 0)] = fer_col_int(stmt, 1);
	return r;
}

/* -- indexes ------------------------------------------------------------------------------------------------------ */

static uint64_t code_hash(enum fer_eav_type type, struct fer_str code)
{
	return fer_str_hash(code) * 31 + (unsigned)type;
}

static void index_codes(struct fer_eav *eav)
{
	eav->n_codes = 64;
	while (eav->n_codes < eav->n_attributes * 2)
		eav->n_codes *= 2;
	eav->codes = FER_NEW_ARRAY(eav->arena, eav->n_codes, uint32_t);
	for (size_t i = 0; i < eav->n_codes; i++)
		eav->codes[i] = NO_PLACE;
	for (size_t i = 0; i < eav->n_attributes; i++) {
		uint64_t at = code_hash(eav->attributes[i].type, eav->attributes[i].code);

		while (eav->codes[at & (eav->n_codes - 1)] != NO_PLACE)
			at++;
		eav->codes[at & (eav->n_codes - 1)] = (uint32_t)i;
	}
}

static void index_types(struct fer_eav *eav)
{
	for (int t = 1; t < FER_N_EAV_TYPES; t++)
		eav->of_type[t] = FER_NEW_ARRAY(eav->arena, eav->n_attributes + 1, const struct fer_attribute *);
	for (size_t i = 0; i < eav->n_attributes; i++) {
		int t = (int)eav->attributes[i].type;

		eav->of_type[t][eav->n_of_type[t]++] = &eav->attributes[i];
	}
}

static void snapshot_unref(const struct fer_eav *eav)
{
	if (eav && atomic_fetch_sub(eav->refs, 1) == 1)
		fer_arena_free(eav->arena);
}

static const struct fer_eav *snapshot_ref(const struct fer_eav *eav)
{
	if (eav)
		atomic_fetch_add(eav->refs, 1);
	return eav;
}

static int snapshot_new(struct fer_db *db, uint64_t version, const struct fer_eav **out)
{
	struct fer_arena *arena = fer_arena_new(SNAPSHOT_MAX);
	struct fer_eav *eav;
	int r;

	if (!arena)
		return -ENOMEM;
	eav = FER_NEW(arena, struct fer_eav);
	eav->arena = arena;
	eav->version = version;
	eav->refs = FER_NEW(arena, atomic_int);
	atomic_init(eav->refs, 1);
	if ((r = read_attributes(eav, db)))
		goto out;
	index_codes(eav);
	index_types(eav);
	if ((r = read_options(eav, db)) || (r = read_sets(eav, db)) || (r = read_members(eav, db)) ||
	    (r = rank_sets(eav, db)) || (r = read_types(eav, db)))
		goto out;
	*out = eav;
	return 0;
out:
	fer_arena_free(arena);
	return r;
}

/* -- the present one ---------------------------------------------------------------------------------------------- */

struct fer_eav_cache *fer_eav_cache_new(void)
{
	struct fer_eav_cache *cache = calloc(1, sizeof(*cache));

	if (cache)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void fer_eav_cache_free(struct fer_eav_cache *cache)
{
	if (!cache)
		return;
	snapshot_unref(cache->present);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static const struct fer_eav *cache_take(struct fer_eav_cache *cache, uint64_t version)
{
	const struct fer_eav *eav = NULL;

	if (!cache)
		return NULL;
	pthread_mutex_lock(&cache->lock);
	if (cache->present && cache->present->version == version)
		eav = snapshot_ref(cache->present);
	pthread_mutex_unlock(&cache->lock);
	return eav;
}

static void cache_put(struct fer_eav_cache *cache, const struct fer_eav *eav)
{
	const struct fer_eav *old;

	if (!cache)
		return;
	pthread_mutex_lock(&cache->lock);
	old = cache->present;
	cache->present = snapshot_ref(eav);
	pthread_mutex_unlock(&cache->lock);
	snapshot_unref(old);
}

int fer_eav_get(struct fer_call *call, const struct fer_eav **out)
{
	uint64_t version = fer_change_version(call->server->store, FER_CHANGE_EAV);
	int r;

	if (!call->eav && !(call->eav = cache_take(call->server->eav, version))) {
		if ((r = snapshot_new(call->db, version, &call->eav)))
			return r;
		if (!call->in_tx)
			cache_put(call->server->eav, call->eav);
	}
	*out = call->eav;
	return 0;
}

int fer_eav_renew(struct fer_call *call, const struct fer_eav **out)
{
	int r;

	fer_eav_drop(call);
	if (!call->in_tx)
		return fer_eav_get(call, out);
	if ((r = snapshot_new(call->db, 0, &call->eav)))
		return r;
	*out = call->eav;
	return 0;
}

void fer_eav_drop(struct fer_call *call)
{
	snapshot_unref(call->eav);
	call->eav = NULL;
}

/* -- look-ups ----------------------------------------------------------------------------------------------------- */

size_t fer_eav_index(const struct fer_eav *eav, const struct fer_attribute *attribute)
{
	return (size_t)(attribute - eav->attributes);
}

size_t fer_eav_count(const struct fer_eav *eav)
{
	return eav->n_attributes;
}

const struct fer_attribute *fer_eav_by_code(const struct fer_eav *eav, enum fer_eav_type type, struct fer_str code)
{
	for (uint64_t at = code_hash(type, code);; at++) {
		uint32_t place = eav->codes[at & (eav->n_codes - 1)];

		if (place == NO_PLACE)
			return NULL;
		if (eav->attributes[place].type == type && fer_str_eq(eav->attributes[place].code, code))
			return &eav->attributes[place];
	}
}

const struct fer_attribute *fer_eav_by_id(const struct fer_eav *eav, int64_t attribute_id)
{
	size_t low = 0, high = eav->n_attributes;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (eav->attributes[middle].id == attribute_id)
			return &eav->attributes[middle];
		if (eav->attributes[middle].id < attribute_id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct fer_attribute_set *fer_eav_set(const struct fer_eav *eav, int64_t set_id)
{
	const struct set_row *row = set_row(eav, set_id);

	return row ? &row->set : NULL;
}

int64_t fer_eav_default_set(const struct fer_eav *eav, enum fer_eav_type type)
{
	return eav->default_set[type];
}

bool fer_eav_in_set(const struct fer_eav *eav, int64_t set_id, const struct fer_attribute *attribute)
{
	const struct set_row *row = set_row(eav, set_id);

	return row && row->rank[0][fer_eav_index(eav, attribute)] >= 0;
}

int fer_eav_rank(const struct fer_eav *eav, int64_t set_id, int store_id, const struct fer_attribute *attribute)
{
	const struct set_row *row = set_row(eav, set_id);

	return row ? row->rank[store_id != 0][fer_eav_index(eav, attribute)] : -1;
}

const struct fer_attribute *const *fer_eav_attributes(const struct fer_eav *eav, enum fer_eav_type type, size_t *n)
{
	*n = eav->n_of_type[type];
	return eav->of_type[type];
}

bool fer_eav_applies(const struct fer_attribute *attribute, struct fer_str product_type)
{
	struct fer_str rest = attribute->apply_to, piece;

	if (!rest.len)
		return true;
	while (fer_str_cut(&rest, ',', &piece))
		if (fer_str_eq(piece, product_type))
			return true;
	return false;
}
