/*
 * Taking tokens back: by a rule that verification keeps in memory (a user, up to a second), or one by one by their hashes.
 */
#include "auth/audit.h"
#include "auth/registry_impl.h"

/* A rule knows users and a time, and nothing else. */
static bool is_rule(const struct fer_token_filter *f)
{
	return (f->user_type || !f->user_id) && !f->method && !f->kid.len && !f->accessor.len && !f->id && !f->idle_before &&
	       !f->issued_after && !f->expires_before && !f->expires_after && !f->used_before && !f->used_after;
}

/* Up to and including which second a rule reaches; never into the future. */
static int64_t rule_until(const struct fer_token_filter *filter, int64_t now_s)
{
	return filter->issued_before && filter->issued_before <= now_s ? filter->issued_before - 1 : now_s;
}

/* A number for what is about to be revoked; others who revoke wait for our commit. */
static int next_number(struct fer_db *db, int64_t *out)
{
	int r = fer_sql_run(db, FER_SQL_REVOKED_NUMBER_NEXT, NULL, "i", (int64_t)FER_CHANGE_TOKENS);

	return r ? r : fer_sql_int(db, FER_SQL_REVOKED_NUMBER, 0, out, "i", (int64_t)FER_CHANGE_TOKENS);
}

static int refuse_hashes(struct fer_db *db, struct fer_arena *arena, const struct fer_token_filter *filter, int64_t now_s)
{
	struct fer_registry_query query;
	int64_t number;
	int r;

	if ((r = next_number(db, &number)))
		return r;
	fer_registry_query_init(&query, arena, "{INSERT_IGNORE} INTO ferrite_token_revoked (hash, expires_at, number)"
	                        " SELECT hash, expires_at, ? FROM ferrite_token");
	fer_registry_query_bind(&query, fer_int(number));
	fer_registry_where(&query, filter, now_s, "");
	return fer_registry_run(db, &query, NULL);
}

/* A Magento on the same database refuses an opaque token by its own row. */
static int revoke_opaque(struct fer_db *db, struct fer_arena *arena, const struct fer_token_filter *filter, int64_t now_s)
{
	struct fer_token_filter opaque = *filter;
	struct fer_registry_query query;

	if (filter->method && filter->method != FER_METHOD_OPAQUE + 1)
		return 0;
	opaque.method = FER_METHOD_OPAQUE + 1;
	fer_registry_query_init(&query, arena, "UPDATE oauth_token SET revoked = 1 WHERE entity_id IN (SELECT origin_id FROM ferrite_token");
	fer_registry_where(&query, &opaque, now_s, "");
	fer_buf_char(&query.sql, ')');
	return fer_registry_run(db, &query, NULL);
}

/* "admin:5", "cli:root", "system". */
static struct fer_str who(struct fer_arena *arena, const struct fer_actor *actor)
{
	const char *type = fer_actor_type_name(actor->type);

	if (actor->id)
		return fer_str_fmt(arena, "%s:%lld", type, (long long)actor->id);
	if (!actor->name.len)
		return fer_str(type);
	return fer_text_cut(fer_str_fmt(arena, "%s:%.*s", type, FER_F(actor->name)), 64);
}

static int mark(struct fer_db *db, struct fer_arena *arena, const struct fer_token_filter *filter,
                const struct fer_revocation *revocation, int64_t *n)
{
	struct fer_registry_query query;

	fer_registry_query_init(&query, arena, "UPDATE ferrite_token SET revoked_at = ?, revoked_by = ?, revoked_why = ?");
	fer_registry_query_bind(&query, fer_int(revocation->now_s));
	fer_registry_query_bind(&query, fer_string(who(arena, revocation->actor)));
	fer_registry_query_bind(&query, fer_string(fer_text_cut(revocation->why, FER_REASON_MAX)));
	fer_registry_where(&query, filter, revocation->now_s, "");
	return fer_registry_run(db, &query, n);
}

int fer_registry_revoke_in(struct fer_db *db, const struct fer_token_filter *filter, const struct fer_revocation *revocation, int64_t *n)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 16);
	struct fer_token_filter live = *filter;
	int r;

	live.state = FER_TOKEN_LIVE;
	if (is_rule(filter)) {
		int64_t until_s = rule_until(filter, revocation->now_s);

		live.issued_before = until_s + 1;
		r = fer_sql_run(db, FER_SQL_REVOKED_SET, NULL, "iii", filter->user_type, filter->user_id, until_s);
	} else {
		r = refuse_hashes(db, arena, &live, revocation->now_s);
		r = r ? r : revoke_opaque(db, arena, &live, revocation->now_s);
	}
	return r ? r : mark(db, arena, &live, revocation, n);
}

struct work {
	struct fer_auth *auth;
	const struct fer_token_filter *filter;
	const struct fer_revocation *revocation;
	const struct fer_use *use;
	int64_t n;
};

/* What was meant, and how many it hit. */
static struct fer_value details_of(struct fer_arena *arena, const struct work *work)
{
	const struct fer_token_filter *filter = work->filter;
	struct fer_value details = fer_map();

	fer_set(arena, &details, "tokens", fer_int(work->n));
	if (filter->user_type)
		fer_set(arena, &details, "user_type", fer_text(fer_user_type_name(filter->user_type)));
	if (filter->user_id)
		fer_set(arena, &details, "user_id", fer_int(filter->user_id));
	if (filter->issued_before)
		fer_set(arena, &details, "issued_before", fer_int(filter->issued_before));
	return details;
}

static int note(struct fer_db *db, struct fer_arena *arena, const struct work *work)
{
	const struct fer_token_filter *filter = work->filter;
	const struct fer_value details = details_of(arena, work);
	const struct fer_audit_event event = {
		.name = FER_AUDIT_TOKEN_REVOKE, .actor = work->revocation->actor, .reason = work->revocation->why, .details = &details,
		.target = filter->accessor.len ? fer_str_fmt(arena, "token:%.*s", FER_F(filter->accessor)) : FER_S("tokens"),
	};

	return fer_audit_in(fer_auth_audit(work->auth), db, &event);
}

static int revoke(struct fer_db *db, void *data)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 16);
	struct work *work = data;
	int r = work->use ? fer_registry_see_in(db, fer_auth_keys(work->auth), work->use) : 0;

	if (r || (r = fer_registry_revoke_in(db, work->filter, work->revocation, &work->n)))
		return r;
	return note(db, arena, work);
}

int fer_registry_revoke(struct fer_auth *auth, const struct fer_token_filter *filter, const struct fer_revocation *revocation,
                        const struct fer_use *use, int64_t *n)
{
	struct work work = { auth, filter, revocation, use, 0 };
	int r = fer_tx_run(fer_auth_store(auth), FER_REVOKE_CHANGES, revoke, &work);

	*n = work.n;
	return r;
}

/* -- idle --------------------------------------------------------------------------------------------------------- */

/* Other nodes write last uses behind: what they have seen meanwhile is here by then. */
#define IDLE_MARGIN_S 120

/* Looking first keeps the counters still when there is nothing to do. */
static int any(struct fer_auth *auth, struct fer_arena *arena, const struct fer_token_filter *filter, int64_t now_s, bool *out)
{
	struct fer_value row;
	struct fer_db *db;
	int r;

	if ((r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = fer_registry_find(auth, db, arena, filter, now_s, &row);
	fer_db_return(db);
	*out = !fer_is_null(&row);
	return r;
}

int fer_registry_revoke_idle(struct fer_auth *auth, int64_t now_s)
{
	FER_CLEANUP(fer_arena_freep) struct fer_arena *arena = fer_arena_new(1 << 16);
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = fer_view_ref(auth);
	int64_t idle_s = fer_view_settings(view)->idle_s;
	const struct fer_token_filter idle = { .state = FER_TOKEN_LIVE, .idle_before = now_s - idle_s - IDLE_MARGIN_S };
	const struct fer_revocation revocation = { now_s, &fer_actor_system, FER_S("not used for too long") };
	bool found = false;
	int64_t n;
	int r;

	if (!idle_s || (r = fer_registry_flush(auth)))
		return idle_s ? r : 0;
	if ((r = any(auth, arena, &idle, now_s, &found)) || !found)
		return r;
	return fer_registry_revoke(auth, &idle, &revocation, NULL, &n);
}
