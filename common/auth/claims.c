#include <inttypes.h>
#include <stdio.h>

#include "auth/claims.h"

/* Two addresses of 48, a name of 32 and a number of 20 stay far below
   CLAIMS_MAX, so nothing is ever cut. */

void
claims_source_folder(struct claims *c, const struct ss58 *coldkey,
    const char *source, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->words, sizeof(c->words),
	    "s3:access:%s:%.32s:%" PRId64, coldkey->text, source, timestamp);
}

void
claims_hotkey_folder(struct claims *c, const struct ss58 *coldkey,
    const struct ss58 *hotkey, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->words, sizeof(c->words),
	    "s3:data:access:%s:%s:%" PRId64, coldkey->text, hotkey->text,
	    timestamp);
}

void
claims_validator(struct claims *c, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->words, sizeof(c->words),
	    "s3:validator:access:%" PRId64, timestamp);
}

void
claims_miner(struct claims *c, const struct ss58 *miner, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->words, sizeof(c->words),
	    "s3:validator:miner:%s:%" PRId64, miner->text, timestamp);
}

void
claims_folders(struct claims *c, const struct ss58 *hotkey, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->words, sizeof(c->words),
	    "s3:validator:folders:%s:%" PRId64, hotkey->text, timestamp);
}

void
claims_files(struct claims *c, const struct ss58 *miner,
    const struct ss58 *hotkey, int64_t timestamp)
{

	c->len = (size_t)snprintf(c->words, sizeof(c->words),
	    "s3:validator:files:%s:%s:%" PRId64, miner->text, hotkey->text,
	    timestamp);
}
