#include "ledger/ledger.h"
#include "web/need.h"
#include "web/web.h"

static enum err
open_ledger(struct web *w)
{

	return (admit_open_ledger(&w->cfg, &w->admit.ledger));
}

static void
close_ledger(struct web *w)
{

	ledger_free(w->admit.ledger);
}

const struct need need_ledger = {
	"ledger", false, 0, open_ledger, close_ledger, NULL, need_ask_shared
};
