/*
 * Queries of lists: searchCriteria, fields and whatever else, through the pipeline to SQL. The first byte chooses the list.
 */
#include "lib/house.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const lists[] = {
	"/rest/V1/products", "/rest/V1/categories/list", "/rest/V1/customers/search", "/rest/V1/taxRates/search", "/rest/V1/cmsBlock/search",
	"/rest/V1/products/attributes", "/rest/V1/inventory/sources", "/rest/V1/customerGroups/search",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fer_request request = { .method = FER_S("GET"), .accept = FER_S("application/json"), .source = FER_S("127.0.0.1") };

	if (!size)
		return 0;
	request.authorization = fuzz_admin();
	request.path = fer_str(lists[data[0] % FER_ARRAY_LEN(lists)]);
	request.query = (struct fer_str){ (const char *)data + 1, size - 1 };
	fuzz_request(&request);
	return 0;
}
