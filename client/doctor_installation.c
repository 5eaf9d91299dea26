/* Rows of foldergate doctor: the checks of readyz and check-config. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "doctor.h"
#include "s3/keyring.h"
#include "state/bucket_index.h"
#include "state/metagraph.h"

struct look {
	struct doctor *d;
	const struct ready_uses *uses;
	int64_t now_s;
};

/* More about what is well. */
static void
describe(const struct look *l, const char *code, char *out, size_t size)
{
	const struct config *c = l->d->cfg;
	const struct metagraph_info *m = metagraph_info(l->uses->metagraph);
	const struct bucket_index_info *i;

	out[0] = '\0';
	if (strcmp(code, "no_identity") == 0 && m != NULL) {
		snprintf(out, size, "block %" PRIu64 ", %" PRId64 " s old",
		    m->block, l->now_s - m->advanced_at_s);
	} else if (strcmp(code, "no_index") == 0 &&
	    (i = bucket_index_info(l->uses->index)) != NULL) {
		snprintf(out, size, "%" PRId64 " s old",
		    l->now_s - bucket_index_as_of(i));
	} else if (strcmp(code, "ledger_unavailable") == 0) {
		snprintf(out, size, "in %s", c->state_redis_sentinels.n > 0 ?
		    "the Redis that the sentinels name" :
		    c->state_redis_url[0] != '\0' ? "Redis" : c->state_shared);
	} else if (strcmp(code, "audit_unwritable") == 0) {
		snprintf(out, size, "%s", c->audit_key_file[0] != '\0' ?
		    c->audit_file : "none, since audit.key_file is not set");
	} else if (strcmp(code, "not_encrypted") == 0 ||
	    strcmp(code, "proxy_untrusted") == 0) {
		snprintf(out, size, "none");
	} else if (strcmp(code, "state_unreadable") == 0) {
		snprintf(out, size, "%s", c->state_directory);
	} else if (strcmp(code, "state_unwritable") == 0) {
		snprintf(out, size, "%s", c->state_shared);
	}
}

/* A program that runs holds the lock, so that the same one with --once cannot
   write the file.  It writes the file when it begins. */
static void
mend_by_restart(struct doctor *d, const char *sync, const char *unit,
    struct ready_found *f)
{

	if (strstr(f->mend, sync) == NULL || strstr(f->mend, "--once") ==
	    NULL || !doctor_sync_runs(d, sync))
		return;
	if (doctor_unit(unit))
		snprintf(f->mend, sizeof(f->mend), "systemctl restart %s",
		    unit);
	else
		snprintf(f->mend, sizeof(f->mend), "pkill -x %s", sync);
}

static void
each(void *user, const char *code, const char *what,
    const struct ready_found *f)
{
	const struct look *l = user;
	char text[CONFIG_TEXT_MAX + 64];
	struct ready_found found;

	if (f != NULL) {
		found = *f;
		mend_by_restart(l->d, "chain-sync",
		    "foldergate-chain-sync.service", &found);
		mend_by_restart(l->d, "bucket-sync",
		    "foldergate-bucket-sync.service", &found);
		doctor_found(l->d, &found);
		return;
	}
	describe(l, code, text, sizeof(text));
	doctor_fine(l->d, code, what, "%s", text);
}

void
doctor_installation(struct doctor *d)
{
	struct keyring keyring = { .taken = false };
	struct ready_uses uses = { .cfg = d->cfg, .keyring = &keyring,
	    .as = d->as };
	const int64_t now_ms = clock_now_ms();
	struct look l = { d, &uses, now_ms / 1000 };
	struct ready *r;

	if (keyring_init(&keyring) != ERR_OK)
		return;
	uses.hmac = hmac_new();
	uses.metagraph = auth_metagraph(d->cfg, uses.hmac);
	uses.index = bucket_index_new(d->cfg->state_directory, uses.hmac);
	r = ready_new(&uses);
	(void)ready_look(r, READY_ALL, now_ms, clock_boot_ms());
	ready_each(r, each, &l);
	ready_free(r);
	bucket_index_free(uses.index);
	metagraph_free(uses.metagraph);
	hmac_free(uses.hmac);
	keyring_free(&keyring);
}
