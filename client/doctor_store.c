/* A row of foldergate doctor: does the store list with the read key? */

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/config.h"
#include "doctor.h"
#include "net/http.h"
#include "s3/fault.h"
#include "s3/refusal.h"
#include "store.h"
#include "store_look.h"

/* Say why, and how that is mended. */
static void
report(struct doctor *d, struct store *s, struct ready_found *f)
{
	static const char *const mends[] = {
		[S3_FAULT_SETTING] = "sudoedit %F",
		[S3_FAULT_CLOCK] = "timedatectl set-ntp true",
		[S3_FAULT_CA] = "update-ca-certificates",
		[S3_FAULT_AGAIN] = "%Cfoldergate check-store --internal"
	};
	struct refusal r = { NULL, NULL };

	if (s->status == 0)
		r.fault = s3_fault_of_net(http_fault(s->http));
	else if (s->status != 200)
		refusal_read(s->status, s->answer, s->answer_len, &r);
	if (r.fault == NULL) {
		snprintf(f->reason, sizeof(f->reason),
		    "its listing cannot be read");
		doctor_mend(d, f, mends[S3_FAULT_AGAIN]);
		return;
	}
	s3_fault_text(r.fault, &s->bucket, r.region, f->reason,
	    sizeof(f->reason));
	doctor_mend(d, f, mends[r.fault->mend]);
}

/* One listing of a folder that is nobody's, which stores nothing. */
static void
ask(struct doctor *d, struct store *s)
{
	struct ready_found f = { .code = "store_not_listed",
	    .what = "the store, asked now" };
	struct listing l;

	if (store_look_list(s, &l))
		doctor_fine(d, f.code, f.what, "%s lists with the read key",
		    d->cfg->s3_endpoint);
	else
		report(d, s, &f);
	listing_free(&l);
}

/* Without a key there is a row that says so. */
void
doctor_store(struct doctor *d)
{
	const bool was = log_quiet(true);
	struct store *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_die("out_of_memory", "doctor");
	if (store_open(s, d->cfg, true) == ERR_OK)
		ask(d, s);
	(void)log_replace();
	(void)log_quiet(was);
	store_close(s);
	free(s);
}
