/*
 * Writing rows of the registry: at issue, behind last uses, and forgetting what is long over.
 */
#include "auth/registry.h"

#include <errno.h>

#include <sodium.h>

#include "auth/password.h"
#include "auth/registry_impl.h"

#define FLUSH_ROWS 256u           /* uses written in one transaction */
#define SWEEP_ROUNDS 40           /* of 500 rows: what one sweep forgets at most */
#define KEPT_S 86400              /* as in revoked.c */

static const char *const method_names[FER_N_METHODS] = {
	[FER_METHOD_PASSWORD] = "password",           [FER_METHOD_CUSTOMER] = "customer_password",
	[FER_METHOD_SECOND_FACTOR] = "second_factor", [FER_METHOD_OPAQUE] = "opaque",
	[FER_METHOD_FOREIGN] = "foreign",             [FER_METHOD_SERVICE] = "service",
};

static const char *const type_names[] = {
	[FER_USER_INTEGRATION] = "integration", [FER_USER_ADMIN] = "admin", [FER_USER_CUSTOMER] = "customer",
};

const char *fer_token_method_name(enum fer_token_method method)
{
	return method_names[method];
}

int fer_token_method(struct fer_str name)
{
	for (int i = 0; i < FER_N_METHODS; i++)
		if (fer_str_is(name, method_names[i]))
			return i;
	return -1;
}

const char *fer_user_type_name(int64_t type)
{
	return type > 0 && type < (int64_t)FER_ARRAY_LEN(type_names) ? type_names[type] : "other";
}

int64_t fer_user_type(struct fer_str name)
{
	for (size_t i = FER_USER_INTEGRATION; i < FER_ARRAY_LEN(type_names); i++)
		if (fer_str_is(name, type_names[i]))
			return (int64_t)i;
	return 0;
}

void fer_token_id(struct fer_str token, struct fer_token_id *out)
{
	crypto_hash_sha256(out->at, (const unsigned char *)token.at, token.len);
}

struct fer_str fer_token_hash(const struct fer_token_id *id, char out[FER_TOKEN_HASH_LEN])
{
	return (struct fer_str){ out, fer_base64url_encode(out, id->at, sizeof(id->at)) };
}

/* -- issue -------------------------------------------------------------------------------------------------------- */

void fer_registry_row(struct fer_token_row *row)
{
	*row = (struct fer_token_row){ .expires_s = FER_NEVER_S };
	fer_password_random(row->accessor, FER_ACCESSOR_LEN);
}

struct fer_str fer_text_cut(struct fer_str text, size_t longest)
{
	if (text.len > longest)
		text.len = longest;
	while (text.len && !fer_utf8_valid(text))
		text.len--;
	return text.at ? text : FER_S("");
}

int fer_registry_add_in(struct fer_db *db, const struct fer_token_row *row)
{
	char hash[FER_TOKEN_HASH_LEN];

	return fer_sql_run(db, FER_SQL_REGISTRY_ADD, NULL, "zsiizsiissiiii", row->accessor, fer_token_hash(&row->id, hash), row->user_type,
	                   row->user_id, method_names[row->method], fer_text_cut(row->kid, 32), row->issued_s, row->expires_s,
	                   fer_text_cut(row->address, FER_ADDRESS_MAX - 1), fer_text_cut(row->user_agent, 255), row->origin_id, row->user_type,
	                   row->user_id, row->issued_s);
}

/* -- last uses ---------------------------------------------------------------------------------------------------- */

struct batch {
	const struct fer_keys *keys;
	struct fer_use uses[FLUSH_ROWS];
	size_t n;
};

static int note_use(struct fer_db *db, const struct fer_use *use, int64_t *n)
{
	char hash[FER_TOKEN_HASH_LEN];

	return fer_sql_run(db, FER_SQL_REGISTRY_USED, n, "izsi", use->used_s, use->address, fer_token_hash(&use->id, hash), use->used_s);
}

int fer_registry_see_in(struct fer_db *db, const struct fer_keys *keys, const struct fer_use *use)
{
	struct fer_token_row row;
	int64_t n = 0;
	int r;

	if ((r = note_use(db, use, &n)) || n)
		return r;
	fer_registry_row(&row);
	row.id = use->id;
	row.user_type = use->user_type;
	row.user_id = use->user_id;
	row.method = use->origin_id ? FER_METHOD_OPAQUE : FER_METHOD_FOREIGN;
	row.kid = use->origin_id ? FER_STR_NONE : fer_str(fer_keys_kid(keys, use->key));
	row.issued_s = use->issued_s;
	row.expires_s = use->expires_s;
	row.address = fer_str(use->address);
	row.origin_id = use->origin_id;
	return (r = fer_registry_add_in(db, &row)) ? r : note_use(db, use, &n);
}

static int write_batch(struct fer_db *db, void *data)
{
	const struct batch *batch = data;
	int r = 0;

	for (size_t i = 0; i < batch->n && !r; i++)
		r = fer_registry_see_in(db, batch->keys, &batch->uses[i]);
	return r;
}

int fer_registry_flush(struct fer_auth *auth)
{
	struct batch *batch = malloc(sizeof(*batch));
	int r = batch ? 0 : -ENOMEM;

	if (batch)
		batch->keys = fer_auth_keys(auth);
	while (!r && (batch->n = fer_uses_take(fer_auth_uses(auth), batch->uses, FLUSH_ROWS)))
		if ((r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, write_batch, batch)))
			fer_uses_give_back(fer_auth_uses(auth), batch->uses, batch->n);
	free(batch);
	return r;
}

int fer_registry_last_use(struct fer_db *db, const struct fer_token_id *id, int64_t *used_s)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	char hash[FER_TOKEN_HASH_LEN];
	int r;

	*used_s = 0;
	if ((r = fer_sql_open(db, FER_SQL_REGISTRY_LAST_USE, &stmt, "s", fer_token_hash(id, hash))) || (r = fer_stmt_step(stmt)) <= 0)
		return r;
	*used_s = fer_col_int(stmt, 0) ? fer_col_int(stmt, 0) : fer_col_int(stmt, 1);
	return 0;
}

/* -- forgetting --------------------------------------------------------------------------------------------------- */

struct sweep {
	int64_t before_s, revoked_before_s;
	size_t n;
};

/* The ids first: a statement that is being stepped must not see its table change. */
static int old_ids(struct fer_db *db, struct sweep *sweep, int64_t ids[500])
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	sweep->n = 0;
	if ((r = fer_sql_open(db, FER_SQL_REGISTRY_OLD, &stmt, "i", sweep->before_s)))
		return r;
	while (sweep->n < 500 && (r = fer_stmt_step(stmt)) > 0)
		ids[sweep->n++] = fer_col_int(stmt, 0);
	return r < 0 ? r : 0;
}

static int forget(struct fer_db *db, void *data)
{
	struct sweep *sweep = data;
	int64_t ids[500];
	int r = old_ids(db, sweep, ids);

	for (size_t i = 0; i < sweep->n && !r; i++)
		r = fer_sql_run(db, FER_SQL_REGISTRY_FORGET, NULL, "i", ids[i]);
	return r ? r : fer_sql_run(db, FER_SQL_REVOKED_FORGET, NULL, "i", sweep->revoked_before_s);
}

int fer_registry_sweep(struct fer_auth *auth, int64_t now_s, int64_t days)
{
	struct sweep sweep = { .before_s = now_s - days * 86400, .revoked_before_s = now_s - KEPT_S };
	int r = 0;

	for (int i = 0; i < SWEEP_ROUNDS && !r; i++) {
		r = fer_tx_run(fer_auth_store(auth), FER_TX_QUIET, forget, &sweep);
		if (sweep.n < 500)
			break;
	}
	return r;
}
