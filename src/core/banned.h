/*
 * Calls that have no place here: unbounded copies, hidden state, errors that cannot be told from zero.
 * Every C file of ferrite is compiled with this header forced in (see meson.build), so a use is a compile error.
 */
#ifndef FER_CORE_BANNED_H
#define FER_CORE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#undef alloca

/* A library whose macros name such calls has to be read before (src/store/meson.build). */
#ifdef FER_BEFORE_POISON
#include FER_BEFORE_POISON
#endif

/* glibc's fortified headers make macros of some of them under clang. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok atoi atol atoll atof
#pragma GCC poison gmtime localtime ctime asctime mktime
#pragma GCC poison tmpnam mktemp tempnam

#endif
