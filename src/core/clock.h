/*
 * Time as a member, so that a test can move it. Magento writes UTC as "YYYY-MM-DD HH:MM:SS".
 */
#ifndef FER_CORE_CLOCK_H
#define FER_CORE_CLOCK_H

#include <stdatomic.h>

#include "core/str.h"

struct fer_clock {
	int64_t (*now_s)(const struct fer_clock *self);  /* unix seconds */
	int64_t (*now_us)(const struct fer_clock *self);  /* for intervals: from no stated beginning, in microseconds */
	_Atomic int64_t shift_s;                          /* a sandbox may move it */
};

void fer_clock_init(struct fer_clock *self);
int64_t fer_now_s(const struct fer_clock *self);
int64_t fer_now_us(const struct fer_clock *self);
int64_t fer_monotonic_us(void);
struct fer_str fer_time_text(struct fer_arena *arena, int64_t unix_s);
bool fer_time_parse(struct fer_str text, int64_t *unix_s);       /* date, or date and time, UTC */
bool fer_time_read(struct fer_str text, int64_t *unix_s);        /* what PHP reads as a date, without words: also seconds, 12/31/1990 */

#endif
