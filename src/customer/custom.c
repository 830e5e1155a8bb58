/*
 * custom_attributes of customers and addresses. A clean install has none, and then no value table is read.
 */
#include "customer/custom.h"

static bool has_values(const struct fer_eav *eav, enum fer_eav_type type)
{
	size_t n;
	const struct fer_attribute *const *attributes = fer_eav_attributes(eav, type, &n);

	for (size_t i = 0; i < n; i++)
		if (attributes[i]->backend != FER_B_STATIC)
			return true;
	return false;
}

static void add_values(struct fer_call *call, struct fer_value *record, const struct fer_eav_row *row)
{
	struct fer_value list = fer_list();

	for (size_t i = 0; i < row->n; i++)
		if (!fer_is_null(&row->values[i].value))
			fer_eav_custom_add(call, &list, row->values[i].attribute->code, row->values[i].value);
	if (fer_count(&list))
		fer_set(call->arena, record, "custom_attributes", list);
}

int fer_custom_load(struct fer_call *call, enum fer_eav_type type, struct fer_value *records, size_t n)
{
	const struct fer_eav *eav;
	struct fer_eav_row *rows;
	int64_t *ids;
	int r;

	if ((r = fer_eav_get(call, &eav)) || !has_values(eav, type))
		return r;
	ids = FER_NEW_ARRAY(call->arena, n, int64_t);
	rows = FER_NEW_ARRAY(call->arena, n, struct fer_eav_row);
	for (size_t i = 0; i < n; i++)
		ids[i] = fer_map_int(&records[i], "id", 0);
	if ((r = fer_eav_load(call, type, ids, n, 0, NULL, rows)))
		return r;
	for (size_t i = 0; i < n; i++)
		add_values(call, &records[i], &rows[i]);
	return 0;
}

int fer_custom_save(struct fer_call *call, enum fer_eav_type type, int64_t entity_id, const struct fer_value *list)
{
	struct fer_value sent = fer_map();
	int r = fer_eav_custom_read(call, type, list, &sent);

	for (uint32_t i = 0; !r && i < sent.map.n; i++)
		r = fer_eav_set_value(call, type, entity_id, fer_str_z(call->arena, sent.map.members[i].name), 0, sent.map.members[i].value);
	return r;
}
