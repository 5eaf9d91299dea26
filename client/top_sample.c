#include <stdlib.h>
#include <string.h>

#include "state/busiest.h"
#include "top_sample.h"

_Static_assert(TOP_SAMPLE_SALT_LEN == BUSIEST_SALT_LEN, "the file's salt");

/* --- one sample ---------------------------------------------------------- */

/* Only what a name of a program has may be shown. */
static bool
is_name(const char *name)
{

	return (name != NULL && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == '\0');
}

static void
take_endpoint(struct top_sample_endpoint *p, const struct metrics *m,
    unsigned i)
{
	unsigned k;

	for (k = 0; k < ERR_COUNT; k++)
		p->answers[k] = metrics_counted(m, METRICS_COUNTED_REQUESTS, i,
		    k);
	for (k = 0; k < METRICS_COUNT_KIND; k++)
		p->granted += metrics_counted(m, METRICS_COUNTED_GRANTS, i, k);
	p->took_us = metrics_timed(m, METRICS_TIMED_REQUEST, i, p->took);
	p->confined = metrics_processes(m, i, METRICS_SANDBOX_ON);
	p->open = metrics_processes(m, i, METRICS_SANDBOX_OFF);
}

void
top_sample_take(struct top_sample *s, struct metrics *m, int64_t at_ms,
    int64_t now_s)
{
	struct top_sample_endpoint *p;
	const uint8_t *salt = NULL;
	struct busiest_most most;
	const char *name;
	unsigned a, b, i;

	memset(s, 0, sizeof(*s));
	s->at_ms = at_ms;
	s->born_s = metrics_born_s(m);
	most = busiest_most(metrics_busiest(m, &salt), now_s);
	memcpy(s->salt, salt, sizeof(s->salt));
	s->hotkey_refusals = most.hotkey_refusals;
	s->address_refusals = most.address_refusals;
	s->hotkey_addresses = most.addresses;
	for (a = 0; a < METRICS_COUNT_SCHEME; a++) {
		for (b = 0; b < METRICS_COUNT_PROOF; b++)
			s->verified += metrics_counted(m,
			    METRICS_COUNTED_PROOFS, a, b);
	}
	for (i = 0; i < METRICS_ENDPOINTS; i++) {
		if ((name = metrics_endpoint(m, i)) == NULL)
			continue;
		p = &s->endpoint[s->endpoints++];
		memcpy(p->name, is_name(name) ? name : "?", is_name(name) ?
		    strlen(name) + 1 : 2);
		take_endpoint(p, m, i);
	}
}

void
top_sample_none(struct top_sample *s, const char *why, int64_t at_ms)
{

	memset(s, 0, sizeof(*s));
	s->at_ms = at_ms;
	s->missing = why;
}

/* --- two samples --------------------------------------------------------- */

/* What came after ${was}.  A count that fell began again. */
static uint64_t
since(uint64_t was, uint64_t is)
{

	return (is >= was ? is - was : is);
}

static void
add(struct top_count *c, uint64_t was, uint64_t is, double seconds)
{

	c->total += is;
	if (seconds > 0)
		c->rate += (double)since(was, is) / seconds;
}

int64_t
top_sample_quantile(const uint64_t took[METRICS_BUCKETS + 1], unsigned percent)
{
	double rank, count = 0, below = 0, low, high;
	unsigned i;

	for (i = 0; i <= METRICS_BUCKETS; i++)
		count += (double)took[i];
	if (count <= 0)
		return (TOP_NO_TIME);
	rank = count * percent / 100;
	for (i = 0; i < METRICS_BUCKETS; i++) {
		if (took[i] > 0 && below + (double)took[i] >= rank)
			break;
		below += (double)took[i];
	}
	if (i == METRICS_BUCKETS)
		return (TOP_LONG_TIME);
	low = i == 0 ? 0 : (double)metrics_bucket_us[i - 1];
	high = (double)metrics_bucket_us[i];
	return ((int64_t)(low + (high - low) * (rank - below) /
	    (double)took[i]));
}

/* The durations of the interval, or of all requests if there was no sample
   before. */
static void
find_times(struct top_endpoint *e, const struct top_sample_endpoint *was,
    const struct top_sample_endpoint *is)
{
	uint64_t took[METRICS_BUCKETS + 1];
	double count = 0;
	unsigned i;

	for (i = 0; i <= METRICS_BUCKETS; i++) {
		took[i] = since(was->took[i], is->took[i]);
		count += (double)took[i];
	}
	e->most_us = top_sample_quantile(took, 95);
	e->mean_us = TOP_NO_TIME;
	if (count > 0)
		e->mean_us = (int64_t)((double)since(was->took_us,
		    is->took_us) / count);
}

/* Add an answer to what is summed by status and code.  One code may stand for
   several errors. */
static void
count_code(struct top_change *c, enum err k, uint64_t was, uint64_t is)
{
	struct top_refusal *r = c->code;

	for (; r < c->code + c->codes; r++) {
		if (r->status == err_status(k) &&
		    strcmp(r->code, err_code(k)) == 0)
			break;
	}
	if (r == c->code + c->codes) {
		c->codes++;
		*r = (struct top_refusal){ err_status(k), err_code(k),
		    { 0, 0 } };
	}
	add(&r->count, was, is, c->seconds);
}

static void
count_answers(struct top_change *c, struct top_endpoint *e,
    const struct top_sample_endpoint *was,
    const struct top_sample_endpoint *is)
{
	struct top_count refused = { 0, 0 }, failed = { 0, 0 };
	uint64_t before, now;
	int k, digit;

	for (k = 0; k < ERR_COUNT; k++) {
		before = was->answers[k];
		if ((now = is->answers[k]) == 0)
			continue;
		digit = err_status((enum err)k) / 100;
		e->status[digit] += now;
		add(&e->requests, before, now, c->seconds);
		if (digit < 4)
			continue;
		add(digit == 4 ? &refused : &failed, before, now, c->seconds);
		count_code(c, (enum err)k, before, now);
	}
	e->refused = refused.rate;
	e->failed = failed.rate;
	c->requests.total += e->requests.total;
	c->requests.rate += e->requests.rate;
	c->refusals.total += refused.total;
	c->refusals.rate += refused.rate;
	c->errors.total += failed.total;
	c->errors.rate += failed.rate;
}

/* Places of a table keep their endpoint. */
static const struct top_sample_endpoint *
same_place(const struct top_sample *before, const struct top_sample *now,
    size_t i)
{
	static const struct top_sample_endpoint none;
	size_t k;

	if (before == NULL || before->missing != NULL ||
	    memcmp(before->salt, now->salt, sizeof(now->salt)) != 0)
		return (&none);
	for (k = 0; k < before->endpoints; k++) {
		if (strcmp(before->endpoint[k].name, now->endpoint[i].name) ==
		    0)
			return (&before->endpoint[k]);
	}
	return (&none);
}

/* Negative: ${a} comes first. */
static int
order(double a, double b)
{

	return (a > b ? -1 : a < b);
}

static int
by_requests(const void *pa, const void *pb)
{
	const struct top_endpoint *a = pa, *b = pb;
	int c;

	if ((c = order(a->requests.rate, b->requests.rate)) == 0 &&
	    (c = order((double)a->requests.total,
	    (double)b->requests.total)) == 0)
		c = strcmp(a->name, b->name);
	return (c);
}

static int
by_errors(const void *pa, const void *pb)
{
	const struct top_endpoint *a = pa, *b = pb;
	int c;

	if ((c = order(a->failed, b->failed)) == 0 &&
	    (c = order(a->refused, b->refused)) == 0 &&
	    (c = order((double)a->status[5], (double)b->status[5])) == 0 &&
	    (c = order((double)a->status[4], (double)b->status[4])) == 0)
		c = by_requests(pa, pb);
	return (c);
}

static int
by_time(const void *pa, const void *pb)
{
	const struct top_endpoint *a = pa, *b = pb;
	int c;

	if ((c = order((double)a->most_us, (double)b->most_us)) == 0)
		c = by_requests(pa, pb);
	return (c);
}

static int
by_count(const void *pa, const void *pb)
{
	const struct top_refusal *a = pa, *b = pb;
	int c;

	if ((c = order(a->count.rate, b->count.rate)) == 0 &&
	    (c = order((double)a->count.total, (double)b->count.total)) == 0 &&
	    (c = a->status - b->status) == 0)
		c = strcmp(a->code, b->code);
	return (c);
}

void
top_sample_compare(const struct top_sample *before,
    const struct top_sample *now, enum top_sort sort, struct top_change *c)
{
	static int (*const sorts[])(const void *, const void *) = {
		[TOP_BY_REQUESTS] = by_requests, [TOP_BY_ERRORS] = by_errors,
		[TOP_BY_TIME] = by_time,
	};
	const struct top_sample_endpoint *was;
	struct top_endpoint *e;
	bool same;
	size_t i;

	memset(c, 0, sizeof(*c));
	if (now->missing != NULL)
		return;
	if (before != NULL && before->missing == NULL &&
	    now->at_ms > before->at_ms) {
		c->has_rates = true;
		c->seconds = (double)(now->at_ms - before->at_ms) / 1000;
	} else {
		before = NULL;
	}
	same = before != NULL && memcmp(before->salt, now->salt,
	    sizeof(now->salt)) == 0;
	add(&c->verified, same ? before->verified : 0, now->verified,
	    c->seconds);
	c->endpoints = now->endpoints;
	for (i = 0; i < now->endpoints; i++) {
		e = &c->endpoint[i];
		was = same_place(before, now, i);
		e->name = now->endpoint[i].name;
		e->confined = now->endpoint[i].confined;
		e->open = now->endpoint[i].open;
		c->confined += e->confined;
		c->open += e->open;
		add(&c->grants, was->granted, now->endpoint[i].granted,
		    c->seconds);
		count_answers(c, e, was, &now->endpoint[i]);
		find_times(e, was, &now->endpoint[i]);
	}
	qsort(c->endpoint, c->endpoints, sizeof(c->endpoint[0]), sorts[sort]);
	qsort(c->code, c->codes, sizeof(c->code[0]), by_count);
}
