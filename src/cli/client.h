/*
 * Asking another ferrite over HTTP. Its certificate is checked; without TLS only this machine is asked, because the token would be read on
 * the way. The token comes from a file and is in no message.
 */
#ifndef FER_CLI_CLIENT_H
#define FER_CLI_CLIENT_H

#include "core/str.h"

struct fer_client {
	const char *url;               /* "https://shop.example", or with a path in front of ferrite's own */
	struct fer_str token;
	const char *authorities;       /* file of certificates to trust instead of the system's; NULL */
};

/** fer_client_is_url - does @text name a server? */
bool fer_client_is_url(const char *text);
/** fer_client_check - may that server be asked? Errors: -EINVAL; @why holds a sentence. */
int fer_client_check(const char *url, char why[256]);

/**
 * fer_client_call - one request and its answer; redirections are not followed.
 * Shape:  @path begins with "/"; @body without .at: none, else JSON.
 * Errors: -EIO; @why holds a sentence. Any status is an answer.
 */
int fer_client_call(const struct fer_client *client, struct fer_arena *arena, const char *method, struct fer_str path, struct fer_str body,
                    int *status, struct fer_str *answer, char why[256]);

#endif
