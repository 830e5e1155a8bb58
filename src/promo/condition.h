/*
 * Conditions of sales rules. Magento keeps a tree of them as JSON (salesrule.conditions_serialized, actions_serialized) and shows it
 * over the web API under other names; one typed tree stands between the two, so that a cart can be judged by what is stored.
 */
#ifndef FER_PROMO_CONDITION_H
#define FER_PROMO_CONDITION_H

#include "api/entity.h"

#define FER_CONDITION_DEPTH 32       /* Magento's own rules nest four deep */
#define FER_CONDITION_NODES 1000
#define FER_CONDITION_SIZE (1 << 20) /* bytes of the stored text */

enum fer_condition_kind {
	FER_CONDITION_UNKNOWN,       /* a class that ferrite does not know: shown, kept as it is stored, and nobody can judge it */
	FER_CONDITION_COMBINE,       /* all or any of .conditions are .value */
	FER_CONDITION_FOUND,         /* some item of the cart is (.value true) or is not such a combination */
	FER_CONDITION_SUBSELECT,     /* .attribute summed over the items that meet .conditions, against .value */
	FER_CONDITION_ADDRESS,       /* .attribute of the cart's address and totals against .value */
	FER_CONDITION_PRODUCT        /* .attribute of a product, or of its place in the cart, against .value */
};

struct fer_rule_condition {
	enum fer_condition_kind kind;
	struct fer_value type;       /* Magento's class name; null: stored without one */
	struct fer_value attribute;  /* text; null or false: none */
	struct fer_value operator;   /* "==", "!=", ">=", "<=", ">", "<", "{}", "!{}", "()", "!()"; null or false: none */
	struct fer_value value;      /* whatever was sent: text, number, truth, list; text is cut at commas by "()" and "!()" */
	struct fer_value processed;  /* true: a date already in its form */
	struct fer_value scope;      /* of a product: "parent", "children" or null */
	struct fer_value aggregator; /* of a combination: "all" or "any" */
	struct fer_rule_condition *conditions;
	size_t n;
};

/* A condition as the web API knows it. */
extern const struct fer_entity fer_condition_entity;

struct fer_eav;

/**
 * fer_condition_take - the tree that Magento makes of @api, a value of fer_condition_entity; NULL gives an empty combination.
 * Shape:  the root has the class @root whatever was sent; conditions of unknown classes are dropped, as Magento does.
 * Owns:   @arena holds the tree, which points into @api.
 * Errors: -E2BIG more than FER_CONDITION_NODES, or deeper than FER_CONDITION_DEPTH.
 * Source: Magento_SalesRule Model\Converter\ToModel, Magento_Rule Model\Condition, 2.4.7
 */
int fer_condition_take(struct fer_arena *arena, const struct fer_eav *eav, const char *root, const struct fer_value *api,
                       struct fer_rule_condition *out);

/** fer_condition_write - append the tree as Magento stores it. */
void fer_condition_write(struct fer_buf *buf, const struct fer_rule_condition *condition);

/**
 * fer_condition_read - the tree of stored text, which may be anybody's.
 * Errors: -EINVAL not such a tree; -E2BIG as above.
 */
int fer_condition_read(struct fer_arena *arena, struct fer_str text, struct fer_rule_condition *out);

/** fer_condition_shape - the tree as the web API shows it. */
struct fer_value fer_condition_shape(struct fer_arena *arena, const struct fer_rule_condition *condition);

/** fer_condition_attributes - add the codes of the product attributes it asks for to @codes, a list without doubles. */
void fer_condition_attributes(struct fer_arena *arena, const struct fer_rule_condition *condition, struct fer_value *codes);

#endif
