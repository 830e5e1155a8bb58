/*
 * The four kinds of an environment behind one set of functions. All say themselves what went wrong.
 */
#include "cli/config_side.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "auth/config_secret.h"
#include "core/json.h"
#include "core/private.h"

#define DIGESTS 1000           /* of one request */
#define TOKEN_MAX 4096

/* -- opening ----------------------------------------------------------------------------------------------------- */

static int read_stream(struct fer_cli *cli, FILE *file, size_t most, struct fer_str *out)
{
	struct fer_buf buf;
	char piece[4096];
	size_t n;

	fer_buf_init(&buf, cli->arena, most);
	while (!buf.overflow && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		fer_buf_add(&buf, piece, n);
	explicit_bzero(piece, sizeof(piece));
	*out = fer_buf_view(&buf);
	return buf.overflow ? -E2BIG : ferror(file) ? -EIO : 0;
}

static int read_file(struct fer_cli *cli, const char *name, size_t most, struct fer_str *out)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	int r = file ? read_stream(cli, file, most, out) : -errno;

	if (file && file != stdin)
		fclose(file);
	return r ? fer_cli_fail(cli, "%s: %s", name, strerror(-r)) : 0;
}

static int read_token(struct fer_cli *cli, const char *file, struct fer_str *out)
{
	char why[256];

	if (strcmp(file, "-") != 0 && fer_private_check(file, FER_PRIVATE_SECRET, why))
		return fer_cli_fail(cli, "%s", why);
	if (read_file(cli, file, TOKEN_MAX, out))
		return 1;
	*out = fer_str_trim(*out);
	for (size_t i = 0; i < out->len; i++)
		if ((unsigned char)out->at[i] <= ' ' || (unsigned char)out->at[i] >= 0x7f)
			return fer_cli_fail(cli, "%s holds more than a token", file);
	return out->len ? 0 : fer_cli_fail(cli, "%s holds no token", file);
}

static int open_live(struct fer_cli *cli, const char *token_file, struct fer_side *out)
{
	char why[256] = "";

	out->kind = FER_SIDE_LIVE;
	out->client = (struct fer_client){ .url = out->name, .authorities = fer_cli_option(cli, "authorities") };
	if (fer_client_check(out->name, why))
		return fer_cli_fail(cli, "%s", why);
	if (!token_file)
		return fer_cli_fail(cli, "%s needs a token: --token-file FILE, or - for standard input", out->name);
	return read_token(cli, token_file, &out->client.token);
}

static int open_house(struct fer_cli *cli, const char *database, struct fer_side *out)
{
	struct fer_cli other = *cli;

	out->kind = FER_SIDE_HOUSE;
	if (database)
		other.settings.database = (char *)database;
	return fer_house_open(&out->house, &other);
}

static bool is_folder(const char *name)
{
	struct stat at;

	return stat(name, &at) == 0 && S_ISDIR(at.st_mode);
}

int fer_side_open(struct fer_cli *cli, const char *name, const char *token_file, struct fer_side *out)
{
	*out = (struct fer_side){ .kind = FER_SIDE_FILE, .name = name };
	if (fer_client_is_url(name))
		return open_live(cli, token_file, out);
	if (strcmp(name, "local") == 0)
		return open_house(cli, NULL, out);
	if (strncmp(name, "sqlite:", 7) == 0 || strncmp(name, "mysql://", 8) == 0)
		return open_house(cli, name, out);
	if (is_folder(name))
		return open_house(cli, fer_str_z(cli->arena, fer_str_fmt(cli->arena, "sqlite:%s/ferrite.db", name)), out);
	return 0;
}

void fer_side_close(struct fer_side *side)
{
	if (side->kind == FER_SIDE_HOUSE)
		fer_house_close(&side->house);
}

/* -- asking a live server ---------------------------------------------------------------------------------------- */

/* Its errors are in its answers: the message, filled in. */
static int say_refusal(struct fer_cli *cli, const struct fer_side *side, int status, struct fer_str answer)
{
	struct fer_value json, params;
	const struct fer_value *errors;
	struct fer_buf text;
	size_t n;

	if (fer_json_read(cli->arena, answer, &json) || json.kind != FER_V_MAP)
		return fer_cli_fail(cli, "%s answers %d", side->name, status);
	errors = fer_get(&json, "errors");
	n = fer_count(errors);
	for (size_t i = 0; i < (n ? n : 1); i++) {
		const struct fer_value *one = n ? fer_at(errors, i) : &json, *given = fer_get(one, "parameters");

		params = given && given->kind == FER_V_MAP ? *given : fer_map();
		for (size_t k = 0; given && given->kind == FER_V_LIST && k < fer_count(given); k++)
			fer_append(cli->arena, &params, fer_str_fmt(cli->arena, "%zu", k + 1), *fer_at(given, k));
		fer_buf_init(&text, cli->arena, 4096);
		fer_json_plain(&text, fer_fault_fill(cli->arena, fer_map_str(cli->arena, one, "message"), &params));
		fer_cli_fail(cli, "%s answers %d: %.*s", side->name, status, FER_F(fer_buf_view(&text)));
	}
	return 1;
}

static int ask(struct fer_cli *cli, const struct fer_side *side, const char *method, struct fer_str path, struct fer_str body,
               struct fer_str *answer)
{
	char why[256] = "no memory";
	int status;

	if (fer_client_call(&side->client, cli->arena, method, path, body, &status, answer, why))
		return fer_cli_fail(cli, "%s", why);
	return status == 200 ? 0 : say_refusal(cli, side, status, *answer);
}

static struct fer_str json_text(struct fer_cli *cli, const struct fer_value *json)
{
	struct fer_buf buf;

	fer_buf_init(&buf, cli->arena, 2 * FER_CONFIG_BYTES);
	fer_json_write(&buf, json);
	return fer_buf_view(&buf);
}

/* -- documents --------------------------------------------------------------------------------------------------- */

static struct fer_str export_path(struct fer_cli *cli, const struct fer_config_cover *cover)
{
	struct fer_buf path;

	fer_buf_init(&path, cli->arena, 2048);
	fer_buf_text(&path, "/ferrite/v1/config?scope=");
	fer_url_put(&path, cover->scope);
	fer_buf_text(&path, "&prefix=");
	fer_url_put(&path, cover->prefix);
	fer_buf_text(&path, cover->shared ? "&shared=true" : "");
	return fer_buf_view(&path);
}

static int parse(struct fer_cli *cli, struct fer_side *side, struct fer_str text)
{
	char why[256] = "";
	int r = fer_config_document_parse(cli->arena, text, &side->document, why);

	if (r)
		return fer_cli_fail(cli, "%s is no configuration document: %s", side->name, r == -EINVAL ? why : strerror(-r));
	return 0;
}

/* What a file covers may be narrowed, never widened. */
static void narrow(struct fer_config_document *document, const struct fer_config_cover *cover)
{
	struct fer_config_cover *own = &document->cover;
	size_t n = 0;

	own->shared |= cover->shared;
	if (!own->scope.len)
		own->scope = cover->scope;
	if (cover->prefix.len > own->prefix.len)
		own->prefix = cover->prefix;
	for (size_t i = 0; i < document->n; i++)
		if (fer_config_covers(own, document->entries[i].scope, document->entries[i].path) &&
		    fer_config_covers(cover, document->entries[i].scope, document->entries[i].path))
			document->entries[n++] = document->entries[i];
	document->n = n;
}

static int read_document(struct fer_cli *cli, struct fer_side *side, const struct fer_config_cover *cover)
{
	struct fer_str text;

	if (read_file(cli, side->name, FER_CONFIG_BYTES, &text) || parse(cli, side, text))
		return 1;
	narrow(&side->document, cover);
	return 0;
}

static int read_house(struct fer_cli *cli, struct fer_side *side, const struct fer_config_cover *cover, struct fer_str for_key)
{
	struct fer_db *db;
	int r = fer_db_lend(side->house.store, &db);

	if (!r) {
		r = fer_config_document_read(db, side->house.keys, cli->arena, cover, for_key, &side->document);
		fer_db_return(db);
	}
	return r ? fer_cli_fail(cli, "%s: %s", side->name, strerror(-r)) : 0;
}

int fer_side_read(struct fer_cli *cli, struct fer_side *side, const struct fer_config_cover *cover, struct fer_str for_key)
{
	struct fer_str text;

	if (side->kind == FER_SIDE_FILE)
		return read_document(cli, side, cover);
	if (side->kind == FER_SIDE_HOUSE)
		return read_house(cli, side, cover, for_key);
	return ask(cli, side, "GET", export_path(cli, cover), FER_STR_NONE, &text) || parse(cli, side, text);
}

/* -- secrets that meet ------------------------------------------------------------------------------------------- */

struct pair {
	struct fer_config_entry *mine, *others;
};

static int compare(const void *a, const void *b)
{
	return fer_config_entry_order(a, b);
}

static struct fer_config_entry *find(const struct fer_config_document *document, const struct fer_config_entry *like)
{
	return document->n ? bsearch(like, document->entries, document->n, sizeof(*like), compare) : NULL;
}

static size_t pairs_of(struct fer_cli *cli, const struct fer_side *a, const struct fer_side *b, struct pair **out)
{
	size_t n = 0;

	*out = FER_NEW_ARRAY(cli->arena, a->document.n + 1, struct pair);
	for (size_t i = 0; i < a->document.n; i++) {
		struct fer_config_entry *mine = &a->document.entries[i], *others;

		if (mine->secret && mine->digest.len && (others = find(&b->document, mine)) && others->secret && others->digest.len)
			(*out)[n++] = (struct pair){ mine, others };
	}
	return n;
}

/* Digests of the other side's entries, multiplied by this side's numbers. */
static int bring_here(struct fer_cli *cli, const struct fer_side *side, struct fer_config_entry *const *entries, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++)
		r = fer_config_digest_again(side->house.keys, cli->arena, entries[i]->scope, entries[i]->path, entries[i]->digest, &entries[i]->digest);
	return r ? fer_cli_fail(cli, "a digest cannot be compared: %s", strerror(-r)) : 0;
}

static int take_answers(struct fer_cli *cli, const struct fer_side *side, struct fer_str answer, struct fer_config_entry *const *entries, size_t n)
{
	struct fer_value json;
	const struct fer_value *list = NULL;

	if (fer_json_read(cli->arena, answer, &json) == 0)
		list = fer_get(&json, "digests");
	if (fer_count(list) != n)
		return fer_cli_fail(cli, "%s does not answer with digests", side->name);
	for (size_t i = 0; i < n; i++)
		entries[i]->digest = fer_map_str(cli->arena, fer_at(list, i), "digest");
	return 0;
}

static int bring_there(struct fer_cli *cli, const struct fer_side *side, struct fer_config_entry *const *entries, size_t n)
{
	struct fer_value body = fer_map(), list = fer_list();
	struct fer_str answer;

	for (size_t i = 0; i < n; i++) {
		struct fer_value *one = fer_push(cli->arena, &list, fer_map());

		fer_set(cli->arena, one, "scope", fer_string(entries[i]->scope));
		fer_set(cli->arena, one, "path", fer_string(entries[i]->path));
		fer_set(cli->arena, one, "digest", fer_string(entries[i]->digest));
	}
	fer_set(cli->arena, &body, "digests", list);
	if (ask(cli, side, "POST", FER_S("/ferrite/v1/config/compare"), json_text(cli, &body), &answer))
		return 1;
	return take_answers(cli, side, answer, entries, n);
}

static int bring(struct fer_cli *cli, const struct fer_side *to, const struct pair *pairs, size_t n, bool mine)
{
	struct fer_config_entry *entries[DIGESTS];

	for (size_t from = 0, part; from < n; from += part) {
		part = n - from < DIGESTS ? n - from : DIGESTS;
		for (size_t i = 0; i < part; i++)
			entries[i] = mine ? pairs[from + i].mine : pairs[from + i].others;
		if (to->kind == FER_SIDE_HOUSE ? bring_here(cli, to, entries, part) : bring_there(cli, to, entries, part))
			return 1;
	}
	return 0;
}

int fer_side_meet(struct fer_cli *cli, struct fer_side *a, struct fer_side *b)
{
	struct pair *pairs;
	size_t n;

	if (fer_str_eq(a->document.key, b->document.key) || a->kind == FER_SIDE_FILE || b->kind == FER_SIDE_FILE)
		return 0;
	n = pairs_of(cli, a, b, &pairs);
	if (bring(cli, b, pairs, n, true) || bring(cli, a, pairs, n, false))
		return 1;
	a->document.key = b->document.key = FER_S("both");
	return 0;
}

/* -- importing --------------------------------------------------------------------------------------------------- */

static int import_here(struct fer_cli *cli, struct fer_side *side, const struct fer_config_import *import, struct fer_value *changes)
{
	struct fer_fault fault = { 0 };
	struct fer_config_plan plan;
	int r = fer_config_import(side->house.auth, fer_cli_actor(cli), cli->arena, import, &fault, &plan);

	if (r)
		return fer_cli_result(cli, r, &fault);
	*changes = fer_config_plan_show(cli->arena, &plan);
	return 0;
}

static int import_there(struct fer_cli *cli, struct fer_side *side, const struct fer_config_import *import, struct fer_value *changes)
{
	struct fer_value json = fer_config_document_show(cli->arena, import->document);
	struct fer_str answer, path = fer_str_fmt(cli->arena, "/ferrite/v1/config/import?dryRun=%d&keep=%d&secrets=%d%s", import->dry, import->keep,
	                                          import->secrets, import->unknown ? "&unknown=allow" : "");

	if (ask(cli, side, "POST", path, json_text(cli, &json), &answer))
		return 1;
	if (fer_json_read(cli->arena, answer, &json) || !fer_get(&json, "changes"))
		return fer_cli_fail(cli, "%s does not answer with changes", side->name);
	*changes = *fer_get(&json, "changes");
	return 0;
}

int fer_side_import(struct fer_cli *cli, struct fer_side *side, const struct fer_config_import *import, struct fer_value *changes)
{
	if (side->kind == FER_SIDE_FILE)
		return fer_cli_fail(cli, "%s is a file: a configuration is imported into a database or a server", side->name);
	return side->kind == FER_SIDE_HOUSE ? import_here(cli, side, import, changes) : import_there(cli, side, import, changes);
}
