/*
 * One row of the audit log: from an event to clean text, to the bytes that are hashed, in and out of the table. Apart from the
 * chain, which decides where a row stands.
 */
#include <sodium.h>

#include "auth/audit_impl.h"
#include "auth/registry_impl.h"
#include "core/json.h"

#define DETAILS_MAX 1024
#define CREDENTIAL_LEN 32       /* no word of a user agent or a reason is that long; tokens, keys and hashes are */

const struct fer_actor fer_actor_system = { .type = FER_ACTOR_SYSTEM, .name = { "ferrite", 7 } };

static const char *const names[FER_N_AUDIT_NAMES] = {
#define X(name, text, meaning) [FER_AUDIT_##name] = text,
#include "auth/audit_events.def"
#undef X
};

static const char *const outcomes[] = { [FER_ALLOWED] = "allowed", [FER_DENIED] = "denied", [FER_FAILED] = "failed" };

static const char *const actor_types[FER_N_ACTOR_TYPES] = {
	[FER_ACTOR_GUEST] = "guest", [FER_ACTOR_INTEGRATION] = "integration", [FER_ACTOR_ADMIN] = "admin",
	[FER_ACTOR_CUSTOMER] = "customer", [FER_ACTOR_OTHER] = "other", [FER_ACTOR_CLI] = "cli", [FER_ACTOR_SYSTEM] = "system",
};

const char *fer_actor_type_name(enum fer_actor_type type)
{
	return actor_types[type];
}

#define NUMBER(field) { #field, true, offsetof(struct fer_audit_row, field), 0 }
#define TEXT(field, max) { #field, false, offsetof(struct fer_audit_row, field), max }
const struct fer_audit_column fer_audit_columns[] = {
	TEXT(node, FER_AUDIT_NODE_MAX), NUMBER(seq), NUMBER(time_us), TEXT(event, 32), TEXT(outcome, 16), TEXT(actor_type, 16),
	NUMBER(actor_id), TEXT(actor, 128), TEXT(accessor, 64), TEXT(target, 255), TEXT(reason, 255), TEXT(source, 64),
	TEXT(user_agent, 255), TEXT(request_id, 64), TEXT(route, 255), TEXT(details, DETAILS_MAX), TEXT(prev, 64), TEXT(hash, 64),
};
_Static_assert(FER_ARRAY_LEN(fer_audit_columns) == FER_AUDIT_N_COLUMNS, "columns are counted in audit_impl.h");

const char *fer_audit_kind(enum fer_user_type type)
{
	return type == FER_USER_ADMIN ? "user" : type == FER_USER_CUSTOMER ? "customer" : type == FER_USER_INTEGRATION ? "integration" : "other";
}

static struct fer_str *text_of(const struct fer_audit_row *row, size_t i)
{
	return (struct fer_str *)((char *)row + fer_audit_columns[i].at);
}

static int64_t *number_of(const struct fer_audit_row *row, size_t i)
{
	return (int64_t *)((char *)row + fer_audit_columns[i].at);
}

/* -- clean text -------------------------------------------------------------------------------------------------- */

/* Length of the character that starts at @at; 0: none that is well-formed. */
static size_t character(const char *at, size_t left)
{
	unsigned char c = (unsigned char)*at;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return len <= left && fer_utf8_valid((struct fer_str){ at, len }) ? len : 0;
}

/* Control characters, line and paragraph separators, and those that turn the direction of what is shown. */
static bool harms(const char *at, size_t len)
{
	unsigned char a = (unsigned char)at[0], b = len > 1 ? (unsigned char)at[1] : 0, c = len > 2 ? (unsigned char)at[2] : 0;

	if (len == 1)
		return a < 0x20 || a == 0x7f;
	if (len == 2)
		return a == 0xc2 && b < 0xa0;
	return len == 3 && a == 0xe2 && ((b == 0x80 && ((c >= 0x8e && c <= 0x8f) || (c >= 0xa8 && c <= 0xae))) ||
	                                 (b == 0x81 && c >= 0xa6 && c <= 0xa9));
}

struct fer_str fer_audit_clean(struct fer_arena *arena, struct fer_str text, size_t max)
{
	char *out = fer_alloc(arena, max + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len;) {
		size_t len = character(text.at + i, text.len - i);
		bool good = len && !harms(text.at + i, len);

		if (n + (good ? len : 1) > max)
			break;
		memcpy(out + n, good ? text.at + i : "?", good ? len : 1);
		n += good ? len : 1;
		i += len ? len : 1;
	}
	return (struct fer_str){ out, n };
}

static bool of_credential(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' || c == '+' ||
	       c == '/' || c == '=';
}

static size_t run_of(struct fer_str text)
{
	size_t n = 0;

	while (n < text.len && of_credential(text.at[n]))
		n++;
	return n;
}

/* Clients write what they like into a user agent; a token or key in it does not get into the log. */
static struct fer_str without_credentials(struct fer_arena *arena, struct fer_str text)
{
	struct fer_buf out;

	fer_buf_init(&out, arena, text.len + 1);
	while (text.len) {
		size_t n = run_of(text);

		if (n >= CREDENTIAL_LEN)
			fer_buf_char(&out, '*');
		else
			fer_buf_str(&out, fer_str_take(text, n ? n : 1));
		text = fer_str_skip(text, n ? n : 1);
	}
	return fer_buf_view(&out);
}

/* -- from an event ----------------------------------------------------------------------------------------------- */

/* Cut JSON is no JSON: too many details are none. */
static struct fer_str details_text(struct fer_arena *arena, const struct fer_value *details)
{
	struct fer_buf out;

	if (!fer_count(details))
		return FER_S("");
	fer_buf_init(&out, arena, DETAILS_MAX);
	fer_json_write(&out, details);
	return out.overflow ? FER_S("{\"cut\":true}") : fer_buf_view(&out);
}

static void clean_all(struct fer_arena *arena, struct fer_audit_row *row)
{
	for (size_t i = 0; i < FER_AUDIT_N_COLUMNS; i++)
		if (!fer_audit_columns[i].number)
			*text_of(row, i) = fer_audit_clean(arena, *text_of(row, i), fer_audit_columns[i].max);
}

void fer_audit_row_make(struct fer_arena *arena, const struct fer_audit_event *event, struct fer_audit_row *out)
{
	const struct fer_actor *actor = event->actor;

	*out = (struct fer_audit_row){
		.event = fer_str(names[event->name]), .outcome = fer_str(outcomes[event->outcome]),
		.actor_type = fer_str(actor_types[actor->type]), .actor_id = actor->id, .actor = actor->name, .accessor = actor->accessor,
		.target = event->target, .reason = event->reason, .source = actor->source,
		.user_agent = without_credentials(arena, fer_str_take(actor->user_agent, 1024)),
		.request_id = actor->request_id, .route = actor->route, .details = details_text(arena, event->details),
		.token = actor->token, .account_type = event->account_type, .account = fer_str_dup(arena, event->account),
	};
	clean_all(arena, out);
}

/* -- what the database knows ------------------------------------------------------------------------------------- */

static int read_name(struct fer_arena *arena, struct fer_stmt *stmt, struct fer_str *out)
{
	int r = fer_stmt_step(stmt);

	if (r > 0)
		*out = fer_col_dup(arena, stmt, 0);
	return r < 0 ? r : 0;
}

static int name_actor(struct fer_db *db, struct fer_arena *arena, struct fer_audit_row *row)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	bool admin = fer_str_is(row->actor_type, "admin");
	struct fer_str name = FER_S("");
	int r;

	if (row->actor.len || row->actor_id <= 0 || !(admin || fer_str_is(row->actor_type, "integration")))
		return 0;
	if ((r = fer_sql_open(db, admin ? FER_SQL_AUDIT_ADMIN_NAME : FER_SQL_AUDIT_INTEGRATION_NAME, &stmt, "i", row->actor_id)) ||
	    (r = read_name(arena, stmt, &name)))
		return r;
	row->actor = fer_audit_clean(arena, name, 128);
	return 0;
}

/* A JWT that another Magento issued may have no row yet. */
static int name_token(struct fer_db *db, struct fer_arena *arena, struct fer_audit_row *row)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	char hash[FER_TOKEN_HASH_LEN];
	int r;

	if (row->accessor.len || !row->token)
		return 0;
	if ((r = fer_sql_open(db, FER_SQL_AUDIT_ACCESSOR, &stmt, "s", fer_token_hash(row->token, hash))))
		return r;
	return read_name(arena, stmt, &row->accessor);
}

/* "user:boss" for one who exists; "user:?1f0c…" for one who does not, the same each time, so that attempts can be counted. */
static int name_account(struct fer_db *db, struct fer_arena *arena, const struct fer_keys *keys, struct fer_audit_row *row)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	bool admin = row->account_type == FER_USER_ADMIN;
	const char *kind = fer_audit_kind(row->account_type);
	struct fer_str found = FER_STR_NONE;
	char hash[65];
	int r;

	if (!row->account_type)
		return 0;
	if ((r = fer_sql_open(db, admin ? FER_SQL_AUDIT_ADMIN_NAMED : FER_SQL_AUDIT_CUSTOMER_NAMED, &stmt, "s", row->account)) ||
	    (r = read_name(arena, stmt, &found)))
		return r;
	if (found.at) {
		row->target = fer_audit_clean(arena, fer_str_fmt(arena, "%s:%.*s", kind, FER_F(found)), 255);
		return 0;
	}
	if ((r = fer_keys_hash(keys, fer_str_fmt(arena, "audit name %.*s", FER_F(row->account)), hash)))
		return r;
	row->target = fer_str_fmt(arena, "%s:?%.16s", kind, hash);
	return 0;
}

int fer_audit_row_finish(struct fer_db *db, struct fer_arena *arena, const struct fer_keys *keys, struct fer_audit_row *row)
{
	int r;

	if ((r = name_actor(db, arena, row)) || (r = name_token(db, arena, row)))
		return r;
	return name_account(db, arena, keys, row);
}

/* -- bytes, hash, table ------------------------------------------------------------------------------------------ */

void fer_audit_encode(const struct fer_audit_row *row, struct fer_buf *out)
{
	fer_buf_text(out, "ferrite-audit-1\n");
	for (size_t i = 0; i + 1 < FER_AUDIT_N_COLUMNS; i++) {
		char number[24];
		struct fer_str text;

		if (fer_audit_columns[i].number)
			text = (struct fer_str){ number, (size_t)snprintf(number, sizeof(number), "%lld", (long long)*number_of(row, i)) };
		else
			text = *text_of(row, i);
		fer_buf_fmt(out, "%zu:", text.len);
		fer_buf_str(out, text);
		fer_buf_char(out, ',');
	}
}

void fer_audit_hash(const struct fer_audit_row *row, char out[FER_AUDIT_HASH])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	struct fer_buf text;

	fer_buf_init(&text, NULL, SIZE_MAX / 2);
	fer_audit_encode(row, &text);
	crypto_hash_sha256(digest, (const unsigned char *)text.at, text.len);
	sodium_bin2hex(out, FER_AUDIT_HASH, digest, sizeof(digest));
	fer_buf_release(&text);
}

void fer_audit_row_read(struct fer_arena *arena, struct fer_stmt *stmt, struct fer_audit_row *out)
{
	*out = (struct fer_audit_row){ 0 };
	for (size_t i = 0; i < FER_AUDIT_N_COLUMNS; i++) {
		if (fer_audit_columns[i].number)
			*number_of(out, i) = fer_col_int(stmt, (int)i);
		else
			*text_of(out, i) = fer_col_dup(arena, stmt, (int)i);
	}
}

int fer_audit_row_insert(struct fer_db *db, const struct fer_audit_row *row)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_stmt_open(db, FER_SQL_AUDIT_INSERT, &stmt);

	for (size_t i = 0; !r && i < FER_AUDIT_N_COLUMNS; i++) {
		if (fer_audit_columns[i].number)
			fer_bind_int(stmt, (int)i + 1, *number_of(row, i));
		else
			fer_bind_str(stmt, (int)i + 1, *text_of(row, i));
	}
	return r ? r : fer_stmt_run(stmt, NULL);
}
