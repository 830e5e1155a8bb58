/*
 * What the process may still do once it serves: a list of system calls (seccomp) and of folders (Landlock).
 */
#ifndef FER_HTTP_CONFINE_H
#define FER_HTTP_CONFINE_H

#include "core/settings.h"

struct fer_media;

/**
 * fer_confine - give up every system call and file that serving does not need; for the calling thread and those it starts later.
 * Errors: -EINVAL a setting is not one of its words; -errno the kernel refused the filter; @why holds a sentence. A kernel without
 *         Landlock is no error: the log says so.
 */
int fer_confine(const struct fer_settings *settings, const struct fer_media *media, char why[256]);

#endif
