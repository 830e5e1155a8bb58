/*
 * A scan over one JSON object that allocates nothing: for the header and payload of a token, which arrive with every
 * request. General JSON is core/json.h.
 */
#ifndef FER_AUTH_JWS_JSON_H
#define FER_AUTH_JWS_JSON_H

#include "core/str.h"

/**
 * fer_json_scan - show each member of the object @text to @take.
 * Shape:  @name is the text between its quotes, escapes still in; @value is the raw value ("…" with its quotes, a number, …).
 * Returns: false when @text is not one strict JSON object in UTF-8, a name comes twice, a limit of jws.h is passed, or @take said false.
 */
bool fer_json_scan(struct fer_str text, bool (*take)(void *data, struct fer_str name, struct fer_str value), void *data);

/** fer_json_name_is - does @raw (escapes still in) mean @text? */
bool fer_json_name_is(struct fer_str raw, const char *text);

/** fer_json_text - what stands between the quotes of a raw value; false when it is no string. */
bool fer_json_text(struct fer_str value, struct fer_str *out);

#endif
