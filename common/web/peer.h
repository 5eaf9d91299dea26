#ifndef WEB_PEER_H_
#define WEB_PEER_H_

#include "base/err.h"

struct web;

/*
 * The client's address, which limits, the deny list and the audit log use.
 */

/**
 * peer_open(w):
 * Read web.trusted_proxies, which config/ has checked.
 */
void peer_open(struct web *w);

/**
 * peer_find(w, remote_addr, forwarded_for):
 * Set ${w->client} to the client's address, given REMOTE_ADDR and
 * X-Forwarded-For (NULL: none).  Log what cannot be read, when that begins and
 * when it ends, and a proxy that counts as the client because nobody named it.
 *   Errors  ERR_NO_ADDRESS
 */
CHECKED enum err peer_find(struct web *w, const char *remote_addr,
    const char *forwarded_for);

#endif /* !WEB_PEER_H_ */
