/*
 * XML bodies and answers, in the shape Magento gives them.
 */
#ifndef FER_API_XML_H
#define FER_API_XML_H

#include "core/value.h"

/** fer_xml_thread - a thread that will read XML begins: libxml2 keeps a state for each, and without memory asks itself for it without end. */
void fer_xml_thread(void);

/** fer_xml_read - what stands inside the root element: elements become names, repeated ones lists. -EINVAL: not well-formed, or too deep. */
int fer_xml_read(struct fer_arena *arena, struct fer_str text, struct fer_value *out);

/** fer_xml_write - @v as <response>…</response>, indented by two blanks. */
void fer_xml_write(struct fer_arena *arena, struct fer_buf *buf, const struct fer_value *v);

#endif
