/*
 * The heap as the parsers of other libraries use it. They answer "no memory" and "not well-formed" alike; a client must not be blamed for
 * the first, so the thread remembers it here.
 */
#ifndef FER_CORE_HEAP_H
#define FER_CORE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

void *fer_heap_malloc(size_t size);
void *fer_heap_realloc(void *at, size_t size);
char *fer_heap_strdup(const char *text);
void fer_heap_free(void *at);

/** fer_heap_watch - forget; fer_heap_starved - was there no memory since, on this thread? */
void fer_heap_watch(void);
bool fer_heap_starved(void);

#endif
