#include <string.h>

#include "base/arena.h"
#include "base/timefmt.h"
#include "s3/layout.h"
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
	char *text = arena_alloc(w->arena, LAYOUT_FOLDER_MAX + 1);
	const struct ss58 *key;
	enum err e;

	if ((e = vend_miner_key(m, &key)) != ERR_OK)
		return (e);
	*folder = text;
	return (layout_folder(&w->cfg, key == &m->hotkey ? LAYOUT_HOTKEY :
	    LAYOUT_COLDKEY, m->source, key->text, text));
}

enum err
vend_listing(struct web *w, struct vend_listing *l)
{
	struct presign_list list = { .max_keys = PRESIGN_KEYS_MAX };
	struct auth_identity id;
	struct auth_caller who;
	struct signed_text text;
	enum err e;

	if ((e = vend_miner_key(&l->miner, &l->key)) != ERR_OK)
		return (e);
	if ((e = web_caller(w, &l->hotkey, l->timestamp, l->signature,
	    &who)) != ERR_OK)
		return (e);

	/* Authorise and authenticate: a validator, asking for this miner. */
	signed_text_miner(&text, l->key, l->timestamp);
	if ((e = web_validator(w, &who, &text, &id)) != ERR_OK)
		return (e);
	if ((e = vend_miner_folder(w, &l->miner, &l->prefix)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_VALIDATOR_URL)) != ERR_OK)
		return (e);

	/* Sign. */
	l->ttl_s = w->cfg.access_list_ttl_s;
	l->expiry = vend_time(w, w->auth.now_s + l->ttl_s);
	list.prefix = (struct text_span){ l->prefix, strlen(l->prefix) };
	if (l->token != NULL)
		list.continuation_token = (struct text_span){
			l->token, strlen(l->token)
		};
	web_granted(w, l->prefix, "list", 1, l->ttl_s);
	return (vend_list(w, &list, l->ttl_s, &l->url));
}

bool
vend_is_plain(const char *key, size_t len)
{
	size_t i, start;

	if (len > S3_KEY_MAX)
		return (false);
	for (i = start = 0; i <= len; i++) {
		if (i < len && ((unsigned char)key[i] < 0x20 ||
		    key[i] == 0x7f))
			return (false);
		if (i < len && key[i] != '/')
			continue;

		/* No empty, "." or ".." between two slashes. */
		if (i == start || (i - start <= 2 &&
		    memcmp(key + start, "..", i - start) == 0))
			return (false);
		start = i + 1;
	}
	return (true);
}
