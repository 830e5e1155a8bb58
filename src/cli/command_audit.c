/*
 * ferrite audit …: what was done, by whom, and whether the record of it is whole.
 */
#include <errno.h>
#include <unistd.h>

#include "auth/audit_read.h"
#include "cli/commands.h"
#include "cli/house.h"
#include "core/clock.h"
#include "core/json.h"

#define MAX_FILE (64u << 20)
#define LINE_MAX_SIZE 65536
#define LINES "20"
#define FOLLOW_MS 500

static int64_t now_s(void)
{
	struct fer_clock clock;

	fer_clock_init(&clock);
	return fer_now_s(&clock);
}

/* -- filters ----------------------------------------------------------------------------------------------------- */

#define FILTER_OPTIONS \
	{ "since", "TIME", "from then on: 2026-11-25T02:45:00Z, 2026-11-25, or so long ago: 15m, 2h, 7d" }, \
	{ "until", "TIME", "before that time" }, { "event", "NAME", "such as sign-in, access.denied, token.revoke" }, \
	{ "outcome", "WORD", "allowed, denied or failed" }, { "actor", "NAME", "by this user or account" }, \
	{ "target", "TEXT", "done to this: user:5, role:7, config:default/0/PATH" }, { "source", "ADDRESS", "from this address" }, \
	{ "request", "ID", "in this request (X-Request-Id)" }, { "node", "NAME", "in the chain of this node" }

static int read_time(struct fer_cli *cli, const char *option, int64_t *us)
{
	const char *text = fer_cli_option(cli, option);

	if (text && !fer_audit_time(fer_str(text), now_s(), us))
		return fer_cli_fail(cli, "--%s is a time such as 2026-11-25T02:45:00Z, or so long ago such as 15m, 2h, 7d", option);
	return 0;
}

static int read_number(struct fer_cli *cli, const char *option, const char *otherwise, int64_t *out)
{
	const char *text = fer_cli_option(cli, option);

	if (!fer_str_int(fer_str(text ? text : otherwise), out) || *out < 0)
		return fer_cli_fail(cli, "--%s is a number", option);
	return 0;
}

static int read_filter(struct fer_cli *cli, struct fer_audit_filter *out)
{
	const struct { const char *option; struct fer_str *text; } texts[] = {
		{ "event", &out->event }, { "outcome", &out->outcome }, { "actor", &out->actor }, { "target", &out->target },
		{ "source", &out->source }, { "request", &out->request_id }, { "node", &out->node },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++)
		*texts[i].text = fer_str(fer_cli_option(cli, texts[i].option));
	return read_time(cli, "since", &out->since_us) || read_time(cli, "until", &out->until_us);
}

/* -- lines -------------------------------------------------------------------------------------------------------- */

struct exporting {
	void (*put)(struct fer_buf *out, const struct fer_audit_row *row);
	struct fer_buf line;
};

static int print_row(const struct fer_audit_row *row, void *data)
{
	struct exporting *e = data;

	e->line.len = 0;
	e->put(&e->line, row);
	fwrite(e->line.at, 1, e->line.len, stdout);
	return ferror(stdout) || e->line.overflow ? -EIO : 0;
}

/* -- list and tail ----------------------------------------------------------------------------------------------- */

static const char *const columns[] = { "time", "node", "seq", "event", "outcome", "actor", "target", "reason", "source", NULL };

struct listing {
	struct fer_cli *cli;
	struct fer_value rows;
};

static int keep_row(const struct fer_audit_row *row, void *data)
{
	struct listing *listing = data;

	fer_push(listing->cli->arena, &listing->rows, fer_audit_value(listing->cli->arena, row, true));
	return fer_arena_broken(listing->cli->arena) ? -ENOMEM : 0;
}

static int list(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_audit_filter filter = { .newest_first = true };
	struct listing listing = { cli, fer_list() };
	int r;

	if (read_filter(cli, &filter) || read_number(cli, "limit", "50", &filter.limit))
		return 1;
	if ((r = fer_audit_each(house->store, cli->arena, &filter, keep_row, &listing, NULL)))
		return fer_cli_fail(cli, "%s", strerror(-r));
	fer_cli_table(cli, &listing.rows, columns);
	return 0;
}

/* The cursor of the row before the last @n: from there on it is read forward. */
static int find_start(struct fer_cli *cli, struct fer_house *house, struct fer_audit_filter filter, int64_t n, struct listing *out)
{
	filter.newest_first = true;
	filter.limit = n;
	return n ? fer_audit_each(house->store, cli->arena, &filter, keep_row, out, NULL) : 0;
}

static struct fer_str cursor_of(struct fer_cli *cli, const struct fer_value *row)
{
	return fer_str_fmt(cli->arena, "%lld.%lld.%.*s", (long long)fer_map_int(row, "time_us", 0), (long long)fer_map_int(row, "seq", 0) - 1,
	                   FER_F(fer_map_str(cli->arena, row, "node")));
}

static int follow(struct fer_cli *cli, struct fer_house *house, struct fer_audit_filter *filter)
{
	struct exporting exporting = { .put = fer_audit_text };
	bool forever = fer_cli_option(cli, "follow") != NULL;
	struct fer_str cursor;
	int r;

	fer_buf_init(&exporting.line, cli->arena, LINE_MAX_SIZE);
	do {
		if ((r = fer_audit_each(house->store, cli->arena, filter, print_row, &exporting, &cursor)))
			break;
		if (cursor.len)
			filter->after = cursor;
		fflush(stdout);
		if (forever)
			usleep(FOLLOW_MS * 1000);
	} while (forever);
	return r ? fer_cli_fail(cli, "%s", strerror(-r)) : 0;
}

static int tail(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_audit_filter filter = { 0 };
	struct listing last = { cli, fer_list() };
	int64_t n;
	int r;

	if (read_filter(cli, &filter) || read_number(cli, "lines", LINES, &n))
		return 1;
	if ((r = find_start(cli, house, filter, n, &last)))
		return fer_cli_fail(cli, "%s", strerror(-r));
	if (fer_count(&last.rows))
		filter.after = cursor_of(cli, fer_at(&last.rows, fer_count(&last.rows) - 1));
	else if (!n)
		filter.since_us = now_s() * 1000000;
	return follow(cli, house, &filter);
}

/* -- export ------------------------------------------------------------------------------------------------------ */

static int export(struct fer_cli *cli, struct fer_house *house)
{
	const char *format = fer_cli_option(cli, "format");
	struct exporting exporting = { .put = fer_audit_json };
	struct fer_audit_filter filter = { 0 };
	int r;

	if (format && strcmp(format, "syslog") == 0)
		exporting.put = fer_audit_syslog;
	else if (format && strcmp(format, "jsonl") != 0)
		return fer_cli_fail(cli, "--format is jsonl or syslog");
	if (read_filter(cli, &filter))
		return 1;
	fer_buf_init(&exporting.line, cli->arena, LINE_MAX_SIZE);
	r = fer_audit_note(fer_auth_audit(house->auth), &(struct fer_audit_event){ .name = FER_AUDIT_LOG_EXPORT, .actor = fer_cli_actor(cli) });
	if (!r)
		r = fer_audit_each(house->store, cli->arena, &filter, print_row, &exporting, NULL);
	if (!r && fflush(stdout))
		r = -errno;
	return r ? fer_cli_fail(cli, "%s", strerror(-r)) : 0;
}

/* -- verify ------------------------------------------------------------------------------------------------------ */

static int read_file(struct fer_cli *cli, const char *path, struct fer_str *out)
{
	struct fer_buf buf;
	char piece[4096];
	size_t n;
	FILE *file = fopen(path, "re");

	if (!file)
		return fer_cli_fail(cli, "%s: %s", path, strerror(errno));
	fer_buf_init(&buf, cli->arena, MAX_FILE);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		fer_buf_add(&buf, piece, n);
	fclose(file);
	*out = fer_buf_view(&buf);
	return buf.overflow ? fer_cli_fail(cli, "%s is too long", path) : 0;
}

static int read_kept(struct fer_cli *cli, struct fer_value *out)
{
	const char *path = fer_cli_option(cli, "checkpoints");
	struct fer_str text;
	size_t line;

	*out = fer_list();
	if (!path)
		return 0;
	if (read_file(cli, path, &text))
		return 1;
	return fer_audit_checkpoint_read(cli->arena, text, out, &line) ? fer_cli_fail(cli, "%s, line %zu is no checkpoint", path, line) : 0;
}

static void print_report(struct fer_cli *cli, const struct fer_audit_report *report)
{
	for (size_t i = 0; i < fer_count(&report->findings); i++) {
		const struct fer_value *f = fer_at(&report->findings, i);

		printf("%.*s/%lld %.*s\n", FER_F(fer_map_str(cli->arena, f, "node")), (long long)fer_map_int(f, "seq", 0),
		       FER_F(fer_map_str(cli->arena, f, "what")));
	}
	if (report->n_findings > (int64_t)fer_count(&report->findings))
		printf("and %lld more\n", (long long)report->n_findings - (long long)fer_count(&report->findings));
	for (size_t i = 0; i < fer_count(&report->nodes); i++) {
		const struct fer_value *node = fer_at(&report->nodes, i);

		printf("node %.*s: %lld rows, up to %lld %.*s\n", FER_F(fer_map_str(cli->arena, node, "node")),
		       (long long)fer_map_int(node, "rows", 0), (long long)fer_map_int(node, "seq", 0), FER_F(fer_map_str(cli->arena, node, "hash")));
	}
	printf("%s: %lld rows, %lld checkpoints, %lld findings\n", report->n_findings ? "NOT WHOLE" : "whole", (long long)report->n_rows,
	       (long long)report->n_checkpoints, (long long)report->n_findings);
}

static int verify(struct fer_cli *cli, struct fer_house *house)
{
	struct fer_audit_report report;
	struct fer_value kept;
	int r;

	if (read_kept(cli, &kept))
		return 1;
	if ((r = fer_audit_verify(fer_auth_audit(house->auth), cli->arena, &kept, &report)))
		return fer_cli_fail(cli, "%s", strerror(-r));
	print_report(cli, &report);
	return report.n_findings > 0;
}

/* -- checkpoints and keys ---------------------------------------------------------------------------------------- */

static int write_points(struct fer_cli *cli, const struct fer_value *points, FILE *file)
{
	struct fer_buf line;

	fer_buf_init(&line, cli->arena, LINE_MAX_SIZE);
	for (size_t i = 0; i < fer_count(points); i++) {
		line.len = 0;
		fer_json_write(&line, fer_at(points, i));
		fer_buf_char(&line, '\n');
		fwrite(line.at, 1, line.len, file);
	}
	return fflush(file) || ferror(file) ? -EIO : 0;
}

static int checkpoint(struct fer_cli *cli, struct fer_house *house)
{
	const char *path = fer_cli_option(cli, "out");
	struct fer_value points;
	FILE *file;
	int r = fer_audit_checkpoint(fer_auth_audit(house->auth), fer_cli_actor(cli), cli->arena, &points);

	if (r)
		return fer_cli_fail(cli, "%s", strerror(-r));
	if (!path)
		return write_points(cli, &points, stdout) != 0;
	if (!(file = fopen(path, "ae")))
		return fer_cli_fail(cli, "%s: %s", path, strerror(errno));
	r = write_points(cli, &points, file);
	if (fclose(file) || r)
		return fer_cli_fail(cli, "%s cannot be written", path);
	printf("%zu checkpoints are in %s\n", fer_count(&points), path);
	return 0;
}

static int key(struct fer_cli *cli, struct fer_house *house)
{
	static const char *const key_columns[] = { "node", "number", "public_key", "created_at", NULL };
	struct fer_value keys;
	int r = fer_audit_keys(fer_auth_audit(house->auth), cli->arena, &keys);

	if (r)
		return fer_cli_fail(cli, "%s", strerror(-r));
	fer_cli_table(cli, &keys, key_columns);
	return 0;
}

/* -- the rows ---------------------------------------------------------------------------------------------------- */

const struct fer_command fer_command_audit_list = {
	.name = "audit list", .settings = true, .summary = "List rows of the audit log, newest first", .work = list,
	FER_OPTIONS(FILTER_OPTIONS, { "limit", "N", "at most so many rows (default: 50; 0: all)" }, { "json", NULL, "as JSON, with every column" }),
};
const struct fer_command fer_command_audit_tail = {
	.name = "audit tail", .settings = true, .summary = "Print the last rows of the audit log, and those that come", .work = tail,
	FER_OPTIONS(FILTER_OPTIONS, { "lines", "N", "so many of the last rows (default: " LINES ")" },
	            { "follow", NULL, "wait for further rows, until interrupted" }),
};
const struct fer_command fer_command_audit_verify = {
	.name = "audit verify", .settings = true, .summary = "Find changed, removed, inserted and reordered rows of the audit log",
	.work = verify,
	FER_OPTIONS({ "checkpoints", "FILE", "checkpoints that were kept elsewhere (ferrite audit checkpoint --out)" }),
	.text = "Ends with 0 when every chain is whole, 1 when something was found. Only checkpoints that were kept where an intruder could not\n"
	        "reach them show a chain that was put back to an earlier state as a whole, or signed anew with another key.",
};
const struct fer_command fer_command_audit_checkpoint = {
	.name = "audit checkpoint", .settings = true, .summary = "Sign where the chains of the audit log end now", .work = checkpoint,
	FER_OPTIONS({ "out", "FILE", "append the checkpoints to this file, one JSON line each (default: print them)" }),
};
const struct fer_command fer_command_audit_export = {
	.name = "audit export", .settings = true, .summary = "Print the audit log, oldest row first", .work = export,
	FER_OPTIONS(FILTER_OPTIONS, { "format", "NAME", "jsonl (default) or syslog (RFC 5424)" }),
};
const struct fer_command fer_command_audit_key = {
	.name = "audit key", .settings = true, .summary = "Show the public keys that sign the audit log", .work = key,
	FER_OPTIONS({ "json", NULL, "as JSON" }),
};
