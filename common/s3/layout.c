#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "config/config.h"
#include "s3/layout.h"

enum err
layout_folder(const struct config *cfg, enum layout layout, const char *source,
    const char *key, char out[LAYOUT_FOLDER_MAX + 1])
{
	struct buf b;

	if (!(layout == LAYOUT_COLDKEY ? cfg->access_layouts.coldkey :
	    cfg->access_layouts.hotkey))
		return (ERR_LAYOUT);
	buf_init(&b, out, LAYOUT_FOLDER_MAX + 1);
	if (layout == LAYOUT_HOTKEY) {
		buf_str(&b, LAYOUT_HOTKEY_PREFIX);
	} else {
		if (source[0] == '\0')
			source = LAYOUT_SOURCE_DEFAULT;
		if (!config_has(&cfg->access_sources, source))
			return (ERR_SOURCE);
		buf_str(&b, LAYOUT_PREFIX);
		buf_str(&b, source);
		buf_char(&b, '/');
	}
	buf_str(&b, key);
	buf_char(&b, '/');
	return (buf_end(&b));
}

size_t
layout_folder_len(enum layout layout, const char *source)
{

	return (SS58_MAX + (layout == LAYOUT_HOTKEY ?
	    strlen(LAYOUT_HOTKEY_PREFIX "/") : strlen(LAYOUT_PREFIX "//") +
	    strlen(source[0] != '\0' ? source : LAYOUT_SOURCE_DEFAULT)));
}

void
layout_source_prefix(const char *source, char out[LAYOUT_FOLDER_MAX + 1])
{

	snprintf(out, LAYOUT_FOLDER_MAX + 1, LAYOUT_PREFIX "%.*s/",
	    LAYOUT_SOURCE_MAX, source);
}

void
layout_jobs_prefix(const char *hotkey, char out[LAYOUT_FOLDER_MAX + 1])
{

	snprintf(out, LAYOUT_FOLDER_MAX + 1,
	    LAYOUT_HOTKEY_PREFIX "%.*s/" LAYOUT_JOB, SS58_MAX, hotkey);
}

void
layout_scratch(const char *id, char out[LAYOUT_FOLDER_MAX + 1])
{

	snprintf(out, LAYOUT_FOLDER_MAX + 1, LAYOUT_PREFIX "CHECK-STORE=%.*s/",
	    SS58_MAX, id);
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
