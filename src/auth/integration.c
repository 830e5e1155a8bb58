/*
 * Integrations, row by row as Magento makes them. Their tokens are integration_token.c's.
 */
#include "auth/integration.h"

#include <errno.h>

#include "auth/audit.h"
#include "auth/oauth.h"
#include "auth/role.h"
#include "core/clock.h"

#define SECRET_LEN 32
#define TEXT_MAX_CHARS 255

struct creation {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	const struct fer_integration_new *in;
	struct fer_integration_secrets *out;
	struct fer_arena *arena;
	struct fer_str now, consumer_secret, token_secret;   /* secrets as stored */
	bool *chosen;
	bool all, token;
	int64_t consumer_id, role_id;
};

static int refuse(struct fer_arena *arena, struct fer_fault *fault, int error, struct fer_value what)
{
	return error < 0 ? error : fer_fault_add(arena, fault, (enum fer_error)error, "1", what, NULL);
}

/* -- create ------------------------------------------------------------------------------------------------------ */

static bool is_secret(struct fer_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.at[i] >= '0' && s.at[i] <= '9') || (s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= 'A' && s.at[i] <= 'Z')))
			return false;
	return s.len == SECRET_LEN;
}

static bool secret_take(struct fer_str given, char out[SECRET_LEN + 1])
{
	if (!given.len) {
		fer_oauth_random(out);
		return true;
	}
	if (!is_secret(given))
		return false;
	memcpy(out, given.at, SECRET_LEN);
	out[SECRET_LEN] = '\0';
	return true;
}

static bool secrets_take(struct creation *c)
{
	const struct fer_integration_new *in = c->in;

	fer_oauth_random(c->out->verifier);
	return secret_take(in->consumer_key, c->out->consumer_key) && secret_take(in->consumer_secret, c->out->consumer_secret) &&
	       secret_take(in->access_token, c->out->access_token) && secret_take(in->access_token_secret, c->out->access_token_secret);
}

static bool is_url(struct fer_str s)
{
	if (!s.len)
		return true;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] <= ' ' || (unsigned char)s.at[i] >= 0x7f || s.at[i] == '"' || s.at[i] == '<' || s.at[i] == '>')
			return false;
	return s.len <= TEXT_MAX_CHARS && s.len > 8 && fer_str_starts(s, "https://");
}

static int check(struct fer_arena *arena, const struct fer_integration_new *in, struct fer_fault *fault)
{
	if (!fer_str_trim(in->name).len || fer_utf8_length(in->name) > TEXT_MAX_CHARS)
		return fer_fault_add(arena, fault, FER_E_INTEGRATION_NAME, NULL);
	if (!is_url(in->endpoint) || !is_url(in->identity_link_url))
		return fer_fault_add(arena, fault, FER_E_INTEGRATION_URL, NULL);
	return 0;
}

static int create_consumer(struct fer_db *db, struct creation *c)
{
	int r = fer_sql_insert(db, FER_SQL_CONSUMER_INSERT, &c->consumer_id, "sszzs", c->now, c->now, "Integration",
	                       c->out->consumer_key, c->consumer_secret);

	if (r || !c->token)
		return r;
	return fer_sql_insert(db, FER_SQL_TOKEN_INSERT, NULL, "izzszs", c->consumer_id, "access", c->out->access_token, c->token_secret,
	                      c->out->verifier, c->now);
}

/* Its role carries the rules itself and has no parent. */
static int create_role(struct fer_db *db, struct creation *c)
{
	struct fer_str name = fer_str_fmt(c->arena, "1%lld", (long long)c->out->integration_id);
	int r;

	if ((r = fer_sql_insert(db, FER_SQL_ROLE_INSERT, &c->role_id, "iizizs", (int64_t)0, (int64_t)1, "U", c->out->integration_id, "1",
	                        name)))
		return r;
	return fer_role_rules_in(db, c->role_id, c->chosen, c->all);
}

static int create_integration(struct fer_db *db, struct creation *c)
{
	const struct fer_integration_new *in = c->in;
	int r = fer_sql_insert(db, FER_SQL_INTEGRATION_INSERT, &c->out->integration_id, "ssssiiss", in->name,
	                       in->email.at ? in->email : FER_S(""), in->endpoint.at ? in->endpoint : FER_S(""),
	                       in->identity_link_url.at ? in->identity_link_url : FER_S(""), (int64_t)in->status, c->consumer_id, c->now, c->now);

	if (r)
		return r;
	return fer_sql_run(db, FER_SQL_CONSUMER_RENAME, NULL, "ssi",
	                   fer_str_fmt(c->arena, "Integration%lld", (long long)c->out->integration_id), c->now, c->consumer_id);
}

static int note_create(struct fer_db *db, const struct creation *c)
{
	struct fer_value details = fer_map();

	fer_set(c->arena, &details, "name", fer_string(c->in->name));
	fer_set(c->arena, &details, "status", fer_int(c->in->status));
	fer_set(c->arena, &details, "all", fer_bool(c->all));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_INTEGRATION_CREATE, "integration", c->out->integration_id,
	                        &details);
}

static int create(struct fer_db *db, void *data)
{
	struct creation *c = data;
	int64_t found = 0;
	int r;

	if ((r = fer_sql_int(db, FER_SQL_INTEGRATION_BY_NAME, 0, &found, "s", c->in->name)))
		return r;
	if (found)
		return FER_E_INTEGRATION_EXISTS;
	if ((r = create_consumer(db, c)) || (r = create_integration(db, c)) || (r = create_role(db, c)))
		return r;
	return note_create(db, c);
}

static int seal(struct fer_auth *auth, struct creation *c)
{
	int r;

	if ((r = fer_keys_encrypt(fer_auth_keys(auth), c->arena, fer_str(c->out->consumer_secret), &c->consumer_secret)))
		return r;
	return fer_keys_encrypt(fer_auth_keys(auth), c->arena, fer_str(c->out->access_token_secret), &c->token_secret);
}

/* What stands in no row is nobody's secret. */
static void forget_token(struct fer_integration_secrets *secrets)
{
	explicit_bzero(secrets->access_token, sizeof(secrets->access_token));
	explicit_bzero(secrets->access_token_secret, sizeof(secrets->access_token_secret));
}

int fer_integration_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s,
                           const struct fer_integration_new *integration, struct fer_fault *fault, struct fer_integration_secrets *out)
{
	struct creation c = { .auth = auth, .actor = actor, .in = integration, .out = out, .arena = arena, .now = fer_time_text(arena, now_s) };
	int r;

	*out = (struct fer_integration_secrets){ .integration_id = 0 };
	c.token = integration->status == FER_INTEGRATION_ACTIVE || integration->access_token.len;
	if ((r = check(arena, integration, fault)))
		return r;
	if (!secrets_take(&c))
		return fer_fault_add(arena, fault, FER_E_INTEGRATION_SECRET, NULL);
	if ((r = fer_role_choose(arena, integration->resources, integration->n_resources, fault, &c.chosen, &c.all)))
		return r;
	c.all |= integration->all_resources;
	if ((r = seal(auth, &c)))
		return r;
	r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, create, &c);
	explicit_bzero(out->verifier, sizeof(out->verifier));
	if (!c.token)
		forget_token(out);
	return r ? refuse(arena, fault, r, fer_string(integration->name)) : 0;
}

/* -- list and show ----------------------------------------------------------------------------------------------- */

static int list(struct fer_db *db, struct fer_arena *arena, const struct fer_acl *acl, struct fer_value *out)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_INTEGRATION_LIST, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		struct fer_value row = fer_map();
		int64_t id = fer_col_int(stmt, 0);

		fer_set(arena, &row, "id", fer_int(id));
		fer_set(arena, &row, "name", fer_string(fer_col_dup(arena, stmt, 1)));
		fer_set(arena, &row, "email", fer_string(fer_col_dup(arena, stmt, 2)));
		fer_set(arena, &row, "status", fer_int(fer_col_int(stmt, 3)));
		fer_set(arena, &row, "endpoint", fer_string(fer_col_dup(arena, stmt, 4)));
		fer_set(arena, &row, "all", fer_bool(fer_acl_allows_all(fer_acl_role_of(acl, FER_USER_INTEGRATION, id))));
		fer_push(arena, out, row);
	}
	return r;
}

int fer_integration_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_reading_end) struct fer_reading in = { 0 };
	int r;

	*out = fer_list();
	if ((r = fer_reading_begin(auth, &in)))
		return r;
	return list(in.db, arena, fer_view_acl(in.view), out);
}

static struct fer_value text_or_null(struct fer_arena *arena, struct fer_stmt *stmt, int i)
{
	return fer_col_null(stmt, i) ? fer_null() : fer_string(fer_col_dup(arena, stmt, i));
}

static int read_one(struct fer_db *db, struct fer_arena *arena, int64_t id, struct fer_value *out)
{
	static const struct { const char *name; int column; } texts[] = {
		{ "name", 0 }, { "email", 1 }, { "endpoint", 4 }, { "identity_link_url", 5 }, { "consumer_key", 8 }, { "token", 9 },
		{ "created_at", 6 }, { "updated_at", 7 },
	};
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_INTEGRATION_BY_ID, &stmt, "i", id)) || (r = fer_stmt_step(stmt)) < 0)
		return r;
	if (!r)
		return FER_E_INTEGRATION_UNKNOWN;
	fer_set(arena, out, "id", fer_int(id));
	fer_set(arena, out, "status", fer_int(fer_col_int(stmt, 2)));
	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++)
		fer_set(arena, out, texts[i].name, text_or_null(arena, stmt, texts[i].column));
	return 0;
}

static void add_rights(struct fer_arena *arena, const struct fer_acl_role *role, struct fer_value *out)
{
	struct fer_value resources = fer_list();

	for (int i = 0; i < fer_acl_n_resources(); i++)
		if (fer_acl_allows(role, i))
			fer_push(arena, &resources, fer_text(fer_acl_resource(i)->id));
	fer_set(arena, out, "all", fer_bool(fer_acl_allows_all(role)));
	fer_set(arena, out, "resources", resources);
}

int fer_integration_show(struct fer_auth *auth, struct fer_arena *arena, int64_t id, struct fer_fault *fault, struct fer_value *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct fer_db *db;
	int r;

	*out = fer_map();
	if ((r = fer_auth_refresh(auth)) || (r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	r = read_one(db, arena, id, out);
	fer_db_return(db);
	if (r)
		return refuse(arena, fault, r, fer_int(id));
	view = fer_view_ref(auth);
	add_rights(arena, fer_acl_role_of(fer_view_acl(view), FER_USER_INTEGRATION, id), out);
	return 0;
}

int fer_integration_find(struct fer_auth *auth, struct fer_arena *arena, struct fer_str name, struct fer_fault *fault, int64_t *id)
{
	int r = fer_auth_find(auth, FER_SQL_INTEGRATION_BY_NAME, name, id);

	return r || *id ? r : refuse(arena, fault, FER_E_INTEGRATION_UNKNOWN, fer_string(name));
}

/* -- status and delete ------------------------------------------------------------------------------------------- */

struct change {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t id;
	enum fer_integration_status status;
	struct fer_str now;
};

static int set_status(struct fer_db *db, void *data)
{
	const struct change *c = data;
	struct fer_value details = fer_map();
	int64_t n = 0;
	int r = fer_sql_run(db, FER_SQL_INTEGRATION_STATUS, &n, "isi", (int64_t)c->status, c->now, c->id);

	if (r || !n)
		return r ? r : FER_E_INTEGRATION_UNKNOWN;
	fer_set(c->arena, &details, "status", fer_int(c->status));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_INTEGRATION_CHANGE, "integration", c->id, &details);
}

int fer_integration_status(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s, int64_t id,
                           enum fer_integration_status status, struct fer_fault *fault)
{
	struct change change = { auth, actor, arena, id, status, fer_time_text(arena, now_s) };
	int r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, set_status, &change);

	return r ? refuse(arena, fault, r, fer_int(id)) : 0;
}

/* Tokens and nonces go with the consumer, by the schema's cascade. */
static int delete(struct fer_db *db, void *data)
{
	const struct change *c = data;
	int64_t consumer_id = -1, n = 0;
	int r;

	if ((r = fer_sql_int(db, FER_SQL_INTEGRATION_CONSUMER, -1, &consumer_id, "i", c->id)) ||
	    (r = fer_sql_run(db, FER_SQL_RULE_DELETE_OF, NULL, "iz", c->id, "1")) ||
	    (r = fer_sql_run(db, FER_SQL_ROLE_DELETE_OF, NULL, "iz", c->id, "1")) ||
	    (r = fer_sql_run(db, FER_SQL_INTEGRATION_DELETE, &n, "i", c->id)))
		return r;
	if (!n)
		return FER_E_INTEGRATION_UNKNOWN;
	if (consumer_id > 0 && (r = fer_sql_run(db, FER_SQL_CONSUMER_DELETE, NULL, "i", consumer_id)))
		return r;
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_INTEGRATION_DELETE, "integration", c->id, NULL);
}

int fer_integration_delete(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t id,
                           struct fer_fault *fault)
{
	struct change change = { .auth = auth, .actor = actor, .arena = arena, .id = id };
	int r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, delete, &change);

	return r ? refuse(arena, fault, r, fer_int(id)) : 0;
}
