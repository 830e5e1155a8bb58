/*
 * Forward authentication: a proxy asks whether a request may pass before it sends it on. The pipeline then authorizes the request it is
 * asked about instead of the one it was sent; which one that is is read here.
 */
#ifndef FER_API_GATE_H
#define FER_API_GATE_H

#include "api/call.h"

#define FER_GATE_PATH "ferrite/v1/auth"

/** fer_gate_below - is @path below the gate, as Envoy's path_prefix puts the original path there? @path: without slashes in front. */
bool fer_gate_below(struct fer_str path);

/**
 * fer_gate_target - the request that the call asks about.
 * Shape:  from what stands below the gate's path, X-Original-Method and X-Original-URI, X-Forwarded-Method and X-Forwarded-Uri. Where
 *         several are there they must say the same: a client may have sent some of them itself. @out is left alone when none is.
 * Returns: 1: @out is set; 0: none is named; FER_E_GATE_UNCLEAR: half of one, contradictions, or a path that proxies and servers read
 *         in different ways (dot segments, controls, blanks, backslashes, '#').
 */
int fer_gate_target(struct fer_call *call, struct fer_target *out);

#endif
