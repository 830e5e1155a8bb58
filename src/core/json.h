/*
 * JSON in (jansson, with limits) and out (byte for byte what PHP's json_encode writes).
 */
#ifndef FER_CORE_JSON_H
#define FER_CORE_JSON_H

#include "core/value.h"

#define FER_JSON_DEPTH 512

/**
 * fer_json_read - decode @text into @out, in @arena.
 * Shape:  any JSON value; duplicate keys: the last wins, as in PHP; integers past 64 bits become doubles.
 * Errors: -EINVAL for what PHP's json_decode refuses (bad syntax, bad UTF-8, deeper than FER_JSON_DEPTH); -ENOMEM.
 */
int fer_json_read(struct fer_arena *arena, struct fer_str text, struct fer_value *out);

/**
 * fer_json_write - append @v as PHP writes it: '/' as '\/', non-ASCII as \uXXXX, shortest floats, [] for an empty list and for an empty
 * map, which PHP cannot tell apart.
 */
void fer_json_write(struct fer_buf *buf, const struct fer_value *v);
void fer_json_string(struct fer_buf *buf, struct fer_str s);

/** fer_json_page - append @v for people and for diff(1): a line a member, '/' and characters as they are, {} for an empty map. */
void fer_json_page(struct fer_buf *buf, const struct fer_value *v);
/** fer_json_plain - the text of fer_json_page for one string, in quotes. */
void fer_json_plain(struct fer_buf *buf, struct fer_str s);

#endif
