/*
 * The router: rows sorted so that the first match is the right one, found through a hash of the resource segment.
 */
#include "api/router.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/acl.h"

#define BUCKETS 256

struct fer_router {
	struct fer_route_entry *entries;   /* by bucket, then literals before patterns, then patterns in falling byte order */
	size_t n;
	uint32_t first[BUCKETS + 1];       /* entries of bucket b: first[b] .. first[b + 1] */
};

/* Method, number of segments and the segment behind the version ("V1", or "ferrite/v1") say where to look; ":name" never stands there. */
static unsigned bucket_of(enum fer_method method, size_t n_segments, struct fer_str resource)
{
	unsigned hash = (unsigned)method * 31 + (unsigned)n_segments;

	for (size_t i = 0; i < resource.len; i++)
		hash = hash * 33 ^ (unsigned char)resource.at[i];
	return hash % BUCKETS;
}

static struct fer_str resource_of(const struct fer_str *segments, size_t n)
{
	size_t i = n && segments[0].at[0] == 'V' ? 1 : 2;

	return n > i ? segments[i] : FER_S("");
}

/* Those that take the rest of a path stand together, whatever its length. */
#define ANY_LENGTH (FER_PATH_SEGMENTS + 1)

static unsigned entry_bucket(const struct fer_route_entry *entry)
{
	return bucket_of(entry->route->method, entry->rest ? ANY_LENGTH : entry->n_segments, resource_of(entry->segments, entry->n_segments));
}

/* Segments of "/a/b/c"; trailing slashes make none. False: too many, or an empty one in the middle. */
static bool split(struct fer_str path, struct fer_str segments[FER_PATH_SEGMENTS], size_t *n)
{
	struct fer_str piece;

	*n = 0;
	while (path.len && path.at[path.len - 1] == '/')
		path.len--;
	while (path.len && path.at[0] == '/')
		path = fer_str_skip(path, 1);
	if (!path.len)
		return false;
	while (fer_str_cut(&path, '/', &piece)) {
		if (*n == FER_PATH_SEGMENTS || !piece.len)
			return false;
		segments[(*n)++] = piece;
	}
	return true;
}

static int entry_order(const void *va, const void *vb)
{
	const struct fer_route_entry *a = va, *b = vb;
	unsigned bucket_a = entry_bucket(a), bucket_b = entry_bucket(b);

	if (bucket_a != bucket_b)
		return bucket_a < bucket_b ? -1 : 1;
	if (a->literal != b->literal)
		return a->literal ? -1 : 1;
	return strcmp(b->route->path, a->route->path);
}

static int fill_resources(struct fer_route_entry *entry)
{
	struct fer_str rest = fer_str(entry->route->acl), name;

	while (fer_str_cut(&rest, ',', &name)) {
		name = fer_str_trim(name);
		entry->anonymous |= fer_str_is(name, "anonymous");
		entry->self |= fer_str_is(name, "self");
		entry->caller |= fer_str_is(name, "caller");
		if (entry->n_resources == (int)FER_ARRAY_LEN(entry->resources))
			return -E2BIG;
		entry->resources[entry->n_resources++] = fer_acl_lookup_str(name);
	}
	return 0;
}

static int fill(struct fer_route_entry *entry, const struct fer_route *route, char why[256])
{
	*entry = (struct fer_route_entry){ .route = route, .literal = !strchr(route->path, ':') };
	if (!route->acl || !route->summary || !route->source || !route->run) {
		snprintf(why, 256, "route %s lacks an ACL resource, a handler, a summary or a source", route->path);
		return -EINVAL;
	}
	if (!split(fer_str(route->path), entry->segments, &entry->n_segments) || fill_resources(entry)) {
		snprintf(why, 256, "route %s cannot be read", route->path);
		return -EINVAL;
	}
	entry->rest = route->path[strlen(route->path) - 1] == '*';
	if (entry->rest)
		entry->segments[entry->n_segments - 1].len--;
	return 0;
}

static size_t count_rows(const struct fer_route_table *const *tables)
{
	size_t n = 0;

	for (; *tables; tables++)
		n += (*tables)->n;
	return n;
}

static int index_entries(struct fer_router *router, char why[256])
{
	unsigned bucket = 0;

	qsort(router->entries, router->n, sizeof(*router->entries), entry_order);
	for (size_t i = 0; i < router->n; i++) {
		unsigned mine = entry_bucket(&router->entries[i]);

		if (i && router->entries[i - 1].route->method == router->entries[i].route->method &&
		    !strcmp(router->entries[i - 1].route->path, router->entries[i].route->path)) {
			snprintf(why, 256, "route %s stands twice", router->entries[i].route->path);
			return -EINVAL;
		}
		while (bucket <= mine)
			router->first[bucket++] = (uint32_t)i;
	}
	while (bucket <= BUCKETS)
		router->first[bucket++] = (uint32_t)router->n;
	return 0;
}

int fer_router_new(const struct fer_route_table *const *tables, struct fer_router **out, char why[256])
{
	struct fer_router *router = calloc(1, sizeof(*router));
	size_t n = count_rows(tables);
	int r = 0;

	if (!router || !(router->entries = calloc(n + 1, sizeof(*router->entries)))) {
		free(router);
		return -ENOMEM;
	}
	for (; *tables && !r; tables++)
		for (size_t i = 0; i < (*tables)->n && !r; i++)
			r = fill(&router->entries[router->n++], &(*tables)->rows[i], why);
	if (!r)
		r = index_entries(router, why);
	if (r) {
		fer_router_free(router);
		return r;
	}
	*out = router;
	return 0;
}

void fer_router_free(struct fer_router *router)
{
	if (!router)
		return;
	free(router->entries);
	free(router);
}

static bool matches(const struct fer_route_entry *entry, enum fer_method method, const struct fer_str *segments, size_t n)
{
	if (entry->route->method != method || (entry->rest ? entry->n_segments > n : entry->n_segments != n))
		return false;
	for (size_t i = 0; i < entry->n_segments; i++)
		if (entry->segments[i].at[0] != ':' && !fer_str_eq(entry->segments[i], segments[i]))
			return false;
	return true;
}

/* The rest of the path from a segment on, as it was sent: segments are views of one text. */
static struct fer_str joined(const struct fer_str *segments, size_t from, size_t n)
{
	return (struct fer_str){ segments[from].at, (size_t)(segments[n - 1].at + segments[n - 1].len - segments[from].at) };
}

static void fill_params(struct fer_arena *arena, const struct fer_route_entry *entry, const struct fer_str *segments, size_t n,
                        struct fer_value *params)
{
	for (size_t i = 0; i < entry->n_segments; i++) {
		struct fer_str text = entry->rest && i + 1 == entry->n_segments ? joined(segments, i, n) : segments[i];

		if (entry->segments[i].at[0] == ':')
			fer_set_str(arena, params, fer_str_skip(entry->segments[i], 1), fer_string(fer_url_decode(arena, text, false)));
	}
}

static const struct fer_route_entry *find(const struct fer_router *router, enum fer_method method, const struct fer_str *segments, size_t n,
                                          size_t length)
{
	unsigned bucket = bucket_of(method, length, resource_of(segments, n));

	for (uint32_t i = router->first[bucket]; i < router->first[bucket + 1]; i++)
		if (matches(&router->entries[i], method, segments, n))
			return &router->entries[i];
	return NULL;
}

const struct fer_route_entry *fer_router_match(const struct fer_router *router, struct fer_arena *arena, enum fer_method method,
                                               struct fer_str path, struct fer_value *params)
{
	struct fer_str segments[FER_PATH_SEGMENTS];
	const struct fer_route_entry *entry;
	size_t n;

	*params = fer_map();
	if (!split(path, segments, &n))
		return NULL;
	entry = find(router, method, segments, n, n);
	if (!entry)
		entry = find(router, method, segments, n, ANY_LENGTH);
	if (entry)
		fill_params(arena, entry, segments, n, params);
	return entry;
}

const struct fer_route_entry *fer_router_at(const struct fer_router *router, size_t i)
{
	return i < router->n ? &router->entries[i] : NULL;
}
