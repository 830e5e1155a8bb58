/*
 * The route tables of all domains. A new resource adds its declaration and its line here, and is served, documented and tested by
 * that.
 */
#include "cli/tables.h"

extern const struct fer_route_table fer_routes_audit;
extern const struct fer_route_table fer_routes_token;
extern const struct fer_route_table fer_routes_address;
extern const struct fer_route_table fer_routes_customer;
extern const struct fer_route_table fer_routes_customer_create;
extern const struct fer_route_table fer_routes_customer_metadata;
extern const struct fer_route_table fer_routes_customer_password;
extern const struct fer_route_table fer_routes_customer_search;
extern const struct fer_route_table fer_routes_customer_token;
extern const struct fer_route_table fer_routes_oauth;
extern const struct fer_route_table fer_routes_tfa;
extern const struct fer_route_table fer_routes_tfa_foreign;
extern const struct fer_route_table fer_routes_tfa_google;
extern const struct fer_route_table fer_routes_tfa_u2fkey;
extern const struct fer_route_table fer_routes_customer_group;
extern const struct fer_route_table fer_routes_agreement;
extern const struct fer_route_table fer_routes_tax_class;
extern const struct fer_route_table fer_routes_tax_rate;
extern const struct fer_route_table fer_routes_tax_rule;
extern const struct fer_route_table fer_routes_coupon;
extern const struct fer_route_table fer_routes_coupon_batch;
extern const struct fer_route_table fer_routes_sales_rule;
extern const struct fer_route_table fer_routes_credit_memo;
extern const struct fer_route_table fer_routes_invoice;
extern const struct fer_route_table fer_routes_order;
extern const struct fer_route_table fer_routes_order_item;
extern const struct fer_route_table fer_routes_shipment;
extern const struct fer_route_table fer_routes_cms_block;
extern const struct fer_route_table fer_routes_cms_page;
extern const struct fer_route_table fer_routes_store;
extern const struct fer_route_table fer_routes_store_config;
extern const struct fer_route_table fer_routes_analytics;
extern const struct fer_route_table fer_routes_modules;
extern const struct fer_route_table fer_routes_directory;
extern const struct fer_route_table fer_routes_product;
extern const struct fer_route_table fer_routes_inventory_stock;
extern const struct fer_route_table fer_routes_distance;
extern const struct fer_route_table fer_routes_export_stock;
extern const struct fer_route_table fer_routes_inventory_bulk;
extern const struct fer_route_table fer_routes_low_quantity;
extern const struct fer_route_table fer_routes_pickup_location;
extern const struct fer_route_table fer_routes_pickup_order;
extern const struct fer_route_table fer_routes_salable;
extern const struct fer_route_table fer_routes_source_selection;
extern const struct fer_route_table fer_routes_source;
extern const struct fer_route_table fer_routes_source_item;
extern const struct fer_route_table fer_routes_product_link;
extern const struct fer_route_table fer_routes_gallery;
extern const struct fer_route_table fer_routes_product_option;
extern const struct fer_route_table fer_routes_product_price;
extern const struct fer_route_table fer_routes_product_render;
extern const struct fer_route_table fer_routes_search;
extern const struct fer_route_table fer_routes_product_website;
extern const struct fer_route_table fer_routes_product_tier;
extern const struct fer_route_table fer_routes_product_tier_bulk;
extern const struct fer_route_table fer_routes_configurable;
extern const struct fer_route_table fer_routes_bundle;
extern const struct fer_route_table fer_routes_download;
extern const struct fer_route_table fer_routes_stock;
extern const struct fer_route_table fer_routes_stock_link;
extern const struct fer_route_table fer_routes_attribute;
extern const struct fer_route_table fer_routes_attribute_group;
extern const struct fer_route_table fer_routes_attribute_member;
extern const struct fer_route_table fer_routes_attribute_option;
extern const struct fer_route_table fer_routes_attribute_set;
extern const struct fer_route_table fer_routes_category;
extern const struct fer_route_table fer_routes_category_product;
extern const struct fer_route_table fer_routes_category_save;
extern const struct fer_route_table fer_routes_category_tree;
extern const struct fer_route_table fer_routes_config;
extern const struct fer_route_table fer_routes_config_sync;
extern const struct fer_route_table fer_routes_forward_auth;
extern const struct fer_route_table fer_routes_integration;
extern const struct fer_route_table fer_routes_key;
extern const struct fer_route_table fer_routes_me;
extern const struct fer_route_table fer_routes_role;
extern const struct fer_route_table fer_routes_user;
extern const struct fer_route_table fer_routes_own_schema;
extern const struct fer_route_table fer_routes_schema;
extern const struct fer_route_table fer_routes_sandbox, fer_routes_sandbox_mail;
extern const struct fer_route_table fer_routes_service_token;
extern const struct fer_route_table fer_routes_tokens;
extern const struct fer_route_table fer_routes_token_explain;
extern const struct fer_route_table fer_routes_token_lifetime;
extern const struct fer_route_table fer_routes_token_oauth;

const struct fer_route_table *const fer_route_tables[] = {
	&fer_routes_token,
	&fer_routes_address,
	&fer_routes_customer,
	&fer_routes_customer_create,
	&fer_routes_customer_metadata,
	&fer_routes_customer_password,
	&fer_routes_customer_search,
	&fer_routes_customer_token,
	&fer_routes_oauth,
	&fer_routes_tfa,
	&fer_routes_tfa_foreign,
	&fer_routes_tfa_google,
	&fer_routes_tfa_u2fkey,
	&fer_routes_customer_group,
	&fer_routes_agreement,
	&fer_routes_tax_class,
	&fer_routes_tax_rate,
	&fer_routes_tax_rule,
	&fer_routes_order,
	&fer_routes_order_item,
	&fer_routes_invoice,
	&fer_routes_shipment,
	&fer_routes_credit_memo,
	&fer_routes_sales_rule,
	&fer_routes_coupon,
	&fer_routes_coupon_batch,
	&fer_routes_cms_block,
	&fer_routes_cms_page,
	&fer_routes_store,
	&fer_routes_store_config,
	&fer_routes_analytics,
	&fer_routes_modules,
	&fer_routes_directory,
	&fer_routes_product,
	&fer_routes_product_link,
	&fer_routes_gallery,
	&fer_routes_product_option,
	&fer_routes_product_price, &fer_routes_product_render, &fer_routes_search,
	&fer_routes_product_website,
	&fer_routes_product_tier,
	&fer_routes_product_tier_bulk,
	&fer_routes_configurable,
	&fer_routes_bundle,
	&fer_routes_download,
	&fer_routes_stock,
	&fer_routes_source,
	&fer_routes_inventory_stock,
	&fer_routes_stock_link,
	&fer_routes_source_item,
	&fer_routes_low_quantity,
	&fer_routes_salable,
	&fer_routes_export_stock,
	&fer_routes_inventory_bulk,
	&fer_routes_source_selection,
	&fer_routes_distance,
	&fer_routes_pickup_location,
	&fer_routes_pickup_order,
	&fer_routes_attribute,
	&fer_routes_attribute_group,
	&fer_routes_attribute_member,
	&fer_routes_attribute_option,
	&fer_routes_attribute_set,
	&fer_routes_category,
	&fer_routes_category_product,
	&fer_routes_category_save,
	&fer_routes_category_tree,
	&fer_routes_config,
	&fer_routes_config_sync,
	&fer_routes_forward_auth,
	&fer_routes_integration,
	&fer_routes_key,
	&fer_routes_me,
	&fer_routes_role,
	&fer_routes_user,
	&fer_routes_own_schema,
	&fer_routes_schema,
	&fer_routes_sandbox,
	&fer_routes_sandbox_mail,
	&fer_routes_service_token,
	&fer_routes_tokens,
	&fer_routes_token_explain,
	&fer_routes_token_lifetime,
	&fer_routes_token_oauth,
	&fer_routes_audit,
	NULL
};
