/*
 * ferrite routes: every route with its ACL resource and source, from the rows.
 */
#include "cli/commands.h"
#include "cli/tables.h"

static const char *method_name(enum fer_method method)
{
	static const char *const names[] = { [FER_GET] = "GET", [FER_POST] = "POST", [FER_PUT] = "PUT", [FER_DELETE] = "DELETE" };

	return names[method];
}

static void add_row(struct fer_cli *cli, struct fer_value *rows, const struct fer_route *route)
{
	struct fer_value row = fer_map();

	fer_set(cli->arena, &row, "method", fer_text(method_name(route->method)));
	fer_set(cli->arena, &row, "path", fer_text(route->path));
	fer_set(cli->arena, &row, "acl", fer_text(route->acl));
	fer_set(cli->arena, &row, "forced", fer_text(route->forced));
	fer_set(cli->arena, &row, "insecure", fer_bool(route->insecure));
	fer_set(cli->arena, &row, "https", fer_bool(route->https));
	fer_set(cli->arena, &row, "service", fer_text(route->service));
	fer_set(cli->arena, &row, "answers", fer_bool((route->of || route->returns) && !fer_entity_silent(route)));
	fer_set(cli->arena, &row, "source", fer_text(route->source));
	fer_set(cli->arena, &row, "summary", fer_text(route->summary));
	fer_set(cli->arena, &row, "setting", fer_text(route->setting));
	fer_push(cli->arena, rows, row);
}

static int run(struct fer_cli *cli)
{
	static const char *const columns[] = { "method", "path", "acl", "source", "summary", NULL };
	struct fer_value rows = fer_list();

	for (size_t i = 0; fer_route_tables[i]; i++)
		for (size_t j = 0; j < fer_route_tables[i]->n; j++)
			add_row(cli, &rows, &fer_route_tables[i]->rows[j]);
	fer_cli_table(cli, &rows, columns);
	return 0;
}

const struct fer_command fer_command_routes = {
	.name = "routes",
	.summary = "List every route with its ACL resource and where it comes from",
	FER_OPTIONS({ "json", NULL, "as JSON" }),
	.run = run,
};
