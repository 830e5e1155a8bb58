/*
 * Reading which request a proxy asks about. What is doubtful is refused: a gate that guesses opens the wrong door.
 */
#include "api/gate.h"

#include "api/route.h"

bool fer_gate_below(struct fer_str path)
{
	return fer_str_starts(path, FER_GATE_PATH "/");
}

static bool is_dots(struct fer_str piece)
{
	return fer_str_is(piece, ".") || fer_str_is(piece, "..");
}

/* Neither as it stands nor decoded may a server behind take steps up, or end the path early. A decoded '/' alone is part of a name. */
static bool is_plain(struct fer_arena *arena, struct fer_str path)
{
	struct fer_str decoded = fer_url_decode(arena, path, false), piece;

	for (size_t i = 0; i < decoded.len; i++)
		if ((unsigned char)decoded.at[i] < ' ' || decoded.at[i] == 0x7f || decoded.at[i] == '\\')
			return false;
	while (fer_str_cut(&decoded, '/', &piece))
		if (is_dots(piece))
			return false;
	return fer_str_find(path, ' ') < 0 && fer_str_find(path, '#') < 0;
}

static bool same(const struct fer_target *a, const struct fer_target *b)
{
	return fer_str_eq(a->method, b->method) && fer_str_eq(a->path, b->path) && fer_str_eq(a->query, b->query);
}

/* One more voice on what is asked about: true when it is whole and agrees with those before. */
static bool hear(struct fer_target *out, int *n, struct fer_str method, struct fer_str uri)
{
	struct fer_target said = { .method = method };

	fer_str_cut(&uri, '?', &said.path);
	said.query = uri;
	if (!said.method.len || !said.path.len || said.path.at[0] != '/' || (*n && !same(out, &said)))
		return false;
	*out = said;
	++*n;
	return true;
}

/* What Envoy sends: its own method, and everything behind the prefix. */
static struct fer_str below(struct fer_call *call)
{
	const struct fer_request *request = call->request;
	struct fer_str path = request->path;
	ptrdiff_t at = fer_str_search(path, FER_S(FER_GATE_PATH "/"));

	path = fer_str_skip(path, (size_t)at + sizeof(FER_GATE_PATH) - 1);
	return request->query.at ? fer_str_fmt(call->arena, "%.*s?%.*s", FER_F(path), FER_F(request->query)) : path;
}

int fer_gate_target(struct fer_call *call, struct fer_target *out)
{
	const struct fer_request *request = call->request;
	const struct { bool there; struct fer_str method, uri; } voices[] = {
		{ call->gate_below, request->method, call->gate_below ? below(call) : FER_STR_NONE },
		{ request->original_method.at || request->original_uri.at, request->original_method, request->original_uri },
		{ request->forwarded_method.at || request->forwarded_uri.at, request->forwarded_method, request->forwarded_uri },
	};
	struct fer_target target;
	int n = 0;

	for (size_t i = 0; i < FER_ARRAY_LEN(voices); i++)
		if (voices[i].there && !hear(&target, &n, voices[i].method, voices[i].uri))
			return fer_fail(call, FER_E_GATE_UNCLEAR, NULL);
	if (!n)
		return 0;
	if (!is_plain(call->arena, target.path))
		return fer_fail(call, FER_E_GATE_UNCLEAR, NULL);
	*out = target;
	return 1;
}
