#ifndef CLIENT_IDENTITY_H_
#define CLIENT_IDENTITY_H_

#include <stdbool.h>

#include "crypto/ss58.h"
#include "settings.h"
#include "wallet.h"

/* Whose keys sign: the hotkey's pair, and the address of its coldkey. */
struct identity {
	struct wallet hotkey;
	struct ss58 coldkey;
	bool has_coldkey;
};

/**
 * identity_load(s, id):
 * Read the keys that the settings name: the file --keyfile, or a --hotkey with
 * a slash; else WALLET_PATH/WALLET/hotkeys/HOTKEY.  The coldkey is --coldkey or
 * the ss58Address in WALLET_PATH/WALLET/coldkeypub.txt, which only a named
 * wallet has.  A file of a coldkey's secret is never opened.  A fault is
 * printed.  Return the exit status.
 */
int identity_load(const struct settings *s, struct identity *id);

/**
 * identity_free(id):
 * Wipe ${id}.
 */
void identity_free(struct identity *id);

#endif /* !CLIENT_IDENTITY_H_ */
