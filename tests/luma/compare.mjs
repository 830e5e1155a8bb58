// Does what is read back say all that was sent? Each of these gives null, or the first thing that differs.
export const differs = (name, want, got) => (JSON.stringify(want) === JSON.stringify(got) ? null : `${name}: sent ${JSON.stringify(want)}, read ${JSON.stringify(got)}`);
// The first thing of @sent that @read does not have so; what @read has besides does not count.
export const lacks = (name, sent, read) => {
  if (sent === null || typeof sent !== 'object' || read === null || typeof read !== 'object') return differs(name, sent, read);
  if (Array.isArray(sent) && sent.length !== read.length) return differs(name, sent, read);
  return Object.keys(sent).map((key) => lacks(`${name}.${key}`, sent[key], read[key])).find(Boolean) ?? null;
};
const sorted = (text) => String(text).split(',').sort().join();
const custom = (read, code) => (read.custom_attributes ?? []).find((a) => a.attribute_code === code)?.value;

// Magento keeps a custom value as text; a list of options is a set.
const customDiffers = ({ attribute_code: code, value }, read, lists) => {
  const there = custom(read, code);
  if (value === '' || value === null) return null;
  if (lists.has(code)) return differs(code, sorted(value), sorted(there));
  return Number(value) === Number(there) && value !== '' ? null : differs(code, String(value), String(there));
};
export const customsDiffer = (sent, read, lists = new Set()) => (sent.custom_attributes ?? []).map((a) => customDiffers(a, read, lists)).find(Boolean) ?? null;
const linksOf = (list) => (list ?? []).map((l) => `${l.category_id}@${l.position}`).sort();

// What a body names of an option or link reads back so; the server adds ids, and values that only a price of its own would have.
// They are read in the order of their attributes, as Magento reads them, whatever their places.
const optionsOf = (list) => (list ?? []).map((o) => `${o.attribute_id}:${o.label}@${o.position}=${o.values.map((v) => v.value_index).sort()}`).sort();
const bundleOf = (list) => (list ?? []).map((o) => [o.title, o.required, o.type, o.position,
  o.product_links.map((l) => [l.sku, l.qty, l.position, l.is_default, l.can_change_quantity])]);
const downloadsOf = (list) => (list ?? []).map((l) => [l.title, l.sort_order, l.price, l.number_of_downloads, l.is_shareable, l.link_type, l.sample_type ?? null]);
export const linkText = (l) => `${l.link_type}:${l.linked_product_sku}@${l.position}x${l.extension_attributes?.qty ?? ''}`;
const partsDiffer = (sent, ext, read, back) => differs('options', optionsOf(ext.configurable_product_options), optionsOf(back.configurable_product_options))
  ?? differs('children', ext.configurable_product_links ?? [], back.configurable_product_links ?? [])
  ?? differs('bundle', bundleOf(ext.bundle_product_options), bundleOf(back.bundle_product_options))
  ?? differs('links', downloadsOf(ext.downloadable_product_links), downloadsOf(back.downloadable_product_links))
  ?? differs('samples', downloadsOf(ext.downloadable_product_samples), downloadsOf(back.downloadable_product_samples))
  ?? (sent.product_links ? differs('members', sent.product_links.map(linkText).sort(),
    read.product_links.filter((l) => l.link_type === 'associated').map(linkText).sort()) : null);

export const productDiffers = (sent, read, lists) => {
  const ext = sent.extension_attributes ?? {}, back = read.extension_attributes ?? {};
  for (const key of ['sku', 'name', 'price', 'status', 'visibility', 'type_id', 'weight', 'attribute_set_id'])
    if (key in sent && !(key === 'price' && sent.type_id === 'configurable') && differs(key, sent[key], read[key])) return differs(key, sent[key], read[key]);
  for (const [key, value] of Object.entries(ext.stock_item ?? {}))
    if (differs(key, value, back.stock_item?.[key])) return differs(`stock_item.${key}`, value, back.stock_item?.[key]);
  return differs('website_ids', ext.website_ids, back.website_ids) ?? differs('category_links', linksOf(ext.category_links), linksOf(back.category_links))
    ?? partsDiffer(sent, ext, read, back) ?? customsDiffer(sent, read, lists);
};
export const urlKeyOf = (read) => custom(read, 'url_key');

export const categoryDiffers = (sent, read) => ['name', 'is_active', 'include_in_menu', 'position'].filter((key) => key in sent)
  .map((key) => differs(key, sent[key], read[key])).find(Boolean) ?? customsDiffer(sent, read);

// An address that is nobody's default says nothing about it; the ids of the defaults stand at the customer as text.
const inOrder = (o) => Object.entries(o ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
const addressDiffers = (sent, read) => Object.keys({ default_billing: 0, default_shipping: 0, ...sent }).map((key) => (key === 'region'
  ? differs(key, inOrder(sent[key]), inOrder(read[key])) : differs(key, sent[key], read[key]))).find(Boolean) ?? null;
const defaultDiffers = (key, read) => differs(key, read.addresses.filter((a) => a[key]).map((a) => String(a.id)), [read[key]].filter(Boolean));

export const customerDiffers = (sent, read) => Object.keys(sent).filter((key) => !['addresses', 'custom_attributes'].includes(key))
  .map((key) => differs(key, sent[key], read[key])).find(Boolean)
  ?? differs('addresses', sent.addresses.length, read.addresses.length)
  ?? sent.addresses.map((a, i) => addressDiffers(a, read.addresses[i])).find(Boolean)
  ?? differs('owners', sent.addresses.map(() => read.id), read.addresses.map((a) => a.customer_id))
  ?? defaultDiffers('default_billing', read) ?? defaultDiffers('default_shipping', read) ?? customsDiffer(sent, read);
