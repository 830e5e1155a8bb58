/*
 * Integrations, row by row as Magento makes them when one is activated.
 */
#include "auth/integration.h"

#include <errno.h>

#include <sodium.h>

#include "auth/password.h"
#include "auth/role.h"
#include "core/clock.h"

#define SECRET_LEN 32

struct creation {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	const struct fer_integration_new *in;
	struct fer_integration_secrets *out;
	struct fer_arena *arena;
	struct fer_str now, consumer_secret, token_secret;   /* secrets as stored */
	bool *chosen;
	bool all;
	int64_t consumer_id, role_id;
};

static bool is_secret(struct fer_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.at[i] >= '0' && s.at[i] <= '9') || (s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= 'A' && s.at[i] <= 'Z')))
			return false;
	return s.len == SECRET_LEN;
}

/* Magento's are small letters and digits: its columns would not tell "a" from "A" anyway. */
static void secret_make(char out[SECRET_LEN + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < SECRET_LEN; i++)
		out[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	out[SECRET_LEN] = '\0';
}

static bool secret_take(struct fer_str given, char out[SECRET_LEN + 1])
{
	if (!given.len) {
		secret_make(out);
		return true;
	}
	if (!is_secret(given))
		return false;
	memcpy(out, given.at, SECRET_LEN);
	out[SECRET_LEN] = '\0';
	return true;
}

static bool secrets_take(const struct fer_integration_new *in, struct fer_integration_secrets *out)
{
	return secret_take(in->consumer_key, out->consumer_key) && secret_take(in->consumer_secret, out->consumer_secret) &&
	       secret_take(in->access_token, out->access_token) && secret_take(in->access_token_secret, out->access_token_secret);
}

static int create_consumer(struct fer_db *db, struct creation *c)
{
	int r;

	if ((r = fer_sql_insert(db, FER_SQL_CONSUMER_INSERT, &c->consumer_id, "sszzs", c->now, c->now, "Integration",
	                        c->out->consumer_key, c->consumer_secret)))
		return r;
	return fer_sql_insert(db, FER_SQL_TOKEN_INSERT, NULL, "izss", c->consumer_id, c->out->access_token, c->token_secret, c->now);
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
	if ((r = create_consumer(db, c)) ||
	    (r = fer_sql_insert(db, FER_SQL_INTEGRATION_INSERT, &c->out->integration_id, "ssiiss", c->in->name, c->in->email,
	                        (int64_t)c->in->status, c->consumer_id, c->now, c->now)) ||
	    (r = fer_sql_run(db, FER_SQL_CONSUMER_RENAME, NULL, "si",
	                     fer_str_fmt(c->arena, "Integration%lld", (long long)c->out->integration_id), c->consumer_id)))
		return r;
	if ((r = create_role(db, c)))
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

static int refuse(struct fer_arena *arena, struct fer_fault *fault, int error, struct fer_value what)
{
	return error < 0 ? error : fer_fault_add(arena, fault, (enum fer_error)error, "1", what, NULL);
}

int fer_integration_create(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t now_s,
                           const struct fer_integration_new *integration, struct fer_fault *fault, struct fer_integration_secrets *out)
{
	struct creation c = { .auth = auth, .actor = actor, .in = integration, .out = out, .arena = arena, .now = fer_time_text(arena, now_s) };
	int r;

	*out = (struct fer_integration_secrets){ .integration_id = 0 };
	if (!secrets_take(integration, out))
		return fer_fault_add(arena, fault, FER_E_INTEGRATION_SECRET, NULL);
	if ((r = fer_role_choose(arena, integration->resources, integration->n_resources, fault, &c.chosen, &c.all)))
		return r;
	c.all |= integration->all_resources;
	if ((r = seal(auth, &c)))
		return r;
	if ((r = fer_tx_run(fer_auth_store(auth), 1u << FER_CHANGE_ACL, create, &c)))
		return refuse(arena, fault, r, fer_string(integration->name));
	return 0;
}

/* -- list, status, delete --------------------------------------------------------------------------------------- */

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
		fer_set(arena, &row, "all", fer_bool(fer_acl_allows_all(fer_acl_role_of(acl, FER_USER_INTEGRATION, id))));
		fer_push(arena, out, row);
	}
	return r;
}

int fer_integration_list(struct fer_auth *auth, struct fer_arena *arena, struct fer_value *out)
{
	FER_CLEANUP(fer_view_unrefp) struct fer_view *view = NULL;
	struct fer_db *db;
	int r;

	*out = fer_list();
	if ((r = fer_auth_refresh(auth)) || (r = fer_db_lend(fer_auth_store(auth), &db)))
		return r;
	view = fer_view_ref(auth);
	r = list(db, arena, fer_view_acl(view), out);
	fer_db_return(db);
	return r;
}

struct change {
	struct fer_auth *auth;
	const struct fer_actor *actor;
	struct fer_arena *arena;
	int64_t id;
	enum fer_integration_status status;
};

static int set_status(struct fer_db *db, void *data)
{
	const struct change *c = data;
	struct fer_value details = fer_map();
	int64_t n = 0;
	int r = fer_sql_run(db, FER_SQL_INTEGRATION_STATUS, &n, "ii", (int64_t)c->status, c->id);

	if (r || !n)
		return r ? r : FER_E_INTEGRATION_UNKNOWN;
	fer_set(c->arena, &details, "status", fer_int(c->status));
	return fer_audit_change(fer_auth_audit(c->auth), db, c->actor, FER_AUDIT_INTEGRATION_CHANGE, "integration", c->id, &details);
}

int fer_integration_status(struct fer_auth *auth, const struct fer_actor *actor, struct fer_arena *arena, int64_t id,
                           enum fer_integration_status status, struct fer_fault *fault)
{
	struct change change = { auth, actor, arena, id, status };
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
