/*
 * A JSON file that says who is there when a test begins: crypt key, roles, users, integrations, configuration.
 */
#ifndef FER_CLI_FIXTURE_H
#define FER_CLI_FIXTURE_H

#include "cli/house.h"

/** fer_fixture_read - the file as a value in @arena. Errors: -errno; -EINVAL it is not a JSON object; @why holds a sentence. */
int fer_fixture_read(struct fer_arena *arena, const char *path, struct fer_value *out, char why[256]);

/** fer_fixture_key - put the fixture's crypt key, else a new one, into the store. */
int fer_fixture_key(struct fer_house *house, const struct fer_value *fixture, char why[256]);

/**
 * fer_fixture_load - everything else, through the functions the commands use.
 * Shape:  {"crypt_key", "roles": [{name, resources}], "users": [{username, password, email, firstname, lastname, role, is_active}],
 *         "integrations": [{name, email, status, all_resources | resources, consumer_key, consumer_secret, access_token,
 *         access_token_secret}], "config": [{path, value, scope, scope_id}]}
 * Errors: as those functions; @why holds a sentence.
 */
int fer_fixture_load(struct fer_house *house, const struct fer_actor *actor, struct fer_arena *arena, const struct fer_value *fixture,
                     char why[256]);

#endif
