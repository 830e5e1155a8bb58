/*
 * A small catalogue of our own making, for a sandbox that should have something to list.
 */
#ifndef FER_CLI_SAMPLE_H
#define FER_CLI_SAMPLE_H

#include "cli/house.h"

/**
 * fer_sample_load - make the categories and products of sample.c through the API itself, as an admin with all rights.
 * Errors: -ENOENT there is no such admin; -EINVAL the API refused a row; @why holds a sentence.
 */
int fer_sample_load(struct fer_house *house, struct fer_arena *arena, char why[256]);

#endif
