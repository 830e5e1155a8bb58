/*
 * The C library's heap, with a note a thread. Apart, because JSON and XML are read in different folders.
 */
#include "core/heap.h"

static _Thread_local bool starved;

static void *noted(void *at)
{
	if (!at)
		starved = true;
	return at;
}

void *fer_heap_malloc(size_t size)
{
	return noted(malloc(size));
}

void *fer_heap_realloc(void *at, size_t size)
{
	return noted(realloc(at, size));
}

char *fer_heap_strdup(const char *text)
{
	return noted(strdup(text));
}

void fer_heap_free(void *at)
{
	free(at);
}

void fer_heap_watch(void)
{
	starved = false;
}

bool fer_heap_starved(void)
{
	return starved;
}
