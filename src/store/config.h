/*
 * Shop configuration (core_config_data over Magento's built-in values) and the tree of websites, groups and store views, as
 * a snapshot in memory. It is read again when FER_CHANGE_CONFIG moved; a look-up touches no database otherwise.
 */
#ifndef FER_STORE_CONFIG_H
#define FER_STORE_CONFIG_H

#include "store/store.h"

/**
 * fer_config_text - what @path says for a store view: stores, then websites, then default, then the built-in value.
 * @store_id 0 is the admin scope: default and built-in only.
 * Shape:  @out->at is NULL when nothing says anything, or the row says NULL; else the text lives in @arena.
 * Errors: < 0 the store failed.
 */
int fer_config_text(struct fer_store *store, struct fer_arena *arena, int store_id, const char *path, struct fer_str *out);

/** fer_config_int - the same as PHP casts it to int ("12abc" is 12); @otherwise when unset or the store failed. */
int64_t fer_config_int(struct fer_store *store, int store_id, const char *path, int64_t otherwise);
/** fer_config_bool - Magento's isSetFlag: unset (@otherwise), empty, "0" and "false" are false. */
bool fer_config_bool(struct fer_store *store, int store_id, const char *path, bool otherwise);

/** fer_config_base_url - web/unsecure/base_url or its secure twin, with their placeholders filled in. */
int fer_config_base_url(struct fer_store *store, struct fer_arena *arena, int store_id, bool secure, struct fer_str *out);
/** fer_config_placeholder - @text with @by in the place of the first @mark. */
struct fer_str fer_config_placeholder(struct fer_arena *arena, struct fer_str text, const char *mark, struct fer_str by);

/** fer_config_default - the built-in value of @path; .at NULL when there is none. */
struct fer_str fer_config_default(struct fer_str path);

/* Shop settings that explain themselves (config_own.def), by path. */
struct fer_config_own {
	const char *path, *value, *text;
};
extern const struct fer_config_own fer_config_own[];
extern const size_t fer_n_config_own;

/* -- writing and listing, for the command line and the admin API -------------------------------------------------- */

/* @scope is "default", "websites" or "stores". */
bool fer_config_scope_valid(struct fer_str scope);
/** fer_config_set - in a transaction of its own. A @value without .at stores NULL. Errors: -EINVAL a bad scope. */
int fer_config_set(struct fer_store *store, struct fer_str scope, int scope_id, struct fer_str path, struct fer_str value);
/** fer_config_set_in - the same inside a transaction that says FER_CHANGE_CONFIG. */
int fer_config_set_in(struct fer_db *db, struct fer_str scope, int scope_id, struct fer_str path, struct fer_str value);
/** fer_config_delete - @found (may be NULL) tells whether there was such a row. */
int fer_config_delete(struct fer_store *store, struct fer_str scope, int scope_id, struct fer_str path, bool *found);
int fer_config_delete_in(struct fer_db *db, struct fer_str scope, int scope_id, struct fer_str path, bool *found);

struct fer_config_row {
	struct fer_str scope;          /* "builtin" for a value that is in no row */
	int scope_id;
	struct fer_str path;
	struct fer_str value;          /* .at NULL: NULL */
};

/** fer_config_list - the rows whose path starts with @prefix, by path; with @builtin also the built-in values, first of their path. */
int fer_config_list(struct fer_store *store, struct fer_arena *arena, struct fer_str prefix, bool builtin,
                    struct fer_config_row **out, size_t *n);

/* A scope by name: "default", "websites/CODE" or "stores/CODE". */
struct fer_config_place {
	struct fer_str text;           /* as it was named */
	struct fer_str scope;          /* "default", "websites", "stores" */
	int id;
};

/** fer_config_place - @text is borrowed; empty is the default scope. Errors: -EINVAL no scope; -ENOENT there is no such website or view. */
int fer_config_place(struct fer_store *store, struct fer_str text, struct fer_config_place *out);

struct fer_config_found {
	struct fer_str value;          /* .at NULL: none, or NULL */
	struct fer_str from;           /* the scope that says it, "config.xml" for a built-in value; .at NULL: nothing does */
};

/** fer_config_find - what @path says at a scope, and where that is from. */
int fer_config_find(struct fer_store *store, struct fer_arena *arena, const struct fer_config_place *place, struct fer_str path,
                    struct fer_config_found *out);

/* -- websites, groups, store views -------------------------------------------------------------------------------- */

struct fer_website {
	int id;
	char code[65];
	char name[260];
	int sort;
	int default_group_id;
	bool is_default;
};

struct fer_store_group {
	int id;
	int website_id;
	char code[65];
	char name[1024];
	int root_category_id;
	int default_store_id;
};

struct fer_store_view {
	int id;
	char code[65];
	int website_id;
	int group_id;
	char name[1024];
	bool active;
	int sort;
};

/* False: there is none (or the store failed). Codes are compared exactly, as Magento's path does; id 0 is the admin store. */
bool fer_config_store_by_code(struct fer_store *store, struct fer_str code, struct fer_store_view *out);
bool fer_config_store_by_id(struct fer_store *store, int id, struct fer_store_view *out);
bool fer_config_website_by_id(struct fer_store *store, int id, struct fer_website *out);
bool fer_config_website_by_code(struct fer_store *store, struct fer_str code, struct fer_website *out);
bool fer_config_group_by_id(struct fer_store *store, int id, struct fer_store_group *out);
/** fer_config_default_store - the default store of the default group of the default website; 0 when that leads nowhere. */
int fer_config_default_store(struct fer_store *store);
/** fer_config_website_of - the website of a store view; 0 for the admin store or an unknown one. */
int fer_config_website_of(struct fer_store *store, int store_id);

/* Copies of all, by sort order and id; the admin ones (id 0) are among them. */
int fer_config_stores(struct fer_store *store, struct fer_arena *arena, struct fer_store_view **out, size_t *n);
int fer_config_websites(struct fer_store *store, struct fer_arena *arena, struct fer_website **out, size_t *n);
int fer_config_groups(struct fer_store *store, struct fer_arena *arena, struct fer_store_group **out, size_t *n);

#endif
