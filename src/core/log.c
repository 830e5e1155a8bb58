/*
 * The log writer: one write a line, so that lines of several threads do not mix.
 */
#include "core/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"

static _Atomic int threshold = FER_LOG_INFO;

void fer_log_level(enum fer_log_level level)
{
	atomic_store(&threshold, (int)level);
}

static void add_pair(struct fer_buf *buf, const char *name, const char *text)
{
	fer_buf_char(buf, buf->len > 1 ? ',' : '{');
	fer_json_string(buf, fer_str(name));
	fer_buf_char(buf, ':');
	fer_json_string(buf, fer_str(text));
}

static void add_time(struct fer_buf *buf)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	fer_buf_fmt(buf, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	            tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
}

void fer_log(enum fer_log_level level, const char *message, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	struct fer_buf buf;
	const char *name;
	va_list args;

	if ((int)level > atomic_load(&threshold))
		return;
	fer_buf_init(&buf, NULL, 16384);
	add_time(&buf);
	add_pair(&buf, "level", names[level]);
	add_pair(&buf, "message", message);
	va_start(args, message);
	while ((name = va_arg(args, const char *))) {
		const char *text = va_arg(args, const char *);

		if (text)
			add_pair(&buf, name, text);
	}
	va_end(args);
	fer_buf_text(&buf, "}\n");
	if (!buf.overflow && write(STDERR_FILENO, buf.at, buf.len) < 0) {
		/* Nowhere left to say it. */
	}
	fer_buf_release(&buf);
}
