/*
 * CMS blocks and pages: their entities and what the two have in common.
 */
#ifndef FER_CMS_CMS_H
#define FER_CMS_CMS_H

#include "api/entity.h"
#include "api/route.h"

extern const struct fer_entity fer_cms_block;
extern const struct fer_entity fer_cms_page;

extern const struct fer_route_table fer_routes_cms_block;
extern const struct fer_route_table fer_routes_cms_page;

/** fer_cms_merge - give @record what @old has and @record does not say; the time of change is left out, it is new. */
void fer_cms_merge(struct fer_call *call, const struct fer_entity *entity, struct fer_value *record, const struct fer_value *old);

/**
 * fer_cms_saved - stamp the row with the call's time (@times is the statement for its table), and make @record what Magento answers:
 * no time of change, and after a creation only what was sent.
 */
int fer_cms_saved(struct fer_call *call, enum fer_sql times, struct fer_value *record, bool is_new);

#endif
