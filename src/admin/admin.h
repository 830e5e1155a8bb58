/*
 * What the files below /ferrite/v1 share: the part of ferrite that no Magento has. No other folder includes it.
 */
#ifndef FER_ADMIN_ADMIN_H
#define FER_ADMIN_ADMIN_H

#include "api/call.h"
#include "api/route.h"

#define FER_OWN "ferrite"   /* the source of a row that is not Magento's */

#endif
