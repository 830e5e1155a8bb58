/*
 * What blocks and pages share: a partial save that keeps the rest, and the times of a row.
 */
#include "cms/cms.h"

void fer_cms_merge(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, const struct fer_value *old)
{
	fer_entity_merge(call, entity, record, old);
	fer_unset(record, "update_time");
}

int fer_cms_saved(struct fer_call *call, enum fer_sql times, struct fer_value *record, bool is_new)
{
	struct fer_value now = fer_string(fer_time_text(call->arena, call->now_s)), none = fer_null();
	bool stamp = is_new && !fer_has(record, "creation_time");
	int r = fer_sql_run(call->db, times, NULL, "vvi", &now, stamp ? &now : &none, fer_map_int(record, "id", 0));

	fer_unset(record, "update_time");
	if (!fer_has(record, "active"))
		fer_set(call->arena, record, "active", fer_bool(false));
	return r;
}
