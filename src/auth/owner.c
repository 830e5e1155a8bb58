/*
 * A sorted list of active users; there are as many as people work in a shop.
 */
#include "auth/owner.h"

#include <errno.h>
#include <stdlib.h>

#include "core/clock.h"

struct owner {
	int64_t type, id, until_s;     /* until_s: the account ends then */
};

struct fer_owners {
	size_t n, size;
	struct owner *list;            /* by type, then id: as the statement sorts them */
};

static int add(struct fer_owners *owners, struct owner owner)
{
	if (owners->n == owners->size) {
		size_t size = owners->size ? owners->size * 2 : 16;
		struct owner *list = realloc(owners->list, size * sizeof(*list));

		if (!list)
			return -ENOMEM;
		owners->list = list;
		owners->size = size;
	}
	owners->list[owners->n++] = owner;
	return 0;
}

static int read_rows(struct fer_db *db, struct fer_owners *owners)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r;

	if ((r = fer_sql_open(db, FER_SQL_OWNERS_ACTIVE, &stmt, "")))
		return r;
	while ((r = fer_stmt_step(stmt)) > 0) {
		struct owner owner = { fer_col_int(stmt, 0), fer_col_int(stmt, 1), INT64_MAX };

		/* An end that cannot be read is one that has come. */
		if (!fer_col_null(stmt, 2) && !fer_time_parse(fer_col_str(stmt, 2), &owner.until_s))
			owner.until_s = 0;
		if ((r = add(owners, owner)))
			return r;
	}
	return r;
}

int fer_owners_load(struct fer_db *db, struct fer_owners **out)
{
	struct fer_owners *owners = calloc(1, sizeof(*owners));
	int r = owners ? read_rows(db, owners) : -ENOMEM;

	if (r)
		fer_owners_free(owners);
	else
		*out = owners;
	return r;
}

void fer_owners_free(struct fer_owners *owners)
{
	if (!owners)
		return;
	free(owners->list);
	free(owners);
}

bool fer_owners_active(const struct fer_owners *owners, int64_t user_type, int64_t user_id, int64_t now_s)
{
	size_t low = 0, high = owners->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct owner *owner = &owners->list[middle];

		if (owner->type == user_type && owner->id == user_id)
			return owner->until_s > now_s;
		if (owner->type < user_type || (owner->type == user_type && owner->id < user_id))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
