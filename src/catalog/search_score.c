/*
 * Which products have the words of a search term, and how well. There is no search engine: the value tables are read for the words, and
 * what is found is weighed here, by a rule that can be told in a sentence and is the same on both databases.
 *
 * A term is cut into words of letters and digits; case, accents and a plural's last "s" do not count. A product is found when one of its
 * searchable attributes has one of the words. Its score is the sum, over words and attributes, of the attribute's search weight (SKU 6,
 * name 5, others 1 unless changed), half of it where the word only begins a word of the SKU or the name; a SKU that is the whole term counts double.
 */
#include <stdlib.h>

#include "catalog/search_impl.h"

#include "api/search.h"

#define MAX_WORDS 16
#define PLURAL_FROM 4             /* a word of so many letters may be a plural */

struct word {
	struct fer_str text;
	uint64_t hash;
	size_t n_points;
};

struct scoring {
	struct fer_full_search *s;
	struct fer_str term;
	struct word words[MAX_WORDS];
	size_t n_words;
	struct fer_search_hits hits;
	size_t size;
};

/* -- words -------------------------------------------------------------------------------------------------------- */

static bool is_word_char(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next word of @rest, without a plural's "s"; tags of HTML hold no words. */
static bool next_word(struct fer_str *rest, struct fer_str *word)
{
	bool tag = false;
	size_t i = 0, from;

	for (; i < rest->len && (tag || !is_word_char((unsigned char)rest->at[i])); i++)
		tag = rest->at[i] == '<' || (tag && rest->at[i] != '>');
	for (from = i; i < rest->len && is_word_char((unsigned char)rest->at[i]);)
		i++;
	*word = (struct fer_str){ rest->at + from, i - from };
	*rest = fer_str_skip(*rest, i);
	if (word->len >= PLURAL_FROM && (word->at[word->len - 1] | 0x20) == 's' && (word->at[word->len - 2] | 0x20) != 's')
		word->len--;
	return word->len > 0;
}

static void cut_words(struct scoring *g)
{
	struct fer_str rest = g->term, text;

	while (g->n_words < MAX_WORDS && next_word(&rest, &text))
		g->words[g->n_words++] = (struct word){ text, fer_collate_hash(text), fer_utf8_length(text) };
}

static struct fer_str first_points(struct fer_str text, size_t n)
{
	size_t i = 0;

	for (; i < text.len && n; n--)
		for (i++; i < text.len && ((unsigned char)text.at[i] & 0xc0) == 0x80;)
			i++;
	return fer_str_take(text, i);
}

/* 1 where @word stands in @text, a half where it begins a word and @prefixes count. */
static double presence(const struct word *word, struct fer_str text, bool prefixes)
{
	struct fer_str rest = text, other;
	double best = 0;

	while (best < 1 && next_word(&rest, &other)) {
		if (fer_collate_hash(other) == word->hash)
			best = 1;
		else if (prefixes && fer_collate_hash(first_points(other, word->n_points)) == word->hash)
			best = 0.5;
	}
	return best;
}

static void add_hit(struct scoring *g, int64_t id, double score)
{
	struct fer_search_hit *more;

	if (score <= 0)
		return;
	if (g->hits.n == g->size) {
		g->size = g->size ? g->size * 2 : 256;
		more = FER_NEW_ARRAY(g->s->call->arena, g->size, struct fer_search_hit);
		if (g->hits.n)
			memcpy(more, g->hits.at, g->hits.n * sizeof(*more));
		g->hits.at = more;
	}
	g->hits.at[g->hits.n++] = (struct fer_search_hit){ id, score };
}

static void weigh(struct scoring *g, int64_t id, const struct fer_search_attribute *a, struct fer_str text)
{
	bool sku = fer_str_is(a->attribute->code, "sku"), prefixes = sku || fer_str_is(a->attribute->code, "name");
	double sum = 0;

	for (size_t i = 0; i < g->n_words; i++)
		sum += presence(&g->words[i], text, prefixes);
	if (sku && fer_collate_hash(fer_str_trim(text)) == fer_collate_hash(fer_str_trim(g->term)))
		sum += 2;
	add_hit(g, id, sum * a->weight);
}

/* -- reading ------------------------------------------------------------------------------------------------------ */

static void add_likes(const struct scoring *g, struct fer_query *query, const char *column)
{
	fer_query_add(query, " AND (");
	for (size_t i = 0; i < g->n_words; i++) {
		fer_query_add(query, i ? " OR " : "");
		fer_query_add(query, column);
		fer_query_add(query, " LIKE ?");
		fer_query_bind(query, fer_string(fer_str_fmt(query->arena, "%%%.*s%%", FER_F(g->words[i].text))));
	}
	fer_query_add(query, ")");
}

/* Values of a store view, and of all where it has none of its own. */
static void add_values(const struct scoring *g, struct fer_query *query, const char *suffix, const struct fer_value *ids)
{
	fer_query_init(query, g->s->call->arena);
	fer_buf_fmt(&query->sql, "SELECT v.entity_id, v.attribute_id, v.value FROM catalog_product_entity_%s v WHERE v.attribute_id", suffix);
	fer_query_in(query, ids);
	fer_buf_fmt(&query->sql, " AND (v.store_id = ? OR (v.store_id = 0 AND NOT EXISTS (SELECT 1 FROM catalog_product_entity_%s o"
	            " WHERE o.entity_id = v.entity_id AND o.attribute_id = v.attribute_id AND o.store_id = ?)))", suffix);
	fer_query_bind(query, fer_int(g->s->view.id));
	fer_query_bind(query, fer_int(g->s->view.id));
}

static const struct fer_search_attribute *attribute_at(const struct scoring *g, int64_t id)
{
	for (size_t i = 0; i < g->s->n_attributes; i++)
		if (g->s->attributes[i].attribute->id == id)
			return &g->s->attributes[i];
	return NULL;
}

static int read_texts(struct scoring *g, struct fer_query *query)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_query_open(g->s->call->db, query, &stmt);

	while (!r && (r = fer_stmt_step(stmt)) == 1) {
		const struct fer_search_attribute *a = attribute_at(g, fer_col_int(stmt, 1));

		if (a)
			weigh(g, fer_col_int(stmt, 0), a, fer_col_str(stmt, 2));
		r = 0;
	}
	return r;
}

static int score_texts(struct scoring *g, enum fer_backend backend, const char *suffix)
{
	struct fer_value ids = fer_list();
	struct fer_query query;

	for (size_t i = 0; i < g->s->n_attributes; i++)
		if (g->s->attributes[i].searchable && g->s->attributes[i].attribute->backend == backend)
			fer_push(g->s->call->arena, &ids, fer_int(g->s->attributes[i].attribute->id));
	if (!fer_count(&ids))
		return 0;
	add_values(g, &query, suffix, &ids);
	add_likes(g, &query, "v.value");
	return read_texts(g, &query);
}

static int score_skus(struct scoring *g)
{
	const struct fer_attribute *sku = fer_eav_by_code(g->s->eav, FER_EAV_PRODUCT, FER_S("sku"));
	struct fer_query query;

	if (!sku)
		return 0;
	fer_query_init(&query, g->s->call->arena);
	fer_buf_fmt(&query.sql, "SELECT main.entity_id, %lld, main.sku FROM catalog_product_entity main WHERE 1 = 1", (long long)sku->id);
	add_likes(g, &query, "main.sku");
	return read_texts(g, &query);
}

/* The words of a select attribute are the labels of its options. */
static int score_options(struct scoring *g, const struct fer_search_attribute *a)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	struct fer_arena *arena = g->s->call->arena;
	struct fer_value one = fer_list(), options = fer_list();
	struct fer_query query;
	int r;

	for (size_t i = 0; i < a->attribute->n_options; i++)
		for (size_t k = 0; k < g->n_words; k++)
			if (presence(&g->words[k], a->attribute->options[i].label, false) > 0)
				fer_push(arena, &options, fer_int(a->attribute->options[i].id));
	if (!fer_count(&options))
		return 0;
	fer_push(arena, &one, fer_int(a->attribute->id));
	add_values(g, &query, "int", &one);
	fer_query_add(&query, " AND v.value");
	fer_query_in(&query, &options);
	r = fer_query_open(g->s->call->db, &query, &stmt);
	for (; !r && (r = fer_stmt_step(stmt)) == 1; r = 0)
		add_hit(g, fer_col_int(stmt, 0), a->weight);
	return r;
}

/* -- all of them -------------------------------------------------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
	const struct fer_search_hit *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

static void add_up(struct fer_search_hits *hits)
{
	size_t n = 0;

	if (hits->n)
		qsort(hits->at, hits->n, sizeof(*hits->at), by_id);
	for (size_t i = 0; i < hits->n; i++) {
		if (n && hits->at[n - 1].id == hits->at[i].id)
			hits->at[n - 1].score += hits->at[i].score;
		else
			hits->at[n++] = hits->at[i];
	}
	hits->n = n;
}

int fer_search_score(struct fer_full_search *s, struct fer_str term, struct fer_search_hits *out)
{
	struct scoring g = { .s = s, .term = term };
	int r = 0;

	cut_words(&g);
	if (g.n_words && ((r = score_skus(&g)) || (r = score_texts(&g, FER_B_VARCHAR, "varchar")) || (r = score_texts(&g, FER_B_TEXT, "text"))))
		return r;
	for (size_t i = 0; i < s->n_attributes && !r; i++)
		if (s->attributes[i].searchable && s->attributes[i].attribute->backend == FER_B_INT)
			r = score_options(&g, &s->attributes[i]);
	add_up(&g.hits);
	*out = g.hits;
	return r;
}
