/*
 * One JSON object a line on standard error: time, level, message, then pairs. Never a secret: callers pass names, not values of
 * credentials.
 */
#ifndef FER_CORE_LOG_H
#define FER_CORE_LOG_H

enum fer_log_level { FER_LOG_ERROR, FER_LOG_WARN, FER_LOG_INFO, FER_LOG_DEBUG };

void fer_log_level(enum fer_log_level level);

/** fer_log - pairs of (const char *name, const char *text), ended by NULL; a NULL text is left out. */
void fer_log(enum fer_log_level level, const char *message, ...) __attribute__((sentinel));

#endif
