#include "auth/auth.h"
#include "auth/choices.h"

void
auth_choices(struct auth_choices *c, const struct auth_identity *id,
    const char *source, int64_t timestamp)
{
	size_t coldkey = source[0] != '\0' ? 0 : 1, hotkey = 1 - coldkey;

	c->layout[coldkey] = LAYOUT_COLDKEY;
	signed_text_source_folder(&c->texts[coldkey], &id->coldkey,
	    source[0] != '\0' ? source : LAYOUT_SOURCE_DEFAULT, timestamp);
	c->layout[hotkey] = LAYOUT_HOTKEY;
	signed_text_hotkey_folder(&c->texts[hotkey], &id->coldkey, &id->hotkey,
	    timestamp);
}

enum err
auth_choices_folder(const struct config *cfg, enum layout layout,
    const struct auth_identity *id, const char *source,
    char out[LAYOUT_FOLDER_MAX + 1])
{

	return (layout_folder(cfg, layout, source, layout == LAYOUT_HOTKEY ?
	    id->hotkey.text : id->coldkey.text, out));
}
