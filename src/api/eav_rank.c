/*
 * In which order Magento lists the custom attributes of a set. Its query sorts by sort_order alone, so ties come out as MariaDB
 * leaves them; clients compare the answers, so the three ways it takes are followed here.
 * Source: recorded answers of 2.4.7 on MariaDB 10.11, and that server's EXPLAIN for Magento's query.
 */
#include "api/eav_impl.h"

#define SMALL 10              /* below, insertion */
#define LARGE 40              /* above, the middle of nine */

struct sorting {
	struct fer_eav_ranked *at;
	size_t low[64], high[64];
	int depth;
};

static void swap(struct sorting *s, size_t i, size_t j)
{
	struct fer_eav_ranked kept = s->at[i];

	s->at[i] = s->at[j];
	s->at[j] = kept;
}

static bool less(const struct sorting *s, size_t i, size_t j)
{
	return s->at[i].sort_order < s->at[j].sort_order;
}

static void middle_of_three(struct sorting *s, size_t low, size_t middle, size_t high)
{
	if (less(s, high, low))
		swap(s, high, low);
	if (less(s, middle, low))
		swap(s, middle, low);
	else if (less(s, high, middle))
		swap(s, middle, high);
}

static void insert(struct sorting *s, size_t low, size_t high)
{
	for (size_t i = low + 1; i <= high; i++)
		for (size_t j = i; j > low && less(s, j, j - 1); j--)
			swap(s, j, j - 1);
}

/* Leaves the pivot's index; the two ends need not be looked at again when few were compared. */
static size_t choose_pivot(struct sorting *s, size_t low, size_t high)
{
	size_t n = high - low + 1, middle = low + n / 2, step = n / 8;

	if (n <= LARGE) {
		middle_of_three(s, low, middle, high);
		return middle;
	}
	middle_of_three(s, low, low + step, low + 2 * step);
	middle_of_three(s, middle - step, middle, middle + step);
	middle_of_three(s, high - 2 * step, high - step, high);
	middle_of_three(s, low + step, middle, high - step);
	return middle;
}

/* *left and *right cross: everything up to *right is not above the pivot, everything from *left is not below it. */
static void split(struct sorting *s, int64_t pivot, ptrdiff_t *left, ptrdiff_t *right)
{
	do {
		while (s->at[*left].sort_order < pivot)
			++*left;
		while (pivot < s->at[*right].sort_order)
			--*right;
		if (*left >= *right) {
			if (*left == *right) {
				++*left;
				--*right;
			}
			return;
		}
		swap(s, (size_t)(*left)++, (size_t)(*right)--);
	} while (*left <= *right);
}

static void push(struct sorting *s, ptrdiff_t low, ptrdiff_t high)
{
	if (low >= high)
		return;
	s->low[s->depth] = (size_t)low;
	s->high[s->depth++] = (size_t)high;
}

static void quick(struct fer_eav_ranked *rows, size_t n)
{
	struct sorting s = { .at = rows };

	push(&s, 0, (ptrdiff_t)n - 1);
	while (s.depth) {
		size_t low = s.low[--s.depth], high = s.high[s.depth];
		ptrdiff_t left = (ptrdiff_t)low, right = (ptrdiff_t)high;

		if (high - low + 1 < SMALL) {
			insert(&s, low, high);
			continue;
		}
		if (high - low + 1 <= LARGE) {
			left++;
			right--;
		}
		split(&s, rows[choose_pivot(&s, low, high)].sort_order, &left, &right);
		push(&s, (ptrdiff_t)low, right);
		push(&s, left, (ptrdiff_t)high);
	}
}

static int by_row(const void *left, const void *right)
{
	const struct fer_eav_ranked *a = left, *b = right;

	return (a->row_id > b->row_id) - (a->row_id < b->row_id);
}

static int by_sort_and_row(const void *left, const void *right)
{
	const struct fer_eav_ranked *a = left, *b = right;

	return a->sort_order != b->sort_order ? (a->sort_order > b->sort_order) - (a->sort_order < b->sort_order) : by_row(a, b);
}

static int by_sort_and_attribute(const void *left, const void *right)
{
	const struct fer_eav_ranked *a = left, *b = right;

	if (a->sort_order != b->sort_order)
		return (a->sort_order > b->sort_order) - (a->sort_order < b->sort_order);
	return (a->attribute_id > b->attribute_id) - (a->attribute_id < b->attribute_id);
}

/*
 * A set that is much of the whole table is scanned and sorted; a small one is read by the index over its sort order; with store
 * labels to join, by the index over its attributes.
 */
void fer_eav_order(struct fer_eav_ranked *rows, size_t n, size_t n_all, bool by_attribute)
{
	qsort(rows, n, sizeof(*rows), by_row);
	if (by_attribute)
		qsort(rows, n, sizeof(*rows), by_sort_and_attribute);
	else if (n * 6 >= n_all)
		quick(rows, n);
	else
		qsort(rows, n, sizeof(*rows), by_sort_and_row);
}

struct place {
	const struct fer_value *record;
	int rank;
};

static int by_rank(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return (a->rank > b->rank) - (a->rank < b->rank);
}

struct fer_value fer_eav_in_order(struct fer_call *call, const struct fer_eav *eav, int64_t set_id, const struct fer_value *records)
{
	struct place *all = FER_NEW_ARRAY(call->arena, fer_count(records) + 1, struct place);
	struct fer_value list = fer_list();
	size_t n = 0;

	for (size_t i = 0; i < fer_count(records); i++) {
		const struct fer_attribute *a = fer_eav_by_id(eav, fer_map_int(fer_at(records, i), "attribute_id", 0));

		all[n] = (struct place){ fer_at(records, i), a ? fer_eav_rank(eav, set_id, 0, a) : -1 };
		n += all[n].rank >= 0;
	}
	qsort(all, n, sizeof(*all), by_rank);
	for (size_t i = 0; i < n; i++)
		fer_push(call->arena, &list, *all[i].record);
	return list;
}
