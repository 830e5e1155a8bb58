/*
 * See plan.c.
 */
#ifndef TESTS_FAULT_PLAN_H
#define TESTS_FAULT_PLAN_H

struct fer_store;

/** plan_wrap - from now on statements are explained when they run. */
void plan_wrap(struct fer_store *store);
/* Which request they belong to. */
extern const char *plan_target;

#endif
