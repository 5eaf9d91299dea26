#include <string.h>

#include "base/arena.h"
#include "s3/presign.h"
#include "web/miner.h"

enum err
miner_key(const struct miner_request *r, const struct ss58 **key)
{
	const bool hotkey = r->miner_hotkey.text[0] != '\0';

	if (hotkey == (r->miner_coldkey.text[0] != '\0'))
		return (ERR_MINER_REQUIRED);
	*key = hotkey ? &r->miner_hotkey : &r->miner_coldkey;
	return (ERR_OK);
}

enum err
miner_folder(const struct web *w, const struct miner_request *r,
    const char *source, const char **folder)
{
	const bool hotkey = r->miner_hotkey.text[0] != '\0';
	char *text = arena_alloc(w->arena, LAYOUT_FOLDER_MAX + 1);

	*folder = text;
	return (layout_folder(&w->cfg, hotkey ? LAYOUT_HOTKEY :
	    LAYOUT_COLDKEY, source, hotkey ? r->miner_hotkey.text :
	    r->miner_coldkey.text, text));
}

enum err
miner_plan(const struct web *w, const void *in, struct endpoint_plan *p)
{
	const struct miner_request *r = in;
	const struct ss58 *key;
	const char *folder;
	enum err e;

	if ((e = miner_key(r, &key)) != ERR_OK)
		return (e);
	p->n = 1;
	signed_text_make(SIGNED_TEXT_MINER, &(struct signed_parts){
	    .miner = key, .timestamp = r->by.timestamp },
	    &p->choice[0].text);
	p->choice[0].verdict = miner_folder(w, r, r->source, &folder);
	p->with = arena_text(w->arena, folder, strlen(folder));
	return (ERR_OK);
}

void
miner_list(struct web *w, const struct endpoint_plan *p, const char *token,
    struct emit_url *url)
{
	struct presign_list_url *u = arena_alloc(w->arena, sizeof(*u));
	const char *folder = p->with;

	*u = (struct presign_list_url){
		.signer = p->read, .now = w->auth.now_s,
		.ttl_s = w->cfg.access_list_ttl_s,
		.list = { .prefix = text_span(folder),
		    .max_keys = PRESIGN_KEYS_MAX },
	};
	if (token[0] != '\0')
		u->list.continuation_token = text_span(token);
	*url = (struct emit_url){ presign_list_write, u };
	endpoint_granted(w, folder, "list", 1, w->auth.now_s + u->ttl_s);
}
