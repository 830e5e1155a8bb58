/*
 * Customer addresses, for the account that holds them and for whoever ships to them.
 */
#ifndef FER_CUSTOMER_ADDRESS_H
#define FER_CUSTOMER_ADDRESS_H

#include "api/entity.h"

/* The shape of an address in bodies and answers. */
extern const struct fer_entity fer_address;

/** fer_address_load - one address as a record of fer_address. Errors: NO_SUCH_ENTITY (addressId). */
int fer_address_load(struct fer_call *call, int64_t address_id, struct fer_value *out);
/** fer_address_list - the addresses of some customers (@n is 1 or more), by id. */
int fer_address_list(struct fer_call *call, const int64_t *customer_ids, size_t n, struct fer_value *out);
/**
 * fer_address_store - make an address, or with an id change one of this customer; in a transaction. What is not sent stays as it is.
 * Shape:  @store_id tells which countries are allowed. @sent gets the id.
 * Errors: REQUIRED, INVALID_FIELD_VALUE (collected); NO_SUCH_ENTITY when the customer has no such address.
 * Source: Magento_Customer AddressRepository, Address\Validator\General and Country, 2.4.7
 */
int fer_address_store(struct fer_call *call, int64_t customer_id, int store_id, struct fer_value *sent);
/** fer_address_remove - and the defaults that name it; in a transaction. */
int fer_address_remove(struct fer_call *call, int64_t customer_id, int64_t address_id);
/** fer_address_country - may addresses of this store view be in this country? */
bool fer_address_country(struct fer_call *call, int store_id, const struct fer_value *country_id);

#endif
