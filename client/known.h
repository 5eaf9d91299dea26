#ifndef CLIENT_KNOWN_H_
#define CLIENT_KNOWN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/md5.h"
#include "hub_list.h"

/*
 * Which MD5 a content has whose digest the Hub knows.  The Hub has a SHA-256
 * and a store an MD5, so only a content that was read once connects them.  Each
 * one that was read has a line in $XDG_STATE_HOME/foldergate/hub-md5
 * (~/.local/state).  The file says nothing of any store, so it cannot be out of
 * date; without it files are loaded again, to compare them.
 */
struct known;

/**
 * known_open(), known_close(k):
 * Read the file, if it exists.  Lines that are not whole are left out.
 */
struct known *known_open(void);
void known_close(struct known *k);

/**
 * known_find(k, item, md5):
 * Set ${md5} to that of the content of ${item}.  Return false if it is not
 * known.
 */
bool known_find(const struct known *k, const struct hub_item *item,
    uint8_t md5[MD5_LEN]);

/**
 * known_add(k, item, md5):
 * Add a line to the file.  A fault is printed once, and changes nothing else.
 */
void known_add(struct known *k, const struct hub_item *item,
    const uint8_t md5[MD5_LEN]);

#endif /* !CLIENT_KNOWN_H_ */
