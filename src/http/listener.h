/*
 * The listener: from settings and a server to a socket that answers.
 */
#ifndef FER_HTTP_LISTENER_H
#define FER_HTTP_LISTENER_H

#include "api/server.h"
#include "core/settings.h"

struct fer_http;

/**
 * fer_http_open - bind, give up root, start the threads, answer.
 * Owns:   the caller closes it with fer_http_close; @server is borrowed until then, @settings only during the call.
 * Errors: -EINVAL for settings that cannot be served (plain HTTP beyond loopback, a bad certificate), -errno; @why holds a sentence.
 */
int fer_http_open(struct fer_server *server, const struct fer_settings *settings, struct fer_http **out, char why[256]);

/** fer_http_close - take no new requests, finish the running ones (at most stop_timeout), stop. */
void fer_http_close(struct fer_http *http);

/** fer_http_reload - take over what may change while running: TLS files, limits of a request, logging. Errors: as fer_http_open. */
int fer_http_reload(struct fer_http *http, const struct fer_settings *settings, char why[256]);

/** fer_http_url - "http://127.0.0.1:8080", with the port that was really bound. */
void fer_http_url(const struct fer_http *http, char *out, size_t size);

/**
 * fer_http_run - serve until SIGTERM or SIGINT; at SIGHUP ask @reload for new settings. The signals must be blocked before any thread
 * starts: fer_http_block_signals.
 */
void fer_http_block_signals(void);
void fer_http_run(struct fer_http *http, int poll_ms, int (*reload)(struct fer_http *http, void *data, char why[256]), void *data);
/** fer_http_last_words - after the last request: write what was kept to be written behind. */
void fer_http_last_words(struct fer_server *server);

#endif
