#include "s3/keyring.h"
#include "web/need.h"
#include "web/web.h"

static enum err
open_keyring(struct web *w)
{

	return (keyring_init(&w->keyring));
}

static void
close_keyring(struct web *w)
{

	/* The environment no longer holds the secrets. */
	if (w->again)
		keyring_forget(&w->keyring);
	else
		keyring_free(&w->keyring);
}

const struct need need_keyring = {
	"keyring", false, 0, open_keyring, close_keyring, NULL, NULL
};
