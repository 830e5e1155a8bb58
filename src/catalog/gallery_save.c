/*
 * Laying a body's entries over the pictures of a product, with the roles and labels that follow from them.
 * Source: Magento_Catalog ProductRepository\MediaGalleryProcessor, Product\Gallery\CreateHandler and UpdateHandler,
 * Magento_ProductVideo, 2.4.7, and recorded answers.
 */
#include "catalog/gallery.h"

#include "api/file.h"
#include "store/media.h"

#define NO_PICTURE "no_selection"
#define LABEL_MAX 255
#define PROVIDER_MAX 32

struct picture {
	int64_t id;                          /* 0: new */
	struct fer_str stored;               /* as its row has it */
	struct fer_str file;                 /* as roles name it while they are dealt out */
	const struct fer_upload *upload;     /* bytes that came with it */
	const struct fer_value *sent;        /* the entry that names it; NULL: none */
	struct fer_value label, position, disabled;
	struct fer_str type;
	bool removed;
	bool left;                           /* neither named nor removed: nothing of it is written */
};

struct gallery {
	struct fer_product_saving *s;
	struct picture *at;
	size_t n;
	struct fer_value roles;              /* by attribute code: a file, or NO_PICTURE */
	int store_id;                        /* whose labels, places and switches are written */
	int role_store;                      /* where roles are written */
};

/* -- what stands -------------------------------------------------------------------------------------------------- */

static struct fer_value field(const struct fer_value *entry, const char *name)
{
	const struct fer_value *v = fer_get(entry, name);

	return v ? *v : fer_null();
}

static int load(struct gallery *g, size_t room)
{
	struct fer_product_saving *s = g->s;
	const struct fer_value *entries = &s->product.parts[FER_PART_MEDIA];
	int r;

	s->product.parts[FER_PART_MEDIA] = fer_list();
	if (s->product.id && (r = fer_gallery_fill(s->call, &s->product, 1, g->store_id)))
		return r;
	g->at = FER_NEW_ARRAY(s->call->arena, fer_count(entries) + room + 1, struct picture);
	for (; g->n < fer_count(entries); g->n++) {
		const struct fer_value *e = fer_at(entries, g->n);
		struct fer_str file = fer_map_str(s->call->arena, e, "file");

		g->at[g->n] = (struct picture){ .id = fer_map_int(e, "id", 0), .stored = file, .file = file, .label = field(e, "label"),
		                                .position = field(e, "position"), .disabled = field(e, "disabled"),
		                                .type = fer_map_str(s->call->arena, e, "media_type") };
	}
	return 0;
}

/* A shop with one store view keeps roles in the default scope alone. */
static int find_role_store(struct gallery *g)
{
	int64_t views = 0;
	int r = fer_sql_int(g->s->call->db, FER_SQL_STORE_VIEWS, 0, &views, "");

	g->role_store = views < 2 ? 0 : g->s->store_id;
	return r;
}

static struct picture *by_id(struct gallery *g, int64_t id)
{
	for (size_t i = 0; id && i < g->n; i++)
		if (g->at[i].id == id)
			return &g->at[i];
	return NULL;
}

/* -- what is sent ------------------------------------------------------------------------------------------------- */

static void lay(struct fer_arena *arena, struct picture *p, const struct fer_value *entry, const struct fer_upload *upload)
{
	p->sent = entry;
	p->upload = upload;
	p->label = field(entry, "label");
	p->position = field(entry, "position");
	p->disabled = field(entry, "disabled");
	p->type = fer_map_str(arena, entry, "media_type");
	if (fer_has(entry, "file"))
		p->file = fer_map_str(arena, entry, "file");
}

static int64_t next_position(const struct gallery *g)
{
	int64_t most = 0;

	for (size_t i = 0; i < g->n; i++)
		if (!g->at[i].left && fer_as_int(&g->at[i].position) > most)
			most = fer_as_int(&g->at[i].position);
	return most + 1;
}

/* What the entry says goes to every picture that has the name for now: the new one, and an old one whose name was taken. */
static void name_alike(struct gallery *g, struct fer_str name, const struct fer_value *entry)
{
	for (size_t i = 0; i < g->n; i++) {
		struct picture *p = &g->at[i];

		if (p->left || !fer_str_eq(p->file, name))
			continue;
		p->label = fer_has(entry, "label") ? field(entry, "label") : p->label;
		p->position = fer_has(entry, "position") ? field(entry, "position") : p->position;
		p->disabled = fer_has(entry, "disabled") ? field(entry, "disabled") : p->disabled;
	}
}

static void give_roles(struct gallery *g, const struct fer_value *types, struct fer_str file)
{
	for (size_t i = 0; i < fer_count(types); i++) {
		struct fer_str code = fer_as_str(g->s->call->arena, fer_at(types, i));
		const struct fer_attribute *a = fer_eav_by_code(g->s->eav, FER_EAV_PRODUCT, code);

		if (a && fer_str_is(a->input, "media_image"))
			fer_set(g->s->call->arena, &g->roles, fer_str_z(g->s->call->arena, code), fer_string(file));
	}
}

/* @old: the picture whose bytes these replace; NULL: it is a new one. */
static void add_new(struct gallery *g, struct picture *old, const struct fer_value *entry, const struct fer_upload *upload)
{
	struct picture p = { .disabled = fer_bool(true), .position = fer_int(next_position(g)) };

	if (old) {
		p.id = old->id;
		p.stored = old->stored;
		old->left = true;
	}
	p.sent = entry;
	p.upload = upload;
	p.file = upload->name;
	p.type = fer_map_str(g->s->call->arena, entry, "media_type");
	g->at[g->n++] = p;
	give_roles(g, fer_get(entry, "types"), upload->name);
	name_alike(g, upload->name, entry);
}

/* -- roles -------------------------------------------------------------------------------------------------------- */

/* Roles that the entry does not speak of stay as they are. */
static const struct fer_value *types_of(struct gallery *g, const struct picture *p, struct fer_value *own)
{
	const struct fer_attribute *const *all;
	size_t n;

	if (p->sent && fer_has(p->sent, "types"))
		return fer_get(p->sent, "types");
	*own = fer_list();
	all = fer_eav_attributes(g->s->eav, FER_EAV_PRODUCT, &n);
	for (size_t i = 0; i < n; i++) {
		const struct fer_value *v = fer_str_is(all[i]->input, "media_image") ?
			fer_saving_value(g->s, fer_str_z(g->s->call->arena, all[i]->code)) : NULL;

		if (!fer_is_null(v) && fer_str_eq(fer_as_str(g->s->call->arena, v), p->file))
			fer_push(g->s->call->arena, own, fer_string(all[i]->code));
	}
	return own;
}

static void clear_roles(struct gallery *g)
{
	size_t n;
	const struct fer_attribute *const *all = fer_eav_attributes(g->s->eav, FER_EAV_PRODUCT, &n);

	g->roles = fer_map();
	for (size_t i = 0; i < n; i++)
		if (fer_str_is(all[i]->input, "media_image") && fer_eav_in_set(g->s->eav, g->s->product.set_id, all[i]))
			fer_append(g->s->call->arena, &g->roles, all[i]->code, fer_text(NO_PICTURE));
}

static void deal_roles(struct gallery *g)
{
	struct fer_value own;

	clear_roles(g);
	for (size_t i = 0; i < g->n; i++)
		if (!g->at[i].removed && !g->at[i].left)
			give_roles(g, types_of(g, &g->at[i], &own), g->at[i].file);
}

/* -- laying the one over the other -------------------------------------------------------------------------------- */

static bool is_new(struct gallery *g, size_t n_old, const struct fer_value *entry)
{
	return !n_old || !fer_has(entry, "id") || (by_id(g, fer_map_int(entry, "id", 0)) && fer_has(entry, "content"));
}

static void mark(struct gallery *g, const struct fer_value *entries)
{
	bool some_new = false;

	for (size_t i = 0; i < fer_count(entries); i++) {
		const struct fer_value *entry = fer_at(entries, i);
		struct picture *p = by_id(g, fer_map_int(entry, "id", 0));

		some_new |= !fer_has(entry, "id");
		if (p)
			lay(g->s->call->arena, p, entry, NULL);
	}
	for (size_t i = 0; i < g->n; i++) {
		some_new |= g->at[i].sent && fer_has(g->at[i].sent, "content");
		g->at[i].left = !g->at[i].sent && some_new;
		g->at[i].removed = !g->at[i].sent && !some_new;
	}
}

static int lay_all(struct gallery *g, const struct fer_value *entries)
{
	size_t n_old = g->n, n_uploads = 0;

	mark(g, entries);
	deal_roles(g);
	for (size_t i = 0; i < fer_count(entries); i++) {
		const struct fer_value *entry = fer_at(entries, i);
		bool has_content = fer_has(entry, "content");

		if (is_new(g, n_old, entry) && !has_content)
			return fer_fail(g->s->call, FER_E_IMAGE_CONTENT, NULL);
		if (is_new(g, n_old, entry))
			add_new(g, by_id(g, fer_map_int(entry, "id", 0)), entry, &g->s->uploads->at[n_uploads]);
		n_uploads += has_content;
	}
	return 0;
}

/* -- writing ------------------------------------------------------------------------------------------------------ */

/* Columns hold what fits: so many characters, and no number below zero. */
static struct fer_value fit(struct gallery *g, const struct fer_value *text, size_t max)
{
	return fer_is_null(text) ? fer_null() : fer_string(fer_utf8_take(fer_as_str(g->s->call->arena, text), max));
}

static struct fer_value fit_position(const struct fer_value *position)
{
	int64_t n = fer_as_int(position);

	return fer_is_null(position) ? fer_null() : fer_int(n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : n);
}

static int write_value(struct gallery *g, const struct picture *p, int store_id, bool named)
{
	struct fer_db *db = g->s->call->db;
	struct fer_value label = named ? fit(g, &p->label, LABEL_MAX) : fer_null(), position = fit_position(&p->position);
	int64_t disabled = named && fer_as_bool(&p->disabled), n = 0;
	int r;

	if (!fer_is_null(&label) && !label.text.len)
		label = fer_null();
	r = fer_sql_run(db, FER_SQL_GALLERY_VALUE_SET, &n, "vviiii", &label, &position, disabled, p->id, g->s->product.id, (int64_t)store_id);
	if (r || n)
		return r;
	return fer_sql_run(db, FER_SQL_GALLERY_VALUE_ADD, NULL, "vviiii", &label, &position, disabled, p->id, g->s->product.id, (int64_t)store_id);
}

static int write_video(struct gallery *g, const struct picture *p, int store_id)
{
	const struct fer_value *extension = p->sent ? fer_get(p->sent, "extension_attributes") : NULL;
	const struct fer_value *video = fer_is_null(extension) ? NULL : fer_get(extension, "video_content");
	struct fer_value provider, title;

	if (fer_is_null(video) || !fer_str_is(p->type, "external-video"))
		return 0;
	provider = fit(g, fer_get(video, "video_provider"), PROVIDER_MAX);
	title = fit(g, fer_get(video, "video_title"), LABEL_MAX);
	return fer_sql_run(g->s->call->db, FER_SQL_GALLERY_VIDEO_PUT, NULL, "iivvvvv", p->id, (int64_t)store_id, &provider, fer_get(video, "video_url"),
	                   &title, fer_get(video, "video_description"), fer_get(video, "video_metadata"));
}

/* What is new at a store view is known everywhere: without a label, and shown. */
static int write_picture(struct gallery *g, struct picture *p)
{
	struct fer_db *db = g->s->call->db;
	bool made = !p->id;
	int r;

	if (made && ((r = fer_sql_insert(db, FER_SQL_GALLERY_ADD, &p->id, "ss", p->upload->path, p->type)) ||
	             (r = fer_sql_run(db, FER_SQL_GALLERY_BIND, NULL, "ii", p->id, g->s->product.id))))
		return r;
	if ((r = write_value(g, p, g->store_id, true)) || (r = write_video(g, p, g->store_id)))
		return r;
	if (!made || !g->store_id)
		return 0;
	return (r = write_value(g, p, 0, false)) ? r : write_video(g, p, 0);
}

/* New bytes for an old picture keep its name when they came under it; else its row takes the new one. */
static int replace(struct gallery *g, const struct picture *p, struct fer_value *files)
{
	if (fer_str_eq(p->upload->name, p->stored)) {
		if (!fer_str_eq(p->upload->path, p->stored))
			fer_file_replace(g->s->call, FER_MEDIA_PICTURES, p->upload->path, p->stored);
		return 0;
	}
	fer_push(g->s->call->arena, files, fer_string(p->stored));
	return fer_sql_run(g->s->call->db, FER_SQL_GALLERY_FILE, NULL, "si", p->upload->path, p->id);
}

static bool is_kept(const struct gallery *g, struct fer_str file)
{
	for (size_t i = 0; i < g->n; i++)
		if (!g->at[i].removed && fer_str_eq(g->at[i].file, file))
			return true;
	return false;
}

static int remove_picture(struct gallery *g, const struct picture *p, struct fer_value *files)
{
	int r = fer_sql_run(g->s->call->db, FER_SQL_GALLERY_DELETE, NULL, "i", p->id);

	fer_push(g->s->call->arena, files, fer_string(p->stored));
	if (r || is_kept(g, p->file))
		return r;
	return fer_sql_run(g->s->call->db, FER_SQL_GALLERY_ROLES_CLEAR, NULL, "is", g->s->product.id, p->file);
}

static int write_pictures(struct gallery *g)
{
	struct fer_value files = fer_list();
	int r = 0;

	for (size_t i = 0; i < g->n && !r; i++) {
		struct picture *p = &g->at[i];

		if (p->removed)
			r = remove_picture(g, p, &files);
		else if (!p->left && !(p->id && p->upload && (r = replace(g, p, &files))))
			r = write_picture(g, p);
	}
	return r ? r : fer_gallery_drop(g->s->call, &files);
}

/* -- roles and labels as attributes ------------------------------------------------------------------------------- */

/* A value that stands so already is not written: a store view goes on using the default. */
static int set_attribute(struct gallery *g, const char *code, struct fer_value value)
{
	struct fer_product_saving *s = g->s;
	const struct fer_value *old = fer_saving_value(s, code);
	bool same = fer_is_null(old) == fer_is_null(&value) &&
	            (fer_is_null(old) || fer_str_eq(fer_as_str(s->call->arena, old), fer_as_str(s->call->arena, &value)));
	int r = 0;

	if (fer_is_null(&value))             /* what is taken away goes at the view that asked */
		return fer_is_null(old) ? 0 : fer_eav_set_value(s->call, FER_EAV_PRODUCT, s->product.id, code, s->store_id, value);
	if (!same || (!g->role_store && !s->is_new))
		r = fer_eav_set_value(s->call, FER_EAV_PRODUCT, s->product.id, code, g->role_store, value);
	if (!r && s->store_id != g->role_store)
		r = fer_eav_set_value(s->call, FER_EAV_PRODUCT, s->product.id, code, s->store_id, fer_null());
	return r;
}

/* The picture that has a role by now: a new one by the name it came with, an old one by that of its row. */
static const struct picture *holder(const struct gallery *g, struct fer_str role)
{
	const struct picture *found = NULL;

	for (size_t i = 0; i < g->n; i++) {
		const struct picture *p = &g->at[i];

		if (p->removed || p->left || !fer_str_eq(p->file, role))
			continue;
		if (!found || (p->upload && !p->id) || !found->upload)
			found = p;
	}
	return found;
}

static int write_label(struct gallery *g, const char *code, struct fer_value label)
{
	static const char *const labelled[] = { "image", "small_image", "thumbnail" };

	for (size_t i = 0; i < FER_ARRAY_LEN(labelled); i++)
		if (strcmp(labelled[i], code) == 0)
			return set_attribute(g, fer_str_fmt(g->s->call->arena, "%s_label", code).at, label);
	return 0;
}

static int write_role(struct gallery *g, const char *code, struct fer_str role)
{
	const struct picture *p = holder(g, role);
	bool renamed = p && p->upload && !(p->id && fer_str_eq(p->upload->name, p->stored));
	struct fer_str file = renamed ? p->upload->path : role;
	const struct fer_value *old = fer_saving_value(g->s, fer_str_fmt(g->s->call->arena, "%s_label", code).at);
	int r = set_attribute(g, code, fer_string(file));

	if (r)
		return r;
	if (fer_str_is(role, NO_PICTURE))
		return fer_is_null(old) ? 0 : write_label(g, code, fer_null());
	/* A picture that had to take another name is not found by it any more. */
	if (!p || !fer_str_eq(file, role) || fer_is_null(&p->label))
		return 0;
	return write_label(g, code, fer_as_str(g->s->call->arena, &p->label).len ? p->label : fer_null());
}

static int write_roles(struct gallery *g)
{
	int r = 0;

	for (uint32_t i = 0; i < g->roles.map.n && !r; i++) {
		const struct fer_member *m = &g->roles.map.members[i];

		r = write_role(g, fer_str_z(g->s->call->arena, m->name), m->value.text);
	}
	return r;
}

int fer_gallery_check(struct fer_product_saving *s, const struct fer_value *entries)
{
	for (size_t i = 0; i < fer_count(entries); i++)
		if (!fer_has(fer_at(entries, i), "id") && !fer_has(fer_at(entries, i), "content"))
			return fer_fail(s->call, FER_E_IMAGE_CONTENT, NULL);
	return 0;
}

int fer_gallery_save(struct fer_product_saving *s, const struct fer_value *entries)
{
	struct gallery g = { .s = s, .store_id = s->call->store_id };
	int r;

	if ((r = find_role_store(&g)) || (r = load(&g, fer_count(entries))) || (r = lay_all(&g, entries)) || (r = write_roles(&g)))
		return r;
	return write_pictures(&g);
}
