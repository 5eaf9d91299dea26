#include <string.h>

#include "auth/layout.h"
#include "base/arena.h"
#include "base/timefmt.h"
#include "web/vend.h"
#include "web/web.h"

enum err
vend_list(struct web *w, const struct presign_list *list, int64_t ttl_s,
    const char **url)
{
	char text[PRESIGN_LIST_MAX + 1];
	struct buf b;
	enum err e;

	buf_init(&b, text, sizeof(text));
	e = presign_list(&w->read.signer, w->auth.now_s, list, ttl_s, &b);
	if (e != ERR_OK)
		return (e);
	*url = arena_text(w->arena, b.data, b.len);
	return (ERR_OK);
}

const char *
vend_time(struct web *w, int64_t t)
{
	char text[TIMEFMT_ISO_MAX + 1];

	timefmt_iso(t, text);
	return (arena_text(w->arena, text, strlen(text)));
}

enum err
vend_miner_key(const struct vend_miner *m, const struct ss58 **key)
{

	if ((m->hotkey.text[0] == '\0') == (m->coldkey.text[0] == '\0'))
		return (ERR_MINER_REQUIRED);
	*key = m->hotkey.text[0] != '\0' ? &m->hotkey : &m->coldkey;
	return (ERR_OK);
}

enum err
vend_miner_folder(struct web *w, const struct vend_miner *m,
    const char **folder)
{
	const struct auth_identity of = {
		.hotkey = m->hotkey, .coldkey = m->coldkey
	};
	char *text = arena_alloc(w->arena, LAYOUT_FOLDER_MAX + 1);
	const struct ss58 *key;
	enum err e;

	if ((e = vend_miner_key(m, &key)) != ERR_OK)
		return (e);
	*folder = text;
	return (layout_folder(&w->cfg, key == &m->hotkey ? LAYOUT_HOTKEY :
	    LAYOUT_COLDKEY, &of, m->source, text));
}
