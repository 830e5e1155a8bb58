/*
 * Many rows of an entity in one request. Apart from entity.c because here rows are found by what they say (their FER_UNIQUE fields),
 * not by their key.
 */
#include <errno.h>

#include "api/entity.h"
#include "api/route.h"
#include "api/search.h"

static const struct fer_value *sent_list(const struct fer_call *call)
{
	return fer_arg(call, call->route->params[0].name);
}

/* What is wrong with any of them is told before one is written. */
static int check_all(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *list)
{
	int r;

	for (size_t i = 0; i < fer_count(list) && entity->check; i++) {
		struct fer_value record = fer_clone(call->arena, fer_at(list, i));

		r = entity->check(call, &record, NULL);
		if (r < 0 || (r && !entity->invalid))
			return r;
	}
	return fer_fail_list(call, entity->invalid);
}

static void add_upsert(const struct fer_entity *entity, struct fer_query *query)
{
	const char *comma = " {UPSERT(";

	for (size_t i = 0; i < entity->n_fields; i++) {
		if (!(entity->fields[i].flags & FER_UNIQUE))
			continue;
		fer_buf_fmt(&query->sql, "%s%s", comma, entity->fields[i].column);
		comma = ",";
	}
	comma = ")}";
	for (size_t i = 0; i < entity->n_fields; i++) {
		if (!entity->fields[i].column || entity->fields[i].flags & (FER_UNIQUE | FER_KEY))
			continue;
		fer_buf_fmt(&query->sql, "%s %s = {NEW(%s)}", comma, entity->fields[i].column, entity->fields[i].column);
		comma = ",";
	}
}

static int save_one(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *sent)
{
	struct fer_value record = fer_clone(call->arena, sent);
	struct fer_query query;
	int r;

	fer_query_init(&query, call->arena);
	fer_entity_insert(call, entity, &record, &query);
	add_upsert(entity, &query);
	r = fer_query_run(call->db, &query, NULL, NULL);
	if (r == -ENOENT && entity->not_saved)
		return fer_fail(call, entity->not_saved, NULL);
	return r || !entity->saved ? r : entity->saved(call, &record, NULL);
}

static int save_all(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *list = sent_list(call);
	int r = check_all(call, call->route->of, list);

	for (size_t i = 0; i < fer_count(list) && !r; i++)
		r = save_one(call, call->route->of, fer_at(list, i));
	return r;
}

static int delete_one(struct fer_call *call, const struct fer_entity *entity, const struct fer_value *sent)
{
	struct fer_query query;
	int r = entity->remove ? entity->remove(call, sent) : 0;

	if (r)
		return r;
	fer_query_init(&query, call->arena);
	fer_buf_fmt(&query.sql, "DELETE FROM `%s` WHERE 1 = 1", entity->table);
	for (size_t i = 0; i < entity->n_fields; i++) {
		const struct fer_value *v = fer_get(sent, entity->fields[i].name);

		if (!(entity->fields[i].flags & FER_UNIQUE))
			continue;
		fer_buf_fmt(&query.sql, " AND `%s` = ?", entity->fields[i].column);
		fer_query_bind(&query, v ? *v : fer_null());
	}
	return fer_query_run(call->db, &query, NULL, NULL);
}

static int delete_all(struct fer_call *call, void *data FER_UNUSED)
{
	const struct fer_value *list = sent_list(call);
	int r = 0;

	for (size_t i = 0; i < fer_count(list) && !r; i++)
		r = delete_one(call, call->route->of, fer_at(list, i));
	return r;
}

static int run(struct fer_call *call, int (*fn)(struct fer_call *call, void *data))
{
	int r = fer_tx(call, call->route->of->changes, fn, NULL);

	return r ? r : fer_answer(call, fer_null());
}

int fer_entity_save_list(struct fer_call *call)
{
	return run(call, save_all);
}

int fer_entity_delete_list(struct fer_call *call)
{
	return run(call, delete_all);
}
