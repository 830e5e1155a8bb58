/*
 * Making, rotating and ending service tokens. Rights are checked twice on purpose: here, so that nobody gives away what he or the
 * owner has not got, and at every use (fer_caller_allows), because a role may shrink later.
 */
#include "auth/service_store.h"

#include <errno.h>

#include <sodium.h>

#include "auth/audit.h"
#include "auth/registry_impl.h"
#include "auth/service_text.h"
#include "auth/user.h"

#define NAME_MAX 255
#define LIST_MAX 60000             /* the columns hold 65,535 bytes */
#define LIFE_MIN_S 60
#define OVERLAP_MAX_S (30 * 86400)
#define UNUSED_MAX_DAYS 3660
#define SWEEP_GRACE_S 300          /* last uses are written behind within a minute */

static int refuse(const struct fer_service_maker *m, enum fer_error error, struct fer_value what)
{
	return fer_fault_add(m->arena, m->fault, error, "1", what, NULL);
}

static int forbid(const struct fer_service_maker *m, const char *resource)
{
	return fer_fault_add(m->arena, m->fault, FER_E_FORBIDDEN, "resources", fer_text(resource), NULL);
}

/* A token in the making, or one that was read. */
struct service {
	const struct fer_service_maker *maker;
	struct fer_token_row row;
	int64_t service_id, unused_days, replaced_by, revoked_s;
	struct fer_str name, resources, addresses;   /* lists with commas, as in the columns */
	char text[FER_SERVICE_LEN + 1];
	/* rotation */
	struct service *old;
	int64_t overlap_s;
};

/* -- who may give what to whom ------------------------------------------------------------------------------------ */

static bool caller_may(const struct fer_service_maker *m, int resource)
{
	return !m->caller || fer_caller_allows(m->caller, resource);
}

/* Another user's token speaks in his name. */
static int check_owner(const struct fer_service_maker *m, const struct fer_view *view, int64_t type, int64_t id)
{
	static const char create_for[] = "Ferrite_ServiceToken::create_for";

	if (m->caller && (m->caller->type != (enum fer_user_type)type || m->caller->id != id) && !caller_may(m, fer_acl_lookup(create_for)))
		return forbid(m, create_for);
	if (!fer_view_owner_active(view, type, id, m->now_s))
		return refuse(m, FER_E_SERVICE_OWNER, fer_int(id));
	return 0;
}

static int find_owner(const struct fer_service_maker *m, struct fer_str name, struct fer_token_row *row)
{
	if (m->caller && !name.len) {
		row->user_type = m->caller->type;
		row->user_id = m->caller->id;
		return 0;
	}
	row->user_type = FER_USER_ADMIN;
	return fer_user_find(m->auth, m->arena, name, m->fault, &row->user_id);
}

static int check_resource(const struct fer_service_maker *m, const struct fer_acl_role *owner, struct fer_str name)
{
	int index = fer_acl_lookup_str(name);

	if (index == FER_ACL_UNKNOWN)
		return refuse(m, FER_E_ROLE_RESOURCE, fer_string(name));
	if (!caller_may(m, index))
		return forbid(m, fer_acl_resource(index)->id);
	return fer_acl_allows(owner, index) ? 0 : refuse(m, FER_E_SERVICE_RESOURCE, fer_string(name));
}

/* -- reading what was asked for ----------------------------------------------------------------------------------- */

static int read_resources(const struct fer_service_maker *m, const struct fer_view *view, const struct fer_value *list, struct service *s)
{
	const struct fer_acl_role *owner = fer_acl_role_of(fer_view_acl(view), s->row.user_type, s->row.user_id);
	struct fer_buf out;
	int r;

	fer_buf_init(&out, m->arena, LIST_MAX);
	for (size_t i = 0; i < fer_count(list); i++) {
		struct fer_str name = fer_as_str(m->arena, fer_at(list, i));

		if ((r = check_resource(m, owner, name)))
			return r;
		fer_buf_text(&out, i ? "," : "");
		fer_buf_str(&out, name);
	}
	s->resources = fer_buf_view(&out);
	return out.overflow ? refuse(m, FER_E_SERVICE_LIST, fer_text("resources")) : 0;
}

static int read_addresses(const struct fer_service_maker *m, const struct fer_value *list, struct service *s)
{
	struct fer_cidr range;
	struct fer_buf out;

	if (fer_count(list) > FER_SERVICE_RANGES)
		return refuse(m, FER_E_SERVICE_RANGES, fer_int(FER_SERVICE_RANGES));
	fer_buf_init(&out, m->arena, LIST_MAX);
	for (size_t i = 0; i < fer_count(list); i++) {
		struct fer_str text = fer_as_str(m->arena, fer_at(list, i));

		if (fer_cidr_parse(text, &range))
			return refuse(m, FER_E_SERVICE_ADDRESS, fer_string(text));
		fer_buf_text(&out, i ? "," : "");
		fer_buf_str(&out, text);
	}
	s->addresses = fer_buf_view(&out);
	return 0;
}

/* The setting, or what the owner's other tokens may at most. */
static int64_t longest(const struct fer_view *view, const struct service *s)
{
	int64_t most_s = fer_view_settings(view)->service_max_s, life_s = fer_view_life(view, s->row.user_type, s->row.user_id);

	return life_s && life_s < most_s ? life_s : most_s;
}

static int read_times(const struct fer_service_maker *m, const struct fer_view *view, const struct fer_service_new *in, struct service *s)
{
	int64_t most_s = longest(view, s);

	if (in->expires_in_s < LIFE_MIN_S || in->expires_in_s > most_s)
		return refuse(m, FER_E_SERVICE_EXPIRY, fer_int(most_s));
	s->unused_days = in->unused_days < 0 ? fer_view_settings(view)->service_unused_days : in->unused_days;
	if (s->unused_days > UNUSED_MAX_DAYS)
		return refuse(m, FER_E_SERVICE_UNUSED, fer_int(UNUSED_MAX_DAYS));
	s->row.issued_s = m->now_s;
	s->row.expires_s = m->now_s + in->expires_in_s;
	return 0;
}

static int read_new(const struct fer_service_maker *m, const struct fer_view *view, const struct fer_service_new *in, struct service *s)
{
	int r;

	s->name = fer_str_trim(in->name);
	if (!s->name.len || !fer_utf8_valid(s->name) || fer_utf8_length(s->name) > NAME_MAX)
		return refuse(m, FER_E_SERVICE_NAME, fer_int(NAME_MAX));
	if ((r = find_owner(m, in->owner, &s->row)) || (r = check_owner(m, view, s->row.user_type, s->row.user_id)))
		return r;
	if ((r = read_resources(m, view, &in->resources, s)) || (r = read_addresses(m, &in->addresses, s)))
		return r;
	return read_times(m, view, in, s);
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

static int note(struct fer_db *db, const struct service *s, enum fer_audit_name name, const char *accessor, const struct fer_value *details)
{
	const struct fer_service_maker *m = s->maker;
	struct fer_audit_event event = { .name = name, .actor = m->actor, .target = fer_str_fmt(m->arena, "token:%s", accessor),
	                                 .details = details };

	return fer_audit_in(fer_auth_audit(m->auth), db, &event);
}

static struct fer_value details_of(const struct service *s)
{
	struct fer_arena *arena = s->maker->arena;
	struct fer_value details = fer_map();

	fer_set(arena, &details, "name", fer_string(s->name));
	fer_set(arena, &details, "owner", fer_string(fer_str_fmt(arena, "%s:%lld", fer_audit_kind((enum fer_user_type)s->row.user_type),
	                                                         (long long)s->row.user_id)));
	return details;
}

static int insert(struct fer_db *db, struct service *s)
{
	const struct fer_caller *by = s->maker->caller;
	int r;

	if ((r = fer_sql_insert(db, FER_SQL_SERVICE_INSERT, &s->service_id, "zsssiii", s->row.accessor, s->name, s->resources, s->addresses,
	                        s->unused_days, (int64_t)(by ? by->type : 0), by ? by->id : INT64_C(0))))
		return r;
	s->row.origin_id = s->service_id;
	return fer_registry_add_in(db, &s->row);
}

static int create(struct fer_db *db, void *data)
{
	struct service *s = data;
	struct fer_value details = details_of(s);
	int r = insert(db, s);

	return r ? r : note(db, s, FER_AUDIT_TOKEN_ISSUE, s->row.accessor, &details);
}

/* A row with a new accessor and a new text for what @s already says. */
static int make_text(struct service *s)
{
	const struct fer_service_maker *m = s->maker;
	const struct fer_keys *keys = fer_auth_keys(m->auth);
	struct fer_token_row row;

	fer_registry_row(&row);
	row.user_type = s->row.user_type;
	row.user_id = s->row.user_id;
	row.issued_s = s->row.issued_s;
	row.expires_s = s->row.expires_s;
	row.method = FER_METHOD_SERVICE;
	row.address = m->actor->source;
	row.user_agent = m->actor->user_agent;
	s->row = row;
	fer_service_text_new(s->text);
	return fer_service_id(keys, fer_keys_current(keys), fer_str(s->text), &s->row.id);
}

/* The text in front of what everybody who may list tokens sees. The arena wipes it. */
static int answer(const struct service *s, struct fer_value *out)
{
	const struct fer_service_maker *m = s->maker;
	struct fer_value shown;
	int r = fer_service_show(m, fer_str(s->row.accessor), &shown);

	*out = fer_map();
	fer_set(m->arena, out, "token", fer_string(fer_str_dup(m->arena, fer_str(s->text))));
	for (uint32_t i = 0; !r && i < shown.map.n; i++)
		fer_append(m->arena, out, shown.map.members[i].name, shown.map.members[i].value);
	return r;
}

static int finish(struct service *s, int (*run)(struct fer_db *db, void *data), struct fer_value *out)
{
	int r;

	if ((r = make_text(s)))
		return r;
	if (!(r = fer_tx_run(fer_auth_store(s->maker->auth), FER_REVOKE_CHANGES, run, s)))
		r = answer(s, out);
	sodium_memzero(s->text, sizeof(s->text));
	return r;
}

int fer_service_create(const struct fer_service_maker *maker, const struct fer_service_new *in, struct fer_value *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct service s = { .maker = maker };
	int r;

	if (maker->caller && maker->caller->scoped)
		return refuse(maker, FER_E_SERVICE_BY_SERVICE, fer_null());
	if ((r = fer_auth_refresh(maker->auth)))
		return r;
	view = fer_view_ref(maker->auth);
	if ((r = read_new(maker, view, in, &s)))
		return r;
	return finish(&s, create, out);
}

/* -- reading one -------------------------------------------------------------------------------------------------- */

static int read_one(struct fer_db *db, struct fer_str accessor, struct service *s)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_arena *arena = s->maker->arena;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_SERVICE_BY_ACCESSOR, &stmt, "s", accessor)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return refuse(s->maker, FER_E_SERVICE_UNKNOWN, fer_string(accessor));
	s->service_id = fer_col_int(stmt, 0);
	fer_base64url_decode(s->row.id.at, fer_str_take(fer_col_str(stmt, 1), FER_TOKEN_HASH_LEN));
	s->row.user_type = fer_col_int(stmt, 2);
	s->row.user_id = fer_col_int(stmt, 3);
	s->row.issued_s = fer_col_int(stmt, 4);
	s->row.expires_s = fer_col_int(stmt, 5);
	s->revoked_s = fer_col_int(stmt, 6);
	s->unused_days = fer_col_int(stmt, 7);
	s->replaced_by = fer_col_int(stmt, 8);
	s->name = fer_col_dup(arena, stmt, 9);
	s->resources = fer_col_dup(arena, stmt, 10);
	s->addresses = fer_col_dup(arena, stmt, 11);
	snprintf(s->row.accessor, sizeof(s->row.accessor), "%.*s", FER_F(accessor));
	return 0;
}

static int load(struct fer_str accessor, struct service *s)
{
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(s->maker->auth), &db)))
		return r;
	r = read_one(db, accessor, s);
	fer_db_return(db);
	return r;
}

/* -- rotating ----------------------------------------------------------------------------------------------------- */

static int check_state(const struct service *old)
{
	const struct fer_service_maker *m = old->maker;
	const char *state = old->revoked_s ? "revoked" : old->row.expires_s <= m->now_s ? "expired" : old->replaced_by ? "replaced" : NULL;

	return state ? refuse(m, FER_E_SERVICE_OVER, fer_text(state)) : 0;
}

/* What its owner has lost meanwhile is nothing that could be given away. */
static int check_rights(const struct service *old, const struct fer_view *view)
{
	const struct fer_service_maker *m = old->maker;
	const struct fer_acl_role *owner = fer_acl_role_of(fer_view_acl(view), old->row.user_type, old->row.user_id);
	struct fer_str rest = old->resources, name;

	while (rest.len && fer_str_cut(&rest, ',', &name)) {
		int index = fer_acl_lookup_str(name);

		if (index != FER_ACL_UNKNOWN && fer_acl_allows(owner, index) && !caller_may(m, index))
			return forbid(m, fer_acl_resource(index)->id);
	}
	return 0;
}

/* A service token renews itself and no other: another one's addresses and time are not its own to give. */
static int check_rotation(const struct service *old, const struct fer_view *view, int64_t overlap_s)
{
	const struct fer_service_maker *m = old->maker;
	const struct fer_caller *caller = m->caller;
	int r;

	if (overlap_s < 0 || overlap_s > OVERLAP_MAX_S)
		return refuse(m, FER_E_SERVICE_OVERLAP, fer_int(OVERLAP_MAX_S));
	if (caller && caller->scoped && memcmp(caller->token.id.at, old->row.id.at, sizeof(old->row.id.at)) != 0)
		return refuse(m, FER_E_SERVICE_BY_SERVICE, fer_null());
	if ((r = check_owner(m, view, old->row.user_type, old->row.user_id)) || (r = check_rights(old, view)))
		return r;
	return check_state(old);
}

static int end_old(struct fer_db *db, const struct service *s)
{
	const struct fer_service_maker *m = s->maker;
	const struct fer_token_filter one = { .id = &s->old->row.id };
	const struct fer_revocation revocation = { .now_s = m->now_s, .actor = m->actor, .why = FER_S("rotated") };
	int64_t until_s = m->now_s + s->overlap_s, n;

	if (!s->overlap_s)
		return fer_registry_revoke_in(db, &one, &revocation, &n);
	return fer_sql_run(db, FER_SQL_SERVICE_SHORTEN, NULL, "izi", until_s, s->old->row.accessor, until_s);
}

/* Of two that rotate one token at once, one finds it replaced. */
static int rotate(struct fer_db *db, void *data)
{
	struct service *s = data;
	struct fer_value details = details_of(s);
	int64_t n = 0;
	int r;

	if ((r = insert(db, s)) || (r = fer_sql_run(db, FER_SQL_SERVICE_REPLACE, &n, "ii", s->service_id, s->old->service_id)))
		return r;
	if (!n)
		return refuse(s->maker, FER_E_SERVICE_OVER, fer_text("replaced"));
	if ((r = end_old(db, s)))
		return r;
	fer_set(s->maker->arena, &details, "replaced_by", fer_string(fer_str_dup(s->maker->arena, fer_str(s->row.accessor))));
	fer_set(s->maker->arena, &details, "overlap", fer_int(s->overlap_s));
	return note(db, s, FER_AUDIT_TOKEN_ROTATE, s->old->row.accessor, &details);
}

int fer_service_rotate(const struct fer_service_maker *maker, struct fer_str accessor, int64_t overlap_s, struct fer_value *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct service old = { .maker = maker }, s;
	int64_t life_s, most_s;
	int r;

	if ((r = fer_auth_refresh(maker->auth)) || (r = load(accessor, &old)))
		return r;
	view = fer_view_ref(maker->auth);
	if ((r = check_rotation(&old, view, overlap_s)))
		return r;
	s = old;
	s.old = &old;
	s.overlap_s = overlap_s;
	life_s = old.row.expires_s - old.row.issued_s;
	most_s = longest(view, &s);
	s.row.issued_s = maker->now_s;
	s.row.expires_s = maker->now_s + (life_s < most_s ? life_s : most_s);
	return finish(&s, rotate, out);
}

/* -- ending ------------------------------------------------------------------------------------------------------- */

struct ending {
	struct service *service;
	struct fer_str why;
};

static int end(struct fer_db *db, void *data)
{
	const struct ending *e = data;
	const struct fer_service_maker *m = e->service->maker;
	const struct fer_token_filter one = { .id = &e->service->row.id };
	const struct fer_revocation revocation = { .now_s = m->now_s, .actor = m->actor, .why = e->why };
	struct fer_value details = details_of(e->service);
	int64_t n = 0;
	int r = fer_registry_revoke_in(db, &one, &revocation, &n);

	fer_set(m->arena, &details, "why", fer_string(e->why));
	return r || !n ? r : note(db, e->service, FER_AUDIT_TOKEN_REVOKE, e->service->row.accessor, &details);
}

int fer_service_revoke(const struct fer_service_maker *maker, struct fer_str accessor, struct fer_str why)
{
	struct service s = { .maker = maker };
	struct ending ending = { &s, why };
	int r = load(accessor, &s);

	return r ? r : fer_tx_run(fer_auth_store(maker->auth), FER_REVOKE_CHANGES, end, &ending);
}

/* -- sweeping ----------------------------------------------------------------------------------------------------- */

struct unused {
	struct fer_str accessor;
	int64_t days;
};

/* First the list: a statement that is being stepped must not see its tables change. */
static int find_unused(struct fer_db *db, struct fer_arena *arena, int64_t now_s, struct unused *list, size_t size, size_t *n)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	*n = 0;
	if ((r = fer_sql_open(db, FER_SQL_SERVICE_UNUSED, &stmt, "ii", now_s, now_s - SWEEP_GRACE_S)))
		return r;
	while (*n < size && (r = fer_stmt_step(stmt)) > 0)
		list[(*n)++] = (struct unused){ fer_col_dup(arena, stmt, 0), fer_col_int(stmt, 1) };
	return r < 0 ? r : 0;
}

static int forget(struct fer_db *db, void *unused FER_UNUSED)
{
	return fer_sql_run(db, FER_SQL_SERVICE_FORGET, NULL, "");
}

int fer_service_sweep(struct fer_auth *auth, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 20);
	struct fer_fault fault = { 0 };
	const struct fer_service_maker maker = { .auth = auth, .arena = arena, .actor = &fer_actor_system, .now_s = now_s, .fault = &fault };
	struct unused list[256];
	struct fer_db *db;
	size_t n;
	int r;

	if (!arena || (r = fer_db_lend(fer_auth_store(auth), &db)))
		return arena ? r : -ENOMEM;
	r = find_unused(db, arena, now_s, list, FER_ARRAY_LEN(list), &n);
	fer_db_return(db);
	for (size_t i = 0; i < n && !r; i++)
		r = fer_service_revoke(&maker, list[i].accessor, fer_str_fmt(arena, "not used for %lld days", (long long)list[i].days));
	return r ? r : fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, forget, NULL);
}
