/*
 * Magento_CheckoutAgreements: terms and conditions that a customer must accept before he orders. The API only lists them.
 */
#include "api/entity.h"
#include "api/route.h"
#include "api/search.h"
#include "api/server.h"
#include "store/config.h"

/* A row for each store view an agreement counts in; one of store view 0 counts in all. */
#define ITS_STORE_VIEWS "(SELECT a.agreement_id, v.store_id FROM checkout_agreement_store AS a JOIN store AS v" \
	" ON a.store_id IN (0, v.store_id)) AS s WHERE s.agreement_id = main.agreement_id"

static const struct fer_field fields[] = {
	/*        JSON              type        column            flags                    meaning */
	FER_FIELD("agreement_id",   FER_INT,    "agreement_id",   FER_KEY,                 "row id"),
	FER_FIELD("name",           FER_STRING, "name",           FER_SEARCH | FER_NULLS,  "name in the admin", .max = 255),
	FER_FIELD("content",        FER_STRING, "content",        FER_SEARCH | FER_NULLS,  "text or HTML"),
	FER_FIELD("content_height", FER_STRING, "content_height", FER_SEARCH,              "CSS height of the box it is shown in", .max = 25),
	FER_FIELD("checkbox_text",  FER_STRING, "checkbox_text",  FER_SEARCH | FER_NULLS,  "what stands beside the box to tick"),
	FER_FIELD("is_active",      FER_BOOL,   "is_active",      FER_SEARCH,              "asked for at the checkout"),
	FER_FIELD("is_html",        FER_BOOL,   "is_html",        FER_SEARCH,              "the content is HTML"),
	FER_FIELD("mode",           FER_INT,    "mode",           FER_SEARCH,              "0: accepted with the order, 1: by a tick"),
	FER_FIELD("store_id",       FER_INT,    NULL,             FER_SEARCH | FER_OUT_ONLY | FER_SECRET, "store views it counts in, for searching",
	          .sql = "s.store_id", .exists = ITS_STORE_VIEWS),
	FER_NO_EXTENSION,
};

static const struct fer_entity agreement = {
	.name = "checkout-agreements-data-agreement-interface", .table = "checkout_agreement", FER_FIELDS(fields),
};

/* What the checkout of the request's store view asks for. Source: Magento_CheckoutAgreements Model\CheckoutAgreementsRepository, 2.4.7 */
static int list_asked(struct fer_call *call)
{
	struct fer_value rows = fer_list();
	struct fer_query tail;
	int r = 0;

	fer_query_init(&tail, call->arena);
	fer_query_add(&tail, " WHERE main.is_active = 1 AND EXISTS (SELECT 1 FROM " ITS_STORE_VIEWS " AND s.store_id = ?) ORDER BY main.agreement_id");
	fer_query_bind(&tail, fer_int(call->store_id));
	if (fer_config_bool(call->server->store, call->store_id, "checkout/options/enable_agreements", false))
		r = fer_select(call, &agreement, &tail, &rows);
	return r ? r : fer_answer(call, fer_shape_list(call, &agreement, &rows));
}

#define ACL "Magento_Sales::sales"
#define SOURCE "Magento_CheckoutAgreements webapi.xml"

static const struct fer_route rows[] = {
	{ FER_GET, "/V1/carts/licence", ACL, .run = list_asked, .of = &agreement, .many = true, .cached = true,
	  .service = "checkoutAgreementsCheckoutAgreementsRepositoryV1", .summary = "Agreements that the checkout of the store view asks for",
	  .source = SOURCE },
	{ FER_GET, "/V1/carts/licence/list", ACL, .run = fer_entity_list, .of = &agreement, FER_SEARCH_CRITERIA, .many = true, .cached = true,
	  .service = "checkoutAgreementsCheckoutAgreementsListV1", .summary = "Agreements that match, of all store views", .source = SOURCE },
};

const struct fer_route_table fer_routes_agreement = FER_ROUTE_TABLE(rows);
