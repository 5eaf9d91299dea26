#include <inttypes.h>
#include <stdio.h>

#include "auth/signed_text.h"

/* Two addresses of 48, a name of 32 and a number of 20 stay far below
   SIGNED_TEXT_MAX, so nothing is ever cut. */

void
signed_text_source_folder(struct signed_text *c, const struct ss58 *coldkey,
    const char *source, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->text, sizeof(c->text),
	    "s3:access:%s:%.32s:%" PRId64, coldkey->text, source, timestamp);
}

void
signed_text_hotkey_folder(struct signed_text *c, const struct ss58 *coldkey,
    const struct ss58 *hotkey, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->text, sizeof(c->text),
	    "s3:data:access:%s:%s:%" PRId64, coldkey->text, hotkey->text,
	    timestamp);
}

void
signed_text_validator(struct signed_text *c, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->text, sizeof(c->text),
	    "s3:validator:access:%" PRId64, timestamp);
}

void
signed_text_miner(struct signed_text *c, const struct ss58 *miner,
    int64_t timestamp)
{

	c->len = (size_t)snprintf(c->text, sizeof(c->text),
	    "s3:validator:miner:%s:%" PRId64, miner->text, timestamp);
}

void
signed_text_folders(struct signed_text *c, const struct ss58 *hotkey,
    int64_t timestamp)
{

	c->len = (size_t)snprintf(c->text, sizeof(c->text),
	    "s3:validator:folders:%s:%" PRId64, hotkey->text, timestamp);
}

void
signed_text_files(struct signed_text *c, const struct ss58 *miner,
    const struct ss58 *hotkey, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->text, sizeof(c->text),
	    "s3:validator:files:%s:%s:%" PRId64, miner->text, hotkey->text,
	    timestamp);
}
