#include "auth/auth.h"
#include "auth/choices.h"

void
auth_choices(struct auth_choices *c, const struct ss58 *coldkey,
    const struct ss58 *hotkey, const char *source, int64_t timestamp)
{
	const struct signed_parts parts = {
		.coldkey = coldkey, .hotkey = hotkey, .timestamp = timestamp,
		.source = source[0] != '\0' ? source : LAYOUT_SOURCE_DEFAULT
	};
	const size_t by_source = source[0] != '\0' ? 0 : 1;

	c->layout[by_source] = LAYOUT_COLDKEY;
	signed_text_make(SIGNED_TEXT_SOURCE_FOLDER, &parts,
	    &c->text[by_source]);
	c->layout[1 - by_source] = LAYOUT_HOTKEY;
	signed_text_make(SIGNED_TEXT_HOTKEY_FOLDER, &parts,
	    &c->text[1 - by_source]);
}

enum err
auth_choices_folder(const struct config *cfg, enum layout layout,
    const struct auth_identity *id, const char *source,
    char out[LAYOUT_FOLDER_MAX + 1])
{

	return (layout_folder(cfg, layout, source, layout == LAYOUT_HOTKEY ?
	    id->hotkey.text : id->coldkey.text, out));
}
