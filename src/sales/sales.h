/*
 * Magento_Sales: orders and what follows them. Most fields are columns of the same name, so a row says no more than its type.
 */
#ifndef FER_SALES_SALES_H
#define FER_SALES_SALES_H

#include "api/entity.h"
#include "api/route.h"

#define FER_WHOLE(name) FER_FIELD(name, FER_INT, name, FER_SEARCH, NULL)
#define FER_AMOUNT(name) FER_FIELD(name, FER_DECIMAL, name, FER_SEARCH, NULL)
#define FER_WORDS(name) FER_FIELD(name, FER_STRING, name, FER_SEARCH, NULL)

/* Comments of invoices and shipments. */
#define FER_COMMENT_FIELDS(parent) \
	FER_FIELD("is_customer_notified", FER_INT,    "is_customer_notified", FER_SEARCH | FER_NULLS, "1: the customer was told"), \
	FER_FIELD("parent_id",            FER_INT,    "parent_id",            FER_SEARCH | FER_NULLS, parent), \
	FER_FIELD("comment",              FER_STRING, "comment",              FER_SEARCH | FER_NULLS, "what was said"), \
	FER_FIELD("is_visible_on_front",  FER_INT,    "is_visible_on_front",  FER_SEARCH | FER_NULLS, "1: he may read it"), \
	FER_FIELD("created_at",           FER_STRING, "created_at",           FER_SEARCH,             "UTC"), \
	FER_FIELD("entity_id",            FER_INT,    "entity_id",            FER_KEY,                "row id")

#define FER_SALES_SOURCE "Magento_Sales webapi.xml"
#define FER_SALES_ID FER_PARAMS({ "id", FER_INT, FER_REQ, NULL, NULL })

extern const struct fer_entity fer_order_item;
extern const struct fer_entity fer_order_address;
extern const struct fer_entity fer_order_payment;
extern const struct fer_entity fer_order_history;
extern const struct fer_entity fer_order_tax;
extern const struct fer_entity fer_order_tax_item;
extern const struct fer_entity fer_tax_applied;
extern const struct fer_entity fer_tax_of_item;
extern const struct fer_entity fer_payment_info;
extern const struct fer_entity fer_gift_message;
extern const struct fer_entity fer_shipping_assignment;

/** fer_sales_get - the record of the path's id; an id of 0 is Magento's "An ID is needed". */
int fer_sales_get(struct fer_call *call);
/** fer_sales_comments - the route's entity searched by its parent, the path's id: {items, search_criteria, total_count}. */
int fer_sales_comments(struct fer_call *call);

/** fer_sales_rows - rows of @entity whose @column is @id, by key (backwards when @latest), as a list. */
int fer_sales_rows(struct fer_call *call, const struct fer_entity *entity, const char *column, int64_t id, bool latest,
                   struct fer_value *out);

/* A part of a row: rows of @entity whose parent_id it is, shown as @name. */
struct fer_sales_part {
	const char *name;
	const struct fer_entity *entity;
};

/** fer_sales_parts - fill the parts of @n records in. */
int fer_sales_parts(struct fer_call *call, struct fer_value *records, size_t n, const struct fer_sales_part *parts, size_t n_parts);

/** fer_order_taxes - put what an order was taxed with into @extension, and into that of each of its @items. */
int fer_order_taxes(struct fer_call *call, int64_t order_id, struct fer_value *items, struct fer_value *extension);

/** fer_gift_message_add - put the message @id into @extension when there is one. */
int fer_gift_message_add(struct fer_call *call, int64_t id, struct fer_value *extension);

#endif
