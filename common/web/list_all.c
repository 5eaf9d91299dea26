#include <string.h>

#include "base/arena.h"
#include "s3/presign.h"
#include "state/bucket_index.h"
#include "web/endpoint.h"
#include "web/list_all.h"

struct global {
	struct emit_url list_all_data;
};

static const struct emit_field global_fields[] = {
	EMIT_FIELD(struct global, list_all_data, EMIT_URL, NULL,
	    "GET: everything there is"),
	EMIT_END
};

struct source {
	struct emit_url list_miners;
	const char *prefix;
};

static const struct emit_field source_fields[] = {
	EMIT_FIELD(struct source, list_miners, EMIT_URL, NULL,
	    "GET: the coldkeys that have a folder"),
	EMIT_FIELD(struct source, prefix, EMIT_TEXT, NULL,
	    "Prefix of the source's keys"),
	EMIT_END
};

struct folder {
	struct emit_url list_files;
	const char *folder;
};

static const struct emit_field folder_fields[] = {
	EMIT_FIELD(struct folder, list_files, EMIT_URL, NULL,
	    "GET: its files"),
	EMIT_FIELD(struct folder, folder, EMIT_TEXT, NULL,
	    "Prefix of the keys"),
	EMIT_END
};

struct coldkey {
	struct emit_rows by_source;
};

static const struct emit_field coldkey_fields[] = {
	EMIT_FIELD(struct coldkey, by_source, EMIT_MEMBERS, folder_fields,
	    "The folder in each source"),
	EMIT_END
};

struct miners {
	struct emit_url list_all_miners;
	struct emit_rows by_coldkey;
};

static const struct emit_field miners_fields[] = {
	EMIT_MAYBE(struct miners, list_all_miners, EMIT_URL, NULL,
	    "GET: the hotkeys that have a folder"),
	EMIT_FIELD(struct miners, by_coldkey, EMIT_MEMBERS, coldkey_fields,
	    "The folders of each coldkey"),
	EMIT_END
};

/* The emitted members, then the source of the rows and the current row. */
struct list_all {
	const struct global *global;
	struct emit_rows sources;
	const struct miners *miners;

	struct web *w;
	const struct schema_texts *only;
	struct global all;
	struct miners each;

	size_t next_source;
	char prefix[LAYOUT_FOLDER_MAX + 1];
	struct source source;

	uint32_t next_folder, folders;	/* of the index */
	struct ss58 of;
	struct coldkey coldkey;
	char path[LAYOUT_FOLDER_MAX + 1];
	struct folder folder;
	struct presign_list_url url;	/* of the current row */
};

const struct emit_field list_all_fields[] = {
	EMIT_FIELD(struct list_all, global, EMIT_OBJECT, global_fields,
	    "Everything"),
	EMIT_MAYBE(struct list_all, sources, EMIT_MAP, source_fields,
	    "Each source of the coldkey layout"),
	EMIT_FIELD(struct list_all, miners, EMIT_OBJECT, miners_fields,
	    "Each miner"),
	EMIT_END
};

static bool
is_wanted(const struct list_all *l, const char *source)
{
	size_t i;

	if (!config_has(&l->w->cfg.access_sources, source))
		return (false);
	for (i = 0; i < l->only->n; i++) {
		if (strcmp(l->only->text[i].s, source) == 0)
			return (true);
	}
	return (l->only->text == NULL);
}

/* The URL of a row.  It is valid until the next row is made. */
static struct emit_url
list(struct list_all *l, const char *prefix, const char *delimiter)
{

	l->url.list.prefix = text_span(prefix);
	l->url.list.delimiter = text_span(delimiter);
	l->w->granted.urls++;
	return ((struct emit_url){ presign_list_write, &l->url });
}

static enum err
next_source(void *with, struct emit_row *row)
{
	struct list_all *l = with;
	const struct config_list *sources = &l->w->cfg.access_sources;

	while (l->next_source < sources->n &&
	    !is_wanted(l, sources->item[l->next_source]))
		l->next_source++;
	if (l->next_source == sources->n)
		return (ERR_OK);
	row->name = text_span(sources->item[l->next_source++]);
	layout_source_prefix(row->name.s, l->prefix);
	l->source = (struct source){ list(l, l->prefix, "/"), l->prefix };
	row->value = &l->source;
	return (ERR_OK);
}

/* The next wanted folder of the index, or NULL. */
static const struct bucket_index_folder *
peek_folder(struct list_all *l)
{
	const struct bucket_index_folder *f;

	for (; l->next_folder < l->folders; l->next_folder++) {
		f = bucket_index_folder(l->w->index, l->next_folder);
		if (is_wanted(l, f->source))
			return (f);
	}
	return (NULL);
}

static enum err
next_folder(void *with, struct emit_row *row)
{
	struct list_all *l = with;
	const struct bucket_index_folder *f = peek_folder(l);
	enum err e;

	if (f == NULL ||
	    memcmp(f->coldkey, l->of.key, SS58_KEY_LEN) != 0)
		return (ERR_OK);
	if ((e = layout_folder(&l->w->cfg, LAYOUT_COLDKEY, f->source,
	    l->of.text, l->path)) != ERR_OK)
		return (e);
	l->next_folder++;
	l->folder = (struct folder){ list(l, l->path, NULL), l->path };
	row->name = text_span(f->source);
	row->value = &l->folder;
	return (ERR_OK);
}

/* The index lists the folders in the order of coldkeys. */
static enum err
next_coldkey(void *with, struct emit_row *row)
{
	struct list_all *l = with;
	const struct bucket_index_folder *f = peek_folder(l);

	if (f == NULL)
		return (ERR_OK);
	memcpy(l->of.key, f->coldkey, SS58_KEY_LEN);
	ss58_encode(f->coldkey, l->of.text);
	l->coldkey.by_source = (struct emit_rows){ next_folder, l, 0 };
	row->name = text_span(l->of.text);
	row->value = &l->coldkey;
	return (ERR_OK);
}

/* List everything in the form that the layout's clients read: pages of
   objects, or folders. */
static void
list_fixed(struct list_all *l, const struct endpoint_plan *p, int64_t ttl_s)
{
	const bool hotkeys = l->w->cfg.access_layouts.hotkey;

	l->all.list_all_data = hotkeys ?
	    endpoint_list(l->w, p, LAYOUT_HOTKEY_PREFIX, NULL, ttl_s) :
	    endpoint_list(l->w, p, LAYOUT_PREFIX, "/", ttl_s);
	if (hotkeys)
		l->each.list_all_miners = endpoint_list(l->w, p,
		    LAYOUT_HOTKEY_PREFIX, "/", ttl_s);
	l->global = &l->all;
	l->miners = &l->each;

	/* Rows add the URLs that they sign. */
	endpoint_granted(l->w, LAYOUT_PREFIX, "list", hotkeys ? 2 : 1,
	    l->w->auth.now_s + ttl_s);
}

const struct list_all *
list_all_make(struct web *w, const struct endpoint_plan *p,
    const struct schema_texts *sources, bool miners)
{
	const struct bucket_index_info *info = bucket_index_info(w->index);
	const int64_t ttl_s = w->cfg.access_validator_ttl_s;
	struct list_all *l = arena_alloc(w->arena, sizeof(*l));

	memset(l, 0, sizeof(*l));
	l->w = w;
	l->only = sources;
	l->url = (struct presign_list_url){ .signer = p->read,
	    .now = w->auth.now_s, .ttl_s = ttl_s };
	list_fixed(l, p, ttl_s);
	if (!w->cfg.access_layouts.coldkey)
		return (l);
	l->sources = (struct emit_rows){ next_source, l, 0 };
	if (miners && info != NULL) {
		l->folders = info->folders;
		l->each.by_coldkey = (struct emit_rows){
			next_coldkey, l, info->folders
		};
	}
	return (l);
}
