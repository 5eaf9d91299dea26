#ifndef AUTH_CLAIMS_H_
#define AUTH_CLAIMS_H_

#include <stddef.h>
#include <stdint.h>

#include "crypto/ss58.h"

/*
 * The exact words that are signed, per kind of request and generation of
 * clients.  Every part is of a form without colons, so no two claims have the
 * same words.  Clients sign with the same functions (foldergate sign).
 */
#define CLAIMS_MAX 255

struct claims {
	char words[CLAIMS_MAX + 1];
	size_t len;
};

/**
 * claims_source_folder(c, coldkey, source, timestamp):
 * G1, a miner's folder data/<source>/<coldkey>/:
 * s3:access:{coldkey}:{source}:{timestamp}
 */
void claims_source_folder(struct claims *c, const struct ss58 *coldkey,
    const char *source, int64_t timestamp);

/**
 * claims_hotkey_folder(c, coldkey, hotkey, timestamp):
 * G2, a miner's folder data/hotkey=<hotkey>/:
 * s3:data:access:{coldkey}:{hotkey}:{timestamp}
 */
void claims_hotkey_folder(struct claims *c, const struct ss58 *coldkey,
    const struct ss58 *hotkey, int64_t timestamp);

/**
 * claims_validator(c, timestamp):
 * A validator's access to all: s3:validator:access:{timestamp}
 * claims_miner(c, miner, timestamp):
 * One miner's listing: s3:validator:miner:{miner}:{timestamp}
 * claims_folders(c, hotkey, timestamp):
 * All miners' job folders: s3:validator:folders:{hotkey}:{timestamp}
 * claims_files(c, miner, hotkey, timestamp):
 * Files of one miner: s3:validator:files:{miner}:{hotkey}:{timestamp}
 */
void claims_validator(struct claims *c, int64_t timestamp);
void claims_miner(struct claims *c, const struct ss58 *miner,
    int64_t timestamp);
void claims_folders(struct claims *c, const struct ss58 *hotkey,
    int64_t timestamp);
void claims_files(struct claims *c, const struct ss58 *miner,
    const struct ss58 *hotkey, int64_t timestamp);

#endif /* !AUTH_CLAIMS_H_ */
