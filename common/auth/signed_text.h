#ifndef AUTH_SIGNED_TEXT_H_
#define AUTH_SIGNED_TEXT_H_

#include <stddef.h>
#include <stdint.h>

#include "crypto/ss58.h"

/*
 * The exact text that a client signs, per kind of request and generation of
 * clients.  No part holds a colon, so two different requests never have the
 * same signed text.  Clients sign with the same functions (foldergate sign).
 */
#define SIGNED_TEXT_MAX 255

struct signed_text {
	char text[SIGNED_TEXT_MAX + 1];
	size_t len;
};

/**
 * signed_text_source_folder(c, coldkey, source, timestamp):
 * G1, a miner's folder data/<source>/<coldkey>/:
 * s3:access:{coldkey}:{source}:{timestamp}
 */
void signed_text_source_folder(struct signed_text *c,
    const struct ss58 *coldkey, const char *source, int64_t timestamp);

/**
 * signed_text_hotkey_folder(c, coldkey, hotkey, timestamp):
 * G2, a miner's folder data/hotkey=<hotkey>/:
 * s3:data:access:{coldkey}:{hotkey}:{timestamp}
 */
void signed_text_hotkey_folder(struct signed_text *c,
    const struct ss58 *coldkey, const struct ss58 *hotkey, int64_t timestamp);

/**
 * signed_text_validator(c, timestamp):
 * A validator's access to all: s3:validator:access:{timestamp}
 * signed_text_miner(c, miner, timestamp):
 * One miner's listing: s3:validator:miner:{miner}:{timestamp}
 * signed_text_folders(c, hotkey, timestamp):
 * All miners' job folders: s3:validator:folders:{hotkey}:{timestamp}
 * signed_text_files(c, miner, hotkey, timestamp):
 * Files of one miner: s3:validator:files:{miner}:{hotkey}:{timestamp}
 */
void signed_text_validator(struct signed_text *c, int64_t timestamp);
void signed_text_miner(struct signed_text *c, const struct ss58 *miner,
    int64_t timestamp);
void signed_text_folders(struct signed_text *c, const struct ss58 *hotkey,
    int64_t timestamp);
void signed_text_files(struct signed_text *c, const struct ss58 *miner,
    const struct ss58 *hotkey, int64_t timestamp);

#endif /* !AUTH_SIGNED_TEXT_H_ */
