#include "auth/ready.h"
#include "base/secret.h"
#include "s3/keyring.h"
#include "web/need.h"
#include "web/web.h"

/* Check for faults that stay until somebody mends them.  Other faults may pass
   while the program runs.  Requests are refused while such a fault lasts. */
static enum err
open_start(struct web *w)
{
	struct ready_uses uses = {
		.cfg = &w->cfg, .hmac = need_hmac(w), .keyring = &w->keyring,
	};
	struct ready *r;
	enum err e;

	if (w->once)
		secret_leave();
	if ((e = keyring_init(&w->keyring)) != ERR_OK)
		return (e);
	ready_as_us(&uses.as);
	r = ready_new(&uses);
	(void)ready_look(r, READY_SETTINGS | w->parts, 0, 0);
	ready_log(r, "cannot_start");
	if (ready_fault(r) != NULL)
		e = ERR_FORMAT;
	ready_free(r);
	return (e);
}

static void
close_start(struct web *w)
{

	/* The environment no longer holds the secrets. */
	if (w->again)
		keyring_forget(&w->keyring);
	else
		keyring_free(&w->keyring);
}

const struct need need_start = {
	"start", false, 0, open_start, close_start, NULL, NULL
};
