/*
 * Money and quantity: int64 of 1/1,000,000, never double. Magento's columns are decimal(12,4), (20,4) and (20,6);
 * one unit holds them all.
 */
#ifndef FER_CORE_DECIMAL_H
#define FER_CORE_DECIMAL_H

#include "core/str.h"

typedef int64_t fer_micro;       /* the unit is the type's name: millionths */
#define FER_ONE ((fer_micro)1000000)

/** fer_decimal_parse - "12.5", "-3", ".5", "1e3"; more than six decimals are rounded half away from zero. */
bool fer_decimal_parse(struct fer_str text, fer_micro *out);
fer_micro fer_decimal_from_double(double x);
fer_micro fer_decimal_round(fer_micro x, int digits);           /* half away from zero, as MySQL and PHP round */
fer_micro fer_decimal_mul(fer_micro a, fer_micro b);
/** fer_decimal_json - as PHP prints the float: 12.5, 39, 0.0001. */
void fer_decimal_json(struct fer_buf *buf, fer_micro x);
/** fer_decimal_text - as the column prints it: 12.5000 for digits = 4. */
struct fer_str fer_decimal_text(struct fer_arena *arena, fer_micro x, int digits);

#endif
