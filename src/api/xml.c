/*
 * XML in by libxml2 (no network, no entities, no DTD), out by hand: the form is fixed and small.
 */
#include "api/xml.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <libxml/parser.h>

#include "core/heap.h"
#include "core/json.h"

static int read_element(struct fer_arena *arena, const xmlNode *node, int depth, struct fer_value *out);

/* A second element of one name turns the member into a list. */
static void add_child(struct fer_arena *arena, struct fer_value *map, struct fer_str name, struct fer_value value)
{
	struct fer_value *there = fer_get_str(map, name), list;

	if (!there) {
		fer_append(arena, map, name, value);
		return;
	}
	if (there->kind != FER_V_LIST) {
		list = fer_list();
		fer_push(arena, &list, *there);
		*there = list;
	}
	fer_push(arena, there, value);
}

static int read_children(struct fer_arena *arena, const xmlNode *first, int depth, struct fer_value *out)
{
	struct fer_value value;
	int r;

	*out = fer_map();
	for (const xmlNode *node = first; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if ((r = read_element(arena, node, depth + 1, &value)))
			return r;
		add_child(arena, out, fer_str_dup(arena, fer_str((const char *)node->name)), value);
	}
	return 0;
}

static bool has_elements(const xmlNode *node)
{
	for (const xmlNode *child = node->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			return true;
	return false;
}

static struct fer_value read_text(struct fer_arena *arena, const xmlNode *node)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 64u << 20);
	for (const xmlNode *child = node->children; child; child = child->next)
		if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) && child->content)
			fer_buf_text(&buf, (const char *)child->content);
	return fer_string(fer_buf_view(&buf));
}

static int read_element(struct fer_arena *arena, const xmlNode *node, int depth, struct fer_value *out)
{
	if (depth > FER_JSON_DEPTH)
		return -EINVAL;
	if (has_elements(node))
		return read_children(arena, node->children, depth, out);
	*out = read_text(arena, node);
	return 0;
}

static void silent(void *context FER_UNUSED, const char *format FER_UNUSED, ...)
{
}

static void init_library(void)
{
	xmlMemSetup(fer_heap_free, fer_heap_malloc, fer_heap_realloc, fer_heap_strdup);
	xmlInitParser();
}

static void ready(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_library);
}

void fer_xml_thread(void)
{
	ready();
	xmlGetGlobalState();
}

int fer_xml_read(struct fer_arena *arena, struct fer_str text, struct fer_value *out)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_NOERROR | XML_PARSE_NOCDATA;
	const xmlNode *root;
	xmlDoc *doc;
	int r = -EINVAL;

	if (text.len > INT32_MAX)
		return -EINVAL;
	ready();
	/* libxml2 keeps a state a thread, and follows a null pointer when it could not be made. */
	if (!xmlGetGlobalState())
		return -ENOMEM;
	fer_heap_watch();
	xmlSetGenericErrorFunc(NULL, silent);
	doc = xmlReadMemory(text.at, (int)text.len, NULL, "UTF-8", options);
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (root && !doc->intSubset)
		r = has_elements(root) ? read_children(arena, root->children, 1, out) : read_element(arena, root, 1, out);
	if (doc)
		xmlFreeDoc(doc);
	return fer_heap_starved() ? -ENOMEM : r;
}

/* -- writing ----------------------------------------------------------------------------------------------------- */

static void indent(struct fer_buf *buf, int depth)
{
	for (int i = 0; i < depth; i++)
		fer_buf_text(buf, "  ");
}

static void write_escaped(struct fer_buf *buf, struct fer_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.at[i]) {
		case '&': fer_buf_text(buf, "&amp;"); break;
		case '<': fer_buf_text(buf, "&lt;"); break;
		case '>': fer_buf_text(buf, "&gt;"); break;
		case '\r': fer_buf_text(buf, "&#13;"); break;
		default: fer_buf_char(buf, s.at[i]);
		}
	}
}

/* Magento's rule for names: punctuation goes, blanks and colons become '_', a leading digit, comma, dot or dash gets "item_". */
static struct fer_str element_name(struct fer_arena *arena, struct fer_str name)
{
	struct fer_buf buf;

	fer_buf_init(&buf, arena, 4096);
	if (name.len && strchr("0123456789,.-", name.at[0]))
		fer_buf_text(&buf, "item_");
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (strchr(" \t\n\r:", c))
			fer_buf_char(&buf, '_');
		else if (!strchr("!\"#$%&'()*+,/;<=>?@[\\]^`{|}~", c))
			fer_buf_char(&buf, c);
	}
	return fer_buf_view(&buf);
}

static void write_node(struct fer_arena *arena, struct fer_buf *buf, struct fer_str name, const struct fer_value *v, int depth);

static void write_inside(struct fer_arena *arena, struct fer_buf *buf, const struct fer_value *v, int depth)
{
	for (size_t i = 0; i < fer_count(v); i++) {
		struct fer_str name = v->kind == FER_V_LIST ? FER_S("item") : element_name(arena, v->map.members[i].name);

		write_node(arena, buf, name, fer_at(v, i), depth);
	}
}

static struct fer_str scalar_text(struct fer_arena *arena, const struct fer_value *v)
{
	struct fer_buf buf;

	if (v->kind == FER_V_BOOL)
		return v->truth ? FER_S("true") : FER_S("false");
	if (v->kind != FER_V_DOUBLE)
		return fer_as_str(arena, v);
	fer_buf_init(&buf, arena, 512);
	fer_json_write(&buf, v);
	return fer_buf_view(&buf);
}

static void write_node(struct fer_arena *arena, struct fer_buf *buf, struct fer_str name, const struct fer_value *v, int depth)
{
	struct fer_str text = fer_count(v) || !fer_is_scalar(v) ? FER_S("") : scalar_text(arena, v);

	indent(buf, depth);
	fer_buf_fmt(buf, "<%.*s", FER_F(name));
	if (!fer_count(v) && !text.len) {
		fer_buf_text(buf, "/>\n");
		return;
	}
	fer_buf_char(buf, '>');
	if (fer_count(v)) {
		fer_buf_char(buf, '\n');
		write_inside(arena, buf, v, depth + 1);
		indent(buf, depth);
	} else {
		write_escaped(buf, text);
	}
	fer_buf_fmt(buf, "</%.*s>\n", FER_F(name));
}

void fer_xml_write(struct fer_arena *arena, struct fer_buf *buf, const struct fer_value *v)
{
	fer_buf_text(buf, "<?xml version=\"1.0\"?>\n");
	write_node(arena, buf, FER_S("response"), v, 0);
}
