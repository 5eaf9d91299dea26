#include <stdio.h>

#include "auth/auth.h"
#include "auth/layout.h"
#include "base/buf.h"
#include "config/config.h"

static const char *
or_default(const char *source)
{

	return (source[0] != '\0' ? source : LAYOUT_SOURCE_DEFAULT);
}

void
layout_choices(struct layout_choices *c, const struct auth_identity *id,
    const char *source, int64_t timestamp)
{
	size_t coldkey = source[0] != '\0' ? 0 : 1, hotkey = 1 - coldkey;

	c->layout[coldkey] = LAYOUT_COLDKEY;
	signed_text_source_folder(&c->texts[coldkey], &id->coldkey,
	    or_default(source), timestamp);
	c->layout[hotkey] = LAYOUT_HOTKEY;
	signed_text_hotkey_folder(&c->texts[hotkey], &id->coldkey, &id->hotkey,
	    timestamp);
}

enum err
layout_folder(const struct config *cfg, enum layout layout,
    const struct auth_identity *id, const char *source,
    char out[LAYOUT_FOLDER_MAX + 1])
{
	struct buf b;

	if (layout == LAYOUT_COLDKEY ? !cfg->access_layouts.coldkey :
	    !cfg->access_layouts.hotkey)
		return (ERR_LAYOUT);
	buf_init(&b, out, LAYOUT_FOLDER_MAX + 1);
	if (layout == LAYOUT_HOTKEY) {
		buf_str(&b, LAYOUT_HOTKEY_PREFIX);
		buf_str(&b, id->hotkey.text);
	} else {
		source = or_default(source);
		if (!config_has(&cfg->access_sources, source))
			return (ERR_SOURCE);
		buf_str(&b, LAYOUT_PREFIX);
		buf_str(&b, source);
		buf_char(&b, '/');
		buf_str(&b, id->coldkey.text);
	}
	buf_char(&b, '/');
	return (buf_end(&b));
}

void
layout_source_prefix(const char *source, char out[LAYOUT_FOLDER_MAX + 1])
{

	snprintf(out, LAYOUT_FOLDER_MAX + 1, LAYOUT_PREFIX "%.*s/",
	    LAYOUT_SOURCE_MAX, source);
}

const char *
layout_structure(const struct config *cfg)
{

	return (cfg->access_layouts.hotkey ?
	    LAYOUT_HOTKEY_STRUCTURE : LAYOUT_COLDKEY_STRUCTURE);
}

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define BOB "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"

const char *const *
layout_examples(const struct config *cfg)
{
	static const char *const hotkey[] = {
		"data/hotkey=" ALICE "/job_id=default_0/"
		    "data_20260101_120000_100_0123456789abcdef.parquet",
		"data/hotkey=" ALICE "/job_id=default_1/"
		    "data_20260101_140000_250_fedcba9876543210.parquet", NULL
	};
	static const char *const coldkey[] = {
		"data/x/" BOB "/2026-01-01/data.parquet",
		"data/reddit/" BOB "/2026-01-01/data.parquet", NULL
	};

	return (cfg->access_layouts.hotkey ? hotkey : coldkey);
}
