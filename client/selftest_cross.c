#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "command.h"
#include "selftest_asks.h"
#include "selftest_cross.h"

/* So long after its end, by the service's clock, a grant is tried.  The store
   may have another clock. */
#define LATE_MS 4000

/* So many ways in a row that could not be tried, and the store counts as
   down. */
#define LOST_MAX 3

static const struct selftest_way *const tables[] = {
	selftest_ways_key, selftest_ways_literal, selftest_ways_part,
	selftest_ways_field, selftest_ways_target, selftest_ways_list,
	selftest_ways_open, selftest_ways_put,
};

bool
selftest_cross_takes(const struct selftest_cross *x, const char *kind)
{

	return (x->kind == NULL || strncmp(kind, x->kind,
	    strlen(x->kind)) == 0);
}

bool
selftest_cross_knows(const char *kind)
{
	const struct selftest_cross x = { .kind = kind };
	const struct selftest_way *w;
	const struct selftest_ask *a;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (w = tables[i]; w->name != NULL; w++) {
			if (selftest_cross_takes(&x, w->kind))
				return (true);
		}
	}
	for (a = selftest_asks; a->name != NULL; a++) {
		if (selftest_cross_takes(&x, a->kind))
			return (true);
	}
	return (false);
}

const char *
selftest_cross_send(struct selftest_cross *x, const struct selftest_way *w,
    const struct selftest_grants *grants, const struct selftest_names *names,
    struct wire_answer *a, struct selftest_sent *sent)
{
	struct wire_request r = { .stop = connect_stop() };
	struct selftest_draft d;
	const char *why;
	struct buf b;
	int tries = 0;

	arena_reset(x->arena);
	memset(a, 0, sizeof(*a));
	if ((why = selftest_draft_make(&d, x->arena, names, grants, w)) !=
	    NULL)
		return (why);
	buf_init_growing(&b, 8192, SELFTEST_SEND_MAX * 4);
	selftest_draft_write(&d, &b);
	sent->asks_key = memmem(b.data, b.len, x->token.key,
	    SELFTEST_TOKEN_LEN) != NULL;
	sent->lies = d.lies;
	r.origin = x->origin;
	r.ca_file = service_ca_file(x->own.c->service);
	r.bytes = b.data;
	r.len = b.len;
	r.bare = text_equal(d.method.s, d.method.len, "HEAD");
	r.several = d.lies;
	do {
		wire_free(a);
		wire_send(&r, a);
	} while (selftest_judge_nothing(w, a, d.lies) != NULL && tries++ == 0 &&
	    service_wait(x->own.c->service, 1000));
	buf_free(&b);
	return (NULL);
}

/* --- one way ------------------------------------------------------------- */

/* The canary may be another, or gone.  Later ways need it. */
static void
renew_canary(struct selftest_cross *x)
{
	struct wire_answer a;

	(void)selftest_start_canary(x, &a);
	wire_free(&a);
}

static void
leave_out(struct selftest_cross *x, const struct selftest_way *w)
{
	const struct selftest_row row = { .kind = w->kind, .name = w->name,
	    .verdict = SELFTEST_NOT_TRIED,
	    .why = "the store did not answer before" };

	selftest_report_add(x->report, &row);
}

/* A store may close the connection after an odd request.  If its lists can be
   read, it is not down. */
static bool
is_picky(const struct wire_answer *a, const struct selftest_row *row)
{

	return (a->status == 0 && (a->fault == NET_CUT ||
	    a->fault == NET_NO_HTTP) && row->other != SELFTEST_UNSEEN);
}

static void
run_way(struct selftest_cross *x, const struct selftest_way *w,
    const struct selftest_grants *grants)
{
	const int64_t begun = clock_tick_ms();
	struct selftest_row row = { .kind = w->kind, .name = w->name };
	struct wire_answer a;
	struct selftest_sent sent;
	const char *why;

	if (x->lost >= LOST_MAX) {
		leave_out(x, w);
		return;
	}
	snprintf(x->id, sizeof(x->id), "%s-%03u", x->token.run, ++x->ways);
	why = selftest_cross_send(x, w, grants, &x->names, &a, &sent);
	if (why != NULL) {
		row.verdict = SELFTEST_ABSENT;
		if (w->base == SELFTEST_EXACT && x->exact_why != NULL) {
			row.verdict = SELFTEST_NOT_TRIED;
			why = x->exact_why;
		}
		snprintf(row.why, sizeof(row.why), "%s", why);
	} else {
		selftest_judge(x, w, &a, &sent, &row);
	}
	if (row.verdict != SELFTEST_NOT_TRIED)
		x->lost = 0;
	else if (!is_picky(&a, &row))
		x->lost++;
	wire_free(&a);
	row.ms = clock_tick_ms() - begun;
	selftest_report_add(x->report, &row);
	if (row.other == SELFTEST_CHANGED)
		renew_canary(x);
}

/* --- controls: without them the rest proves nothing ---------------------- */

static bool
control(struct selftest_cross *x, const char *name, bool good, int status)
{
	struct selftest_row row = { .kind = "controls", .name = name,
	    .status = status };

	row.verdict = good ? SELFTEST_HELD : SELFTEST_BREACHED;
	if (!good)
		snprintf(row.why, sizeof(row.why), "a request that must work "
		    "did not, so the other rows prove nothing");
	selftest_report_add(x->report, &row);
	return (good);
}

static bool
good_upload(struct selftest_cross *x, enum selftest_base base,
    const char *name)
{
	const struct selftest_way w = { "", "", base, SELFTEST_INSIDE,
	    { { SELFTEST_END, NULL, NULL, 0 } } };
	struct wire_answer a;
	enum selftest_seen seen;
	struct selftest_sent sent;
	bool good;

	snprintf(x->id, sizeof(x->id), "%s-%03u", x->token.run, ++x->ways);
	good = selftest_cross_send(x, &w, &x->grants, &x->names, &a,
	    &sent) == NULL;
	seen = selftest_look_again(&x->own.look);
	good = good && a.status / 100 == 2 && seen == SELFTEST_CHANGED;
	good = control(x, name, good, a.status);
	wire_free(&a);
	return (good);
}

static bool
first_controls(struct selftest_cross *x)
{
	struct wire_answer a;
	bool good;

	good = selftest_start_canary(x, &a);
	good = control(x, "the other's grant stores a file, and the other's "
	    "list shows it", good, a.status);
	wire_free(&a);
	if (!good)
		return (false);
	if (x->grants.form.url != NULL && !good_upload(x, SELFTEST_FORM,
	    "the caller's form stores a file, and the caller's list shows "
	    "it"))
		return (false);
	if (x->grants.put.url != NULL && !good_upload(x, SELFTEST_PUT,
	    "the caller's PUT stores a file, and the caller's list shows it"))
		return (false);
	return (x->grants.exact.url == NULL || good_upload(x, SELFTEST_EXACT,
	    "the form for one file stores it, and the caller's list shows "
	    "it"));
}

static bool
last_controls(struct selftest_cross *x)
{

	return (good_upload(x, x->grants.form.url != NULL ? SELFTEST_FORM :
	    SELFTEST_PUT, "the caller's grant still stores a file at the "
	    "end") && control(x, "the other's file is there at the end",
	    selftest_look_find(&x->other.look, x->canary) != NULL, 0));
}

/* --- grants that have expired -------------------------------------------- */

static void
run_absent(struct selftest_cross *x, const struct selftest_way *w)
{
	const struct selftest_row row = { .kind = w->kind, .name = w->name,
	    .verdict = SELFTEST_ABSENT,
	    .why = "the service grants nothing that ends so soon" };

	selftest_report_add(x->report, &row);
}

static void
run_late(struct selftest_cross *x)
{
	static const struct selftest_way ways[] = {
		{ "time", "a form that has expired", SELFTEST_FORM,
		    SELFTEST_NOTHING, { { SELFTEST_END, NULL, NULL, 0 } } },
		{ "time", "a list_url that has expired", SELFTEST_LIST,
		    SELFTEST_CLOSED, { { SELFTEST_END, NULL, NULL, 0 } } },
	};
	struct selftest_grants grants = x->grants;
	int64_t left = x->late.ends_ms + LATE_MS - clock_tick_ms();

	/* A service that does not shorten grants gave a long one, or none. */
	if (x->late.n == 0 || left > 2 * LATE_MS || x->late.list_url == NULL ||
	    !selftest_draft_is_url(x->late.list_url) ||
	    !selftest_draft_is_url(x->late.grant[0].url)) {
		run_absent(x, &ways[0]);
		run_absent(x, &ways[1]);
		return;
	}
	grants.form = x->late.grant[0];
	grants.list_url = x->late.list_url;
	if (left > 0 && !service_wait(x->own.c->service, (long)left))
		return;
	run_way(x, &ways[0], &grants);
	run_way(x, &ways[1], &grants);
}

int
selftest_cross_run(struct selftest_cross *x)
{
	const struct selftest_way *w;
	size_t i;

	if (!first_controls(x))
		return (COMMAND_FAILED);
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (w = tables[i]; w->name != NULL; w++) {
			if (*connect_stop() != 0)
				return (COMMAND_STOPPED);
			if (selftest_cross_takes(x, w->kind))
				run_way(x, w, &x->grants);
		}
	}
	if (x->lost < LOST_MAX && selftest_cross_takes(x, "time"))
		run_late(x);
	if (*connect_stop() == 0)
		selftest_ask(x);
	if (*connect_stop() != 0)
		return (COMMAND_STOPPED);
	return (last_controls(x) ? COMMAND_OK : COMMAND_FAILED);
}
