/*
 * Why a call failed: one of errors.def with its parameters, or several of them. Rendering it as Magento does
 * (templates, parameters, the shape of several errors) is api's work; here it is only collected.
 */
#ifndef FER_CORE_FAULT_H
#define FER_CORE_FAULT_H

#include "core/value.h"

enum fer_error {
	FER_OK = 0,
#define X(name, status, message) FER_E_##name,
#define XI(name, status, message) FER_E_##name,
#define XP(name, status, message) FER_E_##name,
#include "core/errors.def"
#undef X
#undef XI
#undef XP
	FER_N_ERRORS
};

struct fer_error_row {
	const char *name;       /* NO_SUCH_ENTITY */
	int status;             /* HTTP */
	const char *message;
	enum { FER_TEMPLATE, FER_INTERPOLATED, FER_PAGE } form;   /* X, XI, XP */
};

const struct fer_error_row *fer_error_row(enum fer_error error);

struct fer_fault_item {
	enum fer_error error;
	struct fer_value params;  /* a map; names that are digits make a positional list */
};

struct fer_fault {
	struct fer_fault_item *items;
	size_t n;
	enum fer_error head;      /* the items are listed below this message, even a single one; 0: there is none. Its %error is the first item's text */
};

/**
 * fer_fault_add - note one more reason. Parameters are pairs of (const char *, struct fer_value), ended by NULL.
 * Returns: @error, so that `return fer_fault_add(…)` reads well.
 */
int fer_fault_add(struct fer_arena *arena, struct fer_fault *fault, enum fer_error error, ...);
int fer_fault_addv(struct fer_arena *arena, struct fer_fault *fault, enum fer_error error, va_list args);

/** fer_fault_message - the message with its placeholders filled in (for logs, the command line, GraphQL and XI rows). */
struct fer_str fer_fault_message(struct fer_arena *arena, const struct fer_fault_item *item);
/** fer_fault_fill - the same for a message and a map of parameters from elsewhere. */
struct fer_str fer_fault_fill(struct fer_arena *arena, struct fer_str text, const struct fer_value *params);

#endif
