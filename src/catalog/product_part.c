/*
 * The parts of products that stand in tables of their own, one row each: links, custom options, pictures, tier prices, and what only
 * one product type has.
 */
#include "catalog/gallery.h"

static const struct fer_product_part_row rows[FER_N_PRODUCT_PARTS] = {
	[FER_PART_LINKS] = { "product_links", .late = true, .fill = fer_product_links_fill, .save = fer_product_links_save },
	[FER_PART_OPTIONS] = { "options", .fill = fer_product_options_fill, .save = fer_product_options_save },
	[FER_PART_MEDIA] = { "media_gallery_entries", .fill = fer_gallery_fill, .check = fer_gallery_check, .save = fer_gallery_save },
	[FER_PART_TIER_PRICES] = { "tier_prices", .late = true, .fill = fer_product_tiers_fill, .save = fer_product_tiers_save },
	[FER_PART_BUNDLE_OPTIONS] = { "bundle_product_options", .extension = true, .type = "bundle",
		.fill = fer_bundle_options_fill, .save = fer_bundle_options_save },
	[FER_PART_DOWNLOAD_LINKS] = { "downloadable_product_links", .extension = true, .type = "downloadable",
		.fill = fer_download_links_fill, .save = fer_download_links_save },
	[FER_PART_DOWNLOAD_SAMPLES] = { "downloadable_product_samples", .extension = true, .type = "downloadable",
		.fill = fer_download_samples_fill, .save = fer_download_samples_save },
	[FER_PART_CONFIGURABLE_OPTIONS] = { "configurable_product_options", .extension = true, .type = "configurable",
		.fill = fer_configurable_options_fill, .check = fer_configurable_options_check, .save = fer_configurable_options_save },
	[FER_PART_CONFIGURABLE_LINKS] = { "configurable_product_links", .extension = true, .type = "configurable",
		.fill = fer_configurable_links_fill, .check = fer_configurable_links_check, .save = fer_configurable_links_save },
};

const struct fer_product_part_row *fer_product_part(enum fer_product_part part)
{
	return &rows[part];
}

static bool has_part(const struct fer_product_part_row *row, const struct fer_product *product)
{
	return !row->type || fer_str_is(product->type, row->type);
}

/* True when some of them have the part, whose value is then an empty list until .fill sets it. */
static bool prepare(enum fer_product_part part, struct fer_product *products, size_t n)
{
	bool some = false;

	for (size_t i = 0; i < n; i++) {
		products[i].parts[part] = !rows[part].extension || has_part(&rows[part], &products[i]) ? fer_list() : fer_null();
		some |= has_part(&rows[part], &products[i]);
	}
	return some;
}

int fer_products_fill_parts(struct fer_call *call, struct fer_product *products, size_t n, int store_id, unsigned parts)
{
	int r = 0;

	for (int part = 0; part < FER_N_PRODUCT_PARTS && !r; part++)
		if (prepare(part, products, n) && rows[part].fill && parts & 1u << part)
			r = rows[part].fill(call, products, n, store_id);
	return r;
}

static const struct fer_value *sent_part(const struct fer_product_saving *s, const struct fer_product_part_row *row)
{
	const struct fer_value *sent = row->extension && !s->extension ? NULL : fer_get(row->extension ? s->extension : s->body, row->name);

	return fer_is_null(sent) ? NULL : sent;
}

unsigned fer_product_parts_of(const struct fer_product_saving *s)
{
	unsigned parts = 0;

	for (int part = 0; part < FER_N_PRODUCT_PARTS; part++)
		if (!s->is_new || sent_part(s, &rows[part]))
			parts |= 1u << part;
	return parts;
}

int fer_product_refuse_parts(struct fer_product_saving *s)
{
	for (int part = 0; part < FER_N_PRODUCT_PARTS; part++)
		if (!rows[part].save && fer_count(sent_part(s, &rows[part])))
			return fer_fail(s->call, FER_E_PRODUCT_PART_UNKNOWN, "1", fer_text(rows[part].name), NULL);
	return 0;
}

int fer_product_check_parts(struct fer_product_saving *s)
{
	int r = 0;

	for (int part = 0; part < FER_N_PRODUCT_PARTS && !r; part++) {
		const struct fer_value *sent = sent_part(s, &rows[part]);

		if (sent && rows[part].check)
			r = rows[part].check(s, sent);
	}
	return r;
}

int fer_product_save_parts(struct fer_product_saving *s)
{
	int r = 0;

	for (int part = 0; part < FER_N_PRODUCT_PARTS && !r; part++) {
		const struct fer_value *sent = sent_part(s, &rows[part]);

		if (sent && rows[part].save && has_part(&rows[part], &s->product))
			r = rows[part].save(s, sent);
	}
	return r;
}
