/*
 * Where an address is and how far two places are from each other, by the provider that the configuration names: tables of postal codes in the
 * database ("offline"), or Google, which this server does not ask.
 */
#ifndef FER_INVENTORY_DISTANCE_H
#define FER_INVENTORY_DISTANCE_H

#include "api/entity.h"

struct fer_place {
	double lat, lng;              /* degrees */
};

/** fer_distance_address - the body's object: country, postcode, street, region, city. */
extern const struct fer_entity fer_distance_address;

/**
 * fer_place_of_address - where an address is: its postal code, else its city, else its region; all that are known of the last two.
 * Errors: > 0 nobody knows, told.
 */
int fer_place_of_address(struct fer_call *call, const struct fer_value *address, struct fer_place **out, size_t *n);
/** fer_distance - metres. Errors: > 0 the provider cannot say, told. */
int fer_distance(struct fer_call *call, struct fer_place from, struct fer_place to, double *metres);

#endif
